"""The plane in the colors of the classes, with the samples in it."""

from collections.abc import Sequence

import numpy as np

from minisoftmax import core
from minisoftmax._arguments import Floats, Labels
from minisoftmax.explorers import drawing
from minisoftmax.explorers.words import _

CELLS = 13
# A circle, a square and a triangle, each from its middle.
OUTLINES = "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z", "m-4-4h8v8h-8z", "m0 5l-5-8h10z"


def draw(vectors: Floats, labels: Sequence[str], temperature: float, samples: Floats, target: Labels, said: str) -> str:
    """Draw a grid of squares in the color of the likeliest class, the larger the more probable it is; then samples."""
    left, side = 80, 320
    cell = side / CELLS
    cells: list[list[tuple[float, float, float]]] = [[], [], []]
    middle = (np.arange(CELLS) + 0.5) * cell
    x, y = np.meshgrid(6 * middle / side - 3, 3 - 6 * middle / side)
    p = core.softmax(np.stack([x, y], axis=-1) @ vectors.T, temperature=temperature)
    winners = p.round(9).argmax(axis=-1)  # rounding errors must not decide a tie: they differ between machines
    for row, column in np.ndindex(x.shape):
        size = cell * float(p[row, column].max() ** 2)
        cells[winners[row, column]].append((left + float(middle[column]), 8 + float(middle[row]), size))
    parts = [
        drawing.squares(squares, color)
        for color, squares in zip((drawing.BLUE, drawing.ORANGE, drawing.GREEN), cells, strict=True)
    ]
    ends = left + side * (samples[:, 0] + 3) / 6, 8 + side * (3 - samples[:, 1]) / 6
    outlines = "".join(map(_outline, *(end.tolist() for end in ends), target.tolist()))
    parts.append(f"<path fill='#fff' stroke='#000' d='{outlines}'/>")
    for k, (label, (x, y)) in enumerate(zip(labels, vectors.tolist(), strict=True)):
        tip = left + side * (x + 3) / 6, 8 + side * (3 - y) / 6
        parts.append(drawing.line(left + side / 2, 8 + side / 2, *tip, width=2.5))
        name = drawing.clipped(label, 120)
        start, width = tip[0] - 4 * len(name) - 5, 8 * len(name) + 10
        parts.append(drawing.box(start - 14, tip[1] - 10, width + 14, 20, "#fff", stroke="#000"))
        parts.append(f"<path d='{_outline(start - 4, tip[1], k)}'/>")
        parts.append(f"<g fill='#000'>{drawing.text(tip[0], tip[1] + 5, name)}</g>")
    places = [
        _("{label} to ({x}, {y})", label=label, x=drawing.short(x), y=drawing.short(y))
        for label, (x, y) in zip(labels, vectors, strict=True)
    ]
    description = _(
        "Squares in the plane, colored by the likeliest of three classes and the larger the more probable it is. "
        "The vectors point from the middle: {places}. The temperature is {temperature}. Circles, squares and triangles "
        "are points of the three: {score}.",
        places=drawing.listed(places),
        temperature=drawing.short(temperature),
        score=said,
    )
    parts.append(drawing.text(left, side + 32, said, anchor="start"))
    return drawing.image(drawing.WIDTH, side + 40, description, parts)


def _outline(x: float, y: float, k: int) -> str:
    return f"M{drawing.rounded(x)} {drawing.rounded(y)}{OUTLINES[k]}"
