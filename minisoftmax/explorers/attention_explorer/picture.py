"""The weights as a table of squares."""

from collections.abc import Sequence

import numpy as np

from minisoftmax._arguments import Floats
from minisoftmax.explorers import drawing


def draw(tokens: Sequence[str], weights: Floats, head: str) -> str:
    """Draw the weights as a table of squares: a row for each word that looks, a column for each that is looked at."""
    count = len(tokens)
    side = min(34, 370 // count)
    left, top = 100, 96
    parts = [drawing.text(0, 14, f"Where each word looks ({head})", anchor="start", bold=True)]
    for i, token in enumerate(tokens):
        x, y = left + side * (i + 0.5), top + side * (i + 0.5)
        parts.append(drawing.text(left - 6, y + 4, drawing.clipped(token, left), anchor="end"))
        parts.append(
            f"<g transform='translate({drawing.rounded(x + 4)} {top - 6}) rotate(-60)'>"
            f"{drawing.text(0, 0, drawing.clipped(token, left), anchor='start')}</g>"
        )
        sizes = ((side - 2) * np.sqrt(weights[i])).tolist()
        parts.append(
            drawing.squares([(left + side * (j + 0.5), y, size) for j, size in enumerate(sizes)], drawing.BLUE)
        )
    best = [f"{token} looks {_most(tokens, row)}" for token, row in zip(tokens, weights, strict=True)]
    description = f"A table of squares whose areas are the attention weights of {head}: {drawing.listed(best)}."
    return drawing.image(drawing.WIDTH, top + side * count + 6, description, parts)


def _most(tokens: Sequence[str], row: Floats) -> str:
    """Say in words where most of a row of weights is."""
    likeliest = np.flatnonzero(np.isclose(row, row.max(), rtol=1e-9, atol=0)).tolist()
    if len(tokens) > 1 and len(likeliest) == len(tokens):
        return f"at all alike ({row.max():.3f} each)"
    each = " each" if len(likeliest) > 1 else ""
    return f"most at {' and '.join(tokens[i] for i in likeliest)} ({row.max():.3f}{each})"
