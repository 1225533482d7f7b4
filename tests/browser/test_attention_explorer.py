"""The attention explorer in a real Chromium."""

import re
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from playwright.sync_api import Page, expect

from minisoftmax import core, explorers, scaled_dot_product_attention
from tests.browser.conftest import PHONE, Show, resize
from tests.browser.hands import drag, numbers, slider, swipe

TOKENS = ["The", "cat", "sat", "on", "the", "mat"]
QUERY, KEY = np.random.default_rng(1).normal(size=(2, 2, 6, 4)).round(2)
ONE = explorers.attention(TOKENS, QUERY, KEY, ["one", "two"])


def test_attention_numbers(show: Show) -> None:
    rng = np.random.default_rng(4)
    settings = []
    for _ in range(500):
        heads, length, size = rng.integers(1, 3), rng.integers(2, 7), rng.integers(1, 6)
        query, key = rng.normal(scale=rng.choice([0.5, 3.0]), size=(2, heads, length, size))
        scale = None if rng.random() < 0.5 else float(rng.uniform(0, 3))
        names = {"tokens": ["x"] * int(length), "heads": ["h"] * int(heads)}
        more = {"value": rng.normal(size=(heads, length, 2)).tolist()} if rng.random() < 0.8 else {}
        more |= {"query": query.tolist(), "key": key.tolist(), "causal": bool(rng.random() < 0.5), "scale": scale}
        settings.append(names | more)
    for asked, found in zip(
        settings,
        numbers(show(ONE), "attention", settings),
        strict=True,
    ):
        query, key = np.array(asked["query"])[0], np.array(asked["key"])[0]
        factor = asked["scale"] if asked["scale"] is not None else 1 / np.sqrt(query.shape[1])
        seen = np.tri(len(query), dtype=bool) if asked["causal"] else None
        # A dot product rounds in another order here: what that moves, exp makes as much larger as the scores are.
        assert_allclose(found["weights"], core.softmax(query @ key.T * factor, where=seen), rtol=1e-12, atol=1e-14)
        if "value" not in asked:
            assert found["answers"] is None
            continue
        options = {"is_causal": asked["causal"], "scale": asked["scale"]}
        answers = scaled_dot_product_attention(query, key, asked["value"][0], **options)
        assert_allclose(found["answers"], answers, rtol=1e-12, atol=1e-13)


def test_attention_follows_the_pointer_the_keys_and_the_mask(show: Show) -> None:
    page = show(explorers.attention(TOKENS, QUERY, KEY, ["one", "two"], word=1))

    def shown(head: int, word: int, scale: float = 0.5, causal: bool = False) -> None:
        z = QUERY[head] @ KEY[head].T * scale
        p = core.softmax(z, where=np.tri(6, dtype=bool) if causal else None)[word]
        rows = page.locator(".keys > div > span:last-child").all_inner_texts()
        assert_allclose([float(re.sub(r"×10.*", "e-4", text)) for text in rows], p, atol=6e-4)
        expect(page.locator(".token[aria-pressed=true]")).to_have_text(TOKENS[word])

    shown(0, 1)
    page.get_by_role("button", name="sat", exact=True).hover()
    shown(0, 2)
    page.get_by_role("button", name="sat", exact=True).focus()
    page.keyboard.press("Tab")
    shown(0, 3)
    page.get_by_role("button", name="two").click()
    shown(1, 3)
    page.get_by_label("Causal mask").check()
    shown(1, 3, causal=True)
    assert page.get_by_text("masked").count() == 2
    entry = page.get_by_role("textbox", name="Scale, as a number")
    entry.fill("1.5")
    entry.press("Enter")
    shown(1, 3, scale=1.5, causal=True)
    slider(page, "Scale").press("Home")
    shown(1, 3, scale=0, causal=True)
    assert page.locator("attention-explorer .sentence path").count() >= 4


def test_attention_arcs_follow_a_resize(show: Show) -> None:
    page = show(explorers.attention(TOKENS * 2, np.ones((12, 2)), np.ones((12, 2))))

    def arcs() -> list[str]:
        found: list[str] = page.locator("attention-explorer .sentence path").evaluate_all(
            "paths => paths.map(path => path.getAttribute('d'))"
        )
        return found

    wide = arcs()
    resize(page, PHONE)
    assert len(arcs()) == len(wide) == 12
    assert arcs() != wide


IN_PLANE = np.array([[0.0, 1.0], [2.0, 0.0], [1.0, 1.0]]), np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]])
VALUE = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])
MIXED = explorers.attention(["cat", "boat", "it"], *IN_PLANE, value=VALUE, scale=1)


def mixed(page: Page, query: np.ndarray, key: np.ndarray, word: int = 2, **options: Any) -> None:
    """Compare what is shown for a word with the package."""
    answers, weights = scaled_dot_product_attention(query, key, VALUE, scale=1, return_weights=True, **options)
    x, y = (f"{value + 0:.3f}".replace("-", "−") for value in answers[word])
    expect(page.locator(".values strong")).to_have_text(f"({x}, {y})")
    expect(page.locator(".keys > div > span:last-child")).to_have_text([f"{p:.3f}" for p in weights[word]])
    found = page.locator("attention-explorer").evaluate("explorer => explorer.numbers.answers")
    assert_allclose(found, answers, rtol=1e-12, atol=1e-13)


def test_a_query_and_a_key_are_dragged_and_the_answer_follows(show: Show) -> None:
    page = show(MIXED)
    query, key = IN_PLANE[0].copy(), IN_PLANE[1].copy()
    mixed(page, query, key)
    handle, other = slider(page, "Query"), slider(page, "Key")
    unit = (page.locator(".vectors .plane").bounding_box() or {"width": 0})["width"] / 5.4
    drag(page, handle, unit, -unit)
    query[2] = 2, 2
    assert handle.get_attribute("aria-valuetext") == "right 2.00, up 2.00"
    mixed(page, query, key)
    handle.press("PageDown")
    handle.press("ArrowLeft")
    query[2] = 1.9, 1
    mixed(page, query, key)
    expect(page.locator(".vectors .result")).to_have_text("Score: (1.9·1 + 1·1) · 1 = 2.90")
    drag(page, other, 2000, 0)
    key[0] = [3.2, 1]
    mixed(page, query, key)
    page.get_by_role("combobox", name="Key of").select_option("boat")
    assert other.get_attribute("aria-valuetext") == "right 1.00, up 0.00"
    for name, typed in (("Key, up", "-2"), ("Query, right", "−1,5")):
        page.get_by_role("textbox", name=name).fill(typed)
        page.get_by_role("textbox", name=name).press("Enter")
    key[1], query[2] = [1, -2], [-1.5, 1]
    mixed(page, query, key)
    expect(page.locator(".vectors .result")).to_have_text("Score: ((−1.5)·1 + 1·(−2)) · 1 = −3.50")
    expect(page.locator(".spoken")).to_contain_text("Answer: (")
    page.get_by_role("button", name="cat", exact=True).click()
    mixed(page, query, key, 0)
    page.get_by_label("Causal mask").check()
    mixed(page, query, key, 0, is_causal=True)
    expect(page.locator(".vectors .result")).to_have_text("Score: masked")
    page.get_by_role("button", name="Reset").click()
    mixed(page, *IN_PLANE)


def test_a_key_is_taken_where_it_is(show: Show) -> None:
    page = show(MIXED)
    plane = page.locator(".vectors .plane").bounding_box()
    assert plane
    unit = plane["width"] / 5.4
    boat = plane["x"] + 3.2 * unit, plane["y"] + 3.2 * unit
    page.mouse.move(*boat)
    page.mouse.down()
    page.mouse.move(boat[0], boat[1] + unit)
    page.mouse.up()
    expect(page.get_by_role("combobox", name="Key of")).to_have_value("1")
    assert slider(page, "Key").get_attribute("aria-valuetext") == "right 1.00, up −1.00"


def test_a_finger_drags_a_vector_and_scrolls_beside_it(show: Show) -> None:
    page = show(MIXED, before="<p style='height: 20rem'>", has_touch=True, is_mobile=True, viewport=PHONE)
    page.evaluate("document.body.style.paddingBottom = '60rem'")
    page.evaluate("scrollTo(0, 200)")
    plane = page.locator(".vectors .plane").bounding_box()
    assert plane
    unit = plane["width"] / 5.4
    origin = plane["x"] + 2.2 * unit, plane["y"] + 3.2 * unit
    before = page.evaluate("scrollY")
    swipe(page, origin[0] + unit, origin[1] - unit, 0, -unit)  # the query is over the key of cat
    assert slider(page, "Query").get_attribute("aria-valuetext") == "right 1.00, up 2.00"
    assert page.evaluate("scrollY") == before
    page.touchscreen.tap(origin[0] + unit, origin[1])
    expect(page.get_by_role("combobox", name="Key of")).to_have_value("1")
    state = page.locator("attention-explorer").evaluate("explorer => explorer.search")
    swipe(page, origin[0] - unit, origin[1] + unit, 0, -100)
    page.wait_for_function("before => scrollY > before + 50", arg=before)
    word = page.get_by_role("button", name="boat", exact=True).bounding_box()
    assert word
    after = page.evaluate("scrollY")
    swipe(page, word["x"] + 5, word["y"] + 5, 0, -100)
    page.wait_for_function("before => scrollY > before + 50", arg=after)
    assert page.locator("attention-explorer").evaluate("explorer => explorer.search") == state


@pytest.mark.parametrize("size", [1, 2, 3])
def test_there_is_a_plane_for_what_has_two_numbers(show: Show, size: int) -> None:
    query, key = QUERY[:, :, :size], KEY[:, :, :size]
    page = show(explorers.attention(TOKENS, query, key), explorers.attention(TOKENS, query, key, value=QUERY[:, :, :2]))
    for one, planes in zip(page.locator("attention-explorer").all(), (0, 1), strict=True):
        assert one.locator(".plane").count() == planes + (size == 2)
        assert ("q=" in one.evaluate("explorer => explorer.search")) is (size == 2)


def test_arcs_are_beside_the_words_on_a_phone(show: Show) -> None:
    page = show(ONE, viewport=PHONE)
    ends = page.locator("attention-explorer").evaluate(
        """({ parts }) => {
          const left = parts.sentence.getBoundingClientRect().left;
          return [parts.tokens.map((token) => token.getBoundingClientRect().right),
            [...parts.arcs.children].map((arc) => left + arc.getBBox().x)];
        }"""
    )
    assert len(ends[0]) == len(TOKENS)
    assert len(set(ends[0])) == 1, "one under the other"
    assert min(ends[1]) >= ends[0][0]
