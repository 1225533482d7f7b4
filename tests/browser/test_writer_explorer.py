"""The writer explorer in a real Chromium: the model of the package writes in the page."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

import minisoftmax
from minisoftmax import core, explorers
from minisoftmax._arguments import Floats
from minisoftmax.data import load_language_model
from tests.browser.conftest import PHONE, Show
from tests.browser.hands import as_json, close, slider

MODEL = load_language_model()
ONE = explorers.writer("in the morning")
ORDERS = ["heat, then cut", "cut, then heat"]
Settings = dict[str, Any]


def literal(words: list[str], settings: Settings, scale: float) -> Floats:
    """Compute the probabilities of the next token with the functions of the package, one after the other."""
    z = core.log_softmax(MODEL.logits(words), temperature=scale if settings["order"] == ORDERS[0] else 1)
    for name, cut in (("top_k", minisoftmax.top_k), ("top_p", minisoftmax.top_p), ("min_p", minisoftmax.min_p)):
        if settings[name] is not None:
            z = cut(z, settings[name])
    return core.softmax(z, temperature=1 if settings["order"] == ORDERS[0] else scale)


def uniforms(seed: int) -> Iterator[float]:
    """Give the numbers of the generator behind the draws."""
    while True:
        seed = (seed * 1664525 + 1013904223) % 2**32
        yield seed / 2**32


def test_the_page_has_the_distribution_of_the_package_at_every_step(show: Show) -> None:
    rng = np.random.default_rng(4)
    scales: list[float] = []
    settings: list[Settings] = []
    for _ in range(1000):
        on = rng.random(3) < 0.6
        scales.append(float(rng.choice([0.0, np.inf, 1.0, *np.exp(rng.uniform(-3, 3, 5))])))
        settings.append(
            {
                "start": " ".join(rng.choice(MODEL.vocabulary, int(rng.integers(3, 6)))),
                "temperature": as_json(scales[-1]),
                "top_k": int(rng.integers(1, 300)) if on[0] else None,
                "top_p": float(rng.uniform(0.01, 1)) if on[1] else None,
                "min_p": float(rng.uniform(0.001, 1)) if on[2] else None,
                "order": str(rng.choice(ORDERS)),
                "seed": int(rng.integers(1_000_000)),
                "drawn": int(rng.integers(4)),
            }
        )
    found = show(ONE).evaluate(
        """(all) => all.map((settings) => {
          const explorer = document.querySelector("writer-explorer");
          explorer.state = explorer.read(settings);
          const { words, first } = explorer.state;
          const steps = [];
          for (let n = first; n <= words.length; n++) {
            steps.push(explorer.numbersOf({ ...explorer.state, words: words.slice(0, n) }).after);
          }
          return [words, steps];
        })""",
        settings,
    )
    steps = 0
    for given, scale, (words, distributions) in zip(settings, scales, found, strict=True):
        first = len(given["start"].split())
        assert len(words) - first == given["drawn"]
        for n, (p, uniform) in enumerate(zip(distributions, uniforms(given["seed"]), strict=False), first):
            close(p, literal(words[:n], given, scale))
            if n < len(words):
                drawn = MODEL.vocabulary.index(words[n])
                assert sum(p[:drawn]) - 1e-9 <= uniform <= sum(p[: drawn + 1]) + 1e-9
                assert p[drawn] > 0
            steps += 1
    assert steps > 2000


def test_it_writes_takes_back_and_says_so(show: Show) -> None:
    page = show(ONE, reduced_motion="reduce")
    text, spoken = page.locator(".text"), page.locator(".spoken")
    expect(text).to_have_text("in the morning …")
    page.get_by_role("button", name="Draw one").click()
    p = core.softmax(MODEL.logits(["in", "the", "morning"]))
    drawn = int((p.cumsum() < next(uniforms(1))).sum())
    expect(text).to_have_text(f"in the morning {MODEL.vocabulary[drawn]} …")
    expect(spoken).to_have_text(f"{MODEL.vocabulary[drawn]}, {p[drawn]:.3f}.")
    page.get_by_role("button", name="Undo").click()
    expect(text).to_have_text("in the morning …")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    page.get_by_role("button", name="Write 30").click()
    written = text.inner_text()
    expect(spoken).to_contain_text(" ".join(written.split()[-4:-1]))
    assert len(re.findall(r"[a-z]+|[.,?]", written)) == 33
    assert " ." not in written
    for _ in range(30):
        page.get_by_role("button", name="Undo").click()
    expect(text).to_have_text("in the morning …")
    page.get_by_role("button", name="Write 30").click()
    expect(text, "the same seed writes the same").to_have_text(written)
    page.get_by_role("textbox", name="Seed").fill("7")
    page.get_by_role("textbox", name="Seed").press("Enter")
    for _ in range(30):
        page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Write 30").click()
    assert text.inner_text() != written


def test_greedy_loops_and_cuts_are_struck_out(show: Show) -> None:
    page = show(ONE, reduced_motion="reduce")
    slider(page, "Temperature").press("Home")
    page.get_by_role("button", name="Write 30").click()
    page.get_by_role("button", name="Write 30").click()
    expect(page.locator(".challenge")).to_contain_text("Done")
    words = ["in", "the", "morning"]
    for _ in range(60):
        words.append(MODEL.vocabulary[MODEL.logits(words).argmax()])
    assert re.findall(r"[a-z]+|[.,?]", page.locator(".text").inner_text()) == words
    page.get_by_role("button", name="Reset").click()
    entry = page.get_by_role("textbox", name="Top-k, as a number")
    entry.fill("4")
    entry.press("Enter")
    assert page.locator(".word.out").count() == 6
    expect(page.locator(".share").last).to_have_text("cut: top-k")
    expect(page.get_by_text("4 of 273 tokens kept; those not shown have 0.000.")).to_be_visible()


def test_a_start_of_ones_own(show: Show) -> None:
    page = show(ONE)
    start = page.get_by_role("textbox", name="Start")
    start.fill("The cat was not")
    start.press("Enter")
    expect(page.locator(".text")).to_have_text("the cat was not …")
    for wrong, message in (
        ("the dog was", "the model does not know “dog”"),
        ("the cat", "start must have at least three tokens"),
    ):
        start.fill(wrong)
        start.press("Enter")
        expect(page.locator(".message")).to_have_text(f"Start: {message}.")
        expect(page.locator(".text")).to_have_text("the cat was not …")


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_no_button_moves_while_it_writes(show: Show, motion: str) -> None:
    page = show(ONE, viewport=PHONE, reduced_motion=motion)
    places = "all => all.map(part => part.getBoundingClientRect().top)"
    parts = page.locator("writer-explorer :is(button, input, select)")
    before = parts.evaluate_all(places)
    page.get_by_role("button", name="Write 30").click()
    expect(page.locator(".text")).to_have_text(re.compile(r"(\S+ ){27}"))
    page.get_by_role("button", name="Draw one").click()
    assert parts.evaluate_all(places) == before
    for key in ("PageDown", "PageDown", "Home", "End"):
        slider(page, "Top-p").press(key)
        assert parts.evaluate_all(places) == before


def test_a_link_brings_the_text_with_it(show: Show) -> None:
    page = show(ONE, anchors=True, reduced_motion="reduce")
    page.get_by_role("button", name="Write 30").click()
    written = page.locator(".text").inner_text()
    page.get_by_role("link", name="Link").click()
    assert "drawn=30" in page.url
    page.reload()
    expect(page.locator(".text")).to_have_text(written)
