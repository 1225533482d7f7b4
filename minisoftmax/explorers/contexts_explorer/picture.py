"""A bar of all the attention, and the share of the one key that leads."""

from minisoftmax.explorers import drawing

_LEFT, _WIDTH = 10.0, 460.0


def draw(lead: float, length: int, share: float) -> str:
    """Draw the bar, with words above and below it."""
    said = f"One key of {length:,} leads the others by {drawing.short(lead)}"
    parts = [
        drawing.text(_LEFT, 16, said, anchor="start", bold=True),
        drawing.box(_LEFT, 30, _WIDTH, 34, "#fff", stroke=drawing.GRAY),
        drawing.box(_LEFT, 30, _WIDTH * share, 34, drawing.BLUE),
        drawing.text(_LEFT, 84, f"its share: {drawing.probability(share)}", anchor="start"),
        drawing.text(_LEFT + _WIDTH, 84, f"all others: {drawing.probability(1 - share)}", anchor="end"),
    ]
    description = f"{said}. Of a bar for all the attention, it has {drawing.probability(share)}."
    return drawing.image(drawing.WIDTH, 92, description, parts)
