"""How long a softmax takes that is larger than the memory of its workers, and how much of that they use."""

import importlib.util
import time
from collections.abc import Callable
from typing import NamedTuple


class Figure(NamedTuple):
    """What was measured."""

    seconds: float
    bytes: float
    mib: float
    error: float


def is_installed() -> bool:
    """Tell if there is a Dask to measure."""
    return importlib.util.find_spec("distributed") is not None


def measure(quick: bool, progress: Callable[[str], None]) -> dict[str, Figure]:
    """Normalize logits along one axis with two workers of 1.5 GiB, each a process of one thread."""
    import dask.array as da
    from dask.distributed import Client, LocalCluster

    from minisoftmax.distributed import softmax

    figures = {}
    with (
        LocalCluster(2, threads_per_worker=1, memory_limit="1.5GiB", dashboard_address=None) as own,
        Client(own) as client,
    ):
        for n in (4_000_000,) if quick else (80_000_000, 800_000_000):  # the last one is 6.4 GB
            progress(f"cluster, {n} logits")
            x = da.random.default_rng(0).normal(0, 3, size=n, chunks=min(n // 2, 8_000_000))
            start = time.perf_counter()
            total = float(softmax(x).sum().compute())
            seconds = time.perf_counter() - start
            most = max(client.run(peak_memory).values())
            figures[f"{x.nbytes / 1e9:.2g} GB"] = Figure(seconds, x.nbytes, most, abs(total - 1))
    return figures


def peak_memory() -> float:
    """Give the most memory that this process has had, in MiB; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
