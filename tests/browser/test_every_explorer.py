"""What holds for every explorer in a real Chromium: whom it serves, and where it stands."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from minisoftmax import explorers
from tests.browser.axe import violations
from tests.browser.conftest import LOOK, PHONE, Show, resize
from tests.explorers import NAMES, NASTY, TAKES_TEXTS, example, examples

DARK = "background: #121212; color: #ced6dd"


def test_touch_scrolls_the_page_everywhere_but_on_handles_in_a_plane(show: Show) -> None:
    page = show(*examples())
    kinds = page.evaluate(
        """() => [...document.querySelectorAll("[settings]")].flatMap((explorer) =>
          [...explorer.shadowRoot.querySelectorAll("*")].map((part) =>
            [part.matches(".plane *") && part.matches("[role=slider]"), getComputedStyle(part).touchAction]))"""
    )
    assert all(is_handle == (action == "none") for is_handle, action in kinds)
    assert sum(is_handle for is_handle, _ in kinds) > 1


@pytest.mark.parametrize("name", NAMES)
def test_a_finger_that_scrolls_the_page_sets_nothing(show: Show, name: str) -> None:
    room = "<div style='height: 900px'></div>"
    page = show(
        example(name),
        look=f"{LOOK}; padding-bottom: 900px",
        before=room,
        viewport=PHONE,
        has_touch=True,
        is_mobile=True,
    )
    touch = page.context.new_cdp_session(page)

    def put(kind: str, *point: float) -> None:
        places = [{"x": point[0], "y": point[1]}] if point else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    explorer = page.locator(f"{name}-explorer")
    state = explorer.evaluate("explorer => explorer.search")
    for control in explorer.locator("input[type=range], [role=slider]:not(.plane *), .strip").all():
        control.evaluate("control => control.scrollIntoView({ block: 'center' })")
        start = page.evaluate("scrollY")
        box = control.bounding_box()
        assert box
        x, y = box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2
        put("touchStart", x, y)
        for step in range(1, 9):
            put("touchMove", x, y - 15 * step)
            page.wait_for_timeout(20)
        put("touchEnd")
        page.wait_for_function("start => scrollY > start + 20", arg=start)
        assert explorer.evaluate("explorer => explorer.search") == state


TALL = """async (explorer) => {
  const heights = new Set([explorer.offsetHeight]);
  for (const range of explorer.shadowRoot.querySelectorAll("input[type=range]")) {
    const { value, min, max } = range;
    for (const share of [0, 0.03, 0.1, 0.25, 0.4, 0.55, 0.6, 0.7, 0.8, 0.9, 0.97, 1]) {
      range.value = Number(min) + share * (max - min);
      range.dispatchEvent(new Event("input"));
      heights.add(explorer.offsetHeight);
    }
    range.value = value;
    range.dispatchEvent(new Event("input"));
  }
  return [...heights];
}"""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [320, 390])
def test_a_slider_does_not_change_how_high_the_figure_is(show: Show, name: str, width: int) -> None:
    page = show(example(name), viewport={"width": width, "height": 800})
    heights = page.locator(f"{name}-explorer").evaluate(TALL)
    assert max(heights) - min(heights) <= 1, heights


CRAMPED = """(explorer) => {
  const all = (selector) => [...explorer.shadowRoot.querySelectorAll(selector)];
  const seen = (selector) => all(selector).filter((part) => part.checkVisibility());
  const short = seen("input[type=range]").filter((range) => range.offsetWidth < 80);
  const joined = seen(".ends span + span").filter((end) =>
    end.getBoundingClientRect().left < end.previousSibling.getBoundingClientRect().right + 4);
  const size = (text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a;
  const small = seen("svg text").filter((text) => size(text) < 10);
  return [...short, ...joined, ...small].map((part) => part.outerHTML);
}"""


@pytest.mark.parametrize("name", NAMES)
def test_on_the_narrowest_phone_a_slider_is_long_enough_and_words_can_be_read(show: Show, name: str) -> None:
    page = show(example(name), viewport={"width": 320, "height": 800})
    assert page.locator(f"{name}-explorer").evaluate(CRAMPED) == []


def test_the_frame_of_a_slider_that_has_the_focus_has_the_color_of_the_text(show: Show) -> None:
    page = show(*examples())
    colors = page.locator("input[type=range]").evaluate_all(
        "all => all.map((range) => [getComputedStyle(range).color, getComputedStyle(range.closest('.figure')).color])"
    )
    assert colors
    assert all(own == text for own, text in colors)


def test_attributes_for_screen_readers_are_words(show: Show) -> None:
    page = show(*examples())
    empty = page.evaluate(
        """() => [...document.querySelectorAll("[settings]")].flatMap(({ shadowRoot }) =>
          [...shadowRoot.querySelectorAll("*")].flatMap((part) => part.getAttributeNames()
            .filter((name) => name.startsWith("aria-") && part.getAttribute(name) === "")))"""
    )
    assert empty == []
    assert page.locator("[aria-hidden=true]").count() > 10


@pytest.mark.parametrize("name", NAMES)
def test_a_link_gives_the_state_that_was_seen(show: Show, name: str) -> None:
    page = show(example(name), anchors=True)
    explorer = page.locator(f"{name}-explorer")
    start = explorer.evaluate("explorer => explorer.search")
    for control in explorer.locator("[role=slider], input[type=range]").all():
        control.press("ArrowLeft")
    state = explorer.evaluate("explorer => explorer.search")
    assert state != start
    explorer.get_by_role("link", name="Link").click()
    assert page.url.endswith(f"#figure-{name}?{state}")
    numbers = explorer.evaluate("explorer => explorer.numbers")
    page.reload()
    assert explorer.evaluate("explorer => explorer.numbers") == numbers
    assert explorer.evaluate("explorer => explorer.search") == state
    explorer.get_by_role("button", name="Reset").click()
    assert explorer.evaluate("explorer => explorer.search") == start
    page.goto(f"{page.url.split('#')[0]}#figure-{name}?T=-1&w=nonsense&alpha=7")
    assert explorer.evaluate("explorer => explorer.search") == start, "what may not be does not become"


@pytest.mark.parametrize("name", NAMES)
def test_words_that_lead_to_a_figure_show_its_top(show: Show, name: str) -> None:
    page = show(example(name), before="<p style='height: 90rem'>", anchors=True, viewport=PHONE)
    explorer = page.locator(f"{name}-explorer")
    explorer.evaluate("explorer => { document.body.style.paddingBottom = '90rem'; scrollTo(0, 1e6); }")
    explorer.evaluate("explorer => explorer.goTo(`#${explorer.anchor}?${explorer.search}`)")
    assert explorer.evaluate("explorer => Math.round(explorer.getBoundingClientRect().top)") >= 0


@pytest.mark.parametrize("name", NAMES)
def test_buttons_stay_where_they_are(show: Show, name: str) -> None:
    page = show(example(name), viewport=PHONE)
    buttons = page.locator(f"{name}-explorer button:not(.reset, .token)")
    places = "all => all.map(button => button.getBoundingClientRect().top)"
    before = buttons.evaluate_all(places)
    for button in buttons.all():
        button.click()
        assert buttons.evaluate_all(places) == before
    temperature = page.get_by_role("slider", name="Temperature")
    for key in ("Home", "ArrowRight", "End") if temperature.count() else ():
        temperature.press(key)
        assert buttons.evaluate_all(places) == before


@pytest.mark.parametrize("name", NAMES)
def test_a_challenge_is_open_at_the_start_and_said_when_it_is_met(show: Show, name: str) -> None:
    page = show(example(name))
    challenge = page.locator(f"{name}-explorer .challenge")
    expect(challenge).to_have_text(re.compile("^To try: .*\\.$"))
    expect(challenge).to_have_role("status")


def test_a_hand_draws_no_frame_and_a_key_does(show: Show) -> None:
    page = show(example("softmax"))
    mat = page.get_by_role("slider").first
    mat.click()
    style = "handle => getComputedStyle(handle).outlineStyle"
    assert mat.evaluate(style) == "none"
    mat.press("ArrowLeft")
    assert mat.evaluate(style) == "solid"


@pytest.mark.parametrize("look", [LOOK, f"{LOOK}; {DARK}"], ids=["light", "dark"])
def test_axe_finds_nothing(show: Show, look: str) -> None:
    page = show(*examples(), look=look, before="<h1>Explorers</h1>", viewport=PHONE)
    assert violations(page) == []
    for name in NAMES:
        first = page.locator(f"{name}-explorer :is([role=slider], .token, input)").first
        first.focus()
        expect(first).to_be_focused()
        assert violations(page, f"{name}-explorer") == []
    for summary in page.locator("summary").all():
        summary.click()
    for control in page.locator(":is(button, input[type=checkbox]):not(.reset)").all():
        control.click()
    assert violations(page) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_control_is_reached_by_tab_and_has_a_name(show: Show, name: str) -> None:
    page = show(example(name))
    page.locator("details").evaluate_all("all => all.forEach(details => { details.open = true; })")
    controls = f"{name}-explorer :is(button, input, select, summary, [tabindex])"
    reached = 0
    for _ in range(page.locator(controls).count()):
        page.keyboard.press("Tab")
        inside = "document.activeElement.shadowRoot?.activeElement"
        reached += page.evaluate(f"{inside}?.matches('button, input, select, summary, [tabindex]') ?? false")
        outline = page.evaluate(f"getComputedStyle({inside}).outlineStyle")
        assert outline == "solid"
    assert reached == page.locator(controls).count()


def test_nothing_sticks_out(show: Show) -> None:
    long = explorers.softmax(np.arange(8.0) - 100, ["a long label that goes on"] * 8, temperature=0.05)
    sentence = explorers.attention(["Donaudampfschifffahrt"] * 16, np.ones((16, 2)), np.ones((16, 2)))
    many = explorers.sampling(np.arange(20.0), ["a long label that goes on"] * 20, prompt="word " * 40)
    page = show(*examples(), long, sentence, many)
    page.get_by_role("button", name="Draw one").last.click()
    assert page.locator(".figure").count() == len(NAMES) + 3
    for width in (320, 360, 768, 1280):
        resize(page, {"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_print_shows_the_picture(show: Show) -> None:
    page = show(*examples())
    for media, figure, picture in (("screen", True, False), ("print", False, True)):
        page.emulate_media(media=media)  # type: ignore[arg-type]
        for name in NAMES:
            assert page.locator(f"{name}-explorer .figure").is_visible() is figure
            assert page.locator(f"{name}-explorer > img").is_visible() is picture


def test_without_scripts_the_picture_stands(show: Show) -> None:
    page = show(*examples(), java_script_enabled=False, viewport=PHONE)
    for name in NAMES:
        box = page.locator(f"{name}-explorer > img").bounding_box()
        assert box
        assert 300 <= box["width"] <= 328
        assert box["height"] > 80
        assert page.locator(f"{name}-explorer > img").evaluate("image => image.naturalWidth") > 0


def test_what_the_caller_gives_is_text(show: Show) -> None:
    page = show(*examples(NASTY))
    for button in page.get_by_role("button", name="Draw one").all():
        button.click()
    page.wait_for_timeout(600)
    assert page.evaluate("window.pwned") is None
    for name in NAMES:
        assert page.locator(f"{name}-explorer .figure img").count() == 0
        assert page.locator(f"{name}-explorer img").count() == 1
    for name in TAKES_TEXTS:
        assert page.locator(f"{name}-explorer .figure").get_by_text(NASTY).count() >= 1


WRONG: list[tuple[str, str, str]] = [
    ("softmax", "{", "its settings must be an object in JSON"),
    ("softmax", "null", "its settings must be an object in JSON"),
    ("softmax", "{}", "logits must be numbers from −1000 to 1000"),
    ("softmax", '{"logits": [1, null], "labels": ["a", "b"]}', "logits must be numbers from −1000 to 1000"),
    ("softmax", '{"logits": [1, 1e9], "labels": ["a", "b"]}', "logits must be numbers from −1000 to 1000"),
    ("softmax", '{"logits": [1], "labels": ["a"]}', "logits must be 2 to 8 numbers"),
    ("softmax", '{"logits": [1, 2], "labels": ["a"]}', "labels must be 2 texts"),
    (
        "softmax",
        '{"logits": [1, 2], "labels": ["a", "b"], "temperature": -1}',
        'temperature must be a number >= 0, or "inf"',
    ),
    ("sampling", '{"logits": [1, 2], "labels": ["a", "b"], "top_k": 0}', "top_k must be a whole number >= 1"),
    ("sampling", '{"logits": [1, 2], "labels": ["a", "b"], "top_p": 0}', "top_p must be above 0 and at most 1"),
    ("sampling", '{"logits": [1, 2], "labels": ["a", "b"], "min_p": 2}', "min_p must be from 0 to 1"),
    ("sampling", '{"logits": [1, 2], "labels": ["a", "b"], "prompt": 1}', "prompt must be a text"),
    ("stability", '{"logit": 12, "dtype": "float8", "formats": {"float16": {}}}', "dtype must be one of float16"),
    ("stability", '{"logit": 12, "dtype": "float16"}', "formats must be an object"),
    ("stability", '{"logit": "x", "dtype": "float16"}', "logit must be numbers from −1000 to 1000"),
    ("attention", '{"tokens": ["a"]}', "tokens must be 2 to 16 texts"),
    (
        "attention",
        '{"tokens": ["a", "b"], "query": [[[1], [2]]], "key": [[[1]]], "heads": ["h"]}',
        "key must be heads of 2 rows of equal length",
    ),
    (
        "attention",
        '{"tokens": ["a", "b"], "query": [[[1], [2]]], "key": [[[1], [2]]], "heads": []}',
        "heads must be 1 texts",
    ),
    (
        "attention",
        '{"tokens": ["a", "b"], "query": [[[1], [2]]], "key": [[[1], [2]]], "value": [[[1], [2]]], "heads": ["h"]}',
        "value must be heads of 2 rows of equal length",
    ),
    ("boundary", '{"vectors": [[1, 2], [3, 4]], "labels": ["a", "b", "c"]}', "vectors must be three pairs of numbers"),
    (
        "boundary",
        '{"vectors": [[1, 2], [3, 4], [0, 0]], "labels": ["a", "b", "c"]}',
        "vectors must be numbers from −3 to 3",
    ),
    (
        "boundary",
        '{"vectors": [[1, 2], [3, 0], [0, 0]], "labels": ["a", "b", "c"], "samples": [1]}',
        "samples must be pairs of numbers",
    ),
    (
        "boundary",
        '{"vectors": [[1, 2], [3, 0], [0, 0]], "labels": ["a", "b", "c"], "samples": [[1, 2]], "target": [3]}',
        "target must be the number of a class for each row",
    ),
]


def test_wrong_settings_get_a_message_and_right_ones_the_figure_back(show: Show) -> None:
    page = show(*examples())
    for name, settings, message in WRONG:
        explorer = page.locator(f"{name}-explorer")
        right = explorer.get_attribute("settings")
        explorer.evaluate("(explorer, settings) => explorer.setAttribute('settings', settings)", settings)
        expect(explorer.locator(".figure")).to_have_text(f"This figure cannot be drawn: {message}.")
        explorer.evaluate("(explorer, settings) => explorer.setAttribute('settings', settings)", right)
        expect(explorer.get_by_role("button", name="Reset")).to_be_visible()


def test_motion_is_reduced_where_asked(show: Show) -> None:
    for motion, moves in (("no-preference", True), ("reduce", False)):
        page = show(*examples(), reduced_motion=motion)
        durations = page.locator("[settings]").evaluate_all(
            """(all) => all.flatMap((explorer) => [...explorer.shadowRoot.querySelectorAll("*")]
              .map((part) => getComputedStyle(part).transitionDuration))"""
        )
        assert (set(durations) != {"0s"}) is moves
