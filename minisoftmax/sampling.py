"""How a language model chooses the next token: filters of logits, exact draws, and what the choice is worth in nats.

Filters take logits and give logits, along the last axis, so they can be chained.
"""

from __future__ import annotations  # or the type of rng would import numpy.random, which takes half of the time

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minisoftmax import _arguments as check
from minisoftmax._arguments import Axis, Bools, Floats, float_dtype, require, working_dtype
from minisoftmax._exact import remainder, two_sum
from minisoftmax._pieces import pairwise_sum, pieces
from minisoftmax.core import log_softmax, softmax

__all__ = ["entropy", "gumbel_softmax", "min_p", "sample", "top_k", "top_p"]


def top_k(logits: ArrayLike, k: int) -> Floats:
    r"""Keep the *k* largest logits, and those that tie with the last of them.

    .. math:: z_i \mapsto \begin{cases} z_i & z_i \ge z_{(k)} \\ -\infty & \text{otherwise} \end{cases}

    Examples
    --------
    >>> from minisoftmax import top_k
    >>> print(top_k([3.0, 2.0, 2.0, 0.0], 2))
    [  3.   2.   2. -inf]

    Parameters
    ----------
    logits : array_like of real numbers, shape (..., K)
        A row for each choice; dtypes as in `minisoftmax.core.softmax`.
    k : int
        ≥ 1; more than *K* keeps all.

    Returns
    -------
    ndarray, shape (..., K)
        −inf for those removed.

    Raises
    ------
    TypeError
        As in `minisoftmax.core.softmax`.
    ValueError
        If ``k`` < 1, or ``logits`` has nothing to choose from, a NaN, or a row of only −inf.

    Notes
    -----
    Ties are kept as in Hugging Face's ``TopKLogitsWarper``. Time grows as *K*.

    References
    ----------
    A. Fan, M. Lewis, Y. Dauphin (2018). Hierarchical neural story generation. ACL, 889–898.
    """
    z, count = _as_logits(logits), check.as_integer(k, "k", 1)
    return np.where(_largest(z, count), z, -np.inf)


@np.errstate(all="ignore")
def top_p(logits: ArrayLike, p: float) -> Floats:
    r"""Keep the smallest set of tokens whose probability reaches *p*: the nucleus.

    .. math:: \min_S |S| \quad \text{such that} \quad \sum_{i \in S} \operatorname{softmax}(z)_i \ge p

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import top_p
    >>> print(np.exp(top_p(np.log([4.0, 3.0, 2.0, 1.0]), 0.6)).round(6))
    [4. 3. 0. 0.]

    Parameters
    ----------
    logits : array_like, shape (..., K)
        As in `top_k`; +inf entries share all the mass.
    p : float
        0 < p ≤ 1. The token that crosses it is kept, so one is always left; 1 keeps all.

    Returns
    -------
    ndarray, shape (..., K)
        As in `top_k`.

    Raises
    ------
    TypeError, ValueError
        As in `top_k`; if ``p`` is outside (0, 1].

    Notes
    -----
    Of equal logits at the border, the last are kept, as many as needed. A set reaches *p* if it leaves out at most
    1 − p, to within 4 eps of that: of ten equal logits, 0.9 keeps nine, although that float is above nine tenths. Sums
    are in float64 at least.

    Time grows as *K* where few tokens have most of the mass, as K log K where it is nearly flat. Memory: at most
    sixteen float64 copies of the logits.

    References
    ----------
    A. Holtzman, J. Buys, L. Du, M. Forbes, Y. Choi (2020). The curious case of neural text degeneration. ICLR.
    """
    z, mass = _as_logits(logits), _as_mass(p, "p")
    top = z.max(axis=-1, keepdims=True)

    def weights(rows: Floats) -> Floats:
        shifted = rows.astype(np.promote_types(z.dtype, np.float64)) - top
        return np.exp(np.where(rows == top, 0, shifted))  # +inf − inf

    # 1 counts a probability that rounds to 0 too, unless it is 0 beside +inf.
    keep = (z == top) | (top < np.inf) if mass == 1 else _nucleus(z, mass, weights)
    return np.where(keep, z, -np.inf)


@np.errstate(all="ignore")
def min_p(logits: ArrayLike, p: float) -> Floats:
    r"""Keep the tokens that have at least *p* times the probability of the likeliest.

    .. math:: z_i \mapsto \begin{cases} z_i & z_i \ge \max_j z_j + \log p \\ -\infty & \text{otherwise} \end{cases}

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import min_p
    >>> print(np.exp(min_p(np.log([8.0, 4.0, 1.0]), 0.5)).round(6))
    [8. 4. 0.]

    Parameters
    ----------
    logits : array_like, shape (..., K)
        As in `top_k`.
    p : float
        From 0 (keeps all) to 1 (the likeliest and its ties). Beside +inf, only 0 keeps anything finite.

    Returns
    -------
    ndarray, shape (..., K)
        As in `top_k`.

    Raises
    ------
    TypeError, ValueError
        As in `top_k`; if ``p`` is outside [0, 1].

    Notes
    -----
    Differences of logits are compared with log *p*, to within four roundings, so a token at the border is kept.

    References
    ----------
    M. N. Nguyen et al. (2025). Turning up the heat: min-p sampling for creative and coherent LLM outputs. ICLR.
    """
    z, fraction = _as_logits(logits), _as_fraction(p, "p")
    return np.where(_near_top(z, fraction, 1.0), z, -np.inf)


@np.errstate(all="ignore")
def sample(
    logits: ArrayLike,
    *,
    temperature: ArrayLike = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    size: int | tuple[int, ...] | None = None,
    rng: np.random.Generator | np.random.BitGenerator | np.random.SeedSequence | int | None = None,
) -> NDArray[np.intp]:
    r"""Draw tokens from the distribution that temperature and filters leave.

    .. math:: P(i) = \frac{e^{z_i / T}}{\sum_{j \in S} e^{z_j / T}} \quad \text{for } i \text{ in the kept set } S

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import sample
    >>> logits = np.log([0.5, 0.3, 0.1, 0.1])
    >>> draws = sample(logits, size=100_000, rng=0)
    >>> print((np.bincount(draws) / 100_000).round(2))
    [0.5 0.3 0.1 0.1]
    >>> print(np.unique(sample(logits, top_p=0.7, size=100, rng=0)))
    [0 1]

    Parameters
    ----------
    logits : array_like, shape (..., K)
        As in `top_p`. −inf is never drawn.
    temperature : array_like of real numbers, default 1.0
        *T* ≥ 0: a scalar, or one for each row (length 1 along the last axis). Of what the filters keep, 0 draws evenly
        among the largest logits, inf among all.
    top_k : int, optional
        The *k* of `minisoftmax.sampling.top_k`.
    top_p : float, optional
        The *p* of `minisoftmax.sampling.top_p`.
    min_p : float, optional
        The *p* of `minisoftmax.sampling.min_p`.
    size : int or tuple of ints, optional
        The shape of the draws for each row; one draw by default.
    rng : numpy.random.Generator, BitGenerator or SeedSequence, int or None, default None
        A seed is ≥ 0; None takes one from the operating system.

    Returns
    -------
    ndarray of int, shape size + (...)
        Indices along the last axis of ``logits``.

    Raises
    ------
    TypeError, ValueError
        As the filters, `minisoftmax.core.softmax` for ``temperature``, and NumPy for ``rng``; if ``size`` is negative
        or too large for any array.

    Notes
    -----
    Temperature comes first: a high one makes ``top_p`` and ``min_p`` keep more. What ``top_k`` removes counts no more
    for ``top_p``. At T = inf, as at any other, both prefer larger logits.

    A draw is a binary search for a uniform number among the cumulative sums of the kept probabilities. The same seed
    gives the same draws on every machine, unless that number falls within rounding of a border. Memory: at most sixteen
    float64 copies of the logits and the draws.
    """
    z = _as_logits(logits)
    scale = check.as_temperature(temperature, z.shape, (z.ndim - 1,))
    count = None if top_k is None else check.as_integer(top_k, "top_k", 1, "an int >= 1, or None to keep all")
    mass = 1.0 if top_p is None else _as_mass(top_p, "top_p")
    fraction = 0.0 if min_p is None else _as_fraction(min_p, "min_p")
    uniform = _uniform(check.as_generator(rng), size, z.shape[:-1])  # (size, ...)
    draws = np.empty(uniform.shape, np.intp)
    for piece in pieces(z.shape, (z.ndim - 1,)):
        rows, own = z[piece], 1.0 if scale is None else scale[piece]
        if count is not None:
            rows = np.where(_largest(rows, count), rows, -np.inf)
        if mass < 1:
            rows = np.where(_nucleus(rows, mass, partial(_weights, temperature=own)), rows, -np.inf)
        if fraction > 0:
            rows = np.where(_near_top(rows, fraction, own), rows, -np.inf)
        place = (..., *piece[:-1])
        draws[place] = _inverse_transform(_weights(rows, own), uniform[place])
    return draws[()]


@np.errstate(all="ignore")
def entropy(logits: ArrayLike, axis: Axis = -1, *, temperature: ArrayLike = 1.0, base: float | None = None) -> Floats:
    r"""Return the entropy of softmax, from its logits: how uncertain the choice is.

    .. math:: H = -\sum_i p_i \log p_i, \qquad p = \operatorname{softmax}(z / T)

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import entropy
    >>> print(entropy(np.zeros(8), base=2))
    3.0
    >>> print(f"{entropy([50.0, 0.0]):.6e}")
    9.836624e-21

    Parameters
    ----------
    logits : array_like
        As in `minisoftmax.core.softmax`, but float16 and float32 are computed in float64.
    axis : int, tuple of ints or None, default -1
        As in `minisoftmax.core.softmax`.
    temperature : array_like, default 1.0
        As in `minisoftmax.core.softmax`.
    base : float, optional
        Of the logarithm, > 0, finite and not 1: 2 gives bits, None nats.

    Returns
    -------
    ndarray
        Of the shape of ``logits`` without ``axis``: from 0 to log n for n entries, to a base above 1.

    Raises
    ------
    TypeError, ValueError
        As in `minisoftmax.core.softmax`; if ``base`` is not allowed.

    Notes
    -----
    With d = (z − max z) / T and the sum *s* of e^d but for one maximum, H = log1p(s) − Σ d e^d / (1 + s), where nothing
    cancels. What rounding took from d is worked out exactly and put back as a factor of e^d. The relative error is
    below 4 eps, down to where exponentials underflow (an entropy of about 1e-305 in float64). Memory: the result, and
    at most 20 MiB and 20 float64 copies of one slice, or of 1,024 along an axis that is not the last.

    References
    ----------
    C. E. Shannon (1948). A mathematical theory of communication. Bell System Technical Journal 27.

    T. J. Dekker (1971). A floating-point technique for extending the available precision. Numer. Math. 18, 224–242.
    """
    z = check.as_array(logits, "logits")
    axes, work = check.as_axes(axis, z.ndim), np.promote_types(z.dtype, np.float64)
    scale = check.as_temperature(temperature, z.shape, axes)
    unit = work.type(np.e if base is None else check.as_number(base, "base"))
    require(0 < unit < np.inf and unit != 1, unit, "base must be a finite number above 0 that is not 1")
    result = np.zeros([1 if i in axes else n for i, n in enumerate(z.shape)], float_dtype(z.dtype))
    for piece in pieces(z.shape, axes):
        d, lost = _distances(z[piece].astype(work), axes, None if scale is None else scale[piece])
        weights = np.exp(d) * (1 + lost)
        terms = np.where(weights == 0, 0, d * weights)
        tops = d == 0
        others = pairwise_sum(np.where(tops, 0, weights), axes) + (tops.sum(axis=axes, keepdims=True) - 1)
        nats = np.log1p(others) - pairwise_sum(terms, axes) / (1 + others)
        result[piece] = nats if base is None else nats / np.log(unit)
    return result.squeeze(axes)[()]


@np.errstate(all="ignore")
def gumbel_softmax(
    logits: ArrayLike,
    *,
    temperature: ArrayLike = 1.0,
    hard: bool = False,
    axis: Axis = -1,
    rng: np.random.Generator | np.random.BitGenerator | np.random.SeedSequence | int | None = None,
) -> Floats:
    r"""Draw from the Gumbel-softmax (concrete) distribution: a draw of a token, made smooth.

    .. math:: y = \operatorname{softmax}\bigl((z + g) / T\bigr), \qquad g_i = -\log(-\log u_i), \quad u_i \sim U(0, 1)

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import gumbel_softmax
    >>> logits = np.tile(np.log([0.7, 0.2, 0.1]), (100_000, 1))
    >>> print(gumbel_softmax(logits, hard=True, rng=0).mean(axis=0).round(2))
    [0.7 0.2 0.1]

    Parameters
    ----------
    logits : array_like
        As in `entropy`; several +inf are equally likely.
    temperature : array_like, default 1.0
        As in `minisoftmax.core.softmax`; 0 is the limit, which is one-hot.
    hard : bool, default False
        Whether to give that limit at any temperature.
    axis : int, tuple of ints or None, default -1
        As in `minisoftmax.core.softmax`.
    rng : numpy.random.Generator, BitGenerator or SeedSequence, int or None, default None
        As in `sample`.

    Returns
    -------
    ndarray
        Of the shape of ``logits``.

    Raises
    ------
    TypeError, ValueError
        As in `minisoftmax.core.softmax`, and NumPy for ``rng``.

    Notes
    -----
    Entry *i* is the largest with probability ``softmax(logits)[i]``, whatever the temperature. In libraries with
    derivatives, ``hard`` passes on the soft gradient (straight-through); here there is none.

    References
    ----------
    E. Jang, S. Gu, B. Poole (2017). Categorical reparameterization with Gumbel-softmax. ICLR.

    C. J. Maddison, A. Mnih, Y. W. Teh (2017). The concrete distribution. ICLR.
    """
    z = check.as_floats(logits, "logits")
    axes, one_hot, generator = check.as_axes(axis, z.ndim), check.as_flag(hard, "hard"), check.as_generator(rng)
    last = tuple(range(-len(axes), 0))
    noise = np.moveaxis(generator.gumbel(size=np.moveaxis(z, axes, last).shape), last, axes)
    # Noise added to the logits themselves would lose digits to a large one, and be lost to +inf.
    noisy = log_softmax(z.astype(np.promote_types(z.dtype, np.float64)), axes) + noise
    result = softmax(noisy, axes, temperature=temperature)
    if one_hot:
        result = softmax(noisy, axes, temperature=0)
    return result.astype(z.dtype)


def _as_logits(logits: ArrayLike) -> Floats:
    """Check what a choice needs: entries along a last axis, no NaN, and one above −inf in every row."""
    z = check.as_floats(logits, "logits")
    require(z.ndim > 0 and z.shape[-1] > 0, f"shape {z.shape}", "logits must have at least one entry along a last axis")
    top = z.max(axis=-1)
    require(top > -np.inf, top, "logits must hold no NaN, and an entry above -inf in every row")
    return z


def _as_mass(p: float, name: str) -> float:
    mass = check.as_number(p, name)
    require(0 < mass <= 1, mass, f"{name} must be above 0 and at most 1")
    return mass


def _as_fraction(p: float, name: str) -> float:
    fraction = check.as_number(p, name)
    require(0 <= fraction <= 1, fraction, f"{name} must be from 0 to 1")
    return fraction


# The filters: which entries of each row of z stay


def _largest(z: Floats, k: int) -> Bools:
    kth = max(z.shape[-1] - k, 0)
    return z >= np.partition(z, kth, axis=-1)[..., kth, None]


def _nucleus(z: Floats, p: float, weigh: Callable[[Floats], Floats]) -> Bools:
    """Remove 1 − p of the probability, the least likely first, and of equal logits the first ones.

    ``weigh`` gives the probabilities of rows in units of the largest, so that equal ones add up without rounding.
    """
    weights = weigh(z)
    # Decimals such as 0.9 have no exact float.
    light = (1 - p) * weights.sum(axis=-1, keepdims=True) * (1 + 4 * np.finfo(weights.dtype).eps)
    # Weights below light / K add up to less than light. Where a model is sure, the others are few, and to sort only
    # them is up to ten times as fast; one half of that is safe from rounding.
    large = weights > light / (2 * z.shape[-1])
    counts = np.count_nonzero(large, axis=-1, keepdims=True)
    rising = np.full((*z.shape[:-1], counts.max(initial=1)), -np.inf, z.dtype)
    rising[np.arange(rising.shape[-1]) < counts] = z[large]
    rising.sort(axis=-1)
    tail = np.where(large, 0, weights).sum(axis=-1, keepdims=True) + np.cumsum(weigh(rising), axis=-1)
    removed = np.minimum(np.count_nonzero(tail <= light, axis=-1, keepdims=True), rising.shape[-1] - 1)
    border = np.take_along_axis(rising, removed, axis=-1)
    keep, ties_removed = z >= border, removed - np.count_nonzero(rising < border, axis=-1, keepdims=True)
    if ties_removed.any():  # to count takes longer than all the rest where few are large
        ties = z == border
        keep &= ~ties | (np.cumsum(ties, axis=-1) > ties_removed)
    return keep


def _near_top(z: Floats, p: float, temperature: ArrayLike) -> Bools:
    z = z.astype(working_dtype(z.dtype))
    top = z.max(axis=-1, keepdims=True)
    least = np.where(np.isinf(temperature), -np.inf, temperature * np.log(p))
    # Logits of decimals such as 0.1 are rounded, as logarithms are.
    slack = 4 * np.finfo(z.dtype).eps * (p < 1) * np.maximum(1, np.abs(z))
    return (z == top) | (z - top >= least.astype(z.dtype) - slack)


# Draws


def _weights(z: Floats, temperature: ArrayLike) -> Floats:
    """Give the probabilities in units of the largest."""
    probs = np.asarray(softmax(z.astype(np.promote_types(z.dtype, np.float64), copy=False), temperature=temperature))
    probs /= probs.max(axis=-1, keepdims=True)
    return probs


def _uniform(
    generator: np.random.Generator, size: int | tuple[int, ...] | None, rows: tuple[int, ...]
) -> NDArray[np.float64]:
    allowed = "an int >= 0, a tuple of these or None"
    sizes = () if size is None else size if isinstance(size, tuple | list) else (size,)
    shape = tuple(check.as_integer(n, "size", 0, allowed) for n in sizes)
    try:
        return np.asarray(generator.random((*shape, *rows)))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"size must fit into an array with the rows {rows}, got {size!r}: {error}") from None


def _inverse_transform(weights: Floats, uniform: Floats) -> NDArray[np.intp]:
    """Map uniform numbers from [0, 1) to indices, each as often as its weight says, and never one of weight 0.

    Below 1 is at most 1 − 2⁻⁵³, so the product with the whole sum, of no fewer digits, rounds to less than that sum.
    """
    row = np.arange(weights[..., 0].size).reshape(weights.shape[:-1])
    # Complex numbers are in the order of their real parts first, so one search serves all rows, and nothing is rounded.
    keys = np.empty(weights.shape, np.result_type(weights, 1j))
    keys.real = row[..., None]
    sums = np.cumsum(weights, axis=-1, out=keys.imag)  # (..., K)
    places = np.searchsorted(keys.ravel(), row + 1j * (uniform * sums[..., -1]), side="right")  # (size, ...)
    return places - row * sums.shape[-1]


def _distances(z: Floats, axes: tuple[int, ...], temperature: Floats | None) -> tuple[Floats, Floats]:
    """Give d = (z − max z) / T, and what rounding took from it."""
    top = z.max(axis=axes, keepdims=True)
    if temperature is None:
        d, lost = two_sum(z, -top)
    else:
        # Powers of two are taken out, which is exact; one of them first, where the difference might overflow.
        half = np.where(temperature > 1, 0.5, 1.0)
        mantissa, exponent = np.frexp(temperature.astype(z.dtype) * half)
        difference, lost = (np.ldexp(part, -exponent) for part in two_sum(z * half, -top * half))
        d = np.where(difference > -np.inf, difference / mantissa, difference)
        lost = (lost + remainder(difference, d, mantissa)) / mantissa
    d = np.where((z == top) & (top > -np.inf), 0, d)  # inf − inf, and 0 / 0 at T = 0
    return d, np.where(np.isfinite(lost), lost, 0)
