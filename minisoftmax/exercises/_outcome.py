"""What a function does with a case, called in place as a test would call it."""

import copy
import itertools
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from minisoftmax.exercises import _messages as say
from minisoftmax.exercises._compare import Numbers, agree
from minisoftmax.exercises._exercise import Exercise

__all__ = ["Outcome", "UnreadableError", "describe", "is_mutated", "is_same", "outcome_of"]


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
        """Say whether two functions did the same with a case: gave the same numbers, or raised the same error."""
        if self.error is not None or other.error is not None:
            return type(self.error) is type(other.error)
        if self.numbers is None or other.numbers is None:
            return False
        return agree(exercise, self.numbers, other.numbers)


def outcome_of(function: Callable[..., Any], case: tuple[Any, ...]) -> Outcome:
    """Call a function on its own copy of a case."""
    given = copy.deepcopy(case)
    try:
        with np.errstate(all="ignore"):
            answer = function(*given)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        return Outcome(case, given, error=error)
    try:
        numbers = np.array(answer)
    except Exception as error:
        return Outcome(case, given, answer=answer, error=UnreadableError(say.text(say.UNREADABLE, error=_name(error))))
    return Outcome(case, given, answer, numbers=numbers if numbers.dtype.kind in "biuf" else None)


class UnreadableError(Exception):
    """What a function returned raises an error when it is looked at."""


def is_mutated(outcome: Outcome) -> bool:
    return not all(itertools.starmap(is_same, zip(outcome.case, outcome.given, strict=True)))


def is_same(before: Any, after: Any) -> bool:
    return np.array_equal(before, after, equal_nan=True)


def _name(error: BaseException) -> str:
    return type(error).__name__


def describe(error: BaseException) -> str:
    """Give an error in one line, with the line of the attempt that raised it."""
    text = f"{_name(error)}: {error}".partition("\n")[0][:200]
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    if not own or not own[0].line:
        return text
    return say.text(say.IN_LINE, error=text, line=own[0].lineno, code=own[0].line)
