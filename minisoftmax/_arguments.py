"""One version of each check of an argument: what it takes, what it gives back, how it refuses.

Every refusal names the argument, the rule, and what was given: of an array, the first value that breaks the rule.
"""

from __future__ import annotations  # or the type of a generator would import numpy.random, which takes long

import operator
from numbers import Number
from typing import Any

import numpy as np
from numpy.exceptions import AxisError
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Labels = NDArray[np.intp]
Axis = int | tuple[int, ...] | None

_USUAL = (np.dtype(np.float32), np.dtype(np.float64))
_NUMBERS = ("iuf", "real numbers (ints or floats)")


# Arrays


def as_array(value: Any, name: str, kinds: str = "biuf", rule: str = "real numbers (bools, ints or floats)") -> Array:
    """Give a plain array whose dtype is one of NumPy's own, of one of these kinds; no kinds take every dtype."""
    if type(value) is not np.ndarray:
        for part in value if isinstance(value, list | tuple) else [value]:
            if isinstance(part, np.ma.MaskedArray) or hasattr(part, "toarray"):
                raise TypeError(f"{name} must be a plain array, neither masked nor sparse, got {type(part).__name__}")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be a rectangular array, got {type(value).__name__}: {error}") from None
    # Other packages' dtypes have numbers from 256 on; and an empty list may stand for any kind.
    if kinds and (array.dtype.kind not in kinds or array.dtype.num >= 256) and (array.size or array is value):
        got = f"dtype {array.dtype}" if array.ndim else repr(value)
        are_numbers = "f" in kinds and all(isinstance(entry, Number) for entry in array.flat)
        if array.dtype == object and (array.ndim or are_numbers):
            advice = " (as are ints beyond 64 bits): convert them with .astype(float)" * are_numbers
            got = f"objects {sorted({type(entry).__name__ for entry in array.flat})}{advice}"
        raise TypeError(f"{name} must hold {rule}, got {got}")
    return array


def as_floats(value: ArrayLike, name: str) -> Floats:
    """Give an array of floats, in the byte order of this machine."""
    if type(value) is np.ndarray and value.dtype in _USUAL:  # small arrays spend half of their time on checks
        return value
    array = as_array(value, name)
    return array.astype(float_dtype(array.dtype), copy=False)


def float_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Tell which floats stand for a dtype: floats for themselves, float64 for bools and ints."""
    return np.dtype(np.float64) if dtype.kind != "f" else dtype if dtype.isnative else dtype.newbyteorder("=")


def working_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Tell in which floats to compute: float32 for float16, otherwise its own."""
    return np.dtype(np.float32) if dtype.kind == "f" and dtype.itemsize == 2 else float_dtype(dtype)


def broadcast(array: Array, shape: tuple[int, ...], name: str, meaning: str) -> Array:
    """Give a view of a shape, which has this meaning to the caller."""
    try:
        return np.broadcast_to(array, shape)
    except ValueError:
        raise ValueError(f"{name} must broadcast to {meaning} {shape}, got shape {array.shape}") from None


def require(allowed: Bools | bool, given: Any, rule: str) -> None:
    """Refuse what was given, or the first of its values that is not allowed; a rule begins with the argument's name."""
    if allowed is not True and not np.all(allowed):
        first = np.asarray(given)[np.invert(allowed)].flat[0] if np.ndim(allowed) else given
        raise ValueError(f"{rule}, got {first!s}")


# What the functions along an axis take


def as_axes(axis: Axis, ndim: int) -> tuple[int, ...]:
    """Count the axes from 0, in ascending order. A single number has an axis 0, as in NumPy, and is its own slice."""
    if axis is None:
        return tuple(range(ndim))
    if type(axis) is int and -ndim <= axis < ndim:  # the usual case: small arrays spend half of their time on checks
        return (axis % ndim,)
    given = axis if isinstance(axis, tuple | list) else (axis,)
    for number in given:
        if isinstance(number, bool) or not isinstance(number, int | np.integer):
            raise TypeError(f"axis must be an int, a tuple of ints or None, got {axis!r}")
        if not -max(ndim, 1) <= number < max(ndim, 1):
            raise AxisError(int(number), ndim, "axis")
    axes = sorted({int(number) % max(ndim, 1) for number in given})
    if len(axes) < len(given):
        raise ValueError(f"axis must name no axis twice, got {axis!r}")
    return tuple(axes[:ndim])


def as_mask(where: ArrayLike | None, shape: tuple[int, ...]) -> Bools | None:
    """Give booleans for all entries of ``x``; None takes all."""
    if where is None:
        return None
    mask = as_array(where, "where", "b", "booleans").astype(bool, copy=False)
    return broadcast(mask, shape, "where", "the shape of x,")


def as_temperature(temperature: ArrayLike, shape: tuple[int, ...], axes: tuple[int, ...]) -> Array | None:
    """Give one temperature for each slice, with length 1 along the axes; None if all are 1."""
    if type(temperature) is float and temperature == 1:
        return None
    scale = as_array(temperature, "temperature", *_NUMBERS) + 0.0  # an int is a float, and −0 is 0
    require(scale >= 0, scale, "temperature must be >= 0")
    one_per_slice = tuple(1 if i in axes else n for i, n in enumerate(shape))
    return broadcast(scale, one_per_slice, "temperature", "one number for each slice along axis,")


def as_out(out: Array, shape: tuple[int, ...]) -> Floats:
    """Give the array to write to."""
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a NumPy array, got {type(out).__name__}")
    require(out.shape == shape, out.shape, f"out must have the shape of x, {shape}")
    require(out.flags.writeable, "a read-only array", "out must be writeable")
    return as_array(out, "out", "f", "floats")


# Single values


def as_flag(value: Any, name: str) -> bool:
    """Give True or False."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def as_integer(value: Any, name: str, least: int | None = None, allowed: str | None = None) -> int:
    """Give an int, and no bool, that is not below ``least``; ``allowed`` says it in the words of the caller."""
    allowed = allowed or ("an int" if least is None else f"an int >= {least}")
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be {allowed}, got {value!r}") from None
    require(least is None or number >= least, number, f"{name} must be {allowed}")
    return number


def as_number(value: Any, name: str) -> float:
    """Give a real number, and no bool."""
    number = as_array(value, name, *_NUMBERS)
    require(number.ndim == 0, f"an array of shape {number.shape}", f"{name} must be one number")
    return float(number)


def as_generator(rng: Any) -> np.random.Generator:
    """Give a source of randomness: the one given, or a new one from whatever NumPy takes as a seed."""
    rule = "rng must be a numpy.random.Generator, BitGenerator or SeedSequence, a seed >= 0 or None"
    if isinstance(rng, bool | np.bool_ | str):
        raise TypeError(f"{rule}, got {rng!r}")
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{rule}, got {rng!r}") from None


# Labels, probabilities, weights


def as_labels(labels: ArrayLike, classes: int, name: str, ignore_index: int | None = None) -> tuple[Labels, Bools]:
    """Give labels from 0 to classes − 1, with 0 for those to ignore, and which ones those are."""
    array = as_array(labels, name, "biu", "integers as labels")
    if isinstance(ignore_index, bool) or not isinstance(ignore_index, int | np.integer | None):
        raise TypeError(f"ignore_index must be an int or None, got {ignore_index!r}")
    ignored = np.zeros(array.shape, bool) if ignore_index is None else np.asarray(np.equal(array, ignore_index))
    or_ignored = "" if ignore_index is None else f", or ignore_index ({ignore_index})"
    known = (array >= 0) & (array < classes)
    require(ignored | known, array, f"{name} must hold labels from 0 to {classes - 1}{or_ignored}")
    return np.where(ignored, 0, array).astype(np.intp, copy=False), ignored


def as_probabilities(probs: ArrayLike, name: str) -> Array:
    """Give probabilities that sum to 1 along the last axis, as far as rounding lets them.

    Three digits for each of 20 classes are off by up to a hundredth in sum, bfloat16 by half of that, and the smallest
    float16 by up to a spacing each.
    """
    array = as_array(probs, name)
    require(array >= 0, array, f"{name} must hold probabilities >= 0")
    sums = np.asarray(array.sum(axis=-1, dtype=np.promote_types(array.dtype, np.float64)))
    slack = 0.01 + array.shape[-1] * float(np.finfo(float_dtype(array.dtype)).smallest_subnormal)
    rule = f"{name} must hold probabilities that sum to 1 along the last axis, to within {slack:.2g}"
    require(np.abs(sums - 1) <= slack, sums, rule)
    return array


def as_weights(weights: ArrayLike | None, length: int, name: str, owner: str) -> Floats:
    """Give a finite weight >= 0 for each of so many owners, in float64 at least; None gives ones."""
    if weights is None:
        return np.ones(length)
    array = as_array(weights, name) * 1.0
    rule = f"{name} must have the shape ({length},), one number for each {owner}"
    require(array.shape == (length,), array.shape, rule)
    require((array >= 0) & np.isfinite(array), array, f"{name} must be finite and >= 0")
    return array.astype(np.promote_types(array.dtype, np.float64), copy=False)
