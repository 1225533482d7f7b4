"""How the solutions of two chapters find a number: by doubling and halving."""

from collections.abc import Callable

__all__ = ["crossing"]


def crossing(is_below: Callable[[float], bool]) -> float:
    """Find the positive number up to which ``is_below`` holds: double an upper end until it fails, then halve."""
    low, high = 0.0, 1.0
    while is_below(high):
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return high
