"""A handout of two pages for a chapter: its question, formula, figure and what to remember; exercises to write on.

Chromium prints it. The exercises are those with pen and paper: values and what a person judges first.
"""

import html
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from playwright.sync_api import Browser

from minisoftmax import language
from minisoftmax.exercises import Exercise
from tools.lessons import Lesson, say
from tools.markup import render
from tools.slides import KIT, credit, listed, output_of

FORMULA = re.compile(r"\$\$.*?\$\$", re.DOTALL)
NAMED = re.compile(r'<a id="equation-[\w-]+"></a>\s*(\$\$.*?\$\$)', re.DOTALL)
MOST = 5
"""How many exercises leave room to write on one page."""


def handout(lesson: Lesson) -> str:
    """Write the two pages."""
    who = f'<div class="who"><span>{say("Name")}</span><span>{say("Date")}</span></div>'
    first = [
        who,
        f"<h1>{render(lesson.title)[3:-4]}</h1>",
        render(lesson.opening),
        f'<p class="guess">{say("My guess:")}</p>',
        f"<h2>{say('The formula')}</h2>{render(formula(lesson))}",
        figure(lesson),
        f"<h2>{say('Remember')}</h2>{listed(lesson.remember)}",
    ]
    second = [f"<h2>{say('Exercises')}</h2>", *exercises(lesson)]
    style = (KIT / "handout.css").read_text(encoding="utf-8")
    footer = f"<footer>{render(' '.join(credit()))[3:-4]}</footer>"
    pages = "".join(f'<div class="page">{"".join(parts)}{footer}</div>' for parts in (first, second))
    title = html.escape(say("{title}: handout", title=lesson.title))
    head = f'<meta charset="utf-8"><title>{title}</title><style>{style}</style>'
    opening = f'<!doctype html>\n<html lang="{language.chosen()}">'
    return f"{opening}<head>{head}</head><body>{pages}</body></html>\n"


def formula(lesson: Lesson) -> str:
    """Give the formula of a chapter: the first that has a name, or the first of all."""
    text = "\n\n".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown")
    named = NAMED.search(text)
    return named[1] if named else FORMULA.findall(text)[0]


def figure(lesson: Lesson) -> str:
    """Give the first drawing of a chapter that stands in its core and has no explorer before it to outshine it."""
    for cell in lesson.cells:
        for output in cell.get("outputs", []):
            if "image/svg+xml" in output.get("data", {}):
                return output_of(cell, output)
    return ""


def exercises(lesson: Lesson) -> Iterator[str]:
    """Put the exercises, each with room to write that grows with the minutes it takes."""
    values = [put for put in lesson.exercises if put.kind == "value"]
    code = [put for put in lesson.exercises if put.kind == "function"]
    alone = [one for one in lesson.open_exercises if "```" not in one[3]]
    count = max(0, MOST - len(values) - min(len(alone), 2))
    for put in [*values, *code[:count]]:
        yield exercise(put.statement, put.minutes, blank(put))
    for title, level, minutes, question in alone[: max(1, MOST - len(values) - count)]:
        asked = say("({level}, {minutes} minutes)", level="●" * level, minutes=minutes)
        yield exercise(f"**{title}** {asked}. {question}", minutes, "")


def blank(put: Exercise) -> str:
    """Write what a function starts with."""
    return f"<pre>def {html.escape(put.answer)}:</pre>" if put.kind == "function" else ""


def exercise(statement: str, minutes: int, start: str) -> str:
    """Put an exercise above lines to write on."""
    room = f'style="--room: {4 + minutes}"'
    return f'<div class="exercise" {room}>{render(statement)}{start}<div class="room"></div></div>'


def write(lessons: Iterable[Lesson], folder: Path, browser: Browser) -> list[str]:
    """Print the handouts into a folder, and name those that do not fit on their two pages."""
    page = browser.new_page()
    problems = []
    for lesson in lessons:
        page.set_content(handout(lesson))
        page.emulate_media(media="print")
        pages = page.evaluate(
            "[...document.querySelectorAll('.page')].map((page) => page.scrollHeight - page.clientHeight)"
        )
        problems += [f"{lesson.name}: page {n} has {more} px too much" for n, more in enumerate(pages, 1) if more > 1]
        page.pdf(path=folder / f"{lesson.name}.pdf", prefer_css_page_size=True, print_background=True, tagged=True)
    page.close()
    return problems
