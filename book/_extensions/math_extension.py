"""Set the formulas while the book is built, by MathJax in a JavaScript engine, so that no page has to.

An EPUB has them as MathML alone, which its readers set.

This rests on MathJax 3's components, which the package sphinx-mathjax-offline carries, and on V8 by mini-racer. A
formula that they no longer set is a warning, so the book does not build.
"""

import re
import shutil
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from docutils import nodes
from py_mini_racer import MiniRacer
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

MATHJAX = files("sphinx-mathjax-offline") / "static" / "mathjax"
COMPONENTS = ["loader", "core", "adaptors/liteDOM", "input/tex-full", "output/chtml", "output/chtml/fonts/tex"]
STYLE = "math.css"
SCROLLS = "pst-scrollable-table-container"  # the theme lets the keyboard into such an element where it is too wide
MATHML = re.compile(r"<math\b.*</math>", re.DOTALL)
# The style sheet has the characters that were used up to then, so it is asked for last.
TYPESETTER = r"""
const { mathjax, handlers, adaptors, input, output, a11y } = MathJax._;
const adaptor = adaptors.liteAdaptor.liteAdaptor();
a11y["assistive-mml"].AssistiveMmlHandler(handlers.html_ts.RegisterHTMLHandler(adaptor));
const tex = new input.tex_ts.TeX({
  packages: ["base", "ams", "boldsymbol", "mathtools", "newcommand", "textmacros"],
  ignoreDuplicateLabels: true, // one document holds the formulas of all pages
  formatError: (jax, error) => { throw error; },
});
const font = new output.chtml.fonts.tex_ts.TeXFont({ fontURL: "mathjax" });
const chtml = new output.chtml_ts.CHTML({ font, adaptiveCSS: true, matchFontHeight: false });
const page = mathjax.mathjax.document("", { InputJax: tex, OutputJax: chtml });

function typeset(formula, display) {
  try {
    return { html: adaptor.outerHTML(page.convert(formula, { display })) };
  } catch (error) {
    return { error: error.message };
  }
}
function style() {
  return adaptor.textContent(chtml.styleSheet(page));
}
"""

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_html_math_renderer("typeset", (write_inline, None), (write_displayed, None))
    app.connect("builder-inited", start_mathjax)
    app.connect("build-finished", write_style)
    return {"parallel_read_safe": True, "parallel_write_safe": False}  # the characters used are counted in one process


def start_mathjax(app: Sphinx) -> None:
    """Start the engine that sets all formulas, if the pages are HTML."""
    if app.builder.format != "html":
        return
    if app.builder.name != "epub":
        app.add_css_file(STYLE)
    engine = MiniRacer()
    engine.eval("var MathJax = { loader: { load: [] }, startup: { typeset: false } }")
    for component in [*COMPONENTS, "a11y/assistive-mml"]:
        engine.eval((MATHJAX / f"{component}.js").read_text(encoding="utf-8"))
    engine.eval(TYPESETTER)
    app.builder.mathjax = engine


def typeset(writer: HTML5Translator, node: nodes.Element, formula: str, *, display: bool) -> str:
    """Give the HTML of a formula; one that TeX does not understand is a warning and stands as it was written."""
    result = writer.builder.mathjax.call("typeset", formula, display)
    if "error" in result:
        logger.warning("formula not understood: %s in %s", result["error"], formula, location=node)
    elif writer.builder.name == "epub":
        return MATHML.search(result["html"])[0]  # type: ignore[index]
    return str(result.get("html", writer.encode(formula)))


def write_inline(writer: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    html = typeset(writer, node, node.astext(), display=False)
    writer.body.append(f"{writer.starttag(node, 'span', '', CLASS='math')}{html}</span>")
    raise nodes.SkipNode


def write_displayed(writer: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on lines of its own, with its number if it has one."""
    writer.body.append(writer.starttag(node, "div", CLASS=f"math {SCROLLS}"))
    if number := node.get("number"):
        writer.body.append(f'<span class="eqno">({get_node_equation_number(writer, node)})')
        writer.add_permalink_ref(node, _("Link to equation {}").format(number))
        writer.body.append("</span>")
    formula = node.astext() if node.get("nowrap") else align(node.astext())
    writer.body.append(f"{typeset(writer, node, formula, display=True)}</div>\n")
    raise nodes.SkipNode


def align(formula: str) -> str:
    r"""Let ``&`` and ``\\`` work without an environment, and an empty line part equations, as Sphinx does elsewhere."""
    parts = [part for part in formula.split("\n\n") if part.strip()]
    parts = [rf"\begin{{split}}{part}\end{{split}}" if r"\\" in part else part for part in parts]
    return parts[0] if len(parts) == 1 else r"\begin{gathered}" + r"\\".join(parts) + r"\end{gathered}"


def write_style(app: Sphinx, exception: Exception | None) -> None:
    """Write the style sheet of the formulas, and put their fonts beside it; keep what pages of earlier builds need."""
    if exception is None and app.builder.format == "html":
        static = Path(app.outdir, "_static")
        sheet = static / STYLE
        earlier = sheet.read_text(encoding="utf-8") if sheet.exists() else ""
        rules = (earlier + str(app.builder.mathjax.call("style"))).split("}")
        sheet.write_text("}".join({"".join(rule.split()): rule for rule in rules}.values()), encoding="utf-8")
        with as_file(MATHJAX / "output" / "chtml" / "fonts" / "woff-v2") as fonts:
            shutil.copytree(fonts, static / "mathjax", dirs_exist_ok=True)
