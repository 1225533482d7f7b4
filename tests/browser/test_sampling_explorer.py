"""The sampling explorer in a real Chromium."""

import math
import re

import numpy as np
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from playwright.sync_api import expect

from minisoftmax import core, explorers
from tests.browser.conftest import Show
from tests.browser.hands import as_json, close, numbers, random_logits, random_temperature, slider

WORDS = ["mat", "sofa", "moon"]
ONE = explorers.sampling([2.0, 1.0, 0.0], WORDS, top_p=0.9, prompt="mat")


def literally_kept(
    z: list[float], temperature: float, k: int | None, p: float | None, m: float | None
) -> NDArray[np.bool_]:
    """Filter as the papers say, one after the other, each on the distribution that the one before has left."""
    shares = core.softmax(z, temperature=temperature)
    if k is not None:
        shares = np.where(shares >= np.sort(shares)[::-1][min(k, len(z)) - 1], shares, 0)
        shares = shares / shares.sum()
    if p is not None and p < 1:
        above = [
            sum(other for j, other in enumerate(shares) if (other, j) > (share, i)) for i, share in enumerate(shares)
        ]
        shares = np.where(np.array(above) < p, shares, 0)
        shares = shares / shares.sum()
    if m is not None:
        shares = np.where(shares >= m * shares.max(), shares, 0)
    return shares > 0


def test_sampling_numbers(show: Show) -> None:
    rng = np.random.default_rng(2)
    cases: list[tuple[list[float], float, int | None, float | None, float | None]] = []
    for _ in range(500):
        z = random_logits(rng, 20)
        if rng.random() < 0.2:
            z = np.round(z).tolist()  # with ties
        on = rng.random(3) < 0.6
        some_k, some_p, some_m = int(rng.integers(1, 22)), float(rng.uniform(0.01, 1)), float(rng.uniform(0, 1))
        filters = some_k if on[0] else None, some_p if on[1] else None, some_m if on[2] else None
        cases.append((z, random_temperature(rng), *filters))
    for exact in (0.25, 0.5, 0.75, 1.0):  # reached by equals
        cases.append(([0.0, 0.0, 0.0, 0.0], 1.0, None, exact, None))
    cases.append(([math.log(4), 0.0, math.log(2)], 1.0, None, None, 0.5))
    settings = [
        {"logits": z, "labels": [""] * len(z), "temperature": as_json(T), "top_k": k, "top_p": p, "min_p": m}
        for z, T, k, p, m in cases
    ]
    for (z, scale, k, p, m), found in zip(cases, numbers(show(ONE), "sampling", settings), strict=True):
        before = core.softmax(z, temperature=scale)
        expected = np.where(literally_kept(z, scale, k, p, m), before, 0)
        close(found["before"], before)
        close(found["after"], expected / expected.sum())


def test_draws_come_as_often_as_they_should(show: Show) -> None:
    page = show(ONE)
    counts = page.evaluate(
        """() => {
          const p = [0.5, 0, 0.3, 0.2, 0], counts = [0, 0, 0, 0, 0], random = minisoftmax.random(7);
          for (let i = 0; i < 200000; i++) counts[minisoftmax.draw(p, random())] += 1;
          return [counts, minisoftmax.draw(p, 0), minisoftmax.draw(p, 1), minisoftmax.draw([0, 1], 0)];
        }"""
    )
    assert_allclose(np.array(counts[0]) / 200_000, [0.5, 0, 0.3, 0.2, 0], atol=0.005)
    assert counts[0][1] == counts[0][4] == 0
    assert counts[1:] == [0, 3, 1]


def test_sampling_draws_and_forgets(show: Show) -> None:
    page = show(explorers.sampling([2.0, 1.0, 0.0], WORDS, prompt="The cat sat on the"), reduced_motion="reduce")
    page.get_by_role("button", name="Draw one").click()
    expect(page.locator(".prompt")).to_have_text(re.compile("The cat sat on the (mat|sofa|moon)"))
    page.get_by_role("button", name="Draw a thousand").click()
    expect(page.get_by_text("1001 drawn;")).to_be_visible(timeout=1000)
    counts = [int(text.split("·")[1]) for text in page.locator(".share").all_inner_texts()]
    assert sum(counts) == 1001
    assert_allclose(np.array(counts) / 1001, core.softmax([2.0, 1.0, 0.0]), atol=0.05)
    slider(page, "Top-k").press("ArrowLeft")
    expect(page.locator(".share")).to_have_text(["0.731", "0.269", "cut: top-k"])
    expect(page.get_by_text("2 of 3 words kept, with 0.910 of the probability.")).to_be_visible()
    page.get_by_role("button", name="Draw a thousand").click()
    expect(page.get_by_text("1000 drawn")).to_be_visible()
    entry = page.get_by_role("textbox", name="Top-p, as a number")
    entry.fill("0.5")
    entry.press("Enter")
    expect(page.locator(".share")).to_have_text(["1.000", "cut: top-p", "cut: top-k"])
    slider(page, "Min-p").press("End")
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".share")).to_have_text(["0.665", "0.245", "0.090"])


def test_a_thousand_draws_come_a_few_at_a_time(show: Show) -> None:
    page = show(explorers.sampling([2.0, 1.0, 0.0], WORDS))
    page.evaluate(
        """() => {
          const { rows } = document.querySelector("sampling-explorer").parts;
          window.seen = new Set();
          new MutationObserver(() => window.seen.add(rows[0].share.textContent))
            .observe(rows[0].share, { childList: true });
        }"""
    )
    page.get_by_role("button", name="Draw a thousand").click()
    expect(page.get_by_text("1000 drawn").first).to_be_visible()
    assert page.evaluate("window.seen.size") > 10
