"""Softmax of Dask arrays on a real cluster: any chunks, little memory, and a worker that dies."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from minisoftmax import core
from tests.laws import refuses

pytest.importorskip("distributed", reason="dask.distributed is not installed")
import dask
import dask.array as da
from dask.distributed import Client, LocalCluster

from minisoftmax import distributed

NAMES = ("softmax", "log_softmax", "logsumexp")
pytestmark = pytest.mark.filterwarnings("ignore")  # of a cluster that is stopped


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Start two workers, each a process of its own, and stop them."""
    settings: Any = {"n_workers": 2, "threads_per_worker": 1, "memory_limit": "300MiB", "dashboard_address": None}
    with LocalCluster(processes=True, **settings) as cluster, Client(cluster) as client:
        yield client


CASES: list[tuple[Any, Any, Any]] = [
    ((100,), (7,), -1),
    ((100,), ((1, 98, 1),), 0),
    ((30, 41), (7, 20), -1),
    ((30, 41), (11, 40), 0),
    ((30, 41), ((1, 29), (40, 1)), None),
    ((5, 6, 7), (2, 4, 3), (0, 2)),
    ((5, 6, 7), (5, 6, 7), 1),
    ((4, 0), (2, 1), -1),
    ((), (), -1),
]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64])
def test_results_are_those_of_the_core(client: Client, dtype: type) -> None:
    rtol = max(1e-12, 4 * float(np.finfo(dtype).eps) if np.dtype(dtype).kind == "f" else 0)
    lazy, expected = [], []
    for shape, chunks, axis in CASES:
        x = np.random.default_rng(0).normal(0, 5, shape).astype(dtype)
        lazy += [getattr(distributed, name)(da.from_array(x, chunks=chunks), axis) for name in NAMES]
        expected += [getattr(core, name)(x, axis) for name in NAMES]
    for promised, result, right in zip(lazy, dask.compute(*lazy), expected, strict=True):
        assert (promised.shape, promised.dtype) == (result.shape, result.dtype) == (np.shape(right), right.dtype)
        assert_allclose(result, right, rtol=rtol, atol=rtol * (right.ndim < 3))


def test_special_values_in_any_chunk(client: Client) -> None:
    inf, nan = np.inf, np.nan
    rows = [[0, -inf, 0, 0], [inf, 0, 1, inf], [-inf] * 4, [0, nan, 1, 2], [900, 0, -900, 0], [1e308, -1e308, 0, 0]]
    x = da.from_array(np.array(rows), chunks=(2, 1))
    for name, result in zip(NAMES, dask.compute(*(getattr(distributed, name)(x) for name in NAMES)), strict=True):
        assert_allclose(result, getattr(core, name)(np.array(rows)), rtol=1e-12)


@pytest.mark.parametrize("keep", [False, True])
def test_arrays_that_are_themselves_computed(client: Client, keep: bool) -> None:
    sources = [da.arange(60, chunks=7) / 10, da.random.default_rng(0).normal(size=60, chunks=7) * 3, da.ones(60) + 1]
    sources = [x.rechunk(11)[::-1] if i else x for i, x in enumerate(sources)]
    for x in dask.persist(*sources) if keep else sources:
        p, largest, exact = dask.compute(distributed.softmax(x), distributed.softmax(x).max(), x)
        assert_allclose(p, core.softmax(exact), rtol=1e-12)
        assert largest == p.max()


def test_the_graph_grows_as_the_number_of_chunks() -> None:
    sizes = [len(distributed.softmax(da.zeros(n, chunks=1)).__dask_graph__()) for n in (100, 1000)]
    assert sizes[1] / sizes[0] < 11
    assert sizes[1] < 6 * 1000


def test_nothing_is_computed_before_it_is_asked_for() -> None:
    def fail(block: Any) -> Any:
        raise AssertionError("computed")

    x = da.zeros((8, 8), chunks=4).map_blocks(fail, dtype=float, meta=np.empty((0, 0)))
    for name in NAMES:
        lazy = getattr(distributed, name)(x)
        with pytest.raises(AssertionError, match="computed"):
            lazy.compute(scheduler="synchronous")


def test_a_row_larger_than_all_workers(client: Client) -> None:
    n = 80_000_000  # 640 MB, through twice 300 MiB
    x = da.arange(n, chunks=1_000_000) % 100 / 10
    total, largest = da.compute(*(function(distributed.softmax(x)) for function in (da.sum, da.max)))
    assert_allclose(total, 1, rtol=1e-12)
    assert_allclose(largest, core.softmax(np.arange(100) / 10).max() / (n / 100), rtol=1e-12)


def test_a_worker_that_dies_costs_a_retry(client: Client, tmp_path: Path) -> None:
    begun, dead = tmp_path / "begun", tmp_path / "dead"
    begun.mkdir()

    def halfway(block: Any) -> Any:
        """Let ten blocks through; the others wait until a worker is dead."""
        (begun / uuid.uuid4().hex).touch()
        while len([*begun.iterdir()]) > 10 and not dead.exists():
            time.sleep(0.01)
        return block

    x = np.random.default_rng(0).normal(0, 3, (4, 2000))
    pids = client.run(os.getpid)
    lazy = distributed.softmax(da.from_array(x, chunks=(2, 100)).map_blocks(halfway, dtype=float, meta=x[:0]))
    future = client.compute(lazy)
    while len([*begun.iterdir()]) <= 10:
        time.sleep(0.01)
    assert not future.done()
    os.kill(next(iter(pids.values())), getattr(signal, "SIGKILL", signal.SIGTERM))  # Windows has one alone
    dead.touch()
    assert_allclose(future.result(timeout=120), core.softmax(x), rtol=1e-12)


def test_bad_arguments() -> None:
    x = da.zeros((4, 6), chunks=(2, 3))
    unknown = x[da.ones(4, chunks=2) > 0]
    for name in NAMES:
        function = getattr(distributed, name)
        refuses(lambda: function(np.zeros(3)), TypeError, "x must be a Dask array, got ndarray")  # noqa: B023
        refuses(lambda: function(unknown), ValueError, "x must have chunks of known sizes")  # noqa: B023
        refuses(lambda: function(x, 2), np.exceptions.AxisError, "axis 2 is out of bounds")  # noqa: B023
        refuses(lambda: function(x.astype(complex)), TypeError, "x must hold real numbers")  # noqa: B023


def test_without_dask_the_message_says_what_to_install() -> None:
    script = "import sys; sys.modules['dask'] = None; import minisoftmax; import minisoftmax.distributed"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert 'ImportError: minisoftmax.distributed needs Dask: pip install "minisoftmax[distributed]"' in done.stderr
