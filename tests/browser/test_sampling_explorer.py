"""The sampling explorer in a real Chromium."""

import math
import re

import numpy as np
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from playwright.sync_api import expect

from minisoftmax import core, explorers, top_k, top_p
from tests.browser.conftest import PHONE, Show
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
        seen = core.log_softmax(z, temperature=scale)
        seen = seen if k is None else top_k(seen, k)
        nucleus = found["nucleus"]
        close(nucleus["sums"], np.sort(core.softmax(seen)[seen > -np.inf])[::-1].cumsum())
        kept = np.flatnonzero(top_p(seen, p or 1) > -np.inf)
        assert sorted(nucleus["order"][: nucleus["kept"]]) == kept.tolist()
        if p:
            assert nucleus["sums"][nucleus["kept"] - 1] >= p - 1e-12
            assert nucleus["kept"] == 1 or nucleus["sums"][nucleus["kept"] - 2] < p


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
    expect(page.get_by_text("1001 drawn;")).to_be_visible()
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


FIVE = explorers.sampling(np.log([0.4, 0.3, 0.15, 0.1, 0.05]), list("abcde"))


def test_the_line_of_top_p_lies_across_all_candidates_and_keeps_the_one_it_crosses(show: Show) -> None:
    page = show(FIVE, anchors=True)
    handle, note = slider(page, "Top-p"), page.locator(".note")
    expect(note).to_have_text("off: nothing is cut")
    expect(handle).to_have_attribute("aria-valuetext", "off: nothing is cut")
    row = page.locator(".pieces").bounding_box()
    assert row

    def pull_to(p: float) -> None:
        page.mouse.move(row["x"] + p * row["width"], row["y"] + row["height"] + 8)

    pull_to(1.0)
    page.mouse.down()
    for p, label, kept, mass in [(0.8, "c", 3, 0.85), (0.86, "d", 4, 0.95), (0.7, "b", 2, 0.7), (0.2, "a", 1, 0.4)]:
        pull_to(p)
        expect(page.get_by_role("textbox", name="Top-p, as a number")).to_have_value(f"{p:g}")
        said = f"“{label}” crosses the line and stays: {kept} kept, {mass:.3f} together"
        expect(note).to_have_text(said)
        expect(handle).to_have_attribute("aria-valuetext", f"{p:g}: {said}")
        expect(page.locator(".pieces .crossing")).to_have_text(label)
        assert page.locator(".pieces .in").count() == kept
        assert page.locator(".word:not(.out)").count() == kept
    page.mouse.up()
    handle.press("ArrowRight")
    handle.press("PageUp")
    expect(note).to_contain_text("0.400 together")
    handle.press("PageUp")
    expect(note).to_contain_text("“b” crosses the line")
    page.get_by_role("link", name="Link").click()
    assert "p=0.41" in page.url
    page.reload()
    expect(note).to_contain_text("“b” crosses the line")
    handle.press("End")
    expect(note).to_have_text("off: nothing is cut")


def test_the_line_stands_exactly_at_p(show: Show) -> None:
    page = show(FIVE)
    entry = page.get_by_role("textbox", name="Top-p, as a number")
    for p, label in (("0.8502", "d"), ("0.8498", "c")):
        entry.fill(p)
        entry.press("Enter")
        expect(page.locator(".crossing")).to_have_text(label)
        assert slider(page, "Top-p").evaluate("({ value }) => Number(value)") == 100 * float(p)
    pieces = page.locator(".pieces div").evaluate_all(
        """all => all.map((piece) => {
          const { left, width } = piece.getBoundingClientRect();
          const row = piece.parentElement.getBoundingClientRect();
          return [(left - row.left) / row.width, width / row.width];
        })"""
    )
    assert_allclose(pieces, [[0, 0.4], [0.4, 0.3], [0.7, 0.15], [0.85, 0.1], [0.95, 0.05]], atol=0.003)


def test_what_top_p_sees_comes_after_top_k_and_before_min_p(show: Show) -> None:
    page = show(FIVE)
    for name, value in (("Top-k", "2"), ("Top-p", "0.5"), ("Min-p", "0.9")):
        entry = page.get_by_role("textbox", name=f"{name}, as a number")
        entry.fill(value)
        entry.press("Enter")
    expect(page.locator(".pieces div")).to_have_text(["a", "b"])
    expect(page.locator(".note")).to_contain_text("“a” crosses the line and stays: 1 kept, 0.571 together")


def test_a_finger_drags_the_line_or_scrolls_the_page(show: Show) -> None:
    page = show(FIVE, viewport=PHONE, has_touch=True, is_mobile=True, before="<p style='height: 30rem'>")
    page.evaluate("document.body.style.paddingBottom = '60rem'")
    slider(page, "Top-p").scroll_into_view_if_needed()
    row = page.locator(".pieces").bounding_box()
    assert row
    fingers = page.context.new_cdp_session(page)

    def swipe(x: float, y: float, dx: float, dy: float) -> None:
        fingers.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for step in range(1, 11):
            place = {"x": x + dx * step / 10, "y": y + dy * step / 10}
            fingers.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [place]})
        fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    from_above = page.evaluate("scrollY")
    middle = row["y"] + row["height"] / 2
    swipe(row["x"] + row["width"], middle, -0.4 * row["width"], 0)
    expect(page.locator(".note")).to_contain_text("“b” crosses the line")
    assert page.evaluate("scrollY") == from_above
    for place in (0.3, 0.6):
        page.evaluate("y => scrollTo(0, y)", from_above)
        swipe(row["x"] + place * row["width"], middle, 0, -200)
        expect(page.get_by_role("textbox", name="Top-p, as a number")).to_have_value("0.6")
        assert page.evaluate("scrollY") > from_above + 100


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
