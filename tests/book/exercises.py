"""Every exercise is put once in its chapter, in the words of the package, untried; and solved once in the solutions."""

import re
from collections.abc import Sequence

from minisoftmax.exercises import exercise, names
from tests.book import prose
from tools.exercises import checks
from tools.notebooks import Notebook

UNTRIED, SOLVED = "Not tried yet", "✓ "
WRITE = "Run `python -m tools.exercises`, or change minisoftmax/exercises."


def source_problems(chapter: Notebook) -> list[str]:
    """Find questions, starter cells and goals that are not those of the package."""
    goals = set(re.findall(r"^- (.*?)[;.]$", "\n".join(cell.source for _, cell in chapter.cells("markdown")), re.M))
    problems = []
    for check in checks(chapter):
        if check.exercise not in names():
            continue
        put = exercise(check.exercise)
        for kind, cell, wanted in (("question", check.question, put.statement), ("starter", check.cell, put.starter)):
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
