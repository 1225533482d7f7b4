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
    with np.errstate(all="ignore"):
        return np.asarray(np.isclose(got, expected, exercise.tolerance, exercise.absolute, equal_nan=True))
