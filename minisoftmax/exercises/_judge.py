"""Judge an attempt: call it on every case as a test would, compare, and choose the advice that fits all that failed."""

import copy
import inspect
import itertools
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from numbers import Number
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minisoftmax.exercises import _messages as say
from minisoftmax.exercises._exercise import Exercise
from minisoftmax.exercises._numbers import beside, show
from minisoftmax.exercises._verdict import Verdict

__all__ = ["judge"]

Numbers = NDArray[Any]


def judge(exercise: Exercise, attempt: Any, wrong: list[Numbers], *, reveal: bool = False) -> Verdict:
    """Judge an attempt.

    ``wrong`` are the different wrong values that were given so far; a new one is added to it, and with their number
    the verdict on a value tells more.
    """
    if attempt is ... or (isinstance(attempt, tuple | list) and any(part is ... for part in attempt)):
        return _not_tried(exercise, reveal)
    if exercise.kind == "function":
        return _judge_function(exercise, attempt)
    return _judge_value(exercise, attempt, wrong, reveal)


def _not_tried(exercise: Exercise, reveal: bool = False) -> Verdict:
    answer = exercise.solution if reveal and exercise.kind != "function" else None
    facts = [(say.text(say.EXPECTED), show(answer))] if answer is not None else []
    return Verdict(exercise.name, None, say.text(say.FILL_IN), expected=answer, _facts=facts)


# Values


def _judge_value(exercise: Exercise, attempt: Any, wrong: list[Numbers], reveal: bool) -> Verdict:
    numbers, problem = _read_value(exercise, attempt)
    facts = [(say.text(say.YOURS), show(attempt))]
    answer = exercise.solution if reveal else None
    hint = None
    if problem is None:
        if _agree(exercise, numbers, np.asarray(exercise.solution)):
            return Verdict(exercise.name, True, say.text(exercise.why), got=attempt, expected=exercise.solution)
        if not any(_agree(exercise, numbers, earlier) for earlier in wrong):
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
    return any(np.shape(answer) == numbers.shape and _close(exercise, numbers, answer).all() for answer in answers)


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
        if _close(exercise, number, goal):
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
    if right.ndim and len(set(right)) > 1 and _close(exercise, numbers[::-1], right).all():
        return say.text(say.ORDER, names=", ".join(exercise.parts))
    if _close(exercise, -numbers, right).all():
        return say.text(say.SIGN)
    return say.text(say.PERCENT) if _close(exercise, numbers / 100, right).all() else None


# Functions


@dataclass(frozen=True)
class _Outcome:
    """What a function did with one case."""

    case: tuple[Any, ...]
    given: tuple[Any, ...]
    """The arguments after the call."""
    answer: Any = None
    error: BaseException | None = None
    numbers: Numbers | None = None
    """The answer as an array, if it holds real numbers or booleans."""

    def same(self, other: "_Outcome", exercise: Exercise) -> bool:
        """Say whether two functions did the same with a case: gave the same numbers, or raised the same error."""
        if self.error is not None or other.error is not None:
            return type(self.error) is type(other.error)
        if self.numbers is None or other.numbers is None:
            return False
        return _agree(exercise, self.numbers, other.numbers)


def _try(function: Callable[..., Any], case: tuple[Any, ...]) -> _Outcome:
    """Call a function on its own copy of a case."""
    given = copy.deepcopy(case)
    try:
        with np.errstate(all="ignore"):
            answer = function(*given)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        return _Outcome(case, given, error=error)
    try:
        numbers = np.array(answer)
    except Exception as error:
        return _Outcome(
            case, given, answer=answer, error=_UnreadableError(say.text(say.UNREADABLE, error=_name(error)))
        )
    return _Outcome(case, given, answer, numbers=numbers if numbers.dtype.kind in "biuf" else None)


class _UnreadableError(Exception):
    """What a function returned raises an error when it is looked at."""


def _judge_function(exercise: Exercise, attempt: Any) -> Verdict:
    if not callable(attempt):
        return Verdict(
            exercise.name,
            False,
            say.text(say.FUNCTION_IS_VALUE, answer=exercise.answer),
            got=attempt,
            _facts=[(say.text(say.YOURS), show(attempt))],
        )
    if not _takes(attempt, exercise.cases[0]):
        message = say.text(say.ARGUMENTS, answer=exercise.answer)
        return Verdict(exercise.name, False, message, got=attempt, _facts=[(say.text(say.YOURS), _signature(attempt))])
    outcomes = []
    for case in exercise.cases:
        outcome = _try(attempt, case)
        if outcome.answer is ... or "ellipsis" in str(outcome.error):
            return _not_tried(exercise)
        outcomes.append(outcome)
        if isinstance(outcome.error, KeyboardInterrupt):
            return _wrong(exercise, outcome, say.text(say.STOPPED, answer=exercise.answer), None)
    right = [_try(exercise.solution, case) for case in exercise.cases]
    problems = [_problem(exercise, ours, theirs) for ours, theirs in zip(outcomes, right, strict=True)]
    failing = [i for i, problem in enumerate(problems) if problem is not None]
    if not failing:
        return Verdict(exercise.name, True, say.text(exercise.why))
    first = failing[0]
    hint = _advice(exercise, outcomes, right, failing)
    if not hint and _takes_another_order(exercise, attempt):
        hint = say.text(say.ANOTHER_ORDER, answer=exercise.answer)
    message = problems[first] or ""
    if not hint and isinstance(outcomes[first].error, NameError):
        hint = say.text(say.NAME_ERROR)
    if not hint and _is_mutated(outcomes[first]) and outcomes[first].same(right[first], exercise):
        hint = say.text(say.MUTATED_HINT)
    if not message and 0 < len(failing) < len(outcomes):
        message = say.text(say.RIGHT_ON_SOME, right=len(outcomes) - len(failing), all=len(outcomes))
    if not hint and first == 0 and not problems[0]:
        hint = say.text(exercise.hint)
    return _wrong(exercise, outcomes[first], message, hint, right[first])


def _takes(function: Callable[..., Any], case: tuple[Any, ...]) -> bool:
    """Say whether a function can be called with that many arguments, as far as Python knows."""
    try:
        inspect.signature(function).bind(*case)
    except TypeError:
        return False
    except ValueError:
        return True
    return True


def _takes_another_order(exercise: Exercise, function: Callable[..., Any]) -> bool:
    """Say whether a function names its arguments as the exercise does, but in another order."""
    try:
        names = tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return False
    return names != exercise.parts and sorted(names) == sorted(exercise.parts)


def _signature(function: Callable[..., Any]) -> str:
    return f"{getattr(function, '__name__', type(function).__name__)}{inspect.signature(function)}"


def _wrong(
    exercise: Exercise, ours: _Outcome, message: str, hint: str | None, right: _Outcome | None = None
) -> Verdict:
    """Make the verdict on a function from the first case that it failed."""
    facts = [(name, show(value)) for name, value in zip(exercise.parts, ours.case, strict=True)]
    yours = show(ours.answer, zero=exercise.absolute) if ours.error is None else _describe(ours.error)
    got = ours.answer if ours.error is None else ours.error.with_traceback(None)
    expected = None
    facts.append((say.text(say.YOURS), yours))
    if right is not None and right.numbers is not None:
        expected = right.answer
        wanted = show(right.answer, zero=exercise.absolute)
        if ours.numbers is not None and ours.numbers.shape == right.numbers.shape:
            seen, goal = _compared(exercise, ours.numbers), _compared(exercise, right.numbers)
            differ = ~_close(exercise, seen, goal)
            if differ.any():
                marked, wanted = beside(seen, goal, differ, exercise.absolute)
                if exercise.agree_up_to is None:
                    facts.pop()
                facts.append((say.text(exercise.compared or say.YOURS), marked))
        facts.append((say.text(say.EXPECTED), wanted))
    given = dict(zip(exercise.parts, copy.deepcopy(ours.case), strict=True))
    return Verdict(exercise.name, False, message, hint, given, got, expected, facts)


def _problem(exercise: Exercise, ours: _Outcome, right: _Outcome) -> str | None:
    """Say what is wrong with one outcome: None if nothing is, an empty text if only the numbers differ."""
    assert right.numbers is not None
    wanted = right.numbers
    if isinstance(ours.error, _UnreadableError):
        return str(ours.error)
    if ours.error is not None:
        return say.text(say.RAISED)
    kind = type(ours.answer).__name__
    if ours.answer is None:
        return say.text(say.RETURNED_NONE)
    if isinstance(right.answer, np.ndarray) and isinstance(ours.answer, list | tuple):
        return say.text(say.RETURNED_LIST, type=kind)
    if ours.numbers is None:
        if isinstance(ours.answer, np.ndarray):
            return say.text(say.RETURNED_ARRAY_OF, type=ours.answer.dtype)
        parts = ours.answer if isinstance(ours.answer, tuple) else ()
        kind = next((type(part).__name__ for part in parts if not isinstance(part, Number)), kind)
        return say.text(say.RETURNED_TYPE, type=kind)
    is_array = isinstance(ours.answer, np.ndarray) or not isinstance(right.answer, np.ndarray)
    if not is_array and ours.numbers.shape == wanted.shape:
        return say.text(say.RETURNED_LIST, type=kind)
    if isinstance(right.answer, tuple) and ours.numbers.ndim == 0:
        return say.text(say.RETURNED_PARTS, expected=len(right.answer), type=kind)
    if not wanted.ndim and isinstance(ours.answer, list | tuple):
        return say.text(say.RETURNED_ONE, type=kind)
    if ours.numbers.shape != wanted.shape:
        return say.text(say.SHAPES, expected=wanted.shape, shape=ours.numbers.shape)
    if not ours.same(right, exercise):
        finite = np.isfinite(wanted)
        if np.isnan(ours.numbers).any():
            return say.text(say.HAS_NAN)
        return say.text(say.HAS_INF) if np.isinf(ours.numbers[finite]).any() else ""
    if wanted.dtype.kind == "b" and ours.numbers.dtype.kind != "b":
        return say.text(say.WANTS_BOOLEANS, type=ours.numbers.dtype)
    if wanted.dtype.kind in "iu" and ours.numbers.dtype.kind not in "iu":
        return say.text(say.WANTS_INDICES, type=ours.numbers.dtype)
    if wanted.dtype.kind == "f" and ours.numbers.dtype.kind == "b":
        return say.text(say.WANTS_NUMBERS)
    if _is_mutated(ours):
        name, value = next(
            (name, after)
            for name, before, after in zip(exercise.parts, ours.case, ours.given, strict=True)
            if not _is_same(before, after)
        )
        return say.text(say.MUTATED) + say.text(say.BECAME, name=name, value=show(value).replace("\n", " ")) + "."
    return None


def _is_mutated(outcome: _Outcome) -> bool:
    return not all(itertools.starmap(_is_same, zip(outcome.case, outcome.given, strict=True)))


def _is_same(before: Any, after: Any) -> bool:
    return np.array_equal(before, after, equal_nan=True)


def _name(error: BaseException) -> str:
    return type(error).__name__


def _describe(error: BaseException) -> str:
    """Give an error in one line, with the line of the attempt that raised it."""
    text = f"{_name(error)}: {error}".partition("\n")[0][:200]
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    if not own or not own[0].line:
        return text
    return say.text(say.IN_LINE, error=text, line=own[0].lineno, code=own[0].line)


# Advice


def _advice(
    exercise: Exercise, ours: Sequence[_Outcome], right: Sequence[_Outcome], failing: Sequence[int]
) -> str | None:
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
            same = [outcome.same(_try(answer, outcome.case), exercise) for outcome in ours]
            fits = all(same[i] for i in failing) and (all(same) if not telling else 2 * sum(same) >= len(same))
            if fits and sum(same) > best:
                best, hint = sum(same), say.text(mistake.hint)
    failed = [(ours[i], right[i]) for i in failing]
    if hint is None and telling and 2 * len(failing) >= len(ours):
        hint = next(_changes(exercise, failed), None)
    if hint is None and telling:
        hint = next(_likenesses(exercise, failed), None)
    return hint or _rows(right, ours, failing)


def _rows(right: Sequence[_Outcome], ours: Sequence[_Outcome], failing: Sequence[int]) -> str | None:
    """Recognize what is right for single rows and for nothing else."""
    several = [i for i, outcome in enumerate(right) if outcome.numbers is not None and outcome.numbers.ndim > 1]
    is_rows = len(several) > 1 and set(failing) == set(several) and len(several) < len(right)
    return say.text(say.ROWS) if is_rows else None


def _numbers(failed: Sequence[tuple[_Outcome, _Outcome]]) -> list[tuple[Numbers, Numbers]]:
    """Give the numbers that came and those that should have, of each case; none if any came without numbers."""
    both = [(ours.numbers, right.numbers) for ours, right in failed]
    found = [(a.astype(float), b.astype(float)) for a, b in both if a is not None and b is not None]
    return found if len(found) == len(both) else []


def _changes(exercise: Exercise, failed: Sequence[tuple[_Outcome, _Outcome]]) -> Iterator[str]:
    """Give the changes that make an attempt right on all the cases that it failed, whatever the exercise."""
    numbers = _numbers(failed)

    def repairs(change: Callable[[Numbers], Numbers]) -> bool:
        with np.errstate(all="ignore"):
            return bool(numbers) and all(_agree(exercise, change(a), b) for a, b in numbers)

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


def _likenesses(exercise: Exercise, failed: Sequence[tuple[_Outcome, _Outcome]]) -> Iterator[str]:
    """Say in what an attempt is like the right answer on all the cases that it failed: many may have passed."""
    numbers = _numbers(failed)
    if not numbers or any(np.asarray(right.answer).dtype.kind != "f" for _, right in failed):
        return
    if all(_agree(exercise, a.T, b) for a, b in numbers):
        yield say.text(say.TRANSPOSED)
    if any(a.shape != b.shape or not a.any() for a, b in numbers):
        return
    for digits in range(8, 0, -1):
        if all(np.allclose(a, np.round(b, digits), 1e-12, 0) for a, b in numbers):
            yield say.text(say.ROUNDED, digits=digits)
    if all(np.allclose(a, b, 0.01, 0) for a, b in numbers):
        yield say.text(say.NEAR, digits=round(-np.log10(exercise.tolerance)))


def _swapped(exercise: Exercise, ours: _Outcome, i: int, j: int) -> bool:
    """Say whether an outcome is the right one for two arguments in each other's place."""
    case = list(ours.case)
    case[i], case[j] = case[j], case[i]
    theirs = _try(exercise.solution, tuple(case))
    return theirs.error is None and ours.same(theirs, exercise)


def _compared(exercise: Exercise, numbers: Numbers) -> Numbers:
    """Give what is compared: the numbers, or the function of them that the exercise names."""
    if exercise.agree_up_to is None:
        return numbers
    with np.errstate(all="ignore"):
        return np.asarray(exercise.agree_up_to(numbers))


def _agree(exercise: Exercise, got: Numbers, expected: Numbers) -> bool:
    if got.shape != expected.shape:
        return False
    return bool(_close(exercise, _compared(exercise, got), _compared(exercise, expected)).all())


def _close(exercise: Exercise, got: Any, expected: Any) -> NDArray[np.bool_]:
    with np.errstate(all="ignore"):
        return np.asarray(np.isclose(got, expected, exercise.tolerance, exercise.absolute, equal_nan=True))
