"""Numbers as a student reads them: four digits, in columns, the first difference marked."""

import reprlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minisoftmax.exercises import _messages as say

__all__ = ["beside", "show", "telling"]

ROWS, COLUMNS, LENGTH = 8, 8, 300
"""How much of an array is shown, and of a list."""


def show(value: Any, digits: int = 4, zero: float = 0.0) -> str:
    """Write any value, an array in lines of aligned columns. Numbers up to ``zero`` in size are written 0."""
    try:
        if isinstance(value, np.ndarray) and value.dtype.kind in "biuf" and not np.ma.is_masked(value):
            return _table(value, lambda place: _number(value.flat[place], digits, zero))
        if isinstance(value, tuple | list) and len(value) <= COLUMNS:
            inside = ", ".join(show(part, digits, zero).replace("\n", " ") for part in value)
            if len(inside) < LENGTH:
                return f"({inside})" if isinstance(value, tuple) else f"[{inside}]"
        elif isinstance(value, bool | int | float | complex | np.generic):
            return _number(value, digits, zero)
        return reprlib.repr(value)
    except Exception as error:
        return f"{type(value).__name__} ({type(error).__name__})"


def beside(got: NDArray[Any], expected: NDArray[Any], differ: NDArray[np.bool_], zero: float) -> tuple[str, str]:
    """Write two arrays of one shape so that their columns line up, and mark the first difference so that it shows."""
    place = int(np.flatnonzero(differ)[0])
    both = got.flat[place], expected.flat[place]
    digits = next((n for n in range(4, 18) if _number(both[0], n, zero) != _number(both[1], n, zero)), 17)
    if got.ndim == 0:
        return _number(both[0], digits, zero), _number(both[1], digits, zero)

    def marked(at: int) -> str:
        text = _number(got.flat[at], digits, zero)
        return f"›{text}‹" if at == place else f"{text} "

    def plain(at: int) -> str:
        return f"{_number(expected.flat[at], digits, zero)} "

    width = max(len(write(at)) for write in (marked, plain) for at in _shown(got, place))
    return _table(got, marked, place, width), _table(expected, plain, place, width)


def telling(value: Any) -> int:
    """Give the digits, four or more, in which the different numbers of an array look different."""
    numbers = np.unique(value)
    counts = ((digits, len({_number(x, digits, 0) for x in numbers})) for digits in range(4, 17))
    return next((digits for digits, count in counts if count == len(numbers)), 4)


def _number(x: Any, digits: int, zero: float) -> str:
    if isinstance(x, bool | np.bool_):
        return str(bool(x))
    if isinstance(x, int | np.integer) and abs(int(x)) < 10**12:
        return str(int(x))
    if isinstance(x, complex | np.complexfloating):
        return str(complex(x))
    number = float(x)
    if abs(number) <= zero:
        return "0"
    text = f"{number:.0f}" if digits == 4 and 1e4 <= abs(number) < 1e7 else f"{number:.{digits}g}"
    return text.replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")


def _table(array: NDArray[Any], write: Callable[[int], str], place: int = 0, width: int = 0) -> str:
    """Lay out the entries of an array, one row to a line; of a large one, those around a place."""
    if array.ndim == 0:
        return write(0)
    if not array.size:
        return say.text(say.EMPTY, shape=array.shape)
    columns = array.shape[-1]
    shown = _shown(array, place)
    width = width or max(len(write(at)) for at in shown)
    rows = sorted({at // columns for at in shown})
    lines = []
    for row in rows:
        inside = [at for at in shown if at // columns == row]
        texts = [write(at).rjust(width) for at in inside]
        before, after = inside[0] % columns > 0, inside[-1] % columns < columns - 1
        lines.append(f"[{' '.join(['…'] * before + texts + ['…'] * after)}]")
    return "\n".join(["…"] * (rows[0] > 0) + lines + ["…"] * ((rows[-1] + 1) * columns < array.size))


def _shown(array: NDArray[Any], place: int) -> list[int]:
    """List the flat places of the entries that are shown: a window of rows and columns with the place in it."""
    columns = array.shape[-1] if array.ndim else 1
    rows = _window(place // columns, array.size // columns, ROWS)
    return [row * columns + column for row in rows for column in _window(place % columns, columns, COLUMNS)]


def _window(place: int, size: int, shown: int) -> range:
    start = max(0, min(place - shown // 2, size - shown))
    return range(start, min(start + shown, size))
