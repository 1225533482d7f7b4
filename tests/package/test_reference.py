"""Accuracy: results against 60-digit arithmetic, over every kind of row that is hard in its own way.

Errors are counted in eps of the dtype, relative to the exact result for the logits as they are stored.
"""

from functools import cache
from typing import Any, NamedTuple

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special

from minisoftmax import log_softmax, logsumexp, softmax

Floats = NDArray[Any]

DIGITS = 60
DTYPES = [np.float32, np.float64]
TEMPERATURES = [1.0, 0.5, 4.0]  # powers of two, to divide by without rounding


class Exact(NamedTuple):
    """What 60 digits say of a row: an entry for each of its *distinct* logits, and where these stand in the row."""

    place: NDArray[np.intp]
    probs: list[Any]
    logs: list[Any]
    distances: list[Any]
    logsumexp: Any


def exact(x: Floats, temperature: float = 1.0) -> Exact:
    """Work out a row in multiple precision; equal logits are worked out once, so that a long row takes no longer."""
    distinct, place, counts = np.unique(x, return_inverse=True, return_counts=True)
    with mpmath.workdps(DIGITS):
        top = mpmath.mpf(float(distinct[-1]))
        distances = [(top - mpmath.mpf(float(value))) / mpmath.mpf(temperature) for value in distinct]
        terms = [mpmath.exp(-distance) for distance in distances]
        others = mpmath.fsum(int(count) * term for count, term in zip(counts, terms, strict=True)) - 1
        if counts[-1] == 1:  # leave the 1 out from the start: 60 digits would not hold it and e^-700
            others = mpmath.fsum(int(count) * term for count, term in zip(counts[:-1], terms[:-1], strict=True))
        log_total = mpmath.log1p(others)
        probs = [term / (1 + others) for term in terms]
        logs = [-distance - log_total for distance in distances]
        return Exact(place, probs, logs, distances, top / mpmath.mpf(temperature) + log_total)


def differences(result: Floats, expected: list[Any], place: NDArray[np.intp]) -> list[Any]:
    """Give the largest error of the result at each distinct logit, in multiple precision."""
    with mpmath.workdps(DIGITS):
        low, high = (np.full(len(expected), start, result.dtype) for start in (np.inf, -np.inf))
        np.minimum.at(low, place, result)
        np.maximum.at(high, place, result)
        ends = zip(low, high, expected, strict=True)
        return [max(abs(mpmath.mpf(float(end)) - true) for end in (a, b)) for a, b, true in ends]


def in_eps(errors: list[Any], expected: list[Any], dtype: type) -> float:
    """Count errors in eps of the size of the exact result, or of the smallest normal number if that is larger."""
    info = np.finfo(dtype)
    sizes = [max(abs(true), float(info.smallest_normal)) for true in expected]
    return max(float(error / size) for error, size in zip(errors, sizes, strict=True)) / float(info.eps)


def on_a_grid(x: Any, dtype: type, step: float = 2.0**-8) -> Floats:
    """Round logits to a grid that is so coarse that the dtype holds all their differences exactly."""
    return (np.round(np.asarray(x) / step) * step).astype(dtype)


@cache
def grid_rows(dtype: type) -> dict[str, Floats]:
    """Rows whose shift by the maximum rounds nothing, so that all errors are the function's own."""
    rng = np.random.default_rng(20)
    info = np.finfo(dtype)
    log_eps, log_normal = np.log(float(info.eps)), np.log(float(info.smallest_normal))
    rows = {
        "one": [7.0],
        "two": [0.0, 1.0],
        "normal": rng.normal(0, 1, 30),
        "normal, wider": rng.normal(0, 5, 30),
        "wide": rng.uniform(-25, 25, 30),
        "dominant": [-log_eps, 0],
        "dominant, by less": [-log_eps / 2, 0, -1],
        "dominant, by more": [-2 * log_eps, 0, 0],
        "dominant, last": [0, 0, 0, 50],
        "dominant, on top of 0": [0, -40, -41],
        "offset": rng.normal(1e4, 2, 30),
        "offset, negative": rng.normal(-1e4, 2, 30),
        "tied": [3.0] * 30,
        "tied for the maximum": [*[5.0] * 3, *rng.normal(0, 1, 27)],
        "long": rng.choice(rng.normal(0, 3, 60), 100_000),
        "long, tied": np.zeros(100_000),
        "long, dominant": [20.0, *np.zeros(99_999)],
        "subnormal": [0, log_normal - 1, log_normal - 5, log_normal + 1],
    }
    return {kind: on_a_grid(row, dtype) for kind, row in rows.items()}


@cache
def general_rows(dtype: type) -> dict[str, Floats]:
    """Rows of any floats: subtracting the maximum rounds."""
    rng = np.random.default_rng(21)
    rows = {
        "normal": rng.normal(0, 1, 30),
        "wide": rng.uniform(-25, 25, 30),
        "very wide": rng.uniform(-80, 0, 30),
        "dominant": [30.1, 0.3, 0.7],
        "offset": rng.normal(1e4, 2, 30),
        "offset, negative": rng.normal(-1e4, 2, 30),
        "long": rng.choice(rng.normal(0, 3, 60), 100_000),
    }
    return {kind: np.asarray(row).astype(dtype) for kind, row in rows.items()}


GRID = [(dtype, kind) for dtype in DTYPES for kind in grid_rows(dtype)]
GENERAL = [(dtype, kind) for dtype in DTYPES for kind in general_rows(dtype)]


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize(("dtype", "kind"), GRID)
def test_log_softmax_is_right_to_2_eps(dtype: type, kind: str, temperature: float) -> None:
    row = grid_rows(dtype)[kind]
    true = exact(row, temperature)
    result = log_softmax(row, temperature=temperature)
    assert in_eps(differences(result, true.logs, true.place), true.logs, dtype) <= 2


@pytest.mark.parametrize("temperature", [1.0, 0.7, 3.3])
@pytest.mark.parametrize(("dtype", "kind"), GENERAL)
def test_log_softmax_adds_only_the_rounding_of_its_differences(dtype: type, kind: str, temperature: float) -> None:
    row = general_rows(dtype)[kind]
    true = exact(row, temperature)
    result = log_softmax(row, temperature=temperature)
    # Each rounding moves a distance d to the maximum by d eps / 2 at most: the shift is one, the quotient another.
    roundings = 1 if temperature == 1 else 2
    counts = np.bincount(true.place)
    mean = sum(int(n) * p * d for n, p, d in zip(counts, true.probs, true.distances, strict=True))
    eps = float(np.finfo(dtype).eps)
    for error, log, distance in zip(differences(result, true.logs, true.place), true.logs, true.distances, strict=True):
        assert float(error) <= eps * float(2 * abs(log) + roundings * (distance + mean) / 2)


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize(("dtype", "kind"), GRID)
def test_softmax_is_as_accurate_as_scipy(dtype: type, kind: str, temperature: float) -> None:
    row = grid_rows(dtype)[kind]
    compare_with_scipy(row, temperature)


@pytest.mark.parametrize(("dtype", "kind"), GENERAL)
def test_softmax_of_any_floats_is_as_accurate_as_scipy(dtype: type, kind: str) -> None:
    compare_with_scipy(general_rows(dtype)[kind], 1.0)


def compare_with_scipy(row: Floats, temperature: float) -> None:
    true = exact(row, temperature)
    dtype = row.dtype.type

    def error(result: Floats) -> float:
        return in_eps(differences(result, true.probs, true.place), true.probs, dtype)

    ours = error(softmax(row, temperature=temperature))
    with np.errstate(under="ignore"):
        theirs = error(special.softmax(row / dtype(temperature)))
    assert ours <= 1.25 * theirs + 0.5, f"softmax is off by {ours:.2f} eps, SciPy's by {theirs:.2f}"


@pytest.mark.parametrize("temperature", [0.7, 3.3, 1e-3, 1e4])
@pytest.mark.parametrize(("dtype", "kind"), GENERAL)
def test_softmax_adds_only_the_rounding_of_its_differences(dtype: type, kind: str, temperature: float) -> None:
    row = (general_rows(dtype)[kind] * dtype(temperature)).astype(dtype)
    true = exact(row, temperature)
    eps = float(np.finfo(dtype).eps)
    counts = np.bincount(true.place)
    mean = sum(int(n) * p * d for n, p, d in zip(counts, true.probs, true.distances, strict=True))
    errors = differences(softmax(row, temperature=dtype(temperature)), true.probs, true.place)
    rounded = float(abs(dtype(temperature) / mpmath.mpf(temperature) - 1)) / eps  # the temperature in the dtype
    for error, prob, distance in zip(errors, true.probs, true.distances, strict=True):
        assert float(error / prob) <= eps * (4 + float(distance + mean) * (1 + rounded))


@pytest.mark.parametrize(
    ("shape", "axis"),
    [
        ((40_000, 3), 0),  # long columns, few and many
        ((40_000, 40), 0),
        ((2, 40_000, 3), 1),
        ((100, 20, 400), (0, 2)),
        ((40_000, 3), None),
        ((3000, 33), 1),
        ((3000, 32), 1),
        ((3, 40_000), 1),
    ],
)
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_accuracy_is_the_same_along_every_axis_and_in_every_order(
    dtype: type, order: Any, shape: tuple[int, ...], axis: Any
) -> None:
    rng = np.random.default_rng(22)
    x: Floats = np.asarray(rng.choice(on_a_grid(rng.normal(0, 3, 60), dtype), size=shape), order=order)
    axes = tuple(range(x.ndim)) if axis is None else (axis,) if isinstance(axis, int) else axis

    def slices(array: Floats) -> Floats:
        length = int(np.prod([shape[i] for i in axes]))
        return np.moveaxis(array, axes, range(x.ndim - len(axes), x.ndim)).reshape(-1, length)

    probs, logs, totals = slices(softmax(x, axis)), slices(log_softmax(x, axis)), np.ravel(logsumexp(x, axis))
    rows = slices(x)
    for i in {0, len(rows) // 2, len(rows) - 1}:
        true = exact(rows[i])
        assert in_eps(differences(logs[i], true.logs, true.place), true.logs, dtype) <= 2
        assert in_eps(differences(totals[i : i + 1], [true.logsumexp], np.zeros(1, int)), [true.logsumexp], dtype) <= 2
        assert in_eps(differences(probs[i], true.probs, true.place), true.probs, dtype) <= 4


@pytest.mark.parametrize("source", [grid_rows, general_rows])
@pytest.mark.parametrize("dtype", DTYPES)
def test_logsumexp_is_right_to_2_eps(dtype: type, source: Any) -> None:
    for kind, row in source(dtype).items():
        true = exact(row)
        size = max(abs(true.logsumexp), abs(float(row.max())) / 2)  # where maximum and logarithm cancel, of the maximum
        with mpmath.workdps(DIGITS):
            error = abs(mpmath.mpf(float(logsumexp(row))) - true.logsumexp) / size / float(np.finfo(dtype).eps)
        assert error <= 2, f"logsumexp of the row {kind!r} is off by {float(error):.2f} eps"


@pytest.mark.parametrize("dtype", DTYPES)
def test_logsumexp_where_maximum_and_logarithm_cancel(dtype: type) -> None:
    total = logsumexp(np.log(np.array([0.5, 0.25, 0.125, 0.125])).astype(dtype))
    assert abs(total) <= 2 * np.finfo(dtype).eps
