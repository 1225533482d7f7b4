"""What counts as the same answer to an exercise."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from minisoftmax.exercises._exercise import Exercise

__all__ = ["Numbers", "agree", "close", "compared"]

Numbers = NDArray[Any]


def compared(exercise: Exercise, numbers: Numbers) -> Numbers:
    """Give what is compared: the numbers, or the function of them that the exercise names."""
    if exercise.agree_up_to is None:
        return numbers
    with np.errstate(all="ignore"):
        return np.asarray(exercise.agree_up_to(numbers))


def agree(exercise: Exercise, got: Numbers, expected: Numbers) -> bool:
    if got.shape != expected.shape:
        return False
    return bool(close(exercise, compared(exercise, got), compared(exercise, expected)).all())


def close(exercise: Exercise, got: Any, expected: Any) -> NDArray[np.bool_]:
    """Compare entry by entry. Of an answer in float32, no more digits are asked for than float32 has."""
    relative, absolute = exercise.tolerance, exercise.absolute
    with np.errstate(all="ignore"):
        if np.asarray(got).dtype == np.float32:
            relative = max(relative, 1e-5)
            largest = np.max(np.abs(expected), initial=0, where=np.isfinite(expected))
            absolute = max(absolute, 1e-6 * largest) if absolute else 0.0
        return np.asarray(np.isclose(got, expected, relative, absolute, equal_nan=True))
