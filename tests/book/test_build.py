"""The book builds without a warning into pages that are whole and need no other host."""

import functools
import importlib
import json
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup, Tag
from fontTools.ttLib import TTFont
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PIL import Image

import minisoftmax
from tests.conftest import CONTENTS_OF_ALL, Build, build_book
from tools import ROOT

CSS_URL = re.compile(r"(?:@import\s*|url\(\s*)['\"]?((?:https?:)?//[^'\")\s]+)")

DRAWN = re.compile(r"<(mjx-math)\b.*?</\1>", re.DOTALL)


@functools.cache
def parse(page: Path) -> BeautifulSoup:
    """Read a page without what TeX draws, once for all tests: none of them changes it."""
    return BeautifulSoup(DRAWN.sub("", page.read_text(encoding="utf-8")), "html.parser")


def test_builds_without_warnings(build: Build) -> None:
    assert build.exit_code == 0, f"`make book` must finish without a warning. Mend these:\n{build.warnings}"


def test_building_again_after_a_change_leaves_nothing_behind(build: Build, tmp_path: Path) -> None:
    shutil.copytree(build.pages.parent, tmp_path / "_build")
    page, sheet = (tmp_path / "_build" / "html" / name for name in ("formula.html", "_static/math.css"))
    before, glyphs = parse(build.pages / "formula.html"), used_glyphs(sheet)
    (tmp_path / "_build" / ".doctrees" / "formula.doctree").unlink()
    os.utime(page, (0, 0))  # older than its source, as after a change
    again = build_book(ROOT, tmp_path, afresh=False)
    assert again.exit_code == 0, f"the second build fails where the first did not:\n{again.warnings}"
    assert page.stat().st_mtime > 0
    links = [[str(link["href"]) for link in one.select(".highlight a")] for one in (before, parse(page))]
    assert len(links[0]) > 20
    assert links[0] == links[1], "the names in code of the page that changed"
    assert len(glyphs) > 20
    assert used_glyphs(sheet) >= glyphs, "the letters in the formulas of pages that did not change"


def used_glyphs(sheet: Path) -> set[str]:
    return set(re.findall(r"mjx-c\.[\w-]+", sheet.read_text(encoding="utf-8")))


def test_every_entry_of_the_contents_is_a_page(site: Path) -> None:
    missing = [name for name in CONTENTS_OF_ALL if not (site / f"{name}.html").exists()]
    assert not missing, f"_toc.yml lists {missing}, which have no page"


@pytest.mark.skipif(os.name == "nt", reason="no such modes")
def test_everybody_may_read_all_of_the_site(site: Path) -> None:
    modes = {path: path.stat().st_mode for path in site.rglob("*")}
    assert not [path for path, mode in modes.items() if not mode & 0o004], "GitHub Pages would refuse the whole site"


def test_the_landing_page_is_the_real_one(site: Path) -> None:
    page = parse(site / "index.html")
    assert page.find("meta", attrs={"http-equiv": re.compile("refresh", re.I)}) is None, "index.html only redirects"
    assert page.select_one("article h1"), "index.html has no heading"


def test_no_page_fetches_from_another_host(site: Path) -> None:
    fetched = [
        f"{page.relative_to(site)}: {element}"
        for page in site.rglob("*.html")
        for element in parse(page).find_all(["script", "link", "img", "iframe", "source", "video"])
        if element.get("rel") not in (["canonical"], ["alternate"])  # name a page, and fetch nothing
        if urlsplit(str(element.get("src") or element.get("href") or "")).netloc
    ]
    assert not fetched, "these would be fetched from another host; put a copy into book/_static:\n" + "\n".join(fetched)


def test_no_style_fetches_from_another_host(site: Path) -> None:
    fetched = [
        f"{style.relative_to(site)}: {url}"
        for style in site.rglob("*.css")
        for url in CSS_URL.findall(style.read_text(encoding="utf-8"))
    ]
    assert not fetched, "these would be fetched from another host; put a copy into book/_static:\n" + "\n".join(fetched)


def alt_problem(image: Tag) -> str | None:
    """Say what is wrong with the alt text of an image in the text. Sphinx's own stand-in for one is the file's path."""
    alt = str(image.get("alt", "")).strip()
    if not alt or Path(alt).name == Path(str(image["src"])).name:
        return "has no alt text"
    if not re.search(r"\w+\W+\w+\W+\w+", alt):
        return f"has the alt text {alt!r}, which is not a sentence"
    return None


def test_every_image_has_a_written_alt_text(site: Path) -> None:
    silent = [
        f"{name}: {image['src']} {problem}"
        for name in CONTENTS_OF_ALL
        for image in parse(site / f"{name}.html").select("article img")
        if (problem := alt_problem(image))
    ]
    assert not silent, "write what a person would see and learn in the figure:\n" + "\n".join(silent)


def test_what_is_drawn_in_ink_can_be_read_in_the_dark(site: Path) -> None:
    drawings = [*site.rglob("_images/*-dark.svg")]
    assert len(drawings) > 20
    inks = {re.search('<svg fill="#([0-9a-f]{6})"', file.read_text(encoding="utf-8")) for file in drawings}
    assert all(ink and luminance(ink[1]) + 0.05 > 7 * (luminance("14171c") + 0.05) for ink in inks)


def luminance(color: str) -> float:
    """Follow the definition of WCAG 2."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def public_modules() -> list[str]:
    """List what readers import from: not what is inside ``explorers`` and ``exercises``, which both give it out."""
    found = (module.name for module in pkgutil.iter_modules(minisoftmax.__path__, "minisoftmax."))
    return [name for name in found if "._" not in name]


@pytest.fixture(scope="module")
def api(site: Path) -> BeautifulSoup:
    pages = sorted((site / "api").glob("*.html"))
    return BeautifulSoup("".join(page.read_text(encoding="utf-8") for page in pages), "html.parser")


def test_the_api_page_has_every_public_name(api: BeautifulSoup) -> None:
    described = {str(entry.get("id")) for entry in api.select("dt.sig")}
    expected = {f"{name}.{public}" for name in public_modules() for public in importlib.import_module(name).__all__}
    missing = sorted(expected - described)
    assert not missing, f"book/api lacks {missing}: every module needs its automodule, every name a docstring"


def test_the_api_page_has_the_names_of_the_package_itself(api: BeautifulSoup) -> None:
    described = {str(entry.get("id")).rpartition(".")[2] for entry in api.select("dt.sig")}
    missing = set(minisoftmax.__all__) - described
    assert not missing, f"minisoftmax.__all__ has {sorted(missing)}, which book/api does not describe"


def test_initials_on_the_api_page_begin_no_list(api: BeautifulSoup) -> None:
    assert "C. E. Shannon (1948)" in api.get_text()
    assert api.select("ol[class*=upper]") == []


def test_the_api_page_links_to_the_source(api: BeautifulSoup, site: Path) -> None:
    callables = api.select("dl.py.function > dt, dl.py.class > dt")
    unlinked = [entry.get("id") for entry in callables if not entry.select_one("a .viewcode-link")]
    assert callables
    assert not unlinked, f"no link to the source of {unlinked} on the api page"
    assert (site / "_modules" / "minisoftmax" / "core.html").exists()


def test_every_page_has_a_title_and_a_description_of_its_own(site: Path) -> None:
    pages = {name: parse(site / f"{name}.html") for name in CONTENTS_OF_ALL}
    titles = {name: str(page.title.string) for name, page in pages.items() if page.title}
    descriptions = {name: meta(page, "name", "description") for name, page in pages.items()}
    assert len(set(titles.values())) == len(CONTENTS_OF_ALL), titles
    assert len(set(descriptions.values())) == len(CONTENTS_OF_ALL), descriptions
    for name, description in descriptions.items():
        assert 30 <= len(description) <= 220, f"{name} begins with no sentence that says what it is: {description!r}"
        assert description[-1] in ".?!…:", f"the description of {name} is cut off: {description!r}"
        assert "\\" not in description, f"a formula does not read well here: {description!r}"


def meta(page: BeautifulSoup, attribute: str, name: str) -> str:
    found = page.find_all("meta", attrs={attribute: name})
    assert len(found) < 2, f"two of {name}"
    return str(found[0]["content"]) if found else ""


def test_every_icon_has_its_glyph(site: Path) -> None:
    style = (site / "_static" / "styles" / "pydata-sphinx-theme.css").read_text(encoding="utf-8")
    drawn: set[str] = set()
    for font in (site / "_static" / "icons").glob("*.woff2"):
        drawn.update(map(chr, TTFont(font).getBestCmap()))
    glyphs = dict(re.findall(r'\.(fa-[a-z-]+):before[^{]*\{content:"(.)"\}', style))
    shown = [icon for page in site.rglob("*.html") for icon in parse(page).select("[class*=fa-]")]
    names = {name for icon in shown for name in icon["class"] if name.startswith("fa-")}
    icons = names - {"fa-solid", "fa-brands", "fa-regular", "fa-lg"}
    assert icons
    assert not [icon for icon in icons if glyphs.get(icon) not in drawn]


def test_fonts_that_are_cut_keep_their_license_and_lose_their_name(site: Path) -> None:
    files = [file for folder in ("icons", "mathjax", "fonts") for file in (site / "_static" / folder).glob("*.woff2")]
    assert len(files) > 20
    for file in files:
        names = {record.nameID: str(record) for record in TTFont(file)["name"].names}
        shown = {number: name for number, name in names.items() if number in (1, 3, 4, 6, 16)}
        assert shown
        assert not [name for name in shown.values() if re.search("font ?awesome|mathjax|source", name, re.I)], shown
        assert re.search("Copyright|©", names[0]), names
        assert "Open Font License" in names[13], names
    text = (site / "_static" / "fonts-license.txt").read_text(encoding="utf-8")
    assert re.search("Font Awesome.*MathJax.*Source Serif.*PERMISSION & CONDITIONS", text, re.DOTALL)


def test_the_fonts_of_formulas_are_cut_in_each_build_since_each_brings_them_whole(tmp_path: Path) -> None:
    assets, math = (importlib.import_module(f"{name}_extension") for name in ("assets", "math"))
    static = tmp_path / "_static"
    (static / "mathjax").mkdir(parents=True)
    (static / "math.css").write_text(
        'mjx-c::before { content: "(" } @font-face { src: url("a.woff") format("woff") }', encoding="utf-8"
    )
    font = static / "mathjax" / "MathJax_Size1-Regular.woff"
    font.write_bytes((math.MATHJAX / "output" / "chtml" / "fonts" / "woff-v2" / font.name).read_bytes())
    whole = font.stat().st_size
    assets.cut_assets(SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(format="html")), None)
    assert 'url("a.woff2") format("woff2")' in (static / "math.css").read_text(encoding="utf-8")
    assert not font.exists()
    assert font.with_suffix(".woff2").stat().st_size < whole / 2
    with TTFont(font.with_suffix(".woff2")) as cut:
        assert "MathJax" not in cut["name"].getDebugName(1)


@pytest.mark.parametrize(("flaw", "page"), [('role="listitem"', "bibliography"), ("<summary>", "formula")])
def test_what_screen_readers_stumble_over_is_mended(site: Path, flaw: str, page: str) -> None:
    text = (site / f"{page}.html").read_text(encoding="utf-8")
    assert flaw in text, "the package that wrote the flaw has changed: see FLAWS in book/_extensions/site_extension.py"
    assert "doc-biblioentry" not in text
    assert "Toggle hidden content" not in text


def test_no_script_holds_up_a_chapter(site: Path) -> None:
    for name in CONTENTS_OF_ALL:
        scripts = parse(site / f"{name}.html").select("script[src]")
        assert scripts
        assert not [script["src"] for script in scripts if not script.has_attr("defer")]
        assert not [
            script["src"] for script in scripts if re.search("searchindex|mathjax|fontawesome", str(script["src"]))
        ]


def test_every_chapter_can_be_downloaded_with_a_cell_that_installs(site: Path) -> None:
    [wheel] = site.glob("*.whl")
    chapters = [name for name in CONTENTS_OF_ALL if (ROOT / "book" / f"{name}.ipynb").exists()]
    for name in chapters:
        [link] = parse(site / f"{name}.html").select("a.btn-download-source-button")
        assert link.has_attr("download"), "the theme writes its link in another way: see book/_templates/layout.html"
        copy = json.loads(((site / f"{name}.html").parent / str(link["href"])).read_bytes())
        stored = json.loads((ROOT / "book" / f"{name}.ipynb").read_bytes())
        added = [cell for cell in copy["cells"] if cell not in stored["cells"]]
        assert copy | {"cells": [cell for cell in copy["cells"] if cell not in added]} == stored
        [cell] = added
        assert f'"MINISOFTMAX_WHEEL", "{wheel.name}")' in cell["source"]
        assert len(cell["source"].splitlines()) <= 9
    assert chapters


SHELL = """
import os, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell()
asked = []
shell.register_magic_function(asked.append, magic_name="pip")
if sys.argv[2] == "without":
    sys.modules["minisoftmax"] = None
assert shell.run_cell(sys.argv[1]).success
print(asked)
"""


@pytest.mark.parametrize(
    ("package", "setting", "asked"),
    [
        ("with", {}, "[]"),
        ("without", {}, 'minisoftmax[notebooks] @ file://{folder}/minisoftmax-{version}-py3-none-any.whl"'),
        ("without", {"MINISOFTMAX_WHEEL": "some/own.whl"}, 'minisoftmax[notebooks] @ file://{folder}/some/own.whl"'),
        ("without", {"MINISOFTMAX_WHEEL": "https://a.b/c.whl"}, 'minisoftmax[notebooks] @ https://a.b/c.whl"'),
    ],
)
def test_the_cell_that_installs(site: Path, tmp_path: Path, package: str, setting: dict[str, str], asked: str) -> None:
    copy = json.loads((site / "_sources" / "formula.ipynb").read_bytes())
    source = next(cell["source"] for cell in copy["cells"] if cell["id"] == "install")
    environment = os.environ | {"IPYTHONDIR": str(tmp_path / "ipython")} | setting
    done = subprocess.run(
        [sys.executable, "-c", SHELL, source, package],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.format(folder=tmp_path.resolve(), version=minisoftmax.__version__) in done.stdout


def test_names_in_code_lead_to_their_entries(site: Path, api: BeautifulSoup) -> None:
    entries = {str(entry.get("id")) for entry in api.select("[id]")}
    for name in CONTENTS_OF_ALL:
        page = parse(site / f"{name}.html")
        links = page.select(".highlight a[href*='api/']")
        lost = [link["href"] for link in links if str(link["href"]).partition("#")[2] not in entries]
        assert not lost, f"{name} has code that leads nowhere: {lost}"
        code = "\n".join(cell.get_text() for cell in page.select(".cell_input pre"))
        imported = re.findall(r"from minisoftmax import \(?([^)\n]*(?:\n[^)\n]+)*?)\)?\n", code)
        unlinked = set(re.findall(r"\w+", " ".join(imported))) - {link.get_text() for link in links}
        assert not unlinked, f"in the code of {name} these are no links: {unlinked}"
        linked = [cell for cell in page.select(".cell_input") if cell.select("a")]
        assert len(linked) > 1 or not imported, f"{name} links the names where it imports them, and never again"


@pytest.mark.parametrize(
    ("page", "mark"),
    [
        ("formula", 'class="together"'),  # a formula, and the mark after it
        ("formula", "<td data-column="),
        ("formula", '<template data-for="bridle1990"><p>John'),
        ("formula", '<template data-for="term-logit"><p>'),
        ("attention", '<template data-for="equation-jacobian">'),
    ],
)
def test_what_other_packages_write_is_found_on_a_page(site: Path, page: str, mark: str) -> None:
    assert mark in (site / f"{page}.html").read_text(encoding="utf-8"), "see what the extension of this part rests on"


def test_the_tab_key_stops_once_for_each_name_in_code(site: Path) -> None:
    for name in CONTENTS_OF_ALL:
        links = parse(site / f"{name}.html").select("a.sphinx-codeautolink-a")
        stops = [link["href"] for link in links if link.get("tabindex") != "-1"]
        assert sorted(stops) == sorted({link["href"] for link in links}), name


def write_book(folder: Path, contents: list[str]) -> None:
    """Write the settings of this book and a landing page, for a book with other chapters."""
    shutil.copy(ROOT / "_config.yml", folder)
    for needed in ("_static", "_extensions", "_templates"):
        shutil.copytree(ROOT / "book" / needed, folder / "book" / needed)
    chapters = ", ".join(f"{{file: {name}}}" for name in contents)
    (folder / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters: [{chapters}]\n")
    (folder / "book" / "references.bib").write_text(
        "@misc{somebody, author = {Body}, title = {A}, year = 1900, doi = {10.1/2<3>}}\n"
    )
    (folder / "book" / "index.md").write_text(
        "---\ndescription: Of this.\n---\n# Sound\n\n```{bibliography}\n:all:\n```\n"
    )


TEXT = """# Is 1 < 2 & more?

Formulas: $x$. See [this](#equation-x), [that](chapter.ipynb#more-yet), and [Body (1900)](https://doi.org/10.1/2%3C3%3E).

<a id="equation-x"></a>

$$
x
$$

## More yet

From elsewhere: [this](chapter.ipynb#equation-x).
"""
NOTEBOOK: dict[str, Any] = {
    "cells": [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": TEXT},
        {"cell_type": "code", "id": "b", "metadata": {}, "source": "1 + 1", "execution_count": 1, "outputs": []},
    ],
    "metadata": {
        "minisoftmax": {"description": "One. Two “quoted”."},
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    },
    "nbformat": 4,
    "nbformat_minor": 5,
}
REPOSITORY = "https://github.com/Someone/some-book"
HOME = "https://someone.github.io/some-book/"


def test_a_published_book_says_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOK_REPOSITORY_URL", REPOSITORY)
    write_book(tmp_path, ["chapter"])
    (tmp_path / "book" / "chapter.ipynb").write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    with (tmp_path / "book" / "index.md").open("a", encoding="utf-8") as index:
        index.write('\n```sh\npip install ".[notebooks]"\n```\n\nThe dot is a clone.\n\nGo on.\n')
    (tmp_path / "book" / "es").mkdir()
    for name in ("chapter.ipynb", "index.md"):
        shutil.copy(tmp_path / "book" / name, tmp_path / "book" / "es")
    shutil.copy(ROOT / "book" / "es" / "site.po", tmp_path / "book" / "es")
    shutil.copytree(ROOT / "minisoftmax", tmp_path / "minisoftmax", ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / file, tmp_path)

    published = build_book(tmp_path, tmp_path)

    assert published.exit_code == 0, published.warnings
    page = parse(published.pages / "chapter.html")
    buttons = {str(link["href"]) for link in page.select(".article-header-buttons a")}
    assert f"{REPOSITORY}/edit/main/book/chapter.ipynb" in buttons
    for folder, words in (("", "Report an error here"), ("es/", "Avisar de un error en esta página")):
        for name in ("chapter", "index"):
            links = parse(published.pages / folder / f"{name}.html").select(".article-header-buttons a")
            [report] = [link["href"] for link in links if words in link.get_text()]
            assert report == f"{REPOSITORY}/issues/new?title=Issue%20on%20page%20%2F{folder}{name}.html"
    assert "https://mybinder.org/v2/gh/Someone/some-book/main?urlpath=lab/tree/book/chapter.ipynb" in buttons
    colab = "https://colab.research.google.com/github/Someone/some-book/blob"
    assert f"{colab}/notebooks/book/chapter.ipynb" in buttons, "of the branch whose copies install what they need"
    written = [str(link["href"]) for link in page.select("article p a.reference")]
    assert written == ["#equation-x", "#more-yet", "index.html#somebody", "#equation-x"]
    assert [anchor for anchor in ("chapter", "equation-x", "more-yet") if page.find(id=anchor) is None] == []
    assert [link["href"] for link in page.select("link[rel=canonical]")] == [f"{HOME}chapter.html"]
    assert meta(page, "property", "og:url") == f"{HOME}chapter.html"
    assert meta(page, "property", "og:title") == "Is 1 < 2 & more?"
    assert meta(page, "name", "description") == "One. Two “quoted”."
    assert meta(page, "property", "og:description") == "One. Two “quoted”."
    assert meta(page, "name", "twitter:card") == "summary_large_image"
    landing = parse(published.pages / "index.html")
    assert meta(landing, "name", "description") == meta(landing, "property", "og:description") == "Of this."
    for first in (landing, parse(published.pages / "es" / "index.html")):
        code = [block.get_text().strip() for block in first.select("article pre")]
        assert code == [f'pip install "minisoftmax[notebooks] @ {REPOSITORY}/archive/HEAD.zip"']
        assert "Go on." in first.get_text()
        assert "The dot" not in first.get_text(), "it tells of a clone, and nobody needs one here"

    copy = json.loads((published.pages / "_sources" / "chapter.ipynb").read_text(encoding="utf-8"))
    [added] = [cell for cell in copy["cells"] if cell not in NOTEBOOK["cells"]]
    assert copy == NOTEBOOK | {"cells": [NOTEBOOK["cells"][0], added, NOTEBOOK["cells"][1]]}
    wheel = f"minisoftmax-{minisoftmax.__version__}-py3-none-any.whl"
    assert f'"MINISOFTMAX_WHEEL", "{HOME}{wheel}")' in added["source"]
    assert (published.pages / wheel).exists()

    picture = meta(page, "property", "og:image")
    assert picture.startswith(HOME)
    with Image.open(published.pages / picture.removeprefix(HOME)) as card:
        assert card.size == (1200, 630)
        assert len(card.convert("RGB").getcolors(2**20) or []) > 20, "the picture is empty"
    listed = re.findall("<loc>(.*?)</loc>", (published.pages / "sitemap.xml").read_text(encoding="utf-8"))
    names = ["chapter.html", "es/chapter.html", "es/index.html", "index.html"]
    assert sorted(listed) == [f"{HOME}{name}" for name in names]
    nowhere = parse(published.pages / "404.html")
    assert [link["href"] for link in nowhere.select("main a")] == ["/some-book/index.html", "/some-book/es/index.html"]

    spanish = parse(published.pages / "es" / "chapter.html")
    others = {"en": f"{HOME}chapter.html", "es": f"{HOME}es/chapter.html", "x-default": f"{HOME}chapter.html"}
    for one in (page, spanish):
        assert {str(link["hreflang"]): link["href"] for link in one.select("link[rel=alternate]")} == others
    assert not parse(published.pages / "es" / "search.html").select("link[rel=alternate]")
    assert [link["href"] for link in spanish.select("link[rel=canonical]")] == [others["es"]]
    assert meta(spanish, "property", "og:url") == others["es"]
    assert meta(spanish, "property", "og:site_name") == "La función softmax"
    assert meta(spanish, "property", "og:image") == f"{HOME}es/_static/card.png"
    assert (published.pages / "es" / "_static" / "card.png").exists()
    buttons = {str(link["href"]) for link in spanish.select(".article-header-buttons a")}
    assert f"{REPOSITORY}/edit/main/book/es/chapter.po" in buttons, "who mends a text mends the words"
    assert "https://mybinder.org/v2/gh/Someone/some-book/main?urlpath=lab/tree/book/es/chapter.ipynb" in buttons
    copy = (published.pages / "es" / "_sources" / "chapter.ipynb").read_text(encoding="utf-8")
    assert f"{HOME}{wheel}" in copy, "one wheel is for all"


EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]


def needed(extra: str) -> Iterator[str]:
    for requirement in map(Requirement, EXTRAS[extra]):
        if requirement.name == "minisoftmax":
            for inner in requirement.extras:
                yield from needed(inner)
        else:
            yield canonicalize_name(requirement.name)


def test_the_extra_for_the_book_is_enough_to_build_it() -> None:
    others = set(needed("test")) - set(needed("book"))
    missing = [
        module
        for module, packages in packages_distributions().items()
        if others.intersection(map(canonicalize_name, packages))
    ]
    assert {"hypothesis", "nbval"} <= set(missing)
    extensions = [path.stem for path in (ROOT / "book" / "_extensions").glob("*.py")]
    script = (
        f"import importlib, sys; sys.modules.update(dict.fromkeys({missing}))\n"
        f"for name in {[*extensions, *public_modules(), 'tools.course']}: importlib.import_module(name)"
    )
    places = os.pathsep.join([str(ROOT), str(ROOT / "book" / "_extensions")])
    subprocess.run([sys.executable, "-c", script], env=os.environ | {"PYTHONPATH": places}, check=True)


EXPLORER = "```{explorer} softmax\nlogits: [1.0, 2.0]\nlabels: [a, b]\n```"


@pytest.mark.parametrize("builder", ["dirhtml", "singlehtml", "latex", "epub", "gettext"])
def test_other_builders_work(builder: str, tmp_path: Path) -> None:
    write_book(tmp_path, ["chapter"])
    explorer = {"cell_type": "markdown", "id": "c", "metadata": {}, "source": f"$x^2$\n\n{EXPLORER}"}
    chapter = NOTEBOOK | {"cells": [*NOTEBOOK["cells"], explorer]}
    (tmp_path / "book" / "chapter.ipynb").write_text(json.dumps(chapter), encoding="utf-8")
    kind = [builder] if "html" in builder else ["custom", "--custom-builder", builder]

    built = build_book(tmp_path, tmp_path, builder=kind)

    assert built.exit_code == 0, built.warnings
    written = "\n".join(
        file.read_text(encoding="utf-8")
        for file in built.pages.with_name(builder).rglob("*")
        if file.name in ("chapter.xhtml", "index.html") or file.suffix in (".tex", ".pot")
    )
    assert "Is 1" in written
    titles = re.findall("<title>(.*)</title>", written) if "html" in builder else []
    assert all(title.endswith("The Softmax Function") for title in titles), titles
    for page in built.pages.with_name(builder).rglob("*.xhtml"):
        ElementTree.parse(page)  # what reads an EPUB shows no page that is no XML


BROKEN = {
    "See {ref}`nowhere`.": "undefined label: 'nowhere'",
    "See {numref}`fig-nowhere`.": "undefined label: 'fig-nowhere'",
    "See {py:func}`minisoftmax.core.hardmax`.": "py:func reference target not found: minisoftmax.core.hardmax",
    "See {eq}`no-equation`.": "equation not found: no-equation",
    "See [a page](no-page.md).": "'no-page.md'",
    "See [a heading](#no-heading).": "'no-heading'",
    "See [a formula](index.md#equation-none).": "'equation-none'",
    r"See $\frac{1}{$.": "formula not understood",
    r"See $\nomacro$.": r"Undefined control sequence \nomacro",
    "![A picture that is not there](_static/no-picture.svg)": "_static/no-picture.svg",
}


BROKEN_EXPLORERS = {
    "```{explorer} softmax\nlogits: [1.0]\n```": "softmax: logits must have length 2 to 8, got 1",
    "```{explorer} softmaxx\n```": "there is no explorer 'softmaxx'",
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Build a book that has every fault, where the address of its repository is not known."""
    folder = tmp_path_factory.mktemp("broken")
    write_book(folder, ["broken"])
    text = "\n\n".join(["# Broken", *BROKEN, *BROKEN_EXPLORERS])
    (folder / "book" / "broken.md").write_text(f"{text}\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("BOOK_REPOSITORY_URL", raising=False)
        return build_book(folder, folder)


def test_a_broken_reference_of_any_kind_fails_the_build(broken: Build) -> None:
    assert broken.exit_code != 0
    for line, (text, warning) in zip(range(3, 99, 2), BROKEN.items(), strict=False):
        assert f"broken.md:{line}: WARNING" in broken.warnings, f"no warning names the line of {text!r}"
        assert warning in broken.warnings, f"{text!r} gives no warning with {warning}:\n{broken.warnings}"
    assert "index.md" not in broken.warnings, f"the sound page must give no warning:\n{broken.warnings}"


def test_a_wrong_explorer_fails_the_build(broken: Build) -> None:
    assert not [problem for problem in BROKEN_EXPLORERS.values() if problem not in broken.complaints]


def test_a_book_without_an_address_has_no_dead_buttons(broken: Build) -> None:
    page = parse(broken.pages / "index.html")
    outward = [link["href"] for link in page.select("a:not(.citation a), link") if urlsplit(str(link["href"])).netloc]
    assert not outward
    assert not page.select("meta[property='og:url'], meta[property='og:image']")
    assert not (broken.pages / "sitemap.xml").exists()
