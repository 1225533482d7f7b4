"""Softmax, its logarithm, its normalizer and its derivatives, over any axes of an array.

The entries that share one normalizer are a *slice*. `softmax`, `log_softmax`, `logsumexp` and `softmax_vjp` take the
slices a block at a time, small enough to stay in the cache while the steps of the formula pass over it: as *rows*,
whose last axis runs along a slice, or as *columns*, where slices lie side by side in memory. Both add in pairs, so a
result is as exact along one axis as along another. NumPy's floating-point warnings are off inside: infinities and NaN
are dealt with, or documented.
"""

import math
import operator
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

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
        finite logits, where none is +inf.
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
    log_softmax : The logarithm of this, accurate where this rounds to 0 or 1.

    Notes
    -----
    The largest logit is subtracted first and the difference divided by *T* after, so nothing overflows, however large
    the logits or small the temperature. The relative error is a few eps, plus half an eps for each unit of the largest
    difference, from rounding that difference. Memory: the result, and less than 2 MiB (5 MiB with a mask or a
    temperature), however large ``x`` is.

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
    return _normalize(_SOFTMAX, x, axis, temperature, where, out)


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
    it to 1 first, as is usual, gives 0. Where the differences from the largest logit are exact, the relative error is
    mostly below 2 eps; over some millions of random rows the largest seen was 3.3. Elsewhere, the rounding of the
    differences is added. Memory: the result, and less than 2 MiB (5 MiB with a mask or a temperature), however large
    ``x`` is.

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
    return _normalize(_LOG_SOFTMAX, x, axis, temperature, where, out)


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
    Computed as max + log1p(the sum over all the others): nothing overflows, and the relative error is that of
    `log_softmax`. Where the maximum and the logarithm cancel, that is where the result is near 0, the result has a
    small absolute error but not a small relative one: the problem itself is ill-conditioned there. Memory: the result,
    and less than 2 MiB (4 MiB with a mask), however large ``x`` is.

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
    top, rest = _top_and_rest(x, axes, mask)
    result = np.where(np.isneginf(top), top, top + _log_of_sum(rest)).astype(x.dtype, copy=False)
    return (result if keepdims else result.squeeze(axes))[()]


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
    return exponentials / exponentials.sum(axis=axes, keepdims=True)


@np.errstate(all="ignore")
def softmax_jacobian(p: ArrayLike) -> Floats:
    r"""Return the matrix of derivatives of softmax with respect to its logits, from its probabilities.

    .. math:: J_{ij} = \frac{\partial p_i}{\partial x_j} = p_i (\delta_{ij} - p_j)

    With a temperature *T*, divide by *T*.

    Parameters
    ----------
    p : array_like of real numbers, shape (..., K)
        Probabilities that sum to 1 along the last axis, as those of `softmax`; dtypes as in `softmax`.

    Returns
    -------
    ndarray, shape (..., K, K)
        Symmetric; every row sums to 0, up to rounding; no entry is larger than 1/4 in size. A single number is a slice
        of its own, whose probability is 1 whatever its logit: 0.

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
        return given - given
    jacobian = -q[..., :, None] * q[..., None, :]
    diagonal = np.arange(q.shape[-1])
    jacobian[..., diagonal, diagonal] = 0
    others = -np.add.reduce(
        jacobian, axis=-1
    )  # p (1 − p) from the rest of the row: near p = 1, 1 − p has lost its digits
    jacobian[..., diagonal, diagonal] = np.where(q > 0.5, others, q * (1 - q))
    return (jacobian + 0).astype(given.dtype)  # −0 + 0 is 0


@np.errstate(all="ignore")
def softmax_vjp(p: ArrayLike, grad: ArrayLike, axis: Axis = -1) -> Floats:
    r"""Pull a gradient with respect to the probabilities back to the logits (reverse-mode differentiation).

    .. math:: (J^\top g)_i = p_i \Bigl( g_i - \sum_j p_j g_j \Bigr)

    With a temperature *T*, divide by *T*. The Jacobian is symmetric, so this is the forward-mode product J g too.

    Parameters
    ----------
    p : array_like of real numbers
        Probabilities that sum to 1 along ``axis``, as those of `softmax`.
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
    result = np.empty(p.shape, dtype)
    work = _working_dtype(dtype)
    slices, pulls, target = (_slices_last(array, axes) for array in (p, grad, result))
    for block in _blocks(target.shape, len(axes)):
        rows, pull = _rows(slices[block], len(axes), work), _rows(pulls[block], len(axes), work)
        # A constant in the gradient cancels. Without that of the likeliest class, no digits cancel with it.
        pull = pull - np.take_along_axis(pull, rows.argmax(axis=-1, keepdims=True), axis=-1)
        pull -= np.add.reduce(rows * pull, axis=-1, keepdims=True)
        target[block] = (rows * pull).reshape(target[block].shape)
    return result[()]


def _arguments(
    x: ArrayLike, axis: Axis, where: ArrayLike | None, name: str = "x"
) -> tuple[Floats, tuple[int, ...], Bools | None]:
    """Check what all functions take: an array of floats, its axes counted from 0, a mask of its shape."""
    array = _as_floats(x, name)
    if where is None:
        return array, _as_axes(axis, array.ndim), None
    mask = _as_array(where, "where")
    if mask.dtype != np.bool_ and mask.size:
        raise TypeError(f"where must hold booleans, got dtype {mask.dtype}")
    return (
        array,
        _as_axes(axis, array.ndim),
        _broadcast(mask.astype(bool), array.shape, "where", f"the shape of {name}"),
    )


def _as_floats(x: ArrayLike, name: str) -> Floats:
    """Give the floats that ``x`` holds, in the byte order of this machine; bools and ints become float64."""
    array = _as_array(x, name)
    kind = array.dtype.kind
    if kind == "f":
        return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    if kind in "biu":
        return array.astype(np.float64)
    raise TypeError(f"{name} must hold real numbers (bools, ints or floats), got dtype {array.dtype}")


def _as_array(x: ArrayLike, name: str) -> NDArray[Any]:
    if type(x) is np.ndarray:
        return x
    if isinstance(x, np.ma.MaskedArray):
        advice = ": pass its .data, and where=~mask" if name == "x" else ""
        raise TypeError(f"{name} must be a plain array, got a masked array{advice}")
    try:
        return np.asarray(x)
    except ValueError as error:
        raise ValueError(f"{name} must be a rectangular array, got {type(x).__name__}: {error}") from None


def _as_integer(value: Any, name: str, least: int | None = None, allowed: str | None = None) -> int:
    """Give an int, and no bool, that is not below ``least``; ``allowed`` says it in the words of the caller."""
    allowed = allowed or ("an int" if least is None else f"an int >= {least}")
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be {allowed}, got {value!r}") from None
    if least is not None and number < least:
        raise ValueError(f"{name} must be {allowed}, got {number}")
    return number


def _as_axes(axis: Axis, ndim: int) -> tuple[int, ...]:
    """Count the axes from 0, in ascending order. A single number has an axis 0, as in NumPy, and is its own slice."""
    if axis is None:
        return tuple(range(ndim))
    if type(axis) is int and -ndim <= axis < ndim:
        return (axis % ndim,)
    try:
        axes = tuple(map(operator.index, axis)) if isinstance(axis, tuple | list) else (operator.index(axis),)
    except TypeError:
        raise TypeError(f"axis must be an int, a tuple of ints or None, got {axis!r}") from None
    if ndim == 0 and axes in ((0,), (-1,)):
        return ()
    try:
        return tuple(sorted(normalize_axis_tuple(axes, ndim, "axis")))
    except OverflowError:  # too large for the C int that NumPy counts axes with
        raise AxisError(f"axis: axis {axis} is out of bounds for array of dimension {ndim}") from None


def _temperature(temperature: ArrayLike, shape: tuple[int, ...], axes: tuple[int, ...]) -> Floats | None:
    """Check the temperature and give it as an array with length 1 along the axes, or as None if it is 1."""
    if type(temperature) is float and temperature == 1:
        return None
    scale = _as_floats(temperature, "temperature")
    allowed = scale >= 0
    if not allowed.all():
        raise ValueError(f"temperature must be >= 0, got {scale[~allowed].flat[0]}")
    one_per_slice = tuple(1 if i in axes else n for i, n in enumerate(shape))
    return np.abs(_broadcast(scale, one_per_slice, "temperature", "one number for each slice along axis,"))  # |−0| is 0


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
    if out.dtype.kind != "f":
        raise TypeError(f"out must be able to hold {x.dtype}, got dtype {out.dtype}")
    if not out.flags.writeable:
        raise ValueError("out must be writeable, got a read-only array")


def _working_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Compute float16 in float32 and everything else as it is."""
    return np.dtype(np.float32) if dtype.char == "e" else dtype


_BLOCK = 1 << 16
"""How many entries are worked on at a time: at most half a megabyte, so that the steps find them in the cache."""

_NARROW = 16
"""Rows up to this length, if there are as many, are faster as columns; fewer columns are faster as rows."""


def _softmax_rows(rows: Floats, out: Floats, temperature: Floats | None = None) -> None:
    _shift(rows, out, np.maximum.reduce(rows, axis=-1, keepdims=True), temperature)
    np.exp(out, out=out)
    np.divide(out, np.add.reduce(out, axis=-1, keepdims=True), out=out)


def _softmax_columns(columns: Floats, out: Floats) -> None:
    top, sums = np.maximum.reduce(columns, axis=0, keepdims=True), list[Floats]()
    for part in _parts(columns):
        _shift(columns[part], out[part], top)
        np.exp(out[part], out=out[part])
        _add(sums, _halve(out[part]))
    np.divide(out, _halve(np.concatenate(sums)), out=out)


def _softmax_of_shifted(shifted: Floats, rest: Floats) -> None:
    np.exp(shifted, out=shifted)
    np.divide(shifted, 1 + rest, out=shifted)


def _log_softmax_rows(rows: Floats, out: Floats, temperature: Floats | None = None) -> None:
    _shift(rows, out, np.maximum.reduce(rows, axis=-1, keepdims=True), temperature)
    _log_softmax_of_shifted(out, _rest(out))


def _log_softmax_columns(columns: Floats, out: Floats) -> None:
    _log_softmax_of_shifted(out, _top_and_rest_of_columns(columns, out)[1])


def _log_softmax_of_shifted(shifted: Floats, rest: Floats) -> None:
    np.subtract(shifted, _log_of_sum(rest).astype(shifted.dtype, copy=False), out=shifted)


def _log_of_sum(rest: Floats) -> Floats:
    """Give log(1 + rest), in float64 at least: NumPy's log1p of a float32 is less exact than the sum."""
    return np.log1p(rest.astype(np.promote_types(rest.dtype, np.float64), copy=False))


class _Map(NamedTuple):
    """How to map logits to the result: rows of them, columns, or a part of a row whose sum is known."""

    rows: Callable[..., None]
    columns: Callable[[Floats, Floats], None]
    of_shifted: Callable[[Floats, Floats], None]
    excluded: float
    in_place: bool
    """Whether rows need no memory but that of the result, so that they may be of any length."""


_SOFTMAX = _Map(_softmax_rows, _softmax_columns, _softmax_of_shifted, 0.0, in_place=True)
_LOG_SOFTMAX = _Map(_log_softmax_rows, _log_softmax_columns, _log_softmax_of_shifted, -np.inf, in_place=False)


def _normalize(
    to: _Map, x: ArrayLike, axis: Axis, temperature: ArrayLike, where: ArrayLike | None, out: NDArray[Any] | None
) -> Floats:
    """Map all slices of ``x``, a block at a time."""
    x, axes, mask = _arguments(x, axis, where)
    scale = _temperature(temperature, x.shape, axes)
    _check_out(out, x)
    result = np.empty_like(x, order="C") if out is None else out
    work, width = _working_dtype(x.dtype), len(axes)
    plain = mask is None and scale is None
    if x.size == 0:
        return result
    if plain and x.size <= _BLOCK and axes == (x.ndim - 1,) and x.dtype == result.dtype == work:
        # The usual case in its shortest form, for small arrays spend half of their time on the way here.
        to.rows(x, result)
        return result
    if np.may_share_memory(x, result) and not _same_place(x, result):
        x = x.copy()
    if plain and x.dtype == result.dtype == work and _has_columns(x, axes) and result.flags.c_contiguous:
        for columns, done in zip(_as_columns(x, axes), _as_columns(result, axes), strict=True):
            to.columns(columns, done)
        return result
    source, target = _slices_last(x, axes), _slices_last(result, axes)
    masks = None if mask is None else _slices_last(mask, axes)
    scales = None if scale is None else _slices_last(scale, axes)
    direct = target.flags.c_contiguous and target.dtype == work  # rows of the target are views
    length = math.prod(target.shape[target.ndim - width :])
    in_chunks = length > _BLOCK and not (plain and direct and to.in_place and source.flags.c_contiguous)
    if length > 4 * _NARROW:
        np.setbufsize(16)  # without a buffer for the one maximum of a row, subtracting it is twice as fast
    for block in _blocks(target.shape, width):
        keep = None if masks is None else masks[block]
        here = None if scales is None else _rows(scales[block], width, scales.dtype)
        if in_chunks:
            _map_long_slice(to, source[block], target[block], keep, None if here is None else here[0], work)
            continue
        rows = _rows(_masked(source[block], keep), width, work)
        done = target[block].reshape(rows.shape) if direct else np.empty_like(rows)
        if plain and rows.shape[1] <= _NARROW <= rows.shape[0]:
            across = rows.T.copy()
            to.columns(across, across)
            done[...] = across.T
        else:
            to.rows(rows, done, here)
        if not direct:
            target[block] = done.reshape(target[block].shape)
        if keep is not None:
            target[block][~keep] = to.excluded
    return result[()] if out is None else out


def _map_long_slice(
    to: _Map, x: Floats, out: Floats, mask: Bools | None, temperature: Floats | None, work: np.dtype[Any]
) -> None:
    """Map one slice that is longer than a block, a chunk at a time."""
    top, rest = _top_and_rest_of_long_slice(x, mask, work, temperature)
    for logits, *keep, target in _chunks([x, *_given(mask), out], work, write=True):
        shifted = np.empty(logits.shape, work)
        _shift(_masked(logits, *keep), shifted, top, temperature)
        to.of_shifted(shifted, rest)
        if keep:
            shifted[~keep[0]] = to.excluded
        target[...] = shifted


def _shift(rows: Floats, out: Floats, top: Floats, temperature: Floats | None = None) -> None:
    """Set ``out`` to (rows − top) / temperature, of which the largest entry of each row is 0."""
    if temperature is None and math.isfinite(top.item() if top.size == 1 else np.add.reduce(top, axis=None)):
        np.subtract(rows, top, out=out)
        return
    scale = np.ones((), top.dtype) if temperature is None else temperature
    at_top = (rows == top) & ~np.isneginf(top)
    # Above T = 1 a difference too large for the dtype may come back into range: halve both sides, which is exact.
    half = np.where(scale > 1, top.dtype.type(0.5), top.dtype.type(1))
    np.subtract(rows * half, top * half, out=out)
    out_of_reach = np.isneginf(out)
    np.divide(out, scale * half, out=out, casting="same_kind")
    out[out_of_reach] = -np.inf  # at T = inf the quotient would be NaN
    out[at_top] = 0  # inf − inf, and 0 / 0 at T = 0


def _rest(shifted: Floats) -> Floats:
    """Sum the exponentials of each shifted row, but for the 1 of its first maximum."""
    exponentials = np.exp(shifted)
    rows = exponentials.reshape(-1, shifted.shape[-1])
    rows[np.arange(len(rows)), rows.argmax(axis=-1)] = 0
    return np.add.reduce(exponentials, axis=-1, keepdims=True)


def _top_and_rest_of_columns(columns: Floats, shifted: Floats | None = None) -> tuple[Floats, Floats]:
    """Give the maximum of each column, and the sum of the exponentials of the others; fill ``shifted`` if given."""
    top, sums = np.maximum.reduce(columns, axis=0, keepdims=True), list[Floats]()
    ties = np.full(top.shape, -1, top.dtype)  # maxima after the first: 1 each
    for part in _parts(columns):
        below = np.empty_like(columns[part]) if shifted is None else shifted[part]
        _shift(columns[part], below, top)
        at_top = below == 0
        exponentials = np.exp(below)
        np.copyto(exponentials, 0, where=at_top)
        _add(sums, _halve(exponentials))
        ties += np.add.reduce(at_top, axis=0, keepdims=True)
    return top, _halve(np.concatenate(sums)) + ties


def _parts(columns: Floats) -> Iterator[slice]:
    """Cut columns into parts of a block each."""
    step = max(1, _BLOCK // columns.shape[1])
    for start in range(0, len(columns), step):
        yield slice(start, start + step)


def _halve(columns: Floats) -> Floats:
    """Add the lower half of the rows to the upper half until one is left: as exact as a sum along the last axis."""
    while len(columns) > 1:
        half = len(columns) // 2
        upper = columns[:half] + columns[half : 2 * half]
        if len(columns) % 2:
            upper[-1] += columns[-1]
        columns = upper
    return columns


def _add(sums: list[Floats], row: Floats) -> None:
    """Append a row of sums, and add up what has come together when it fills a block."""
    sums.append(row)
    if len(sums) * row.size > _BLOCK and len(sums) > 2:
        sums[:] = [_halve(np.concatenate(sums))]


def _has_columns(x: Floats, axes: tuple[int, ...]) -> bool:
    """Tell whether ``x`` can be seen as stacked columns, its slices, that are side by side in memory."""
    runs = axes != () and axes == tuple(range(axes[0], axes[-1] + 1))
    return runs and x.flags.c_contiguous and math.prod(x.shape[axes[-1] + 1 :]) >= _NARROW


def _as_columns(x: Floats, axes: tuple[int, ...]) -> Floats:
    """Give ``x`` the shape (number of stacks, length of a column, columns in a stack)."""
    return x.reshape(math.prod(x.shape[: axes[0]]), -1, math.prod(x.shape[axes[-1] + 1 :]))


def _top_and_rest(x: Floats, axes: tuple[int, ...], mask: Bools | None = None) -> tuple[Floats, Floats]:
    """Give the maximum of each slice, and the sum of exp(x − maximum) over its entries but the first maximum.

    Both have length 1 along the axes. Of a slice of only −inf, the sum is NaN.
    """
    work, width = _working_dtype(x.dtype), len(axes)
    shape = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
    top, rest = np.full(shape, -np.inf, work), np.zeros(shape, work)
    tops, rests = _slices_last(top, axes), _slices_last(rest, axes)
    source, masks = _slices_last(x, axes), None if mask is None else _slices_last(mask, axes)
    length = math.prod(source.shape[source.ndim - width :])
    if mask is None and x.dtype == work and x.size and _has_columns(x, axes):
        stacks = _as_columns(x, axes)
        each = len(stacks), 1, -1
        for columns, largest, others in zip(stacks, top.reshape(each), rest.reshape(each), strict=True):
            largest[...], others[...] = _top_and_rest_of_columns(columns)
        return top, rest
    if length > 4 * _NARROW:
        np.setbufsize(16)
    for block in _blocks(source.shape, width):
        keep = None if masks is None else masks[block]
        if length > _BLOCK:
            tops[block], rests[block] = _top_and_rest_of_long_slice(source[block], keep, work)
            continue
        rows = _rows(_masked(source[block], keep), width, work)
        largest = np.maximum.reduce(rows, axis=-1, keepdims=True)
        shifted = np.empty_like(rows)
        _shift(rows, shifted, largest)
        tops[block] = largest.reshape(tops[block].shape)
        rests[block] = _rest(shifted).reshape(rests[block].shape)
    return top, rest


def _top_and_rest_of_long_slice(
    x: Floats, mask: Bools | None, work: np.dtype[Any], temperature: Floats | None = None
) -> tuple[Floats, Floats]:
    """Do the same for one slice that is longer than a block, at a temperature."""
    operands = [x, *_given(mask)]
    top = np.max([_masked(*chunk).max() for chunk in _chunks(operands, work)], keepdims=True)
    rests, first = [], True
    for chunk in _chunks(operands, work):
        shifted = np.empty(chunk[0].shape, work)
        _shift(_masked(*chunk), shifted, top, temperature)
        holds_top = first and shifted.max() == 0
        rests.append(_rest(shifted) if holds_top else np.exp(shifted).sum(keepdims=True))
        first = first and not holds_top
    return top, np.add.reduce(rests)


def _chunks(
    operands: list[NDArray[Any]], work: np.dtype[Any], *, write: bool = False
) -> Iterator[tuple[NDArray[Any], ...]]:
    """Go through arrays of one shape together, a block at a time, with floats as ``work``; the last can be written."""
    access: Any = [["readonly"] for _ in operands]
    if write:
        access[-1] = ["writeonly"]
    dtypes = [work if operand.dtype.kind == "f" else operand.dtype for operand in operands]
    with np.nditer(
        operands, ["external_loop", "buffered"], access, dtypes, order="C", casting="same_kind", buffersize=_BLOCK
    ) as chunks:
        for chunk in chunks:
            yield chunk if isinstance(chunk, tuple) else (chunk,)


def _given(array: NDArray[Any] | None) -> list[NDArray[Any]]:
    return [] if array is None else [array]


def _masked(logits: Floats, mask: Bools | None = None) -> Floats:
    return logits if mask is None else np.where(mask, logits, logits.dtype.type(-np.inf))


def _slices_last(array: NDArray[Any], axes: tuple[int, ...]) -> NDArray[Any]:
    """Move the axes along which the slices run to the end."""
    return np.moveaxis(array, axes, range(array.ndim - len(axes), array.ndim))


def _rows(block: NDArray[Any], width: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Flatten the last ``width`` axes: a view if the block is contiguous and of this dtype, otherwise a copy."""
    length = math.prod(block.shape[block.ndim - width :])
    return np.ascontiguousarray(block, dtype=dtype).reshape(math.prod(block.shape[: block.ndim - width]), length)


def _blocks(shape: tuple[int, ...], width: int) -> Iterator[tuple[Any, ...]]:
    """Index the axes before the last ``width`` so that each block has at most `_BLOCK` entries, or one slice."""
    whole = len(shape) - width
    size = math.prod(shape[whole:])
    if 0 in shape:
        return
    while whole and size * shape[whole - 1] <= _BLOCK:
        whole -= 1
        size *= shape[whole]
    if not whole:
        yield (...,)
        return
    step = max(1, _BLOCK // size)
    for outer in np.ndindex(shape[: whole - 1]):
        for start in range(0, shape[whole - 1], step):
            yield (*outer, slice(start, start + step))


def _same_place(a: NDArray[Any], b: NDArray[Any]) -> bool:
    return a.ctypes.data == b.ctypes.data and a.strides == b.strides and a.dtype == b.dtype
