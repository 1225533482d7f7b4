"""A guess on a page: what a reader types is answered, and without scripts the answer is folded away."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import PHONE

CLOSE = "Very close."
REPLIES = [
    ("formula", "2", "Your guess: 2. The answer: 148.4. That is 74 times too small. Each point of lead"),
    ("formula", "1000", "Your guess: 1000. The answer: 148.4. That is 6.7 times too large. Only the lead"),
    ("formula", "100", "That is 48.4 too little."),
    ("formula", "150", f"Your guess: 150. The answer: 148.4. {CLOSE}"),
    ("calibration", "95.6", "That is 6 too much."),
    ("speed", "50", "That is 40 times too large."),
    ("speed", "10", "That is 8.75 too much."),
    ("speed", "0", "That is 1.25 too little."),
    ("speed", "1,75 %", "That is 0.5 too much."),
    ("speed", "3/4", "That is 0.5 too little."),
    ("temperature", "1,014", "Your guess: 1014. The answer: 10.14. That is 100 times too large."),
]


@pytest.mark.parametrize(("chapter", "guess", "said"), REPLIES)
def test_a_guess_is_answered(browser: Browser, site: Path, chapter: str, guess: str, said: str) -> None:
    context = browser.new_context(offline=True, viewport=PHONE)
    page = context.new_page()
    page.goto((site / f"{chapter}.html").as_uri())
    answer = page.locator("softmax-guess details p")
    reply = page.locator("softmax-guess").get_by_role("status")
    expect(answer).to_be_hidden()
    if chapter == "speed":
        page.get_by_label("Your guess").fill("1000000")
        page.keyboard.press("Enter")
        expect(reply, "there is no such share").to_have_text("A number from 0 to 100, please.")
        expect(answer).to_be_hidden()
    page.get_by_label("Your guess").fill(guess)
    page.keyboard.press("Enter")
    expect(reply).to_contain_text(said)
    assert (reply.inner_text().endswith(CLOSE)) == (CLOSE in said)
    expect(answer).to_be_visible()
    context.close()


def test_a_guess_is_read_as_it_is_written_in_spanish(browser: Browser, site: Path) -> None:
    page = browser.new_page(locale="en-US")
    page.goto((site / "es" / "temperature.html").as_uri())
    field, reply = page.get_by_label("Tu estimación"), page.locator("softmax-guess").get_by_role("status")
    for typed, said in (
        ("", "Un número desde 0, por favor."),
        ("diez", "Un número desde 0, por favor."),
        ("−5", "Un número desde 0, por favor."),
        ("1,5", "Tu estimación: 1.5. La respuesta: 10.14."),
    ):
        field.fill(typed)
        field.press("Enter")
        expect(reply).to_contain_text(said)
        expect(field).to_have_attribute("aria-invalid", str(typed != "1,5").lower())
    page.close()


@pytest.mark.parametrize("width", [320, 360, 390, 1280])
def test_a_guess_has_its_room_before_its_script(browser: Browser, site: Path, width: int) -> None:
    context = browser.new_context(offline=True, viewport={"width": width, "height": 800})
    page = context.new_page()
    for name in (f"{folder}{chapter}" for folder in ("", "es/") for chapter in ("formula", "temperature", "sparse")):
        page.goto((site / f"{name}.html").as_uri())
        height = "guess => guess.offsetHeight"
        whole = page.locator("softmax-guess").evaluate(height)
        page.route("**/guess.js*", lambda route: route.abort())
        page.reload()
        empty = page.locator("softmax-guess").evaluate(height)
        page.unroute("**/guess.js*")
        assert abs(whole - empty) <= 4, name
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
