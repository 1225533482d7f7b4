"""Classification: the loss agrees with its definition in every option; the classifier finds the optimum."""
# ruff: noqa: N803, N806 (X and C are the names that users of scikit-learn know)

import copy
import inspect
import pickle
import re
import subprocess
import sys
import tracemalloc
import warnings
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from unittest import mock

import ml_dtypes
import mpmath
import numpy as np
import onnx
import pytest
import scipy.sparse
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from sklearn import exceptions
from sklearn.base import clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_estimator

import minisoftmax
from minisoftmax import (
    ConvergenceWarning,
    NotFittedError,
    SoftmaxRegression,
    classification,
    cross_entropy,
    cross_entropy_grad,
    log_softmax,
    softmax,
)
from tests.package.onnx_cases import Case, onnx_cases

Array = NDArray[Any]

EPS = float(np.finfo(np.float64).eps)
INF, NAN = np.inf, np.nan
LOSSES: list[Callable[..., Any]] = [cross_entropy, cross_entropy_grad]

law = settings(deadline=None, derandomize=True, max_examples=60)


def test_the_package_offers_all_of_it() -> None:
    assert set(classification.__all__) == {
        "ConvergenceWarning",
        "NotFittedError",
        "SoftmaxRegression",
        "cross_entropy",
        "cross_entropy_grad",
    }
    for name in classification.__all__:
        assert name in minisoftmax.__all__
        assert getattr(minisoftmax, name) is getattr(classification, name)


def test_signatures_are_those_of_the_design() -> None:
    for function in LOSSES:
        logits, target, *options = inspect.signature(function).parameters.values()
        assert (logits.name, target.name) == ("logits", "target")
        assert {option.kind for option in options} == {inspect.Parameter.KEYWORD_ONLY}
        assert {option.name: option.default for option in options} == {
            "weight": None,
            "ignore_index": None,
            "label_smoothing": 0.0,
            "reduction": "mean",
        }


# The loss, by its definition


def mp_losses(logits: Any, target: Any, weight: Any, ignore_index: int | None, smoothing: float, reduction: str) -> Any:
    """Give the losses of rows as they are defined, one number at a time, with many digits."""
    losses, divisor = [], mpmath.mpf(0)
    for z, t in zip(logits, target, strict=True):
        classes = len(z)
        w = [mpmath.mpf(1)] * classes if weight is None else [mpmath.mpf(float(v)) for v in weight]
        top = max(range(classes), key=z.__getitem__)
        rest = mpmath.log1p(mpmath.fsum(mpmath.exp(z[c] - z[top]) for c in range(classes) if c != top))
        surprise = [z[top] - v + rest for v in z]
        spread = mpmath.fsum(w[c] * surprise[c] for c in range(classes)) / classes
        if np.ndim(t):
            loss = mpmath.fsum(w[c] * mpmath.mpf(float(t[c])) * surprise[c] for c in range(classes))
            divisor += 1
        elif t == ignore_index:
            losses.append(mpmath.mpf(0))
            continue
        else:
            loss = w[t] * surprise[t]
            divisor += w[t]
        losses.append((1 - mpmath.mpf(smoothing)) * loss + mpmath.mpf(smoothing) * spread)
    if reduction == "none":
        return losses
    total = mpmath.fsum(losses)
    return total if reduction == "sum" else total / divisor if divisor else mpmath.nan


def mp_gradient(logits: Array, *options: Any) -> Array:
    """Give the gradient of the sum of the losses by central differences, with many digits."""
    rows = [[mpmath.mpf(float(v)) for v in row] for row in logits]
    step = mpmath.mpf(10) ** -40
    gradient = np.empty(logits.shape)
    for i, j in np.ndindex(*logits.shape):
        ends = []
        for sign in (1, -1):
            rows[i][j] += sign * step
            losses = mp_losses(rows, *options)
            ends.append(mpmath.fsum(losses) if isinstance(losses, list) else losses)
            rows[i][j] -= sign * step
        gradient[i, j] = (ends[0] - ends[1]) / (2 * step)
    return gradient


@st.composite
def problems(draw: st.DrawFn, kind: str = "any") -> tuple[Array, Any, dict[str, Any]]:
    """Draw logits of some samples, a target, and all options."""
    n, classes = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    logits = rng.normal(scale=draw(st.sampled_from([1, 10, 100])), size=(n, classes))
    weight = draw(st.sampled_from([None, rng.random(classes) + 0.1, rng.integers(0, 3, size=classes)]))
    options = {
        "weight": weight,
        "ignore_index": None,
        "label_smoothing": draw(st.sampled_from([0.0, 0.1, 0.75, 1.0])),
        "reduction": draw(st.sampled_from(["mean", "sum", "none"])),
    }
    if kind == "probabilities" or (kind == "any" and draw(st.booleans())):
        return logits, rng.dirichlet(np.ones(classes), size=n), options
    target = rng.integers(0, classes, size=n)
    options["ignore_index"] = draw(st.sampled_from([None, -100, -1, 0, classes]))
    if options["ignore_index"] is not None:
        target[rng.random(n) < 0.4] = options["ignore_index"]
    return logits, target, options


@given(problems())
@law
def test_loss_is_what_its_definition_says(problem: tuple[Array, Any, dict[str, Any]]) -> None:
    logits, target, options = problem
    with mpmath.workdps(150):
        exact = np.array(mp_losses([[mpmath.mpf(float(v)) for v in row] for row in logits], target, *options.values()))
    result = cross_entropy(logits, target, **options)
    assert np.shape(result) == exact.shape
    assert_allclose(result, exact.astype(float), rtol=1e-14 + 4 * EPS * np.abs(logits).max(), atol=1e-300)


@given(problems())
@law
def test_gradient_is_that_of_the_definition(problem: tuple[Array, Any, dict[str, Any]]) -> None:
    logits, target, options = problem
    ignored = np.full(len(logits), False) if target.ndim == 2 else target == options["ignore_index"]
    with mpmath.workdps(150):
        exact = mp_gradient(logits, target, *options.values())
    exact[ignored] = 0  # where the mean is NaN, these do not take part in it
    result = cross_entropy_grad(logits, target, **options)
    size = np.nan_to_num(np.abs(exact).max(axis=-1, keepdims=True))
    bound = (1e-14 + 4 * EPS * np.abs(logits).max()) * size + 1e-300  # differences between logits are rounded
    assert_array_equal(np.isnan(result), np.isnan(exact))
    assert np.all(np.abs(np.nan_to_num(result - exact)) <= bound)


@given(problems(), st.floats(-50, 50))
@law
def test_a_shift_changes_nothing_and_gradients_sum_to_zero(
    problem: tuple[Array, Any, dict[str, Any]], shift: float
) -> None:
    logits, target, options = problem
    moved = logits + shift
    assert_allclose(cross_entropy(moved, target, **options), cross_entropy(logits, target, **options), rtol=1e-11)
    gradient = cross_entropy_grad(logits, target, **options)
    assert_allclose(gradient, cross_entropy_grad(moved, target, **options), rtol=1e-11, atol=1e-15)
    usable = np.nan_to_num(gradient)
    assert np.all(np.abs(usable.sum(axis=-1)) <= 4 * EPS * np.abs(usable).sum(axis=-1))


@given(problems())
@law
def test_order_changes_nothing(problem: tuple[Array, Any, dict[str, Any]]) -> None:
    logits, target, options = problem
    n, classes = logits.shape
    order = np.random.default_rng(0).permutation(n)
    swapped, gradient = (f(logits[order], target[order], **options) for f in LOSSES)
    plain = cross_entropy(logits, target, **options)
    assert_allclose(swapped, plain[order] if options["reduction"] == "none" else plain, rtol=1e-14)
    assert_allclose(gradient, cross_entropy_grad(logits, target, **options)[order], rtol=1e-13, atol=1e-16)
    names = np.random.default_rng(1).permutation(classes)  # new class c is the old class names[c]
    if target.ndim == 2:
        renamed = target[:, names]
    else:
        renamed = np.array([t if t == options["ignore_index"] else np.argsort(names)[t] for t in target])
        if options["ignore_index"] == 0:
            return  # a class can be left out, but then it cannot be renamed
    weight = None if options["weight"] is None else options["weight"][names]
    new, gradient = (f(logits[:, names], renamed, **{**options, "weight": weight}) for f in LOSSES)
    assert_allclose(new, plain, rtol=1e-13)
    assert_allclose(gradient, cross_entropy_grad(logits, target, **options)[:, names], rtol=1e-12, atol=1e-15)


@given(problems("labels"))
@law
def test_to_ignore_is_to_remove(problem: tuple[Array, Any, dict[str, Any]]) -> None:
    logits, target, options = problem
    kept = np.full(len(target), True) if options["ignore_index"] is None else target != options["ignore_index"]
    logits[~kept] = NAN
    loss, gradient = (f(logits, target, **options) for f in LOSSES)
    less = cross_entropy(logits[kept], target[kept], **options)
    assert_allclose(loss[kept] if options["reduction"] == "none" else loss, less, rtol=1e-14)
    assert_array_equal(gradient[~kept], 0)
    assert_allclose(gradient[kept], cross_entropy_grad(logits[kept], target[kept], **options), rtol=1e-14)


@given(problems("labels"))
@law
def test_weights_repeat_samples_and_probabilities_generalize_labels(problem: tuple[Array, Any, dict[str, Any]]) -> None:
    logits, target, options = problem
    classes = logits.shape[1]
    if target.max() == classes:
        options["ignore_index"], target = None, np.minimum(target, classes - 1)
    if target.min() < 0 or options["ignore_index"] is not None:
        options["ignore_index"], target = None, np.abs(target) % classes
    counts = np.arange(1, classes + 1)
    repeated = np.repeat(np.arange(len(target)), counts[target])
    weighted = cross_entropy(logits, target, weight=counts)
    assert_allclose(weighted, cross_entropy(logits[repeated], target[repeated]), rtol=1e-13)
    one_hot = np.eye(classes, dtype=int)[target]
    loss, gradient = (f(logits, target, **{**options, "reduction": "sum"}) for f in LOSSES)
    also_loss, also_gradient = (f(logits, one_hot, **{**options, "reduction": "sum"}) for f in LOSSES)
    assert_allclose(also_loss, loss, rtol=1e-14)
    assert_allclose(also_gradient, gradient, rtol=1e-13, atol=1e-300)


@given(problems())
@law
def test_smoothing_mixes_the_target_with_the_uniform_one(problem: tuple[Array, Any, dict[str, Any]]) -> None:
    logits, target, options = problem
    options = {**options, "reduction": "none"}
    smooth, plain, even = (cross_entropy(logits, target, **{**options, "label_smoothing": e}) for e in (0.3, 0.0, 1.0))
    assert_allclose(smooth, 0.7 * plain + 0.3 * even, rtol=1e-13)
    kept = np.full(len(logits), True) if target.ndim == 2 else target != options["ignore_index"]
    uniform = np.full(logits.shape, 1 / logits.shape[1])
    assert_allclose(even[kept], cross_entropy(logits, uniform, weight=options["weight"], reduction="none")[kept])
    assert np.all(smooth >= 0)
    assert np.all(plain >= 0)


@given(problems("probabilities"))
@law
def test_cross_entropy_is_at_least_the_entropy_of_the_target(problem: tuple[Array, Any, dict[str, Any]]) -> None:
    logits, target, _ = problem
    entropy = np.where(target > 0, -target * np.log(np.where(target > 0, target, 1)), 0).sum(axis=-1)
    assert np.all(cross_entropy(logits, target, reduction="none") >= entropy * (1 - 1e-14) - 1e-15)
    p = softmax(logits)
    entropy = -np.where(p > 0, p * log_softmax(logits), 0).sum(axis=-1)
    assert_allclose(cross_entropy(logits, p, reduction="none"), entropy, rtol=1e-12)
    assert_allclose(cross_entropy_grad(logits, p, reduction="sum"), 0, atol=1e-15)


def test_known_values() -> None:
    z = np.log([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]])
    a, b = -np.log(0.7), -np.log(0.1)
    assert_allclose(cross_entropy(z, [0, 2], reduction="none"), [a, b], rtol=1e-15)
    assert_allclose(cross_entropy(z, [0, 2]), (a + b) / 2, rtol=1e-15)
    assert_allclose(cross_entropy(z, [0, 2], weight=[1, 5, 3]), (a + 3 * b) / 4, rtol=1e-15)
    assert_allclose(cross_entropy(z, np.eye(3)[[0, 2]], weight=[1, 5, 3]), (a + 3 * b) / 2, rtol=1e-15)
    assert_allclose(cross_entropy(z, [0, 7], ignore_index=7), a, rtol=1e-15)
    assert_allclose(cross_entropy_grad(z, [0, 2], reduction="sum"), [[-0.3, 0.2, 0.1], [0.1, 0.8, -0.9]], rtol=1e-15)
    assert_allclose(cross_entropy_grad(z, [0, 2]), [[-0.15, 0.1, 0.05], [0.05, 0.4, -0.45]], rtol=1e-15)


def test_leading_axes_are_only_stacked() -> None:
    rng = np.random.default_rng(1)
    z, labels, probs = rng.normal(size=(2, 3, 4)), rng.integers(0, 4, size=(2, 3)), rng.dirichlet(np.ones(4), (2, 3))
    for target in (labels, probs):
        flat = target.reshape(6, *target.shape[2:])
        for reduction in ("mean", "sum", "none"):
            loss = cross_entropy(z, target, reduction=reduction)
            assert_allclose(np.ravel(loss), np.ravel(cross_entropy(z.reshape(6, 4), flat, reduction=reduction)))
            gradient = cross_entropy_grad(z.reshape(6, 4), flat, reduction=reduction)
            assert_array_equal(cross_entropy_grad(z, target, reduction=reduction), gradient.reshape(z.shape))
        one = cross_entropy(z, target, reduction="none")
        assert one.shape == (2, 3)
        assert_array_equal(cross_entropy(z[1, 2], target[1, 2], reduction="none"), one[1, 2])
        assert cross_entropy_grad(z[1, 2], target[1, 2]).shape == (4,)


def test_small_losses_keep_their_digits() -> None:
    for gap in (10.0, 40.0, 69.0, 300.0, 700.0):
        with mpmath.workdps(60):
            loss = float(mpmath.log1p(mpmath.exp(-gap)))
            miss = float(1 / (1 + mpmath.exp(gap)))
        assert_allclose(cross_entropy([gap, 0.0], 0), loss, rtol=4e-16)
        assert_allclose(cross_entropy_grad([gap, 0.0], 0), [-miss, miss], rtol=4e-16)
        assert_allclose(cross_entropy([gap, 0.0], [1.0, 0.0]), loss, rtol=4e-16)
        assert_allclose(cross_entropy_grad([0.0, gap], 1, weight=[1, 3], reduction="sum"), [3 * miss, -3 * miss])
    assert_allclose(cross_entropy_grad([70.0, 0.0], [1.0, 1e-20]), [1e-20, -1e-20], rtol=1e-9)


def test_the_gradient_at_two_equal_logits() -> None:
    for dtype in (np.float16, np.float32, np.float64):
        assert_array_equal(cross_entropy_grad(np.zeros(2, dtype), 0), [-0.5, 0.5])
        assert_array_equal(cross_entropy_grad(np.array([3, 3, -np.inf], dtype), 1), [0.5, -0.5, 0])


def test_gradients_are_as_exact_for_many_classes() -> None:
    z = np.zeros(10_000)
    z[0] = 1e-9
    gradient = cross_entropy_grad(z, 5)
    assert_allclose(gradient[0], np.exp(log_softmax(z)[0]), rtol=1e-14)
    assert_allclose(gradient[5], 1e-4 - 1, rtol=1e-12)


def test_special_values() -> None:
    lost = [1.0, 2.0, -INF]
    assert_array_equal(cross_entropy(lost, 2), INF)
    assert_allclose(cross_entropy(lost, [0.5, 0.5, 0.0]), -log_softmax([1.0, 2.0]).mean(), rtol=1e-15)
    assert_allclose(cross_entropy_grad(lost, [0.5, 0.5, 0.0]), [*(softmax([1.0, 2.0]) - 0.5), 0], rtol=1e-14)
    assert_allclose(cross_entropy_grad(lost, 2), [*softmax([1.0, 2.0]), -1], rtol=1e-15)
    assert_array_equal(cross_entropy(lost, 2, weight=[1, 1, 0], reduction="sum"), 0)
    assert_array_equal(cross_entropy(lost, 0, label_smoothing=0.1), INF)
    assert_array_equal(cross_entropy([[INF, 0.0], [INF, INF]], [0, 0], reduction="none"), [0, np.log(2)])
    assert_array_equal(cross_entropy([[NAN, 0.0], [0.0, 0.0]], [1, 0], reduction="none"), [NAN, np.log(2)])
    assert_array_equal(cross_entropy_grad([[NAN, 0.0], [0.0, 0.0]], [1, 0], reduction="none")[0], [NAN, NAN])
    assert np.isnan(cross_entropy([-INF, -INF], 0))
    for reduction in ("none", "sum", "mean"):
        assert not np.signbit(cross_entropy([3.0], 0, reduction=reduction))
    assert_array_equal(np.signbit(cross_entropy_grad([3.0], 0)), [False])


def test_the_mean_over_nothing_is_nan() -> None:
    z = np.array([[1.0, 2.0], [0.0, 1.0]])
    nothing: list[tuple[Any, Any, dict[str, Any]]] = [
        (z, [-100, -100], {"ignore_index": -100}),
        (z, [-100, -100], {"ignore_index": -100, "label_smoothing": 0.1, "weight": [1, 2]}),
        (np.empty((0, 2)), [], {}),
        (np.empty((0, 2)), np.empty((0, 2)), {}),
    ]
    for logits, target, options in nothing:
        assert np.isnan(cross_entropy(logits, target, **options))
        assert_array_equal(cross_entropy(logits, target, reduction="sum", **options), 0)
        assert_array_equal(cross_entropy(logits, target, reduction="none", **options), np.zeros(len(logits)))
        assert_array_equal(cross_entropy_grad(logits, target, **options), np.zeros(logits.shape))
    for smoothing in (0.0, 0.5):
        assert np.isnan(cross_entropy(z, [1, 1], weight=[1, 0], label_smoothing=smoothing))
        gradient = cross_entropy_grad(z, [1, -1], weight=[1, 0], label_smoothing=smoothing, ignore_index=-1)
        assert_array_equal(gradient, [[NAN, NAN] if smoothing else [0, 0], [0, 0]])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_the_dtype_is_that_of_the_logits(dtype: type) -> None:
    rng = np.random.default_rng(2)
    z: Array = rng.normal(scale=3, size=(6, 4)).astype(dtype)
    exact = z.astype(np.float64)
    weight = [0.5, 1.0, 0.25, 2.0]
    for target in (rng.integers(0, 4, size=6), rng.dirichlet(np.ones(4), size=6)):
        for reduction in ("mean", "sum", "none"):
            for function in LOSSES:
                result = function(z, target, weight=weight, reduction=reduction)
                assert result.dtype == dtype
                expected = function(exact, target, weight=weight, reduction=reduction)
                assert_allclose(
                    result.astype(float), expected, rtol=8 * float(np.finfo(dtype).eps), atol=1e-4 * EPS**0.5
                )
    loss = cross_entropy(z, rng.integers(0, 4, size=6))
    assert type(loss) is dtype
    assert type(cross_entropy(z[0], 1, reduction="none")) is dtype
    assert cross_entropy([[1, 2], [True, 0]], [0, 1]).dtype == np.float64


def test_float16_is_computed_in_float32() -> None:
    z = np.full((3000, 4), -30, np.float16)
    z[:, 0] = 0
    loss = cross_entropy(z, np.full(3000, 1))  # the sum of the losses is above the largest float16
    assert loss.dtype == np.float16
    assert loss == 30
    assert cross_entropy(z, np.full(3000, 1), reduction="sum") == INF
    rng = np.random.default_rng(9)
    z, labels = rng.normal(size=(500, 50)).astype(np.float16), rng.integers(0, 50, size=500)
    for function in LOSSES:
        exact = function(z.astype(np.float32), labels, label_smoothing=0.1, reduction="none")
        assert_array_equal(function(z, labels, label_smoothing=0.1, reduction="none"), exact.astype(np.float16))


def test_labels_of_any_integer_type() -> None:
    z = np.random.default_rng(3).normal(size=(3, 200))
    for dtype in (np.int8, np.uint8, np.int32, np.uint64, ">i4"):
        labels: Array = np.array([5, 0, 127]).astype(dtype)
        assert cross_entropy(z, labels, ignore_index=-100) == cross_entropy(z, [5, 0, 127])
        assert_array_equal(cross_entropy_grad(z, labels), cross_entropy_grad(z, [5, 0, 127]))


def test_inputs_are_never_written_to_and_no_warning_escapes() -> None:
    z = np.array([[INF, 1.0, -INF], [NAN, 0, 1], [1e308, -1e308, 0], [-INF] * 3, [0, 0, 0]])
    labels, probs, weight = np.array([0, 1, 2, 0, 1]), np.tile([0.5, 0.5, 0.0], (5, 1)), np.array([0.0, 1e308, 3.0])
    given_arrays = [z, labels, probs, weight]
    before = [array.copy() for array in given_arrays]
    for array in given_arrays:
        array.flags.writeable = False
    with np.errstate(all="raise"), warnings.catch_warnings(action="error"):
        for function in LOSSES:
            for x in (z, z.astype(np.longdouble)):
                for reduction in ("none", "sum", "mean"):
                    function(x, labels, weight=weight, ignore_index=1, reduction=reduction)
                    function(x, probs, weight=weight, label_smoothing=0.5, reduction=reduction)
            function(np.array([0, -20, -40], np.float16), 1)  # a result that float16 does not hold
    for array, copy_before in zip(given_arrays, before, strict=True):
        assert_array_equal(array, copy_before)


Z = np.zeros((2, 3))
REFUSED: list[tuple[Any, Any, dict[str, Any], type[Exception], str]] = [
    (Z, [0, 3], {}, ValueError, "target must hold labels from 0 to 2, got 3"),
    (Z, [0, -100], {}, ValueError, "target must hold labels from 0 to 2, got -100"),
    (Z, [0, -1], {"ignore_index": 5}, ValueError, "target must hold labels from 0 to 2, or ignore_index (5), got -1"),
    (Z, [0.0, 1.0], {}, TypeError, "target must hold integers as labels, got dtype float64"),
    (Z, ["a", "b"], {}, TypeError, "target must hold real numbers"),
    (
        Z,
        [0, 1, 2],
        {},
        ValueError,
        "target must have the shape (2,) of labels or (2, 3) of probabilities, to fit logits",
    ),
    (Z, 0, {}, ValueError, "of shape (2, 3), got ()"),
    (Z, [[0], [1, 2]], {}, ValueError, "target must be a rectangular array, got list"),
    (Z, np.ma.array([0, 1]), {}, TypeError, "target must be a plain array, neither masked nor sparse, got MaskedArray"),
    (Z, [[0.5, 0.6, -0.1]] * 2, {}, ValueError, "target must hold probabilities >= 0, got -0.1"),
    (Z, [[0.5, 0.5, NAN]] * 2, {}, ValueError, "target must hold probabilities >= 0, got nan"),
    (Z, [[0.5, 0.5, 0.02]] * 2, {}, ValueError, "sum to 1 along the last axis, to within 0.01, got 1.02"),
    (Z, [[1, 0, 0], [1, 1, 0]], {}, ValueError, "sum to 1 along the last axis, to within 0.01, got 2.0"),
    (Z, [[0.5, 0.5, 0j]] * 2, {}, TypeError, "target must hold real numbers"),
    (np.zeros(3), np.array([1, 1, 0]), {}, ValueError, "got 2.0"),
    (
        Z,
        Z + 1 / 3,
        {"ignore_index": -100},
        ValueError,
        "ignore_index must be None if target holds probabilities, got -100",
    ),
    (Z, [0, 1], {"ignore_index": 1.5}, TypeError, "ignore_index must be an int or None, got 1.5"),
    (Z, [0, 1], {"weight": [1, 2]}, ValueError, "weight must have the shape (3,), one number for each class, got (2,)"),
    (Z, [0, 1], {"weight": 1.0}, ValueError, "weight must have the shape (3,), one number for each class, got ()"),
    (Z, [0, 1], {"weight": [1, -2, 1]}, ValueError, "weight must be finite and >= 0, got -2.0"),
    (Z, [0, 1], {"weight": [1, 2, NAN]}, ValueError, "weight must be finite and >= 0, got nan"),
    (Z, [0, 1], {"weight": [INF, 2, 1]}, ValueError, "weight must be finite and >= 0, got inf"),
    (Z, [0, 1], {"weight": ["a", "b", "c"]}, TypeError, "weight must hold real numbers"),
    (Z, None, {}, TypeError, "target must hold real numbers (bools, ints or floats), got None"),
    (np.zeros(3), None, {}, TypeError, "target must hold real numbers (bools, ints or floats), got None"),
    (Z, [0, 1], {"ignore_index": True}, TypeError, "ignore_index must be an int or None, got True"),
    (Z, [0, 1], {"label_smoothing": None}, TypeError, "label_smoothing must hold real numbers (ints or floats)"),
    (
        Z,
        [0, 1],
        {"label_smoothing": True},
        TypeError,
        "label_smoothing must hold real numbers (ints or floats), got True",
    ),
    (Z, [0, 1], {"label_smoothing": 1.1}, ValueError, "label_smoothing must be from 0 to 1, got 1.1"),
    (Z, [0, 1], {"label_smoothing": -0.1}, ValueError, "label_smoothing must be from 0 to 1, got -0.1"),
    (Z, [0, 1], {"label_smoothing": NAN}, ValueError, "label_smoothing must be from 0 to 1, got nan"),
    (
        Z,
        [0, 1],
        {"label_smoothing": [0, 1]},
        ValueError,
        "label_smoothing must be one number, got an array of shape (2,)",
    ),
    (Z, [0, 1], {"label_smoothing": "a"}, TypeError, "label_smoothing must hold real numbers"),
    (Z, [0, 1], {"reduction": "average"}, ValueError, "reduction must be 'none', 'mean' or 'sum', got 'average'"),
    (Z, [0, 1], {"reduction": None}, ValueError, "reduction must be 'none', 'mean' or 'sum', got None"),
    (1.0, 0, {}, ValueError, "logits must have a last axis with an entry for each class, got shape ()"),
    (
        np.empty((2, 0)),
        [0, 0],
        {},
        ValueError,
        "logits must have a last axis with an entry for each class, got shape (2, 0)",
    ),
    (Z + 0j, [0, 1], {}, TypeError, "logits must hold real numbers"),
]


@pytest.mark.parametrize("function", LOSSES)
@pytest.mark.parametrize(("logits", "target", "options", "error", "message"), REFUSED)
def test_bad_arguments_are_refused(
    function: Callable[..., Any],
    logits: Any,
    target: Any,
    options: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=re.escape(message)) as raised:
        function(logits, target, **options)
    assert raised.type is error
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


def test_pytorch_agrees() -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(7)
    for _ in range(200):
        classes, lead = int(rng.integers(1, 8)), tuple(rng.integers(1, 5, size=rng.integers(0, 4)))
        z = rng.normal(scale=rng.choice([1, 10, 40]), size=(*lead, classes))
        options: dict[str, Any] = {
            "reduction": str(rng.choice(["mean", "sum", "none"])),
            "label_smoothing": float(rng.choice([0, 0.1, 0.5, 1])),
        }
        theirs = dict(options)
        if rng.random() < 0.6:
            options["weight"] = rng.random(classes) * rng.integers(0, 4, size=classes)
            theirs["weight"] = torch.tensor(options["weight"])
        if rng.random() < 0.4:
            target: Array = rng.dirichlet(np.ones(classes), size=lead)
        else:
            target = rng.integers(0, classes, size=lead)
            if rng.random() < 0.6:
                options["ignore_index"] = theirs["ignore_index"] = int(rng.choice([-100, -1, 0, classes - 1]))
                target = np.where(rng.random(lead) < 0.3, options["ignore_index"], target)
        leaf, truth = torch.tensor(z, requires_grad=True), torch.tensor(target)
        second = leaf.movedim(-1, 1) if lead else leaf
        truth = truth.movedim(-1, 1) if lead and truth.ndim == leaf.ndim else truth
        loss = torch.nn.functional.cross_entropy(second, truth, **theirs)
        loss.sum().backward()
        assert_allclose(cross_entropy(z, target, **options), loss.detach().numpy(), rtol=1e-10, atol=1e-10)
        assert_allclose(cross_entropy_grad(z, target, **options), leaf.grad.numpy(), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("power", [-1060, -300, -140, 0, 140, 1000])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_unit_of_weights_cancels_in_a_mean(dtype: type, power: int) -> None:
    rng = np.random.default_rng(11)
    z: Array = rng.normal(size=(6, 3)).astype(dtype)
    labels, eps = rng.integers(0, 3, size=6), float(np.finfo(dtype).eps)
    weight = rng.integers(1, 9, size=3) * 1.0
    for options in ({}, {"label_smoothing": 0.25}, {"ignore_index": int(labels[0])}):
        for function in LOSSES:
            plain = function(z, labels, weight=weight, **options)
            assert_array_equal(function(z, labels, weight=np.ldexp(weight, power), **options), plain)
    # Those of the labels may be tiny beside another one.
    few = np.array([1.0, 1e-60, 1e-60])
    assert_allclose(cross_entropy(z[:2], [1, 2], weight=few), cross_entropy(z[:2], [1, 2]), rtol=2 * eps)
    gradient = cross_entropy_grad(z[:2], [1, 2], weight=few)
    assert_allclose(gradient, cross_entropy_grad(z[:2], [1, 2]), rtol=2 * eps)


def test_weights_may_be_of_any_size() -> None:
    z = np.array([[0.5, 0.0], [0.0, 1.0]])
    losses = cross_entropy(z, [0, 0], reduction="none")
    for size in (1e-310, 1e-50, 1e50, 1e308):
        for reduction, plain in (("none", losses), ("sum", losses.sum())):
            with np.errstate(over="ignore"):
                expected = plain * size
            assert_allclose(cross_entropy(z, [0, 0], weight=[size, 0], reduction=reduction), expected, rtol=1e-13)
        soft = np.array([[1.0, 0.0]] * 2)
        assert_allclose(cross_entropy(z, soft, weight=[size, 0]), losses.mean() * size, rtol=1e-13)
        gradient = cross_entropy_grad(z, soft, weight=[size, 0], reduction="sum")
        assert_allclose(gradient, cross_entropy_grad(z, soft, reduction="sum") * size, rtol=1e-12)


@pytest.mark.parametrize("shape", [(300_000, 2), (60_000, 10), (600, 1000), (3, 200, 1000), (2, 300_000), (600_000,)])
def test_memory_is_what_the_docstring_says(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(6)
    labels: Array = np.asarray(rng.integers(0, shape[-1], size=shape[:-1]))
    soft = np.full(shape, 1 / shape[-1], np.float32)
    for dtype in ("f2", "f4", "f8", ">f4", "i1"):
        z: Array = rng.integers(-3, 4, size=shape).astype(dtype)
        for function in LOSSES:
            for target, options in (
                (labels, {"label_smoothing": 0.1, "reduction": "none", "ignore_index": 1}),
                (labels, {"weight": np.arange(shape[-1])}),
                (soft, {}),
            ):
                tracemalloc.start()
                result = function(z, target, **options)
                peak = tracemalloc.get_traced_memory()[1]
                tracemalloc.stop()
                assert peak - result.nbytes < max(8 * 2**20, 8 * 8 * shape[-1])


def test_large_arrays_give_what_their_rows_give() -> None:
    rng = np.random.default_rng(5)
    for n, classes in ((70_000, 4), (300, 1000), (3, 140_000)):
        z: Array = rng.normal(size=(n, classes))
        labels = rng.integers(-1, classes, size=n)
        weight, rows = rng.random(classes), rng.integers(0, n, size=20)
        probs = softmax(rng.normal(size=(n, classes)))
        for target, ignored in ((labels, -1), (probs, None)):
            options: dict[str, Any] = {"weight": weight, "ignore_index": ignored, "label_smoothing": 0.1}
            losses = cross_entropy(z, target, reduction="none", **options)
            gradient = cross_entropy_grad(z, target, reduction="none", **options)
            few = cross_entropy(z[rows], target[rows], reduction="none", **options)
            assert_allclose(losses[rows], few, rtol=1e-13)
            few = cross_entropy_grad(z[rows], target[rows], reduction="none", **options)
            assert_allclose(gradient[rows], few, rtol=1e-12, atol=1e-18)
            divisor = n if ignored is None else weight[labels[labels >= 0]].sum()
            assert_allclose(cross_entropy(z, target, **options), losses.sum() / divisor, rtol=1e-12)
            assert_allclose(cross_entropy_grad(z, target, **options), gradient / divisor, rtol=1e-12, atol=1e-22)


def test_bools_are_labels() -> None:
    z = np.array([[0.5, 0.0], [0.0, 1.0]])
    for function in LOSSES:
        assert_array_equal(function(z, [True, False]), function(z, [1, 0]))


@pytest.mark.parametrize("classes", [3, 1000, 128_256, 1_000_000])
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_what_softmax_gives_is_a_target(dtype: type, classes: int) -> None:
    for scale in (0.0, 5.0):
        z: Array = (scale * np.random.default_rng(4).normal(size=(2, classes))).astype(dtype)
        assert np.isfinite(cross_entropy(z, softmax(z)))
    assert_allclose(cross_entropy(np.zeros(3), [0.333, 0.333, 0.333]), 0.999 * np.log(3), rtol=1e-15)


def test_floats_of_other_packages_are_refused() -> None:
    z = np.zeros((2, 3), ml_dtypes.float8_e5m2)
    for function in LOSSES:
        with pytest.raises(TypeError, match="logits must hold real numbers"):
            function(z, [0, 1])
    with pytest.raises(TypeError, match="X must hold real numbers"):
        SoftmaxRegression().fit(z, [0, 1])


# ONNX: classes are on axis 1 there, and the logarithms of the probabilities can be asked for too.


ONNX_CASES = onnx_cases("softmax_cross_entropy_loss", "SoftmaxCrossEntropyLoss")


@pytest.mark.parametrize("case", ONNX_CASES, ids=lambda case: case.name)
def test_onnx_case(case: Case) -> None:
    options = {a.name: onnx.helper.get_attribute_value(a) for a in case.node.attribute}
    options["reduction"] = options["reduction"].decode()
    x, target, *weight = case.inputs
    logits = np.moveaxis(x, 1, -1)
    loss, *log_probs = case.outputs
    result = cross_entropy(logits, target, weight=weight[0] if weight else None, **options)
    assert result.shape == loss.shape
    assert result.dtype == x.dtype
    assert_allclose(result, loss, rtol=1e-5)
    for expected in log_probs:
        assert_allclose(np.moveaxis(log_softmax(logits), -1, 1), expected, rtol=1e-5)


def test_onnx_has_the_cases_that_we_know_of() -> None:
    assert len(ONNX_CASES) == 34
    assert sum(len(case.outputs) == 2 for case in ONNX_CASES) == 17


# The classifier


def blobs(n: int, features: int, classes: int, seed: int = 0, spread: float = 1.0) -> tuple[Array, Array]:
    """Draw samples of classes that overlap."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, size=n)
    y[:classes] = np.arange(classes)
    return rng.normal(size=(n, features)) + spread * rng.normal(size=(classes, features))[y], y


def objective(model: SoftmaxRegression, X: Array, codes: Array, sample_weight: Any = 1.0) -> float:
    """Give the objective by its definition."""
    losses = [np.logaddexp.reduce(z) - z[c] for z, c in zip(X @ model.coef_.T + model.intercept_, codes, strict=True)]
    penalty = 0.5 * np.sum(model.coef_**2) if len(model.coef_) > 2 else 0.5 * np.sum(np.diff(model.coef_, axis=0) ** 2)
    return float(model.C * np.sum(sample_weight * np.array(losses)) + penalty)


def steepest(model: SoftmaxRegression, X: Array, codes: Array) -> float:
    """Give the largest derivative of the objective, by its definition, for features that are standardized."""
    residual = softmax(X @ model.coef_.T + model.intercept_) - np.eye(len(model.classes_))[codes]
    pull = model.coef_ if len(model.coef_) > 2 else model.coef_ - model.coef_[::-1]
    gradient = [model.C * residual.T @ X + pull, model.C * residual.sum(axis=0)]
    return max(float(np.abs(part).max()) for part in gradient)


DATA = {"iris": load_iris, "wine": load_wine, "digits": load_digits, "breast_cancer": load_breast_cancer}


def standardized(name: str) -> tuple[Array, Array]:
    X, y = DATA[name](return_X_y=True)
    return StandardScaler().fit_transform(X), y


@pytest.mark.parametrize("name", ["iris", "wine", "digits"])
def test_it_reaches_the_optimum_of_scikit_learn(name: str) -> None:
    X, y = standardized(name)
    theirs = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000, solver="newton-cg").fit(X, y)
    ours = SoftmaxRegression(C=1.0).fit(X, y)
    assert_array_equal(ours.classes_, theirs.classes_)
    assert ours.coef_.shape == theirs.coef_.shape
    assert ours.intercept_.shape == theirs.intercept_.shape
    assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=5e-4)
    exact = SoftmaxRegression(C=1.0, tol=1e-11).fit(X, y)
    assert_allclose(exact.predict_proba(X), theirs.predict_proba(X), atol=1e-7)
    assert_allclose(exact.coef_, theirs.coef_, atol=1e-6)


@pytest.mark.parametrize("C", [1e-4, 1e-2, 1.0, 1e2, 1e4])
@pytest.mark.parametrize("classes", [2, 4])
def test_it_finds_the_optimum_at_every_strength(C: float, classes: int) -> None:
    X, y = blobs(150, 4, classes)
    ours = SoftmaxRegression(C=C, tol=1e-9).fit(X, y)
    theirs = LogisticRegression(C=C, tol=1e-12, solver="newton-cholesky").fit(X, y)
    assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    assert steepest(ours, X, y) <= 1e-6 * max(1, C * len(X))


@pytest.mark.parametrize("C", [1e-3, 1.0, 1e3])
def test_two_classes_have_the_optimum_of_scikit_learn(C: float) -> None:
    X, y = standardized("breast_cancer")
    theirs = LogisticRegression(C=C, tol=1e-10, max_iter=1000, solver="newton-cholesky").fit(X, y)
    ours = SoftmaxRegression(C=C).fit(X, y)
    assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=2e-3)
    exact = SoftmaxRegression(C=C, tol=1e-10, max_iter=10_000).fit(X, y)
    assert_allclose(np.diff(exact.coef_, axis=0), theirs.coef_, rtol=1e-5, atol=1e-6)
    assert_allclose(np.diff(exact.intercept_), theirs.intercept_, rtol=1e-5)


def test_two_classes_have_two_rows() -> None:
    X, y = blobs(60, 3, 2)
    model = SoftmaxRegression().fit(X, y)
    assert model.coef_.shape == (2, 3)
    assert model.intercept_.shape == (2,)
    odds = model.predict_proba(X)
    assert_allclose(model.decision_function(X), np.log(odds[:, 1] / odds[:, 0]), rtol=1e-9, atol=1e-12)
    assert_allclose(model.coef_[0], -model.coef_[1])


HARD: dict[str, Callable[[Array], Array]] = {
    "large": lambda X: X * 1e4,
    "large and far": lambda X: X * 1e4 + 1e6,
    "small": lambda X: X * 1e-4,
    "mixed": lambda X: X * [1e-4, 1, 1e4, 1e8],
    "doubled": lambda X: np.hstack([X, X]),
    "one": lambda X: X[:, :1],
    "constant": lambda X: np.hstack([X, np.full((len(X), 1), 0.1)]),
    "with outliers": lambda X: X * np.where(np.arange(len(X)) == 7, 1e3, 1)[:, None],
}


@pytest.mark.parametrize("C", [1.0, 1e4])
@pytest.mark.parametrize("kind", HARD)
def test_it_finds_the_optimum_on_hard_features(kind: str, C: float) -> None:
    X, y = blobs(120, 4, 3)
    X = HARD[kind](X)
    model = SoftmaxRegression(C=C).fit(X, y)
    best = SoftmaxRegression(C=C, tol=1e-10, max_iter=20_000).fit(X, y)
    assert_allclose(model.predict_proba(X), best.predict_proba(X), atol=1e-3)
    # No small change of the weights is any better: the optimum is one, since the objective is convex.
    lowest = objective(best, X, y)
    rng = np.random.default_rng(0)
    spread = X.std(axis=0)
    for size in (1e-3, 1e-1):
        other = SoftmaxRegression(C=C)
        other.coef_ = best.coef_ + size * rng.normal(size=best.coef_.shape) / np.where(spread > 1e-9, spread, 1)
        other.intercept_ = best.intercept_ - (other.coef_ - best.coef_) @ X.mean(axis=0)
        assert objective(other, X, y) > lowest


def outlier(value: float, C: float, follows: bool) -> tuple[float, float, bool]:
    """Fit data with one value far out: the mean objective, that without this sample, and whether a warning came."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2))
    y = (X[:, 0] + X[:, 1] + 0.3 * rng.normal(size=300) > 0).astype(int)
    X[0, 0] = value
    y[0] = (value > 0) == follows
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        model = SoftmaxRegression(C=C).fit(X, y)
        rest = SoftmaxRegression(C=C).fit(X[1:], y[1:])
    assert {entry.category.__name__ for entry in seen} <= {"ConvergenceWarning"}
    return objective(model, X, y) / 300 / C, objective(rest, X[1:], y[1:]) / 300 / C, bool(seen)


@pytest.mark.parametrize("C", [1.0, 1e6])
@pytest.mark.parametrize("value", [-1e9, 1e5, 1e9, -1e12, 1e15])
def test_an_outlier_on_the_right_side_hides_nothing(value: float, C: float) -> None:
    loss, rest, warned = outlier(value, C, follows=True)
    assert loss < rest + 1e-5
    assert not warned


@pytest.mark.parametrize("filled", [0.1, 0.3])
def test_an_outlier_among_zeros_hides_nothing(filled: float) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 2))
    X[:, 0] *= rng.random(400) < filled
    y = (3 * X[:, 0] + 0.5 * X[:, 1] + 0.3 * rng.normal(size=400) > 0).astype(int)
    X[0], y[0] = [1e9, 0], 1
    loss, rest = (objective(SoftmaxRegression().fit(X[i:], y[i:]), X[1:], y[1:]) for i in (0, 1))
    assert loss < 1.001 * rest


def test_an_outlier_hides_nothing_of_features_far_from_zero() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 2))
    y = (X[:, 0] + X[:, 1] + 0.3 * rng.normal(size=400) > 0).astype(int)
    X[:, 0] += 1e7
    X[0], y[0] = [1e13, 0], 1
    loss, rest = (objective(SoftmaxRegression().fit(X[i:], y[i:]), X[1:], y[1:]) for i in (0, 1))
    assert loss < 1.001 * rest


@pytest.mark.parametrize("outliers", [1, 60, 200])
@pytest.mark.parametrize("size", [1e6, 1e9, 1e14])
def test_many_outliers_hide_nothing_either(size: float, outliers: int) -> None:
    rng = np.random.default_rng(5)
    X = rng.normal(size=(300, 3))
    y = (X[:, 0] + X[:, 1] + 0.3 * rng.normal(size=300) > 0).astype(int)
    X[:outliers, 0] = size * np.where(y[:outliers], 1, -1)
    rest = SoftmaxRegression(C=1e3).fit(X[outliers:], y[outliers:])
    best = objective(rest, X[outliers:], y[outliers:])
    model = SoftmaxRegression(C=1e3).fit(X, y)
    assert objective(model, X, y) < 1.001 * best
    for max_iter in range(1, model.n_iter_, 5):
        with pytest.warns(ConvergenceWarning, match=rf"max_iter={max_iter} is reached, with \S+ as the largest"):
            assert SoftmaxRegression(C=1e3, max_iter=max_iter).fit(X, y).n_iter_ == max_iter


@pytest.mark.parametrize("value", [-1e50, 1e100, -1e150, 1e200, -1e300])
def test_an_outlier_beyond_all_reason_is_said(value: float) -> None:
    loss, rest, warned = outlier(value, 1.0, follows=True)
    assert warned or loss < rest + 1e-5


@pytest.mark.parametrize("value", [-1e9, 1e5, 1e9, 1e15, -1e50])
def test_an_outlier_on_the_wrong_side_takes_its_feature_away(value: float) -> None:
    loss, _, _ = outlier(value, 1.0, follows=False)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2))
    y = (X[:, 0] + X[:, 1] + 0.3 * rng.normal(size=300) > 0).astype(int)
    y[0] = value < 0
    assert loss < objective(SoftmaxRegression().fit(X[:, 1:], y), X[:, 1:], y) / 300 + 1e-5


@given(st.lists(st.integers(-250, 250), min_size=3, max_size=3), st.sampled_from([1.0, INF]))
@settings(law, max_examples=15)
def test_no_unit_of_a_feature_stops_the_solver(powers: list[int], C: float) -> None:
    X, y = blobs(100, 3, 3, spread=0.5)
    scaled = X * 10.0 ** np.array(powers)
    with np.errstate(all="raise"), warnings.catch_warnings(action="error"):
        model = SoftmaxRegression(C=C).fit(scaled, y)
        probs = model.predict_proba(scaled)
    if C == INF:
        assert_allclose(probs, SoftmaxRegression(C=C).fit(X, y).predict_proba(X), atol=1e-3)
    assert_allclose(probs.sum(axis=0), np.bincount(y), rtol=1e-3)  # where the derivatives for the intercepts are 0


def test_heavy_tails_end_at_the_optimum_or_with_a_warning() -> None:
    rng = np.random.default_rng(5)
    _, y = blobs(300, 3, 3)
    for X in (rng.standard_cauchy((300, 3)) ** 3, np.exp(20 * rng.normal(size=(300, 3)))):
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            model = SoftmaxRegression().fit(X, y)
        with warnings.catch_warnings(action="ignore"):
            theirs = LogisticRegression(solver="newton-cholesky", max_iter=1000).fit(X, y)
        best = SoftmaxRegression()
        best.coef_, best.intercept_ = theirs.coef_, theirs.intercept_
        assert seen or objective(model, X, y) < 1.001 * objective(best, X, y)


def test_without_features_it_gives_the_frequencies() -> None:
    model = SoftmaxRegression(tol=1e-12).fit(np.empty((4, 0)), ["a", "b", "b", "b"])
    assert model.coef_.shape == (2, 0)
    assert_allclose(model.predict_proba(np.empty((1, 0))), [[0.25, 0.75]], rtol=1e-10)


def test_the_gradient_vanishes_in_the_units_of_the_features() -> None:
    X, y = blobs(120, 4, 3)
    for scale in (1e-3, 1.0, 1e4):
        scaled = scale * X
        model = SoftmaxRegression(C=3.0, tol=1e-10).fit(scaled, y)
        assert steepest(model, scaled, y) <= 1e-6 * max(scale, 1)


def test_units_of_the_features_do_not_matter_without_a_penalty() -> None:
    X, y = blobs(120, 4, 3)
    plain = SoftmaxRegression(C=INF).fit(X, y)
    other = SoftmaxRegression(C=INF).fit(X * [1e-6, 1, 1e3, 1e9] + [1, 1, 1e4, 1e9], y)
    assert other.n_iter_ <= 2 * plain.n_iter_
    assert_allclose(other.coef_ * [1e-6, 1, 1e3, 1e9], plain.coef_, rtol=1e-3)


@pytest.mark.parametrize("C", [0.5, INF])
def test_weights_and_intercepts_sum_to_zero(C: float) -> None:
    X, y = blobs(100, 4, 3)
    model = SoftmaxRegression(C=C).fit(np.hstack([X, X, 1e8 * X[:, :1]]), y)
    assert_allclose(model.coef_.sum(axis=0), 0, atol=1e-14 * np.abs(model.coef_).max())
    assert_allclose(model.intercept_.sum(), 0, atol=1e-13 * max(1, np.abs(model.intercept_).max()))


def test_no_rounding_is_left_in_the_flat_directions() -> None:
    X, y = load_iris(return_X_y=True)
    model = SoftmaxRegression(C=1e4).fit(X * [1e-4, 1, 1e4, 1e8], y)
    assert np.all(np.abs(model.coef_.sum(axis=0)) <= 1e-14 * np.abs(model.coef_).max(axis=0))


def test_a_constant_feature_has_no_weight() -> None:
    X, y = blobs(100, 3, 3, spread=0.5)
    plain = SoftmaxRegression(C=INF, tol=1e-10).fit(X, y)
    more = SoftmaxRegression(C=INF, tol=1e-10).fit(np.hstack([X, np.full((100, 1), 0.1)]), y)
    assert_array_equal(more.coef_[:, 3], 0)
    assert_allclose(more.coef_[:, :3], plain.coef_, rtol=1e-6)


def test_without_a_penalty_it_finds_the_maximum_of_the_likelihood() -> None:
    X, y = blobs(200, 3, 3, spread=0.5)
    model = SoftmaxRegression(C=INF, tol=1e-10).fit(X, y)
    theirs = LogisticRegression(C=INF, tol=1e-10, max_iter=1000, solver="newton-cg").fit(X, y)
    assert_allclose(model.predict_proba(X), theirs.predict_proba(X), atol=1e-7)
    # At the maximum, the probabilities of a class sum to its count.
    assert_allclose(model.predict_proba(X).sum(axis=0), np.bincount(y), rtol=1e-8)


def test_separable_data() -> None:
    X = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    for C in (1.0, 1e4, INF):
        model = SoftmaxRegression(C=C).fit(X, [0, 0, 1, 1])
        assert model.score(X, [0, 0, 1, 1]) == 1
        assert np.isfinite(model.coef_).all()
    assert model.predict_proba(X).max(axis=1).min() > 1 - 1e-5


def test_samples_of_no_weight_to_speak_of_count_like_any_others() -> None:
    X = [[-2.0], [-1.0], [1.0], [2.0]]
    model = SoftmaxRegression(C=INF).fit(X, [0, 0, 1, 1], [5e-324] * 4)
    assert_allclose(model.coef_, SoftmaxRegression(C=INF).fit(X, [0, 0, 1, 1]).coef_, rtol=0.05)


def test_unbalanced_classes() -> None:
    rng = np.random.default_rng(8)
    y = np.repeat([0, 1, 2], [2000, 5, 1])
    X = rng.normal(size=(len(y), 3)) + y[:, None]
    model = SoftmaxRegression(tol=1e-9).fit(X, y)
    theirs = LogisticRegression(tol=1e-12, solver="newton-cholesky").fit(X, y)
    assert_allclose(model.predict_proba(X), theirs.predict_proba(X), atol=1e-6)


@given(st.integers(0, 10**6), st.integers(2, 4))
@settings(law, max_examples=10)
def test_order_copies_and_names_do_not_matter(seed: int, classes: int) -> None:
    X, y = blobs(40, 3, classes, seed)
    rng = np.random.default_rng(seed)

    def fitted(X: Array, y: Array, weight: Any = None, C: float = 1.0) -> SoftmaxRegression:
        return SoftmaxRegression(C=C, tol=1e-11).fit(X, y, weight)

    plain = fitted(X, y)
    near: Callable[..., None] = lambda a, b: assert_allclose(a, b, atol=1e-7)  # noqa: E731
    order, columns = rng.permutation(40), rng.permutation(3)
    near(fitted(X[order], y[order]).coef_, plain.coef_)
    near(fitted(X[:, columns], y).coef_, plain.coef_[:, columns])
    near(fitted(np.vstack([X, X]), np.append(y, y), C=0.5).coef_, plain.coef_)
    near(fitted(X, y, np.full(40, 0.25), C=4.0).coef_, plain.coef_)
    names = np.array(["delta", "alpha", "charlie", "bravo"])[:classes]
    named = fitted(X, names[y])
    assert named.classes_.tolist() == sorted(names)
    near(named.coef_, plain.coef_[np.argsort(names)])
    assert_array_equal(named.predict(X), names[plain.predict(X)])
    counts = rng.integers(0, 3, size=40)
    counts[:classes] = 1
    repeated = np.repeat(np.arange(40), counts)
    near(fitted(X, y, counts).coef_, fitted(X[repeated], y[repeated]).coef_)
    near(fitted(X, y, counts).intercept_, fitted(X[repeated], y[repeated]).intercept_)


@pytest.mark.parametrize(
    "labels",
    [
        ["no", "yes"],
        [False, True],
        [-1.0, 7.0],
        [10**30, 10**40],
        np.array(["2020-01-01", "2021-01-01"], "datetime64[D]"),
        np.array([b"a", b"b"]),
        np.array([(0, 2.5), (1, 0.5)], "i8,f8"),
        [(0, 1), (1, 0)],
        [(0,), (0, "a")],
        [frozenset(), frozenset({1})],
    ],
)
def test_labels_of_any_kind(labels: Any) -> None:
    X = [[0.0], [1.0], [9.0], [10.0]]
    y = [labels[0], labels[0], labels[1], labels[1]]
    model = SoftmaxRegression().fit(X, y)
    assert list(model.classes_) == list(labels)
    assert list(model.predict(X)) == y
    assert model.score(X, y) == 1
    assert model.score(X, y[::-1]) == 0
    assert model.predict(np.empty((0, 1))).shape == (0,)


@given(
    st.lists(st.text(alphabet="a\0b", max_size=3), min_size=2)
    | st.lists(st.integers(-(2**66), 2**66) | st.sampled_from([-1, 2**63 + 1, 2**63 + 2, 2**53 + 1]), min_size=2)
    | st.lists(st.integers(-5, 5) | st.booleans() | st.integers(-3, 3).map(float), min_size=2)
    | st.lists(st.tuples(st.integers(0, 1), st.text(alphabet="a\0", max_size=2)), min_size=2)
)
@settings(law, max_examples=100)
def test_labels_in_a_list_stay_what_they_are(y: list[Any]) -> None:
    if len(set(y)) < 2:
        return
    with warnings.catch_warnings(action="ignore"):
        model = SoftmaxRegression(max_iter=1).fit(np.arange(len(y))[:, None], y)
    assert list(model.classes_) == sorted(set(y))
    assert all(label in y for label in model.predict([[0.0], [1.0]]).tolist())
    assert model.score(np.arange(len(y))[:, None], y) == np.mean(
        [p == label for p, label in zip(model.predict(np.arange(len(y))[:, None]), y, strict=True)]
    )


def test_labels_of_one_kind_have_a_plain_dtype() -> None:
    for y, kind in ((["a", "b", "b"], "U"), ([b"a", b"b", b"b"], "S"), ([1, True, 2.0], "f"), ([0, 1, True], "i")):
        assert SoftmaxRegression().fit(A, y).classes_.dtype.kind == kind
    special: list[Any] = [["a\0", "a", "b"], [2**63 + 1, 2**63 + 5, -1], [(0, 1), (1, 0), (1, 0)]]
    for y in special:
        assert SoftmaxRegression().fit(A, y).classes_.dtype == object


@pytest.mark.parametrize("dtype", ["u1", "i2", "f4", "f8", "?", "U9", "S9", "M8[D]", "M8[ns]", "m8[s]", "m8[Y]"])
def test_labels_keep_their_dtype(dtype: str) -> None:
    y = np.array([0, 1, 1]).astype(dtype)
    model = SoftmaxRegression(C=100).fit(A, y)
    assert model.classes_.dtype == model.predict(A).dtype == y.dtype
    assert model.score(A, y) == 1


def test_missing_labels_are_refused() -> None:
    class Missing:  # as in pandas
        def __eq__(self, other: object) -> "Missing":  # type: ignore[override]
            return self

        def __bool__(self) -> bool:
            raise TypeError("boolean value of NA is ambiguous")

    for y in (np.array(["a", "b", None], np.dtypes.StringDType(na_object=None)), np.array([0, 1, Missing()], object)):
        with pytest.raises(TypeError, match=r"y must hold labels that can be sorted: "):
            SoftmaxRegression().fit(A, y)


def test_what_has_no_weight_pulls_nowhere() -> None:
    z = np.array([[NAN, 1.0], [0.0, 0.0]])
    gradient = cross_entropy_grad(z, [0, 1], weight=[0, 1])
    assert_array_equal(gradient, [[0, 0], [0.5, -0.5]])
    assert_allclose(cross_entropy(z, [0, 1], weight=[0, 1]), np.log(2))


def test_predictions_agree_with_each_other() -> None:
    X, y = standardized("iris")
    model = SoftmaxRegression(C=1e4).fit(X, y)
    logits = model.decision_function(X)
    assert_allclose(logits, [[w @ x + b for w, b in zip(model.coef_, model.intercept_, strict=True)] for x in X])
    assert_allclose(model.predict_proba(X), softmax(logits))
    assert_allclose(model.predict_log_proba(X), log_softmax(logits))
    assert_array_equal(model.predict(X), model.classes_[logits.argmax(axis=1)])
    assert_allclose(model.score(X, y), (model.predict(X) == y).mean())
    weight = np.arange(len(y))
    assert_allclose(model.score(X, y, weight), weight[model.predict(X) == y].sum() / weight.sum())
    sure = model.predict_log_proba(100 * X).max(axis=1)
    assert ((sure < 0) & (sure > -1e-20)).any()  # the logarithm of a probability that rounds to 1
    assert np.isnan(model.score(np.empty((0, 4)), []))


def test_fitting_again_forgets() -> None:
    X, y = blobs(50, 3, 3)
    model = SoftmaxRegression()
    assert model.fit(X, y) is model
    again = model.fit(X[:, :2], y > 0).coef_
    assert_array_equal(again, SoftmaxRegression().fit(X[:, :2], y > 0).coef_)
    assert model.n_features_in_ == 2
    assert type(model.n_iter_) is int
    assert 1 <= model.n_iter_ < 1000


def test_inputs_of_any_real_dtype_stay_as_they_are() -> None:
    X, y = blobs(50, 3, 3)
    exact = SoftmaxRegression().fit(X.astype(np.float16), y).predict_proba(X.astype(np.float16))
    assert exact.dtype == np.float64
    for dtype in (np.float32, np.longdouble):
        small: Array = X.astype(np.float16).astype(dtype, order="F")
        weight: Array = np.ones(50, dtype)
        for array in (small, weight, y):
            array.flags.writeable = False
        before = small.copy()
        assert_allclose(SoftmaxRegression().fit(small, y, weight).predict_proba(small), exact, rtol=1e-4)
        assert_array_equal(small, before)
    assert SoftmaxRegression().fit([[0], [1]], [0, 1]).predict([[True]]) == [1]


def test_fitting_takes_one_copy_of_the_data_and_little_more() -> None:
    X, y = blobs(20_000, 30, 10)
    tracemalloc.start()
    with pytest.warns(ConvergenceWarning):
        SoftmaxRegression(max_iter=2).fit(X, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < X.nbytes * 31 / 30 + 3 * 10 * y.nbytes + 4 * 2**20


# Warnings and errors


def test_it_warns_when_it_stops_early() -> None:
    X, y = standardized("iris")
    with pytest.warns(
        ConvergenceWarning, match=r"failed to converge after 3 iterations: max_iter=3 is reached"
    ) as seen:
        model = SoftmaxRegression(max_iter=3).fit(X, y)
    assert model.n_iter_ == 3
    assert len(seen) == 1
    assert seen[0].filename == __file__
    found = re.search(r"with ([\d.e-]+) as the largest derivative and tol=1e-06\.", str(seen[0].message))
    assert found is not None
    assert_allclose(float(found[1]) * len(X), steepest(model, X, y), rtol=0.1)
    assert issubclass(ConvergenceWarning, UserWarning)


def test_the_loss_falls_with_every_iteration() -> None:
    X, y = standardized("iris")
    losses = []
    for n in range(1, 15):
        with pytest.warns(ConvergenceWarning):
            losses.append(objective(SoftmaxRegression(max_iter=n).fit(X, y), X, y))
    assert np.all(np.diff(losses) < 0)


def test_a_model_that_is_not_fitted_says_so() -> None:
    X = [[0.0]]
    for method in ("predict", "predict_proba", "predict_log_proba", "decision_function"):
        for error in (ValueError, AttributeError, NotFittedError):
            with pytest.raises(error, match="this SoftmaxRegression is not fitted yet: call fit"):
                getattr(SoftmaxRegression(), method)(X)
    with pytest.raises(NotFittedError):
        SoftmaxRegression().score(X, [0])


A = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]])
BAD_FITS: list[tuple[dict[str, Any], Any, Any, Any, type[Exception], str]] = [
    ({}, A, [0, 0, 0], None, ValueError, "y must hold more than one class, got [0]"),
    ({}, np.empty((0, 2)), [], None, ValueError, "y must hold more than one class, got []"),
    ({}, A, [0, 1], None, ValueError, "y must have the shape (3,), one label for each row of X, got (2,)"),
    ({}, A, [[0, 1]] * 3, None, ValueError, "y must have the shape (3,), one label for each row of X, got (3, 2)"),
    ({}, A, [0, 1, NAN], None, ValueError, "y must hold labels that equal themselves, which NaN does not, got nan"),
    ({}, A, [0, 1, INF], None, ValueError, "y must hold whole numbers if floats (Unknown label type: "),
    ({}, A, [0, 1, 2.5], None, ValueError, "(Unknown label type: continuous), got 2.5"),
    ({}, A, np.array([0, "a", None], object), None, TypeError, "y must hold labels that can be sorted: "),
    ({}, A, [1, "a", 1], None, TypeError, "y must hold labels that can be sorted: "),
    ({}, A, [1, b"1", b"1"], None, TypeError, "y must hold labels that can be sorted: "),
    ({}, A, ("a", b"a", "a"), None, TypeError, "y must hold labels that can be sorted: "),
    ({}, A, [(0, 1), ("a", 1), (0, 1)], None, TypeError, "y must hold labels that can be sorted: "),
    ({}, A, [(0, 1), (1, 0)], None, ValueError, "y must have the shape (3,), one label for each row of X, got (2,)"),
    (
        {},
        A,
        [frozenset({1}), frozenset({2}), frozenset({1})],
        None,
        TypeError,
        "y must hold labels that can be sorted: of two, one must always be the smaller, got [frozen",
    ),
    (
        {},
        A,
        None,
        None,
        ValueError,
        "y must hold labels: a classifier requires y to be passed, but the target y is None",
    ),
    ({}, [1.0, 2.0], [0, 1], None, ValueError, "X must be two-dimensional, (n_samples, n_features), got shape (2,)"),
    ({}, [[1.0, NAN], [1, 2]], [0, 1], None, ValueError, "X must be finite in float64, neither NaN nor inf, got nan"),
    ({}, [[1.0, 2], [-INF, 2]], [0, 1], None, ValueError, "X must be finite in float64, neither NaN nor inf, got -inf"),
    (
        {},
        [[-1e308], [1e308]],
        [0, 1],
        None,
        ValueError,
        "X must have a range that float64 can hold in each column, got inf",
    ),
    ({"C": INF}, [[1e-310], [0.0], [0.0]], [1, 0, 1], None, ValueError, "X must vary enough for float64 to hold"),
    ({}, [["a"], ["b"]], [0, 1], None, TypeError, "X must hold real numbers"),
    ({}, [[1, 2], [3]], [0, 1], None, ValueError, "X must be a rectangular array"),
    ({"C": 0}, A, [0, 1, 1], None, ValueError, "C must be > 0, got 0"),
    ({"C": -1.0}, A, [0, 1, 1], None, ValueError, "C must be > 0, got -1.0"),
    ({"C": NAN}, A, [0, 1, 1], None, ValueError, "C must be > 0, got nan"),
    ({"C": "a"}, A, [0, 1, 1], None, TypeError, "C must hold real numbers"),
    ({"C": [1, 2]}, A, [0, 1, 1], None, ValueError, "C must be one number, got an array of shape (2,)"),
    ({"C": None}, A, [0, 1, 1], None, TypeError, "C must hold real numbers (ints or floats)"),
    ({"C": True}, A, [0, 1, 1], None, TypeError, "C must hold real numbers (ints or floats), got True"),
    ({"tol": True}, A, [0, 1, 1], None, TypeError, "tol must hold real numbers (ints or floats), got True"),
    ({"tol": np.False_}, A, [0, 1, 1], None, TypeError, "tol must hold real numbers (ints or floats), got np.False_"),
    ({"max_iter": True}, A, [0, 1, 1], None, TypeError, "max_iter must be an int >= 1, got True"),
    ({"max_iter": None}, A, [0, 1, 1], None, TypeError, "max_iter must be an int >= 1, got None"),
    ({"tol": -1e-9}, A, [0, 1, 1], None, ValueError, "tol must be >= 0, got -1e-09"),
    ({"tol": NAN}, A, [0, 1, 1], None, ValueError, "tol must be >= 0, got nan"),
    ({"max_iter": 0}, A, [0, 1, 1], None, ValueError, "max_iter must be an int >= 1, got 0"),
    ({"progress": 1}, A, [0, 1, 1], None, TypeError, "progress must be True or False, got 1"),
    ({"max_iter": 10.5}, A, [0, 1, 1], None, TypeError, "max_iter must be an int >= 1, got 10.5"),
    (
        {},
        A,
        [0, 1, 1],
        [1, 2],
        ValueError,
        "sample_weight must have the shape (3,), one number for each sample, got (2,)",
    ),
    ({}, A, [0, 1, 1], [1, -1, 1], ValueError, "sample_weight must be finite and >= 0, got -1.0"),
    (
        {},
        A,
        [0, 1, 1],
        [0, 0, 0],
        ValueError,
        "sample_weight must have a finite sum that is not zero, got 0.0",
    ),
    (
        {},
        A,
        [0, 1, 1],
        [1e308, 1e308, 0],
        ValueError,
        "sample_weight must have a finite sum that is not zero, got inf",
    ),
]


@pytest.mark.parametrize(("parameters", "X", "y", "weight", "error", "message"), BAD_FITS)
def test_bad_fits_are_refused(
    parameters: dict[str, Any], X: Any, y: Any, weight: Any, error: type[Exception], message: str
) -> None:
    model = SoftmaxRegression(**parameters)
    with np.errstate(all="raise"), pytest.raises(error, match=re.escape(message)) as raised:
        model.fit(X, y, weight)
    assert raised.type is error
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    assert not hasattr(model, "classes_")


def test_bad_predictions_are_refused() -> None:
    model = SoftmaxRegression().fit(A, [0, 1, 1])
    for X, message in (
        (A[:, :1], "X has 1 features, but SoftmaxRegression is expecting 2 features as input"),
        (A[0], "X must be two-dimensional, (n_samples, n_features), got shape (2,)"),
        ([[NAN, 1.0]], "X must be finite in float64, neither NaN nor inf, got nan"),
    ):
        for method in (model.predict, model.predict_proba, model.predict_log_proba, model.decision_function):
            with pytest.raises(ValueError, match=re.escape(message)):
                method(X)
    with pytest.raises(
        ValueError, match=re.escape("y must have the shape (3,), one label for each row of X, got (2,)")
    ):
        model.score(A, [0, 1])
    with pytest.raises(ValueError, match="sample_weight must have the shape"):
        model.score(A, [0, 1, 1], [1.0])


@pytest.mark.parametrize(
    ("C", "weight"),
    [(5e-324, 1.0), (1.0, 5e-324), (1e-200, 1e-200), (5e-324, 5e-324), (5e-324, 1e300), (1e-310, 1e3)],
)
def test_the_limit_of_a_strong_penalty_is_the_frequencies(C: float, weight: float) -> None:
    X, y = blobs(40, 3, 3)
    with np.errstate(all="raise"):
        model = SoftmaxRegression(C=C).fit(X, y, np.full(40, weight))
    assert_allclose(model.predict_proba(X), np.tile(np.bincount(y) / 40, (40, 1)), atol=1e-5)
    assert np.abs(model.coef_).max() <= 1e-290


def test_no_numpy_warning_escapes_the_classifier() -> None:
    X = np.array([[0.0, 1e150], [1.0, -1e150], [1e-300, 3.0], [1.0, 0.0]])
    with np.errstate(all="raise"), warnings.catch_warnings(action="error"):
        warnings.simplefilter("ignore", ConvergenceWarning)
        for C in (1e-320, 1e-300, 1.0, 1e300, INF):
            model = SoftmaxRegression(C=C, max_iter=30).fit(X, [0, 1, 2, 1])
            assert np.isfinite(model.coef_).all()
            model.predict_proba(1e150 * X / np.abs(X).max())


def test_the_progress_bar_shows_the_loss(capsys: pytest.CaptureFixture[str]) -> None:
    X, y = standardized("iris")
    model = SoftmaxRegression(progress=True).fit(X, y)
    shown = capsys.readouterr().err
    assert "/1000 " in shown  # while it runs
    assert f" {model.n_iter_}/{model.n_iter_} " in shown.split("\r")[-1]
    loss = objective(model, X, y) / len(X)
    assert f"loss {loss:.6f}" in shown
    SoftmaxRegression().fit(X, y)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("missing", "parameters", "message"),
    [
        ("tqdm", {"progress": True}, "progress=True needs tqdm: `pip install tqdm`"),
        ("scipy.optimize", {}, 'SoftmaxRegression.fit needs SciPy: `pip install "minisoftmax[fit]"`'),
    ],
)
def test_what_is_missing_is_named(missing: str, parameters: dict[str, Any], message: str) -> None:
    fitted = SoftmaxRegression().fit(A, [0, 1, 1])
    with mock.patch.dict(sys.modules, {missing: None}):
        with pytest.raises(ImportError, match=re.escape(message)):
            SoftmaxRegression(**parameters).fit(A, [0, 1, 1])
        assert fitted.predict(A).shape == (3,)


def run(code: str) -> str:
    """Run code in a process of its own, and give what it prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_without_scikit_learn_the_own_exceptions_are_raised() -> None:
    code = """if True:
        import sys, warnings
        sys.modules["sklearn"] = None
        from minisoftmax import *
        try:
            SoftmaxRegression().predict([[0.0]])
        except NotFittedError as error:
            print(type(error) is NotFittedError)
        warnings.simplefilter("always")
        with warnings.catch_warnings(record=True) as seen:
            model = SoftmaxRegression(max_iter=1).fit([[0.0], [1.0], [5.0]], [[0], [1], [2]])
        print([entry.category for entry in seen] == [UserWarning, ConvergenceWarning], model)
    """
    parameters = "C=1.0, tol=1e-06, max_iter=1, progress=False"
    assert run(code) == f"True\nTrue SoftmaxRegression({parameters})\n"


def test_to_import_the_package_takes_numpy_alone() -> None:
    code = "import sys, minisoftmax; print({'scipy', 'sklearn', 'tqdm', 'matplotlib', 'pandas'} & set(sys.modules))"
    assert run(code) == "set()\n"


# Among scikit-learn's tools


def test_parameters_are_stored_as_they_are() -> None:
    values: dict[str, Any] = {"C": np.float64(3), "tol": "bad", "max_iter": None, "progress": 1}
    model = SoftmaxRegression(**values)
    assert all(model.get_params()[name] is value for name, value in values.items())
    assert SoftmaxRegression().get_params() == {"C": 1.0, "tol": 1e-6, "max_iter": 1000, "progress": False}
    assert model.set_params(C=2.0, tol=0.1) is model
    assert model.get_params() == {**values, "C": 2.0, "tol": 0.1}
    with pytest.raises(ValueError, match=r"params must be among \['C', 'tol', 'max_iter', 'progress'\], got 'gamma'"):
        model.set_params(C=5.0, gamma=1)
    assert model.C == 2
    assert repr(SoftmaxRegression(C=2.0)) == "SoftmaxRegression(C=2.0, tol=1e-06, max_iter=1000, progress=False)"


def test_it_works_with_scikit_learn() -> None:
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    model = SoftmaxRegression(C=2.0)
    assert is_classifier(model)
    ours, theirs = get_tags(model), get_tags(LogisticRegression())
    assert (ours.estimator_type, ours.target_tags) == (theirs.estimator_type, theirs.target_tags)
    assert clone(model).get_params() == model.get_params()
    assert not hasattr(clone(model.fit(X, names)), "coef_")
    pipeline = make_pipeline(StandardScaler(), SoftmaxRegression())
    reference = make_pipeline(StandardScaler(), LogisticRegression(tol=1e-6, max_iter=1000))
    for scoring in ("accuracy", "neg_log_loss"):
        own, other = (cross_val_score(p, X, names, cv=5, scoring=scoring) for p in (pipeline, reference))
        assert_allclose(own, other, atol=1e-3)
    search = GridSearchCV(pipeline, {"softmaxregression__C": [1e-6, 1.0]}, cv=3).fit(X, names)
    assert search.best_params_ == {"softmaxregression__C": 1.0}
    assert search.predict(X[:1]) == ["setosa"]
    calibrated = CalibratedClassifierCV(pipeline, cv=3).fit(X, names)
    assert calibrated.score(X, names) > 0.9


def test_two_classes_work_with_scikit_learns_scores() -> None:
    X, y = blobs(100, 3, 2)
    for scoring in ("roc_auc", "neg_brier_score", "average_precision"):
        ours = cross_val_score(SoftmaxRegression(tol=1e-9), X, y, cv=3, scoring=scoring)
        theirs = cross_val_score(LogisticRegression(tol=1e-9), X, y, cv=3, scoring=scoring)
        assert_allclose(ours, theirs, atol=1e-4)


def test_copies_predict_the_same() -> None:
    X, y = blobs(30, 2, 3)
    model = SoftmaxRegression().fit(X, y)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert_array_equal(other.predict_proba(X), model.predict_proba(X))


FAILING = {
    "check_complex_data": "complex numbers are a TypeError, as everywhere in this package",
    "check_estimators_empty_data_messages": "without features, the model gives the frequencies of the classes",
}


def test_scikit_learns_own_checks_pass_but_for_a_few() -> None:
    with warnings.catch_warnings(action="ignore"):
        results = check_estimator(SoftmaxRegression(), expected_failed_checks=FAILING, on_fail=None, on_skip=None)
    status = {result["check_name"]: result["status"] for result in results}
    assert len(status) > 50
    assert {name for name in status if status[name] == "failed"} == set()
    assert {name for name in status if status[name] == "xfail"} == set(FAILING)


def test_its_exceptions_are_those_of_scikit_learn_too() -> None:
    for ours, theirs in ((NotFittedError, exceptions.NotFittedError), (ValueError, AttributeError)):
        for error in (ours, theirs):
            with pytest.raises(error):
                SoftmaxRegression().predict(A)
    for category in (ConvergenceWarning, exceptions.ConvergenceWarning):
        with pytest.warns(category):
            SoftmaxRegression(max_iter=1).fit(A, [0, 1, 2])
    with pytest.raises(NotFittedError) as raised:
        SoftmaxRegression().predict(A)
    assert isinstance(pickle.loads(pickle.dumps(raised.value)), exceptions.NotFittedError)


def test_a_column_of_labels_is_taken_with_a_warning() -> None:
    y = np.array([0, 1, 1])
    for column in (y[:, None], [[0], [1], [1]]):
        with pytest.warns(exceptions.DataConversionWarning, match="A column-vector y was passed") as seen:
            model = SoftmaxRegression().fit(A, column)
        assert seen[0].filename == __file__
        assert_array_equal(model.coef_, SoftmaxRegression().fit(A, y).coef_)
        with pytest.warns(exceptions.DataConversionWarning):
            assert model.score(A, column) == model.score(A, y)


class Extended(SoftmaxRegression):
    def __init__(self, *, C: float = 1.0, tol: float = 1e-6, extra: Any = None) -> None:
        super().__init__(C=C, tol=tol)
        self.extra = extra


def test_a_subclass_keeps_its_name_and_parameters() -> None:
    model = Extended(C=3.0, extra="x")
    assert repr(model) == "Extended(C=3.0, tol=1e-06, extra='x')"
    assert clone(model).get_params() == {"C": 3.0, "tol": 1e-6, "extra": "x"} == model.get_params(deep=False)
    assert type(clone(model).set_params(extra=5).fit(A, [0, 1, 1])) is Extended
    with pytest.raises(NotFittedError, match="this Extended is not fitted yet"):
        model.predict(A)


class Frame:
    """What a data frame shows of itself: an array, and names of columns."""

    def __init__(self, data: Any, columns: Any) -> None:
        self.data, self.columns = np.asarray(data), columns

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        return self.data


def test_names_of_features_are_kept_and_checked() -> None:
    X, y = blobs(40, 2, 2)
    named = SoftmaxRegression().fit(Frame(X, ["a", "b"]), y)
    assert named.feature_names_in_.tolist() == ["a", "b"]
    assert_array_equal(named.predict(Frame(X, np.array(["a", "b"], object))), SoftmaxRegression().fit(X, y).predict(X))
    for other in (["b", "a"], ["a", "c"]):
        with pytest.raises(ValueError, match=r"X must have the feature names of fit, in that order, \['a' 'b'\], got"):
            named.predict(Frame(X, other))
    with pytest.warns(UserWarning, match="X has no valid feature names, but SoftmaxRegression was fitted with") as seen:
        named.predict_proba(X)
    assert seen[0].filename == __file__
    assert not hasattr(SoftmaxRegression().fit(Frame(X, ["a", 1]), y), "feature_names_in_")
    plain = named.fit(Frame(X, [0, 1]), y)  # numbers are no names
    assert not hasattr(plain, "feature_names_in_")
    with pytest.warns(UserWarning, match="X has  feature names, but SoftmaxRegression was fitted without"):
        plain.predict(Frame(X, ["a", "b"]))


def test_tables_of_numbers_are_converted_and_sparse_ones_named() -> None:
    mixed = np.array([[True, 1.5], [False, 2], [Decimal("0.5"), np.float32(1)]], object)
    model = SoftmaxRegression().fit(mixed.astype(float), [0, 1, 1])
    assert_array_equal(SoftmaxRegression().fit(mixed, [0, 1, 1]).coef_, model.coef_)
    assert_array_equal(model.predict(Frame(np.array([[1, 2]], object), ["a", "b"]).data), model.predict([[1, 2]]))
    for bad in ({"a": 1}, [1], "text"):
        mixed[0, 0] = bad
        with pytest.raises((TypeError, ValueError), match="X must hold real numbers, or convert to them: "):
            model.fit(mixed, [0, 1, 1])
    for call in (lambda X: SoftmaxRegression().fit(X, [0, 1, 1]), model.predict):
        with pytest.raises(TypeError, match=r"neither masked nor sparse, got csr_array"):
            call(scipy.sparse.csr_array(A))


def test_sample_weights_are_routed() -> None:
    X, y = blobs(60, 2, 2)
    weight = np.where(np.arange(60) % 3, 1.0, 7.0)
    with sklearn.config_context(enable_metadata_routing=True):
        model = SoftmaxRegression().set_fit_request(sample_weight=True).set_score_request(sample_weight="mass")
        routed = cross_validate(
            model, X, y, cv=3, params={"sample_weight": weight, "mass": weight}, return_estimator=True
        )
        plain = SoftmaxRegression().set_fit_request(sample_weight=False).set_score_request(sample_weight=False)
        other = cross_validate(plain, X, y, cv=3, return_estimator=True)
        # As for any estimator of scikit-learn, weights that are neither asked for nor refused are an error.
        asked = [
            SoftmaxRegression().set_fit_request(sample_weight=True),
            SoftmaxRegression().set_score_request(sample_weight=True),
        ]
        for unclear in (SoftmaxRegression(), *asked):
            with pytest.raises(exceptions.UnsetMetadataPassedError, match="sample_weight"):
                cross_validate(unclear, X, y, cv=3, params={"sample_weight": weight}, error_score="raise")
    for (train, test), fitted, score in zip(
        StratifiedKFold(3).split(X, y), routed["estimator"], routed["test_score"], strict=True
    ):
        again = SoftmaxRegression().fit(X[train], y[train], weight[train])
        assert_array_equal(fitted.coef_, again.coef_)
        assert score == again.score(X[test], y[test], weight[test])
    assert not np.allclose(other["estimator"][0].coef_, routed["estimator"][0].coef_)
