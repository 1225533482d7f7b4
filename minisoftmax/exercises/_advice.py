"""Choose the advice that fits every case that an attempt failed."""

import inspect
import itertools
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from minisoftmax.exercises import _messages as say
from minisoftmax.exercises._compare import Numbers, agree
from minisoftmax.exercises._exercise import Exercise
from minisoftmax.exercises._outcome import Outcome, outcome_of

__all__ = ["advice", "repair"]

Pair = tuple[Outcome, Outcome]
"""What the attempt did with a case, and what is right."""


def advice(exercise: Exercise, attempt: Any, pairs: Sequence[Pair], failing: Sequence[int]) -> str | None:
    """Give the advice that fits every case that failed, or None."""
    failed = [pairs[i] for i in failing]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what the listed mistakes do
        found = (
            _listed(exercise, pairs, failing)
            or next(filter(None, _likenesses(exercise, failed, 2 * len(failing) >= len(pairs))), None)
            or _rows(pairs, failing)
        )
    return found or (say.text(say.ANOTHER_ORDER, answer=exercise.answer) if _reorders(exercise, attempt) else None)


def _is_telling(failed: Sequence[Pair]) -> bool:
    return any(ours.numbers is not None and np.isfinite(ours.numbers).any() for ours, _ in failed)


def _listed(exercise: Exercise, pairs: Sequence[Pair], failing: Sequence[int]) -> str | None:
    """Recognize a mistake of the exercise's list: the one that does as the attempt does on the most cases.

    It must do so on all that failed, and on half of all, lest an odd case is taken for it; and on all of them where
    nothing finite came out on those that failed, for a NaN says little.
    """
    needed = len(pairs) / 2 if _is_telling([pairs[i] for i in failing]) else len(pairs)
    best, hint = 0, None
    for mistake in exercise.mistakes:
        for answer in mistake.answers:
            if all(_does(exercise, pairs[i][0], answer) for i in failing):
                count = sum(_does(exercise, ours, answer) for ours, _ in pairs)
                if count >= needed and count > best:
                    best, hint = count, mistake.hint
    return hint


def _does(exercise: Exercise, ours: Outcome, answer: Callable[..., Any]) -> bool:
    return ours.same(outcome_of(answer, ours.case), exercise)


_REPAIRS: tuple[tuple[str, str, Callable[[Numbers], Numbers]], ...] = (
    ("f", say.SIGN, np.negative),
    ("f", say.REVERSED, np.flip),
    ("f", say.TRANSPOSED, np.transpose),
    ("b", say.INVERTED, np.logical_not),
    ("f", say.LOG10, lambda a: a * np.log(10)),
    ("f", say.LOG2, lambda a: a * np.log(2)),
    ("f", say.PERCENT, lambda a: a / 100),
    ("f", say.COMPLEMENT, lambda a: 1 - a),
    ("f", say.ONE_OVER, lambda a: 1 / a),
    ("f", say.EXPONENTIAL, np.exp),
    ("f", say.LOGARITHM, np.log),
)
"""For right answers of a kind: what to say, and what makes the attempt's numbers right."""


def repair(exercise: Exercise, pairs: Sequence[tuple[Numbers, Numbers]]) -> str | None:
    """Find the change that makes all of an attempt's numbers right, whatever the exercise."""
    pairs = [(a.astype(np.result_type(a, np.float32)), b) for a, b in pairs]
    for kind, message, change in _REPAIRS:
        with np.errstate(all="ignore"):
            if all(b.dtype.kind == kind and agree(exercise, change(a), b) for a, b in pairs):
                return say.text(message)
    return None


def _likenesses(exercise: Exercise, failed: Sequence[Pair], is_most: bool) -> Iterator[str]:
    """Say how what came is like the right answer on all the cases that failed; changes, only if these are the most."""
    numbers = [(a.numbers, b.numbers) for a, b in failed if a.numbers is not None and b.numbers is not None]
    if len(numbers) < len(failed) or not _is_telling(failed):
        return
    if is_most:
        names = exercise.parts
        for i, j in itertools.combinations(range(len(names)), 2):
            if all(_is_swapped(exercise, ours, i, j) for ours, _ in failed):
                yield say.text(say.SWAPPED, first=names[j], second=names[i], answer=exercise.answer)
        yield repair(exercise, numbers) or ""
    if any(b.dtype.kind != "f" or a.shape != b.shape or not a.any() for a, b in numbers):
        return
    if all(np.array_equal(a, np.trunc(b)) for a, b in numbers):
        yield say.text(say.WHOLE)
    for digits in range(8, 0, -1):
        if all(np.allclose(a, np.round(b, digits), 1e-12, 0) for a, b in numbers):
            yield say.text(say.ROUNDED, digits=digits)
    if all(np.allclose(a, b, 0.01, 0) for a, b in numbers):
        yield say.text(say.NEAR, digits=round(-np.log10(exercise.tolerance)))


def _is_swapped(exercise: Exercise, ours: Outcome, i: int, j: int) -> bool:
    """Say whether an outcome is the right one for two arguments in each other's place."""
    case = list(ours.case)
    case[i], case[j] = case[j], case[i]
    theirs = outcome_of(exercise.solution, tuple(case))
    return theirs.error is None and ours.same(theirs, exercise)


def _rows(pairs: Sequence[Pair], failing: Sequence[int]) -> str | None:
    """Recognize what is right for single rows and for nothing else."""
    several = [i for i, (_, right) in enumerate(pairs) if right.numbers is not None and right.numbers.ndim > 1]
    is_rows = len(several) > 1 and list(failing) == several and len(several) < len(pairs)
    return say.text(say.ROWS) if is_rows else None


def _reorders(exercise: Exercise, function: Any) -> bool:
    """Say whether a function names its arguments as the exercise does, but in another order."""
    try:
        names = tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return False
    return names != exercise.parts and sorted(names) == sorted(exercise.parts)
