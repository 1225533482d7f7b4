"""The functions of `minisoftmax.core` once more, compiled: one visit to memory for each slice, on all cores.

NumPy makes five passes over an array for a softmax. Here one kernel goes through all steps for a slice, or for some
slices side by side, while they are in the cache. It needs numba: ``pip install "minisoftmax[compiled]"``. The first
call for each dtype compiles for some seconds; numba keeps the result on disk for the processes to come.

Large arrays are spread over as many threads as the process may use, or as the environment variable
``MINISOFTMAX_NUM_THREADS`` says. The threads are Python's own, so those of PyTorch and of NumPy's BLAS are left alone.

Arguments, results and errors are those of `minisoftmax.core`, to within a few eps. What the kernels do not do goes
there: ``where``, float16, longdouble, temperatures that differ or are infinite, axes that are not neighbors, and the
logarithms of many slices of a few entries. An array that does not lie in memory row by row is copied first.
"""

import math
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from minisoftmax import core
from minisoftmax._arguments import Array, Axis, Floats, as_axes, as_flag, as_floats, as_out, as_temperature, require

try:
    from llvmlite import ir
    from numba import extending, njit, types
except ImportError as error:
    raise ImportError('minisoftmax.compiled needs numba: pip install "minisoftmax[compiled]"') from error

__all__ = ["log_softmax", "logsumexp", "softmax"]

# Slices up to _SHORT, with less than _FEW entries of others between theirs, are worked on side by side even where they
# lie one after the other; _WIDE slices at once, or as many as make a block of _BLOCK entries. _RUN entries of a row are
# added before they join the compensated sum. Threads take turns at _SHARE entries, from four such parts on: to wake one
# takes some 20 to 70 µs, and the others go on meanwhile. All exponentials are 2^_UP times as large, until the division.
_SHORT, _FEW, _WIDE, _BLOCK, _RUN, _SHARE, _UP = 32, 16, 512, 1 << 20, 256, 1 << 16, 64


def softmax(
    x: ArrayLike, axis: Axis = -1, *, temperature: ArrayLike = 1.0, where: Any = None, out: Array | None = None
) -> Floats:
    """Turn logits into probabilities, as `minisoftmax.core.softmax` does, with the same arguments and errors.

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax.compiled import softmax
    >>> print(softmax([0.0, np.log(3)]).round(6))
    [0.25 0.75]
    """
    return _run(core.softmax, x, axis, temperature, where, out)


def log_softmax(
    x: ArrayLike, axis: Axis = -1, *, temperature: ArrayLike = 1.0, where: Any = None, out: Array | None = None
) -> Floats:
    """Return the logarithm of softmax, as `minisoftmax.core.log_softmax` does, with the same arguments and errors.

    Examples
    --------
    >>> from minisoftmax.compiled import log_softmax
    >>> print(f"{log_softmax([50.0, 0.0])[0]:.6e}")
    -1.928750e-22
    """
    return _run(core.log_softmax, x, axis, temperature, where, out)


def logsumexp(x: ArrayLike, axis: Axis = -1, *, where: ArrayLike | None = None, keepdims: bool = False) -> Floats:
    """Return the logarithm of a sum of exponentials, as `minisoftmax.core.logsumexp` does, with the same arguments.

    Examples
    --------
    >>> from minisoftmax.compiled import logsumexp
    >>> print(logsumexp([1000.0, 1000.0]).round(6))
    1000.693147
    """
    return _run(core.logsumexp, x, axis, 1.0, where, None, as_flag(keepdims, "keepdims"))


def _run(plain: Any, x: ArrayLike, axis: Axis, given: Any, where: Any, out: Any, keep: Any = None) -> Floats:
    """Call a kernel, or the function of the core for what the kernels do not do."""
    array = as_floats(x, "x")
    axes = as_axes(axis, array.ndim)
    scale = as_temperature(given, array.shape, axes)
    plan = _plan(plain, array.shape, axes, keep) if array.dtype.char in "fd" else None
    if not plan or where is not None or not (scale is None or (np.ndim(given) == 0 and given < math.inf)):
        return plain(x, axis, where=where, **{"temperature": given, "out": out} if keep is None else {"keepdims": keep})
    target: Any = None if out is None else as_out(out, array.shape)
    free = out is not None and target.flags.c_contiguous and not np.may_share_memory(target, array)
    made = target if free and target.dtype == array.dtype else np.empty(plan[0], array.dtype)
    halves = None if given == 1 else (0.5, float(given) / 2) if given > 1 else (1.0, abs(float(given)))
    _share(*plan[1:], array.reshape(-1), made.reshape(-1), halves)
    if made is not target is not None:
        np.errstate(all="ignore")(np.copyto)(target, made, casting="same_kind")
    return made[()] if out is None else out


@lru_cache(256)
def _plan(plain: Any, shape: tuple[int, ...], axes: tuple[int, ...], keep: bool | None) -> Any:
    """Give the shape of the result, and what works on an array seen as (outer, n, inner); None if the core shall."""
    first, last = (axes[0], axes[-1] + 1) if axes else (0, 0)
    outer, n, inner = math.prod(shape[:first]), math.prod(shape[first:last]), math.prod(shape[last:])
    probs, total = plain is core.softmax, plain is core.logsumexp
    # One logarithm for a few entries: NumPy has vector code for it. And in columns, float32 counts to 2^24.
    slow = n <= 6 and outer * inner > 1 << 10 and not probs and (inner >= _FEW or not total)
    if slow or (n > 1 << 24 and inner > 1) or not len(axes) == last - first > 0 < outer * n * inner:
        return None
    result = shape[:first] + (1,) * (len(axes) if keep else 0) + shape[last:] if total else shape
    steps = [n * inner, inner, 1, inner if total else n * inner, 1]
    if inner < _FEW <= outer and n <= _SHORT:
        outer, inner, steps = inner, outer, [steps[i] for i in (2, 1, 0, 4, 3)]
    wide = min(inner, max(_FEW, min(_WIDE, _BLOCK // n)))
    columns = outer * -(-inner // wide), _columns, (probs, total, n, inner, wide, *steps)
    return result, *(columns if inner > 1 else (outer, _rows, (probs, total, n)))


def _share(units: int, kernel: Any, sizes: Any, x: Floats, *data: Any) -> Any:
    """Cut the work into parts, at which as many threads as there may be take turns, this one too."""
    if x.size < 4 * _SHARE:
        return kernel(x, *data, *sizes, 0, units)
    ours = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    given = os.environ.get("MINISOFTMAX_NUM_THREADS") or str(ours or 1)
    require(given.isdecimal() and int(given) > 0, given, "MINISOFTMAX_NUM_THREADS must be an int >= 1")
    turns = iter(range(parts := min(units, x.size // _SHARE)))

    def work() -> Any:
        return [kernel(x, *data, *sizes, units * i // parts, units * (i + 1) // parts) for i in turns]

    others = [_pool(os.getpid(), int(given)).submit(work) for _ in range(min(int(given), parts) - 1)]
    return [work(), *(other.cancel() or other.result() for other in others)]


_pool = cache(lambda process, threads: ThreadPoolExecutor(threads, "minisoftmax"))  # of a process: a fork has none


# The kernels: whole rows one after the other, or columns side by side in a block of their own, with entry i of slice
# (o, c) at o so + i sn + c si. In them LLVM may fuse a product with a sum, and add in another order; in the steps they
# are made of, which come after, the order holds. Nothing may assume that there is no NaN and no infinity. Loops become
# vector code: one array each, indices that are known not to be negative, choices between constants.


def _compiled(function: Any) -> Any:
    """Compile at the first call, and keep it on disk, if there is a folder that can be written to."""
    options = {"nogil": True, "error_model": "numpy", "fastmath": {"contract", "reassoc", "nsz"}}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:
        return njit(**options)(function)


@_compiled
def _rows(x, out, scale, probs, total, n, start, stop):
    real, work, spare = x.dtype.type, np.empty(_RUN, x.dtype), np.empty(_RUN, x.dtype)
    for o in range(start, stop):
        row, made, m = x[o * n : o * n + n], out[o : o + 1] if total else out[o * n : o * n + n], real(-np.inf)
        for i in range(n):
            m = _larger(m, row[i])
        rest, lost, ones = 0.0, 0.0, 0.0
        for a in range(0, n, _RUN):
            run, p, terms, more = row[a : a + _RUN], spare if total else made[a : a + _RUN], real(0), real(0)
            for i in range(run.size):
                p[i], work[i], one = _terms(run[i], m, scale, real, probs)
                more += one
            for i in range(run.size):  # without a store, or its order would depend on where the arrays lie
                terms += work[i]
            ones, rest, lost = _added(ones, rest, lost, more, terms)
        a, b = _ending(m, rest, ones, probs, total)
        for i in range(made.size):
            made[i] = real(b) if total else made[i] * real(a) - real(b)


@_compiled
def _columns(x, out, scale, probs, total, n, inner, wide, so, sn, si, to, ti, start, stop):
    kind, across = x.dtype, -(-inner // wide)
    block, m, ones = np.empty((n, wide), kind), np.empty(wide, kind), np.empty(wide, kind)
    rest, lost = np.empty(wide, kind), np.empty(wide, kind)
    for unit in range(start, stop):
        o, c, w = unit // across, unit % across * wide, min(wide, inner - unit % across * wide)
        m[:], ones[:], rest[:], lost[:] = -np.inf, 0, 0, 0
        for i in range(n):
            for k in range(w):
                p = x[np.uintp(o * so + i * sn + (c + k) * si)]
                block[i, k], m[k] = p, _larger(m[k], p)
        for i in range(n):
            for k in range(w):
                block[i, k], term, one = _terms(block[i, k], m[k], scale, kind.type, probs)
                ones[k], rest[k], lost[k] = _added(ones[k], rest[k], lost[k], one, term)
        for k in range(w):
            rest[k], lost[k] = _ending(m[k], rest[k], ones[k], probs, total)
        for i in range(1 if total else n):
            for k in range(w):
                out[np.uintp(o * to + i * sn + (c + k) * ti)] = lost[k] if total else block[i, k] * rest[k] - lost[k]


_step = njit(error_model="numpy", fastmath={"contract", "nsz"})


@_step
def _terms(x, m, scale, real, probs):
    """Give what is to be kept, e^((x − m) / T) or its logarithm; e^((x − m) / T) unless that is 1; and how many 1s."""
    # An infinity is not below itself; and halves are subtracted where a large T divides more than the largest number.
    z = real(0) if x == m else x - m if scale is None else real((x * real(scale[0]) - m * real(scale[0])) / scale[1])
    e, other = _exp(z), real(0 if x == m else 1)
    return (e, e, real(0)) if probs else (z, e * other, real(1) - other)


@_step
def _added(ones, rest, lost, one, term):
    """Add a term to a sum, less what the additions before have added too much (Kahan); and count ones."""
    after = rest + (term - lost)
    return ones + one, after, (after - rest) - (term - lost)


@_step
def _ending(m, rest, ones, probs, total):
    """Give what the kept of a slice is multiplied by, and what is taken from it; or its total."""
    one = 1.0 if m > -np.inf else np.nan
    if probs:
        return one / rest, 0.0
    value = math.log1p(rest * 2.0**-_UP + (ones - 1))
    return one, m + value if total else value


@extending.intrinsic
def _larger(context, a, b):
    """Give the larger of two numbers, or NaN, by an instruction that makes vector code."""

    def generate(context, builder, signature, args):
        kind = ir.FunctionType(args[0].type, [args[0].type] * 2)
        maximum = builder.module.declare_intrinsic("llvm.maximum", [args[0].type], kind)
        return builder.call(maximum, args, fastmath=["nsz"])

    return a(a, b), generate


@extending.intrinsic
def _fused(context, a, b, c):
    """Give a b + c, rounded once."""
    return a(a, b, c), lambda context, builder, signature, args: builder.fma(*args)


def _exp(x):
    """Give 2^64 e^x for x <= 0, to about one ulp: 2^k from the bits of k, times a polynomial for 2^r, |r| <= 1/2.

    A shift of the bits drops all of t but k. Enlarged, no power is below the normal numbers, where digits are lost; the
    sum of a slice is as large, so that only its last product rounds to a subnormal number. NaN stays NaN.
    """


@extending.overload(_exp, jit_options={"error_model": "numpy", "fastmath": {"contract"}})
def _(x):
    real, bits, numbers = (np.float32, np.int32, _SINGLE) if x == types.float32 else (np.float64, np.int64, _DOUBLE)
    info, terms = np.finfo(real), tuple(map(real, numbers))
    digits, top, log2e = bits(info.nmant), real(info.maxexp - 1 + _UP), real(1 / math.log(2))
    low, shift = real(1 / math.log(2) - float(log2e) + 2.0355273740931033e-17), real(1.5 * 2**info.nmant) + top

    def power(x):
        x = _larger(x, -top / log2e)
        t = x * log2e + shift
        r, p = _fused(x, log2e, shift - t) + x * low, terms[0]
        for term in terms[1:]:
            p = p * r + term
        return p * bits(real(t).view(bits) << digits).view(real)

    return power


# The coefficients of 2^r, nearly the best there are (Remez).
_SINGLE = (1.69230771e-4, 1.34350860e-3, 9.61273629e-3, 5.55020608e-2, 2.40226954e-1, 6.93147302e-1, 1)
_DOUBLE: Any = (4.07964e-10, 7.072026e-9, 1.01805581e-7, 1.321544552e-6, 1.5252727822e-5, 1.540353043668e-4)
_DOUBLE += (1.3333558152708e-3, 9.61812910761006e-3, 5.55041086647949e-2, 0.24022650695910092, 0.6931471805599456, 1)
