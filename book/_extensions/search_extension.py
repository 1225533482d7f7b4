"""The search: an index of sections and of names, each with its text, which `search.js` looks through.

Sphinx's own index knows pages alone, and shows no text where a page is a file. This one is read from the built pages.
"""

import json
import re
import shutil
from pathlib import Path

from bs4 import BeautifulSoup, NavigableString, Tag
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

PARTS = "article section[id], article dl.py > dt[id], article [id^=term-]"
NO_TEXT = "script, style, template, .headerlink, .cell_input, mjx-math, .viewcode-link, .eqno, .label"


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("build-finished", write_index, priority=800)


def write_index(app: Sphinx, exception: Exception | None) -> None:
    """Write the index as a script, which a page may load where it is a file, too."""
    if exception is None and app.builder.name == "html":
        entries = [entry for page in sorted(app.env.found_docs) for entry in sections(app.env, Path(app.outdir), page)]
        written = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
        static = Path(app.outdir, "_static")
        (static / "sections.js").write_text(f"globalThis.sections = {written};\n", encoding="utf-8")
        shutil.copy(
            Path(__file__).with_name("search.js"), static
        )  # Jupyter Book loads all of book/_static on each page
        for unused in ("searchindex.js", "_static/searchtools.js", "_static/language_data.js"):
            Path(app.outdir, unused).unlink(missing_ok=True)


def sections(env: BuildEnvironment, folder: Path, page: str) -> list[list[str]]:
    """List the sections of a page: its address, the title of the page, its own title, its text without inner ones."""
    soup = BeautifulSoup((folder / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
    for part in soup.select(NO_TEXT):
        part.decompose()
    chapter = soup.select_one("article h1")
    title = plain(chapter) if chapter else page
    found = []
    for part in reversed(soup.select(PARTS)):  # the inner ones first: they leave the outer ones
        name = str(part["id"])
        if part.name == "section":
            heading, body = part.find(re.compile("h[1-6]")), part
        else:  # the entry of a name, or a term in a row of the glossary
            heading, body = part, part.parent
        if not isinstance(heading, Tag) or body is None:
            continue
        shown = name.removeprefix("minisoftmax.") if part.name == "dt" else plain(heading)
        address = f"{page}.html" + ("" if heading is chapter else f"#{name}")
        heading.extract()
        found.append([address, title, shown, plain(body)])
        body.decompose()
    return found[::-1]


def plain(part: Tag) -> str:
    r"""Give the text of a part in one line, without the number that the contents give to a chapter.

    >>> plain(BeautifulSoup("<h2>1. The <em>idea</em>,\n at last</h2>", "html.parser").h2)
    'The idea, at last'
    """
    words = "".join(str(text) for text in part.descendants if isinstance(text, NavigableString))
    return re.sub(r"^\d+\. ", "", " ".join(words.split()))
