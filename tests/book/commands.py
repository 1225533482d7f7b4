"""Files and commands that the text names: they must exist too."""

import fnmatch
import functools
import importlib.util
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools import ROOT, notebooks

SUFFIXES = (
    ".bib",
    ".cff",
    ".css",
    ".csv",
    ".html",
    ".ipynb",
    ".js",
    ".json",
    ".md",
    ".py",
    ".svg",
    ".toml",
    ".txt",
    ".yml",
)
COMMANDS = {
    "cd",
    "git",
    "jupyter",
    "jupyter-book",
    "jupyter-lab",
    "make",
    "pip",
    "py",
    "pytest",
    "python",
    "python3",
    "source",
}

SETTINGS = (
    "Makefile",
    "pyproject.toml",
    "_config.yml",
    ".ci/run",
    ".github/workflows/book.yml",
    "book/_extensions/site_extension.py",
    "minisoftmax/exercises/__main__.py",
    "tests/book/test_machine_abroad.py",
)
"""The files that vouch for an option or an environment variable."""


def problems(code: str, folder: Path) -> list[str] | None:
    """Find what is wrong with a file or command that a text in this folder names; None if it names neither."""
    if re.fullmatch(r"(https?|file)://\S*", code):
        return []
    slashed = code.replace("\\", "/")  # as Windows writes paths
    if is_path(slashed, folder):
        return path_problems(slashed, folder)
    if code in {path.stem for path in notebooks.paths()} or ("." in code and code in _metadata()):
        return []
    if re.fullmatch(r"--[a-z][\w-]+|-[a-zA-Z]|[A-Z][A-Z0-9]*(_[A-Z0-9]+)+", code):
        return (
            []
            if re.search(rf"(?<![\w-]){re.escape(code)}(?![\w-])", _settings())
            else [f"no such option or variable in {', '.join(SETTINGS)}. Fix the name."]
        )
    return command_problems(code, folder)


@functools.cache
def _metadata() -> frozenset[str]:
    """Give the dotted names of all metadata in the book, of notebooks and of cells."""
    nodes = [notebooks.read(path).node for path in notebooks.paths()]
    return frozenset(name for node in nodes for part in [node, *node.cells] for name in _dotted(part.metadata))


def _dotted(metadata: Mapping[str, Any]) -> Iterator[str]:
    for key, value in metadata.items():
        yield key
        if isinstance(value, Mapping):
            yield from (f"{key}.{rest}" for rest in _dotted(value))


def is_path(code: str, folder: Path) -> bool:
    if not re.fullmatch(r"[\w./*<>-]+", code) or not re.search(r"\w", code):
        return False
    first, slash, _ = code.partition("/")
    if code.endswith(SUFFIXES) or (slash and not code.strip("/").count("/") and code.endswith("/")):
        return True
    return bool(first) and ((ROOT / first).exists() or (bool(slash) and (folder / first).exists()) or is_ignored(first))


def path_problems(code: str, folder: Path) -> list[str]:
    """Look for a file from the text's own folder, and from the root; `<name>` stands for any name."""
    pattern = re.sub(r"<[\w-]+>", "*", code).rstrip("/")
    if is_ignored(code) or any(any(start.glob(pattern)) for start in (folder, ROOT)):
        return []
    return ["no such file in the repository. Fix the path."]


def is_ignored(path: str) -> bool:
    """Say whether git ignores a path, by the plain names in .gitignore: what is made here and not stored."""
    ignored = [line.strip().rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()]
    return any(fnmatch.fnmatch(part, pattern) for part in path.split("/") for pattern in ignored if pattern)


def command_problems(code: str, folder: Path) -> list[str] | None:
    try:
        words = shlex.split(code)
    except ValueError:
        return None
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words = words[1:]
    if not words or Path(words[0]).name not in COMMANDS:
        return None
    command, arguments = Path(words[0]).name, words[1:]
    found = [
        f"{word}: {problem}" for word in arguments if is_path(word, folder) for problem in path_problems(word, folder)
    ]
    if command == "make":
        targets = [word for word in arguments if re.fullmatch(r"[\w-]+", word)]
        found += [f"the Makefile has no target {word}. Fix the name." for word in targets if word not in _targets()]
    if command.startswith("py") and arguments[:1] == ["-m"] and not _is_module(arguments[1]):
        found.append(f"there is no module {arguments[1]}. Fix the name.")
    return found


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@functools.cache
def _targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@functools.cache
def _settings() -> str:
    files = [ROOT / name for name in SETTINGS]
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.exists())
