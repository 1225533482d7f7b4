"""An exam: variants of the exercises of some chapters, in a notebook for students and one with the solutions."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from minisoftmax import language
from minisoftmax.exercises import _messages as say
from minisoftmax.exercises import names, variant
from minisoftmax.exercises._variants import Variant

__all__ = ["write_exam"]

_SETUP = "import numpy as np"
_CHECKING = "import numpy as np\n\nfrom minisoftmax.exercises import variant"
_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "name": "python"},
}


def write_exam(seed: int, chapters: Sequence[str], folder: Path, *, checks: bool = False) -> tuple[Path, Path]:
    """Write both notebooks into a folder, or neither; with ``checks``, students can check their answers too."""
    known = list(dict.fromkeys(name.partition(".")[0] for name in names()))
    unknown = [chapter for chapter in chapters if chapter not in known]
    if unknown or not chapters:
        raise ValueError(f"chapters must be some of {', '.join(known)}, got {', '.join(unknown) or 'none'}")
    put = [variant(name, seed) for name in names() if name.partition(".")[0] in chapters]
    minutes = sum(exercise.exercise.minutes for exercise in put)
    introduction = say.text(say.EXAM_INTRODUCTION, count=len(put), minutes=minutes)
    checking = _CHECKING
    if language.chosen() != "en":
        checking = checking.replace(
            "from minisoftmax.exercises", "from minisoftmax import language\nfrom minisoftmax.exercises"
        )
        checking += f'\n\nlanguage.use("{language.chosen()}")'
    sheet = [
        _cell(f"# {say.text(say.EXAM, seed=seed)}\n\n{introduction}"),
        _cell(checking if checks else _SETUP, "code"),
    ]
    solved = [
        _cell(f"# {say.text(say.EXAM_SOLUTIONS, seed=seed)}\n\n{say.text(say.EXAM_GRADING)}"),
        _cell(checking, "code"),
    ]
    for number, one in enumerate(put, start=1):
        question, blank = f"{number}. {one.exercise.statement}", one.exercise.blank.rstrip()
        sheet += [_cell(question), _cell(_checked(one, blank) if checks else blank, "code")]
        solved += [_cell(question), _cell(_checked(one, one.solution_code.rstrip()), "code")]
    return _write(folder, {f"exam-{seed}.ipynb": sheet, f"exam-{seed}-solutions.ipynb": solved})


def _checked(one: Variant, code: str) -> str:
    gap = "\n\n\n" if one.exercise.kind == "function" else "\n\n"
    return f"{code}{gap}{one.checked}"


def _cell(source: str, kind: str = "markdown") -> dict[str, Any]:
    run: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **run}


def _write(folder: Path, notebooks: dict[str, list[dict[str, Any]]]) -> tuple[Path, Path]:
    """Write the notebooks beside their places, and move them there when all are whole; replace none."""
    targets = [folder / name for name in notebooks]
    for target in targets:
        if target.exists():
            raise FileExistsError(f"{target} exists already: move it away, or choose another --output or --seed")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".exam-") as unfinished:
        for name, cells in notebooks.items():
            numbered = [cell | {"id": f"cell-{number}"} for number, cell in enumerate(cells, start=1)]
            content = {"cells": numbered, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
            text = json.dumps(content, ensure_ascii=False, indent=1)
            Path(unfinished, name).write_text(f"{text}\n", encoding="utf-8", newline="\n")
        moved = []
        try:
            for target in targets:
                Path(unfinished, target.name).rename(target)
                moved.append(target)
        except OSError:
            for target in moved:
                target.unlink()
            raise
    return targets[0], targets[1]
