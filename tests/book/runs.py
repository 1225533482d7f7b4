"""Runs pytest in a process of its own, with the settings of this repository, and says what became of each cell."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools import ROOT


@dataclass(frozen=True)
class Run:
    """What pytest said; its exit code; and the cells of each notebook that passed and failed, numbered from 0."""

    text: str
    exit_code: int
    folder: Path

    def passed(self, path: Path) -> set[int]:
        return self._cells("PASSED", path)

    def failed(self, path: Path) -> set[int]:
        return self._cells("FAILED", path)

    def _cells(self, outcome: str, path: Path) -> set[int]:
        lines = re.findall(rf"^{outcome} (\S+)::Cell (\d+)", self.text, re.MULTILINE)
        return {int(cell) for file, cell in lines if (self.folder / file).resolve() == path.resolve()}


def pytest(paths: Sequence[Path], *options: str, env: Mapping[str, str] | None = None, root: Path = ROOT) -> Run:
    """Run these paths in one process, with some of the environment changed and the settings of this root."""
    common = Path(os.path.commonpath([root, *paths]))  # pytest has no names for files that are outside of its rootdir
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "--numprocesses=0", "-p", "no:cacheprovider", "-rA", "--color=no"]
    settings = [f"--config-file={root / 'pyproject.toml'}", f"--rootdir={common}", *options]
    finished = subprocess.run(
        [*command, *settings, *map(str, paths)],
        cwd=root,
        env={**inherited, **(env or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return Run(finished.stdout + finished.stderr, finished.returncode, root)


def notebooks(paths: Sequence[Path], env: Mapping[str, str] | None = None) -> Run:
    """Run notebooks. Hypothesis has no part in this, and loading it takes as long as a short notebook."""
    return pytest(paths, "-p", "no:hypothesispytest", env=env)
