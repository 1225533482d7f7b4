"""The compiled functions: the laws and edges of the core hold for them, and they compile once."""

import importlib.util
import json
import math
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal

import minisoftmax
from minisoftmax import core
from tests.laws import law, refuses

pytest.importorskip("numba", reason="numba is not installed")
from minisoftmax import compiled

NAMES = ("softmax", "log_softmax", "logsumexp")


def close(got: Any, expected: Any, eps: float = 4) -> None:
    """Assert that results agree in shape and dtype, to so many eps, and below the normal numbers to one step."""
    assert (np.shape(got), np.asarray(got).dtype) == (np.shape(expected), np.asarray(expected).dtype)
    info = np.finfo(np.asarray(got).dtype)
    assert_allclose(got, expected, rtol=eps * float(info.eps), atol=float(info.smallest_subnormal))


def near(got: Any, expected: Any, **_: Any) -> None:
    """Stand in for `assert_array_equal`: the kernel and the core differ in their last digits."""
    got, expected = np.asarray(got), np.asarray(expected)
    slack = max((4 * float(np.finfo(a.dtype).eps) for a in (got, expected) if a.dtype.kind == "f"), default=0)
    assert_allclose(np.asarray(got, float), np.asarray(expected, float), rtol=slack, atol=1e-307)


def over_compiled(file: str) -> dict[str, Any]:
    """Load the tests of the core once more, with the compiled functions in their place."""
    spec = importlib.util.spec_from_file_location(f"compiled_{file}", Path(__file__).with_name(f"{file}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        for name in NAMES:
            patch.setattr(minisoftmax, name, getattr(compiled, name))
        spec.loader.exec_module(module)
    vars(module).update(assert_array_equal=near, identical=close)
    return {f"{name}_compiled": test for name, test in vars(module).items() if name.startswith("test_")}


for file in ("test_core", "test_properties", "test_reference"):
    globals().update(over_compiled(file))

# What the core promises of itself alone: what it imports and offers, its memory, that it is as accurate as SciPy, and
# two results that are the same to the bit, of which the kernel makes one: their logarithms cancel, or a float32 is a
# float64 rounded once more.
for name in (
    "test_import_brings_nothing_but_numpy",
    "test_package_offers_all_of_core",
    "test_memory",
    "test_in_place_a_file_is_not_copied",
    "test_a_temperature_for_each_slice_is_copied_once",
    "test_softmax_is_as_accurate_as_scipy",
    "test_softmax_of_any_floats_is_as_accurate_as_scipy",
    "test_where_broadcasts_as_minus_infinity_would",
    "test_out_of_another_dtype_takes_the_rounded_result",
    # Long, and of what the core does to be quick; the kernels' own shapes and orders come below.
    "test_layout_in_memory_does_not_matter",
    "test_large_arrays_follow_the_formula",
    "test_out_may_have_any_order_in_memory",
):
    del globals()[f"{name}_compiled"]


# Agreement with the core

SHAPES: list[tuple[tuple[int, ...], Any]] = [
    ((10,), -1),
    ((300,), -1),
    ((1, 50257), -1),
    ((32, 10), -1),
    ((1500, 3), -1),
    ((40, 1000), -1),
    ((100, 90), 0),
    ((2000, 3), 0),
    ((3000, 70), 0),
    ((70_000, 2), -1),
    ((500, 2000), 0),
    ((3, 40, 1300), 1),
    ((200, 8, 16), 1),
    ((4, 21, 30, 30), 1),
    ((300, 8, 3), 1),
    ((40, 32, 15), 1),
    ((9, 70, 1), 1),
    ((60_000, 40), 0),
    ((3, 5, 4, 6), (1, 2)),
    ((3, 5, 4, 6), (0, 2)),
    ((7, 6), None),
]


def rows(shape: tuple[int, ...], dtype: Any, scale: float = 3) -> Any:
    """Give logits whose differences are exact, so that all errors are a function's own."""
    return (np.random.default_rng(0).normal(0, scale, shape) * 64).round().astype(dtype) / np.dtype(dtype).type(64)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("shape", "axis"), SHAPES)
def test_results_are_those_of_the_core(shape: tuple[int, ...], axis: Any, dtype: type, name: str) -> None:
    x = rows(shape, dtype)
    expected = getattr(core, name)(x.astype(np.longdouble), axis).astype(dtype)
    for array in (x, np.asfortranarray(x), np.repeat(x, 2, axis=0)[::2], x[::-1][::-1]):
        result = getattr(compiled, name)(array, axis)
        atol = 4 * float(np.finfo(dtype).eps) * (name == "logsumexp")  # near 0 the problem is ill-conditioned
        assert result.dtype == dtype
        assert_allclose(result, expected, rtol=5 * float(np.finfo(dtype).eps), atol=atol)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("temperature", [0, 5e-324, 1e-30, 0.1, np.float16(0.7), np.array(0.7), 3, 1e6, 1e300])
@pytest.mark.parametrize(
    ("shape", "axis"), [((5, 700), -1), ((90, 7), 0), ((90, 70), 0), ((40, 6), -1), ((20, 5, 3), 1)]
)
def test_a_temperature_rounds_as_in_the_core(shape: tuple[int, ...], axis: int, temperature: Any, dtype: type) -> None:
    x: Any = np.random.default_rng(1).normal(0, 30, shape).astype(dtype)
    for name in ("softmax", "log_softmax"):
        expected = getattr(core, name)(x, axis, temperature=temperature)
        close(getattr(compiled, name)(x, axis, temperature=temperature), expected, eps=5)


def test_a_temperature_is_for_the_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "_normalize", None)
    arrays: list[Any] = [np.zeros((3, 50)), np.zeros((50, 40), np.float32).T, np.zeros((30, 2))]
    for x in arrays:
        for axis in (0, 1):
            assert_allclose(compiled.softmax(x, axis, temperature=0.7), 1 / x.shape[axis], rtol=1e-6)
            assert_allclose(compiled.log_softmax(x, axis, temperature=2), -math.log(x.shape[axis]), rtol=1e-6)


def test_temperatures_that_differ_or_are_infinite() -> None:
    x, temperatures = rows((40, 300), np.float32), np.linspace(0, 3, 40)
    for temperature, axis in ((temperatures[:, None], 1), (np.resize(temperatures, (1, 300)), 0), (math.inf, 1)):
        expected = core.softmax(x, axis, temperature=temperature)
        assert_array_equal(compiled.softmax(x, axis, temperature=temperature), expected)


def test_logits_may_be_farther_apart_than_any_number() -> None:
    for dtype in (np.float32, np.float64):
        far = np.finfo(dtype).max
        x = np.tile(np.array([far, -far, -np.inf], dtype), (40, 1))
        for array, axis in ((x, 1), (x.T, 0), (x[0], 0)):
            expected = core.log_softmax(array, axis, temperature=float(far) / 4)
            assert np.moveaxis(expected, axis, -1).flat[1] == pytest.approx(-8, rel=1e-3)
            close(compiled.log_softmax(array, axis, temperature=float(far) / 4), expected)


@pytest.mark.parametrize(("dtype", "far"), [(np.float32, 104), (np.float64, 746)])
def test_every_exponential_is_right_to_the_smallest(dtype: type, far: int) -> None:
    x: Any = np.append(-np.geomspace(1e-6, far, 20_000), -np.linspace(0, far, 20_000)).astype(dtype)
    pairs = np.stack([x, np.zeros_like(x)], axis=-1)
    exact = 1 / (1 + np.exp(-x.astype(np.longdouble)))
    for got in (compiled.softmax(pairs)[:, 0], compiled.softmax(np.ascontiguousarray(pairs.T), 0)[0]):
        info = np.finfo(dtype)
        assert np.all(np.abs(got - exact) <= 2 * info.eps * exact + info.smallest_subnormal)
    assert compiled.softmax(np.array([-2.0 * far, 0], dtype))[0] == 0


@law
@given(
    hnp.arrays(np.float32, hnp.array_shapes(max_dims=3, max_side=9), elements=st.floats(-60, 60, width=32)),
    st.integers(0, 9),
    st.sampled_from([np.nan, -np.nan, np.inf, -np.inf, 3e38, -3e38]),
)
def test_an_odd_entry_goes_as_in_the_core(x: Any, place: int, junk: float) -> None:
    x = x.copy()
    x.flat[place % x.size] = junk
    for axis in range(x.ndim):
        for name in NAMES:
            result, expected = getattr(compiled, name)(x, axis), getattr(core, name)(x, axis)
            assert_array_equal(np.isfinite(result), np.isfinite(expected))
            atol = 2e-5 if name == "logsumexp" else 2.0**-149
            assert_allclose(result, expected, rtol=150 * 2.0**-23, atol=atol)


def test_an_odd_slice_leaves_the_others_as_they_are() -> None:
    x = rows((50, 200), np.float64)
    before = compiled.softmax(x)
    x[7, 3], x[9, 9] = np.nan, np.inf
    after = compiled.softmax(x)
    assert np.isnan(after[7]).all()
    assert_array_equal(after[9], np.arange(200) == 9)
    keep = np.setdiff1d(np.arange(50), [7, 9])
    assert_array_equal(after[keep], before[keep])


def test_the_logarithm_keeps_the_digits_of_a_dominant_logit() -> None:
    for dtype, small in ((np.float32, 60), (np.float64, 600)):
        rows = np.tile(np.array([small, 0, 1], dtype), (100, 1))
        for logs in (
            compiled.log_softmax(rows)[:, 0],
            compiled.log_softmax(rows.T, 0)[0],
            compiled.log_softmax(rows[0]),
        ):
            assert_allclose(logs.flat[0], -(math.exp(-small) + math.exp(1 - small)), rtol=1e-6)


def test_ties_beyond_what_float32_counts() -> None:
    n = 2**24 + 2**22
    for axis, shape in ((0, (n, 2)), (1, (2, n))):
        assert_allclose(compiled.logsumexp(np.zeros(shape, np.float32), axis), np.full(2, math.log(n)), rtol=1e-7)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_results_do_not_depend_on_where_arrays_lie_in_memory(dtype: type) -> None:
    memory: Any = np.empty(400, dtype)
    for n in (11, 40, 90):
        x = memory[:n]
        x[:] = np.random.default_rng(n).normal(0, 3, n)
        for function in (compiled.softmax, compiled.log_softmax):
            expected = function(x)
            for gap in range(100):
                assert_array_equal(function(x, out=memory[n + gap : 2 * n + gap]), expected)


def test_arguments_of_another_function_are_refused() -> None:
    refuses(lambda: compiled.logsumexp([1.0], temperature=1.0), TypeError, "temperature")  # type: ignore[call-arg]


# Threads


def test_the_number_of_threads_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes: list[tuple[tuple[int, ...], int]] = [
        ((700, 1000), -1),
        ((1000, 700), 0),
        ((3, 300, 400), 1),
        ((60, 300, 100), 1),
        ((100, 300, 120), 1),
        ((100_000, 3), -1),
    ]
    for shape, axis in shapes:
        x = rows(shape, np.float32)
        results = []
        for number in ("1", "2", "5", ""):
            monkeypatch.setenv("MINISOFTMAX_NUM_THREADS", number)
            results.append(compiled.softmax(x, axis))
        for result in results:
            assert_array_equal(result, results[0])


@pytest.mark.parametrize("wrong", ["0", "-1", "two", "1.5"])
def test_a_wrong_number_of_threads_is_refused(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("MINISOFTMAX_NUM_THREADS", wrong)
    message = f"MINISOFTMAX_NUM_THREADS must be an int >= 1, got {wrong}"
    refuses(lambda: compiled.softmax(np.zeros((1000, 1000))), ValueError, message)


def test_calls_from_many_threads_do_not_disturb_each_other() -> None:
    arrays = [rows((400, 500), np.float64) + k for k in range(8)]
    expected = [compiled.softmax(x) for x in arrays]
    with ThreadPoolExecutor(8) as pool:
        for result, right in zip(pool.map(compiled.softmax, arrays * 5), expected * 5, strict=True):
            assert_array_equal(result, right)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_fork_has_threads_of_its_own() -> None:
    script = """
import os, numpy as np
from minisoftmax.compiled import softmax
x = np.ones((1000, 1000))
softmax(x)
child = os.fork()
if not child:
    os._exit(int(abs(softmax(x).sum() - 1000) > 1e-6))
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""
    environment = {**os.environ, "MINISOFTMAX_NUM_THREADS": "3", "PYTHONWARNINGS": "ignore"}
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120, env=environment)


# Compiled once

COUNT = """
import json, numpy as np
from numba.core import event
with event.install_recorder("numba:compile") as compiled:
    from minisoftmax.compiled import softmax, logsumexp
    found = [float(softmax(np.zeros(4, "f4"))[0]), float(logsumexp(np.zeros((9, 3, 2), "f4"), 1)[0, 0])]
print(json.dumps([len(compiled.buffer), found]))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the package alone, without what was compiled before."""
    folder = tmp_path_factory.mktemp("packages")
    shutil.copytree(
        Path(compiled.__file__).parent, folder / "minisoftmax", ignore=shutil.ignore_patterns("__pycache__")
    )
    return folder


def compilations(folder: Path, **environment: str) -> int:
    """Call the functions in a process of its own, and tell how often numba compiled."""
    own = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"} | environment
    done = subprocess.run(
        [sys.executable, "-c", COUNT], cwd=folder, env=own, capture_output=True, text=True, check=True
    )
    count, found = json.loads(done.stdout)
    assert found == pytest.approx([0.25, math.log(3)])
    return int(count)


def test_a_second_process_compiles_nothing() -> None:
    for x in (np.zeros(4, "f4"), np.zeros((9, 3, 2), "f4")):
        compiled.softmax(x, 0)
    assert compilations(Path(compiled.__file__).parents[1]) == 0


def test_where_nothing_can_be_written_to_it_works_all_the_same(copy: Path, tmp_path: Path) -> None:
    cache, home = copy / "minisoftmax" / "__pycache__", tmp_path / "file"
    for path in (cache, home):
        path.touch()  # where a folder should be: not even root can write there
    assert compilations(copy, HOME=str(home), XDG_CACHE_HOME=str(home), NUMBA_OPT="0") > 0


def test_without_numba_the_message_says_what_to_install() -> None:
    script = "import sys; sys.modules['numba'] = None; import minisoftmax; import minisoftmax.compiled"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert 'ImportError: minisoftmax.compiled needs numba: pip install "minisoftmax[compiled]"' in done.stderr
