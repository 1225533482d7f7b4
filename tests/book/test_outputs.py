"""Every cell has been run, its stored output is clean, figures are SVG and described, and nothing escapes nbval."""

from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from tests.book import outputs, report
from tools import notebooks
from tools.notebooks import Notebook

every_notebook = pytest.mark.parametrize("path", notebooks.paths(), ids=notebooks.name)


@every_notebook
def test_every_cell_was_run(path: Path) -> None:
    report.none(outputs.run_problems(notebooks.read(path)))


@every_notebook
def test_stored_outputs_are_clean(path: Path) -> None:
    report.none(outputs.clean_problems(notebooks.read(path), path.read_text(encoding="utf-8")))


@every_notebook
def test_figures_are_compared_and_described(path: Path) -> None:
    report.none(outputs.figure_problems(notebooks.read(path)))


@every_notebook
def test_no_cell_escapes(path: Path) -> None:
    report.none(outputs.escape_problems(notebooks.read(path)))


def test_no_two_figures_share_an_alt_text() -> None:
    report.none(outputs.repeated_alt_problems([notebooks.read(path) for path in notebooks.paths()]))


def test_pytest_runs_and_compares_all_notebooks(pytestconfig: pytest.Config) -> None:
    report.none(outputs.settings_problems(pytestconfig.getini("addopts"), pytestconfig.getini("testpaths")))


def test_every_excuse_is_for_a_notebook() -> None:
    stored = {notebooks.name(path) for path in notebooks.paths()}
    assert {excuse.partition("#")[0] for excuse in outputs.ESCAPES} <= stored


# What follows tampers with a copy, and wants to see the check fail there.


def code_cells(notebook: Notebook) -> list[NotebookNode]:
    return [cell for cell in notebook.node.cells if cell.cell_type == "code"]


def figure_cell(notebook: Notebook) -> NotebookNode:
    return next(
        cell for cell in code_cells(notebook) if any("image/svg+xml" in o.get("data", {}) for o in cell.outputs)
    )


def test_a_count_of_null_is_seen(chapter: Notebook) -> None:
    code_cells(chapter)[2].execution_count = None
    report.one(outputs.run_problems(chapter), "formula.ipynb, cell", "None, not 3", "make notebooks")


def test_cells_run_out_of_order_are_seen(chapter: Notebook) -> None:
    code_cells(chapter)[-1].execution_count += 1
    report.one(outputs.run_problems(chapter), "execution_count", "make notebooks")


@pytest.mark.parametrize("cell_type", ["code", "markdown"])
def test_an_emptied_cell_is_seen(chapter: Notebook, cell_type: str) -> None:
    next(cell for cell in chapter.node.cells if cell.cell_type == cell_type).source = " \n"
    report.one(outputs.run_problems(chapter), "the cell is empty", "Delete it")


@pytest.mark.parametrize(
    ("output", "part"),
    [
        (nbformat.v4.new_output("error", ename="KeyError"), "KeyError"),  # type: ignore[no-untyped-call]
        (nbformat.v4.new_output("stream", name="stderr", text="a warning"), "stderr"),  # type: ignore[no-untyped-call]
    ],
    ids=["error", "stderr"],
)
def test_errors_and_warnings_are_seen(chapter: Notebook, output: NotebookNode, part: str) -> None:
    code_cells(chapter)[1].outputs.append(output)
    report.one(outputs.run_problems(chapter), "In [2]", part, "Mend")


def test_magics_are_seen(chapter: Notebook) -> None:
    code_cells(chapter)[1].source = "%matplotlib inline"
    report.one(outputs.run_problems(chapter), "In [2]", "Magics")


def test_a_raw_cell_is_seen(chapter: Notebook) -> None:
    chapter.node.cells[0].cell_type = "raw"
    report.one(outputs.run_problems(chapter), "cell 1", "raw")


def test_volatile_metadata_is_seen(chapter: Notebook) -> None:
    code_cells(chapter)[0].metadata["execution"] = {"iopub.status.busy": "2026-01-01T00:00:00Z"}
    report.one(outputs.clean_problems(chapter, notebooks.text(chapter.node)), "formula.ipynb, line", "make notebooks")


def test_a_picture_of_pixels_is_seen(chapter: Notebook) -> None:
    data = next(o.data for o in figure_cell(chapter).outputs if "image/svg+xml" in o.get("data", {}))
    data["image/png"] = data.pop("image/svg+xml")
    report.one(outputs.figure_problems(chapter), "image/png", "plotting.use_style()")


@pytest.mark.parametrize("volatile", ["date", "creator"])
def test_a_dated_svg_is_seen(chapter: Notebook, volatile: str) -> None:
    data = next(o.data for o in figure_cell(chapter).outputs if "image/svg+xml" in o.get("data", {}))
    data["image/svg+xml"] = data["image/svg+xml"].replace("</svg>", f"<dc:{volatile}>x</dc:{volatile}></svg>")
    report.one(outputs.figure_problems(chapter), volatile, "plotting.use_style()")


@pytest.mark.parametrize(
    "alt", [None, "", "A bar chart.", "two bars, the left one far taller than the right one, side by side."]
)
def test_a_poor_alt_text_is_seen(chapter: Notebook, alt: str | None) -> None:
    figure_cell(chapter).metadata["mystnb"] = {} if alt is None else {"image": {"alt": alt}}
    report.one(outputs.figure_problems(chapter), "formula.ipynb, cell", "mystnb.image.alt")


def test_an_alt_text_that_repeats_the_caption_is_seen(chapter: Notebook) -> None:
    shown = figure_cell(chapter).metadata.mystnb
    shown["figure"] = {"caption": shown.image.alt}
    report.one(outputs.figure_problems(chapter), "repeats the caption")


def test_an_alt_text_used_twice_is_seen(chapter: Notebook) -> None:
    cell = figure_cell(chapter)
    next(other for other in code_cells(chapter) if other is not cell).metadata["mystnb"] = cell.metadata.mystnb
    report.one(outputs.repeated_alt_problems([chapter]), "Describe this figure")


def test_an_html_picture_without_alt_text_is_seen(chapter: Notebook) -> None:
    data = {"text/html": "<img src='a.svg'>"}
    code_cells(chapter)[0].outputs = [nbformat.v4.new_output("display_data", data=data)]  # type: ignore[no-untyped-call]
    report.one(outputs.figure_problems(chapter), "In [1]", "no alt text")


Change = Callable[[NotebookNode], None]


def tag(name: str) -> Change:
    def change(cell: NotebookNode) -> None:
        cell.metadata["tags"] = [name]

    return change


def comment(text: str) -> Change:
    def change(cell: NotebookNode) -> None:
        cell.source = f"{text}\n{cell.source}"

    return change


ESCAPES = {
    "tag": tag("nbval-ignore-output"),
    "tag in capitals": tag("NBVAL-Skip"),
    "tag for errors": tag("raises-exception"),
    "tag for the build": tag("skip-execution"),
    "comment": comment("# NBVAL_SKIP"),
    "old comment": comment("# PYTEST_VALIDATE_IGNORE_OUTPUT"),
    "odd comment": comment("  ## NbVal_Ignore_Output"),
}


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES.keys())
def test_an_escape_is_seen_unless_excused(chapter: Notebook, escape: Change) -> None:
    cell = code_cells(chapter)[1]
    escape(cell)
    excuse = f"{chapter.name}#{cell.id}"
    report.one(outputs.escape_problems(chapter), "In [2]", "keeps it from being compared")
    report.none(outputs.escape_problems(chapter, {excuse: "its output is the time of day"}))
    report.one(outputs.escape_problems(chapter, {excuse: ""}), excuse, "without a reason")


def test_an_excuse_that_no_cell_needs_is_seen(chapter: Notebook) -> None:
    excuse = f"{chapter.name}#{code_cells(chapter)[1].id}"
    report.one(outputs.escape_problems(chapter, {excuse: "its output is the time of day"}), excuse, "Remove")


STRICT = ["--nbval", "--nbval-current-env"]


@pytest.mark.parametrize(
    ("addopts", "testpaths", "part"),
    [
        ([], outputs.ENGLISH, "lack --nbval"),
        ([*STRICT, "--nbval-lax"], outputs.ENGLISH, "--nbval-lax"),
        ([*STRICT, "--nbval-sanitize-with=patterns"], outputs.ENGLISH, "--nbval-sanitize-with"),
        ([*STRICT, "--ignore=book"], outputs.ENGLISH, "--ignore"),
        ([*STRICT, "-k", "not book"], outputs.ENGLISH, "-k"),
        (STRICT, ["tests"], "lack book/solutions"),
    ],
)
def test_lax_settings_are_seen(addopts: list[str], testpaths: Sequence[str], part: str) -> None:
    assert part in "\n".join(outputs.settings_problems(addopts, testpaths))
