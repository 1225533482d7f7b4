"""Previews: a page carries what its citations, its terms and its links to formulas of other pages lead to.

A page that is a file may fetch nothing, so they are put into it, as templates, when all pages are written.
``_static/site.js`` shows them. A term of the glossary becomes a link where the text introduces it, in italics.

This rests on how sphinxcontrib-bibtex writes an entry, and `math_extension` a formula.
"""

import html
import re
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import _

WORK = re.compile(r'<div class="citation" id="([^"]+)".*?</span>\s*(<p>.*?</p>)', re.DOTALL)
FORMULA = re.compile(r'<div class="math[^>]*id="(equation-[\w-]+)">\s*(.*?)</div>', re.DOTALL)
LINK = re.compile(r'href="([^"#]*\.html)#([^"]+)"')
INNER_LINK = re.compile(r"</?a\b[^>]*>")
GLOSSARY = "notation"


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("doctree-read", name_terms)
    app.connect("doctree-resolved", link_terms)
    app.connect("build-finished", embed, priority=700)


def terms(document: nodes.document) -> Iterator[dict[str, nodes.entry]]:
    """Give the rows of the glossary: a term in English, in Spanish or the language of the edition, its meaning."""
    names = {_("English"): "English", _("Spanish"): "Spanish", _("meaning"): "meaning"}
    for table in document.findall(nodes.table):
        heads = [entry.astext() for head in table.findall(nodes.thead) for entry in head.findall(nodes.entry)]
        if set(heads) == set(names):
            for body in table.findall(nodes.tbody):
                for row in body.findall(nodes.row):
                    yield dict(zip((names[head] for head in heads), row.findall(nodes.entry), strict=True))


def anchor(term: str) -> str:
    """Name a term in an address.

    >>> anchor("Fenchel–Young loss")
    'term-fenchel-young-loss'
    """
    return "term-" + re.sub(r"\W+", "-", term.lower()).strip("-")


def name_terms(app: Sphinx, document: nodes.document) -> None:
    """Let links find each term."""
    if app.env.docname == GLOSSARY:
        known = {}
        first, second = ("English", "Spanish") if app.config.language == "en" else ("Spanish", "English")
        for row in terms(document):
            name, own, other = anchor(row["English"].astext()), row[first].astext(), row[second].astext()
            for word in re.sub(r" \([^)]*\)", "", own).split(", "):  # without what it is called in one country
                known[word.lower()] = (name, own, other, row["meaning"].astext())
            row[first]["ids"].append(name)
        app.env.metadata[GLOSSARY]["terms"] = known


def link_terms(app: Sphinx, document: nodes.document, page: str) -> None:
    """Link a term from where it first stands in italics."""
    known = dict(app.env.metadata[GLOSSARY].get("terms", {}))
    if app.builder.format != "html" or page == GLOSSARY or not known:
        return
    for emphasis in list(document.findall(nodes.emphasis)):
        term = known.pop(emphasis.astext().lower(), None)
        if term and not isinstance(emphasis.parent, nodes.reference):
            address = app.builder.get_relative_uri(page, GLOSSARY)
            emphasis.replace_self(
                nodes.reference(
                    "", "", emphasis.deepcopy(), internal=True, refuri=f"{address}#{term[0]}", classes=["term"]
                )
            )


def embed(app: Sphinx, exception: Exception | None) -> None:
    """Put into each page what its links show."""
    if exception is not None or app.builder.name != "html":
        return
    folder = Path(app.outdir)
    pages = {name: (folder / f"{name}.html").read_text(encoding="utf-8") for name in app.env.found_docs}
    shown = {name: INNER_LINK.sub("", text) for name, text in WORK.findall(pages.get("bibliography", ""))}
    for text in pages.values():
        shown |= dict(FORMULA.findall(text))
    language = "es" if app.config.language == "en" else "en"
    for name, own, other, meaning in app.env.metadata[GLOSSARY].get("terms", {}).values():
        words = html.escape(meaning)
        shown[name] = f'<p><b>{html.escape(own)}</b> (<i lang="{language}">{html.escape(other)}</i>): {words}.</p>'
    for name, text in pages.items():
        if "<template data-for=" not in text:  # which a draft has left as it was
            asked = {there for page, there in LINK.findall(text) if there in shown and page != f"{name}.html"}
            templates = "".join(f'<template data-for="{there}">{shown[there]}</template>' for there in sorted(asked))
            (folder / f"{name}.html").write_text(
                text.replace("</article>", f"</article>{templates}", 1), encoding="utf-8"
            )
