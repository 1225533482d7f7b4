"""How long an array takes: as long as its bytes, or as its arithmetic, whichever is longer."""

from typing import NamedTuple

CACHE_SPEED = 8.0
"""How many times as fast as the memory the cache is, about."""

ITEM = 4
"""The bytes of a float32."""


class Prediction(NamedTuple):
    """The seconds for the bytes and for the arithmetic, the longer of both, and what that is for each entry."""

    memory: float
    arithmetic: float
    seconds: float
    nanoseconds: float


def predict(entries: float, transfers: float, bandwidth: float, cache: float, work: float) -> Prediction:
    """Predict the time of an array of float32.

    Parameters
    ----------
    entries : float
        How many there are.
    transfers : float
        How often an array of this size is read or written.
    bandwidth : float
        Of the memory, in GB/s.
    cache : float
        Its size, in MiB. Where an array and its result fit, bytes come 8 times as fast.
    work : float
        The nanoseconds that the arithmetic of an entry takes.
    """
    fits = 2 * ITEM * entries <= cache * 2**20
    memory = transfers * ITEM * entries / (bandwidth * 1e9 * (CACHE_SPEED if fits else 1.0))
    arithmetic = entries * work * 1e-9
    seconds = max(memory, arithmetic)
    return Prediction(memory, arithmetic, seconds, seconds / entries * 1e9)
