"""The window of each format in which the formula as written works."""

import math

from minisoftmax.explorers import drawing
from minisoftmax.explorers.stability_explorer.formats import FORMATS
from minisoftmax.explorers.words import _


def draw(logit: float, dtype: str) -> str:
    """Draw the window of each format in which the sum of the exponentials is finite and not 0, and the logit in it."""
    left, width = 78, 380
    most = 1000.0

    def place(x: float) -> float:
        return left + width * (x + most) / (2 * most)

    parts = [drawing.text(0, 14, _("Where the formula as written works"), anchor="start", bold=True)]
    sum_of_two = math.log1p(math.exp(-1))  # over the exponential of the first
    windows = {name: (kind.log_vanishing, kind.log_largest - sum_of_two) for name, kind in FORMATS.items()}
    for row, (name, (low, high)) in enumerate(windows.items()):
        y = 28 + 28 * row
        parts += [
            drawing.text(left - 8, y + 14, name, anchor="end", bold=name == dtype),
            drawing.box(left, y, width, 18, "none", stroke="currentColor"),
            drawing.box(place(low), y, place(high) - place(low), 18, drawing.BLUE),
        ]
    bottom = 28 + 28 * len(FORMATS)
    parts += [drawing.line(place(logit), 22, place(logit), bottom, width=3)]
    parts += [drawing.text(place(x), bottom + 16, drawing.short(x)) for x in (-most, 0.0, most)]
    low, high = windows[dtype]
    two = {"first": drawing.short(logit), "second": drawing.short(logit - 1), "dtype": dtype}
    here = {"logit": drawing.short(logit), "dtype": dtype}
    here |= {"low": f"{low:.1f}".replace("-", "−"), "high": f"{high:.1f}"}
    described = _("For four number formats, the logits for which the sum of the exponentials is finite and not 0.")
    if low < logit < high:
        found = _("At logits {first} and {second} in {dtype} it works;", **two)
        reach = _("In {dtype} that is from {low} to {high}, so softmax as written works at a logit of {logit}.", **here)
    else:
        found = _("At logits {first} and {second} in {dtype} it fails;", **two)
        reach = _("In {dtype} that is from {low} to {high}, so softmax as written fails at a logit of {logit}.", **here)
    parts.append(drawing.text(0, bottom + 40, found, anchor="start"))
    always = _("with the maximum subtracted first it always works.")
    parts.append(drawing.text(0, bottom + 60, always, anchor="start"))
    return drawing.image(drawing.WIDTH, bottom + 70, f"{described} {reach}", parts)
