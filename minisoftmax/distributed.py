"""Softmax of Dask arrays: data that lies on many machines, or is larger than the memory of one.

Each chunk is seen once by an `minisoftmax.streaming.OnlineLogSumExp`, wherever it lies; these states, two numbers
for each slice, are merged in a tree; then each chunk is normalized. Nothing is computed before the result is. It needs
Dask:
``pip install "minisoftmax[distributed]"``.

The second pass computes the chunks of ``x`` again, so that a worker holds a few chunks, however many there are. So they
must come out the same twice: call ``x.persist()`` before if they do not, or if they take long and there is room.
"""

from collections.abc import Callable, Iterable
from functools import partial, reduce
from typing import Any

import numpy as np

from minisoftmax._arguments import Axis, Floats, as_axes, float_dtype
from minisoftmax.streaming import OnlineLogSumExp

try:
    import dask.array as da
    from dask._task_spec import DataNode, convert_legacy_graph
    from dask.base import clone_key, optimize, tokenize
    from dask.highlevelgraph import HighLevelGraph
except ImportError as error:
    raise ImportError('minisoftmax.distributed needs Dask: pip install "minisoftmax[distributed]"') from error

__all__ = ["log_softmax", "logsumexp", "softmax"]

Array = Any  # dask.array.Array, of a library without types

_MERGED_AT_ONCE = 8


def softmax(x: Array, axis: Axis = -1) -> Array:
    """Turn logits into probabilities along any axes of a Dask array, chunked in any way.

    Parameters
    ----------
    x : dask.array.Array of real numbers
        The logits; dtypes and special values as in `minisoftmax.core.softmax`. All sizes of chunks must be known.
    axis : int, tuple of ints or None, default -1
        The axis or axes that sum to 1; None is the whole array.

    Returns
    -------
    dask.array.Array
        Of the shape and chunks of ``x``; lazy, with some four tasks for each chunk.

    Raises
    ------
    TypeError, ValueError
        If ``x`` is no Dask array, has chunks of unknown size, or ``axis`` does not fit.

    Examples
    --------
    >>> import dask.array as da
    >>> from minisoftmax.distributed import softmax
    >>> print(softmax(da.from_array([1000.0, 1000.0, 1000.0, 1000.0], chunks=3)).compute())
    [0.25 0.25 0.25 0.25]
    """
    return _normalized(OnlineLogSumExp.softmax, x, axis)


def log_softmax(x: Array, axis: Axis = -1) -> Array:
    """Return the logarithm of `softmax`; arguments, result and errors are the same.

    Examples
    --------
    >>> import dask.array as da
    >>> from minisoftmax.distributed import log_softmax
    >>> print(f"{log_softmax(da.from_array([50.0, 0.0], chunks=1)).compute()[0]:.6e}")
    -1.928750e-22
    """
    return _normalized(OnlineLogSumExp.log_softmax, x, axis)


def logsumexp(x: Array, axis: Axis = -1) -> Array:
    """Return the logarithm of a sum of exponentials, without ``axis``; arguments and errors as for `softmax`.

    Examples
    --------
    >>> import dask.array as da
    >>> from minisoftmax.distributed import logsumexp
    >>> print(logsumexp(da.from_array([1000.0, 1000.0], chunks=1)).compute().round(6))
    1000.693147
    """
    axes = _axes(x, axis)
    name, states, graph = _states("logsumexp", x, axes)
    tasks = {(name, *kept): (_total, state) for kept, state in states.items()}
    return _array(name, {**graph, **tasks}, [x], [sizes for i, sizes in enumerate(x.chunks) if i not in axes], x)


def _normalized(second_pass: Callable[[OnlineLogSumExp, Any], Floats], x: Array, axis: Axis) -> Array:
    axes = _axes(x, axis)
    name, states, graph = _states(second_pass.__name__, x, axes)
    again, names = _again(x, name)
    for place in np.ndindex(x.numblocks):
        kept = tuple(number for i, number in enumerate(place) if i not in axes)
        graph[(name, *place)] = (second_pass, states[kept], names.get((x.name, *place), (x.name, *place)))
    return _array(name, {**again, **graph}, [x], x.chunks, x)


def _again(x: Array, token: str) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """Give the graph of x under other keys, and these; else all chunks of the first pass would be kept for the second.

    What is computed already keeps its key.
    """
    tasks = convert_legacy_graph(dict(optimize(x)[0].__dask_graph__()))
    names = {key: clone_key(key, token) for key, task in tasks.items() if not isinstance(task, DataNode)}
    return {names.get(key, key): task.substitute(names, key=names.get(key)) for key, task in tasks.items()}, names


def _axes(x: Array, axis: Axis) -> tuple[int, ...]:
    if not isinstance(x, da.Array):
        raise TypeError(f"x must be a Dask array, got {type(x).__name__}")
    if any(np.isnan(size) for sizes in x.chunks for size in sizes):
        raise ValueError(f"x must have chunks of known sizes, got {x.chunks}: call x.compute_chunk_sizes() first")
    if x.dtype.kind not in "biuf":
        raise TypeError(f"x must hold real numbers (bools, ints or floats), got dtype {x.dtype}")
    return as_axes(axis, x.ndim)


def _states(function: str, x: Array, axes: tuple[int, ...]) -> tuple[str, dict[Any, Any], dict[Any, Any]]:
    """Give a name, the key of the state of all slices for each place along the other axes, and the graph to it."""
    name = f"{function}-{tokenize(x, axes)}"
    graph: dict[Any, Any] = {}
    groups: dict[tuple[int, ...], list[Any]] = {}
    for place in np.ndindex(x.numblocks):
        key = (f"{name}-seen", *place)
        graph[key] = (partial(_seen, axes), (x.name, *place))
        groups.setdefault(tuple(number for i, number in enumerate(place) if i not in axes), []).append(key)
    states = {}
    for kept, keys in groups.items():
        level = 0
        while len(keys) > 1:
            parts = [keys[start : start + _MERGED_AT_ONCE] for start in range(0, len(keys), _MERGED_AT_ONCE)]
            keys = [(f"{name}-merged-{level}", *kept, part) for part in range(len(parts))]
            graph |= {key: (_merged, part) for key, part in zip(keys, parts, strict=True)}
            level += 1
        states[kept] = keys[0]
    return name, states, graph


def _array(name: str, graph: dict[Any, Any], sources: list[Array], chunks: Iterable[Any], x: Array) -> Array:
    layers = HighLevelGraph.from_collections(name, graph, dependencies=sources)
    return da.Array(layers, name, tuple(chunks), dtype=float_dtype(x.dtype))


def _seen(axes: tuple[int, ...], block: Any) -> OnlineLogSumExp:
    return OnlineLogSumExp(axes).update(block)


def _merged(states: list[OnlineLogSumExp]) -> OnlineLogSumExp:
    return reduce(OnlineLogSumExp.merge, states)


def _total(state: OnlineLogSumExp) -> Floats:
    return state.logsumexp
