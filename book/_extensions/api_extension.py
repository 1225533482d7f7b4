"""The pages on the package: what a module holds, at a glance, before the entries themselves.

They are in English alone. Code in other editions of the book leads to their entries, as if Sphinx had read them there:
this rests on its table of the objects of Python.
"""

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.domains.python import ObjectEntry
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_directive("names", NamesDirective)
    app.add_directive("modules", ModulesDirective)
    app.connect("builder-inited", lead_to_english)
    app.connect("autodoc-process-docstring", keep_initials, priority=900)  # after the sections have been read


def entries() -> Iterator[tuple[str, str, object]]:
    """Give what has an entry: the page, the name with its module, and the thing itself; a module comes first."""
    for page in sorted(path.stem for path in (Path(__file__).parents[1] / "api").glob("*.md")):
        module = importlib.import_module(f"minisoftmax.{page}")
        yield page, module.__name__, module
        for name in module.__all__:
            thing = getattr(module, name)
            if not inspect.ismodule(thing):
                yield page, f"{module.__name__}.{name}", thing
            for member in vars(thing) if inspect.isclass(thing) else ():
                if not member.startswith("_"):
                    yield page, f"{module.__name__}.{name}.{member}", getattr(thing, member)


def anchor(name: str, thing: object) -> str:
    """Say how an entry is called on its page."""
    return f"module-{name}" if inspect.ismodule(thing) else name


def lead_to_english(app: Sphinx) -> None:
    """Let other editions find the entries."""
    if app.config.language != "en":
        objects = app.env.get_domain("py").data["objects"]
        for page, name, thing in entries():
            kind = "module" if inspect.ismodule(thing) else "class" if inspect.isclass(thing) else "function"
            objects[name] = ObjectEntry(f"../api/{page}", anchor(name, thing), kind, False)


def keep_initials(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    r"""Let an initial at the start of a line be one, and not the letter of a list.

    >>> lines = ["   C. E. Shannon (1948)."]
    >>> keep_initials(None, "", "", None, None, lines)
    >>> lines
    ['   \\C. E. Shannon (1948).']
    """
    lines[:] = [re.sub(r"^(\s*)(?=[A-Z]\. )", r"\1\\", line) for line in lines]


def first_sentence(docstring: str | None) -> str:
    """Take the first line of a docstring, up to its colon or its full stop.

    >>> first_sentence(first_sentence.__doc__)
    'Take the first line of a docstring, up to its colon or its full stop.'
    """
    return inspect.cleandoc(docstring or "").partition("\n\n")[0].replace("\n", " ").replace("`", "")


def docstring(module: ModuleType, name: str) -> str | None:
    """Give what is said of a public name; of data it is said in the source, below them."""
    below = ModuleAnalyzer.for_module(module.__name__).find_attr_docs().get(("", name))
    return "\n".join(below) if below else getattr(module, name).__doc__


class NamesDirective(SphinxDirective):
    """Show a table of the public names of a module, each with the first line of its docstring."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Build the table."""
        module = importlib.import_module(self.arguments[0])
        names = [name for name in module.__all__ if not inspect.ismodule(getattr(module, name))]
        head = nodes.row("", *(nodes.entry("", nodes.paragraph("", words)) for words in ("name", "what it is for")))
        rows = nodes.tbody()
        for name in names:
            words, _ = self.state.inline_text(first_sentence(docstring(module, name)), self.lineno)  # with italics
            what = nodes.paragraph("", "", *words)
            rows += nodes.row(
                "", nodes.entry("", nodes.paragraph("", "", link(self, module.__name__, name))), nodes.entry("", what)
            )
        columns = [nodes.colspec(colwidth=width) for width in (30, 70)]
        table = nodes.table("", nodes.tgroup("", *columns, nodes.thead("", head), rows, cols=2), classes=["names"])
        self.set_source_info(table)
        return [table]


class ModulesDirective(SphinxDirective):
    """Show a table of modules: a line each, the name of its page; with it, all that the module holds."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Build the list."""
        listed = nodes.definition_list(classes=["modules"])
        for page in self.content:
            module = importlib.import_module(f"minisoftmax.{page}")
            shown = nodes.literal("", module.__name__)
            to_page = addnodes.pending_xref(
                "",
                shown,
                refdomain="std",
                reftype="doc",
                reftarget=f"/api/{page}",
                refexplicit=True,
                refwarn=True,
                refdoc=self.env.docname,
            )
            if self.config.language != "en":
                address = self.env.app.builder.get_relative_uri(self.env.docname, f"../api/{page}")
                to_page = nodes.reference("", "", shown, refuri=address, internal=True)
            words = nodes.paragraph("", f"{first_sentence(module.__doc__)} ")
            holds = nodes.paragraph(classes=["holds"])
            for i, name in enumerate(module.__all__):
                holds += [nodes.Text(" · ")] * bool(i) + [link(self, module.__name__, name)]
            listed += nodes.definition_list_item("", nodes.term("", "", to_page), nodes.definition("", words, holds))
        self.set_source_info(listed)
        english = [nodes.raw("", tag, format="html") for tag in ('<div lang="en">', "</div>")]
        return [english[0], listed, english[1]]


def link(directive: SphinxDirective, module: str, name: str) -> nodes.Node:
    """Lead to the entry of a name; one that has none is a warning."""
    shown = nodes.literal("", name)
    reference = addnodes.pending_xref(
        "",
        shown,
        refdomain="py",
        reftype="obj",
        reftarget=f"{module}.{name}",
        refwarn=True,
        refdoc=directive.env.docname,
    )
    directive.set_source_info(reference)
    return reference
