"""The predicted time of an entry against the number of entries, with what was measured."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from minisoftmax.explorers import drawing
from minisoftmax.explorers.roofline_explorer.model import predict
from minisoftmax.explorers.words import _


def draw(settings: Mapping[str, float], measured: Sequence[Sequence[float]]) -> str:
    """Draw both on logarithmic axes: 10³ to 10⁹ entries, 0.001 to 1000 ns an entry."""
    left, top, width, height = 60, 24, 400, 180

    def x(entries: float) -> float:
        return left + width * (math.log10(entries) - 3) / 6

    def y(nanoseconds: float) -> float:
        return top + height * (3 - min(max(math.log10(nanoseconds), -3), 3)) / 6

    def of(entries: float) -> float:
        return predict(**{**settings, "entries": entries}).nanoseconds

    parts = [drawing.text(0, 12, _("Nanoseconds for each entry, predicted"), anchor="start", bold=True)]
    parts += [drawing.line(left, y(v), left + width, y(v), color=drawing.GRAY) for v in (0.001, 1, 1000)]
    parts += [drawing.text(left - 6, y(v) + 4, f"{v:g}", anchor="end") for v in (0.001, 1, 1000)]
    ticks = [(1e3, "10³"), (1e6, "10⁶"), (1e9, _("10⁹ entries"))]
    parts += [drawing.text(x(n), top + height + 18, name, anchor="end" if n > 1e8 else "middle") for n, name in ticks]
    places = [10 ** (3 + k / 20) for k in range(121)]
    for before, after in pairwise(places):
        parts.append(drawing.line(x(before), y(of(before)), x(after), y(of(after)), width=3, color=drawing.BLUE))
    inside = [(n, 1e9 * seconds / n) for n, seconds in measured if 1e3 <= n <= 1e9]
    parts.append(drawing.squares([(x(n), y(each), 9) for n, each in inside], drawing.ORANGE))
    here = predict(**settings)
    parts.append(drawing.squares([(x(settings["entries"]), y(here.nanoseconds), 12)], "currentColor"))
    found = {"entries": count(settings["entries"]), "time": f"{drawing.short(1e3 * here.seconds)} ms"}
    if here.memory >= here.arithmetic:
        said = _("{entries} entries: {time}, decided by the bytes", **found)
    else:
        said = _("{entries} entries: {time}, decided by the arithmetic", **found)
    parts.append(drawing.text(0, top + height + 42, said, anchor="start"))
    description = _("Predicted time for each entry. {said}.", said=said)
    return drawing.image(drawing.WIDTH, top + height + 50, description, parts)


def count(entries: float) -> str:
    """Write a number as the explorer does: a large one with a power of ten.

    >>> count(1e9), count(2.5e8), count(1000)
    ('10⁹', '2.5×10⁸', '1000')
    """
    if entries < 1e5:
        return drawing.short(entries)
    digits, power = f"{entries:.2e}".split("e+")
    raised = str(int(power)).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{float(digits):g}×10{raised}".removeprefix("1×")
