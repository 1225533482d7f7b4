"""The page for teachers: every chapter is on it, its plans fit, and what it names exists."""

import re

import pytest

from minisoftmax.exercises import exercise
from tests.editions import every_edition
from tools import reading_time
from tools.lessons import Lesson, lessons, say
from tools.notebooks import BOOK

PAGE = (BOOK / "teachers.md").read_text(encoding="utf-8")
LESSONS = lessons()
TO_TEACH = [(len(lesson.beliefs), len(lesson.prompts)) for lesson in LESSONS]
DIRECTIVE = re.compile(r"```\{lesson\} (\w+)\n(.*?)```", re.DOTALL)
PLANS = {name: dict(re.findall(r":(\w+): (.*)", options)) for name, options in DIRECTIVE.findall(PAGE)}


def of(lesson: Lesson) -> str:
    """Give the section of a chapter."""
    return PAGE.partition(f"\n## {lesson.title}\n")[2].partition("\n## ")[0]


def test_every_chapter_is_on_the_page_in_order() -> None:
    assert list(PLANS) == [lesson.name for lesson in LESSONS]
    assert all(f"```{{lesson}} {lesson.name}" in of(lesson) for lesson in LESSONS)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_the_plans_leave_time_to_talk(lesson: Lesson) -> None:
    plan = PLANS[lesson.name]
    skip, further = ([title.strip() for title in plan[option].split(";")] for option in ("skip", "further"))
    short, long = (plan[option].split(", ") for option in ("short", "long"))
    assert lesson.reading(skip) + lesson.practice(short) <= 35
    assert lesson.reading((), further) + lesson.practice(long) <= 70


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_each_belief_has_an_exercise_of_the_chapter(lesson: Lesson) -> None:
    rows = re.findall(r"^\| (.*?) \| (.*?) \|$", of(lesson), re.MULTILINE)[1:]
    assert len(rows) >= 4
    text = "\n".join(cell.source for cell in lesson.cells)
    for belief, shown_by in rows:
        assert belief.endswith(".")
        assert f"*{shown_by}* (●" in text, f"{lesson.name} has no exercise {shown_by}"
    assert len(re.findall(r"^- .*\?", of(lesson), re.MULTILINE)) >= 3


@every_edition
@pytest.mark.parametrize("place", range(len(LESSONS)), ids=[lesson.name for lesson in LESSONS])
def test_a_chapter_is_read_whole(place: int, edition: str) -> None:
    lesson = lessons()[place]
    assert lesson.name == LESSONS[place].name
    assert 3 <= len(lesson.goals) <= 5
    assert lesson.needs.startswith(say("You need"))
    assert "guess" in LESSONS[place].opening, "a chapter opens with a question to guess at"
    assert lesson.answer or "at the end" in LESSONS[place].opening, "its first cell ends in a <softmax-guess>"
    assert (len(lesson.beliefs), len(lesson.prompts)) == TO_TEACH[place]
    assert 3 <= len(lesson.remember) <= 6
    assert "ex-open" not in [cell.get("id") for cell in lesson.cells] or len(lesson.open_exercises) >= 1
    texts = "\n".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown")
    assert lesson.sections.keys() - {""} == {*re.findall("^## (.+)$", texts, re.MULTILINE)}
    assert edition != "en" or lesson.reading() == reading_time.minutes(lesson.notebook)
    assert set(lesson.goals) >= {put.goal for put in lesson.exercises}


@every_edition
def test_a_chapter_that_waits_for_its_translation_is_read_in_english(edition: str) -> None:
    for lesson in LESSONS:
        waiting = Lesson(lesson.name, lesson.folder, say)
        assert (waiting.goals, waiting.needs, waiting.remember) == (lesson.goals, lesson.needs, lesson.remember)
        assert waiting.reading() == lesson.reading()


def test_a_section_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match="formula has no sections"):
        LESSONS[0].reading(["Nowhere"])


def test_the_example_of_a_bank_is_true() -> None:
    ratio = exercise("formula.ratio")
    assert ratio.question in PAGE
    assert ratio.mistakes[0].hint in PAGE
