"""A bar of all the attention, and the share of the one key that leads."""

from minisoftmax.explorers import drawing

_LEFT, _WIDTH = 10.0, 460.0


def draw(lead: float, length: int, share: float) -> str:
    """Draw the bar, with words above and below it."""
    said = f"One key of {length:,} leads the others by {drawing.short(lead)}"
    parts = [
        drawing.text(_LEFT, 16, said, anchor="start", bold=True),
        drawing.box(_LEFT, 30, _WIDTH, 50, "#fff", stroke=drawing.GRAY),
        drawing.box(_LEFT, 30, _WIDTH * share, 50, drawing.BLUE),
        drawing.text(_LEFT, 100, f"its share: {drawing.probability(share)}", anchor="start"),
        drawing.text(_LEFT + _WIDTH, 100, f"all others: {drawing.probability(1 - share)}", anchor="end"),
    ]
    description = f"{said}. Of a bar for all the attention, it has {drawing.probability(share)}."
    return drawing.image(drawing.WIDTH, 110, description, parts)
