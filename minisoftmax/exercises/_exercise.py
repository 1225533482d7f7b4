"""What an exercise is: its question, its right answer, the inputs it is tried on, and the mistakes that it knows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from minisoftmax.exercises import _messages as say

__all__ = ["SMALL", "TEXTS", "Exercise", "Mistake", "in_words"]

TEXTS = "title", "question", "goal", "hint", "why", "compared"
"""The attributes of an exercise that are texts. Beside them it has the hints of its mistakes."""

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


class _Number(int):
    """A whole number whose thousands are set apart as the language does it, where a text has ``{tokens:,}``."""

    def __format__(self, spec: str) -> str:
        return super().__format__(spec).replace(",", say.text(say.THOUSANDS))


_WORDS = "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"


def in_words(number: int) -> str:
    """Write a number below ten as a word.

    >>> in_words(3)
    'three'
    """
    return _WORDS[number]


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
    vary : Callable or None
        Makes the same exercise with other numbers, where a value is asked for.
    numbers : dict
        The numbers that ``vary`` may be given, by the name of its argument.
    values, words : dict
        What goes into the texts, by the name of its place there: values as they are, and words in the language of the
        reader.
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
    vary: Callable[..., "Exercise"] | None = None
    numbers: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    def spoken(self) -> "Exercise":
        """Give it in the language of the reader, with the values in its texts."""
        values: dict[str, Any] = {
            name: _Number(value) if isinstance(value, int) else value for name, value in self.values.items()
        }
        values |= {name: say.text(word) for name, word in self.words.items()}
        texts: dict[str, Any] = {name: say.text(getattr(self, name), **values) for name in TEXTS}
        mistakes = [replace(mistake, hint=say.text(mistake.hint, **values)) for mistake in self.mistakes]
        return replace(self, **texts, mistakes=mistakes, values={}, words={})

    @property
    def statement(self) -> str:
        """The exercise as the book puts it, with title, level, minutes and question, in Markdown."""
        minutes = say.text(say.ONE_MINUTE if self.minutes == 1 else say.MINUTES, minutes=self.minutes)
        return f"**{self.title}** ({'●' * self.level}, {minutes}). {self.question}"

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
    def blank(self) -> str:
        """The code of an answer, with ``...`` where it goes."""
        if self.kind == "function":
            return f"def {self.answer}:\n    return ...\n"
        return f"{self.answer} = {', '.join('...' for _ in self.parts)}\n"

    @property
    def answered(self) -> str:
        """What the answer is called where it is passed on, by the name of the function or those of the values."""
        name = self.answer.partition("(")[0] if self.kind == "function" else self.answer
        return f"({name})" if ", " in name else name

    @property
    def starter(self) -> str:
        """The code that a student starts from, and the check of it."""
        lines = "\n\n" if self.kind == "function" else "\n"
        return f'{self.blank}{lines}check("{self.name}", {self.answered})'
