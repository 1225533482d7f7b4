"""Every exercise is in its chapter, untried, and in the solutions, solved."""

import pytest
from nbformat import NotebookNode

from minisoftmax.exercises import exercise, names
from tests.book import exercises, report
from tools import notebooks
from tools.exercises import SOLUTIONS, Check, checks, solutions, written
from tools.notebooks import Notebook

CHAPTERS = sorted({name.partition(".")[0] for name in names()})


def test_every_chapter_has_exercises_and_solutions() -> None:
    stems = {path.stem for path in notebooks.BOOK.glob("*.ipynb")}
    assert stems == set(CHAPTERS), "list each chapter's module of exercises in minisoftmax/exercises/__init__.py"
    solutions = {path.stem for path in (notebooks.BOOK / "solutions").glob("*.ipynb")}
    assert stems == solutions, "each chapter book/X.ipynb has its solutions in book/solutions/X.ipynb"


def test_every_notebook_is_in_the_table_of_contents() -> None:
    listed = (notebooks.BOOK.parent / "_toc.yml").read_text(encoding="utf-8")
    files = [path.relative_to(notebooks.BOOK).with_suffix("").as_posix() for path in notebooks.paths("en")]
    assert [file for file in files if f"file: {file}\n" not in listed] == [], "list these in _toc.yml"


@pytest.mark.parametrize("stem", CHAPTERS)
def test_every_exercise_is_put_and_solved(stem: str) -> None:
    chapter, solutions = (
        notebooks.read(folder / f"{stem}.ipynb") for folder in (notebooks.BOOK, notebooks.BOOK / "solutions")
    )
    report.none(exercises.exercise_problems(chapter, solutions, names()))
    report.none(exercises.source_problems(chapter))
    assert written(chapter) == chapter.node


def test_the_package_has_the_code_of_the_solutions() -> None:
    assert SOLUTIONS.read_text(encoding="utf-8") == solutions(), "run `python -m tools.exercises`"


def cell_of(notebook: Notebook, exercise: str) -> NotebookNode:
    return next(check.cell for check in checks(notebook) if check.exercise == exercise)


FIRST = names()[0]


def test_a_missing_exercise_is_seen(chapter: Notebook, solutions: Notebook) -> None:
    chapter.node.cells.remove(cell_of(chapter, FIRST))
    report.one(exercises.exercise_problems(chapter, solutions, names()), "book/formula.ipynb", FIRST, "0 times")


def test_a_missing_solution_is_seen(chapter: Notebook, solutions: Notebook) -> None:
    solutions.node.cells.remove(cell_of(solutions, FIRST))
    report.one(exercises.exercise_problems(chapter, solutions, names()), "book/solutions", FIRST, "0 times")


def test_a_repeated_exercise_is_seen(chapter: Notebook, solutions: Notebook) -> None:
    chapter.node.cells.append(cell_of(chapter, FIRST))
    problems = exercises.exercise_problems(chapter, solutions, names())
    assert any(f"check({FIRST!r}, …) is called 2 times" in problem for problem in problems)


def test_an_unknown_exercise_is_seen(chapter: Notebook, solutions: Notebook) -> None:
    chapter.node.cells.append(
        NotebookNode(  # type: ignore[no-untyped-call]
            cell_type="code", execution_count=99, source='check("formula.nothing", ...)', metadata={}, outputs=[]
        )
    )
    problems = exercises.exercise_problems(chapter, solutions, names())
    assert any("no exercise of this chapter is called 'formula.nothing'" in problem for problem in problems)


def test_a_wrong_solution_is_seen(chapter: Notebook, solutions: Notebook) -> None:
    cell_of(solutions, FIRST).outputs[0].data = {"text/plain": "✗ Not yet."}
    report.one(exercises.exercise_problems(chapter, solutions, names()), "book/solutions", FIRST, "✗", "Mend")


def first_check(chapter: Notebook) -> Check:
    return next(check for check in checks(chapter) if check.exercise == FIRST)


def test_an_answer_given_away_is_seen(chapter: Notebook) -> None:
    cell = first_check(chapter).cell
    cell.source = cell.source.replace("...", "20.1")
    report.one(exercises.source_problems(chapter), "book/formula.ipynb", "starter", FIRST)


@pytest.mark.parametrize(
    ("said", "instead"), [("differ by 3", "differ by 4"), ("Ratio", "Odds"), ("●,", "●●,"), ("2 minutes", "3 minutes")]
)
def test_a_changed_question_is_seen_and_written_back(chapter: Notebook, said: str, instead: str) -> None:
    check = first_check(chapter)
    assert said in check.question.source
    check.question.source = check.question.source.replace(said, instead)
    report.one(exercises.source_problems(chapter), "book/formula.ipynb", "question", FIRST)
    assert written(chapter) == notebooks.read(chapter.path).node


def test_a_question_that_is_missing_is_seen(chapter: Notebook) -> None:
    chapter.node.cells.remove(first_check(chapter).question)
    report.one(exercises.source_problems(chapter), "question", FIRST)


def test_a_goal_that_the_chapter_does_not_have_is_seen(chapter: Notebook) -> None:
    goal = exercise(FIRST).goal
    for _, cell in chapter.cells("markdown"):
        cell.source = cell.source.replace(goal, "read the ratio of two scores")
    assert all(goal in problem for problem in exercises.source_problems(chapter))
    assert exercises.source_problems(chapter)
