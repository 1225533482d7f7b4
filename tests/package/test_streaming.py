"""Streaming: however data are cut, ordered and merged, the result is that of the whole, in little memory."""

import copy
import pickle
import tracemalloc
import warnings
from collections.abc import Callable
from functools import partial, reduce
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.exceptions import AxisError
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from minisoftmax import OnlineLogSumExp, log_softmax, logsumexp, softmax
from tests.laws import law, refuses

Array = NDArray[Any]

EPS = float(np.finfo(np.float64).eps)
INF, NAN = np.inf, np.nan


def on_a_grid(bound: int) -> st.SearchStrategy[float]:
    """Numbers whose differences float32 holds exactly: all errors are then the function's own."""
    return st.integers(-bound * 256, bound * 256).map(lambda n: n / 256)


def vectors(min_size: int = 1) -> st.SearchStrategy[Array]:
    """Logits close together, far apart, or with one that dominates, in float32 and float64."""
    dtypes, offsets = st.sampled_from([np.float32, np.float64]), st.sampled_from([0, 0, 5000, -5000])
    close = st.sampled_from([1, 30, 300]).flatmap(
        lambda bound: hnp.arrays(np.float64, st.integers(min_size, 12), elements=on_a_grid(bound))
    )
    return st.builds(lambda x, offset, dtype: (x + offset).astype(dtype), close, offsets, dtypes)


def cut(x: Array, data: st.DataObject) -> list[Array]:
    """Cut the last axis anywhere, into blocks of any length, 0 too."""
    places = sorted(data.draw(st.lists(st.integers(0, x.shape[-1]), max_size=6)))
    return np.split(x, places, axis=-1)


def updated(blocks: list[Array], axis: Any = -1) -> OnlineLogSumExp:
    return reduce(OnlineLogSumExp.update, blocks, OnlineLogSumExp(axis))


def merged(states: list[OnlineLogSumExp], data: st.DataObject) -> OnlineLogSumExp:
    """Merge any two, until one is left: every tree in every order."""
    states = list(states)
    while len(states) > 1:
        pair = [states.pop(data.draw(st.integers(0, len(states) - 1))) for _ in range(2)]
        states.append(pair[0].merge(pair[1]))
    return states[0]


def error_in_eps(state: OnlineLogSumExp, x: Array) -> float:
    """Compare with 60 digits, in eps of the result; of the maximum where the two cancel to less."""
    values = np.sort(x.astype(float))
    with mpmath.workdps(60):
        top = mpmath.mpf(values[-1])
        true = top + mpmath.log1p(mpmath.fsum(mpmath.exp(mpmath.mpf(value) - top) for value in values[:-1]))
        size = max(abs(true), abs(top) / 2)
        error = abs(mpmath.mpf(float(state.logsumexp)) - true)
        return float(error / size) / float(np.finfo(x.dtype).eps) if error else 0.0


def same(a: OnlineLogSumExp, b: OnlineLogSumExp) -> None:
    """Assert that two objects agree to the last bit."""
    for one, other in ((a.logsumexp, b.logsumexp), (a.maximum, b.maximum)):
        assert one.dtype == other.dtype
        assert_array_equal(one, other, strict=True)
    assert (a.axis, a.count) == (b.axis, b.count)


# Any partition, any order, any tree


@law
@given(vectors(), st.data())
def test_any_partition_and_any_tree_is_right_to_2_eps(x: Array, data: st.DataObject) -> None:
    blocks = data.draw(st.permutations(cut(x, data)))
    in_turn = updated(blocks)
    in_a_tree = merged([updated([block]) for block in blocks], data)
    for state in (in_turn, in_a_tree):
        assert state.logsumexp.dtype == x.dtype
        assert error_in_eps(state, x) <= 2
        assert state.maximum == x.max()
        assert state.count == x.size


@law
@given(vectors(), st.data())
def test_normalizing_block_by_block_is_normalizing_the_whole(x: Array, data: st.DataObject) -> None:
    blocks = cut(x, data)
    state = merged([updated([block]) for block in blocks], data)
    eps = float(np.finfo(x.dtype).eps)
    for streamed, whole in ((state.softmax, softmax), (state.log_softmax, log_softmax)):
        result = np.concatenate([streamed(block) for block in blocks])
        assert result.dtype == x.dtype
        assert_allclose(result, whole(x), rtol=5 * eps, atol=np.finfo(x.dtype).smallest_normal)


@law
@given(vectors(2), vectors(2), st.data())
def test_merging_commutes_to_the_last_bit(x: Array, y: Array, data: st.DataObject) -> None:
    a, b = updated(cut(x, data)), updated(cut(y, data))
    same(a.merge(b), b.merge(a))


@law
@given(vectors(), st.data())
def test_an_object_that_has_seen_nothing_changes_nothing(x: Array, data: st.DataObject) -> None:
    state, nothing = updated(cut(x, data)), OnlineLogSumExp()
    same(state.merge(nothing), state)
    same(nothing.merge(state), state)
    same(updated([x[:0]]).merge(state), state)
    two_rows = updated([np.array([x, x])])
    for merged_with_nothing in (two_rows.merge(nothing), nothing.merge(two_rows)):
        same(merged_with_nothing, two_rows)
        refuses(partial(merged_with_nothing.update, np.array([x] * 3)), ValueError, "block must have the shape (2,)")
        refuses(partial(merged_with_nothing.merge, state), ValueError, "other must have a result of shape (2,)")


def in_pairs(states: list[OnlineLogSumExp]) -> OnlineLogSumExp:
    """Merge neighbors, and pairs of neighbors, as workers do."""
    while len(states) > 1:
        states = [reduce(OnlineLogSumExp.merge, states[i : i + 2]) for i in range(0, len(states), 2)]
    return states[0]


@pytest.mark.parametrize("order", ["random", "ascending", "descending"])
def test_thousands_of_blocks_lose_a_few_eps_in_turn_and_none_in_pairs(order: str) -> None:
    logits: Array = np.random.default_rng(3).uniform(0.09, 0.1, 3000)
    orders: dict[str, Array] = {"random": logits, "ascending": np.sort(logits), "descending": -np.sort(-logits)}
    x = orders[order]
    entries = np.split(x, x.size)
    assert error_in_eps(updated(entries), x) <= (12 if order == "ascending" else 4)
    assert error_in_eps(in_pairs([updated([entry]) for entry in entries]), x) <= 2
    narrow = x.astype(np.float32)
    assert error_in_eps(updated(np.split(narrow, x.size)), narrow) <= 1


def test_the_sum_of_float32_blocks_has_more_digits_than_float32() -> None:
    for distance in np.linspace(0.1, 30, 300):
        x = np.array([0, -distance], np.float32)
        assert error_in_eps(updated([x[:1], x[1:]]), x) <= 0.51


def test_one_float32_block_loses_nothing_on_its_way_through_the_sum() -> None:
    x = np.random.default_rng(7).uniform(-4, 4, (500, 3)).astype(np.float32)
    x[:, 0] += 12
    assert_allclose(updated([x]).log_softmax(x), log_softmax(x), rtol=float(np.finfo(np.float32).eps))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_dominant_logit_keeps_its_digits_across_blocks(dtype: type) -> None:
    x: Array = np.array([0, 1, 40, -2], dtype)
    state = updated([x[:1], x[1:2], x[2:], x[:0]])
    assert_allclose(state.log_softmax(x), log_softmax(x), rtol=3 * float(np.finfo(dtype).eps))
    assert state.log_softmax(x)[2] < 0
    assert error_in_eps(updated([x[:2] - 40, x[2:] - 40]), x - 40) <= 2


# Axes, dtypes, special values


@pytest.mark.parametrize("axis", [0, 1, -1, None, (0, 2), (2, 0), (0, 1, 2), ()])
def test_axes_are_those_of_core(axis: Any) -> None:
    x = np.random.default_rng(4).normal(0, 5, (3, 4, 6))
    summed = range(3) if axis is None else np.atleast_1d(np.asarray(axis, int)) % 3
    blocks = np.split(x, [1, 1, 2], axis=summed[0]) if len(summed) else [x]
    state = updated(blocks, axis)
    assert_allclose(state.logsumexp, logsumexp(x, axis), rtol=4 * EPS, atol=20 * EPS)
    assert_array_equal(state.maximum, x.max(axis=tuple(summed)), strict=True)
    assert state.count == np.prod([x.shape[i] for i in summed], dtype=int)
    assert_allclose(state.softmax(x), softmax(x, axis), rtol=8 * EPS)
    assert_allclose(state.log_softmax(x), log_softmax(x, axis), rtol=8 * EPS)


@st.composite
def axes_in_two_spellings(draw: st.DrawFn) -> tuple[int, Any, Any]:
    """Draw a number of axes, and the same selection of them, written in two ways."""
    ndim = draw(st.integers(1, 4))
    chosen = draw(st.lists(st.integers(0, ndim - 1), min_size=1, unique=True))

    def spelled() -> Any:
        axes = tuple(draw(st.sampled_from([axis, axis - ndim])) for axis in draw(st.permutations(chosen)))
        alike = [axes, *axes[: len(axes) == 1], *[None][: len(axes) == ndim]]
        return draw(st.sampled_from(alike))

    return ndim, spelled(), spelled()


@law
@given(axes_in_two_spellings())
def test_axes_that_mean_the_same_merge_however_they_are_written(spellings: tuple[int, Any, Any]) -> None:
    ndim, one, other = spellings
    x = np.random.default_rng(8).normal(size=(2, 3, 4, 5)[:ndim])
    a, b, both = updated([x], one), updated([x - 1], other), updated([x, x - 1], one)
    for result in (a.merge(b), b.merge(a)):
        assert_array_equal(result.logsumexp, both.logsumexp)
        assert result.count == both.count
    for result in (a.merge(OnlineLogSumExp(other)), OnlineLogSumExp(other).merge(a)):
        assert_array_equal(result.logsumexp, a.logsumexp)
        assert_array_equal(result.softmax(x), a.softmax(x))


@pytest.mark.parametrize("shape", [(3, 3), (3, 3, 3)])
@pytest.mark.parametrize(("one", "other"), [(0, -1), (0, (0, 1)), (1, 0), ((0, -1), 1), (0, ()), (None, 0)])
def test_axes_that_mean_something_else_do_not_merge(shape: tuple[int, ...], one: Any, other: Any) -> None:
    a, b = updated([np.zeros(shape)], one), updated([np.zeros(shape)], other)
    for left, right in ((a, b), (b, a), (a, OnlineLogSumExp(other)), (OnlineLogSumExp(one), b)):
        message = f"other must have axis {left.axis}, or its equivalent, got {right.axis}"
        refuses(partial(left.merge, right), ValueError, message)


def test_objects_that_have_seen_nothing_merge_if_their_axes_are_the_same() -> None:
    OnlineLogSumExp((0, 2)).merge(OnlineLogSumExp((2, 0))).merge(OnlineLogSumExp([0, 2]))  # type: ignore[arg-type]
    message = "other must have axis 0, or its equivalent, got 1"
    refuses(lambda: OnlineLogSumExp(0).merge(OnlineLogSumExp(1)), ValueError, message)


@pytest.mark.parametrize("shape", [(), (3,), (2, 1), (2, 3, 4), (0, 3), (3, 0)])
@pytest.mark.parametrize("axis", [-1, 0, None])
def test_an_object_that_has_seen_nothing_gives_no_shares(shape: tuple[int, ...], axis: Any) -> None:
    for nothing in (OnlineLogSumExp(axis), OnlineLogSumExp(axis).merge(OnlineLogSumExp(axis))):
        for result in (nothing.softmax(np.ones(shape, np.float32)), nothing.log_softmax(np.ones(shape, np.float32))):
            assert_array_equal(result, np.full(shape, NAN, np.float32), strict=True)


def test_blocks_of_the_whole_may_have_any_shape() -> None:
    state = OnlineLogSumExp(axis=None).update(0.0).update([1.0, 2.0]).update([[3.0], [4.0]])
    assert_allclose(state.logsumexp, logsumexp(np.arange(5)), rtol=2 * EPS)
    assert state.softmax([[4.0, 0.0]]).shape == (1, 2)
    for result in (state.softmax(4.0), state.log_softmax(4.0), state.logsumexp, state.maximum):
        assert isinstance(result, np.float64)


@pytest.mark.parametrize("dtypes", [["f2"], ["f4"], ["f8"], ["g"], ["i4"], ["?"], ["f2", "f4"], ["f4", "f8"], [">f4"]])
def test_dtypes_are_those_of_core_and_the_wider_wins(dtypes: list[str]) -> None:
    blocks = [np.array([[0, 1], [1, 1]], dtype) for dtype in dtypes]
    whole = logsumexp(np.hstack(blocks))
    results = [logsumexp(block).dtype for block in blocks]
    expected = np.result_type(*results)
    eps = max(np.finfo(dtype).eps for dtype in results)  # each block is summed in its own dtype
    for state in (updated(blocks), updated(blocks[::-1]), updated(blocks[:1]).merge(updated(blocks[1:]))):
        for result in (state.logsumexp, state.maximum, state.softmax(blocks[0]), state.log_softmax(blocks[0])):
            assert result.dtype == expected
        assert_allclose(state.logsumexp, whole, rtol=float(2 * eps))


def test_float16_is_computed_in_float32() -> None:
    x = np.random.default_rng(6).normal(0, 2, 60).astype(np.float16)
    state, double = updated(np.split(x, 60)), x.astype(float)
    half_a_digit = 0.51 * float(np.finfo(np.float16).eps)  # all that is lost is in the last step, from float32
    assert_allclose(state.logsumexp, logsumexp(double), rtol=half_a_digit)
    assert_allclose(state.softmax(x), softmax(double), rtol=half_a_digit, atol=2**-25)
    assert_allclose(state.log_softmax(x), log_softmax(double), rtol=half_a_digit)


SPECIAL = [
    [0, 1, -INF],
    [-INF, -INF, 1],
    [-INF, -INF, -INF],
    [INF, 1, INF],
    [NAN, 0, 1],
    [INF, NAN, -INF],
    [-1e308, 1e308, 1e308],
]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("cuts", [[], [1], [2], [1, 2], [0, 1, 1, 2, 3]])
def test_special_values_are_those_of_core_each_in_its_slice(cuts: list[int], dtype: type) -> None:
    with np.errstate(over="ignore"):
        x: Array = np.array([*SPECIAL, [0.5, 2, 1]]).astype(dtype)
    eps = float(np.finfo(dtype).eps)
    blocks = np.split(x, cuts, axis=-1)
    with np.errstate(all="raise"):
        states = [updated(blocks), updated(blocks[::-1]), reduce(OnlineLogSumExp.merge, [updated([b]) for b in blocks])]
        for state in states:
            assert_allclose(state.logsumexp, logsumexp(x), rtol=4 * eps)
            assert_array_equal(state.maximum, x.max(axis=-1), strict=True)
            assert_allclose(state.softmax(x), softmax(x), rtol=4 * eps)
            assert_allclose(state.log_softmax(x), log_softmax(x), rtol=4 * eps)


def test_nothing() -> None:
    nothing = OnlineLogSumExp()
    assert nothing.logsumexp == nothing.maximum == -INF
    assert nothing.count == 0
    assert isinstance(nothing.logsumexp, np.float64)
    assert isinstance(nothing.maximum, np.float64)
    same(nothing.merge(nothing), nothing)
    of_three = OnlineLogSumExp().update(np.empty((3, 0), np.float32))
    assert_array_equal(of_three.logsumexp, np.full(3, -INF, np.float32), strict=True)
    assert of_three.softmax(np.empty((3, 0))).shape == (3, 0)
    assert OnlineLogSumExp(axis=0).update(np.empty((2, 0))).logsumexp.shape == (0,)
    assert np.isnan(of_three.softmax(np.zeros((3, 1)))).all()


# The object


def test_update_gives_the_object_itself_and_merge_a_new_one() -> None:
    a, b = updated([np.array([1.0])]), updated([np.array([2.0])])
    assert a.update([3.0]) is a
    before = copy.deepcopy(a), copy.deepcopy(b)
    a.merge(b).update([100.0])
    same(a, before[0])
    same(b, before[1])


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda state: pickle.loads(pickle.dumps(state))])
def test_a_clone_goes_its_own_way(clone: Callable[[OnlineLogSumExp], OnlineLogSumExp]) -> None:
    state = updated([np.array([[1.0, 2.0], [3.0, 3.0]])])
    twin = clone(state)
    same(twin, state)
    twin.update([[9.0], [9.0]])
    assert_array_equal(state.maximum, [2, 3])
    state.update([[9.0], [9.0]])
    same(twin, state)


def test_results_and_blocks_may_be_overwritten() -> None:
    block = np.array([[1.0], [2.0]])
    state = updated([block])
    block[:] = NAN
    state.maximum[:] = state.logsumexp[:] = NAN
    assert_array_equal(state.maximum, [1, 2])
    assert_array_equal(state.logsumexp, [1, 2])


def test_blocks_are_never_written_to() -> None:
    block = np.array([1.0, INF, -INF, 2.0])
    block.flags.writeable = False
    state = updated([block])
    state.softmax(block)
    state.log_softmax(block)


def test_repr_says_what_was_seen() -> None:
    assert repr(OnlineLogSumExp(axis=0)) == "<OnlineLogSumExp axis=0, count=0>"
    state = OnlineLogSumExp().update(np.zeros((2, 5), np.float32))
    assert repr(state) == "<OnlineLogSumExp axis=-1, count=5, shape=(2,), dtype=float32>"


# Bad input


def test_a_block_that_does_not_fit_is_refused_with_both_shapes() -> None:
    state = OnlineLogSumExp(axis=1).update(np.zeros((2, 5)))
    message = "block must have the shape (2,) without axis 1, as before, got (3,) from a block of shape (3, 5)"
    for method in (state.update, state.softmax, state.log_softmax):
        refuses(partial(method, np.zeros((3, 5))), ValueError, message)
    assert state.count == 5


def test_other_bad_arguments_are_named() -> None:
    state = OnlineLogSumExp().update([1.0])
    bad: Any = OnlineLogSumExp("rows")  # type: ignore[arg-type]
    refuses(lambda: state.update([1j]), TypeError, "block must hold real numbers (bools, ints or floats), got dtype")
    refuses(lambda: OnlineLogSumExp(axis=1).update([1.0]), AxisError, "axis 1 is out of bounds")
    refuses(lambda: bad.update([1.0]), TypeError, "axis must be an int, a tuple of ints or None, got 'rows'")
    refuses(lambda: state.merge(1.0), TypeError, "other must be an OnlineLogSumExp, got float")  # type: ignore[arg-type]
    two = OnlineLogSumExp().update([[1.0], [2.0]])
    refuses(lambda: state.merge(two), ValueError, "other must have a result of shape (), got (2,)")


# Larger than memory


def test_a_file_is_normalized_in_a_fraction_of_its_size(tmp_path: Path) -> None:
    shape, width, budget = (8, 2**21), 2**16, 16 * 2**20
    x = np.memmap(tmp_path / "logits", np.float32, "w+", shape=shape)
    p = np.memmap(tmp_path / "probabilities", np.float32, "w+", shape=shape)
    rng = np.random.default_rng(5)
    blocks = [np.s_[:, start : start + width] for start in range(0, shape[1], width)]
    for block in blocks:
        x[block] = rng.standard_normal((shape[0], width), np.float32)
    x[3, 77] = 30
    tracemalloc.start()
    state = OnlineLogSumExp()
    for block in blocks:
        state.update(x[block])
    for block in blocks:
        p[block] = state.softmax(x[block])
    extra = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert x.nbytes >= 4 * budget
    assert extra <= budget
    for row in range(shape[0]):
        assert_allclose(p[row], softmax(x[row]), rtol=1e-6)


def test_no_warning_escapes() -> None:
    x = np.array([[1e308, -1e308, INF], [-INF, NAN, -1e308]])
    with warnings.catch_warnings(), np.errstate(all="warn"):
        warnings.simplefilter("error")
        state = OnlineLogSumExp(axis=0).update(x).update(x[::-1])
        state = state.merge(state)
        _ = state.logsumexp, state.maximum, state.softmax(x), state.log_softmax(x)
    with np.errstate(all="raise"):
        narrow = OnlineLogSumExp().update(np.zeros(1, np.float32)).update(np.full(1, -200, np.float32))
        assert narrow.logsumexp == 0  # the 1e-87 that it is are less than a float32 holds


def test_whole_blocks_are_merged_whatever_their_axes() -> None:
    line, square = OnlineLogSumExp(axis=0).update([0.0, 1.0]), OnlineLogSumExp(axis=(0, 1)).update([[2.0], [3.0]])
    assert_allclose(line.merge(square).logsumexp, logsumexp([0.0, 1.0, 2.0, 3.0]), rtol=4e-16)
