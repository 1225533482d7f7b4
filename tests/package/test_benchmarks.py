"""The benchmarks run, and measure what they say. Nothing here depends on how fast the machine is."""

from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks import accuracy, attention, classification, libraries, report, sampling, speed
from benchmarks.__main__ import main
from minisoftmax import top_p


def test_a_quick_run_prints_every_table_and_saves_the_picture(tmp_path: Path, capsys: Any) -> None:
    picture = tmp_path / "results.svg"
    main(["--quick", "--picture", str(picture)])
    printed = capsys.readouterr().out
    for function in libraries.FUNCTIONS:
        assert f"{function}: largest relative error, in eps" in printed
    for library in libraries.installed():
        assert library.name in printed
    titles = ("times as fast as SciPy", "share of the speed of np.copyto", "nanoseconds an entry, and slope", "in MiB")
    for title in (
        *titles,
        "attention: time, and most memory beyond the result",
        "attention, causal: time",
        "top-p of one row: time",
    ):
        assert title in printed
    drawn = picture.read_text(encoding="utf-8")
    assert "<svg" in drawn
    assert all(kind in drawn for kind in ("dominant", "(32, 10)"))


def test_only_one_part(tmp_path: Path, capsys: Any) -> None:
    main(["--quick", "--only", "memory", "--picture", str(tmp_path / "none.svg")])
    printed = capsys.readouterr().out
    assert "in MiB" in printed
    assert "in eps" not in printed
    assert "times as fast" not in printed
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_errors_are_counted_in_eps(dtype: type) -> None:
    row: NDArray[Any] = np.array([2, 2, 0, -1], dtype)
    truth = accuracy.exact(row)
    right: NDArray[Any] = np.array([float(truth["softmax"][float(logit)]) for logit in row]).astype(dtype)
    assert accuracy.error(row, right, truth, "softmax") <= 0.5
    for place in range(4):
        wrong = right.copy()
        wrong[place] *= 1 + 6 * np.finfo(dtype).eps
        assert 5 <= accuracy.error(row, wrong, truth, "softmax") <= 7
    assert accuracy.error(row, np.full(4, np.nan, dtype), truth, "softmax") == np.inf


def test_the_exact_results_are_those_of_the_formula() -> None:
    row = [3.0, -2.0, 3.0, 0.5]
    truth = accuracy.exact(np.array(row))
    with mpmath.workdps(50):
        total = mpmath.fsum(mpmath.exp(mpmath.mpf(x)) for x in row)
        for x in row:
            for function, expected in (
                ("softmax", mpmath.exp(x) / total),
                ("log_softmax", x - mpmath.log(total)),
                ("logsumexp", mpmath.log(total)),
            ):
                assert mpmath.almosteq(truth[function][x], expected, rel_eps=mpmath.mpf(10) ** -45)


def test_the_exact_result_of_a_dominant_row_keeps_its_digits() -> None:
    truth = accuracy.exact(np.array([300.0, 0.0]))
    assert -truth["log_softmax"][300.0] == pytest.approx(np.exp(-300), rel=1e-12)


def test_every_kind_of_row_is_measured_along_its_axis() -> None:
    seen = []

    def spy(x: Any, axis: int) -> Any:
        seen.append((x.shape, axis))
        return libraries.OURS.functions["softmax"](x, axis)

    functions = {**libraries.OURS.functions, "softmax": spy}
    errors = accuracy.measure([libraries.Library("spy", functions)], quick=True, progress=lambda doing: None)
    assert {kind for *_, kind in errors} >= {"normal", "wide", "dominant", "offset", "tied", "long", "axis 0"}
    assert ((400, 3), 0) in seen
    assert ((100,), -1) in seen
    assert all(error < 100 for error in errors.values())


def test_calls_are_timed_in_turns() -> None:
    calls: list[str] = []

    def slow(name: str) -> Any:
        def call() -> None:
            calls.append(name)
            sum(range(100_000))  # so slow that a round calls it once

        return call

    times = speed.in_turns([slow("a"), slow("b")], 0.02)
    assert len(times) == 2
    assert all(0 < taken < 1 for taken in times)
    rounds = calls[6:]  # three of each to warm up
    assert rounds[:10] == ["a", "b", "b", "a", "a", "b", "b", "a", "a", "b"]


def test_extra_memory_is_what_a_call_takes_beyond_its_result() -> None:
    def call() -> Any:
        temporary = np.ones(2**17)
        return temporary[: 2**16].copy()

    assert speed.extra_memory(call) == pytest.approx(2**20, rel=0.05)
    assert speed.extra_memory(lambda: np.ones(2**17)) < 2**12


def test_attention_is_timed_and_weighed() -> None:
    figures = attention.measure(quick=True, progress=lambda doing: None)
    for is_causal in (False, True):
        plain, flash = (figures[attention.Case(name, 512, is_causal)] for name in (attention.PLAIN, attention.FLASH))
        assert 0 < plain.seconds < 10
        assert 0 < flash.seconds < 10
        assert plain.mib > 1, "the weights of 512 tokens take 1 MiB"
        assert 0 < flash.mib < 4


def test_both_functions_of_attention_are_asked_the_same() -> None:
    for is_causal in (False, True):
        results = [np.asarray(call()) for call in attention.prepared(40, is_causal).values()]
        for result in results:
            np.testing.assert_allclose(result.reshape(40, -1), results[0], rtol=1e-4, atol=1e-5)


def test_the_table_of_attention_says_how_much_faster_tiles_are() -> None:
    figures = {
        attention.Case(attention.PLAIN, 8, False): attention.Figure(0.004, 5.0),
        attention.Case(attention.FLASH, 8, False): attention.Figure(0.003, 0.25),
        attention.Case(attention.FLASH, 16, False): attention.Figure(np.nan, 0.5),
        attention.Case(attention.PLAIN, 8, True): attention.Figure(0.002, 6.0),
        attention.Case(attention.FLASH, 8, True): attention.Figure(0.001, 0.125),
    }
    lines = [line.split() for line in report.attention_tables(figures).splitlines()]
    assert ["8", "tokens", "4.00", "3.00", "0.75", "5.00", "0.25"] in lines
    assert ["16", "tokens", "–", "–", "–", "–", "0.50"] in lines
    assert ["8", "tokens", "2.00", "1.00", "0.50", "6.00", "0.12"] in lines


def test_a_fit_is_timed_beside_that_of_scikit_learn() -> None:
    figures = classification.measure(quick=True, progress=lambda doing: None)
    [iris] = figures.values()
    assert iris.ours > 0
    assert iris.theirs > 0
    assert iris.our_error < 2e-3
    assert f"{iris.ours / iris.theirs:.2f}" in report.fit_table(figures)


def test_top_p_is_timed_beside_an_argsort() -> None:
    figures = sampling.measure(quick=True, progress=lambda doing: None)
    assert len(figures) == 14
    assert all(0 < seconds < 1 for figure in figures.values() for seconds in figure)
    printed = report.sampling_table({"normal": sampling.Figure(0.002, 0.005)}).splitlines()
    assert ["normal", "2.00", "ms", "5.00", "ms", "2.50"] in [line.split() for line in printed]


def test_both_ways_of_top_p_keep_as_many() -> None:
    for row in sampling.rows(1000).values():
        ours, usual = (np.isfinite(function(row, sampling.P)).sum() for function in (top_p, sampling.top_p_by_argsort))
        assert 1 <= usual <= 900 + 1
        assert abs(ours - usual) <= 1, "but for the rounding of the usual way, where the sum reaches p exactly"
