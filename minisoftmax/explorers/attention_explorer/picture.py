"""The weights as a table of squares, and the answers beside them."""

from collections.abc import Sequence

import numpy as np

from minisoftmax._arguments import Floats
from minisoftmax.explorers import drawing
from minisoftmax.explorers.words import _


def draw(tokens: Sequence[str], weights: Floats, head: str, answers: Floats | None) -> str:
    """Draw the weights as a table of squares: a row for each word that looks, a column for each that is looked at."""
    count = len(tokens)
    written = [] if answers is None else [f"({drawing.fixed(x)}, {drawing.fixed(y)})" for x, y in answers.tolist()]
    side = min(34, (270 if written else 370) // count)
    left, top = 100, 96
    parts = [drawing.text(0, 14, _("Where each word looks ({head})", head=head), anchor="start", bold=True)]
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
        if written:
            parts.append(drawing.text(left + side * count + 8, y + 4, written[i], anchor="start", size=12))
    if written:
        parts.append(drawing.text(left + side * count + 8, top - 8, _("answer"), anchor="start", size=12))
    best = drawing.listed([_looks(tokens, i, row) for i, row in enumerate(weights)])
    description = _("A table of squares whose areas are the attention weights of {head}: {best}.", head=head, best=best)
    if written:
        mixed = drawing.listed([f"{token} {answer}" for token, answer in zip(tokens, written, strict=True)])
        told = _("The answers, which are the values mixed by these weights: {answers}.", answers=mixed)
        description = f"{description} {told}"
    return drawing.image(drawing.WIDTH, top + side * count + 6, description, parts)


def _looks(tokens: Sequence[str], word: int, row: Floats) -> str:
    """Say in words where most of a row of weights is."""
    likeliest = np.flatnonzero(np.isclose(row, row.max(), rtol=1e-9, atol=0)).tolist()
    seen = {"word": tokens[word], "best": drawing.listed([tokens[i] for i in likeliest]), "p": f"{row.max():.3f}"}
    if len(tokens) > 1 and len(likeliest) == len(tokens):
        return _("{word} looks at all alike ({p} each)", **seen)
    if len(likeliest) > 1:
        return _("{word} looks most at {best} ({p} each)", **seen)
    return _("{word} looks most at {best} ({p})", **seen)
