"""A sentence and a bar for each of the likeliest tokens that may follow."""

from collections.abc import Sequence

from minisoftmax.explorers import drawing
from minisoftmax.explorers.words import _


def draw(start: str, shown: Sequence[tuple[str, float]], applied: str) -> str:
    """Draw the likeliest tokens, the first on top."""
    parts = [drawing.text(0, 14, f"{drawing.clipped(start, 400)} …", anchor="start", bold=True)]
    for row, (word, share) in enumerate(shown):
        y = 26 + 22 * row
        length = 300 * share / shown[0][1]
        parts += [
            drawing.text(112, y + 13, drawing.clipped(word, 112), anchor="end"),
            drawing.box(120, y, length, 18, drawing.BLUE),
            drawing.text(125 + length, y + 13, drawing.probability(share), anchor="start", size=12),
        ]
    height = 26 + 22 * len(shown) + 20
    parts.append(drawing.text(0, height - 4, _("The likeliest after {applied}.", applied=applied), anchor="start"))
    shares = drawing.listed([f"{word} {drawing.probability(share)}" for word, share in shown])
    description = _(
        "Bars for the likeliest tokens after “{start}”, with {applied}: {shares}.",
        start=start,
        applied=applied,
        shares=shares,
    )
    return drawing.image(drawing.WIDTH, height, description, parts)
