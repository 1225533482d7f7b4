"""The numeric and choice exercises as question banks, for Moodle (XML) and for whatever reads GIFT.

Each exercise is a category, with the book's question and variants of it, so that a quiz may draw one of them. What has
more than one right answer is left out, since neither format can judge it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import numpy as np
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from numpy.typing import NDArray

from minisoftmax.exercises import Exercise, exercise, names, variant
from tools.lessons import say

VARIANTS = range(1, 6)


@dataclass(frozen=True)
class Blank:
    """A number that is asked for."""

    name: str
    right: float
    tolerance: float
    slips: tuple[tuple[float, float, str], ...]
    """Wrong values, each with its tolerance and its hint."""


@dataclass(frozen=True)
class Question:
    """An exercise of the book, or a variant of it."""

    name: str
    put: Exercise

    @property
    def category(self) -> str:
        """Where it belongs in a bank."""
        return f"$course$/softmax/{self.put.name.replace('.', '/')}"

    @property
    def blanks(self) -> list[Blank]:
        """The numbers that are asked for, one after the other."""
        right = np.atleast_1d(np.asarray(self.put.solution, dtype=float))
        return [Blank(name, right[i], self._tolerance(right[i]), self._slips(right, i)) for i, name in self._places]

    @property
    def _places(self) -> list[tuple[int, str]]:
        return list(enumerate(self.put.parts))

    def _tolerance(self, value: float) -> float:
        return float(max(self.put.tolerance * abs(value), self.put.absolute))

    def _slips(self, right: NDArray[np.float64], place: int) -> tuple[tuple[float, float, str], ...]:
        """Collect the mistakes that one number shows: where all the others are right."""
        found: dict[float, str] = {}
        for mistake in self.put.mistakes:
            for answer in mistake.answers:
                given = np.atleast_1d(np.asarray(answer, dtype=float))
                is_wrong = ~np.isclose(given, right, 2 * self.put.tolerance, self.put.absolute)
                if is_wrong[place] and is_wrong.sum() == 1:
                    found.setdefault(float(given[place]), mistake.hint)
        return tuple((value, self._tolerance(value), hint) for value, hint in found.items())


def questions() -> Iterator[Question]:
    """Give the questions of a bank: those of the book, if they can stand alone, and their variants."""
    for name in names():
        put = exercise(name)
        if put.kind == "function" or put.agree_up_to is not None:
            continue
        seen = set()
        for found in [
            Question(name, put),
            *(Question(f"{name} {seed}", variant(name, seed).exercise) for seed in VARIANTS),
        ]:
            is_elsewhere = found.put is put and put.kind == "choice"  # in the chapter, below the question
            if not is_elsewhere and found.put.question not in seen:
                seen.add(found.put.question)
                yield found


_markdown = MarkdownIt("commonmark").use(dollarmath_plugin, renderer=lambda text, _: text)


def html(text: str) -> str:
    r"""Write Markdown as HTML, with formulas as learning platforms find them.

    >>> html("At $T = 1$, `p`.")
    '<p>At \\(T = 1\\), <code>p</code>.</p>'
    """
    written = _markdown.render(text).strip()
    return re.sub(r'<span class="math inline">(.*?)</span>', r"\\(\1\\)", written)


def number(value: float, digits: int) -> str:
    """Write a number without an exponent, which GIFT does not know.

    >>> number(5e-06, 3)
    '0.000005'
    """
    return np.format_float_positional(value, digits, unique=False, fractional=False, trim="-")


def moodle() -> str:
    """Write the bank as Moodle XML: a question with a gap for each number, and hints for known mistakes."""
    quiz, category = ET.Element("quiz"), ""
    for question in questions():
        if question.category != category:
            category = question.category
            _add(ET.SubElement(quiz, "question", type="category"), "category", category)
        element = ET.SubElement(quiz, "question", type="cloze")
        gaps = "".join(f"<p>{blank.name}: {_gap(question.put, blank)}</p>" for blank in question.blanks)
        _add(element, "name", question.name)
        _add(element, "questiontext", html(question.put.question) + gaps, format="html")
        _add(element, "generalfeedback", html(question.put.why), format="html")
        ET.SubElement(element, "penalty").text = "0.3333333"
        _add(element, "hint", html(question.put.hint), format="html")
    ET.indent(quiz)
    return ET.tostring(quiz, encoding="unicode", xml_declaration=True) + "\n"


def _add(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(ET.SubElement(parent, name, attributes), "text").text = text


def _gap(put: Exercise, blank: Blank) -> str:
    if put.options:
        choices = "~".join(f"{'=' if option == blank.right else ''}{option}" for option in put.options)
        return f"{{1:MULTICHOICE:{choices}}}"
    slips = [f"~%0%{_near(value, error)}#{_escape(hint, '}#~')}" for value, error, hint in blank.slips]
    return f"{{1:NUMERICAL:={_near(blank.right, blank.tolerance)}{''.join(slips)}}}"


def _near(value: float, tolerance: float) -> str:
    return f"{number(value, 10)}:{number(tolerance, 3)}"


def gift() -> str:
    """Write the bank as GIFT: a question for each number."""
    written, category = [], ""
    for question in questions():
        if question.category != category:
            category = question.category
            written.append(f"$CATEGORY: {category}")
        for blank in question.blanks:
            asked = " " + say("Give `{name}`.", name=blank.name) if len(question.blanks) > 1 else ""
            head = f"::{question.name}, {blank.name}::[html]{_escape_gift(html(question.put.question + asked))}"
            feedback = f"####{_escape_gift(html(question.put.why))}"
            written.append("\n".join([f"{head} {{", *_answers(question.put, blank), f"{feedback}}}"]))
    return "\n\n".join([*written, ""])


def _answers(put: Exercise, blank: Blank) -> Iterator[str]:
    if put.options:
        yield from (f"{'=' if option == blank.right else '~'}{option}" for option in put.options)
        return
    yield "#"
    yield f"={_near(blank.right, blank.tolerance)}"
    for value, error, hint in blank.slips:
        if value >= 0:  # not all that reads GIFT knows a minus sign
            yield f"=%0%{_near(value, error)}#{_escape_gift(hint)}"


def _escape_gift(text: str) -> str:
    return _escape(text.replace("\\", "\\\\"), "~=#{}:").replace("\n", " ")


def _escape(text: str, special: str) -> str:
    return re.sub(f"[{re.escape(special)}]", r"\\\g<0>", text)
