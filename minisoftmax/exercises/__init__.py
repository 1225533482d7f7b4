"""Exercises whose answers talk back: `check` says whether an attempt is right, and if not, what to look at.

The exercises of a chapter are in the module of its name; ``minisoftmax.exercises._judge`` runs an attempt and finds
words for what it did.
"""

import difflib

from minisoftmax.exercises import attention, calibration, classification, formula, sampling, stability, temperature
from minisoftmax.exercises._judge import verdict

__all__ = ["check", "names"]

_CHAPTERS = formula, temperature, stability, sampling, attention, classification, calibration

_EXERCISES = {exercise.name: exercise for chapter in _CHAPTERS for exercise in chapter.EXERCISES}


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


def check(name: str, attempt: object) -> None:
    """Print whether an attempt at an exercise is right, and why that matters; or what is wrong, with a hint.

    A wrong attempt is shown with the input that it failed on, what it gave, and what was expected. An attempt that
    raises, runs longer than 5 seconds, or prints without end is stopped and told so.

    Parameters
    ----------
    name : str
        The exercise, one of `names`.
    attempt : object
        The answer: a value, or a function where the exercise asks for one. As long as it is or returns ``...``, it
        counts as not tried yet.

    Returns
    -------
    None

    Raises
    ------
    ValueError
        If there is no exercise of that name; the message lists all names.

    Examples
    --------
    >>> from minisoftmax.exercises import check
    >>> check("formula.ratio", ...)
    Not tried yet: formula.ratio. Put your answer in place of the ... and run the cell again.
    >>> check("formula.ratio", 3)
    ✗ formula.ratio: not yet.
      yours:    3
      expected: 20.085537
      hint:     3 is the difference of the logits. The ratio is e to that power.
    """
    if name not in _EXERCISES:
        close = difflib.get_close_matches(str(name), _EXERCISES, n=1)
        meant = f" (did you mean {close[0]!r}?)" if close else ""
        raise ValueError(f"name must be one of {', '.join(map(repr, _EXERCISES))}, got {name!r}{meant}")
    print(verdict(_EXERCISES[name], attempt))
