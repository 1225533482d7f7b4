"""Makes the kit for teachers: ``python -m tools.course FOLDER`` writes slides, handouts and question banks.

A language, ``es``, may follow the folder. All is made beside the folder, and takes its place when it is whole.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from string import Template

from playwright.sync_api import Error, sync_playwright

from minisoftmax import language
from tools import ROOT, banks, handouts, qti
from tools.lessons import Lesson, lessons, say
from tools.slides import deck

FLAGS = ["--no-sandbox", "--disable-gpu"]
LICENSE = '<a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>'
BANKS: dict[str, Callable[[], str | bytes]] = {
    "softmax-moodle.xml": banks.moodle,
    "softmax-gift.txt": banks.gift,
    "softmax-qti.zip": qti.package,
}
"""The question banks, by the name of the file."""


def index(chapters: Sequence[Lesson]) -> str:
    """Write the page that leads to what is in the kit."""
    rows = "\n".join(
        f'<tr><th scope="row">{chapter.title}</th><td><a href="slides/{chapter.name}.html">{say("slides")}</a></td>'
        f'<td><a href="handouts/{chapter.name}.pdf">{say("handout")}</a> (PDF)</td></tr>'
        for chapter in chapters
    )
    files = "\n".join(f'<li><a href="{file}" download>{file}</a></li>' for file in BANKS)
    template = Template((ROOT / "tools" / "kit" / "index.html").read_text(encoding="utf-8"))
    return template.substitute(
        language=language.chosen(),
        title=say("The kit for teachers"),
        use=say("{link} says how to use it.", link=f'<a href="../teachers.html">{say("For teachers")}</a>'),
        slides=say("Slides and handouts"),
        keys=say(
            "Each file of slides works alone, also without a network. Press S for the notes. To print, add ?print-pdf "
            "to the address."
        ),
        rows=rows,
        questions=say("Question banks"),
        banks=files,
        qti=say("The zip is in QTI 2.1, a standard that platforms such as OpenOlat and OPAL import."),
        license=say("Text, figures, slides and handouts: {link}. Code: MIT.", link=LICENSE),
    )


def write(folder: Path, chapters: Sequence[Lesson]) -> None:
    """Write the kit into a folder that is there, and empty."""
    for name in ("slides", "handouts"):
        (folder / name).mkdir()
    for chapter in chapters:
        (folder / "slides" / f"{chapter.name}.html").write_text(deck(chapter), encoding="utf-8")
    for file, bank in BANKS.items():
        made = bank()
        (folder / file).write_bytes(made.encode() if isinstance(made, str) else made)
    (folder / "index.html").write_text(index(chapters), encoding="utf-8")
    with sync_playwright() as playwright:
        chromium = shutil.which(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        problems = handouts.write(chapters, folder / "handouts", browser)
        browser.close()
    if problems:
        raise RuntimeError("these handouts need more than two pages: " + "; ".join(problems))


def main(arguments: Sequence[str]) -> int:
    """Make the kit; 1 if it could not be made, and then what was there before stays."""
    target = Path(arguments[0])
    language.use(*arguments[1:] or ["en"])
    target.parent.mkdir(parents=True, exist_ok=True)
    chapters = lessons()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".course-") as unfinished:
        made = Path(unfinished, "kit")
        made.mkdir()
        try:
            write(made, chapters)
        except (Error, RuntimeError) as problem:
            print(f"The kit was not made: {problem}", file=sys.stderr)
            return 1
        shutil.rmtree(target, ignore_errors=True)
        made.rename(target)
    print(f"{target / 'index.html'}: slides and handouts of {len(chapters)} chapters, and {len(BANKS)} question banks")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
