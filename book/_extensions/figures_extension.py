"""Figures on a page: each has a number, a name to lead to and a caption; dark ones in the dark.

The caption of a drawing is its title, which states its point, or else the first sentence of its alt text.

A drawing becomes two, of which the page shows one: as it was drawn, and with the colors of the dark page. Hues keep
their names, so what the text says of blue or red is true of both. A drawing whose areas mean something by being light
or dark, as in a map of weights, stays as it is, on a white card. An EPUB has the light ones, and pictures of explorers.

This rests on how matplotlib names the parts of an SVG (``QuadMesh_1``) and notes what it draws as text, and on what
MyST-NB writes for an image.
"""

import html
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.util import logging

IMAGE = re.compile(r'<img\b[^>]*?\bsrc="[^"]*?_images/([^"]+\.svg)"[^>]*?/?>')
EXPLORER = re.compile(r"<(\w+)-explorer\s.*?</\1-explorer>", re.DOTALL)
PICTURE = re.compile(r"(<img\b[^>]*?)/?>")
CAPTION = re.compile(r"""\bcaption=(["'])(.*?)\1""")  # other extensions may have written the attributes anew
FIGURE = re.compile(f"{IMAGE.pattern}|{EXPLORER.pattern.replace(chr(92) + '1', chr(92) + '2')}", re.DOTALL)
LINK = re.compile(r'href="#(figure-[^"]+)"')
ALT = re.compile(r'\balt="([^"]*)"')
TEXT = re.compile(r"<!-- ((?:(?!-->).)*) -->\s*<g\b[^>]*?scale\(([\d.]+) ", re.DOTALL)
TITLE_SIZE = 0.12  # of a character; that of all other text is smaller
MAPS = re.compile(r'id="(QuadMesh|QuadContourSet|image)|<image')
COLOR = re.compile(r"#([0-9a-fA-F]{6})\b")
PAPER, INK = (0x14, 0x17, 0x1C), (0xD5, 0xD9, 0xDE)
HUES = {"0072b2": "#4aa3e0", "56b4e9": "#8accf5", "009e73": "#2bb98f", "d55e00": "#ee7b30", "cc79a7": "#dd93bb"}
GRAY = {"767676": "#9aa0a8"}


logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("html-page-context", number, priority=850)
    app.connect("build-finished", draw_dark)


def number(app: Sphinx, pagename: str, template: str, context: dict[str, Any], tree: object) -> None:
    """Give the figures of a page their numbers and names; and an anchor for each state that a link asks for."""
    body: str = context.get("body", "")
    sources = {name: source for source, name in app.builder.images.items()}
    links = sorted(set(LINK.findall(body)))
    names: dict[str, int] = {}
    count = 0
    still = app.builder.name == "epub"

    def frame(found: re.Match[str]) -> str:
        nonlocal count
        shown, image, explorer = found[0], found[1], found[2]
        if image and "alt=" not in shown:
            return shown
        count += 1
        if image:
            name, drawing = f"figure-{count}", Path(app.srcdir, sources[image]).read_text(encoding="utf-8")
            caption = titled(drawing) or ALT.search(shown)[1].partition(". ")[0]  # type: ignore[index]
            shown = shown if still else in_both(shown, drawing)
        else:
            names[explorer] = names.get(explorer, 0) + 1
            name = f"figure-{explorer}" + (f"-{names[explorer]}" if names[explorer] > 1 else "")
            caption = CAPTION.search(shown)[2]  # type: ignore[index]
            shown = picture(shown) if still else shown
        anchors = "".join(f'<span id="{link}"></span>' for link in links if link.startswith(f"{name}?"))
        label = f'<figcaption><a href="#{name}">{_("Figure {}").format(count)}</a>. {caption}</figcaption>'
        return f'<figure class="numbered" id="{name}">{anchors}{shown}{label}</figure>'

    if pagename == app.config.root_doc:
        context["body"] = EXPLORER.sub(
            lambda found: f'<div id="figure-{found[1]}">{picture(found[0]) if still else found[0]}</div>', body
        )
    else:
        context["body"] = FIGURE.sub(frame, body)
    for link in links:
        if f'id="{link.split("?")[0]}"' not in context["body"]:
            logger.warning("there is no figure for a link to #%s", link, location=pagename)


def picture(explorer: str) -> str:
    """Give what an explorer shows without a script.

    >>> picture("<a-explorer settings='{}'><img src='b' alt='c'></a-explorer>")
    "<img src='b' alt='c'/>"
    """
    return PICTURE.sub(r"\1/>", PICTURE.search(explorer)[0])  # type: ignore[index]


def titled(drawing: str) -> str:
    """Give the title of a drawing as HTML, or nothing if it has none.

    >>> titled('<!-- odds --> <g scale(0.11 -0.11)"> <!-- More & more --> <g scale(0.12 -0.12)">')
    'More &amp; more'
    >>> titled('<!-- α &gt; 1 --> <g scale(0.12 -0.12)">')
    'α &gt; 1'
    """
    texts = [(float(size), " ".join(text.split())) for text, size in TEXT.findall(drawing)]
    size, text = max(texts, default=(0, ""), key=lambda found: found[0])
    return html.escape(html.unescape(text), quote=False) if size >= TITLE_SIZE else ""


def in_both(image: str, drawing: str) -> str:
    """Write an image for the light and one for the dark; a map gets a card instead."""
    if MAPS.search(drawing):
        return image.replace("<img ", '<img class="on-card" ', 1)
    dark = image.replace(".svg", "-dark.svg", 1).replace("<img ", '<img class="in-dark" loading="lazy" ', 1)
    return image.replace("<img ", '<img class="in-light" ', 1) + dark


def draw_dark(app: Sphinx, exception: Exception | None) -> None:
    """Write the dark drawings."""
    images = Path(app.outdir, "_images")
    if exception is None and app.builder.format == "html" and images.exists():
        for file in images.glob("*.svg"):
            drawing = file.read_text(encoding="utf-8")
            if not file.stem.endswith("-dark") and not MAPS.search(drawing):
                file.with_stem(f"{file.stem}-dark").write_text(darkened(drawing), encoding="utf-8")


def darkened(drawing: str) -> str:
    """Give a drawing the colors of the dark page; what has no color of its own is black.

    >>> darkened('<svg id="a"><path style="fill: #ffffff"/><path style="stroke: #0072B2"/></svg>')
    '<svg fill="#d5d9de" id="a"><path style="fill: #14171c"/><path style="stroke: #4aa3e0"/></svg>'
    """
    drawn = COLOR.sub(
        lambda color: HUES.get(color[1].lower()) or GRAY.get(color[1].lower()) or mixed(color[1]), drawing
    )
    return drawn.replace("<svg ", f'<svg fill="{mixed("000000")}" ', 1)


def mixed(color: str) -> str:
    """Turn a gray over, from ink to paper; keep what has a hue."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (0, 2, 4))
    if max(red, green, blue) - min(red, green, blue) > 12:
        return f"#{color}"
    share = (red + green + blue) / (3 * 255)
    return "#" + "".join(f"{round(ink + share * (paper - ink)):02x}" for ink, paper in zip(INK, PAPER, strict=True))
