"""Times that the chapter on speed shows: ``python -m benchmarks.stored`` takes them anew and writes them down.

A book that is compared byte by byte cannot take times while it is built. `compare` looks, on the machine at hand, at
what the chapter says of them that should hold anywhere.
"""

import json
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import speed
from benchmarks.processes import in_processes
from benchmarks.speed import Case
from minisoftmax.data import timings

FILE = Path(timings.__file__).with_name("timings.json")
SHAPE = (2048, 4096)
PASSES = ("copy", "max", "subtract", "exp", "sum", "divide")
THREADS = "MINISOFTMAX_NUM_THREADS"


def one_pass(name: str) -> Callable[[], Any]:
    """Give one step of a softmax in NumPy over a large array, into memory that was used before."""
    x = speed.logits(Case("softmax", "float32", SHAPE, -1))
    out, rows = np.ones_like(x), x.max(-1, keepdims=True)
    steps: dict[str, Callable[[], Any]] = {
        "copy": partial(np.copyto, out, x),
        "max": partial(np.max, x, -1),
        "subtract": partial(np.subtract, x, rows, out=out),
        "exp": partial(np.exp, -np.abs(x), out=out),
        "sum": partial(np.sum, x, -1),
        "divide": partial(np.divide, x, rows, out=out),
    }
    return steps[name]


def with_threads(threads: int, module: str, case: Case) -> Callable[[], Any] | None:
    """Load a library that is held to so many threads."""
    os.environ[THREADS] = str(threads)
    if module == "torch" and threads:
        __import__("torch").set_num_threads(threads)
    return speed.prepared_by(module, case)


def measure(rounds: int) -> dict[str, Any]:
    """Take the least of many times, in seconds: what the machine can do when nothing else runs."""
    quiet: Callable[[str], None] = lambda _: None  # noqa: E731
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    passes = in_processes({"numpy": one_pass}, PASSES, rounds, quiet, min)
    modules = [module for module in ("minisoftmax", "scipy", "numba", "torch") if find_spec(module)]
    counts = {"numba": [1, cores], "torch": [1, cores]}
    names = {f"{m}, {n}": partial(with_threads, n, m) for m in modules for n in counts.get(m, [1])}
    large = Case("softmax", "float32", SHAPE, -1)
    into = large._replace(call="softmax, out=")
    times = in_processes(names, [large], rounds, quiet, min)
    again = {name: prepare for name, prepare in names.items() if name.startswith(("mini", "numba"))}
    used = in_processes(again, [into], rounds, quiet, min)
    lengths = [Case("softmax", "float32", (n,), -1) for n in speed.LENGTHS]
    single = {m: partial(with_threads, 1, m) for m in modules}
    growth = in_processes(single, lengths, max(3, rounds // 2), quiet, min)
    return {
        "machine": machine(cores),
        "shape": SHAPE,
        "passes": {name: rounded(passes["numpy", name]) for name in PASSES},
        "softmax": {name: rounded(times[name, large]) for name in names},
        "softmax into used memory": {name: rounded(used[name, into]) for name in again},
        "growth": {m: [rounded(growth[m, case]) for case in lengths] for m in modules},
        "lengths": speed.LENGTHS,
    }


def rounded(seconds: float) -> float:
    """Keep three digits: the others are chance."""
    return float(f"{seconds:.3g}")


def machine(cores: int) -> dict[str, Any]:
    """Say what the times were taken on, and when; neither its name nor its place."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ] if Path("/proc/cpuinfo").exists() else [platform.processor()]  # fmt: skip
    versions = {}
    for package in ("numpy", "scipy", "numba", "torch"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    python = platform.python_version()
    date = datetime.now(UTC).date().isoformat()
    return {"cpu": names[0], "cores": cores, "date": date, "versions": {"python": python, **versions}}


def claims(times: dict[str, Any]) -> dict[str, bool]:
    """Say what the chapter holds to be true of any machine."""
    passes, whole = times["passes"], times["softmax"]
    copy = passes["copy"]
    arrays = sum(passes[name] for name in PASSES[1:])
    numbers = {
        "the passes add up to the whole, within a factor of 2.5": 0.4 < arrays / whole["minisoftmax, 1"] < 2.5,
        "a pass that reads and writes takes as long as a copy, within a factor of 3": (
            0.33 < passes["subtract"] / copy < 3
        ),
        "five passes take at least twice as long as a copy": arrays > 2 * copy,
    }
    if "numba, 1" in whole:
        numbers["the compiled one is faster than SciPy on one thread"] = whole["numba, 1"] < whole["scipy, 1"]
        numbers["no softmax is faster than half a copy"] = whole["numba, 1"] > copy / 2
    for module, row in times["growth"].items():
        each = dict(zip(times["lengths"], np.divide(row, times["lengths"]), strict=True))
        numbers[f"{module}: from 10⁵ to 10⁶ entries, an entry costs the same, within a factor of 2"] = (
            0.5 < each[10**6] / each[10**5] < 2
        )
        numbers[f"{module}: of 10 entries, each costs over 20 times as much as of 10⁵"] = each[10] > 20 * each[10**5]
        numbers[f"{module}: of 10⁸ entries, each costs more than of 10⁶"] = each[10**8] > each[10**6]
    return numbers


def compare() -> str:
    """Check the claims of the chapter on the machine at hand."""
    lines = [f"{'holds' if fine else 'FAILS'}: {claim}" for claim, fine in claims(measure(5)).items()]
    return "\n".join(["what the chapter on speed says, on this machine", *lines, ""])


if __name__ == "__main__":
    found = measure(25)
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))
