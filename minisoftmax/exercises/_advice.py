"""Choose the advice that fits every case that an attempt failed."""

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from minisoftmax.exercises import _messages as say
from minisoftmax.exercises._compare import Numbers, agree
from minisoftmax.exercises._exercise import Exercise
from minisoftmax.exercises._outcome import Outcome, outcome_of

__all__ = ["advice"]


def advice(exercise: Exercise, ours: Sequence[Outcome], right: Sequence[Outcome], failing: Sequence[int]) -> str | None:
    """Give the advice that fits every case that failed, or None.

    A mistake must do as the attempt does on most of the other cases too, lest an odd case is taken for it; and on all
    of them where nothing finite came out on those that failed, for a NaN says little.
    """
    if any(ours[i].same(right[i], exercise) for i in failing):
        return None  # the numbers are right there: what is wrong is their type, or that the input has changed
    came = [outcome.numbers for outcome in (ours[i] for i in failing) if outcome.numbers is not None]
    telling = any(np.isfinite(numbers).any() for numbers in came)
    best, hint = 0, None
    for mistake in exercise.mistakes:
        for answer in mistake.answers:
            same = [outcome.same(outcome_of(answer, outcome.case), exercise) for outcome in ours]
            fits = all(same[i] for i in failing) and (all(same) if not telling else 2 * sum(same) >= len(same))
            if fits and sum(same) > best:
                best, hint = sum(same), say.text(mistake.hint)
    failed = [(ours[i], right[i]) for i in failing]
    if hint is None and telling and 2 * len(failing) >= len(ours):
        hint = next(_changes(exercise, failed), None)
    if hint is None and telling:
        hint = next(_likenesses(exercise, failed), None)
    return hint or _rows(right, ours, failing)


def _rows(right: Sequence[Outcome], ours: Sequence[Outcome], failing: Sequence[int]) -> str | None:
    """Recognize what is right for single rows and for nothing else."""
    several = [i for i, outcome in enumerate(right) if outcome.numbers is not None and outcome.numbers.ndim > 1]
    is_rows = len(several) > 1 and set(failing) == set(several) and len(several) < len(right)
    return say.text(say.ROWS) if is_rows else None


def _numbers(failed: Sequence[tuple[Outcome, Outcome]]) -> list[tuple[Numbers, Numbers]]:
    """Give the numbers that came and those that should have, of each case; none if any came without numbers."""
    both = [(ours.numbers, right.numbers) for ours, right in failed]
    found = [(a.astype(float), b.astype(float)) for a, b in both if a is not None and b is not None]
    return found if len(found) == len(both) else []


def _changes(exercise: Exercise, failed: Sequence[tuple[Outcome, Outcome]]) -> Iterator[str]:
    """Give the changes that make an attempt right on all the cases that it failed, whatever the exercise."""
    numbers = _numbers(failed)

    def repairs(change: Callable[[Numbers], Numbers]) -> bool:
        with np.errstate(all="ignore"):
            return bool(numbers) and all(agree(exercise, change(a), b) for a, b in numbers)

    names, answers = exercise.parts, [right.answer for _, right in failed]
    if isinstance(answers[0], tuple) and repairs(np.flip):
        yield say.text(say.ORDER_RETURNED)
    for i, j in itertools.combinations(range(len(names)), 2):
        if all(_swapped(exercise, ours, i, j) for ours, _ in failed):
            yield say.text(say.SWAPPED, first=names[j], second=names[i], answer=exercise.answer)
    kinds = {np.asarray(answer).dtype.kind for answer in answers}
    if kinds == {"b"} and repairs(lambda a: 1 - a):
        yield say.text(say.INVERTED)
    if "f" not in kinds:
        return
    changes: list[tuple[str, Callable[[Numbers], Numbers]]] = [
        (say.SIGN, np.negative),
        (say.LOG10, lambda a: a * np.log(10)),
        (say.LOG2, lambda a: a * np.log(2)),
        (say.PERCENT, lambda a: a / 100),
        (say.COMPLEMENT, lambda a: 1 - a),
        (say.ONE_OVER, lambda a: 1 / a),
        (say.EXPONENTIAL, np.exp),
        (say.LOGARITHM, np.log),
    ]
    yield from (say.text(message) for message, change in changes if repairs(change))


def _likenesses(exercise: Exercise, failed: Sequence[tuple[Outcome, Outcome]]) -> Iterator[str]:
    """Say in what an attempt is like the right answer on all the cases that it failed: many may have passed."""
    numbers = _numbers(failed)
    if not numbers or any(np.asarray(right.answer).dtype.kind != "f" for _, right in failed):
        return
    if all(agree(exercise, a.T, b) for a, b in numbers):
        yield say.text(say.TRANSPOSED)
    if any(a.shape != b.shape or not a.any() for a, b in numbers):
        return
    for digits in range(8, 0, -1):
        if all(np.allclose(a, np.round(b, digits), 1e-12, 0) for a, b in numbers):
            yield say.text(say.ROUNDED, digits=digits)
    if all(np.allclose(a, b, 0.01, 0) for a, b in numbers):
        yield say.text(say.NEAR, digits=round(-np.log10(exercise.tolerance)))


def _swapped(exercise: Exercise, ours: Outcome, i: int, j: int) -> bool:
    """Say whether an outcome is the right one for two arguments in each other's place."""
    case = list(ours.case)
    case[i], case[j] = case[j], case[i]
    theirs = outcome_of(exercise.solution, tuple(case))
    return theirs.error is None and ours.same(theirs, exercise)
