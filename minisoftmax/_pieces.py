"""Arrays in pieces that stay in the cache, and sums that are exact along any axis."""

import math
from collections.abc import Iterable
from itertools import product
from typing import Any

import numpy as np

from minisoftmax._arguments import Floats

ENTRIES = 1 << 17
"""How many entries a piece has at most, unless one slice has more: one megabyte of float64."""

RUN = 1 << 10
"""How many entries of the last axis stay together: shorter runs of a long column are two to three times slower."""


def pieces(shape: tuple[int, ...], axes: tuple[int, ...]) -> Iterable[tuple[Any, ...]]:
    """Give indices that cut an array into pieces of whole slices along some axes: the last free axes are cut least."""
    if math.prod(shape) <= ENTRIES:
        return [] if 0 in shape else [(...,)]
    steps = list(shape)
    size = math.prod(shape[i] for i in axes)
    for i in reversed([i for i in range(len(shape)) if i not in axes]):
        least = RUN if i == len(shape) - 1 else 1
        steps[i] = min(shape[i], max(least, ENTRIES // size))
        size *= steps[i]
    cuts = ([slice(start, start + step) for start in range(0, n, step)] for n, step in zip(shape, steps, strict=True))
    return product(*cuts)


def pairwise_sum(terms: Floats, axes: tuple[int, ...]) -> Floats:
    """Add along axes, which stay with length 1, in blocks of blocks: NumPy does so along the last axis alone."""
    for axis in axes:
        while axis < terms.ndim - 1 and terms.shape[axis] > 64:
            before, n, after = terms.shape[:axis], terms.shape[axis], terms.shape[axis + 1 :]
            whole, rest = np.split(terms, [n - n % 32], axis)
            sums = np.add.reduce(whole.reshape(*before, n // 32, 32, *after), axis=axis + 1)
            terms = np.concatenate([sums, rest], axis)
        terms = np.add.reduce(terms, axis=axis, keepdims=True)
    return terms
