"""Every page in a real Chromium, opened as a file with the network cut, on a phone and on a desk, light and dark."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Route, ViewportSize, expect, sync_playwright
from sphinx_external_toc.parsing import parse_toc_yaml

from tests.conftest import ROOT

CHROMIUM = shutil.which(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 900}
PAGES = [*parse_toc_yaml(ROOT / "_toc.yml"), "search", "_modules/minisoftmax/core"]

if CHROMIUM is None and os.environ.get("CI") != "true":
    pytest.skip("no Chromium here: `make chromium`, or CHROMIUM=/path/to/chrome", allow_module_level=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "CI must run these tests in a real browser: `make chromium`, or CHROMIUM=/path/to/chrome"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """A page that is open on a phone, and everything that went wrong on it."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.problems: list[str] = []
        context = browser.new_context(viewport=PHONE, color_scheme="light", offline=True)
        context.route("**/*", self.allow_files_only)
        self.page = context.new_page()
        self.page.on("requestfailed", lambda request: self.problems.append(f"not found: {request.url}"))
        self.page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        self.page.on("console", self.listen)
        self.page.goto(url)
        self.page.wait_for_function("!window.MathJax || (MathJax.startup && MathJax.startup.promise)")
        self.page.evaluate("window.MathJax && MathJax.startup.promise")
        self.page.evaluate("document.fonts.ready.then(() => null)")

    def allow_files_only(self, route: Route) -> None:
        if route.request.url.startswith("file://"):
            route.continue_()
        else:
            self.problems.append(f"asks another host: {route.request.url}")
            route.abort()

    def listen(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.problems.append(f"console: {said.text}")

    def find(self, script: str) -> list[str]:
        """Run a script that lists things on the page."""
        found: list[str] = self.page.evaluate(script)
        return found


@pytest.fixture
def visit(browser: Browser, site: Path, name: str) -> Iterator[Visit]:
    visit = Visit(browser, (site / f"{name}.html").as_uri())
    yield visit
    visit.page.context.close()


CHECKS = {
    "formulas that MathJax left as they were": r"""() => {
      const unset = [...document.querySelectorAll(".math")].filter(math => !math.querySelector("mjx-container"));
      const texts = document.createTreeWalker(document.querySelector("article") ?? document.body, NodeFilter.SHOW_TEXT);
      const raw = [];
      while (texts.nextNode()) {
        const { data, parentElement } = texts.currentNode;
        const isCode = parentElement.closest("pre, code, script, mjx-container");
        if (!isCode && /\\[(\[]|\\[a-z]+\{|\$\$/.test(data)) raw.push(data);
      }
      return [...unset.map(math => math.textContent), ...raw];
    }""",
    "formulas that MathJax did not understand": """() =>
      [...document.querySelectorAll("mjx-merror")].map(error => error.dataset.mjxError ?? error.textContent)""",
    "formulas without a size": """() =>
      [...document.querySelectorAll("mjx-container")].filter(math => !math.offsetWidth || !math.offsetHeight)
        .map(math => math.textContent)""",
    "fonts that did not load": """() => {
      const failed = [...document.fonts].filter(font => font.status === "error").map(font => font.family);
      const loaded = [...document.fonts].some(font => font.family.startsWith("MJX") && font.status === "loaded");
      return !loaded && document.querySelector("mjx-container") ? [...failed, "every font for math"] : failed;
    }""",
    "images that did not load or have no alt text": """async () => {
      const images = [...document.images].filter(image => image.checkVisibility());
      for (const image of images) image.loading = "eager";
      await Promise.allSettled(images.map(image => image.decode()));
      return images.filter(image => !image.naturalWidth || !image.hasAttribute("alt")).map(image => image.outerHTML);
    }""",
    "what makes the page scroll sideways": """() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      if (scrollWidth <= clientWidth) return [];
      const wide = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > clientWidth);
      return [`${scrollWidth} px`, ...wide.slice(-3).map(element => element.outerHTML.slice(0, 200))];
    }""",
}


@pytest.mark.parametrize("name", PAGES)
def test_page(visit: Visit) -> None:
    wrong = {f"on a phone, {what}": visit.find(script) for what, script in CHECKS.items()}
    expect(visit.page.locator("html"), "the page follows the reader's choice").to_have_attribute("data-theme", "light")

    visit.page.set_viewport_size(DESK)
    visit.page.emulate_media(color_scheme="dark")
    expect(visit.page.locator("html"), "the page follows the reader's choice").to_have_attribute("data-theme", "dark")
    wrong |= {f"on a desk, {what}": visit.find(script) for what, script in CHECKS.items()}

    wrong["requests and errors"] = visit.problems
    assert not {what: found for what, found in wrong.items() if found}
