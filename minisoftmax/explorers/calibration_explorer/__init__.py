"""A reliability diagram under a temperature: what a model said, and how often it was right."""

import numpy as np
from numpy.typing import ArrayLike

from minisoftmax import core
from minisoftmax.calibration import expected_calibration_error, reliability_curve
from minisoftmax.explorers import checks
from minisoftmax.explorers.calibration_explorer import picture
from minisoftmax.explorers.explorer import Explorer, Height
from minisoftmax.explorers.words import _

CAPTION = "Calibration: drag the temperature, and see what is said and what is right"
HEIGHT = Height(desk=516, phone=946, narrow=946)


def calibration(logits: ArrayLike, labels: ArrayLike, *, temperature: float = 1.0, n_bins: int = 10) -> Explorer:
    r"""Show a reliability diagram under a temperature to drag, with its bins, its ECE and its log loss.

    .. math:: \mathrm{ECE} = \sum_m \frac{n_m}{n} \, | \operatorname{acc}_m - \operatorname{conf}_m |, \qquad
        \mathrm{NLL} = -\frac{1}{n} \sum_i \log \operatorname{softmax}(z_i / T)_{y_i}

    Parameters
    ----------
    logits : array_like of real numbers, shape (n, K)
        A row for each of n answers, 1 to 2000 of them, with K ≥ 2 logits from −1000 to 1000. Rounded to one digit they
        make a smaller page.
    labels : array_like of ints, shape (n,)
        The true classes, 0 to K − 1.
    temperature : float, default 1.0
        The *T* ≥ 0 to start with.
    n_bins : int, default 10
        The number of bins to start with, 2 to 50.

    Returns
    -------
    Explorer
        The figure.

    Raises
    ------
    TypeError
        If an argument has the wrong type.
    ValueError
        If shapes do not fit, or a number is out of its range or not finite.

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger (2017). On calibration of modern neural networks. Proceedings of the
    34th International Conference on Machine Learning, PMLR 70, 1321–1330.

    Examples
    --------
    >>> from minisoftmax import explorers
    >>> explorers.calibration([[4.0, 0.0, 0.0], [0.0, 3.0, 0.0], [3.0, 0.0, 1.0]], [0, 1, 2], temperature=2)
    <calibration explorer: ECE 0.178, log loss 0.691 at temperature 2>
    """
    z = checks.numbers(logits, "logits", 2, 1, 2000)
    if z.shape[1] < 2:
        raise ValueError(f"logits must have shape (n, K) with K >= 2, got {z.shape}")
    scale, bins = checks.number(temperature, "temperature", 0, np.inf), checks.whole(n_bins, "n_bins", 2, 50)
    p = core.softmax(z, temperature=scale)
    curve = reliability_curve(p, labels, n_bins=bins)  # which checks the labels
    answers = np.asarray(labels).astype(int)
    loss = -float(core.log_softmax(z, temperature=scale)[np.arange(len(z)), answers].mean())
    ece = expected_calibration_error(p, labels, n_bins=bins)
    said = _("ECE {ece}, log loss {loss}", ece=f"{ece:.3f}", loss=f"{loss:.3f}")
    settings = {"logits": z.tolist(), "labels": answers.tolist(), "temperature": checks.as_json(scale), "n_bins": bins}
    summary = _("{scores} at temperature {temperature}", scores=said, temperature=f"{scale:g}")
    return Explorer("calibration", settings, picture.draw(curve, said, scale), summary)
