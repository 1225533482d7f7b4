"""Every exercise is put once in its chapter, in the words of the package, untried; and solved once in the solutions.

``python -m tests.book.exercises`` writes the questions and the starter cells of all exercises into the chapters.
"""

import ast
import copy
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nbformat import NotebookNode

from minisoftmax.exercises import Exercise, exercise, names
from tests.book import prose
from tools import notebooks
from tools.notebooks import Notebook

UNTRIED, SOLVED = "Not tried yet", "✓ "
LEVELS = {1: "●", 2: "●●", 3: "●●●"}
WRITE = "Run `python -m tests.book.exercises`, or change minisoftmax/exercises."


class Check(NamedTuple):
    """A cell that ends in a call of `check`, and the text before it, which should hold the question."""

    exercise: str
    place: str
    cell: NotebookNode
    question: NotebookNode


def checks(notebook: Notebook) -> list[Check]:
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


def source_problems(chapter: Notebook) -> list[str]:
    """Find questions, starter cells and goals that are not those of the package."""
    goals = set(re.findall(r"^- (.*?)[;.]$", "\n".join(cell.source for _, cell in chapter.cells("markdown")), re.M))
    problems = []
    for check in checks(chapter):
        if check.exercise not in names():
            continue
        put = exercise(check.exercise)
        for kind, cell, wanted in (("question", check.question, question(put)), ("starter", check.cell, put.starter)):
            if cell.source != wanted:
                problems.append(f"{check.place}: the {kind} of {put.name!r} is not {wanted[:60]!r}…. {WRITE}")
        if put.goal not in goals:
            problems.append(
                f"{check.place}: {put.name!r} serves {put.goal!r}, which is no goal of this chapter. {WRITE}"
            )
    return problems


def exercise_problems(chapter: Notebook, solutions: Notebook, known: Sequence[str]) -> list[str]:
    """Find exercises of a chapter, among these names, that are missing, repeated, unknown, solved or unsolved."""
    own = [name for name in known if name.partition(".")[0] == chapter.path.stem]
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
    return problems


def main() -> None:
    """Write the exercises into the chapters that put them."""
    for path in sorted(notebooks.BOOK.glob("*.ipynb")):
        chapter = notebooks.read(path)
        path.write_text(notebooks.text(notebooks.clean(written(chapter))), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
