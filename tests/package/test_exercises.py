"""The exercises: right answers are accepted, each mistake gets its own hint, and nothing an attempt does gets out."""

import contextlib
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minisoftmax import exercises, softmax
from minisoftmax.exercises import _judge, check

EXERCISES = [*exercises._EXERCISES.values()]
FUNCTION = "formula.softmax"
VALUE = "formula.ratio"


def said(capsys: pytest.CaptureFixture[str], name: str, attempt: object) -> str:
    """Give what `check` prints, after the laws that hold for whatever it prints."""
    check(name, attempt)
    output = capsys.readouterr()
    assert output.err == ""
    assert output.out.startswith(("✓ ", "✗ ", "Not tried yet"))
    assert name in output.out.partition("\n")[0]
    assert len(output.out) < 2000
    assert "Traceback" not in output.out
    return output.out


def hint(text: str) -> str:
    """Give the hint, which may run over several lines, before what was printed."""
    return " ".join(text.partition("hint:")[2].partition("\n  printed:")[0].split())


def case(text: str) -> dict[str, str]:
    lines = [line.strip().partition(":") for line in text.splitlines()[1:]]
    return {name: value.strip() for name, _, value in lines}


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_the_solution_is_accepted_and_told_why_it_matters(exercise: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        " ".join(said(capsys, exercise.name, exercise.solution).split()) == f"✓ {exercise.name}: right. {exercise.why}"
    )


@pytest.mark.parametrize(
    ("exercise", "mistake"),
    [
        pytest.param(exercise, mistake, id=f"{exercise.name}-{number}")
        for exercise in EXERCISES
        for number, mistake in enumerate(exercise.mistakes)
    ],
)
def test_each_mistake_gets_its_own_hint(exercise: Any, mistake: Any, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, exercise.name, mistake.answer)
    assert text.startswith("✗")
    assert hint(text) == mistake.hint
    assert {"yours", "expected", "hint"} <= set(case(text))
    assert ("input" in case(text)) == exercise.takes_function()


def test_names_are_those_of_the_exercises_in_order() -> None:
    assert exercises.names() == tuple(exercise.name for exercise in EXERCISES)
    assert exercises.names()[:2] == ("formula.ratio", "formula.predict")


def test_an_unknown_name_lists_the_names() -> None:
    with pytest.raises(
        ValueError, match=r"name must be one of .*got 'formula.sofmax' \(did you mean 'formula.softmax'\?\)"
    ) as error:
        check("formula.sofmax", 1)
    assert all(repr(name) in str(error.value) for name in exercises.names())
    with pytest.raises(ValueError, match=r"name must be one of .*got 3$"):
        check(3, 1)  # type: ignore[arg-type]


def divides_dots(z: Any) -> Any:
    dots: Any = ...
    return dots / 2


@pytest.mark.parametrize("attempt", [..., lambda z: ..., divides_dots])
def test_dots_are_not_an_attempt(attempt: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, FUNCTION, attempt).startswith("Not tried yet")


def test_a_tuple_with_dots_is_not_an_attempt(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "formula.predict", (5, ...)).startswith("Not tried yet")


def overflows(z: Any) -> Any:
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


def drops_the_axis(z: Any) -> Any:
    return np.exp(z) / np.exp(z).sum(axis=-1)


def changes_its_input(z: Any) -> Any:
    z -= z.max(axis=-1, keepdims=True)
    return softmax(z)


def raises(z: Any) -> Any:
    raise ZeroDivisionError("by hand")


def exits(z: Any) -> Any:
    sys.exit(3)


def recurses(z: Any) -> Any:
    return recurses(z)


class Evil:
    """An answer that fights back."""

    def __array__(self, *args: object, **kwargs: object) -> Any:
        raise RuntimeError("not to be read")

    def __repr__(self) -> str:
        raise RuntimeError("not to be shown")


@pytest.mark.parametrize(
    ("attempt", "yours", "words"),
    [
        (overflows, "[nan nan]", "subtract the largest one first"),
        (drops_the_axis, "", "keepdims=True"),
        (changes_its_input, "the input became [ 0. -5.]", "changed its input"),
        (lambda z: list(softmax(z)), "", "returned a list"),
        (lambda z: None, "None", "return at the end"),
        (lambda z: "text", "'text'", "of type str"),
        (lambda z: softmax(z)[:1], "", "Shape (2,) is expected, and yours is (1,)"),
        (lambda z: np.zeros(10**7), "", "Shape (2,) is expected, and yours is (10000000,)"),
        (lambda z: 1 - softmax(z), "", "The exponential of each logit"),
        (lambda z: Evil(), "RuntimeError: not to be read", "could not be looked at"),
        (lambda: None, "TypeError", "called as my_softmax(z)"),
        (lambda z: nowhere, "NameError", "A name is not known"),  # type: ignore[name-defined]  # noqa: F821
        (raises, "ZeroDivisionError: by hand (in line", "raised an error"),
        (exits, "SystemExit: 3", "raised an error"),
        (recurses, "RecursionError", "raised an error"),
        (softmax([1, 2]), "[0.268941 0.731059]", "Pass the function itself"),
    ],
)
def test_other_mistakes_are_told_apart(
    attempt: object, yours: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(capsys, FUNCTION, attempt)
    assert text.startswith("✗")
    assert yours in case(text)["yours"]
    assert words in hint(text)
    assert case(text)["input"].startswith("z = [")


def test_a_raised_error_names_the_line_of_the_attempt(capsys: pytest.CaptureFixture[str]) -> None:
    line = raises.__code__.co_firstlineno + 1
    assert f'(in line {line}: raise ZeroDivisionError("by hand"))' in said(capsys, FUNCTION, raises)


@pytest.mark.parametrize(("attempt", "words"), [(np.exp, "A value is asked for"), (None, "None came back")])
def test_a_value_exercise_wants_a_value(attempt: object, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert words in hint(said(capsys, VALUE, attempt))


@pytest.mark.parametrize("value", [20, 20.1, np.float32(20.0855), np.array(20.0855)])
def test_a_rounded_value_is_right(value: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, VALUE, value).startswith("✓")


def loops(z: Any) -> Any:
    while True:
        pass


def floods(z: Any) -> Any:
    while True:
        print("x" * 1000)


def cannot_be_stopped(z: Any) -> Any:
    while not over:
        with contextlib.suppress(BaseException):
            print("still here")


def sleeps(z: Any) -> Any:
    time.sleep(1)


over = False


@pytest.mark.parametrize("attempt", [loops, floods, sleeps, cannot_be_stopped])
def test_an_attempt_without_end_is_stopped(
    attempt: Callable[[Any], Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    global over
    over = False
    monkeypatch.setattr(_judge, "SECONDS", 0.3)
    streams = sys.stdout, sys.stderr
    start = time.monotonic()
    try:
        text = said(capsys, FUNCTION, attempt)
        assert time.monotonic() - start < 4
        assert "It did not end" in text
        time.sleep(0.1)
        assert capsys.readouterr() == ("", "")  # what it goes on to print stays away too
    finally:
        over = True
        sys.stdout, sys.stderr = streams


def test_what_an_attempt_prints_is_cut_and_shown_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def attempt(z: Any) -> Any:
        for _ in range(10_000):
            print("looking at", z.shape)
        return softmax(z)

    text = said(capsys, FUNCTION, attempt)
    assert text.startswith("✓")
    assert len(text.splitlines()) <= 3
    assert "printed:  looking at (2,) ⏎ looking at (2,)" in text
    assert "characters more" in text


def test_streams_are_given_back_and_warnings_stay_away(capsys: pytest.CaptureFixture[str]) -> None:
    streams = sys.stdout, sys.stderr
    said(capsys, FUNCTION, overflows)
    assert (sys.stdout, sys.stderr) == streams


def test_no_attempt_can_change_the_exercise(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, FUNCTION, changes_its_input) == said(capsys, FUNCTION, changes_its_input)
    assert said(capsys, FUNCTION, softmax).startswith("✓")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.binary() | st.complex_numbers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=5,
)


@given(ANYTHING, st.sampled_from([exercise.name for exercise in EXERCISES]))
def test_whatever_comes_back_gets_an_answer(answer: Any, name: str) -> None:
    exercise = next(exercise for exercise in EXERCISES if exercise.name == name)
    attempt = (lambda *args: answer) if exercise.takes_function() else answer
    assert _judge.verdict(exercise, attempt).startswith(("✓ ", "✗ ", "Not tried yet"))
