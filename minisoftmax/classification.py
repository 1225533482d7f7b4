"""Classification: the loss that compares logits with what is true, its gradient, and a classifier that minimizes it.

The loss of a sample is a sum of −log p over the classes, each with its *share*: 1 for the label, 0 for the others, or
what label smoothing, class weights and target probabilities make of these.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from minisoftmax import _arguments as check
from minisoftmax._arguments import Array, Floats, float_dtype, require, working_dtype
from minisoftmax._estimator import ConvergenceWarning, NotFittedError
from minisoftmax._pieces import pieces
from minisoftmax.core import log_softmax, softmax
from minisoftmax.regression import SoftmaxRegression

__all__ = ["ConvergenceWarning", "NotFittedError", "SoftmaxRegression", "cross_entropy", "cross_entropy_grad"]


@np.errstate(all="ignore")
def cross_entropy(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Floats:
    r"""Return the cross-entropy between a target and the softmax of logits: how surprised a model is by the truth.

    .. math:: \ell = -\sum_c w_c \, y_c \log \operatorname{softmax}(z)_c,
        \qquad y_c = (1 - \varepsilon) \, t_c + \varepsilon / K

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import cross_entropy
    >>> logits = np.log([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]])
    >>> print(cross_entropy(logits, [0, 2], reduction="none").round(6), -np.log([0.7, 0.1]).round(6))
    [0.356675 2.302585] [0.356675 2.302585]
    >>> print(cross_entropy(logits, [[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]], reduction="none").round(6))
    [0.983056 0.223144]

    Parameters
    ----------
    logits : array_like of real numbers, shape (..., K)
        *z*; dtypes and special values as in `minisoftmax.core.softmax`.
    target : array_like of ints or bools, shape (...), or of real numbers, shape (..., K)
        Labels from 0 to K − 1, at which *t* is 1; or the probabilities *t*, whose sum is 1 to within 0.01.
    weight : array_like of real numbers, shape (K,), optional
        *w*, finite and ≥ 0; 1 if not given.
    ignore_index : int, optional
        A label of samples to leave out: their loss is 0, and the mean does not count them.
    label_smoothing : float, default 0.0
        ε, from 0 to 1.
    reduction : {"mean", "sum", "none"}, default "mean"
        The mean divides by the sum of the weights of the labels; for probabilities, by the number of samples.

    Returns
    -------
    ndarray
        In nats, ≥ 0, in the dtype of ``logits``: of shape (...) for "none", otherwise one number. The mean of nothing
        is NaN.

    Raises
    ------
    TypeError
        If an argument has the wrong dtype; labels are ints.
    ValueError
        If an argument is out of its range, or shapes do not fit.

    Notes
    -----
    As PyTorch's ``cross_entropy``, but: the classes are on the last axis; the default of ``ignore_index`` is None;
    probabilities have to sum to 1; and a share of 0 counts 0, also of an infinite loss, where PyTorch gives NaN. A loss
    keeps its digits however small it is, as `minisoftmax.core.log_softmax` does. Memory: the result, and less than
    8 MiB, or eight float64 copies of one sample if those are more.

    References
    ----------
    C. Szegedy et al. (2016). Rethinking the Inception architecture for computer vision. CVPR, 2818–2826.
    """
    z, shares_of, divisor = _checked(logits, target, weight, ignore_index, label_smoothing, reduction)
    total, dtype = 0.0, float_dtype(z.dtype)
    losses = np.empty((*z.shape[:-1], 1) if reduction == "none" else 0, dtype)
    for piece in pieces(z.shape, (z.ndim - 1,)):
        log_probs = log_softmax(z[piece].astype(working_dtype(z.dtype), copy=False))  # (..., K)
        shares = shares_of(piece)  # (..., K)
        log_probs[shares == 0] = 0  # nothing of an infinite loss is nothing
        loss = 0 - np.sum(shares * log_probs, axis=-1, keepdims=True)  # (..., 1)
        if reduction == "none":
            losses[piece] = loss / divisor
        total += np.sum(loss)
        del log_probs, shares  # or the next piece would be made beside them
    return losses[..., 0][()] if reduction == "none" else dtype.type(total / divisor)


@np.errstate(all="ignore")
def cross_entropy_grad(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Floats:
    r"""Return the gradient of the cross-entropy with respect to the logits.

    .. math:: \frac{\partial \ell}{\partial z_c} = p_c - y_c, \qquad p = \operatorname{softmax}(z)

    and, with class weights, :math:`p_c \sum_j w_j y_j - w_c \, y_c`.

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import cross_entropy_grad
    >>> print(cross_entropy_grad(np.log([0.7, 0.2, 0.1]), 0).round(6))
    [-0.3  0.2  0.1]

    Parameters
    ----------
    logits, target, weight, ignore_index, label_smoothing
        As in `cross_entropy`.
    reduction : {"mean", "sum", "none"}, default "mean"
        As in `cross_entropy`; "none" is the same as "sum" here.

    Returns
    -------
    ndarray, shape (..., K)
        It sums to 0 over the classes, and is 0 for samples that are left out.

    Raises
    ------
    TypeError, ValueError
        As in `cross_entropy`.

    Notes
    -----
    Near certainty, where p − 1 has lost its digits, an entry is minus the sum of the others. Memory as for
    `cross_entropy`.
    """
    z, shares_of, divisor = _checked(logits, target, weight, ignore_index, label_smoothing, reduction)
    gradient = np.empty(z.shape, float_dtype(z.dtype))
    for piece in pieces(z.shape, (z.ndim - 1,)):
        shares = shares_of(piece)  # (..., K)
        total = np.sum(shares, axis=-1, keepdims=True)  # (..., 1)
        probs = softmax(z[piece].astype(working_dtype(z.dtype), copy=False))
        pull = probs * total
        pull -= shares
        sure = probs > 0.5
        pull[sure] = 0
        np.copyto(pull, 0 - np.sum(pull, axis=-1, keepdims=True), where=sure)
        pull /= divisor
        np.copyto(pull, 0, where=total == 0)  # whatever the logits are, NaN too
        gradient[piece] = pull
        del probs, pull, shares  # or the next piece would be made beside them
    return gradient


def _checked(
    logits: ArrayLike, target: ArrayLike, weight: Any, ignore_index: Any, label_smoothing: Any, reduction: Any
) -> tuple[Array, Callable[[Any], Floats], float]:
    """Check the arguments; give the logits, what gives the shares of a piece, and the divisor of the sum of losses."""
    z, truth = check.as_array(logits, "logits"), check.as_array(target, "target")
    full = z.ndim > 0 and z.shape[-1] > 0
    require(full, f"shape {z.shape}", "logits must have a last axis with an entry for each class")
    allowed = f"the shape {z.shape[:-1]} of labels or {z.shape} of probabilities, to fit logits of shape {z.shape}"
    require(truth.shape in (z.shape[:-1], z.shape), truth.shape, f"target must have {allowed}")
    classes, are_labels = z.shape[-1], truth.ndim < z.ndim
    only_labels = "ignore_index must be None if target holds probabilities"
    require(ignore_index is None or are_labels, ignore_index, only_labels)
    weights = check.as_weights(weight, classes, "weight", "class")
    smoothing = check.as_number(label_smoothing, "label_smoothing")
    require(0 <= smoothing <= 1, smoothing, "label_smoothing must be from 0 to 1")
    known = isinstance(reduction, str) and reduction in ("none", "mean", "sum")
    require(known, repr(reduction), "reduction must be 'none', 'mean' or 'sum'")
    # A power of two near the largest weight cancels in a mean and comes back in a sum, so that no product underflows.
    unit = 2.0 ** np.clip(np.frexp(weights.max())[1], -1000, 1000)
    weights = weights / unit

    def shares_of(piece: Any) -> Floats:
        """Give w_c y_c, the share that −log p of each class has in the loss: none of samples that are left out."""
        if not are_labels:
            y = check.as_probabilities(truth[piece], "target")  # (..., K)
            return weights * ((1 - smoothing) * y + smoothing / classes)
        labels, ignored = check.as_labels(truth[..., None][piece], classes, "target", ignore_index)  # (..., 1)
        y = (1 - smoothing) * (labels == np.arange(classes)) + smoothing / classes  # (..., K)
        return np.where(ignored, 0, weights * y)

    divisor = (math.prod(z.shape[:-1]) if reduction == "mean" else 1) / unit
    if reduction == "mean" and are_labels:
        divisor = 0.0
        for piece in pieces(truth.shape, ()):
            labels, ignored = check.as_labels(truth[piece], classes, "target", ignore_index)
            divisor += np.sum(weights[labels], where=~ignored)
    return z, shares_of, divisor or math.nan
