"""How fast top-p is on a large vocabulary, beside the usual way: argsort, cumulative sums, and back."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.speed import DTYPES, QUICK, in_turns
from minisoftmax import top_p

P = 0.9


class Figure(NamedTuple):
    """Seconds for a row."""

    ours: float
    by_argsort: float


def measure(quick: bool, progress: Callable[[str], None]) -> dict[str, Figure]:
    """Time both in turns on each kind of row."""
    figures = {}
    for name, row in rows(QUICK if quick else 128_000).items():
        for dtype in DTYPES:
            progress(f"top-p, {name}, {dtype}")
            calls = [partial(function, row.astype(dtype), P) for function in (top_p, top_p_by_argsort)]
            figures[f"{name}, {dtype}"] = Figure(*in_turns(calls, 0.01 if quick else 0.5))
    return figures


def rows(length: int) -> dict[str, NDArray[Any]]:
    """Give rows in which 40 tokens matter, before tails of several kinds, and rows in which nearly all do."""
    rng = np.random.default_rng(0)
    normal = rng.normal(size=length)
    tails = {"normal": normal - 16, "equal": normal * 0 - 30, "removed": normal * 0 - np.inf, "tiny": normal - 800}
    peaked = {f"40 matter, {name} tail": np.r_[normal[:40], tail[40:]] for name, tail in tails.items()}
    flat = {"normal": normal, "integers": np.round(normal), "equal": normal * 0}
    return {name: rng.permutation(row) for name, row in (peaked | flat).items()}


@np.errstate(all="ignore")
def top_p_by_argsort(logits: NDArray[Any], p: float) -> NDArray[Any]:
    """Keep the nucleus as most do, in the dtype of the logits and with nothing checked."""
    order = np.argsort(logits)
    probs = np.exp(logits[order] - logits[order[-1]])
    removed = np.cumsum(probs / probs.sum()) <= 1 - p
    result = logits.copy()
    result[order[removed]] = -np.inf
    return result
