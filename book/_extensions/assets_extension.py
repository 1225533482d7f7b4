"""Leave of styles and fonts what the pages use, and of the theme's files those that the pages load.

This rests on where the theme has its style sheet and its icons; a test of the built pages looks for each icon's glyph.
The text is set in Source Serif Pro, which ``custom.css`` names. A draft (the environment variable ``BOOK_DRAFT``) cuts
nothing and keeps the fonts of the build before, which is quicker.
"""

import html
import logging
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import font_source_serif_pro
import tinycss2
from sphinx.application import Sphinx
from tinycss2.ast import Node, QualifiedRule

COMPOSED = ("bs-tooltip",)  # class names that a script puts together
RESERVED = re.compile("Font ?Awesome|MathJax|Source ?Serif ?Pro")  # of whose fonts a changed one must not bear the name
LICENSE = "SIL Open Font License, Version 1.1: https://openfontlicense.org"  # its text is fonts-license.txt
NAMES = (1, 3, 4, 6, 16, 18, 21)  # those that programs show
CONTENT = re.compile(r'content:\s*"([^"]*)"')  # of a letter in a formula
NO_WIDTH = 0xEFFC  # the one character of MathJax_Zero
WORD = re.compile(r"[\w-]+")
ICON = re.compile("[\ue000-\uf8ff]")
ICON_FONT = re.compile(r"src:url\([^)]*/([\w-]+)\.woff2\)[^;}]*")
TEXT_FONTS = Path(font_source_serif_pro.font_directory)
FACES = ("Regular", "It", "Semibold")


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("build-finished", cut_assets, priority=900)


def cut_assets(app: Sphinx, exception: Exception | None) -> None:
    """Cut the style sheets, the icon fonts and the files that nothing loads."""
    output = Path(app.outdir)
    static = output / "_static"
    if exception is not None or app.builder.format != "html" or "BOOK_DRAFT" in os.environ:
        return
    for unused in [static / "scripts" / "fontawesome.js", *static.rglob("*.map")]:
        unused.unlink(missing_ok=True)

    pages = [read(file) for file in output.rglob("*.html")]
    words = {word for text in [*pages, *map(read, static.rglob("*.js"))] for word in WORD.findall(text)}
    for sheet in static.rglob("*.css"):
        sheet.write_text(cut_style(read(sheet), words), encoding="utf-8")
    letters = {ord(character) for page in pages for character in html.unescape(page)}
    for face in FACES:
        cut_font(TEXT_FONTS / f"SourceSerifPro-{face}.ttf", static / "fonts" / f"text-{face.lower()}.woff2", letters)

    formulas = static / "math.css"
    letters = {NO_WIDTH} | {ord(character) for text in CONTENT.findall(read(formulas)) for character in text}
    for font in (static / "mathjax").glob("MathJax_*.woff"):
        cut_font(font, font.with_suffix(".woff2"), letters)
        font.unlink()
    formulas.write_text(read(formulas).replace('.woff") format("woff")', '.woff2") format("woff2")'), encoding="utf-8")

    if not (static / "vendor").exists():  # the icons are those of the build before
        return
    theme = static / "styles" / "pydata-sphinx-theme.css"
    theme.write_text(ICON_FONT.sub(r'src:url(../icons/\1.woff2) format("woff2")', read(theme)), encoding="utf-8")
    icons = {ord(character) for character in ICON.findall(read(theme))}
    for font in (static / "vendor" / "fontawesome" / "webfonts").glob("*.ttf"):
        cut_font(font, static / "icons" / f"{font.stem}.woff2", icons)
    shutil.rmtree(static / "vendor")


def read(file: Path) -> str:
    """Read a text file."""
    return file.read_text(encoding="utf-8")


def cut_style(style: str, words: set[str]) -> str:
    """Keep the rules that can apply to something: those whose classes and ids all occur somewhere.

    >>> cut_style("a, .b.c { top: 0 } #d { top: 1px } @media print { .b, .e { top: 2px } }", {"b", "e"})
    'a{ top: 0 }@media print {.b, .e{ top: 2px }}'
    """
    return "".join(kept_rules(tinycss2.parse_stylesheet(style, skip_whitespace=True), words))


def kept_rules(rules: Iterable[Node], words: set[str]) -> Iterator[str]:
    """Write the rules that stay."""
    for rule in rules:
        if isinstance(rule, QualifiedRule):
            selectors = [selector for selector in split(rule.prelude) if names(selector) <= words]
            if selectors:
                prelude = ",".join(tinycss2.serialize(selector) for selector in selectors).strip()
                yield f"{prelude}{{{tinycss2.serialize(rule.content)}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports"):
            inner = "".join(kept_rules(tinycss2.parse_rule_list(rule.content, skip_whitespace=True), words))
            if inner:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}"
        elif rule.type != "comment" or rule.value.startswith("!"):  # these say whose work it is
            yield rule.serialize()


def split(prelude: list[Node]) -> list[list[Node]]:
    """Split a list of selectors at its commas."""
    selectors: list[list[Node]] = [[]]
    for token in prelude:
        if token == ",":
            selectors.append([])
        else:
            selectors[-1].append(token)
    return selectors


def names(selector: list[Node]) -> set[str]:
    """List the classes and ids that an element must have; what stands in ``:not()`` and its like is none of them."""
    classes = {token.value for dot, token in pairwise(selector) if dot == "."}
    ids = {token.value for token in selector if token.type == "hash"}
    return {name for name in classes | ids if not name.startswith(COMPOSED)}


def cut_font(font: Path, target: Path, characters: set[int]) -> None:
    """Write a font that has only some of its characters."""
    from fontTools.subset import Options, Subsetter, load_font, save_font  # late, since a draft cuts none

    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)
    options = Options(flavor="woff2", hinting=False, name_IDs=["*"])  # its copyright and license too
    options.layout_features = ["kern", "liga"]
    whole = load_font(font, options)
    for record in whole["name"].names:
        if record.nameID in NAMES:
            record.string = RESERVED.sub("Softmax Book", str(record))
    whole["name"].setName(LICENSE, 13, 3, 1, 0x409)
    cutter = Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(whole)
    target.parent.mkdir(exist_ok=True)
    save_font(whole, target, options)
    whole.close()
