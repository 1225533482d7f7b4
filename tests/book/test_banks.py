"""The question banks say the same when parsers that are not ours read them back."""

import re
import warnings
from typing import Any

import pytest
from moodle_xml_parser.parser import parse_string

from minisoftmax.exercises import exercise, names
from tools import banks

QUESTIONS = list(banks.questions())
BLANKS = [(question, blank) for question in QUESTIONS for blank in question.blanks]
IN_A_BANK = [name for name in names() if exercise(name).kind != "function" and not exercise(name).agree_up_to]


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


@pytest.fixture(scope="module")
def moodle() -> list[Any]:
    cloze: list[Any] = parse_string(banks.moodle())["cloze"]
    return cloze


@pytest.fixture(scope="module")
def gift() -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old package: of its patterns and of how it asks for the language
        from pygiftparser import parser

        read: list[Any] = parser.parseFile(banks.gift().splitlines(keepends=True))
    return read


def test_every_exercise_with_one_right_value_is_in_the_banks_with_variants() -> None:
    found = [question.put.name for question in QUESTIONS]
    assert list(dict.fromkeys(found)) == IN_A_BANK
    assert all(found.count(name) >= 3 for name in IN_A_BANK)
    texts = [question.put.question for question in QUESTIONS]
    assert len(set(texts)) == len(texts), "no question is there twice"


def test_moodle_reads_every_gap(moodle: list[Any]) -> None:
    assert [question.name for question in moodle] == [question.name for question in QUESTIONS]
    for read, question in zip(moodle, QUESTIONS, strict=True):
        gaps = [gap for gap in read.gaps if gap.sub_type in ("NUMERICAL", "MULTICHOICE")]
        assert len(gaps) == len(question.blanks)
        for gap, blank in zip(gaps, question.blanks, strict=True):
            [right] = [option for option in gap.options if option.score == 100]
            wrong = [option for option in gap.options if option.score == 0]
            if question.put.options:
                assert float(right.answer) == blank.right
                assert len(wrong) == len(question.put.options) - 1
                continue
            value, tolerance = map(float, right.answer.split(":"))
            assert value == pytest.approx(blank.right, abs=blank.tolerance / 10)
            assert tolerance == pytest.approx(blank.tolerance, rel=0.01)
            hints = [unescaped(option.feedback) for option in wrong]
            assert hints == [hint for _, _, hint in blank.slips]


def test_gift_reads_every_number(gift: list[Any]) -> None:
    assert [read.title for read in gift] == [f"{question.name}, {blank.name}" for question, blank in BLANKS]
    for read, (question, blank) in zip(gift, BLANKS, strict=True):
        assert read.valid, read.title
        assert read.cat == question.category
        assert unescaped(read.generalFeedback) == banks.html(question.put.why)
        assert unescaped(read.text).startswith(banks.html(question.put.question)[:40])
        right = [answer for answer in read.answers.answers if answer.fraction == 100]
        if question.put.options:
            assert [float(answer.answer) for answer in right] == [blank.right]
            continue
        [answer] = right
        assert float(answer.value) == pytest.approx(blank.right, abs=blank.tolerance / 10)
        assert float(answer.tolerance) == pytest.approx(blank.tolerance, rel=0.01)
        wrong = [unescaped(answer.feedback) for answer in read.answers.answers if answer.fraction == 0]
        assert wrong == [hint for value, _, hint in blank.slips if value >= 0]


def test_no_slip_is_taken_for_the_right_number() -> None:
    for _, blank in BLANKS:
        for value, _, hint in blank.slips:
            assert abs(value - blank.right) > blank.tolerance, hint


def test_formulas_are_written_as_platforms_find_them() -> None:
    text = banks.moodle()
    assert r"\(T = 1\)" in text
    assert "$" not in text.replace("$course$", "")
