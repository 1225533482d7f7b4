"""What the explorers take: numbers that can be drawn, and texts."""

import operator
import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minisoftmax._arguments import as_floats

LARGEST = 1000.0
"""The largest number that a figure takes: room enough for every format but float64, and still readable."""


def floats(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """Check real numbers."""
    return as_floats(values, name).astype(np.float64)


def numbers(
    values: ArrayLike, name: str, ndim: int, least: int, most: int, *, limit: float = LARGEST
) -> NDArray[np.float64]:
    """Check an array that a figure is to show: its axes, its first length, and that all of it can be drawn."""
    array = floats(values, name)
    if array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} {'axis' if ndim == 1 else 'axes'}, got shape {array.shape}")
    if not least <= len(array) <= most:
        allowed = f"{least}" if least == most else f"{least} to {most}"
        raise ValueError(f"{name} must have length {allowed}, got {len(array)}")
    fits = np.abs(array) <= limit
    if not fits.all():
        raise ValueError(f"{name} must be from −{limit:g} to {limit:g}, got {array[~fits].flat[0]}")
    return array + 0.0  # −0 is 0


def number(value: float, name: str, low: float, high: float) -> float:
    """Check one number."""
    array = floats(value, name)
    if array.ndim:
        raise TypeError(f"{name} must be one number, got shape {array.shape}")
    number = float(array)
    if not low <= number <= high:
        raise ValueError(f"{name} must be {_range(low, high)}, got {number}")
    return number + 0.0


def whole(value: int, name: str, low: int, high: int) -> int:
    """Check a whole number."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an int, got {value!r}") from None
    if not low <= number <= high:
        raise ValueError(f"{name} must be {_range(low, high)}, got {number}")
    return number


def text(value: str, name: str) -> str:
    """Check a text."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, got {value!r}")
    return str(value)


def length(words: Sequence[str], name: str, least: int, most: int) -> int:
    """Count texts that must be so many."""
    if isinstance(words, str) or not isinstance(words, Sequence):
        raise TypeError(f"{name} must be a sequence of strings, got {words!r}")
    if not least <= len(words) <= most:
        raise ValueError(f"{name} must have length {least} to {most}, got {len(words)}")
    return len(words)


def labels(labels: Sequence[str] | None, name: str, count: int) -> list[str]:
    """Check texts, one for each of so many things; without any, number the things from 1."""
    if labels is None:
        return [str(i + 1) for i in range(count)]
    if isinstance(labels, str) or not isinstance(labels, Sequence) or not all(isinstance(x, str) for x in labels):
        raise TypeError(f"{name} must be a sequence of strings, got {labels!r}")
    if len(labels) != count:
        raise ValueError(f"{name} must have length {count}, got {len(labels)}")
    return [str(label) for label in labels]


def as_json(temperature: float) -> float | str:
    """Give a temperature to JSON, which has no infinity."""
    return "inf" if temperature == np.inf else temperature


def _range(low: float, high: float) -> str:
    return f">= {low:g}" if high >= sys.maxsize else f"from {low:g} to {high:g}".replace("-", "−")
