"""Entmax as bars: how α and T share out, and who gets nothing."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from minisoftmax.explorers import checks
from minisoftmax.explorers.explorer import Explorer, Height
from minisoftmax.explorers.sparse_explorer import picture
from minisoftmax.explorers.words import _
from minisoftmax.sparse import entmax

CAPTION = "Entmax: move the scores, α and T"
HEIGHT = Height(desk=442, phone=475, narrow=537)


def sparse(
    logits: ArrayLike, labels: Sequence[str] | None = None, *, alpha: float = 1.5, temperature: float = 1.0
) -> Explorer:
    r"""Show scores and their entmax, between softmax and sparsemax: what gets exactly 0 is struck out.

    .. math:: p = \operatorname{entmax}_\alpha(z / T)

    Parameters
    ----------
    logits : array_like of real numbers, shape (K,)
        The scores to start with, 2 to 8 of them, from −10 to 10.
    labels : sequence of K strings, optional
        What is scored; the numbers from 1 if not given.
    alpha : float, default 1.5
        The α to start with, from 1, which is softmax, to 2, which is sparsemax.
    temperature : float, default 1.0
        The *T* ≥ 0 to start with, as in `minisoftmax.core.softmax`; 0 and inf are the limits.

    Returns
    -------
    Explorer
        The figure.

    Raises
    ------
    TypeError
        If ``logits`` does not hold real numbers, or ``labels`` no strings.
    ValueError
        If there are too few or too many logits, one is too large or not finite, the labels are not as many, or
        ``alpha`` or ``temperature`` is out of its range.

    Examples
    --------
    >>> from minisoftmax import explorers
    >>> explorers.sparse([1.0, 0.5, -1.0], ["mat", "sofa", "moon"], alpha=2)
    <sparse explorer: mat 0.750, sofa 0.250, moon 0 at alpha 2 and temperature 1>
    """
    z = checks.numbers(logits, "logits", 1, 2, 8, limit=10)
    names = checks.labels(labels, "labels", len(z))
    order, scale = checks.number(alpha, "alpha", 1, 2), checks.number(temperature, "temperature", 0, np.inf)
    behind = z - z.max()
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        p = entmax(np.where(behind == 0, 0, behind / scale), alpha=order)
    settings = {"logits": z.tolist(), "labels": names, "alpha": order, "temperature": checks.as_json(scale)}
    shown = [picture.share(value) for value in p.tolist()]
    summary = _(
        "{shares} at alpha {alpha} and temperature {temperature}",
        shares=", ".join(f"{name} {share}" for name, share in zip(names, shown, strict=True)),
        alpha=f"{order:g}",
        temperature=f"{scale:g}",
    )
    return Explorer("sparse", settings, picture.draw(z, names, order, scale, p), summary)
