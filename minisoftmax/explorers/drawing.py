"""What pictures are made of that stand where no script runs: SVG, small, the same to the last byte on every run."""

import html
import math
from collections.abc import Iterable, Sequence

from minisoftmax._arguments import Floats
from minisoftmax._palette import PALETTE
from minisoftmax.explorers.words import _

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_IN_ADDRESS = str.maketrans({character: f"%{ord(character):02X}" for character in "%#<>\n\r\t"})
BLUE, ORANGE, GREEN, GRAY = (PALETTE[name] for name in ("blue", "orange", "green", "gray"))
WIDTH = 480


def rounded(x: float) -> str:
    """Write a coordinate: a tenth of a pixel is enough, and the same on every machine."""
    return f"{round(x, 1) + 0.0:g}"


def text(x: float, y: float, words: str, *, anchor: str = "middle", size: int = 13, bold: bool = False) -> str:
    """Write words on a line."""
    weight = " font-weight='600'" if bold else ""
    place = f"x='{rounded(x)}' y='{rounded(y)}' text-anchor='{anchor}' font-size='{size}'{weight}"
    printable = "".join(character if character.isprintable() else " " for character in words)  # as XML wants it
    return f"<text {place}>{html.escape(printable)}</text>"


def box(x: float, y: float, width: float, height: float, color: str, *, stroke: str = "none") -> str:
    """Draw a rectangle from its upper left corner."""
    place = f"x='{rounded(x)}' y='{rounded(y)}' width='{rounded(width)}' height='{rounded(max(height, 0))}'"
    return f"<rect {place} fill='{color}' stroke='{stroke}'/>"


def squares(places: Iterable[tuple[float, float, float]], color: str) -> str:
    """Draw many squares as one path; a place is a middle and the length of a side."""
    path = "".join(
        f"M{rounded(x - size / 2)} {rounded(y - size / 2)}h{(side := rounded(size))}v{side}h-{side}z"
        for x, y, size in places
        if size >= 0.5
    )
    return f"<path fill='{color}' d='{path}'/>"


def line(x1: float, y1: float, x2: float, y2: float, *, width: float = 1, color: str = "currentColor") -> str:
    """Draw a line between two points."""
    ends = f"x1='{rounded(x1)}' y1='{rounded(y1)}' x2='{rounded(x2)}' y2='{rounded(y2)}'"
    return f"<line {ends} stroke='{color}' stroke-width='{rounded(width)}'/>"


def image(width: int, height: int, description: str, parts: Sequence[str]) -> str:
    """Put parts on a white card, as an image with its description.

    An image, because JupyterLab takes SVG apart in a notebook that it does not trust, and keeps images.
    """
    room = f"viewBox='-12 -12 {width + 24} {height + 24}'"
    look = "color='#222' fill='currentColor' font-family='sans-serif'"
    card = f"<rect x='-12' y='-12' width='{width + 24}' height='{height + 24}' rx='8' fill='#fff'/>"
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' {room} {look}>{card}{''.join(parts)}</svg>"
    address = svg.translate(_IN_ADDRESS).replace("&", "&amp;")
    size = f'width="{width + 24}" height="{height + 24}" style="display:block;margin:auto;max-width:100%;height:auto"'
    return f'<img src="data:image/svg+xml,{address}" alt="{html.escape(description)}" {size}>'


def short(x: float) -> str:
    """Write a number as people read it."""
    return f"{x:.4g}".replace("-", "−").replace("inf", "∞")


def fixed(x: float) -> str:
    """Write a number with two decimals."""
    return f"{round(x, 2) + 0.0:.2f}".replace("-", "−")


def grouped(n: int) -> str:
    """Write a number with what the language puts between its thousands."""
    return f"{n:,}".replace(",", _(","))


def exponential(x: float) -> str:
    """Write e^x, also where it is too large or too small for a number."""
    if math.log(1e-3) < x < math.log(1e5):
        value = math.exp(x)
        return f"{value:.0f}" if value >= 100 else f"{value:#.3g}"
    power = math.floor(x / math.log(10))
    digits = f"{10 ** (x / math.log(10) - power):.1f}"
    if digits == "10.0":
        digits, power = "1.0", power + 1
    return f"{digits}×10{str(power).translate(_RAISED)}"


def probability(p: float) -> str:
    """Write a probability with three decimals, or as a power of ten where those would all be 0."""
    return f"{p:.3f}" if p == 0 or p >= 0.0005 else exponential(math.log(p))


def listed(words: Sequence[str]) -> str:
    """List words in a sentence."""
    return _("{others} and {last}", others=", ".join(words[:-1]), last=words[-1]) if len(words) > 1 else "".join(words)


def applied(temperature: float, top_k: int | None, top_p: float | None, min_p: float | None) -> str:
    """Name what came before a draw, in its order."""
    said = _("temperature {temperature}", temperature=f"{temperature:g}")
    for name, x in (("top-k", top_k), ("top-p", top_p), ("min-p", min_p)):
        said = said if x is None else _("{before}; then {filter}", before=said, filter=f"{name} {x:g}")
    return said


def clipped(label: str, width: float) -> str:
    """Shorten a label to about so many pixels."""
    most = max(int(width / 8), 2)
    return label if len(label) <= most else label[: most - 1] + "…"


def columns(width: float, count: int) -> list[float]:
    """Give the middles of columns that share a width evenly."""
    return [width * (i + 0.5) / count for i in range(count)]


def rising(top: float, height: float, shares: Floats, written: Sequence[str], color: str, *, width: int) -> list[str]:
    """Draw bars of at most this height that stand on a line, each with its value over it."""
    places = columns(width, len(shares))
    wide = min(72.0, 0.6 * width / len(shares))
    parts = [line(0, top + height, width, top + height)]
    for x, share, value in zip(places, shares.tolist(), written, strict=True):
        tall = share * (height - 18)
        parts.append(box(x - wide / 2, top + height - tall, wide, tall, color))
        parts.append(text(x, top + height - tall - 5, value, size=12))
    return parts


def scores(top: float, height: float, logits: Floats, *, width: int) -> list[str]:
    """Draw bars up and down from a line at 0."""
    low, high = min(-3.0, float(logits.min())), max(5.0, float(logits.max()))
    unit = height / (high - low)
    zero = top + high * unit
    wide = min(72.0, 0.6 * width / len(logits))
    parts = [line(0, zero, width, zero)]
    for x, z in zip(columns(width, len(logits)), logits.tolist(), strict=True):
        parts.append(box(x - wide / 2, zero - max(z, 0) * unit, wide, abs(z) * unit, GRAY))
    return parts
