"""Notebooks are executed and stored so that nothing in them differs from run to run."""

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from tools import notebooks


def code(source: str, **options: object) -> NotebookNode:
    return nbformat.v4.new_code_cell(source, **options)  # type: ignore[no-untyped-call]


def stream(text: str, name: str = "stdout") -> NotebookNode:
    return nbformat.v4.new_output("stream", text=text, name=name)  # type: ignore[no-untyped-call]


def notebook(*cells: NotebookNode) -> NotebookNode:
    return nbformat.v4.new_notebook(cells=list(cells))  # type: ignore[no-untyped-call]


def test_cleaning_keeps_what_matters_alone() -> None:
    kept = {"tags": ["hide-input"], "mystnb": {"image": {"alt": "A bar."}}}
    node = notebook(code("1", metadata={**kept, "execution": {"a": "2026"}, "collapsed": True}))
    node.metadata = {"minisoftmax": {"numbers": {}}, "language_info": {"version": "3.11.2"}, "widgets": {}}
    clean = notebooks.clean(node)
    assert clean.cells[0].metadata == kept
    assert clean.metadata == {
        "minisoftmax": {"numbers": {}},
        "language_info": {"name": "python", "file_extension": ".py", "pygments_lexer": "ipython3"},
        "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"},
    }
    nbformat.validate(clean)


def test_cleaning_merges_a_stream_that_came_in_pieces() -> None:
    cell = code("print()", outputs=[stream("a"), stream("b"), stream("c", "stderr"), stream("d")])
    outputs = notebooks.clean(notebook(cell)).cells[0].outputs
    assert [(output.name, output.text) for output in outputs] == [("stdout", "ab"), ("stderr", "c"), ("stdout", "d")]


def test_cleaning_gives_ids_that_are_missing_or_repeated() -> None:
    node = notebook(code("1"), code("2"), code("3"), code("4"))
    for cell, given in zip(node.cells, ["cell-3", "b", "b"], strict=False):
        cell.id = given
    del node.cells[3]["id"]
    ids = [cell.id for cell in notebooks.clean(node).cells]
    assert ids == ["cell-3", "b", "cell-3-2", "cell-4"]


def test_cleaning_takes_blank_lines_around_code_away() -> None:
    clean = notebooks.clean(notebook(code("\nx = 1\n\nx\n")))
    assert clean.cells[0].source == "x = 1\n\nx"


def test_cleaning_twice_changes_nothing_more() -> None:
    clean = notebooks.clean(notebook(code("1", outputs=[stream("a"), stream("b")])))
    assert notebooks.text(notebooks.clean(clean)) == notebooks.text(clean)
    assert notebooks.text(clean).endswith("}\n")
    assert not notebooks.text(clean).endswith("\n\n")


def test_cleaning_leaves_the_given_notebook_alone() -> None:
    node = notebook(code("1", metadata={"collapsed": True}))
    notebooks.clean(node)
    assert node.cells[0].metadata == {"collapsed": True}


def test_running_stores_outputs_and_an_error_leaves_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right, wrong = tmp_path / "right.ipynb", tmp_path / "wrong.ipynb"
    source = "from pathlib import Path; print(Path('wrong.ipynb').exists(), 'softmax π')"  # it runs in its own folder
    right.write_text(notebooks.text(notebook(code(source))), encoding="utf-8")
    wrong.write_text(notebooks.text(notebook(code("x = 1"), code("x / 0"))), encoding="utf-8")
    before = wrong.read_bytes()

    assert notebooks.main([str(right), str(wrong)]) == 1

    said = capsys.readouterr()
    assert "right.ipynb: " in said.out
    assert "wrong.ipynb, cell 2 (“x / 0”)" in said.err
    assert "ZeroDivisionError" in said.err
    assert wrong.read_bytes() == before
    stored = notebooks.read(right)
    assert stored.node.cells[0].outputs[0].text == "True softmax π\n"
    assert right.read_text(encoding="utf-8") == notebooks.text(notebooks.clean(stored.node))
