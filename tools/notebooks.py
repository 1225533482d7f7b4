"""The one place that knows notebooks: where they are, how they are read, run and stored.

``python -m tools.notebooks [path ...]`` executes notebooks, all of them by default, and stores clean outputs.
"""

import ast
import copy
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml  # type: ignore[import-untyped]
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError
from nbformat import NotebookNode

from tools import ROOT

BOOK = ROOT / "book"
LANGUAGES = tuple(yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]["editions"])
"""The languages of the book besides English. Each has a folder of its own in the book's: see `tools.translations`."""

KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
LANGUAGE = {"name": "python", "file_extension": ".py", "pygments_lexer": "ipython3"}  # nbconvert names a script by it
KEPT_CELL_METADATA = ("editable", "mystnb", "slideshow", "tags")


@dataclass(frozen=True)
class Notebook:
    """A notebook and the file that it is, or would be, stored in."""

    path: Path
    node: NotebookNode

    @property
    def name(self) -> str:
        """Its file, as seen from the root of the repository."""
        return name(self.path)

    def cells(self, cell_type: str | None = None) -> Iterator[tuple[str, NotebookNode]]:
        """Give each cell (of this type) with its place, in words that help to find it in JupyterLab."""
        for number, cell in enumerate(self.node.cells, start=1):
            if cell_type in (None, cell.cell_type):
                yield f"{self.name}, cell {number} ({_label(cell)})", cell

    @property
    def own_metadata(self) -> dict[str, Any]:
        """What this book keeps in its metadata."""
        return self.node.metadata.get("minisoftmax", {})


def name(path: Path) -> str:
    """Name a file as seen from the root of the repository, if it lies there."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


def _label(cell: NotebookNode) -> str:
    if cell.get("execution_count"):
        return f"In [{cell.execution_count}]"
    first_line = cell.source.strip().partition("\n")[0]
    return f"“{first_line[:40]}…”" if len(first_line) > 40 else f"“{first_line}”"


def paths(*languages: str) -> list[Path]:
    """List all chapters, then all solutions, of these languages or else of all."""
    found = [
        path
        for language in languages or ("en", *LANGUAGES)
        for folder in ("", "solutions")
        for path in (BOOK / ("" if language == "en" else language) / folder).glob("*.ipynb")
    ]
    return sorted(found, key=lambda path: (len(path.parts), path))


def read(path: Path) -> Notebook:
    """Read a notebook from its file."""
    return Notebook(path, nbformat.v4.reads(path.read_text(encoding="utf-8")))  # type: ignore[no-untyped-call]


def rewrite(written: Callable[[Notebook], NotebookNode]) -> None:
    """Store each chapter as a function writes it."""
    for path in sorted(BOOK.glob("*.ipynb")):
        path.write_text(text(clean(written(read(path)))), encoding="utf-8", newline="\n")


def tree(cell: NotebookNode) -> ast.Module:
    """Parse the code of a cell. What is no plain Python, which `outputs.run_problems` reports, gives nothing."""
    try:
        return ast.parse(cell.source)
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])


def text(notebook: NotebookNode) -> str:
    """Give the file's content: nbformat's JSON and one newline at its end."""
    return str(nbformat.v4.writes(notebook)) + "\n"  # type: ignore[no-untyped-call]


def clean(notebook: NotebookNode) -> NotebookNode:
    """Return a copy without anything that differs from one run, editor or machine to the next."""
    notebook = copy.deepcopy(notebook)
    ours = {key: value for key, value in notebook.metadata.items() if key == "minisoftmax"}
    notebook.metadata = {"kernelspec": KERNEL, "language_info": LANGUAGE, **ours}
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen: set[str] = set()
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.get("id") in {None, "", *seen}:
            cell.id = next(new for new in _ids(number) if new not in seen)
        seen.add(cell.id)
        cell.metadata = {key: cell.metadata[key] for key in KEPT_CELL_METADATA if key in cell.metadata}
        if cell.cell_type == "code":
            cell.source = cell.source.strip("\n")
            cell.outputs = _merged(cell.outputs)
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = cell.execution_count
    return notebook


def _ids(number: int) -> Iterator[str]:
    yield f"cell-{number}"
    yield from (f"cell-{number}-{again}" for again in range(2, sys.maxsize))


def _merged(outputs: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Merge each run of outputs on the same stream: where they are cut depends on timing."""
    merged: list[NotebookNode] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if last and last.output_type == output.output_type == "stream" and last.name == output.name:
            last.text += output.text
        else:
            merged.append(output)
    return merged


def execute(notebook: Notebook) -> NotebookNode:
    """Run all cells in the notebook's own folder, with the kernel that nbval will check them with."""
    # late, since the book is built without what runs its tests
    from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager  # type: ignore[import-untyped]

    node = copy.deepcopy(notebook.node)
    places = [place for place, _ in notebook.cells()]
    reached = ["the start of the kernel"]
    client = NotebookClient(
        node,
        km=AsyncKernelManager(kernel_name=CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=NbvalKernelspecManager()),
        timeout=600,
        extra_arguments=["--log-level=ERROR"],  # a kernel on this machine warns that its port is open to this machine
        record_timing=False,
        on_cell_start=lambda cell, cell_index: reached.append(places[cell_index]),
    )
    try:
        client.execute(cwd=str(notebook.path.parent), cleanup_kc=True)
    except (CellControlSignal, DeadKernelError) as error:
        raise RuntimeError(f"{reached[-1]} failed, so the notebook is left as it was:\n{error}") from error
    return node


def main(arguments: Sequence[str]) -> int:
    """Execute the notebooks and store those that ran; 1 if any failed."""
    failures = 0
    for path in [Path(argument).resolve() for argument in arguments] or paths():
        start = time.perf_counter()
        notebook = read(path)
        try:
            node = execute(notebook)
        except RuntimeError as error:
            failures += 1
            print(error, file=sys.stderr)
        else:
            path.write_text(text(clean(node)), encoding="utf-8", newline="\n")
            print(f"{notebook.name}: {time.perf_counter() - start:.1f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
