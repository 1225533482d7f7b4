"""Run an attempt where it can do no harm, and put into words what it did."""

import contextlib
import copy
import ctypes
import functools
import reprlib
import sys
import textwrap
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

import numpy as np

SECONDS = 5.0
"""How long an attempt may take for one input."""

PRINTED = 200
"""How many characters of what an attempt prints are shown."""


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that people give, and the hint for those who gave it."""

    answer: Any
    """The wrong value; for a function exercise, the wrong function."""
    hint: str
    gives_nan: bool = False
    """Whether NaN or infinity is the mark of this mistake, and not of an overflow on the way."""


@dataclass(frozen=True)
class Exercise:
    """What is asked, how an answer is recognized, and what to say of it."""

    name: str
    solution: Any
    """A right value; for a function exercise, a right function."""
    why: str
    """Said when the answer is right: why it matters."""
    hint: str
    """Said when the answer is wrong in a way that no mistake describes."""
    call: str = ""
    """How a function is called, such as ``my_softmax(z)``; empty where a value is asked for."""
    cases: Sequence[tuple[Any, ...]] = ((),)
    """The arguments that a function is tried on, the most telling first."""
    mistakes: Sequence[Mistake] = ()
    tolerance: float = 1e-6
    """The relative error that a right answer may have."""
    absolute: float = 1e-12
    """The absolute error that a right answer may have."""
    agree_up_to: Callable[[Any], Any] = field(default=lambda answer: answer)
    """What is compared: a function of the answer, where more than one answer is right."""

    def takes_function(self) -> bool:
        return bool(self.call)


class _Stop(BaseException):
    """Ends an attempt. Not an Exception, so that an attempt's own ``except Exception`` lets it through."""


class _WrongError(Exception):
    """An attempt is wrong: what it gave, what was expected, a hint."""

    def __init__(self, hint: str, **facts: str) -> None:
        self.lines = [f"  {name + ':':<9} {text}" for name, text in facts.items()]
        self.lines.append(textwrap.fill(hint, 88, initial_indent="  hint:     ", subsequent_indent=" " * 12))


def verdict(exercise: Exercise, attempt: object) -> str:
    """Say whether the attempt is right."""
    if attempt is ... or (isinstance(attempt, tuple) and ... in attempt):
        return _not_tried(exercise)
    printed = ""
    for case in exercise.cases:
        asked = {"input": _arguments(exercise, case)} if exercise.takes_function() else {}
        report = _Report()
        finished = _run(functools.partial(_try, exercise, attempt, case, report), report)
        printed = printed or report.shown()
        if not finished:
            report.wrong = _WrongError(
                f"It did not end. Look at the condition of its loop; {exercise.call or 'the answer'} takes no time.",
                yours=f"nothing after {SECONDS:g} seconds, so it was stopped",
            )
        if report.untouched:
            return _not_tried(exercise)
        if report.wrong is not None:
            facts = [f"  {name + ':':<9} {text}" for name, text in asked.items()]
            return "\n".join([f"✗ {exercise.name}: not yet.", *facts, *report.wrong.lines, *filter(None, [printed])])
    praise = textwrap.fill(f"✓ {exercise.name}: right. {exercise.why}", 88, subsequent_indent="  ")
    return "\n".join([praise, *filter(None, [printed])])


def _not_tried(exercise: Exercise) -> str:
    return f"Not tried yet: {exercise.name}. Put your answer in place of the ... and run the cell again."


class _Report:
    """What came of one run of an attempt. It also stands in for stdout, and keeps the beginning of what is printed."""

    def __init__(self) -> None:
        self.wrong: _WrongError | None = None
        self.untouched = False
        self._head = ""
        self._length = 0

    def write(self, text: str) -> int:
        self._head = (self._head + text[:PRINTED])[:PRINTED]
        self._length += len(text)
        return len(text)

    def shown(self) -> str:
        if not self._length:
            return ""
        rest = self._length - len(self._head)
        return (
            "  printed:  " + " ⏎ ".join(self._head.split("\n")) + (f" … and {rest:,} characters more" if rest else "")
        )


class _Tap:
    """Stands in for stdout or stderr while an attempt runs, and leads off what its thread writes."""

    def __init__(self, stream: TextIO, thread: threading.Thread, report: _Report) -> None:
        self._stream, self._thread, self._report = stream, thread, report

    def write(self, text: str) -> int:
        mine = threading.current_thread() is self._thread
        return self._report.write(text) if mine else self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


_TAPS: list[_Tap] = []
"""Every tap, kept for good: a thread left behind may be in the midst of a print, which only borrows its stream."""


def _run(work: Callable[[], None], report: _Report) -> bool:
    """Run ``work`` in a thread of its own, for `SECONDS` at most. Say whether it ended by itself.

    A thread can be stopped on every platform by an exception that it is sent, which a signal or a process cannot do.
    One that catches even that is left behind, with its output led off for good.
    """
    thread = threading.Thread(target=_quietly, args=(work,), daemon=True)
    streams = sys.stdout, sys.stderr
    _TAPS.extend(_Tap(stream, thread, report) for stream in streams)
    sys.stdout, sys.stderr = _TAPS[-2:]
    try:
        thread.start()
        thread.join(SECONDS)
        finished = not thread.is_alive()
        give_up = time.monotonic() + 1
        while thread.is_alive() and time.monotonic() < give_up:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_Stop))
            thread.join(0.02)
    finally:
        if not thread.is_alive():
            sys.stdout, sys.stderr = streams
    return finished


def _quietly(work: Callable[[], None]) -> None:
    with contextlib.suppress(_Stop), np.errstate(all="ignore"):
        work()


def _try(exercise: Exercise, attempt: Any, case: tuple[Any, ...], report: _Report) -> None:
    """Run the attempt on one case and judge what comes out."""
    try:
        _judge(exercise, _answer(exercise, attempt, case, report), case, report)
    except _Stop:
        raise
    except _WrongError as wrong:
        report.wrong = wrong
    except BaseException as error:
        report.wrong = _WrongError(
            "What came back could not be looked at: it raises an error itself.", yours=_describe(error)
        )


def _answer(exercise: Exercise, attempt: Any, case: tuple[Any, ...], report: _Report) -> Any:
    """Get the attempt's answer to one case."""
    if not exercise.takes_function():
        if callable(attempt):
            raise _WrongError(
                "A value is asked for. Call your function, and pass what it returns.", yours=_show(attempt)
            )
        return attempt
    if not callable(attempt):
        hint = f"Pass the function itself, by its name, without parentheses. It is called as {exercise.call}."
        raise _WrongError(hint, yours=_show(attempt))
    given = copy.deepcopy(case)
    try:
        answer = attempt(*given)
    except _Stop:
        raise
    except BaseException as error:
        if isinstance(error, TypeError) and "ellipsis" in str(error):
            report.untouched = True
            return None
        raise _WrongError(
            _why_it_raised(exercise, error), yours=_describe(error), expected=_expected(exercise, case)
        ) from None
    if any(not np.array_equal(before, after) for before, after in zip(case, given, strict=True)):
        raise _WrongError(
            "Your function changed its input, and the caller still needs that. Work on a new array: write "
            "e = np.exp(z), not z -= …, z[…] = … or out=z.",
            yours=f"the input became {', '.join(map(_show, given))}",
            expected=_expected(exercise, case),
        )
    return answer


def _judge(exercise: Exercise, answer: Any, case: tuple[Any, ...], report: _Report) -> None:
    """Compare an answer with the expected one; raise `_WrongError` with the most fitting hint where they differ."""
    if report.untouched or answer is ...:
        report.untouched = True
        return
    expected = _solve(exercise.solution, case)
    facts = {"yours": _show(answer), "expected": _expected(exercise, case)}
    if answer is None:
        raise _WrongError("None came back. Is there a return at the end of your function?", **facts)
    if isinstance(answer, list) and isinstance(expected, np.ndarray):
        raise _WrongError(
            "Your function returned a list. Return a NumPy array, so that callers can compute with it.", **facts
        )
    try:
        numbers = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        raise _WrongError(f"Numbers are asked for, and this is of type {type(answer).__name__}.", **facts) from None
    if _agree(exercise, numbers, expected):
        return
    for mistake in exercise.mistakes:
        if (mistake.gives_nan or np.isfinite(numbers).any()) and _agree(
            exercise, numbers, _solve(mistake.answer, case)
        ):
            raise _WrongError(mistake.hint, **facts)
    if numbers.shape != np.shape(expected):
        raise _WrongError(f"Shape {np.shape(expected)} is expected, and yours is {numbers.shape}.", **facts)
    if not np.isfinite(numbers).all():
        hint = (
            "An exponential overflowed to inf, or all of them underflowed to 0, and the quotient is not a number. "
            "Only differences of logits count: subtract the largest one first."
        )
        raise _WrongError(hint, **facts)
    raise _WrongError(exercise.hint, **facts)


def _solve(solution: Any, case: tuple[Any, ...]) -> Any:
    if not callable(solution):
        return solution
    with np.errstate(all="ignore"):
        return solution(*copy.deepcopy(case))


def _agree(exercise: Exercise, numbers: np.ndarray[Any, Any], expected: Any) -> bool:
    if numbers.shape != np.shape(expected):
        return False
    ours, theirs = exercise.agree_up_to(numbers), exercise.agree_up_to(np.asarray(expected))
    return bool(np.allclose(ours, theirs, rtol=exercise.tolerance, atol=exercise.absolute, equal_nan=True))


def _why_it_raised(exercise: Exercise, error: BaseException) -> str:
    if isinstance(error, ValueError) and "broadcast" in str(error):
        return "Two shapes do not fit each other. Keep the axis that you sum over: keepdims=True."
    if isinstance(error, NameError):
        return "A name is not known here. Is it misspelled, or defined in a cell that has not been run?"
    if isinstance(error, TypeError) and "argument" in str(error):
        return f"Your function is called as {exercise.call}."
    return "Your function raised an error. Call it by hand on this input to see where."


def _describe(error: BaseException) -> str:
    """Give an error in one line, with the line of the attempt that raised it."""
    text = f"{type(error).__name__}: {error}".partition("\n")[0][:200]
    own = [frame for frame in traceback.extract_tb(error.__traceback__)[1:] if frame.filename != __file__]
    return f"{text} (in line {own[0].lineno}: {own[0].line})" if own else text


def _arguments(exercise: Exercise, case: tuple[Any, ...]) -> str:
    names = exercise.call.partition("(")[2].rstrip(")").split(", ")
    return ", ".join(f"{name} = {_show(value)}" for name, value in zip(names, case, strict=True))


def _expected(exercise: Exercise, case: tuple[Any, ...]) -> str:
    return _show(_solve(exercise.solution, case))


def _show(value: Any) -> str:
    """Write a value in one line, however large or odd it is."""
    if isinstance(value, float | np.floating):
        return f"{value:.8g}"
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=6, threshold=20, max_line_width=10**6)
        return " ".join(text.split())
    if isinstance(value, tuple):
        return f"({', '.join(map(_show, value[:6]))}{', …' if len(value) > 6 else ''})"
    return reprlib.repr(value)
