"""Stored outputs are complete, clean and compared by nbval: nothing missing, nothing hidden, nothing that it skips."""

import ast
import re
from collections.abc import Mapping, Sequence

from nbformat import NotebookNode
from nbval.plugin import comment_markers, metadata_tags  # type: ignore[import-untyped]

from tools import notebooks
from tools.notebooks import Notebook

RUN_AGAIN = "Run `make notebooks`."

ESCAPES: Mapping[str, str] = {}
"""Cells that are not compared: {"book/<notebook>.ipynb#<cell id>": "the reason"}. Meant to stay empty."""


def run_problems(notebook: Notebook) -> list[str]:
    """Find cells that were not run from top to bottom, or that failed or warned."""
    problems = []
    for expected, (place, cell) in enumerate(notebook.cells("code"), start=1):
        if cell.execution_count != expected:
            problems.append(f"{place}: execution_count is {cell.execution_count}, not {expected}. {RUN_AGAIN}")
        if not _is_python(cell.source):
            problems.append(f"{place}: the cell is not plain Python. Magics and shell commands work only in Jupyter.")
        for output in cell.outputs:
            if output.output_type == "error":
                problems.append(
                    f"{place}: the stored output is a {output.ename}. Mend the cell; show errors by catching."
                )
            elif output.output_type == "stream" and output.name == "stderr":
                problems.append(f"{place}: it wrote to stderr: {output.text.strip()[:80]!r}. Mend what it warns of.")
    for place, cell in notebook.cells():
        if not cell.source.strip():
            problems.append(f"{place}: the cell is empty. Delete it.")
        if cell.cell_type == "raw":
            problems.append(f"{place}: nothing checks a raw cell. Make it a Markdown cell.")
    return problems


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def clean_problems(notebook: Notebook, stored: str) -> list[str]:
    """Find what a stored file has beyond the notebook itself: times, versions, an editor's marks."""
    wanted = notebooks.text(notebooks.clean(notebook.node))
    if stored == wanted:
        return []
    lines = enumerate(zip(stored.splitlines(), wanted.splitlines(), strict=False), start=1)
    line, got = next(((n, a.strip()) for n, (a, b) in lines if a != b), (len(wanted.splitlines()), "the end"))
    return [f"{notebook.name}, line {line}: stored with something volatile, near {got[:80]!r}. {RUN_AGAIN}"]


def figure_problems(notebook: Notebook) -> list[str]:
    """Find figures that nbval would not compare, or that say nothing to a reader who cannot see them."""
    problems = []
    for place, cell in notebook.cells("code"):
        images = [output.data for output in cell.outputs if _is_image(output)]
        for data in images:
            problems += [f"{place}: {problem}" for problem in _image_problems(data)]
        if len(images) > 1:
            problems.append(f"{place}: {len(images)} figures share one alt text. Give each its own cell.")
        if images:
            problems += [f"{place}: {problem}" for problem in _alt_problems(cell)]
        for output in cell.outputs:
            for tag in re.findall(r"<img\b[^>]*>", output.get("data", {}).get("text/html", "")):
                if not re.search(r"\balt=(\"[^\"]+\"|'[^']+')", tag):
                    problems.append(f"{place}: {tag[:60]} has no alt text. Write one.")
    return problems


def _is_image(output: NotebookNode) -> bool:
    return any(kind.startswith("image/") for kind in output.get("data", {}))


def _image_problems(data: Mapping[str, str]) -> list[str]:
    problems = [
        f"the figure is {kind}, which nbval does not compare. Call `plotting.use_style()` in the first cell."
        for kind in data
        if kind.startswith("image/") and kind != "image/svg+xml"
    ]
    if match := re.search(r"<dc:(date|creator)\b", data.get("image/svg+xml", "")):
        problems.append(f"the SVG stores its {match[1]}, which changes. Call `plotting.use_style()` in the first cell.")
    return problems


def _alt_problems(cell: NotebookNode) -> list[str]:
    shown = cell.metadata.get("mystnb", {})
    alt = shown.get("image", {}).get("alt", "").strip()
    write = "Say in a sentence what a person would see and learn, in the cell's metadata: mystnb.image.alt."
    if not alt:
        return [f"the figure has no alt text. {write}"]
    if len(alt) < 40 or not alt.endswith(".") or not (alt[0].isupper() or alt[0].isdigit()):
        return [f"the alt text {alt!r} is no whole sentence (40 characters, a capital, a full stop). {write}"]
    if alt == shown.get("figure", {}).get("caption", "").strip():
        return [f"the alt text repeats the caption. {write}"]
    return []


def repeated_alt_problems(book: Sequence[Notebook]) -> list[str]:
    """Find figures that share one alt text: at least one of them is not described by it."""
    problems = []
    first: dict[str, str] = {}
    for notebook in book:
        for place, cell in notebook.cells("code"):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "").strip()
            if alt in first:
                problems.append(f"{place}: the alt text is that of {first[alt]}. Describe this figure.")
            elif alt:
                first[alt] = place
    return problems


_UNCOMPARED_TAGS = {*metadata_tags, "skip-execution"}  # the last is what the build and `make notebooks` obey
_MARKERS = re.compile("|".join([*comment_markers, "nbval"]), re.IGNORECASE)


def escape_problems(notebook: Notebook, excused: Mapping[str, str] = ESCAPES) -> list[str]:
    """Find cells that ask not to be run or compared, and excuses that are empty or that no cell needs."""
    problems, used = [], set()
    for place, cell in notebook.cells():
        excuse = f"{notebook.name}#{cell.get('id')}"
        tags = [tag for tag in cell.metadata.get("tags", []) if tag.lower() in _UNCOMPARED_TAGS]
        marks = (
            [line.strip() for line in cell.source.splitlines() if _MARKERS.search(line)]
            if cell.cell_type == "code"
            else []
        )
        if found := [*tags, *marks]:
            used.add(excuse)
            if excuse not in excused:
                problems.append(
                    f"{place}: {', '.join(found)} keeps it from being compared. Make its output the same on every run."
                )
    for excuse, reason in excused.items():
        if excuse.partition("#")[0] == notebook.name:
            if excuse not in used:
                problems.append(f"{excuse}: excused, but it asks for nothing. Remove the excuse.")
            elif len(reason.split()) < 2:
                problems.append(f"{excuse}: excused without a reason. Give it.")
    return problems


NEEDED = ("--nbval", "--nbval-current-env")
ENGLISH = ("book/*.ipynb", "book/solutions")  # `test_machine_abroad` runs the notebooks of the other editions
FORBIDDEN = re.compile(
    r"--nbval-lax|--(nbval-)?sanitize-with|--deselect|--ignore|-k|-m|no:nbval|-pno:nbval|--collect-only"
)


def settings_problems(addopts: Sequence[str], testpaths: Sequence[str]) -> list[str]:
    """Find settings of pytest that let notebooks go unrun or uncompared."""
    problems = [f"pytest's addopts lack {option}: notebooks are not run." for option in NEEDED if option not in addopts]
    problems += [
        f"pytest's addopts have {option}: outputs or cells go unchecked. Remove it."
        for option in addopts
        if FORBIDDEN.match(option)
    ]
    problems += [f"pytest's testpaths lack {path}: notebooks are not run." for path in ENGLISH if path not in testpaths]
    return problems
