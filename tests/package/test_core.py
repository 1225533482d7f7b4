"""What the functions of `minisoftmax.core` do at their edges: axes, dtypes, special values, masks, bad arguments."""

import inspect
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

import minisoftmax
from minisoftmax import core, log_softmax, logsumexp, naive_softmax, softmax, softmax_jacobian, softmax_vjp
from tests.laws import extra_memory, refuses

Function = Callable[..., Any]
Axis = int | tuple[int, ...] | None

ROOT = Path(__file__).parents[2]
INF, NAN = np.inf, np.nan
LN2 = np.log(2)


def vjp_of_itself(p: ArrayLike, axis: Axis = -1) -> Any:
    return softmax_vjp(p, p, axis)


ELEMENTWISE: list[Function] = [softmax, log_softmax]
STABLE: list[Function] = [softmax, log_softmax, logsumexp]
WITH_AXIS: list[Function] = [softmax, log_softmax, logsumexp, naive_softmax, vjp_of_itself]
ALL: list[Function] = [*WITH_AXIS, softmax_jacobian]

AXES: list[Axis] = [0, 1, 2, -1, -3, None, (), (0,), (0, 2), (2, 0), (-1, 1), (1, 2, 0)]


def identical(a: Any, b: Any) -> None:
    """Assert that two results agree to the bit, in dtype and shape too."""
    assert (np.shape(a), a.dtype) == (np.shape(b), b.dtype)
    assert_array_equal(a, b, strict=True)
    assert_array_equal(np.signbit(a), np.signbit(b))


# The module


def test_import_brings_nothing_but_numpy() -> None:
    script = "import sys, numpy; before = set(sys.modules); import minisoftmax; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    packages = {name.partition(".")[0] for name in done.stdout.split()}
    assert "minisoftmax" in packages
    assert packages - set(sys.stdlib_module_names) <= {"minisoftmax", "numpy"}


def test_package_offers_all_of_core() -> None:
    assert set(core.__all__) == {
        "softmax",
        "log_softmax",
        "logsumexp",
        "naive_softmax",
        "softmax_jacobian",
        "softmax_vjp",
    }
    for name in core.__all__:
        assert name in minisoftmax.__all__
        assert getattr(minisoftmax, name) is getattr(core, name)


@pytest.mark.parametrize("name", core.__all__)
def test_docstring_has_every_section(name: str) -> None:
    documentation = inspect.getdoc(getattr(core, name)) or ""
    headings = re.findall(r"^(\w.*)\n-+$", documentation, flags=re.MULTILINE)
    for heading in ["Parameters", "Returns", "Raises", "Examples"]:
        assert heading in headings, f"the docstring of {name} has no section {heading}"
    parameters = inspect.signature(getattr(core, name)).parameters
    documented = re.findall(r"^(\w+) : ", documentation, flags=re.MULTILINE)
    missing = [parameter for parameter in parameters if parameter not in documented]
    assert not missing, f"the docstring of {name} does not describe {missing}"


def test_signatures_are_those_of_the_design() -> None:
    def shape(function: Function) -> list[tuple[str, str, object]]:
        found = inspect.signature(function).parameters.values()
        return [(p.name, "keyword" if p.kind is p.KEYWORD_ONLY else "any", p.default) for p in found]

    required = inspect.Parameter.empty
    x, p, axis = ("x", "any", required), ("p", "any", required), ("axis", "any", -1)
    where, out = ("where", "keyword", None), ("out", "keyword", None)
    temperature, keepdims = ("temperature", "keyword", 1.0), ("keepdims", "keyword", False)
    assert shape(softmax) == [x, axis, temperature, where, out]
    assert shape(log_softmax) == [x, axis, temperature, where, out]
    assert shape(logsumexp) == [x, axis, where, keepdims]
    assert shape(naive_softmax) == [x, axis]
    assert shape(softmax_jacobian) == [p]
    assert shape(softmax_vjp) == [p, ("grad", "any", required), axis]


# Values that are known without a computer


def test_known_values() -> None:
    thirds = np.log([1.0, 1.0, 1.0])
    assert_allclose(softmax([0.0, np.log(3)]), [0.25, 0.75], rtol=1e-15)
    assert_allclose(softmax([np.log(1), np.log(2), np.log(5)]), [0.125, 0.25, 0.625], rtol=1e-15)
    assert_allclose(log_softmax([0.0, np.log(3)]), np.log([0.25, 0.75]), rtol=1e-15)
    assert_allclose(logsumexp(np.log([1.0, 2.0, 3.0])), np.log(6), rtol=1e-15)
    assert_allclose(naive_softmax([0.0, np.log(3)]), [0.25, 0.75], rtol=1e-15)
    assert_allclose(softmax(thirds), [1 / 3] * 3, rtol=1e-15)
    assert_allclose(logsumexp(thirds), np.log(3), rtol=1e-15)


def test_jacobian_of_known_probabilities() -> None:
    expected = [[0.1875, -0.0625, -0.125], [-0.0625, 0.1875, -0.125], [-0.125, -0.125, 0.25]]
    assert_array_equal(softmax_jacobian([0.25, 0.25, 0.5]), expected)
    stacked = softmax_jacobian([[[0.25, 0.25, 0.5], [1.0, 0.0, 0.0]]])
    assert_array_equal(stacked, [[expected, np.zeros((3, 3))]])


def test_jacobian_keeps_the_digits_of_a_saturated_diagonal() -> None:
    tiny = 2.0**-53
    jacobian = softmax_jacobian([1 - tiny, tiny])
    assert_allclose(jacobian, tiny * np.array([[1, -1], [-1, 1]]), rtol=4e-16)


def test_vjp_of_known_probabilities() -> None:
    assert_array_equal(softmax_vjp([0.25, 0.25, 0.5], [1.0, 2.0, 4.0]), [-0.4375, -0.1875, 0.625])
    assert_array_equal(softmax_vjp([0.25, 0.75], [5.0, 5.0]), [0, 0])


@pytest.mark.parametrize("grad", [[0.0, 1.0], [1.0, 0.0], [-3.0, 4.0]])
def test_vjp_keeps_its_digits_near_certainty(grad: list[float]) -> None:
    pull = 1e-20 * (grad[0] - grad[1])  # of two classes, p₀ p₁ (g₀ − g₁)
    assert_allclose(softmax_vjp([1.0, 1e-20], grad), [pull, -pull], rtol=1e-15)


def test_naive_softmax_fails_as_the_formula_does() -> None:
    assert_array_equal(naive_softmax([1000.0, 0.0]), [NAN, 0])
    assert_array_equal(naive_softmax([-1000.0, -1000.0]), [NAN, NAN])
    assert_array_equal(naive_softmax(np.array([89, 0], np.float32)), [NAN, 0])
    assert_array_equal(naive_softmax(np.array([12, 0], np.float16)), [NAN, 0])


# Axes


def slice_by_slice(function: Function, x: NDArray[Any], axis: Axis, keepdims: bool) -> NDArray[Any]:
    """Call a function on one slice at a time, each as a flat vector."""
    axes = range(x.ndim) if axis is None else [i % x.ndim for i in np.atleast_1d(np.array(axis, dtype=int))]
    kept = [x.shape[i] if i not in axes else 1 for i in range(x.ndim)]
    result = np.empty(kept if keepdims else x.shape)
    for corner in np.ndindex(*kept):
        place = tuple(slice(None) if i in axes else slice(at, at + 1) for i, at in enumerate(corner))
        result[place] = function(x[place].ravel()).reshape(result[place].shape)
    return result


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("function", WITH_AXIS)
def test_axis_selects_the_slices(function: Function, axis: Axis) -> None:
    x = np.random.default_rng(1).normal(size=(2, 3, 4))
    expected = slice_by_slice(function, x, axis, keepdims=function is logsumexp)
    result = function(x, axis)
    if function is logsumexp:
        identical(logsumexp(x, axis, keepdims=True), logsumexp(x, axis).reshape(expected.shape))
        assert np.shape(result) == np.sum(x, axis=axis).shape
        expected = expected.reshape(np.shape(result))
    assert_allclose(result, expected, rtol=1e-15, atol=1e-16)


@pytest.mark.parametrize("function", WITH_AXIS)
def test_axis_is_the_last_one_unless_given(function: Function) -> None:
    x = np.random.default_rng(2).normal(size=(3, 4))
    identical(function(x), function(x, 1))
    identical(function(x, np.int64(0)), function(x, 0))


@pytest.mark.parametrize("function", ALL)
def test_a_single_number_gives_a_single_number(function: Function) -> None:
    expected: dict[Function, float] = {softmax: 1, log_softmax: 0, logsumexp: 0.75, naive_softmax: 1}
    expected |= {vjp_of_itself: 0, softmax_jacobian: 0}
    axes: list[Axis] = [-1, 0, None, ()]
    for number in (0.75, np.array(0.75), np.float32(0.75)):
        for axis in axes:
            result = function(number) if function is softmax_jacobian else function(number, axis)
            assert type(result) is np.asarray(number).dtype.type
            assert result == expected[function]


@pytest.mark.parametrize("function", WITH_AXIS)
@pytest.mark.parametrize("axis", [2, -3, 2**31, -(2**80)])
@pytest.mark.parametrize("shape", [(), (2, 3)])
def test_axis_out_of_range(function: Function, axis: int, shape: tuple[int, ...]) -> None:
    x, reason = np.zeros(shape), f"is out of bounds for array of dimension {len(shape)}"
    refuses(lambda: function(x, axis), np.exceptions.AxisError, f"axis: axis {axis} {reason}")
    refuses(lambda: function(x, (axis,)), np.exceptions.AxisError, reason)


@pytest.mark.parametrize("function", WITH_AXIS)
@pytest.mark.parametrize("axis", [1.0, "0", (0, 1.0), [[0]], True, np.True_, (0, True)])
def test_axis_of_the_wrong_type(function: Function, axis: Any) -> None:
    message = f"axis must be an int, a tuple of ints or None, got {axis!r}"
    refuses(lambda: function(np.zeros((2, 3)), axis), TypeError, message)


@pytest.mark.parametrize("function", WITH_AXIS)
def test_axis_given_twice(function: Function) -> None:
    refuses(lambda: function(np.zeros((2, 3)), (0, -2)), ValueError, "axis must name no axis twice, got (0, -2)")


# Dtypes


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize("shape", [(), (2,), (2, 3), (0,), (2, 0)])
def test_floats_keep_their_dtype(function: Function, dtype: type, shape: tuple[int, ...]) -> None:
    assert function(np.ones(shape, dtype)).dtype == dtype


@pytest.mark.parametrize("function", ALL)
def test_other_numbers_become_float64(function: Function) -> None:
    numbers = [[1, 0], [1, 1]]
    expected = function(np.array(numbers, np.float64))
    given = [numbers, tuple(map(tuple, numbers)), *[np.array(numbers, kind) for kind in "?bBhHiIlLqQ"]]
    for x in given:
        identical(function(x), expected)


@pytest.mark.parametrize("function", ALL)
def test_byte_order_does_not_matter(function: Function) -> None:
    for dtype in (np.float16, np.float32, np.float64):
        x = np.random.default_rng(3).normal(size=(2, 300)).astype(dtype)
        result = function(x.astype(x.dtype.newbyteorder()))
        assert result.dtype.type is dtype
        assert_array_equal(result, function(x))


@pytest.mark.parametrize("function", [function for function in ALL if function is not naive_softmax])
def test_float16_is_computed_in_float32(function: Function) -> None:
    x = np.random.default_rng(4).uniform(0, 1, size=(300, 3, 5)).astype(np.float16)
    result, expected = function(x), function(x.astype(np.float32)).astype(np.float16)
    assert result.dtype == np.float16
    assert np.mean(result != expected) < 0.001  # sums in another order may round to the neighbor
    assert_allclose(result, expected, rtol=2.0**-10)


def test_float16_of_many_entries_does_not_overflow() -> None:
    many = np.zeros(70_000, np.float16)  # more than the largest float16
    columns = np.zeros((70_000, 16), np.float16)
    assert_allclose(softmax(columns, 0), 1 / 70_000, rtol=2e-3)
    assert_allclose(log_softmax(columns, 0), -np.log(70_000), rtol=1e-3)
    assert_allclose(logsumexp(columns, 0), np.log(70_000), rtol=1e-3)
    assert_allclose(softmax(many), 1 / 70_000, rtol=2e-3)
    assert_allclose(logsumexp(many), np.log(70_000), rtol=1e-3)
    assert_allclose(log_softmax(many), -np.log(70_000), rtol=1e-3)


def test_longdouble_is_computed_in_longdouble() -> None:
    one, eps = np.longdouble(1), np.finfo(np.longdouble).eps
    p = softmax(np.array([one, 0]))
    assert abs(p[0] / p[1] - np.exp(one)) <= 8 * eps
    assert abs(np.exp(log_softmax(np.array([one, 0])))[0] - p[0]) <= 4 * eps
    assert abs(logsumexp(np.array([one, 0])) + np.log(p[1])) <= 4 * eps
    half = softmax(np.array([one, 0]), temperature=one * 2)
    assert abs(half[0] / half[1] - np.exp(one / 2)) <= 8 * eps


@pytest.mark.parametrize(
    ("p", "grad", "expected"),
    [
        (np.float16, np.float16, np.float16),
        (np.float16, np.float32, np.float32),
        (np.float64, np.float32, np.float64),
        (np.float32, np.longdouble, np.longdouble),
        (np.float32, np.int8, np.float64),
        (bool, np.float16, np.float64),
    ],
)
def test_vjp_takes_the_wider_dtype(p: type, grad: type, expected: type) -> None:
    result = softmax_vjp(np.ones((2, 3), p), np.ones((2, 3), grad))
    assert result.dtype == expected


def test_vjp_computes_in_the_wider_dtype() -> None:
    p, grad = np.array([1 / 3, 2 / 3]), np.array([0.1, 0.7], np.float32)
    identical(softmax_vjp(p, grad), softmax_vjp(p, grad.astype(np.float64)))
    identical(softmax_vjp(grad, p), softmax_vjp(grad.astype(np.float64), p))


# Special values: each row, and what becomes of it at any temperature, its finite entries being equal

SPECIAL: list[tuple[list[float], list[float], list[float], float]] = [
    # logits, softmax, log_softmax, logsumexp
    ([-INF, 0, 0], [0, 0.5, 0.5], [-INF, -LN2, -LN2], LN2),
    ([0, -INF, -INF], [1, 0, 0], [0, -INF, -INF], 0),
    ([INF, 0, INF], [0.5, 0, 0.5], [-LN2, -INF, -LN2], INF),
    ([0, INF, -INF], [0, 1, 0], [-INF, 0, -INF], INF),
    ([-INF, -INF, -INF], [NAN, NAN, NAN], [NAN, NAN, NAN], -INF),
    ([NAN, 0, 0], [NAN, NAN, NAN], [NAN, NAN, NAN], NAN),
    ([NAN, INF, 0], [NAN, NAN, NAN], [NAN, NAN, NAN], NAN),
    ([0, -INF, NAN], [NAN, NAN, NAN], [NAN, NAN, NAN], NAN),
]
ANY_TEMPERATURE: list[ArrayLike] = [1, 1.0, 0, -0.0, 1e-320, 0.5, 2, 1e308, INF, [1.0], [0.0], [2.0], [INF]]


@pytest.mark.parametrize("temperature", ANY_TEMPERATURE)
@pytest.mark.parametrize(("logits", "probs", "logs", "total"), SPECIAL)
def test_special_values(
    logits: list[float], probs: list[float], logs: list[float], total: float, temperature: ArrayLike
) -> None:
    assert_allclose(softmax(logits, temperature=temperature), probs, rtol=1e-15)
    assert_allclose(log_softmax(logits, temperature=temperature), logs, rtol=1e-15)
    assert_allclose(logsumexp(logits), total, rtol=1e-15)


@pytest.mark.parametrize("temperature", ANY_TEMPERATURE)
@pytest.mark.parametrize("function", ELEMENTWISE)
def test_rows_do_not_affect_each_other(function: Function, temperature: ArrayLike) -> None:
    for logits, *_ in SPECIAL:
        rows = [logits, [1.0, 2.0, 4.0]]
        together = function(rows, temperature=temperature)
        assert_array_equal(together, [function(row, temperature=temperature) for row in rows])
        assert_array_equal(logsumexp(rows), [logsumexp(row) for row in rows])


# where


def test_where_takes_entries_out_whatever_stands_there() -> None:
    for junk in (NAN, INF, -INF, 1e308, 0.0):
        for temperature in ANY_TEMPERATURE:
            x, where = [3.0, junk, 3.0], [True, False, True]
            assert_allclose(softmax(x, where=where, temperature=temperature), [0.5, 0, 0.5], rtol=1e-15)
            logs = log_softmax(x, where=where, temperature=temperature)
            assert_allclose(logs, [-LN2, -INF, -LN2], rtol=1e-15)
        assert_allclose(logsumexp(x, where=where), 3 + LN2, rtol=1e-15)


def test_where_that_includes_nothing() -> None:
    for temperature in ANY_TEMPERATURE:
        for x in ([1.0, 2.0], [NAN, INF]):
            identical(softmax(x, where=False, temperature=temperature), np.zeros(2))
            identical(log_softmax(x, where=False, temperature=temperature), np.full(2, -INF))
            identical(logsumexp(x, where=False), np.float64(-INF))


def test_where_that_includes_only_minus_infinity() -> None:
    x, where = [-INF, 5.0, -INF], [True, False, True]
    assert_array_equal(softmax(x, where=where), [NAN, 0, NAN])
    assert_array_equal(log_softmax(x, where=where), [NAN, -INF, NAN])
    assert logsumexp(x, where=where) == -INF


@pytest.mark.parametrize("shape", [(), (1,), (4,), (3, 1), (2, 1, 4), (2, 3, 4)])
@pytest.mark.parametrize("axis", AXES)
def test_where_broadcasts_as_minus_infinity_would(shape: tuple[int, ...], axis: Axis) -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(2, 3, 4))
    where = rng.random(shape) < 0.6
    masked = np.where(where, x, -INF)
    identical(softmax(x, axis, where=where), np.nan_to_num(softmax(masked, axis), nan=0))
    identical(log_softmax(x, axis, where=where), np.nan_to_num(log_softmax(masked, axis), nan=-INF, neginf=-INF))
    identical(logsumexp(x, axis, where=where), logsumexp(masked, axis))


# out

Layout = Callable[[NDArray[Any]], tuple[NDArray[Any], NDArray[Any]]]
OVERLAPS: dict[str, Layout] = {  # of a square array: an input, and where the result goes
    "in place": lambda b: (b, b),
    "another view of the same": lambda b: (b, b[:]),
    "in place, columns first": lambda b: (b.T, b.T),
    "transposed": lambda b: (b, b.T),
    "row after": lambda b: (b[:-1], b[1:]),
    "row before": lambda b: (b[1:], b[:-1]),
    "column after": lambda b: (b[:, :-1], b[:, 1:]),
    "entry after": lambda b: (b.ravel()[:-1], b.ravel()[1:]),
    "entry before": lambda b: (b.ravel()[1:, None], b.ravel()[:-1, None]),
    "rows reversed": lambda b: (b, b[::-1]),
    "reversed": lambda b: (b, b[::-1, ::-1]),
    "in place, with gaps": lambda b: (b[::2, ::3], b[::2, ::3]),
    "narrower floats": lambda b: (b, b.view(np.float16)[:, : b.shape[1]]),
    "narrower floats behind": lambda b: (b, b.view(np.float16)[:, b.shape[1] :]),
    "wider floats": lambda b: (b[:, : b.shape[1] // 2], b[:, : b.shape[1] // 2 * 2].view(np.float64)),
    "another byte order": lambda b: (b, b.view(b.dtype.newbyteorder())),
    "ints": lambda b: (b.view(np.int16)[:, ::2], b),
}


@pytest.mark.parametrize("function", ELEMENTWISE)
@pytest.mark.parametrize("axis", [0, -1, None])
@pytest.mark.parametrize("size", [6, 400])  # as a whole, and in pieces
@pytest.mark.parametrize("overlap", OVERLAPS)
def test_out_may_lie_over_the_input(function: Function, axis: Axis, size: int, overlap: str) -> None:
    base = np.random.default_rng(6).normal(size=(size, size)).astype(np.float32)
    x, _ = OVERLAPS[overlap](base.copy())
    temperature, where = np.array(0.7), np.abs(x) > 0.1
    calls: list[dict[str, Any]] = [{}, {"temperature": temperature, "where": where}]
    for options in calls:
        x, out = OVERLAPS[overlap](base.copy())
        expected = function(x.copy(), axis, **options).astype(out.dtype)
        assert function(x, axis, out=out, **options) is out
        assert_allclose(out, expected, rtol=4 * float(np.finfo(out.dtype).eps), atol=1e-30)


@pytest.mark.parametrize("function", ELEMENTWISE)
def test_out_may_lie_over_the_temperature(function: Function) -> None:
    x = np.random.default_rng(6).uniform(1, 2, size=(400, 400))
    expected = function(x.copy(), temperature=x[:, :1].copy())
    assert_array_equal(function(x, temperature=x[:, :1], out=x), expected)


@pytest.mark.parametrize("function", ELEMENTWISE)
@pytest.mark.parametrize("size", [8, 400])  # as a whole, and in pieces
def test_out_may_lie_over_the_mask(function: Function, size: int) -> None:
    rng = np.random.default_rng(6)
    x, out = rng.normal(size=(size, size)), np.empty((size, size))
    where = out.view(bool)[:, :size]
    where[...] = rng.random(where.shape) < 0.8
    expected = function(x, where=where.copy())
    assert_array_equal(function(x, where=where, out=out), expected)


@pytest.mark.parametrize("function", ELEMENTWISE)
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_out_may_be_a_matrix_or_a_file(function: Function, axis: int, tmp_path: Path) -> None:
    x = np.random.default_rng(7).normal(size=(30, 40))
    outs: list[NDArray[Any]] = [np.matrix(np.zeros(x.shape)), np.memmap(tmp_path / "out", float, "w+", shape=x.shape)]
    for out in outs:
        assert function(x, axis, out=out) is out
        assert_array_equal(np.asarray(out), function(x, axis))


@pytest.mark.parametrize("function", ELEMENTWISE)
def test_in_place_a_file_is_not_copied(function: Function, tmp_path: Path) -> None:
    x = np.memmap(tmp_path / "x", float, "w+", shape=(2000, 1000))
    x[...] = np.random.default_rng(7).normal(size=x.shape)
    expected, view = function(x), x.copy()
    assert extra_memory(partial(function, x, out=x)) < 10
    assert_array_equal(x, expected)
    function(view, out=view[:])
    assert_array_equal(view, expected)


def test_a_temperature_for_each_slice_is_copied_once() -> None:
    x, own = np.ones((2_000_000, 2), np.float32), np.full((2_000_000, 1), 2.0)
    assert extra_memory(partial(softmax, x, temperature=own, out=np.empty_like(x))) < own.nbytes / 2**20 + 8


@pytest.mark.parametrize("function", ELEMENTWISE)
@pytest.mark.parametrize("shape", [(2, 3, 4), (60, 50, 70), (300, 40, 13)])
@pytest.mark.parametrize("axis", [0, 1, 2, (0, 2), None])
@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_out_may_have_any_order_in_memory(function: Function, shape: tuple[int, ...], axis: Axis, dtype: type) -> None:
    x: NDArray[Any] = np.random.default_rng(7).normal(size=shape).astype(dtype)
    expected = function(x, axis)
    twice: NDArray[Any] = np.empty((*shape[:2], 2 * shape[2]), dtype)
    outs: list[NDArray[Any]] = [
        np.empty(shape, dtype, order="F"),
        np.empty(shape[::-1], dtype).T,
        np.empty((shape[1], shape[0], shape[2]), dtype).transpose(1, 0, 2),
        twice[..., ::2],
        np.empty(shape, np.dtype(dtype).newbyteorder()),
        np.empty(shape, np.longdouble),
    ]
    for out in outs:
        out[...] = NAN
        assert function(x, axis, out=out) is out
        assert_allclose(
            out, expected, rtol=4 * float(np.finfo(dtype).eps), atol=float(np.finfo(dtype).smallest_subnormal)
        )
        if out.dtype == dtype:
            out[...] = x
            assert_array_equal(function(out, axis, out=out), expected)


class Loud(np.ndarray[Any, Any]):
    """An array of a class of its own."""


def test_out_of_a_subclass_is_given_back() -> None:
    out = np.zeros(2).view(Loud)
    assert softmax([0.0, 0.0], out=out) is out
    assert_array_equal(out, [0.5, 0.5])
    assert type(softmax(out)) is np.ndarray


@pytest.mark.parametrize("function", ELEMENTWISE)
def test_out_of_another_dtype_takes_the_rounded_result(function: Function) -> None:
    x = np.random.default_rng(7).normal(size=(2, 3))
    for given, wanted in product([np.float16, np.float32, np.float64], repeat=2):
        out = np.full((2, 3), NAN, wanted)
        assert function(x.astype(given), out=out) is out
        work = np.promote_types(given, np.float32)
        identical(out, function(x.astype(given).astype(work)).astype(wanted))


@pytest.mark.parametrize("function", ELEMENTWISE)
def test_out_of_every_shape(function: Function) -> None:
    for shape in [(), (0,), (2, 0), (1,), (2, 3, 4)]:
        x, out = np.ones(shape), np.full(shape, NAN)
        assert function(x, out=out) is out
        assert_array_equal(out, function(x))


# Nothing in, nothing out


EMPTY = [(0,), (0, 3), (3, 0), (2, 0, 3), (0, 0), (0, 20), (20, 0), (3, 0, 20), (0, 3, 20)]


@pytest.mark.parametrize("shape", EMPTY)
@pytest.mark.parametrize("function", [softmax, log_softmax, naive_softmax, vjp_of_itself])
def test_nothing_gives_nothing(function: Function, shape: tuple[int, ...]) -> None:
    axes: list[Axis] = [*range(len(shape)), -1, None, ()]
    for axis in axes:
        identical(function(np.zeros(shape, np.float32), axis), np.zeros(shape, np.float32))
    identical(function([]), np.zeros(0))


def test_jacobian_of_nothing() -> None:
    identical(softmax_jacobian([]), np.zeros((0, 0)))
    identical(softmax_jacobian(np.zeros((3, 0))), np.zeros((3, 0, 0)))
    identical(softmax_jacobian(np.zeros((0, 3))), np.zeros((0, 3, 3)))


@pytest.mark.parametrize("shape", EMPTY)
@pytest.mark.parametrize("keepdims", [False, True])
def test_logsumexp_of_nothing_has_the_shape_of_a_sum(shape: tuple[int, ...], keepdims: bool) -> None:
    axes: list[Axis] = [*range(len(shape)), -1, None, (), tuple(range(len(shape)))]
    for axis in axes:
        x = np.zeros(shape, np.float32)
        options: dict[str, Any] = {"axis": axis, "keepdims": keepdims}
        expected = np.full(np.sum(x, **options).shape, -INF, np.float32)
        result = logsumexp(x, **options)
        identical(result, expected)
        assert isinstance(result, np.ndarray if expected.ndim else np.float32)


def test_nothing_is_checked_like_anything_else() -> None:
    refuses(lambda: softmax([], temperature=-1), ValueError, "temperature must be >= 0")
    refuses(lambda: log_softmax([], temperature=-1), ValueError, "temperature must be >= 0")
    refuses(
        lambda: softmax([], out=np.zeros(1)),
        ValueError,
        "out must have the shape of x, (0,), got (1,)",
    )
    refuses(lambda: logsumexp([1.0], where=[0]), TypeError, "where must hold booleans")


def test_an_empty_list_is_a_mask_of_nothing() -> None:
    assert softmax([], where=[]).shape == (0,)
    assert logsumexp([], where=[]) == -INF


# Temperature


def test_temperature_of_known_values() -> None:
    assert_allclose(softmax([0.0, np.log(9)], temperature=2), [0.25, 0.75], rtol=1e-15)
    assert_allclose(softmax([0.0, np.log(9)], temperature=0.5), [1 / 82, 81 / 82], rtol=1e-15)
    assert_allclose(log_softmax([0.0, np.log(9)], temperature=2), np.log([0.25, 0.75]), rtol=1e-15)


@pytest.mark.parametrize("temperature", [0, 0.0, -0.0, np.float32(0), [0.0], [-0.0]])
def test_temperature_zero_shares_among_the_largest(temperature: ArrayLike) -> None:
    assert_array_equal(softmax([1.0, 3.0, 3.0, np.nextafter(3, 0)], temperature=temperature), [0, 0.5, 0.5, 0])
    assert_allclose(log_softmax([1.0, 3.0, 3.0], temperature=temperature), [-INF, -LN2, -LN2], rtol=1e-15)
    assert_array_equal(softmax([1e308, -1e308], temperature=temperature), [1, 0])


@pytest.mark.parametrize("temperature", [INF, np.float32(INF), [INF]])
def test_temperature_infinity_is_uniform(temperature: ArrayLike) -> None:
    quarter = [0.25, 0.25, 0, 0.25, 0.25]
    assert_array_equal(softmax([1.0, -7.0, -INF, 1e308, -1e308], temperature=temperature), quarter)
    logs = log_softmax([1.0, -7.0, -INF, 1e308, -1e308], temperature=temperature)
    assert_allclose(logs, [-2 * LN2, -2 * LN2, -INF, -2 * LN2, -2 * LN2], rtol=1e-15)


def test_temperature_of_any_size_works_on_differences() -> None:
    two_below = 1 / (1 + np.exp(2))
    smallest = 5e-324
    extremes: list[tuple[list[float], float]] = [
        ([1e308, -1e308], 1e308),
        ([1.7e308, -1.7e308], 1.7e308),
        ([2 * smallest, 0], smallest),
        ([2e-300, 0], 1e-300),
        ([1 + 2e-15, 1], (1 + 2e-15 - 1) / 2),
        ([3e-308, 1e-308], 1e-308),
    ]
    for logits, temperature in extremes:
        for given in (temperature, [temperature]):
            assert_allclose(softmax(logits, temperature=given), [1 - two_below, two_below], rtol=1e-14)
            expected = [np.log1p(-two_below), np.log(two_below)]
            assert_allclose(log_softmax(logits, temperature=given), expected, rtol=1e-14)


def test_tiny_temperature_does_not_overflow() -> None:
    for temperature in (5e-324, 1e-310, 1e-200):
        assert_array_equal(softmax([1.0, 2.0, 2.0], temperature=temperature), [0, 0.5, 0.5])
        assert_array_equal(log_softmax([1e200, 1.0, -1e308], temperature=temperature), [0, -INF, -INF])


def test_a_difference_beyond_the_largest_number_comes_back_into_range() -> None:
    for temperature in (1.5, [1.5]):
        logs = log_softmax([1e308, -1e308], temperature=temperature)
        assert_allclose(logs, [0, -1e308 / 0.75], rtol=1e-15)
    for temperature in (0.5, [0.5]):
        assert_allclose(log_softmax([1e308, 5e307], temperature=temperature), [0, -1e308], rtol=1e-15)
    assert_array_equal(log_softmax([1e308, -1e308]), [0, -INF])
    single = np.array([3e38, -3e38], np.float32)
    assert_allclose(log_softmax(single, temperature=4), [0, -1.5e38], rtol=1e-6)


def test_temperature_beyond_the_dtype_of_the_logits() -> None:
    single = np.array([3e38, -3e38], np.float32)
    smallest = np.array([2.0**-148, 0], np.float32)
    for wrap in (float, lambda t: [t], lambda t: np.array([t], np.longdouble)):
        result = softmax(single, temperature=wrap(1e300))
        assert result.dtype == np.float32
        assert_array_equal(result, [0.5, 0.5])
        assert_allclose(softmax(smallest, temperature=wrap(2.0**-149)), softmax([2.0, 0.0]), rtol=1e-6)
        assert_allclose(softmax(smallest, temperature=wrap(2.0**-151)), softmax([8.0, 0.0]), rtol=1e-6)


@pytest.mark.parametrize("function", ELEMENTWISE)
def test_temperature_may_differ_from_slice_to_slice(function: Function) -> None:
    x = np.random.default_rng(8).normal(size=(2, 3, 4))
    temperatures = np.array([[0.5], [1.0], [0.0], [2.0], [INF], [1e-300]]).reshape(2, 3, 1)
    result = function(x, temperature=temperatures)
    for place in np.ndindex(2, 3):
        identical(result[place], function(x[place], temperature=temperatures[place]))
    identical(function(x.transpose(2, 0, 1), 0, temperature=temperatures.reshape(1, 2, 3)), result.transpose(2, 0, 1))
    rows = temperatures[0]
    for i, row in enumerate(rows):
        identical(function(x, temperature=rows)[:, i], function(x[:, i], temperature=row))
    columns = np.array([1, 2, 3, 4], dtype=np.int8)  # where axes 0 and 1 are summed over, one for each entry of axis 2
    for i, column in enumerate(columns):
        expected = function(x[..., i], None, temperature=float(column))
        identical(function(x, (0, 1), temperature=columns)[..., i], expected)


@pytest.mark.parametrize("function", ELEMENTWISE)
def test_temperature_one_is_no_temperature(function: Function) -> None:
    x = np.random.default_rng(9).normal(0, 20, size=(5, 7))
    for one in (1, 1.0, np.float16(1), np.array(1.0), [1.0], np.ones((5, 1))):
        identical(function(x, temperature=one), function(x))


# What is refused, and in which words

REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: softmax([1j]), TypeError, "x must hold real numbers (bools, ints or floats), got dtype complex128"),
    (lambda: log_softmax(["a"]), TypeError, "x must hold real numbers (bools, ints or floats), got dtype <U1"),
    (
        lambda: logsumexp(np.array([None])),
        TypeError,
        "x must hold real numbers (bools, ints or floats), got objects ['NoneType']",
    ),
    (
        lambda: softmax(np.array([], object)),
        TypeError,
        "x must hold real numbers (bools, ints or floats), got objects []",
    ),
    (lambda: softmax(np.zeros(2, "m8[s]")), TypeError, "x must hold real numbers (bools, ints or floats), got dtype"),
    (lambda: softmax_jacobian(1j), TypeError, "p must hold real numbers (bools, ints or floats), got 1j"),
    (lambda: softmax_vjp([1j], [1]), TypeError, "p must hold real numbers (bools, ints or floats), got dtype"),
    (lambda: softmax_vjp([1], ["g"]), TypeError, "grad must hold real numbers (bools, ints or floats), got dtype <U1"),
    (lambda: softmax([1], temperature="hot"), TypeError, "temperature must hold real numbers (ints or floats), got "),
    (
        lambda: softmax([1], temperature=np.array(None)),
        TypeError,
        "temperature must hold real numbers (ints or floats), got ",
    ),
    (
        lambda: softmax(np.ma.array([1.0])),
        TypeError,
        "x must be a plain array, neither masked nor sparse, got MaskedArray",
    ),
    (
        lambda: softmax_jacobian(np.ma.array([1.0])),
        TypeError,
        "p must be a plain array, neither masked nor sparse, got MaskedArray",
    ),
    (
        lambda: softmax_vjp([1.0], np.ma.array([1.0])),
        TypeError,
        "grad must be a plain array, neither masked nor sparse, got MaskedArray",
    ),
    (lambda: softmax([[1.0], [1.0, 2.0]]), ValueError, "x must be a rectangular array"),
    (lambda: softmax([[1.0], [1.0, 2.0]]), ValueError, ", got list: setting an array element with a sequence"),
    (lambda: softmax_vjp([1.0], ([1.0], 2.0)), ValueError, "grad must be a rectangular array"),
    (lambda: softmax_vjp([1.0], ([1.0], 2.0)), ValueError, ", got tuple: setting an array element with a sequence"),
    (lambda: softmax([1, 2], where=[1, 0]), TypeError, "where must hold booleans, got dtype int64"),
    (lambda: logsumexp([1, 2], where=[0.5, 1]), TypeError, "where must hold booleans, got dtype float64"),
    (lambda: softmax([1, 2], where=[[True], [True, False]]), ValueError, "where must be a rectangular array"),
    (
        lambda: log_softmax(np.zeros((2, 3)), where=[True, False]),
        ValueError,
        "where must broadcast to the shape of x, (2, 3), got shape (2,)",
    ),
    (
        lambda: logsumexp([1, 2], where=[[True], [False]]),
        ValueError,
        "where must broadcast to the shape of x, (2,), got shape (2, 1)",
    ),
    (lambda: softmax([1, 2], temperature=-1), ValueError, "temperature must be >= 0, got -1.0"),
    (lambda: log_softmax([1, 2], temperature=NAN), ValueError, "temperature must be >= 0, got nan"),
    (lambda: softmax([1, 2], temperature=-INF), ValueError, "temperature must be >= 0, got -inf"),
    (lambda: softmax([1, 2], temperature=-5e-324), ValueError, "temperature must be >= 0, got -5e-324"),
    (
        lambda: softmax(np.zeros((3, 2)), temperature=[[1.0], [-2.0], [NAN]]),
        ValueError,
        "temperature must be >= 0, got -2.0",
    ),
    (
        lambda: softmax(np.zeros((2, 3)), temperature=[1.0, 2.0]),
        ValueError,
        "temperature must broadcast to one number for each slice along axis, (2, 1), got shape (2,)",
    ),
    (
        lambda: log_softmax(np.zeros((2, 3)), 0, temperature=[[1.0], [2.0]]),
        ValueError,
        "temperature must broadcast to one number for each slice along axis, (1, 3), got shape (2, 1)",
    ),
    (lambda: softmax([1, 2], out=[0.0, 0.0]), TypeError, "out must be a NumPy array, got list"),  # type: ignore[arg-type]
    (
        lambda: softmax([1, 2], out=np.zeros(3)),
        ValueError,
        "out must have the shape of x, (2,), got (3,)",
    ),
    (
        lambda: log_softmax([1, 2], out=np.zeros((1, 2))),
        ValueError,
        "out must have the shape of x, (2,), got (1, 2)",
    ),
    (lambda: softmax([1, 2], out=np.zeros(2, int)), TypeError, "out must hold floats, got dtype int64"),
    (lambda: log_softmax([1, 2], out=np.zeros(2, bool)), TypeError, "out must hold floats, got dtype bool"),
    (lambda: softmax([1, 2], out=np.zeros(2, complex)), TypeError, "out must hold floats, got dtype complex128"),
    (lambda: softmax([1, 2], out=np.zeros(2, ml_dtypes.float8_e5m2)), TypeError, "out must hold floats, got dtype flo"),
    (
        lambda: softmax([1, 2], out=np.ma.zeros(2)),
        TypeError,
        "out must be a plain array, neither masked nor sparse, got MaskedArray",
    ),
    (
        lambda: softmax([1, 2], out=np.broadcast_to(1.0, 2)),
        ValueError,
        "out must be writeable, got a read-only array",
    ),
    (lambda: softmax_vjp([1, 2], [1]), ValueError, "grad must have the shape of p, (2,), got (1,)"),
    (lambda: softmax_vjp(np.zeros((2, 3)), 1.0), ValueError, "grad must have the shape of p, (2, 3), got ()"),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED, ids=[message[:60] for *_, message in REFUSED])
def test_refused(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    refuses(call, error, message)


@pytest.mark.parametrize("dtype", [ml_dtypes.float8_e5m2, ml_dtypes.float8_e4m3fn, ml_dtypes.bfloat16])
@pytest.mark.parametrize("function", ALL)
def test_narrow_floats_of_other_packages_are_refused(function: Function, dtype: Any) -> None:
    message = "must hold real numbers (bools, ints or floats), got dtype"
    refuses(lambda: function(np.zeros(3, dtype)), TypeError, message)
    refuses(lambda: softmax_vjp(np.ones(3), np.zeros(3, dtype)), TypeError, f"grad {message}")
    refuses(
        lambda: softmax([1.0], temperature=np.ones(1, dtype)),
        TypeError,
        "temperature must hold real numbers (ints or floats), got dtype",
    )
    refuses(lambda: softmax([1.0], out=np.zeros(1, dtype)), TypeError, "out must hold floats, got dtype")


def test_a_bool_is_no_number_and_a_number_no_flag() -> None:
    bools: list[Any] = [True, False, np.True_, [True], np.array([[False]])]
    for wrong in bools:
        for function in ELEMENTWISE:
            refuses(
                partial(function, [1.0, 2.0], temperature=wrong),
                TypeError,
                "temperature must hold real numbers (ints or",
            )
    flags: list[Any] = ["no", 1, 0, None, 1.0, [True]]
    for wrong in flags:
        refuses(partial(logsumexp, [1.0], keepdims=wrong), TypeError, f"keepdims must be True or False, got {wrong!r}")
    accepted: list[tuple[Any, tuple[int, ...]]] = [(True, (1,)), (np.True_, (1,)), (False, ()), (np.False_, ())]
    for flag, shape in accepted:
        assert logsumexp([1.0], keepdims=flag).shape == shape


@pytest.mark.parametrize("function", ALL)
def test_ints_beyond_64_bits_are_named_as_such(function: Function) -> None:
    lists: list[Any] = [[10**20, 0], [[0, 2**64], [1, 2]], 10**400, [-(2**63) - 1], [0, 10**5000], [2**70, np.int8(1)]]
    for x in lists:
        message = "(as are ints beyond 64 bits): convert them with .astype(float)"
        refuses(partial(function, x), TypeError, message)
        refuses(partial(softmax, [1.0], temperature=x), TypeError, message)
    edges: list[list[int]] = [[2**64 - 1, 0], [-(2**63), 2**63 - 1]]
    for edge in edges:
        assert np.shape(function(edge))[:1] in ((2,), ())


def test_a_mask_within_a_list_is_refused() -> None:
    row = np.ma.MaskedArray([1.0, 2.0, 99.0], [False, False, True])
    for x in ([row], (row.data, row)):
        refuses(partial(softmax, x), TypeError, "x must be a plain array, neither masked nor sparse, got MaskedArray")


def test_sparse_arrays_are_refused() -> None:
    for x in (sparse.csr_array([[0.0, 1.0]]), sparse.coo_matrix([[0.0, 1.0]])):
        refuses(
            partial(softmax, x),
            TypeError,
            f"x must be a plain array, neither masked nor sparse, got {type(x).__name__}",
        )


# Good manners: what was given stays as it was, nothing is printed, threads and layouts do not matter

NASTY = [-INF, -1.7e308, -1.0, 5e-324, 1e-160, 1.0, 1e200, INF, NAN]


def test_inputs_are_never_written_to() -> None:
    x = np.array([[0.25, 0.75], [INF, NAN]])
    temperature, where, grad = np.array([[0.0], [2.0]]), np.array([[True, False]]), np.array([[1.0, 2.0], [3.0, 4.0]])
    given = [x, temperature, where, grad]
    before = [array.copy() for array in given]
    axes: list[Axis] = [0, 1, None, ()]
    for axis in axes:
        softmax(x, axis)
        log_softmax(x, axis)
        logsumexp(x, axis, where=where)
        naive_softmax(x, axis)
        softmax_vjp(x, grad, axis)
    softmax(x, temperature=temperature, where=where)
    log_softmax(x, temperature=temperature, where=where)
    softmax(1.0, temperature=np.array(0.0))
    softmax_jacobian(x)
    for array, copy in zip(given, before, strict=True):
        assert_array_equal(array, copy)


def test_results_share_no_memory_with_inputs() -> None:
    x = np.array([[1.0, 2.0]])
    for function in ALL:
        result = function(x)
        assert not np.shares_memory(result, x)
        assert result.flags.writeable


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("function", ALL)
def test_no_numpy_warning_escapes(function: Function, dtype: type) -> None:
    with np.errstate(all="ignore"):
        nasty: NDArray[Any] = np.array(list(product(NASTY, repeat=2))).astype(dtype)
    options: list[dict[str, Any]] = [{}]
    if function in ELEMENTWISE:
        options += [{"temperature": t} for t in ANY_TEMPERATURE]
        options += [{"where": False}, {"out": np.zeros((1, 2), np.float16)}]
    # One row at a time, since a row with +inf sends the whole array another way.
    for state, option in product(("raise", "warn"), options):
        with np.errstate(all=state), warnings.catch_warnings(action="error"):
            for row in nasty:
                function(row[None], **option)
            assert set(np.geterr().values()) == {state}, f"{function.__name__} changed the error state of its caller"


def test_refusing_leaves_the_error_state_alone() -> None:
    with np.errstate(all="raise"):
        for call, error, _ in REFUSED:
            with pytest.raises(error):
                call()
            assert set(np.geterr().values()) == {"raise"}


@pytest.mark.parametrize("function", ALL)
def test_threads_do_not_disturb_each_other(function: Function) -> None:
    rng = np.random.default_rng(10)
    inputs = [rng.random(size=(int(rows), 30)) for rows in rng.integers(1, 40, size=200)]
    with ThreadPoolExecutor(8) as pool:
        for result, x in zip(pool.map(function, inputs), inputs, strict=True):
            identical(result, function(x))


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize("axis", [0, 1, 2, (2, 0), None])
@pytest.mark.parametrize("shape", [(4, 20, 30), (90, 30, 60), (4, 50_000, 3)])
def test_layout_in_memory_does_not_matter(function: Function, axis: Axis, shape: tuple[int, ...]) -> None:
    def call(x: NDArray[Any]) -> Any:
        return function(x[:4, :4]) if function is softmax_jacobian else function(x, axis)

    x = np.random.default_rng(11).random(shape)
    expected = call(x)
    twice = np.repeat(x, 2, axis=1)
    frozen = x.copy()
    frozen.flags.writeable = False
    layouts = [
        np.asfortranarray(x),
        twice[:, ::2],
        x[::-1, ::-1, ::-1].copy()[::-1, ::-1, ::-1],
        np.ascontiguousarray(x.transpose(1, 2, 0)).transpose(2, 0, 1),
        frozen,
        x.astype(x.dtype.newbyteorder()),
    ]
    for same in layouts:
        assert_array_equal(same, x)
        assert_allclose(call(same), expected, rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("function", STABLE)
def test_one_row_for_all(function: Function) -> None:
    x: NDArray[Any] = np.broadcast_to(np.array([1.0, 2.0, 4.0]), (5, 3))
    identical(function(x), function(x.copy()))
    identical(function(x, 0), function(x.copy(), 0))


# Large arrays, which go in pieces

LARGE: list[tuple[tuple[int, ...], Axis]] = [
    ((400, 500), 0),
    ((400, 500), 1),
    ((400, 500), None),
    ((400, 500), ()),
    ((60, 50, 70), 1),
    ((60, 50, 70), (0, 2)),
    ((60, 50, 70), (1, 2)),
    ((200_001,), 0),
    ((3, 70_000), 1),
    ((3, 70_000), 0),
    ((70_000, 3), 0),
    ((70_000, 3), 1),
    ((4_100, 33), 1),
    ((4_100, 32), 1),
    ((150_000, 1), 1),
    ((700, 70, 3), 2),
    ((2, 70_000, 2), 1),
    ((7, 3, 3, 2_500), (0, 2)),
]


def along(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    return tuple(range(len(shape))) if axis is None else tuple(np.atleast_1d(np.array(axis, int)) % len(shape))


def slices_of(x: NDArray[Any], axis: Axis) -> NDArray[Any]:
    """Give the slices along some axes as rows."""
    axes = along(x.shape, axis)
    moved = np.moveaxis(x, axes, range(x.ndim - len(axes), x.ndim))
    return moved.reshape(-1, int(np.prod([x.shape[i] for i in axes])))


def from_slices(rows: NDArray[Any], shape: tuple[int, ...], axis: Axis) -> NDArray[Any]:
    """Put rows back to where `slices_of` took them from; rows of one entry give an array with length 1 along axis."""
    axes = along(shape, axis)
    others = [n for i, n in enumerate(shape) if i not in axes]
    lengths = [shape[i] if rows.shape[-1] > 1 else 1 for i in axes]
    return np.moveaxis(rows.reshape(*others, *lengths), range(len(others), len(shape)), axes).copy()


def formulas(rows: NDArray[Any], where: NDArray[Any], temperature: Any) -> list[NDArray[Any]]:
    """Work out softmax, log_softmax and, at T = 1, logsumexp of rows in more digits than are asked for."""
    wide: NDArray[Any] = np.where(where, rows, -INF).astype(np.longdouble)
    top = wide.max(axis=-1, keepdims=True)
    z = (wide - top) / temperature
    total = np.exp(z).sum(axis=-1, keepdims=True)
    return [np.exp(z) / total, z - np.log(total), top + np.log(total)]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(("shape", "axis"), LARGE)
def test_large_arrays_follow_the_formula(shape: tuple[int, ...], axis: Axis, dtype: type) -> None:
    rng = np.random.default_rng(sum(shape))
    x: NDArray[Any] = rng.uniform(-3, 3, size=shape).astype(dtype)
    eps = float(np.finfo(dtype).eps)
    near: Callable[..., None] = partial(assert_allclose, rtol=24 * eps, atol=np.finfo(dtype).smallest_subnormal)
    rows = slices_of(x, axis)
    some = rng.random(rows.shape) < 0.8
    some[:, 0] = True
    scales = rng.uniform(0.5, 2, size=(len(rows), 1))
    where, temperature = from_slices(some, shape, axis), from_slices(scales, shape, axis)
    probs, logs, totals = formulas(rows, np.ones(rows.shape, bool), 1)
    near(slices_of(softmax(x, axis), axis), probs)
    near(slices_of(log_softmax(x, axis), axis), logs)
    near(np.ravel(logsumexp(x, axis)), totals[:, 0], atol=2 * eps)
    probs, logs, _ = formulas(rows, some, scales)
    near(slices_of(softmax(x, axis, where=where, temperature=temperature), axis), probs)
    near(slices_of(log_softmax(x, axis, where=where, temperature=temperature), axis), logs)
    near(np.ravel(logsumexp(x, axis, where=where)), formulas(rows, some, 1)[2][:, 0], atol=2 * eps)
    p = softmax(x, axis)
    q, pull = slices_of(p, axis).astype(np.longdouble), slices_of(x[::-1], axis)
    error = np.abs(slices_of(softmax_vjp(p, x[::-1], axis), axis) - q * (pull - (q * pull).sum(axis=-1, keepdims=True)))
    assert np.all(error <= 40 * eps * q + float(np.finfo(dtype).smallest_subnormal))


@pytest.mark.parametrize(("shape", "axis"), LARGE)
def test_a_large_array_goes_as_its_slices_go_alone(shape: tuple[int, ...], axis: Axis) -> None:
    rng = np.random.default_rng(sum(shape))
    x = rng.normal(size=shape)
    rows = slices_of(x, axis)
    picked = sorted({0, len(rows) - 1, *rng.integers(len(rows), size=12)})
    for i, junk in zip(picked, (NAN, INF, -INF, 1e308, -1e308) * 3, strict=False):
        rows[i, rng.integers(rows.shape[-1])] = junk
    rows[picked[1 % len(picked)]] = -INF
    some = rng.random(rows.shape) < 0.7
    some[picked[2 % len(picked)]] = False
    scales = rng.choice([0.0, 1.0, 0.3, 2.0, INF], size=(len(rows), 1))
    x, where, temperature = (from_slices(array, shape, axis) for array in (rows, some, scales))
    for function in ELEMENTWISE:
        plain = slices_of(function(x, axis), axis)
        masked = slices_of(function(x, axis, where=where), axis)
        warm = slices_of(function(x, axis, where=where, temperature=temperature), axis)
        for i in picked:
            assert_allclose(plain[i], function(rows[i]), rtol=1e-13)
            assert_allclose(masked[i], function(rows[i], where=some[i]), rtol=1e-13)
            assert_allclose(warm[i], function(rows[i], where=some[i], temperature=scales[i]), rtol=1e-13)
    totals, parts = np.ravel(logsumexp(x, axis)), np.ravel(logsumexp(x, axis, where=where))
    for i in picked:
        assert_allclose(totals[i], logsumexp(rows[i]), rtol=1e-13)
        assert_allclose(parts[i], logsumexp(rows[i], where=some[i]), rtol=1e-13)


@pytest.mark.parametrize("junk", [NAN, INF, -INF])
@pytest.mark.parametrize(("shape", "axis"), [*LARGE, ((6, 7), 0), ((6, 7), 1), ((2, 3, 4), (0, 2))])
def test_an_infinity_or_nan_touches_its_own_slice_alone(shape: tuple[int, ...], axis: Axis, junk: float) -> None:
    x = np.random.default_rng(1).normal(size=shape)
    rows = slices_of(x, axis)
    touched = rows.copy()
    touched[len(rows) // 2] = junk
    y = from_slices(touched, shape, axis)
    others = np.arange(len(rows)) != len(rows) // 2
    for function in ELEMENTWISE:
        one, other = (slices_of(function(array, axis), axis) for array in (x, y))
        assert_allclose(other[others], one[others], rtol=1e-14)
        assert_array_equal(np.isnan(other[~others]), np.full_like(rows[~others], junk != INF))
    one, other = (np.ravel(logsumexp(array, axis)) for array in (x, y))
    assert_allclose(other[others], one[others], rtol=1e-14)
    assert_array_equal(other[~others], np.full(np.sum(~others), junk))


# Memory


def allowed(shape: tuple[int, ...], axis: Axis, dtype: Any) -> float:
    """Tell how many MiB may be taken beyond the result: 6, and 4 copies of what has to be taken at once.

    That is one slice, or 1,024 of them along an axis that is not the last.
    """
    axes = along(shape, axis)
    length = int(np.prod([shape[i] for i in axes]))
    slices = 1 if len(shape) - 1 in axes else min(1024, int(np.prod(shape)) // length)
    width = 4 if np.dtype(dtype).name in ("float16", "float32") else 8
    return 6 + 4 * width * slices * length / 2**20


@pytest.mark.parametrize(
    ("shape", "axis", "dtype"),
    [
        ((2_500_000,), 0, "f4"),
        ((5_000_000,), 0, "f2"),
        ((1_500_000, 2), -1, "f8"),
        ((3_000_000, 2), -1, ">f4"),
        ((1_500_000, 2), 0, "f8"),
        ((2, 1_500_000), 0, "f8"),
        ((2, 1_500_000), 0, "i1"),
        ((1200, 2000), -1, "f8"),
        ((1200, 2000), -1, "?"),
        ((4000, 2000), 0, "f2"),
        ((1500, 4000), 0, ">f4"),
        ((1200, 2000), 0, "i1"),
        ((1, 3, 1000, 1000), 1, "f8"),
        ((1, 3, 1000, 1000), 1, "i8"),
        ((80_000, 6, 5), 1, ">f8"),
        ((70, 30, 1000), (0, 2), "i2"),
        ((1500, 2000), None, "f4"),
    ],
)
def test_memory(shape: tuple[int, ...], axis: Axis, dtype: str) -> None:
    x = np.ones(shape, dtype)
    out = np.ones(shape, np.float64 if x.dtype.kind in "bi" else x.dtype.newbyteorder("="))
    most, mask = allowed(shape, axis, out.dtype), np.ones(shape, bool)
    calls: list[Callable[[], Any]] = [
        lambda: softmax(x, axis),
        lambda: log_softmax(x, axis),
        lambda: logsumexp(x, axis, where=mask),
        lambda: softmax_vjp(x, x, axis),
        lambda: softmax(x, axis, temperature=0.5, where=mask),
        lambda: log_softmax(x, axis, temperature=2.0, where=mask[..., :1], out=out),
        lambda: log_softmax(out, axis, out=out),
        lambda: softmax(out, axis, temperature=np.array(0.5), out=out),
    ]
    found = [extra_memory(call) for call in calls]
    assert max(found) <= most, f"the calls take {found} MiB, {most} are allowed"


# Derivatives


def test_nothing_flows_to_what_has_no_probability() -> None:
    for junk in (NAN, INF, -INF, 1e308):
        for p, grad in [([0.25, 0.75, 0.0], [1.0, 2.0, junk]), ([0.0, 0.25, 0.75], [junk, 1.0, 2.0])]:
            kept = np.array(p) > 0
            result = softmax_vjp(p, grad)
            assert_allclose(result[kept], [-0.1875, 0.1875], rtol=1e-15)
            assert_array_equal(result[~kept], [0])
            assert_array_equal(softmax_vjp([p, [0.5, 0.25, 0.25]], [grad, [1.0, 2.0, 3.0]])[0], result)
    assert_array_equal(softmax_vjp([0.0, 0.0], [NAN, 1.0]), [0, 0])
    assert np.isnan(softmax_vjp([0.5, 0.5], [NAN, 1.0])).all()


def test_derivatives_keep_their_digits_where_one_option_is_nearly_certain() -> None:
    small = np.exp(-50)  # p is (1 − small, small) to all digits
    p = softmax([50.0, 0.0])
    assert_allclose(softmax_jacobian(p), [[small, -small], [-small, small]], rtol=1e-14)
    assert_allclose(softmax_vjp(p, [1.0, 0.0]), [small, -small], rtol=1e-14)
    assert_allclose(softmax_vjp(p, [1e9 + 1, 1e9]), [small, -small], rtol=1e-14)
