"""nbval sees every change of a stored output, and a broken softmax turns the tests red."""

import re
import shutil
from pathlib import Path

import pytest

from tests.book import runs
from tools import ROOT, notebooks
from tools.notebooks import Notebook


def misprinted(text: str, before_the_digit: str = "") -> str:
    """Change one digit, or append something where there is none."""
    digit = re.search(rf"(?<={before_the_digit})\d", text)
    if not digit:
        return text + "."
    return text[: digit.start()] + str((int(digit[0]) + 1) % 10) + text[digit.end() :]


def with_every_output_misprinted(notebook: Notebook) -> tuple[str, set[int]]:
    """Change a digit in each text output and a coordinate in each figure; give the file and the cells changed."""
    changed = set()
    for number, (_, cell) in enumerate(notebook.cells("code")):
        for output in cell.outputs:
            changed.add(number)
            if output.output_type == "stream":
                output.text = misprinted(output.text)
            elif svg := output.data.get("image/svg+xml"):
                output.data["image/svg+xml"] = misprinted(svg, before_the_digit=' d="M ')
            else:
                output.data = {kind: misprinted(text) for kind, text in output.data.items()}
    return notebooks.text(notebook.node), changed


def test_every_tampered_output_is_seen(chapter: Notebook, solutions: Notebook, tmp_path: Path) -> None:
    tampered, wrong = tmp_path / "tampered.ipynb", tmp_path / "wrong.ipynb"
    text, changed = with_every_output_misprinted(chapter)
    tampered.write_text(text, encoding="utf-8")
    solved = {number for number, (_, cell) in enumerate(solutions.cells("code")) if "check(" in cell.source}
    for _, cell in solutions.cells("code"):
        cell.source = re.sub(r"check\((\"[^\"]+\"), .+\)", r"check(\1, None)", cell.source)
    wrong.write_text(notebooks.text(solutions.node), encoding="utf-8")

    run = runs.notebooks([tampered, wrong])

    cells = set(range(len(list(chapter.cells("code")))))
    assert run.failed(tampered) == changed, run.text
    assert run.passed(tampered) == cells - changed
    assert changed
    assert run.failed(wrong) >= solved - {0}, run.text
    assert solved - {0}


BROKEN = {
    "keeps the maximum": """
_right_softmax = softmax
def softmax(x, axis=-1, **options):
    return _right_softmax(x, axis, **options) if options else naive_softmax(x, axis)
""",
    "ignores axis": """
_right_softmax = softmax
def softmax(x, axis=-1, **options):
    return _right_softmax(x, -1, **options)
""",
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_softmax_turns_the_tests_red(change: str, tmp_path: Path) -> None:
    for folder in ("minisoftmax", "tests", "tools"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "_config.yml", "_toc.yml"):
        shutil.copy(ROOT / file, tmp_path)
    tests = [tmp_path / "tests" / "package" / "test_core.py"]
    environment = {"PYTHONPATH": str(tmp_path)}
    core = tmp_path / "minisoftmax" / "core.py"
    core.write_text(core.read_text(encoding="utf-8") + change, encoding="utf-8")
    run = runs.pytest(tests, "-x", env=environment, root=tmp_path)
    assert run.exit_code == 1, run.text
