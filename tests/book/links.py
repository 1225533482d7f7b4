"""Links lead somewhere, pictures are described, and the bibliography holds what is cited, whole."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from pybtex.database import BibliographyData  # type: ignore[import-untyped]

from tests.book import commands, markdown, prose
from tools import ROOT, notebooks


def texts() -> Iterator[tuple[str, str, Path]]:
    """Give every Markdown text of the repository: its place, the text itself, and the file that it is in."""
    for path in notebooks.paths():
        for place, text, _ in prose.passages(notebooks.read(path)):
            yield place, text, path
    for path in markdown_files():
        yield notebooks.name(path), path.read_text(encoding="utf-8"), path


def markdown_files() -> list[Path]:
    return [ROOT / "README.md", *sorted(notebooks.BOOK.rglob("*.md"))]


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
    if heading and linked.suffix == ".md" and heading not in _headings(linked.read_text(encoding="utf-8")):
        return [f"the file has no heading {heading!r}. Fix the part after #."]
    return []


def _headings(text: str) -> set[str]:
    """Give the anchors of a file as GitHub makes them, and the labels that MyST makes."""
    titles = re.findall(r"^#+\s+(.*?)\s*$", text, re.MULTILINE)
    labels = re.findall(r"^\(([\w-]+)\)=$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles} | set(labels)


def citation_problems(cited: Mapping[str, str], bibliography: BibliographyData) -> list[str]:
    """Find entries that are not cited or not whole, and citations ({key: place}) without an entry."""
    problems = [
        f"{place}: {key} is not in book/references.bib. Add it, or fix the key."
        for key, place in cited.items()
        if key not in bibliography.entries
    ]
    for key, entry in bibliography.entries.items():
        given = {*entry.fields, *entry.persons}
        missing = [part for part in ("author", "title", "year") if part not in given]
        missing += [] if {"doi", "url"} & given else ["doi or url"]
        if missing:
            problems.append(f"book/references.bib, {key}: lacks {', '.join(missing)}. Add it.")
        if key not in cited:
            problems.append(f"book/references.bib, {key}: cited nowhere. Cite it, or remove it.")
    return problems


def citations() -> dict[str, str]:
    """Give the keys that the book cites, each with one place."""
    return {
        key.strip(): place
        for place, text, _ in texts()
        for span in markdown.spans(text)
        if span.kind == "role" and span.target.startswith("cite")
        for key in re.sub(r"\{[^}]*\}", "", span.text).split(",")
    }
