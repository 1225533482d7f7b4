"""Links lead to files and headings that exist, pictures are described, the bibliography is whole and cited."""

from pathlib import Path

import pytest
from pybtex.database import BibliographyData, parse_file, parse_string  # type: ignore[import-untyped]

from tests.book import links, report
from tools import ROOT, notebooks

README = ROOT / "README.md"


def test_links_lead_somewhere() -> None:
    report.none([problem for place, text, path in links.texts() for problem in links.link_problems(place, text, path)])


def test_the_bibliography_is_whole_and_cited() -> None:
    bibliography = parse_file(notebooks.BOOK / "references.bib")
    report.none(links.citation_problems(links.citations(), bibliography))


@pytest.mark.parametrize(
    "text",
    [
        "[the license](LICENSE)",
        "[a chapter](book/formula.ipynb)",
        "[elsewhere](https://example.org/nothing)",
        "[below](#heading-two)\n\n# Heading, two",
        "![A bar chart of odds](LICENSE)",
    ],
)
def test_there_is_no_false_alarm(text: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    report.none(links.link_problems("README.md", text, page if "#" in text else README))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[the license](LICENCE)", "no such file"),
        ("[the license][1]\n\n[1]: LICENCE", "no such file"),
        ('<a href="LICENCE">the license</a>', "no such file"),
        ("[the book](.venv/pyvenv.cfg)", "not stored"),
        ("[below](#no-such-heading)", "no heading"),
        ("![](LICENSE)", "no alt text"),
        ('<img src="LICENSE">', "no alt text"),
        ("![A bar chart of odds](odds.svg)", "no such file"),
        ("```{image} LICENSE\n```", "no alt text"),
        (":::{figure} LICENSE\nA caption.\n:::", "no alt text"),
    ],
)
def test_a_bad_link_or_picture_is_seen(text: str, part: str) -> None:
    report.one(links.link_problems("README.md", text, README), "README.md: ", part)


ENTRY = "@article{a, author={A. B.}, title={T}, year={1990}, doi={10.1/2}}"


@pytest.mark.parametrize(
    ("cited", "source", "part"),
    [
        ({}, ENTRY, "cited nowhere"),
        ({"a": "cell 1", "b": "cell 2"}, ENTRY, "cell 2: b is not in"),
        ({"a": "cell 1"}, ENTRY.replace("doi", "note"), "lacks doi or url"),
        ({"a": "cell 1"}, ENTRY.replace("author", "editor"), "lacks author"),
        ({"a": "cell 1"}, ENTRY.replace("year", "month"), "lacks year"),
    ],
)
def test_a_bad_citation_is_seen(cited: dict[str, str], source: str, part: str) -> None:
    bibliography: BibliographyData = parse_string(source, "bibtex")
    report.one(links.citation_problems(cited, bibliography), part)


def test_a_good_citation_is_no_false_alarm() -> None:
    report.none(links.citation_problems({"a": "cell 1"}, parse_string(ENTRY, "bibtex")))
