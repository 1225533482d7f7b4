"""The calibration explorer in a real Chromium."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from playwright.sync_api import expect

from minisoftmax import core, explorers
from minisoftmax.calibration import (
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    reliability_curve,
)
from tests.browser.conftest import Show
from tests.browser.hands import as_json, numbers, slider

rng = np.random.default_rng(14)
LOGITS = rng.normal(scale=4, size=(300, 5)).round(1)
LABELS = np.array([rng.choice(5, p=p) for p in core.softmax(LOGITS, temperature=2)])
ONE = explorers.calibration(LOGITS, LABELS)


def test_calibration_numbers(show: Show) -> None:
    cases: list[tuple[Any, Any, float, int]] = []
    for _ in range(100):
        n, size = int(rng.integers(1, 200)), int(rng.integers(2, 12))
        z = rng.normal(scale=rng.choice([0.1, 1.0, 5.0]), size=(n, size))
        if rng.random() < 0.3:
            z = z.round()  # with ties for the largest, and shares that are fractions
        scale = float(rng.choice([0.0, np.inf, 1.0, *np.exp(rng.uniform(-2, 2, 5))]))
        cases.append((z, rng.integers(size, size=n), scale, int(rng.integers(2, 51))))
    settings = [
        {"logits": z.tolist(), "labels": y.tolist(), "temperature": as_json(T), "n_bins": bins}
        for z, y, T, bins in cases
    ]
    for (z, y, scale, bins), found in zip(cases, numbers(show(ONE), "calibration", settings), strict=True):
        p = core.softmax(z, temperature=scale)
        curve = reliability_curve(p, y, n_bins=bins)
        assert [one["count"] for one in found["bins"]] == curve.counts.tolist()
        filled = curve.counts > 0
        for name, expected in (("said", curve.confidence), ("right", curve.accuracy)):
            values = np.array([one[name] for one in found["bins"]], dtype=float)
            assert_allclose(values[filled], expected[filled], rtol=1e-12)
        assert_allclose(found["ece"], expected_calibration_error(p, y, n_bins=bins), rtol=1e-12, atol=1e-14)
        loss = negative_log_likelihood(p, y)
        exact = -core.log_softmax(z, temperature=scale)[np.arange(len(y)), y].mean()
        assert_allclose(found["nll"], exact, rtol=1e-12)
        if np.isfinite(loss):
            assert_allclose(found["nll"], loss, rtol=1e-12, atol=1e-14)


def test_the_temperature_moves_the_scores_and_the_best_one_is_a_challenge(show: Show) -> None:
    page = show(ONE)
    best = fit_temperature(LOGITS, LABELS)
    assert best == pytest.approx(2, rel=0.2)
    scores, challenge = page.locator(".scores"), page.locator(".challenge")
    expect(scores).to_contain_text(f"ECE {expected_calibration_error(core.softmax(LOGITS), LABELS, n_bins=10):.3f}")
    expect(page.get_by_text("On the whole it is too sure")).to_be_visible()
    entry = page.get_by_role("textbox", name="Temperature, as a number")
    entry.fill("1.2")
    entry.press("Enter")
    expect(challenge).to_contain_text("To try")
    entry.fill(f"{best:.2f}")
    entry.press("Enter")
    expect(challenge).to_contain_text("Done")
    loss = negative_log_likelihood(core.softmax(LOGITS, temperature=round(best, 2)), LABELS)
    expect(scores).to_contain_text(f"log loss {loss:.3f}")
    slider(page, "Bins").press("Home")
    two = core.softmax(LOGITS, temperature=round(best, 2))
    expect(scores).to_contain_text(f"ECE {expected_calibration_error(two, LABELS, n_bins=2):.3f}")
    assert page.locator(".bins rect").count() == 2
    slider(page, "Temperature").press("Home")
    expect(scores).to_contain_text("log loss ∞")


def test_nothing_is_drawn_over_what_the_curves_are_called(show: Show) -> None:
    page = show(ONE)
    free = page.locator("calibration-explorer .curves").evaluate(
        """(curves) => {
          const words = [...curves.querySelectorAll("text")].at(-1).getBBox();
          const drawn = [...curves.querySelectorAll(".curve, .now")].map((part) => part.getBBox().y);
          return Math.min(...drawn) - (words.y + words.height);
        }"""
    )
    assert free >= -1
