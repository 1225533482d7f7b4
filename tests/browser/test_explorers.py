"""The explorers in a real Chromium: their numbers, hands on them, what they say, where they stand."""

import json
import math
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from minisoftmax.explorers._picture import probability
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect, sync_playwright

from minisoftmax import core, explorers
from minisoftmax.explorers import Explorer
from minisoftmax.sampling import entropy
from tests.browser.test_pages import CHROMIUM, DESK, FLAGS, PHONE
from tools import ROOT

WORDS = ["mat", "sofa", "moon"]
TOKENS = ["The", "cat", "sat", "on", "the", "mat"]
VECTORS = [[1.5, 0.5], [-1.0, 1.0], [-0.5, -1.5]]
NASTY = "<img src=x onerror='window.pwned=1'> & \"q\" </script>"
QUERY, KEY = np.random.default_rng(1).normal(size=(2, 2, 6, 4)).round(2)


def all_five(label: str = "mat") -> list[Explorer]:
    labels = [label, "sofa", "moon"]
    return [
        explorers.softmax([2.0, 1.0, -1.0], labels),
        explorers.sampling([2.0, 1.0, 0.0], labels, top_p=0.9, prompt=label),
        explorers.stability(12.0, "float16"),
        explorers.attention([label, *TOKENS[1:]], QUERY, KEY, ["one", label]),
        explorers.boundary(VECTORS, labels),
    ]


NAMES = [explorer.name for explorer in all_five()]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "CI must run these tests in a real browser: `make chromium`, or CHROMIUM=/path/to/chrome"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


Show = Callable[..., Page]

LOOK = "font: 16px sans-serif; margin: 1rem"
DARK = "background: #121212; color: #ced6dd"


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Show]:
    """Open explorers as a notebook stores them, in a file, with the network cut; fail on any error of theirs."""
    problems: list[str] = []
    contexts: list[BrowserContext] = []

    def listen(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            problems.append(said.text)

    def open_page(*shown: Explorer, look: str = LOOK, before: str = "", **settings: Any) -> Page:
        outputs = "".join(f"<div>{explorer._repr_mimebundle_()['text/html']}</div>" for explorer in shown)
        head = "<!doctype html><html lang=en><meta charset=utf-8><title>Explorers</title>"
        head += '<meta name=viewport content="width=device-width, initial-scale=1">'
        file = tmp_path / f"{len(contexts)}.html"
        file.write_text(f'{head}<body style="{look}"><main>{before}{outputs}</main>', encoding="utf-8")
        settings.setdefault("viewport", DESK)
        context = browser.new_context(offline=True, **settings)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
        page.on("console", listen)
        page.on("request", lambda asked: problems.extend({asked.url} - {file.as_uri()}))
        page.goto(file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not problems


def slider(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("slider", name=name, exact=True)


def value(handle: Locator) -> float:
    return float(handle.get_attribute("aria-valuenow") or "nan")


def drag(page: Page, handle: Locator, x: float, y: float) -> None:
    box = handle.bounding_box()
    assert box
    start = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + x / 2, start[1] + y / 2)
    page.mouse.move(start[0] + x, start[1] + y)
    page.mouse.up()


# The numbers


def numbers(page: Page, name: str, settings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give an explorer some settings after one another, and ask for the numbers that it would draw."""
    found: list[dict[str, Any]] = page.evaluate(
        """([name, all]) => {
          const explorer = document.querySelector(`${name}-explorer`);
          return all.map((settings) => {
            explorer.state = explorer.read(settings);
            return explorer.numbers;
          });
        }""",
        [name, settings],
    )
    return found


def random_logits(rng: np.random.Generator, most: int) -> list[float]:
    scale = rng.choice([0.01, 1.0, 10.0, 100.0])
    return np.clip(rng.normal(scale=scale, size=rng.integers(2, most + 1)), -1000, 1000).tolist()


def random_temperature(rng: np.random.Generator) -> float:
    return float(rng.choice([0.0, np.inf, 1.0, *np.exp(rng.uniform(-3, 3, 5))]))


def as_json(temperature: float) -> float | str:
    return "inf" if temperature == np.inf else temperature


def close(found: Any, expected: Any) -> None:
    """To 12 digits; where a double has fewer, below 1e−300, to what it has."""
    assert_allclose(found, expected, rtol=1e-12, atol=1e-300)


def test_softmax_numbers(show: Show) -> None:
    rng = np.random.default_rng(0)
    cases = [(random_logits(rng, 8), random_temperature(rng)) for _ in range(500)]
    settings = [{"logits": z, "labels": [""] * len(z), "temperature": as_json(T)} for z, T in cases]
    for (z, scale), found in zip(cases, numbers(show(all_five()[0]), "softmax", settings), strict=True):
        close(found["probabilities"], core.softmax(z, temperature=scale))
        close(found["entropy"], entropy(z, temperature=scale))
        with np.errstate(all="ignore"):
            close(found["logOdds"], np.subtract(z[0], z[1]) / scale)


def test_all_of_the_core(show: Show) -> None:
    rng = np.random.default_rng(1)
    cases = [(random_logits(rng, 20), random_temperature(rng)) for _ in range(500)]
    infinities = [[1.0, -np.inf, 2.0], [np.inf, 0.0, np.inf], [-np.inf, -np.inf], [np.nan, 1.0], [0.0, -50.0], [7.0]]
    cases += [(z, T) for z in infinities for T in (1.0, 0.0, np.inf, 0.3)]
    found = show(all_five()[0]).evaluate(
        """(cases) => cases.map(([z, T]) =>
          [minisoftmax.softmax(z, T), minisoftmax.logSoftmax(z, T), minisoftmax.logsumexp(z)])""",
        cases,
    )
    for (z, scale), (p, log_p, total) in zip(cases, found, strict=True):
        close(p, core.softmax(z, temperature=scale))
        close(log_p, core.log_softmax(z, temperature=scale))
        close(total, core.logsumexp(z))


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
    for (z, scale, k, p, m), found in zip(cases, numbers(show(all_five()[1]), "sampling", settings), strict=True):
        before = core.softmax(z, temperature=scale)
        expected = np.where(literally_kept(z, scale, k, p, m), before, 0)
        close(found["before"], before)
        close(found["after"], expected / expected.sum())


def to_bfloat16(x: float) -> float:
    """Round to nearest, ties to even, on the bits of the float32 (which is exact enough: see the test of it)."""
    bits = int(np.float32(x).view(np.uint32))
    if not np.isfinite(np.float32(x)):
        return float(np.float32(x))
    bits += 0x7FFF + ((bits >> 16) & 1)
    return float(np.uint32(bits & 0xFFFF0000).view(np.float32))


def rounded(x: float, dtype: str) -> float:
    with np.errstate(all="ignore"):
        if dtype == "bfloat16":
            return to_bfloat16(x)
        return float(np.dtype(dtype).type(x))


def literal_steps(z: list[float], dtype: str, shift: bool) -> list[float]:
    with np.errstate(all="ignore"):
        stored = [rounded(x, dtype) for x in z]
        exponents = [rounded(x - max(stored), dtype) if shift else x for x in stored]
        e = [rounded(float(np.exp(x)), dtype) for x in exponents]
        total = rounded(sum(e), dtype)
        return [*exponents, *e, total, *(rounded(float(np.float64(x) / total), dtype) for x in e)]


def test_stability_numbers(show: Show) -> None:
    rng = np.random.default_rng(3)
    dtypes = ["float16", "bfloat16", "float32", "float64"]
    reach = {"float16": 30, "bfloat16": 150, "float32": 150, "float64": 1000}
    cases = [
        (float(np.round(rng.uniform(-reach[d], reach[d]), rng.integers(0, 4))), d) for _ in range(125) for d in dtypes
    ]
    settings = [{"logit": x, "dtype": dtype} for x, dtype in cases]
    for (x, dtype), found in zip(cases, numbers(show(all_five()[2]), "stability", settings), strict=True):
        for way in ("naive", "shifted"):
            steps = found[way]
            flat = [*steps["exponents"], *steps["exponentials"], steps["total"], *steps["probabilities"]]
            flat = [float(x) for x in flat]  # a large one comes as an int
            assert_allclose(flat, literal_steps([x, x - 1], dtype, way == "shifted"), rtol=1e-12, atol=0)
        stored = rounded(x, dtype)
        rest, below = rounded(math.exp(-abs(stored)), dtype), min(stored, 0)
        usual = rounded(below - rounded(math.log(rounded(1 + rest, dtype)), dtype), dtype)
        accurate = rounded(below - rounded(math.log1p(rest), dtype), dtype)
        assert_allclose([found["usual"], found["accurate"]], [usual, accurate], rtol=1e-12)
        assert_allclose(found["exact"], core.log_softmax([stored, 0.0])[0], rtol=1e-12)


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
    for asked, found in zip(settings, numbers(show(all_five()[3]), "attention", settings), strict=True):
        query, key = np.array(asked["query"])[0], np.array(asked["key"])[0]
        factor = asked["scale"] if asked["scale"] is not None else 1 / np.sqrt(query.shape[1])
        seen = np.tri(len(query), dtype=bool) if asked["causal"] else None
        # A dot product rounds in another order here: what that moves, exp makes as much larger as the scores are.
        assert_allclose(found["weights"], core.softmax(query @ key.T * factor, where=seen), rtol=1e-12, atol=1e-14)


def test_boundary_numbers(show: Show) -> None:
    rng = np.random.default_rng(5)
    settings = [
        {
            "vectors": rng.uniform(-3, 3, (3, 2)).tolist(),
            "labels": ["a", "b", "c"],
            "temperature": float(np.exp(rng.uniform(-2, 3))),
            "point": rng.uniform(-3, 3, 2).tolist(),
        }
        for _ in range(500)
    ]
    for asked, found in zip(settings, numbers(show(all_five()[4]), "boundary", settings), strict=True):
        z = [w[0] * asked["point"][0] + w[1] * asked["point"][1] for w in asked["vectors"]]
        close(found["probabilities"], core.softmax(z, temperature=asked["temperature"]))


def test_draws_come_as_often_as_they_should(show: Show) -> None:
    page = show(all_five()[1])
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


# Hands on the figures


def test_softmax_by_mouse_keyboard_and_typing(show: Show) -> None:
    one = explorers.softmax([2.0, 1.0, -1.0], WORDS)
    page = show(one, one)
    first, other = page.locator("softmax-explorer").all()
    mat, sofa, moon = (slider(first, f"Score of {word}") for word in WORDS)
    panel = first.locator(".scores").bounding_box()
    assert panel
    drag(page, mat, 0, -panel["height"] / 8)  # the panel is 8 units high, from −3 to 5
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

    field = first.get_by_role("textbox", name="Score of mat, as a number")
    field.fill("−12,5")
    field.press("Enter")
    expected = core.softmax([-12.5, 2.1, 4.0])
    shares = first.locator(".probabilities .number")
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


def test_the_scale_does_not_shrink_under_the_hand(show: Show) -> None:
    page = show(explorers.softmax([10.0, 5.0], ["mat", "sofa"]))
    mat = slider(page, "Score of mat")
    mat.press("Home")
    assert value(mat) == float(mat.get_attribute("aria-valuemin") or 0) == -3
    assert mat.get_attribute("aria-valuemax") == "10"


def test_temperature_reaches_its_limits(show: Show) -> None:
    page = show(explorers.softmax([2.0, 2.0, 0.0], WORDS))
    temperature, shares = slider(page, "Temperature"), page.locator(".probabilities .number")
    temperature.press("Home")
    expect(shares).to_have_text(["0.500", "0.500", "0.000"])
    expect(page.locator(".exponentials .number")).to_have_text(["largest", "largest", "—"])
    temperature.press("ArrowRight")
    assert temperature.get_attribute("aria-valuetext") == "0.05"
    temperature.press("End")
    expect(shares).to_have_text(["0.333"] * 3)
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


def test_touch_drags_a_bar_and_elsewhere_scrolls_the_page(show: Show) -> None:
    page = show(all_five()[0], before="<p style='height: 20rem'>", has_touch=True, is_mobile=True, viewport=PHONE)
    page.evaluate("document.body.style.paddingBottom = '100rem'")
    touch = page.context.new_cdp_session(page)

    def swipe(x: float, y: float, by: float) -> None:
        for kind, dy in (("touchStart", 0.0), ("touchMove", by / 2), ("touchMove", by), ("touchEnd", by)):
            points = [] if kind == "touchEnd" else [{"x": x, "y": y + dy}]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            page.wait_for_timeout(50)

    handle = page.locator("softmax-explorer .handle").first.bounding_box()
    assert handle
    swipe(handle["x"] + handle["width"] / 2, handle["y"] + 7, 44)
    assert page.evaluate("scrollY") == 0
    assert value(slider(page, "Score of mat")) == pytest.approx(0, abs=0.11)  # 176 pixels are 8 units
    swipe(180, 600, -200)
    assert page.evaluate("scrollY") > 50


def test_touch_scrolls_the_page_everywhere_but_on_handles(show: Show) -> None:
    page = show(*all_five())
    kinds = page.evaluate(
        """() => [...document.querySelectorAll("[settings]")].flatMap((explorer) =>
          [...explorer.shadowRoot.querySelectorAll("*")].map((part) =>
            [part.matches("div[role=slider]"), getComputedStyle(part).touchAction]))"""
    )
    assert [is_handle for is_handle, action in kinds if action == "none"] == [True] * 8
    assert sum(is_handle for is_handle, _ in kinds) == 8


def test_sampling_draws_and_forgets(show: Show) -> None:
    page = show(explorers.sampling([2.0, 1.0, 0.0], WORDS, prompt="The cat sat on the"), reduced_motion="reduce")
    page.get_by_role("button", name="Draw one").click()
    expect(page.locator(".prompt")).to_have_text(re.compile("The cat sat on the (mat|sofa|moon)"))
    page.get_by_role("button", name="Draw a thousand").click()
    expect(page.get_by_text("1001 drawn")).to_be_visible(timeout=1000)
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
    expect(page.get_by_text("1000 drawn")).to_be_visible()
    assert page.evaluate("window.seen.size") > 10


def test_stability_shows_where_the_formula_breaks(show: Show) -> None:
    page = show(explorers.stability(10.0, "float16"))
    x, cells = slider(page, "Logit x"), page.locator("tbody").first.locator("tr").last.locator("td")
    expect(cells).to_have_text([re.compile(r"0\.731\d*, 0\.26[89]\d*"), "0.731, 0.2688"])
    x.press("PageUp")
    x.press("PageUp")
    for _ in range(3):
        x.press("ArrowLeft")
    expect(cells).to_have_text([re.compile("NaN"), "0.731, 0.2688"])
    expect(page.get_by_text("eˣ is above 65504, the largest float16.")).to_be_visible()
    page.get_by_role("button", name="float32", exact=True).click()
    expect(cells.first).to_have_text("0.7311, 0.2689")
    x.press("Home")
    expect(cells.first).to_have_text("NaN, NaN")
    x.press("End")
    assert value(x) == 120
    strip = page.locator(".strip").bounding_box()
    assert strip
    drag(page, x, -strip["width"] * 103 / 240, 0)
    assert value(x) == 17
    expect(page.locator("tbody").last.locator("td")).to_have_text(["0", "−4.14e-8"])
    zone = page.locator(".zones span").last.bounding_box()
    assert zone
    reach = (zone["x"] - strip["x"]) / strip["width"] * 240 - 120
    assert reach == pytest.approx(math.log(np.finfo(np.float32).max), abs=0.7)  # where float32 overflows


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


def test_boundary_moves_in_the_plane(show: Show) -> None:
    page = show(explorers.boundary(VECTORS, WORDS, point=(0, 0)))
    plane = page.locator(".plane").bounding_box()
    assert plane
    point, shares = slider(page, "Point"), page.locator(".track .number")
    expect(shares).to_have_text(["0.333"] * 3)
    drag(page, point, plane["width"] / 6, -plane["width"] / 3)
    assert point.get_attribute("aria-valuetext") == "right 1.00, up 2.00"
    expect(shares).to_have_text([f"{p:.3f}" for p in core.softmax(np.array(VECTORS) @ [1, 2])])
    slider(page, "Vector of mat").press("PageUp")
    slider(page, "Vector of mat").press("ArrowLeft")
    moved = np.array([[1.4, 1.5], *VECTORS[1:]])
    expect(shares).to_have_text([probability(p) for p in core.softmax(moved @ [1, 2])])
    drag(page, slider(page, "Vector of moon"), 2000, 2000)
    assert slider(page, "Vector of moon").get_attribute("aria-valuetext") == "right 3.00, up −3.00"
    entry = page.get_by_role("textbox", name="Point, up")
    entry.fill("9")
    entry.press("Enter")
    expect(page.locator(".message")).to_have_text("Point, up: from −3 to 3, please.")
    entry.fill("1")
    entry.press("Enter")
    expect(page.locator(".message")).to_have_text("")
    assert point.get_attribute("aria-valuetext") == "right 1.00, up 1.00"


def test_boundary_paints_what_the_numbers_say(show: Show) -> None:
    page = show(explorers.boundary(VECTORS, WORDS, temperature=0.5))
    corners = [(8, 28), (48, 40), (24, 48), (28, 28), (16, 8)]
    cells, colors = page.locator("canvas").evaluate(
        """(canvas, corners) => {
          const cells = canvas.width;
          const { data } = canvas.getContext("2d").getImageData(0, 0, cells, cells);
          return [cells, corners.map(([x, y]) => [...data.slice(4 * (cells * y + x), 4 * (cells * y + x) + 4)])];
        }""",
        corners,
    )
    palette = np.array([[0, 114, 178], [230, 159, 0], [0, 158, 115]])
    for (x, y), color in zip(corners, colors, strict=True):
        place = [6 * x / cells - 3, 3 - 6 * y / cells]
        p = core.softmax(np.array(VECTORS) @ place, temperature=0.5)
        assert_allclose(color, [*(255 - 0.6 * (255 - p @ palette)), 255], atol=1)


# What is heard, and by whom


def test_changes_are_announced_once_the_hand_rests(show: Show) -> None:
    page = show(all_five()[0])
    spoken = page.locator(".spoken")
    expect(spoken).to_have_attribute("aria-live", "polite")
    page.evaluate(
        """() => {
          window.said = [];
          const spoken = document.querySelector("softmax-explorer").shadowRoot.querySelector(".spoken");
          new MutationObserver(() => window.said.push(spoken.textContent)).observe(spoken, { childList: true });
        }"""
    )
    page.wait_for_timeout(600)
    assert page.evaluate("window.said") == []
    for _ in range(10):
        slider(page, "Score of mat").press("ArrowUp")
    expect(spoken).to_have_text(re.compile("mat 0.8"))
    p = core.softmax([3.0, 1.0, -1.0])
    heard = ", ".join(f"{word} {share:.3f}" for word, share in zip(WORDS, p, strict=True))
    assert page.evaluate("window.said") == [heard]


AXE = """async (part) => {
  const runOnly = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const { violations } = await axe.run(part ?? document, { runOnly });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
}"""


@pytest.mark.parametrize("look", [LOOK, f"{LOOK}; {DARK}"], ids=["light", "dark"])
def test_axe_finds_nothing(show: Show, look: str) -> None:
    page = show(*all_five(), look=look, before="<h1>Explorers</h1>", viewport=PHONE)
    page.evaluate(AXE_SCRIPT)
    assert page.evaluate(AXE) == []
    for name in NAMES:
        first = page.locator(f"{name}-explorer :is([role=slider], .token, input)").first
        first.focus()
        expect(first).to_be_focused()
        assert page.evaluate(AXE, f"{name}-explorer") == []
    page.get_by_label("Causal mask").check()
    page.get_by_role("button", name="Draw one").click()
    assert page.evaluate(AXE) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_control_is_reached_by_tab_and_has_a_name(show: Show, name: str) -> None:
    page = show(all_five()[NAMES.index(name)])
    controls = f"{name}-explorer :is(button, input, select, [tabindex])"
    reached = 0
    for _ in range(page.locator(controls).count()):
        page.keyboard.press("Tab")
        inside = "document.activeElement.shadowRoot?.activeElement"
        reached += page.evaluate(f"{inside}?.matches('button, input, select, [tabindex]') ?? false")
        outline = page.evaluate(f"getComputedStyle({inside}).outlineStyle")
        assert outline == "solid"
    assert reached == page.locator(controls).count()


# Where they stand


def test_nothing_sticks_out(show: Show) -> None:
    long = explorers.softmax(np.arange(8.0) - 100, ["a long label that goes on"] * 8, temperature=0.05)
    sentence = explorers.attention(["Donaudampfschifffahrt"] * 16, np.ones((16, 2)), np.ones((16, 2)))
    many = explorers.sampling(np.arange(20.0), ["a long label that goes on"] * 20, prompt="word " * 40)
    page = show(*all_five(), long, sentence, many)
    page.get_by_role("button", name="Draw one").last.click()
    assert page.locator(".figure").count() == 8
    for width in (320, 360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_print_shows_the_picture(show: Show) -> None:
    page = show(*all_five())
    for media, figure, picture in (("screen", True, False), ("print", False, True)):
        page.emulate_media(media=media)  # type: ignore[arg-type]
        for name in NAMES:
            assert page.locator(f"{name}-explorer .figure").is_visible() is figure
            assert page.locator(f"{name}-explorer > img").is_visible() is picture


def test_without_scripts_the_picture_stands(show: Show) -> None:
    page = show(*all_five(), java_script_enabled=False, viewport=PHONE)
    for name in NAMES:
        box = page.locator(f"{name}-explorer > img").bounding_box()
        assert box
        assert 300 <= box["width"] <= 328
        assert box["height"] > 80
        assert page.locator(f"{name}-explorer > img").evaluate("image => image.naturalWidth") > 0


def test_what_the_caller_gives_is_text(show: Show) -> None:
    page = show(*all_five(NASTY))
    page.get_by_role("button", name="Draw one").click()
    page.wait_for_timeout(600)
    assert page.evaluate("window.pwned") is None
    for name in NAMES:
        assert page.locator(f"{name}-explorer .figure img").count() == 0
        assert page.locator(f"{name}-explorer img").count() == 1
    for name in ("softmax", "sampling", "attention", "boundary"):
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
    ("stability", '{"logit": 12, "dtype": "float8"}', "dtype must be one of float16, bfloat16, float32, float64"),
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
    ("boundary", '{"vectors": [[1, 2], [3, 4]], "labels": ["a", "b", "c"]}', "vectors must be three pairs of numbers"),
    (
        "boundary",
        '{"vectors": [[1, 2], [3, 4], [0, 0]], "labels": ["a", "b", "c"]}',
        "vectors must be numbers from −3 to 3",
    ),
]


def test_wrong_settings_get_a_message_and_right_ones_the_figure_back(show: Show) -> None:
    page = show(*all_five())
    for name, settings, message in WRONG:
        explorer = page.locator(f"{name}-explorer")
        right = explorer.get_attribute("settings")
        explorer.evaluate("(explorer, settings) => explorer.setAttribute('settings', settings)", settings)
        expect(explorer.locator(".figure")).to_have_text(f"This figure cannot be drawn: {message}.")
        explorer.evaluate("(explorer, settings) => explorer.setAttribute('settings', settings)", right)
        expect(explorer.get_by_role("button", name="Reset")).to_be_visible()


def test_motion_is_reduced_where_asked(show: Show) -> None:
    for motion, moves in (("no-preference", True), ("reduce", False)):
        page = show(*all_five(), reduced_motion=motion)
        for part in ("softmax-explorer .rising", "sampling-explorer .after", "attention-explorer .track .bar"):
            durations = page.locator(part).first.evaluate("part => getComputedStyle(part).transitionDuration")
            assert (durations != "0s") is moves


# The built book


def code_cell(source: str, shown: Explorer | None = None) -> dict[str, Any]:
    output = {"output_type": "execute_result", "execution_count": 1, "metadata": {}}
    outputs = [output | {"data": shown._repr_mimebundle_()}] if shown else []
    count = 1 if shown else None
    return {"cell_type": "code", "metadata": {}, "execution_count": count, "source": source, "outputs": outputs}


def write_notebook(path: Path, cells: list[dict[str, Any]]) -> None:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [cell | {"id": f"cell-{i}"} for i, cell in enumerate(cells)]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}
    path.write_text(json.dumps(notebook), encoding="utf-8")


def build(source: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", *options, str(source), str(source / "html")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def small_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a book of three pages: a plain one and a notebook with explorers, and one without."""
    source = tmp_path_factory.mktemp("book")
    extensions = ROOT / "book" / "_extensions"
    (source / "conf.py").write_text(
        f"import sys; sys.path.insert(0, {str(extensions)!r})\n"
        "extensions = ['myst_nb', 'explorers_extension']; nb_execution_mode = 'off'; html_theme = 'basic'\n"
    )
    (source / "index.md").write_text(
        "# Plain\n\n```{toctree}\nnotebook\nother\n```\n\n"
        "```{explorer} softmax\nlogits: [1.0, 0.5]\nlabels: [mat, sofa]\n```\n"
    )
    (source / "other.md").write_text("# Other\n")
    twice = [explorers.softmax([2.0, 1.0], ["a", "b"]), explorers.stability()]
    cells = [{"cell_type": "markdown", "metadata": {}, "source": "# Notebook"}]
    write_notebook(source / "notebook.ipynb", [*cells, *(code_cell("1", shown) for shown in twice * 2)])
    built = build(source, "-W")
    assert built.returncode == 0, built.stderr
    return source / "html"


def test_the_built_book_loads_each_script_once(small_book: Path, browser: Browser) -> None:
    scripts = {
        page: re.findall(r"explorers/(\w+)\.js", (small_book / f"{page}.html").read_text(encoding="utf-8"))
        for page in ("index", "notebook", "other")
    }
    assert scripts == {
        "index": ["numbers", "explorer", "softmax"],
        "notebook": ["numbers", "explorer", "softmax", "stability"],
        "other": [],
    }
    styled = [page for page in scripts if "page.css" in (small_book / f"{page}.html").read_text(encoding="utf-8")]
    assert styled == ["index", "notebook"]
    assert "data-explorer" not in (small_book / "notebook.html").read_text(encoding="utf-8")
    page = browser.new_page(offline=True)
    page.goto((small_book / "notebook.html").as_uri())
    assert page.locator("softmax-explorer").count() == page.locator("stability-explorer").count() == 2
    slider(page.locator("softmax-explorer").first, "Score of a").press("ArrowUp")
    assert value(slider(page.locator("softmax-explorer").first, "Score of a")) == 2.1
    jumps = page.evaluate(
        """() => new Promise((done) => {
          const report = (list) => done(list.getEntries().map(({ value }) => value));
          new PerformanceObserver(report).observe({ type: "layout-shift", buffered: true });
          setTimeout(() => done([]), 300);
        })"""
    )
    assert sum(jumps) < 0.1
    page.goto((small_book / "index.html").as_uri())
    expect(page.locator("softmax-explorer .probabilities .number")).to_have_text(["0.622", "0.378"])
    page.close()


def test_a_wrong_directive_stops_the_build(tmp_path: Path) -> None:
    extensions = ROOT / "book" / "_extensions"
    (tmp_path / "conf.py").write_text(
        f"import sys; sys.path.insert(0, {str(extensions)!r})\nextensions = ['myst_nb', 'explorers_extension']\n"
    )
    (tmp_path / "index.md").write_text(
        "# Plain\n\n```{explorer} softmax\nlogits: [1.0]\n```\n\n```{explorer} softmaxx\n```\n"
    )
    built = build(tmp_path)
    assert "softmax: logits must have length 2 to 8, got 1" in built.stderr
    assert "there is no explorer 'softmaxx'" in built.stderr


# JupyterLab


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """Serve JupyterLab with a notebook that calls an explorer."""
    call = "explorers.softmax([2.0, 1.0, 0.0], ['mat', 'sofa', 'moon'])"
    shown = explorers.softmax([2.0, 1.0, 0.0], ["mat", "sofa", "moon"])
    cells = [code_cell("from minisoftmax import explorers"), code_cell(call, shown), code_cell("1 + 1")]
    write_notebook(tmp_path / "try.ipynb", cells)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    options = [
        "--no-browser",
        "--allow-root",
        f"--ServerApp.port={port}",
        "--IdentityProvider.token=",
        f"--notebook-dir={tmp_path}",
    ]
    command = [sys.executable, "-m", "jupyterlab", *options]
    environment = os.environ | folders | {"PYTHONPATH": str(ROOT)}
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=tmp_path)
        try:
            wait_for(f"http://127.0.0.1:{port}/api")
            yield f"http://127.0.0.1:{port}/lab/tree/try.ipynb"
        finally:
            server.terminate()
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:  # it has been seen to stop the kernel and then itself never
                server.kill()
                server.wait()


def wait_for(url: str) -> None:
    for _ in range(200):
        try:
            urlopen(url)
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("JupyterLab does not start")


def test_jupyterlab_runs_a_notebook_and_the_explorer_in_it_lives(lab: str, browser: Browser) -> None:
    page = browser.new_page(viewport=DESK)
    page.goto(lab)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=30_000)
    explorer = page.locator("softmax-explorer")
    expect(page.get_by_role("img", name="Bars over one another for mat, sofa and moon")).to_be_visible()
    assert explorer.count() == 0  # JupyterLab does not trust what it has not run

    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    explorer.locator(".figure").wait_for(timeout=20_000)
    mat = slider(explorer, "Score of mat")
    mat.click()
    chosen = page.locator(".jp-Cell").evaluate_all("cells => cells.findIndex(cell => cell.matches('.jp-mod-active'))")
    for key in ("ArrowUp", "PageDown", "ArrowRight"):
        page.keyboard.press(key)
    assert value(mat) == pytest.approx(1.2)
    drag(page, mat, 0, -explorer.locator(".scores").evaluate("panel => panel.clientHeight") / 8)
    assert value(mat) == pytest.approx(2.2)
    field = explorer.get_by_role("textbox", name="Score of sofa, as a number")
    field.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("2.2")
    page.keyboard.press("Enter")
    shares = explorer.locator(".probabilities .number")
    expect(shares).to_have_text([f"{p:.3f}" for p in core.softmax([2.2, 2.2, 0.0])])
    cells = page.locator(".jp-Cell")
    assert cells.evaluate_all("cells => cells.findIndex(cell => cell.matches('.jp-mod-active'))") == chosen
    assert cells.count() == 3

    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_text("Save Notebook", exact=True).click()
    page.wait_for_function("!document.querySelector('.jp-mod-dirty')")
    page.reload()
    shares.first.wait_for(timeout=20_000)
    expect(shares).to_have_text([f"{p:.3f}" for p in core.softmax([2.0, 1.0, 0.0])])
    page.close()
