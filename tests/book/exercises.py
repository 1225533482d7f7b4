"""Every exercise is put once in its chapter, untried, and solved once in the solutions."""

import ast
from collections.abc import Sequence
from typing import NamedTuple

from nbformat import NotebookNode

from tests.book import prose
from tools import notebooks
from tools.notebooks import Notebook

UNTRIED, SOLVED = "Not tried yet", "✓ "


class Check(NamedTuple):
    """A cell that calls `check`, and the cell with the attempt: the same one, or the code cell before it."""

    exercise: str
    place: str
    cell: NotebookNode
    attempt: NotebookNode


def checks(notebook: Notebook) -> list[Check]:
    cells = list(notebook.cells("code"))
    before = [cell for _, cell in cells[:1] + cells[:-1]]
    return [
        Check(exercise, place, cell, cell if _has_ellipsis(cell) else attempt)
        for (place, cell), attempt in zip(cells, before, strict=True)
        for exercise in _checked(cell)
    ]


def _checked(cell: NotebookNode) -> list[str]:
    return [
        str(node.args[0].value)
        for node in ast.walk(notebooks.tree(cell))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] == "check"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]


def _has_ellipsis(cell: NotebookNode) -> bool:
    return any(isinstance(node, ast.Constant) and node.value is ... for node in ast.walk(notebooks.tree(cell)))


def exercise_problems(chapter: Notebook, solutions: Notebook, names: Sequence[str]) -> list[str]:
    """Find exercises of a chapter, among these names, that are missing, repeated, unknown, given away or unsolved."""
    own = [name for name in names if name.partition(".")[0] == chapter.path.stem]
    problems = []
    for notebook, beginning in ((chapter, UNTRIED), (solutions, SOLVED)):
        found = checks(notebook)
        for name in own:
            times = [check.exercise for check in found].count(name)
            if times != 1:
                problems.append(f"{notebook.name}: check({name!r}, …) is called {times} times. Call it once.")
        for check in found:
            if check.exercise not in own:
                problems.append(
                    f"{check.place}: no exercise of this chapter is called {check.exercise!r}. Fix the name."
                )
            shown = "".join(prose.output_text(output) for output in check.cell.outputs)
            if not shown.startswith(beginning):
                problems.append(
                    f"{check.place}: {check.exercise!r} shows {shown[:60]!r}, not {beginning!r}. Mend the cell."
                )
    for check in checks(chapter):
        if not _has_ellipsis(check.attempt):
            problems.append(f"{check.place}: {check.exercise!r} has no `...` to fill in. Start from one.")
    return problems
