"""Runs notebooks as on a computer with fewer vector instructions, and tells which outputs differ there."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
import numpy as np
from nbformat import NotebookNode

from tests.book import report, runs
from tools import notebooks

AVAILABLE: list[str] = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
"""The vector instructions that NumPy may use here, beyond those that it always needs."""

LOOK = "import numpy as np"
SHOW = "print(np.show_config(mode='dicts')['SIMD Extensions'].get('found', []))"


def outputs_hold(machine: Mapping[str, str], chapters: Sequence[Path], folder: Path) -> None:
    """Run notebooks in this environment; the folder is for one that looks whether it has come about."""
    features = folder / "features.ipynb"
    features.write_text(notebooks.text(notebook_of_this_machine()), encoding="utf-8")

    run = runs.notebooks([*chapters, features], env=machine)

    switched_off = run.passed(features) == {0} and run.failed(features) == {1}
    if machine["NPY_DISABLE_CPU_FEATURES"]:
        assert switched_off, f"the instructions are still used, so this tests nothing:\n{run.text}"
    problems = [
        f"{notebooks.name(path)}, In [{number + 1}]: the output differs with {dict(machine)}. If it is stale here "
        "too, run `make notebooks`; if not, print what is true on every machine: fewer digits, or a comparison."
        for path in chapters
        for number in sorted(run.failed(path))
    ]
    report.none([*problems, run.text] if problems else [])
    for path in chapters:
        cells = set(range(len(list(notebooks.read(path).cells("code")))))
        assert run.passed(path) == cells, f"pytest does not run all cells of {notebooks.name(path)}:\n{run.text}"


def notebook_of_this_machine() -> NotebookNode:
    """Make a notebook that prints which vector instructions NumPy may use, with the output of this process."""
    look = nbformat.v4.new_code_cell(LOOK, execution_count=1)  # type: ignore[no-untyped-call]
    show = nbformat.v4.new_code_cell(SHOW, execution_count=2)  # type: ignore[no-untyped-call]
    show.outputs = [nbformat.v4.new_output("stream", text=f"{AVAILABLE}\n")]  # type: ignore[no-untyped-call]
    return nbformat.v4.new_notebook(cells=[look, show])  # type: ignore[no-untyped-call]
