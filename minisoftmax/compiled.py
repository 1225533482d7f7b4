"""The functions of `minisoftmax.core` once more, compiled: one visit to memory for each slice, on all cores.

NumPy makes five passes over an array for a softmax. Here one kernel goes through all steps for a slice, or for some
slices side by side, while they are in the cache. It needs numba: ``pip install "minisoftmax[compiled]"``. The first
call for each dtype compiles for some seconds; numba keeps the result on disk for the processes to come.

Large arrays are spread over as many threads as the process may use, or as the environment variable
``MINISOFTMAX_NUM_THREADS`` says. The threads are Python's own, so those of PyTorch and of NumPy's BLAS are left alone.

Arguments, results and errors are those of `minisoftmax.core`, to within a few eps. What the kernel does not do goes
there: ``where``, float16, longdouble, and axes that do not lie side by side in memory. A result lies in memory in the
order of its input.
"""

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from minisoftmax import core
from minisoftmax._arguments import Array, Axis, Floats, as_axes, as_flag, as_floats, as_out, as_temperature

try:
    from numba import njit, types
    from numba.extending import overload
except ImportError as error:
    raise ImportError('minisoftmax.compiled needs numba: pip install "minisoftmax[compiled]"') from error

__all__ = ["log_softmax", "logsumexp", "softmax"]

_PROBS, _LOGS, _TOTAL = 0, 1, 2  # softmax, log_softmax, logsumexp
_RUN = 512  # entries of a row that are added before they join the compensated sum
_SHORT, _WIDE, _BLOCK = 64, 256, 1 << 16  # shorter rows go side by side, so many at once, in blocks of so many entries
_SHARE = 1 << 16  # entries that are worth a thread: to wake one takes some 20 µs
_ONE = np.ones((1, 1, 1))


def softmax(
    x: ArrayLike,
    axis: Axis = -1,
    *,
    temperature: ArrayLike = 1.0,
    where: ArrayLike | None = None,
    out: Array | None = None,
) -> Floats:
    """Turn logits into probabilities, as `minisoftmax.core.softmax` does, several times as fast.

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax.compiled import softmax
    >>> print(softmax([0.0, np.log(3)]).round(6))
    [0.25 0.75]
    """
    result = _run(_PROBS, x, axis, temperature, where, out)
    return core.softmax(x, axis, temperature=temperature, where=where, out=out) if result is None else result


def log_softmax(
    x: ArrayLike,
    axis: Axis = -1,
    *,
    temperature: ArrayLike = 1.0,
    where: ArrayLike | None = None,
    out: Array | None = None,
) -> Floats:
    """Return the logarithm of softmax, as `minisoftmax.core.log_softmax` does, several times as fast.

    Examples
    --------
    >>> from minisoftmax.compiled import log_softmax
    >>> print(f"{log_softmax([50.0, 0.0])[0]:.6e}")
    -1.928750e-22
    """
    result = _run(_LOGS, x, axis, temperature, where, out)
    return core.log_softmax(x, axis, temperature=temperature, where=where, out=out) if result is None else result


def logsumexp(x: ArrayLike, axis: Axis = -1, *, where: ArrayLike | None = None, keepdims: bool = False) -> Floats:
    """Return the logarithm of a sum of exponentials, as `minisoftmax.core.logsumexp` does, several times as fast.

    Examples
    --------
    >>> from minisoftmax.compiled import logsumexp
    >>> print(logsumexp([1000.0, 1000.0]).round(6))
    1000.693147
    """
    keep = as_flag(keepdims, "keepdims")
    result = _run(_TOTAL, x, axis, 1.0, where, None)
    if result is None:
        return core.logsumexp(x, axis, where=where, keepdims=keep)
    return result if keep else result.squeeze(as_axes(axis, result.ndim))[()]


def _run(make: int, x: ArrayLike, axis: Axis, temperature: ArrayLike, where: Any, out: Any) -> Any:
    """Call the kernel for an array seen as (outer, n, inner); None for what it does not do."""
    array = as_floats(x, "x")
    axes = as_axes(axis, array.ndim)
    if where is not None or array.dtype.char not in "fd" or not array.size or not axes:
        return None
    order = None if array.flags.c_contiguous else sorted(range(array.ndim), key=lambda i: -abs(array.strides[i]))
    places = axes if order is None else sorted(order.index(i) for i in axes)
    scale = as_temperature(temperature, array.shape, axes)
    target = None if out is None else as_out(out, array.shape)
    if places[-1] - places[0] >= len(places) or (scale is not None and scale.dtype.itemsize > 8):
        return None
    if target is not None and target.dtype != array.dtype:
        return None
    if target is not None and np.may_share_memory(target, array):
        array = array.copy()  # LLVM makes slow code of a loop that writes to what it reads
    view, made = array, target
    if order is not None:
        view, made = np.ascontiguousarray(array.transpose(order)), None if target is None else target.transpose(order)
    first, last, shape = places[0], places[-1] + 1, view.shape
    outer, inner = math.prod(shape[:first]), math.prod(shape[last:])
    if scale is not None:
        scale = scale.transpose(order).astype(float, order="C").reshape(outer, 1, inner)
    if make == _TOTAL:
        shape = shape[:first] + (1,) * len(places) + shape[last:]
    if made is None or not made.flags.c_contiguous:
        made = np.empty(shape, array.dtype)
    _share(view.reshape(outer, -1, inner), made.reshape(outer, -1, inner), _ONE if scale is None else scale, make)
    if order is not None:
        made = made.transpose(np.argsort(order))
    if target is not None and not np.may_share_memory(made, target):
        target[...] = made
    return made if out is None else out


def _share(x: Floats, out: Floats, scale: Floats, make: int) -> None:
    """Cut the slices into as many parts as are worth a thread. This thread takes the last one."""
    outer, _, inner = x.shape
    parts = 1 if x.size < 2 * _SHARE else min(_threads(), x.size // _SHARE)
    n = outer if outer >= parts else inner
    edges = [n * part // parts for part in range(parts + 1)]
    spans = [(a, b, 0, inner) if outer >= parts else (0, outer, a, b) for a, b in pairwise(edges)]
    others = [_pool(os.getpid(), parts - 1).submit(_kernel, x, out, scale, make, *span) for span in spans[:-1]]
    _kernel(x, out, scale, make, *spans[-1])
    for other in others:
        other.result()


def _threads() -> int:
    name = "MINISOFTMAX_NUM_THREADS"
    given = os.environ.get(name) or str(len(getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count() or 1))(0)))
    if not given.isdecimal() or int(given) < 1:
        raise ValueError(f"{name} must be an int >= 1, got {given!r}")
    return int(given)


@cache
def _pool(process: int, threads: int) -> ThreadPoolExecutor:
    """Give the threads of a process: a fork has none."""
    return ThreadPoolExecutor(threads, "minisoftmax")


# The kernel, and below it what it is made of. The flags of LLVM let it fuse a product with a sum, and in `_added` alone
# add in another order: nothing may assume that there is no NaN and no infinity.


def _compiled(function: Callable[..., Any]) -> Any:
    """Compile at the first call, and keep it on disk, if there is a folder that can be written to."""
    try:
        return njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:
        return njit(nogil=True, error_model="numpy")(function)


_step = njit(error_model="numpy")
_part = njit(error_model="numpy", forceinline=True)
_loop = njit(error_model="numpy", fastmath={"contract"})
_sum = njit(error_model="numpy", fastmath={"contract", "reassoc"})


@_compiled
def _kernel(x, out, scale, make, start, stop, left, right):  # type: ignore[no-untyped-def]
    outer, n, inner = x.shape
    if inner == 1 and (n > _SHORT or stop - start < 16):
        rows, made, work = x.reshape(outer, n), out.reshape(outer, out.shape[1]), np.empty(_RUN, x.dtype)
        for o in range(start, stop):
            _row(rows[o], made[o], scale[o if scale.size > 1 else 0, 0, 0], make, work)
        return
    some, wide = max(1, _WIDE // inner), min(inner, max(16, _BLOCK // n))
    for o in range(start, stop, some):
        for c in range(left, right, wide):
            at, to = min(o + some, stop), min(c + wide, right)
            block = np.empty((n, at - o, to - c), x.dtype)
            _exchange(x[o:at, :, c:to], block)
            t = np.full((1, at - o, to - c), scale[0, 0, 0])
            if scale.size > 1:
                _exchange(scale[o:at, :, c:to], t)
            p = np.empty_like(block)
            _columns(block.reshape(n, t.size), p.reshape(n, t.size), t.reshape(t.size), make)
            _exchange(p[: out.shape[1]], out[o:at, :, c:to])


@_loop
def _exchange(x, out):  # type: ignore[no-untyped-def]
    """Copy with the first two axes exchanged."""
    for i in range(x.shape[1]):
        if x.shape[2] == 1:  # or LLVM would not see a loop over k alone
            for k in range(x.shape[0]):
                out[i, k, 0] = x[k, i, 0]
        for k in range(x.shape[0] if x.shape[2] > 1 else 0):
            for c in range(x.shape[2]):
                out[i, k, c] = x[k, i, c]


@_part
def _row(x, out, t, make, work):  # type: ignore[no-untyped-def]
    m = _largest(x)
    if t == 1 and m < np.inf:
        _row_below(x, m, m, out, make, work)
        return
    z = np.empty_like(x)
    for i in range(x.size):
        z[i] = _below(x[i], m, t)
    _row_below(z, x.dtype.type(0), m, out, make, work)


@_part
def _row_below(x, m, top, out, make, work):  # type: ignore[no-untyped-def]
    """Go on with a row whose largest entry is m, and was top before it was scaled."""
    total, lost, ones = 0.0, 0.0, -1.0  # the one of the largest stays out, and goes in by log1p
    for i in range(0, x.size, _RUN):
        if make == _PROBS:
            _exponentials(x[i : i + _RUN], m, out[i : i + _RUN])
            total, lost = _carried(total, lost, _added(out[i : i + _RUN]))
        else:
            part = work[: min(_RUN, x.size - i)]
            _exponentials(x[i : i + _RUN], m, part)
            rest, more = _added_apart(part)
            total, lost = _carried(total, lost, rest)
            ones += more
    if make == _PROBS:
        _multiply(out, x.dtype.type(1 / total))
    elif make == _LOGS:
        _subtract(x, m, x.dtype.type(math.log1p(total + ones)), out)
    else:
        out[0] = top + math.log1p(total + ones) if top > -np.inf else np.sum(x)  # −inf, unless there is a NaN


@_loop
def _columns(x, p, t, make):  # type: ignore[no-untyped-def]
    m, work = x[0].copy(), np.zeros((4, t.size), x.dtype)
    total, lost, ones, top = work[0], work[1], work[2], m
    for i in range(1, len(x)):
        _raise(m, x[i])
    if not (np.all(t == 1) and np.all(m < np.inf)):
        m = work[3]
        for i in range(len(x)):
            for c in range(t.size):
                x[i, c] = _below(x[i, c], top[c], t[c])
    for i in range(len(x)):
        _exponentials(x[i], m, p[i])
        _pile(p[i], total, lost, ones, make != _PROBS)
    for c in range(t.size):
        total[c] = 1 / total[c] if make == _PROBS else math.log1p(total[c] + (ones[c] - 1))
    for i in range(len(x)):
        if make == _PROBS:
            _multiply(p[i], total)
        elif make == _LOGS:
            _subtract(x[i], m, total, p[i])
    for c in range(t.size if make == _TOTAL else 0):
        p[0, c] = top[c] + total[c] if top[c] > -np.inf else top[c]


# Steps for a run of entries. What a row has once, columns have in an array.


@_loop
def _exponentials(x, m, p):  # type: ignore[no-untyped-def]
    for i in range(x.size):
        p[i] = _exp(x[i] - _at(m, i))


@_loop
def _subtract(x, m, log, out):  # type: ignore[no-untyped-def]
    for i in range(x.size):
        out[i] = x[i] - _at(m, i) - _at(log, i)


@_loop
def _multiply(p, factor):  # type: ignore[no-untyped-def]
    for i in range(p.size):
        p[i] *= _at(factor, i)


@_sum
def _added(p):  # type: ignore[no-untyped-def]
    total = p.dtype.type(0)
    for i in range(p.size):
        total += p[i]
    return total


@_sum
def _added_apart(p):  # type: ignore[no-untyped-def]
    """Add the ones apart from the other terms, whose digits they would swallow."""
    rest, ones = p.dtype.type(0), p.dtype.type(0)
    for i in range(p.size):
        rest += p[i] - np.floor(p[i])
        ones += np.floor(p[i])
    return rest, ones


@_step
def _pile(p, total, lost, ones, apart):  # type: ignore[no-untyped-def]
    for c in range(p.size):
        one = np.floor(p[c]) if apart else p.dtype.type(0)
        total[c], lost[c] = _carried(total[c], lost[c], p[c] - one)
        ones[c] += one


@_step
def _raise(m, x):  # type: ignore[no-untyped-def]
    for c in range(x.size):
        m[c] = m[c] if m[c] >= x[c] or m[c] != m[c] else x[c]


# Steps for one entry.


@_step
def _carried(total, lost, term):  # type: ignore[no-untyped-def]
    """Add a term to a sum, less what the additions before have added too much (Kahan)."""
    term = term - lost
    after = total + term
    return after, (after - total) - term


@_step
def _below(x, m, t):  # type: ignore[no-untyped-def]
    """Give (x − m) / t in float64, and its limits where t is 0 or m infinite. For a large t, by halves: none overflows."""
    half = 0.5 if t > 1 else 1.0
    distance = x * half - m * half
    distance = distance if distance == -np.inf else distance / (t * half)
    limit = 0.0 if x == m else (-np.inf if x < m else np.nan)
    return limit if (t == 0 or m == np.inf) and m > -np.inf else distance


def _largest(x):  # type: ignore[no-untyped-def]
    """Give the largest entry, or NaN if one has no sign. Ordered as ints, which know no NaN, numbers make vector code."""


def _exp(x):  # type: ignore[no-untyped-def]
    """Give e^x for x <= 0, to about one ulp: 2^k from the bits of k, times a polynomial for the rest.

    A shift of the bits drops all of t but k. It is enlarged by 2^30 or 2^64, so that no power is below the normal
    numbers and only the last product rounds to a subnormal one. NaN stays NaN.
    """


def _at(value, i):  # type: ignore[no-untyped-def]
    """Give entry i of an array, or the number that holds for all."""


@overload(_at, inline="always")
def _(value, i):  # type: ignore[no-untyped-def]
    return (lambda value, i: value[i]) if isinstance(value, types.Array) else (lambda value, i: value)


@overload(_largest)
def _(x):  # type: ignore[no-untyped-def]
    real, whole = (np.float32, np.int32) if x.dtype == types.float32 else (np.float64, np.int64)
    most = whole(np.iinfo(whole).max)
    sign = whole(np.iinfo(whole).bits - 1)

    def largest(x):  # type: ignore[no-untyped-def]
        top = whole(~most)
        for i in range(x.size):
            key = real(x[i]).view(whole)
            key = whole(key ^ ((key >> sign) & most))
            top = key if key > top else top
        return whole(top ^ ((top >> sign) & most)).view(real)

    return largest


@overload(_exp, jit_options={"error_model": "numpy", "fastmath": {"contract"}})
def _(x):  # type: ignore[no-untyped-def]
    return _exp32 if x == types.float32 else _exp64


def _exp32(x):  # type: ignore[no-untyped-def]
    x = np.float32(-104) if x < np.float32(-104) else x
    shift = np.float32(1.5 * 2**23 + 127 + 30)
    t = np.float32(x * np.float32(1.44269504) + shift)
    k = t - shift
    r = x - k * np.float32(0.693359375) + k * np.float32(2.12194440e-4)
    r2 = r * r
    p = (np.float32(0.0416683927) + np.float32(0.00836874079) * r) + np.float32(0.00138145057) * r2
    p = (np.float32(0.49999994) + np.float32(0.166665211) * r) + p * r2
    p = p * r2 + r + np.float32(1)
    return p * np.int32(np.float32(t).view(np.int32) << np.int32(23)).view(np.float32) * np.float32(2.0**-30)


def _exp64(x):  # type: ignore[no-untyped-def]
    x = -746.0 if x < -746.0 else x
    shift = 1.5 * 2.0**52 + 1023 + 64
    t = x * 1.4426950408889634 + shift
    k = t - shift
    r = x - k * 6.93147180369123816490e-01 - k * 1.90821492927058770002e-10
    r2 = r * r
    r4 = r2 * r2
    p = (0.5000000000000011 + 0.16666666666666413 * r) + (0.0416666666665297 + 0.00833333333349466 * r) * r2
    q = (0.0013888888943758102 + 0.0001984126950649729 * r) + (2.4801492959872282e-05 + 2.7557586168900023e-06 * r) * r2
    p = p + (q + (2.763030004198982e-07 + 2.5000207761971416e-08 * r) * r4) * r4
    p = p * r2 + r + 1.0
    return p * np.int64(np.float64(t).view(np.int64) << np.int64(52)).view(np.float64) * 2.0**-64
