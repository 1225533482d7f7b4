"""The roofline explorer in a real Chromium."""

import numpy as np
from numpy.testing import assert_allclose
from playwright.sync_api import expect

from minisoftmax import explorers
from minisoftmax.explorers.roofline_explorer.model import predict
from tests.browser.conftest import PHONE, Show
from tests.browser.hands import numbers, slider

ONE = explorers.roofline(1e9, 2, 200, 32, 0.05, measured=[(1e4, 1e-5), (1e8, 0.5)])


def test_roofline_numbers(show: Show) -> None:
    rng = np.random.default_rng(0)
    low, high = np.array([[1e3, 1e9], [1, 10], [1, 1e4], [0.1, 1e3], [1e-4, 10]]).T
    names = ("entries", "transfers", "bandwidth", "cache", "work")
    drawn = low * (high / low) ** rng.random((300, 5))
    cases = [dict(zip(names, row, strict=True)) for row in drawn.tolist()]
    settings = [ONE.settings | case for case in cases]
    for case, found in zip(cases, numbers(show(ONE), "roofline", settings), strict=True):
        for name, expected in predict(**case)._asdict().items():
            assert_allclose(found[name], expected, rtol=1e-12)


def test_roofline_by_keyboard_and_by_hand(show: Show) -> None:
    page = show(ONE, viewport=PHONE)
    said = page.locator(".said")
    expect(said).to_have_text("10⁹ entries take 50 ms: the arithmetic decides.")
    expect(page.locator(".times")).to_have_text("Bytes alone: 40 ms. Arithmetic alone: 50 ms.")
    transfers = slider(page, "Transfers")
    transfers.focus()
    for _ in range(6):
        transfers.press("ArrowRight")
    expect(said).to_have_text("10⁹ entries take 160 ms: the bytes decide.")
    expect(transfers).to_have_attribute("aria-valuetext", "8 reads and writes of the array")
    field = page.get_by_role("textbox", name="Bandwidth, as a number")
    field.fill("400")
    field.press("Enter")
    expect(said).to_have_text("10⁹ entries take 80 ms: the bytes decide.")
    entries = page.get_by_role("textbox", name="Entries, as a number")
    for typed, shown in (("2.5×10⁸", "2.5×10⁸"), ("1e9", "10⁹")):
        entries.fill(typed)
        entries.press("Enter")
        expect(entries).to_have_value(shown)
    field.fill("0")
    field.press("Enter")
    expect(page.get_by_text("Bandwidth, as a number: from 1 to 10000, please.")).to_be_visible()
    assert page.locator(".measured").count() == 2
    page.get_by_role("button", name="Reset").click()
    expect(said).to_have_text("10⁹ entries take 50 ms: the arithmetic decides.")


def test_roofline_under_touch(show: Show) -> None:
    page = show(ONE, viewport=PHONE, has_touch=True)
    entries = slider(page, "Entries")
    box = entries.bounding_box()
    assert box
    assert box["height"] >= 24
    page.touchscreen.tap(box["x"] + 2, box["y"] + box["height"] / 2)
    expect(page.locator(".said")).to_contain_text("1000 entries take")
