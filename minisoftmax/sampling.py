"""How a language model chooses the next token: filters of logits, exact draws, and what the choice is worth in nats.

The filters take logits and give logits, so that they can be chained, and run along the last axis. Probabilities are
compared in units of the largest, e^(z − max z), in float64 at least.
"""

from __future__ import annotations  # or the type of rng would import numpy.random, which takes half of the time

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minisoftmax._exact import two_sum as _two_sum
from minisoftmax._old_core import (
    Axis,
    Bools,
    Floats,
    _arguments,
    _as_floats,
    _as_integer,
    _blocks,
    _rows,
    _shift,
    _slices_last,
    _temperature,
    _working_dtype,
    softmax,
)

__all__ = ["entropy", "gumbel_softmax", "min_p", "sample", "top_k", "top_p"]


def top_k(logits: ArrayLike, k: int) -> Floats:
    r"""Keep the *k* largest logits, and those that tie with the last of them.

    .. math:: z_i \mapsto \begin{cases} z_i & z_i \ge z_{(k)} \\ -\infty & \text{otherwise} \end{cases}

    where :math:`z_{(k)}` is the k-th largest logit.

    Parameters
    ----------
    logits : array_like of real numbers, shape (..., K)
        One row of logits for each choice. float16, float32, float64 and longdouble keep their dtype; bools and ints
        become float64.
    k : int
        How many to keep, ≥ 1. More than *K* keeps all.

    Returns
    -------
    ndarray, shape (..., K)
        The logits, with −inf in the place of those removed.

    Raises
    ------
    TypeError
        If ``k`` is not an integer, or ``logits`` has the wrong dtype (complex, object, text).
    ValueError
        If ``k`` < 1, or ``logits`` has no axis, an empty one to choose from, a NaN, or a row of only −inf.

    See Also
    --------
    top_p : Keeps few where the model is sure, and many where it is not.

    Notes
    -----
    Time grows as *K*: the k-th largest is found by selection, without sorting. Ties with it are kept as in Hugging
    Face's ``TopKLogitsWarper``, so that more than k may stay.

    References
    ----------
    A. Fan, M. Lewis, Y. Dauphin (2018). Hierarchical neural story generation. ACL 2018, 889–898.

    Examples
    --------
    >>> from minisoftmax import top_k
    >>> print(top_k([3.0, 1.0, 2.0, 0.0], 2))
    [  3. -inf   2. -inf]
    >>> print(top_k([3.0, 2.0, 2.0, 0.0], 2))
    [  3.   2.   2. -inf]
    """
    z, count = _as_logits(logits), _as_integer(k, "k", 1)
    return _filtered(z, lambda rows: _at_least_kth(rows, count))


@np.errstate(all="ignore")
def top_p(logits: ArrayLike, p: float) -> Floats:
    r"""Keep the smallest set of tokens whose probability reaches *p*: the nucleus.

    .. math:: \min_S |S| \quad \text{such that} \quad \sum_{i \in S} \operatorname{softmax}(z)_i \ge p

    Parameters
    ----------
    logits : array_like of real numbers, shape (..., K)
        One row of logits for each choice; dtypes as in `top_k`. +inf is taken as a limit: those share all the mass.
    p : float
        The probability to reach, 0 < p ≤ 1. The token that crosses it is kept, so one is always left. 1 keeps all.

    Returns
    -------
    ndarray, shape (..., K)
        The logits, with −inf in the place of those removed.

    Raises
    ------
    TypeError
        If an argument has the wrong type, or ``logits`` the wrong dtype (complex, object, text).
    ValueError
        If ``p`` is outside (0, 1], or ``logits`` has no axis, an empty one to choose from, a NaN, or a row of only
        −inf.

    See Also
    --------
    min_p : Compares each token with the likeliest one alone.

    Notes
    -----
    Of equal logits at the border, the last ones are kept, as many as needed. (In Hugging Face's ``TopPLogitsWarper``
    a sort that need not be stable decides which ones; it keeps as many.) A set reaches *p* if what it leaves out is at
    most 1 − p, to within 4 eps of 1 − p; so ten equal logits and p = 0.9 keep nine, although the float 0.9 is slightly
    more than nine tenths.

    Tokens with a probability below (1 − p) / K add up to less than 1 − p, so none of them can be needed. Only the
    others are sorted: where they are few, time grows as *K*. The rows of a batch are padded to the longest selection;
    where that is more than half of a row, as where the distribution is nearly flat, all entries are sorted, once, and
    time grows as K log K. That is no faster than the usual argsort, and where many logits tie it is slower. Rows of
    nothing but equal logits need no sort. Sums are in float64 at least, so float32 saves little.

    References
    ----------
    A. Holtzman, J. Buys, L. Du, M. Forbes, Y. Choi (2020). The curious case of neural text degeneration. ICLR 2020.

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import top_p
    >>> logits = np.log([4.0, 3.0, 2.0, 1.0])
    >>> print(np.exp(top_p(logits, 0.6)).round(6))
    [4. 3. 0. 0.]
    >>> print(np.exp(top_p(logits, 0.75)).round(6))
    [4. 3. 2. 0.]
    """
    z, mass = _as_logits(logits), _as_fraction(p, "p")

    def keep(rows: Floats) -> Bools:
        if mass == 1:  # a probability that rounds to 0 counts too, unless it is 0 beside +inf
            top = rows.max(axis=-1, keepdims=True)
            return (rows == top) | (top < np.inf)
        return _nucleus(rows, _distances(rows, _wide(rows.dtype)), mass)

    return _filtered(z, keep)


@np.errstate(all="ignore")
def min_p(logits: ArrayLike, p: float) -> Floats:
    r"""Keep the tokens that have at least *p* times the probability of the likeliest.

    .. math:: z_i \mapsto \begin{cases} z_i & z_i \ge \max_j z_j + \log p \\ -\infty & \text{otherwise} \end{cases}

    Parameters
    ----------
    logits : array_like of real numbers, shape (..., K)
        One row of logits for each choice; dtypes as in `top_k`. Beside +inf, nothing finite is kept.
    p : float
        The fraction of the largest probability, 0 < p ≤ 1. 1 keeps the likeliest and its ties.

    Returns
    -------
    ndarray, shape (..., K)
        The logits, with −inf in the place of those removed.

    Raises
    ------
    TypeError
        If an argument has the wrong type, or ``logits`` the wrong dtype (complex, object, text).
    ValueError
        If ``p`` is outside (0, 1], or ``logits`` has no axis, an empty one to choose from, a NaN, or a row of only
        −inf.

    See Also
    --------
    top_p : Keeps what adds up to a probability.

    Notes
    -----
    Differences of logits are compared with log *p*, in the dtype of the logits (float32 for float16), so no sum of
    exponentials is needed and a token at the border is kept.

    References
    ----------
    M. N. Nguyen, A. Baker, C. Neo, A. Roush, A. Kirsch, R. Shwartz-Ziv (2025). Turning up the heat: min-p sampling for
    creative and coherent LLM outputs. ICLR 2025. arXiv:2407.01082.

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import min_p
    >>> print(np.exp(min_p(np.log([8.0, 4.0, 1.0]), 0.5)).round(6))
    [8. 4. 0.]
    """
    z, fraction = _as_logits(logits), _as_fraction(p, "p")
    return _filtered(z, lambda rows: _near_top(_distances(rows, _working_dtype(rows.dtype)), fraction))


@np.errstate(all="ignore")
def sample(
    logits: ArrayLike,
    *,
    temperature: ArrayLike = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    size: int | tuple[int, ...] | None = None,
    rng: np.random.Generator | int | None = None,
) -> NDArray[np.intp]:
    r"""Draw tokens from the distribution that temperature and filters leave.

    .. math:: P(i) = \frac{e^{z_i / T}}{\sum_{j \in S} e^{z_j / T}} \quad \text{for } i \text{ in the kept set } S

    Parameters
    ----------
    logits : array_like of real numbers, shape (..., K)
        One row of logits for each choice; dtypes as in `top_k`. −inf is never drawn; +inf entries share all the mass.
    temperature : array_like of real numbers, default 1.0
        *T* ≥ 0, in the unit of the logits: a scalar, or an array that broadcasts to ``logits`` with length 1 along the
        last axis. 0 draws evenly among the largest logits, inf among all; but among those of them that the filters
        keep: ``top_p`` keeps the last ones of equal logits, as many as it needs.
    top_k : int, optional
        Keep this many, and ties, as `minisoftmax.sampling.top_k` does.
    top_p : float, optional
        Then keep the smallest set that has this probability among what is left, as `minisoftmax.sampling.top_p` does.
    min_p : float, optional
        Then keep what has this fraction of the largest probability, as `minisoftmax.sampling.min_p` does.
    size : int or tuple of ints, optional
        The shape of the draws for each row; one draw by default.
    rng : numpy.random.Generator, int or None, default None
        The source of randomness, or a seed ≥ 0 for a new one; None takes a seed from the operating system.

    Returns
    -------
    ndarray of int, shape size + (...)
        Indices along the last axis of ``logits``; a NumPy integer for one draw from one row.

    Raises
    ------
    TypeError
        If an argument has the wrong type, or ``logits`` the wrong dtype (complex, object, text).
    ValueError
        If ``temperature`` is negative or NaN or does not fit; ``top_k`` < 1; ``top_p`` or ``min_p`` is outside (0, 1];
        ``size`` or the seed is negative, or ``size`` too large for any array; or ``logits`` has no axis, an empty one
        to choose from, a NaN, or a row of only −inf.

    Notes
    -----
    The order matters. Temperature comes first, so ``top_p`` and ``min_p`` see the probabilities at that temperature:
    a high one makes them keep more. ``top_k`` depends on the order of the logits alone. What it removes counts no more
    for ``top_p``, which reaches its share of the rest with fewer tokens. ``min_p`` compares with the likeliest,
    whatever else was removed. At T = inf, as at any other, ``top_k`` and ``top_p`` prefer larger logits.

    Draws are by inverse transform: cumulative sums of the kept probabilities, and for each draw one uniform number and
    a binary search, for many rows at once. So a further draw from a row costs O(log K). Adding Gumbel noise and taking
    the argmax gives the same distribution, but needs K random numbers for each draw.

    The same seed gives the same draws on every machine, unless a uniform number falls within rounding of a border.

    References
    ----------
    A. Holtzman, J. Buys, L. Du, M. Forbes, Y. Choi (2020). The curious case of neural text degeneration. ICLR 2020.

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import sample
    >>> logits = np.log([0.5, 0.3, 0.1, 0.1])
    >>> draws = sample(logits, size=100_000, rng=0)
    >>> print((np.bincount(draws) / 100_000).round(2))
    [0.5 0.3 0.1 0.1]
    >>> print(sample(logits, temperature=0, size=5, rng=0))
    [0 0 0 0 0]
    >>> print(np.unique(sample(logits, top_p=0.7, size=100, rng=0)))
    [0 1]
    """
    z = _as_logits(logits)
    scale = _temperature(temperature, z.shape, (z.ndim - 1,))
    count = None if top_k is None else _as_integer(top_k, "top_k", 1)
    mass = None if top_p is None else _as_fraction(top_p, "top_p")
    fraction = None if min_p is None else _as_fraction(min_p, "min_p")
    shape = _as_shape(size)
    generator = _as_generator(rng)
    try:
        uniform = generator.random((*shape, *z.shape[:-1]))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"size must fit into an array with the rows {z.shape[:-1]}, got {size!r}: {error}") from None
    draws = np.empty(uniform.shape, np.intp)
    source, target = (_slices_last(array, tuple(range(len(shape)))) for array in (uniform, draws))
    for block in _blocks(z.shape, 1):
        rows = _rows(z[block], 1, z.dtype)
        distances = _distances(rows, _wide(z.dtype), None if scale is None else _rows(scale[block], 1, scale.dtype))
        if count is not None:
            distances[~_at_least_kth(rows, count)] = -np.inf
        if mass is not None and mass < 1:
            distances[~_nucleus(rows, distances, mass)] = -np.inf
        if fraction is not None:
            distances[~_near_top(distances.astype(_working_dtype(z.dtype)), fraction)] = -np.inf
        places = _inverse_transform(np.exp(distances), _rows(source[block], len(shape), uniform.dtype))
        target[block] = places.reshape(target[block].shape)
    return draws[()]


@np.errstate(all="ignore")
def entropy(logits: ArrayLike, axis: Axis = -1, *, temperature: ArrayLike = 1.0, base: float | None = None) -> Floats:
    r"""Return the entropy of softmax, from its logits: how uncertain the choice is.

    .. math:: H = -\sum_i p_i \log p_i, \qquad p = \operatorname{softmax}(z / T)

    Parameters
    ----------
    logits : array_like of real numbers
        float16, float32, float64 and longdouble keep their dtype (float16 and float32 are computed in float64); bools
        and ints become float64. −inf adds nothing. +inf is taken as a limit: the logarithm of how many there are. A
        NaN makes its slice NaN, and so does a slice of only −inf.
    axis : int, tuple of ints or None, default -1
        The axis or axes along which the probabilities sum to 1; None is the whole array.
    temperature : array_like of real numbers, default 1.0
        *T* ≥ 0, as in `minisoftmax.core.softmax`.
    base : float, optional
        The base of the logarithm, > 0, finite and not 1: 2 gives bits, 10 gives bans. None gives nats. The logarithm
        to a base below 1 falls, so such a base gives an entropy ≤ 0.

    Returns
    -------
    ndarray
        Of the shape of ``logits`` without ``axis``; a NumPy scalar if no axis is left. Between 0 and log n, to
        the base, for n entries; 0 for no entries.

    Raises
    ------
    TypeError
        If an argument has the wrong type, or ``logits`` the wrong dtype (complex, object, text).
    ValueError
        If ``temperature`` is negative or NaN or does not fit, or ``base`` is not allowed. ``AxisError``, a kind of
        ``ValueError``, if ``axis`` is out of range.

    Notes
    -----
    With the distances d = (z − max z) / T ≤ 0 and the sum *s* of their exponentials but for the first maximum,
    H = log1p(s) − Σ d e^d / (1 + s). Nothing cancels and no logarithm of 0 is formed, so that an entropy of 1e-20 keeps
    its digits. It is the exact d that must enter e^d: what rounding took from the difference and from the quotient is
    worked out exactly (Knuth; Dekker) and put back as a factor. The relative error is below 4 eps, down to where
    exponentials underflow (an entropy of about 1e-305 in float64, and in float32 the smallest number).

    References
    ----------
    C. E. Shannon (1948). A mathematical theory of communication. Bell System Technical Journal 27, 379–423, 623–656.

    T. J. Dekker (1971). A floating-point technique for extending the available precision. Numerische Mathematik 18,
    224–242.

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import entropy
    >>> print(entropy(np.zeros(8), base=2))
    3.0
    >>> print(f"{entropy([50.0, 0.0]):.6e}")
    9.836624e-21
    """
    z, axes, _ = _arguments(logits, axis, None, name="logits")
    scale = _temperature(temperature, z.shape, axes)
    work, width = _wide(z.dtype), len(axes)
    unit = 1 if base is None else np.log(work.type(_as_base(base)))
    result = np.zeros([n for i, n in enumerate(z.shape) if i not in axes], z.dtype)
    slices = _slices_last(z, axes)
    scales = None if scale is None else _slices_last(scale, axes)
    for block in _blocks(slices.shape, width):
        here = None if scales is None else _rows(scales[block], width, work)
        nats = _entropy_of_rows(_rows(slices[block], width, work), here)
        result[block] = (nats / unit).reshape(result[block].shape)
    return result[()]


@np.errstate(all="ignore")
def gumbel_softmax(
    logits: ArrayLike,
    *,
    temperature: ArrayLike = 1.0,
    hard: bool = False,
    axis: Axis = -1,
    rng: np.random.Generator | int | None = None,
) -> Floats:
    r"""Draw from the Gumbel-softmax (concrete) distribution: a draw of a token, made smooth.

    .. math:: y = \operatorname{softmax}\bigl((z + g) / T\bigr), \qquad g_i = -\log(-\log u_i), \quad u_i \sim U(0, 1)

    Parameters
    ----------
    logits : array_like of real numbers
        float16, float32, float64 and longdouble keep their dtype (float16 and float32 are computed in float64); bools
        and ints become float64. −inf gets 0. Of several +inf, each is as likely as the other. A NaN makes its slice
        NaN, and so does a slice of only −inf.
    temperature : array_like of real numbers, default 1.0
        *T* ≥ 0, as in `minisoftmax.core.softmax`. 0 is the limit, which is one-hot.
    hard : bool, default False
        Whether to give the one-hot vector of the largest entry (the first, if several are equal).
    axis : int, tuple of ints or None, default -1
        The axis or axes that sum to 1; None is the whole array.
    rng : numpy.random.Generator, int or None, default None
        The source of randomness, or a seed ≥ 0 for a new one; None takes a seed from the operating system.

    Returns
    -------
    ndarray
        Of the shape of ``logits``; a NumPy scalar if that is one number.

    Raises
    ------
    TypeError
        If an argument has the wrong type, or ``logits`` the wrong dtype (complex, object, text).
    ValueError
        If ``temperature`` is negative or NaN or does not fit, or the seed is negative. ``AxisError``, a kind of
        ``ValueError``, if ``axis`` is out of range.

    Notes
    -----
    Entry *i* is the largest with probability ``softmax(logits)[i]``, whatever the temperature: adding Gumbel noise and
    taking the argmax is an exact draw. In a library with gradients, ``hard`` passes on the gradient of the soft result
    (straight-through); here there is none to pass.

    References
    ----------
    E. Jang, S. Gu, B. Poole (2017). Categorical reparameterization with Gumbel-softmax. ICLR 2017.

    C. J. Maddison, A. Mnih, Y. W. Teh (2017). The concrete distribution: a continuous relaxation of discrete random
    variables. ICLR 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import gumbel_softmax
    >>> logits = np.tile(np.log([0.7, 0.2, 0.1]), (100_000, 1))
    >>> print(gumbel_softmax(logits, hard=True, rng=0).mean(axis=0).round(2))
    [0.7 0.2 0.1]
    """
    z, axes, _ = _arguments(logits, axis, None, name="logits")
    scale = _temperature(temperature, z.shape, axes)
    generator, work, width = _as_generator(rng), _wide(z.dtype), len(axes)
    if not isinstance(hard, bool | np.bool_):
        raise TypeError(f"hard must be True or False, got {hard!r}")
    result = np.empty(z.shape, z.dtype)
    if z.size == 0:
        return result
    slices, target = _slices_last(z, axes), _slices_last(result, axes)
    # The shift comes first: noise added to a large logit would lose digits, and to +inf would be lost.
    noisy = _distances(_rows(slices, width, work), work)
    noisy += generator.gumbel(size=noisy.shape)
    largest = np.zeros_like(noisy)
    largest[np.arange(len(noisy)), noisy.argmax(axis=-1)] = 1
    largest[np.isnan(noisy).any(axis=-1)] = np.nan
    if hard:
        rows = largest
    elif scale is None:
        rows = softmax(noisy)
    else:
        scales = _rows(_slices_last(scale, axes), width, scale.dtype)
        rows = np.where(scales == 0, largest, softmax(noisy, temperature=scales))
    target[...] = rows.reshape(target.shape)
    return result[()]


def _as_logits(logits: ArrayLike) -> Floats:
    """Check what a choice needs: entries along a last axis, no NaN, and one above −inf in every row."""
    z = _as_floats(logits, "logits")
    if z.ndim == 0 or z.shape[-1] == 0:
        raise ValueError(f"logits must have at least one entry along a last axis, got shape {z.shape}")
    top = z.max(axis=-1)
    if np.isnan(top).any():
        raise ValueError(f"logits must not hold NaN, got NaN at index {_index_of_first(np.isnan(z))}")
    if np.isneginf(top).any():
        place = f" in row {_index_of_first(np.isneginf(top))}" if top.ndim else ""
        raise ValueError(f"logits must have an entry above -inf in every row, got only -inf{place}")
    return z


def _index_of_first(condition: Bools) -> int | tuple[int, ...]:
    index = tuple(map(int, np.argwhere(condition)[0]))
    return index[0] if len(index) == 1 else index


def _as_number(value: float, name: str, allowed: str) -> float:
    try:
        number = _as_floats(float(value) if isinstance(value, int) else value, name)
    except TypeError:
        raise TypeError(f"{name} must be {allowed}, got {value!r}") from None
    except OverflowError:
        raise ValueError(f"{name} must be {allowed}, got an int of {int(value).bit_length()} bits") from None
    if number.ndim:
        raise ValueError(f"{name} must be {allowed}, got an array of shape {number.shape}")
    return float(number)


def _as_fraction(p: float, name: str) -> float:
    allowed = "one number above 0 and at most 1"
    fraction = _as_number(p, name, allowed)
    if not 0 < fraction <= 1:
        raise ValueError(f"{name} must be {allowed}, got {fraction}")
    return fraction


def _as_base(base: float) -> float:
    allowed = "one finite number above 0 that is not 1"
    number = _as_number(base, "base", allowed)
    if not 0 < number < np.inf or number == 1:
        raise ValueError(f"base must be {allowed}, got {number}")
    return number


def _as_shape(size: int | tuple[int, ...] | None) -> tuple[int, ...]:
    allowed = "an int >= 0, a tuple of these or None"
    sizes = () if size is None else size if isinstance(size, tuple | list) else (size,)
    shape = tuple(_as_integer(n, "size", allowed=allowed) for n in sizes)
    if any(n < 0 for n in shape):
        raise ValueError(f"size must be {allowed}, got {size!r}")
    return shape


def _as_generator(rng: np.random.Generator | int | None) -> np.random.Generator:
    if rng is None or isinstance(rng, np.random.Generator):
        return np.random.default_rng(rng)
    allowed = "a numpy.random.Generator, an int >= 0 or None"
    seed = _as_integer(rng, "rng", allowed=allowed)
    if seed < 0:
        raise ValueError(f"rng must be {allowed}, got {seed}")
    return np.random.default_rng(seed)


def _wide(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return np.promote_types(dtype, np.float64)


def _distances(rows: Floats, work: np.dtype[Any], temperature: Floats | None = None) -> Floats:
    """Give (rows − maximum) / temperature, of which the largest of each row is 0."""
    distances = rows.astype(work)
    _shift(distances, distances, distances.max(axis=-1, keepdims=True), temperature)
    return distances


def _filtered(z: Floats, keep: Callable[[Floats], Bools]) -> Floats:
    """Put −inf in the place of what is not kept, a block of rows at a time."""
    result = np.full(z.shape, -np.inf, z.dtype)
    for block in _blocks(z.shape, 1):
        kept = keep(_rows(z[block], 1, z.dtype))
        np.copyto(result[block], z[block], where=kept.reshape(result[block].shape))
    return result


def _at_least_kth(rows: Floats, k: int) -> Bools:
    kth = max(rows.shape[-1] - k, 0)
    return rows >= np.partition(rows, kth, axis=-1)[:, kth, None]


def _near_top(distances: Floats, p: float) -> Bools:
    return distances >= distances.dtype.type(math.log(p))


def _nucleus(rows: Floats, distances: Floats, p: float) -> Bools:
    """Tell which entries make up the smallest set with the part ``p`` < 1 of the probability of each row.

    The distances never fall where the logits rise, but may be equal where these are not.
    """
    weights = np.maximum(distances, -700)  # e^-700 counts as little as 0, and exp is slow where it underflows
    np.exp(weights, out=weights)
    total = weights.sum(axis=-1, keepdims=True)
    # The set reaches p if the tail that it leaves out is this light. Decimals such as 0.9 have no exact float.
    light = (1 - p) * total * (1 + 4 * np.finfo(weights.dtype).eps)
    if (rows == rows[:, :1]).all():
        length = rows.shape[-1]
        return np.arange(length) >= np.minimum(np.floor(light), length - 1)
    # All entries below light / length together are light; one half of that is safe from rounding.
    tail, largest = _sorted_from(light / (2 * rows.shape[-1]), weights)
    removed = np.count_nonzero(np.cumsum(largest, axis=-1) <= light - tail, axis=-1, keepdims=True)
    removed = np.minimum(removed, largest.shape[-1] - 1)
    border = np.take_along_axis(largest, removed, axis=-1)
    surplus = removed - np.count_nonzero(largest < border, axis=-1, keepdims=True)
    keep = weights >= border
    if surplus.any():
        keep &= ~_first(surplus, rows, weights == border)
    return keep


def _sorted_from(least: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Give the sum of the weights of each row below ``least``, and the others in ascending order, behind zeros."""
    large = weights >= least
    counts = np.count_nonzero(large, axis=-1, keepdims=True)
    most = int(counts.max())
    if 2 * most > weights.shape[-1]:  # to select them would take longer than to sort all
        return np.zeros_like(least), np.sort(weights, axis=-1)
    # Not by np.partition, which is slow where many are equal.
    selected = np.zeros((len(weights), most), weights.dtype)
    selected[np.arange(most) < counts] = weights[large]
    return np.where(large, 0, weights).sum(axis=-1, keepdims=True), np.sort(selected, axis=-1)


def _first(number: NDArray[np.intp], rows: Floats, among: Bools) -> Bools:
    """Tell which entries of each row are the least ``number`` among some, the first ones of equals."""
    one = np.take_along_axis(rows, among.argmax(axis=-1, keepdims=True), axis=-1)
    if np.array_equal(rows == one, among):  # as nearly always, so that no sort is needed
        return among & (np.cumsum(among, axis=-1, dtype=np.int32) <= number)
    order = np.argsort(np.where(among, rows, np.inf), axis=-1, kind="stable")
    first = np.zeros_like(among)
    np.put_along_axis(first, order, np.arange(rows.shape[-1]) < number, axis=-1)
    return first


def _inverse_transform(weights: Floats, uniform: Floats) -> NDArray[np.intp]:
    """Map uniform numbers from [0, 1) to indices, each as often as its weight says, and never one of weight 0.

    Below 1 is at most 1 − 2⁻⁵³, so the product with the whole sum, of no fewer digits, rounds to less than that sum.
    """
    sums = np.cumsum(weights, axis=-1)
    row = np.arange(len(sums))[:, None]
    # Complex numbers are in the order of their real parts first, so one search serves all rows, and nothing is rounded.
    place = np.searchsorted((row + 1j * sums).ravel(), row + 1j * (uniform * sums[:, -1:]), side="right")
    return place - row * sums.shape[-1]


def _entropy_of_rows(rows: Floats, temperature: Floats | None) -> Floats:
    top = rows.max(axis=-1, keepdims=True)
    distances, lost = _exact_distances(rows, top, temperature)
    weights = np.exp(distances) * (1 + lost)
    weights[np.arange(len(rows)), rows.argmax(axis=-1)] = 0  # the 1 of the first maximum goes in through log1p
    terms = np.where(weights == 0, 0, -distances * weights)
    others = weights.sum(axis=-1)
    nats = np.log1p(others) + terms.sum(axis=-1) / (1 + others)
    return np.where(top[:, 0] > -np.inf, nats, np.nan)


def _exact_distances(rows: Floats, top: Floats, temperature: Floats | None) -> tuple[Floats, Floats]:
    """Give (rows − top) / temperature, and what rounding took from it."""
    at_top = (rows == top) & ~np.isneginf(top)
    if temperature is None:
        distances, lost = _two_sum(rows, -top)
    else:
        # Powers of two are taken out, which is exact: the large ones before the difference, which might overflow.
        mantissa, exponent = np.frexp(temperature)
        exponent = np.where(np.isinf(temperature), 1, exponent)
        down, up = -np.maximum(exponent, 0), -np.minimum(exponent, 0)
        differences, lost = (np.ldexp(part, up) for part in _two_sum(np.ldexp(rows, down), -np.ldexp(top, down)))
        distances = differences / mantissa
        lost = (lost + _remainder(differences, distances, mantissa)) / mantissa
        distances[np.isneginf(differences)] = -np.inf  # at T = inf the quotient would be NaN
    distances[at_top] = 0  # inf − inf, and 0 / 0 at T = 0
    return distances, np.where(np.isfinite(lost) & ~at_top, lost, 0)


def _remainder(dividend: Floats, quotient: Floats, divisor: Floats) -> Floats:
    """Give dividend − quotient × divisor exactly, the quotient being rounded (Dekker's product)."""
    product = quotient * divisor
    (q, q_low), (d, d_low) = _halves(quotient), _halves(divisor)
    excess = ((q * d - product) + q * d_low + q_low * d) + q_low * d_low
    return (dividend - product) - excess


def _halves(x: Floats) -> tuple[Floats, Floats]:
    """Split numbers into two of half as many bits each, whose products are exact (Veltkamp)."""
    scaled = x * x.dtype.type(2.0 ** ((np.finfo(x.dtype).nmant + 2) // 2) + 1)
    high = scaled - (scaled - x)
    return high, x - high
