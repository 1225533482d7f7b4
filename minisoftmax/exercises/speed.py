"""The exercises of the chapter on speed."""

import numpy as np
from numpy.typing import NDArray

from minisoftmax.core import logsumexp
from minisoftmax.exercises._exercise import Exercise, Mistake

__all__ = ["EXERCISES"]

Array = NDArray[np.float64]


def _seconds(entries: float, operations: float, transfers: float, peak: float, bandwidth: float) -> float:
    return max(entries * operations / peak, 4 * entries * transfers / bandwidth)


def _online(z: Array) -> Array:
    return np.array([z.max(), np.exp(z - z.max()).sum()])


def _merged(m: float, s: float, n: float, t: float) -> Array:
    top = max(m, n)
    return np.array([top, s * np.exp(m - top) + t * np.exp(n - top)])


def _predict(rows: int = 1_000_000, gigabytes: int = 200) -> Exercise:
    ms = 8 * 1000 * rows / (gigabytes * 1e9) * 1e3
    return Exercise(
        name="speed.predict",
        title="Predict",
        question=(
            "A softmax of {rows:,} rows of 1000 float32 logits, with all steps fused, runs on a machine whose memory "
            "gives {gigabytes} GB/s. How many milliseconds does it take, at least?"
        ),
        goal="predict the time of a softmax from the bandwidth of the memory",
        level=1,
        minutes=3,
        answer="ms",
        solution=ms,
        tolerance=0.01,
        why="You did not have to know the processor at all. This is what it means that the bytes decide.",
        hint="Count the bytes: how many entries, how many bytes each, and how often does the array cross the bus?",
        mistakes=(
            Mistake(ms / 2, "You counted the reading alone. The probabilities have to be written, too."),
            Mistake(4 * ms, "That is for five separate passes, which move the array 8 times. Fused, it moves twice."),
            Mistake(2 * ms, "That is for 8 bytes an entry, a float64. A float32 has 4."),
            Mistake(ms / 1e3, "That is in seconds. The question is about milliseconds."),
            Mistake(ms / 4, "An entry has 4 bytes, and goes over the bus twice: 8 bytes for each entry."),
            Mistake(1.5 * ms, "Three transfers: that is the online form without the cache. Fused, it moves twice."),
        ),
        values={"rows": rows, "gigabytes": gigabytes},
        vary=_predict,
        numbers={"rows": (500_000, 1_000_000, 2_000_000), "gigabytes": (25, 50, 100, 400, 800)},
    )


EXERCISES = (
    _predict(),
    Exercise(
        name="speed.roof",
        title="Roof",
        question=(
            "Write the rule: the seconds that `entries` float32 numbers take, with so many `operations` for each, "
            "so many `transfers` of the array, a processor that does `peak` operations a second, and a `bandwidth` in "
            "bytes a second."
        ),
        goal="tell whether bytes or operations decide",
        level=2,
        minutes=6,
        answer="seconds(entries, operations, transfers, peak, bandwidth)",
        solution=_seconds,
        cases=(
            (1e9, 5.0, 2.0, 1e14, 2e12),
            (1e9, 5.0, 8.0, 1e11, 2e11),
            (1e6, 40.0, 2.0, 1e9, 1e11),
            (1e6, 1000.0, 3.0, 1e12, 1e10),
            (1e3, 1.0, 2.0, 1e9, 1e9),
        ),
        why="With this rule, two lines of a data sheet tell how fast most functions of an array can be.",
        hint="Compute the time for the operations alone, and that for the bytes alone. Both go on at once.",
        mistakes=(
            Mistake(
                lambda entries, operations, transfers, peak, bandwidth: (
                    entries * operations / peak + 4 * entries * transfers / bandwidth
                ),
                "You added the times. The processor computes while the next bytes arrive, so the longer one counts.",
            ),
            Mistake(
                lambda entries, operations, transfers, peak, bandwidth: entries * operations / peak,
                "Those are the operations alone. Here the bytes may take longer.",
            ),
            Mistake(
                lambda entries, operations, transfers, peak, bandwidth: 4 * entries * transfers / bandwidth,
                "Those are the bytes alone. Where there is much to compute, the operations may take longer.",
            ),
            Mistake(
                lambda entries, operations, transfers, peak, bandwidth: max(
                    entries * operations / peak, entries * transfers / bandwidth
                ),
                "A transfer moves 4 bytes for each entry, for a float32.",
            ),
            Mistake(
                lambda entries, operations, transfers, peak, bandwidth: min(
                    entries * operations / peak, 4 * entries * transfers / bandwidth
                ),
                "The shorter time is over first, and then the longer one still goes on.",
            ),
        ),
    ),
    Exercise(
        name="speed.merge",
        title="Merge",
        question=(
            "Two workers each have seen a part of a row. One found the maximum `m` and the sum `s` of $e^{z - m}$, the "
            "other `n` and `t`. Return the maximum and the sum of the whole row, in this order."
        ),
        goal="normalize a row in one pass, and over many machines",
        level=2,
        minutes=6,
        answer="merge(m, s, n, t)",
        solution=_merged,
        tolerance=1e-9,
        cases=(
            (3.0, 2.0, 1.0, 1.5),
            (1.0, 1.5, 3.0, 2.0),
            (0.0, 1.0, 0.0, 1.0),
            (1000.0, 1.25, 998.0, 3.0),
            (-1000.0, 4.0, -1001.0, 2.0),
            (700.0, 1.0, -700.0, 5.0),
        ),
        why="Sixteen bytes a row and this function are all that a thousand machines need to agree on a softmax.",
        hint="Take the larger maximum. What must each sum be multiplied by, to be relative to that?",
        mistakes=(
            Mistake(
                lambda m, s, n, t: np.array([max(m, n), s + t]),
                "Each sum is relative to its own maximum. Bring both to the larger one before you add.",
            ),
            Mistake(
                lambda m, s, n, t: np.array([max(m, n), s * np.exp(max(m, n) - m) + t * np.exp(max(m, n) - n)]),
                "The sign is wrong: the sum below the lower maximum has to shrink, not to grow.",
            ),
            Mistake(
                lambda m, s, n, t: np.array([m, s + t * np.exp(n - m)]),
                "That is relative to the first maximum. Where the second is far above it, the exponential overflows.",
            ),
            Mistake(
                lambda m, s, n, t: np.array([0.0, s * np.exp(m) + t * np.exp(n)]),
                "Relative to 0, the sums overflow as soon as a maximum is above 709. Keep the larger maximum.",
            ),
        ),
    ),
    Exercise(
        name="speed.online",
        title="One pass",
        question=(
            "Write the online form: go through `z` once, from left to right, and return the maximum `m` and the sum of "
            "$e^{z_i - m}$, in this order."
        ),
        goal="normalize a row in one pass, and over many machines",
        level=3,
        minutes=10,
        answer="online(z)",
        solution=_online,
        tolerance=1e-9,
        cases=(
            (np.array([1.0, 3.0, 2.0]),),
            (np.array([0.5]),),
            (np.array([3.0, 2.0, 1.0]),),
            (np.array([2.0, 2.0, 2.0]),),
            (np.array([-1000.0, -1001.0]),),
            (np.array([0.0, 800.0, 1600.0]),),
        ),
        why="This loop is inside FlashAttention and every fast kernel: one read in place of two.",
        hint="When a larger entry comes, the sum so far is relative to the old maximum. Shrink it first, then add 1.",
        mistakes=(
            Mistake(
                lambda z: np.array([z.max(), logsumexp(z)]),
                "The second number is a log-sum-exp. Return the sum itself, relative to the maximum.",
            ),
            Mistake(
                lambda z: np.array([z.max(), np.exp(z - np.maximum.accumulate(z)).sum()]),
                "Each term is relative to the maximum at its time. When a larger one comes, shrink the sum so far.",
            ),
            Mistake(
                lambda z: np.array([z.max(), np.exp(z - z[0]).sum()]),
                "That is relative to the first entry. Return it relative to the maximum.",
            ),
            Mistake(
                lambda z: np.array([z.max(), np.exp(z).sum()]),
                "Nothing was subtracted: for large entries this overflows.",
            ),
        ),
    ),
)
