"""How long a chapter takes to read, by one rule: ``python -m tools.reading_time`` writes it into the chapters.

120 words of prose a minute, 8 seconds for a line of code in sight, 45 for a figure or a displayed formula, 3 minutes
for an explorer: what readers needed for whole chapters. What stands under “Further” and the exercises do not count.
"""

import copy
import re

from nbformat import NotebookNode

from tools import notebooks
from tools.notebooks import Notebook

STATED = re.compile(r"Reading takes (\d+) minutes")
FOLDED = {"hide-input", "remove-input", "hide-cell", "remove-cell"}
DISPLAYED = re.compile(r"\$\$.*?\$\$", re.DOTALL)
SECTION = re.compile(r"^(?=## )", re.MULTILINE)


def minutes(notebook: Notebook) -> int:
    """Count what a reader of the core of a chapter meets."""
    core = (seconds for title, seconds in sections(notebook).items() if not title.startswith(("Further", "Exercises")))
    return round(sum(core) / 60)


def sections(notebook: Notebook) -> dict[str, float]:
    """Give the seconds that each section takes, by its title; what comes before the first has none."""
    seconds: dict[str, float] = {}
    title = ""
    for _, cell in notebook.cells():
        if cell.cell_type != "markdown":
            seconds[title] = seconds.get(title, 0) + seconds_of_code(cell)
            continue
        for section in SECTION.split(cell.source):
            if section.startswith("## "):
                title = section.partition("\n")[0].removeprefix("## ").strip()
            words = len(DISPLAYED.sub(" ", section).split())
            seconds[title] = seconds.get(title, 0) + words / 2 + 45 * len(DISPLAYED.findall(section))
    return seconds


def seconds_of_code(cell: NotebookNode) -> float:
    """Count the lines in sight, and the figures or the explorer."""
    lines = sum(bool(line.strip()) for line in cell.source.splitlines())
    data = [output.get("data", {}) for output in cell.outputs]
    seconds = 0 if FOLDED & set(cell.metadata.get("tags", [])) else 8 * lines
    if "explorers." in cell.source and any("text/html" in shown for shown in data):
        return seconds + 180
    return seconds + 45 * sum("image/svg+xml" in shown for shown in data)


def stated(notebook: Notebook) -> list[int]:
    """Give the times that a chapter states."""
    return [int(time) for _, cell in notebook.cells("markdown") for time in STATED.findall(cell.source)]


def written(notebook: Notebook) -> NotebookNode:
    """Return a copy of a chapter that states its time."""
    node = copy.deepcopy(notebook.node)
    for cell in node.cells:
        if cell.cell_type == "markdown":
            cell.source = STATED.sub(f"Reading takes {minutes(notebook)} minutes", cell.source)
    return node


def main() -> None:
    """Write the times into the chapters."""
    notebooks.rewrite(written)


if __name__ == "__main__":
    main()
