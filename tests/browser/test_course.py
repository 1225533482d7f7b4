"""The kit for teachers: slides that work alone from a file, and handouts of two pages."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from tests.browser.axe import violations
from tests.editions import every_edition
from tools import course, handouts
from tools.lessons import lessons, say
from tools.slides import deck, slides

LESSONS = lessons()
FORMULA = LESSONS[0]


@pytest.fixture(scope="module")
def deck_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("slides") / "formula.html"
    file.write_text(deck(FORMULA), encoding="utf-8")
    return file


def opened(browser: Browser, address: str, problems: list[str]) -> Page:
    page = browser.new_page(viewport={"width": 1000, "height": 600})
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type in ("error", "warning") else None)
    page.on("request", lambda asked: None if asked.url.startswith(("file:", "data:")) else problems.append(asked.url))
    page.goto(address)
    page.wait_for_function("Reveal.isReady()")
    return page


def test_slides_work_from_a_file_and_on_paper(browser: Browser, deck_file: Path, tmp_path: Path) -> None:
    problems: list[str] = []
    page = opened(browser, deck_file.as_uri(), problems)
    made = slides(FORMULA)
    assert page.evaluate("Reveal.getTotalSlides()") == len(made)
    for number in range(len(made)):
        page.evaluate("(n) => Reveal.slide(n, 0, 9)", number)
        page.wait_for_timeout(20)
        beyond = page.evaluate(
            "(() => { const s = Reveal.getCurrentSlide(); return s.scrollHeight - s.clientHeight })()"
        )
        assert beyond <= 1, f"slide {number}, {made[number].title}, has {beyond} px too much"
    noted = page.evaluate(
        "[...document.querySelectorAll('.slides > section')].filter((s) => s.querySelector('.notes')).length"
    )
    assert noted > 0.6 * len(made)

    # The figure to try is alive, and its keys are its own.
    place = next(n for n, slide in enumerate(made) if "settings=" in slide.body)
    page.evaluate("(n) => Reveal.slide(n)", place)
    bar = page.get_by_role("slider").first
    before = float(bar.get_attribute("aria-valuenow") or "nan")
    bar.focus()
    page.keyboard.press("ArrowRight")
    assert float(bar.get_attribute("aria-valuenow") or "nan") > before
    assert page.evaluate("Reveal.getIndices().h") == place

    page.goto(f"{deck_file.as_uri()}?print-pdf")
    page.wait_for_function("(n) => document.querySelectorAll('.pdf-page').length == n", arg=len(made))
    page.pdf(path=tmp_path / "slides.pdf", prefer_css_page_size=True)
    assert len(PdfReader(tmp_path / "slides.pdf").pages) == len(made)
    page.close()
    assert not problems


def test_the_answer_to_the_guess_is_not_shown_before_it_is_asked_for() -> None:
    [guess] = [slide for slide in slides(FORMULA) if slide.title == "The guess"]
    assert 'class="answer fragment"' in guess.body
    assert "148" not in slides(FORMULA)[0].body


@every_edition
@pytest.mark.parametrize("place", range(len(LESSONS)), ids=[lesson.name for lesson in LESSONS])
def test_every_chapter_has_slides(place: int, edition: str) -> None:
    lesson = lessons()[place]
    made = slides(lesson)
    assert 20 <= len(made) <= 60
    titles = [slide.title for slide in made]
    for title in ("You will be able to", "What people believe", "To discuss", "Remember"):
        assert titles.count(say(title)) == 1
    put = [say("Exercise: {title}", title=e.title) for e in lesson.exercises]
    assert [title for title in titles if title.startswith(say("Exercise: {title}", title=""))] == put
    assert f'<html lang="{edition}">' in deck(lesson)
    shown = "".join(slide.body for slide in made)
    assert shown.count("<img ") + shown.count("-explorer settings=") >= 2
    assert shown.count('<img alt=""') == 0
    live = sum("-explorer settings=" in str(cell.get("outputs")) for cell in lesson.cells)
    assert shown.count("-explorer settings=") >= min(live, 1)
    assert "$" not in "".join(slide.title for slide in made)


@every_edition
def test_every_handout_has_two_pages_and_its_fonts(browser: Browser, tmp_path: Path, edition: str) -> None:
    assert handouts.write(lessons(), tmp_path, browser) == []
    for lesson in LESSONS:
        pages = PdfReader(tmp_path / f"{lesson.name}.pdf").pages
        assert len(pages) == 2, lesson.name
        words = [" ".join(page.extract_text().split()) for page in pages]
        assert say("My guess:") in words[0]
        assert say("Remember") in words[0]
        assert words[1].count("(●") >= 3
        fonts = [font.get_object() for page in pages for font in fonts_of(page)]
        assert fonts
        assert all(is_embedded(font) for font in fonts), lesson.name


def fonts_of(page: Any) -> list[Any]:
    return list(page["/Resources"]["/Font"].values())


def is_embedded(font: Any) -> bool:
    described = font.get("/DescendantFonts", [font])[0].get_object().get("/FontDescriptor")
    return described is not None and bool({"/FontFile", "/FontFile2", "/FontFile3"} & described.get_object().keys())


def test_a_kit_that_cannot_be_made_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kit = tmp_path / "course"
    kit.mkdir()
    (kit / "index.html").write_text("before", encoding="utf-8")

    def fail(folder: Path, chapters: object) -> None:
        (folder / "half.html").write_text("half", encoding="utf-8")
        raise RuntimeError("no more paper")

    monkeypatch.setattr(course, "write", fail)
    assert course.main([str(kit)]) == 1
    assert "no more paper" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["course"]
    assert (kit / "index.html").read_text(encoding="utf-8") == "before"


def test_the_page_of_the_kit_leads_to_all_of_it() -> None:
    page = course.index(LESSONS)
    for lesson in LESSONS:
        assert f'href="slides/{lesson.name}.html"' in page
        assert f'href="handouts/{lesson.name}.pdf"' in page
    assert all(f'href="{file}"' in page for file in course.BANKS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_the_kit_can_be_read(browser: Browser, tmp_path: Path, scheme: Any) -> None:
    file = tmp_path / "index.html"
    file.write_text(course.index(LESSONS), encoding="utf-8")
    page = browser.new_page(color_scheme=scheme)
    page.goto(file.as_uri())
    assert [found for found in violations(page) if "contrast" in found] == []
    page.close()
