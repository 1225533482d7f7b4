"""Explorers on the pages of a small book: their scripts once, and no jump when they come."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from minisoftmax import explorers
from tests.browser.hands import slider, value
from tests.browser.notebook_files import code_cell, write_notebook
from tests.explorers import NAMES
from tools import ROOT


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
    style = (small_book / "_static" / "explorers" / "page.css").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"{name}-explorer:not(:defined)" not in style] == []
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
    expect(page.locator("softmax-explorer .p .number")).to_have_text(["0.622", "0.378"])
    page.close()
