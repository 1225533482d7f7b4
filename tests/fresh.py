"""The chapters as somebody finds them who has Jupyter and nothing of ours: ``python -m tests.fresh FOLDER``.

Takes the chapters that a built site offers for download, into an empty folder, with a Python of their own in
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


def run(command: Sequence[object], folder: Path, **more: str) -> None:
    done = subprocess.run([str(part) for part in command], cwd=folder, env=os.environ | more, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed.")


def main(folder: Path) -> None:
    chapters = sorted((SITE / "_sources").rglob("*.ipynb"))
    if not chapters:
        sys.exit("There is no site yet: make book.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    run([sys.executable, "-m", "venv", "venv"], folder)
    binaries = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    run([binaries / "pip", "install", "--quiet", "nbconvert", "ipykernel"], folder)
    for chapter in chapters:
        here = folder / chapter.relative_to(SITE / "_sources").with_suffix("")
        here.mkdir(parents=True)
        shutil.copy(chapter, here)
        [wheel] = SITE.glob("*.whl")
        notebook = here / chapter.name
        how = ["--execute", "--to=notebook", "--inplace", "--log-level=ERROR"]
        run([binaries / "python", "-m", "nbconvert", *how, notebook], here, MINISOFTMAX_WHEEL=str(wheel), PYTHONPATH="")
        print(f"{notebook.relative_to(folder)}: runs", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
