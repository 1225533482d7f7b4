"""An explorer in JupyterLab, run and reloaded."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, expect

from minisoftmax import core, explorers
from tests.browser.conftest import DESK
from tests.browser.hands import drag, slider, value
from tests.browser.notebook_files import code_cell, write_notebook
from tools import ROOT


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
                server.wait(1)
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
    drag(page, mat, mat.evaluate("track => track.clientWidth") / 8, 0)
    assert value(mat) == pytest.approx(2.2)
    explorer.get_by_text("Numbers to type").click()
    field = explorer.get_by_role("textbox", name="Score of sofa, as a number")
    field.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("2.2")
    page.keyboard.press("Enter")
    shares = explorer.locator(".p .number")
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
