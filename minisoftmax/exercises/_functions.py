"""Judge a function: call it on every case, compare, and show the first case that it failed."""

import copy
import inspect
from collections.abc import Callable
from numbers import Number
from typing import Any

import numpy as np

from minisoftmax.exercises import _messages as say
from minisoftmax.exercises._advice import advice
from minisoftmax.exercises._compare import close, compared
from minisoftmax.exercises._exercise import Exercise
from minisoftmax.exercises._numbers import beside, show
from minisoftmax.exercises._outcome import Outcome, UnreadableError, describe, is_mutated, is_same, outcome_of
from minisoftmax.exercises._verdict import Verdict

__all__ = ["judge_function"]


def judge_function(exercise: Exercise, attempt: Any) -> Verdict | None:
    """Judge a function; None if it is not written yet."""
    if not callable(attempt):
        return Verdict(
            exercise.name,
            False,
            say.text(say.FUNCTION_IS_VALUE, answer=exercise.answer),
            got=attempt,
            _facts=[(say.text(say.YOURS), show(attempt))],
        )
    if not _takes(attempt, exercise.cases[0]):
        message = say.text(say.ARGUMENTS, answer=exercise.answer)
        return Verdict(exercise.name, False, message, got=attempt, _facts=[(say.text(say.YOURS), _signature(attempt))])
    outcomes = []
    for case in exercise.cases:
        outcome = outcome_of(attempt, case)
        if outcome.answer is ... or "ellipsis" in str(outcome.error):
            return None
        outcomes.append(outcome)
        if isinstance(outcome.error, KeyboardInterrupt):
            return _wrong(exercise, outcome, say.text(say.STOPPED, answer=exercise.answer), None)
    right = [outcome_of(exercise.solution, case) for case in exercise.cases]
    problems = [_problem(exercise, ours, theirs) for ours, theirs in zip(outcomes, right, strict=True)]
    failing = [i for i, problem in enumerate(problems) if problem is not None]
    if not failing:
        return Verdict(exercise.name, True, say.text(exercise.why))
    first = failing[0]
    message = problems[first] or ""
    if not message and len(failing) < len(outcomes):
        message = say.text(say.RIGHT_ON_SOME, right=len(outcomes) - len(failing), all=len(outcomes))
    hint = advice(exercise, outcomes, right, failing) or _other_hint(exercise, attempt, outcomes[first], right[first])
    if not hint and first == 0 and not problems[first]:
        hint = say.text(exercise.hint)
    return _wrong(exercise, outcomes[first], message, hint, right[first])


_ERRORS: tuple[tuple[type[Exception], str, str], ...] = (
    (NameError, "", say.NAME_ERROR),
    (OverflowError, "", say.OVERFLOW_ERROR),
    (np.exceptions.AxisError, "", say.AXIS_ERROR),
    (ValueError, "math domain", say.LOG_ERROR),
    (ValueError, "positive input", say.LOG_ERROR),  # the same, as later Pythons say it
    (ValueError, "truth value", say.TRUTH_ERROR),
)
"""Kinds of errors, words in what they say, and what to look at."""


def _other_hint(exercise: Exercise, attempt: Any, ours: Outcome, right: Outcome) -> str | None:
    """Recognize what does not show in the numbers: the order of the arguments, a missing name, a changed input."""
    if _takes_another_order(exercise, attempt):
        return say.text(say.ANOTHER_ORDER, answer=exercise.answer)
    for kind, words, hint in _ERRORS:
        if isinstance(ours.error, kind) and words in str(ours.error):
            return say.text(hint)
    return say.text(say.MUTATED_HINT) if is_mutated(ours) and ours.same(right, exercise) else None


def _takes(function: Callable[..., Any], case: tuple[Any, ...]) -> bool:
    """Say whether a function can be called with that many arguments, as far as Python knows."""
    try:
        inspect.signature(function).bind(*case)
    except TypeError:
        return False
    except ValueError:
        return True
    return True


def _takes_another_order(exercise: Exercise, function: Callable[..., Any]) -> bool:
    """Say whether a function names its arguments as the exercise does, but in another order."""
    try:
        names = tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return False
    return names != exercise.parts and sorted(names) == sorted(exercise.parts)


def _signature(function: Callable[..., Any]) -> str:
    return f"{getattr(function, '__name__', type(function).__name__)}{inspect.signature(function)}"


def _wrong(exercise: Exercise, ours: Outcome, message: str, hint: str | None, right: Outcome | None = None) -> Verdict:
    """Make the verdict on a function from the first case that it failed."""
    facts = [(name, show(value)) for name, value in zip(exercise.parts, ours.case, strict=True)]
    error = None if isinstance(ours.error, UnreadableError) else ours.error
    yours = describe(error) if error else show(ours.answer, zero=exercise.absolute)
    got = ours.answer if ours.error is None else ours.error.with_traceback(None)
    expected = None
    facts.append((say.text(say.YOURS), yours))
    if right is not None and right.numbers is not None:
        expected = right.answer
        wanted = show(right.answer, zero=exercise.absolute)
        if ours.numbers is not None and ours.numbers.shape == right.numbers.shape:
            seen, goal = compared(exercise, ours.numbers), compared(exercise, right.numbers)
            differ = ~close(exercise, seen, goal)
            if differ.any():
                marked, wanted = beside(seen, goal, differ, exercise.absolute)
                if exercise.agree_up_to is None:
                    facts.pop()
                facts.append((say.text(exercise.compared or say.YOURS), marked))
        facts.append((say.text(say.EXPECTED), wanted))
    given = dict(zip(exercise.parts, copy.deepcopy(ours.case), strict=True))
    return Verdict(exercise.name, False, message, hint, given, got, expected, facts)


def _problem(exercise: Exercise, ours: Outcome, right: Outcome) -> str | None:
    """Say what is wrong with one outcome: None if nothing is, an empty text if only the numbers differ."""
    assert right.numbers is not None
    wanted = right.numbers
    if isinstance(ours.error, UnreadableError):
        return str(ours.error)
    if ours.error is not None:
        return say.text(say.RAISED)
    kind = type(ours.answer).__name__
    if ours.answer is None:
        return say.text(say.RETURNED_NONE)
    if isinstance(right.answer, np.ndarray) and isinstance(ours.answer, list | tuple):
        return say.text(say.RETURNED_LIST, type=kind)
    if ours.numbers is None:
        if isinstance(ours.answer, np.ndarray):
            return say.text(say.RETURNED_ARRAY_OF, type=ours.answer.dtype)
        parts = ours.answer if isinstance(ours.answer, tuple) else ()
        kind = next((type(part).__name__ for part in parts if not isinstance(part, Number)), kind)
        return say.text(say.RETURNED_TYPE, type=kind)
    is_array = isinstance(ours.answer, np.ndarray) or not isinstance(right.answer, np.ndarray)
    if not is_array and ours.numbers.shape == wanted.shape:
        return say.text(say.RETURNED_LIST, type=kind)
    if isinstance(right.answer, tuple) and ours.numbers.ndim == 0:
        return say.text(say.RETURNED_PARTS, expected=len(right.answer), type=kind)
    if not wanted.ndim and isinstance(ours.answer, list | tuple):
        return say.text(say.RETURNED_ONE, type=kind)
    if ours.numbers.shape != wanted.shape:
        return say.text(say.SHAPES, expected=wanted.shape, shape=ours.numbers.shape)
    if not ours.same(right, exercise):
        finite = np.isfinite(wanted)
        if np.isnan(ours.numbers).any():
            return say.text(say.HAS_NAN)
        return say.text(say.HAS_INF) if np.isinf(ours.numbers[finite]).any() else ""
    if wanted.dtype.kind == "b" and ours.numbers.dtype.kind != "b":
        return say.text(say.WANTS_BOOLEANS, type=ours.numbers.dtype)
    if wanted.dtype.kind in "iu" and ours.numbers.dtype.kind not in "iu":
        return say.text(say.WANTS_INDICES, type=ours.numbers.dtype)
    if wanted.dtype.kind == "f" and ours.numbers.dtype.kind == "b":
        return say.text(say.WANTS_NUMBERS)
    if is_mutated(ours):
        name, value = next(
            (name, after)
            for name, before, after in zip(exercise.parts, ours.case, ours.given, strict=True)
            if not is_same(before, after)
        )
        return say.text(say.MUTATED) + say.text(say.BECAME, name=name, value=show(value).replace("\n", " ")) + "."
    return None
