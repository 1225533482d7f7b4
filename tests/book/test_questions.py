"""The page of questions: each has a short answer, with a link, and with no number that the chapter behind it lacks."""

import re
from collections.abc import Iterator, Sequence

import pytest

from tests.book import prose, report
from tools import notebooks

PAGE = notebooks.BOOK / "questions.md"
LINK = re.compile(r"\]\(([\w/]+\.ipynb)#[\w-]+\)")
CHANGEABLE = [("1.461", "1.471"), ("0.665, 0.245", "0.665, 0.246"), ("With −∞ before", "With −88 before")]


def problems(page: str) -> Iterator[str]:
    """Find questions without a short answer or a link, and numbers in answers that no chapter behind them has."""
    for entry in re.findall(r"^\*\*.+(?:\n.+)*", page, re.MULTILINE):
        question, _, answer = entry.partition("\n")
        chapters = sorted(set(LINK.findall(answer)))
        if not re.fullmatch(r"\*\*.+\?\*\*", question):
            yield f"{question}: is no question."
        if not chapters or len(LINK.sub("", answer).split()) > 60:
            yield f"{question}: needs an answer of at most 60 words, with a link to a section of a chapter."
        for number in prose.numbers(prose.Passage(question, answer)):
            if number.plain not in known(chapters) | {"0", "1"}:
                yield f"{question}: {number.text} is in no output of {' or '.join(chapters)}."


def known(chapters: Sequence[str]) -> set[str]:
    """Collect the numbers that some chapters compute."""
    return set().union(*(prose.known_numbers(notebooks.read(notebooks.BOOK / chapter)) for chapter in chapters))


def test_each_question_has_an_answer_that_its_chapter_bears_out() -> None:
    report.none(list(problems(PAGE.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(("right", "wrong"), CHANGEABLE)
def test_a_wrong_number_is_seen(right: str, wrong: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert right in page
    assert list(problems(page.replace(right, wrong)))


@pytest.mark.parametrize(
    "entry", ["**Why?**\nBecause.", "**Why?**\n" + "word " * 70 + "[x](formula.ipynb#in-practice)", "**Because**\nYes."]
)
def test_a_question_without_a_short_answer_is_seen(entry: str) -> None:
    assert list(problems(entry))
