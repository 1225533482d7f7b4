"""What the filters keep, what is drawn how often, and what entropy is worth: laws, edges and independent values."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import ml_dtypes
import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy import stats

import minisoftmax
from minisoftmax import entropy, gumbel_softmax, min_p, sample, sampling, softmax, top_k, top_p
from tests.laws import extra_memory, law, refuses

Vector = NDArray[Any]
INF, NAN = np.inf, np.nan
LOGS = np.log([5.0, 3.0, 1.0, 1.0])

numbers = st.floats(-60, 60, allow_subnormal=False)
vectors = hnp.arrays(np.float64, st.integers(1, 12), elements=st.one_of(numbers, st.sampled_from([0.0, 1.0, 2.0])))
distinct = hnp.arrays(np.float64, st.integers(1, 12), elements=st.integers(-30, 30).map(float), unique=True)
fractions = st.floats(0.01, 1)
FILTERS: list[tuple[Callable[..., Any], float]] = [(top_k, 2), (top_p, 0.7), (min_p, 0.3)]


def kept(z: Any) -> list[int]:
    return list(map(int, np.flatnonzero(np.asarray(z) > -INF)))


# The laws of the filters, written down one token at a time


def literal_top_k(z: Vector, k: int) -> list[int]:
    return [i for i, here in enumerate(z) if sum(other > here for other in z) < k and here > -INF]


def literal_top_p(z: Vector, p: float) -> list[int]:
    """Remove the least, the first of equals, as long as all that is removed has at most 1 − p, to within 4 eps."""
    with mpmath.workdps(40):
        weights = [mpmath.exp(mpmath.mpf(float(value)) - mpmath.mpf(float(z.max()))) for value in z]
        room = (1 - mpmath.mpf(p)) * (1 + mpmath.mpf(2) ** -50) * mpmath.fsum(weights)
        removed: set[int] = set()
        for i in sorted(range(len(z)), key=lambda i: z[i])[:-1]:
            room -= weights[i]
            if room < 0:
                break
            removed.add(i)
    return sorted(set(range(len(z))) - removed)


def hugging_face_top_p(z: Vector, p: float) -> list[int]:
    """Do as ``TopPLogitsWarper`` does: a stable ascending sort, and cumulative sums in float64."""
    order = np.argsort(z, kind="stable")
    removed = np.cumsum(np.exp(z[order].astype(np.float64) - float(z.max())))
    removed /= removed[-1]
    return sorted(map(int, order[[*(removed[:-1] > 1 - p), True]]))


def test_filters_keep_what_their_laws_say_of_many_rows() -> None:
    rng = np.random.default_rng(4)
    for number in range(400):
        size = int(np.exp(rng.uniform(np.log(2), np.log(32_001))))
        z = rng.normal(0, rng.choice([0.3, 2, 6]), size).astype([np.float32, np.float64][number % 2])
        if number % 4 == 0:
            z = np.round(z)
        k, p, fraction = int(rng.integers(1, size + 3)), float(rng.uniform(0.01, 0.999)), float(rng.uniform(0.001, 1))
        assert kept(top_k(z, k)) == list(np.flatnonzero(z >= np.sort(z)[::-1][min(k, size) - 1]))
        assert kept(top_p(z, p)) == hugging_face_top_p(z, p)
        probs = softmax(z.astype(np.longdouble))
        assert_array_equal(min_p(z, fraction) > -INF, probs >= fraction * probs.max())


@law
@given(vectors, st.integers(1, 14), st.floats(0.01, 0.99), fractions)
def test_filters_keep_what_their_laws_say(z: Vector, k: int, p: float, fraction: float) -> None:
    assert kept(top_k(z, k)) == literal_top_k(z, k)
    assert kept(top_p(z, p)) == literal_top_p(z, p)
    assert kept(min_p(z, fraction)) == [i for i in range(len(z)) if z[i] - z.max() >= np.log(fraction)]


@pytest.mark.parametrize(("function", "setting"), FILTERS)
@law
@given(z=distinct, seed=st.integers(0, 9), shift=st.integers(-1000, 1000))
def test_filters_commute_with_shifts_and_permutations(
    function: Callable[..., Any], setting: float, z: Vector, seed: int, shift: int
) -> None:
    order = np.random.default_rng(seed).permutation(len(z))
    assert_array_equal(function(z[order], setting), function(z, setting)[order])
    assert_array_equal(function(z + shift, setting), function(z, setting) + shift)


@law
@given(vectors, st.integers(1, 14), fractions)
def test_top_k_and_min_p_do_nothing_twice(z: Vector, k: int, p: float) -> None:
    assert_array_equal(top_k(top_k(z, k), k), top_k(z, k))
    assert_array_equal(min_p(min_p(z, p), p), min_p(z, p))


@law
@given(vectors, st.floats(1e-9, 1), st.floats(1e-9, 1))
def test_sets_are_nested(z: Vector, p: float, q: float) -> None:
    low, high = min(p, q), max(p, q)
    assert set(kept(top_p(z, low))) <= set(kept(top_p(z, high)))
    assert set(kept(min_p(z, high))) <= set(kept(min_p(z, low)))
    assert int(z.argmax()) in kept(min_p(z, high))
    assert z.max() == top_p(z, low).max()


@law
@given(vectors, st.floats(0.01, 0.99))
def test_top_p_reaches_p_and_would_not_without_the_least(z: Vector, p: float) -> None:
    probs = softmax(z)[kept(top_p(z, p))]
    assert probs.sum() >= p - 1e-14
    assert len(probs) == 1 or probs.sum() - probs.min() < p + 1e-14


# Values that are known without a computer


def test_ties() -> None:
    assert kept(top_k([1.0, 2.0, 2.0, 2.0, 3.0], 2)) == [1, 2, 3, 4]
    assert kept(top_k([1.0, 2.0, 2.0, 2.0, 3.0], 1)) == [4]
    for p, expected in [(0.25, [3]), (0.250001, [2, 3]), (0.5, [2, 3]), (0.75, [1, 2, 3]), (0.76, [0, 1, 2, 3])]:
        assert kept(top_p(np.zeros(4), p)) == expected
        assert kept(top_p(np.zeros((2, 4), np.float32), p)[1]) == expected
    assert kept(top_p([9.0, 0.0, 9.0, 9.0], 0.5)) == [2, 3]
    assert kept(min_p([2.0, 1.0, 2.0], 1)) == [0, 2]
    assert kept(min_p([2.0, 1.0, INF], 0)) == [0, 1, 2]


@pytest.mark.parametrize("tenths", range(1, 10))
def test_decimals_mean_what_they_say(tenths: int) -> None:
    assert len(kept(top_p(np.zeros(10), tenths / 10))) == tenths
    assert len(kept(top_p(np.full((3, 20), -7.0), tenths / 10)[2])) == 2 * tenths


@pytest.mark.parametrize("p", [0.46, 0.7])
def test_draws_are_of_what_top_p_keeps(p: float) -> None:
    equal = np.zeros(300)
    assert set(sample(equal, top_p=p, size=10_000, rng=0)) == set(kept(top_p(equal, p)))


def test_equal_weights_of_different_logits_are_told_apart() -> None:
    z = np.array([1e-17, 0.0, 3e-17, 2e-17])
    assert kept(top_p(z, 0.5)) == [2, 3]
    assert kept(top_p(z, 0.75)) == [0, 2, 3]
    assert kept(top_p(np.tile([0.0, 1e-17], 200), 0.25)) == list(range(201, 400, 2))
    assert set(sample([3.0, 1.0, 2.0, 0.0], temperature=INF, top_p=0.5, size=50, rng=0)) == {0, 2}


def test_the_token_that_crosses_is_not_lost_to_rounding() -> None:
    almost = np.nextafter(1, 0)
    assert kept(top_p([0.0, -36.5], almost)) == [0, 1]
    assert kept(top_p([0.0, -37.5], almost)) == [0]
    assert kept(top_p([0.0, -1e4], 1)) == [0, 1]
    assert kept(top_p([0.0, -1e4], almost)) == [0]
    assert len(kept(top_p(np.arange(10.0), 5e-324))) == 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_min_p_at_the_border(dtype: type) -> None:
    slack = float(4 * np.finfo(dtype).eps)
    for offset in (0, 1, 64):
        z: Vector = offset + np.array([0, -1, -2], dtype) * np.log(np.array(2, dtype))
        if offset == 0:
            assert kept(min_p(z, 0.5)) == [0, 1] or dtype is np.longdouble
            assert kept(min_p(z[:2], 0.5 + 2 * slack)) == [0] or dtype is np.longdouble
        assert kept(min_p(z, 0.25 * (1 - 1e-4))) == [0, 1, 2]
        assert kept(min_p(z, 0.25 * (1 + 1e-4))) == [0, 1]
        assert kept(min_p(z, 1)) == [0]


def test_min_p_of_counts_is_decided_by_their_fractions() -> None:
    rng = np.random.default_rng(5)
    for places in (1, 2):
        for _ in range(500):
            counts, whole = rng.integers(1, 101, 8).tolist(), 10**places
            part = int(rng.integers(1, whole))
            expected = [i for i, count in enumerate(counts) if count * whole >= part * max(counts)]
            logits = np.log(counts)
            assert kept(min_p(logits, part / whole)) == expected
            assert {*sample(logits, min_p=part / whole, size=200, rng=rng).tolist()} <= {*expected}


def test_infinities() -> None:
    z = [INF, 1.0, -INF, INF, 2.0]
    assert kept(top_k(z, 3)) == [0, 3, 4]
    assert kept(top_k(z, 9)) == [0, 1, 3, 4]
    assert [kept(top_p(z, p)) for p in (0.5, 0.6, 1)] == [[3], [0, 3], [0, 3]]
    assert [kept(min_p(z, p)) for p in (1e-300, 1)] == [[0, 3], [0, 3]]
    assert set(sample(z, size=100, rng=0)) == {0, 3}
    assert kept(top_k([0.0, -INF], 2)) == kept(top_p([0.0, -INF], 1)) == kept(min_p([0.0, -INF], 0.1)) == [0]
    assert_array_equal(top_p([1e308, -1e308], 1), [1e308, -1e308])


# Shapes, dtypes, memory


@pytest.mark.parametrize(("function", "setting"), FILTERS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_what_is_kept_stays_as_it_is(function: Callable[..., Any], setting: float, dtype: type) -> None:
    z: Vector = np.random.default_rng(1).normal(size=(3, 4, 7)).astype(dtype)
    before = z.copy()
    result = function(z, setting)
    assert result.dtype == dtype
    assert result.shape == z.shape
    assert_array_equal(result[result > -INF], z[result > -INF])
    for place in np.ndindex(3, 4):
        assert_array_equal(result[place], function(z[place], setting))
    assert_array_equal(function(np.asfortranarray(z), setting), result)
    assert_array_equal(function(z.astype(z.dtype.newbyteorder()), setting), result)
    assert_array_equal(z, before)
    assert not np.shares_memory(function(z, 1), z)
    assert function(np.zeros((0, 3), dtype), setting).shape == (0, 3)
    assert function([[1, 2, 3]], setting).dtype == np.float64


def test_float16_probabilities_do_not_overflow() -> None:
    assert len(kept(top_p(np.zeros(70_000, np.float16), 0.5))) == 35_000


def test_rows_need_not_be_alike() -> None:
    z = np.array([np.zeros(300), np.r_[50.0, np.zeros(299)], np.linspace(0, 9, 300)])
    for row, filtered in zip(z, top_p(z, 0.9), strict=True):
        assert kept(filtered) == literal_top_p(row, 0.9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("tail", ["normal", "equal", "zero", "underflowing", "flat", "tied"])
def test_a_large_vocabulary(tail: str, dtype: type) -> None:
    z = np.random.default_rng(0).normal(size=128_000)
    if tail == "tied":
        z = np.round(z)
    elif tail != "flat":
        tails: dict[str, Any] = {"normal": z[40:] - 16, "equal": -30, "zero": -INF, "underflowing": z[40:] - 800}
        z[40:] = tails[tail]
    z = np.random.default_rng(1).permutation(z).astype(dtype)
    for p in (0.5, 0.9, 0.99):
        assert kept(top_p(z, p)) == hugging_face_top_p(z, p)


@pytest.mark.parametrize("count", [100, 1000, 128_000])
def test_a_tail_of_many_counts_as_much_as_a_few(count: int) -> None:
    z = np.r_[np.log([9.0, 0.5]) + np.log(count), np.zeros(count)]  # the odds are 18 : 1, and 2 for all others
    for p, others in [(18 / 21, None), (19 / 21, 0), (19.5 / 21, count // 4), (20.5 / 21, count * 3 // 4)]:
        expected = [0] if others is None else [0, 1, *range(2 + count - others, 2 + count)]
        assert kept(top_p(z, p - 1e-8)) == expected


@pytest.mark.parametrize("count", [10, 1000, 128_000])
def test_equal_logits_of_any_number_are_counted(count: int) -> None:
    z = np.repeat([[3.0], [INF]], count, axis=1)
    for p, removed in [(0.9, count // 10), (0.9 + 1e-6, count // 10 - 1), (5e-324, count - 1), (1 - 1e-9, 0)]:
        assert [kept(row) for row in top_p(z, p)] == [list(range(removed, count))] * 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int8])
@pytest.mark.parametrize("shape", [(4, 128_000), (100_000, 5), (400_000, 1)])
def test_memory_of_top_p_and_sample(shape: tuple[int, ...], dtype: type) -> None:
    z: Vector = np.random.default_rng(0).normal(0, 3, size=shape).astype(dtype)
    copy = 8 * z.size / 2**20
    assert extra_memory(lambda: top_p(z, 0.9)) <= 16 * copy
    draws = 8 * z[..., 0].size / 2**20
    assert extra_memory(lambda: sample(z, rng=0)) <= 16 * (copy + draws)
    options: dict[str, Any] = {"top_k": 50, "top_p": 0.9, "min_p": 0.1, "temperature": 0.7}
    assert extra_memory(lambda: sample(z, **options, rng=0)) <= 16 * (copy + draws)
    assert extra_memory(lambda: sample(z, size=4, rng=0)) <= 16 * (copy + 4 * draws)


@law
@given(
    hnp.arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 9)), elements=st.integers(-2, 2).map(float)),
    st.sampled_from([0.0, 1e-17, 1.0, 40.0, 400.0]),
    st.floats(0.01, 0.99),
)
def test_ties_are_cut_in_each_row_on_its_own(z: Vector, step: float, p: float) -> None:
    for row, filtered in zip(z * step, top_p(z * step, p), strict=True):
        assert kept(filtered) == literal_top_p(row, p)


# Draws

SETTINGS: list[dict[str, Any]] = [
    {"temperature": t, "top_k": k, "top_p": p, "min_p": m}
    for t in (0, 0.7, 1.0, 2.5, INF)
    for k in (None, 6)
    for p in (None, 0.8)
    for m in (None, 0.2)
]


def filtered_distribution(z: Vector, temperature: float, top_k: Any, top_p: Any, min_p: Any) -> Vector:
    """Go through the stages one after another, on probabilities, with loops and sorts."""
    probs = softmax(z, temperature=temperature)
    order = sorted(range(len(z)), key=lambda i: (-z[i], -i))
    if top_k is not None:
        probs[z < z[order[top_k - 1]]] = 0
        probs /= probs.sum()
    if top_p is not None:
        reached = 0.0
        for i in order:
            probs[i], reached = (0.0 if reached >= top_p - 1e-12 else probs[i]), reached + probs[i]
        probs /= probs.sum()
    if min_p is not None:
        probs[probs < min_p * probs.max()] = 0
        probs /= probs.sum()
    return probs


@pytest.mark.parametrize("options", SETTINGS, ids=str)
def test_draws_match_the_filtered_distribution(options: dict[str, Any]) -> None:
    z = np.array([1.0, 3.0, 2.0, 3.0, -1.0, 0.5, 0.0, -INF, 1.5, 2.5])
    expected = filtered_distribution(z, **options)
    draws = sample(z, **options, size=200_000, rng=7)
    counts = np.bincount(draws, minlength=len(z))
    assert_allclose(counts / 200_000, expected, atol=0.005)
    possible = expected > 0
    assert counts[~possible].sum() == 0
    assert counts[possible].min() > 0
    assert possible.sum() == 1 or stats.chisquare(counts[possible], 200_000 * expected[possible]).pvalue > 1e-4


def test_many_draws_from_a_large_vocabulary_need_little_memory() -> None:
    z = np.random.default_rng(0).normal(size=32_000)
    assert extra_memory(lambda: sample(z, top_k=50, size=200_000, rng=0)) < 20
    assert set(sample(z, top_k=50, size=10_000, rng=0)) == set(kept(top_k(z, 50)))


def test_shapes_of_draws() -> None:
    z = np.zeros((2, 3, 5))
    sizes: list[tuple[Any, tuple[int, ...]]] = [
        (None, ()),
        (4, (4,)),
        ((4, 6), (4, 6)),
        ((), ()),
        (0, (0,)),
        (np.int64(2), (2,)),
    ]
    for size, shape in sizes:
        assert np.shape(sample(z, size=size, rng=0)) == (*shape, 2, 3)
        assert np.shape(sample(z[0, 0], size=size, rng=0)) == shape
    one = sample([0.0, 9.0], rng=1)
    assert isinstance(one, np.integer)
    assert [10, 20][one] in (10, 20)
    assert np.shape(sample(np.zeros((0, 3)), size=2)) == (2, 0)


def test_ties_at_temperature_zero_are_cut_by_top_p() -> None:
    for p, expected in [(1 / 3, {4}), (0.5, {2, 4}), (0.7, {1, 2, 4}), (1, {1, 2, 4})]:
        assert set(sample([1.0, 2, 2, 0, 2], temperature=0, top_p=p, size=100, rng=0)) == expected


def test_every_row_has_its_own_distribution_and_temperature() -> None:
    z = np.array([[[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]])
    draws = sample(z, temperature=np.array([[[0.5], [0]]]), size=50_000, rng=3)
    assert_allclose(np.bincount(draws[:, 0, 0]) / 50_000, softmax([0.0, 2.0, 4.0]), atol=0.01)
    assert not draws[:, 0, 1].any()
    alike = sample(np.zeros((2, 2)), size=1000, rng=3)
    assert 400 < np.sum(alike[:, 0] == alike[:, 1]) < 600


@pytest.mark.parametrize("options", SETTINGS, ids=str)
@pytest.mark.parametrize("size", [None, (2, 3)])
def test_rows_are_drawn_from_together_as_if_one_by_one(options: dict[str, Any], size: Any) -> None:
    z = np.random.default_rng(2).normal(size=(4, 3, 10)).round(1)
    z[..., 3] = -INF
    uniform = np.random.default_rng(3).random((*(size or ()), 4, 3))
    expected = np.empty(uniform.shape, int)
    for place in np.ndindex(4, 3):
        sums = np.cumsum(filtered_distribution(z[place], **options))
        expected[(..., *place)] = np.searchsorted(sums, uniform[(..., *place)], side="right")
    assert_array_equal(sample(z, **options, size=size, rng=3), expected)
    assert_array_equal(sample(np.asfortranarray(z), **options, size=size, rng=3), expected)
    assert_array_equal(sample(z.astype(np.longdouble), **options, size=size, rng=3), expected)


def draws_at(z: Any, uniform: Any, **options: Any) -> list[int]:
    """Draw where a generator would give these uniform numbers."""

    class Chosen(np.random.Generator):
        def random(self, *_: Any, **__: Any) -> Any:
            return np.asarray(uniform, float)

    return list(map(int, sample(z, size=len(uniform), rng=Chosen(np.random.PCG64(0)), **options)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_no_token_of_probability_zero_is_ever_drawn(dtype: type) -> None:
    z: Vector = np.array([-INF, 0, -INF, np.log(2), -INF], dtype)
    ends = [0.0, 1 / 3 - 1e-7, 1 / 3 + 1e-7, np.nextafter(1, 0)]
    assert draws_at(z, ends) == [1, 1, 3, 3]
    assert draws_at(np.zeros(4, dtype), [0, 0.2499, 0.25, 0.5, 0.75, np.nextafter(1, 0)]) == [0, 0, 1, 2, 3, 3]
    for other in np.random.default_rng(0).uniform(-30, 0, 200):
        assert draws_at(np.array([0, other, -INF], dtype), [np.nextafter(1, 0)]) == [1]


# Entropy


def exact_entropy(z: Vector, temperature: float = 1.0, base: float | None = None) -> Any:
    values, counts = np.unique(z[z > -INF], return_counts=True)
    distances = [(mpmath.mpf(float(v)) - mpmath.mpf(float(values[-1]))) / mpmath.mpf(temperature) for v in values]
    weights = [int(n) * mpmath.exp(d) for n, d in zip(counts, distances, strict=True)]
    others = mpmath.fsum(weights[:-1]) + (int(counts[-1]) - 1)
    nats = mpmath.log1p(others) - mpmath.fsum(w * d for w, d in zip(weights, distances, strict=True)) / (1 + others)
    return nats if base is None else nats / mpmath.log(mpmath.mpf(base))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["normal", "uniform", "dominant", "ties", "offset", "gaps"])
def test_entropy_to_four_eps(kind: str, dtype: type) -> None:
    rng = np.random.default_rng(3)
    for number in range(80):
        size = 4000 if number == 0 else int(rng.choice([2, 3, 20, 200]))
        spread = float(rng.choice([1e-3, 1, 10, 100, 1e4]))
        z = rng.uniform(-spread, spread, size) if kind == "uniform" else rng.normal(0, spread, size)
        if kind == "dominant":
            z[0] = z.max() + rng.uniform(0, 80 if dtype is np.float32 else 650)
        if kind == "ties":
            z = np.round(z)
        if kind == "offset":
            z = rng.normal(0, min(spread, 30), size) + rng.choice([-1e4, 1e4])
        if kind == "gaps":
            z[1:][rng.random(size - 1) < 0.4] = -INF
        temperature = float(rng.choice([1, 1, 0.75, 3, 0.1, 1e-3, 1e4]))
        base = [None, 2.0, 10.0][number % 3]
        z = z.astype(dtype)
        with mpmath.workdps(60):
            expected = exact_entropy(z, temperature, base)
            if expected > (1e-300 if dtype is np.float64 else 1e-37):
                error = abs(mpmath.mpf(float(entropy(z, temperature=temperature, base=base))) - expected) / expected
                assert error <= 4 * np.finfo(dtype).eps


def test_entropy_of_longdouble() -> None:
    z = np.array([40.0, 0.3, -1.7], np.longdouble)
    probs = np.exp(z - 40)
    expected = np.log1p(probs[1:].sum()) - (probs * (z - 40)).sum() / probs.sum()
    eps = float(np.finfo(np.longdouble).eps)
    assert abs(entropy(z) / expected - 1) < 40 * eps
    assert abs(entropy(z, base=10) * np.log(np.longdouble(10)) / entropy(z) - 1) < 4 * eps


def test_known_entropies() -> None:
    assert entropy([7.0]) == 0
    assert entropy(3.0) == 0
    assert not np.signbit(entropy([7.0]))
    assert_allclose(entropy(np.full((2, 9), 1e4)), np.log([9, 9]), rtol=1e-15)
    assert_allclose(entropy(np.log([0.5, 0.25, 0.25]), base=2), 1.5, rtol=1e-15)
    assert_allclose(entropy([0.0, 0.0], base=0.5), -1, rtol=1e-15)
    assert_allclose(entropy([0.0, -INF, 0.0]), np.log(2), rtol=1e-15)
    assert_allclose(entropy([INF, 0.0, INF, -INF, INF]), np.log(3), rtol=1e-15)
    assert_array_equal(entropy([[NAN, 0], [-INF, -INF], [NAN, INF]]), [NAN, NAN, NAN])
    assert_array_equal(entropy([[NAN], [-INF]]), [NAN, NAN])
    assert_array_equal(entropy(np.zeros((2, 0))), [0, 0])


def test_entropy_at_extreme_temperatures() -> None:
    z = np.array([1.0, 2.0, 2.0, -INF])
    assert_allclose(entropy(z, temperature=0), np.log(2), rtol=1e-15)
    assert_allclose(entropy(z, temperature=INF), np.log(3), rtol=1e-15)
    assert_allclose(entropy([INF, 0.0, INF], temperature=INF), np.log(2), rtol=1e-15)
    assert_allclose(entropy([INF, 0.0, INF], temperature=0), np.log(2), rtol=1e-15)
    assert_allclose(entropy([1e308, -1e308], temperature=INF), np.log(2), rtol=1e-15)
    two_apart = entropy([2.0, 0.0])
    for a, b, t in [(1e308, -1e308, 1e308), (2e-300, 0, 1e-300), (1e-323, 0, 5e-324), (1.6e308, 0, 8e307)]:
        assert_allclose(entropy([a, b], temperature=t), two_apart, rtol=1e-14)
    assert entropy([1e308, -1e308], temperature=1e-300) == 0
    assert entropy([1.6e308, 1.5e308], temperature=0.5) == 0  # their doubles would be inf
    per_row = entropy(np.tile(z, (3, 1)), temperature=np.array([[0], [1.0], [INF]]))
    assert_array_equal(per_row, [entropy(z, temperature=t) for t in (0, 1.0, INF)])


@pytest.mark.parametrize("axis", [0, 1, -1, (0, 2), None, ()])
def test_entropy_along_axes(axis: Any) -> None:
    z = np.random.default_rng(1).normal(size=(3, 4, 5))
    probs = softmax(z, axis)
    expected = -np.sum(probs * np.log(probs), axis=axis)
    assert_allclose(entropy(z, axis), expected, rtol=1e-13, atol=1e-15)
    assert_array_equal(entropy(z.astype(z.dtype.newbyteorder()), axis), entropy(z, axis))
    assert_allclose(entropy(np.asfortranarray(z), axis), expected, rtol=1e-13, atol=1e-15)
    assert entropy(z.astype(np.float16), axis).dtype == np.float16
    scales = np.full(np.sum(z, axis=axis, keepdims=True).shape, 2.0)
    assert_allclose(entropy(2 * z, axis, temperature=scales), expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(("shape", "axis"), [((500, 400), 0), ((500, 400), 1), ((70, 60, 50), (0, 2)), ((150_000,), 0)])
def test_entropy_of_large_arrays_is_that_of_each_slice(shape: tuple[int, ...], axis: Any) -> None:
    z = np.random.default_rng(2).normal(size=shape)
    z.flat[7] = NAN
    axes = (axis,) if isinstance(axis, int) else axis
    scales = np.random.default_rng(3).uniform(0.5, 2, np.max(z, axis=axis, keepdims=True).shape)
    slices = np.moveaxis(z, axes, range(-len(axes), 0)).reshape(-1, int(np.prod([shape[i] for i in axes])))
    expected = [entropy(row, temperature=t) for row, t in zip(slices, scales.ravel(), strict=True)]
    assert np.isnan(expected).sum() == 1
    assert_allclose(np.ravel(entropy(z, axis, temperature=scales)), expected, rtol=1e-14)


def test_memory_of_entropy() -> None:
    arrays: list[tuple[Vector, Any]] = [
        (np.ones((400_000, 2)), -1),
        (np.ones((2, 400_000), np.int8), 0),
        (np.ones((1000, 1000), np.float32), 0),
    ]
    for z, axis in arrays:
        at_once = z.shape[axis] * (1 if axis == -1 else min(1024, z[0].size))
        for temperature in (1.0, 0.7):
            found = extra_memory(partial(entropy, z, axis, temperature=temperature))
            assert found <= 20 * (1 + 8 * at_once / 2**20)


@law
@given(vectors, st.floats(0.01, 100), st.floats(1, 10))
def test_entropy_lies_between_its_bounds_and_grows_with_temperature(z: Vector, t: float, factor: float) -> None:
    cool, warm = entropy(z, temperature=t), entropy(z, temperature=t * factor)
    assert 0 <= cool <= warm * (1 + 1e-15) <= np.log(len(z)) * (1 + 2e-15)


@law
@given(vectors, vectors)
def test_entropies_of_independent_choices_add(a: Vector, b: Vector) -> None:
    assert_allclose(entropy(a[:, None] + b, None), entropy(a) + entropy(b), rtol=1e-12, atol=1e-15)


# Gumbel-softmax


@pytest.mark.parametrize("temperature", [0, 0.3, 1.0, 5.0])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_the_largest_entry_is_a_draw_whatever_the_temperature(temperature: float, offset: float) -> None:
    rows = np.tile(LOGS + offset, (200_000, 1))
    soft = gumbel_softmax(rows, temperature=temperature, rng=2)
    assert_allclose(soft.sum(axis=-1), 1, rtol=1e-14)
    assert_allclose(np.bincount(soft.argmax(axis=-1)) / 200_000, [0.5, 0.3, 0.1, 0.1], atol=0.005)
    hard = gumbel_softmax(rows, temperature=temperature, hard=True, rng=2)
    assert_array_equal(np.sort(hard, axis=-1), np.tile([0, 0, 0, 1.0], (200_000, 1)))
    assert_array_equal(hard.argmax(axis=-1), soft.argmax(axis=-1))
    assert temperature != 0 or np.array_equal(soft, hard)


def test_the_noise_has_a_gumbel_distribution() -> None:
    soft = gumbel_softmax(np.zeros((20_000, 2)), temperature=2.0, rng=1)
    difference = 2.0 * np.log(soft[:, 0] / soft[:, 1])  # of two Gumbel numbers: logistic
    assert stats.kstest(difference, stats.logistic.cdf).pvalue > 1e-3


def test_gumbel_softmax_at_infinities() -> None:
    rows = np.tile([INF, 5.0, -INF, INF], (2000, 1))
    for temperature in (0, 1.0):
        result = gumbel_softmax(rows, temperature=temperature, rng=0)
        assert not result[:, 1:3].any()
        assert 0.45 < result[:, 0].mean() < 0.55
    for hard in (False, True):
        lost = gumbel_softmax([[NAN, 0], [-INF, -INF], [0, -INF]], hard=hard)
        assert_array_equal(lost, [[NAN, NAN], [NAN, NAN], [1, 0]])


@pytest.mark.parametrize("axis", [0, 1, (0, 2), None, ()])
def test_gumbel_softmax_along_axes(axis: Any) -> None:
    for dtype in (np.float16, np.float32, np.float64):
        z: Vector = np.zeros((3, 4, 5), dtype)
        soft, hard = gumbel_softmax(z, axis=axis, rng=0), gumbel_softmax(z, axis=axis, hard=True, rng=0)
        assert soft.dtype == hard.dtype == dtype
        assert_allclose(soft.sum(axis=axis), 1, rtol=8 * float(np.finfo(dtype).eps))
        assert_array_equal(hard.sum(axis=axis), np.ones_like(hard.sum(axis=axis)))
        assert_array_equal(hard == 1, soft == soft.max(axis=axis, keepdims=True))
    scales = np.where(np.arange(4) == 2, 0.0, 1.0)[None, :, None]
    mixed = gumbel_softmax(np.zeros((3, 4, 5)), axis=(0, 2), temperature=scales, rng=0)
    assert_array_equal(mixed.max(axis=(0, 2)) == 1, [False, False, True, False])
    assert gumbel_softmax(np.zeros((2, 0))).shape == (2, 0)
    assert gumbel_softmax(1.5) == 1


# Bad arguments

CHOOSERS: list[Callable[[Any], Any]] = [lambda z: top_k(z, 1), lambda z: top_p(z, 0.5), lambda z: min_p(z, 0.5), sample]
BOOLS: list[Any] = [True, False, np.True_, np.array(True)]


@pytest.mark.parametrize("choose", CHOOSERS)
def test_logits_to_choose_from(choose: Callable[[Any], Any]) -> None:
    rule = "logits must hold no NaN, and an entry above -inf in every row, got"
    refuses(lambda: choose([0.0, NAN]), ValueError, f"{rule} nan")
    refuses(lambda: choose([[0.0, 1], [INF, NAN]]), ValueError, f"{rule} nan")
    refuses(lambda: choose([-INF, -INF]), ValueError, f"{rule} -inf")
    refuses(lambda: choose([[0.0, 1], [-INF, -INF]]), ValueError, f"{rule} -inf")
    empty: list[Any] = [[], np.zeros((2, 0)), 1.0]
    for nothing in empty:
        refuses(partial(choose, nothing), ValueError, "logits must have at least one entry along a last axis")
    refuses(lambda: choose(["a"]), TypeError, "logits must hold real numbers")
    refuses(lambda: choose([10**20, 0]), TypeError, "got objects ['int'] (as are ints beyond 64 bits)")


@pytest.mark.parametrize("function", [*CHOOSERS, entropy, gumbel_softmax])
def test_narrow_floats_of_other_packages_are_refused(function: Callable[[Any], Any]) -> None:
    for dtype in (ml_dtypes.float8_e5m2, ml_dtypes.float8_e4m3fn, ml_dtypes.bfloat16):
        refuses(
            partial(function, np.zeros(3, dtype)), TypeError, "logits must hold real numbers (bools, ints or floats)"
        )


@pytest.mark.parametrize(
    ("name", "rule", "call"),
    [
        ("k", "an int >= 1", lambda k: top_k(LOGS, k)),
        ("top_k", "an int >= 1, or None to keep all", lambda k: sample(LOGS, top_k=k)),
    ],
)
def test_counts(name: str, rule: str, call: Callable[[Any], Any]) -> None:
    too_small: list[Any] = [0, -3, np.int8(0)]
    for k in too_small:
        refuses(partial(call, k), ValueError, f"{name} must be {rule}, got {k}")
    no_counts: list[Any] = [1.0, "1", [1, 2], *BOOLS]
    for k in no_counts:
        refuses(partial(call, k), TypeError, f"{name} must be {rule}, got {k!r}")
    assert_array_equal(call(10**30) * 0, call(4) * 0)


FRACTIONS: list[tuple[str, str, Callable[[Any], Any]]] = [
    ("p", "above 0 and at most 1", lambda p: top_p(LOGS, p)),
    ("p", "from 0 to 1", lambda p: min_p(LOGS, p)),
    ("top_p", "above 0 and at most 1", lambda p: sample(LOGS, top_p=p)),
    ("min_p", "from 0 to 1", lambda p: sample(LOGS, min_p=p)),
]


@pytest.mark.parametrize(("name", "rule", "call"), FRACTIONS)
def test_fractions(name: str, rule: str, call: Callable[[Any], Any]) -> None:
    for p in (-0.1, -5e-324, 1.0000001, NAN, INF, *([0.0] if rule.startswith("above") else [])):
        refuses(partial(call, p), ValueError, f"{name} must be {rule}, got {p}")
    refuses(lambda: call([0.5, 0.6]), ValueError, f"{name} must be one number, got an array of shape (2,)")
    for p in BOOLS:
        refuses(partial(call, p), TypeError, f"{name} must hold real numbers (ints or floats), got {p!r}")
    no_numbers: list[Any] = ["0.5", 0.5j, {}, 10**400, *([None] if name == "p" else [])]
    for p in no_numbers:
        refuses(partial(call, p), TypeError, f"{name} must")
    accepted: list[Any] = [1, 0.5, np.float32(0.5), np.array(0.5), np.int8(1)]
    for p in accepted:
        call(p)


def test_what_turns_a_filter_off() -> None:
    z = [3.0, 1.0, -1e4, -INF]
    for result in (top_k(z, 4), top_p(z, 1), min_p(z, 0), min_p(z, 0.0), top_p(z, 1.0)):
        assert_array_equal(result, z)
    flat = np.random.default_rng(0).normal(size=50)
    plain = sample(flat, size=100, rng=0)
    for off in ({"top_k": None}, {"top_k": 50}, {"top_p": None}, {"top_p": 1}, {"min_p": None}, {"min_p": 0}):
        assert_array_equal(sample(flat, size=100, rng=0, **off), plain)
    for t in (0, 0.5, INF):
        cooled = sample(flat, temperature=t, size=100, rng=0)
        assert_array_equal(sample(flat, temperature=t, min_p=0, size=100, rng=0), cooled)


@pytest.mark.parametrize("function", [sample, entropy, gumbel_softmax])
def test_temperatures(function: Callable[..., Any]) -> None:
    for t in (-1.0, NAN):
        refuses(partial(function, LOGS, temperature=t), ValueError, f"temperature must be >= 0, got {t}")
    refuses(lambda: function(LOGS, temperature=[1.0, 2.0]), ValueError, "temperature must broadcast to")
    refuses(lambda: gumbel_softmax(LOGS, temperature=-1, hard=True), ValueError, "temperature must be >= 0, got -1")


def test_rng() -> None:
    def draws(rng: Any) -> list[int]:
        return list(map(int, sample(LOGS, size=20, rng=rng)))

    same: list[Any] = [np.random.default_rng(5), np.int64(5), np.random.SeedSequence(5), np.random.PCG64(5)]
    assert [draws(rng) for rng in same] == [draws(5)] * len(same) != [draws(6)] * len(same)
    assert draws(None) != draws(None)
    generator = np.random.default_rng(5)
    assert draws(generator) + draws(generator) == list(sample(LOGS, size=40, rng=5))
    assert_array_equal(gumbel_softmax(LOGS, rng=5), gumbel_softmax(LOGS, rng=np.random.default_rng(5)))
    assert_array_equal(gumbel_softmax(LOGS, rng=5), gumbel_softmax(LOGS, rng=np.random.SeedSequence(5)))
    assert draws(5) == [np.searchsorted([0.5, 0.8, 0.9, 1], u) for u in np.random.default_rng(5).random(20)]


@pytest.mark.parametrize("function", [sample, gumbel_softmax])
def test_sources_of_randomness(function: Callable[..., Any]) -> None:
    rule = "rng must be a numpy.random.Generator, BitGenerator or SeedSequence, a seed >= 0 or None, got"
    wrong: list[Any] = [1.0, "one", "1", True, np.True_, {}]
    for rng in wrong:
        with pytest.raises(TypeError, match=rule):
            function(LOGS, rng=rng)
    refuses(lambda: function(LOGS, rng=-1), ValueError, f"{rule} -1")


def test_a_refusal_takes_nothing_from_the_source_of_randomness() -> None:
    generator = np.random.default_rng(0)
    wrong: list[dict[str, Any]] = [{"temperature": -1}, {"top_k": 0}, {"top_p": 0}, {"min_p": 2}, {"size": -1}]
    for options in wrong:
        with pytest.raises(ValueError, match="must be"):
            sample(LOGS, rng=generator, **options)
    assert generator.random() == np.random.default_rng(0).random()


EXTREME_CALLS: list[Callable[[Any], Any]] = [
    partial(top_k, k=1),
    partial(top_p, p=0.5),
    partial(min_p, p=0.5),
    partial(sample, rng=0),
    partial(sample, rng=0, min_p=0.5),
    partial(sample, rng=0, top_p=0.5),
    partial(sample, rng=0, temperature=5e-324),
    *(partial(entropy, temperature=t) for t in (1, 5e-324, 1e308)),
    partial(gumbel_softmax, rng=0),
]
EXTREMES: list[Any] = [
    [INF, 1e308, -INF],
    [1e308, -1e308, 0.0],
    [0.0, -744.5, 1e-320],
    [[0.0, INF], [-700.0, 700.0]],
    np.array([0, -200], np.float32),
]


@pytest.mark.parametrize("function", EXTREME_CALLS)
def test_no_floating_point_error_escapes(function: Callable[[Any], Any]) -> None:
    with np.errstate(all="raise"):
        for z in EXTREMES:
            function(z)


def test_other_arguments() -> None:
    allowed = "size must be an int >= 0, a tuple of these or None, got"
    refuses(lambda: sample(LOGS, size=-1), ValueError, f"{allowed} -1")
    for wrong in ((2, 1.0), True, 2.0, "2"):
        refuses(partial(sample, LOGS, size=wrong), TypeError, allowed)  # type: ignore[arg-type]
    sizes: list[Any] = [10**30, 2**62, (1,) * 70, (2**40, 2**40)]
    for size in sizes:
        refuses(
            partial(sample, LOGS, size=size), ValueError, f"size must fit into an array with the rows (), got {size}: "
        )
    refuses(
        lambda: sample([LOGS], size=(1,) * 64), ValueError, "size must fit into an array with the rows (1,), got (1,"
    )
    no_bases: list[Any] = ["2", 2j, {}, 10**400, *BOOLS]
    for base in no_bases:
        refuses(partial(entropy, LOGS, base=base), TypeError, "base must")
    for base in (0, -2.0, 1, INF, NAN):
        rule = f"base must be a finite number above 0 that is not 1, got {float(base)}"
        refuses(partial(entropy, LOGS, base=base), ValueError, rule)
    for hard in ("yes", 1, None):
        refuses(partial(gumbel_softmax, LOGS, hard=hard), TypeError, f"hard must be True or False, got {hard!r}")  # type: ignore[arg-type]
    for function in (entropy, gumbel_softmax):
        refuses(partial(function, LOGS, axis=1), np.exceptions.AxisError, "axis: axis 1 is out of bounds")


def test_signatures_are_those_of_the_design() -> None:
    expected = {
        "top_k": "(logits, k)",
        "top_p": "(logits, p)",
        "min_p": "(logits, p)",
        "sample": "(logits, *, temperature=1.0, top_k=None, top_p=None, min_p=None, size=None, rng=None)",
        "entropy": "(logits, axis=-1, *, temperature=1.0, base=None)",
        "gumbel_softmax": "(logits, *, temperature=1.0, hard=False, axis=-1, rng=None)",
    }
    assert set(sampling.__all__) == set(expected)
    for name, text in expected.items():
        assert getattr(minisoftmax, name) is getattr(sampling, name)
        found = inspect.signature(getattr(sampling, name))
        bare = [p.replace(annotation=inspect.Parameter.empty) for p in found.parameters.values()]
        assert str(inspect.Signature(bare)) == text
