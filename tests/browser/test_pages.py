"""Every page in a real Chromium, as a file with the network cut and from a server, light, dark and on paper."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, Route, ViewportSize, expect

from tests.browser.axe import violations
from tests.browser.conftest import DESK, PHONE, resize
from tests.conftest import CONTENTS, CONTENTS_OF_ALL
from tools import ROOT
from tools.notebooks import LANGUAGES
from tools.server import sent, serve

SEARCHES = ["search", *(f"{language}/search" for language in LANGUAGES)]
PAGES = [*CONTENTS_OF_ALL, *SEARCHES, "404", "_modules/minisoftmax/core"]
CHAPTERS = [name for name in CONTENTS if (ROOT / "book" / f"{name}.ipynb").exists() and "/" not in name]
KINDS = ("index", "formula", "notation", "search", "teachers")
"""Of other editions, whose pages are made as the English ones are, axe looks at one page of each kind."""
MOST_BYTES = 300 * 1024


class Visit:
    """A page that is open on a phone, and everything that went wrong on it."""

    def __init__(self, browser: Browser, url: str, origin: str = "file://", **settings: Any) -> None:
        self.problems: list[str] = []
        self.asked: dict[str, str | None] = {}
        self.origin = origin
        usual: dict[str, Any] = {"viewport": PHONE, "color_scheme": "light", "offline": origin == "file://"}
        context = browser.new_context(**(usual | settings))
        context.route("**/*", self.stay)
        self.page: Page = context.new_page()
        self.page.on("requestfailed", self.miss)
        self.page.on("response", self.receive)
        self.page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        self.page.on("console", self.listen)
        self.page.goto(url)
        if settings.get("java_script_enabled", True):
            self.rest()

    def turn_to(self, url: str) -> None:
        """Open another page as the first one was opened, in the same window: a new one takes as long as the page."""
        self.problems.clear()
        self.asked.clear()
        self.page.set_viewport_size(PHONE)
        self.page.emulate_media(media="screen", color_scheme="light")
        self.page.goto(url)
        self.rest()

    def rest(self) -> None:
        """Let nothing on the page move by itself."""
        self.page.add_style_tag(content="* { transition: none !important; animation: none !important }")

    def stay(self, route: Route) -> None:
        if route.request.url.startswith((self.origin, "data:")):
            route.continue_()
        else:
            self.problems.append(f"leaves the site: {route.request.url}")
            route.abort()

    def miss(self, request: Request) -> None:
        """Note what could not be had; what was given up because the page is left, such as its icon, is no fault."""
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"not found: {request.url}")

    def receive(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"status {response.status}: {response.url}")
        self.asked[response.url] = response.headers.get("content-encoding")

    def listen(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.problems.append(f"console: {said.text}")

    def find(self, script: str) -> list[str]:
        """Run a script that lists things on the page."""
        found: list[str] = self.page.evaluate(script)
        return found

    def weight(self) -> dict[str, int]:
        """Give the compressed bytes of each file that the page has asked for."""
        files = [Path(url2pathname(urlsplit(url).path)) for url in self.asked if url.startswith("file:")]
        return {str(file): len(sent(file)) for file in files}


@pytest.fixture(scope="module")
def window(browser: Browser, site: Path) -> Iterator[Visit]:
    visit = Visit(browser, (site / "index.html").as_uri())
    yield visit
    visit.page.context.close()


LOADED = """async () => {
  for (const image of document.images) image.loading = "eager";
  await Promise.allSettled([...document.images].map(image => image.decode()));
  await document.fonts.ready;
}"""
FORMULAS = {
    "formulas that were not set": r"""() => {
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
    "formulas without a size, or without their text for screen readers": """() =>
      [...document.querySelectorAll("mjx-container")]
        .filter(math => !math.offsetWidth || !math.offsetHeight || !math.querySelector("math")?.textContent)
        .map(math => math.outerHTML)""",
    "characters in formulas without a glyph": """() =>
      [...document.querySelectorAll("mjx-c")]
        .filter(glyph => ["none", "normal"].includes(getComputedStyle(glyph, "::before").content))
        .map(glyph => glyph.outerHTML)""",
}
CHECKS = FORMULAS | {
    "fonts that did not load": """async () => {
      await document.fonts.ready;
      const failed = [...document.fonts].filter(font => font.status === "error").map(font => font.family);
      const loaded = [...document.fonts].some(font => font.family.startsWith("MJX") && font.status === "loaded");
      const text = document.querySelector("article p");
      const family = text && getComputedStyle(text).fontFamily.split(",")[0];
      if (text && !document.fonts.check(`1em ${family}`)) failed.push(`the text's: ${family}`);
      return !loaded && document.querySelector("mjx-container") ? [...failed, "every font for math"] : failed;
    }""",
    "images that did not load, have no alt text, or would move the text when they come": """async () => {
      const images = [...document.images].filter(image => image.checkVisibility());
      for (const image of images) image.loading = "eager";
      await Promise.allSettled(images.map(image => image.decode()));
      const isWhole = image => image.naturalWidth && image.hasAttribute("alt")
        && (!image.closest("article") || (image.width && image.hasAttribute("width") && image.hasAttribute("height")));
      return images.filter(image => !isWhole(image)).map(image => image.outerHTML);
    }""",
    "pictures that the theme dims, though they were drawn for the dark": """() =>
      [...document.querySelectorAll("article img")].filter(image => image.checkVisibility())
        .filter(image => getComputedStyle(image).filter !== "none").map(image => image.outerHTML)""",
    "buttons without a picture or a word in them": """() =>
      [...document.querySelectorAll("button, .btn")].filter(button => button.checkVisibility()).filter(button => {
        const icons = [...button.querySelectorAll("i, [class*=fa-]")].filter(icon => icon.checkVisibility());
        const glyph = icon => getComputedStyle(icon, "::before").content;
        const shows = icon => icon.offsetWidth && /^"[\\ue000-\\uf8ff]"$/.test(glyph(icon));
        return !icons.some(shows) && !button.innerText.trim() && !button.querySelector("svg, img");
      }).map(button => button.outerHTML)""",
    "sections whose address no key reaches": """() =>
      [...document.querySelectorAll("article section > :is(h2, h3) > .headerlink")]
        .filter(link => link.parentElement.checkVisibility())
        .filter(link => getComputedStyle(link).visibility !== "visible").map(link => link.outerHTML)""",
    "links in code at which the Tab key stops again": """() => {
      const stops = [...document.querySelectorAll(".sphinx-codeautolink-a:not([tabindex])")].map(link => link.href);
      return stops.filter((address, i) => stops.indexOf(address) !== i);
    }""",
    "figures without words below them": """() =>
      [...document.querySelectorAll("figure.numbered")].filter(figure => figure.checkVisibility())
        .filter(figure => !/^[^.]+[.] .+/.test(figure.querySelector("figcaption").textContent))
        .map(figure => figure.id)""",
    "marks of Markdown that are seen, and lines that may end within 80 %, 3 : 1 or α = 2": r"""() => {
      const texts = document.createTreeWalker(document.querySelector("article") ?? document.body, NodeFilter.SHOW_TEXT);
      const wrong = /(^|[\s(“‘«])[*]+[\w,]|[\w”».][*]+([\s).,]|$)|\]\(|&(gt|lt|amp);|[0-9] %| [=:<>≤≥≈−] [0-9\p{L}]/u;
      const found = [];
      while (texts.nextNode()) {
        const { data, parentElement } = texts.currentNode;
        const notText = "pre, code, script, style, mjx-container, svg, dl.py, [settings], [role=status]";
        if (!parentElement.closest(notText) && wrong.test(data)) found.push(data);
      }
      return found;
    }""",
    "what is alone in its line and too small for a thumb": """() =>
      [...document.querySelectorAll("article :is(a:not(pre *), button, summary, input, select)")].filter((control) => {
        const line = control.closest("td, th, p, li, dt, dd, figcaption, label") ?? control;
        const isAlone = line.innerText.trim() === control.innerText.trim() && !control.closest(".cards, label");
        const { width, height } = control.getBoundingClientRect();
        return isAlone && control.checkVisibility({ opacityProperty: true }) && width && (width < 24 || height < 24);
      }).map(control => control.outerHTML.slice(0, 200))""",
    "holes between code and what it prints": """() =>
      [...document.querySelectorAll(".cell:has(> .cell_input) > .cell_output")].filter((output) => {
        const input = output.parentElement.querySelector(".cell_input");
        const first = output.querySelector("pre, figure, table, [settings]") ?? output;
        return input.checkVisibility() && first.checkVisibility()
          && first.getBoundingClientRect().top - input.getBoundingClientRect().bottom > 20;
      }).map(output => output.parentElement.innerText.slice(0, 100))""",
    "what makes the page scroll sideways": """() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      if (scrollWidth <= clientWidth) return [];
      const wide = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > clientWidth);
      return [`${scrollWidth} px`, ...wide.slice(-3).map(element => element.outerHTML.slice(0, 200))];
    }""",
    "arrows to the pages beside it that are cut": """() =>
      [...document.querySelectorAll(".prev-next-area i")].filter((arrow) => {
        const { left, right } = arrow.getBoundingClientRect();
        return left < 0 || right > document.documentElement.clientWidth;
      }).map(arrow => arrow.parentElement.innerText)""",
    "code and formulas that go on without a sign, or where no key leads on": """() => {
      for (const details of document.querySelectorAll("details")) details.open = true;
      dispatchEvent(new Event("resize"));
      const parts = [...document.querySelectorAll("article :is(pre, .math)")].filter(part => part.checkVisibility());
      return parts.filter((part) => {
        const { overflowX, backgroundImage } = getComputedStyle(part);
        const width = part.matches("span") ? part.querySelector("mjx-math").offsetWidth : part.scrollWidth;
        if (width <= part.clientWidth + 1) return part.matches("span") && overflowX !== "visible"; // a stop for nothing
        const isSeen = part.matches("span") || backgroundImage.includes("gradient");
        return overflowX !== "auto" || !isSeen || (part.matches("span") && part.tabIndex !== 0);
      }).map(part => part.outerHTML.slice(0, 200));
    }""",
    "formulas and tables that are not whole, or do not begin at their start": """() => {
      for (const details of document.querySelectorAll("details")) details.open = true;
      const parts = [...document.querySelectorAll("article div.math, article table")];
      return parts.filter(part => part.checkVisibility()).filter(part => {
        const frame = part.matches("table") ? part.parentElement : part;
        const first = part.matches("table") ? part : part.querySelector("mjx-math");
        const isCut = part.matches("table") && frame.scrollWidth > frame.clientWidth + 1;
        return isCut || first.getBoundingClientRect().left < frame.getBoundingClientRect().left - 1;
      }).map(part => part.outerHTML.slice(0, 200));
    }""",
}
WHOLE = [
    "what makes the page scroll sideways",
    "arrows to the pages beside it that are cut",
    "code and formulas that go on without a sign, or where no key leads on",
    "formulas and tables that are not whole, or do not begin at their start",
]
IN_SIGHT = """() => [...document.querySelectorAll(".cell_input pre")]
  .filter(code => !code.closest("details.hide") && code.scrollWidth > code.clientWidth + 1)
  .map(code => code.innerText)"""
# One word of code of each color is enough for axe; it looks at hundreds otherwise.
UNFOLD = """() => {
  for (const details of document.querySelectorAll("details")) details.open = true;
  const seen = new Set();
  for (const word of document.querySelectorAll("pre span[class]:not(a *)")) {
    const kind = [word.className, word.closest(".cell_input, .cell_output, .highlight").className].join();
    if (seen.has(kind)) word.replaceWith(...word.childNodes);
    seen.add(kind);
  }
}"""
ON_PAPER = {
    "what is not the text": """() =>
      [...document.querySelectorAll(".bd-sidebar, .bd-toc, .bd-header-article, .prev-next-footer, button:not(.acts)")]
        .filter(element => element.checkVisibility()).map(element => element.outerHTML.slice(0, 200))""",
    "a title that is missing": """() =>
      [...document.querySelectorAll("article h1")].filter(title => !title.checkVisibility())
        .map(title => title.innerText)""",
    "code that is cut off": """() =>
      [...document.querySelectorAll("pre")].filter(code => code.scrollWidth > code.clientWidth + 1)
        .map(code => code.innerText)""",
    "words below a figure that are pale": """() =>
      [...document.querySelectorAll("article figcaption")].filter((words) =>
        getComputedStyle(words).color.match(/[0-9]+/g).slice(0, 3).some(part => part > 96))
        .map(words => words.innerText)""",
    "frames of code that a page may cut": """() =>
      [...document.querySelectorAll(".cell_input")].filter(frame => getComputedStyle(frame).breakInside !== "avoid")
        .map(frame => frame.innerText.slice(0, 100))""",
    "addresses that lead nowhere from paper": """() =>
      [...document.querySelectorAll("article a[href^='#']")]
        .filter(link => getComputedStyle(link, "::after").content !== "none").map(link => link.outerHTML)""",
    "an answer that is closed": """() =>
      [...document.querySelectorAll("softmax-guess details p")].filter(answer => !answer.checkVisibility())
        .map(answer => answer.innerText)""",
    "dark": """() => getComputedStyle(document.body).backgroundColor === "rgb(255, 255, 255)" ? [] : ["the page"]""",
}


@pytest.mark.parametrize("name", PAGES)
def test_page(window: Visit, site: Path, name: str) -> None:
    window.turn_to((site / f"{name}.html").as_uri())
    page = window.page
    themed = page.locator("html[data-theme]").count() > 0  # all but 404.html, which stands alone
    folder, _, rest = name.partition("/")
    is_other = folder in LANGUAGES

    page.evaluate(LOADED)
    weight = window.weight()
    assert len(weight) > 5 or not themed, "the page, its styles and its scripts must be counted"
    wrong: dict[str, Any] = {"it loads too much, in compressed bytes": sum(weight.values()) >= MOST_BYTES and weight}
    if name in CHAPTERS:
        top = page.locator("[settings]").first.evaluate("explorer => explorer.getBoundingClientRect().top")
        wrong["on a phone, it is far to the first thing to move"] = top >= 2.5 * PHONE["height"]
    wrong |= {f"on a phone, {what}": window.find(script) for what, script in CHECKS.items()}
    page.evaluate(UNFOLD)
    if rest in KINDS if is_other else folder != "api":
        wrong["on a phone, what axe finds"] = violations(page)
    if themed:
        expect(page.locator("html"), "follow the reader's choice").to_have_attribute("data-theme", "light")

    resize(page, DESK)
    page.emulate_media(color_scheme="dark")
    if themed:
        expect(page.locator("html"), "follow the reader's choice").to_have_attribute("data-theme", "dark")
    wrong |= {f"on a desk, {what}": window.find(script) for what, script in CHECKS.items()}
    wrong["on a desk, code in sight that goes on beside its column"] = [] if is_other else window.find(IN_SIGHT)
    if name == "index":
        page.emulate_media(color_scheme="light")
        wrong["on a desk in the light, what axe finds beside the text"] = violations(page, ".bd-sidebar-primary")
        page.emulate_media(color_scheme="dark")
    if not is_other and folder != "solutions":  # of one kind, each page is looked at once, light or dark
        wrong["on a desk, what axe finds"] = violations(page)
    for width in (320, 768) if is_other else (320, 390, 768, 1440):
        resize(page, {"width": width, "height": 900})
        wrong |= {f"at {width} px, {what}": window.find(CHECKS[what]) for what in WHOLE}

    if themed:
        page.emulate_media(media="print")
        wrong |= {f"on paper, {what}": window.find(script) for what, script in ON_PAPER.items()}

    wrong["requests and errors"] = window.problems
    assert not {what: found for what, found in wrong.items() if found}


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Serve the site from a folder within a server, as GitHub Pages does."""
    with serve(site.parent) as root:
        yield f"{root}{site.name}/"


@pytest.mark.parametrize(
    "name", ["index", "formula", "solutions/formula", "api/core", *(f"{x}/formula" for x in LANGUAGES)]
)
def test_a_served_page_stays_in_its_folder_and_is_compressed(browser: Browser, address: str, name: str) -> None:
    visit = Visit(browser, f"{address}{name}.html", address)
    visit.page.evaluate(LOADED)
    visit.page.context.close()
    assert not visit.problems
    plain = {url for url, encoding in visit.asked.items() if encoding != "gzip"}
    assert len(visit.asked) > len(plain) + 5, "the page, its styles and its scripts must be among them"
    assert not [url for url in plain if re.search(r"\.(css|html|js|svg)\b", url)]


def test_without_scripts_formulas_and_pictures_are_there(browser: Browser, site: Path) -> None:
    visit = Visit(browser, (site / "formula.html").as_uri(), java_script_enabled=False)
    formula, picture = visit.page.locator("div.math mjx-container").first, visit.page.locator("article img").first
    expect(formula).to_be_visible()
    expect(picture).to_be_visible()
    assert not visit.page.get_by_role("button", name="Search").count(), "buttons that can do nothing are not shown"
    visit.page.context.close()


@pytest.mark.parametrize("folder", ["", *(f"{language}/" for language in LANGUAGES)])
@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 700)])
def test_the_figure_and_the_way_in_are_on_the_first_screen(
    browser: Browser, site: Path, folder: str, width: int, height: int
) -> None:
    viewport: ViewportSize = {"width": width, "height": height}
    visit = Visit(browser, (site / folder / "index.html").as_uri(), viewport=viewport)
    for part in (visit.page.locator("softmax-explorer .rows"), visit.page.locator(".begin a").first):
        expect(part).to_be_in_viewport(ratio=1)
    visit.page.context.close()


def test_the_dark_is_dark_from_the_start(browser: Browser, site: Path) -> None:
    visit = Visit(browser, (site / "index.html").as_uri(), color_scheme="dark")
    visit.page.route("**/*.js*", lambda route: route.abort())
    visit.page.reload()
    expect(visit.page.locator("html"), "before any script has come").to_have_attribute("data-theme", "dark")
    visit.page.context.close()


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_lines_stay_when_their_font_comes(browser: Browser, site: Path, viewport: ViewportSize) -> None:
    visit = Visit(browser, (site / "formula.html").as_uri(), viewport=viewport)
    page = visit.page
    top = "explorer => explorer.getBoundingClientRect().top"
    page.evaluate("document.fonts.ready")
    after = page.locator("[settings]").first.evaluate(top)
    page.route("**/fonts/text-*", lambda route: route.abort())
    page.reload()
    page.wait_for_timeout(200)
    before = page.locator("[settings]").first.evaluate(top)
    page.context.close()
    assert abs(before - after) < 20, "less than a line"


def test_an_explorer_is_on_no_card_in_the_dark(browser: Browser, site: Path) -> None:
    visit = Visit(browser, (site / "formula.html").as_uri(), color_scheme="dark")
    card = "e => getComputedStyle(e.closest('.cell_output').firstElementChild).backgroundColor"
    assert visit.page.locator(".cell_output softmax-explorer").first.evaluate(card) == "rgba(0, 0, 0, 0)"
    visit.page.context.close()


def test_the_reader_can_choose_the_theme(browser: Browser, site: Path) -> None:
    visit = Visit(browser, (site / "index.html").as_uri(), viewport=DESK)
    html, switch = visit.page.locator("html"), visit.page.get_by_role("button", name="Color mode").first
    expect(html, "nobody has chosen").to_have_attribute("data-mode", "auto")
    switch.click()
    expect(html).to_have_attribute("data-mode", "dark")
    visit.page.wait_for_function("localStorage.getItem('mode') == 'dark'")
    visit.page.goto((site / "api.html").as_uri())
    expect(html, "the choice holds for the next page").to_have_attribute("data-theme", "dark")
    visit.page.context.close()
    assert not visit.problems


def test_the_keyboard_reaches_the_text_and_the_search(browser: Browser, site: Path) -> None:
    visit = Visit(browser, (site / "solutions" / "formula.html").as_uri(), viewport=DESK)
    page = visit.page
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{(site / 'solutions' / 'formula.html').as_uri()}#main-content")

    page.keyboard.press("Control+k")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("overflow")
    page.keyboard.press("Enter")
    results = page.locator("#search-results li a")
    expect(results.first).to_be_visible()
    results.first.click()
    expect(page.locator("article h1")).to_be_visible()
    page.wait_for_load_state()
    assert "overflow" in page.inner_text("article").lower()
    for query, leads_to in (
        ("sparsemax", "notation.html#term-sparsemax"),
        ("entropía cruzada", "notation.html#term-cross-entropy"),
        ("ENTROPIA cruzada", "notation.html#term-cross-entropy"),
        ("adding noise", "sampling.html#drawing-by-adding-noise"),
        ("KV cache", "notation.html#term-key-value-cache"),
    ):
        page.goto(f"{(site / 'search.html').as_uri()}?q={query}")
        found = results.evaluate_all("links => links.map(link => link.getAttribute('href'))")
        assert found[0] == leads_to
        assert query != "sparsemax" or {
            "sparse.html#softmax-never-says-no",
            "api/sparse.html#minisoftmax.sparse.sparsemax",
        } <= {*found[:4]}
        assert ".ipynb" not in page.inner_text("#search-results")
    page.goto(f"{(site / 'search.html').as_uri()}?q=temperature")
    assert not results.first.get_attribute("href", timeout=5000).startswith("teachers")  # type: ignore[union-attr]
    for query in ("nothinglikethis", "%E2%88%9E", "%25"):
        page.goto(f"{(site / 'search.html').as_uri()}?q={query}")
        expect(page.get_by_role("status")).to_contain_text("Nothing in the book has all of")
    page.context.close()
    assert not visit.problems


def test_what_a_link_leads_to_is_shown_beside_it(browser: Browser, site: Path) -> None:
    visit = Visit(browser, (site / "temperature.html").as_uri(), viewport=DESK, has_touch=True)
    page, preview = visit.page, visit.page.locator(".preview")
    work = page.locator("article a[href*='bibliography.html#']").first
    work.hover()
    expect(preview).to_contain_text("20")
    page.keyboard.press("Escape")
    expect(preview).to_be_hidden()
    for kind, what in ((".term", "("), ("[href='#equation-tempered']", "")):
        link = page.locator(f"article a{kind}").first
        link.focus()
        expect(preview).to_be_visible()
        page.wait_for_timeout(400)  # wherever the mouse rests, since the page scrolls below it
        expect(link).to_have_attribute("aria-describedby", "preview")
        assert what in preview.inner_text()
    assert preview.locator("mjx-container").count()
    assert violations(page, ".preview") == []
    here = page.url
    work.tap()
    expect(preview).to_contain_text("20")
    assert page.url == here, "a first tap shows, a second follows"
    work.tap()
    expect(page).to_have_url(re.compile("bibliography.html#"))
    page.goto((site / "formula.html").as_uri())
    page.get_by_role("link", name="the figure at the top").hover()
    expect(preview.locator("img:visible")).to_have_count(1)
    expect(preview).to_contain_text("Figure 1. ")
    page.context.close()
    assert not visit.problems


def test_code_and_side_paths_fold_and_links_open_them(browser: Browser, site: Path) -> None:
    visit = Visit(browser, (site / "formula.html").as_uri())
    page = visit.page
    codes, further = page.locator("details.code[open]"), page.locator("details.further")
    expect(codes).to_have_count(0)
    assert further.count() > 2
    expect(page.locator("details.further[open]")).to_have_count(0)
    page.get_by_role("button", name="Read with code").click()
    assert codes.count() > 5
    page.reload()
    assert codes.count() > 5, "the choice is remembered"
    heading = further.first.get_by_role("heading")
    page.goto(f"{(site / 'formula.html').as_uri()}#{heading.evaluate('h => h.closest(`section`).id')}")
    expect(further.first).to_have_attribute("open", "")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.further:not([open])").count() == 0
    page.context.close()
    assert not visit.problems


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_words_act_on_a_figure_that_is_seen_with_them(browser: Browser, site: Path, viewport: ViewportSize) -> None:
    visit = Visit(browser, (site / "temperature.html").as_uri(), viewport=viewport)
    page = visit.page
    words = page.get_by_role("button", name="the cold")
    explorers = page.locator("softmax-explorer")
    first = explorers.first.evaluate("explorer => explorer.search")
    for _ in range(2):
        words.click()
        expect(explorers, "the figure is far above: a copy of it opens below the words, once").to_have_count(2)
    expect(words).to_be_in_viewport()
    expect(explorers.last).to_be_in_viewport()
    assert explorers.last.evaluate("explorer => explorer.state.temperature") == 0.1
    assert explorers.first.evaluate("explorer => explorer.search") == first
    assert violations(page, ".beside") == []
    page.locator(".beside > summary").click()
    expect(explorers.last).to_be_hidden()
    page.context.close()

    visit = Visit(browser, (site / "sampling.html").as_uri(), viewport=viewport)
    words, writer = visit.page.locator("button.acts").first, visit.page.locator("writer-explorer")
    for share in (0.2, 0.5, 0.8):
        words.evaluate(
            "(button, share) => scrollBy(0, button.getBoundingClientRect().top - share * innerHeight)", share
        )
        words.click()
        expect(writer, "the figure that comes next is the one that is meant").to_have_count(1)
        expect(writer).to_be_in_viewport(ratio=0.6)
    visit.page.context.close()
    assert not visit.problems

    visit = Visit(browser, (site / "index.html").as_uri(), viewport={"width": 1280, "height": 3000})
    visit.page.get_by_role("button", name="all + 1").last.click()
    expect(visit.page.locator("softmax-explorer"), "what is in sight is acted on").to_have_count(1)
    assert visit.page.locator("softmax-explorer").evaluate("explorer => explorer.state.logits[0]") == 5
    visit.page.context.close()
    assert not visit.problems


def test_a_broken_address_breaks_nothing(browser: Browser, site: Path) -> None:
    for broken in ("%", "%E0%A4%A", "figure-softmax?T=%"):
        visit = Visit(browser, f"{(site / 'formula.html').as_uri()}#{broken}")
        assert visit.page.locator("button.acts").count() > 0
        visit.page.locator(".bd-article a.term").first.focus()
        expect(visit.page.locator(".preview")).to_be_visible()
        visit.page.context.close()
        assert not visit.problems


def test_a_section_that_was_led_to_is_not_marked_for_long(browser: Browser, site: Path) -> None:
    for scheme in ("light", "dark"):
        visit = Visit(browser, f"{(site / 'formula.html').as_uri()}#four-wishes", color_scheme=scheme)
        target = visit.page.locator(":target > :is(h2, h3)")
        assert target.evaluate("heading => getComputedStyle(heading).backgroundColor") == "rgba(0, 0, 0, 0)"
        visit.page.goto(f"{(site / 'api' / 'core.html').as_uri()}#minisoftmax.core.softmax")
        visit.rest()
        assert (
            visit.page.locator("dt:target").evaluate("name => getComputedStyle(name).backgroundColor")
            == "rgba(0, 0, 0, 0)"
        )
        visit.page.context.close()


def test_names_in_code_are_links_that_are_not_copied(browser: Browser, site: Path) -> None:
    visit = Visit(browser, (site / "formula.html").as_uri(), viewport=DESK)
    cell = visit.page.locator(".cell_input", has=visit.page.locator("a[href$='core.softmax']")).first
    link = cell.get_by_role("link", name="softmax", exact=True)
    link.focus()
    code = cell.locator("pre").inner_text()
    assert "import" in code
    assert "http" not in code
    visit.page.keyboard.press("Enter")
    expect(visit.page).to_have_url(f"{(site / 'api' / 'core.html').as_uri()}#minisoftmax.core.softmax")
    expect(visit.page.locator("[id='minisoftmax.core.softmax']")).to_be_in_viewport()
    visit.page.context.close()


def test_an_address_without_a_page_leads_home(browser: Browser, site: Path) -> None:
    with serve(site) as root:
        page = browser.new_page(viewport=PHONE)
        answer = page.goto(f"{root}no/such/page.html")
        assert answer
        assert answer.status == 404
        home = page.get_by_role("link")
        expect(home, "it speaks every language").to_have_count(1 + len(LANGUAGES))
        if "BOOK_REPOSITORY_URL" not in os.environ:  # or the site has a folder of its own there
            home.first.click()
            expect(page.locator("article h1")).to_be_visible()
            page.goto(f"{root}es/no/such/page.html")
            expect(page.locator("html"), "in the folder of an edition, it speaks its language").to_have_attribute(
                "lang", "es"
            )
            expect(page.get_by_role("heading")).to_have_text("Aquí no hay ninguna página")
            home.click()
            expect(page).to_have_url(f"{root}es/index.html")
        page.close()


def test_the_header_fits_with_all_that_it_can_have(browser: Browser, site: Path) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 600})
    page.goto((site / "formula.html").as_uri())
    missing = 5 - page.locator(".header-article__inner :is(.dropdown, .language)").count()
    page.locator(".dropdown-download-buttons").evaluate(
        "(button, missing) => button.after(...Array.from({ length: missing }, () => button.cloneNode(true)))", missing
    )
    assert page.evaluate("document.documentElement.scrollWidth") == 320, "published, and in three languages"
    page.close()


def test_the_same_page_in_another_language_is_one_step_away(browser: Browser, site: Path) -> None:
    visit = Visit(browser, f"{(site / 'formula.html').as_uri()}#four-wishes")
    page = visit.page
    switch = page.get_by_role("link", name="Español")
    expect(switch).to_be_in_viewport()
    switch.focus()
    page.keyboard.press("Enter")
    there = (site / "es" / "formula.html").as_uri()
    name = page.locator("article section[id]").nth(2).get_attribute("id")
    assert name != "four-wishes", "a section has another name there"
    page.wait_for_function("name => decodeURIComponent(location.hash) === `#${name}`", arg=name)
    assert page.url.startswith(there)
    page.goto(f"{there}#equation-softmax")
    page.get_by_role("link", name="English").click()
    expect(page).to_have_url(f"{(site / 'formula.html').as_uri()}#equation-softmax")
    page.goto(f"{(site / 'api' / 'core.html').as_uri()}#minisoftmax.core.softmax")
    page.get_by_role("link", name="Español").click()
    expect(page, "the reference is in English alone").to_have_url((site / "es" / "api.html").as_uri())
    page.goto((site / "formula.html").as_uri())
    page.locator("#four-wishes > h2").evaluate("heading => heading.scrollIntoView()")
    page.get_by_role("link", name="Español").evaluate("link => link.click()")  # Playwright itself would scroll
    page.wait_for_function("name => decodeURIComponent(location.hash) === `#${name}`", arg=name)
    page.goto(f"{(site / 'search.html').as_uri()}?q=softmax")
    page.get_by_role("link", name="Español").click()
    expect(page).to_have_url(f"{(site / 'es' / 'search.html').as_uri()}?q=softmax")
    expect(page.locator("#search-results li a").first).to_be_visible()
    page.context.close()
    assert not visit.problems


# What people type, and the beginning of what they mean, in the Spanish edition.
ASKED = """
estimación distribución distribuciones logaritmo logaritmos exponencial función funciones matriz matrices símplex
entropía perplejidad señala tamaño pequeño enseñar años español calibración clasificación muestreo atención máscara
números gradiente pérdida término métodos más según después página índice vocabulario
"""


@pytest.mark.parametrize("language", ["es"])
def test_a_search_does_not_mind_accents(browser: Browser, site: Path, language: str) -> None:
    visit = Visit(browser, f"{(site / language / 'search.html').as_uri()}?q=softmax")
    page = visit.page
    expect(page.get_by_role("status")).to_contain_text("lugares con «softmax»")
    asked = ASKED.split()
    bare = str.maketrans("áéíóúüñ", "aeiouun")
    found = {}
    for word in {*asked, *(word.translate(bare) for word in asked)}:
        found[word] = page.evaluate("(query) => search(query).map(([address]) => address)", word)
    assert len(asked) >= 30
    nothing = [word for word in asked if not found[word]]
    differ = [word for word in asked if found[word] != found[word.translate(bare)]]
    assert not nothing + differ
    for english, there in (
        ("cross-entropy", "notation.html#term-cross-entropy"),
        ("padding", "notation.html#term-filler-padding"),
        ("log_softmax", "../api/core.html#minisoftmax.core.log_softmax"),
    ):
        assert there in page.evaluate("(query) => search(query).map(([address]) => address)", english)
    page.context.close()
    assert not visit.problems
