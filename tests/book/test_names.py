"""Every name in a code span of the prose exists, with the arguments that it is given."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

import minisoftmax
import minisoftmax.core
from tests.book import links, names, report
from tools import ROOT, notebooks
from tools.notebooks import Notebook


@pytest.mark.parametrize("path", notebooks.paths(), ids=notebooks.name)
def test_names_in_notebooks_exist(path: Path) -> None:
    report.none(names.notebook_problems(notebooks.read(path)))


@pytest.mark.parametrize("path", links.markdown_files(), ids=notebooks.name)
def test_names_in_other_texts_exist(path: Path) -> None:
    report.none(names.text_problems(notebooks.name(path), path.read_text(encoding="utf-8"), path.parent))


# What follows checks spans, right and wrong ones.


def problems(code: str) -> list[str]:
    """Check a span in a notebook that imports, defines and prints a little."""
    source = "from minisoftmax import softmax\nratio = softmax([1, 2])\nratio.round(3)\nf = lambda q: q"
    cell = nbformat.v4.new_code_cell(source, execution_count=1)  # type: ignore[no-untyped-call]
    cell.outputs = [nbformat.v4.new_output("stream", text="[0.269 0.731] 148.4 : 1")]  # type: ignore[no-untyped-call]
    text = nbformat.v4.new_markdown_cell(f"Look at ``{code}`` here.")  # type: ignore[no-untyped-call]
    node = nbformat.v4.new_notebook(cells=[text, cell])  # type: ignore[no-untyped-call]
    return names.notebook_problems(Notebook(notebooks.BOOK / "small.ipynb", node))


@pytest.mark.parametrize(
    "code",
    [
        "softmax",
        "softmax()",
        "softmax(x)",
        "softmax(x, axis=0)",
        "softmax(x, …)",
        "softmax(x, axis=-1, *, temperature=1.0)",
        "minisoftmax.core.logsumexp",
        "temperature=0.5",
        "axis=-1",
        "where",
        "np.exp",
        "np.linalg.norm(x)",
        "scipy.special.softmax(x, axis=0)",
        "torch.nn.functional.softmax(input, dim)",
        "tf.nn.softmax",
        "float64",
        "AxisError",
        "ValueError",
        "None",
        "lambda",
        "...",
        "-inf",
        "ratio",
        "ratio.round(3)",
        ".sum(axis=0)",
        "q",
        "[k for k in ratio]",
        "[0.269 0.731]",
        "148.4 : 1",
        "README.md",
        "book/formula.ipynb",
        "book/<stem>.ipynb",
        "_build/html/index.html",
        "minisoftmax/",
        "make book",
        "python -m pytest tests/book",
        "pip install -r requirements.txt",
        "--nbval",
        "NPY_DISABLE_CPU_FEATURES",
        "mystnb.image.alt",
    ],
)
def test_there_is_no_false_alarm(code: str) -> None:
    report.none(problems(code))


@pytest.mark.parametrize(
    "code",
    [
        "softmaxx",
        "softmaxx(x)",
        "softmax(x, temprature=0.5)",
        "softmax(x, 0, 1)",
        "softmax(x, axis=-1, *, temp=1.0)",
        "softmaxx(x, axis=-1, *, temperature=1.0)",
        "minisoftmax.logsumexpp",
        "minisoftmax.cores.softmax",
        "temprature=0.5",
        "np.expo",
        "np.exp(x, axes=0)",
        "scipy.special.softmaxx",
        "scipy.special.softmax(x, dim=0)",
        "ratios",
        "ratio.rounded",
        ".summ()",
        "[0.269 0.732]",
        "148.5 : 1",
        "make books",
        "python -m tests.books",
        "python -m pytest tests/books.py",
        "pip install -r requirement.txt",
        "book/formulas.ipynb",
        "boook/formula.ipynb",
        "--nbvall",
        "NPY_DISABLE_GPU_FEATURES",
        "softmax x",
    ],
)
def test_a_wrong_name_is_seen(code: str) -> None:
    report.one(problems(code), "book/small.ipynb, cell 1", f"`{code}`", "Fix")


def test_a_renamed_function_is_seen(chapter: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (minisoftmax, minisoftmax.core):
        monkeypatch.setattr(module, "soft_max", module.softmax, raising=False)
        monkeypatch.delattr(module, "softmax")
        monkeypatch.setattr(module, "__all__", [*set(module.__all__) - {"softmax"}, "soft_max"])
    assert any("minisoftmax has no softmax" in problem for problem in names.notebook_problems(chapter))


def test_a_renamed_argument_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minisoftmax, "softmax", lambda x, axes=-1: np.exp(x))
    report.one(problems("softmax(x, axis=0)"), "unexpected keyword argument 'axis'", "Fix")


def test_a_text_outside_notebooks_has_no_names_of_its_own() -> None:
    report.one(names.text_problems("README.md", "the `ratio`", ROOT), "README.md", "`ratio`")
