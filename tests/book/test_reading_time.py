"""The time that a chapter says it takes is the one that the rule gives."""

from pathlib import Path

import pytest
from nbformat import NotebookNode

from tools import notebooks, reading_time
from tools.notebooks import Notebook

CHAPTERS = sorted(notebooks.BOOK.glob("*.ipynb"))


@pytest.mark.parametrize("path", CHAPTERS, ids=[path.stem for path in CHAPTERS])
def test_a_chapter_states_its_time_once(path: Path) -> None:
    chapter = notebooks.read(path)
    assert reading_time.stated(chapter) == [reading_time.minutes(chapter)], "python -m tools.reading_time writes it"


def test_a_longer_text_takes_longer() -> None:
    def chapter(text: str) -> Notebook:
        cell = NotebookNode(cell_type="markdown", source=text, metadata={})  # type: ignore[no-untyped-call]
        return Notebook(Path("chapter.ipynb"), NotebookNode(cells=[cell], metadata={}))  # type: ignore[no-untyped-call]

    core = "## One\n\n" + "word " * 118
    assert reading_time.minutes(chapter(core)) == 1
    assert reading_time.minutes(chapter(f"{core}\n\n$$\nx\n$$\n\n$$\ny\n$$\n\n$$\nz\n$$\n\n$$\nz\n$$")) == 4
    assert reading_time.minutes(chapter(f"{core}\n\n## Further: two\n\n{'word ' * 500}")) == 1
    assert reading_time.minutes(chapter(f"{core}\n\n## Exercises\n\n{'word ' * 500}\n\n## Read on\n\nMuch.")) == 1
