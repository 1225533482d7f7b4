"""Softmax, its logarithm, its normalizer and its derivatives, over any axes of an array.

Every function works in the same three steps. The slices that share one normalizer are copied into *rows*: a fresh array
whose last axis runs along a slice. The rows are computed in place. Then they go back into the shape of the input. So
inputs are never written to, and a result never depends on how the input lay in memory.
"""

import math
from typing import Any

import numpy as np
from numpy.exceptions import AxisError
from numpy.lib.array_utils import normalize_axis_tuple
from numpy.typing import ArrayLike, NDArray

__all__ = ["log_softmax", "logsumexp", "naive_softmax", "softmax", "softmax_jacobian", "softmax_vjp"]

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Axis = int | tuple[int, ...] | None


@np.errstate(all="ignore")
def softmax(
    x: ArrayLike,
    axis: Axis = -1,
    *,
    temperature: ArrayLike = 1.0,
    where: ArrayLike | None = None,
    out: NDArray[Any] | None = None,
) -> Floats:
    r"""Turn logits into probabilities that are positive and sum to 1.

    .. math:: \operatorname{softmax}(x)_i = \frac{e^{x_i / T}}{\sum_j e^{x_j / T}}

    Parameters
    ----------
    x : array_like of real numbers
        The logits. float16, float32, float64 and longdouble keep their dtype (float16 is computed in float32); bools
        and ints become float64. −inf gets probability 0. +inf is taken as a limit: the +inf entries share all the
        mass equally. A NaN makes its whole slice NaN, and so does a slice of only −inf.
    axis : int, tuple of ints or None, default -1
        The axis or axes that sum to 1; None is the whole array.
    temperature : array_like of real numbers, default 1.0
        *T* ≥ 0, in the unit of the logits: a scalar, or an array that broadcasts to ``x`` with length 1 along
        ``axis``. 0 is the limit: the largest logit gets everything, ties share equally. inf is uniform over the
        logits above −inf.
    where : array_like of bool, optional
        The entries that take part, broadcast to the shape of ``x``. The others get 0, whatever stands there; a slice
        with none taking part is all 0.
    out : ndarray, optional
        The array to write the result to, of the shape of ``x``. It may be ``x`` itself.

    Returns
    -------
    ndarray
        Probabilities of the shape of ``x``; a NumPy scalar if ``x`` is one number; ``out`` if it was given.

    Raises
    ------
    TypeError
        If an argument has the wrong type, or ``x`` the wrong dtype (complex, object, text).
    ValueError
        If ``temperature`` is negative or NaN, or a shape does not fit. ``AxisError``, a kind of ``ValueError``, if
        ``axis`` is out of range.

    See Also
    --------
    log_softmax : The logarithm of this, exact where this rounds to 0 or 1.

    Notes
    -----
    The largest logit is subtracted first and the difference divided by *T* after, so nothing overflows, however large
    the logits or small the temperature. One pass over the data for each of: copy, maximum, difference, exponential,
    sum, quotient. Memory: one array of the size of ``x``, the result included where its slices lie on the last axis.

    References
    ----------
    J. S. Bridle (1990). Probabilistic interpretation of feedforward classification network outputs, with
    relationships to statistical pattern recognition. Neurocomputing, NATO ASI Series 68, 227–236.

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import softmax
    >>> print(softmax([0.0, np.log(3)]).round(6))
    [0.25 0.75]

    Only differences count, so these are the same odds, at logits whose exponentials overflow:

    >>> print(softmax([1000.0, 1000 + np.log(3)]).round(6))
    [0.25 0.75]

    A mask takes entries out, as if they were not there:

    >>> print(softmax([1.0, 99.0, 1.0], where=[True, False, True]))
    [0.5 0.  0.5]
    """
    x, axes, mask = _arguments(x, axis, where)
    scale = _temperature(temperature, x.shape, axes)
    _check_out(out, x)
    if x.size == 0:
        return np.empty(x.shape, x.dtype) if out is None else out
    rows = _rows(x, axes)
    hidden = _hide(rows, mask, axes)
    _shift(rows, scale)
    np.exp(rows, out=rows)
    rows /= rows.sum(axis=-1, keepdims=True)
    if hidden is not None:
        rows[hidden] = 0
    return _unrows(rows, x.shape, x.dtype, axes, out)


@np.errstate(all="ignore")
def log_softmax(
    x: ArrayLike,
    axis: Axis = -1,
    *,
    temperature: ArrayLike = 1.0,
    where: ArrayLike | None = None,
    out: NDArray[Any] | None = None,
) -> Floats:
    r"""Return the logarithm of softmax, accurate where the logarithm of the result of `softmax` is not.

    .. math:: \operatorname{log\_softmax}(x)_i = x_i / T - \log \sum_j e^{x_j / T}

    Parameters
    ----------
    x : array_like of real numbers
        The logits; dtypes and special values as in `softmax`. −inf stays −inf.
    axis : int, tuple of ints or None, default -1
        The axis or axes along which the probabilities sum to 1; None is the whole array.
    temperature : array_like of real numbers, default 1.0
        *T* ≥ 0, as in `softmax`.
    where : array_like of bool, optional
        The entries that take part, broadcast to the shape of ``x``. The others get −inf.
    out : ndarray, optional
        The array to write the result to, of the shape of ``x``. It may be ``x`` itself.

    Returns
    -------
    ndarray
        Log-probabilities in nats, ≤ 0, of the shape of ``x``; a NumPy scalar if ``x`` is one number; ``out`` if given.

    Raises
    ------
    TypeError
        If an argument has the wrong type, or ``x`` the wrong dtype (complex, object, text).
    ValueError
        If ``temperature`` is negative or NaN, or a shape does not fit. ``AxisError``, a kind of ``ValueError``, if
        ``axis`` is out of range.

    See Also
    --------
    softmax : The probabilities themselves.
    logsumexp : The normalizer that is subtracted.

    Notes
    -----
    The term of the largest logit, which is 1 after the shift, is kept out of the sum and goes in through ``log1p``.
    Where one logit dominates, its log-probability is then a small negative number that keeps all its digits; adding
    it to 1 first, as is usual, gives 0. Memory: two arrays of the size of ``x``, the result included.

    References
    ----------
    P. Blanchard, D. J. Higham, N. J. Higham (2021). Accurately computing the log-sum-exp and softmax functions.
    IMA Journal of Numerical Analysis 41(4), 2311–2330.

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import log_softmax
    >>> print(log_softmax([0.0, np.log(3)]).round(6))
    [-1.386294 -0.287682]

    A dominant logit keeps its digits:

    >>> print(f"{log_softmax([50.0, 0.0])[0]:.6e}")
    -1.928750e-22
    """
    x, axes, mask = _arguments(x, axis, where)
    scale = _temperature(temperature, x.shape, axes)
    _check_out(out, x)
    if x.size == 0:
        return np.empty(x.shape, x.dtype) if out is None else out
    rows = _rows(x, axes)
    hidden = _hide(rows, mask, axes)
    _shift(rows, scale)
    rows -= np.log1p(_rest(rows))
    if hidden is not None:
        rows[hidden] = -np.inf
    return _unrows(rows, x.shape, x.dtype, axes, out)


@np.errstate(all="ignore")
def logsumexp(x: ArrayLike, axis: Axis = -1, *, where: ArrayLike | None = None, keepdims: bool = False) -> Floats:
    r"""Return the logarithm of a sum of exponentials: the smooth maximum, whose gradient is softmax.

    .. math:: \operatorname{logsumexp}(x) = \log \sum_j e^{x_j}

    Parameters
    ----------
    x : array_like of real numbers
        The logits; dtypes as in `softmax`. NaN gives NaN; otherwise +inf gives +inf.
    axis : int, tuple of ints or None, default -1
        The axis or axes to sum over; None is the whole array.
    where : array_like of bool, optional
        The entries that take part, broadcast to the shape of ``x``.
    keepdims : bool, default False
        Whether the axes summed over stay, with length 1.

    Returns
    -------
    ndarray
        In nats, of the shape of ``x`` without ``axis``; a NumPy scalar if no axis is left. It lies between max(x) and
        max(x) + log n for n entries. The sum of nothing is 0, so its logarithm is −inf.

    Raises
    ------
    TypeError
        If an argument has the wrong type, or ``x`` the wrong dtype (complex, object, text).
    ValueError
        If ``where`` does not fit. ``AxisError``, a kind of ``ValueError``, if ``axis`` is out of range.

    Notes
    -----
    Computed as max + log1p(the sum over all the others): nothing overflows. Where the maximum and the logarithm cancel,
    that is where the result is near 0, the result has a small absolute error but not a small relative one: the
    problem itself is ill-conditioned there. Memory: two arrays of the size of ``x``.

    References
    ----------
    P. Blanchard, D. J. Higham, N. J. Higham (2021). Accurately computing the log-sum-exp and softmax functions.
    IMA Journal of Numerical Analysis 41(4), 2311–2330.

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import logsumexp
    >>> print(logsumexp(np.log([1, 2, 3])).round(6), np.log(6).round(6))
    1.791759 1.791759
    >>> print(logsumexp([[1000.0, 1000.0], [-1000.0, 0.0]]).round(6))
    [1000.693147    0.      ]
    """
    x, axes, mask = _arguments(x, axis, where)
    shape = tuple(1 if i in axes else n for i, n in enumerate(x.shape) if keepdims or i not in axes)
    if x.size == 0:
        return np.full(shape, -np.inf, x.dtype)[()]
    rows = _rows(x, axes)
    _hide(rows, mask, axes)
    top = _shift(rows)
    result = np.where(np.isneginf(top), top, top + np.log1p(_rest(rows)))
    return result.reshape(shape).astype(x.dtype)[()]


@np.errstate(all="ignore")
def naive_softmax(x: ArrayLike, axis: Axis = -1) -> Floats:
    r"""Compute softmax as the formula is written, with the failures that this has on a computer.

    .. math:: \operatorname{softmax}(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}}

    This is for learning what goes wrong. Use `softmax` for anything else.

    Parameters
    ----------
    x : array_like of real numbers
        The logits. Computed in their own dtype (float16 too); bools and ints become float64.
    axis : int, tuple of ints or None, default -1
        The axis or axes that should sum to 1; None is the whole array.

    Returns
    -------
    ndarray
        Of the shape of ``x``; a NumPy scalar if ``x`` is one number. NaN where an exponential overflows (a logit above
        88.7 in float32, 709.7 in float64), and where all of a slice underflow.

    Raises
    ------
    TypeError
        If ``axis`` has the wrong type, or ``x`` the wrong dtype (complex, object, text).
    ValueError
        ``AxisError``, a kind of ``ValueError``, if ``axis`` is out of range.

    Examples
    --------
    >>> from minisoftmax import naive_softmax, softmax
    >>> print(naive_softmax([0.0, 0.0]), naive_softmax([1000.0, 1000.0]))
    [0.5 0.5] [nan nan]
    >>> print(softmax([1000.0, 1000.0]))
    [0.5 0.5]
    """
    x, axes, _ = _arguments(x, axis, None)
    exponentials = np.exp(x)
    return (exponentials / exponentials.sum(axis=axes, keepdims=True))[()]


@np.errstate(all="ignore")
def softmax_jacobian(p: ArrayLike) -> Floats:
    r"""Return the matrix of derivatives of softmax with respect to its logits, from its probabilities.

    .. math:: J_{ij} = \frac{\partial p_i}{\partial x_j} = p_i (\delta_{ij} - p_j)

    With a temperature *T*, divide by *T*.

    Parameters
    ----------
    p : array_like of real numbers, shape (..., K)
        Probabilities on the last axis, as `softmax` returns them; dtypes as in `softmax`.

    Returns
    -------
    ndarray, shape (..., K, K)
        Symmetric; every row sums to 0; no entry is larger than 1/4 in size. For one number ``p``, the scalar p(1 − p).

    Raises
    ------
    TypeError
        If ``p`` has the wrong dtype (complex, object, text).

    See Also
    --------
    softmax_vjp : The product with this matrix, in time and memory K instead of K².

    Examples
    --------
    >>> from minisoftmax import softmax_jacobian
    >>> print(softmax_jacobian([0.25, 0.75]))
    [[ 0.1875 -0.1875]
     [-0.1875  0.1875]]
    """
    given = _as_floats(p, "p")
    q = given.astype(_working_dtype(given.dtype))
    if q.ndim == 0:
        return (q * (1 - q)).astype(given.dtype)[()]
    jacobian = -q[..., :, None] * q[..., None, :]
    diagonal = np.arange(q.shape[-1])
    jacobian[..., diagonal, diagonal] = q * (1 - q)  # p − p² would lose the digits of 1 − p where p is near 1
    return jacobian.astype(given.dtype)


@np.errstate(all="ignore")
def softmax_vjp(p: ArrayLike, grad: ArrayLike, axis: Axis = -1) -> Floats:
    r"""Pull a gradient with respect to the probabilities back to the logits (reverse-mode differentiation).

    .. math:: (J^\top g)_i = p_i \Bigl( g_i - \sum_j p_j g_j \Bigr)

    With a temperature *T*, divide by *T*. The Jacobian is symmetric, so this is the forward-mode product J g too.

    Parameters
    ----------
    p : array_like of real numbers
        Probabilities, as `softmax` returns them.
    grad : array_like of real numbers
        The gradient of a scalar with respect to ``p``, of the same shape.
    axis : int, tuple of ints or None, default -1
        The axis or axes along which ``p`` sums to 1; None is the whole array.

    Returns
    -------
    ndarray
        The gradient with respect to the logits, of the shape of ``p``; it sums to 0 along ``axis``. Its dtype is the
        wider one of ``p`` and ``grad`` (float16 is computed in float32; bools and ints count as float64).

    Raises
    ------
    TypeError
        If an argument has the wrong type or dtype (complex, object, text).
    ValueError
        If the shapes differ. ``AxisError``, a kind of ``ValueError``, if ``axis`` is out of range.

    See Also
    --------
    softmax_jacobian : The whole matrix.

    Examples
    --------
    >>> from minisoftmax import softmax_vjp
    >>> print(softmax_vjp([0.25, 0.75], [1.0, 0.0]))
    [ 0.1875 -0.1875]
    """
    p, axes, _ = _arguments(p, axis, None, name="p")
    grad = _as_floats(grad, "grad")
    if grad.shape != p.shape:
        raise ValueError(f"grad must have the shape of p, {p.shape}, got {grad.shape}")
    dtype = np.result_type(p, grad)
    rows, pull = _rows(p.astype(dtype), axes), _rows(grad.astype(dtype), axes)
    pull -= (rows * pull).sum(axis=-1, keepdims=True)
    rows *= pull
    return _unrows(rows, p.shape, dtype, axes)


def _arguments(
    x: ArrayLike, axis: Axis, where: ArrayLike | None, name: str = "x"
) -> tuple[Floats, tuple[int, ...], Bools | None]:
    """Check what all functions take: an array of floats, its axes counted from 0, a mask of its shape."""
    array = _as_floats(x, name)
    if where is None:
        return array, _as_axes(axis, array.ndim), None
    mask = _as_array(where, "where")
    if mask.dtype != np.bool_:
        raise TypeError(f"where must hold booleans, got dtype {mask.dtype}")
    return array, _as_axes(axis, array.ndim), _broadcast(mask, array.shape, "where", f"the shape of {name}")


def _as_floats(x: ArrayLike, name: str) -> Floats:
    """Give the floats that ``x`` holds, in the byte order of this machine; bools and ints become float64."""
    array = _as_array(x, name)
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.kind != "f":
        raise TypeError(f"{name} must hold real numbers (bools, ints or floats), got dtype {array.dtype}")
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _as_array(x: ArrayLike, name: str) -> NDArray[Any]:
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError(f"{name} must be a plain array, got a masked array: pass its .data, and where=~mask")
    try:
        return np.asarray(x)
    except ValueError as error:
        raise ValueError(f"{name} must be a rectangular array, got {type(x).__name__}: {error}") from None


def _as_axes(axis: Axis, ndim: int) -> tuple[int, ...]:
    """Count the axes from 0. A single number has one slice, itself, and is taken to have axis 0 or −1 as in NumPy."""
    if axis is None:
        return tuple(range(ndim))
    if ndim == 0 and axis in (0, -1):
        return ()
    try:
        return normalize_axis_tuple(axis, ndim, "axis")
    except TypeError:
        raise TypeError(f"axis must be an int, a tuple of ints or None, got {axis!r}") from None
    except OverflowError:  # too large for the C int that NumPy counts axes with
        raise AxisError(f"axis: axis {axis} is out of bounds for array of dimension {ndim}") from None


def _temperature(temperature: ArrayLike, shape: tuple[int, ...], axes: tuple[int, ...]) -> Floats:
    """Check the temperature and give it as rows of length 1, or as a 0-d array if it is a single number."""
    scale = _as_floats(temperature, "temperature")
    allowed = scale >= 0
    if not allowed.all():
        raise ValueError(f"temperature must be >= 0, got {scale[~allowed].flat[0]}")
    scale = np.abs(scale)  # −0.0 is 0
    if scale.ndim == 0:
        return scale
    one_per_slice = tuple(1 if i in axes else n for i, n in enumerate(shape))
    scale = _broadcast(scale, one_per_slice, "temperature", "one number for each slice along axis,")
    return _rows(scale, axes)


def _broadcast(array: NDArray[Any], shape: tuple[int, ...], name: str, meaning: str) -> NDArray[Any]:
    try:
        return np.broadcast_to(array, shape)
    except ValueError:
        raise ValueError(f"{name} must broadcast to {meaning} {shape}, got shape {array.shape}") from None


def _check_out(out: NDArray[Any] | None, x: Floats) -> None:
    if out is None:
        return
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a NumPy array, got {type(out).__name__}")
    if out.shape != x.shape:
        raise ValueError(f"out must have the shape of x, {x.shape}, got {out.shape}")
    if not np.can_cast(x.dtype, out.dtype, "same_kind"):
        raise TypeError(f"out must be able to hold {x.dtype}, got dtype {out.dtype}")
    if not out.flags.writeable:
        raise ValueError("out must be writeable, got a read-only array")


def _working_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Compute float16 in float32 and everything else as it is."""
    return np.dtype(np.float32) if dtype == np.float16 else dtype


def _rows(x: NDArray[Any], axes: tuple[int, ...]) -> NDArray[Any]:
    """Copy ``x`` into rows: the slices along ``axes``, flattened, become the last axis."""
    slices_last = np.moveaxis(x, axes, range(x.ndim - len(axes), x.ndim))
    kept = slices_last.shape[: x.ndim - len(axes)]
    rows = np.array(slices_last, dtype=_working_dtype(x.dtype), order="C")
    return rows.reshape(*kept, math.prod(x.shape[i] for i in axes))


def _unrows(
    rows: Floats, shape: tuple[int, ...], dtype: np.dtype[Any], axes: tuple[int, ...], out: NDArray[Any] | None = None
) -> Floats:
    """Undo `_rows`: give an array of this shape and dtype, or fill ``out``."""
    ndim = len(shape)
    kept = [i for i in range(ndim) if i not in axes]
    slices_last = rows.reshape([shape[i] for i in [*kept, *axes]])
    result = np.moveaxis(slices_last, range(ndim - len(axes), ndim), axes)
    if out is None:
        return np.asarray(result, dtype=dtype, order="C")[()]
    out[...] = result
    return out


def _hide(rows: Floats, mask: Bools | None, axes: tuple[int, ...]) -> Bools | None:
    """Set what does not take part to −inf, and say where that is."""
    if mask is None:
        return None
    hidden = ~_rows(mask, axes)
    rows[hidden] = -np.inf
    return hidden


_ONE = np.asarray(1.0)


def _shift(rows: Floats, temperature: Floats = _ONE) -> Floats:
    """Replace each row x by (x − max x) / temperature, in place, and return the maxima."""
    top = rows.max(axis=-1, keepdims=True)
    if temperature.ndim == 0 and temperature == 1 and not np.isposinf(top).any():
        rows -= top
        return top
    at_top = (rows == top) & ~np.isneginf(top)
    # Above T = 1 a difference too large for the dtype may come back into range: halve both sides, which is exact.
    half = np.where(temperature > 1, rows.dtype.type(0.5), rows.dtype.type(1))
    rows *= half
    rows -= top * half
    out_of_reach = np.isneginf(rows)
    rows /= temperature * half
    rows[out_of_reach] = -np.inf  # −inf / inf: no temperature reaches it
    rows[at_top] = 0  # inf − inf, and 0 / 0 at T = 0
    return top


def _rest(rows: Floats) -> Floats:
    """Sum the exponentials of each shifted row, but for the 1 that its first maximum contributes."""
    exponentials = np.exp(rows)
    np.put_along_axis(exponentials, rows.argmax(axis=-1, keepdims=True), 0, axis=-1)
    return exponentials.sum(axis=-1, keepdims=True)
