"""Leave of the theme's two thousand icons the dozen that the pages show, and of its files those that the pages load."""

import re
import shutil
from pathlib import Path

from fontTools.subset import Options, Subsetter, load_font, save_font
from sphinx.application import Sphinx

CLASSES = re.compile(r"\bfa-[a-z-]+")
RULE = re.compile(r'((?:\.fa-[\w-]+:{1,2}before,?)+)\{content:"\\([0-9a-f]+)"\}')
SOURCE = re.compile(r"src:url\(\.\./vendor/fontawesome/webfonts/([\w-]+)\.woff2\)[^;}]*")


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("build-finished", cut_icons)


def cut_icons(app: Sphinx, exception: Exception | None) -> None:
    """Cut the icon fonts, their style rules and the files that nothing loads."""
    if exception is not None:
        return
    static = Path(app.outdir, "_static")
    used = {name for page in Path(app.outdir).rglob("*.html") for name in CLASSES.findall(page.read_text("utf-8"))}
    sheet = static / "styles" / "pydata-sphinx-theme.css"
    style = sheet.read_text("utf-8")
    characters = {
        int(code, 16) for selectors, code in RULE.findall(style) if used.intersection(CLASSES.findall(selectors))
    }
    style = RULE.sub(lambda rule: rule[0] if int(rule[2], 16) in characters else "", style)
    style = SOURCE.sub(lambda source: f'src:url(../icons/{source[1]}.woff) format("woff")', style)
    sheet.write_text(style, "utf-8")

    (static / "icons").mkdir(exist_ok=True)
    for font in (static / "vendor" / "fontawesome" / "webfonts").glob("*.ttf"):
        cut_font(font, static / "icons" / f"{font.stem}.woff", characters)
    shutil.rmtree(static / "vendor")
    for unused in [static / "scripts" / "fontawesome.js", *static.rglob("*.map")]:
        unused.unlink(missing_ok=True)


def cut_font(font: Path, target: Path, characters: set[int]) -> None:
    """Write a font that has only some of its characters."""
    options = Options(flavor="woff", desubroutinize=True)
    whole = load_font(font, options)
    cutter = Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(whole)
    save_font(whole, target, options)
