"""Judge a value: read its numbers, compare them, and say more about each new wrong one."""

from numbers import Number
from typing import Any

import numpy as np

from minisoftmax.exercises import _messages as say
from minisoftmax.exercises._advice import repair
from minisoftmax.exercises._compare import Numbers, agree, close
from minisoftmax.exercises._exercise import Exercise
from minisoftmax.exercises._numbers import show
from minisoftmax.exercises._verdict import Verdict

__all__ = ["judge_value"]


def judge_value(exercise: Exercise, attempt: Any, wrong: list[Numbers], reveal: bool) -> Verdict:
    """Judge a value, or several; a new wrong one is added to `wrong`."""
    numbers, problem = _read(exercise, attempt)
    hint = None
    if not problem:
        if agree(exercise, numbers, np.asarray(exercise.solution)):
            return Verdict(exercise.name, True, exercise.why, got=attempt, expected=exercise.solution)
        if not any(agree(exercise, numbers, earlier) for earlier in wrong):
            wrong.append(numbers)
        slip = _slip(exercise, numbers)
        problem = "" if slip else _direction(exercise, numbers)
        hint = " ".join(filter(None, [slip, exercise.hint if len(wrong) >= 2 else None])) or None
        reveal = reveal or len(wrong) >= 3
    answer = exercise.solution if reveal else None
    facts = [(say.text(say.YOURS), show(attempt))]
    if answer is not None:
        facts.append((say.text(say.EXPECTED), show(answer)))
    return Verdict(exercise.name, False, problem, hint, got=attempt, expected=answer, _facts=facts)


_NO_NUMBERS = {"U": say.VALUE_IS_TEXT, "S": say.VALUE_IS_TEXT, "b": say.VALUE_IS_TRUTH, "c": say.VALUE_IS_COMPLEX}


def _read(exercise: Exercise, attempt: Any) -> tuple[Numbers, str]:
    """Give the numbers of an attempt, and what keeps it from being an answer, if anything does."""
    numbers = np.zeros(0)
    if callable(attempt):
        return numbers, say.text(say.VALUE_IS_FUNCTION)
    odd = attempt
    try:
        found = np.array(attempt)
        if found.dtype.kind not in "iufO" or np.ma.is_masked(attempt):
            message = _NO_NUMBERS.get(found.dtype.kind, say.VALUE_IS_OTHER)
            return numbers, say.text(message, type=type(attempt).__name__)
        odd = next((part for part in found.flat if not isinstance(part, Number)), attempt)
        if odd is None:
            return numbers, say.text(say.VALUE_IS_NONE)
        numbers = found.astype(float)
    except OverflowError:
        return numbers, say.text(say.VALUE_IS_INFINITE)
    except Exception:
        return numbers, say.text(say.VALUE_IS_OTHER, type=type(odd).__name__)
    if numbers.shape != np.shape(exercise.solution):
        return numbers, _shape_problem(exercise, attempt, numbers)
    if np.isnan(numbers).any():
        return numbers, say.text(say.VALUE_IS_NAN)
    if np.isinf(numbers).any():
        return numbers, say.text(say.VALUE_IS_INFINITE)
    if exercise.options and not np.isin(numbers, exercise.options).all():
        return numbers, say.text(say.NONE_OF_THE_OPTIONS, options=", ".join(map(str, exercise.options)))
    return numbers, ""


def _shape_problem(exercise: Exercise, attempt: Any, numbers: Numbers) -> str:
    wanted = np.size(exercise.solution)
    if np.ndim(exercise.solution) == 0:
        is_comma = isinstance(attempt, tuple) and len(attempt) == 2 and all(isinstance(part, int) for part in attempt)
        if is_comma:
            return say.text(say.DECIMAL_COMMA, value=f"{attempt[0]}.{attempt[1]}")
        return say.text(say.ONE_VALUE, type=type(attempt).__name__)
    if numbers.ndim > 1:
        return say.text(say.FLAT_VALUES, expected=wanted, shape=numbers.shape)
    message = say.MANY_NAMED_VALUES if len(exercise.parts) > 1 else say.MANY_VALUES
    return say.text(message, expected=wanted, names=", ".join(exercise.parts), count=numbers.size)


def _direction(exercise: Exercise, numbers: Numbers) -> str:
    """Say of each value whether it is right, or too small or too large."""
    right = np.asarray(exercise.solution, dtype=float)
    if exercise.agree_up_to is not None:
        value, goal = (float(exercise.agree_up_to(x)) for x in (numbers, right))
        message = say.COMPARED_TOO_SMALL if value < goal else say.COMPARED_TOO_LARGE
        return say.text(message, compared=exercise.compared, value=show(value))
    if not right.ndim:
        if exercise.options:
            return say.text(say.CHOICE_WRONG)
        return say.text(say.TOO_SMALL if numbers < right else say.TOO_LARGE)
    said = []
    for part, number, goal in zip(exercise.parts, numbers, right, strict=True):
        message = say.PART_TOO_SMALL if number < goal else say.PART_TOO_LARGE
        if close(exercise, number, goal):
            message = say.PART_RIGHT
        elif exercise.options:
            message = say.PART_WRONG
        said.append(say.text(message, part=part))
    return "; ".join(said) + "."


def _slip(exercise: Exercise, numbers: Numbers) -> str | None:
    """Recognize a listed mistake, or a slip that can happen with any value."""
    for mistake in exercise.mistakes:
        if any(close(exercise, numbers, answer).all() for answer in mistake.answers):
            return mistake.hint
    right = np.asarray(exercise.solution, dtype=float)
    if exercise.agree_up_to is not None or exercise.options:
        return None
    if right.ndim and close(exercise, np.sort(numbers), np.sort(right)).all():
        return say.text(say.ORDER, names=", ".join(exercise.parts))
    return repair(exercise, [(numbers, right)])
