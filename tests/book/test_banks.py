"""The question banks say the same when parsers that are not ours read them back."""

import io
import re
import warnings
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
from moodle_xml_parser.parser import parse_string

from minisoftmax.exercises import exercise, names
from tools import banks, qti

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # an old package: of its patterns
    from pyslet.imscpv1p2 import ManifestDocument
    from pyslet.qtiv2.tests import TestForm as Form
    from pyslet.qtiv2.variables import ItemSessionState
    from pyslet.qtiv2.xml import QTIDocument
    from pyslet.xml.namespace import XMLNSElement

QUESTIONS = list(banks.questions())
BLANKS = [(question, blank) for question in QUESTIONS for blank in question.blanks]
IN_A_BANK = [name for name in names() if exercise(name).kind != "function" and not exercise(name).agree_up_to]


WITH_PYSLET = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of its own former names


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


@pytest.fixture(scope="module")
def package() -> dict[str, bytes]:
    archive = ZipFile(io.BytesIO(qti.package()))
    return {name: archive.read(name) for name in archive.namelist()}


def root_of(document: Any, data: bytes) -> Any:
    document.read(src=io.BytesIO(data))
    found = document.root.find_children_depth_first(XMLNSElement)
    unknown = {element.xmlname for element in found if type(element) is XMLNSElement}
    assert not unknown, "these are no elements of the standard"
    return document.root


def words(markup: str) -> list[str]:
    return "".join(ET.fromstring(markup).itertext()).split()


def advice(text: str) -> list[str]:
    return words(f"<div>{banks.html(text)}</div>")


class Item:
    """A question of the package, as pyslet reads and scores it."""

    def __init__(self, data: bytes) -> None:
        self.item = root_of(QTIDocument(), data)
        self.body = ET.fromstring(str(self.item.ItemBody))
        options = self.body.iter("{http://www.imsglobal.org/xsd/imsqti_v2p1}inlineChoice")
        self.options = {option.text: option.attrib["identifier"] for option in options}

    @property
    def asked(self) -> list[str]:
        """Give the names of the answers that the text of the question has a place for."""
        return [part.attrib["responseIdentifier"] for part in self.body.iter() if "responseIdentifier" in part.attrib]

    def outcome(self, answers: Mapping[str, float]) -> tuple[float, list[str]]:
        """Give the score of answers, and what is said to them."""
        state = ItemSessionState(self.item)
        state.begin_session()
        for name, answer in answers.items():
            state[name].set_value(self.options.get(f"{answer:.0f}", str(float(answer))))
        self.item.ResponseProcessing.run(state)
        assert state["MAXSCORE"].value == 1
        [said] = [shown for shown in self.item.QTIModalFeedback if shown.identifier == state["FEEDBACK"].value]
        return state["SCORE"].value, words(str(said))


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


@WITH_PYSLET
def test_a_package_of_qti_names_every_file_and_draws_one_question_for_each_exercise(package: dict[str, bytes]) -> None:
    resources = root_of(ManifestDocument(), package["imsmanifest.xml"]).Resources.Resource
    assert {str(file.href) for resource in resources for file in resource.File} == {*package} - {"imsmanifest.xml"}
    assert len({resource.id for resource in resources}) == len(resources) == len(QUESTIONS) + 1
    test = root_of(QTIDocument(), package["test.xml"])
    of_exercise = [[str(item.href) for item in section.SectionPart] for section in test.TestPart[0].AssessmentSection]
    assert [len(items) for items in of_exercise] == [
        sum(question.put.name == name for question in QUESTIONS) for name in IN_A_BANK
    ]
    drawn = [f"{name}.xml" for name in Form(test).components]
    assert all(sum(item in drawn for item in items) == 1 for items in of_exercise)
    dates = {entry.date_time for entry in ZipFile(io.BytesIO(qti.package())).infolist()}
    assert dates == {(1980, 1, 1, 0, 0, 0)}, "no package bears the time at which it was made"


@WITH_PYSLET
def test_a_reader_of_qti_scores_right_answers_slips_and_others(package: dict[str, bytes]) -> None:
    for question in QUESTIONS[::2]:  # some of each exercise: pyslet takes its time
        put, blanks = question.put, question.blanks
        item = Item(package[f"{qti.identifier(question)}.xml"])
        why, hint, text = advice(put.why), advice(put.hint), advice(put.question)
        assert words(ET.tostring(item.body, encoding="unicode"))[: len(text)] == text
        assert item.asked == [blank.name for blank in blanks]
        right = {blank.name: blank.right for blank in blanks}
        assert item.outcome(right) == (1, why), question.name
        assert item.outcome({}) == (0, hint), question.name
        for blank in blanks:
            others = pytest.approx(1 - 1 / len(blanks))
            for value, _, slip in blank.slips:
                score, said = item.outcome({**right, blank.name: value})
                assert (score == others, said) == (True, advice(slip)), question.name
            if not put.options:
                near, far = blank.right - 0.98 * blank.tolerance, blank.right + 1.02 * blank.tolerance
                assert item.outcome({**right, blank.name: near}) == (1, why), question.name
                assert item.outcome({**right, blank.name: far})[0] == others, question.name
