"""The attention explorer in a real Chromium."""

import re

import numpy as np
from numpy.testing import assert_allclose
from playwright.sync_api import expect

from minisoftmax import core, explorers
from tests.browser.conftest import PHONE, Show
from tests.browser.hands import numbers, slider

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
        more = {"query": query.tolist(), "key": key.tolist(), "causal": bool(rng.random() < 0.5), "scale": scale}
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
    page.set_viewport_size(PHONE)
    page.wait_for_timeout(100)
    assert len(arcs()) == len(wide) == 12
    assert arcs() != wide
