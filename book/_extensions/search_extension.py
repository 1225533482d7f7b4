"""The search: an index of sections and of names, each with its text, which `search.js` looks through.

Other editions than the English one have the names of the package, too, each with its docstring. Words are compared by
their stems, for which Sphinx has a script in the language of the pages.

Sphinx's own index knows pages alone, and shows no text where a page is a file. This one is read from the built pages.
A draft (the environment variable ``BOOK_DRAFT``) keeps what is there, which is quicker.

This rests on three methods of Sphinx's builder, which make its index, and on the classes of what it writes on a page.
"""

import inspect
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from api_extension import anchor, entries
from bs4 import BeautifulSoup, NavigableString, Tag
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.locale import _

PARTS = "article section[id], article dl.py > dt[id], article [id^=term-]"
NO_TEXT = "script, style, template, .headerlink, .cell_input, .viewcode-link, .eqno, .label"
ARTICLE = re.compile(r"<article.*</article>", re.DOTALL)
NO_PROSE = re.compile(
    r"^\.\. \w+::.*\n(?:[ \t]*\n|[ \t]+.*\n)*|^(?:-{3,}|(?:>>>|\.\.\.) .*)$", re.MULTILINE
)  # of a docstring
DRAWN = re.compile(r"<mjx-math.*?</mjx-math>", re.DOTALL)  # formulas, which are there as MathML, too


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("builder-inited", make_no_other)
    app.connect("build-finished", write_index, priority=740)  # while the other editions are built


def make_no_other(app: Sphinx) -> None:
    """Keep Sphinx from reading pages for its own index, and from looking for that of the build before."""
    if app.builder.name == "html":
        for step in ("load_indexer", "index_page", "dump_search_index"):
            setattr(app.builder, step, lambda *_: None)


def write_index(app: Sphinx, exception: Exception | None) -> None:
    """Write the index as a script, which a page may load where it is a file, too."""
    static = Path(app.outdir, "_static")
    drafted = "BOOK_DRAFT" in os.environ and (static / "sections.js").exists()
    if exception is None and app.builder.name == "html" and not drafted:
        found = [entry for page in sorted(app.env.found_docs) for entry in sections(app.env, Path(app.outdir), page)]
        found += in_english() if app.config.language != "en" else ()
        written = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
        (static / "sections.js").write_text(f"globalThis.sections = {written};\n", encoding="utf-8")
        shutil.copy(
            Path(__file__).with_name("search.js"), static
        )  # Jupyter Book loads all of book/_static on each page
        for unused in (static / "searchtools.js", *static.glob("*-stemmer.js")):
            unused.unlink(missing_ok=True)


def in_english() -> Iterator[list[str]]:
    """Give the names of the package, as `sections` does."""
    for page, name, thing in entries():
        text = " ".join(NO_PROSE.sub("", inspect.getdoc(thing) or "").replace("`", "").split())
        yield [
            f"../api/{page}.html#{anchor(name, thing)}",
            f"minisoftmax.{page}",
            name.removeprefix("minisoftmax."),
            text,
        ]


def sections(env: BuildEnvironment, folder: Path, page: str) -> list[list[str | int]]:
    """List the sections of a page: its address, the title of the page, its own title, its text without inner ones.

    Those to which other sections lead, as exercises, come after these: they have a mark more.
    """
    article = ARTICLE.search((folder / f"{page}.html").read_text(encoding="utf-8"))
    soup = BeautifulSoup(DRAWN.sub("", article[0]) if article else "", "html.parser")
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
        behind = page.startswith(("solutions", "bibliography", "teachers")) or shown in (_("Exercises"), _("Read on"))
        found.append([address, title, shown, plain(body), *([1] if behind else [])])
        body.decompose()
    return found[::-1]


def plain(part: Tag) -> str:
    r"""Give the text of a part in one line, without the number that the contents give to a chapter.

    >>> plain(BeautifulSoup("<h2>1. The <em>idea</em>,\n at last</h2>", "html.parser").h2)
    'The idea, at last'
    """
    words = "".join(str(text) for text in part.descendants if isinstance(text, NavigableString))
    return re.sub(r"^\d+\. ", "", " ".join(words.split()))
