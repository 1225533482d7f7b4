"""Links lead to files and headings that exist, pictures are described, the bibliography is whole and cited."""

import re
from pathlib import Path

import pytest
from pybtex.database import BibliographyData, parse_file, parse_string  # type: ignore[import-untyped]

from tests.book import links, prose, report
from tests.conftest import CONTENTS
from tools import ROOT, notebooks

README = ROOT / "README.md"


def test_links_lead_somewhere() -> None:
    report.none([problem for place, text, path in links.texts() for problem in links.link_problems(place, text, path)])


def test_notebooks_are_plain_markdown() -> None:
    passages = [passage for path in notebooks.paths() for passage in prose.passages(notebooks.read(path))]
    report.none([problem for place, text, _ in passages for problem in links.plain_problems(place, text)])


def test_the_bibliography_is_whole_and_cited() -> None:
    bibliography = parse_file(notebooks.BOOK / "references.bib")
    report.none(links.citation_problems(links.citations(), bibliography))


@pytest.mark.parametrize(
    ("page", "entry", "folder"),
    [("index.md", r"^(\w+): .+\?$", "."), ("solutions.md", r"^- \[.+\]\((.+)\.ipynb\)$", "solutions")],
)
def test_every_chapter_is_listed_in_order(page: str, entry: str, folder: str) -> None:
    listed = re.findall(entry, (notebooks.BOOK / page).read_text(encoding="utf-8"), re.MULTILINE)
    stored = [name for name in CONTENTS if (notebooks.BOOK / f"{name}.ipynb").exists()]
    assert listed == [name for name in stored if Path(name).parent == Path(folder)]


@pytest.mark.parametrize(
    "text",
    [
        "[the license](LICENSE)",
        "[a chapter](book/formula.ipynb)",
        "[a section](book/formula.ipynb#four-wishes)",
        "[a formula](book/formula.ipynb#equation-softmax)",
        "[elsewhere](https://example.org/nothing)",
        "[below](#heading-two)\n\n# Heading, two",
        "![A bar chart of odds](LICENSE)",
    ],
)
def test_there_is_no_false_alarm(text: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    report.none(links.link_problems("README.md", text, page if text.startswith("[below]") else README))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[the license](LICENCE)", "no such file"),
        ("[the license][1]\n\n[1]: LICENCE", "no such file"),
        ('<a href="LICENCE">the license</a>', "no such file"),
        ("[the book](.venv/pyvenv.cfg)", "not stored"),
        ("[below](#no-such-heading)", "no heading"),
        ("[a chapter](book/formula.ipynb#no-such-heading)", "no heading"),
        ("![](LICENSE)", "no alt text"),
        ('<img src="LICENSE">', "no alt text"),
        ("![A bar chart of odds](odds.svg)", "no such file"),
        ("```{image} LICENSE\n```", "no alt text"),
        (":::{figure} LICENSE\nA caption.\n:::", "no alt text"),
    ],
)
def test_a_bad_link_or_picture_is_seen(text: str, part: str) -> None:
    report.one(links.link_problems("README.md", text, README), "README.md: ", part)


@pytest.mark.parametrize(
    "text",
    [
        "See {ref}`formula`.",
        "(formula)=\n# A title",
        "$$\nx\n$$ (label)",
        ":::{note}\nA text.\n:::",
        "```{note}\nA text.\n```",
        "[words](a.ipynb){.class}",
        "% a comment",
        "[](formula.ipynb)",
    ],
)
def test_what_only_myst_understands_is_seen(text: str) -> None:
    report.one(links.plain_problems("cell 1", text), "cell 1", "CONTRIBUTING.md")


@pytest.mark.parametrize(
    "text",
    [
        '<a id="equation-softmax"></a>\n\n$$\np = x^{(2)}\n$$',
        "[the formula](#equation-softmax), $f(x){=}1$, `x[0]`, $\\{1\\}$, 50 % (of a text)",
        "```python\n% no comment\n```",
        "![A picture of a bar](a.svg)",
    ],
)
def test_plain_markdown_is_no_false_alarm(text: str) -> None:
    report.none(links.plain_problems("cell 1", text))


ENTRY = "@article{a, author={B. A.}, title={T}, year={1990}, doi={10.1/2}}"
PAIR = "@article{c, author={P{\\'o}lya, G. and de Vries, H.}, title={T}, year={1991}, url={https://c.org}}"
TEAM = "@article{d, author={A, B and C, D and E, F}, title={T}, year={1992}, doi={10.1/2(3)4<5>6}}"
CITED = links.Citation("cell 1", "A. (1990)", "https://doi.org/10.1/2")


@pytest.mark.parametrize(
    ("cited", "source", "part"),
    [
        ([], ENTRY, "a: nothing links to https://doi.org/10.1/2"),
        ([CITED, links.Citation("cell 2", "B (1990)", "https://b.org")], ENTRY, "cell 2: [B (1990)](https://b.org) is"),
        ([CITED._replace(words="A. (1991)")], ENTRY, "should read A. (1990) or A., 1990"),
        ([CITED._replace(words="a paper")], ENTRY, "should read A. (1990)"),
        ([CITED._replace(target="https://doi.org/")], ENTRY.replace("doi", "note"), "lacks doi or url"),
        ([CITED._replace(words=" (1990)")], ENTRY.replace("author", "editor"), "lacks author"),
        ([CITED._replace(words="A. (None)")], ENTRY.replace("year", "month"), "lacks year"),
    ],
)
def test_a_bad_citation_is_seen(cited: list[links.Citation], source: str, part: str) -> None:
    bibliography: BibliographyData = parse_string(source, "bibtex")
    report.one(links.citation_problems(cited, bibliography), part)


@pytest.mark.parametrize(
    ("words", "target", "source"),
    [
        ("A., 1990", "https://doi.org/10.1/2", ENTRY),
        ("Pólya and de Vries (1991)", "https://c.org", PAIR),
        ("A et al. (1992)", "https://doi.org/10.1/2(3)4%3C5%3E6", TEAM),
    ],
)
def test_a_good_citation_is_no_false_alarm(words: str, target: str, source: str) -> None:
    report.none(links.citation_problems([links.Citation("cell 1", words, target)], parse_string(source, "bibtex")))


def test_a_citation_is_in_the_language_of_its_text() -> None:
    bibliography = parse_string(PAIR, "bibtex")
    cited = links.Citation("cell 1", "Pólya y de Vries (1991)", "https://c.org", "y")
    report.none(links.citation_problems([cited], bibliography))
    report.one(links.citation_problems([cited._replace(words="Pólya and de Vries (1991)")], bibliography), "Pólya y de")
