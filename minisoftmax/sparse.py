"""Sparse relatives of softmax: probabilities of which some are exactly zero, their gradient and their loss.

Softmax solves log p = x − λ with the λ for which p sums to 1. `entmax` puts (p**s − 1) / s, with s = α − 1, in the
place of the logarithm, to which this tends as s goes to 0. Far below the others, such an equation has no solution
p > 0, and the entry gets 0. The entries that get more are the *support*.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from minisoftmax._arguments import Axis, Floats, as_axes, as_floats, as_number, as_reals, float_dtype, working_dtype
from minisoftmax._pieces import pairwise_sum, pieces
from minisoftmax.classification import cross_entropy
from minisoftmax.core import softmax

__all__ = ["entmax", "entmax_loss", "entmax_vjp", "sparsemax"]


def sparsemax(x: ArrayLike, axis: Axis = -1) -> Floats:
    r"""doc."""
    return entmax(x, axis, alpha=2.0)


@np.errstate(all="ignore")
def entmax(x: ArrayLike, axis: Axis = -1, *, alpha: float = 1.5) -> Floats:
    r"""doc."""
    x, s = as_reals(x, "x"), _as_alpha(alpha) - 1
    axes = as_axes(axis, x.ndim)
    if s in (0, math.inf):
        return softmax(x, axes, temperature=1.0 if s == 0 else 0.0)
    last = tuple(range(x.ndim - len(axes), x.ndim))
    moved = np.moveaxis(x, axes, last)
    length = math.prod(moved.shape[i] for i in last)
    rows = moved.reshape(x.size // max(length, 1), length)
    result = np.empty(rows.shape, float_dtype(x.dtype))
    for piece in pieces(rows.shape, (1,)):
        z = _limit(rows[piece].astype(working_dtype(x.dtype)))
        result[piece] = _up_to_two(z, z.dtype.type(s)) if s <= 1 else _above_two(z, z.dtype.type(s))
    return np.moveaxis(result.reshape(moved.shape), last, axes)[()]


@np.errstate(all="ignore")
def entmax_vjp(p: ArrayLike, grad: ArrayLike, axis: Axis = -1, *, alpha: float = 1.5) -> Floats:
    r"""doc."""
    p, grad, alpha = as_reals(p, "p"), as_reals(grad, "grad"), _as_alpha(alpha)
    axes = as_axes(axis, p.ndim)
    if grad.shape != p.shape:
        raise ValueError(f"grad must have the shape of p, {p.shape}, got {grad.shape}")
    result = np.empty(p.shape, np.result_type(float_dtype(p.dtype), float_dtype(grad.dtype)))
    for piece in pieces(p.shape, axes):
        q, pull = (array[piece].astype(working_dtype(result.dtype)) for array in (p, grad))
        most = np.sqrt(np.finfo(q.dtype).max)  # of such weights, a sum does not overflow
        weight = np.where(q == 0, q, np.minimum(q ** q.dtype.type(2 - alpha), most))
        pull[q == 0] = 0
        # A constant in the gradient cancels. Without that of the heaviest entry, no digits cancel with it.
        heaviest = weight == weight.max(axis=axes, keepdims=True)
        pull -= np.max(pull, axis=axes, keepdims=True, initial=-np.inf, where=heaviest)
        pull *= weight
        share = weight / pairwise_sum(weight, axes)
        result[piece] = 0 * q if math.isinf(alpha) else pull - share * pairwise_sum(pull, axes)
    return result[()]


@np.errstate(all="ignore")
def entmax_loss(logits: ArrayLike, target: ArrayLike, *, alpha: float = 1.5, reduction: str = "mean") -> Floats:
    r"""doc."""
    cross_entropy(logits, target, reduction=reduction)  # refuses what this has to refuse
    given, truth, alpha = as_floats(logits, "logits"), np.asarray(target), _as_alpha(alpha)
    x = _limit(given.astype(working_dtype(given.dtype)))
    p = entmax(x, alpha=alpha)
    if truth.shape == x.shape:
        y = truth.astype(x.dtype)
    else:
        y = np.zeros_like(x)
        np.put_along_axis(y, truth[..., None].astype(np.intp), 1, axis=-1)
    alpha = x.dtype.type(min(alpha, np.finfo(x.dtype).max))
    s = alpha - 1
    likeliest = np.argmax(p, axis=-1, keepdims=True)
    top, rest = np.take_along_axis(p, likeliest, -1), p.copy()
    np.put_along_axis(rest, likeliest, 0, axis=-1)
    log_top = np.where(top > 0.5, np.log1p(-rest.sum(axis=-1, keepdims=True)), np.log(top))
    u = x - np.take_along_axis(x, likeliest, -1) + _log(log_top, s)
    terms = np.where(y == 0, 0, y * (_log(np.log(y), s) / alpha - u)) + np.where(p == 0, 0, p * u) * (s / alpha)
    losses = np.maximum(terms.sum(axis=-1), 0)
    if reduction != "none":
        losses = losses.sum() / (losses.size if reduction == "mean" else 1)
    return losses.astype(given.dtype)[()]


def _as_alpha(alpha: float) -> float:
    number = as_number(alpha, "alpha")
    if not number >= 1:
        raise ValueError(f"alpha must be >= 1, got {number}")
    return number


def _log(log_p: Floats, s: Floats) -> Floats:
    """Give (p**s − 1) / s, the logarithm of the family, and log p for s = 0."""
    return log_p if s == 0 else np.expm1(s * log_p) / s


def _limit(x: Floats) -> Floats:
    """Give slices in which +inf is only the largest: 0 there, −inf elsewhere. With a NaN, all of a slice is −inf."""
    top = np.max(x, axis=-1, keepdims=True, initial=-np.inf)
    if np.all(top < np.inf):
        return x
    return np.where(top < np.inf, x, np.where(x == top, x.dtype.type(0), x.dtype.type(-np.inf)))


def _candidates(x: Floats, s: Floats) -> Floats:
    """Give the largest entries of each row, all of those among them that can be in the support."""
    n = x.shape[-1]
    most = max(1, np.max(np.count_nonzero(x > x.max(axis=-1, keepdims=True) - 1 / s, axis=-1)))
    return x if most == n else np.partition(x, n - most, axis=-1)[:, n - most :]


def _up_to_two(x: Floats, s: Floats) -> Floats:
    """Solve for 1 < α <= 2: λ by Newton's method, upwards from 0, where the largest entry alone would fill 1."""
    z = x - x.max(axis=-1, keepdims=True)
    likely, level, busy = _candidates(z, s), np.zeros_like(z[:, :1]), True
    while busy:
        p, slopes = _powers(likely - level, s)
        total = p.sum(axis=-1, keepdims=True)
        # The norm Σ(p)**s is convex in λ, and a straight line where all are equal: no step goes too far.
        level += total * np.expm1(-s * np.log(total)) / (-s * slopes.sum(axis=-1, keepdims=True))
        busy = bool(np.any(total > 1 + _CLOSE * np.finfo(z.dtype).eps))
    p, slopes = _powers(z - level, s)
    excess = p.sum(axis=-1, keepdims=True) - 1  # what the rounding of λ leaves
    return np.maximum(p - slopes * (excess / slopes.sum(axis=-1, keepdims=True)), 0)


def _powers(u: Floats, s: Floats) -> tuple[Floats, Floats]:
    """Give the p with (p**s − 1) / s = u, or 0 if there is none, and p**(1 − s), which is the derivative of p."""
    base = np.maximum(s * u + 1, 0)
    p = base ** (1 / s) if s > 0.25 else np.exp(np.log1p(np.maximum(s * u, -1)) / s)  # near 1, a base loses digits
    return p, p / np.maximum(base, np.finfo(u.dtype).tiny)


def _above_two(x: Floats, s: Floats) -> Floats:
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


def _without(x: Floats, edge: Floats, s: Floats) -> Floats:
    """Give the probabilities of the entries above an edge, if one at the edge has 0."""
    return (s * np.maximum(x - edge, 0)) ** (1 / s)


def _joined(q: Floats, without: Floats, s: Floats) -> Floats:
    """Give the probabilities if an entry at the edge has q: (q**s + without**s) ** (1 / s), where no power underflows."""
    large = np.maximum(q, without)
    return large * (1 + (np.minimum(q, without) / large) ** s) ** (1 / s)


_CLOSE = 64
"""An excess of so many eps over 1 is gone after one more step, since each about squares it."""
