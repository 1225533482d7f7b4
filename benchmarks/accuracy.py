"""The largest relative error of every library against 60-digit arithmetic, on rows that are hard in some way."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

from benchmarks.libraries import FUNCTIONS, Library

DIGITS = 60
DTYPES = (np.float32, np.float64)

# Of a library, a function, a dtype and a kind of row.
Errors = dict[tuple[str, str, str, str], float]


def slices(dtype: type, quick: bool) -> Iterator[tuple[str, NDArray[Any]]]:
    """Give arrays whose slices lie along axis 0 if their kind says so, else along the last, one at a time."""
    rng = np.random.default_rng(0)
    repeats, long = (2, 1000) if quick else (20, 100_000)
    for _ in range(repeats):
        yield "normal", rng.normal(0, 1, 100).astype(dtype)
        yield "wide", rng.uniform(0, rng.uniform(15, 50), 100).astype(dtype)
        yield "offset", (rng.normal(0, 2, 100) + rng.choice([-1e4, 1e4])).astype(dtype)
    yield "dominant", np.array([1 - np.log(np.finfo(dtype).eps), 0], dtype)
    yield "tied", np.full(1000, 3, dtype)
    # Few different values, so that 60 digits are worked out for few.
    yield "long", rng.choice(rng.normal(0, 3, 60), long).astype(dtype)
    yield "axis 0", rng.choice(rng.normal(0, 1, 60), (long * 2 // 5, 3)).astype(dtype)


KINDS = ("normal", "wide", "offset", "dominant", "tied", "long", "axis 0")


def measure(libraries: list[Library], quick: bool, progress: Callable[[str], None]) -> Errors:
    """Work out the errors of all libraries, and keep the largest of each kind of row."""
    errors: Errors = {}
    for dtype in DTYPES:
        for kind, x in slices(dtype, quick):
            progress(f"accuracy, {np.dtype(dtype)}, {kind}")
            axis = 0 if kind == "axis 0" else -1
            rows = np.atleast_2d(x.T if axis == 0 else x)
            truths = [exact(row) for row in rows]
            for library, function in product(libraries, FUNCTIONS):
                result = library.run(function, x, axis)
                results = result.T.reshape(len(rows), -1)
                found = [error(*each, function) for each in zip(rows, results, truths, strict=True)]
                key = library.name, function, np.dtype(dtype).name, kind
                errors[key] = max(*found, errors.get(key, 0.0))
    return errors


# For each function, the exact result at each logit.
Truth = dict[str, dict[float, Any]]


def exact(row: NDArray[Any]) -> Truth:
    """Work out a row in multiple precision."""
    values, counts = np.unique(row.astype(float), return_counts=True)
    with mpmath.workdps(DIGITS):
        distances = {float(value): mpmath.mpf(value) - mpmath.mpf(values[-1]) for value in values}
        terms = [int(n) * mpmath.exp(d) for n, d in zip(counts, distances.values(), strict=True)]
        log_total = mpmath.log1p(mpmath.fsum(terms[:-1]) + int(counts[-1]) - 1)
        logs = {value: distance - log_total for value, distance in distances.items()}
        probs = {value: mpmath.exp(log) for value, log in logs.items()}
        return {"softmax": probs, "log_softmax": logs, "logsumexp": dict.fromkeys(logs, values[-1] + log_total)}


def error(row: NDArray[Any], result: NDArray[Any], truth: Truth, function: str) -> float:
    """Give the largest relative error in eps; inf for what is not a number."""
    if not np.isfinite(result).all():
        return np.inf
    info = np.finfo(row.dtype)
    with mpmath.workdps(DIGITS):
        relative = [
            abs(got - truth[function][logit]) / max(abs(truth[function][logit]), float(info.smallest_normal))
            for logit, got in set(zip(row.tolist(), np.broadcast_to(result, row.shape).tolist(), strict=True))
        ]
        return float(max(relative)) / float(info.eps)
