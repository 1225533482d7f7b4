"""A row for each option: its score, its share, and a line through what gets nothing."""

from collections.abc import Sequence

from minisoftmax._arguments import Floats
from minisoftmax.explorers import drawing
from minisoftmax.explorers.words import _

_ROW = 30
_NAMES, _SCORES, _BARS = 90.0, 140.0, 270.0


def draw(logits: Floats, labels: Sequence[str], alpha: float, temperature: float, p: Floats) -> str:
    """Draw the rows under one another."""
    written, shares = [drawing.short(z) for z in logits.tolist()], [share(value) for value in p.tolist()]
    at = _("α = {alpha} and T = {temperature}", alpha=drawing.short(alpha), temperature=drawing.short(temperature))
    parts = [
        drawing.text(_SCORES + 24, 14, _("Score"), anchor="end", bold=True),
        drawing.text(_SCORES + 40, 14, _("Share at {at}", at=at), anchor="start", bold=True),
    ]
    for i, (name, score, value, words) in enumerate(zip(labels, written, p.tolist(), shares, strict=True)):
        y = 42.0 + _ROW * i
        shown = drawing.clipped(name, _NAMES)
        parts += [drawing.text(_NAMES, y, shown, anchor="end"), drawing.text(_SCORES, y, score)]
        parts.append(drawing.box(_SCORES + 40, y - 14, _BARS * value, 18, drawing.BLUE))
        parts.append(drawing.text(_SCORES + 46 + _BARS * value, y, words, anchor="start"))
        if value == 0:
            parts.append(drawing.line(_NAMES - 2 - 6.5 * len(shown), y - 4, _NAMES + 2, y - 4, width=1.5))
    named = drawing.listed([f"{name} {words}" for name, words in zip(labels, shares, strict=True)])
    description = _(
        "Bars for scores {scores}. Their shares at {at}: {shares}.", scores=drawing.listed(written), at=at, shares=named
    )
    return drawing.image(drawing.WIDTH, 42 + _ROW * len(labels), description, parts)


def share(p: float) -> str:
    """Write a probability, where 0 is exactly 0."""
    return "0" if p == 0 else drawing.probability(p)
