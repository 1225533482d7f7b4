"""Sparse relatives of softmax: probabilities of which some are exactly zero, their gradient and their loss.

Softmax solves log p = x − λ, with the λ for which p sums to 1. `entmax` puts (p**s − 1) / s, with s = α − 1, in the
place of the logarithm, to which this tends as s goes to 0. It is never below −1 / s. So an entry that is too far below
the others has no solution p > 0, and gets 0. The entries that get more are the *support*.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from minisoftmax import _arguments as check
from minisoftmax._arguments import Axis, Floats, float_dtype, require, working_dtype
from minisoftmax._pieces import pairwise_sum, pieces
from minisoftmax.classification import cross_entropy
from minisoftmax.core import softmax

__all__ = ["entmax", "entmax_loss", "entmax_vjp", "sparsemax"]


def sparsemax(x: ArrayLike, axis: Axis = -1) -> Floats:
    r"""Give the distribution that is nearest to the logits: what is far below the largest gets exactly 0.

    .. math:: \operatorname{sparsemax}(x) = \operatorname*{arg\,min}_{p} \lVert p - x \rVert^2,
        \qquad p_i = \max(x_i - \tau, 0)

    with *p* from all distributions, and the τ for which this sums to 1. An entry that leads by 1 has everything.

    Parameters
    ----------
    x : array_like of real numbers
        The logits; dtypes and special values as in `minisoftmax.core.softmax`.
    axis : int, tuple of ints or None, default -1
        The axis or axes that sum to 1; None is the whole array.

    Returns
    -------
    ndarray
        Probabilities of the shape of ``x``; a NumPy scalar if ``x`` is one number.

    Raises
    ------
    TypeError
        If ``axis`` has the wrong type, or ``x`` the wrong dtype (complex, object, text).
    ValueError
        ``AxisError``, a kind of ``ValueError``, if ``axis`` is out of range.

    See Also
    --------
    entmax : The family to which this belongs, with α = 2.

    References
    ----------
    A. F. T. Martins, R. F. Astudillo (2016). From softmax to sparsemax: A sparse model of attention and multi-label
    classification. ICML, PMLR 48, 1614–1623.

    Examples
    --------
    >>> from minisoftmax import softmax, sparsemax
    >>> print(sparsemax([1.0, 0.5, -0.5]), softmax([1.0, 0.5, -0.5]).round(2))
    [0.75 0.25 0.  ] [0.55 0.33 0.12]
    >>> print(sparsemax([2.0, 1.0, 0.0]))
    [1. 0. 0.]
    """
    return entmax(x, axis, alpha=2.0)


@np.errstate(all="ignore")
def entmax(x: ArrayLike, axis: Axis = -1, *, alpha: float = 1.5) -> Floats:
    r"""Turn logits into probabilities of which some are exactly 0: the more of them, the larger α is.

    .. math:: p_i = \max\bigl(1 + (\alpha - 1) (x_i - \lambda),\, 0\bigr)^{1 / (\alpha - 1)}

    with the λ for which this sums to 1.

    Parameters
    ----------
    x : array_like of real numbers
        The logits; dtypes and special values as in `minisoftmax.core.softmax`. To divide by a temperature, divide
        before.
    axis : int, tuple of ints or None, default -1
        The axis or axes that sum to 1; None is the whole array.
    alpha : float, default 1.5
        α ≥ 1. 1 is softmax, 2 is sparsemax. inf is the limit: the largest logit gets everything, ties share equally.

    Returns
    -------
    ndarray
        Probabilities of the shape of ``x``; a NumPy scalar if ``x`` is one number. An entry that leads all others by
        1 / (α − 1) or more has exactly 1.

    Raises
    ------
    TypeError
        If an argument has the wrong type, or ``x`` the wrong dtype (complex, object, text).
    ValueError
        If ``alpha`` is below 1 or NaN. ``AxisError``, a kind of ``ValueError``, if ``axis`` is out of range.

    See Also
    --------
    sparsemax : The case α = 2.
    entmax_vjp : The gradient.

    Notes
    -----
    The absolute error is a few eps for each α, and so is what the sum is off 1. Newton's method takes a handful of
    steps, on the entries that can be in the support alone. Cost: about 10 times that of softmax for α = 1.5 and 2, up
    to 40 times for others. Memory: the result, one copy of ``x`` unless ``axis`` is the last, and less than 16 MiB, or
    a dozen copies of one slice if those are more.

    References
    ----------
    B. Peters, V. Niculae, A. F. T. Martins (2019). Sparse sequence-to-sequence models. ACL, 1504–1519.

    Examples
    --------
    >>> from minisoftmax import entmax
    >>> for alpha in (1, 1.5, 2):
    ...     print(alpha, entmax([1.0, 0.5, -0.5], alpha=alpha).round(3))
    1 [0.547 0.331 0.122]
    1.5 [0.671 0.324 0.005]
    2 [0.75 0.25 0.  ]
    """
    x = check.as_array(x, "x")
    axes, work = check.as_axes(axis, x.ndim), working_dtype(x.dtype)
    s = _steepness(alpha, work)
    if s == 0:
        return softmax(x, axes)
    last = tuple(range(x.ndim - len(axes), x.ndim))
    moved = np.moveaxis(x, axes, last)
    length = math.prod(moved.shape[i] for i in last)
    rows = moved.reshape(x.size // max(length, 1), length)
    result = np.empty(rows.shape, float_dtype(x.dtype))
    for piece in pieces(rows.shape, (1,)):
        z = _limit(rows[piece].astype(work))
        result[piece] = _up_to_two(z, s) if s <= 1 else _above_two(z, s)
    return np.moveaxis(result.reshape(moved.shape), last, axes)[()]


@np.errstate(all="ignore")
def entmax_vjp(p: ArrayLike, grad: ArrayLike, axis: Axis = -1, *, alpha: float = 1.5) -> Floats:
    r"""Pull a gradient with respect to the probabilities back to the logits (reverse-mode differentiation).

    .. math:: (J^\top g)_i = w_i \Bigl( g_i - \frac{\sum_j w_j g_j}{\sum_j w_j} \Bigr),
        \qquad w_i = p_i^{2 - \alpha} \text{ where } p_i > 0, \text{ else } 0

    The Jacobian is symmetric, so this is the forward-mode product J g too.

    Parameters
    ----------
    p : array_like of real numbers
        Probabilities that sum to 1 along ``axis``, as those of `entmax`.
    grad : array_like of real numbers
        The gradient of a scalar with respect to ``p``, of the same shape.
    axis : int, tuple of ints or None, default -1
        The axis or axes along which ``p`` sums to 1; None is the whole array.
    alpha : float, default 1.5
        The α ≥ 1 that gave ``p``. For inf, `entmax` is a step, and this is 0.

    Returns
    -------
    ndarray
        The gradient with respect to the logits, of the shape of ``p``: 0 outside of the support, and with a sum of 0
        along ``axis``. Its dtype is the wider one of ``p`` and ``grad`` (float16 is computed in float32; bools and
        ints count as float64).

    Raises
    ------
    TypeError
        If an argument has the wrong type or dtype (complex, object, text).
    ValueError
        If the shapes differ, or ``alpha`` is below 1 or NaN. ``AxisError``, a kind of ``ValueError``, if ``axis`` is
        out of range.

    See Also
    --------
    minisoftmax.core.softmax_vjp : The case α = 1.

    Examples
    --------
    >>> from minisoftmax import entmax_vjp
    >>> print(entmax_vjp([0.75, 0.25, 0.0], [1.0, 0.0, 5.0], alpha=2))
    [ 0.5 -0.5  0. ]
    """
    p, grad = check.as_array(p, "p"), check.as_array(grad, "grad")
    axes = check.as_axes(axis, p.ndim)
    require(grad.shape == p.shape, grad.shape, f"grad must have the shape of p, {p.shape}")
    result = np.empty(p.shape, np.result_type(float_dtype(p.dtype), float_dtype(grad.dtype)))
    work = working_dtype(result.dtype)
    s, most = _steepness(alpha, work), np.sqrt(np.finfo(work).max)  # a sum of weights up to `most` does not overflow
    for piece in pieces(p.shape, axes):
        q, pull = p[piece].astype(work), grad[piece].astype(work)
        weight = np.where(q == 0, q, np.minimum(q ** (1 - s), most))
        pull[q == 0] = 0  # nothing flows to what has nothing, a NaN neither
        # A constant in the gradient cancels. Without that of the heaviest entry, no digits cancel with it.
        heaviest = weight == weight.max(axis=axes, keepdims=True)
        pull -= np.max(pull, axis=axes, keepdims=True, initial=-np.inf, where=heaviest)
        pull *= weight
        share = weight / pairwise_sum(weight, axes)
        result[piece] = 0 * q if math.isinf(alpha) else pull - share * pairwise_sum(pull, axes)
    return result[()]


@np.errstate(all="ignore")
def entmax_loss(logits: ArrayLike, target: ArrayLike, *, alpha: float = 1.5, reduction: str = "mean") -> Floats:
    r"""Return the Fenchel–Young loss of `entmax`, which is exactly 0 where the right class leads by a margin.

    .. math:: \ell = \sum_i (p_i - y_i) \, z_i + H(p) - H(y), \qquad p = \operatorname{entmax}(z),
        \qquad H(p) = \frac{\sum_i (p_i - p_i^\alpha)}{\alpha (\alpha - 1)}

    Its gradient with respect to the logits is p − y. The margin is 1 / (α − 1).

    Parameters
    ----------
    logits : array_like of real numbers, shape (..., K)
        The logits *z* of *K* classes on the last axis. dtypes and special values as in `minisoftmax.core.softmax`.
    target : array_like of ints or bools, shape (...), or of real numbers, shape (..., K)
        What is true: labels from 0 to K − 1, or probabilities *y*, as in `minisoftmax.classification.cross_entropy`.
    alpha : float, default 1.5
        α ≥ 1. For 1, *H* is the entropy, and the loss of a label is the cross-entropy; that of probabilities is less
        by their entropy, so that it is 0 if they are met. For inf it is max(z) minus the logit of the label.
    reduction : {"mean", "sum", "none"}, default "mean"
        What to do with the losses.

    Returns
    -------
    ndarray
        The losses, ≥ 0, in the dtype of ``logits``: of shape (...) for "none", otherwise one number. The mean over no
        samples is NaN.

    Raises
    ------
    TypeError
        If an argument has the wrong type or dtype; labels are ints.
    ValueError
        If ``alpha`` is below 1 or NaN, or another argument is one that `minisoftmax.classification.cross_entropy`
        refuses.

    Notes
    -----
    Cost: twice that of `entmax` and of `minisoftmax.classification.cross_entropy`. Memory: a dozen copies of
    ``logits``.

    References
    ----------
    M. Blondel, A. F. T. Martins, V. Niculae (2020). Learning with Fenchel–Young losses. Journal of Machine Learning
    Research 21(35), 1–69.

    Examples
    --------
    >>> from minisoftmax import cross_entropy, entmax_loss
    >>> for lead in (0.0, 1.0, 2.0):
    ...     print(entmax_loss([lead, 0.0], 0).round(4), cross_entropy([lead, 0.0], 0).round(4))
    0.3905 0.6931
    0.0617 0.3133
    0.0 0.1269
    """
    cross_entropy(logits, target, reduction=reduction)  # it refuses what this has to refuse
    x, truth = check.as_array(logits, "logits"), np.asarray(target)
    z = _limit(x.astype(working_dtype(x.dtype)))
    p, s = entmax(z, alpha=alpha), _steepness(alpha, z.dtype)
    y = truth if truth.shape == z.shape else truth[..., None] == np.arange(z.shape[-1])  # (..., K)
    y = y.astype(z.dtype)
    # In terms of u = z − λ, nothing cancels that is larger than what the likeliest entry lacks to 1.
    first = np.argmax(p, axis=-1, keepdims=True)
    top, others = np.take_along_axis(p, first, axis=-1), p.copy()
    np.put_along_axis(others, first, 0, axis=-1)
    log_top = np.where(top > 0.5, np.log1p(-others.sum(axis=-1, keepdims=True)), np.log(top))
    u = z - np.take_along_axis(z, first, axis=-1) + _logarithm(log_top, s)
    true = np.where(y == 0, 0, y * (_logarithm(np.log(y), s) / (1 + s) - u))
    said = np.where(p == 0, 0, p * u * (s / (1 + s)))
    losses = np.maximum((true + said).sum(axis=-1), 0)
    if reduction != "none":
        losses = losses.sum() / (losses.size if reduction == "mean" else 1)
    return losses.astype(float_dtype(x.dtype))[()]


def _steepness(alpha: float, dtype: np.dtype[Any]) -> np.floating[Any]:
    """Give α − 1, or the largest number that has a place in its stead."""
    number = check.as_number(alpha, "alpha")
    require(number >= 1, number, "alpha must be >= 1")
    return dtype.type(min(number - 1, float(np.finfo(dtype).max), float(np.finfo(np.float64).max)))


def _logarithm(log_p: Floats, s: np.floating[Any]) -> Floats:
    """Give (p**s − 1) / s, or its limit."""
    return log_p if s == 0 else np.expm1(s * log_p) / s


def _limit(x: Floats) -> Floats:
    """Give slices without +inf: 0 in its place, and −inf elsewhere. A slice with a NaN becomes one of only −inf."""
    top = np.max(x, axis=-1, keepdims=True)
    if np.all(top < np.inf):
        return x
    return np.where(top < np.inf, x, np.where(x == top, x.dtype.type(0), x.dtype.type(-np.inf)))


def _candidates(x: Floats, s: np.floating[Any]) -> Floats:
    """Give the largest entries of each row, all of those among them that can be in the support."""
    n = x.shape[-1]
    most = max(1, np.max(np.count_nonzero(x >= x.max(axis=-1, keepdims=True) - 1 / s, axis=-1)))
    return x if most == n else np.partition(x, n - most, axis=-1)[:, n - most :]


def _up_to_two(x: Floats, s: np.floating[Any]) -> Floats:
    """Solve for 1 < α <= 2: λ by Newton's method, upwards from 0, where the largest entry alone would fill 1."""
    z = x - x.max(axis=-1, keepdims=True)
    likely, level, busy = _candidates(z, s), np.zeros_like(z[:, :1]), True
    while busy:
        p, slopes = _powers(likely - level, s)
        total, before = p.sum(axis=-1, keepdims=True), level
        # The norm (Σ p)**s is convex in λ, and a straight line where all are equal: no step goes too far.
        level = level - total * np.expm1(-s * np.log(total)) / (s * slopes.sum(axis=-1, keepdims=True))
        busy = bool(np.any((total > 1 + _CLOSE * np.finfo(z.dtype).eps) & (level > before)))
    p, slopes = _powers(z - level, s)
    for _ in range(2):  # what the rounding of λ leaves; again, where that takes a p below 0
        excess = p.sum(axis=-1, keepdims=True) - 1
        p = np.maximum(p - slopes * (excess / slopes.sum(axis=-1, keepdims=True)), 0)
    return p


def _powers(u: Floats, s: np.floating[Any]) -> tuple[Floats, Floats]:
    """Give the p with (p**s − 1) / s = u, or 0 if there is none, and p**(1 − s), which is the derivative of p."""
    base = np.maximum(s * u + 1, 0)
    p = base ** (1 / s) if s > 0.25 else np.exp(np.log1p(np.maximum(s * u, -1)) / s)  # near 1, a base loses digits
    return p, p / np.maximum(base, np.finfo(u.dtype).tiny)


def _above_two(x: Floats, s: np.floating[Any]) -> Floats:
    """Solve for α > 2: the support by sorting, then the probability q of its smallest entry by Newton's method."""
    top = np.sort(_candidates(x, s), axis=-1)
    low, high = np.zeros((len(x), 1), int), np.full((len(x), 1), top.shape[-1] - 1)
    middle = low
    while np.any(low < high):
        # An entry is in the support if those above it do not fill 1 without it.
        full = _without(top, np.take_along_axis(top, middle, -1), s).sum(axis=-1, keepdims=True) >= 1
        low, high = np.where(full, middle + 1, low), np.where(full, high, middle)
        middle = (low + high) // 2
    edge = np.take_along_axis(top, low, -1)
    without, count = _without(top, edge, s), np.sum(top >= edge, axis=-1, keepdims=True, dtype=x.dtype)
    q, busy = np.minimum(1 / count, 1 - without.sum(axis=-1, keepdims=True)), True
    while busy:
        p = np.where(top < edge, 0, _joined(q, without, s))
        total = p.sum(axis=-1, keepdims=True)
        # The sum of p is convex in q, so the steps come down to it from above.
        q -= (total - 1) / np.where(p > 0, (q / p) ** (s - 1), 0).sum(axis=-1, keepdims=True)
        q = np.maximum(q, np.finfo(x.dtype).tiny)
        busy = bool(np.any(total > 1 + _CLOSE * np.finfo(x.dtype).eps))
    return np.where(x < edge, 0, _joined(q, _without(x, edge, s), s)) + (edge - edge)  # −inf − (−inf) is NaN


def _without(x: Floats, edge: Floats, s: np.floating[Any]) -> Floats:
    """Give the probabilities of the entries above an edge, if one at the edge has 0."""
    return (s * np.maximum(x - edge, 0)) ** (1 / s)


def _joined(q: Floats, without: Floats, s: np.floating[Any]) -> Floats:
    """Give the probabilities if one at the edge has q: (q**s + without**s) ** (1 / s), where no power underflows."""
    large = np.maximum(q, without)
    return large * (1 + (np.minimum(q, without) / large) ** s) ** (1 / s)


_CLOSE = 64
"""An excess of so many eps over 1 is gone after one more step, since each about squares it."""
