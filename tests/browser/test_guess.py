"""A guess on a page: what a reader types is answered, and without scripts the answer is folded away."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import PHONE


@pytest.mark.parametrize(("guess", "said"), [("2", "more"), ("1000", "less"), ("150", "Very close")])
def test_a_guess_is_answered(browser: Browser, site: Path, guess: str, said: str) -> None:
    context = browser.new_context(offline=True, viewport=PHONE)
    page = context.new_page()
    page.goto((site / "formula.html").as_uri())
    answer = page.locator("softmax-guess details p")
    expect(answer).to_be_hidden()
    page.get_by_label("Your guess").fill(guess)
    page.keyboard.press("Enter")
    expect(page.locator("softmax-guess").get_by_role("status")).to_contain_text(said)
    expect(answer).to_be_visible()
    context.close()


def test_without_scripts_there_is_a_folded_answer(browser: Browser, site: Path) -> None:
    context = browser.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "formula.html").as_uri())
    expect(page.get_by_label("Your guess")).to_have_count(0)
    expect(page.locator("softmax-guess details p")).to_be_hidden()
    page.locator("softmax-guess summary").click()
    expect(page.locator("softmax-guess details p")).to_be_visible()
    context.close()
