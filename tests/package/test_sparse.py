"""Laws of `minisoftmax.sparse`, its values by exact arithmetic, and what it does at the edges."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.exceptions import AxisError
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from minisoftmax import cross_entropy, entmax, entmax_loss, entmax_vjp, entropy, softmax, softmax_vjp, sparsemax
from tests.laws import law, refuses

Floats = NDArray[Any]

EPS = 2.0**-52
INF, NAN = np.inf, np.nan
ALPHAS = [1.0, 1 + 1e-6, 1.01, 1.2, 1.3, 1.5, 1.9, 2.0, 2.000001, 2.5, 4.0, 10.0]

alphas = st.sampled_from(ALPHAS) | st.floats(1, 10)
sizes = st.floats(-4, 4)  # leads of every size around the margin
logits = arrays(np.float64, st.integers(1, 12), elements=sizes)


def exact(x: Floats, alpha: float) -> list[Any]:
    """Give the probabilities to more than 20 digits, by halving an interval of λ."""
    with mpmath.workdps(60 + 20 * int(alpha)):
        s = mpmath.mpf(alpha) - 1
        z = [mpmath.mpf(float(value)) - mpmath.mpf(float(max(x))) for value in x]
        low, high = mpmath.mpf(0), (1 - mpmath.mpf(len(z)) ** -s) / s

        def powers(level: Any) -> list[Any]:
            return [max(1 + s * (value - level), mpmath.mpf(0)) ** (1 / s) for value in z]

        for _ in range(100 + 60 * int(alpha)):
            middle = (low + high) / 2
            low, high = (middle, high) if sum(powers(middle)) > 1 else (low, middle)
        return powers(low)


# Values that are known


def test_known_values() -> None:
    assert_array_equal(sparsemax([1.0, 0.5, -0.5]), [0.75, 0.25, 0])
    assert_array_equal(sparsemax([0.25, 0.0, 0.0, -2.0]), [0.5, 0.25, 0.25, 0])
    # √p = x/2 − τ: with p = (0.64, 0.36), the roots differ by 0.2, and so the logits by 0.4
    assert_allclose(entmax([0.4, 0.0, -1.2]), [0.64, 0.36, 0], rtol=4 * EPS)
    # p³ = 3x − τ: p = (0.75, 0.25) differ by 0.40625 in the cube
    assert_allclose(entmax([0.40625 / 3, 0.0], alpha=4), [0.75, 0.25], rtol=4 * EPS)
    assert_array_equal(entmax([3.0, 3.0, 2.9], alpha=INF), [0.5, 0.5, 0])
    assert_array_equal(entmax([0.3, 0.1], alpha=1), softmax([0.3, 0.1]))


def test_defaults_are_those_of_one_and_a_half() -> None:
    x, grad = np.array([1.0, 0.2, 0.1]), [1.0, 3.0, 0.0]
    p = entmax(x)
    assert_array_equal(p, entmax(x, alpha=1.5))
    assert_array_equal(entmax_vjp(p, grad), entmax_vjp(p, grad, alpha=1.5))
    assert_array_equal(entmax_loss(x, 1), entmax_loss(x, 1, alpha=1.5, reduction="mean"))


@pytest.mark.parametrize("alpha", ALPHAS[1:])
def test_values_of_20_digits(alpha: float) -> None:
    rng = np.random.default_rng(int(1000 * alpha))
    margin = 1 / (alpha - 1)
    rows = [rng.normal(size=rng.integers(1, 9)) * scale for scale in (1e-3, 0.1, 0.3, 1, 3, 30)]
    rows += [rng.integers(-2, 3, 6) * min(margin, 10) / 3, np.array([0, -margin * (1 - 1e-9), -margin * 0.9])]
    rows += [np.array([0.3, 0.25, 0.25 - 1e-10, 0.25 - 2e-10]), np.zeros(7), np.array([0.0, -margin])]
    for x in rows:
        p, values = entmax(x, alpha=alpha), exact(x, alpha)
        assert max(abs(float(mpmath.mpf(float(a)) - b)) for a, b in zip(p, values, strict=True)) <= 4 * EPS, x
        assert abs(float(mpmath.fsum(map(float, p)) - 1)) <= 4 * EPS, x


# Laws


@law
@given(logits, alphas)
def test_result_is_a_distribution_in_the_order_of_the_logits(x: Floats, alpha: float) -> None:
    p = entmax(x, alpha=alpha)
    assert p.min() >= 0
    assert abs(float(mpmath.fsum(map(float, p)) - 1)) <= 4 * EPS
    order = np.argsort(x)
    assert np.all(np.diff(p[order]) >= -EPS)


@law
@given(logits, st.floats(1.001, 10))
def test_result_solves_its_equation(x: Floats, alpha: float) -> None:
    # On the support (p**s − 1) / s − x is the same for all; outside, x is below what the smallest p could have.
    s, p = alpha - 1, entmax(x, alpha=alpha)
    top = np.argmax(p)
    level = x[top] - (p[top] ** s - 1) / s
    inside = p > 1e-3  # where p is known well enough for its power to be compared
    assert_allclose((p[inside] ** s - 1) / s, x[inside] - level, atol=1e-9)
    assert np.all(x[p == 0] <= level - 1 / s + 1e-9)


@law
@given(logits, st.floats(1.01, 10), st.floats(0, 5))
def test_a_lead_of_the_margin_takes_all(x: Floats, alpha: float, more: float) -> None:
    x = np.concatenate([x, [x.max() + (1 + EPS * 64) / (alpha - 1) + more]])
    p = entmax(x, alpha=alpha)
    assert p[-1] == 1
    assert not p[:-1].any()
    assert entmax_loss(x, len(x) - 1, alpha=alpha) == 0


@law
@given(logits, alphas)
def test_below_the_margin_there_is_no_zero_for_two(x: Floats, alpha: float) -> None:
    lead = min(0.99 / (alpha - 1), 100) if alpha > 1 else 100
    assert np.all(entmax([0.0, -lead], alpha=alpha) > 0)
    assert entmax_loss([0.0, -lead], 0, alpha=alpha) > 0


@law
@given(logits, alphas, st.integers(-8, 8))
def test_a_shift_changes_nothing(x: Floats, alpha: float, shift: int) -> None:
    x = np.round(x, 1)
    assert_allclose(entmax(x + shift, alpha=alpha), entmax(x, alpha=alpha), rtol=0, atol=1e-4 if alpha > 2 else 1e-13)


@law
@given(logits, alphas, st.randoms())
def test_places_do_not_count(x: Floats, alpha: float, random: Any) -> None:
    places = list(range(len(x)))
    random.shuffle(places)
    assert_allclose(entmax(x[places], alpha=alpha), entmax(x, alpha=alpha)[places], rtol=0, atol=4 * EPS)


@law
@given(logits)
def test_support_shrinks_as_alpha_grows_for_two(x: Floats) -> None:
    tops = [float(entmax([0.0, -abs(float(x[0]))], alpha=alpha)[0]) for alpha in ALPHAS]
    assert all(b >= a - 4 * EPS for a, b in pairwise(tops))


@law
@given(logits, st.integers(0, 10**6))
def test_sparsemax_is_the_nearest_distribution(x: Floats, seed: int) -> None:
    p = sparsemax(x)
    others = np.random.default_rng(seed).dirichlet(np.full(len(x), 0.3), size=50)
    assert np.all(((others - x) ** 2).sum(axis=1) >= ((p - x) ** 2).sum() - 1e-12)
    assert_allclose(p, entmax(x, alpha=2), rtol=0)


@law
@given(logits, st.sampled_from([1.5, 1.25, 3.0]), st.integers(0, 10**6))
def test_entmax_has_the_largest_sum_of_mean_logit_and_entropy(x: Floats, alpha: float, seed: int) -> None:
    def value(p: Floats) -> Floats:
        return np.asarray(p @ x + (p - p**alpha).sum(axis=-1) / (alpha * (alpha - 1)))

    others = np.random.default_rng(seed).dirichlet(np.full(len(x), 0.3), size=50)
    assert np.all(value(others) <= value(entmax(x, alpha=alpha)) + 1e-12)


@pytest.mark.parametrize("alpha", [1, 1.2, 1.5, 2, 3, INF])
@pytest.mark.parametrize("axis", [0, 1, -1, (0, 2), (2, 0), None, ()])
def test_axes_are_slices(alpha: float, axis: Any) -> None:
    x = np.random.default_rng(0).normal(size=(3, 4, 5))
    grad = np.random.default_rng(1).normal(size=x.shape)
    p = entmax(x, axis, alpha=alpha)
    back = entmax_vjp(p, grad, axis, alpha=alpha)
    axes = tuple(range(3)) if axis is None else axis if isinstance(axis, tuple) else (axis % 3,)
    others = [i for i in range(3) if i not in axes]
    for index in np.ndindex(*(x.shape[i] for i in others)):
        place: list[Any] = [slice(None)] * 3
        for i, at in zip(others, index, strict=True):
            place[i] = at
        row = x[tuple(place)].ravel()
        assert_allclose(p[tuple(place)].ravel(), entmax(row, alpha=alpha), rtol=0, atol=4 * EPS)
        pulled = entmax_vjp(p[tuple(place)].ravel(), grad[tuple(place)].ravel(), alpha=alpha)
        assert_allclose(back[tuple(place)].ravel(), pulled, rtol=1e-13, atol=1e-14)
    if axis is not None and axis != ():
        assert_array_equal(sparsemax(x, axis), entmax(x, axis, alpha=2))


@pytest.mark.parametrize("alpha", [1.000001, 1.2, 1.5, 2, 4])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_many_and_long_slices(alpha: float, dtype: Any) -> None:
    rng = np.random.default_rng(0)
    eps = float(np.finfo(dtype).eps)
    for x in (rng.normal(size=(40, 7000)), np.zeros((2, 50_257)), rng.uniform(0, 4e-5, (2, 50_257))):
        p = entmax(x.astype(dtype), alpha=alpha)
        assert p.dtype == dtype
        assert_allclose(p.sum(axis=1, dtype=np.longdouble), 1, rtol=0, atol=4 * eps)
        one = entmax(x[-1].astype(dtype), alpha=alpha)
        assert_allclose(p[-1], one, rtol=0, atol=4 * eps)
    assert_allclose(p, entmax(x.astype(dtype).astype(float), alpha=alpha), rtol=0, atol=4 * eps)


# Gradient


@law
@given(logits, st.sampled_from([1.0, 1.2, 1.5, 1.9, 2.0]), st.integers(0, 10**6))
def test_vjp_is_the_slope(x: Floats, alpha: float, seed: int) -> None:
    grad, way = np.random.default_rng(seed).normal(size=(2, len(x)))
    p = entmax(x, alpha=alpha)
    step = 1e-6
    up, down = (entmax(x + sign * step * way, alpha=alpha) for sign in (1, -1))
    if np.array_equal(up > 0, down > 0):  # a border of the support is a corner
        assert_allclose(entmax_vjp(p, grad, alpha=alpha) @ way, grad @ (up - down) / (2 * step), atol=1e-5, rtol=1e-4)


@law
@given(logits, st.floats(1, 3), st.integers(0, 10**6))
def test_vjp_sums_to_zero_on_the_support(x: Floats, alpha: float, seed: int) -> None:
    p, grad = entmax(x, alpha=alpha), np.random.default_rng(seed).normal(size=len(x))
    pulled = entmax_vjp(p, grad, alpha=alpha)
    assert not pulled[p == 0].any()
    assert abs(pulled.sum()) <= 1e-12 * max(1, np.abs(pulled).max())
    assert_allclose(entmax_vjp(p, grad + 5, alpha=alpha), pulled, rtol=1e-9, atol=1e-12 * max(1, np.abs(pulled).max()))
    other = np.random.default_rng(seed + 1).normal(size=len(x))  # the Jacobian is symmetric
    there, back = other @ pulled, grad @ entmax_vjp(p, other, alpha=alpha)
    assert_allclose(there, back, rtol=1e-9, atol=1e-12 * max(1, np.abs(pulled).max()))


def test_vjp_of_known_probabilities() -> None:
    assert_array_equal(entmax_vjp([0.75, 0.25, 0.0], [1.0, 0.0, NAN], alpha=2), [0.5, -0.5, 0])
    # the weights are the roots 0.8 and 0.6, whose mean of (1, 0) is 4/7
    assert_allclose(entmax_vjp([0.64, 0.36, 0.0], [1.0, 0.0, 9.0]), [2.4 / 7, -2.4 / 7, 0], rtol=1e-15)
    assert_allclose(entmax_vjp([0.5, 0.5], [1.0, 0.0], alpha=4), [2, -2], rtol=1e-15)
    assert_array_equal(entmax_vjp([0.5, 0.5, 0.0], [1.0, 0.0, 3.0], alpha=INF), [0, 0, 0])
    assert_array_equal(entmax_vjp([1.0, 0.0], [2.0, 5.0]), [0, 0])
    p, grad = softmax([1.0, 0.0, 2.0]), [0.3, -1.0, 4.0]
    assert_allclose(entmax_vjp(p, grad, alpha=1), softmax_vjp(p, grad), rtol=1e-14)
    assert np.isnan(entmax_vjp([NAN, NAN], [1.0, 2.0])).all()


def test_vjp_of_an_entry_that_almost_leaves() -> None:
    # J = diag(w) − w wᵀ / Σw, with w = p**−8: the entry with the smaller p outweighs the other
    tiny = 1e-60
    assert_allclose(entmax_vjp([1.0, tiny], [1.0, 0.0], alpha=10), [1, -1], rtol=1e-12)


# Loss


@law
@given(logits, st.sampled_from([1.0, 1.2, 1.5, 2.0, 3.0]), st.data())
def test_loss_is_its_formula(x: Floats, alpha: float, data: Any) -> None:
    label = data.draw(st.integers(0, len(x) - 1))
    y = np.eye(len(x))[label]

    def entropy_of(p: Floats) -> float:
        return float(entropy_1(p) if alpha == 1 else (p - p**alpha).sum() / (alpha * (alpha - 1)))

    def entropy_1(p: Floats) -> float:
        return float(-(p[p > 0] * np.log(p[p > 0])).sum())

    p = entmax(x, alpha=alpha)
    assert_allclose(entmax_loss(x, label, alpha=alpha), (p - y) @ x + entropy_of(p), atol=1e-13)
    assert entmax_loss(x, y, alpha=alpha) == entmax_loss(x, label, alpha=alpha) >= 0
    soft = softmax(np.cos(7 * x))
    expected = (p - soft) @ x + entropy_of(p) - entropy_of(soft)
    assert_allclose(entmax_loss(x, soft, alpha=alpha), expected, atol=1e-13)
    assert_allclose(entmax_loss(x, p, alpha=alpha), 0, atol=1e-14)


@law
@given(logits, st.sampled_from([1.2, 1.5, 2.0]), st.data())
def test_gradient_of_the_loss_is_said_minus_true(x: Floats, alpha: float, data: Any) -> None:
    label = data.draw(st.integers(0, len(x) - 1))
    way = np.random.default_rng(0).normal(size=len(x))
    up, down = (entmax_loss(x + sign * 1e-5 * way, label, alpha=alpha) for sign in (1, -1))
    expected = (entmax(x, alpha=alpha) - np.eye(len(x))[label]) @ way
    assert_allclose((up - down) / 2e-5, expected, atol=1e-4)


def test_known_losses() -> None:
    assert_allclose(entmax_loss([0.0, 0.0], 1, alpha=2), 0.25, rtol=1e-15)  # (1 − d)² / 4 for a lead d
    assert_allclose(entmax_loss([0.5, 0.0], 0, alpha=2), 0.0625, rtol=1e-14)
    assert_allclose(entmax_loss([0.5, 0.0], 1, alpha=2), 0.5625, rtol=1e-14)
    assert_array_equal(entmax_loss([1.0, 0.0], 0, alpha=2), 0)
    assert_array_equal(entmax_loss([2.0, 0.0], 0), 0)
    assert_array_equal(entmax_loss([2.0, 0.0, 2.0], 1, alpha=INF), 2)
    assert_allclose(entmax_loss([2.0, 0.0, 2.0], [0.5, 0.5, 0.0], alpha=INF), 1, rtol=1e-15)
    assert_allclose(entmax_loss([5.0, 0.0], 1, alpha=2), 5, rtol=1e-15)
    assert_allclose(entmax_loss([50.0, 0.0], 0, alpha=1), 1.92874984796e-22, rtol=1e-9)
    assert_array_equal(entmax_loss([0.0, -INF], 1), INF)
    assert_array_equal(entmax_loss([0.0, -INF], [1.0, 0.0]), 0)
    assert_array_equal(entmax_loss([INF, 0.0], 0), 0)
    assert np.isnan(entmax_loss([NAN, 0.0], 0))


def test_losses_keep_digits_near_the_margin() -> None:
    for gap in (1e-3, 1e-6, 1e-9):
        assert_allclose(entmax_loss([1 - gap, 0.0], 0, alpha=2), gap**2 / 4, rtol=1e-14 / gap)


def test_loss_of_softmax_is_the_cross_entropy() -> None:
    x = np.random.default_rng(0).normal(size=(6, 5)) * 3
    labels = np.arange(6) % 5
    for reduction in ("none", "mean", "sum"):
        ours = entmax_loss(x, labels, alpha=1, reduction=reduction)
        assert_allclose(ours, cross_entropy(x, labels, reduction=reduction), rtol=1e-13)
    y = softmax(np.cos(x))
    ours = entmax_loss(x, y, alpha=1, reduction="none")
    assert_allclose(ours, cross_entropy(x, y, reduction="none") - entropy(np.cos(x)), rtol=1e-12)


def test_reductions() -> None:
    x = np.random.default_rng(0).normal(size=(3, 2, 5)).astype(np.float32)
    labels = np.arange(6).reshape(3, 2) % 5
    losses = entmax_loss(x, labels, reduction="none")
    assert losses.shape == (3, 2)
    assert losses.dtype == np.float32
    assert_array_equal(losses[2, 1], entmax_loss(x[2, 1], labels[2, 1]))
    assert_allclose(entmax_loss(x, labels), losses.mean(), rtol=1e-6)
    assert_allclose(entmax_loss(x, labels, reduction="sum"), losses.sum(), rtol=1e-6)
    assert np.isnan(entmax_loss(np.empty((0, 3)), np.empty(0, int)))


# Edges


@pytest.mark.parametrize("alpha", [1, 1.000001, 1.2, 1.5, 2, 3, 10, 1000, 1e300, INF])
def test_special_values(alpha: float) -> None:
    def p(*x: float) -> Floats:
        return entmax(x, alpha=alpha)

    assert_array_equal(p(NAN, 1, 2), [NAN] * 3)
    assert_array_equal(p(NAN, INF, -INF), [NAN] * 3)
    assert_array_equal(p(-INF, -INF), [NAN] * 2)
    assert_array_equal(p(INF, 5, INF, -INF), [0.5, 0, 0.5, 0])
    assert_array_equal(p(3, -INF), [1, 0])
    assert_array_equal(p(1e308, -1e308, -INF), [1, 0, 0])
    assert_allclose(p(1e-320, 0), [0.5, 0.5] if alpha < 1e10 else [1, 0], atol=1e-12)
    single = entmax(np.array([7, 7, 6.5, -INF], np.float32), alpha=alpha)
    assert single[0] == single[1]
    assert_allclose(single.sum(), 1, rtol=1e-6)
    assert_allclose(p(7, 7, 7), [1 / 3] * 3, rtol=4 * EPS)
    both = entmax([[NAN, 1.0], [0.0, 0.0]], alpha=alpha)
    assert_array_equal(both, [[NAN, NAN], [0.5, 0.5]])
    number = entmax(3.0, alpha=alpha)
    assert isinstance(number, np.float64)
    assert number == 1
    assert entmax(np.empty((0, 3)), alpha=alpha).shape == (0, 3)
    assert entmax(np.empty((3, 0)), alpha=alpha).shape == (3, 0)
    assert entmax(np.empty((3, 0)), 0, alpha=alpha).shape == (3, 0)
    assert entmax_vjp(np.empty((3, 0)), np.empty((3, 0)), alpha=alpha).shape == (3, 0)
    assert entmax_vjp(1.0, 2.0, alpha=alpha) == 0


@pytest.mark.parametrize("alpha", [1, 1.5, 2, 3])
def test_dtypes(alpha: float) -> None:
    for dtype in (np.float16, np.float32, np.float64, np.longdouble):
        x = np.array([0.5, 0.25, -0.75], dtype)
        p = entmax(x, alpha=alpha)
        assert p.dtype == dtype == entmax_vjp(p, x, alpha=alpha).dtype == entmax_loss(x, 1, alpha=alpha).dtype
        assert_allclose(p.astype(float), entmax([0.5, 0.25, -0.75], alpha=alpha), atol=4 * float(np.finfo(dtype).eps))
        loss = float(entmax_loss(x, 1, alpha=alpha))
        assert_allclose(loss, entmax_loss([0.5, 0.25, -0.75], 1, alpha=alpha), atol=8 * float(np.finfo(dtype).eps))
    swapped = np.array([0.5, 0.25], ">f8")
    assert entmax(swapped, alpha=alpha).dtype == np.float64
    assert entmax([1, 0], alpha=alpha).dtype == np.float64
    assert entmax([True, False], alpha=alpha).dtype == np.float64
    assert entmax_vjp(np.ones(2, np.float32), np.ones(2), alpha=alpha).dtype == np.float64


@pytest.mark.parametrize("alpha", [1.2, 1.5, 2, 4])
def test_inputs_are_not_written_to(alpha: float) -> None:
    x = np.array([[0.5, INF], [0.25, 0.1]])
    p, y = np.array([0.5, 0.5, 0.0]), np.array([[0.5, 0.5], [1.0, 0.0]])
    for array in (x, p, y):
        array.flags.writeable = False
    entmax(x, alpha=alpha)
    entmax(x, 0, alpha=alpha)
    entmax_vjp(p, p, alpha=alpha)
    entmax_loss(x, y, alpha=alpha)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: entmax([1.0], alpha=0.5), ValueError, "alpha must be >= 1, got 0.5"),
        (lambda: entmax([1.0], alpha=NAN), ValueError, "alpha must be >= 1, got nan"),
        (lambda: entmax([1.0], alpha=None), TypeError, "alpha must hold real numbers (ints or floats)"),  # type: ignore[arg-type]
        (lambda: entmax([1.0], alpha=[2.0, 1.0]), ValueError, "alpha must be one number"),  # type: ignore[arg-type]
        (lambda: entmax([1.0], alpha=True), TypeError, "alpha must hold real numbers (ints or floats), got True"),
        (lambda: entmax([1j]), TypeError, "x must hold real numbers"),
        (lambda: entmax(["a"]), TypeError, "x must hold real numbers"),
        (lambda: entmax([1.0], 1), AxisError, "axis"),
        (lambda: entmax([1.0], 1, alpha=1), AxisError, "axis"),
        (lambda: sparsemax([1.0], 0.5), TypeError, "axis must be an int"),  # type: ignore[arg-type]
        (lambda: entmax_vjp([1.0], [1.0, 2.0]), ValueError, "grad must have the shape of p, (1,), got (2,)"),
        (lambda: entmax_vjp([1j], [1.0]), TypeError, "p must hold real numbers"),
        (lambda: entmax_vjp([1.0], [1j]), TypeError, "grad must hold real numbers"),
        (lambda: entmax_vjp([1.0], [1.0], alpha=0), ValueError, "alpha must be >= 1, got 0.0"),
        (lambda: entmax_vjp([1.0], [1.0], 3), AxisError, "axis"),
        (lambda: entmax_loss([1.0, 2.0], 2), ValueError, "target must hold labels from 0 to 1, got 2"),
        (lambda: entmax_loss([1.0, 2.0], [0, 1, 2]), ValueError, "target must have the shape"),
        (lambda: entmax_loss(1.0, 0), ValueError, "logits must have a last axis"),
        (lambda: entmax_loss([1.0, 2.0], 0.5), TypeError, "target must hold integers as labels"),
        (lambda: entmax_loss([1.0, 2.0], [0.5, 0.2]), ValueError, "target must hold probabilities that sum to 1"),
        (lambda: entmax_loss([1.0, 2.0], 0, reduction="max"), ValueError, "reduction must be"),
        (lambda: entmax_loss([1.0, 2.0], 0, alpha=-1), ValueError, "alpha must be >= 1, got -1.0"),
    ],
)
def test_bad_arguments(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    refuses(call, error, message)
