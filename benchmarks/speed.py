"""How fast every library is, each in a process of its own, and how much memory a call takes beyond its result."""

import math
import time
import tracemalloc
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from timeit import Timer
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.libraries import FUNCTIONS, LOADERS, OURS, SCIPY, Library, filling
from benchmarks.processes import in_processes

LAST_AXIS = (
    (10,),
    (300,),
    (32, 10),
    (256, 1000),
    (1024, 1024),
    (32, 50257),
    (1, 50257),
    (4, 12, 256, 256),
    (2048, 4096),
    (200_000, 2),
    (20_000, 10),
)
OTHER_AXES = (((1024, 1024), 0), ((20_000, 8, 16), 1), ((64, 21, 64, 64), 1))
LENGTHS = tuple(10**power for power in range(1, 9))
QUICK = 10_000  # entries: what a quick run can afford
DTYPES = ("float32", "float64")
CALLS = (*FUNCTIONS, "softmax, out=", "log_softmax, out=")


@np.errstate(all="ignore")
def five_passes(x: NDArray[Any], axis: int) -> NDArray[Any]:
    """Do what softmax must do at least, in NumPy: five ufuncs on rows in the cache, in place, and nothing checked."""
    out = np.empty_like(x)
    rows, done = x.reshape(-1, x.shape[axis]), out.reshape(-1, x.shape[axis])
    step = max(1, 2**16 // rows.shape[1])
    if x.size > QUICK:
        np.setbufsize(16)
    for start in range(0, len(rows), step):
        part = done[start : start + step]
        np.subtract(rows[start : start + step], rows[start : start + step].max(-1, keepdims=True), out=part)
        np.exp(part, out=part)
        np.divide(part, part.sum(-1, keepdims=True), out=part)
    return out


def copy_to(x: NDArray[Any], axis: int) -> NDArray[Any]:
    """Copy, which a softmax cannot be faster than, into memory that was used before."""
    out = COPIES.setdefault((x.shape, x.dtype), np.ones_like(x))
    np.copyto(out, x)
    return out


COPIES: dict[Any, NDArray[Any]] = {}
FLOOR = Library("five bare NumPy passes", {"softmax": five_passes})
COPY = Library("np.copyto, one thread", {"softmax": copy_to})


class Case(NamedTuple):
    """What is measured: one call, on one kind of array."""

    call: str
    dtype: str
    shape: tuple[int, ...]
    axis: int

    def __str__(self) -> str:
        """Name the case for a person."""
        return f"{self.call}, {self.dtype}, {self.place}"

    @property
    def place(self) -> str:
        """Name the array without its dtype."""
        return f"{self.shape}" + (f", axis {self.axis}" if self.axis >= 0 else "")


# Of a library and a case.
Figures = dict[tuple[str, Case], float]


def cases(quick: bool) -> list[Case]:
    """List what is measured."""
    places = [*((shape, -1) for shape in LAST_AXIS), *OTHER_AXES]
    if quick:
        places = [(shape, axis) for shape, axis in places if math.prod(shape) <= QUICK] + [((1000, 3), 0)]
    return [Case(call, dtype, shape, axis) for call in CALLS for dtype in DTYPES for shape, axis in places]


def measure_speed(quick: bool, progress: Callable[[str], None]) -> Figures:
    """Give the median seconds of each library and case. Each has a process of its own, and all take turns."""
    return in_processes(own_processes(), cases(quick), 3 if quick else 15, progress)


def measure_growth(quick: bool, progress: Callable[[str], None]) -> Figures:
    """Give the median seconds of one row that grows."""
    lengths = LENGTHS[:3] if quick else LENGTHS
    own = {name: call for name, call in own_processes().items() if not quick or name in (OURS.name, SCIPY.name)}
    return in_processes(own, [Case("softmax", "float32", (n,), -1) for n in lengths], 3 if quick else 7, progress)


def own_processes() -> dict[str, Callable[[Case], Callable[[], Any] | None]]:
    """Give what prepares a case in the process of each library."""
    names = {load().name: partial(prepared_by, module) for module, load in LOADERS.items() if find_spec(module)}
    return {**names, FLOOR.name: partial(prepared, FLOOR), COPY.name: partial(prepared, COPY)}


def prepared_by(module: str, case: Case) -> Callable[[], Any] | None:
    """Load the library that needs a module, and a case for it."""
    return prepared(LOADERS[module](), case)


def prepared(library: Library, case: Case) -> Callable[[], Any] | None:
    """Give a call with its data loaded. With ``out=``, ours is set against the calls of others without."""
    x = logits(case)
    function, _, out = case.call.partition(", ")
    if function not in library.functions or (library.name == FLOOR.name and case.axis != -1):
        return None
    if out and library.name.endswith("(minisoftmax)"):
        call = partial(getattr(import_module("minisoftmax.compiled"), function), out=np.empty_like(x))
        return partial(call, x, case.axis)
    if not out or library.name == SCIPY.name:
        return partial(library.functions[function], library.load(x), case.axis)
    return partial(filling(function, np.empty_like(x)), x, case.axis) if library.name == OURS.name else None


def logits(case: Case) -> NDArray[Any]:
    """Give the data of a case."""
    return np.random.default_rng(0).normal(0, 3, case.shape).astype(case.dtype)


def in_turns(calls: Sequence[Callable[[], Any]], seconds: float) -> list[float]:
    """Give the least time of each call. All take turns, so that a busy moment of the machine hits all of them."""
    timers = [Timer(call) for call in calls]
    warm = [min(timer.timeit(1) for _ in range(3)) for timer in timers]
    numbers = [max(1, round(3e-4 / taken)) for taken in warm]  # far above the resolution of the clock
    best = [math.inf] * len(calls)
    turns = list(range(len(calls)))
    end, rounds = time.perf_counter() + seconds, 0
    while rounds < 5 or time.perf_counter() < end:
        for turn in turns:
            best[turn] = min(best[turn], timers[turn].timeit(numbers[turn]) / numbers[turn])
        turns.reverse()  # to come after a library that leaves the caches cold, or threads running, is no one's fate
        rounds += 1
    return best


def measure_memory(quick: bool, progress: Callable[[str], None]) -> Figures:
    """Give the most memory that a call takes beyond its result, in MiB. Only what NumPy allocates is known."""
    peaks: Figures = {}
    for case in cases(quick):
        progress(f"memory, {case}")
        for library in (OURS, SCIPY):
            if call := prepared(library, case):
                peaks[library.name, case] = extra_memory(call) / 2**20
    return peaks


def extra_memory(call: Callable[[], Any]) -> int:
    """Give the bytes that were allocated at the peak of a call and are no longer after it."""
    call()
    tracemalloc.start()
    try:
        result = call()  # kept alive until the memory is read
        kept, peak = tracemalloc.get_traced_memory()
        del result
    finally:
        tracemalloc.stop()
    return peak - kept
