"""Attention: whole and in tiles it is the formula, row by row; masks hide, memory is linear, gradients are right."""

import inspect
import math
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import ml_dtypes
import mpmath
import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

import minisoftmax
from minisoftmax import (
    attention,
    causal_mask,
    flash_attention,
    multi_head_attention,
    scaled_dot_product_attention,
    scaled_dot_product_attention_vjp,
    sliding_window_mask,
)
from tests.laws import extra_memory, law, refuses
from tests.package.onnx_cases import Case, onnx_cases

Array = NDArray[Any]
Function = Callable[..., Any]

EPS = float(np.finfo(np.float64).eps)
INF, NAN = np.inf, np.nan

# As the tests call them: with arguments of any type.
plain: Function = scaled_dot_product_attention
flash: Function = flash_attention
vjp: Function = scaled_dot_product_attention_vjp
multi_head: Function = multi_head_attention
near: Function = assert_allclose

BOTH: list[Function] = [plain, partial(flash, block_size=3)]
both = pytest.mark.parametrize("attend", BOTH, ids=["plain", "flash"])


def weights_of(*args: Any, **options: Any) -> Array:
    return plain(*args, return_weights=True, **options)[1]


# The formula, row by row


class Problem(NamedTuple):
    query: Array
    key: Array
    value: Array
    options: dict[str, Any]

    def run(self, function: Function, **more: Any) -> Any:
        return function(self.query, self.key, self.value, **self.options, **more)


def literal(problem: Problem) -> Array:
    """Compute each row of each head by itself, from lists of Python floats."""
    query, key, value, options = problem
    if options.get("enable_gqa"):
        share = query.shape[-3] // key.shape[-3]
        heads = [head // share for head in range(query.shape[-3])]
        key, value = key[..., heads, :, :], value[..., heads, :, :]
    batch = np.broadcast_shapes(query.shape[:-2], key.shape[:-2], value.shape[:-2])
    length, keys, width = query.shape[-2], key.shape[-2], value.shape[-1]
    query, key, value = (np.broadcast_to(a, (*batch, *a.shape[-2:])) for a in (query, key, value))
    mask = options.get("attn_mask")
    mask = None if mask is None else np.broadcast_to(mask, (*batch, length, keys))
    scale = options.get("scale")
    output = np.zeros((*batch, length, width))
    for *head, i in np.ndindex(*batch, length):
        at = tuple(head)
        scores = {}
        for j in range(keys):
            if options.get("is_causal") and j > i:
                continue
            dot = math.fsum(a * b for a, b in zip(query[at][i].tolist(), key[at][j].tolist(), strict=True))
            score = dot / math.sqrt(query.shape[-1]) if scale is None else dot * scale
            if mask is not None and mask.dtype != bool:
                score += float(mask[at][i, j])
            if score > -INF and (mask is None or mask.dtype != bool or mask[at][i, j]):
                scores[j] = score
        shares = {j: math.exp(score - max(scores.values())) for j, score in scores.items()}
        total = math.fsum(shares.values())
        for c in range(width):
            output[at][i, c] = math.fsum(share / total * float(value[at][j, c]) for j, share in shares.items())
    return output


KINDS = ("plain", "causal", "boolean mask", "float mask", "causal, boolean mask", "causal, float mask", "scale")


def problems(kind: str, grouped: bool, count: int) -> Iterator[Problem]:
    """Give problems of random shapes, some with batch axes that broadcast."""
    rng = np.random.default_rng([KINDS.index(kind), grouped])
    for _ in range(count):
        kv_heads, share = int(rng.integers(1, 4)), int(rng.integers(1, 4)) if grouped else 1
        length, keys, d, dv = rng.integers(1, 8, size=4)
        batches: list[tuple[int, ...]] = [(), (1,), (2,), (3, 1), (3, 2), (1, 2)]
        front = [batches[i] for i in rng.choice([0, 1, 2] if rng.random() < 0.7 else [3, 4, 5], size=3)]
        heads: list[tuple[int, ...]] = [(kv_heads * share,), (kv_heads,), (kv_heads,)]
        if not grouped and rng.random() < 0.3:
            front, heads = [(), (), ()], [(), (), ()]
        tails = [(length, d), (keys, d), (keys, dv)]
        arrays = [rng.normal(size=(*f, *h, *t)) for f, h, t in zip(front, heads, tails, strict=True)]
        options: dict[str, Any] = {"enable_gqa": True} if grouped else {}
        if "causal" in kind:
            options["is_causal"] = True
        if kind == "scale":
            options["scale"] = float(rng.uniform(-3, 3))
        if "mask" in kind:
            batch = np.broadcast_shapes(*front) + heads[0]
            shape = [(keys,), (length, keys), (length, 1), (*batch, length, keys), (*batch, 1, keys)][rng.integers(5)]
            allowed = rng.random(shape) < rng.choice([0.3, 0.8])
            options["attn_mask"] = allowed if "bool" in kind else np.where(allowed, rng.normal(0, 2, shape), -INF)
        yield Problem(arrays[0], arrays[1], arrays[2], options)


@pytest.mark.parametrize("grouped", [False, True], ids=["", "grouped"])
@pytest.mark.parametrize("kind", KINDS)
def test_both_are_the_formula_row_by_row(kind: str, grouped: bool) -> None:
    for n, problem in enumerate(problems(kind, grouped, 150)):
        expected = literal(problem)
        near(problem.run(plain), expected, rtol=1e-12, atol=1e-13)
        near(problem.run(flash, block_size=1 + n % 9), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("grouped", [False, True], ids=["", "grouped"])
@pytest.mark.parametrize("kind", KINDS)
def test_both_agree_with_pytorch(kind: str, grouped: bool) -> None:
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional.scaled_dot_product_attention
    for n, (query, key, value, options) in enumerate(problems(kind, grouped, 150)):
        # PyTorch wants query, key and value of one batch, and masks of two axes at least.
        batch = np.broadcast_shapes(*(a.shape[: -3 if grouped else -2] for a in (query, key, value)))
        arrays = [np.broadcast_to(a, (*batch, *a.shape[-3 if grouped else -2 :])).copy() for a in (query, key, value)]
        theirs = dict(options)
        if "attn_mask" in options:
            mask = np.atleast_2d(options["attn_mask"])
            if theirs.pop("is_causal", False):  # which PyTorch refuses together with a mask
                no = np.zeros((), bool) if mask.dtype == bool else -INF
                mask = np.where(causal_mask(query.shape[-2], key.shape[-2]), mask, no)
            theirs["attn_mask"] = torch.from_numpy(mask)
        tensors = [torch.from_numpy(a).requires_grad_() for a in arrays]
        result = functional(*tensors, **theirs)
        expected = result.detach().numpy()
        ours = Problem(arrays[0], arrays[1], arrays[2], options)
        near(ours.run(plain), expected, rtol=1e-9, atol=1e-9)
        near(ours.run(flash, block_size=1 + n % 9), expected, rtol=1e-9, atol=1e-9)
        result.backward(torch.ones_like(result))
        for mine, tensor in zip(ours.run(vjp_of_ones), tensors, strict=True):
            near(mine, tensor.grad.numpy(), rtol=1e-9, atol=1e-9)


def vjp_of_ones(query: Array, key: Array, value: Array, **options: Any) -> tuple[Array, Array, Array]:
    ones = np.ones_like(plain(query, key, value, **options))
    return vjp(query, key, value, ones, **options)


def test_attention_has_the_digits_of_its_scores() -> None:
    rng = np.random.default_rng(1)
    dtypes: list[type] = [np.float32, np.float64]
    for dtype, reach in product(dtypes, [1, 20, 300]):
        # On a grid, so that the scores are exact and all error is that of softmax and of the mix.
        query, key = (rng.integers(-8, 9, size=(n, 4)).astype(dtype) / 8 for n in (6, 40))
        value: Array = rng.uniform(1, 2, size=(40, 3)).astype(dtype)
        with mpmath.workdps(60):
            expected = np.empty((6, 3))
            for i in range(6):
                terms = [mpmath.exp(reach * mpmath.fdot(query[i].tolist(), row.tolist())) for row in key]
                for c in range(3):
                    expected[i, c] = mpmath.fdot(terms, value[:, c].tolist()) / mpmath.fsum(terms)
        tiled: list[Function] = [partial(flash, block_size=size) for size in (1, 7, 64)]
        for attend in [plain, *tiled]:
            near(attend(query, key, value, scale=float(reach)), expected, rtol=8 * float(np.finfo(dtype).eps))


# Values that are known without a computer


@both
def test_known_values(attend: Function) -> None:
    value = [[4.0], [8.0]]
    near(attend([[0.0]], [[1.0], [5.0]], value), [[6]], rtol=1e-15)
    near(attend([[math.log(3)]], [[1.0], [0.0]], value), [[5]], rtol=1e-15)
    four = [[math.log(3)] * 4]  # over d = 4 features, dot products are divided by 2
    near(attend(four, [[0.5] * 4, [0.0] * 4], value), [[5]], rtol=1e-15)
    near(attend(four, [[0.25] * 4, [0.0] * 4], value, scale=1), [[5]], rtol=1e-15)
    near(attend([[0.0]], [[0.0], [0.0]], value, attn_mask=[[math.log(3), 0]]), [[5]], rtol=1e-15)
    assert_array_equal(attend([[0.0]] * 2, [[0.0]] * 2, value, is_causal=True), [[4], [6]])


@both
def test_causal_is_aligned_at_the_top_left(attend: Function) -> None:
    value = np.array([[1.0], [3.0], [8.0]])
    assert_array_equal(attend(np.zeros((2, 1)), np.zeros((3, 1)), value, is_causal=True), [[1], [2]])
    assert_array_equal(attend(np.zeros((4, 1)), np.zeros((3, 1)), value, is_causal=True), [[1], [2], [4], [4]])


@both
def test_consecutive_heads_share(attend: Function) -> None:
    query, key = np.zeros((4, 1, 2)), np.zeros((2, 1, 2))
    value = np.array([[[1.0]], [[2.0]]])
    assert_array_equal(attend(query, key, value, enable_gqa=True).ravel(), [1, 1, 2, 2])
    assert_array_equal(attend(query, key[:1], value[1:], enable_gqa=True).ravel(), [2, 2, 2, 2])


# Laws


@st.composite
def on_a_grid(draw: st.DrawFn, dtype: type = np.float64, bound: int = 40) -> tuple[Array, Array, Array]:
    """Draw queries, keys and values whose scores, with a scale of 1, are exact in any order of the sums."""
    length, keys = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    query, key = (rng.integers(-bound, bound + 1, size=(n, 3)).astype(dtype) / 4 for n in (length, keys))
    return query, key, rng.normal(size=(keys, 2)).astype(dtype)


def rounding(value: Array) -> float:
    """Say how far different tiles, or another order of the keys, may move the output."""
    n = len(value)
    return 4 * float(np.finfo(value.dtype).eps) * math.sqrt(n) * float(np.abs(value).max())


@law
@given(st.sampled_from([np.float32, np.float64]).flatmap(on_a_grid), st.booleans(), st.data())
def test_tiles_of_any_size_give_the_same(arrays: tuple[Array, Array, Array], is_causal: bool, data: Any) -> None:
    whole = plain(*arrays, scale=1, is_causal=is_causal)
    size = data.draw(st.sampled_from([1, 2, 3, 5, 11, 12, 13, 1000, 2**80]))
    tiled = flash(*arrays, scale=1, is_causal=is_causal, block_size=size)
    assert tiled.dtype == whole.dtype
    near(tiled, whole, rtol=0, atol=rounding(arrays[2]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_many_tiles_give_the_same(dtype: type) -> None:
    rng = np.random.default_rng(2)
    query, key = (rng.integers(-8, 9, size=(n, 4)).astype(dtype) / 2 for n in (10, 600))
    key[:, 0] += np.linspace(0, 30, 600).astype(int)  # the best key is ever the last, so that sums are rescaled often
    value: Array = rng.normal(size=(600, 5)).astype(dtype)
    whole = plain(query, key, value, scale=1)
    for size in (1, 17, 300, 1000):
        near(flash(query, key, value, scale=1, block_size=size), whole, 0, rounding(value))


def test_tiles_differ_by_the_rounding_of_the_scores() -> None:
    rng = np.random.default_rng(23)
    dtypes: list[type] = [np.float32, np.float64]
    query: Array
    key: Array
    value: Array
    scores: Array
    for dtype, d, reach in product(dtypes, [4, 64, 256], [10.0, 1e2, 1e3]):
        query, key, value = (rng.normal(size=shape).astype(dtype) for shape in ((20, d), (200, d), (200, 3)))
        scale = reach / math.sqrt(d)
        largest = scale * float((np.abs(query) @ np.abs(key).T).max())
        of_scores = float(np.finfo(dtype).eps) * largest * float(np.abs(value).max())
        scores = scale * query @ key.T
        whole, same_scores = plain(query, key, value, scale=scale), plain(0 * query, key, value, attn_mask=scores)
        for size in (5, 16, 64):
            tiled = flash(query, key, value, scale=scale, block_size=size)
            near(tiled, whole, rtol=0, atol=rounding(value) + of_scores)
            tiled = flash(0 * query, key, value, attn_mask=scores, block_size=size)
            near(tiled, same_scores, rtol=0, atol=rounding(value))


@both
@law
@given(on_a_grid(), st.data())
def test_the_order_of_the_keys_does_not_matter(attend: Function, arrays: tuple[Array, Array, Array], data: Any) -> None:
    query, key, value = arrays
    order = np.array(data.draw(st.permutations(range(len(key)))))
    mask = np.random.default_rng(0).random((len(query), len(key))) < 0.7
    for shuffled, options in ((None, {}), (mask[:, order], {"attn_mask": mask})):
        result = attend(query, key[order], value[order], attn_mask=shuffled, scale=1)
        near(result, attend(query, key, value, scale=1, **options), rtol=0, atol=rounding(value))


@law
@given(on_a_grid(), st.sampled_from([0.0, 7.0, 1e300, INF, -INF, NAN]), st.integers(0, 12))
def test_a_causal_output_never_depends_on_later_tokens(
    arrays: tuple[Array, Array, Array], junk: float, first: int
) -> None:
    changed = tuple(a.copy() for a in arrays)
    for array in changed:
        array[first + 1 :] = junk
    for attend, same in ((BOTH[0], assert_array_equal), (BOTH[1], partial(near, rtol=1e-14, atol=1e-15))):
        before, after = (attend(*each, is_causal=True)[: first + 1] for each in (arrays, changed))
        same(after, before)
    for before, after in zip(gradients_of_first(arrays, first), gradients_of_first(changed, first), strict=True):
        assert_array_equal(after, before)


def gradients_of_first(arrays: tuple[Array, ...], first: int) -> tuple[Array, Array, Array]:
    """Pull a gradient back from the outputs of the first tokens, which know nothing of later keys and values."""
    query, key, value = arrays[0][: first + 1], *arrays[1:]
    result: tuple[Array, Array, Array] = vjp(query, key, value, np.ones((len(query), 2)), is_causal=True)
    return result


@law
@given(on_a_grid(), st.floats(0, 1), st.booleans())
def test_weights_sum_to_one_or_the_row_is_zero(
    arrays: tuple[Array, Array, Array], share: float, as_floats: bool
) -> None:
    query, key, value = arrays
    mask = np.random.default_rng(1).random((len(query), len(key))) < share
    given = np.where(mask, 0.0, -INF) if as_floats else mask
    output, weights = plain(query, key, value, attn_mask=given, return_weights=True)
    near(weights.sum(axis=-1), mask.any(axis=-1), rtol=8 * EPS)
    assert (weights[~mask] == 0).all()
    assert (weights >= 0).all()
    for result in (output, flash(query, key, value, attn_mask=given, block_size=4)):
        assert_array_equal(result[~mask.any(axis=-1)], 0)
        near(result, weights @ value, rtol=0, atol=8 * rounding(value))


@both
@law
@given(on_a_grid())
def test_the_output_lies_among_the_values(attend: Function, arrays: tuple[Array, Array, Array]) -> None:
    value = arrays[2]
    result = attend(*arrays)
    assert (result <= value.max(axis=0) + rounding(value)).all()
    assert (result >= value.min(axis=0) - rounding(value)).all()


# Nothing to look at, and what must not be looked at


@both
def test_rows_with_nothing_to_look_at_are_zero(attend: Function) -> None:
    query, key, value = np.ones((3, 2)), np.ones((4, 2)), np.full((4, 5), 7.0)
    rows = np.array([[True], [False], [True]])
    for mask in (rows, np.where(rows, 0.0, -INF), np.where(rows, np.float16(0), np.float16(-INF))):
        near(attend(query, key, value, attn_mask=mask), [[7] * 5, [0] * 5, [7] * 5], rtol=1e-15)
        near(weights_of(query, key, value, attn_mask=mask), [[0.25] * 4, [0] * 4, [0.25] * 4], rtol=1e-15)
    for empty in (None, np.zeros((3, 0)), True):
        assert_array_equal(attend(query, key[:0], value[:0], attn_mask=empty), np.zeros((3, 5)))
    assert_array_equal(attend(query, key[:0], value[:0], is_causal=True), np.zeros((3, 5)))
    assert weights_of(query, key[:0], value[:0]).shape == (3, 0)
    # Scores that are −inf of themselves
    assert_array_equal(attend(np.full((1, 1), 1e200), np.full((4, 1), -1e200), value), np.zeros((1, 5)))


@both
def test_empty_arrays(attend: Function) -> None:
    ones = np.ones
    assert attend(ones((0, 2)), ones((4, 2)), ones((4, 5))).shape == (0, 5)
    assert attend(ones((3, 2)), ones((4, 2)), ones((4, 0))).shape == (3, 0)
    assert attend(ones((0, 3, 2)), ones((0, 4, 2)), ones((0, 4, 5))).shape == (0, 3, 5)
    near(attend(ones((3, 0)), ones((4, 0)), np.arange(4.0)[:, None]), np.full((3, 1), 1.5), rtol=1e-15)


@both
@pytest.mark.parametrize("junk", [NAN, INF, -INF, 1e300])
def test_what_is_masked_out_takes_no_part_whatever_stands_there(attend: Function, junk: float) -> None:
    rng = np.random.default_rng(3)
    query, key, value = rng.normal(size=(3, 2, 6, 4))
    query, allowed = query[:, :5], rng.random((5, 6)) < 0.7
    allowed[:, [1, 4]] = False
    expected = attend(query, key, value, attn_mask=allowed)
    key[:, [1, 4]], value[:, [1, 4]] = junk, junk
    for mask in (allowed, np.where(allowed, 0.0, -INF)):
        near(attend(query, key, value, attn_mask=mask), expected, rtol=1e-14)
        assert np.isfinite(weights_of(query, key, value, attn_mask=mask)).all()
        gradients = vjp(query, key, value, expected, attn_mask=mask)
        assert all(np.isfinite(gradient).all() for gradient in gradients)
        assert_array_equal(gradients[2][:, [1, 4]], 0)


@pytest.mark.parametrize("junk", [NAN, INF, -INF, 1e300])
@pytest.mark.parametrize("causal", [False, True])
def test_between_what_a_mask_separates_no_gradient_flows(junk: float, causal: bool) -> None:
    rng = np.random.default_rng(24)
    arrays: list[Array] = [rng.normal(size=(n, 3)) for n in (5, 6, 6, 5)]
    allowed = rng.random((5, 6)) < 0.7
    allowed[3] = False  # a query that sees nothing, and one that sees a part
    allowed[0, ::2] = False
    seen = allowed & causal_mask(5, 6) if causal else allowed
    before = vjp(*arrays, attn_mask=allowed, is_causal=causal)
    for query, key in np.ndindex(5, 6):
        # Junk at a query, and at its gradient, may spoil its own gradient, and those of the keys that it sees.
        spoiled = [a.copy() for a in arrays]
        spoiled[0][query] = spoiled[3][query] = junk
        after = vjp(*spoiled, attn_mask=allowed, is_causal=causal)
        near(np.delete(after[0], query, axis=0), np.delete(before[0], query, axis=0), rtol=1e-12)
        near(after[1][~seen[query]], before[1][~seen[query]], rtol=1e-12)
        near(after[2][~seen[query]], before[2][~seen[query]], rtol=1e-12)
        # Junk at a key, and at its value, may spoil the queries that see it, and what those see.
        spoiled = [a.copy() for a in arrays]
        spoiled[1][key] = spoiled[2][key] = junk
        after = vjp(*spoiled, attn_mask=allowed, is_causal=causal)
        blind = ~seen[:, key]
        unconcerned = ~seen[~blind].any(axis=0)
        near(after[0][blind], before[0][blind], rtol=1e-12)
        near(after[1][unconcerned], before[1][unconcerned], rtol=1e-12)
        near(after[2][unconcerned], before[2][unconcerned], rtol=1e-12)


@both
def test_no_heads_of_queries_share_the_heads_of_keys(attend: Function) -> None:
    query, key, value = np.ones((0, 4, 3)), np.ones((2, 4, 3)), np.ones((2, 4, 5))
    assert attend(query, key, value, enable_gqa=True).shape == (0, 4, 5)
    assert attend(query, np.ones((6, 2, 4, 3)), value, enable_gqa=True, attn_mask=np.ones((4, 4), bool)).size == 0
    gradients = vjp(query, key, value, np.ones((0, 4, 5)), enable_gqa=True)
    for gradient, array in zip(gradients, (query, key, value), strict=True):
        assert_array_equal(gradient, np.zeros_like(array))


@both
def test_what_is_looked_at_is_taken_as_it_is(attend: Function) -> None:
    query, key = np.zeros((3, 1)), np.zeros((3, 1))
    value = np.array([[1.0, 1, 1, 1, 1], [1, INF, -INF, 1, INF], [1, 1, 1, NAN, -INF]])
    expected = [[1.0, 1, 1, 1, 1], [1, INF, -INF, 1, INF], [1, INF, -INF, NAN, NAN]]
    assert_array_equal(attend(query, key, value, is_causal=True), expected)


@both
def test_nan_spoils_its_row_alone(attend: Function) -> None:
    query, key, value = np.ones((5, 2)), np.ones((7, 2)), np.ones((7, 3))
    query[2, 0] = NAN
    assert_array_equal(np.isnan(attend(query, key, value)).all(axis=-1), np.arange(5) == 2)
    near(np.delete(attend(query, key, value), 2, axis=0), 1, rtol=1e-15)


@both
def test_infinite_scores_share_all(attend: Function) -> None:
    value = np.array([[1.0], [2.0], [3.0], [4.0], [12.0]])
    mask = np.array([[5.0, INF, 0.0, -INF, INF], [0, 0, 0, 0, -INF]])
    result = attend(np.zeros((2, 1)), np.zeros((5, 1)), value, attn_mask=mask)
    near(result, [[7], [2.5]], rtol=1e-15)


FLOATS = [np.float16, np.float32, np.float64, np.longdouble]


def finite(dtype: type) -> list[Any]:
    """Give finite numbers of a dtype, up to the largest."""
    top = np.finfo(dtype).max
    return [dtype(0), dtype(-3), top, -top, top / 2, -top / 4, np.sqrt(top), -np.sqrt(top), -np.sqrt(top) / 2]


@law
@given(st.sampled_from(FLOATS), st.sampled_from(FLOATS), st.integers(0, 2**32), st.sampled_from([0.0, 1.0, 1e30]))
def test_no_finite_number_in_a_mask_forbids(dtype: type, of_mask: type, seed: int, reach: float) -> None:
    rng = np.random.default_rng(seed)
    query: Array = (rng.normal(size=(3, 2)) * min(reach, float(np.finfo(dtype).max) / 1e3)).astype(dtype)
    key: Array = rng.normal(size=(4, 2)).astype(dtype)
    value: Array = rng.uniform(1, 2, size=(4, 2)).astype(dtype)
    mask: Array = rng.choice(np.array(finite(of_mask)), size=(3, 4))
    output, weights = plain(query, key, value, attn_mask=mask, return_weights=True)
    near(weights.sum(axis=-1), 1, rtol=4 * float(np.finfo(dtype).eps))
    near(flash(query, key, value, attn_mask=mask, block_size=3), output, rtol=8 * float(np.finfo(dtype).eps))
    shift = vjp(query, key, value, np.ones((3, 2), dtype), attn_mask=mask)[2]
    near(shift[:, 0].sum(), 3, rtol=8 * float(np.finfo(dtype).eps))
    mask[:, 2] = -INF
    assert_array_equal(weights_of(query, key, value, attn_mask=mask)[:, 2], 0)
    near(weights_of(query, key, value, attn_mask=mask).sum(axis=-1), 1, rtol=4 * float(np.finfo(dtype).eps))
    mask[:, 1] = INF
    for result in (plain(query, key, value, attn_mask=mask), flash(query, key, value, attn_mask=mask, block_size=1)):
        near(result, value[[1, 1, 1]], rtol=4 * float(np.finfo(dtype).eps))


@both
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("of_mask", FLOATS)
def test_a_constant_mask_changes_nothing_but_digits(attend: Function, dtype: type, of_mask: type) -> None:
    query: Array = np.zeros((2, 1), dtype)
    key: Array = np.zeros((4, 1), dtype)
    value: Array = np.array([[1], [2], [3], [6]], dtype)
    for number in finite(of_mask):
        near(attend(query, key, value, attn_mask=np.full((2, 4), number, of_mask)), [[3], [3]], rtol=1e-3)


@both
def test_a_mask_shifts_odds(attend: Function) -> None:
    rng = np.random.default_rng(4)
    query, key, value = rng.normal(size=(3, 7, 4))
    plain = attend(query, key, value)
    near(attend(query, key, value, attn_mask=np.full((7, 1), 1e3)), plain, rtol=1e-11)
    assert_array_equal(attend(query, key, value, attn_mask=True), plain)


# dtypes


@both
def test_dtypes(attend: Function) -> None:
    rng = np.random.default_rng(5)
    arrays = rng.normal(size=(3, 4, 3))
    half, single, double, extended = np.float16, np.float32, np.float64, np.longdouble
    for dtypes, expected in (
        ((half, half, half), half),
        ((single, single, single), single),
        ((half, single, half), single),
        ((half, half, double), double),
        ((double, half, single), double),
        ((extended, double, double), extended),
    ):
        given = [a.astype(d) for a, d in zip(arrays, dtypes, strict=True)]
        result = attend(*given, attn_mask=np.zeros((4, 4)))
        assert result.dtype == expected
        wide = attend(*(a.astype(np.longdouble) for a in given))
        near(result, wide, rtol=0, atol=8 * float(np.finfo(expected).eps))
        if len(set(dtypes)) == 1:
            assert weights_of(*given).dtype == expected
            assert all(g.dtype == expected for g in vjp(*given, given[0]))
    numbers = [[1, 0], [0, 1]]
    assert attend(numbers, np.array(numbers, np.int8), np.array(numbers, bool)).dtype == double
    swapped = arrays.astype(arrays.dtype.newbyteorder())
    assert_array_equal(attend(*swapped), attend(*arrays))


@both
def test_float16_is_computed_in_float32(attend: Function) -> None:
    rng = np.random.default_rng(6)
    arrays = [(4 * rng.normal(size=(9, 8))).astype(np.float16) for _ in range(3)]
    expected = attend(*(a.astype(np.float32) for a in arrays)).astype(np.float16)
    assert_array_equal(attend(*arrays), expected)
    large = np.full((2, 4), np.float16(300))  # scores of 180,000 are more than the largest float16
    assert_array_equal(attend(large, large, large), large)
    gradients = vjp(*arrays, arrays[0])
    wide = vjp(*(a.astype(np.float32) for a in [*arrays, arrays[0]]))
    for narrow, gradient in zip(gradients, wide, strict=True):
        assert_array_equal(narrow, gradient.astype(np.float16))


def test_a_gradient_wider_than_the_rest_widens_all() -> None:
    rng = np.random.default_rng(7)
    arrays = [rng.normal(size=(4, 3)).astype(np.float32) for _ in range(3)]
    grad = rng.normal(size=(4, 3))
    expected = vjp(*(a.astype(np.float64) for a in arrays), grad)
    for mine, double in zip(vjp(*arrays, grad), expected, strict=True):
        assert_array_equal(mine, double, strict=True)


# The gradient


@pytest.mark.parametrize("grouped", [False, True], ids=["", "grouped"])
@pytest.mark.parametrize("kind", KINDS)
def test_gradient_against_finite_differences(kind: str, grouped: bool) -> None:
    rng = np.random.default_rng(8)
    for problem in problems(kind, grouped, 6):
        grad = rng.normal(size=problem.run(plain).shape)

        def loss(*arrays: Array, of: Problem = problem, grad: Array = grad) -> float:
            return float((grad * plain(*arrays, **of.options)).sum())

        arrays = problem[:3]
        gradients = vjp(*arrays, grad, **problem.options)
        for which, (array, gradient) in enumerate(zip(arrays, gradients, strict=True)):
            assert gradient.shape == array.shape
            for _ in range(3):
                step = np.zeros_like(array)
                step.flat[rng.integers(array.size)] = 1e-6
                up, down = ([*arrays[:which], array + s, *arrays[which + 1 :]] for s in (step, -step))
                slope = (loss(*up) - loss(*down)) / 2e-6
                near(gradient[step > 0], slope, rtol=1e-6, atol=1e-7)


# Masks


def test_masks_are_what_they_say() -> None:
    for length, keys, offset, window in product([0, 1, 4], [None, 0, 3, 6], [-2, 0, 1, 3], [1, 2, 9]):
        if keys is None and length + offset < 0:
            continue
        columns = length + offset if keys is None else keys
        causal, sliding = (
            causal_mask(length, keys, offset=offset),
            sliding_window_mask(length, window, keys, offset=offset),
        )
        assert causal.shape == sliding.shape == (length, columns)
        assert causal.dtype == sliding.dtype == bool
        for i, j in np.ndindex(length, columns):
            position = i + offset
            assert causal[i, j] == (j in range(position + 1))
            assert sliding[i, j] == (j in range(max(0, position - window + 1), position + 1))


@both
def test_causal_is_the_causal_mask(attend: Function) -> None:
    rng = np.random.default_rng(9)
    for length, keys in ((5, 5), (3, 7), (7, 3)):
        query, key, value = rng.normal(size=(length, 4)), rng.normal(size=(keys, 4)), rng.normal(size=(keys, 2))
        expected = attend(query, key, value, attn_mask=causal_mask(length, keys))
        near(attend(query, key, value, is_causal=True), expected, rtol=1e-14)


@both
def test_a_cache_changes_nothing(attend: Function) -> None:
    query, key, value = np.random.default_rng(10).normal(size=(3, 9, 4))
    whole = attend(query, key, value, is_causal=True)
    windowed = attend(query, key, value, attn_mask=sliding_window_mask(9, 3))
    for cached in range(8):
        new = slice(cached, cached + 2)
        seen, offset = slice(0, cached + 2), cached
        step = attend(query[new], key[seen], value[seen], attn_mask=causal_mask(2, offset=offset))
        near(step, whole[new], rtol=1e-13)
        step = attend(query[new], key[seen], value[seen], attn_mask=sliding_window_mask(2, 3, offset=offset))
        near(step, windowed[new], rtol=1e-13)


# Tiles


def calls(call: Callable[[], Any]) -> int:
    """Count the functions that a call leads to, in Python and in C, which grow in number with the tiles."""
    count = 0

    def note(_frame: Any, event: str, _arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(before)
    return count


def test_tiles_that_nothing_passes_cost_nothing() -> None:
    arrays = np.random.default_rng(11).normal(size=(3, 256, 8)).astype(np.float32)
    attend = partial(flash, *arrays, block_size=16)  # 256 tiles
    whole = calls(attend)
    assert calls(partial(attend, attn_mask=sliding_window_mask(256, 12))) < whole / 2  # 31 tiles
    assert calls(partial(attend, attn_mask=np.zeros((256, 256), bool))) < whole / 3  # none
    assert calls(partial(attend, is_causal=True)) < whole * 0.7  # 136
    few, keys, values = arrays[0][:16], *np.tile(arrays[1:], (1, 64, 1))
    whole_memory = extra_memory(lambda: flash(few, keys, values))
    assert extra_memory(lambda: flash(few, keys, values, is_causal=True)) < whole_memory / 10  # 16 keys of 16,384


@both
def test_a_weight_that_underflows_takes_nothing_of_an_infinity(attend: Function) -> None:
    key = np.repeat([[0.0], [2000.0]], 50, axis=0)  # several tiles of each
    for special in (INF, -INF, NAN):
        value = np.repeat([[special, 1.0], [2.0, 3.0]], 50, axis=0)
        near(attend([[1.0]], key, value, scale=1), [[2.0, 3.0]], rtol=1e-14)


def test_memory_of_flash_attention_is_linear() -> None:
    query, key, value = np.random.default_rng(12).normal(size=(3, 8192, 64)).astype(np.float32)
    assert extra_memory(lambda: flash(query, key, value, is_causal=True)) < 20
    assert extra_memory(lambda: flash(query[:1], key, value)) < 0.7
    value[5], value[8000] = NAN, INF
    assert extra_memory(lambda: flash(query[:1024], key, value)) < 20
    narrow, wide, ints = ([a.astype(dtype) for a in (query[:1024], key, key)] for dtype in ("f2", "f8", "i1"))
    assert extra_memory(lambda: flash(*narrow)) < 20
    cache = np.tile(narrow[1], (8, 1))
    assert extra_memory(lambda: flash(query[:1], cache, cache)) < 20
    assert extra_memory(lambda: flash(*wide)) < 40
    assert extra_memory(lambda: flash(*ints)) < 40
    once, twice = (extra_memory(lambda n=n: flash(query[:n], key[:n], value[:n], block_size=64)) for n in (1024, 2048))  # type: ignore[misc]
    assert twice < 2.1 * once < 2


def test_memory_of_the_weights() -> None:
    query, key, value = np.random.default_rng(12).normal(size=(3, 1500, 8)).astype(np.float32)
    mib = 1500 * 1500 * 4 / 2**20
    assert extra_memory(lambda: plain(query, key, value)) < 1.6 * mib
    for mask in (sliding_window_mask(1500, 9), np.zeros((1500, 1500), np.float32), np.zeros((1500, 1500))):
        assert extra_memory(lambda mask=mask: plain(query, key, value, attn_mask=mask)) < 2 * mib  # type: ignore[misc]


def test_a_mask_that_is_broadcast_is_not_expanded() -> None:
    query, key, value = np.random.default_rng(13).normal(size=(3, 8, 1024, 4)).astype(np.float32)
    padding = np.arange(1024) < 1000  # 8 MiB as booleans, if it had the shape of the weights
    attend = partial(flash, query, key, value, block_size=128)
    for mask in (padding, np.where(padding, np.float32(0), np.float32(-INF)), padding[:, None]):
        assert extra_memory(partial(attend, attn_mask=mask)) < 1


# Several heads


def literal_heads(
    x: Array, memory: Array, weights: list[Array], biases: list[Array], heads: int, kv_heads: int, causal: bool
) -> Array:
    """Compute one head after the other, from slices of the columns."""
    (w_query, w_key, w_value, w_output), (b_query, b_key, b_value, b_output) = weights, biases
    d, dv = w_query.shape[1] // heads, w_value.shape[1] // kv_heads
    output = b_output
    for head in range(heads):
        shared = head * kv_heads // heads
        q, k, v = (slice(i * n, i * n + n) for i, n in ((head, d), (shared, d), (shared, dv)))
        query, key = x @ w_query[:, q] + b_query[q], memory @ w_key[:, k] + b_key[k]
        value = memory @ w_value[:, v] + b_value[v]
        scores = np.einsum("...id,...jd->...ij", query, key) / math.sqrt(d)
        if causal:
            scores = np.where(np.tri(*scores.shape[-2:]) > 0, scores, -INF)
        shares = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
        output = output + shares @ value @ w_output[head * dv : head * dv + dv]
    return output


@pytest.mark.parametrize("attend", [None, *BOTH])
@pytest.mark.parametrize(("heads", "kv_heads"), [(1, 1), (4, 4), (6, 2), (3, 1)])
def test_heads_one_after_the_other(attend: Function | None, heads: int, kv_heads: int) -> None:
    rng = np.random.default_rng(14)
    d, dv, features, memory_features, out = 4, 3, 5, 7, 2
    shapes = [(features, heads * d), (memory_features, kv_heads * d), (memory_features, kv_heads * dv)]
    weights = [rng.normal(size=shape) for shape in [*shapes, (heads * dv, out)]]
    biases: list[Array] = [rng.normal(size=w.shape[1:]) for w in weights]
    x, memory = rng.normal(size=(2, 1, 6, features)), rng.normal(size=(3, 8, memory_features))
    names = ("b_query", "b_key", "b_value", "b_output")
    options: dict[str, Any] = {"num_heads": heads, "num_kv_heads": kv_heads, "memory": memory}
    if attend is not None:
        options["attention"] = attend
    for causal in (False, True):
        zero = [np.zeros_like(b) for b in biases]
        result = multi_head(x, *weights, **options, is_causal=causal)
        near(result, literal_heads(x, memory, weights, zero, heads, kv_heads, causal), rtol=1e-10)
        with_biases = dict(zip(names, biases, strict=True))
        result = multi_head(x, *weights, **options, **with_biases, is_causal=causal)
        near(result, literal_heads(x, memory, weights, biases, heads, kv_heads, causal), rtol=1e-10)
        assert result.shape == (2, 3, 6, out)
        for name, bias in zip(names, biases, strict=True):
            others: list[Array] = [
                bias if name == each else np.zeros_like(b) for each, b in zip(names, biases, strict=True)
            ]
            result = multi_head(x, *weights, **options, **{name: bias}, is_causal=causal)
            near(result, literal_heads(x, memory, weights, others, heads, kv_heads, causal), rtol=1e-10)


def test_heads_attend_to_their_own_tokens_unless_told() -> None:
    rng = np.random.default_rng(15)
    x, weights = rng.normal(size=(6, 4)), rng.normal(size=(4, 4, 4))
    result = multi_head(x, *weights, num_heads=2)
    assert_array_equal(result, multi_head(x, *weights, num_heads=2, num_kv_heads=2, memory=x))
    near(result, multi_head(x, *weights, num_heads=2, scale=2**-0.5), rtol=1e-13)


def test_heads_pass_on_what_they_are_told() -> None:
    rng = np.random.default_rng(16)
    x, weights = rng.normal(size=(6, 4)), rng.normal(size=(4, 4, 4))
    told: dict[str, Any] = {}

    def spy(*arrays: Array, **options: Any) -> Array:
        told.update(options)
        return plain(*arrays, **options)

    mask = rng.random((2, 6, 6)) < 0.8
    multi_head(x, *weights, num_heads=2, attn_mask=mask, scale=0.5, attention=spy)
    assert told.pop("attn_mask") is mask
    assert told == {"is_causal": False, "scale": 0.5, "enable_gqa": False}
    multi_head(x, weights[0], weights[1, :, :2], weights[2, :, :2], weights[3], num_heads=2, num_kv_heads=1,
                         is_causal=True, attention=spy)  # fmt: skip
    assert told == {"attn_mask": None, "is_causal": True, "scale": None, "enable_gqa": True}


def test_dtypes_of_heads() -> None:
    rng = np.random.default_rng(17)
    x, weights = rng.normal(size=(6, 4)), list(rng.normal(size=(4, 4, 4)))
    for dtype in (np.float16, np.float32, np.float64, np.longdouble):
        narrow = [w.astype(dtype) for w in weights]
        result = multi_head(x.astype(dtype), *narrow, num_heads=2)
        assert result.dtype == dtype
        # Rounding the weights changes the result by some eps of its own.
        wide = multi_head(*(a.astype(np.longdouble) for a in (x.astype(dtype), *narrow)), num_heads=2)
        near(result, wide, rtol=0, atol=200 * float(np.finfo(dtype).eps))
    half = [w.astype(np.float16) for w in weights]
    assert multi_head(x, *half, num_heads=2).dtype == np.float64
    large = np.full((2, 1), np.float16(6e4))  # whose projections overflow in float16
    small = [np.full((1, 2), np.float16(4)), np.full((2, 1), np.float16(0.125))]
    result = multi_head(large, small[0], small[0], small[0], small[1], num_heads=1)
    assert_array_equal(result, large)
    assert multi_head([[1, 2]], *[[[1, 0], [0, 1]]] * 4, num_heads=1).dtype == np.float64


# What all functions promise


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "plain": partial(plain, return_weights=True),
    "flash": partial(flash, block_size=2),
    "gradient": lambda q, k, v, **options: vjp(q, k, v, np.ones((3, 2)), **options),
    "heads": lambda q, k, v, **options: multi_head(q, k[:2], k[:2], v[:2], v[:2], num_heads=1, **options),
}


def nasty() -> Iterator[tuple[list[Array], dict[str, Any]]]:
    """Give arguments in which infinities, NaN and numbers that overflow meet."""
    rng = np.random.default_rng(18)
    numbers = [0.0, 1.0, -1.0, 1e300, -1e300, 1e-310, INF, -INF, NAN]
    for dtype in (np.float16, np.float32, np.float64):
        for _ in range(15):
            with np.errstate(all="ignore"):
                arrays = [rng.choice(numbers, size=(3, 2)).astype(dtype) for _ in range(3)]
            yield arrays, {"is_causal": True}
            yield arrays, {"attn_mask": rng.choice(numbers, size=(3, 1))}
            yield arrays, {"attn_mask": rng.random((1, 3)) < 0.5, "scale": 1e300 if dtype is np.float64 else 1e38}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_numpy_warning_escapes_and_nothing_is_left_changed(name: str) -> None:
    for arrays, options in nasty():
        for array in arrays:
            array.flags.writeable = False
        if name == "heads" and options.get("attn_mask", np.zeros(0)).shape == (1, 3):
            continue  # its mask has the shape of other arguments
        with np.errstate(all="raise"), warnings.catch_warnings(action="error"):
            FUNCTIONS[name](*arrays, **options)
            assert set(np.geterr().values()) == {"raise"}


def test_both_treat_nasty_numbers_alike() -> None:
    for arrays, options in nasty():
        # Where values overflow when they are summed, tiles may give inf for what the mean could hold.
        if float(np.abs(np.where(np.isfinite(arrays[2]), arrays[2], 0)).max()) < 1e100:
            near(flash(*arrays, **options, block_size=2), plain(*arrays, **options), rtol=1e-2)


def test_results_share_no_memory_with_inputs() -> None:
    one = np.ones((1, 1))
    one.flags.writeable = False
    calls = [plain(one, one, one, return_weights=True), (flash(one, one, one),), vjp(one, one, one, one)]
    for result in [
        *(array for results in calls for array in results),
        multi_head(one, one, one, one, one, num_heads=1),
    ]:
        assert result.flags.writeable
        assert not np.shares_memory(result, one)


@both
def test_layout_in_memory_does_not_matter(attend: Function) -> None:
    arrays = np.random.default_rng(20).normal(size=(3, 2, 9, 4))
    expected = attend(*arrays)
    for layout in (
        np.asfortranarray,
        lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
        lambda a: a[:, ::-1].copy()[:, ::-1],
    ):
        near(attend(*(layout(a) for a in arrays)), expected, rtol=1e-13)
    one = attend(np.broadcast_to(arrays[0, :1], (2, 9, 4)), *arrays[1:])
    near(attend(arrays[0, 0], *arrays[1:]), one, rtol=1e-14)


@both
def test_threads_do_not_disturb_each_other(attend: Function) -> None:
    arrays = np.random.default_rng(21).normal(size=(40, 3, 30, 8))
    with ThreadPoolExecutor(8) as pool:
        for result, each in zip(pool.map(lambda each: attend(*each), arrays), arrays, strict=True):
            assert_array_equal(result, attend(*each))


# Bad arguments

SHAPE = {"query": (2, 4, 3, 5), "key": (2, 4, 6, 5), "value": (2, 4, 6, 7)}
AXES = "query, key and value must have the axes (..., L, d), (..., S, d) and (..., S, dv)"
HEADS = "query, key and value must have g × H, H and H heads on axis -3 with enable_gqa, where H >= 1"
BATCH = "query, key and value must have batch axes, before the last two, that broadcast"

REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"query": np.zeros(5)}, ValueError, f"{AXES}, got shapes (5,), (2, 4, 6, 5) and (2, 4, 6, 7)"),
    ({"key": np.zeros(5)}, ValueError, f"{AXES}, got shapes (2, 4, 3, 5), (5,) and (2, 4, 6, 7)"),
    ({"value": 1.0}, ValueError, f"{AXES}, got shapes (2, 4, 3, 5), (2, 4, 6, 5) and ()"),
    (
        {"key": np.zeros((2, 4, 6, 8))},
        ValueError,
        f"{AXES}, got shapes (2, 4, 3, 5), (2, 4, 6, 8) and (2, 4, 6, 7)",
    ),
    (
        {"value": np.zeros((2, 4, 5, 7))},
        ValueError,
        f"{AXES}, got shapes (2, 4, 3, 5), (2, 4, 6, 5) and (2, 4, 5, 7)",
    ),
    ({"key": np.zeros((3, 4, 6, 5))}, ValueError, f"{BATCH}, got shapes (2, 4, 3, 5), (3, 4, 6, 5) and (2, 4, 6, 7)"),
    (
        {"key": np.zeros((2, 2, 6, 5)), "value": np.zeros((2, 2, 6, 7))},
        ValueError,
        f"{BATCH}, got shapes (2, 4, 3, 5), (2, 2, 6, 5) and (2, 2, 6, 7)",
    ),
    *(
        ({name: np.zeros(SHAPE[name][2:]), "enable_gqa": True}, ValueError, f"{HEADS}, got shapes")
        for name in ("query", "key", "value")
    ),
    *(
        (
            {"key": np.zeros((2, heads, 6, 5)), "value": np.zeros((2, of_value, 6, 7)), "enable_gqa": True},
            ValueError,
            f"{HEADS}, got shapes (2, 4, 3, 5), (2, {heads}, 6, 5) and (2, {of_value}, 6, 7)",
        )
        for heads, of_value in [(3, 3), (0, 0), (8, 8), (4, 2), (2, 4), (2, 1)]
    ),
    ({"key": np.zeros((3, 2, 6, 5)), "value": np.zeros((3, 2, 6, 7)), "enable_gqa": True}, ValueError, BATCH),
    (
        {"attn_mask": np.zeros((3, 5))},
        ValueError,
        "attn_mask must broadcast to (..., L, S) = (2, 4, 3, 6), got shape (3, 5)",
    ),
    ({"attn_mask": np.zeros((5, 2, 4, 3, 6), bool)}, ValueError, "got shape (5, 2, 4, 3, 6)"),
    ({"attn_mask": np.ones((3, 6), int)}, TypeError, "attn_mask must hold bools or floats, got dtype int64"),
    ({"attn_mask": np.ones((3, 6), complex)}, TypeError, "attn_mask must hold bools or floats, got dtype complex128"),
    ({"attn_mask": "mask"}, TypeError, "attn_mask must hold bools or floats, got 'mask'"),
    ({"attn_mask": [[1.0], [1.0, 2.0]]}, ValueError, "attn_mask must be a rectangular array, got list"),
    (
        {"attn_mask": np.ma.ones((3, 6))},
        TypeError,
        "attn_mask must be a plain array, neither masked nor sparse, got MaskedArray",
    ),
    (
        {"attn_mask": np.ones((3, 6), ml_dtypes.float8_e5m2)},
        TypeError,
        "attn_mask must hold bools or floats, got dtype",
    ),
    ({"query": np.zeros((2, 4, 3, 5), complex)}, TypeError, "query must hold real numbers"),
    ({"key": [["a"]]}, TypeError, "key must hold real numbers"),
    (
        {"value": np.ma.ones((2, 4, 6, 7))},
        TypeError,
        "value must be a plain array, neither masked nor sparse, got MaskedArray",
    ),
    ({"scale": "1"}, TypeError, "scale must hold real numbers"),
    ({"scale": [1.0]}, ValueError, "scale must be one number, got an array of shape (1,)"),
    ({"scale": True}, TypeError, "scale must hold real numbers (ints or floats), got True"),
    ({"scale": NAN}, ValueError, "scale must be finite in float64, the dtype of the scores, got nan"),
    ({"scale": -INF}, ValueError, "scale must be finite in float64, the dtype of the scores, got -inf"),
    *(
        ({flag: wrong}, TypeError, f"{flag} must be True or False, got {wrong!r}")
        for flag, wrong in product(["is_causal", "enable_gqa"], [None, 1, "no", np.int8(1), np.array(True)])
    ),
]


@pytest.mark.parametrize(("wrong", "error", "message"), REFUSED)
def test_bad_arguments(wrong: dict[str, Any], error: type[Exception], message: str) -> None:
    arguments = {name: np.zeros(shape) for name, shape in SHAPE.items()} | wrong
    arrays = [arguments.pop(name) for name in SHAPE]
    for attend in BOTH:
        refuses(lambda attend=attend: attend(*arrays, **arguments), error, message)  # type: ignore[misc]
    refuses(lambda: vjp(*arrays, np.zeros((2, 4, 3, 7)), **arguments), error, message)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_a_scale_must_fit_into_the_dtype_of_the_scores(dtype: type) -> None:
    zero: Array = np.zeros((2, 2), dtype)
    message = "scale must be finite in float32, the dtype of the scores, got -1e+300"
    others: list[Function] = [partial(vjp, grad=zero), partial(multi_head, w_value=zero, w_output=zero, num_heads=1)]
    for call in [*BOTH, *others]:
        refuses(partial(call, zero, zero, zero, scale=-1e300), ValueError, message)


@both
def test_flags_of_numpy_are_flags(attend: Function) -> None:
    arrays = np.random.default_rng(22).normal(size=(3, 2, 4, 3))
    for flags in ({"is_causal": True}, {"enable_gqa": True}, {"is_causal": False, "enable_gqa": False}):
        theirs = {name: np.bool_(flag) for name, flag in flags.items()}
        assert_array_equal(attend(*arrays, **theirs), attend(*arrays, **flags))
    assert len(plain(*arrays, return_weights=np.True_)) == 2
    for wrong in (1, None):
        message = f"return_weights must be True or False, got {wrong}"
        refuses(partial(plain, *arrays, return_weights=wrong), TypeError, message)


def test_bad_blocks_gradients_and_masks() -> None:
    query, key, value = (np.zeros(shape) for shape in SHAPE.values())
    refuses(lambda: flash(query, key, value, block_size=0), ValueError, "block_size must be an int >= 1, got 0")
    refuses(
        lambda: flash(query, key, value, block_size=2.0),
        TypeError,
        "block_size must be an int >= 1, got 2.0",
    )
    refuses(lambda: flash(query, key, value, block_size=True), TypeError, "block_size must be an int >= 1, got True")
    gradient = partial(vjp, query, key, value)
    message = "grad must have the shape of the output, (2, 4, 3, 7), got (3, 7)"
    refuses(lambda: gradient(np.zeros((3, 7))), ValueError, message)
    refuses(lambda: gradient("g"), TypeError, "grad must hold real numbers")
    negative = "offset must be >= -length, -2, where key_length is not given, got -3"
    for mask in (causal_mask, partial(sliding_window_mask, window=1)):
        refuses(lambda mask=mask: mask(-1), ValueError, "length must be an int >= 0, got -1")  # type: ignore[misc]
        refuses(lambda mask=mask: mask(2, offset=-3), ValueError, negative)  # type: ignore[misc]
        refuses(lambda mask=mask: mask(2, key_length=-1), ValueError, "key_length must be an int >= 0, got -1")  # type: ignore[misc]
        for name, allowed in (("length", "an int >= 0"), ("key_length", "an int >= 0"), ("offset", "an int")):
            for wrong in ("2", 2.0, True, np.True_):
                arguments = {"length": 2, name: wrong}
                message = f"{name} must be {allowed}, got {wrong!r}"
                refuses(lambda mask=mask, a=arguments: mask(**a), TypeError, message)  # type: ignore[misc]
    refuses(lambda: sliding_window_mask(2, 0), ValueError, "window must be an int >= 1, got 0")
    for window in (None, True):
        message = f"window must be an int >= 1, got {window}"
        refuses(lambda w=window: sliding_window_mask(2, w), TypeError, message)  # type: ignore[misc]


@pytest.mark.parametrize("huge", [2**31, 2**62, 2**63 - 1, 2**64, 10**30])
def test_masks_reach_to_any_distance(huge: int) -> None:
    masks: list[Function] = [causal_mask, partial(sliding_window_mask, window=huge + 9)]
    for mask in masks:
        assert_array_equal(mask(2, key_length=3, offset=huge), np.ones((2, 3), bool))
        assert_array_equal(mask(2, key_length=3, offset=-huge), np.zeros((2, 3), bool))
    assert_array_equal(sliding_window_mask(2, 7, 3, offset=huge), np.zeros((2, 3), bool))
    assert_array_equal(sliding_window_mask(3, huge), causal_mask(3))
    # Both far away, but the first key that the first query sees is 1.
    assert_array_equal(sliding_window_mask(2, huge, 3, offset=huge), [[False, True, True], [False, False, True]])


@pytest.mark.parametrize("mask", [causal_mask, partial(sliding_window_mask, window=2)], ids=["causal", "sliding"])
def test_masks_too_large_to_exist(mask: Callable[..., Array]) -> None:
    huge = 10**30
    most = "must be at most 1152921504606846975, got"
    refuses(lambda: mask(huge), ValueError, f"length times offset + length {most} {huge} times {huge}")
    refuses(lambda: mask(2, offset=huge), ValueError, f"length times offset + length {most} 2 times {huge + 2}")
    refuses(lambda: mask(0, key_length=2**63), ValueError, f"length times key_length {most} 0 times {2**63}")
    refuses(lambda: mask(2**32, key_length=2**32), ValueError, f"length times key_length {most} {2**32} times {2**32}")


def zeros(*shapes: tuple[int, ...]) -> list[Array]:
    return [np.zeros(shape) for shape in shapes]


HEADS_REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"num_heads": 0}, ValueError, "num_heads must be an int >= 1, got 0"),
    ({"num_heads": 1.5}, TypeError, "num_heads must be an int >= 1, got 1.5"),
    ({"num_heads": True}, TypeError, "num_heads must be an int >= 1, got True"),
    ({"num_kv_heads": True}, TypeError, "num_kv_heads must be an int >= 1, got True"),
    ({"num_kv_heads": 0}, ValueError, "num_kv_heads must be an int >= 1, got 0"),
    ({"num_kv_heads": 3}, ValueError, "num_kv_heads must divide num_heads, 4, got 3"),
    ({"attention": "flash"}, TypeError, "attention must be a function, got str"),
    ({"x": np.zeros(8)}, ValueError, "x must have the axes (..., length, features), got shape (8,)"),
    ({"x": [["a"]]}, TypeError, "x must hold real numbers"),
    *(
        ({name: None}, TypeError, f"{name} must hold real numbers (bools, ints or floats), got None")
        for name in ("x", "w_query", "w_key", "w_value", "w_output")
    ),
    ({"attention": lambda *_, **__: None}, TypeError, "the result of attention must hold real numbers"),
    (
        {"attention": lambda *_, **__: np.zeros((2, 5, 8))},
        ValueError,
        "the result of attention must have the shape (2, 4, 5, 2), got (2, 5, 8)",
    ),
    (  # two arrays of one shape, which would make an axis more
        {"attention": partial(plain, return_weights=True), "memory": np.zeros((2, 2, 8))},
        ValueError,
        "the result of attention must have the shape (2, 4, 5, 2), got (2, 2, 4, 5, 2)",
    ),
    ({"memory": np.zeros(8)}, ValueError, "memory must have the axes (..., length, features), got shape (8,)"),
    ({"memory": np.zeros((2, 5, 7))}, ValueError, "w_key must have the shape (7, ...) for memory, got shape (8, 12)"),
    ({"w_query": np.zeros((7, 12))}, ValueError, "w_query must have the shape (8, ...) for x, got shape (7, 12)"),
    ({"w_value": np.zeros(8)}, ValueError, "w_value must have the shape (8, ...) for memory, got shape (8,)"),
    ({"w_query": np.zeros((8, 13))}, ValueError, "w_query must make a multiple of 4 features"),
    ({"w_key": np.zeros((8, 24))}, ValueError, "w_key must make keys of 3 features, as w_query, got 6"),
    ({"w_output": np.zeros((12, 8))}, ValueError, "w_output must have the shape (8, ...) for heads, got shape (12, 8)"),
    ({"b_key": np.zeros(11)}, ValueError, "b_key must have the shape (12,), got (11,)"),
    ({"b_output": np.zeros((1, 6))}, ValueError, "b_output must have the shape (6,), got (1, 6)"),
    ({"b_query": ["a"]}, TypeError, "b_query must hold real numbers"),
    ({"attn_mask": np.ones((5, 4), bool)}, ValueError, "attn_mask must broadcast to (..., L, S) = (2, 4, 5, 5)"),
    (
        {"memory": np.zeros((3, 5, 8))},
        ValueError,
        BATCH,
    ),
]


@pytest.mark.parametrize(("wrong", "error", "message"), HEADS_REFUSED)
def test_bad_arguments_of_heads(wrong: dict[str, Any], error: type[Exception], message: str) -> None:
    names = ("x", "w_query", "w_key", "w_value", "w_output")
    arguments: dict[str, Any] = dict(zip(names, zeros((2, 5, 8), (8, 12), (8, 12), (8, 8), (8, 6)), strict=True))
    arguments |= {"num_heads": 4} | wrong
    refuses(lambda: multi_head(**arguments), error, message)


# The module


def test_package_offers_all_of_attention() -> None:
    for name in attention.__all__:
        assert name in minisoftmax.__all__
        assert getattr(minisoftmax, name) is getattr(attention, name)


@pytest.mark.parametrize("name", attention.__all__)
def test_docstring_has_every_section(name: str) -> None:
    function = getattr(attention, name)
    documentation = inspect.getdoc(function) or ""
    headings = re.findall(r"^(\w.*)\n-+$", documentation, flags=re.MULTILINE)
    for heading in ["Parameters", "Returns", "Raises", "Examples"]:
        assert heading in headings, f"the docstring of {name} has no section {heading}"
    documented = [
        name for names in re.findall(r"^([\w, ]+) : ", documentation, re.MULTILINE) for name in names.split(", ")
    ]
    missing = [parameter for parameter in inspect.signature(function).parameters if parameter not in documented]
    assert not missing, f"the docstring of {name} does not describe {missing}"


def test_signatures_are_those_of_the_design() -> None:
    def options(function: Function) -> dict[str, object]:
        found = inspect.signature(function).parameters.values()
        assert [p.name for p in found if p.kind is not p.KEYWORD_ONLY] == ["query", "key", "value"]
        return {p.name: p.default for p in found if p.kind is p.KEYWORD_ONLY}

    common = {"attn_mask": None, "is_causal": False, "scale": None, "enable_gqa": False}
    assert options(plain) == {**common, "return_weights": False}
    assert options(flash) == {**common, "block_size": 1024}


# ONNX

CASES = onnx_cases("attention", "Attention")

# Softcap squeezes the scores with tanh before they are masked, for which there is no argument.
WITH_SOFTCAP = {
    "test_attention_3d_diff_heads_sizes_softcap",
    "test_attention_3d_gqa_softcap",
    "test_attention_3d_softcap",
    "test_attention_3d_with_past_and_present_qk_matmul_softcap",
    "test_attention_4d_diff_heads_sizes_softcap",
    "test_attention_4d_gqa_softcap",
    "test_attention_4d_softcap",
    "test_attention_4d_softcap_neginf_mask",
    "test_attention_4d_softcap_neginf_mask_poison",
    "test_attention_4d_with_qk_matmul_softcap",
    "test_attention_local_window_gqa_rank4_mask",
}


def test_onnx_has_the_cases_that_we_know_of() -> None:
    names = {case.name for case in CASES}
    assert len(names) == len(CASES) == 93
    assert names >= WITH_SOFTCAP
    assert len(WITH_SOFTCAP) == 11


def may_look(length: int, keys: int, offset: int, causal: bool, left: int, right: int) -> Array:
    """Make the mask of ONNX's windows, of which −1 is open on its side, from ours."""
    if causal:
        return (
            sliding_window_mask(length, left + 1, keys, offset=offset)
            if left >= 0
            else causal_mask(length, keys, offset=offset)
        )
    mask = np.ones((length, keys), bool)
    if left >= 0:
        mask &= ~causal_mask(length, keys, offset=offset - left - 1)
    if right >= 0:
        mask &= causal_mask(length, keys, offset=offset + right)
    return mask


def run_onnx_node(node: onnx.NodeProto, inputs: list[Array], attend: Function) -> tuple[Any, Array, Array]:
    """Run a case of ONNX; give the result of the function, and the keys and values that come to be cached."""
    attributes: dict[str, Any] = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    arrays = dict(zip((name for name in node.input if name), inputs, strict=True))
    query, key, value = arrays["Q"], arrays["K"], arrays["V"]
    if query.ndim == 3:
        heads = attributes["q_num_heads"], attributes["kv_num_heads"], attributes["kv_num_heads"]
        query, key, value = (
            a.reshape(*a.shape[:2], n, -1).swapaxes(1, 2) for a, n in zip((query, key, value), heads, strict=True)
        )
    if "past_key" in arrays:
        key = np.concatenate([arrays["past_key"], key], axis=2)
        value = np.concatenate([arrays["past_value"], value], axis=2)
    options = {"scale": attributes.get("scale"), "enable_gqa": query.shape[1] != key.shape[1]}
    length, keys = query.shape[2], key.shape[2]
    causal, mask = bool(attributes.get("is_causal")), arrays.get("attn_mask")
    window = attributes.get("left_window_size", -1), attributes.get("right_window_size", -1)
    nonpad = arrays.get("nonpad_kv_seqlen")
    if len(arrays) == 3 and window == (-1, -1):
        return attend(query, key, value, is_causal=causal, **options), key, value
    past = arrays["past_key"].shape[2] if "past_key" in arrays else 0
    if mask is not None and mask.shape[-1] == keys and past == 0 and nonpad is None and window == (-1, -1):
        mask = mask if mask.dtype == bool else mask.astype(np.float32)
        return attend(query, key, value, attn_mask=mask, is_causal=causal, **options), key, value
    offsets = [past] if nonpad is None else nonpad - length
    allowed = np.array([may_look(length, keys, int(offset), causal, *window) for offset in offsets])[:, None]
    if nonpad is not None:
        allowed = allowed & (np.arange(keys) < nonpad[:, None, None, None])
    if mask is None:
        mask = allowed
    else:
        no = np.zeros((), bool) if mask.dtype == bool else np.array(-INF, np.float32)
        padding = [(0, 0)] * (mask.ndim - 1) + [(0, keys - mask.shape[-1])]
        mask = np.where(
            allowed, np.pad(mask if mask.dtype == bool else mask.astype(np.float32), padding, constant_values=no), no
        )
    return attend(query, key, value, attn_mask=mask, **options), key, value


@pytest.mark.parametrize("case", [case for case in CASES if case.name not in WITH_SOFTCAP], ids=lambda case: case.name)
def test_onnx_case(case: Case) -> None:
    expected = dict(zip((name for name in case.node.output if name), case.outputs, strict=True))
    dtype = expected["Y"].dtype
    # bfloat16, which NumPy knows only as bytes with a name, has 8 digits.
    eps = 2.0**-7 if dtype.name == "bfloat16" else float(np.finfo(dtype).eps)
    inputs = [a.astype(np.float32) if a.dtype.name == "bfloat16" else a for a in case.inputs]
    weigh = partial(plain, return_weights=True)
    (output, weights), key, value = run_onnx_node(case.node, inputs, weigh)
    tiled, _, _ = run_onnx_node(case.node, inputs, BOTH[1])
    mode = {a.name: a.i for a in case.node.attribute}.get("qk_matmul_output_mode", 0)
    # ONNX's own expectations are computed in the dtype of the input, so they are off by some eps themselves.
    close = partial(near, rtol=8 * eps, atol=2 * eps)
    for result in (output, tiled):
        assert result.dtype == inputs[0].dtype
        wanted = expected["Y"].astype(np.float32)
        close(result.swapaxes(1, 2).reshape(wanted.shape) if wanted.ndim == 3 else result, wanted)
    if "present_key" in expected:
        assert_array_equal(key, expected["present_key"])
        assert_array_equal(value, expected["present_value"])
    if mode == 3:  # the others are scores
        close(weights, expected["qk_matmul_output"].astype(np.float32))
