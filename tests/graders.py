"""The exercises as a course would mark them: by nbgrader and by Otter-Grader, with real notebooks.

``python -m tests.graders FOLDER`` sets up both in FOLDER/venv, with this package, and marks three submissions with
each: one that is right, one that is wrong, and the notebook as it was handed out. nbgrader also marks one with a loop
that has no end, which it stops.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

HANDED_OUT = ("ratio = ...", "def my_softmax(z):\n    return ...")
SUBMISSIONS = {
    "right": (
        "import numpy as np\nratio = np.exp(3)",
        "def my_softmax(z):\n    print(z.shape)\n    e = np.exp(z - z.max(axis=-1, keepdims=True))\n"
        "    return e / e.sum(axis=-1, keepdims=True)",
    ),
    "wrong": ("ratio = 3", "def my_softmax(z):\n    return z"),
    "untried": HANDED_OUT,
}
LOOP = ("ratio = 20.1", "def my_softmax(z):\n    while True:\n        pass")
SCORES = {"right": 2.0, "wrong": 0.0, "untried": 0.0}
TESTS = ('assert grade("formula.ratio", ratio)', 'assert grade("formula.softmax", my_softmax)')
IMPORT = "from minisoftmax.exercises import grade\n"

CASE = {"code": f">>> {IMPORT}>>> {TESTS[0]}"}
DOCTEST = f"""
OK_FORMAT = True
test = {{"name": "ratio", "points": 1, "suites": [{{"type": "doctest", "cases": [{CASE!r}]}}]}}
"""

FUNCTION = f"""
from otter.test_files import test_case
{IMPORT}
OK_FORMAT = False
name = "softmax"
points = 1

@test_case()
def test_softmax(my_softmax):
    {TESTS[1]}
"""

COURSE = """
c = get_config()
c.CourseDirectory.course_id = "softmax"
c.Execute.timeout = 20
c.Execute.interrupt_on_timeout = True
"""


def cell(source: str, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": source}


def write(path: Path, cells: Sequence[Mapping[str, Any]]) -> None:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    node = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(node), encoding="utf-8")


def nbgrader(binaries: Path, folder: Path) -> dict[str, float]:
    """Have nbgrader hand out an assignment and mark what comes back: cells for answers, and locked test cells."""

    def cells(answers: Sequence[str]) -> list[dict[str, Any]]:
        common = {"schema_version": 3, "task": False}
        found = []
        for i, (answer, test) in enumerate(zip(answers, TESTS, strict=True)):
            solution = {"grade": False, "solution": True, "locked": False, "grade_id": f"answer-{i}"}
            mark = {"grade": True, "solution": False, "locked": True, "grade_id": f"test-{i}", "points": 1}
            found += [cell(answer, nbgrader=common | solution), cell(IMPORT + test, nbgrader=common | mark)]
        return found

    folder.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(COURSE, encoding="utf-8")
    write(folder / "source" / "week" / "formula.ipynb", cells(HANDED_OUT))
    run([binaries / "nbgrader", "generate_assignment", "week"], folder)
    for student, answers in (SUBMISSIONS | {"loop": LOOP}).items():
        write(folder / "submitted" / student / "week" / "formula.ipynb", cells(answers))
    run([binaries / "nbgrader", "autograde", "week"], folder)
    run([binaries / "nbgrader", "export", "--to", "grades.csv"], folder)
    with (folder / "grades.csv").open(encoding="utf-8") as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def otter(binaries: Path, folder: Path) -> dict[str, float]:
    """Have Otter-Grader mark submissions by a test of each of its formats."""
    (folder / "tests").mkdir(parents=True)
    (folder / "tests" / "ratio.py").write_text(DOCTEST, encoding="utf-8")
    (folder / "tests" / "softmax.py").write_text(FUNCTION, encoding="utf-8")
    run([binaries / "otter", "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment"], folder)
    scores = {}
    for student, answers in SUBMISSIONS.items():
        write(folder / f"{student}.ipynb", [cell(answer) for answer in answers])
        (folder / student).mkdir()
        run([binaries / "otter", "run", "-a", "autograder.zip", "-o", student, f"{student}.ipynb"], folder)
        results = json.loads((folder / student / "results.json").read_text(encoding="utf-8"))
        scores[student] = sum(test.get("score", 0.0) for test in results["tests"])
    return scores


def run(command: Sequence[object], folder: Path) -> None:
    environment = os.environ | {"PATH": f"{Path(str(command[0])).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")


def main(folder: Path) -> None:
    binaries = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    if not binaries.exists():
        run([sys.executable, "-m", "venv", "venv"], folder)
        run([binaries / "pip", "install", "--quiet", "nbgrader", "otter-grader", "ipykernel", ROOT], folder)
    run([binaries / "pip", "install", "--quiet", "--force-reinstall", "--no-deps", ROOT], folder)  # as it is now
    for mark, expected in ((nbgrader, SCORES | {"loop": 1.0}), (otter, SCORES)):
        shutil.rmtree(folder / mark.__name__, ignore_errors=True)
        scores = mark(binaries, folder / mark.__name__)
        print(f"{mark.__name__}: {scores}")
        if scores != expected:
            sys.exit(f"{mark.__name__} should give {expected}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
