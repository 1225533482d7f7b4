"""A reliability diagram: a square for each bin, and how far it is from the diagonal."""

import numpy as np

from minisoftmax.calibration import ReliabilityCurve
from minisoftmax.explorers import drawing
from minisoftmax.explorers.words import _


def draw(curve: ReliabilityCurve, said: str, temperature: float) -> str:
    """Draw the bins that are not empty; a larger square has more answers."""
    left, top, side = 90.0, 24.0, 300.0

    def place(x: float, y: float) -> tuple[float, float]:
        return left + side * x, top + side * (1 - y)

    filled = np.flatnonzero(curve.counts)
    largest = curve.counts.max()
    title = _("Share right against confidence at T = {temperature}", temperature=drawing.short(temperature))
    parts = [
        drawing.text(left, 14, title, anchor="start", bold=True),
        drawing.line(*place(0, 0), *place(1, 1), color=drawing.GRAY),
        drawing.line(*place(0, 0), *place(1, 0)),
        drawing.line(*place(0, 0), *place(0, 1)),
        *(drawing.text(left - 8, place(0, y)[1] + 4, f"{y:g}", anchor="end") for y in (0.0, 0.5, 1.0)),
        *(drawing.text(place(x, 0)[0], top + side + 18, f"{x:g}") for x in (0.0, 0.5, 1.0)),
    ]
    marks = []
    for i in filled.tolist():
        said_here, right = float(curve.confidence[i]), float(curve.accuracy[i])
        ends = *place(said_here, said_here), *place(said_here, right)
        parts.append(drawing.line(*ends, width=3, color=drawing.ORANGE))
        marks.append((*place(said_here, right), 4 + 12 * float(np.sqrt(curve.counts[i] / largest))))
    parts += [drawing.squares(marks, drawing.BLUE), drawing.text(left, top + side + 42, said, anchor="start")]
    below = sum(float(curve.accuracy[i]) < float(curve.confidence[i]) for i in filled.tolist())
    description = _(
        "A reliability diagram at temperature {temperature}: of {count} bins with answers, {below} lie below the "
        "diagonal, where a model is right less often than it says. {said}.",
        temperature=drawing.short(temperature),
        count=len(filled),
        below=below,
        said=said,
    )
    return drawing.image(drawing.WIDTH, int(top + side + 50), description, parts)
