"""Exercises on a page: judged as in a notebook, in the same words and steps, and kept until they are forgotten."""

import base64
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from minisoftmax import language
from minisoftmax.exercises import exercise, names
from tests.browser.axe import violations
from tests.browser.conftest import PHONE
from tools import ROOT

SPEC = importlib.util.spec_from_file_location("questions", ROOT / "book" / "_extensions" / "questions_extension.py")
assert SPEC is not None
assert SPEC.loader is not None
questions: Any = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(questions)

ASKED = [name for name in names() if exercise(name).kind != "function" and not exercise(name).agree_up_to]


def attempts(name: str) -> list[list[float]]:
    """Give wrong values of every kind, then the right one: at least three that nobody lists, slips, and mistakes."""
    put = exercise(name)
    right = np.atleast_1d(np.asarray(put.solution, dtype=float))
    if put.options:
        tried = [np.roll(right, n) for n in range(len(right))] + [np.full(len(right), put.options[0])]
        return [[int(x) for x in values] for values in [*tried, right]]
    given = [right * 1.37, right * 1.37, right * 0.71 + 0.01, right[::-1], -right, right * 100, 1 - right]
    given += [np.exp(right), np.atleast_1d(np.log10(right + 1)) * np.log(2)]
    given += [np.atleast_1d(np.asarray(a, dtype=float)) for mistake in put.mistakes for a in mistake.answers]
    return [[float(x) for x in np.broadcast_to(values, right.shape)] for values in [*given, right]]


TRIED = {name: attempts(name) for name in ASKED}
PROGRAM = """
import json, sys
from minisoftmax import language
from minisoftmax.exercises import check
language.use(sys.argv[1])
said = {}
for name, tried in json.load(sys.stdin).items():
    said[name] = []
    for values in tried:
        verdict = check(name, values[0] if len(values) == 1 else tuple(values))
        row = [verdict.passed, verdict.message, verdict.hint, verdict.expected is not None]
        said[name].append(row)
print("\\n" + json.dumps(said))
"""


@pytest.fixture(params=["en"])
def page(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """Open a page with all questions, on a phone, with the network cut."""
    language.use(request.param)
    style = (ROOT / "book" / "_static" / "custom.css").read_text(encoding="utf-8")
    site = (ROOT / "book" / "_static" / "site.js").read_text(encoding="utf-8")
    elements = "".join(f"<h2>{exercise(name).title}</h2>{questions.element(name)}" for name in names())
    file = tmp_path / "questions.html"
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Questions</title>'
    head += f"<style>{style}</style>"
    body = f"<main><h1>Questions</h1>{elements}</main><script>{site}</script><script>{questions.script()}</script>"
    file.write_text(
        f'<!doctype html><html lang="{request.param}"><head>{head}</head><body>{body}</body></html>', encoding="utf-8"
    )
    context = browser.new_context(offline=True, viewport=PHONE, has_touch=True)
    problems: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.goto(file.as_uri())
    yield opened
    context.close()
    language.use("en")
    assert not problems


@pytest.mark.parametrize("page", ["en", "es"], indirect=True)
def test_the_page_says_what_the_notebook_says(page: Page) -> None:
    command = [sys.executable, "-c", PROGRAM, language.chosen()]
    done = subprocess.run(command, input=json.dumps(TRIED), capture_output=True, text=True, check=True)
    wanted = json.loads(done.stdout.rpartition("\n\n")[2].strip().splitlines()[-1])
    seen = page.evaluate(
        """([all, hint, expected]) => Object.fromEntries(Object.entries(all).map(([name, tried]) => {
          const question = document.querySelector(`softmax-question[name="${name}"]`);
          const fields = [...question.querySelectorAll("input, select")];
          return [name, tried.map((values) => {
            values.forEach((value, i) => { fields[i].value = String(value); });
            question.querySelector("form").requestSubmit();
            const verdict = question.querySelector("[role=status] > div");
            const rows = Object.fromEntries([...verdict.querySelectorAll("dl > div")].map((row) =>
              [row.children[0].textContent, row.children[1].textContent]));
            const head = verdict.querySelector("strong").textContent;
            const message = verdict.querySelector("p").lastChild.textContent.trim();
            return [verdict.className === "right", message, rows[hint] ?? null, expected in rows];
          })];
        }))""",
        [TRIED, language.text("hint"), language.text("expected")],
    )
    for name in ASKED:
        for values, there, here in zip(TRIED[name], wanted[name], seen[name], strict=True):
            if there[0]:
                there[3] = False  # `check` hands the answer on; neither shows it where it was given
            assert here == there, f"{name}: {values}"
        assert seen[name][-1][0] is True


def test_an_answer_is_kept_until_it_is_forgotten(page: Page) -> None:
    question = page.locator('softmax-question[name="formula.ratio"]')
    field = question.get_by_label("ratio")
    forget = question.get_by_role("button", name="Forget my answer")
    expect(forget).to_be_hidden()
    field.fill("3")
    page.keyboard.press("Enter")
    expect(question.get_by_role("status")).to_contain_text("3 is the difference of the logits.")
    field.fill("20,1")
    question.get_by_role("button", name="Check").tap()
    expect(question.get_by_role("status")).to_contain_text("formula.ratio: right.")
    page.reload()
    expect(field).to_have_value("20,1")
    expect(question.get_by_role("status")).to_contain_text("formula.ratio: right.")
    forget.tap()
    expect(field).to_be_focused()
    page.reload()
    expect(field).to_have_value("")
    expect(question.get_by_role("status")).to_be_empty()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("twenty", "This is no number."),
        ("e^3", "This is no number."),
        ("0x14", "This is no number."),
        ("∞", "This is infinite"),
    ],
)
def test_what_is_no_number_is_told_so(page: Page, typed: str, said: str) -> None:
    question = page.locator('softmax-question[name="formula.ratio"]')
    question.get_by_label("ratio").fill(typed)
    page.keyboard.press("Enter")
    expect(question.get_by_role("status")).to_contain_text(said)


@pytest.mark.parametrize("typed", ["20.1", "20,1", "201/10", " 201 / 10 ", "2.01e1", "+20.1"])
def test_a_number_may_be_written_in_many_ways(page: Page, typed: str) -> None:
    question = page.locator('softmax-question[name="formula.ratio"]')
    question.get_by_label("ratio").fill(typed)
    page.keyboard.press("Enter")
    expect(question.get_by_role("status")).to_contain_text("formula.ratio: right.")


def test_a_comma_parts_thousands_in_english_alone(page: Page) -> None:
    numbers = "texts => texts.map((text) => String(book.number(text)))"
    written = ["1,000", "−1,234,567", "1,5", "0,500", "10 000", "1,2,3", "1/0", ""]
    assert page.evaluate(numbers, written) == ["1000", "-1234567", "1.5", "0.5", "10000", "NaN", "Infinity", "NaN"]
    page.evaluate("document.documentElement.lang = 'es'")
    assert page.evaluate(numbers, written[:4]) == ["1", "NaN", "1.5", "0.5"]


def test_where_nothing_may_be_kept_questions_are_asked_all_the_same(browser: Browser, site: Path) -> None:
    refused = "Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('refused'); } })"
    spoilt = "for (const key of ['answers', 'place-en', 'code']) localStorage.setItem(key, '{')"
    for script in (refused, spoilt):
        context = browser.new_context(offline=True)
        context.add_init_script(script)
        page = context.new_page()
        page.goto((site / "formula.html").as_uri())
        assert page.locator("softmax-question form").count() == page.locator("softmax-question").count()
        page.get_by_role("button", name="Read with code").click()
        expect(page.locator("details.code[open]").first).to_be_visible()
        page.locator("softmax-question input").first.fill("2")
        page.keyboard.press("Enter")
        expect(page.locator("softmax-question").get_by_role("status").first).not_to_be_empty()
        context.close()


def test_a_function_has_its_hint_in_steps_and_its_solution(page: Page) -> None:
    question = page.locator('softmax-question[name="formula.softmax"]')
    status = question.get_by_role("status")
    question.get_by_role("button", name="Hint").click()
    expect(status).to_contain_text(exercise("formula.softmax").hint)
    question.get_by_role("button", name="An example").click()
    expect(status).to_contain_text("my_softmax(z) → [  0.9933 0.006693]")
    expect(status).not_to_contain_text("def my_softmax")
    question.get_by_role("button", name="Show solution").click()
    expect(status).to_contain_text("def my_softmax(z):")
    expect(question.get_by_role("button")).to_have_count(0)


def test_no_answer_is_to_be_seen_before_its_step_and_the_page_is_accessible(page: Page) -> None:
    source = page.locator("main").evaluate("(main) => main.outerHTML")
    text = page.locator("main").aria_snapshot()
    for name in names():
        put = exercise(name)
        secrets = [put.hint, put.why, *(mistake.hint for mistake in put.mistakes)]
        assert not [secret for secret in secrets if secret in source or secret in text], name
    assert "20.0" not in source + text
    packed = page.locator('softmax-question[name="formula.ratio"]').get_attribute("packed") or ""
    assert json.loads(base64.b64decode(packed))["right"] == [exercise("formula.ratio").solution]
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_page_of_a_chapter_has_its_questions(browser: Browser, site: Path) -> None:
    chapter = [name for name in names() if name.startswith("formula.")]
    context = browser.new_context(offline=True, viewport=PHONE)
    page = context.new_page()
    page.goto((site / "formula.html").as_uri())
    asked = page.locator("softmax-question")
    assert [asked.nth(n).get_attribute("name") for n in range(asked.count())] == chapter
    page.get_by_label("ratio").fill("20.09")
    page.keyboard.press("Enter")
    expect(asked.first.get_by_role("status")).to_contain_text("right.")
    context.close()
    index = (site / "_static" / "sections.js").read_text(encoding="utf-8")
    assert "20.085" not in index
    assert "softmax-question" not in (site / "solutions" / "formula.html").read_text(encoding="utf-8")
