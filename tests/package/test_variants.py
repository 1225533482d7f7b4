"""Variants of the exercises, and exams of them: what differs from the book, what does not, and what bad input gives."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minisoftmax.exercises import Exercise, exercise, grade, names, variant
from minisoftmax.exercises.__main__ import main

VALUES = [name for name in names() if exercise(name).kind != "function"]
FUNCTIONS = [name for name in names() if exercise(name).kind == "function"]
SEED = 7


def told(put: Exercise) -> list[tuple[Any, str]]:
    return [(answer, mistake.hint) for mistake in put.mistakes for answer in mistake.answers]


@pytest.mark.parametrize("name", names())
def test_a_variant_is_solved_by_its_solution_and_knows_the_mistakes(name: str) -> None:
    for seed in range(SEED, SEED + (1 if name in FUNCTIONS else 12)):
        other = variant(name, seed)
        assert other.grade(other.solution), str(other.grade(other.solution))
        for answer, hint in told(other.exercise):
            verdict = other.grade(answer)
            assert verdict.passed is False
            assert verdict.hint == hint
        written: dict[str, Any] = {"np": np}
        exec(other.solution_code, written)
        assert other.grade(eval(other.exercise.answered, written))


@pytest.mark.parametrize("name", VALUES)
def test_values_of_the_book_do_not_pass(name: str) -> None:
    book, others = exercise(name), [variant(name, seed) for seed in range(20)]
    assert all(other.question != book.question for other in others)
    assert len({other.question for other in others}) >= 3
    passing = [other for other in others if other.grade(book.solution)]
    assert len(passing) <= 5 or book.agree_up_to, [other.question for other in passing]  # a choice may agree
    assert all(other.exercise.goal == book.goal and other.exercise.level == book.level for other in others)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_have_other_names_and_cases(name: str) -> None:
    book, other = exercise(name), variant(name, SEED).exercise
    assert other.answer != book.answer
    assert len(set(other.parts)) == len(book.parts)
    assert other.answer.partition("(")[0] not in other.parts
    ast.parse(other.blank)
    shown = [part for part in book.parts if f"`{part}`" in book.question]
    for before, after in zip(book.parts, other.parts, strict=True):
        assert (f"`{after}`" in other.question) == (before in shown), "the question speaks of the arguments by name"
    with np.errstate(all="ignore"):
        answers = iter([book.solution(*case) for case in book.cases])
    assert not variant(name, SEED).grade(lambda *case: next(answers)), "the cases are the same"


def test_the_same_seed_gives_the_same_exercise() -> None:
    code = f"from minisoftmax.exercises import variant; print(variant('formula.predict', {SEED}).question)"
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert again.strip() == variant("formula.predict", SEED).question


def test_a_wrong_value_is_answered_in_three_steps(capsys: pytest.CaptureFixture[str]) -> None:
    seen = [variant("formula.ratio", 31).check(value) for value in (1.25, 1.375, 1.625)]
    assert [verdict.expected is None for verdict in seen] == [True, True, False]
    assert capsys.readouterr().out.count("✗ formula.ratio") == 3
    assert grade("formula.ratio", exercise("formula.ratio").solution), "the book's own exercise is not touched"


@pytest.mark.parametrize(
    ("name", "seed", "error", "message"),
    [
        ("formula.ratio", 1.5, TypeError, r"seed must be an int >= 0, got 1.5 of type float"),
        ("formula.ratio", "7", TypeError, r"seed must be an int >= 0, got '7' of type str"),
        ("formula.ratio", True, TypeError, r"seed must be an int >= 0, got True of type bool"),
        ("formula.ratio", -1, ValueError, r"seed must be an int >= 0, got -1"),
        ("formula.in_your_own_words", 1, ValueError, r"name must be one of .*; open exercises, which a person judges"),
    ],
)
def test_bad_input_gets_a_clear_error(name: str, seed: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        variant(name, seed)


def exam(folder: Path, *more: str, seed: str = "7", chapters: str = "formula,stability") -> int:
    return main(["exam", "--seed", seed, "--chapters", chapters, "--output", str(folder), *more])


def run(path: Path) -> dict[int, Any]:
    """Run the code of a notebook, and give the verdicts that its cells end with."""
    names: dict[str, Any] = {}
    verdicts = {}
    for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
        if cell["cell_type"] == "code":
            *body, last = ast.parse(cell["source"]).body
            exec(compile(ast.Module([*body, last], []), "cell", "exec"), names)
            if isinstance(last, ast.Expr):
                verdicts[number] = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    return verdicts


def test_an_exam_is_two_notebooks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import nbformat

    assert exam(tmp_path) == 0
    sheet, solved = tmp_path / "exam-7.ipynb", tmp_path / "exam-7-solutions.ipynb"
    assert capsys.readouterr().out.split() == [str(sheet), str(solved)]
    assert sorted(tmp_path.iterdir()) == sorted([sheet, solved]), "nothing else is left"
    for path in (sheet, solved):
        nbformat.validate(nbformat.read(path, as_version=4))  # type: ignore[no-untyped-call]
    put = [name for name in names() if name.startswith(("formula.", "stability."))]
    verdicts = run(solved)
    assert len(verdicts) == len(put)
    assert all(verdicts.values())
    text = sheet.read_text(encoding="utf-8")
    assert all(variant(name, 7).exercise.title in text for name in put)
    assert "check(" not in text
    assert run(sheet) == {}
    assert exam(tmp_path / "new" / "folder", "--checks") == 0
    assert [verdict.passed for verdict in run(tmp_path / "new" / "folder" / "exam-7.ipynb").values()] == [None] * len(
        put
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"seed": "x"}, "argument --seed: invalid int value: 'x'"),
        ({"seed": "-3"}, "seed must be an int >= 0, got -3"),
        ({"chapters": "formula,nowhere"}, "chapters must be some of formula, temperature,"),
        ({"chapters": " , "}, "got none"),
    ],
)
def test_a_bad_exam_is_not_begun(
    given: dict[str, str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        exam(tmp_path / "new", **given)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_what_is_there_already_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file in the place of one of the two stops both, and an exam is never half-written."""
    (tmp_path / "exam-7-solutions.ipynb").write_text("a teacher's own", encoding="utf-8")
    with pytest.raises(SystemExit):
        exam(tmp_path)
    assert "exists already" in capsys.readouterr().err
    assert [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()] == ["a teacher's own"]
    with pytest.raises(SystemExit):
        exam(tmp_path / "exam-7-solutions.ipynb")


def test_an_exam_that_cannot_be_finished_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def full(self: Path, target: Path) -> Path:
        if "solutions" in target.name:
            raise OSError("the disk is full")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(SystemExit):
        exam(tmp_path)
    assert list(tmp_path.iterdir()) == []
