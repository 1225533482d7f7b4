"""The candidates for the next word: what each filter keeps, and draws from what is left."""

import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from minisoftmax import core
from minisoftmax import sampling as filters
from minisoftmax.explorers import checks, drawing
from minisoftmax.explorers.explorer import Explorer, Height
from minisoftmax.explorers.sampling_explorer import picture
from minisoftmax.explorers.words import _

CAPTION = "Sampling: cut the candidates, and draw from what is left"
HEIGHT = Height(desk=620, phone=660, narrow=740)
SHARES = ["candidates"]


def sampling(
    logits: ArrayLike,
    labels: Sequence[str],
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    prompt: str = "",
) -> Explorer:
    """Show the candidates for the next word: what each filter keeps of them, and draws from what is left.

    Parameters
    ----------
    logits : array_like of real numbers, shape (K,)
        The scores, 2 to 20 of them, from −1000 to 1000.
    labels : sequence of K strings
        The words.
    temperature : float, default 1.0
        The *T* ≥ 0 to start with; it comes before the filters.
    top_k : int, optional
        How many of the likeliest to keep, at least 1; ties with the last are kept too.
    top_p : float, optional
        Then: which mass to keep at least, above 0 and at most 1: a line across all candidates in a row, which keeps
        the one that it crosses.
    min_p : float, optional
        Then: the least probability to keep, as a share of the largest, from 0 to 1.
    prompt : str, default ""
        The text that the word continues.

    Returns
    -------
    Explorer
        The figure.

    Raises
    ------
    TypeError
        If an argument has the wrong type.
    ValueError
        If there are too few or too many logits, one is too large or not finite, the labels are not as many, or a
        setting is out of its range.

    References
    ----------
    A. Holtzman, J. Buys, L. Du, M. Forbes, Y. Choi (2020). The curious case of neural text degeneration. ICLR 2020.

    Examples
    --------
    >>> from minisoftmax import explorers
    >>> explorers.sampling([2.0, 1.0, 0.0], ["mat", "sofa", "moon"], top_k=2, prompt="The cat sat on the")
    <sampling explorer: mat 0.731, sofa 0.269 after temperature 1; then top-k 2>
    """
    z = checks.numbers(logits, "logits", 1, 2, 20)
    names = checks.labels(labels, "labels", len(z))
    scale = checks.number(temperature, "temperature", 0, np.inf)
    k = None if top_k is None else checks.whole(top_k, "top_k", 1, sys.maxsize)
    p = None if top_p is None else checks.number(top_p, "top_p", 0, 1)
    if p == 0:
        raise ValueError(f"top_p must be above 0 and at most 1, got {top_p}")
    m = None if min_p is None else checks.number(min_p, "min_p", 0, 1)
    settings = {
        "logits": z.tolist(),
        "labels": names,
        "prompt": checks.text(prompt, "prompt"),
        "temperature": checks.as_json(scale),
    }
    settings |= {"top_k": k, "top_p": p, "min_p": m}
    left = core.log_softmax(z, temperature=scale)
    left = left if k is None else filters.top_k(left, k)
    nucleus = None
    if p is not None:
        seen, left = core.softmax(left), filters.top_p(left, p)
        nucleus = p, np.sort(seen)[::-1], int(np.isfinite(left).sum())
    left = filters.min_p(left, m) if m else left
    before, after = core.softmax(z, temperature=scale), core.softmax(left)
    kept = [f"{name} {share:.3f}" for name, share in zip(names, after, strict=True) if share > 0]
    applied = drawing.applied(scale, k, p, m)
    summary = _("{shares} after {applied}", shares=", ".join(kept), applied=applied)
    return Explorer("sampling", settings, picture.draw(names, before, after, applied, prompt, nucleus), summary)
