"""The wheel and the chapters as somebody finds them who has nothing of ours: ``python -m tests.fresh FOLDER``.

Installs the wheel of a built site with each extra alone, in a Python of its own, and imports what the extra is for.
Then takes the chapters that the site offers for download, into an empty folder, with a Python of their own in
FOLDER/venv that has Jupyter alone, and runs them all. The first one installs what is missing, from the site's wheel.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
EXTRAS = {
    "": "import minisoftmax",
    "[plot]": "from minisoftmax import plotting; plotting.use_style()",
    "[fit]": "from minisoftmax import SoftmaxRegression; SoftmaxRegression().fit([[0.0], [1.0]], [0, 1])",
    "[compiled]": "from minisoftmax import compiled; compiled.softmax([0.0, 1.0])",
    "[distributed]": "from minisoftmax import distributed; import dask.array; distributed.softmax(dask.array.ones(3))",
}


def run(command: Sequence[object], folder: Path, **more: str) -> None:
    done = subprocess.run([str(part) for part in command], cwd=folder, env=os.environ | more, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed.")


def python(folder: Path, *packages: str, name: str) -> Path:
    """Give a new Python that has these packages alone."""
    run([sys.executable, "-m", "venv", name], folder)
    binaries = folder / name / ("Scripts" if os.name == "nt" else "bin")
    run([binaries / "pip", "install", "--quiet", *packages], folder)
    return binaries / "python"


def main(folder: Path) -> None:
    chapters = sorted((SITE / "_sources").rglob("*.ipynb"))
    if not chapters:
        sys.exit("There is no site yet: make book.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    [wheel] = SITE.glob("*.whl")
    for number, (extra, program) in enumerate(EXTRAS.items()):
        run([python(folder, f"{wheel}{extra}", name=f"extra-{number}"), "-c", program], folder, PYTHONPATH="")
        print(f"minisoftmax{extra}: imports", flush=True)
    reader = python(folder, "nbconvert", "ipykernel", name="venv")
    for chapter in chapters:
        here = folder / chapter.relative_to(SITE / "_sources").with_suffix("")
        here.mkdir(parents=True)
        shutil.copy(chapter, here)
        notebook = here / chapter.name
        how = ["--execute", "--to=notebook", "--inplace", "--log-level=ERROR"]
        run([reader, "-m", "nbconvert", *how, notebook], here, MINISOFTMAX_WHEEL=str(wheel), PYTHONPATH="")
        print(f"{notebook.relative_to(folder)}: runs", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
