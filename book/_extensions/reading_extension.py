"""What makes a long page readable: code and side paths that fold, tables that fit, fewer stops for the Tab key.

All of it works without scripts: ``_static/site.js`` only folds, and unfolds what a link leads to.

This rests on MyST-NB's containers for the input of a cell, on how sphinx-codeautolink writes a link, before a page is
written, and on how `math_extension` writes a formula.
"""

import html
import re
from typing import Any

from bs4 import BeautifulSoup, Tag
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import _

TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
CODE_LINK = re.compile(r'<a class="sphinx-codeautolink-a" href="([^"]+)">')
# A formula, or a link that sets a figure, and the mark after it: no line may begin with the mark.
FORMULA_END = re.compile(
    r'(<span class="math">(?:(?!<span|</span>).)*</span>|<a [^>]*href="#figure-[^"]*\?[^>]*>(?:(?!</a>).)*</a>)'
    r"([.,;:?!)”»]+)",
    re.DOTALL,
)
# What is read in one breath: 148 : 1, α = 2, 80 %, 4 ms, and the dots of a sentence that goes on.
TOGETHER = re.compile(r" ([=:<>≤≥≈−+×]) |(?<=\d) (?=(?:%|[mnµ]s|[kMGT]i?B)(?!\w))| (?=…)")
CAPTION = re.compile(r"(?<=</a>[.] )[^<]*(?=</figcaption>)")
BREAKS = re.compile(r"(?<=[._(=])(?=\w)")
SWITCH = """<div class="reading pst-js-only" role="group" aria-label="{}">
<button type="button" data-code="off">{}</button><button type="button" data-code="on">{}</button></div>"""


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("doctree-resolved", fold)
    app.connect("doctree-resolved", hold_together)
    app.connect("html-page-context", polish, priority=860)


def fold(app: Sphinx, document: nodes.document, name: str) -> None:
    """Put the code of a cell, and a section that leads further, into something that folds."""
    if app.builder.format != "html":
        return
    for cell in list(document.findall(nodes.container)):
        if (
            "cell_input" in cell["classes"]
            and "tag_hide-input" not in cell.parent["classes"] + cell.parent.parent["classes"]
        ):
            cell.insert(0, raw(f'<details class="code" open=""><summary>{_("Show code")}</summary>'))
            cell.append(raw("</details>"))
    for section in list(document.findall(nodes.section)):
        title = section.next_node(nodes.title)
        if title is not None and title.parent is section and title.astext().startswith(_("Further:")):
            at = section.index(title)
            section.insert(at + 1, raw("</summary>"))
            section.insert(at, raw('<details class="further"><summary>'))
            section.append(raw("</details>"))


def hold_together(app: Sphinx, document: nodes.document, name: str) -> None:
    """Let no line end within what is read in one breath."""
    if app.builder.format != "html":
        return
    for element in document.findall(nodes.TextElement):
        if isinstance(element, (nodes.FixedTextElement, nodes.literal, nodes.math, nodes.raw)):
            continue
        for i, part in enumerate(element.children):
            if isinstance(part, nodes.Text):
                element[i] = nodes.Text(held(part.astext()))


def held(text: str) -> str:
    r"""Make spaces unbreakable, but not those between words.

    >>> held("odds of 3 : 1, or 75 %").split(" ")
    ['odds', 'of', '3\xa0:\xa01,', 'or', '75\xa0%']
    """
    return TOGETHER.sub(lambda found: f"\xa0{found[1]}\xa0" if found[1] else "\xa0", text)


def raw(text: str) -> nodes.raw:
    """Make a node that is written as it is."""
    return nodes.raw("", text, format="html")


def polish(app: Sphinx, pagename: str, template: str, context: dict[str, Any], tree: object) -> None:
    """Mend the HTML of a page."""
    body: str = context.get("body", "")
    body = TABLE.sub(lambda found: fitting(found[0]), body)
    body = CAPTION.sub(lambda found: html.escape(held(html.unescape(found[0])), quote=False), body)
    body = body.replace("<h1>minisoftmax.", "<h1>minisoftmax.<wbr/>")
    body = FORMULA_END.sub(r'<span class="together">\1\2</span>', body)
    seen: set[str] = set()

    def once(link: re.Match[str]) -> str:
        known = link[1] in seen
        seen.add(link[1])
        return link[0].replace("<a ", '<a tabindex="-1" ', 1) if known else link[0]

    body = CODE_LINK.sub(once, body)
    if 'class="code"' in body and app.builder.name != "epub":
        switch = SWITCH.format(_("Code on this page"), _("Read"), _("Read with code"))
        body = body.replace("</h1>", f"</h1>\n{switch}", 1)
    context["body"] = body


def fitting(table: str) -> str:
    """Let long names in a table break after their parts, and tell each cell its column, for narrow screens."""
    page = BeautifulSoup(table, "html.parser")
    for code in page.select("code .pre, code:not(:has(.pre))"):
        parts = BREAKS.split(code.get_text())
        code.clear()
        for i, part in enumerate(parts):
            if i:
                code.append(page.new_tag("wbr"))
            code.append(part)
    heads = page.select("thead th")
    titles = [head.get_text() for head in heads]
    for head in heads:
        if not head.get_text(strip=True):
            head.name = "td"
    for row in page.select("tbody tr"):
        cells = [cell for cell in row.find_all(["td", "th"], recursive=False) if isinstance(cell, Tag)]
        for title, cell in zip(titles, cells, strict=False):
            if cell.get_text(strip=True) or cell.find(["img", "mjx-container"]):
                cell["data-column"] = title
        if cells and len(titles) > 1 and not cells[0].select_one(".math"):
            cells[0].name = "th"
            cells[0]["scope"] = "row"
    return str(page)
