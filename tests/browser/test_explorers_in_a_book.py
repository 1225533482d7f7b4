"""Explorers on the pages of a small book: their scripts once, and no jump when they come."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from minisoftmax import explorers, language
from tests.browser.hands import slider, value
from tests.browser.notebook_files import code_cell, write_notebook
from tests.explorers import NAMES
from tools import ROOT


def build(source: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", *options, str(source), str(source / "html")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def small_book(source: Path, code: str) -> Path:
    """Build a book of three pages in a language: a plain one and a notebook with explorers, and one without."""
    extensions = ROOT / "book" / "_extensions"
    (source / "conf.py").write_text(
        f"import sys; sys.path.insert(0, {str(extensions)!r})\n"
        "extensions = ['myst_nb', 'explorers_extension', 'questions_extension']\n"
        f"nb_execution_mode = 'off'; html_theme = 'basic'; language = {code!r}\n"
    )
    (source / "index.md").write_text(
        "# Plain\n\n```{toctree}\nnotebook\nother\n```\n\n"
        "```{explorer} softmax\nlogits: [1.0, 0.5]\nlabels: [mat, sofa]\n```\n"
    )
    (source / "other.md").write_text("# Other\n")
    language.use(code)
    twice = [explorers.softmax([2.0, 1.0], ["a", "b"]), explorers.stability()]
    language.use("en")
    cells = [{"cell_type": "markdown", "metadata": {}, "source": "# Notebook"}]
    write_notebook(source / "notebook.ipynb", [*cells, *(code_cell("1", shown) for shown in twice * 2)])
    built = build(source, "-W")
    assert built.returncode == 0, built.stderr
    return source / "html"


@pytest.mark.parametrize(
    ("code", "score", "words"), [("en", "Score of a", ["Reset"] * 4), ("es", "Puntuación de a", ["Reiniciar"] * 4)]
)
def test_the_built_book_loads_each_script_once(
    tmp_path: Path, browser: Browser, code: str, score: str, words: list[str]
) -> None:
    book = small_book(tmp_path, code)
    pages = {page: (book / f"{page}.html").read_text(encoding="utf-8") for page in ("index", "notebook", "other")}
    scripts = {page: re.findall(r"explorers/(\w+)\.js", text) for page, text in pages.items()}
    assert all((code != "en") == ("words.js" in text) == (" words='" in pages["notebook"]) for text in pages.values())
    assert scripts == {
        "index": ["numbers", "explorer", "softmax"],
        "notebook": ["numbers", "explorer", "softmax", "stability"],
        "other": [],
    }
    styled = [page for page in scripts if "page.css" in (book / f"{page}.html").read_text(encoding="utf-8")]
    assert styled == ["index", "notebook"]
    style = (book / "_static" / "explorers" / "page.css").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"{name}-explorer:not(:defined)" not in style] == []
    assert "data-explorer" not in (book / "notebook.html").read_text(encoding="utf-8")
    page = browser.new_page(offline=True)
    page.goto((book / "notebook.html").as_uri())
    assert page.locator("softmax-explorer").count() == page.locator("stability-explorer").count() == 2
    expect(page.locator(".reset")).to_have_text(words)
    slider(page.locator("softmax-explorer").first, score).press("ArrowUp")
    assert value(slider(page.locator("softmax-explorer").first, score)) == 2.1
    jumps = page.evaluate(
        """() => new Promise((done) => {
          const report = (list) => done(list.getEntries().map(({ value }) => value));
          new PerformanceObserver(report).observe({ type: "layout-shift", buffered: true });
          setTimeout(() => done([]), 300);
        })"""
    )
    assert sum(jumps) < 0.1
    page.goto((book / "index.html").as_uri())
    expect(page.locator(".reset")).to_have_text(words[:1])
    expect(page.locator("softmax-explorer .p .number")).to_have_text(["0.622", "0.378"])
    page.close()
