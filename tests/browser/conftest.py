"""What the tests in a browser share: Chromium, and a page with explorers in it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, expect, sync_playwright

from minisoftmax.explorers import Explorer
from tests.explorers import html

CHROMIUM = shutil.which(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # The suggestions of the address bar are two pages of the browser's own in each window, and a window is a context's.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxFullPopup,WebUIOmniboxAimPopup,PaintHolding,HttpsUpgrades",
]
PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 900}
LOOK = "font: 16px sans-serif; margin: 1rem"

expect.set_options(timeout=30_000)  # a busy machine is slow, and no fault of a page
DRAWN = "() => new Promise(draw => requestAnimationFrame(() => requestAnimationFrame(draw)))"

Show = Callable[..., Page]


def resize(page: Page, size: ViewportSize) -> None:
    """Change the size of the window, and wait until the page has been drawn in it: scripts hear of it in that frame."""
    page.set_viewport_size(size)
    page.evaluate(DRAWN)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium, once for each worker."""
    if CHROMIUM is None and os.environ.get("CI") != "true":
        pytest.skip("no Chromium here: `make chromium`, or CHROMIUM=/path/to/chrome")
    assert CHROMIUM, "CI must run these tests in a real browser: `make chromium`, or CHROMIUM=/path/to/chrome"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Show]:
    """Open explorers as a notebook stores them, in a file, with the network cut; fail on any error of theirs."""
    problems: list[str] = []
    contexts: list[BrowserContext] = []

    def listen(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            problems.append(said.text)

    def open_page(*shown: Explorer, look: str = LOOK, before: str = "", anchors: bool = False, **settings: Any) -> Page:
        outputs = "".join(f"<div{f' id=figure-{x.name}' * anchors}>{html(x)}</div>" for x in shown)
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
