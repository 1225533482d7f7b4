"""Hands on an explorer: where its handles are, what they stand at, how they are dragged, which numbers it draws."""

from typing import Any

import numpy as np
from numpy.testing import assert_allclose
from playwright.sync_api import Locator, Page


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


def swipe(page: Page, x: float, y: float, right: float, down: float) -> None:
    """Move a finger over a screen that has touch."""
    touch = page.context.new_cdp_session(page)
    for kind, share in (("touchStart", 0.0), ("touchMove", 0.5), ("touchMove", 1.0), ("touchEnd", 1.0)):
        points = [] if kind == "touchEnd" else [{"x": x + share * right, "y": y + share * down}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(50)


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
