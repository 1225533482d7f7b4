"""The plane in the colors of the classes."""

from collections.abc import Sequence

import numpy as np

from minisoftmax import core
from minisoftmax._arguments import Floats
from minisoftmax.explorers import drawing
from minisoftmax.explorers.words import _

CELLS = 15


def draw(vectors: Floats, labels: Sequence[str], temperature: float) -> str:
    """Draw a grid of squares in the color of the likeliest class, the larger the more probable it is."""
    left, side = 80, 320
    cell = side / CELLS
    marks: list[list[tuple[float, float, float]]] = [[], [], []]
    middle = (np.arange(CELLS) + 0.5) * cell
    x, y = np.meshgrid(6 * middle / side - 3, 3 - 6 * middle / side)
    p = core.softmax(np.stack([x, y], axis=-1) @ vectors.T, temperature=temperature)
    winners = p.round(9).argmax(axis=-1)  # rounding errors must not decide a tie: they differ between machines
    for row, column in np.ndindex(x.shape):
        size = cell * float(p[row, column].max() ** 2)
        marks[winners[row, column]].append((left + float(middle[column]), 8 + float(middle[row]), size))
    parts = [
        drawing.squares(mark, color)
        for color, mark in zip((drawing.BLUE, drawing.ORANGE, drawing.GREEN), marks, strict=True)
    ]
    for label, (x, y) in zip(labels, vectors.tolist(), strict=True):
        tip = left + side * (x + 3) / 6, 8 + side * (3 - y) / 6
        parts.append(drawing.line(left + side / 2, 8 + side / 2, *tip, width=2.5))
        name = drawing.clipped(label, 120)
        parts.append(
            drawing.box(tip[0] - 4 * len(name) - 5, tip[1] - 10, 8 * len(name) + 10, 20, "#fff", stroke="#000")
        )
        parts.append(f"<g fill='#000'>{drawing.text(tip[0], tip[1] + 5, name)}</g>")
    places = [
        _("{label} to ({x}, {y})", label=label, x=drawing.short(x), y=drawing.short(y))
        for label, (x, y) in zip(labels, vectors, strict=True)
    ]
    description = _(
        "Squares in the plane, colored by the likeliest of three classes and the larger the more probable it is. "
        "The vectors point from the middle: {places}. The temperature is {temperature}.",
        places=drawing.listed(places),
        temperature=drawing.short(temperature),
    )
    return drawing.image(drawing.WIDTH, side + 16, description, parts)
