"""Variants of the exercises: value exercises with other numbers, code exercises with other cases and names."""

import json
import random
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import numpy as np

from minisoftmax.exercises._compare import Numbers, agree, close
from minisoftmax.exercises._exercise import Exercise
from minisoftmax.exercises._judge import judge
from minisoftmax.exercises._verdict import Verdict, show_once

__all__ = ["Variant", "solution_code"]


def solution_code(name: str) -> str:
    """Give the code of the book's solution of an exercise; ``python -m tools.exercises`` writes the file."""
    text = resources.files(__package__).joinpath("solutions.json").read_text(encoding="utf-8")
    return str(json.loads(text)[name])


class Variant:
    """An exercise of the book with other numbers, or other cases and names: what `variant` gives.

    Attributes
    ----------
    name : str
        The exercise that it is a variant of.
    seed : int
        What it was drawn with.
    """

    def __init__(self, exercise: Exercise, seed: int) -> None:
        self.name, self.seed = exercise.name, seed
        draw, self._wrong, self._renamed = random.Random(f"{seed} {exercise.name}"), list[Numbers](), dict[str, str]()
        if exercise.kind == "function":
            self._drawn, self._renamed = _other_case(exercise, draw)
        else:
            self._drawn = _other_numbers(exercise, draw)

    def __repr__(self) -> str:
        return f"variant({self.name!r}, {self.seed})"

    @property
    def exercise(self) -> Exercise:
        """All that belongs to it, with its `question`, level, hint and mistakes."""
        spoken = self._drawn.spoken()
        return replace(spoken, question=_rename(spoken.question, self._renamed, "`"))

    @property
    def question(self) -> str:
        """The question, in Markdown."""
        return self.exercise.question

    @property
    def solution(self) -> Any:
        """A right value, or a right function."""
        return self.exercise.solution

    @property
    def solution_code(self) -> str:
        """Python code that solves it."""
        if self.exercise.kind == "function":
            return _rename(solution_code(self.name), self._renamed)
        values = self.solution if isinstance(self.solution, tuple) else (self.solution,)
        return f"{self.exercise.answer} = {', '.join(f'{value:.6g}' for value in values)}\n"

    @property
    def checked(self) -> str:
        """Python code that checks the answer."""
        return f"{self!r}.check({self.exercise.answered})"

    def check(self, attempt: object, *, reveal: bool = False) -> Verdict:
        """Judge and show an attempt, as `minisoftmax.exercises.check` does one at the book's exercise."""
        verdict = judge(self.exercise, attempt, self._wrong, reveal=reveal)
        return show_once(verdict, sys._getframe(1))

    def grade(self, attempt: object) -> Verdict:
        """Judge an attempt in silence, as `minisoftmax.exercises.grade` does."""
        return judge(self.exercise, attempt, [])


@dataclass(frozen=True)
class _Change:
    """What a variant does with an argument of that name."""

    names: tuple[str, ...] = ()
    """Other names for it."""
    case: Callable[[random.Random], Callable[[Any], Any]] = lambda _: lambda value: value
    """Draws the change of its values, which keeps zeros, infinities, ties and the order."""


def _scaled(draw: random.Random) -> Callable[[Any], Any]:
    factor = draw.choice((0.875, 0.9375, 1.0625))  # exact in binary, so ties stay ties
    return lambda value: value * factor


def _nudged(draw: random.Random) -> Callable[[Any], Any]:
    factor = 1 + draw.choice((1, 2, 3, -1)) / 1024  # where a case is on the border of an underflow, it stays there
    return lambda value: value * factor


def _more(_: random.Random) -> Callable[[Any], Any]:
    return lambda value: value + 1


def _flipped(_: random.Random) -> Callable[[Any], Any]:
    return lambda value: np.flip(value, axis=-1).copy() if np.ndim(value) else value


_CHANGES: Mapping[str, _Change] = {
    "T": _Change(("heat", "t"), _scaled),
    "W": _Change(("weights", "V"), _scaled),
    "X": _Change(("features", "inputs"), _scaled),
    "cached": _Change((), _more),
    "right": _Change((), lambda _: lambda value: 1 - value),
    "entries": _Change((), _scaled),
    "g": _Change(("grad", "upstream"), _flipped),
    "k": _Change(("count", "options"), _more),
    "log_p": _Change(("log_probs", "logs"), _scaled),
    "n": _Change(("size", "length"), _more),
    "new_T": _Change(("new_heat", "new_t"), _scaled),
    "noise": _Change((), _flipped),
    "p": _Change(("probs", "q"), _flipped),
    **{name: _Change((), _scaled) for name in ("lead", "m_1", "s_1", "m_2", "s_2", "s1", "o1", "s2", "o2")},
    "scores": _Change((), _scaled),
    "w": _Change(("width", "reach"), _more),
    "x": _Change(("rows", "embeddings"), _scaled),
    "y": _Change(("labels", "targets")),
    "z": _Change(("logits", "scores"), _nudged),
}
"""How arguments of code exercises vary. One that is missing, or is written as a formula in the question, stays."""

_VERBS = "compute", "find", "give"


def _other_numbers(exercise: Exercise, draw: random.Random) -> Exercise:
    """Draw numbers until they differ from the book's, and each mistake can be told from the others."""
    if exercise.vary is None:
        raise ValueError(f"{exercise.name} has no variants: its numbers are part of its text")
    while True:
        other = exercise.vary(**{name: draw.choice(values) for name, values in exercise.numbers.items()})
        if other.spoken().question != exercise.spoken().question and _is_clear(other):
            return other


def _is_clear(exercise: Exercise) -> bool:
    """Say whether no mistake has the right answer, or the answer of a mistake with another hint."""
    right = np.asarray(exercise.solution)
    told: list[tuple[Any, str]] = []
    for mistake in exercise.mistakes:
        for answer in mistake.answers:
            numbers = np.asarray(answer, dtype=float)
            if agree(exercise, numbers, right):
                return False
            if any(hint != mistake.hint and close(exercise, numbers, earlier).all() for earlier, hint in told):
                return False
            told.append((numbers, mistake.hint))
    return True


def _other_case(exercise: Exercise, draw: random.Random) -> tuple[Exercise, dict[str, str]]:
    """Change the cases argument by argument, and rename the function and those of its arguments that can be."""
    function, _, _ = exercise.answer.partition("(")
    changes = [_CHANGES.get(name, _Change()) for name in exercise.parts]
    cases = [change.case(draw) for change in changes]
    verb = draw.choice(_VERBS)
    renamed = {function: f"{verb}_{function.removeprefix('my_')}"}
    formulas = " ".join(re.findall(r"\$.*?\$", exercise.question))
    taken = set(exercise.parts)
    for name, change in zip(exercise.parts, changes, strict=True):
        free = [other for other in change.names if other not in taken]
        if free and not re.search(rf"\b{name}\b", formulas):
            renamed[name] = draw.choice(free)
            taken.add(renamed[name])
    other = replace(
        exercise,
        answer=_rename(exercise.answer, renamed),
        cases=[tuple(case(value) for case, value in zip(cases, values, strict=True)) for values in exercise.cases],
    )
    return other, renamed


def _rename(text: str, renamed: Mapping[str, str], within: str = "") -> str:
    """Rename what stands alone as a word; in a question, only within backticks."""

    def rename(piece: str) -> str:
        return re.sub(r"(?<![\w.^])\w+", lambda word: renamed.get(word[0], word[0]), piece)

    if within:
        return re.sub(f"{within}.*?{within}", lambda found: rename(found[0]), text)
    return rename(text)
