"""Laws of softmax: each test states one and looks for a counterexample."""

from typing import Any

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from minisoftmax import log_softmax, logsumexp, softmax, softmax_jacobian, softmax_vjp
from tests.laws import law

Vector = NDArray[np.float64]

EPS = np.finfo(np.float64).eps


def numbers(bound: float) -> st.SearchStrategy[float]:
    return st.floats(-bound, bound, allow_subnormal=False)


def vectors(bound: float = 700, min_size: int = 1, max_size: int = 12) -> st.SearchStrategy[Vector]:
    """Vectors of logits: all different, with ties, or far apart."""
    sizes = st.integers(min_size, max_size)
    elements = st.one_of(numbers(bound), st.sampled_from([0.0, 1.0, -bound, bound]))
    return hnp.arrays(np.float64, sizes, elements=elements)


def pairs(bound: float) -> st.SearchStrategy[tuple[Vector, Vector]]:
    """Two vectors of one size."""

    def of_size(n: int) -> st.SearchStrategy[tuple[Vector, Vector]]:
        return st.tuples(vectors(bound, n, n), vectors(bound, n, n))

    return st.integers(1, 8).flatmap(of_size)


temperatures = st.floats(0.01, 100)
tensors = hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=4, max_side=4), elements=numbers(50))


def axes_of(x: NDArray[Any]) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.integers(0, x.ndim - 1), min_size=1, unique=True).map(tuple)


def sigmoid(t: float) -> float:
    return float(1 / (1 + np.exp(-t)))


def gradient(function: Any, x: Vector, step: float) -> NDArray[Any]:
    """Differentiate by central differences; the last axis of the result runs over the entries of x."""
    steps = step * np.eye(x.size)
    return np.stack([(function(x + e) - function(x - e)) / (2 * step) for e in steps], axis=-1)


# What any map from scores to probabilities must do


@law
@given(vectors(), temperatures)
def test_probabilities_sum_to_one(x: Vector, temperature: float) -> None:
    assert_allclose(softmax(x, temperature=temperature).sum(), 1, rtol=4 * EPS)
    assert_allclose(logsumexp(log_softmax(x, temperature=temperature)), 0, atol=4 * EPS)


@law
@given(vectors(350))
def test_probabilities_are_positive(x: Vector) -> None:
    p = softmax(x)
    assert np.all(p > 0)
    assert np.all(p <= 1)
    assert np.all(log_softmax(x) <= 0)


@law
@given(vectors(), temperatures)
def test_order_is_preserved(x: Vector, temperature: float) -> None:
    order = np.argsort(x)
    for result in (softmax(x, temperature=temperature), log_softmax(x, temperature=temperature)):
        assert np.all(np.diff(result[order]) >= 0)
        assert result[np.argmax(x)] == result.max()


@law
@given(vectors(20, min_size=2))
def test_a_clear_winner_stays_the_only_winner(x: Vector) -> None:
    first, second = np.sort(x)[[-1, -2]]
    assume(first - second > 1e-6)
    assert np.argmax(softmax(x)) == np.argmax(log_softmax(x)) == np.argmax(x)
    assert np.sum(softmax(x) == softmax(x).max()) == 1


@law
@given(vectors(), st.randoms(use_true_random=False))
def test_permuting_logits_permutes_probabilities(x: Vector, random: Any) -> None:
    order = random.sample(range(x.size), x.size)
    assert_allclose(softmax(x[order]), softmax(x)[order], rtol=8 * EPS)
    assert_allclose(log_softmax(x[order]), log_softmax(x)[order], rtol=8 * EPS)
    assert_allclose(logsumexp(x[order]), logsumexp(x), rtol=8 * EPS, atol=8 * EPS)


# Only differences count


@law
@given(hnp.arrays(np.int64, st.integers(1, 12), elements=st.integers(-600, 600)), st.integers(-(2**40), 2**40))
def test_shift_invariance(x: NDArray[np.int64], shift: int) -> None:
    # Whole numbers, so that adding the shift rounds nothing.
    assert_array_equal(softmax(x + shift), softmax(x))
    assert_array_equal(log_softmax(x + shift), log_softmax(x))
    assert_allclose(logsumexp(x + shift), logsumexp(x) + shift, rtol=4 * EPS, atol=4 * EPS)


@law
@given(vectors(300, min_size=2))
def test_odds_of_two_entries_are_the_exponential_of_their_difference(x: Vector) -> None:
    p, logs = softmax(x), log_softmax(x)
    assert_allclose(p[0] / p[1], np.exp(x[0] - x[1]), rtol=2000 * EPS)
    assert_allclose(logs[0] - logs[1], x[0] - x[1], rtol=4 * EPS, atol=2000 * EPS)


@law
@given(numbers(350), numbers(350))
def test_two_classes_are_the_sigmoid_of_the_difference(a: float, b: float) -> None:
    assert_allclose(softmax([a, b])[0], sigmoid(a - b), rtol=8 * EPS)


@law
@given(vectors(15))
def test_doubling_all_logits_changes_the_probabilities(x: Vector) -> None:
    x = np.append(x, x.max() + 1)  # so that they are not all equal
    assert_allclose(softmax(2 * x), softmax(x) ** 2 / np.sum(softmax(x) ** 2), rtol=400 * EPS)
    assert softmax(2 * x).max() > softmax(x).max()
    assert softmax(2 * x).min() < softmax(x).min()


# Temperature


@law
@given(vectors(100), st.integers(-6, 6).map(lambda k: 2.0**k))
def test_temperature_divides_the_logits(x: Vector, temperature: float) -> None:
    # Powers of two, so that dividing first rounds nothing.
    assert_array_equal(softmax(x, temperature=temperature), softmax(x / temperature))
    assert_array_equal(log_softmax(x, temperature=temperature), log_softmax(x / temperature))


@law
@given(vectors(100, min_size=2), temperatures)
def test_log_odds_are_the_difference_over_the_temperature(x: Vector, temperature: float) -> None:
    logs = log_softmax(x, temperature=temperature)
    error = 8 * EPS * (1 + np.ptp(x) / temperature)
    assert_allclose(logs[0] - logs[1], (x[0] - x[1]) / temperature, rtol=8 * EPS, atol=error)


@law
@given(vectors(50), temperatures, temperatures)
def test_a_higher_temperature_never_favors_the_winner(x: Vector, one: float, other: float) -> None:
    cool, warm = sorted([one, other])
    assert softmax(x, temperature=warm).max() <= softmax(x, temperature=cool).max() * (1 + 8 * EPS)


@law
@given(vectors(100))
def test_temperature_zero_is_the_one_hot_limit(x: Vector) -> None:
    steps = np.round(x)  # gaps of at least 1 between those that differ
    winners = steps == steps.max()
    assert_array_equal(softmax(steps, temperature=0), winners / winners.sum())
    assert_allclose(softmax(steps, temperature=1e-3), softmax(steps, temperature=0), rtol=8 * EPS, atol=1e-300)


@law
@given(vectors(100))
def test_temperature_infinity_is_the_uniform_limit(x: Vector) -> None:
    assert_array_equal(softmax(x, temperature=np.inf), np.full(x.size, 1 / x.size))
    assert_allclose(softmax(x, temperature=1e18), softmax(x, temperature=np.inf), rtol=8 * EPS)


@law
@given(pairs(10), temperatures)
def test_softmax_maximizes_mean_score_plus_entropy(two: tuple[Vector, Vector], temperature: float) -> None:
    x, other = two

    def objective(p: NDArray[Any], log_p: NDArray[Any]) -> float:
        return float(np.sum(p * (x / temperature - log_p)))

    p, log_p = softmax(x, temperature=temperature), log_softmax(x, temperature=temperature)
    q, log_q = softmax(other), log_softmax(other)
    best, rival, divergence = objective(p, log_p), objective(q, log_q), float(np.sum(q * (log_q - log_p)))
    rounding = 100 * EPS * (1 + np.abs(x).max() / temperature)
    assert rival <= best + rounding
    assert_allclose(best - rival, divergence, rtol=1e-9, atol=rounding)


# The normalizer


@law
@given(vectors())
def test_logsumexp_lies_between_max_and_max_plus_log_n(x: Vector) -> None:
    total = logsumexp(x)
    assert x.max() <= total <= x.max() + np.log(x.size) + 4 * EPS * np.abs(x).max()


@law
@given(hnp.arrays(np.float64, st.integers(1, 12), elements=numbers(700)), numbers(1e6))
def test_shifting_logits_shifts_logsumexp(x: Vector, shift: float) -> None:
    assert_allclose(logsumexp(x + shift), logsumexp(x) + shift, rtol=0, atol=4 * EPS * (abs(shift) + 700))


@law
@given(pairs(700), st.floats(0, 1))
def test_logsumexp_is_convex(two: tuple[Vector, Vector], weight: float) -> None:
    x, y = two
    between = logsumexp(weight * x + (1 - weight) * y)
    assert between <= weight * logsumexp(x) + (1 - weight) * logsumexp(y) + 8 * EPS * 700


@law
@given(vectors(700, min_size=2), st.data())
def test_logsumexp_of_the_parts_is_that_of_the_whole(x: Vector, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, x.size - 1))
    parts = [logsumexp(x[:cut]), logsumexp(x[cut:])]
    assert_allclose(logsumexp(parts), logsumexp(x), rtol=8 * EPS, atol=8 * EPS)


@law
@given(vectors(700))
def test_exponential_of_log_softmax_is_softmax(x: Vector) -> None:
    bound = 4 * EPS * (1 + np.ptp(x))
    assert_allclose(np.exp(log_softmax(x)), softmax(x), rtol=bound, atol=1e-307)
    assert_allclose(log_softmax(x), x - logsumexp(x), rtol=4 * EPS, atol=4 * EPS * np.abs(x).max())


# Derivatives


@law
@given(vectors(5))
def test_gradient_of_logsumexp_is_softmax(x: Vector) -> None:
    assert_allclose(gradient(logsumexp, x, 1e-4), softmax(x), rtol=0, atol=1e-8)


@law
@given(vectors(5, max_size=6), st.floats(0.5, 4))
def test_jacobian_agrees_with_finite_differences(x: Vector, temperature: float) -> None:
    numerical = gradient(lambda z: softmax(z, temperature=temperature), x, 1e-4)
    exact = softmax_jacobian(softmax(x, temperature=temperature)) / temperature
    assert_allclose(numerical, exact, rtol=0, atol=1e-7)


@law
@given(vectors(50))
def test_jacobian_is_symmetric_with_rows_that_sum_to_zero(x: Vector) -> None:
    jacobian = softmax_jacobian(softmax(x))
    assert_array_equal(jacobian, jacobian.T)
    assert_allclose(jacobian.sum(axis=-1), 0, atol=8 * EPS)
    assert np.all(np.abs(jacobian) <= 0.25)
    assert np.all(np.linalg.eigvalsh(jacobian) >= -8 * EPS)


@law
@given(tensors, st.data())
def test_vjp_is_the_product_with_the_jacobian(x: NDArray[Any], data: st.DataObject) -> None:
    axes = data.draw(axes_of(x))
    grad = data.draw(hnp.arrays(np.float64, x.shape, elements=numbers(100)))
    p = softmax(x, axes)
    last = tuple(range(-len(axes), 0))

    def flat(array: NDArray[Any]) -> NDArray[Any]:
        moved = np.moveaxis(array, axes, last)
        return moved.reshape(*moved.shape[: x.ndim - len(axes)], -1)

    product = (softmax_jacobian(flat(p)) @ flat(grad)[..., None])[..., 0]
    assert_allclose(flat(softmax_vjp(p, grad, axes)), product, rtol=0, atol=1000 * EPS)
    assert_allclose(softmax_vjp(p, grad, axes).sum(axis=axes), 0, atol=1000 * EPS)


# Axes and masks


@law
@given(tensors, st.data())
def test_several_axes_are_one_flattened_axis(x: NDArray[Any], data: st.DataObject) -> None:
    axes = data.draw(axes_of(x))
    count = len(axes)
    moved = np.moveaxis(x, axes, range(count))
    flat = moved.reshape(-1, *moved.shape[count:])
    for function in (softmax, log_softmax):
        together = np.moveaxis(function(x, axes), axes, range(count))
        assert_allclose(together, function(flat, 0).reshape(moved.shape), rtol=4e-15, atol=1e-15)
    assert_allclose(logsumexp(x, axes), logsumexp(flat, 0), rtol=4e-15, atol=1e-15)


@law
@given(vectors(), temperatures, st.data())
def test_where_is_the_same_as_deleting(x: Vector, temperature: float, data: st.DataObject) -> None:
    where = data.draw(hnp.arrays(np.bool_, x.size))
    p = softmax(x, where=where, temperature=temperature)
    logs = log_softmax(x, where=where, temperature=temperature)
    assert_allclose(p[where], softmax(x[where], temperature=temperature), rtol=8 * EPS)
    assert_allclose(logs[where], log_softmax(x[where], temperature=temperature), rtol=8 * EPS)
    assert_array_equal(p[~where], 0)
    assert_array_equal(logs[~where], -np.inf)
    assert_allclose(logsumexp(x, where=where), logsumexp(x[where]), rtol=8 * EPS, atol=8 * EPS)


@law
@given(vectors(), st.data())
def test_where_is_the_same_as_logits_of_minus_infinity(x: Vector, data: st.DataObject) -> None:
    where = data.draw(hnp.arrays(np.bool_, x.size))
    assume(where.any())
    masked = np.where(where, x, -np.inf)
    assert_array_equal(softmax(x, where=where), softmax(masked))
    assert_array_equal(log_softmax(x, where=where), log_softmax(masked))
    assert_array_equal(logsumexp(x, where=where), logsumexp(masked))
