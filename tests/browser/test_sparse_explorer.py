"""The sparse explorer in a real Chromium."""

import numpy as np
from numpy.testing import assert_allclose
from playwright.sync_api import expect

from minisoftmax import entmax, explorers, softmax
from tests.browser.conftest import Show
from tests.browser.hands import as_json, numbers, random_temperature

WORDS = ["mat", "sofa", "moon"]
ONE = explorers.sparse([1.0, 0.5, -1.0], WORDS, alpha=2)


def test_sparse_numbers(show: Show) -> None:
    rng = np.random.default_rng(0)
    cases = []
    for _ in range(600):
        z = np.clip(rng.normal(scale=rng.choice([0.01, 1, 5]), size=rng.integers(2, 9)), -10, 10).round(rng.integers(9))
        alpha = float(rng.choice([1, 1 + 1e-6, 1.1, 1.25, 1.5, 2, rng.uniform(1, 2)]))
        cases.append((z.tolist(), alpha, random_temperature(rng)))
    settings = [{"logits": z, "labels": [""] * len(z), "alpha": a, "temperature": as_json(T)} for z, a, T in cases]
    for (z, alpha, scale), found in zip(cases, numbers(show(ONE), "sparse", settings), strict=True):
        behind = np.subtract(z, max(z))
        with np.errstate(all="ignore"):
            expected = entmax(np.where(behind == 0, 0, behind / scale), alpha=alpha)
        assert_allclose(found["probabilities"], expected, rtol=0, atol=1e-12)
        assert_allclose(found["softmax"], softmax(z, temperature=scale), rtol=1e-12, atol=1e-300)


def test_zeros_are_struck_out_and_counted(show: Show) -> None:
    page = show(ONE)
    shares, struck = page.locator(".track .number"), page.locator(".zero .label")
    expect(shares).to_have_text(["0.750", "0.250", "0"])
    expect(struck).to_have_text(["moon"])
    gone = f"{softmax([1.0, 0.5, -1.0])[2]:.3f}"
    expect(page.get_by_text(f"1 of 3 get exactly 0. Softmax gives {gone} of the whole to them.")).to_be_visible()
    alpha = page.get_by_role("slider", name="Alpha", exact=True)
    alpha.press("Home")
    expect(struck).to_have_count(0)
    expect(shares).to_have_text([f"{p:.3f}" for p in softmax([1.0, 0.5, -1.0])])
    expect(page.get_by_text("All 3 get something.")).to_be_visible()
    alpha.press("End")
    entry = page.get_by_role("textbox", name="Score of mat, as a number")
    entry.fill("1.5")
    entry.press("Enter")
    expect(shares).to_have_text(["1.000", "0", "0"])
    temperature = page.get_by_role("textbox", name="Temperature, as a number")
    temperature.fill("4")
    temperature.press("Enter")
    expect(shares).to_have_text(["0.625", "0.375", "0"])  # (1.5, 0.5, −1) / 4, each less −1/4
    page.get_by_role("button", name="Reset").click()
    expect(shares).to_have_text(["0.750", "0.250", "0"])
