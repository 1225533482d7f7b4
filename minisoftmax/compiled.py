"""The functions of `minisoftmax.core` once more, compiled: one visit to memory for each slice, on all cores.

NumPy makes five passes over an array for a softmax. Here one kernel goes through all steps for a slice, or for some
slices side by side, while they are in the cache. It needs numba: ``pip install "minisoftmax[compiled]"``. The first
call for each dtype compiles for some seconds; numba keeps the result on disk for the processes to come.

Large arrays are spread over as many threads as the process may use, or as the environment variable
``MINISOFTMAX_NUM_THREADS`` says. The threads are Python's own, so those of PyTorch and of NumPy's BLAS are left alone.

Arguments, results and errors are those of `minisoftmax.core`, to within a few eps. What the kernel does not do goes
there: ``where``, float16, longdouble, a temperature for each slice, 0 or inf, slices with NaN or +inf, and axes that do
not lie side by side in memory. A result lies in memory in the order of its input. Where ``out`` shares memory with the
input, the result is made apart and copied.
"""

import math
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from minisoftmax import core
from minisoftmax._arguments import Array, Axis, Floats, as_axes, as_flag, as_floats, as_out, as_temperature

try:
    from llvmlite import ir
    from numba import njit, types
    from numba.extending import intrinsic, overload
except ImportError as error:
    raise ImportError('minisoftmax.compiled needs numba: pip install "minisoftmax[compiled]"') from error

__all__ = ["log_softmax", "logsumexp", "softmax"]

_RUN = 512  # entries of a row that are added before they join the compensated sum
_SHORT, _WIDE, _BLOCK = 64, 256, 1 << 15  # shorter rows go side by side, so many at once, in blocks of so many entries
_HUGE = 1e30  # a logit beyond it is the core's: differences might overflow
_SHARE = 1 << 16  # entries that are worth a thread: to wake one takes some 20 µs


def softmax(
    x: ArrayLike,
    axis: Axis = -1,
    *,
    temperature: ArrayLike = 1.0,
    where: ArrayLike | None = None,
    out: Array | None = None,
) -> Floats:
    """Turn logits into probabilities, as `minisoftmax.core.softmax` does, with the same arguments and errors.

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax.compiled import softmax
    >>> print(softmax([0.0, np.log(3)]).round(6))
    [0.25 0.75]
    """
    made = _run("softmax", x, axis, temperature, where, out)
    return core.softmax(x, axis, temperature=temperature, where=where, out=out) if made is None else made


def log_softmax(
    x: ArrayLike,
    axis: Axis = -1,
    *,
    temperature: ArrayLike = 1.0,
    where: ArrayLike | None = None,
    out: Array | None = None,
) -> Floats:
    """Return the logarithm of softmax, as `minisoftmax.core.log_softmax` does, with the same arguments and errors.

    Examples
    --------
    >>> from minisoftmax.compiled import log_softmax
    >>> print(f"{log_softmax([50.0, 0.0])[0]:.6e}")
    -1.928750e-22
    """
    made = _run("log_softmax", x, axis, temperature, where, out)
    return core.log_softmax(x, axis, temperature=temperature, where=where, out=out) if made is None else made


def logsumexp(x: ArrayLike, axis: Axis = -1, *, where: ArrayLike | None = None, keepdims: bool = False) -> Floats:
    """Return the logarithm of a sum of exponentials, as `minisoftmax.core.logsumexp` does, with the same arguments.

    Examples
    --------
    >>> from minisoftmax.compiled import logsumexp
    >>> print(logsumexp([1000.0, 1000.0]).round(6))
    1000.693147
    """
    made = _run("logsumexp", x, axis, 1.0, where, None, keepdims)
    return core.logsumexp(x, axis, where=where, keepdims=keepdims) if made is None else made


def _run(
    name: str, x: ArrayLike, axis: Axis, temperature: ArrayLike, where: Any, out: Any, keepdims: bool = False
) -> Any:
    """Call the kernel for an array seen as (outer, n, inner); None for what it does not do."""
    array = as_floats(x, "x")
    axes, total, keep = as_axes(axis, array.ndim), name == "logsumexp", as_flag(keepdims, "keepdims")
    order = None if array.flags.c_contiguous else sorted(range(array.ndim), key=lambda i: -abs(array.strides[i]))
    places = axes if order is None else sorted(order.index(i) for i in axes)
    if where is not None or array.dtype.char not in "fd" or not array.size or not axes:
        return None
    t = 1.0
    if type(temperature) is not float or temperature != 1:
        scale = as_temperature(temperature, array.shape, axes)
        t = float("nan") if np.ndim(temperature) else 1.0 if scale is None else float(scale.flat[0])
    if not 0 < t < math.inf or places[-1] - places[0] >= len(places):
        return None
    view = array if order is None else np.ascontiguousarray(array.transpose(order))
    target = None if out is None else as_out(out, array.shape)
    first, last, shape = places[0], places[-1] + 1, view.shape
    outer, inner = math.prod(shape[:first]), math.prod(shape[last:])
    n = array.size // (outer * inner)
    if array.size > _SHARE and (n <= 4 or (1 < inner < 16 and outer * inner < _SHORT < n)):
        return None  # many slices of a few entries, or a few long columns: the core is as fast
    if total:
        shape = shape[:first] + (1,) * len(places) + shape[last:]
    # A loop that writes to what it reads would be slow, and some slices are read again.
    fits = target is not None and order is None and target.flags.c_contiguous and target.dtype == array.dtype
    made: Any = target if fits and not np.may_share_memory(target, array) else np.empty(shape, array.dtype)
    given, into, odd = view.reshape(outer, -1, inner), made.reshape(outer, -1, inner), np.empty((outer, inner), bool)
    if _share(given, into, odd, t, total, name == "softmax"):
        slices = getattr(core, name)(np.moveaxis(given, 1, -1)[odd], **({} if total else {"temperature": t}))
        np.moveaxis(into, 1, -1)[odd] = slices[:, None] if total else slices
    result = made if order is None else made.transpose(np.argsort(order))
    if target is not None and made is not target:
        with np.errstate(all="ignore"):
            np.copyto(target, result, casting="same_kind")
    if out is not None:
        return out
    return result.squeeze(axes)[()] if total and not keep else result


def _share(x: Floats, out: Floats, *options: Any) -> bool:
    """Cut the slices into as many parts as are worth a thread, this one too, and tell if any slice is odd."""
    outer, _, inner = x.shape
    parts = min(_threads(), x.size // _SHARE) if x.size >= 2 * _SHARE else 1
    if parts == 1:
        return _kernel(x, out, *options, 0, outer, 0, inner)
    edges = [max(outer, inner) * part // parts for part in range(parts + 1)]
    spans = [(a, b, 0, inner) if outer >= inner else (0, outer, a, b) for a, b in pairwise(edges)]
    others = [_pool(os.getpid(), parts - 1).submit(_kernel, x, out, *options, *span) for span in spans[:-1]]
    return _kernel(x, out, *options, *spans[-1]) | any(list(map(Future.result, others)))


def _threads() -> int:
    name = "MINISOFTMAX_NUM_THREADS"
    ours = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    given = os.environ.get(name) or str(ours)
    if not given.isdecimal() or int(given) < 1:
        raise ValueError(f"{name} must be an int >= 1, got {given!r}")
    return int(given)


@cache
def _pool(process: int, threads: int) -> ThreadPoolExecutor:
    """Give the threads of a process: a fork has none."""
    return ThreadPoolExecutor(threads, "minisoftmax")


# The kernel, and what it is made of. It tells of slices that are odd: with a NaN, +inf, or a logit so large that
# differences may overflow. LLVM may fuse a product with a sum, and in `_added` alone add in another order: nothing may
# assume that there is no NaN and no infinity.


def _compiled(function: Callable[..., Any]) -> Any:
    """Compile at the first call, and keep it on disk, if there is a folder that can be written to."""
    try:
        return njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:
        return njit(nogil=True, error_model="numpy")(function)


_part = njit(error_model="numpy", forceinline=True)
_loop = njit(error_model="numpy", fastmath={"contract"})
_sum = njit(error_model="numpy", fastmath={"contract", "reassoc"})


@_compiled
def _kernel(x, out, odd, t, total, probs, start, stop, left, right):
    outer, n, inner = x.shape
    any_odd = False
    if inner == 1 and (n > _SHORT or stop - start < 16):
        rows, made, work = x.reshape(outer, n), out.reshape(outer, out.shape[1]), np.empty(_RUN, x.dtype)
        for o in range(start, stop):
            odd[o, 0] = not _row(rows[o], made[o], t, total, probs, work) < _HUGE
            any_odd |= odd[o, 0]
        return any_odd
    some = max(1, _WIDE // inner) if right - left == inner else 1
    wide = min(inner, max(_BLOCK // n, min(4 * _WIDE, 128 * _BLOCK // n), 16))
    blocks = np.empty((2, n * some * wide), x.dtype)
    for o in range(start, stop, some):
        for c in range(left, right, wide):
            at, to = min(o + some, stop), min(c + wide, right)
            shape = n, at - o, to - c
            size = shape[1] * shape[2]
            block, p = blocks[0, : n * size].reshape(n, size), blocks[1, : n * size].reshape(n, size)
            if some > 1:
                _exchange(x[o:at], block.reshape(shape))
            else:
                for i in range(n):
                    _copy(x[o, i, c:to], block[i])
            m = _columns(block, p, t, total, probs)
            if some > 1:
                _exchange(p.reshape(shape)[: out.shape[1]], out[o:at])
            else:
                for i in range(out.shape[1]):
                    _copy(p[i], out[o, i, c:to])
            any_odd |= _mark(m.reshape(shape[1:]), odd[o:at, c:to])
    return any_odd


@_loop
def _mark(m, odd):
    found = False
    for k in range(m.shape[0]):
        for c in range(m.shape[1]):
            odd[k, c] = not m[k, c] < _HUGE
            found |= odd[k, c]
    return found


@_loop
def _copy(x, out):
    for i in range(x.size):
        out[i] = x[i]


@_loop
def _exchange(x, out):
    """Copy with the first two axes exchanged."""
    for i in range(x.shape[1]):
        if x.shape[2] == 1:  # or LLVM would not see a loop over k alone
            for k in range(x.shape[0]):
                out[i, k, 0] = x[k, i, 0]
        for k in range(x.shape[0] if x.shape[2] > 1 else 0):
            for c in range(x.shape[2]):
                out[i, k, c] = x[k, i, c]


@_part
def _row(x, out, t, total, probs, work):
    m = x.dtype.type(-np.inf)
    for i in range(x.size):
        m = _larger(m, x[i])
    rest, lost, ones = 0.0, 0.0, 0.0
    for i in range(0, x.size, _RUN):
        if probs:
            _exponentials(x[i : i + _RUN], m, t, out[i : i + _RUN])
            rest, lost = _carried(rest, lost, _added(out[i : i + _RUN], False)[0])
        else:
            _exponentials(x[i : i + _RUN], m, t, work[: min(_RUN, x.size - i)])
            term, more = _added(work[: min(_RUN, x.size - i)], True)
            rest, lost = _carried(rest, lost, term)
            ones += more
    if probs:
        _multiply(out, x.dtype.type(1 / rest))
        return m
    log = m if m == -np.inf else x.dtype.type(math.log1p(rest + (ones - 1)))
    if total:
        out[0] = m + log
    else:
        _subtract(x, m, t, log, out)
    return m


@_loop
def _columns(x, p, t, total, probs):
    m, work = x[0].copy(), np.zeros((3, x.shape[1]), x.dtype)
    rest, lost, ones = work[0], work[1], work[2]
    for i in range(1, len(x)):
        for c in range(m.size):
            m[c] = _larger(m[c], x[i, c])
    for i in range(len(x)):
        _exponentials(x[i], m, t, p[i])
        _pile(p[i], rest, lost, ones, not probs)
    if probs:
        for c in range(m.size):
            rest[c] = 1 / rest[c]
    else:
        for c in range(m.size):
            rest[c] = m[c] if m[c] == -np.inf else math.log1p(rest[c] + (ones[c] - 1))
    for i in range(len(x)):
        if probs:
            _multiply(p[i], rest)
        elif total:
            p[0] = m + rest
        else:
            _subtract(x[i], m, t, rest, p[i])
    return m


# Steps for a run of entries. What a row has once, columns have in an array.


@_loop
def _exponentials(x, m, t, p):
    if t == 1:
        for i in range(x.size):
            p[i] = _exp(x[i] - _at(m, i))
    else:
        for i in range(x.size):
            p[i] = (x[i] - _at(m, i)) / t
        for i in range(x.size):
            p[i] = _exp(p[i])


@_loop
def _subtract(x, m, t, log, out):
    if t == 1:
        for i in range(x.size):
            out[i] = x[i] - _at(m, i) - _at(log, i)
    else:
        for i in range(x.size):
            out[i] = (x[i] - _at(m, i)) / t
        for i in range(x.size):
            out[i] -= _at(log, i)


@_loop
def _multiply(p, factor):
    for i in range(p.size):
        p[i] *= _at(factor, i)


@_sum
def _added(p, apart):
    """Add terms: the ones apart from the others, if asked to, or they would swallow the digits of those."""
    rest, ones = p.dtype.type(0), p.dtype.type(0)
    for i in range(p.size):
        one = np.floor(p[i]) if apart else p.dtype.type(0)
        rest += p[i] - one
        ones += one
    return rest, ones


@_loop
def _pile(p, rest, lost, ones, apart):
    """Add terms to those of the same column, likewise."""
    for c in range(p.size):
        one = np.floor(p[c]) if apart else p.dtype.type(0)
        rest[c], lost[c] = _carried(rest[c], lost[c], p[c] - one)
        ones[c] += one


# Steps for one entry.


@njit(error_model="numpy")
def _carried(total, lost, term):
    """Add a term to a sum, less what the additions before have added too much (Kahan)."""
    term = term - lost
    after = total + term
    return after, (after - total) - term


@intrinsic
def _larger(context, a, b):
    """Give the larger of two numbers, or NaN, by an instruction that makes vector code."""

    def generate(context, builder, signature, args):
        kind = ir.FunctionType(args[0].type, [args[0].type] * 2)
        maximum = builder.module.declare_intrinsic("llvm.maximum", [args[0].type], kind)
        return builder.call(maximum, args, fastmath=["nsz"])

    return a(a, b), generate


def _at(value, i):
    """Give entry i of an array, or the number that holds for all."""


@overload(_at, inline="always")
def _(value, i):
    return (lambda value, i: value[i]) if isinstance(value, types.Array) else (lambda value, i: value)


def _exp(x):
    """Give e^x for x <= 0, to about one ulp: 2^k from the bits of k, times a polynomial for the rest.

    A shift of the bits drops all of t but k. It is enlarged by 2^30 or 2^64, so that no power is below the normal
    numbers and only the last product rounds to a subnormal one. NaN stays NaN.
    """


@overload(_exp, jit_options={"error_model": "numpy", "fastmath": {"contract"}})
def _(x):
    return _exp32 if x == types.float32 else _exp64


def _exp32(x):
    x = _larger(x, np.float32(-104))
    shift = np.float32(1.5 * 2**23 + 127 + 30)
    t = np.float32(x * np.float32(1.44269504) + shift)
    k = t - shift
    r = x - k * np.float32(0.693359375) + k * np.float32(2.12194440e-4)
    r2 = r * r
    p = (np.float32(0.0416683927) + np.float32(0.00836874079) * r) + np.float32(0.00138145057) * r2
    p = (np.float32(0.49999994) + np.float32(0.166665211) * r) + p * r2
    p = p * r2 + r + np.float32(1)
    return p * np.int32(np.float32(t).view(np.int32) << np.int32(23)).view(np.float32) * np.float32(2.0**-30)


def _exp64(x):
    x = _larger(x, -746.0)
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
