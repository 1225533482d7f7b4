"""Exercises that answer back: `check` says whether an attempt is right, and if not, what to look at.

The exercises of a chapter are in the module of its name, with their questions, cases and hints.
"""

import difflib
import sys
from typing import Any

from minisoftmax.exercises import _messages as say
from minisoftmax.exercises import (
    attention,
    calibration,
    classification,
    contexts,
    formula,
    sampling,
    sparse,
    speed,
    stability,
    temperature,
)
from minisoftmax.exercises._exercise import Exercise, Mistake
from minisoftmax.exercises._judge import judge
from minisoftmax.exercises._variants import Variant
from minisoftmax.exercises._verdict import Verdict, show_once

__all__ = ["Exercise", "Mistake", "Variant", "Verdict", "check", "exercise", "grade", "names", "variant"]

_CHAPTERS = (
    formula,
    temperature,
    stability,
    sampling,
    attention,
    contexts,
    classification,
    calibration,
    sparse,
    speed,
)

_EXERCISES = {found.name: found for chapter in _CHAPTERS for found in chapter.EXERCISES}

_MOVED = {"attention.merge": "contexts.merge"}
"""Former names, which stay valid, and the exercises that they mean."""

_wrong_values: dict[str, list[Any]] = {name: [] for name in _EXERCISES}
"""The different wrong values that were checked in this session, for each exercise."""

_variants: dict[tuple[str, int], Variant] = {}
"""The variants that were asked for in this session, each with the wrong values that were checked."""


def names() -> tuple[str, ...]:
    """List the exercises, in the order of the book.

    Returns
    -------
    tuple of str
        Names such as ``"formula.ratio"``: the chapter, a point, the exercise.

    Examples
    --------
    >>> from minisoftmax.exercises import names
    >>> names()[:2]
    ('formula.ratio', 'formula.predict')
    """
    return tuple(_EXERCISES)


def exercise(name: str) -> Exercise:
    """Give an exercise: its question, level, cases, solution and mistakes.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    Exercise

    Raises
    ------
    ValueError
        If there is no exercise of that name.

    Examples
    --------
    >>> from minisoftmax.exercises import exercise
    >>> ratio = exercise("formula.ratio")
    >>> ratio.question
    'Two logits differ by 3. How many times as likely is the option with the larger one?'
    >>> ratio.kind, ratio.level, ratio.minutes
    ('value', 1, 2)
    """
    return _found(name).spoken()


def _found(name: str) -> Exercise:
    found = _EXERCISES.get(_MOVED.get(name, name))
    if found is None:
        problem = say.text(say.UNKNOWN, names=", ".join(map(repr, _EXERCISES)), name=repr(name))
        for close in difflib.get_close_matches(str(name), _EXERCISES, n=1):
            problem = say.text(say.DID_YOU_MEAN, unknown=problem, close=repr(close))
        raise ValueError(problem)
    return found


def check(name: str, attempt: object, *, reveal: bool = False) -> Verdict:
    """Say whether an attempt at an exercise is right, and why that matters; or what is wrong, with a hint.

    A function is called in place, on copies of several inputs; what it prints appears where it would without `check`,
    and a loop without end is stopped with the notebook's stop button. A wrong function is shown with the first input
    that it failed on. About a wrong value more is told with each new one: first the direction, or the slip if it is a
    known one; then the hint; then the answer.

    Parameters
    ----------
    name : str
        The exercise, one of `names`.
    attempt : object
        The answer: a value, or a function where the exercise asks for one. As long as it is or returns ``...``, it
        counts as not tried yet.
    reveal : bool, default False
        Whether to show the answer at once, where it is a value.

    Returns
    -------
    Verdict
        It has been displayed or printed.

    Raises
    ------
    ValueError
        If there is no exercise of that name.

    See Also
    --------
    grade : The same, in silence.

    Examples
    --------
    >>> from minisoftmax.exercises import check
    >>> check("formula.ratio", ...)
    Not tried yet: formula.ratio. Put your answer in place of the ... and run the cell again.
    >>> check("formula.ratio", 3)
    ✗ formula.ratio: not yet.
      yours: 3
      hint:  3 is the difference of the logits. The ratio is e to that power.
    >>> check("formula.ratio", 20.1).passed
    ✓ formula.ratio: right. A lead of 3 is about 20 : 1, whatever the logits are and however many other
      options there are.
    True
    """
    found = exercise(name)
    verdict = judge(found, attempt, _wrong_values[found.name], reveal=reveal)
    return show_once(verdict, sys._getframe(1))


def grade(name: str, attempt: object) -> Verdict:
    """Judge an attempt as `check` does, but show nothing, count nothing, and never give an answer away.

    Parameters
    ----------
    name : str
        The exercise, one of `names`.
    attempt : object
        The answer: a value, or a function where the exercise asks for one.

    Returns
    -------
    Verdict
        True in a condition only if the attempt passed.

    Raises
    ------
    ValueError
        If there is no exercise of that name.

    Notes
    -----
    In a course, this is a whole test cell of nbgrader::

        from minisoftmax.exercises import grade

        assert grade("formula.softmax", my_softmax)

    and this a test of Otter-Grader, in the format in which what a student's function prints does not count::

        from minisoftmax.exercises import grade
        from otter.test_files import test_case

        OK_FORMAT = False
        name = "softmax"
        points = 1

        @test_case()
        def test_softmax(my_softmax):
            assert grade("formula.softmax", my_softmax)

    A loop without end is stopped by the grader's own limit of time.

    Examples
    --------
    >>> from minisoftmax import softmax
    >>> from minisoftmax.exercises import grade
    >>> assert grade("formula.softmax", softmax)
    >>> bool(grade("formula.ratio", 3))
    False
    """
    return judge(exercise(name), attempt, [])


def variant(name: str, seed: int) -> Variant:
    """Give another exercise of the same kind, which is not in the book: the same one for the same seed.

    Where a value is asked for, the numbers are others; where a function is, its name, those of its arguments and the
    cases that it is tried on. Each known mistake still gets its hint.

    Parameters
    ----------
    name : str
        The exercise, one of `names`. Open ones, which a person judges, have no names and no variants.
    seed : int
        Any number from 0 on.

    Returns
    -------
    Variant
        With its ``question``, its ``check`` and its ``solution``.

    Raises
    ------
    TypeError
        If ``seed`` is no int.
    ValueError
        If there is no exercise of that name, or ``seed`` is negative.

    Examples
    --------
    >>> from minisoftmax.exercises import variant
    >>> other = variant("formula.ratio", 7)
    >>> other.question
    'Two logits differ by 1.5. How many times as likely is the option with the larger one?'
    >>> other.check(other.solution).passed
    ✓ formula.ratio: right. A lead of 1.5 is about 4 : 1, whatever the logits are and however many other
      options there are.
    True
    """
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise TypeError(f"seed must be an int >= 0, got {seed!r} of type {type(seed).__name__}")
    if seed < 0:
        raise ValueError(f"seed must be an int >= 0, got {seed}")
    try:
        found = _found(name)
    except ValueError as unknown:
        open_ones = "open exercises, which a person judges, have no names and no variants"
        raise ValueError(f"{unknown}; {open_ones}") from None
    return _variants.setdefault((found.name, seed), Variant(found, seed))
