"""Explorers on the pages of the book: their scripts once per page and from files, and a directive for plain pages.

This rests on MyST-NB's nodes of raw HTML, and, for ``NO_CARD``, on the classes that it and the theme give to outputs;
tests in a browser look at both.

Explorers, and the scripts of the pages, speak the language of the build; for other languages than English these load
a script with the words.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from minisoftmax.explorers.explorer import ENGLISH, folder, names, scripts, table

# Kept free for a figure until its script has run.
ROOM = """@media (scripting: enabled) {{
  {name}-explorer:not(:defined) {{ display: block; min-height: {desk}px; }}
  @media (max-width: 40rem) {{ {name}-explorer:not(:defined) {{ min-height: {phone}px; }} }}
  @media (max-width: 24rem) {{ {name}-explorer:not(:defined) {{ min-height: {narrow}px; }} }}
}}
"""
# Explorers take the colors of the page. The theme would put them on a bright card, as it does with other outputs.
NO_CARD = """html[data-theme=dark] .bd-content div.cell_output .text_html:not(:has(table.dataframe)):has([settings]) {
  padding: 0;
  color: inherit;
  background: none;
}
"""
INLINE = re.compile(r"<script data-explorer=\"\w+\">.*?</script>\s*", re.DOTALL)
ELEMENT = re.compile(r"<(\w+)-explorer settings=")
SCRIPTS = [*Path(__file__).parents[1].glob("_static/*.js"), *Path(__file__).parent.glob("*.js")]


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    if app.config.language != ENGLISH:
        app.add_js_file("words.js")
    app.add_directive("explorer", ExplorerDirective)
    app.connect("builder-inited", write_scripts)
    app.connect("doctree-resolved", strip_scripts)
    app.connect("html-page-context", load_scripts)


class ExplorerDirective(SphinxDirective):
    """Show an explorer on a page that is no notebook: its name, then its arguments, a line of YAML each."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Draw it."""
        name = self.arguments[0]
        if name not in names():
            raise self.error(f"there is no explorer {name!r}")
        try:
            explorer = getattr(folder(name), name)(**yaml.safe_load("\n".join(self.content)))
        except (TypeError, ValueError, yaml.YAMLError) as problem:
            raise self.error(f"{name}: {problem}") from problem
        return [nodes.raw("", explorer.html, format="html")]


def write_scripts(app: Sphinx) -> None:
    """Put the scripts beside the pages, and a style that lets them stand there well."""
    if app.builder.format == "html":
        target = Path(app.outdir, "_static", "explorers")
        target.mkdir(parents=True, exist_ok=True)
        for name in names():
            for script, text in scripts(name).items():
                (target / f"{script}.js").write_text(text, encoding="utf-8")
        if app.config.language != ENGLISH:
            said = "".join(script.read_text(encoding="utf-8") for script in SCRIPTS)
            words = f"globalThis.words = {table(said, app.config.language)};\n"
            (target.parent / "words.js").write_text(words, encoding="utf-8")
        rules = [ROOM.format(name=name, **folder(name).HEIGHT._asdict()) for name in names()]
        (target / "page.css").write_text("".join([*rules, NO_CARD]), encoding="utf-8")


def strip_scripts(app: Sphinx, doctree: nodes.document, name: str) -> None:
    """Take the scripts out of the outputs of a notebook: the page has them once."""
    for raw in with_explorers(doctree):
        text = INLINE.sub("", raw.astext())
        raw.children = [nodes.Text(text)] if raw.children else []
        raw.rawsource = text


def load_scripts(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Load, on a page with explorers, what they need, in order."""
    found = {name for raw in with_explorers(doctree) for name in ELEMENT.findall(raw.astext())}
    needed = {script: None for explorer in sorted(found) for script in scripts(explorer)}  # each once, in order
    for script in needed:
        app.add_js_file(f"explorers/{script}.js", loading_method="defer")
    if found:
        app.add_css_file("explorers/page.css")


def with_explorers(doctree: nodes.document | None) -> Iterator[nodes.raw]:
    """Give the raw HTML of a page that has an explorer in it."""
    for raw in doctree.findall(nodes.raw) if doctree else ():
        if "html" in raw["format"] and ELEMENT.search(raw.astext()):
            yield raw
