"""The cards of the landing page: one for each chapter, with its title, its question and its small picture."""

from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_directive("cards", CardsDirective)


class CardsDirective(SphinxDirective):
    """Show a card for each line, which is the name of a chapter, a colon and its question."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Build the list. A chapter that is not there is a warning, as for any link."""
        cards = nodes.bullet_list(classes=["cards"])
        for line in self.content:
            name, _, question = line.partition(": ")
            picture = Path(__file__).parents[1] / "_static" / "cards" / f"{name}.svg"
            if not picture.exists():
                raise self.error(f"the card of {name!r} needs a picture, book/_static/cards/{picture.name}")
            drawing = nodes.raw("", picture.read_text(encoding="utf-8"), format="html")
            link = addnodes.pending_xref(
                "",
                nodes.inline(),
                refdomain="std",
                reftype="doc",
                reftarget=name,
                refexplicit=False,
                refwarn=True,
                refdoc=self.env.docname,
            )
            link[0] += nodes.Text(name)
            said = nodes.paragraph("", question)
            cards += nodes.list_item("", drawing, nodes.paragraph("", "", link), said)
        self.set_source_info(cards)
        return [cards]
