"""Every number in the prose is computed in its notebook or listed with its source, and no reference is by hand."""

from pathlib import Path

import nbformat
import pytest

from tests.book import links, markdown, prose, report
from tools import notebooks
from tools.notebooks import Notebook

# Other editions have the numbers of the English one, in the prose and in the outputs: see test_translations.
every_notebook = pytest.mark.parametrize("path", notebooks.paths("en"), ids=notebooks.name)


@every_notebook
def test_numbers_are_computed_or_listed(path: Path) -> None:
    report.none(prose.number_problems(notebooks.read(path)))


@every_notebook
def test_no_misprint_of_a_number_goes_unseen(path: Path) -> None:
    report.none(prose.survivors(notebooks.read(path)))


def test_no_reference_is_by_hand() -> None:
    report.none([problem for place, text, _ in links.texts() for problem in prose.reference_problems(place, text)])


@pytest.mark.parametrize("path", notebooks.paths(), ids=notebooks.name)
def test_a_guess_is_told_what_fits_its_side(path: Path) -> None:
    for _, cell in notebooks.read(path).cells("markdown"):
        for reply in prose.guesses(cell.source):
            assert {"answer", "more", "less"} <= {name for name, text in reply.items() if text}


# What follows checks small notebooks, right and wrong ones.


def small(
    text: str, source: str = "x = 0", output: str = "", html: str = "", listed: dict[str, str] | None = None
) -> Notebook:
    """Make a notebook of one text and one cell, which prints something and shows some HTML."""
    cell = nbformat.v4.new_code_cell(source, execution_count=1)  # type: ignore[no-untyped-call]
    cell.outputs = [
        nbformat.v4.new_output("stream", text=output),  # type: ignore[no-untyped-call]
        nbformat.v4.new_output("display_data", data={"text/html": html}),  # type: ignore[no-untyped-call]
    ]
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text), cell])  # type: ignore[no-untyped-call]
    node.metadata["minisoftmax"] = {"numbers": listed or {}}
    return Notebook(notebooks.BOOK / "small.ipynb", node)


@pytest.mark.parametrize(
    "text",
    [
        "It is 148.4.",
        "It is $148.4$.",
        "$$\nx = 148.4\n$$",
        "{math}`148.4`",
        "```{math}\n148.4\n```",
        "```{note} Odds of 148.4\n:class: tip\nA text.\n```",
        ":::{note}\nOdds of 148.4.\n:::",
        "::::{grid}\n:::{grid-item}\nOdds of 148.4.\n:::\n::::",
        "| odds |\n|---|\n| 148.4 |",
        "# Odds of 148.4",
        "- odds of **148.4**",
        "A note[^1].\n\n[^1]: It is 148.4.",
        "<p>It is 148.4.</p>",
        "![Odds of 148.4 in a drawing](a.svg)",
        "```{figure} a.svg\n:alt: A drawing.\n\nOdds of 148.4.\n```",
        "{abbr}`148.4 (odds)`",
        "[odds of 148.4](temperature.ipynb)",
        "{ref}`odds of 148.4 <place>`",
        "It is `148.4`.",
        "It is 148.4-fold.",
    ],
)
def test_a_number_is_found_wherever_it_stands(text: str) -> None:
    report.one(
        prose.number_problems(small(text)), "book/small.ipynb, cell 1", "the number 148.4", "minisoftmax.numbers"
    )
    report.none(prose.number_problems(small(text, output="148.4")))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("12", "120"),
        ("148.4", "148.41"),
        ("148.4", "1148.4"),
        ("148.4", "148"),
        ("0.50", "0.5"),
        ("2.0", "2"),
        ("22,026", "22,062"),
        ("7 %", "8"),
        ("7%", "8"),
        ("7 percent", "8"),
        ("7 : 1", "8 1"),
        ("$7$ : 1", "8 1"),
        ("$7 : 1$", "8 1"),
        (r"$7\,\%$", "8"),
        ("7×", "8"),
        ("7 times", "8"),
        ("a logit of −5.3", "5.3"),
        (r"$1.9 \times 10^{-22}$", "1.9e-21"),
        ("10⁷", "1000000"),
        ("a list of 1024", "1020"),
        ("2048 classes", "1"),
        ("$x, 1990$", "1"),
        ("NumPy 2.4.6", "2.4.5"),
    ],
)
def test_a_number_that_nothing_vouches_for_is_seen(text: str, shown: str) -> None:
    assert len(prose.number_problems(small(text, output=shown))) == 1


@pytest.mark.parametrize(
    ("text", "source"),
    [("0.993", "x = 0  # 0.993"), ("0.993", "x = '0.993'"), ("0.993", "def f():\n    '''0.993'''")],
)
def test_comments_and_strings_vouch_for_nothing(text: str, source: str) -> None:
    report.one(prose.number_problems(small(text, source)), "0.993")


def test_what_a_reader_does_not_see_vouches_for_nothing() -> None:
    hidden = "<script>x = 0.993</script><style>0.993</style><svg><path d='0.993'/></svg><i title='0.993'></i>"
    report.one(prose.number_problems(small("0.993", html=hidden)), "0.993")
    report.none(prose.number_problems(small("0.993", html="<b>0.993</b>")))


@pytest.mark.parametrize(
    ("text", "source", "shown"),
    [
        ("22,026 and $22{,}026$ and 22\u2009026", "x = 0", "22026"),
        ("a logit of −5.3, which is 5.3 below", "x = -5.3", ""),
        ("10 against 20", "x = [10.0, 20]", ""),
        ("10⁷ or $10^7$ or 10,000,000", "x = 10**7", ""),
        ("10⁷ or 1e7", "x = 10_000_000", ""),
        (r"$1.93 \times 10^{-22}$ or 1.93 × 10⁻²²", "x = 0", "1.93e-22"),
        ("0.001", "x = 1e-3", ""),
        ("0.50", "x = 0.50", ""),
        ("99.3 %", "x = 0", "99.3%"),
        ("Bridle named it in 1990 (1868–1902, 2017).", "x = 0", ""),
        ("two of 3, in float64 and log1p", "x = 0", ""),
        (
            "`softmax(x, temperature=0.25)` {cite}`bridle1990` [a paper, 1706.03762](https://arxiv.org/abs/1706.03762)",
            "x = 0",
            "",
        ),
        ("```python\nx = 0.25\n```", "x = 0", ""),
        ("% a comment of 0.25", "x = 0", ""),
    ],
)
def test_there_is_no_false_alarm(text: str, source: str, shown: str) -> None:
    report.none(prose.number_problems(small(text, source, shown)))


def test_a_list_vouches_for_a_number_with_its_source() -> None:
    report.none(prose.number_problems(small("roughly 150 : 1", listed={"150": "the source text of the book"})))
    report.one(prose.number_problems(small("roughly 150 : 1", listed={"150": " "})), "'150'", "no source")
    report.one(prose.number_problems(small("roughly", listed={"150": "the source text"})), "'150'", "in no text")
    report.one(prose.number_problems(small("150", "x = 150", listed={"150": "the source text"})), "computed", "Remove")


def test_a_wrong_number_in_the_reply_to_a_guess_is_seen() -> None:
    guess = '<softmax-guess answer="0.25" more="It is 0.25." less="It is {}.">'
    report.none(prose.number_problems(small(guess.format("0.25"), output="0.25")))
    report.one(prose.number_problems(small(guess.format("0.75"), output="0.25")), "guess", "0.75")


def with_figure(alt: str, label: str) -> Notebook:
    """Make a notebook whose second cell has a figure, after a cell that knows 0.25."""
    notebook = small("A text.", "x = 0.25")
    between = nbformat.v4.new_code_cell("y = 0")  # type: ignore[no-untyped-call]
    cell = nbformat.v4.new_code_cell("plt.show()", metadata={"mystnb": {"image": {"alt": alt}}})  # type: ignore[no-untyped-call]
    data = {"image/svg+xml": f"<svg><!-- {label} --><path d='0.75'/></svg>", "text/plain": "<Figure size 480x300>"}
    cell.outputs = [nbformat.v4.new_output("display_data", data=data)]  # type: ignore[no-untyped-call]
    notebook.node.cells += [between, cell]
    return notebook


@pytest.mark.parametrize("alt", ["A bar of 0.994.", "A bar of 0.25.", "A point at 0.75.", "It is 480 wide."])
def test_an_alt_text_must_quote_its_own_figure(alt: str) -> None:
    report.none(prose.number_problems(with_figure("A bar of 0.993.", "0.993")))
    report.one(prose.number_problems(with_figure(alt, "0.993")), "alt", "the labels of this figure")


def test_one_wrong_digit_in_the_chapter_is_seen(chapter: Notebook) -> None:
    cell = next(cell for cell in chapter.node.cells if cell.cell_type == "markdown" and "148.4" in cell.source)
    cell.source = cell.source.replace("148.4", "148.5", 1)
    report.one(prose.number_problems(chapter), "book/formula.ipynb, cell", "the number 148.5")


def test_a_misprint_that_hits_another_number_is_found() -> None:
    report.one(prose.survivors(small("It is 0.993.", output="0.993 0.943")), "cell 1", "0.993", "Reword")
    report.none(prose.survivors(small("It is 0.993.", output="0.993 0.007")))
    assert len(prose.survivors(small("in $1024$", output="1024 1025"))) == 1


def test_a_number_cannot_be_misprinted_into_a_year() -> None:
    report.one(prose.survivors(small("counted from 1524 on", output="1524")), "1524", "Reword")


@pytest.mark.parametrize(
    "text", ["See Figure 3.", "as Eq. (2) says", "in Section 4.1", "from equation $(1)$", "Table 2"]
)
def test_a_reference_by_hand_is_seen(text: str) -> None:
    report.one(prose.reference_problems("book/small.ipynb, cell 1", text), "cell 1", "Link words to it")


@pytest.mark.parametrize(
    "text", ["See [the bars](#bars).", "[1](#equation-softmax)", "`Figure 3`", "these figures, 3 of them"]
)
def test_a_proper_reference_is_no_false_alarm(text: str) -> None:
    report.none(prose.reference_problems("book/small.ipynb, cell 1", text))


def test_the_kinds_of_spans() -> None:
    block = markdown.blocks("a `b` $c$ [d](e) {cite}`f`")[0]
    assert [(span.kind, span.text or span.target) for span in block if span.text.strip() or span.target] == [
        ("words", "a "),
        ("code", "b"),
        ("math", "c"),
        ("link", "e"),
        ("words", "d"),
        ("role", "f"),
    ]
