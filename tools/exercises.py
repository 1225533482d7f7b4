"""Where the chapters put their exercises, and what stands there: the questions and starter cells of the package.

``python -m tools.exercises`` writes them into the chapters.
"""

import ast
import copy
from collections.abc import Iterator
from typing import NamedTuple

from nbformat import NotebookNode

from minisoftmax.exercises import Exercise, exercise, names
from tools import notebooks
from tools.notebooks import Notebook

LEVELS = {1: "●", 2: "●●", 3: "●●●"}


class Check(NamedTuple):
    """A cell that calls `check`, and the text before it, which should be the question."""

    exercise: str
    place: str
    cell: NotebookNode
    question: NotebookNode


def checks(notebook: Notebook) -> list[Check]:
    """List the cells that call `check`."""
    found = []
    text = NotebookNode(source="")  # type: ignore[no-untyped-call]
    for place, cell in notebook.cells():
        if cell.cell_type == "markdown":
            text = cell
        elif cell.cell_type == "code":
            found += [Check(name, place, cell, text) for name in _checked(cell)]
    return found


def _checked(cell: NotebookNode) -> Iterator[str]:
    for node in ast.walk(notebooks.tree(cell)):
        match node:
            case ast.Call(func=ast.Name("check") | ast.Attribute(attr="check"), args=[ast.Constant(str(name)), *_]):
                yield name


def question(put: Exercise) -> str:
    """Give the text of an exercise as the book shows it."""
    minutes = "1 minute" if put.minutes == 1 else f"{put.minutes} minutes"
    return f"**{put.title}** ({LEVELS[put.level]}, {minutes}). {put.question}"


def written(notebook: Notebook) -> NotebookNode:
    """Return a copy of a chapter with the question and the starter cell of each exercise as the package has them."""
    node = copy.deepcopy(notebook.node)
    for check in checks(Notebook(notebook.path, node)):
        if check.exercise in names():
            put = exercise(check.exercise)
            check.question.source, check.cell.source = question(put), put.starter
    return node


def main() -> None:
    """Write the exercises into the chapters that put them."""
    notebooks.rewrite(written)


if __name__ == "__main__":
    main()
