"""A bar for each candidate, before and after the filters."""

import itertools
from collections.abc import Sequence

import numpy as np

from minisoftmax._arguments import Floats
from minisoftmax.explorers import drawing
from minisoftmax.explorers.words import _


def draw(
    labels: Sequence[str],
    before: Floats,
    after: Floats,
    applied: str,
    prompt: str,
    nucleus: tuple[float, Floats, int] | None = None,
) -> str:
    """Draw the likeliest first: after the filters filled, before them outlined.

    For top-p, draw all in a row, too: it has the mass, the probabilities in falling order, and how many of them stay.
    """
    order = np.argsort(-before.round(9), kind="stable").tolist()
    longest = float(after.max())
    before_it = prompt or _("Next word:")
    parts = [drawing.text(0, 14, f"{before_it} …", anchor="start", bold=True)]
    for row, i in enumerate(order):
        y = 26 + 22 * row
        outline, length = (300 * float(p[i]) / longest for p in (before, after))
        share = drawing.probability(float(after[i])) if after[i] else _("cut") if before[i] else "0"
        parts += [
            drawing.text(112, y + 13, drawing.clipped(labels[i], 112), anchor="end"),
            drawing.box(120, y, length, 18, drawing.BLUE),
            drawing.box(120, y, outline, 18, "none", stroke="currentColor"),
            drawing.text(125 + max(length, outline), y + 13, share, anchor="start", size=12),
        ]
    height = 26 + 22 * len(order) + 40
    parts.append(drawing.text(0, height - 22, _("Blue: after {applied}.", applied=applied), anchor="start"))
    parts.append(drawing.text(0, height - 5, _("Outlined: before the filters."), anchor="start"))
    if nucleus:
        mass, shares, kept = nucleus
        ends = drawing.WIDTH * np.cumsum([0, *shares])
        for place, (start, end) in enumerate(itertools.pairwise(ends.tolist())):
            color = drawing.BLUE if place < kept else "none"
            parts.append(drawing.box(start, height + 20, end - start, 18, color, stroke="currentColor"))
        parts.append(drawing.line(drawing.WIDTH * mass, height + 14, drawing.WIDTH * mass, height + 44, width=3))
        said = _("In a row: top-p keeps {count}, up to the one that crosses {mass}.", count=kept, mass=f"{mass:g}")
        parts.append(drawing.text(0, height + 60, said, anchor="start"))
        height += 66
    description = _(
        "Bars for {count} candidates for the next word. After {applied}, these are left: {kept}.",
        count=len(order),
        applied=applied,
        kept=drawing.listed([f"{labels[i]} {drawing.probability(float(after[i]))}" for i in order if after[i]]),
    )
    return drawing.image(drawing.WIDTH, height, description, parts)
