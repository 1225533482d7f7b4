"""What users install: the wheel, built from the repository and from its own source archive."""

import email
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tools import ROOT

BUILD = "import sys, flit_core.buildapi as api; getattr(api, sys.argv[1])(sys.argv[2])"
DATA = [
    "py.typed",
    "locale/es/LC_MESSAGES/exercises.mo",
    "explorers/explorer.js",
    "explorers/softmax_explorer/script.js",
]
USER = """
import numpy as np
from minisoftmax import cross_entropy, sample, softmax

probs = softmax(np.array([[1.0, 2.0]], np.float32), axis=-1, temperature=0.5)
loss = float(cross_entropy(np.zeros((2, 3)), [0, 2]))
reveal_type(probs)
reveal_type(sample([0.0, 1.0], rng=0))
softmax([1.0], axes=0)
"""


def build(kind: str, source: Path, target: Path) -> Path:
    """Build a wheel or an sdist as pip does, by the backend that pyproject.toml names."""
    subprocess.run([sys.executable, "-c", BUILD, f"build_{kind}", target], cwd=source, check=True)
    [built] = target.iterdir()
    return built


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder that the source archive unpacks to."""
    archive = build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))
    folder = tmp_path_factory.mktemp("source")
    subprocess.run(["tar", "-xf", archive], cwd=folder, check=True)
    return folder / archive.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", sdist, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def user(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the Python of a user, who has the wheel, and behind it what is installed here."""
    folder = tmp_path_factory.mktemp("user")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    command = "import sysconfig; print(sysconfig.get_path('purelib'), end='')"
    found = subprocess.run([python, "-c", command], capture_output=True, text=True, check=True)
    packages = Path(found.stdout)
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(packages)
    (packages / "behind.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return python


def test_the_sdist_makes_the_wheel_of_the_repository(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(build("wheel", ROOT, tmp_path)) as other:
        assert one.namelist() == other.namelist()
        assert {f"minisoftmax/{name}" for name in DATA} <= set(one.namelist())


def test_the_sdist_has_what_git_stores(sdist: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("no clone")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    stored = {name for name in listed.split("\0") if name and (ROOT / name).exists()}
    packed = {path.relative_to(sdist).as_posix() for path in sdist.rglob("*") if path.is_file()}
    assert packed - {"PKG-INFO"} >= stored, "name what is missing in pyproject.toml, tool.flit.sdist"
    command = ["git", "ls-files", "--others", "--ignored", "--exclude-standard", "-z"]
    ignored = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not packed & {*ignored.split("\0")}, "leave out what git does"


def test_what_an_index_shows(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        [name] = [name for name in packed.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = email.message_from_bytes(packed.read(name))
    text = metadata.get_payload()
    assert isinstance(text, str)
    assert text.startswith("# minisoftmax\n")
    assert "](" not in text, "a relative link or picture leads nowhere on an index"
    assert "Typing :: Typed" in (metadata.get_all("Classifier") or [])
    needed = [needs for needs in metadata.get_all("Requires-Dist") or [] if "extra ==" not in needs]
    assert [needs.partition(">")[0] for needs in needed] == ["numpy"], "the package itself needs NumPy alone"


def test_it_is_typed_for_its_users(user: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(USER, encoding="utf-8")
    mypy = [sys.executable, "-m", "mypy", "--strict", f"--python-executable={user}", f"--cache-dir={tmp_path}"]
    said = subprocess.run([*mypy, program], cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    lines = [line.partition(": ")[2] for line in said.splitlines()]
    assert lines[0].startswith('note: Revealed type is "numpy.ndarray['), said
    assert lines[1].startswith("note: Revealed type is"), said
    assert lines[1].split('"')[1] != "Any", said
    assert [line for line in lines if line.startswith("error")] == [
        'error: Unexpected keyword argument "axes" for "softmax"  [call-arg]'
    ], said


def test_it_runs_where_only_the_wheel_is(user: Path, tmp_path: Path) -> None:
    command = "import minisoftmax; print(minisoftmax.__file__)"
    found = subprocess.run([user, "-I", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(found.stdout).is_relative_to(user.parents[1])
