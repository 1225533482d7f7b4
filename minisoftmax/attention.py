"""Attention: every query takes a weighted mean of the values, with weights from softmax of its scores for the keys.

*L* queries and *S* keys of *d* features are the last two axes of their arrays; axes before those are a batch, and a
*head* is one entry of it. A mask is written into the scores as −inf.
"""

from collections.abc import Callable
from typing import Any, Literal, SupportsIndex, overload

import numpy as np
from numpy.typing import ArrayLike

from minisoftmax import _arguments as check
from minisoftmax._arguments import Array, Bools, Floats, broadcast, float_dtype, require, working_dtype
from minisoftmax.core import softmax, softmax_vjp

__all__ = [
    "causal_mask",
    "flash_attention",
    "multi_head_attention",
    "scaled_dot_product_attention",
    "scaled_dot_product_attention_vjp",
    "sliding_window_mask",
]


@overload
def scaled_dot_product_attention(
    query: ArrayLike,
    key: ArrayLike,
    value: ArrayLike,
    *,
    attn_mask: ArrayLike | None = None,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    return_weights: Literal[False] = False,
) -> Floats: ...
@overload
def scaled_dot_product_attention(
    query: ArrayLike,
    key: ArrayLike,
    value: ArrayLike,
    *,
    attn_mask: ArrayLike | None = None,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    return_weights: Literal[True],
) -> tuple[Floats, Floats]: ...
@np.errstate(all="ignore")
def scaled_dot_product_attention(
    query: ArrayLike,
    key: ArrayLike,
    value: ArrayLike,
    *,
    attn_mask: ArrayLike | None = None,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    return_weights: bool = False,
) -> Floats | tuple[Floats, Floats]:
    r"""Mix the values, for each query, by how well their keys match it.

    .. math:: \operatorname{attention}(Q, K, V) = \operatorname{softmax}\Bigl(\frac{Q K^\top}{\sqrt d}\Bigr) V

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import scaled_dot_product_attention
    >>> key, value = np.eye(2), [[10.0], [20.0]]
    >>> output, weights = scaled_dot_product_attention([[np.log(3), 0.0]], key, value, scale=1, return_weights=True)
    >>> print(weights.round(6), output.round(6))
    [[0.75 0.25]] [[12.5]]

    Parameters
    ----------
    query, key, value : array_like of real numbers, shapes (..., L, d), (..., S, d) and (..., S, dv)
        What *L* tokens look for, what *S* tokens are found by, and what those tell then. Batch axes broadcast.
    attn_mask : array_like of bools or floats, optional
        Broadcasts to (..., L, S). Bools: True allows. Floats: added to the scores; −inf forbids, no finite number does.
    is_causal : bool, default False
        Whether query *i* looks at keys 0 to *i* alone. With ``attn_mask``, which PyTorch refuses, both must allow a
        key, as in ONNX.
    scale : float, optional
        Multiplies the dot products; 1/√d unless given.
    enable_gqa : bool, default False
        Whether ``query`` has *g* times as many heads, on axis −3, as ``key`` and ``value``: each run of *g* shares one.
    return_weights : bool, default False
        Whether to return the weights too.

    Returns
    -------
    output : ndarray, shape (..., L, dv)
        In the widest dtype of the three, as in `minisoftmax.core.softmax`.
    weights : ndarray, shape (..., L, S)
        With ``return_weights``. A row sums to 1, or is 0, as is the output, where there is nothing to look at.

    Raises
    ------
    TypeError
        As in `minisoftmax.core.softmax`; for a mask of ints.
    ValueError
        If shapes do not fit, or ``scale`` is not finite in the dtype of the scores.

    Notes
    -----
    What is masked out takes no part, a NaN neither; in PyTorch, 0 × NaN spreads. Keys with a score of +inf share all
    the weight. Memory: in float32 one and a half times the *L* × *S* weights, twice with a mask.

    References
    ----------
    A. Vaswani et al. (2017). Attention is all you need. NeurIPS. J. Ainslie et al. (2023). GQA. EMNLP, 4895–4901.
    """
    causal, wanted = check.as_flag(is_causal, "is_causal"), check.as_flag(return_weights, "return_weights")
    q, k, v, mask, factor, batch, dtype = _operands(query, key, value, attn_mask, scale, enable_gqa)
    scores = _scores(q * factor, k, mask, 0 if causal else k.shape[-2])  # (..., L, S)
    weights = softmax(scores, where=scores != -np.inf, out=scores)
    output = _mix(weights, v)  # (..., L, dv)
    output, weights = (a.reshape(*batch, *a.shape[-2:]).astype(dtype, copy=False) for a in (output, weights))
    return (output, weights) if wanted else output


@np.errstate(all="ignore")
def flash_attention(
    query: ArrayLike,
    key: ArrayLike,
    value: ArrayLike,
    *,
    attn_mask: ArrayLike | None = None,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    block_size: SupportsIndex = 1024,
) -> Floats:
    r"""Compute attention in tiles, so that memory grows with the length of the sequence and not with its square.

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import flash_attention, scaled_dot_product_attention
    >>> query, key, value = np.random.default_rng(0).normal(size=(3, 1000, 8))
    >>> whole = scaled_dot_product_attention(query, key, value, is_causal=True)
    >>> tiled = flash_attention(query, key, value, is_causal=True, block_size=64)
    >>> np.allclose(whole, tiled, rtol=0, atol=1e-14)
    True

    Parameters
    ----------
    query, key, value, attn_mask, is_causal, scale, enable_gqa : array_like, bool, float
        As in `scaled_dot_product_attention`; the mask is never expanded.
    block_size : int, default 1024
        The number of queries, and of keys, in a tile. Tiles of fewer queries take up to eight times as many keys.

    Returns
    -------
    ndarray, shape (..., L, dv)
        That of `scaled_dot_product_attention`, to within eps × (4 √*S* + *z*) × the largest magnitude of a value. Here
        *z* is the largest entry of ``abs(scale) * abs(query) @ abs(key).T``, plus that of a float mask: large scores
        are rounded themselves.

    Raises
    ------
    TypeError, ValueError
        As `scaled_dot_product_attention`, and if ``block_size`` is no int ≥ 1.

    See Also
    --------
    minisoftmax.streaming.OnlineLogSumExp : The idea without the values.

    Notes
    -----
    The keys go by once for each tile of queries. The sums of weighted values and of weights are measured from the
    largest score so far, and rescaled when a larger one comes. Tiles that a mask of bools hides are skipped. Memory
    beyond the result: a few tiles, under 20 MiB for 64 features in float16 or float32, twice that in float64. The sum
    overflows where values come within a factor *S* of the largest float.

    References
    ----------
    T. Dao et al. (2022). FlashAttention: fast and memory-efficient exact attention with IO-awareness. NeurIPS.
    """
    causal, size = check.as_flag(is_causal, "is_causal"), check.as_integer(block_size, "block_size", 1)
    q, k, v, mask, factor, batch, dtype = _operands(query, key, value, attn_mask, scale, enable_gqa)
    k, v = (np.broadcast_to(array, (*q.shape[:-2], *array.shape[-2:])) for array in (k, v))
    output = np.empty((*q.shape[:-1], v.shape[-1]), dtype)  # (..., L, dv)
    for head in np.ndindex(q.shape[:-2]):
        for start in range(0, q.shape[-2], size):
            rows = slice(start, start + size)
            first = start if causal else k.shape[-2]
            output[head][rows] = _online(q[head][rows] * factor, k[head], v[head], mask[head][rows], first, size)
    return output.reshape(*batch, *output.shape[-2:])


def _online(query: Floats, key: Array, value: Array, mask: Array, first: int, size: int) -> Floats:
    """Average the values for some queries in one pass over the keys; query i looks at the keys 0 to first + i alone."""
    # (L, 1), the largest score so far. It starts with the lowest number, not with −inf, for −inf − −inf is NaN.
    top = np.full((len(query), 1), np.finfo(query.dtype).min)
    total = np.zeros_like(top)  # (L, 1), the sum of e^(score − top)
    mixed = np.zeros((len(query), value.shape[-1]), query.dtype)  # (L, dv), the same sum, times the values
    step = size * min(8, size // len(query))  # one query at 8,192 keys goes 1.7 times as fast in one tile
    end = min(len(key), first + len(query))
    for start in range(0, end, step):
        columns = slice(start, min(start + step, end))
        if mask.dtype == np.bool_ and not mask[:, columns].any():
            continue
        scores = _scores(query, key[columns], mask[:, columns], first - start)  # (L, step)
        np.minimum(scores, np.finfo(scores.dtype).max, out=scores)  # for +inf − +inf is NaN too
        new_top = np.maximum(top, scores.max(axis=-1, keepdims=True))
        rescale, weights = np.exp(top - new_top), np.exp(scores - new_top, out=scores)
        total = total * rescale + weights.sum(axis=-1, keepdims=True)
        mixed = np.where(rescale > 0, mixed * rescale, 0) + _mix(weights, value[columns])
        top = new_top
    return mixed / np.where(total == 0, 1, total)


@np.errstate(all="ignore")
def scaled_dot_product_attention_vjp(
    query: ArrayLike,
    key: ArrayLike,
    value: ArrayLike,
    grad: ArrayLike,
    *,
    attn_mask: ArrayLike | None = None,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> tuple[Floats, Floats, Floats]:
    r"""Pull a gradient with respect to the output of attention back to query, key and value.

    .. math::

        \bar V = P^\top G, \qquad \bar Q = s\, \bar Z K, \qquad \bar K = s\, \bar Z^\top Q, \qquad
        \bar Z_i = J_i^\top (G V^\top)_i

    *P* are the weights, *s* is the scale, :math:`J_i` the Jacobian of softmax at row *i* of the scores *Z*.

    Examples
    --------
    The query is drawn to the key of the larger value:

    >>> from minisoftmax import scaled_dot_product_attention_vjp
    >>> key, value = [[1.0, 0.0], [0.0, 1.0]], [[8.0], [4.0]]
    >>> grad_query, grad_key, grad_value = scaled_dot_product_attention_vjp([[0.0, 0.0]], key, value, [[1.0]], scale=1)
    >>> print(grad_query, grad_value.ravel())
    [[ 1. -1.]] [0.5 0.5]

    Parameters
    ----------
    query, key, value, attn_mask, is_causal, scale, enable_gqa : array_like, bool, float
        As in `scaled_dot_product_attention`.
    grad : array_like of real numbers, shape (..., L, dv)
        Of a scalar with respect to the output.

    Returns
    -------
    grad_query, grad_key, grad_value : ndarray
        Of the shapes of the three, summed over what was broadcast or shared, in the widest dtype of all four arrays.

    Raises
    ------
    TypeError, ValueError
        As `scaled_dot_product_attention`, and if ``grad`` has another shape than the output.

    Notes
    -----
    No gradient flows between a query and a key that is masked out, whatever stands there. Time about three times that
    of the output, memory about four times the L × S weights.
    """
    causal = check.as_flag(is_causal, "is_causal")
    pull, wide = check.as_floats(grad, "grad"), check.as_floats(value, "value")
    wide = wide.astype(np.result_type(wide, pull), copy=False)  # so that all is computed in the dtype of the result
    q, k, v, mask, factor, batch, dtype = _operands(query, key, wide, attn_mask, scale, enable_gqa)
    shape = (*batch, q.shape[-2], v.shape[-1])
    require(pull.shape == shape, pull.shape, f"grad must have the shape of the output, {shape}")
    pull = pull.reshape(*q.shape[:-1], v.shape[-1]).astype(factor.dtype, copy=False)
    scores = _scores(q * factor, k, mask, 0 if causal else k.shape[-2])  # (..., L, S)
    weights = softmax(scores, where=scores != -np.inf, out=scores)
    to_scores = factor * softmax_vjp(weights, pull @ v.mT)
    to_scores[weights == 0] = 0  # in a row of NaN too
    to_query = (to_scores @ _finite(k)).reshape(*batch, *q.shape[-2:])
    return (
        _summed(to_query, np.shape(query), dtype),
        _summed(to_scores.mT @ _finite(q), k.shape, dtype).reshape(np.shape(key)),
        _summed(_mix(weights.mT, pull), v.shape, dtype).reshape(wide.shape),
    )


@np.errstate(all="ignore")
def multi_head_attention(
    x: ArrayLike,
    w_query: ArrayLike,
    w_key: ArrayLike,
    w_value: ArrayLike,
    w_output: ArrayLike,
    *,
    num_heads: SupportsIndex,
    num_kv_heads: SupportsIndex | None = None,
    memory: ArrayLike | None = None,
    b_query: ArrayLike | None = None,
    b_key: ArrayLike | None = None,
    b_value: ArrayLike | None = None,
    b_output: ArrayLike | None = None,
    attn_mask: ArrayLike | None = None,
    is_causal: bool = False,
    scale: float | None = None,
    attention: Callable[..., Floats] = scaled_dot_product_attention,
) -> Floats:
    r"""Attend with several heads, each with queries, keys and values of its own, and mix what they bring.

    .. math::

        \operatorname{multihead}(X, M) = [H_1, \dots, H_h]\, W_O, \qquad
        H_i = \operatorname{attention}(X W_{Q,i},\; M W_{K,i},\; M W_{V,i})

    Examples
    --------
    The first of two heads is blind (all its scores are 0), so it brings the mean:

    >>> import numpy as np
    >>> from minisoftmax import multi_head_attention
    >>> x, same = np.array([[1.0, 0.0], [0.0, 9.0]]), np.eye(2)
    >>> print(multi_head_attention(x, [[0, 0], [0, 1]], same, same, same, num_heads=2).round(6))
    [[0.5 4.5]
     [0.5 9. ]]

    Parameters
    ----------
    x : array_like of real numbers, shape (..., L, E)
        The tokens that ask.
    w_query : array_like of real numbers, shape (E, num_heads × d)
        Head *i* has the *i*-th run of *d* columns; so it is with keys, values and the rows of ``w_output``.
    w_key, w_value : array_like of real numbers, shapes (F, num_kv_heads × d) and (F, num_kv_heads × dv)
        What makes keys, and values.
    w_output : array_like of real numbers, shape (num_heads × dv, E')
        What mixes the heads.
    num_heads : int
        The number of heads.
    num_kv_heads : int, optional
        That of keys and values, a divisor of ``num_heads``, the default.
    memory : array_like of real numbers, shape (..., S, F), optional
        The tokens that are asked (cross-attention); ``x`` itself unless given.
    b_query, b_key, b_value, b_output : array_like of real numbers, optional
        A number to add to each column of the products.
    attn_mask : array_like of bools or floats, optional
        Broadcasts to (..., num_heads, L, S), as in `scaled_dot_product_attention`.
    is_causal, scale : bool, float
        As in `scaled_dot_product_attention`.
    attention : callable, default scaled_dot_product_attention
        Called for all heads at once, on axis −3: that, `flash_attention`, or one with the same arguments.

    Returns
    -------
    ndarray, shape (..., L, E')
        In the widest dtype of the arrays but the mask.

    Raises
    ------
    TypeError, ValueError
        As `scaled_dot_product_attention`, if the heads cannot be divided, or for what ``attention`` returns.
    """
    heads = check.as_integer(num_heads, "num_heads", 1)
    kv_heads = heads if num_kv_heads is None else check.as_integer(num_kv_heads, "num_kv_heads", 1)
    require(heads % kv_heads == 0, kv_heads, f"num_kv_heads must divide num_heads, {heads}")
    if not callable(attention):
        raise TypeError(f"attention must be a function, got {type(attention).__name__}")
    needed = {"x": x, "w_query": w_query, "w_key": w_key, "w_value": w_value, "w_output": w_output}
    needed["memory"] = x if memory is None else memory
    biases = {"b_query": b_query, "b_key": b_key, "b_value": b_value, "b_output": b_output}
    arrays = {name: check.as_floats(array, name) for name, array in needed.items()}
    arrays |= {name: check.as_floats(array, name) for name, array in biases.items() if array is not None}
    dtype = np.result_type(*arrays.values())
    given = {name: array.astype(working_dtype(dtype), copy=False) for name, array in arrays.items()}
    query = _heads(_projected(given, "x", "query"), heads, "w_query")
    key = _heads(_projected(given, "memory", "key"), kv_heads, "w_key")
    value = _heads(_projected(given, "memory", "value"), kv_heads, "w_value")
    width = query.shape[-1]
    require(key.shape[-1] == width, key.shape[-1], f"w_key must make keys of {width} features, as w_query")
    mixed = attention(
        query, key, value, attn_mask=attn_mask, is_causal=is_causal, scale=scale, enable_gqa=kv_heads != heads
    )
    batch = np.broadcast_shapes(query.shape[:-3], key.shape[:-3])
    given["heads"] = _joined(mixed, (*batch, heads, query.shape[-2], value.shape[-1]))
    return _projected(given, "heads", "output").astype(dtype, copy=False)


def causal_mask(length: SupportsIndex, key_length: SupportsIndex | None = None, *, offset: SupportsIndex = 0) -> Bools:
    """Let every token look at itself and at those before it.

    Examples
    --------
    >>> from minisoftmax import causal_mask
    >>> print(causal_mask(3).astype(int))
    [[1 0 0]
     [1 1 0]
     [1 1 1]]

    Two new tokens after three cached ones:

    >>> print(causal_mask(2, offset=3).astype(int))
    [[1 1 1 1 0]
     [1 1 1 1 1]]

    Parameters
    ----------
    length : int
        The number of queries, *L*.
    key_length : int, optional
        The number of keys, *S*; ``offset + length`` unless given.
    offset : int, default 0
        How many tokens are in the cache before the first query.

    Returns
    -------
    ndarray of bool, shape (length, key_length)
        True where key *j* ≤ query *i* + ``offset``, for ``attn_mask``.

    Raises
    ------
    TypeError, ValueError
        If an argument is no int; if a length is negative, or the mask too large to exist.
    """
    return _up_to(*_sizes(length, key_length, offset))


def sliding_window_mask(
    length: SupportsIndex,
    window: SupportsIndex,
    key_length: SupportsIndex | None = None,
    *,
    offset: SupportsIndex = 0,
) -> Bools:
    """Let every token look at itself and at the ``window − 1`` tokens before it.

    Examples
    --------
    >>> from minisoftmax import sliding_window_mask
    >>> print(sliding_window_mask(4, 2).astype(int))
    [[1 0 0 0]
     [1 1 0 0]
     [0 1 1 0]
     [0 0 1 1]]

    Parameters
    ----------
    length, key_length, offset : int, the last two optional
        As in `causal_mask`.
    window : int
        How many tokens each sees, ≥ 1.

    Returns
    -------
    ndarray of bool, shape (length, key_length)
        True where *i* + ``offset`` − ``window`` < *j* ≤ *i* + ``offset``, for ``attn_mask``.

    Raises
    ------
    TypeError, ValueError
        As `causal_mask`; if ``window`` < 1.
    """
    width = check.as_integer(window, "window", 1)
    count, keys, first = _sizes(length, key_length, offset)
    return _up_to(count, keys, first) & ~_up_to(count, keys, first - width)


# The formula, for heads of one batch and a query that is multiplied by the scale


def _scores(query: Floats, key: Array, mask: Array, first: int) -> Floats:
    """Give the scores, −inf where a query must not look: by the mask, and after the key first + i for query i."""
    scores = query @ key.mT  # (..., L, S)
    if mask.dtype != np.bool_:
        finite = np.isfinite(scores) & np.isfinite(mask)
        scores += mask
        half = np.finfo(scores.dtype).max / 2
        np.clip(scores, -half, half, out=scores, where=finite)  # only −inf forbids, only +inf is infinite
        mask = mask != -np.inf
    if first < scores.shape[-1] - 1:
        mask = mask & np.tri(scores.shape[-2], scores.shape[-1], first, dtype=np.bool_)
    if not mask.all():
        np.copyto(scores, -np.inf, where=~mask)  # over a NaN too
    return scores


def _mix(weights: Floats, value: Array) -> Floats:
    """Give weights @ value, where a weight of 0 takes nothing from an infinity or a NaN either."""
    finite = np.isfinite(value)
    if finite.all():
        return weights @ value
    mixed = weights @ np.where(finite, value, 0)
    for special, where in ((np.inf, value == np.inf), (-np.inf, value == -np.inf), (np.nan, np.isnan(value))):
        mixed[weights @ where > 0] += special
    return mixed


def _finite(array: Array) -> Array:
    return np.where(np.isfinite(array), array, 0)


def _summed(array: Floats, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Floats:
    """Sum over the axes that were broadcast from a shape."""
    more = array.ndim - len(shape)
    axes = (*range(more), *(more + i for i, n in enumerate(shape) if n == 1))
    return array.sum(axis=axes).reshape(shape).astype(dtype, copy=False)


# What the arguments must be


def _operands(
    query: ArrayLike, key: ArrayLike, value: ArrayLike, mask: ArrayLike | None, scale: float | None, enable_gqa: bool
) -> tuple[Array, Array, Array, Array, np.floating[Any], tuple[int, ...], np.dtype[Any]]:
    """Give query, key, value and mask as views that broadcast, the scale, and the batch and dtype of the result."""
    q, k, v = check.as_array(query, "query"), check.as_array(key, "key"), check.as_array(value, "value")
    rule, shapes = "query, key and value must have", f"shapes {q.shape}, {k.shape} and {v.shape}"
    fit = min(q.ndim, k.ndim, v.ndim) >= 2 and q.shape[-1] == k.shape[-1] and k.shape[-2] == v.shape[-2]
    require(fit, shapes, f"{rule} the axes (..., L, d), (..., S, d) and (..., S, dv)")
    if grouped := check.as_flag(enable_gqa, "enable_gqa"):
        fit = min(q.ndim, k.ndim, v.ndim) >= 3 and 0 < k.shape[-3] == v.shape[-3] and q.shape[-3] % k.shape[-3] == 0
        require(fit, shapes, f"{rule} g × H, H and H heads on axis -3 with enable_gqa, where H >= 1")
        q = q.reshape(*q.shape[:-3], k.shape[-3], q.shape[-3] // k.shape[-3], *q.shape[-2:])  # (..., H, g, L, d)
        k, v = k[..., None, :, :], v[..., None, :, :]  # (..., H, 1, S, d) and (..., H, 1, S, dv)
    try:
        batch = np.broadcast_shapes(q.shape[:-2], k.shape[:-2], v.shape[:-2])
    except ValueError:
        raise ValueError(f"{rule} batch axes, before the last two, that broadcast, got {shapes}") from None
    merged = (*batch[:-2], batch[-2] * batch[-1]) if grouped else batch
    dtype = np.result_type(*(float_dtype(array.dtype) for array in (q, k, v)))
    usual = 1 / np.sqrt(np.longdouble(max(q.shape[-1], 1)))
    factor = working_dtype(dtype).type(usual if scale is None else check.as_number(scale, "scale"))
    require(np.isfinite(factor), scale, f"scale must be finite in {factor.dtype}, the dtype of the scores")
    mask = check.as_array(True if mask is None else mask, "attn_mask", "bf", "bools or floats")
    lengths = q.shape[-2], k.shape[-2]
    mask = broadcast(mask, (*merged, *lengths), "attn_mask", "(..., L, S) =").reshape(*batch, *lengths)
    return np.broadcast_to(q, (*batch, *q.shape[-2:])), k, v, mask, factor, merged, dtype


def _sizes(length: SupportsIndex, key_length: SupportsIndex | None, offset: SupportsIndex) -> tuple[int, int, int]:
    """Check the length of a mask, that of its keys, and the position of its first query among them."""
    first, count = check.as_integer(offset, "offset"), check.as_integer(length, "length", 0)
    keys = first + count if key_length is None else check.as_integer(key_length, "key_length", 0)
    require(keys >= 0, first, f"offset must be >= -length, {-count}, where key_length is not given")
    most, name = np.iinfo(np.intp).max // 8, "offset + length" if key_length is None else "key_length"
    fits = max(count, keys, count * keys) <= most
    require(fits, f"{count} times {keys}", f"length times {name} must be at most {most}")
    return count, keys, first


def _up_to(length: int, keys: int, offset: int) -> Bools:
    """Tell where key j ≤ query i + offset."""
    within_reach = min(max(offset, -length), keys)  # beyond, all is False or True, and an int64 might overflow
    return np.tri(length, keys, within_reach, dtype=np.bool_)


def _projected(given: dict[str, Floats], source: str, to: str) -> Floats:
    """Multiply by the weights that lead to something, and add their bias."""
    x, weights, bias = given[source], given[f"w_{to}"], given.get(f"b_{to}")
    require(x.ndim >= 2, f"shape {x.shape}", f"{source} must have the axes (..., length, features)")
    fit = weights.ndim == 2 and len(weights) == x.shape[-1]
    require(fit, f"shape {weights.shape}", f"w_{to} must have the shape ({x.shape[-1]}, ...) for {source}")
    if bias is None:
        return x @ weights
    require(bias.shape == weights.shape[1:], bias.shape, f"b_{to} must have the shape {weights.shape[1:]}")
    return x @ weights + bias


def _heads(x: Floats, heads: int, name: str) -> Floats:
    """Split the features into heads, on axis −3."""
    length, features = x.shape[-2:]
    rule = f"{name} must make a multiple of {heads} features, one run for each head"
    require(features % heads == 0, features, rule)
    return x.reshape(*x.shape[:-2], length, heads, features // heads).swapaxes(-2, -3)


def _joined(mixed: ArrayLike, shape: tuple[int, ...]) -> Floats:
    """Check what the heads brought, and put it side by side."""
    output = check.as_floats(mixed, "the result of attention")
    require(output.shape == shape, output.shape, f"the result of attention must have the shape {shape}")
    *batch, heads, length, width = shape
    return output.swapaxes(-2, -3).reshape(*batch, length, heads * width)
