"""How long a softmax takes, from its bytes and its arithmetic."""

from collections.abc import Sequence

import numpy as np

from minisoftmax.explorers import checks
from minisoftmax.explorers.explorer import Explorer, Height
from minisoftmax.explorers.roofline_explorer import model, picture
from minisoftmax.explorers.words import _

CAPTION = "The time of a softmax: move the bandwidth, the cache and the rest"
HEIGHT = Height(desk=624, phone=644, narrow=746)


def roofline(
    entries: float = 1e9,
    transfers: float = 2.0,
    bandwidth: float = 200.0,
    cache: float = 32.0,
    work: float = 0.05,
    measured: Sequence[tuple[float, float]] = (),
) -> Explorer:
    r"""Show how long an array of float32 takes: as long as its bytes, or as its arithmetic, whichever is longer.

    .. math:: t = \max\left( \frac{4 n \cdot \text{transfers}}{\text{bandwidth}},\; n \cdot \text{work} \right)

    Where the array and its result fit into the cache, bytes come 8 times as fast.

    Parameters
    ----------
    entries : float, default 1e9
        How many entries *n* the array has, from 10³ to 10⁹.
    transfers : float, default 2
        How often an array of this size is read or written, from 1 to 10: 2 if everything is fused, 8 in NumPy.
    bandwidth : float, default 200
        Of the memory in GB/s, from 1 to 10,000.
    cache : float, default 32
        Its size in MiB, from 0.1 to 1000.
    work : float, default 0.05
        The nanoseconds that the arithmetic of an entry takes, on all cores together, from 0.0001 to 10.
    measured : sequence of pairs, optional
        Points to draw: how many entries, and how many seconds they took.

    Returns
    -------
    Explorer
        The figure.

    Raises
    ------
    TypeError, ValueError
        If an argument is no number, or out of its range.

    References
    ----------
    S. Williams, A. Waterman, D. Patterson (2009). Roofline: an insightful visual performance model for multicore
    architectures. Communications of the ACM 52(4), 65–76.

    Examples
    --------
    >>> from minisoftmax import explorers
    >>> explorers.roofline(entries=1e9, transfers=2, bandwidth=200)
    <roofline explorer: 1e+09 entries take 50 ms, bytes 40 ms, arithmetic 50 ms>
    """
    settings = {
        "entries": checks.number(entries, "entries", 1e3, 1e9),
        "transfers": checks.number(transfers, "transfers", 1, 10),
        "bandwidth": checks.number(bandwidth, "bandwidth", 1, 10_000),
        "cache": checks.number(cache, "cache", 0.1, 1000),
        "work": checks.number(work, "work", 0.0001, 10),
    }
    points = np.reshape(checks.floats(measured, "measured"), (-1, 2))
    if not (np.isfinite(points) & (points > 0)).all():
        raise ValueError("measured must hold pairs of numbers > 0")
    found = model.predict(**settings)
    times = {"time": found.seconds, "bytes": found.memory, "arithmetic": found.arithmetic}
    summary = _(
        "{entries} entries take {time}, bytes {bytes}, arithmetic {arithmetic}",
        entries=f"{settings['entries']:.4g}",
        **{name: f"{1e3 * seconds:.3g} ms" for name, seconds in times.items()},
    )
    drawn = picture.draw(settings, points.tolist())
    return Explorer("roofline", {**settings, "measured": points.tolist()}, drawn, summary)
