"""Tests that others wrote for softmax: SciPy's own, and the conformance cases of ONNX."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
import pytest
from numpy.typing import ArrayLike, NDArray

import minisoftmax
from tests.package.onnx_cases import Case, onnx_cases

Function = Callable[..., NDArray[Any]]
Axis = int | tuple[int, ...] | None

ROOT = Path(__file__).parents[2]


# SciPy: the default axis is the only difference between its signature and ours.


def whole_softmax(x: ArrayLike, axis: Axis = None) -> NDArray[Any]:
    return minisoftmax.softmax(x, axis)


def whole_log_softmax(x: ArrayLike, axis: Axis = None) -> NDArray[Any]:
    return minisoftmax.log_softmax(x, axis)


def overflowing(x: ArrayLike, axis: Axis = None) -> NDArray[Any]:
    return minisoftmax.naive_softmax(x, axis)


def deaf_to_axis(x: ArrayLike, axis: Axis = None) -> NDArray[Any]:
    return minisoftmax.softmax(x, None)


def rounded(x: ArrayLike, axis: Axis = None) -> NDArray[Any]:
    return np.asarray(np.log(minisoftmax.softmax(x, axis) + 1e-300))


CANDIDATES = {
    "ours": (whole_softmax, whole_log_softmax),
    "overflowing": (overflowing, whole_log_softmax),
    "deaf to axis": (deaf_to_axis, whole_log_softmax),
    "rounded logarithm": (whole_softmax, rounded),
}


class Plugged:
    """A pytest plugin that puts a candidate in the place of the functions that SciPy's tests call."""

    def __init__(self, softmax: Function, log_softmax: Function) -> None:
        self.functions = {"softmax": softmax, "log_softmax": log_softmax}
        self.outcomes: dict[str, str] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Function]) -> None:
        for item in items:
            vars(item.module).update(self.functions)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed:
            self.outcomes[report.nodeid.split("::", 1)[-1]] = report.outcome


def run_scipy_tests() -> None:
    """Run SciPy's tests on each candidate; leave their outcomes in a file. To be called in a process of its own."""
    options = ["-q", "--tb=short", "-p", "no:cacheprovider", "-c", "empty.ini", "--rootdir", ".", "-W", "ignore"]
    tests = ["--pyargs", "scipy.special.tests.test_logsumexp", "-k", "TestSoftmax or TestLogSoftmax"]
    outcomes = {}
    for name, functions in CANDIDATES.items():
        plugin = Plugged(*functions)
        pytest.main([*options, *tests], plugins=[plugin])
        outcomes[name] = plugin.outcomes
    Path("outcomes.json").write_text(json.dumps(outcomes), encoding="utf-8")


class ScipyRun(NamedTuple):
    outcomes: dict[str, dict[str, str]]
    log: str


@pytest.fixture(scope="module")
def scipy_run(tmp_path_factory: pytest.TempPathFactory) -> ScipyRun:
    folder = tmp_path_factory.mktemp("scipy")
    (folder / "empty.ini").write_text("[pytest]\n", encoding="utf-8")  # so that this project's options do not apply
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    done = subprocess.run(
        [sys.executable, "-c", "from tests.package.test_conformance import run_scipy_tests; run_scipy_tests()"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"SciPy's tests could not be run:\n{done.stdout}{done.stderr}"
    return ScipyRun(json.loads((folder / "outcomes.json").read_text(encoding="utf-8")), done.stdout)


def failures(outcomes: dict[str, str]) -> list[str]:
    return [name for name, outcome in outcomes.items() if outcome != "passed"]


def test_scipys_own_tests_pass(scipy_run: ScipyRun) -> None:
    outcomes = scipy_run.outcomes["ours"]
    assert len(outcomes) >= 17, f"only {len(outcomes)} of SciPy's tests ran:\n{scipy_run.log}"
    assert not failures(outcomes), f"{failures(outcomes)} of SciPy's tests fail with minisoftmax:\n{scipy_run.log}"


@pytest.mark.parametrize(
    ("candidate", "caught_by"),
    [
        ("overflowing", "TestSoftmax::test_softmax_fixtures"),
        ("deaf to axis", "TestSoftmax::test_softmax_multi_axes"),
        ("rounded logarithm", "TestLogSoftmax::test_log_softmax_basic"),
    ],
)
def test_scipys_own_tests_catch_a_wrong_function(scipy_run: ScipyRun, candidate: str, caught_by: str) -> None:
    found = failures(scipy_run.outcomes[candidate])
    assert any(caught_by in name for name in found), f"{candidate}: {caught_by} should fail, {found} did"


# ONNX


CASES = {
    "Softmax": onnx_cases("softmax", "Softmax"),
    "LogSoftmax": onnx_cases("logsoftmax", "LogSoftmax"),
    "ReduceLogSumExp": onnx_cases("reduce_log_sum_exp", "ReduceLogSumExp"),
}


def run_onnx_node(node: onnx.NodeProto, inputs: list[NDArray[Any]]) -> NDArray[Any]:
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    if node.op_type == "ReduceLogSumExp":
        data, axes = inputs
        keepdims = bool(attributes.pop("keepdims", 1))
        assert not attributes, f"the adapter does not know the attributes {attributes} of {node.op_type}"
        # To ONNX, no axes means all of them.
        return minisoftmax.logsumexp(data, tuple(axes.tolist()) or None, keepdims=keepdims)
    [x] = inputs
    function: Function = {"Softmax": minisoftmax.softmax, "LogSoftmax": minisoftmax.log_softmax}[node.op_type]
    return function(x, **attributes)


@pytest.mark.parametrize("case", [case for cases in CASES.values() for case in cases], ids=lambda case: case.name)
def test_onnx_case(case: Case) -> None:
    [expected] = case.outputs
    result = run_onnx_node(case.node, case.inputs)
    assert result.shape == expected.shape
    assert result.dtype == expected.dtype
    # ONNX's own expectations are computed in the dtype of the input, so they are off by some eps themselves.
    np.testing.assert_allclose(result, expected, rtol=8 * np.finfo(expected.dtype).eps)


@pytest.mark.parametrize(("operator", "known"), [("Softmax", 7), ("LogSoftmax", 7), ("ReduceLogSumExp", 9)])
def test_onnx_has_at_least_the_cases_that_we_know_of(operator: str, known: int) -> None:
    assert len(CASES[operator]) >= known
