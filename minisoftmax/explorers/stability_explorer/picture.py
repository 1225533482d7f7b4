"""The window of each format in which the formula as written works."""

import math

from minisoftmax.explorers import drawing
from minisoftmax.explorers.stability_explorer.formats import FORMATS


def draw(logit: float, dtype: str) -> str:
    """Draw the window of each format in which the sum of the exponentials is finite and not 0, and the logit in it."""
    left, width = 78, 380
    reach = 1000.0

    def place(x: float) -> float:
        return left + width * (x + reach) / (2 * reach)

    parts = [drawing.text(0, 14, "Where the formula as written works", anchor="start", bold=True)]
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
    parts += [drawing.text(place(x), bottom + 16, drawing.short(x)) for x in (-reach, 0.0, reach)]
    low, high = windows[dtype]
    verdict = "works" if low < logit < high else "fails"
    found = f"At logits {drawing.short(logit)} and {drawing.short(logit - 1)} in {dtype} it {verdict};"
    parts.append(drawing.text(0, bottom + 40, found, anchor="start"))
    parts.append(drawing.text(0, bottom + 60, "with the maximum subtracted first it always works.", anchor="start"))
    description = (
        f"For four number formats, the logits for which the sum of the exponentials is finite and not 0. In {dtype} "
        f"that is from {low:.1f} to {high:.1f}, so softmax as written {verdict} at a logit of {drawing.short(logit)}."
    ).replace("-", "−")
    return drawing.image(drawing.WIDTH, bottom + 70, description, parts)
