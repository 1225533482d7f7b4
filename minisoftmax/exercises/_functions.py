"""Judge a function: call it on every case, compare, and show the first case that it failed."""

import copy
import inspect
from numbers import Number
from types import CoroutineType, GeneratorType
from typing import Any

import numpy as np

from minisoftmax.exercises import _messages as say
from minisoftmax.exercises._advice import advice
from minisoftmax.exercises._compare import close, compared
from minisoftmax.exercises._exercise import Exercise
from minisoftmax.exercises._numbers import beside, show, telling
from minisoftmax.exercises._outcome import Outcome, describe, outcome_of
from minisoftmax.exercises._verdict import Verdict

__all__ = ["judge_function"]


def judge_function(exercise: Exercise, attempt: Any) -> Verdict | None:
    """Judge a function; None if it is not written yet."""
    problem, seen = _call_problem(exercise, attempt)
    if problem:
        facts = [(say.text(say.YOURS), seen)]
        return Verdict(exercise.name, False, problem, got=attempt, _facts=facts)
    pairs = []
    for case in exercise.cases:
        ours = outcome_of(attempt, case)
        parts = ours.answer if isinstance(ours.answer, tuple) else (ours.answer,)
        if any(part is ... for part in parts) or "ellipsis" in str(ours.error):
            return None
        if isinstance(ours.error, KeyboardInterrupt):
            return _wrong(exercise, ours, None, say.text(say.STOPPED, answer=exercise.answer))
        pairs.append((ours, outcome_of(exercise.solution, case)))
    for look in _difference, _form:
        problems = [look(exercise, ours, right) for ours, right in pairs]
        failing = [i for i, problem in enumerate(problems) if problem is not None]
        if failing:
            ours, right = pairs[failing[0]]
            message, hint = problems[failing[0]] or "", None
            if not message and len(failing) < len(pairs):
                message = say.text(say.RIGHT_ON_SOME, right=len(pairs) - len(failing), all=len(pairs))
            if look is _difference:
                hint = advice(exercise, attempt, pairs, failing) or _explanation(ours)
                if not hint and not problems[0] and failing[0] == 0:
                    hint = exercise.hint
            elif ours.mutated:
                hint = say.text(say.MUTATED_HINT)
            return _wrong(exercise, ours, right, message, hint)
    return Verdict(exercise.name, True, exercise.why)


def _call_problem(exercise: Exercise, attempt: Any) -> tuple[str, str]:
    """Say why an attempt cannot be called on a case, as far as Python knows, and how it looks."""
    if not callable(attempt):
        return say.text(say.FUNCTION_IS_VALUE, answer=exercise.answer), show(attempt)
    try:
        signature = inspect.signature(attempt)
    except (TypeError, ValueError):
        return "", ""
    try:
        signature.bind(*exercise.cases[0])
    except TypeError:
        seen = f"{getattr(attempt, '__name__', type(attempt).__name__)}{signature}"
        return say.text(say.ARGUMENTS, answer=exercise.answer), seen
    return "", ""


def _difference(exercise: Exercise, ours: Outcome, right: Outcome) -> str | None:
    """Say what is wrong with the numbers of an outcome: None if nothing is, an empty text if they only differ."""
    assert right.numbers is not None
    wanted = right.numbers
    if ours.error is not None:
        return say.text(say.RAISED)
    if ours.answer is None:
        return say.text(say.RETURNED_NONE)
    if ours.numbers is None:
        if type(ours.answer) is np.ndarray:
            return say.text(say.RETURNED_ARRAY_OF, type=ours.answer.dtype)
        parts = ours.answer if isinstance(ours.answer, tuple | list) else ()
        odd = next((part for part in parts if not isinstance(part, Number)), ours.answer)
        return say.text(say.UNREADABLE if odd is not ours.answer else say.RETURNED_TYPE, type=type(odd).__name__)
    if ours.numbers.shape != wanted.shape:
        if not wanted.ndim:
            return say.text(say.RETURNED_ONE, type=type(ours.answer).__name__, shape=ours.numbers.shape)
        if isinstance(right.answer, tuple) and ours.numbers.ndim < 2:
            return say.text(say.RETURNED_PARTS, expected=wanted.size, count=ours.numbers.size)
        return say.text(say.SHAPES, expected=wanted.shape, shape=ours.numbers.shape)
    if ours.same(right, exercise):
        return None
    if np.isnan(ours.numbers).any():
        return say.text(say.HAS_NAN)
    return say.text(say.HAS_INF) if np.isinf(ours.numbers[np.isfinite(wanted)]).any() else ""


def _form(exercise: Exercise, ours: Outcome, right: Outcome) -> str | None:
    """Say in what form right numbers come, if it is not the one that is asked for; and what the call has spoiled."""
    assert ours.numbers is not None
    assert right.numbers is not None
    wanted, came = right.numbers.dtype.kind, ours.numbers.dtype.kind
    if isinstance(right.answer, np.ndarray) and not isinstance(ours.answer, np.ndarray | np.generic):
        return say.text(say.RETURNED_LIST, type=type(ours.answer).__name__)
    if wanted == "b" != came:
        return say.text(say.WANTS_BOOLEANS, type=ours.numbers.dtype)
    if wanted in "iu" and came not in "iu":
        return say.text(say.WANTS_INDICES, type=ours.numbers.dtype)
    if wanted == "f" and came == "b":
        return say.text(say.WANTS_NUMBERS)
    return say.text(say.MUTATED, name=exercise.parts[ours.mutated[0]]) if ours.mutated else None


_EXPLANATIONS: tuple[tuple[type, str, str], ...] = (
    (NameError, "", say.NAME_ERROR),
    (OverflowError, "", say.OVERFLOW_ERROR),
    (np.exceptions.AxisError, "", say.AXIS_ERROR),
    (ValueError, "math domain", say.LOG_ERROR),
    (ValueError, "positive input", say.LOG_ERROR),  # the same, as later Pythons say it
    (ValueError, "truth value", say.TRUTH_ERROR),
    (TypeError, "bitwise", say.PARENTHESES),
    (GeneratorType, "", say.GENERATOR),
    (CoroutineType, "", say.COROUTINE),
    (np.ma.MaskedArray, "", say.MASKED),
)
"""Kinds of errors and answers, words in what they say, and what to look at."""


def _explanation(ours: Outcome) -> str | None:
    seen = ours.answer if ours.error is None else ours.error
    hints = (hint for kind, words, hint in _EXPLANATIONS if isinstance(seen, kind) and words in str(seen))
    return next(map(say.text, hints), None)


def _wrong(exercise: Exercise, ours: Outcome, right: Outcome | None, message: str, hint: str | None = None) -> Verdict:
    """Make the verdict on a function from the first case that it failed."""
    facts = [(name, show(value, telling(value))) for name, value in zip(exercise.parts, ours.case, strict=True)]
    yours = describe(ours.error) if ours.error else show(ours.answer, zero=exercise.absolute)
    facts.append((say.text(say.YOURS), yours))
    if right is not None and right.numbers is not None:
        wanted = show(right.answer, zero=exercise.absolute)
        if ours.numbers is not None and ours.numbers.shape == right.numbers.shape:
            seen, goal = compared(exercise, ours.numbers), compared(exercise, right.numbers)
            differ = ~close(exercise, seen, goal)
            if differ.any():
                marked, wanted = beside(seen, goal, differ, exercise.absolute)
                if exercise.agree_up_to is None:
                    facts.pop()
                facts.append((exercise.compared or say.text(say.YOURS), marked))
        facts.append((say.text(say.EXPECTED), wanted))
    given = dict(zip(exercise.parts, copy.deepcopy(ours.case), strict=True))
    got = ours.answer if ours.error is None else ours.error.with_traceback(None)
    return Verdict(exercise.name, False, message, hint, given, got, right.answer if right else None, facts)
