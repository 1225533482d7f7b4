"""A chapter as a lesson: what a teacher's page, the slides and the handouts take from its notebook."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nbformat import NotebookNode
from sphinx_external_toc.parsing import parse_toc_yaml

from minisoftmax import language
from minisoftmax.exercises import Exercise, exercise, names
from tools import ROOT, notebooks, reading_time
from tools.notebooks import BOOK, Notebook

OPEN = re.compile(
    r"^\*\*([^*\n]+)\*\* \((●+), (\d+) \w+\)\. (.+?)\s*(?=^\*\*[^*\n]+\*\* \(●|\Z)", re.DOTALL | re.MULTILINE
)
GUESS = re.compile(r'<softmax-guess answer="(?P<answer>[^"]*)".*?</summary>\s*(?P<why>.*?)\s*</details>', re.DOTALL)


def slug(title: str) -> str:
    """Give the anchor of a heading.

    >>> slug("What goes wrong: far from the data")
    'what-goes-wrong-far-from-the-data'
    """
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@dataclass(frozen=True)
class Lesson:
    """A chapter of the book, in a folder of notebooks, and what turns English words into its language."""

    name: str
    folder: Path = BOOK
    say: Callable[[str], str] = str

    @cached_property
    def notebook(self) -> Notebook:
        """The chapter itself."""
        return notebooks.read(self.folder / f"{self.name}.ipynb")

    @property
    def cells(self) -> Sequence[NotebookNode]:
        """The cells of the chapter."""
        cells: Sequence[NotebookNode] = self.notebook.node.cells
        return cells

    @property
    def title(self) -> str:
        """What the chapter is called."""
        return str(self.cells[0].source.partition("\n")[0].removeprefix("# "))

    @property
    def opening(self) -> str:
        """The story that ends in a question to guess at."""
        text = self.cells[0].source.partition("\n")[2]
        return str(text.partition("<softmax-guess")[0].strip())

    @property
    def answer(self) -> str:
        """The answer to the guess, with its reason; nothing where the chapter keeps it for its end."""
        found = GUESS.search(self.cells[0].source)
        return found["why"] if found else ""

    @property
    def goals(self) -> list[str]:
        """What a reader will be able to do."""
        begins, ends = re.compile(self._either("You will be able to")), f"\n\n{self._either('You need')}"
        text = next(cell.source for cell in self.cells if begins.match(cell.source))
        return re.findall(r"^- (.*?)[;.]$", re.split(ends, text)[0], re.MULTILINE)

    @property
    def needs(self) -> str:
        """What a reader needs, in a sentence."""
        need = rf"^{self._either('You need')} .*?\.(?= {self._either('Reading')})"
        found = re.search(need, "\n".join(cell.source for cell in self.cells), re.MULTILINE)
        return found[0] if found else ""

    @property
    def remember(self) -> list[str]:
        """The lines to remember."""
        heading = re.compile(f"## {self._either('Remember')}")
        text = next((cell.source for cell in self.cells if heading.search(cell.source)), None)
        if text is None:
            raise ValueError(f"{self.name} needs the lines to remember, below the heading “## Remember”")
        return re.findall(r"^- (.*)$", heading.split(text)[1].partition("\n## ")[0], re.MULTILINE)

    @cached_property
    def _for_teachers(self) -> str:
        """What the page for teachers says of the chapter."""
        page = (self.folder / "teachers.md").read_text(encoding="utf-8")
        return page.partition(f"\n## {self.title}\n")[2].partition("\n## ")[0]

    @property
    def beliefs(self) -> list[str]:
        """What students get wrong."""
        return [belief for belief, _ in self._rows]

    @property
    def shown(self) -> list[str]:
        """What shows each of these to be wrong."""
        return [shown for _, shown in self._rows]

    @property
    def _rows(self) -> list[tuple[str, str]]:
        return re.findall(r"^\| (.*?) \| (.*?) \|$", self._for_teachers, re.MULTILINE)[1:]

    @property
    def prompts(self) -> list[str]:
        """Questions to talk about."""
        asked = re.split(self._either("To ask:"), self._for_teachers)[1:]
        return re.findall(r"^- (.*)$", "".join(asked), re.MULTILINE)

    @property
    def exercises(self) -> list[Exercise]:
        """The exercises that answer back."""
        return [exercise(name) for name in names() if name.startswith(f"{self.name}.")]

    @property
    def open_exercises(self) -> list[tuple[str, int, int, str]]:
        """What a person judges: title, level, minutes and question, in Markdown."""
        put = {one.statement for one in self.exercises}
        found = [match for cell in self.cells if cell.cell_type == "markdown" for match in OPEN.finditer(cell.source)]
        return [
            (title, len(level), int(minutes), question)
            for match in found
            if match[0].strip() not in put
            for title, level, minutes, question in [match.groups()]
        ]

    @cached_property
    def sections(self) -> dict[str, float]:
        """The seconds that each section takes to read: halves, whose sum is exact in any order."""
        return reading_time.sections(self.notebook)

    def reading(self, skip: Sequence[str] = (), further: Sequence[str] = ()) -> int:
        """Count the minutes of reading, less some sections, and with some that lead further."""
        aside = re.compile(f"{self._either('Further:')}|{self._either('Exercises')}")
        core = {title for title in self.sections if not aside.match(title)}
        for titles, known in ((skip, core), (further, self.sections.keys() - core)):
            if unknown := {*titles} - known:
                raise ValueError(f"{self.name} has no sections {sorted(unknown)} among {sorted(known)}")
        return round(sum(self.sections[title] for title in (core - {*skip}) | {*further}) / 60)

    def _either(self, english: str) -> str:
        """Give a pattern for a text in the language or in English, in which a chapter stays until it is translated."""
        return f"(?:{re.escape(self.say(english))}|{re.escape(english)})"

    def practice(self, chosen: Sequence[str]) -> int:
        """Count the minutes of some exercises, by their names without the chapter's."""
        return sum(exercise(f"{self.name}.{name}").minutes for name in chosen)


def say(english: str, **values: object) -> str:
    """Give a text of the kit for teachers in the chosen language, with its values filled in."""
    return language.text(english, "course", **values)


def lessons() -> list[Lesson]:
    """Give the chapters in the chosen language, in the order of the book."""
    folder = BOOK if language.chosen() == "en" else BOOK / language.chosen()
    pages = map(str, parse_toc_yaml(ROOT / "_toc.yml"))
    return [Lesson(page, folder, say) for page in pages if "/" not in page and (folder / f"{page}.ipynb").exists()]
