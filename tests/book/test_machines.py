"""The stored outputs hold on computers with fewer vector instructions, another locale, time zone and hash seed."""

import importlib
import platform
from collections.abc import Mapping
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from tests.book import report, runs
from tools import notebooks

umath = importlib.import_module("numpy._core._multiarray_umath")
AVAILABLE = [feature for feature in umath.__cpu_dispatch__ if umath.__cpu_features__.get(feature)]
AVX512 = [feature for feature in AVAILABLE if feature == "X86_V4" or feature.startswith("AVX512")]

MACHINES = {
    "without AVX-512": {"NPY_DISABLE_CPU_FEATURES": " ".join(AVX512)},
    "without AVX2 too, and abroad": {
        "NPY_DISABLE_CPU_FEATURES": " ".join(AVAILABLE),
        "PYTHONHASHSEED": "1",
        "LC_ALL": "C",
        "TZ": "Pacific/Kiritimati",
    },
}

LOOK = """\
import importlib
umath = importlib.import_module("numpy._core._multiarray_umath")"""
SHOW = "print([feature for feature in umath.__cpu_dispatch__ if umath.__cpu_features__.get(feature)])"


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())
def test_all_outputs_hold_on_other_machines(machine: Mapping[str, str], tmp_path: Path) -> None:
    if not machine["NPY_DISABLE_CPU_FEATURES"]:
        pytest.skip(f"this NumPy has no such instructions to switch off on this {platform.machine()}")
    features = tmp_path / "features.ipynb"
    features.write_text(notebooks.text(notebook_of_this_machine()), encoding="utf-8")

    run = runs.notebooks([notebooks.BOOK, features], env=machine)

    switched_off = run.passed(features) == {0} and run.failed(features) == {1}
    assert switched_off, f"the instructions are still used, so this tests nothing:\n{run.text}"
    problems = [
        f"{notebooks.name(path)}, In [{number + 1}]: the output differs with {dict(machine)}. If it is stale here "
        "too, run `make notebooks`; if not, print what is true on every machine: fewer digits, or a comparison."
        for path in notebooks.paths()
        for number in sorted(run.failed(path))
    ]
    report.none([*problems, run.text] if problems else [])
    for path in notebooks.paths():
        cells = set(range(len(list(notebooks.read(path).cells("code")))))
        assert run.passed(path) == cells, f"pytest does not run all cells of {notebooks.name(path)}:\n{run.text}"


def notebook_of_this_machine() -> NotebookNode:
    """Make a notebook that prints which vector instructions NumPy may use, with the output of this process."""
    look = nbformat.v4.new_code_cell(LOOK, execution_count=1)  # type: ignore[no-untyped-call]
    show = nbformat.v4.new_code_cell(SHOW, execution_count=2)  # type: ignore[no-untyped-call]
    show.outputs = [nbformat.v4.new_output("stream", text=f"{AVAILABLE}\n")]  # type: ignore[no-untyped-call]
    return nbformat.v4.new_notebook(cells=[look, show])  # type: ignore[no-untyped-call]
