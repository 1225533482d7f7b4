"""What an exercise is: its question, its right answer, the inputs it is tried on, and the mistakes that it knows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["SMALL", "Exercise", "Mistake"]

SMALL = (
    1e-3,
    1e-4,
    1e-5,
    1e-6,
    1e-7,
    1e-8,
    1e-9,
    1e-10,
    1e-11,
    1e-12,
    1e-14,
    1e-15,
    2.0**-52,
    1e-16,
    1e-20,
    1e-30,
    1e-100,
    1e-300,
)
"""Numbers that people add to a probability, to keep its logarithm finite."""


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that people give, and the hint for those who gave it."""

    answer: Any
    """The wrong value; where a function is asked for, a function with this mistake. It may raise."""
    hint: str
    alike: Sequence[Any] = ()
    """Other answers that show the same mistake."""

    @property
    def answers(self) -> tuple[Any, ...]:
        """All the answers that show this mistake."""
        return self.answer, *self.alike


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """An exercise: all that a notebook, a page or a question bank needs to put it, and `check` to judge it.

    Attributes
    ----------
    name : str
        The chapter, a point, the exercise: ``"formula.ratio"``.
    title : str
        What the book calls it: ``"Ratio"``.
    question : str
        The question, in Markdown.
    goal : str
        The goal of the chapter that it serves, in the chapter's words.
    level : int
        1 (easy) to 3 (hard).
    minutes : int
        How long it takes, about.
    answer : str
        The name of the answer, ``"ratio"``; of several values, ``"plus_100, times_3"``; of a function with its
        arguments, ``"my_softmax(z)"``.
    solution : object
        A right value, or a right function.
    hint : str
        How to find the answer.
    why : str
        Why the right answer matters.
    options : Sequence of int
        The values to choose from, where the answer is a choice.
    cases : Sequence of tuple
        The arguments that a function is tried on: ordinary ones first, odd ones last.
    mistakes : Sequence of Mistake
        Wrong answers that people give, each with a hint of its own.
    tolerance, absolute : float
        The relative and the absolute error that a right answer may have.
    agree_up_to : Callable or None
        What is compared: a function of the answer, where more than one answer is right.
    compared : str
        What ``agree_up_to`` gives, in words: ``"softmax of your logits"``.
    """

    name: str
    title: str
    question: str
    goal: str
    level: Literal[1, 2, 3]
    minutes: int
    answer: str
    solution: Any
    hint: str
    why: str
    options: Sequence[int] = ()
    cases: Sequence[tuple[Any, ...]] = ((),)
    mistakes: Sequence[Mistake] = ()
    tolerance: float = 1e-6
    absolute: float = 1e-12
    agree_up_to: Callable[[Any], Any] | None = None
    compared: str = ""

    @property
    def kind(self) -> Literal["value", "choice", "function"]:
        """Whether a value (or several), a choice among options, or a function is asked for."""
        if self.answer.endswith(")"):
            return "function"
        return "choice" if self.options else "value"

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the values that are asked for, or of the function's arguments."""
        inside = self.answer.partition("(")[2].rstrip(")") if self.kind == "function" else self.answer
        return tuple(inside.split(", "))

    @property
    def starter(self) -> str:
        """The code that a student starts from, with ``...`` where the answer goes."""
        if self.kind == "function":
            attempt, name = f"def {self.answer}:\n    return ...\n\n", self.answer.partition("(")[0]
        else:
            attempt, name = f"{self.answer} = {', '.join('...' for _ in self.parts)}\n", self.answer
        name = f"({name})" if ", " in name else name
        return f'{attempt}\ncheck("{self.name}", {name})'
