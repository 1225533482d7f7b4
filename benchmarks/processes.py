"""Time each library in a process of its own, so that no one's threads and caches stand in the way of another's."""

from __future__ import annotations

import multiprocessing
import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection
from timeit import Timer
from typing import Any

SLICE = 3e-4
"""How many seconds of calls are timed at once at least: far above the resolution of the clock."""


class Worker:
    """A process that holds one library: `prepare` a case, then `time` it as often as wanted, and `stop` it."""

    def __init__(self, prepare: Callable[[Any], Callable[[], Any] | None]) -> None:
        """Start the process."""
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(prepare, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def prepare(self, case: Any) -> bool:
        """Load a case and warm up; False if the library does not have it."""
        self._connection.send(case)
        return bool(self._connection.recv())

    def time(self) -> float:
        """Give the seconds that a call takes now."""
        self._connection.send(None)
        return float(self._connection.recv())

    def stop(self) -> None:
        """End the process."""
        self._connection.close()
        self._process.join(10)
        self._process.kill()


def _serve(prepare: Callable[[Any], Callable[[], Any] | None], connection: Connection) -> None:
    timer, number = Timer(), 1
    while True:
        try:
            case = connection.recv()
        except EOFError:
            return
        if case is None:
            connection.send(timer.timeit(number) / number)
            continue
        call = prepare(case)
        if call is not None:
            timer = Timer(call)
            number = max(1, round(SLICE / min(timer.timeit(1) for _ in range(3))))
        connection.send(call is not None)


def in_processes(
    libraries: Mapping[str, Callable[[Any], Callable[[], Any] | None]],
    cases: Sequence[Any],
    rounds: int,
    progress: Callable[[str], None],
    summary: Callable[[Sequence[float]], float] = statistics.median,
) -> dict[tuple[str, Any], float]:
    """Give the time of each library and case, the median if not said otherwise. All take turns, busy moments too."""
    times: dict[tuple[str, Any], float] = {}
    with ExitStack() as stack:
        workers = {name: Worker(prepare) for name, prepare in libraries.items()}
        for worker in workers.values():
            stack.callback(worker.stop)
        for case in cases:
            progress(f"speed, {case}")
            turns = [name for name, worker in workers.items() if worker.prepare(case)]
            seen: dict[str, list[float]] = {name: [] for name in turns}
            for _ in range(rounds):
                for name in turns:
                    seen[name].append(workers[name].time())
                turns.reverse()  # to come after a library that leaves the caches cold is no one's fate
            times |= {(name, case): summary(own) for name, own in seen.items()}
    return times
