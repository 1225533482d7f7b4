"""Slides for a chapter, made from its notebook: what there is to see on them, and the prose in the speaker's notes.

One file holds it all: reveal.js, as the package sphinx-revealjs carries it, figures, formulas and live explorers.
"""

import base64
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Any

import numpy as np
from nbformat import NotebookNode

from minisoftmax import language
from minisoftmax.exercises import Exercise
from tools import ROOT
from tools.lessons import Lesson, say
from tools.markup import render
from tools.notebooks import BOOK

REVEAL = files("sphinx_revealjs") / "_static" / "revealjs"
KIT = ROOT / "tools" / "kit"
HIDDEN = {"hide-input", "remove-input", "hide-cell", "remove-cell"}
HEADING = re.compile(r"^(?=## )", re.MULTILINE)
SENTENCE = re.compile(r"(?<=[.?!…:])\s+(?=[A-ZÁÉÍÓÚÑ¿¡«“*\[$])")
LEAD = 45
"""How many words a paragraph may have to stand on a slide as it is; of a longer one, its last sentence does."""


@dataclass
class Slide:
    """A slide: its title, what is on it as HTML, and what to say, in Markdown."""

    title: str
    body: str
    notes: list[str] = field(default_factory=list)
    kind: str = ""

    def written(self, part: str) -> str:
        """Write it for reveal.js."""
        notes = "\n\n".join(filter(None, self.notes))
        aside = f'<aside class="notes">{render(notes)}</aside>' if notes else ""
        head = f"<h2>{render(self.title).removeprefix('<p>').removesuffix('</p>')}</h2>" if self.title else ""
        body = f'<div class="part">{part}</div>{head}<div class="body">{self.body}</div>'
        return f'<section class="{self.kind}">{body}{aside}</section>'


def deck(lesson: Lesson) -> str:
    """Write the slides of a chapter as one file."""
    shown = "\n".join(slide.written(html.escape(lesson.title)) for slide in slides(lesson))
    styles = [read("dist/reset.css"), read("dist/reveal.css"), (KIT / "slides.css").read_text(encoding="utf-8")]
    scripts = [read("dist/reveal.js"), read("plugin/notes/notes.js"), (KIT / "slides.js").read_text(encoding="utf-8")]
    return "\n".join(
        [
            f'<!doctype html>\n<html lang="{language.chosen()}">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{html.escape(say('{title}: slides', title=lesson.title))}</title>",
            *(f"<style>{style}</style>" for style in styles),
            f'</head>\n<body>\n<div class="reveal"><div class="slides">\n{shown}\n</div></div>',
            *(f"<script>{script.replace('</script', '<' + chr(92) + '/script')}</script>" for script in scripts),
            "</body>\n</html>\n",
        ]
    )


def read(path: str) -> str:
    """Read a file of reveal.js, without its link to a map that is not there."""
    text = (REVEAL / path).read_text(encoding="utf-8")
    return re.sub(r"(?m)^//# sourceMappingURL=.*$", "", text)


def slides(lesson: Lesson) -> list[Slide]:
    """Give the slides of a chapter in order."""
    minutes = replace(lesson, folder=BOOK, say=str).reading()  # as the chapter states: of the English words
    plan = f"{say('Reading takes {minutes} minutes.', minutes=minutes)} {lesson.needs}"
    opening = f"<h1>{render(lesson.title)[3:-4]}</h1>{render(lesson.opening)}"
    found = [Slide("", opening, [plan, say("Let everybody write down a guess.")])]
    if lesson.answer:
        answer = f'<div class="answer fragment">{render(lesson.answer)}</div>'
        asked = f"<p>{say('What did you guess?')}</p>"
        found.append(Slide(say("The guess"), asked + answer, [say("Ask for the reasons of two guesses.")]))
    found.append(Slide(say("You will be able to"), listed(lesson.goals)))
    found += core(lesson)
    if lesson.beliefs:
        body = f"<p>{say('True or false?')}</p>{listed(lesson.beliefs)}"
        pairs = zip(lesson.beliefs, lesson.shown, strict=True)
        shown = [f"- {belief} {say('Shown by {exercise}.', exercise=shown)}" for belief, shown in pairs]
        found.append(Slide(say("What people believe"), body, [say("All of these are wrong."), "\n".join(shown)]))
    found.append(Slide(say("To discuss"), listed(lesson.prompts)))
    found.append(Slide(say("Remember"), listed(lesson.remember)))
    found += [of_exercise(put) for put in lesson.exercises]
    for title, level, minutes, question in lesson.open_exercises:
        body = render(f"{say('({level}, {minutes} minutes)', level='●' * level, minutes=minutes)} {question}")
        said = [say("A model answer, and what gets a point, are in the solutions.")]
        found.append(Slide(title, body, said, "exercise"))
    found.append(Slide("", render("\n\n".join(credit())), []))
    return found


def credit() -> list[str]:
    """Say whose all that is."""
    return [
        say("From *The Softmax Function*, by the minisoftmax authors. Text and figures: CC BY 4.0. Code: MIT."),
        say("Handwritten digits: E. Alpaydin and C. Kaynak (1998), UCI Machine Learning Repository, CC BY 4.0."),
    ]


def listed(items: list[str]) -> str:
    """Write a list."""
    return render("\n".join(f"- {item}" for item in items))


def core(lesson: Lesson) -> Iterator[Slide]:
    """Give the slides of the sections that every reader reads, but for those that have slides of their own."""
    beginning = say("Try it")
    title, pending, last = beginning, list[str](), Slide("", "")  # until the first heading, a figure to move
    for cell in lesson.cells[1:]:
        if cell.cell_type == "code":
            body = visual(cell)
            if body and title and (title != beginning or "settings=" in body):
                lead = short(pending[-1]) if pending else ""
                last = Slide(title, render(lead) + body, pending)
                yield last
                pending = []
            continue
        for piece in HEADING.split(cell.source):
            if piece.startswith("## "):
                if pending and title:
                    last.notes += pending
                pending = []
                title, _, piece = piece.removeprefix("## ").partition("\n")
                if title.startswith((say("Further:"), say("Remember"), say("Exercises"), say("Read on"))):
                    title = ""
            if not title or piece.startswith(say("You will be able to")):
                continue
            for body, notes, rest in shown(piece):
                last = Slide(title, body, [*pending, *notes])
                yield last
                pending = rest
                piece = ""
            pending += [piece.strip()] if piece.strip() else []
    if pending and title:
        last.notes += pending


def shown(text: str) -> list[tuple[str, list[str], list[str]]]:
    """Cut a text into slides, one for what can be seen (formulas, lists, tables) and the sentence before it.

    What comes after the last of these is left over for the next slide.
    """
    found: list[tuple[str, list[str], list[str]]] = []
    said: list[str] = []
    seen: list[str] = []
    for block in re.split(r"\n{2,}", text.strip()):
        if block.startswith(("$$", "- ", "1. ", "|", "> ")):
            seen += [short(said[-1]) if said and (not seen or seen[-1] != said[-1]) else "", block]
            if len(seen) >= 4 or not block.startswith("$$"):
                found.append((render("\n\n".join(filter(None, seen))), said, []))
                said, seen = [], []
        elif not block.startswith("<"):
            said.append(block)
    if seen:
        found.append((render("\n\n".join(filter(None, seen))), said, []))
        said = []
    if found:
        body, notes, _ = found[-1]
        found[-1] = (body, notes, said)
    return found


def short(text: str) -> str:
    """Give of a text what can stand on a slide."""
    paragraph = re.split(r"\n{2,}", text.strip())[-1]
    if paragraph.startswith(("$$", "- ", "|", "1. ", "<")):
        return ""
    if len(paragraph.split()) <= LEAD:
        return paragraph
    sentences = SENTENCE.split(paragraph)
    bold = re.match(r"\*\*.*?\*\*", paragraph)
    return f"{bold[0]} {sentences[-1]}" if bold else sentences[-1]


def visual(cell: NotebookNode) -> str:
    """Write what there is to see of a cell: its code, if a reader sees it, and what it gave."""
    outputs = "".join(filter(None, (output_of(cell, output) for output in cell.outputs)))
    if not outputs:
        return ""
    is_hidden = bool(HIDDEN & set(cell.metadata.get("tags", []))) or "<img" in outputs or "settings=" in outputs
    code = "" if is_hidden else f'<pre class="code"><code>{html.escape(cell.source)}</code></pre>'
    return code + outputs


def output_of(cell: NotebookNode, output: NotebookNode) -> str:
    """Write an output: a drawing as an image, an explorer alive, text as it is."""
    if output.output_type == "stream":
        return f'<pre class="output">{html.escape(output.text.rstrip())}</pre>'
    data: dict[str, Any] = output.get("data", {})
    if "image/svg+xml" in data:
        drawing = base64.b64encode(data["image/svg+xml"].encode()).decode()
        alt = html.escape(cell.metadata.get("mystnb", {}).get("image", {}).get("alt", ""), quote=True)
        return f'<img alt="{alt}" src="data:image/svg+xml;base64,{drawing}">'
    if "text/html" in data:
        return str(data["text/html"])
    return f'<pre class="output">{html.escape(str(data["text/plain"]))}</pre>' if "text/plain" in data else ""


def of_exercise(put: Exercise) -> Slide:
    """Put an exercise, with its hint, its answer and the mistakes to expect in the notes."""
    body = render(f"{say('({level}, {minutes} minutes)', level='●' * put.level, minutes=put.minutes)} {put.question}")
    answer = ""
    if put.kind == "function":
        body += f'<pre class="code"><code>{html.escape(put.blank.rstrip())}</code></pre>'
    else:
        numbers = ", ".join(f"{number:.4g}" for number in np.atleast_1d(np.asarray(put.solution, float)))
        answer = f"**{say('Answer:')}** {numbers}."
    mistakes = [f"- {mistake.hint}" for mistake in put.mistakes[:4]]
    notes = [f"**{say('Hint:')}** {put.hint}", answer, f"**{say('Why it matters:')}** {put.why}"]
    notes += [f"**{say('Mistakes to expect:')}**", "\n".join(mistakes)]
    return Slide(say("Exercise: {title}", title=put.title), body, notes, "exercise")
