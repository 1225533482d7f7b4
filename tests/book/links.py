"""Links lead somewhere, pictures are described, and the bibliography holds what is cited, whole."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from pybtex.database import BibliographyData, Entry  # type: ignore[import-untyped]

from tests.book import commands, markdown, prose, translations
from tools import ROOT, notebooks
from tools.lessons import slug
from tools.translations import editions


def texts() -> Iterator[tuple[str, str, Path]]:
    """Give every Markdown text of the repository: its place, the text itself, and the file that it is in."""
    for path in notebooks.paths():
        for place, text, _ in prose.passages(notebooks.read(path)):
            yield place, text, path
    for path in markdown_files():
        yield notebooks.name(path), path.read_text(encoding="utf-8"), path


def markdown_files() -> list[Path]:
    """List what is written in Markdown outside notebooks."""
    return [*sorted(ROOT.glob("*.md")), *sorted(notebooks.BOOK.rglob("*.md"))]


def link_problems(place: str, text: str, path: Path) -> list[str]:
    """Find links to files or headings that do not exist, and pictures without a description."""
    problems = []
    for span in markdown.spans(text):
        if span.kind == "image" and len(span.text.split()) < 3:
            problems.append(f"{place}: the picture {span.target} has no alt text. Say what a person would see.")
        if span.kind in ("link", "image") and not re.match(r"\w+:", span.target):
            problems += [
                f"{place}: the link to {span.target}: {found}" for found in _target_problems(span.target, path)
            ]
    return problems


def _target_problems(target: str, path: Path) -> list[str]:
    file, _, heading = unquote(target).partition("#")
    linked = (path.parent / file) if file else path
    if commands.is_ignored(notebooks.name(linked.resolve())):
        return ["the file is not stored in the repository. Link to what it is made from."]
    if not linked.exists():
        return ["there is no such file. Fix the path."]
    if heading.startswith("figure-"):
        return []  # the build looks for it
    if heading and linked.suffix in (".md", ".ipynb") and heading not in _anchors(linked):
        return [f"the file has no heading or anchor {heading!r}. Fix the part after #."]
    return []


def _anchors(path: Path) -> set[str]:
    """Give the anchors of a file: those of its headings, as GitHub makes them, and its own."""
    if path.suffix == ".ipynb":
        text = "\n\n".join(cell.source for _, cell in notebooks.read(path).cells("markdown"))
    else:
        text = path.read_text(encoding="utf-8")
    titles = re.findall(r"^#+\s+(.*?)\s*$", text, re.MULTILINE)
    return {path.stem, *map(slug, titles), *re.findall(r'<a id="([\w-]+)"></a>', text)}


MARKUP = {
    "role": r"\{[\w:+.-]+\}`[^`]*`",
    "label": r"^\([\w:-]+\)=\s*$",
    "label of a formula": r"\$\$\s*\([\w:-]+\)",
    "directive": r"^\s*(?::{3,}|```+|~~~+)\{.*",
    "attribute": r"(?<=[\])`])\{[.#][^}]*\}",
    "comment": r"^(?:%|\+\+\+).*",
    "link without words": r"(?<!!)\[\]\([^)]*\)",
}
"""MyST's own markup, which other viewers of notebooks show as it is written."""


def plain_problems(place: str, text: str) -> list[str]:
    """Find markup in a text of a notebook that only MyST understands."""
    text = re.sub(r"^```(?!\{).*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [
        f"{place}: the {kind} {match[0]!r} is shown raw by Jupyter, GitHub and Colab. Write it as CONTRIBUTING.md says."
        for kind, pattern in MARKUP.items()
        for match in re.finditer(pattern, text, re.MULTILINE)
    ]


class Citation(NamedTuple):
    """A link to another site, which may be to a work in the bibliography."""

    place: str
    words: str
    target: str
    conjunction: str = "and"


_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((https?:(?:[^()\s]|\([^()\s]*\))+)\)")


def citations() -> list[Citation]:
    return [
        Citation(place, words, target, _conjunction(path))
        for place, text, path in texts()
        for words, target in _LINK.findall(text)
    ]


def _conjunction(path: Path) -> str:
    """Give what stands between two names in the language of a text."""
    found = [edition for edition in editions() if edition.folder in path.parents]
    return translations.words(found[0].folder).conjunction if found else "and"


def citation_problems(cited: Sequence[Citation], bibliography: BibliographyData) -> list[str]:
    """Find works that are not cited or not whole, citations of none, and those with another name or year."""
    works = {_address(entry): entry for entry in bibliography.entries.values()}
    problems = []
    for place, words, target, conjunction in cited:
        if target in works:
            allowed = _names(works[target], conjunction)
            if words not in allowed:
                problems.append(f"{place}: [{words}]({target}) should read {' or '.join(allowed)}.")
        elif re.search(r"\b\d{4}\)?$", words):
            problems.append(f"{place}: [{words}]({target}) is not in book/references.bib. Add it, or fix the address.")
    linked = {citation.target for citation in cited}
    for key, entry in bibliography.entries.items():
        given = {*entry.fields, *entry.persons}
        missing = [part for part in ("author", "title", "year") if part not in given]
        missing += [] if {"doi", "url"} & given else ["doi or url"]
        if missing:
            problems.append(f"book/references.bib, {key}: lacks {', '.join(missing)}. Add it.")
        if _address(entry) not in linked:
            problems.append(f"book/references.bib, {key}: nothing links to {_address(entry)}. Cite it, or remove it.")
    return problems


def _address(work: Entry) -> str:
    """Say where a work can be read: its ``url``, or else its DOI."""
    return str(work.fields.get("url") or f"https://doi.org/{quote(work.fields.get('doi', ''), safe='/:;()')}")


def _names(work: Entry, conjunction: str) -> tuple[str, str]:
    """Give the two ways to cite a work: in a sentence, and in parentheses."""
    authors = [
        " ".join(map(str, person.rich_prelast_names + person.rich_last_names))
        for person in work.persons.get("author", ())
    ]
    who = f" {conjunction} ".join(authors) if len(authors) < 3 else f"{authors[0]} et al."
    year = work.fields.get("year")
    return f"{who} ({year})", f"{who}, {year}"
