"""The contexts explorer in a real Chromium."""

import numpy as np
from numpy.testing import assert_allclose
from playwright.sync_api import expect

from minisoftmax import explorers, softmax
from tests.browser.conftest import Show
from tests.browser.hands import numbers

ONE = explorers.contexts(5.0, 100)


def test_contexts_numbers(show: Show) -> None:
    rng = np.random.default_rng(0)
    cases = [(float(rng.uniform(0, 20)), int(np.exp(rng.uniform(np.log(2), np.log(1e5))))) for _ in range(60)]
    cases += [(0.0, 2), (20.0, 2), (20.0, 1_000_000), (0.0, 1_000_000)]
    settings = [{"lead": lead, "length": length} for lead, length in cases]
    for (lead, length), found in zip(cases, numbers(show(ONE), "contexts", settings), strict=True):
        z = np.zeros(length)
        z[0] = lead
        assert_allclose(found["share"], softmax(z)[0], rtol=1e-12)
        z[0] = found["needed"]
        assert_allclose(softmax(z)[0], 0.5, rtol=1e-12)


def test_a_longer_text_drowns_the_leader(show: Show) -> None:
    page = show(ONE)
    share = page.locator("contexts-explorer .both strong")
    expect(share).to_have_text("0.600")
    page.get_by_role("slider", name="Keys").press("End")
    expect(share).to_have_text("1.5×10⁻⁴")  # e⁵ of a million
    expect(page.get_by_text("To try: give one of a million keys half of it all.")).to_be_visible()
    lead = page.get_by_role("textbox", name="Lead, as a number")
    lead.fill("13.9")
    lead.press("Enter")
    expect(page.get_by_text("Done: give one of a million keys half of it all.")).to_be_visible()
