"""Softmax as bars to drag: scores, their exponentials, their shares."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from minisoftmax import core
from minisoftmax.explorers import checks
from minisoftmax.explorers.explorer import Explorer, Height
from minisoftmax.explorers.softmax_explorer import picture
from minisoftmax.explorers.words import _

CAPTION = "Softmax in rows: drag a score"
HEIGHT = Height(desk=414, phone=423, narrow=423)


def softmax(
    logits: ArrayLike, labels: Sequence[str] | None = None, *, temperature: float = 1.0, prompt: str = ""
) -> Explorer:
    r"""Show a row for each option: its score, to drag, the exponential of it, and its probability.

    .. math:: p_i = \frac{e^{z_i / T}}{\sum_j e^{z_j / T}}

    Below stand the formula with its numbers, a temperature, and, folded, the odds of any two options and the entropy.

    Parameters
    ----------
    logits : array_like of real numbers, shape (K,)
        The scores to start with, 2 to 8 of them, from −1000 to 1000.
    labels : sequence of K strings, optional
        What is scored; the numbers from 1 if not given.
    temperature : float, default 1.0
        The *T* ≥ 0 to start with, as in `minisoftmax.core.softmax`; 0 and inf are the limits.
    prompt : str, default ""
        A text that the likeliest option continues; none is shown if empty.

    Returns
    -------
    Explorer
        The figure.

    Raises
    ------
    TypeError
        If ``logits`` does not hold real numbers, or ``labels`` or ``prompt`` no strings.
    ValueError
        If there are too few or too many logits, one is too large or not finite, the labels are not as many, or
        ``temperature`` is negative or NaN.

    Examples
    --------
    >>> from minisoftmax import explorers
    >>> explorers.softmax(logits=[2.0, 1.0, 0.0], labels=["mat", "sofa", "moon"], temperature=0.5)
    <softmax explorer: mat 0.867, sofa 0.117, moon 0.016 at temperature 0.5>
    """
    z = checks.numbers(logits, "logits", 1, 2, 8)
    names = checks.labels(labels, "labels", len(z))
    scale = checks.number(temperature, "temperature", 0, np.inf)
    p = core.softmax(z, temperature=scale)
    settings = {"logits": z.tolist(), "labels": names, "temperature": checks.as_json(scale)}
    settings["prompt"] = checks.text(prompt, "prompt")
    shares = ", ".join(f"{name} {value:.3f}" for name, value in zip(names, p, strict=True))
    summary = _("{shares} at temperature {temperature}", shares=shares, temperature=f"{scale:g}")
    return Explorer("softmax", settings, picture.draw(z, names, scale, p), summary)
