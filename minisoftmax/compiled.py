"""The functions of `minisoftmax.core` once more, compiled: one visit to memory for each slice, on all cores.

NumPy makes five passes over an array for a softmax. Here one kernel goes through all steps for a slice, or for some
slices side by side, while they are in the cache. It needs numba: ``pip install "minisoftmax[compiled]"``. The first
call for each dtype compiles for some seconds; numba keeps the result on disk for the processes to come.

Large arrays are spread over as many threads as the process may use, or as the environment variable
``MINISOFTMAX_NUM_THREADS`` says. The threads are Python's own, so those of PyTorch and of NumPy's BLAS are left alone.

Arguments, results and errors are those of `minisoftmax.core`, to within a few eps. What the kernels do not do goes
there: ``where``, float16, longdouble, a temperature other than 1, axes that are not neighbors, and many
slices of a few entries, which the core does as fast. An array that does not lie in memory row by row is copied first.
"""

import math
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from minisoftmax import core
from minisoftmax._arguments import Array, Axis, Floats, as_axes, as_flag, as_floats, as_integer, as_out, as_temperature

try:
    from llvmlite import ir
    from numba import extending, njit, types
except ImportError as error:
    raise ImportError('minisoftmax.compiled needs numba: pip install "minisoftmax[compiled]"') from error

__all__ = ["log_softmax", "logsumexp", "softmax"]

_RUN = 256  # entries of a row that are added before they join the compensated sum
_WIDE, _BLOCK = 1 << 10, 1 << 22  # so many columns go side by side, or as many as make a block of so many entries
_SHARE = 1 << 16  # entries that are worth a thread: to wake one takes some 20 µs


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
    return _run(core.softmax, x, axis, temperature=temperature, where=where, out=out)


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
    return _run(core.log_softmax, x, axis, temperature=temperature, where=where, out=out)


def logsumexp(x: ArrayLike, axis: Axis = -1, *, where: ArrayLike | None = None, keepdims: bool = False) -> Floats:
    """Return the logarithm of a sum of exponentials, as `minisoftmax.core.logsumexp` does, with the same arguments.

    Examples
    --------
    >>> from minisoftmax.compiled import logsumexp
    >>> print(logsumexp([1000.0, 1000.0]).round(6))
    1000.693147
    """
    return _run(core.logsumexp, x, axis, where=where, keepdims=keepdims)


def _run(function: Any, x: ArrayLike, axis: Axis, **options: Any) -> Floats:
    """Call a kernel for an array seen as (outer, n, inner), or the function of the core for what they do not do."""
    array, out, keep = as_floats(x, "x"), options.get("out"), as_flag(options.get("keepdims", False), "keepdims")
    axes, shape, size, total = as_axes(axis, array.ndim), array.shape, array.size, function is core.logsumexp
    scale = as_temperature(options.get("temperature", 1.0), shape, axes)
    before, after = (shape[: axes[0]], shape[axes[-1] + 1 :]) if axes else ((), ())
    outer, n, inner = math.prod(before), math.prod(shape[i] for i in axes), math.prod(after)
    few = n <= 32 if inner == 1 else n <= 4 or (inner < 16 and outer * inner < 64 < n)
    together = len(before + axes + after) == len(shape) and array.dtype.char in "fd" and size * len(axes) > 0
    if not together or scale is not None or options["where"] is not None or (few and size > _SHARE // 4):
        return function(x, axis, **options)
    free = out is not None and as_out(out, shape).flags.c_contiguous and not np.may_share_memory(out, array)
    made: Any = out if free and out.dtype == array.dtype else np.empty((outer, 1 if total else n, inner), array.dtype)
    view, into = np.ascontiguousarray(array).reshape(outer, n, inner), made.reshape(outer, -1, inner)
    _share(_rows if inner == 1 else _columns, view, into, function is core.softmax, total)
    if out is not None and made is not out:
        with np.errstate(all="ignore"):
            np.copyto(out, made.reshape(shape), casting="same_kind")
    return out if out is not None else made.reshape(before + (1,) * (len(axes) * keep) + after if total else shape)[()]


def _share(kernel: Any, x: Floats, out: Floats, *options: Any) -> Any:
    """Cut the slices into as many parts as are worth a thread, this one too."""
    outer, _, inner = x.shape
    if x.size < 2 * _SHARE:
        return kernel(x, out, *options, 0, outer, 0, inner)
    parts = min(_threads(), x.size // _SHARE)
    edges = [max(outer, inner) * part // parts for part in range(parts + 1)]
    spans = [(*edges[i : i + 2], 0, inner) if outer >= inner else (0, outer, *edges[i : i + 2]) for i in range(parts)]
    others = [_pool(os.getpid(), parts).submit(kernel, x, out, *options, *span) for span in spans[1:]]
    return [kernel(x, out, *options, *spans[0]), *(other.result() for other in others)]


def _threads() -> int:
    ours = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    given = os.environ.get("MINISOFTMAX_NUM_THREADS") or str(ours or 1)
    return as_integer(int(given) if given.isdecimal() else given, "MINISOFTMAX_NUM_THREADS", least=1)


_pool = cache(lambda process, threads: ThreadPoolExecutor(threads, "minisoftmax"))  # of a process: a fork has none


# The kernels. In them LLVM may fuse a product with a sum, and add in another order; in the steps they are made of,
# which come after, the order holds. Nothing may assume that there is no NaN and no infinity.


def _compiled(function: Any) -> Any:
    """Compile at the first call, and keep it on disk, if there is a folder that can be written to."""
    options = {"nogil": True, "error_model": "numpy", "fastmath": {"contract", "reassoc"}}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:
        return njit(**options)(function)


@_compiled
def _rows(x, out, probs, total, start, stop, left, right):
    zero, work = x.dtype.type(0), np.empty(_RUN, x.dtype)
    for o in range(start, stop):
        row, made, m = x.reshape(x.shape[:2])[o], out.reshape(out.shape[:2])[o], x.dtype.type(-np.inf)
        for i in range(row.size):
            m = _larger(m, row[i])
        rest, lost, ones = 0.0, 0.0, 0.0
        for a in range(0, row.size, _RUN):
            run, p, terms, more = row[a : a + _RUN], work if total else made[a : a + _RUN], zero, zero
            for i in range(run.size):
                term, one, p[i] = _terms(run[i], m, zero, probs)
                terms, more = terms + term, more + one
            rest, lost, ones = _carried(rest, lost, ones, terms, more)
        value = x.dtype.type(_value(m, rest, ones, probs, total))
        for i in range(made.size):
            made[i] = value if total else made[i] * value if probs else made[i] - value


@_compiled
def _columns(x, out, probs, total, start, stop, left, right):
    n, wide = x.shape[1], min(right - left, max(min(_WIDE, _BLOCK // x.shape[1]), 16))
    block, m, sums, zero = (
        np.empty((n, wide), x.dtype),
        np.empty(wide, x.dtype),
        np.empty((3, wide), x.dtype),
        x.dtype.type(0),
    )
    for o in range(start, stop):
        for c in range(left, right, wide):
            m[:], sums[:] = -np.inf, 0
            w, rest, lost, ones = min(wide, right - c), sums[0], sums[1], sums[2]
            for i in range(n):
                line, p = x[o, i, c : c + w], block[i]
                for k in range(w):
                    p[k], m[k] = line[k], _larger(m[k], line[k])
            for i in range(n):
                p = block[i]
                for k in range(w):
                    term, one, p[k] = _terms(p[k], m[k], zero, probs)
                    rest[k], lost[k], ones[k] = _carried(rest[k], lost[k], ones[k], term, one)
            for k in range(w):
                rest[k] = _value(m[k], rest[k], ones[k], probs, total)
            for i in range(out.shape[1]):
                p, made = block[i], out[o, i, c : c + w]
                for k in range(w):
                    made[k] = rest[k] if total else p[k] * rest[k] if probs else p[k] - rest[k]


_step = njit(error_model="numpy", fastmath={"contract"})


@_step
def _terms(x, m, zero, probs):
    """Give e^(x − m) less 1 if it is 1, how many ones that is, and what is to be kept."""
    d = zero if x == m else x - m  # an infinity is not below itself
    e = _exp(d)
    return e - np.floor(e), np.floor(e), e if probs else d


@_step
def _value(m, rest, ones, probs, total):
    """Give the factor of the exponentials of a slice, or the logarithm of their sum, or its total."""
    if m == -np.inf or probs:
        return m if total else m - m if m == -np.inf else 1 / (rest + ones)
    return (m if total else rest * 0) + math.log1p(rest + (ones - 1))


@_step
def _carried(rest, lost, ones, term, one):
    """Add a term to a sum, less what the additions before have added too much (Kahan); and count ones."""
    after = rest + (term - lost)
    return after, (after - rest) - (term - lost), ones + one


@extending.intrinsic
def _larger(context, a, b):
    """Give the larger of two numbers, or NaN, by an instruction that makes vector code."""

    def generate(context, builder, signature, args):
        kind = ir.FunctionType(args[0].type, [args[0].type] * 2)
        maximum = builder.module.declare_intrinsic("llvm.maximum", [args[0].type], kind)
        return builder.call(maximum, args, fastmath=["nsz"])

    return a(a, b), generate


def _exp(x):
    """Give e^x for x <= 0, to about one ulp: 2^k from the bits of k, times a polynomial for the rest.

    A shift of the bits drops all of t but k. It is enlarged by 2^30 or 2^64, so that no power is below the normal
    numbers and only the last product rounds to a subnormal one. NaN stays NaN.
    """


@extending.overload(_exp, jit_options={"error_model": "numpy", "fastmath": {"contract"}})
def _(x):
    real, bits, numbers = (np.float32, np.int32, _SINGLE) if x == types.float32 else (np.float64, np.int64, _DOUBLE)
    lowest, shift, log2e, high, low, shrink, one, *rest = map(real, numbers)
    digits, terms = bits(np.finfo(real).nmant), tuple(rest)

    def power(x):
        x = _larger(x, lowest)
        t = x * log2e + shift
        r, p = x - (t - shift) * high - (t - shift) * low, terms[0]
        for term in terms[1:]:
            p = p * r + term
        return (p * r * r + r + one) * bits(real(t).view(bits) << digits).view(real) * shrink

    return power


# The lowest x; what leaves k, its bias and the enlargement in the last bits of t; log2 e; ln 2 in two parts; what
# undoes the enlargement; 1; and the coefficients for the rest.
_SINGLE = (
    *(-104, 1.5 * 2**23 + 127 + 30, 1.44269504, 0.693359375, -2.12194440e-4, 2.0**-30, 1, 0.00138145057),
    *(0.00836874079, 0.0416683927, 0.166665211, 0.49999994),
)
_DOUBLE = (
    *(-746, 1.5 * 2**52 + 1023 + 64, 1.4426950408889634, 6.93147180369123816490e-01, 1.90821492927058770002e-10),
    *(2.0**-64, 1, 2.5000207761971416e-08, 2.763030004198982e-07, 2.7557586168900023e-06, 2.4801492959872282e-05),
    *(1.984126950649729e-4, 1.3888888943758102e-3, 8.33333333349466e-3, 0.0416666666665297, 0.16666666666666413),
    0.5000000000000011,
)
