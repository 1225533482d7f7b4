"""Plain Markdown links of a notebook, which any viewer understands, become what Sphinx checks and what the book shows.

- ``<a id="equation-softmax"></a>`` on a line of its own names what follows it. MyST then checks links to it.
- A link to a work in ``references.bib`` leads to its entry in the bibliography, so the page works without a network.
- A chapter has its own name as an anchor, too.
- A link from another edition to a page that is in English alone leads there.
- A link to ``#figure-softmax?T=2`` leads to an explorer of the page, in this state; `figures_extension` names those.

This rests on MyST's table of the anchors in each document (``myst_slugs``), on its nodes for links to documents, and on
the list of entries that
sphinxcontrib-bibtex keeps (its domain's ``citations``).
"""

import re
from typing import Any
from urllib.parse import quote

from docutils import nodes
from pybtex.database import Entry
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util.nodes import make_refnode

ANCHOR = re.compile(r'<a id="([\w-]+)">')


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_transform(NameTargets)
    app.connect("doctree-resolved", lead_to_bibliography)
    app.connect("linkcheck-process-uri", ask_registry)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class NameTargets(SphinxTransform):
    """Name what follows an anchor, and the page itself."""

    default_priority = 300  # before MyST looks for what its links mean

    def apply(self, **options: Any) -> None:
        """Look through a page."""
        for paragraph in list(self.document.findall(nodes.paragraph)):
            alone = len(paragraph) == 2 and isinstance(paragraph[0], nodes.raw)
            match = ANCHOR.fullmatch(paragraph[0].astext()) if alone else None
            after = paragraph.next_node(descend=False, siblings=True)
            if match and after is not None:
                self.name(after, match[1])
                paragraph.parent.remove(paragraph)
        for link in self.document.findall(nodes.reference):
            if str(link.get("refuri", "")).startswith("#figure-"):
                link.attributes.pop("id_link", None)  # MyST would look for it
        for link in list(self.document.findall(addnodes.pending_xref)):
            if link["refdomain"] == "doc" and link["reftarget"].startswith("../"):  # outside of the edition
                address = self.app.builder.get_relative_uri(self.env.docname, link["reftarget"])
                anchor = f"#{link['reftargetid']}" if link.get("reftargetid") else ""
                link.replace_self(nodes.reference("", "", *link.children, refuri=f"{address}{anchor}", internal=True))
        for page in self.document.findall(nodes.section):
            if self.env.docname not in self.document.ids:
                page["ids"].append(self.env.docname)
            break

    def name(self, target: nodes.Element, name: str) -> None:
        """Let links find an element, from its own page and from others."""
        target["ids"].append(name)
        target["names"].append(name)
        self.document.note_explicit_target(target)
        self.env.metadata[self.env.docname].setdefault("myst_slugs", {})[name] = (target.line, name, "")


def lead_to_bibliography(app: Sphinx, document: nodes.document, page: str) -> None:
    """Let links to cited works lead to their entries, but for those in the entries themselves."""
    works = {address(work.entry): work for work in app.env.get_domain("cite").citations}
    for link in list(document.findall(nodes.reference)):
        work = works.get(link.get("refuri"))
        if work is not None and work.bibliography_key.docname != page:
            words = [child.deepcopy() for child in link.children]
            place = work.bibliography_key.docname
            link.replace_self(make_refnode(app.builder, page, place, work.citation_id, words))


def address(work: Entry) -> str:
    """Say where a work can be read: what a notebook links to."""
    return str(work.fields.get("url") or f"https://doi.org/{quote(work.fields.get('doi', ''), safe='/:;()')}")


def ask_registry(app: Sphinx | None, link: str) -> str:
    """Look for a DOI where it is registered, since many publishers turn programs away.

    >>> ask_registry(None, "https://doi.org/10.24432/C50P49")
    'https://doi.org/api/handles/10.24432/C50P49'
    """
    return re.sub("^https://doi.org/(?=10[.])", "https://doi.org/api/handles/", link)
