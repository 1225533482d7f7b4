"""What `minisoftmax.calibration` promises: bins and scores by hand and by scikit-learn, temperatures by other means."""

import inspect
import math
import re
import warnings
from collections.abc import Callable
from typing import Any
from unittest import mock

import ml_dtypes
import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss

import minisoftmax
from minisoftmax import (
    brier_score,
    calibration,
    expected_calibration_error,
    fit_temperature,
    log_softmax,
    negative_log_likelihood,
    reliability_curve,
    softmax,
)

Floats = NDArray[np.floating[Any]]
Labels = NDArray[np.intp]
Function = Callable[..., Any]

INF, NAN = math.inf, math.nan
SCORES: list[Function] = [expected_calibration_error, brier_score, negative_log_likelihood]
OF_PROBS: list[Function] = [reliability_curve, *SCORES]
ALL: list[Function] = [*OF_PROBS, fit_temperature]

law = settings(deadline=None, derandomize=True, max_examples=60)


def samples(elements: st.SearchStrategy[float], max_n: int = 12) -> st.SearchStrategy[tuple[Floats, Labels]]:
    """Logits of K classes for n samples, and labels."""

    def of_shape(shape: tuple[int, ...]) -> st.SearchStrategy[tuple[Floats, Labels]]:
        labels = hnp.arrays(np.intp, shape[0], elements=st.integers(0, shape[1] - 1))
        return st.tuples(hnp.arrays(np.float64, shape, elements=elements), labels)

    return st.tuples(st.integers(1, max_n), st.integers(1, 5)).flatmap(of_shape)


logits_and_labels = samples(st.floats(-8, 8, width=16))
# Logits that are logarithms of few different weights make equal rows, ties and confidences at the edges of bins.
probs_and_labels = logits_and_labels | samples(st.sampled_from([-INF, 0.0, np.log(2), np.log(3)]))


@st.composite
def probabilities(draw: st.DrawFn) -> tuple[Floats, Labels]:
    logits, labels = draw(probs_and_labels)
    logits[:, 0] = np.where(np.isneginf(logits).all(axis=-1), 0, logits[:, 0])
    return softmax(logits), labels


def drawn(rng: np.random.Generator, n: int, k: int, scale: float = 2.0) -> tuple[Floats, Labels]:
    """Draw logits, and each label from the softmax of its row: these logits are calibrated."""
    logits = rng.normal(scale=scale, size=(n, k))
    return logits, (logits + rng.gumbel(size=(n, k))).argmax(axis=-1)


def losses(logits: Any, labels: Any, temperature: float) -> float:
    return float(-log_softmax(logits, temperature=temperature)[np.arange(len(labels)), labels].sum())


# The module


def test_package_offers_all_of_calibration() -> None:
    assert set(calibration.__all__) == {function.__name__ for function in ALL} | {"ReliabilityCurve"}
    for name in calibration.__all__:
        assert name in minisoftmax.__all__
        assert getattr(minisoftmax, name) is getattr(calibration, name)


@pytest.mark.parametrize("function", ALL)
def test_docstring_has_every_section(function: Function) -> None:
    documentation = inspect.getdoc(function) or ""
    headings = re.findall(r"^(\w.*)\n-+$", documentation, flags=re.MULTILINE)
    for heading in ["Parameters", "Returns", "Raises", "Notes", "References", "Examples"]:
        assert heading in headings, f"the docstring of {function.__name__} has no section {heading}"
    parameters = inspect.signature(function).parameters
    documented = re.findall(r"^(\w+) : ", documentation, flags=re.MULTILINE)
    assert set(parameters) <= set(documented)


def test_signatures_are_those_of_the_design() -> None:
    def shape(function: Function) -> list[tuple[str, bool, object]]:
        found = inspect.signature(function).parameters.values()
        return [(p.name, p.kind is p.KEYWORD_ONLY, p.default) for p in found]

    required = inspect.Parameter.empty
    probs, logits, labels = (("probs", False, required), ("logits", False, required), ("labels", False, required))
    n_bins = ("n_bins", True, 15)
    assert shape(reliability_curve) == shape(expected_calibration_error) == [probs, labels, n_bins]
    assert shape(brier_score) == shape(negative_log_likelihood) == [probs, labels]
    assert shape(fit_temperature) == [logits, labels]


def test_results_are_floats_and_float64_arrays() -> None:
    for dtype in (np.float16, np.float32, np.float64, np.longdouble, np.int8, np.bool_):
        probs = np.array([[1, 0], [0, 1], [1, 0]], dtype)
        for function in (*SCORES, fit_temperature):
            assert type(function(probs, [0, 1, 1])) is float
        edges, confidence, accuracy, counts = reliability_curve(probs, [0, 1, 1])
        for array, expected in (
            (edges, np.float64),
            (confidence, np.float64),
            (accuracy, np.float64),
            (counts, np.intp),
        ):
            assert array.dtype == expected


# Bins


def test_curve_worked_by_hand() -> None:
    probs = [[0.5, 0.25, 0.25], [0.25, 0.25, 0.5], [0.0, 1.0, 0.0], [0.125, 0.125, 0.75], [0.625, 0.25, 0.125]]
    curve = reliability_curve(probs, [0, 0, 1, 2, 1], n_bins=4)
    assert_array_equal(curve.edges, [0, 0.25, 0.5, 0.75, 1])
    assert_array_equal(curve.counts, [0, 2, 2, 1])
    assert_array_equal(curve.confidence, [NAN, 0.5, 0.6875, 1])
    assert_array_equal(curve.accuracy, [NAN, 0.5, 0.5, 1])
    assert_allclose(expected_calibration_error(probs, [0, 0, 1, 2, 1], n_bins=4), 2 / 5 * 0.1875, rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("n_bins", [1, 2, 3, 5, 10, 15, 20])
def test_a_confidence_on_an_edge_belongs_to_the_bin_below(n_bins: int, dtype: type) -> None:
    for m in range(math.ceil(n_bins / 2), n_bins + 1):
        for step, where in ((0, m - 1), (-1, m - 1), (1, m)):
            top = dtype(float(m / n_bins))
            top = np.nextafter(top, dtype(2 * step)) if step else top
            if top > 1 or 2 * top < 1:
                continue
            counts = reliability_curve(np.array([[1 - top, top]]), [0], n_bins=n_bins).counts
            assert_array_equal(counts, np.arange(n_bins) == where)


def test_edges_are_the_decimals_that_one_writes() -> None:
    assert_array_equal(
        reliability_curve([[1.0]], [0], n_bins=10).edges, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
    )
    counts = reliability_curve([[0.3, 0.25, 0.25, 0.2], [0.7, 0.3, 0, 0]], [0, 0], n_bins=10).counts
    assert_array_equal(counts, np.isin(np.arange(10), [2, 6]))


def test_a_sum_just_above_one_is_full_confidence() -> None:
    curve = reliability_curve([[1.00009, 0.0]], [1])
    assert (curve.confidence[-1], curve.counts[-1]) == (1, 1)
    assert expected_calibration_error([[1.00009, 0.0]], [1]) == 1
    assert negative_log_likelihood([[1.00009, 0.0]], [0]) == 0


def test_a_tie_goes_to_the_first_class() -> None:
    probs = [[0.2, 0.4, 0.4]]
    assert [np.nansum(reliability_curve(probs, [label]).accuracy) for label in range(3)] == [0, 1, 0]


def literal_error(probs: Any, labels: Any, n_bins: int) -> float:
    """Compute the expected calibration error as its definition is read aloud."""
    total = 0.0
    for m in range(1, n_bins + 1):
        members = [i for i, row in enumerate(probs) if (m - 1) / n_bins < max(row) <= m / n_bins]
        if members:
            confidence = sum(max(probs[i]) for i in members) / len(members)
            accuracy = sum(list(probs[i]).index(max(probs[i])) == labels[i] for i in members) / len(members)
            total += len(members) / len(probs) * abs(accuracy - confidence)
    return total


@law
@given(probabilities(), st.integers(1, 20))
def test_error_is_that_of_its_definition(data: tuple[Floats, Labels], n_bins: int) -> None:
    probs, labels = data
    error = expected_calibration_error(probs, labels, n_bins=n_bins)
    assert_allclose(error, literal_error(probs.tolist(), labels.tolist(), n_bins), rtol=1e-12, atol=1e-14)
    assert 0 <= error <= 1


@law
@given(probabilities(), st.integers(1, 20))
def test_bins_lose_nothing(data: tuple[Floats, Labels], n_bins: int) -> None:
    probs, labels = data
    edges, confidence, accuracy, counts = reliability_curve(probs, labels, n_bins=n_bins)
    filled = counts > 0
    assert (len(edges), len(confidence), len(accuracy), len(counts)) == (n_bins + 1, n_bins, n_bins, n_bins)
    assert counts.sum() == len(labels)
    assert_allclose(np.nansum(counts * accuracy), (probs.argmax(axis=-1) == labels).sum(), rtol=1e-13)
    assert_allclose(np.nansum(counts * confidence), probs.max(axis=-1).sum(), rtol=1e-13)
    assert_array_equal(np.isnan(confidence), ~filled)
    assert_array_equal(np.isnan(accuracy), ~filled)
    slack = 1e-15
    assert (confidence[filled] > edges[:-1][filled] - slack).all()
    assert (confidence[filled] <= edges[1:][filled] + slack).all()


@law
@given(probabilities(), st.integers(1, 8), st.integers(2, 4))
def test_cutting_bins_cannot_hide_a_gap(data: tuple[Floats, Labels], n_bins: int, parts: int) -> None:
    fine = reliability_curve(*data, n_bins=n_bins * parts)
    coarse = reliability_curve(*data, n_bins=n_bins)
    assert_array_equal(fine.counts.reshape(n_bins, parts).sum(axis=-1), coarse.counts)
    errors = [expected_calibration_error(*data, n_bins=n) for n in (n_bins, n_bins * parts)]
    assert errors[0] <= errors[1] + 1e-14


@law
@given(probabilities(), st.randoms(use_true_random=False))
def test_the_order_of_samples_and_classes_does_not_matter(data: tuple[Floats, Labels], random: Any) -> None:
    probs, labels = data
    top = np.sort(probs, axis=-1)[:, -2:]
    assume(probs.shape[1] == 1 or (top[:, 0] < top[:, 1]).all())  # a tie goes to the first class, whichever that is
    rows, columns = list(range(probs.shape[0])), list(range(probs.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    mixed = probs[rows][:, columns], np.argsort(columns)[labels[rows]]
    for function in SCORES:
        assert_allclose(function(*mixed), function(*data), rtol=1e-12, atol=1e-14)
    for one, other in zip(reliability_curve(*mixed), reliability_curve(*data), strict=True):
        assert_allclose(one, other, rtol=1e-13)


@law
@given(st.integers(1, 50), st.integers(1, 50))
def test_a_constant_predictor_at_the_base_rates_is_calibrated(ones: int, others: int) -> None:
    labels = np.repeat([0, 1], [ones, others])
    rates = np.bincount(labels) / len(labels)
    probs = np.broadcast_to(rates, (len(labels), 2))
    # The prediction at a tie is class 0, which is right for half: still calibrated.
    assert expected_calibration_error(probs, labels) < 1e-14
    assert_allclose(brier_score(probs, labels), 2 * rates.prod(), rtol=1e-12)


@pytest.mark.parametrize("n_bins", [1, 4, 7, 10, 15])
def test_curve_is_that_of_scikit_learn(n_bins: int) -> None:
    rng = np.random.default_rng(1)
    top = rng.uniform(0.5, 1, size=500)
    labels = (rng.random(500) > top).astype(int)
    curve = reliability_curve(np.stack([top, 1 - top], axis=-1), labels, n_bins=n_bins)
    accuracy, confidence = calibration_curve(labels == 0, top, n_bins=n_bins)
    filled = curve.counts > 0
    assert_allclose(curve.accuracy[filled], accuracy, rtol=1e-13)
    assert_allclose(curve.confidence[filled], confidence, rtol=1e-13)


# Scores


def test_scores_worked_by_hand() -> None:
    probs = [[0.5, 0.25, 0.25], [0.0, 1.0, 0.0]]
    assert brier_score(probs, [0, 1]) == 0.375 / 2
    assert brier_score(probs, [2, 0]) == (0.875 + 2) / 2
    assert_allclose(negative_log_likelihood(probs, [1, 1]), np.log(2), rtol=1e-15)
    assert negative_log_likelihood(probs, [0, 2]) == INF


def test_certainty_scores_no_less_than_nothing() -> None:
    for score in SCORES:
        right = score(np.eye(3), [0, 1, 2])
        assert (right, math.copysign(1, right)) == (0, 1)
    assert brier_score(np.eye(3), [1, 2, 0]) == 2
    assert expected_calibration_error(np.eye(3), [1, 2, 0]) == 1


@law
@given(probabilities())
def test_scores_are_those_of_scikit_learn(data: tuple[Floats, Labels]) -> None:
    probs, labels = data
    k = probs.shape[1]
    assume(k > 1)
    brier = brier_score(probs, labels)
    assert 0 <= brier <= 2 + 1e-14
    assert_allclose(
        brier, brier_score_loss(labels, probs, labels=range(k), scale_by_half=False), rtol=1e-12, atol=1e-15
    )
    if k == 2:
        assert_allclose(brier, 2 * brier_score_loss(labels, probs[:, 1], labels=[0, 1]), rtol=1e-12, atol=1e-15)
    chosen = probs[np.arange(len(labels)), labels]
    if (chosen > 1e-15).all():  # scikit-learn keeps away from 0
        expected = log_loss(labels, probs, labels=range(k))
        assert_allclose(negative_log_likelihood(probs, labels), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("score", [brier_score, negative_log_likelihood])
def test_proper_scores_are_best_at_the_true_probabilities(score: Function) -> None:
    labels = np.repeat([0, 1, 2], [5, 3, 2])

    def at(rates: Any) -> float:
        return float(score(np.broadcast_to(rates, (10, 3)), labels))

    for other in ([0.51, 0.29, 0.2], [0.49, 0.3, 0.21], [0.5, 0.31, 0.19], [1.0, 0.0, 0.0]):
        assert at([0.5, 0.3, 0.2]) < at(other)


def test_precision_of_the_input_is_not_lost() -> None:
    probs = np.array([[0.1, 0.9]], np.float32)
    exact = float(probs[0, 0])
    assert_allclose(negative_log_likelihood(probs, [0]), -math.log(exact), rtol=1e-15)
    assert_allclose(brier_score(probs, [0]), (1 - exact) ** 2 + float(probs[0, 1]) ** 2, rtol=1e-15)
    many = np.repeat(np.array([[0.1, 0.9]], np.float16), 5000, axis=0)
    assert_allclose(brier_score(many, [1] * 5000), brier_score(many[:1], [1]), rtol=1e-13)
    assert_allclose(np.nanmax(reliability_curve(many, [1] * 5000).confidence), float(many[0, 1]), rtol=1e-13)


# Temperature


def test_temperature_of_a_biased_coin() -> None:
    for heads in (2, 3, 10, 999):
        labels = [0] * heads + [1]
        assert_allclose(fit_temperature([[5.0, 3.0]] * (heads + 1), labels), 2 / math.log(heads), rtol=1e-13)


def test_temperature_of_a_coin_that_is_hardly_biased() -> None:
    for tails in (10, 5000):
        labels = np.repeat([0, 1], [tails + 1, tails])
        logits = np.tile([3.0, 1.0], (len(labels), 1))
        assert_allclose(fit_temperature(logits, labels), 2 / math.log1p(1 / tails), rtol=1e-10)


@pytest.mark.parametrize("bias", [1e-9, 1e-10, 1e-11, 1e-12])
def test_temperature_ends_where_rounding_hides_its_digits(bias: float) -> None:
    lead = np.random.default_rng(4).normal(size=10)
    logits = np.stack([np.concatenate([lead, lead, [bias]]), np.zeros(21)], axis=-1)
    fitted = fit_temperature(logits, np.repeat([0, 1, 0], [10, 10, 1]))
    # All labels but the last are in balance: the slope at 1/T = 0 is -bias / 2, the curvature a quarter of all lead².
    assert_allclose(fitted, np.sum(lead**2) / bias, rtol=1e-14 / bias)


def test_an_exact_balance_has_no_temperature() -> None:
    assert fit_temperature([[4.0, 1.0, -5.0], [5.0, -3.0, -5.0]], [0, 2]) == INF
    rng = np.random.default_rng(12)
    for k, n in ((2, 40), (3, 40), (7, 40), (100, 40), (3, 20_000), (5, 20_000), (7, 20_000)):
        logits = rng.integers(-50, 50, size=(n, k)) / 10
        lead = logits[:, :1] - logits.mean(axis=-1, keepdims=True)
        mirrored = np.concatenate([logits, np.zeros((n, k))])
        mirrored[n:, :1] = -lead * k / (k - 1)  # as much below the mean as the label was above
        assert fit_temperature(mirrored, np.zeros(2 * n, int)) == INF
        mirrored[0, 0] += 1e-3
        assert fit_temperature(mirrored, np.zeros(2 * n, int)) < INF


def test_temperature_takes_few_passes() -> None:
    rng = np.random.default_rng(6)
    cases = [drawn(rng, 1000, k, scale) for k in (2, 10, 100) for scale in (0.1, 2.0, 20.0)]
    # One label in 10,001 more than half: the zero lies next to its lower bound.
    cases.append((np.tile([1.0, 0.0], (10_001, 1)), np.repeat([0, 1], [5001, 5000])))
    # Rows of very different size, so that Newton's first steps lead out of the bounds.
    for sizes in (np.logspace(-5, 5, 11), np.logspace(-8, 8, 3)):
        labels = np.zeros(len(sizes) + 1, int)
        cases += [(np.array([*[[size, 0.0] for size in sizes], [0.0, lead]]), labels) for lead in sizes[:-1]]
    for logits, labels in cases:
        with mock.patch.object(calibration, "softmax", wraps=softmax) as passes:
            assert 0 < fit_temperature(logits, labels) < INF
        assert passes.call_count <= 25


def test_temperature_of_forty_thousand() -> None:
    rng = np.random.default_rng(0)
    logits, labels = drawn(rng, 40_000, 10)
    assert abs(fit_temperature(logits, labels) - 1) < 0.08 / 3
    temperature = fit_temperature(3 * logits, labels)
    assert abs(temperature - 3) < 0.08
    assert expected_calibration_error(softmax(logits), labels) < 0.01
    assert expected_calibration_error(softmax(3 * logits), labels) > 0.15
    mended = softmax(3 * logits, temperature=temperature)
    assert expected_calibration_error(mended, labels) < 0.01
    assert_array_equal(mended.argmax(axis=-1), logits.argmax(axis=-1))


@pytest.mark.parametrize(
    ("n", "k", "stretch"), [(40, 2, 1.0), (30, 3, 0.2), (30, 10, 7.0), (60, 4, 1e-5), (50, 5, 1e6)]
)
def test_temperature_is_that_of_scipy(n: int, k: int, stretch: float) -> None:
    logits, labels = drawn(np.random.default_rng(2), n, k)
    logits = stretch * logits

    def loss(beta: float) -> mpmath.mpf:
        return mpmath.fsum(
            mpmath.log(mpmath.fsum(mpmath.exp(beta * mpmath.mpf(z - row[label])) for z in row))
            for row, label in zip(logits, labels, strict=True)
        )

    def best(objective: Callable[[float], float], low: float, high: float) -> float:
        bounds, options = (low / stretch, high / stretch), {"xatol": 1e-12 / stretch}
        return float(minimize_scalar(objective, bounds=bounds, method="bounded", options=options).x) * stretch

    rough = best(lambda beta: losses(logits, labels, 1 / beta), 0.05, 20)
    with mpmath.workdps(40):
        # Over that of a point near by, the loss is a small number without rounding, so its minimum is sharp.
        near = loss(rough / stretch)
        sharp = best(lambda beta: float(loss(beta) - near), rough * (1 - 1e-4), rough * (1 + 1e-4))
    assert_allclose(fit_temperature(logits, labels), stretch / sharp, rtol=1e-8)


def exact_slope(logits: Any, labels: Any, beta: mpmath.mpf) -> mpmath.mpf:
    """Give the derivative of the negative log-likelihood with respect to 1/T."""
    total = mpmath.mpf(0)
    for row, label in zip(logits, labels, strict=True):
        leads = [mpmath.mpf(float(z)) - mpmath.mpf(float(row[label])) for z in row if z > -INF]
        weights = [mpmath.exp(beta * lead) for lead in leads]
        total += mpmath.fdot(leads, weights) / mpmath.fsum(weights)
    return total


def exact_temperature(logits: Any, labels: Any, guess: float) -> float:
    """Find the zero of that derivative, by bisection in 60 digits."""
    with mpmath.workdps(60):
        low, high = mpmath.mpf(0.9 / guess), mpmath.mpf(1.1 / guess)
        assert exact_slope(logits, labels, low) < 0 < exact_slope(logits, labels, high), f"no zero near T = {guess}"
        while high - low > mpmath.mpf(10) ** -20 * high:
            middle = (low + high) / 2
            low, high = (middle, high) if exact_slope(logits, labels, middle) < 0 else (low, middle)
        return float(2 / (low + high))


@pytest.mark.parametrize("lead", 10.0 ** np.arange(-6, 0, 0.25))
def test_temperature_next_to_a_balance(lead: float) -> None:
    logits = [[4 + lead, 1.0, -5.0], [5.0, -3.0, -5.0]]
    fitted = fit_temperature(logits, [0, 2])
    assert_allclose(fitted, exact_temperature(logits, [0, 2], fitted), rtol=1e-13 + 1e-14 / lead)


@settings(law, max_examples=40)
@given(samples(st.floats(-8, 8, width=16) | st.sampled_from([-INF, -1e4, 1e4, 1e-3, 500.0]), max_n=6))
def test_temperature_is_that_of_60_digits(data: tuple[Floats, Labels]) -> None:
    logits, labels = data
    rows = np.arange(len(labels))
    logits[rows, labels] = np.maximum(logits[rows, labels], -1e4)
    lead = logits - logits[rows, labels][:, None]
    fitted, spread = fit_temperature(logits, labels), np.abs(lead[lead > -INF]).max()
    if spread == 0:
        assert fitted == 1
    elif fitted == 0:
        assert lead.max() == 0
    elif fitted == INF:
        assert exact_slope(logits, labels, mpmath.mpf(0)) >= -1e-12 * spread
    else:
        # Where T is above all differences, the data determine it less and less.
        tolerance = 1e-12 * max(1, fitted / spread)
        assert_allclose(fitted, exact_temperature(logits, labels, fitted), rtol=tolerance)


@pytest.mark.parametrize(
    "far", [[1e4, -1e4, 0.0], [1e4, 1e4, -1e4], [1e6, 0.0, 0.0], [3e-3, 0.0, 1e-3], [1e4, 9999.0, -INF]]
)
def test_temperature_of_logits_far_out(far: list[float]) -> None:
    logits, labels = [far, [0.5, 0.0, 0.0], [0.0, 2.0, 1.0], [1.0, 1.0, -1.0]], [0, 0, 2, 1]
    fitted = fit_temperature(logits, labels)
    assert_allclose(fitted, exact_temperature(logits, labels, fitted), rtol=1e-13)


@pytest.mark.parametrize("lead", [1.0, 1e-3, 1e-9])
def test_temperature_of_one_mistake_among_many_certainties(lead: float) -> None:
    logits = [[1.0, 0.0, 0.0]] * 200 + [[1.0, 1 + lead, 0.0]]
    fitted = fit_temperature(logits, [0] * 201)
    assert_allclose(fitted, exact_temperature(logits, [0] * 201, fitted), rtol=1e-12)


@law
@given(logits_and_labels)
def test_no_temperature_fits_better(data: tuple[Floats, Labels]) -> None:
    logits, labels = data
    fitted = fit_temperature(logits, labels)
    best = losses(logits, labels, fitted)
    for other in (1.0, 0.0, INF, *np.array([fitted]) * [0.5, 0.99, 1.01, 2], *np.logspace(-2, 2, 9)):
        assert best <= losses(logits, labels, other) * (1 + 1e-12) + 1e-13
    probs = [softmax(logits, temperature=t) for t in (fitted, 1.0)]
    at_fit, at_1 = (negative_log_likelihood(p, labels) for p in probs)
    assert at_fit <= at_1 * (1 + 1e-12) + 1e-13


@law
@given(logits_and_labels, st.floats(1e-6, 1e6), st.integers(-900, 900), st.randoms(use_true_random=False))
def test_temperature_has_the_unit_of_the_logits(
    data: tuple[Floats, Labels], factor: float, power: int, random: Any
) -> None:
    logits, labels = data
    fitted = fit_temperature(logits, labels)
    if (logits == logits[:, :1]).all():
        assert fitted == 1
        return
    assert fit_temperature(np.ldexp(logits, power), labels) == np.ldexp(fitted, power)
    rows, columns = list(range(logits.shape[0])), list(range(logits.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    mixed = logits[rows][:, columns], np.argsort(columns)[labels[rows]]
    constants = np.array([float(random.randint(-100, 100)) for _ in labels])
    constant_rows = np.concatenate([logits, np.full((2, logits.shape[1]), 3.0)]), np.append(labels, [0, 0])
    if fitted in (0, INF):
        for same in (mixed, (logits + constants[:, None], labels), constant_rows):
            assert fit_temperature(*same) == fitted
        assert fit_temperature(logits * factor, labels) == fitted or fitted == INF  # a sum of 0 may round
        return
    # Where the labels hardly know more than chance, T hangs on the rounding of a sum near 0.
    tolerance = 1e-11 * max(1, fitted)
    assert_allclose(fit_temperature(logits * factor, labels), fitted * factor, rtol=tolerance)
    for same in (mixed, (logits + constants[:, None], labels), constant_rows):
        assert_allclose(fit_temperature(*same), fitted, rtol=tolerance)


def test_temperature_at_its_limits() -> None:
    right, wrong, tie = [3.0, 1.0, 0.0], [0.0, 2.0, 3.0], [2.0, 2.0, 1.0]
    assert fit_temperature([right, right], [0, 0]) == 0
    assert fit_temperature([right, tie, tie], [0, 0, 1]) == 0
    assert fit_temperature([wrong, wrong], [0, 0]) == INF
    assert fit_temperature([wrong, right], [0, 0]) == INF  # below the mean by 5/3, above it by 5/3
    assert 0 < fit_temperature([wrong, right, right], [0, 0, 0]) < INF
    # As often behind as ahead, by as much: a sum that is 0 only if it is not rounded on the way.
    leads = np.random.default_rng(8).normal(size=500)
    both = np.random.default_rng(9).permutation(np.concatenate([leads, -leads]))
    assert fit_temperature(np.stack([both, np.zeros(1000)], axis=-1), np.zeros(1000, int)) == INF
    # The likelihood does not depend on T.
    for constant in ([[2.0, 2.0], [5.0, 5.0]], [[0.0], [1.0]], [[1.0, -INF], [2.0, -INF]], [[0.0, 0.0]] * 2):
        assert fit_temperature(constant, [0, 0]) == 1


def test_temperature_near_the_limits_of_floats() -> None:
    assert_allclose(fit_temperature([[1.5e308, -1.5e308]] * 1000, [0] * 999 + [1]), 3 * (1e308 / math.log(999)))
    tiny = [[1.0, 0.0], [0.0, 1e-310]]
    fitted = fit_temperature(tiny, [0, 0])
    assert_allclose(fitted, exact_temperature(tiny, [0, 0], fitted), rtol=1e-12)


def test_a_class_that_is_ruled_out_does_not_count() -> None:
    logits, labels = drawn(np.random.default_rng(5), 200, 3)
    wider = np.insert(logits, 1, -INF, axis=1)
    moved = np.where(labels >= 1, labels + 1, labels)
    assert_allclose(fit_temperature(wider, moved), fit_temperature(logits, labels), rtol=1e-13)
    # Of two remaining classes the label is behind: without −inf, the mean of the row would say otherwise.
    assert fit_temperature([[0.0, 1.0, -INF]], [0]) == INF


# Bad arguments

HALF = [[0.5, 0.5]]
WITH_BINS: list[Function] = [reliability_curve, expected_calibration_error]
TEMPERATURE: list[Function] = [fit_temperature]
REFUSED: list[tuple[list[Function], Any, Any, type[Exception], str]] = [
    (
        ALL,
        [0.5, 0.5],
        [0],
        ValueError,
        "X must have the shape (samples, classes), one of each at least, got (2,)",
    ),
    (ALL, np.zeros((0, 3)), [], ValueError, "one of each at least, got (0, 3)"),
    (ALL, np.zeros((3, 0)), [0, 0, 0], ValueError, "one of each at least, got (3, 0)"),
    (ALL, [["a"]], [0], TypeError, "X must hold real numbers (bools, ints or floats), got dtype <U1"),
    (ALL, np.ma.array(HALF), [0], TypeError, "X must be a plain array, neither masked nor sparse, got MaskedArray"),
    (ALL, [[1.0], [0.5, 0.5]], [0, 0], ValueError, "X must be a rectangular array, got list"),
    (ALL, HALF, [0, 1], ValueError, "labels must have the shape (1,), one for each row of X, got (2,)"),
    (ALL, HALF, 0, ValueError, "labels must have the shape (1,), one for each row of X, got ()"),
    (ALL, HALF, None, ValueError, "labels must have the shape (1,), one for each row of X, got ()"),
    (ALL, HALF, [[1, 0]], ValueError, "labels must have the shape (1,), one for each row of X, got (1, 2)"),
    (
        ALL,
        HALF,
        np.ma.array([0]),
        TypeError,
        "labels must be a plain array, neither masked nor sparse, got MaskedArray",
    ),
    (ALL, HALF, [1.0], TypeError, "labels must hold integers as labels, got dtype float64"),
    (ALL, HALF, ["0"], TypeError, "labels must hold integers as labels, got dtype <U1"),
    (ALL, HALF * 3, [0, 2, 5], ValueError, "labels must hold labels from 0 to 1, got 2"),
    (ALL, HALF, [-1], ValueError, "labels must hold labels from 0 to 1, got -1"),
    (ALL, HALF, np.array([2**63], np.uint64), ValueError, "got 9223372036854775808"),
    (OF_PROBS, [*HALF, [1.1, -0.1]], [0, 0], ValueError, "probs must hold probabilities >= 0, got -0.1"),
    (OF_PROBS, [*HALF, [0.5, NAN]], [0, 0], ValueError, "probs must hold probabilities >= 0, got nan"),
    (
        OF_PROBS,
        [*HALF, [0.5, 0.75]],
        [0, 0],
        ValueError,
        "probs must hold probabilities that sum to 1 along the last axis, to within 0.01, got 1.25",
    ),
    (
        OF_PROBS,
        [[INF, 0.0]],
        [0],
        ValueError,
        "probs must hold probabilities that sum to 1 along the last axis, to within 0.01, got inf",
    ),
    (
        OF_PROBS,
        [[0.0, 0.0]],
        [0],
        ValueError,
        "probs must hold probabilities that sum to 1 along the last axis, to within 0.01, got 0.0",
    ),
    (OF_PROBS, [[0.5, 0.48]], [0], ValueError, "to within 0.01, got 0.98"),
    (OF_PROBS, np.array([[0.5, 0.52]], np.float16), [0], ValueError, "to within 0.01, got 1.02"),
    (TEMPERATURE, [[0.0, NAN]], [0], ValueError, "logits must be finite in float64, or -inf, got nan"),
    (
        TEMPERATURE,
        [[0.0, 1.0], [0.0, INF]],
        [0, 1],
        ValueError,
        "logits must be finite in float64, or -inf, got inf",
    ),
    (TEMPERATURE, [[0.0, 1.0], [0.0, -INF]], [0, 1], ValueError, "logits must be finite for the labels, which are"),
    (TEMPERATURE, [[0.0, 1.0], [0.0, -INF]], [0, 1], ValueError, "impossible otherwise, got -inf"),
    (TEMPERATURE, [[-INF, -INF]], [0], ValueError, "logits must be finite for the labels, which are"),
]


def refuses(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    """Assert that a call raises this error with a message that contains this one, and that the traceback is single."""
    with np.errstate(all="raise"), pytest.raises(error, match=re.escape(message)) as raised:
        call()
    assert raised.type is error
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


@pytest.mark.parametrize(("functions", "scores", "labels", "error", "message"), REFUSED)
def test_refused(functions: list[Function], scores: Any, labels: Any, error: type[Exception], message: str) -> None:
    for function in functions:
        name = "logits" if function is fit_temperature else "probs"
        refuses(lambda f=function: f(scores, labels), error, message.replace("X", name))  # type: ignore[misc]


@pytest.mark.parametrize("function", WITH_BINS)
def test_numbers_of_bins_that_are_refused(function: Function) -> None:
    refuses(lambda: function(HALF, [0], n_bins=0), ValueError, "n_bins must be an int >= 1, got 0")
    refuses(lambda: function(HALF, [0], n_bins=-3), ValueError, "n_bins must be an int >= 1, got -3")
    refuses(lambda: function(HALF, [0], n_bins=10.0), TypeError, "n_bins must be an int >= 1, got 10.0")
    refuses(lambda: function(HALF, [0], n_bins=None), TypeError, "n_bins must be an int >= 1, got None")
    refuses(lambda: function(HALF, [0], n_bins=True), TypeError, "n_bins must be an int >= 1, got True")
    refuses(lambda: function(HALF, [0], n_bins=10**6 + 1), ValueError, "n_bins must be at most 1000000, got 1000001")
    refuses(lambda: function(HALF, [0], n_bins=10**30), ValueError, "n_bins must be at most 1000000, got 1000")
    function(HALF, [0], n_bins=10**6)


@pytest.mark.skipif(np.finfo(np.longdouble).max == np.finfo(np.float64).max, reason="longdouble is float64 here")
def test_numbers_that_only_a_longdouble_holds_are_refused() -> None:
    for sign in (1, -1):
        scores = np.array([[0, 1], [0, sign * np.longdouble("1e400")]])
        message = f"logits must be finite in float64, or -inf, got {'-' * (sign < 0)}1e+400"
        refuses(lambda s=scores: fit_temperature(s, [0, 0]), ValueError, message)  # type: ignore[misc]
    for function in OF_PROBS:
        refuses(lambda f=function: f(np.abs(scores), [0, 0]), ValueError, "got 1e+400")  # type: ignore[misc]


def test_sums_that_only_rounding_moved_are_taken() -> None:
    rng = np.random.default_rng(7)
    for dtype in (np.float16, np.float32):
        for k in (3, 1000, 50_000):
            for scale in (0.0, 5.0, 50.0):
                probs = softmax(rng.normal(scale=scale, size=(2, k)).astype(dtype))
                assert 0 <= brier_score(probs, [0, 1]) <= 2
    assert expected_calibration_error([[0.50005, 0.5]], [0]) < 0.5
    assert expected_calibration_error(np.array([[0.5, 0.505]], np.float16), [1]) < 0.5


# Good manners


@pytest.mark.parametrize("function", ALL)
def test_bools_are_labels_and_floats_of_other_packages_are_refused(function: Function) -> None:
    scores = np.array([[0.25, 0.75], [1.0, 0.0]])
    assert str(function(scores, [True, False])) == str(function(scores, [1, 0]))
    refuses(lambda: function(scores.astype(ml_dtypes.float8_e5m2), [0, 1]), TypeError, "must hold real numbers")


@pytest.mark.parametrize("function", OF_PROBS)
def test_probabilities_rounded_to_three_digits_are_taken(function: Function) -> None:
    for probs in (np.full((4, 3), 0.333), np.full((4, 3), 1 / 3, np.float16).astype(np.float32)):
        function(probs, [0, 1, 2, 0])


@pytest.mark.parametrize("function", ALL)
def test_inputs_are_never_written_to(function: Function) -> None:
    def flat(result: Any) -> Any:
        return np.concatenate(np.atleast_1d(*result)) if isinstance(result, tuple) else result

    probs, labels = np.array([[0.25, 0.75], [1.0, 0.0], [0.5, 0.5]]), np.array([1, 1, 0])
    probs.flags.writeable = labels.flags.writeable = False
    expected = function(probs, labels)
    for same in (np.asfortranarray(probs), probs.astype(">f8"), probs.tolist()):
        for given_labels in (labels.tolist(), labels.astype(np.uint8), labels.astype(">i4")):
            assert_array_equal(flat(function(same, given_labels)), flat(expected))


@pytest.mark.parametrize("function", ALL)
def test_no_numpy_warning_escapes(function: Function) -> None:
    certain, tiny = [[1.0, 0.0]] * 2, [[1.0, 5e-324], [1e-320, 1.0]]
    logits = [[[1e308, -1e308]] * 2, [[1.7e308, -INF], [5e-324, 0.0]], [[0.0, 1e-300], [1e300, 0.0]]]
    for state in ("raise", "warn"):
        with np.errstate(all=state), warnings.catch_warnings(action="error"):
            for scores in [certain, tiny, *(logits if function is fit_temperature else [])]:
                for labels in ([0, 0], [0, 1], [1, 0]):
                    if not np.isneginf(np.asarray(scores)[[0, 1], labels]).any():
                        function(scores, labels)
            assert set(np.geterr().values()) == {state}
