"""Softmax, its logarithm, its normalizer and its derivatives, over any axes of an array.

Entries that share one normalizer are a *slice*; arrays go in *pieces* of whole slices that stay in the cache. NumPy's
floating-point warnings are off: infinities and NaN are dealt with, or documented.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from minisoftmax import _arguments as check
from minisoftmax._arguments import Array, Axis, Bools, Floats, float_dtype, require, working_dtype
from minisoftmax._pieces import pairwise_sum, pieces

__all__ = ["log_softmax", "logsumexp", "naive_softmax", "softmax", "softmax_jacobian", "softmax_vjp"]


@np.errstate(all="ignore")
def softmax(
    x: ArrayLike,
    axis: Axis = -1,
    *,
    temperature: ArrayLike = 1.0,
    where: ArrayLike | None = None,
    out: Array | None = None,
) -> Floats:
    r"""Turn logits into probabilities.

    .. math:: \operatorname{softmax}(x)_i = \frac{e^{x_i / T}}{\sum_j e^{x_j / T}}

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import softmax
    >>> print(softmax([0.0, np.log(3)]).round(6))
    [0.25 0.75]

    Where exponentials overflow:

    >>> print(softmax([1000.0, 1000 + np.log(3)]).round(6))
    [0.25 0.75]

    With a mask:

    >>> print(softmax([1.0, 99.0, 1.0], where=[True, False, True]))
    [0.5 0.  0.5]

    Parameters
    ----------
    x : array_like of real numbers
        Floats keep their dtype (float16 is computed in float32), bools and ints become float64. −inf gets 0; +inf
        entries share all the mass. A NaN makes its slice NaN, and so does nothing but −inf.
    axis : int, tuple of ints or None, default -1
        What sums to 1; None is the whole array.
    temperature : array_like of real numbers, default 1.0
        *T* ≥ 0: a scalar, or one for each slice (length 1 along ``axis``). At 0 the largest logits share all the mass;
        at inf all that are finite do, where none is +inf.
    where : array_like of bool, optional
        Entries that take part; others get 0.
    out : ndarray, optional
        For the result; it may be ``x`` itself.

    Returns
    -------
    ndarray
        Of the shape of ``x``; ``out`` if given.

    Raises
    ------
    TypeError
        For a wrong type or dtype (complex, object, text).
    ValueError
        If a shape does not fit, ``temperature`` is negative or NaN, or ``axis`` out of range (``AxisError``).

    See Also
    --------
    log_softmax : Accurate where this rounds to 0 or 1.

    Notes
    -----
    The largest logit is subtracted first and *T* divides after, so nothing overflows. The relative error is a few eps,
    plus at most one eps for each unit of the largest (max x − x) / T, from rounding it, down to where
    exponentials underflow. Memory beyond the result and a copy of *T*: a few MiB or, if more, four copies of one slice;
    along an axis that is not the last, of 1,024 slices or of all there are. An ``out`` that is not ``x``, and shares
    memory with it, costs a copy of ``x``.

    References
    ----------
    J. S. Bridle (1990). Probabilistic interpretation of feedforward classification network outputs. NATO ASI Series 68.
    """
    return _normalize(_softmax, 0.0, x, axis, temperature, where, out)


@np.errstate(all="ignore")
def log_softmax(
    x: ArrayLike,
    axis: Axis = -1,
    *,
    temperature: ArrayLike = 1.0,
    where: ArrayLike | None = None,
    out: Array | None = None,
) -> Floats:
    r"""Return the logarithm of softmax, accurate where `softmax` rounds to 0 or 1.

    .. math:: \operatorname{log\_softmax}(x)_i = x_i / T - \log \sum_j e^{x_j / T}

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import log_softmax
    >>> print(log_softmax([0.0, np.log(3)]).round(6))
    [-1.386294 -0.287682]

    A dominant logit keeps its digits:

    >>> print(f"{log_softmax([50.0, 0.0])[0]:.6e}")
    -1.928750e-22

    Parameters
    ----------
    x : array_like
        As in `softmax`, but −inf stays −inf.
    axis : int, tuple of ints or None, default -1
        As in `softmax`.
    temperature : array_like, default 1.0
        As in `softmax`.
    where : array_like of bool, optional
        Entries that take part; others get −inf.
    out : ndarray, optional
        As in `softmax`.

    Returns
    -------
    ndarray
        In nats, ≤ 0, of the shape of ``x``; ``out`` if given.

    Raises
    ------
    TypeError, ValueError
        As in `softmax`.

    See Also
    --------
    logsumexp : The normalizer.

    Notes
    -----
    The largest term, 1 after the shift, stays out of the sum and goes in through ``log1p``. Where differences from the
    largest logit are exact and no exponential underflows, the relative error is mostly below 2 eps (3.6 at most in
    millions of random slices); elsewhere, their rounding is added. Memory as for `softmax`.

    References
    ----------
    P. Blanchard, D. J. Higham, N. J. Higham (2021). Accurately computing the log-sum-exp and softmax functions. IMA
    Journal of Numerical Analysis 41(4).
    """
    return _normalize(_log_softmax, -np.inf, x, axis, temperature, where, out)


@np.errstate(all="ignore")
def logsumexp(x: ArrayLike, axis: Axis = -1, *, where: ArrayLike | None = None, keepdims: bool = False) -> Floats:
    r"""Return the logarithm of a sum of exponentials: the smooth maximum, whose gradient is softmax.

    .. math:: \operatorname{logsumexp}(x) = \log \sum_j e^{x_j}

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import logsumexp
    >>> print(logsumexp(np.log([1, 2, 3])).round(6), np.log(6).round(6))
    1.791759 1.791759
    >>> print(logsumexp([[1000.0, 1000.0], [-1000.0, 0.0]]).round(6))
    [1000.693147    0.      ]

    Parameters
    ----------
    x : array_like
        dtypes as in `softmax`. NaN gives NaN; otherwise +inf gives +inf.
    axis : int, tuple of ints or None, default -1
        What to sum over; None is the whole array.
    where : array_like of bool, optional
        Entries that take part.
    keepdims : bool, default False
        Whether ``axis`` stays, with length 1.

    Returns
    -------
    ndarray
        In nats, of the shape of ``x`` without ``axis``: between max(x) and max(x) + log n for n entries, −inf for none.

    Raises
    ------
    TypeError, ValueError
        As in `softmax`.

    Notes
    -----
    Computed as max + log1p(the sum of the others), as exact as `log_softmax`. Where these cancel (ill-conditioned), the
    absolute error is small, the relative one is not. Memory as for `softmax`.
    """
    x = check.as_array(x, "x")
    axes, mask, keep = check.as_axes(axis, x.ndim), check.as_mask(where, x.shape), check.as_flag(keepdims, "keepdims")
    result = np.full([1 if i in axes else n for i, n in enumerate(x.shape)], -np.inf, float_dtype(x.dtype))
    for piece in pieces(x.shape, axes):
        z = np.empty(x[piece].shape, working_dtype(x.dtype))
        top = _shifted(x[piece], axes, z, None if mask is None else mask[piece], None)
        result[piece] = np.where(np.isneginf(top), top, top + _log_of_sum(z, axes))
    return (result if keep else result.squeeze(axes))[()]


@np.errstate(all="ignore")
def naive_softmax(x: ArrayLike, axis: Axis = -1) -> Floats:
    r"""Compute softmax as the formula is written, to learn how that fails.

    .. math:: \operatorname{softmax}(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}}

    Examples
    --------
    >>> from minisoftmax import naive_softmax
    >>> print(naive_softmax([0.0, 0.0]), naive_softmax([1000.0, 1000.0]))
    [0.5 0.5] [nan nan]

    Parameters
    ----------
    x : array_like of real numbers
        Computed in its own dtype (float16 too); bools and ints become float64.
    axis : int, tuple of ints or None, default -1
        As in `softmax`.

    Returns
    -------
    ndarray
        NaN where an exponential overflows (a logit above 88.7 in float32, 709.7 in float64), or a whole slice
        underflows.

    Raises
    ------
    TypeError, ValueError
        As in `softmax`.
    """
    x = check.as_floats(x, "x")
    exponentials = np.exp(x)
    return exponentials / exponentials.sum(axis=check.as_axes(axis, x.ndim), keepdims=True)


@np.errstate(all="ignore")
def softmax_jacobian(p: ArrayLike) -> Floats:
    r"""Return the derivatives of softmax with respect to its logits, from its probabilities.

    .. math:: J_{ij} = \frac{\partial p_i}{\partial x_j} = p_i (\delta_{ij} - p_j)

    With a temperature *T*, divide by *T*.

    Examples
    --------
    >>> from minisoftmax import softmax_jacobian
    >>> print(softmax_jacobian([0.25, 0.75]))
    [[ 0.1875 -0.1875]
     [-0.1875  0.1875]]

    Parameters
    ----------
    p : array_like, shape (..., K)
        Probabilities that sum to 1 along the last axis; dtypes as in `softmax`.

    Returns
    -------
    ndarray, shape (..., K, K)
        Symmetric; every row sums to 0.

    Raises
    ------
    TypeError
        As in `softmax`.

    See Also
    --------
    softmax_vjp : The product with this matrix, in time and memory K instead of K².
    """
    given = check.as_floats(p, "p")
    q = given.astype(working_dtype(given.dtype), copy=False)
    if q.ndim == 0:
        return given - given
    jacobian = -q[..., :, None] * q[..., None, :]  # (..., K, K)
    own = np.arange(q.shape[-1])
    jacobian[..., own, own] = 0
    # p (1 − p) is the sum over the rest of the row; near p = 1, where 1 − p has lost its digits, this has them.
    jacobian[..., own, own] = np.where(q > 0.5, -jacobian.sum(axis=-1), q * (1 - q))
    return (jacobian + 0).astype(given.dtype, copy=False)  # −0 + 0 is 0


@np.errstate(all="ignore")
def softmax_vjp(p: ArrayLike, grad: ArrayLike, axis: Axis = -1) -> Floats:
    r"""Pull a gradient with respect to the probabilities back to the logits (reverse-mode differentiation).

    .. math:: (J^\top g)_i = p_i \Bigl( g_i - \sum_j p_j g_j \Bigr)

    With a temperature *T*, divide by *T*. *J* is symmetric: this is J g too.

    Examples
    --------
    >>> from minisoftmax import softmax_vjp
    >>> print(softmax_vjp([0.25, 0.75], [1.0, 0.0]))
    [ 0.1875 -0.1875]

    Parameters
    ----------
    p : array_like of real numbers
        Probabilities that sum to 1 along ``axis``.
    grad : array_like
        With respect to ``p``, of its shape; anything where ``p`` is 0.
    axis : int, tuple of ints or None, default -1
        As in `softmax`.

    Returns
    -------
    ndarray
        Of the shape of ``p`` and the wider dtype of both, as in `softmax`; sums to 0 along ``axis``.

    Raises
    ------
    TypeError, ValueError
        As in `softmax`, and if the shapes differ.

    See Also
    --------
    softmax_jacobian : The whole matrix.
    """
    p, grad = check.as_array(p, "p"), check.as_array(grad, "grad")
    axes = check.as_axes(axis, p.ndim)
    require(grad.shape == p.shape, grad.shape, f"grad must have the shape of p, {p.shape}")
    result = np.empty(p.shape, np.result_type(float_dtype(p.dtype), float_dtype(grad.dtype)))
    for piece in pieces(p.shape, axes):
        q, pull = (array[piece].astype(working_dtype(result.dtype)) for array in (p, grad))
        pull[q == 0] = 0  # nothing flows to what a mask hides, a NaN neither
        # A constant in the gradient cancels. Without that of the likeliest entry, no digits cancel with it.
        pull -= np.max(pull, axis=axes, keepdims=True, initial=-np.inf, where=q == q.max(axis=axes, keepdims=True))
        result[piece] = q * (pull - pairwise_sum(q * pull, axes))
    return result[()]


# The formula. Each step is for one piece of an array; z stands for its shifted logits, of which the largest is 0.


def _softmax(z: Floats, axes: tuple[int, ...], out: Floats) -> None:
    np.exp(z, out=z)
    np.divide(z, pairwise_sum(z, axes), out=out)


def _log_softmax(z: Floats, axes: tuple[int, ...], out: Floats) -> None:
    np.subtract(z, _log_of_sum(z, axes), out=out)


def _log_of_sum(z: Floats, axes: tuple[int, ...]) -> Floats:
    """Give log Σ e^z. The 1 of the largest stays out of the sum, where it would swallow the digits of the others."""
    terms = np.exp(z)
    ones = np.floor(terms)  # at the largest, and where others tie with it; 0 elsewhere
    terms -= ones
    return np.log1p(pairwise_sum(terms, axes) + (pairwise_sum(ones, axes) - 1))


def _shifted(x: Array, axes: tuple[int, ...], out: Floats, where: Bools | None, temperature: Array | None) -> Floats:
    """Set ``out`` to (x − max) / T, and give the maximum. What is left out counts as −inf."""
    x = x.astype(out.dtype, order="C", copy=False)
    if where is not None:
        x = np.where(where, x, x.dtype.type(-np.inf))
    top = np.maximum.reduce(x, axis=axes, keepdims=True)
    if temperature is None and math.isfinite(top.item() if top.size == 1 else np.add.reduce(top, axis=None)):
        np.subtract(x, top, out=out)
        return top
    # The limits: T = 0 or inf, logits of inf, and a difference that overflows before a large T divides it.
    scale = np.ones((), out.dtype) if temperature is None else temperature
    half = np.where(scale > 1, out.dtype.type(0.5), out.dtype.type(1))
    at_top = (x == top) & (top > -np.inf)
    np.subtract(x * half, top * half, out=out)
    np.divide(out, scale * half, out=out, where=out > -np.inf)
    out[at_top] = 0
    return top


def _normalize(
    formula: Callable[..., None], hidden: float, given: Any, axis: Axis, temperature: ArrayLike, where: Any, out: Any
) -> Floats:
    """Apply a formula to all slices, piece by piece."""
    x = check.as_array(given, "x")
    axes, mask = check.as_axes(axis, x.ndim), check.as_mask(where, x.shape)
    scale = check.as_temperature(temperature, x.shape, axes)
    result = np.empty(x.shape, float_dtype(x.dtype)) if out is None else check.as_out(out, x.shape)
    if out is not None:
        x = x.copy() if given is not out and np.may_share_memory(x, out) else x
        mask = mask.copy() if mask is not None and np.may_share_memory(mask, out) else mask
    target, work = result, working_dtype(x.dtype)
    # Narrow rows go as columns, which are few and long.
    if axes == (x.ndim - 1,) and x.shape[-1] <= _SHORT and x.size >= _SHORT * _SHORT:
        x, target, axes = np.moveaxis(x, -1, 0), np.moveaxis(target, -1, 0), (0,)
        mask, scale = (None if array is None else np.moveaxis(array, -1, 0) for array in (mask, scale))
    for piece in pieces(x.shape, axes):
        done, keep = target[piece], None if mask is None else mask[piece]
        # In place where that is in order: long rows go up to twice as fast.
        z = done if done.dtype == work and target.flags.c_contiguous else np.empty(done.shape, work)
        _shifted(x[piece], axes, z, keep, None if scale is None else scale[piece])
        formula(z, axes, done)
        if keep is not None:
            done[~keep] = hidden
    return result[()] if out is None else out


_SHORT = 32
"""Many rows up to this length go two to six times as fast as a few long columns."""
