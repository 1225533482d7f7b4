"""The softmax explorer in a real Chromium."""

import math
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from minisoftmax import core, explorers
from minisoftmax.sampling import entropy
from tests.browser.conftest import PHONE, Show
from tests.browser.hands import as_json, close, drag, numbers, random_logits, random_temperature, slider, swipe, value

WORDS = ["mat", "sofa", "moon"]
ONE = explorers.softmax([2.0, 1.0, -1.0], WORDS)


def test_softmax_numbers(show: Show) -> None:
    rng = np.random.default_rng(0)
    cases = [(random_logits(rng, 8), random_temperature(rng)) for _ in range(500)]
    settings = [{"logits": z, "labels": [""] * len(z), "temperature": as_json(T)} for z, T in cases]
    for (z, scale), found in zip(cases, numbers(show(ONE), "softmax", settings), strict=True):
        close(found["probabilities"], core.softmax(z, temperature=scale))
        close(found["entropy"], entropy(z, temperature=scale))
        with np.errstate(all="ignore"):
            close(found["logOdds"], np.subtract(z[0], z[1]) / scale)


def test_all_of_the_core(show: Show) -> None:
    rng = np.random.default_rng(1)
    cases = [(random_logits(rng, 20), random_temperature(rng)) for _ in range(500)]
    infinities = [[1.0, -np.inf, 2.0], [np.inf, 0.0, np.inf], [-np.inf, -np.inf], [np.nan, 1.0], [0.0, -50.0], [7.0]]
    cases += [(z, T) for z in infinities for T in (1.0, 0.0, np.inf, 0.3)]
    found = show(ONE).evaluate(
        """(cases) => cases.map(([z, T]) =>
          [minisoftmax.softmax(z, T), minisoftmax.logSoftmax(z, T), minisoftmax.logsumexp(z)])""",
        cases,
    )
    for (z, scale), (p, log_p, total) in zip(cases, found, strict=True):
        close(p, core.softmax(z, temperature=scale))
        close(log_p, core.log_softmax(z, temperature=scale))
        close(total, core.logsumexp(z))


def test_softmax_by_mouse_keyboard_and_typing(show: Show) -> None:
    page = show(ONE, ONE)
    first, other = page.locator("softmax-explorer").all()
    mat, sofa, moon = (slider(first, f"Score of {word}") for word in WORDS)
    track = mat.bounding_box()
    assert track
    drag(page, mat, track["width"] / 8, 0)  # a row is 8 units wide, from −3 to 5
    assert value(mat) == 3
    mat.press("ArrowDown")
    assert value(mat) == 2.9
    moon.press("Home")
    assert value(moon) == -3
    moon.press("End")
    moon.press("PageDown")
    assert value(moon) == 4
    sofa.press("PageUp")
    sofa.press("ArrowUp")
    assert value(sofa) == 2.1
    assert page.evaluate("scrollY") == 0

    first.get_by_text("Numbers to type").click()
    field = first.get_by_role("textbox", name="Score of mat, as a number")
    field.fill("−12,5")
    field.press("Enter")
    expected = core.softmax([-12.5, 2.1, 4.0])
    shares = first.locator(".p .number")
    expect(shares).to_have_text(["5.9×10⁻⁸", f"{expected[1]:.3f}", f"{expected[2]:.3f}"])
    assert mat.get_attribute("aria-valuetext") == "−12.5, probability 5.9×10⁻⁸"
    field.fill("much")
    field.press("Enter")
    expect(first.locator(".message")).to_have_text("Score of mat, as a number: from −1000 to 1000, please.")
    assert value(mat) == -12.5

    first.get_by_role("combobox", name="First of the odds").select_option("moon")
    odds = math.exp(4 - 2.1)
    expect(first.locator(".odds")).to_contain_text(f"= {odds:.2f} : 1 (a lead of 1.9)")
    assert value(slider(other, "Score of mat")) == 2
    first.get_by_role("button", name="Reset").click()
    assert [value(slider(first, f"Score of {word}")) for word in WORDS] == [2, 1, -1]
    expect(first.get_by_role("button", name="Reset")).to_be_focused()


def test_a_link_keeps_whose_formula_and_whose_odds_are_shown(show: Show) -> None:
    page = show(ONE, anchors=True)
    page.locator("summary").click()
    slider(page, "Score of moon").press("ArrowLeft")
    page.get_by_role("combobox", name="First of the odds").select_option("moon")
    shown = page.locator(".how").inner_text(), page.locator("span.number", has_text=": 1").inner_text()
    assert "moon" in shown[0]
    page.get_by_role("link", name="Link").click()
    page.reload()
    page.locator("summary").click()
    expect(page.get_by_role("combobox", name="First of the odds")).to_have_value("2")
    assert (page.locator(".how").inner_text(), page.locator("span.number", has_text=": 1").inner_text()) == shown


def test_the_scale_does_not_shrink_under_the_hand(show: Show) -> None:
    page = show(explorers.softmax([10.0, 5.0], ["mat", "sofa"]))
    mat = slider(page, "Score of mat")
    mat.press("Home")
    assert value(mat) == float(mat.get_attribute("aria-valuemin") or 0) == -3
    assert mat.get_attribute("aria-valuemax") == "10"


def test_temperature_reaches_its_limits(show: Show) -> None:
    page = show(explorers.softmax([2.0, 2.0, 0.0], WORDS))
    temperature, shares = slider(page, "Temperature"), page.locator(".p .number")
    temperature.press("Home")
    expect(shares).to_have_text(["0.500", "0.500", "0.000"])
    expect(page.locator(".e .number")).to_have_text(["largest", "largest", "—"])
    temperature.press("ArrowRight")
    assert temperature.get_attribute("aria-valuetext") == "0.05"
    temperature.press("End")
    expect(shares).to_have_text(["0.333"] * 3)
    page.get_by_text("Numbers to type").click()
    expect(page.get_by_text("even choice among 3.00 options")).to_be_visible()
    temperature.press("ArrowLeft")
    assert temperature.get_attribute("aria-valuetext") == "20"
    entry = page.get_by_role("textbox", name="Temperature, as a number")
    for typed, expected in (("∞", 1 / 3), ("0.25", core.softmax([2, 2, 0], temperature=0.25)[0])):
        entry.fill(typed)
        entry.press("Enter")
        expect(shares.first).to_have_text(f"{expected:.3f}")
    entry.fill("-1")
    entry.press("Enter")
    expect(entry).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".message")).to_have_text("Temperature, as a number: from 0 to ∞, please.")


def test_touch_drags_sideways_and_a_swipe_scrolls_the_page(show: Show) -> None:
    page = show(ONE, before="<p style='height: 20rem'>", has_touch=True, is_mobile=True, viewport=PHONE)
    page.evaluate("document.body.style.paddingBottom = '100rem'")
    mat = slider(page, "Score of mat")
    track, handle = mat.bounding_box(), mat.locator(".handle").bounding_box()
    assert track
    assert handle
    at = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    swipe(page, *at, -track["width"] / 2, 0)
    assert page.evaluate("scrollY") == 0
    assert value(mat) == pytest.approx(-2, abs=0.8)  # from 2, half of the 8 units; the first pixels only begin the drag
    moved = value(mat)
    swipe(page, *at, 0, -200)
    assert page.evaluate("scrollY") > 50, "a swipe up or down scrolls, where a bar is too"
    assert value(mat) == moved


def test_one_point_more_for_all_changes_nothing_and_twice_the_scores_does(show: Show) -> None:
    page = show(explorers.softmax([2.0, 1.0, -1.0], WORDS, prompt="The cat sat on the"))
    shares, how = page.locator(".p .number"), page.locator(".how")
    before = shares.all_inner_texts()
    expect(page.locator(".prompt")).to_have_text("The cat sat on the mat")
    page.get_by_role("button", name="all + 1").click()
    expect(page.locator(".e .number")).to_have_text(["20.1", "7.39", "1.00"])
    expect(shares).to_have_text(before)
    page.get_by_role("button", name="Reset").click()
    page.get_by_role("button", name="all × 2").click()
    p = core.softmax([4.0, 2.0, -2.0])
    expect(shares).to_have_text([f"{share:.3f}" for share in p])
    total = np.exp([4.0, 2.0, -2.0]).sum()
    expect(page.get_by_text(f"sum {total:.1f}")).to_be_visible()
    expect(how).to_have_text(re.compile(rf"p\(mat\) =e4.0e4.0 \+ e2.0 \+ …=54.6{total:.1f}={p[0]:.3f}"))
    slider(page, "Score of moon").press("End")
    slider(page, "Score of mat").press("Home")
    expect(page.locator(".prompt")).to_have_text("The cat sat on the moon")
    expect(page.get_by_role("status").filter(has_text="Done")).to_have_text("Done: make moon the likeliest.")


def test_changes_are_announced_once_the_hand_rests(show: Show) -> None:
    page = show(ONE)
    page.clock.install()  # time goes on only where it is told to
    spoken = page.locator(".spoken")
    expect(spoken).to_have_attribute("aria-live", "polite")
    page.evaluate(
        """() => {
          window.said = [];
          const spoken = document.querySelector("softmax-explorer").shadowRoot.querySelector(".spoken");
          new MutationObserver(() => window.said.push(spoken.textContent)).observe(spoken, { childList: true });
        }"""
    )
    page.clock.run_for(600)
    assert page.evaluate("window.said") == []
    for _ in range(10):
        slider(page, "Score of mat").press("ArrowUp")
    page.clock.run_for(600)
    expect(spoken).to_have_text(re.compile("mat 0.8"))
    p = core.softmax([3.0, 1.0, -1.0])
    heard = ", ".join(f"{word} {share:.3f}" for word, share in zip(WORDS, p, strict=True))
    assert page.evaluate("window.said") == [heard]
