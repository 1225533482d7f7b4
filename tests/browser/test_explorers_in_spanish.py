"""Explorers and the scripts of the pages in another language than English: nothing is left in English, and all fits."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from minisoftmax import language
from minisoftmax.data import load_language_model
from minisoftmax.explorers import Explorer
from minisoftmax.explorers.explorer import folder, table
from tests.browser.axe import violations
from tests.browser.conftest import DESK, LOOK, PHONE, Show
from tests.browser.test_every_explorer import WRONG
from tests.explorers import NAMES, example, html
from tools import ROOT

# What all languages share: names of functions and filters, of formats, of units.
SHARED = ["softmax", "sparsemax", "top", "min", "log", "ece", "nan", "float", "bfloat", "gb", "mib", "ns", "ms"]
LETTER = "[A-Za-zÀ-ÿ]"
SEEN = """explorer => [...explorer.shadowRoot.querySelectorAll(":not(style)")].flatMap((part) => [
  ...[...part.childNodes].filter((child) => child.nodeType === Node.TEXT_NODE).map((child) => child.textContent),
  ...["aria-label", "aria-valuetext", "aria-roledescription", "title"].map((name) => part.getAttribute(name) ?? ""),
])"""
# All that a hand can do with an explorer, and what it shows after each act.
ACTS = f"""(explorer, wrong) => {{
  const seen = new Set();
  const look = () => ({SEEN})(explorer).forEach((text) => seen.add(text));
  function act(selector, values, change) {{
    for (const control of explorer.shadowRoot.querySelectorAll(selector)) {{
      for (const value of values(control)) {{
        change(control, value);
        look();
      }}
    }}
  }}
  function enter(control, value, event) {{
    control.value = value;
    control.dispatchEvent(new Event(event));
  }}
  look();
  act("[role=slider]", () => ["Home", "End", "ArrowLeft"], (slider, key) =>
    slider.dispatchEvent(new KeyboardEvent("keydown", {{ key }})));
  act("input[type=range]", ({{ max }}) => [0, max, 1], (slider, place) => enter(slider, place, "input"));
  act("button:not(.reset), input[type=checkbox], a", () => [0], (button) => button.click());
  act("input.field", () => ["?", "1e9", "1", "the cat was", "softmax cat was"], (field, text) =>
    enter(field, text, "change"));
  Object.defineProperty(explorer, "challenge", {{ get: () => ["…", true], configurable: true }});
  explorer.update();
  look();
  delete explorer.challenge;
  const right = explorer.getAttribute("settings");
  for (const settings of wrong) {{
    explorer.setAttribute("settings", settings);
    look();
  }}
  explorer.setAttribute("settings", right);
  return [...seen];
}}"""


@pytest.fixture(autouse=True)
def spanish() -> Iterator[None]:
    """Make explorers in Spanish."""
    language.use("es")
    yield
    language.use("en")


def masked(text: str) -> str:
    """Put a sign for each letter, but in the names of what is filled in."""
    parts = re.split(r"(\{\w+\})", text)
    return "".join(part if part.startswith("{") else re.sub(LETTER, "ж", part) for part in parts)


def open_masked(page: Page, name: str, script: tuple[str, str] = ("", "")) -> Locator:
    """Open an explorer whose words are masked, so that what is readable was not looked up."""
    stored = html(example(name))
    page.clock.install()
    page.set_content(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><body style="{LOOK}"><div id="figure-{name}">'
        + (stored.replace(*script) if script[0] else stored)
    )
    figure = page.locator(f"{name}-explorer")
    words = json.loads(figure.get_attribute("words") or "")
    masks = json.dumps({english: masked(said) for english, said in words.items()})
    figure.evaluate(
        """(explorer, masks) => {
          for (const [name, value] of Object.entries({ words: masks, caption: "" })) explorer.setAttribute(name, value);
          explorer.words = undefined;
          explorer.restart();
        }""",
        masks,
    )
    return figure


def readable(texts: list[str], explorer: Explorer) -> set[str]:
    """List the words that are no names, nor were given to the explorer."""
    given = json.dumps([explorer.settings, list(explorer.settings)], ensure_ascii=False).lower()
    known = {*SHARED} | set(re.findall("[a-z]+", given)) | set(load_language_model().vocabulary)
    return {word for text in texts for word in re.findall(f"{LETTER}{{2,}}", text.lower())} - known


@pytest.mark.parametrize("name", NAMES)
def test_all_that_is_said_is_in_the_catalog(browser: Browser, name: str) -> None:
    page = browser.new_page(reduced_motion="reduce", viewport=DESK)
    figure = open_masked(page, name)
    seen = figure.evaluate(ACTS, ["{", *(settings for kind, settings, _ in WRONG if kind == name)])
    for control in figure.locator("button:not(.token)").all():  # the last one is “Reset”
        control.dispatch_event("click")
        page.clock.run_for(600)  # what is said once the hand has come to rest
        seen += figure.evaluate(SEEN)
    page.close()
    assert len(set(seen)) > 30
    assert readable(seen, example(name)) == set()


def test_a_word_that_is_not_looked_up_is_found(browser: Browser) -> None:
    page = browser.new_page()
    figure = open_masked(page, "stability", ('this._("As written")', '"As written"'))
    assert {"as", "written"} <= readable(figure.evaluate(SEEN), example("stability"))
    page.close()


def sizes(page: Page) -> list[list[Any]]:
    found: list[list[Any]] = page.locator("[settings]").evaluate_all(
        """all => all.map((explorer) => [explorer.offsetHeight, [...explorer.shadowRoot.querySelectorAll("*")]
          .filter((part) => part.clientWidth && !part.matches(".spoken") && part.scrollWidth > part.clientWidth + 1 &&
            getComputedStyle(part).overflowX !== "visible").map((part) => `${part.className}: ${part.textContent}`)])"""
    )
    return found


@pytest.mark.parametrize("width", [320, 360, 390, 1280])
def test_spanish_fits_where_english_does(show: Show, width: int) -> None:
    spanish = [example(name) for name in NAMES]
    language.use("en")
    pages = [show(*made, viewport={"width": width, "height": 900}) for made in (map(example, NAMES), spanish)]
    for page in pages:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 320:
        return
    for name, (high, cut), (high_in_spanish, cut_in_spanish) in zip(NAMES, *map(sizes, pages), strict=True):
        assert len(cut_in_spanish) <= len(cut), f"{name}: {cut_in_spanish}"
        room = next(high for high, least in zip(folder(name).HEIGHT, (640, 385, 0), strict=True) if width >= least)
        assert high_in_spanish <= max(high, room), f"{name} at {width} px"


def test_names_are_spanish(show: Show) -> None:
    page = show(*map(example, NAMES), before="<h1>Explorers</h1>", anchors=True)
    for name in NAMES:
        figure = page.locator(f"{name}-explorer")
        expect(figure).to_have_attribute("lang", "es")
        expect(figure.get_by_role("button", name="Reiniciar")).to_be_visible()
        expect(figure.get_by_role("link", name="Enlace")).to_be_visible()
        expect(figure.locator(".challenge")).to_have_text(re.compile("^Reto: .*\\.$"))
    expect(page.get_by_role("slider", name="Puntuación de mat", exact=True).first).to_be_visible()
    expect(page.get_by_role("textbox", name="Temperatura, como número").first).to_be_visible()
    expect(page.get_by_role("group", name="Atención: elige una palabra y observa adónde mira")).to_be_visible()
    expect(page.get_by_role("img", name="Diagrama de fiabilidad")).to_be_visible()
    assert violations(page) == []


def test_each_explorer_speaks_its_own_language(show: Show) -> None:
    spanish = example("softmax")
    language.use("en")
    page = show(example("softmax"), spanish, example("sparse"))
    for explorer, word in zip(page.locator("[settings]").all(), ("Reset", "Reiniciar", "Reset"), strict=True):
        expect(explorer.get_by_role("button", name=word, exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("code", "label", "button", "said"),
    [
        ("en", "Your guess:", "Guess", ["75 times too small. Up.", "6.7 times too large. Down.", "Very close."]),
        (
            "es",
            "Tu estimación:",
            "Estimar",
            ["75 veces demasiado pequeña. Up.", "6.7 veces demasiado grande.", "Muy cerca."],
        ),
    ],
)
def test_the_scripts_of_a_page_speak_its_language(
    browser: Browser, tmp_path: Path, code: str, label: str, button: str, said: list[str]
) -> None:
    scripts = [(ROOT / "book" / "_static" / name).read_text(encoding="utf-8") for name in ("guess.js", "site.js")]
    scripts.append("globalThis.sections = [['a.html', 'A', 'Softmax', 'the softmax function']];")
    scripts.append((ROOT / "book" / "_extensions" / "search.js").read_text(encoding="utf-8"))
    scripts.append("globalThis.Stemmer = class { stemWord(word) { return word; } };")
    if code != "en":
        scripts.insert(0, f"globalThis.words = {table(''.join(scripts), code)};")
    head = "".join(f"<script>{script}</script>" for script in scripts)
    answer = "<details><summary>?</summary><p>150</p></details>"
    guess = f'<softmax-guess answer="150" more="Up." less="Down.">{answer}</softmax-guess>'
    rest = '<article class="bd-article"><div id="search-results"></div><div class="begin"><p></p></div></article>'
    file = tmp_path / "page.html"
    text = f'<!doctype html><html lang="{code}"><head><meta charset="utf-8">{head}</head><body>{guess}{rest}'
    file.write_text(text, encoding="utf-8")
    page = browser.new_page(viewport=PHONE)
    place = json.dumps({"page": "a.html", "anchor": "b", "title": "T", "section": "S"})
    page.add_init_script(f"localStorage.setItem('place-{code}', {place!r})")
    page.goto(f"{file.as_uri()}?q=softmax")
    for typed, answer in zip(("2", "1000", "150"), said, strict=True):
        page.get_by_label(label).fill(typed)
        page.get_by_role("button", name=button).click()
        expect(page.locator("softmax-guess").get_by_role("status")).to_contain_text(answer)
    spanish = code == "es"
    found = "Un lugar con «softmax»" if spanish else "One place with “softmax”"
    expect(page.locator("#search-results")).to_contain_text(found)
    expect(page.locator(".continue")).to_have_text("Continúa: T, «S»" if spanish else "Continue: T, “S”")
    page.goto(f"{file.as_uri()}?q=zebra")
    expect(page.get_by_role("status").last).to_contain_text("Nada en el libro" if spanish else "Nothing in the book")
    page.close()
