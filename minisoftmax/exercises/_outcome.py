"""What a function does with a case, called in place as a test would call it."""

import copy
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import CoroutineType
from typing import Any

import numpy as np

from minisoftmax.exercises import _messages as say
from minisoftmax.exercises._compare import Numbers, agree
from minisoftmax.exercises._exercise import Exercise

__all__ = ["Outcome", "describe", "outcome_of"]


@dataclass(frozen=True)
class Outcome:
    """What a function did with one case."""

    case: tuple[Any, ...]
    given: tuple[Any, ...]
    """The arguments after the call."""
    answer: Any = None
    error: BaseException | None = None
    numbers: Numbers | None = None
    """The answer as an array, if it holds real numbers or booleans."""

    def same(self, other: "Outcome", exercise: Exercise) -> bool:
        """Say whether two functions did the same with a case: gave the same numbers, or failed in the same way.

        Where NumPy gives NaN or an infinity, Python's own arithmetic raises an error: that is the same failure.
        """
        if self.numbers is not None and other.numbers is not None:
            return agree(exercise, self.numbers, other.numbers)
        if other.numbers is not None:
            return _is_of_arithmetic(self.error) and not np.isfinite(other.numbers).all()
        return self.error is not None and repr(self.error)[:30] == repr(other.error)[:30]

    @property
    def mutated(self) -> list[int]:
        """The places of the arguments that the call changed."""
        pairs = enumerate(zip(self.case, self.given, strict=True))
        return [i for i, (before, after) in pairs if not np.array_equal(before, after, equal_nan=True)]


def _is_of_arithmetic(error: BaseException | None) -> bool:
    is_of_math = any(
        words in str(error) for words in ("math domain", "positive input")
    )  # before Python 3.14, and since
    return isinstance(error, ArithmeticError) or (isinstance(error, ValueError) and is_of_math)


def outcome_of(function: Callable[..., Any], case: tuple[Any, ...]) -> Outcome:
    """Call a function on its own copy of a case."""
    given = copy.deepcopy(case)
    try:
        with np.errstate(all="ignore"):
            answer = function(*given)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        return Outcome(case, given, error=error)
    if isinstance(answer, CoroutineType):
        answer.close()
    try:
        numbers = np.array(answer)
    except Exception:
        return Outcome(case, given, answer)
    is_numbers = numbers.dtype.kind in "biuf" and not np.ma.is_masked(answer)
    return Outcome(case, given, answer, numbers=numbers if is_numbers else None)


def describe(error: BaseException) -> str:
    """Give an error in one line, with the line of the attempt that raised it."""
    text = ": ".join(filter(None, [type(error).__name__, str(error).partition("\n")[0]]))[:200]
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    if not own or not own[0].line:
        return text
    return say.text(say.IN_LINE, error=text, line=own[0].lineno, code=own[0].line)
