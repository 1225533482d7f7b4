"""Judge an attempt at an exercise."""

from typing import Any

from minisoftmax.exercises import _messages as say
from minisoftmax.exercises._compare import Numbers
from minisoftmax.exercises._exercise import Exercise
from minisoftmax.exercises._functions import judge_function
from minisoftmax.exercises._numbers import show
from minisoftmax.exercises._values import judge_value
from minisoftmax.exercises._verdict import Verdict

__all__ = ["judge"]


def judge(exercise: Exercise, attempt: Any, wrong: list[Numbers], *, reveal: bool = False) -> Verdict:
    """Judge an attempt.

    ``wrong`` are the different wrong values that were given so far; a new one is added to it, and with their number
    the verdict on a value tells more.
    """
    is_open = attempt is ... or (isinstance(attempt, tuple | list) and any(part is ... for part in attempt))
    if not is_open and exercise.kind != "function":
        return judge_value(exercise, attempt, wrong, reveal)
    verdict = None if is_open else judge_function(exercise, attempt)
    is_begun = isinstance(attempt, tuple | list) and any(part is not ... for part in attempt)
    return (
        _not_tried(exercise, say.FILL_IN_THE_REST if is_begun else say.FILL_IN, reveal) if verdict is None else verdict
    )


def _not_tried(exercise: Exercise, message: str, reveal: bool) -> Verdict:
    answer = exercise.solution if reveal and exercise.kind != "function" else None
    facts = [(say.text(say.EXPECTED), show(answer))] if answer is not None else []
    return Verdict(exercise.name, None, say.text(message), expected=answer, _facts=facts)
