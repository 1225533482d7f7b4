"""What tests share: the book, built once for all of them, and the languages of its editions."""

import os
import pickle
import re
import subprocess
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock
from sphinx_external_toc.parsing import parse_toc_yaml

from minisoftmax import language
from tools import ROOT
from tools.notebooks import LANGUAGES

CONTENTS = [str(name) for name in parse_toc_yaml(ROOT / "_toc.yml")]
TRANSLATED = [name for name in CONTENTS if not name.startswith("api/")]
CONTENTS_OF_ALL = [*CONTENTS, *(f"{language}/{name}" for language in LANGUAGES for name in TRANSLATED)]
"""The pages of the English edition, those that all editions have, and those of all."""

FIRST = ("test_build.py", "test_machine_abroad.py", "test_machine_without_avx512.py", "test_pages.py")
"""The files that take longest. The first one builds the book; by the end of the second it is there for the others."""

# pytest-xdist keeps the cores busy; threads of NumPy's BLAS beside that wait for each other, and take seconds for it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest files come first, and the others in the order of their names."""
    items.sort(key=lambda item: FIRST.index(item.path.name) if item.path.name in FIRST else len(FIRST))


@dataclass(frozen=True)
class Build:
    """What came of building a book."""

    exit_code: int
    complaints: str
    pages: Path

    @property
    def warnings(self) -> str:
        """What Sphinx complains of, each with its place, without colors and tracebacks."""
        lines = re.sub(r"\x1b\[[0-9;]*m", "", self.complaints).splitlines()
        return "\n".join(line for line in lines if re.search(r"WARNING|ERROR|error:", line)) or self.complaints


def build_book(folder: Path, output: Path, *, afresh: bool = True, builder: Sequence[str] = ("html",)) -> Build:
    """Build the book in a folder with the command of ``make book``, or that of the README, which is not afresh."""
    command = Path(sysconfig.get_path("scripts")) / "jupyter-book"
    settings = ["--config", "_config.yml", "--toc", "_toc.yml", "--path-output", str(output), "--builder", *builder]
    strictness = ["--warningiserror", "--nitpick", *(["--all", "--keep-going"] if afresh else [])]
    finished = subprocess.run(
        [command, "build", "book", *settings, *strictness], cwd=folder, capture_output=True, text=True, check=False
    )
    return Build(finished.returncode, finished.stderr, output / "_build" / "html")


@pytest.fixture
def edition(request: pytest.FixtureRequest) -> Iterator[str]:
    """Speak the language of an edition: see `tests.editions`."""
    language.use(request.param)
    yield request.param
    language.use("en")


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Build this book, once for all the workers of a test run."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    result = shared / "build.pickle"
    with FileLock(shared / "build.lock"):
        if not result.exists():
            result.write_bytes(pickle.dumps(build_book(ROOT, shared / "book")))
    built: Build = pickle.loads(result.read_bytes())
    return built


@pytest.fixture(scope="session")
def site(build: Build) -> Path:
    """Give the folder of the built pages."""
    if not (build.pages / "index.html").exists():
        pytest.fail(f"`make book` makes no pages:\n{build.complaints}", pytrace=False)
    return build.pages
