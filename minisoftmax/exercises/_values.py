"""Judge a value: read its numbers, compare them, and say more about each new wrong one."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from minisoftmax.exercises import _messages as say
from minisoftmax.exercises._compare import Numbers, agree, close
from minisoftmax.exercises._exercise import Exercise
from minisoftmax.exercises._numbers import show
from minisoftmax.exercises._verdict import Verdict

__all__ = ["judge_value"]


def judge_value(exercise: Exercise, attempt: Any, wrong: list[Numbers], reveal: bool) -> Verdict:
    """Judge a value, or several; a new wrong one is added to `wrong`."""
    numbers, problem = _read_value(exercise, attempt)
    facts = [(say.text(say.YOURS), show(attempt))]
    answer = exercise.solution if reveal else None
    hint = None
    if problem is None:
        if agree(exercise, numbers, np.asarray(exercise.solution)):
            return Verdict(exercise.name, True, say.text(exercise.why), got=attempt, expected=exercise.solution)
        if not any(agree(exercise, numbers, earlier) for earlier in wrong):
            wrong.append(numbers)
        problem = _direction(exercise, numbers)
        slip = next((m.hint for m in exercise.mistakes if _is_among(exercise, numbers, m.answers)), None)
        slip = slip or _slip(exercise, numbers)
        if slip:
            problem, hint = "", say.text(slip)
        if len(wrong) >= 2:
            hint = " ".join(filter(None, [hint, say.text(exercise.hint)]))
        if len(wrong) >= 3:
            answer = exercise.solution
    if answer is not None:
        facts.append((say.text(say.EXPECTED), show(answer)))
    return Verdict(exercise.name, False, problem, hint, got=attempt, expected=answer, _facts=facts)


def _read_value(exercise: Exercise, attempt: Any) -> tuple[Numbers, str | None]:
    """Give the numbers of an attempt, or what keeps it from being numbers."""
    nothing = np.zeros(0)
    if callable(attempt):
        return nothing, say.text(say.VALUE_IS_FUNCTION)
    wanted = np.shape(exercise.solution)
    is_many = isinstance(attempt, tuple | list) or (isinstance(attempt, np.ndarray) and attempt.ndim == 1)
    if is_many and len(attempt) != (wanted[0] if wanted else None):
        if not wanted:
            return nothing, say.text(say.ONE_VALUE, type=type(attempt).__name__)
        return nothing, _count_problem(exercise, len(attempt))
    values = []
    for part in attempt if is_many else [attempt]:
        value, problem = _read_number(part)
        if problem:
            return nothing, problem
        values.append(value)
    if wanted and not is_many:
        return nothing, _count_problem(exercise, 1)
    numbers = np.array(values) if wanted else np.array(values[0])
    if exercise.options and not np.isin(numbers, exercise.options).all():
        return nothing, say.text(say.NONE_OF_THE_OPTIONS, options=", ".join(map(str, exercise.options)))
    return numbers, None


def _count_problem(exercise: Exercise, count: int) -> str:
    message = say.MANY_NAMED_VALUES if len(exercise.parts) > 1 else say.MANY_VALUES
    return say.text(message, expected=len(exercise.solution), names=", ".join(exercise.parts), count=count)


def _read_number(part: Any) -> tuple[float, str | None]:
    kind = type(part).__name__
    try:
        number = np.asarray(part)
        if part is None:
            return 0.0, say.text(say.VALUE_IS_NONE)
        if number.dtype.kind in "USa":
            return 0.0, say.text(say.VALUE_IS_TEXT)
        if number.dtype.kind == "b":
            return 0.0, say.text(say.VALUE_IS_TRUTH)
        if number.dtype.kind == "c":
            return 0.0, say.text(say.VALUE_IS_COMPLEX)
        if number.ndim:
            return 0.0, say.text(say.VALUE_IS_OTHER, type=kind)
        value = float(part)
    except OverflowError:
        value = np.inf
    except Exception:
        return 0.0, say.text(say.VALUE_IS_OTHER, type=kind)
    if np.isnan(value):
        return 0.0, say.text(say.VALUE_IS_NAN)
    return value, say.text(say.VALUE_IS_INFINITE) if np.isinf(value) else None


def _is_among(exercise: Exercise, numbers: Numbers, answers: Sequence[Any]) -> bool:
    return any(np.shape(answer) == numbers.shape and close(exercise, numbers, answer).all() for answer in answers)


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
    """Recognize the slips that can happen with any value."""
    right = np.asarray(exercise.solution, dtype=float)
    if exercise.agree_up_to is not None or exercise.options:
        return None
    if right.ndim and len(set(right)) > 1 and close(exercise, numbers[::-1], right).all():
        return say.text(say.ORDER, names=", ".join(exercise.parts))
    if close(exercise, -numbers, right).all():
        return say.text(say.SIGN)
    return say.text(say.PERCENT) if close(exercise, numbers / 100, right).all() else None
