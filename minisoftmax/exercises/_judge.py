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
    parts = attempt if isinstance(attempt, tuple | list) else [attempt]
    is_open = [part is ... for part in parts]
    if not any(is_open):
        if exercise.kind != "function":
            return judge_value(exercise, attempt, wrong, reveal)
        verdict = judge_function(exercise, attempt)
        if verdict is not None:
            return verdict
    message = say.FILL_IN_THE_REST if len(set(is_open)) > 1 else say.FILL_IN
    answer = exercise.solution if reveal and exercise.kind != "function" else None
    facts = [(say.text(say.EXPECTED), show(answer))] if answer is not None else []
    return Verdict(exercise.name, None, say.text(message), expected=answer, _facts=facts)
