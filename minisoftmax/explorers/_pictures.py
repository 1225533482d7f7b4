"""One picture for each explorer: what it shows before anybody touches it."""

import math
import sys
from collections.abc import Sequence

import numpy as np

from minisoftmax import core
from minisoftmax.core import Floats
from minisoftmax.explorers import _picture as draw

_WIDTH = 480
_FORMATS = {
    "float16": (25, 65504.0),
    "bfloat16": (134, float.fromhex("0x1.fep127")),
    "float32": (150, float.fromhex("0x1.fffffep127")),
    "float64": (1075, sys.float_info.max),
}
"""The negative power of 2 below which numbers round to 0, and the largest number."""


def softmax(logits: Floats, labels: Sequence[str], temperature: float, p: Floats) -> str:
    places = draw.columns(_WIDTH, len(labels))
    room = _WIDTH / len(labels)
    with np.errstate(divide="ignore", invalid="ignore"):
        exponents = logits / temperature
    powers = [draw.exponential(x) if np.isfinite(x) else "" for x in exponents.tolist()]
    shares = [draw.probability(value) for value in p.tolist()]
    written, at = [draw.short(z) for z in logits.tolist()], draw.short(temperature)
    parts = [
        draw.text(0, 14, "Score z", anchor="start", bold=True),
        *draw.scores(22, 120, logits, width=_WIDTH),
        *(draw.text(x, 160, draw.clipped(name, room), bold=True) for x, name in zip(places, labels, strict=True)),
        *(draw.text(x, 177, z) for x, z in zip(places, written, strict=True)),
        draw.text(0, 206, "Exponential of z/T", anchor="start", bold=True),
        *draw.rising(212, 72, p / p.max(), powers, draw.ORANGE, width=_WIDTH),
        draw.text(0, 310, f"Probability p at temperature {at}", anchor="start", bold=True),
        *draw.rising(316, 100, p, shares, draw.BLUE, width=_WIDTH),
    ]
    description = (
        f"Bars over one another for {draw.listed(labels)}: their scores, {draw.listed(written)}, and below them their "
        f"probabilities at temperature {at}, {draw.listed(shares)}."
    )
    return draw.drawing(_WIDTH, 420, description, parts)


def sampling(labels: Sequence[str], before: Floats, after: Floats, applied: str, prompt: str) -> str:
    order = np.argsort(-before.round(9), kind="stable").tolist()
    longest = float(after.max())
    parts = [draw.text(0, 14, f"{prompt or 'Next word:'} …", anchor="start", bold=True)]
    for row, i in enumerate(order):
        y = 26 + 22 * row
        outline, length = (300 * float(p[i]) / longest for p in (before, after))
        share = draw.probability(float(after[i])) if after[i] else "cut" if before[i] else "0"
        parts += [
            draw.text(112, y + 13, draw.clipped(labels[i], 112), anchor="end"),
            draw.box(120, y, length, 18, draw.BLUE),
            draw.box(120, y, outline, 18, "none", stroke="currentColor"),
            draw.text(125 + max(length, outline), y + 13, share, anchor="start", size=12),
        ]
    height = 26 + 22 * len(order) + 40
    parts.append(draw.text(0, height - 22, f"Blue: after {applied}.", anchor="start"))
    parts.append(draw.text(0, height - 5, "Outlined: before the filters.", anchor="start"))
    kept = [f"{labels[i]} {draw.probability(float(after[i]))}" for i in order if after[i]]
    description = f"Bars for {len(order)} candidates for the next word. After {applied}, these are left: "
    return draw.drawing(_WIDTH, height, f"{description}{draw.listed(kept)}.", parts)


def stability(logit: float, dtype: str) -> str:
    """Draw the window of each format in which the sum of the exponentials is finite and not 0, and the logit in it."""
    left, width = 78, 380
    reach = 1000.0

    def place(x: float) -> float:
        return left + width * (x + reach) / (2 * reach)

    parts = [draw.text(0, 14, "Where the formula as written works", anchor="start", bold=True)]
    sum_of_two = math.log1p(math.exp(-1))  # over the exponential of the first
    windows = {name: (-n * math.log(2), math.log(largest) - sum_of_two) for name, (n, largest) in _FORMATS.items()}
    for row, (name, (low, high)) in enumerate(windows.items()):
        y = 28 + 28 * row
        parts += [
            draw.text(left - 8, y + 14, name, anchor="end", bold=name == dtype),
            draw.box(left, y, width, 18, "none", stroke="currentColor"),
            draw.box(place(low), y, place(high) - place(low), 18, draw.BLUE),
        ]
    bottom = 28 + 28 * len(_FORMATS)
    parts += [draw.line(place(logit), 22, place(logit), bottom, width=3)]
    parts += [draw.text(place(x), bottom + 16, draw.short(x)) for x in (-reach, 0.0, reach)]
    low, high = windows[dtype]
    verdict = "works" if low < logit < high else "fails"
    found = f"At logits {draw.short(logit)} and {draw.short(logit - 1)} in {dtype} it {verdict};"
    parts.append(draw.text(0, bottom + 40, found, anchor="start"))
    parts.append(draw.text(0, bottom + 60, "with the maximum subtracted first it always works.", anchor="start"))
    description = (
        f"For four number formats, the logits for which the sum of the exponentials is finite and not 0. In {dtype} "
        f"that is from {low:.1f} to {high:.1f}, so softmax as written {verdict} at a logit of {draw.short(logit)}."
    ).replace("-", "−")
    return draw.drawing(_WIDTH, bottom + 70, description, parts)


def attention(tokens: Sequence[str], weights: Floats, head: str) -> str:
    """Draw the weights as a table of squares: a row for each word that looks, a column for each that is looked at."""
    count = len(tokens)
    side = min(34, 370 // count)
    left, top = 100, 96
    parts = [draw.text(0, 14, f"Where each word looks ({head})", anchor="start", bold=True)]
    for i, token in enumerate(tokens):
        x, y = left + side * (i + 0.5), top + side * (i + 0.5)
        parts.append(draw.text(left - 6, y + 4, draw.clipped(token, left), anchor="end"))
        parts.append(
            f"<g transform='translate({draw.rounded(x + 4)} {top - 6}) rotate(-60)'>"
            f"{draw.text(0, 0, draw.clipped(token, left), anchor='start')}</g>"
        )
        sizes = ((side - 2) * np.sqrt(weights[i])).tolist()
        parts.append(draw.squares([(left + side * (j + 0.5), y, size) for j, size in enumerate(sizes)], draw.BLUE))
    best = [f"{token} looks {_most(tokens, row)}" for token, row in zip(tokens, weights, strict=True)]
    description = f"A table of squares whose areas are the attention weights of {head}: {draw.listed(best)}."
    return draw.drawing(_WIDTH, top + side * count + 6, description, parts)


def _most(tokens: Sequence[str], row: Floats) -> str:
    """Say in words where most of a row of weights is."""
    likeliest = np.flatnonzero(np.isclose(row, row.max(), rtol=1e-9, atol=0)).tolist()
    if len(tokens) > 1 and len(likeliest) == len(tokens):
        return f"at all alike ({row.max():.3f} each)"
    each = " each" if len(likeliest) > 1 else ""
    return f"most at {' and '.join(tokens[i] for i in likeliest)} ({row.max():.3f}{each})"


_CELLS = 15


def boundary(vectors: Floats, labels: Sequence[str], temperature: float) -> str:
    """Draw a grid of squares in the color of the likeliest class, the larger the more probable it is."""
    left, side = 80, 320
    cell = side / _CELLS
    marks: list[list[tuple[float, float, float]]] = [[], [], []]
    middle = (np.arange(_CELLS) + 0.5) * cell
    x, y = np.meshgrid(6 * middle / side - 3, 3 - 6 * middle / side)
    p = core.softmax(np.stack([x, y], axis=-1) @ vectors.T, temperature=temperature)
    winners = p.round(9).argmax(axis=-1)  # rounding errors must not decide a tie: they differ between machines
    for row, column in np.ndindex(x.shape):
        size = cell * float(p[row, column].max() ** 2)
        marks[winners[row, column]].append((left + middle[column], 8 + middle[row], size))
    parts = [draw.squares(mark, color) for color, mark in zip((draw.BLUE, draw.ORANGE, draw.GREEN), marks, strict=True)]
    for label, (x, y) in zip(labels, vectors.tolist(), strict=True):
        tip = left + side * (x + 3) / 6, 8 + side * (3 - y) / 6
        parts.append(draw.line(left + side / 2, 8 + side / 2, *tip, width=2.5))
        name = draw.clipped(label, 120)
        parts.append(draw.box(tip[0] - 4 * len(name) - 5, tip[1] - 10, 8 * len(name) + 10, 20, "#fff", stroke="#000"))
        parts.append(f"<g fill='#000'>{draw.text(tip[0], tip[1] + 5, name)}</g>")
    places = [f"{label} to ({draw.short(x)}, {draw.short(y)})" for label, (x, y) in zip(labels, vectors, strict=True)]
    description = (
        f"Squares in the plane, colored by the likeliest of three classes and the larger the more probable it is. "
        f"The vectors point from the middle: {draw.listed(places)}. The temperature is {draw.short(temperature)}."
    )
    return draw.drawing(_WIDTH, side + 16, description, parts)
