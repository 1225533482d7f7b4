"""The exercises: right answers pass, each mistake gets its own hint, and whatever else is tried gets a true answer."""

import copy
import doctest
import functools
import html.parser
import itertools
import math
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minisoftmax import log_softmax, naive_softmax, softmax
from minisoftmax.exercises import Verdict, check, exercise, grade, names
from tests.laws import law

FUNCTION, VALUE, VALUES = "formula.softmax", "formula.ratio", "formula.predict"
SOFTMAX_INPUTS = len(exercise(FUNCTION).cases)


# What an exercise is


@pytest.mark.parametrize("name", names())
def test_an_exercise_has_all_that_a_course_needs(name: str) -> None:
    found = exercise(name)
    assert found.name == name
    assert found.level in (1, 2, 3)
    assert 0 < found.minutes <= 60
    assert found.kind in ("value", "choice", "function")
    assert found.starter.endswith(")")
    assert "..." in found.starter
    assert len(found.mistakes) >= 3
    for sentence in (found.question, found.hint, found.why, *(mistake.hint for mistake in found.mistakes)):
        assert sentence.strip()[-1] in ".?)", sentence


@pytest.mark.parametrize("name", names())
def test_the_solution_passes_and_is_told_why_it_matters(name: str) -> None:
    verdict = grade(name, exercise(name).solution)
    assert verdict.passed is True
    assert verdict.message == exercise(name).why


@pytest.mark.parametrize("name", names())
def test_each_mistake_gets_its_own_hint(name: str) -> None:
    for mistake in exercise(name).mistakes:
        for answer in mistake.answers:
            verdict = grade(name, answer)
            assert verdict.passed is False
            assert verdict.hint == mistake.hint


FUNCTIONS = [name for name in names() if exercise(name).kind == "function"]
OF_FLOATS = [name for name in FUNCTIONS if np.asarray(exercise(name).solution(*exercise(name).cases[0])).dtype == float]
OF_ARRAYS = [name for name in FUNCTIONS if isinstance(exercise(name).solution(*exercise(name).cases[0]), np.ndarray)]


def runs(function: Callable[..., Any], case: tuple[Any, ...]) -> Any:
    """Call a function on a copy of a case; an error is what came out."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return function(*copy.deepcopy(case))
        except Exception as error:
            return error


def agrees(name: str, got: Any, expected: Any) -> bool:
    """Compare two answers as loosely as the exercise does, without its judge."""
    if isinstance(got, Exception) or isinstance(expected, Exception):
        return type(got) is type(expected)
    got, expected = np.asarray(got), np.asarray(expected)
    if got.shape != expected.shape:
        return False
    found = exercise(name)
    if found.agree_up_to is not None:
        got, expected = found.agree_up_to(got), found.agree_up_to(expected)
    return np.allclose(got, expected, found.tolerance, found.absolute, equal_nan=True)


def is_odd(argument: Any) -> bool:
    """Say whether an argument is empty, not finite, all alike or all false."""
    values = np.asarray(argument)
    if values.dtype == bool:
        return not values.any()
    return not (values.size and np.isfinite(values).all()) or (
        values.size > 1 and bool((values == values.flat[0]).all())
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_odd_inputs_are_shown_only_to_who_is_right_on_all_the_others(name: str) -> None:
    found = exercise(name)
    odd = [any(map(is_odd, case)) for case in found.cases]
    assert not odd[0]
    for mistake in found.mistakes:
        for answer in mistake.answers:
            failing = [not agrees(name, runs(answer, case), runs(found.solution, case)) for case in found.cases]
            shown = failing.index(True)
            assert not odd[shown] or all(odd[i] for i, fails in enumerate(failing) if fails), mistake.hint


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_hint_is_given_only_to_who_makes_that_mistake_wherever_it_fails(name: str) -> None:
    """Make one mistake on some inputs and the next one on the others, or only one on every second input."""
    found = exercise(name)
    right = [runs(found.solution, case) for case in found.cases]
    for first, second in itertools.pairwise([*found.mistakes, found.mistakes[0]]):
        for other in (second.answer, found.solution):
            turn = itertools.cycle(range(len(found.cases)))
            mixed = [(first.answer, other)[i % 2] for i in range(len(found.cases))]
            verdict = grade(name, lambda *case, mixed=mixed, turn=turn: mixed[next(turn)](*case))
            failing = [i for i, case in enumerate(found.cases) if not agrees(name, runs(mixed[i], case), right[i])]
            assert verdict.passed is not bool(failing), str(verdict)
            told = [answer for m in found.mistakes if m.hint == verdict.hint for answer in m.answers]
            assert not told or any(
                all(agrees(name, runs(mixed[i], found.cases[i]), runs(answer, found.cases[i])) for i in failing)
                for answer in told
            ), str(verdict)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_argument_and_each_input_counts(name: str) -> None:
    """What looks at all but one argument, or gives None on one input alone, is wrong."""
    found = exercise(name)
    for place in range(len(found.parts)):
        constant = found.cases[0][place]
        verdict = grade(name, lambda *case, i=place, x=constant: found.solution(*case[:i], x, *case[i + 1 :]))
        assert verdict.passed is False, f"{found.parts[place]} has no effect"
    for wrong in range(len(found.cases)):
        calls = itertools.count()
        verdict = grade(name, lambda *case, calls=calls, i=wrong: None if next(calls) == i else found.solution(*case))
        assert verdict.passed is False
        assert "None came back" in verdict.message
        assert verdict.failing_input is not None
        assert all(map(np.array_equal, verdict.failing_input.values(), found.cases[wrong]))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_right_functions_pass_in_any_form(name: str) -> None:
    def spread(*case: Any) -> Any:
        answer = exercise(name).solution(*case)
        return np.repeat(answer, 2, axis=-1)[..., ::2] if isinstance(answer, np.ndarray) else np.array(answer)

    def plain(*case: Any) -> Any:
        answer = exercise(name).solution(*case)
        return answer if isinstance(answer, np.ndarray) else np.array(answer).tolist()

    for attempt in (functools.partial(exercise(name).solution), spread, plain):
        assert grade(name, attempt), str(grade(name, attempt))


@pytest.mark.parametrize("name", OF_FLOATS)
def test_an_answer_in_float32_is_right(name: str) -> None:
    def single(*case: Any) -> Any:
        answer = exercise(name).solution(*case)
        return tuple(map(np.float32, answer)) if isinstance(answer, tuple) else np.asarray(answer).astype(np.float32)

    assert grade(name, single), str(grade(name, single))
    verdict = grade(name, lambda *case: np.multiply(single(*case), np.float32(1.001)))
    assert not verdict


@pytest.mark.parametrize("name", OF_ARRAYS)
def test_right_numbers_in_a_list_are_told_to_be_an_array(name: str) -> None:
    verdict = grade(name, lambda *case: exercise(name).solution(*case).tolist())
    assert "The numbers are right, and your function returned a list" in verdict.message
    wrong = exercise(name).mistakes[0]
    listed = grade(name, lambda *case: np.asarray(wrong.answer(*case)).tolist())
    assert listed.hint == wrong.hint
    assert "list" not in listed.message


STEPS = """
import numpy as np
for name in names():
    asked = exercise(name)
    if asked.kind == "function":
        continue
    one = np.ndim(asked.solution) == 0
    size, factors = np.size(asked.solution), (0.137, 0.291, 0.313)
    wrong = [np.resize(factor * np.arange(2, 5), size) for factor in factors]
    if asked.options:
        wrong = [np.resize(values, size) for values in ([1], [2], [3])]
    wrong = [float(value[0]) if one else tuple(value.tolist()) for value in wrong]
    seen = [check(name, value) for value in (wrong[0], wrong[0], wrong[1], wrong[0], wrong[2])]
    assert not any(seen), name
    assert [verdict.expected is None for verdict in seen] == [True, True, True, True, False], name
    assert [asked.hint in str(verdict.hint) for verdict in seen] == [False, False, True, True, True], name
    assert all(verdict.message or verdict.hint for verdict in seen), name
    assert check(name, asked.solution), name
"""


def test_every_value_is_told_in_three_steps() -> None:
    assert run(f"from minisoftmax.exercises import exercise, names\n{IMPORT}{STEPS}")


def test_names_are_in_the_order_of_the_book() -> None:
    chapters = list(dict.fromkeys(name.partition(".")[0] for name in names()))
    assert chapters[:3] == ["formula", "temperature", "stability"]
    assert names()[:2] == ("formula.ratio", "formula.predict")


@pytest.mark.parametrize("asks", [exercise, lambda name: check(name, 1), lambda name: grade(name, 1)])
def test_an_unknown_name_is_told_the_nearest(asks: Callable[[Any], Any]) -> None:
    with pytest.raises(ValueError, match=r"name must be one of .*did you mean 'formula.softmax'\?") as error:
        asks("formula.sofmax")
    assert all(repr(name) in str(error.value) for name in names())
    with pytest.raises(ValueError, match=r"name must be one of .*got 3$"):
        asks(3)


def test_a_former_name_stays_valid(capsys: pytest.CaptureFixture[str]) -> None:
    solution = exercise("contexts.merge").solution
    assert exercise("attention.merge").name == "contexts.merge"
    assert grade("attention.merge", solution)
    assert check("attention.merge", solution)
    assert capsys.readouterr().out.startswith("✓ contexts.merge")
    assert "attention.merge" not in names()


# Not tried yet


def divides_dots(z: Any) -> Any:
    dots: Any = ...
    return dots / 2


@pytest.mark.parametrize("attempt", [..., lambda z: ..., lambda z: np.exp(...), divides_dots])  # type: ignore[call-overload]
def test_dots_are_no_attempt(attempt: object) -> None:
    verdict = grade(FUNCTION, attempt)
    assert verdict.passed is None
    assert not verdict
    assert str(verdict).startswith("Not tried yet: formula.softmax.")


@pytest.mark.parametrize("attempt", [..., (5, ...), [..., ...]])
def test_dots_among_values_are_no_attempt(attempt: object) -> None:
    assert grade(VALUES, attempt).passed is None


# Values


def test_a_value_is_told_in_steps(capsys: pytest.CaptureFixture[str]) -> None:
    name = "classification.start"
    first = check(name, 9.0)
    assert (first.message, first.hint, first.expected) == ("Your value is too small.", None, None)
    again = check(name, 9.0)
    assert (again.hint, again.expected) == (None, None)
    second = check(name, 12.0)
    assert second.message == "Your value is too large."
    assert second.hint == exercise(name).hint
    assert second.expected is None
    for nothing in (np.nan, None, "10.82", (1, 2), ...):
        assert check(name, nothing).expected is None
    third = check(name, 13.0)
    assert third.expected == exercise(name).solution
    assert "10.82" in str(third)
    assert "10.82" not in str(second)
    assert grade(name, 14.0).expected is None
    assert check(name, 10.82)
    capsys.readouterr()


def test_a_known_slip_is_named_first(capsys: pytest.CaptureFixture[str]) -> None:
    name = "calibration.temperature"
    mistake = exercise(name).mistakes[0]
    assert check(name, mistake.answer).hint == mistake.hint
    assert check(name, 7).hint == exercise(name).hint
    assert mistake.hint in str(check(name, mistake.answer).hint)
    capsys.readouterr()


def test_the_answer_is_shown_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    name = "temperature.near_tie"
    assert "expected: (1.105, 2.718)" in str(check(name, (9, 9), reveal=True))
    assert check(name, ..., reveal=True).expected == exercise(name).solution
    assert check(name, (9, 9)).expected is None
    capsys.readouterr()


def test_grading_counts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    for value in (1, 2, 3, 4):
        verdict = grade("stability.window", value)
        assert verdict.expected is None
        assert exercise("stability.window").hint not in str(verdict)
    assert check("stability.window", 1).hint is None
    assert capsys.readouterr().out.count("stability.window") == 1


@pytest.mark.parametrize("value", [20, 20.1, np.float32(20.0855), np.array(20.0855)])
def test_a_rounded_value_is_right(value: object) -> None:
    assert grade(VALUE, value)


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        ("20.09", "text"),
        (np.str_("20.09"), "text"),
        (b"20.09", "text"),
        (None, "None"),
        (np.nan, "NaN"),
        (np.inf, "infinite"),
        (10**400, "infinite"),
        (True, "truth value"),
        (20 + 1j, "complex"),
        ([20.09], "of type list"),
        ((20.09, 1), "of type tuple"),
        (np.array([20.09]), "of type ndarray"),
        (np.array([[20.09]]), "ndarray"),
        ({20.09}, "set"),
        ({}, "dict"),
        (np.exp, "Call it"),
        (lambda: 20.09, "Call it"),
        ((x for x in [20.09]), "generator"),
        (slice(3), "slice"),
    ],
)
def test_what_is_no_number_is_told_so(attempt: object, words: str) -> None:
    verdict = grade(VALUE, attempt)
    assert verdict.passed is False
    assert words in verdict.message
    assert verdict.hint is None


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        ((5, 100), "plus_100 is right; times_3 is too small."),
        ((7, 125), "plus_100 is too large; times_3 is right."),
        ([4, 126], "plus_100 is too small; times_3 is too large."),
        (5, "2 numbers are asked for, in this order: plus_100, times_3. You gave 1."),
        ((5, 125, 1), "You gave 3."),
        (("5", 125), "text"),
        ((5, None), "None"),
    ],
)
def test_several_values_are_told_one_by_one(attempt: object, words: str) -> None:
    assert words in grade(VALUES, attempt).message


@pytest.mark.parametrize(
    ("name", "attempt", "words"),
    [
        (VALUE, -np.exp(3), "sign is turned"),
        ("calibration.constant", (50, 0), "as a percentage is"),
        ("temperature.near_tie", (np.e, np.exp(0.1)), "other order"),
        ("sampling.which", (1, 2, 5), "one of 1, 2, 3"),
        ("attention.thief", (1, 0.5), "weight of your key is 0.1667, which is too small"),
    ],
)
def test_slips_with_any_value_are_recognized(name: str, attempt: object, words: str) -> None:
    verdict = grade(name, attempt)
    assert not verdict
    assert words in f"{verdict.message} {verdict.hint}"


# Functions


def stable(z: Any) -> Any:
    exponentials = np.exp(z - z.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def by_rows(z: Any) -> Any:
    if z.ndim > 1:
        return np.array([by_rows(row) for row in z])
    exponentials = [np.exp(x - max(z)) for x in z]
    return np.array([x / sum(exponentials) for x in exponentials])


class Styles:
    def __call__(self, z: Any) -> Any:
        return stable(z)

    def method(self, z: Any) -> Any:
        return stable(z)


@pytest.mark.parametrize(
    "attempt",
    [
        softmax,
        stable,
        by_rows,
        Styles(),
        Styles().method,
        functools.partial(softmax, axis=-1),
        lambda z: np.exp(log_softmax(z)),
        lambda *arguments: stable(*arguments),
        lambda z, axis=-1: stable(z),
        lambda z: stable(z.astype(np.float32)),
        lambda z: np.apply_along_axis(stable, -1, z),
    ],
)
def test_right_functions_pass_in_any_style(attempt: object) -> None:
    verdict = grade(FUNCTION, attempt)
    assert verdict, str(verdict)


def changes_its_input(z: Any) -> Any:
    z -= z.max(axis=-1, keepdims=True)
    return softmax(z)


def raises(z: Any) -> Any:
    raise ZeroDivisionError("by hand")


def raises_for_rows(z: Any) -> Any:
    if z.ndim > 1:
        raise ValueError("rows")
    return stable(z)


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


async def later(z: Any) -> Any:
    return stable(z)


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (changes_its_input, "changed its input"),
        (lambda z: list(softmax(z)), "returned a list"),
        (lambda z: tuple(softmax(z)), "returned a tuple"),
        (lambda z: None, "return at the end"),
        (lambda z: "text", "the type str"),
        (lambda z: (x for x in z), "the type generator"),
        (lambda z: softmax(z).astype(str), "dtype <U"),
        (lambda z: softmax(z).astype(object), "dtype object"),
        (lambda z: softmax(z) + 0j, "dtype complex128"),
        (lambda z: softmax(z)[:1], "Shape (2,) is expected, and yours is (1,)."),
        (lambda z: 0.5, "Shape (2,) is expected, and yours is ()."),
        (lambda z: np.zeros(10**6), "yours is (1000000,)"),
        (lambda z: 1 - softmax(z), "One minus yours is right."),
        (lambda z: np.round(softmax(z), 4), "right to 4 decimals"),
        (lambda z: -softmax(z), "sign is turned"),
        (lambda z: 100 * softmax(z), "as a percentage is"),
        (lambda z: z.argmax(axis=-1) * 0.1, "Shape"),
        (lambda z: Evil(), "the type Evil"),
        (lambda: None, "called as my_softmax(z)"),
        (lambda z, axis: softmax(z, axis), "called as my_softmax(z)"),
        (lambda z: softmax(z) * 1.001, "off by less than 1 %"),
        (lambda z: nowhere, "A name is not known"),  # type: ignore[name-defined]  # noqa: F821
        (raises, "ZeroDivisionError: by hand (in line"),
        (raises_for_rows, "right for a single row"),
        (exits, "SystemExit: 3"),
        (recurses, "RecursionError"),
        (softmax([1, 2]), "Pass the function itself"),
        ("my_softmax", "Pass the function itself"),
        (None, "Pass the function itself"),
        (len, "Shape (2,) is expected, and yours is ()."),
        (np.exp, "These are the exponentials."),
        (dict, "raised"),
        (lambda z: np.ones_like(z) / z.shape[-1], exercise(FUNCTION).hint),
    ],
)
def test_wrong_functions_are_told_what_is_true_of_them(attempt: object, words: str) -> None:
    verdict = grade(FUNCTION, attempt)
    assert verdict.passed is False
    assert words in " ".join(str(verdict).split())
    assert len(str(verdict)) < 2000


@pytest.mark.parametrize(
    ("name", "attempt", "words"),
    [
        ("attention.causal", lambda n: np.tril(np.ones((n, n))), "booleans are asked for, and yours are float64"),
        ("sampling.noise", lambda z, heat, noise: (z / heat + noise).argmax(-1).astype(float), "integers"),
        (
            "stability.merge",
            lambda m_1, s_1, m_2, s_2: exercise("stability.merge").solution(m_1, s_1, m_2, s_2)[::-1],
            "the reverse order",
        ),
        ("formula.gradient", lambda p, g: g * (p - (p * g).sum(axis=-1, keepdims=True)), "g and p in each other"),
        ("formula.gradient", lambda p, g: (np.diag(p) - np.outer(p, p)) @ g, "right for a single row"),
        ("sampling.band", lambda min_p, heat: -heat * np.log2(min_p), "base 2"),
        ("attention.scale", lambda target, scores: 1 / scores, "another order"),
        (
            "stability.logsumexp",
            lambda z: np.nan_to_num(z.max() + np.log(np.exp(z - z.max()).sum())),
            "right on 7 of 8",
        ),
        ("stability.log_softmax", lambda z: z - (z.max() + np.log(np.exp(z - z.max()).sum())), "digits are lost"),
        (
            "formula.softmax",
            lambda z: z.__isub__(z.max(axis=-1, keepdims=True)) * 0 + softmax(z),
            "Work on a new array",
        ),
        ("formula.logits", lambda p: np.log10(p), "base 10"),
        ("attention.causal", lambda n: ~np.tril(np.ones((n, n), bool)), "must not be seen"),
        ("sampling.perplexity", lambda log_p: 1 / np.exp(-np.mean(log_p)), "Turn it over"),
        (
            "formula.lead",
            lambda k, share: np.float64(exercise("formula.lead").solution(k, share)) - 1e-3,
            "off by less than 1 %",
        ),
    ],
)
def test_slips_with_any_function_are_recognized(name: str, attempt: object, words: str) -> None:
    verdict = grade(name, attempt)
    assert not verdict
    assert words in f"{verdict.message} {verdict.hint}"


def test_advice_is_given_only_if_it_fits_every_input_that_failed() -> None:
    """One mistake on one input and another one on the next: neither hint would be true."""
    calls = iter(range(10**6))
    verdict = grade(FUNCTION, lambda z: np.exp(z) if next(calls) % 2 else z / z.sum(axis=-1, keepdims=True))
    hints = {mistake.hint for mistake in exercise(FUNCTION).mistakes}
    assert verdict.hint not in hints


def test_an_odd_input_alone_is_no_evidence_of_a_mistake() -> None:
    """On nothing but −∞ this gives 0, as the sum without its logarithm does; elsewhere it is right."""
    verdict = grade("stability.logsumexp", lambda z: np.nan_to_num(z.max() + np.log(np.exp(z - z.max()).sum())))
    assert "right on 7 of 8 inputs" in verdict.message
    assert verdict.hint is None


def test_a_function_is_told_how_far_it_got() -> None:
    verdict = grade(FUNCTION, lambda z: softmax(z) if abs(z).max() < 2000 else 0 * z)
    assert f"right on {SOFTMAX_INPUTS - 2} of {SOFTMAX_INPUTS} inputs" in verdict.message
    assert verdict.hint is None


def test_a_wrong_function_is_shown_with_its_input() -> None:
    verdict = grade(FUNCTION, np.exp)
    assert verdict.failing_input is not None
    np.testing.assert_array_equal(verdict.failing_input["z"], [10, 5])
    np.testing.assert_allclose(verdict.got, np.exp([10, 5]))
    np.testing.assert_allclose(verdict.expected, softmax([10, 5]))


def test_an_attempt_cannot_spoil_the_exercise() -> None:
    def spoils(z: Any) -> Any:
        z[...] = 7
        return z

    before = str(grade(FUNCTION, changes_its_input))
    grade(FUNCTION, spoils)
    verdict = grade(FUNCTION, spoils)
    assert verdict.failing_input is not None
    verdict.failing_input["z"][...] = 9
    assert str(grade(FUNCTION, changes_its_input)) == before
    assert grade(FUNCTION, softmax)


def test_an_interrupt_is_answered() -> None:
    def waits(z: Any) -> Any:
        raise KeyboardInterrupt

    verdict = grade(FUNCTION, waits)
    assert verdict.passed is False
    assert "stopped before it ended" in verdict.message
    assert verdict.failing_input is not None


def test_what_an_attempt_prints_goes_where_it_belongs(capsys: pytest.CaptureFixture[str]) -> None:
    stream = sys.stdout

    def prints(z: Any) -> Any:
        assert sys.stdout is stream
        print("looking at", z.shape)
        print("and", file=sys.stderr)
        return softmax(z)

    assert grade(FUNCTION, prints)
    said = capsys.readouterr()
    assert said.out.count("looking at") == SOFTMAX_INPUTS
    assert said.err.count("and") == SOFTMAX_INPUTS


def test_numpy_does_not_warn_of_what_an_attempt_does() -> None:
    with np.errstate(all="raise"):
        assert not grade(FUNCTION, naive_softmax)
        assert grade(FUNCTION, stable)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.binary() | st.complex_numbers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=5,
)


@law
@given(ANYTHING, st.sampled_from(names()))
def test_whatever_is_given_gets_a_verdict(answer: Any, name: str) -> None:
    for attempt in (answer, lambda *arguments: answer):
        verdict = grade(name, attempt)
        assert str(verdict).startswith(("✓ ", "✗ ", "Not tried yet"))
        assert len(str(verdict)) < 3000
        assert bool(verdict) == (verdict.passed is True)


# How it looks


@pytest.mark.parametrize("attempt", [lambda p, g: np.zeros_like(p), lambda p, g: p * g, lambda p, g: p - g])
def test_no_noise_is_shown(attempt: object) -> None:
    text = str(grade("formula.gradient", attempt))
    assert "e-1" not in text
    assert "np." not in text
    assert text.count("›") == text.count("‹") == 1


def lines(verdict: Verdict) -> dict[str, str]:
    """Give the lines of a verdict by their names."""
    rows = [line.partition(":") for line in str(verdict).splitlines() if line.startswith("  ") and ":" in line]
    return {name.strip(): value for name, _, value in rows}


def test_columns_line_up_and_the_first_difference_is_marked() -> None:
    text = str(grade("formula.gradient", lambda p, g: p * g))
    yours, expected = (line for line in text.splitlines() if line.startswith(("  yours:", "  expected:")))
    assert lines(grade("formula.gradient", np.add))["p"].split() == ["[0.617", "0.238", "0.145]"]
    assert len(yours) == len(expected)
    assert [at for at, sign in enumerate(yours) if sign in "[]"] == [
        at for at, sign in enumerate(expected) if sign in "[]"
    ]
    assert yours.count("›1.314‹") == 1


def test_a_difference_in_the_last_digits_can_be_seen() -> None:
    shown = lines(grade("sampling.band", lambda min_p, heat: -heat * np.log(min_p) * (1 + 1e-5)))
    assert shown["yours"] != shown["expected"]


def test_of_a_large_array_the_place_of_the_difference_is_shown() -> None:
    def spoils_the_last(z: Any) -> Any:
        p = softmax(z)
        p[..., -1] *= 2
        return p

    text = str(grade("formula.softmax", lambda z: spoils_the_last(z) if z.ndim == 3 else softmax(z)))
    assert text.count("›") == 1
    assert len(text.splitlines()) < 30


class Reader(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.labels: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.labels += [value or "" for key, value in attrs if key == "aria-label"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    ("attempt", "label"),
    [(softmax, "right"), (np.exp, "not yet"), (..., "not tried yet"), (lambda z: "<script>", "not yet")],
)
def test_a_notebook_shows_the_same_words(attempt: object, label: str) -> None:
    verdict = grade(FUNCTION, attempt)
    reader = Reader()
    reader.feed(verdict._repr_html_())
    assert reader.open == []
    assert reader.labels == [label]
    assert verdict.message in reader.text
    assert (verdict.hint or "") in reader.text
    assert "<script" not in verdict._repr_html_()


# It is shown once, everywhere


FAILS = f'check("{VALUE}", 3)'
SAID = f"✗ {VALUE}: not yet."


def run(code: str, *options: str, stdin: str | None = None, encoding: str = "utf-8") -> str:
    command = [sys.executable, *options] + (["-c", code] if stdin is None else [])
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run(command, input=stdin, capture_output=True, check=True, encoding=encoding, env=environment)
    return done.stdout


IMPORT = "from minisoftmax.exercises import check, grade\n"


@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "cp932", "ascii"])
def test_it_is_printed_where_there_are_few_letters(encoding: str) -> None:
    code = 'for x in (1, 2.7, -3, float("inf")): check("formula.ratio", x)\ncheck("formula.ratio", 20.0855)'
    said = run(IMPORT + code, encoding=encoding)
    assert said.count("x formula.ratio") == 4
    assert said.count("+ formula.ratio") == 1
    assert "-3" in said


@pytest.mark.parametrize("code", [FAILS, f"v = {FAILS}", f"{FAILS}; 1", f"print(bool({FAILS}))", f"[{FAILS}]"])
def test_a_script_prints_it_once(code: str) -> None:
    assert run(IMPORT + code).count(SAID) == 1


@pytest.mark.parametrize(
    "code", [FAILS, f"v = {FAILS}", f"{FAILS}; 1", f"{FAILS}.passed", f"for _ in range(1): _ = {FAILS}\n"]
)
def test_the_prompt_prints_it_once(code: str) -> None:
    assert run("", "-i", "-q", stdin=f"{IMPORT}{code}\n").count(SAID) == 1


def test_a_doctest_sees_it_once() -> None:
    session = f">>> {FAILS} # doctest: +ELLIPSIS\n{SAID}\n...\n>>> v = {FAILS} # doctest: +ELLIPSIS\n{SAID}\n...\n"
    test = doctest.DocTestParser().get_doctest(session, {"check": check}, "a session", None, None)
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


CELLS = (
    FAILS,
    f"{FAILS};",
    f"{FAILS}\n1",
    f"v = {FAILS}",
    f"v = {FAILS}\nv",
    f"for _ in range(1):\n    {FAILS}",
    f"def f():\n    {FAILS}\nf()",
    f"%time {FAILS}",
)

SHELL = f"""
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance()
shell.run_cell({IMPORT!r}, store_history=True)
for cell in {[*CELLS, "v"]!r}:
    with capture_output() as out:
        shell.run_cell(cell, store_history=True)
    shown = [o.data["text/plain"] for o in out.outputs] + [out.stdout]
    print("".join(shown).count({SAID!r}), sum("text/html" in o.data for o in out.outputs))
"""


def test_a_notebook_shows_it_once_and_again_when_asked() -> None:
    pytest.importorskip("IPython")
    shown = run(SHELL).splitlines()
    assert shown == ["1 1"] * (len(CELLS) + 1)


def test_it_is_shown_once_where_ipython_is_at_hand_but_shows_nothing() -> None:
    pytest.importorskip("IPython")
    prompt = f"""
import code
from IPython.core.interactiveshell import InteractiveShell
InteractiveShell.instance()
console = code.InteractiveConsole()
for line in {[*IMPORT.splitlines(), FAILS]!r}:
    console.push(line)
"""
    assert run(prompt).count(SAID) == 1


def _divided_merge(m: float, s: float, n: float, t: float) -> tuple[float, float]:
    largest = max(m, n)
    return largest, s / math.exp(largest - m) + t / math.exp(largest - n)


def _choices_of_all(z: np.ndarray, t: float) -> float:
    return math.exp(-sum(p * math.log(p) for p in softmax(z, temperature=t)))


def test_a_part_that_is_missing_is_asked_for() -> None:
    assert "A part" in grade("formula.predict", (5, ...)).message
    assert "A part" not in grade("formula.predict", (..., ...)).message


@pytest.mark.parametrize(
    ("name", "attempt", "words"),
    [
        (
            "stability.merge",
            lambda m, s, n, t: (max(m, n), s / math.exp(max(m, n) - m) + t / math.exp(max(m, n) - n)),
            "no exponent is above 0",
        ),
        ("formula.softmax", lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True), "axis=-1"),
        (
            "temperature.choices",
            lambda z, t: math.exp(-sum(p * math.log(p) for p in softmax(z, temperature=t))),
            "0 · log 0 is no number",
        ),
        ("stability.logsumexp", lambda z: 0 if z == z.max() else 1, "neither true nor false"),
    ],
)
def test_errors_that_many_meet_are_explained(name: str, attempt: object, words: str) -> None:
    verdict = grade(name, attempt)
    assert not verdict
    assert words in f"{verdict.message} {verdict.hint}"


@pytest.mark.parametrize(
    "error", [ZeroDivisionError(), OverflowError(), ValueError("math domain error"), ValueError("a positive input")]
)
def test_an_error_of_arithmetic_is_the_mistake_that_gives_nan_in_numpy(error: Exception) -> None:
    found = exercise("temperature.choices")

    def plain(z: Any, heat: float) -> float:
        if not softmax(z, temperature=heat).all():
            raise error
        return float(found.solution(z, heat))

    assert "0 · log 0 is no number" in str(grade(found.name, plain).hint)
    error = TypeError()
    assert "0 · log 0 is no number" not in str(grade(found.name, plain).hint)


@pytest.mark.parametrize("value", ["3", "20.1", "..."])
def test_grading_is_silent(value: str) -> None:
    assert run(f"{IMPORT}v = grade({VALUE!r}, {value})\nassert isinstance(v.message, str)") == ""


def test_a_verdict_says_what_it_is_where_an_assertion_fails() -> None:
    verdict = grade(VALUE, 3)
    assert isinstance(verdict, Verdict)
    assert repr(verdict) == str(verdict)
