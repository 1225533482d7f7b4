"""Bars over one another: scores, exponentials, probabilities."""

from collections.abc import Sequence

import numpy as np

from minisoftmax._arguments import Floats
from minisoftmax.explorers import drawing
from minisoftmax.explorers.words import _


def draw(logits: Floats, labels: Sequence[str], temperature: float, p: Floats) -> str:
    """Draw three rows of bars, with the labels below the first."""
    places = drawing.columns(drawing.WIDTH, len(labels))
    room = drawing.WIDTH / len(labels)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        exponents = logits / temperature
    powers = [drawing.exponential(x) if np.isfinite(x) else "" for x in exponents.tolist()]
    shares = [drawing.probability(value) for value in p.tolist()]
    written, at = [drawing.short(z) for z in logits.tolist()], drawing.short(temperature)
    title = _("Probability p at temperature {temperature}", temperature=at)
    parts = [
        drawing.text(0, 14, _("Score z"), anchor="start", bold=True),
        *drawing.scores(22, 120, logits, width=drawing.WIDTH),
        *(drawing.text(x, 160, drawing.clipped(name, room), bold=True) for x, name in zip(places, labels, strict=True)),
        *(drawing.text(x, 177, z) for x, z in zip(places, written, strict=True)),
        drawing.text(0, 206, _("Exponential of z/T"), anchor="start", bold=True),
        *drawing.rising(212, 72, p / p.max(), powers, drawing.ORANGE, width=drawing.WIDTH),
        drawing.text(0, 310, title, anchor="start", bold=True),
        *drawing.rising(316, 100, p, shares, drawing.BLUE, width=drawing.WIDTH),
    ]
    description = _(
        "Bars over one another for {labels}: their scores, {scores}, and below them their probabilities at temperature "
        "{temperature}, {shares}.",
        labels=drawing.listed(labels),
        scores=drawing.listed(written),
        temperature=at,
        shares=drawing.listed(shares),
    )
    return drawing.image(drawing.WIDTH, 420, description, parts)
