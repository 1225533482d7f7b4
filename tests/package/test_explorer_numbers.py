"""The script behind the explorers gives what the package gives, at every border too: ties, and exact fractions."""

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from py_mini_racer import MiniRacer

import minisoftmax
from minisoftmax import core
from minisoftmax.explorers.explorer import scripts
from tests.laws import law

Call = Callable[..., Any]

# Logarithms of whole weights: ties, and shares that are fractions with small denominators.
weighed = st.lists(st.integers(1, 8), min_size=2, max_size=20).map(lambda weights: np.log(weights).tolist())
logits = weighed | st.lists(st.integers(-3, 3).map(float) | st.floats(-50, 50, width=32), min_size=2, max_size=20)
temperatures = st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.0, math.inf])


@pytest.fixture(scope="module")
def call() -> Call:
    """Call a function of the script, with what Python writes as JSON: infinities too, which JavaScript can read."""
    engine = MiniRacer()
    engine.eval(scripts("sampling")["numbers"])
    engine.eval("const finite = (_, x) => (typeof x === 'number' && !Number.isFinite(x) ? String(x) : x);")

    def run(name: str, *arguments: Any) -> Any:
        text = engine.eval(f"JSON.stringify(minisoftmax.{name}(...{json.dumps(arguments)}), finite)")
        return np.array(json.loads(str(text)), dtype=float)

    return run


@law
@given(logits, temperatures)
def test_the_core(call: Call, z: list[float], temperature: float) -> None:
    assert_allclose(call("softmax", z, temperature), core.softmax(z, temperature=temperature), rtol=1e-12, atol=1e-300)
    expected = core.log_softmax(z, temperature=temperature)
    assert_allclose(call("logSoftmax", z, temperature), expected, rtol=1e-12, atol=1e-300)
    assert_allclose(call("logsumexp", z), core.logsumexp(z), rtol=1e-12, atol=1e-15)
    entropy = minisoftmax.entropy(z, temperature=temperature)
    assert_allclose(call("entropy", z, temperature), entropy, rtol=1e-12, atol=1e-300)


@law
@given(logits, st.integers(1, 21))
def test_top_k(call: Call, z: list[float], k: int) -> None:
    assert call("topK", z, k).tolist() == minisoftmax.top_k(z, k).tolist()


@settings(law, max_examples=300)
@given(logits, st.integers(1, 160), st.integers(1, 160))
def test_top_p(call: Call, z: list[float], part: int, whole: int) -> None:
    p = min(part, whole) / max(part, whole)
    assert call("topP", z, p).tolist() == minisoftmax.top_p(z, p).tolist()


@settings(law, max_examples=300)
@given(weighed, st.data())
def test_top_p_that_a_set_of_tokens_reaches_exactly(call: Call, z: list[float], data: st.DataObject) -> None:
    weights = sorted(round(math.exp(x)) for x in z)
    p = sum(weights[data.draw(st.integers(0, len(z) - 1)) :]) / sum(weights)
    assert call("topP", z, p).tolist() == minisoftmax.top_p(z, p).tolist()


@law
@given(logits, st.integers(1, 8), st.integers(1, 8))
def test_min_p(call: Call, z: list[float], part: int, whole: int) -> None:
    p = min(part, whole) / max(part, whole)
    # At the border itself, the last digit of a logarithm decides, and an engine may have another one.
    assume(all(x == max(z) or abs(x - max(z) - math.log(p)) > 1e-12 for x in z))
    assert call("minP", z, p).tolist() == minisoftmax.min_p(z, p).tolist()


EVEN = [(10, 0.9, 9), (10, 0.3, 3), (3, 2 / 3, 2), (20, 0.05, 1), (9, 1e-18, 1)]


@pytest.mark.parametrize(("count", "p", "kept"), EVEN)
def test_of_equal_logits_as_many_stay_as_p_asks_for(call: Call, count: int, p: float, kept: int) -> None:
    assert np.isfinite(call("topP", [0.0] * count, p)).sum() == kept
