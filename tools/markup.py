"""Markdown as HTML that needs nothing else: formulas become drawings, and links into the book lose their targets."""

import functools
import html
import re
from importlib.resources import files
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from py_mini_racer import MiniRacer

MATHJAX = files("sphinx-mathjax-offline") / "static" / "mathjax"
COMPONENTS = ["loader", "core", "adaptors/liteDOM", "input/tex-full", "output/svg", "output/svg/fonts/tex"]
TYPESETTER = """
const { mathjax, handlers, adaptors, input, output } = MathJax._;
const adaptor = adaptors.liteAdaptor.liteAdaptor();
handlers.html_ts.RegisterHTMLHandler(adaptor);
const tex = new input.tex_ts.TeX({
  packages: ["base", "ams", "boldsymbol", "mathtools", "newcommand", "textmacros"],
  formatError: (jax, error) => { throw error; },
});
const svg = new output.svg_ts.SVG({ font: new output.svg.fonts.tex_ts.TeXFont(), fontCache: "none" });
const page = mathjax.mathjax.document("", { InputJax: tex, OutputJax: svg });
function typeset(formula, display) {
  return adaptor.innerHTML(page.convert(formula, { display }));
}
"""


@functools.cache
def _engine() -> MiniRacer:
    engine = MiniRacer()
    engine.eval("var MathJax = { loader: { load: [] }, startup: { typeset: false } }")
    for component in COMPONENTS:
        engine.eval((MATHJAX / f"{component}.js").read_text(encoding="utf-8"))
    engine.eval(TYPESETTER)
    return engine


@functools.cache
def formula(tex: str, *, display: bool) -> str:
    """Draw a formula, with its source as its name."""
    tex = tex.strip()
    if display and r"\\" in tex and r"\begin" not in tex:
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    drawing = str(_engine().call("typeset", tex, display))
    label = html.escape(" ".join(tex.split()), quote=True)
    drawing = drawing.replace("<svg ", f'<svg aria-label="{label}" ', 1)
    return f'<div class="formula">{drawing}</div>' if display else drawing


def _dollars(tex: str, options: dict[str, Any]) -> str:
    return formula(tex, display=options["display_mode"])


_markdown = MarkdownIt("commonmark", {"html": True}).enable("table").use(dollarmath_plugin, renderer=_dollars)
_LINK = re.compile(r'<a href="(?!\w+:)[^"]*">(.*?)</a>', re.DOTALL)
_ANCHOR = re.compile(r'<p><a id="[\w-]+"></a></p>\n?')


def render(text: str) -> str:
    r"""Write Markdown as HTML.

    >>> render("See [this](formula.ipynb#x), *now*.")
    '<p>See this, <em>now</em>.</p>'
    """
    written = str(_markdown.render(text))
    written = re.sub(r'<(span|div) class="math (?:inline|block)">\s*(.*?)\s*</\1>', r"\2", written, flags=re.DOTALL)
    return _LINK.sub(r"\1", _ANCHOR.sub("", written)).strip()
