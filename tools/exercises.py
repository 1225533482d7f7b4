"""Where the chapters put their exercises, and what stands there: the questions and starter cells of the package.

``python -m tools.exercises`` writes them into the chapters, and the code of the solutions into the package.
"""

import ast
import copy
import json
from collections.abc import Iterator
from typing import NamedTuple

from nbformat import NotebookNode

from minisoftmax.exercises import exercise, names
from tools import ROOT, notebooks
from tools.notebooks import Notebook

SOLUTIONS = ROOT / "minisoftmax" / "exercises" / "solutions.json"


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


def written(notebook: Notebook) -> NotebookNode:
    """Return a copy of a chapter with the question and the starter cell of each exercise as the package has them."""
    node = copy.deepcopy(notebook.node)
    for check in checks(Notebook(notebook.path, node)):
        if check.exercise in names():
            put = exercise(check.exercise)
            check.question.source, check.cell.source = put.statement, put.starter
    return node


def solutions() -> str:
    """Collect the code of the book's solutions, each with the imports that it needs, as the package's file has it."""
    found = {}
    for name in names():
        notebook = notebooks.read(notebooks.BOOK / "solutions" / f"{name.partition('.')[0]}.ipynb")
        setup = next(cell for _, cell in notebook.cells("code"))
        cell = next(check.cell for check in checks(notebook) if check.exercise == name)
        code = cell.source[: cell.source.index(f'check("{name}"')].strip()
        used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
        imported = [
            alias.name
            for node in notebooks.tree(setup).body
            if isinstance(node, ast.ImportFrom) and node.module == "minisoftmax"
            for alias in node.names
        ]
        needed = ", ".join(alias for alias in imported if alias in used)
        found[name] = (f"from minisoftmax import {needed}\n\n\n" if needed else "") + code
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Write the exercises into the chapters that put them, and the solutions into the package."""
    notebooks.rewrite(written)
    SOLUTIONS.write_text(solutions(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
