"""Each page of another edition stands beside its English one: in its language, whole, and each leads to the other."""

import functools
import posixpath
import re
from collections import Counter
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup
from bs4.element import NavigableString

from tests.book import report
from tests.conftest import CONTENTS, TRANSLATED
from tools import ROOT
from tools.notebooks import LANGUAGES

PAIRS = [(language, name) for language in LANGUAGES for name in [*TRANSLATED, "search"]]
DRAWN = re.compile(r"<(mjx-math|script|style|svg|template)\b.*?</\1>", re.DOTALL)
TERM = re.compile(r'<a class="[^"]*\bterm\b[^"]*" href="[^"#]*#([^"]*)"')
SWITCH = re.compile(r'<a [^>]*class="[^"]*\blanguage"[^>]*>')
HREF = re.compile(r'<a [^>]*href="([^"]*)"')
SPOKEN = ("alt", "aria-label", "data-bs-title", "placeholder", "title")
ARTICLE = re.compile(r"<article\b.*?</article>", re.DOTALL)
OF_THE_SITE = re.compile(
    r'<(summary|button)\b.*?</\1>|<a href="#figure-[^>]*>[^<]*</a>|<\w+ [^>]*class="(?:headerlink|reading)\b[^>]*>',
    re.DOTALL,
)
"""What the theme and the extensions put into the text of a page."""
ANYWHERE = {"Binder", "Colab", "Ctrl", "Error", "nan", ".ipynb", ".md", ".pdf"}
PARTS = {
    "figures": '<figure class="numbered"',
    "folded code": '<details class="code"',
    "sections that lead further": '<details class="further"',
    "questions": "<softmax-question ",
    "guesses": "<softmax-guess ",
    "formulas": "<mjx-container ",
    "links in code": "sphinx-codeautolink-a",
    "works": '<div class="citation"',
    "terms of the glossary": 'id="term-',
    "sections": "<section ",
}


@functools.cache
def read(page: Path) -> str:
    """Read a page without what is drawn, which has no words."""
    return DRAWN.sub("", page.read_text(encoding="utf-8"))


@functools.cache
def anchors(page: Path) -> set[str]:
    return {unescape(name) for name in re.findall(r'\bid="([^"]+)"', read(page))}


def said(page: str) -> set[str]:
    """List what the site says on a page: all around the text, and what the site puts into it."""
    own = [found[0] for article in ARTICLE.findall(page) for found in OF_THE_SITE.finditer(article)]
    soup = BeautifulSoup("".join([ARTICLE.sub("", page), *own]), "html.parser")
    for foreign in soup.select("[lang]:not(html)"):
        foreign.decompose()
    found = {str(part[name]) for part in soup.find_all(True) for name in SPOKEN if part.get(name)}
    found |= {" ".join(text.split()) for text in soup.find_all(string=True) if type(text) is NavigableString}
    found |= {str(part["content"]) for part in soup.select("meta[name=description]")}
    return {text for text in found if re.search(r"[^\W\d_]{2}", text)}


def loaded(page: str) -> set[str]:
    """List the scripts and styles of a page."""
    return set(re.findall(r'(?:href|src)="(?:\.\./)*(_static/[^"?]+\.(?:css|js))', page))


def left_in_english(page: str, english: str) -> set[str]:
    """List what the site says on a page as on the English one. A title that is the same word in both is none of it."""
    titles = [re.sub("<[^>]*>", "", title) for title in re.findall(r"<h1>(.*?)</h1>", page)]
    return {text for text in said(page) & said(english) - ANYWHERE if not any(text in title for title in titles)}


def link_problems(pages: Path, name: str) -> list[str]:
    """List the links of a page that lead to no page of the site, or to no place on it."""
    problems = []
    for address in HREF.findall(read(pages / f"{name}.html")):
        parts = urlsplit(unescape(address))
        if parts.scheme or parts.netloc or "course/" in parts.path:
            continue
        target = (
            posixpath.normpath(posixpath.join(posixpath.dirname(name), parts.path)) if parts.path else f"{name}.html"
        )
        anchor = unquote(parts.fragment)
        if not (pages / target).is_file():
            problems.append(f"{name}: {address} leads to no page")
        elif anchor and "?" not in anchor and target.endswith(".html") and anchor not in anchors(pages / target):
            problems.append(f"{name}: {address} leads to no place")
    return problems


def switches(pages: Path, name: str) -> dict[str, str]:
    """Say where a page leads in each other language, from the root of the site."""
    written = "".join(SWITCH.findall(read(pages / f"{name}.html")))
    links, folder = BeautifulSoup(written, "html.parser").select("a"), posixpath.dirname(name)
    return {str(a["hreflang"]): posixpath.normpath(posixpath.join(folder, str(a["href"]))) for a in links}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_site_says_nothing_in_english(site: Path, language: str) -> None:
    names = [name for folder, name in PAIRS if folder == language]
    both = {name: [read(site / folder / f"{name}.html") for folder in (language, ".")] for name in names}
    report.none([f"{language}/{name}: {text!r}" for name in names for text in left_in_english(*both[name])])


@pytest.mark.parametrize(
    ("spanish", "english"),
    [
        ("Enlace a este título", "Link to this heading"),
        ("Mostrar u ocultar el índice del libro", "Toggle primary sidebar"),
        ("Buscar en este libro…", "Search this book…"),
        ("Leer con código", "Read with code"),
        ("Mostrar el código", "Show code"),
        ("Figura 3", "Figure 3"),
        ("Fundamentos", "Foundations"),
    ],
)
def test_a_word_that_is_left_in_english_is_seen(site: Path, spanish: str, english: str) -> None:
    whole = read(site / "es" / "formula.html")
    assert spanish in whole
    other = read(site / "formula.html")
    assert left_in_english(whole.replace(spanish, english), other) - left_in_english(whole, other) == {english}


def test_a_page_has_what_the_english_one_has(site: Path) -> None:
    problems = []
    for language, name in PAIRS:
        page, english = ((site / folder / f"{name}.html").read_text(encoding="utf-8") for folder in (language, "."))
        problems += (
            [] if f'lang="{language}"' in page[: page.index("<head>")] else [f"{language}/{name} is in no language"]
        )
        if missing := loaded(english) - loaded(page):
            problems.append(f"{language}/{name} does not load {missing}")
        page = re.sub(r'<a [^>]*href="[./]*api/language\.html', "", page)  # which its notebooks import besides
        counts = {what: (page.count(part), english.count(part)) for what, part in PARTS.items()}
        problems += [
            f"{language}/{name} has {own} {what}, the English page {theirs}"
            for what, (own, theirs) in counts.items()
            if own != theirs
        ]
        terms = [set(TERM.findall(text)) for text in (page, english)]
        problems += [f"{language}/{name} explains only in one language: {term}" for term in sorted(terms[0] ^ terms[1])]
    report.none(problems)


@pytest.mark.parametrize("language", LANGUAGES)
def test_links_of_other_editions_lead_somewhere(site: Path, language: str) -> None:
    names = [f"{folder}/{name}" for folder, name in PAIRS if folder == language]
    report.none([problem for name in names for problem in link_problems(site, name)])
    code, contents = (HREF.findall(read(site / language / f"{name}.html")) for name in ("formula", "index"))
    assert "../api/core.html#minisoftmax.core.softmax" in code, "code leads to the English reference"
    assert "api.html" in contents, "the page on the package is translated"
    assert "../api/core.html" in HREF.findall(read(site / language / "api.html")), "the entries are not"


def test_a_link_that_leads_nowhere_is_seen(site: Path, tmp_path: Path) -> None:
    (tmp_path / "es").mkdir()
    (tmp_path / "index.html").write_text('<p id="here">')
    links = ("../index.html#here", "../index.html#gone", "b.html")
    (tmp_path / "es" / "a.html").write_text("".join(f'<a href="{link}">a</a>' for link in links))
    assert link_problems(tmp_path, "es/a") == [
        "es/a: ../index.html#gone leads to no place",
        "es/a: b.html leads to no page",
    ]


def test_a_page_leads_to_itself_in_other_languages_and_back(site: Path) -> None:
    for language, name in PAIRS:
        assert switches(site, name)[language] == f"{language}/{name}.html"
        assert switches(site, f"{language}/{name}")["en"] == f"{name}.html"
    for name in [*{*CONTENTS} - {*TRANSLATED}, "_modules/minisoftmax/core"]:
        nearest = "api" if name.startswith("api/") else "index"
        assert switches(site, name) == {language: f"{language}/{nearest}.html" for language in LANGUAGES}
    everywhere = [path.relative_to(site).with_suffix("").as_posix() for path in site.rglob("*.html")]
    ours = [name for name in everywhere if name != "404" and "_static" not in name and "course/" not in name]
    lost = [
        f"{name}: {there}" for name in ours for there in switches(site, name).values() if not (site / there).exists()
    ]
    silent = [name for name in ours if not switches(site, name)]
    assert not lost + silent


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_site_is_in_the_catalog(language: str) -> None:
    with (ROOT / "book" / language / "site.po").open("rb") as file:
        catalog = read_po(file, abort_invalid=True)
    assert not [message.id for message in catalog if message.id and (message.fuzzy or not message.string)]
    keywords = {"_": None, "say": None}
    asked = {
        (file, message)
        for folder in ("_extensions", "_templates")
        for file, _, message, *_ in extract_from_dir(
            ROOT / "book" / folder, [("**.py", "python"), ("**.html", "jinja2")], keywords=keywords
        )
        if isinstance(message, str)
    }
    assert len(asked) > 20
    assert not [place for place in sorted(asked) if place[1] not in catalog]
    fields = re.compile(r"\{\w*\}")
    mixed = [m.id for m in catalog if Counter(fields.findall(str(m.id))) != Counter(fields.findall(str(m.string)))]
    assert not mixed, "a translation has the same places for values"
