"""A bar of all the attention, and the share of the one key that leads."""

from minisoftmax.explorers import drawing
from minisoftmax.explorers.words import _

_LEFT, _WIDTH = 10.0, 460.0


def draw(lead: float, length: int, share: float) -> str:
    """Draw the bar, with words above and below it."""
    said = _("One key of {count} leads the others by {lead}", count=drawing.grouped(length), lead=drawing.short(lead))
    its, others = drawing.probability(share), drawing.probability(1 - share)
    parts = [
        drawing.text(_LEFT, 16, said, anchor="start", bold=True),
        drawing.box(_LEFT, 30, _WIDTH, 50, "#fff", stroke=drawing.GRAY),
        drawing.box(_LEFT, 30, _WIDTH * share, 50, drawing.BLUE),
        drawing.text(_LEFT, 100, _("its share: {share}", share=its), anchor="start"),
        drawing.text(_LEFT + _WIDTH, 100, _("all others: {share}", share=others), anchor="end"),
    ]
    description = _("{said}. Of a bar for all the attention, it has {share}.", said=said, share=its)
    return drawing.image(drawing.WIDTH, 110, description, parts)
