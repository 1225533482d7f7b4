"""One key that leads, among more and more others: how its share of the attention drowns."""

import numpy as np

from minisoftmax import core
from minisoftmax.explorers import checks, drawing
from minisoftmax.explorers.contexts_explorer import picture
from minisoftmax.explorers.explorer import Explorer, Height
from minisoftmax.explorers.words import _

CAPTION = "A lead among many: make the text longer"
HEIGHT = Height(desk=488, phone=472, narrow=497)
LONGEST = 1_000_000


def contexts(lead: float = 5.0, length: int = 100) -> Explorer:
    r"""Show the share of one key that leads all others by the same number of points, as the text gets longer.

    .. math:: p = \frac{e^{\Delta}}{e^{\Delta} + n - 1}

    Parameters
    ----------
    lead : float, default 5.0
        The lead Δ to start with, from 0 to 20.
    length : int, default 100
        The number *n* of keys to start with, from 2 to a million.

    Returns
    -------
    Explorer
        The figure.

    Raises
    ------
    TypeError
        If ``lead`` is not one real number, or ``length`` no whole number.
    ValueError
        If one of them is out of its range.

    Examples
    --------
    >>> from minisoftmax import explorers
    >>> explorers.contexts(lead=5.0, length=100)
    <contexts explorer: a lead of 5 gives 0.600 to one of 100 keys>
    """
    ahead = checks.number(lead, "lead", 0, 20)
    count = checks.whole(length, "length", 2, LONGEST)
    others = float(np.log(count - 1))  # as one entry, since e^z adds up
    share = float(core.softmax([ahead, others])[0])
    settings = {"lead": ahead, "length": count}
    summary = _(
        "a lead of {lead} gives {share} to one of {count} keys",
        lead=f"{ahead:g}",
        share=f"{share:.3f}",
        count=drawing.grouped(count),
    )
    return Explorer("contexts", settings, picture.draw(ahead, count, share), summary)
