"""Softmax over data that comes in blocks: too large for memory, still arriving, or spread over several workers.

The sum of exponentials is kept as a top, the largest logit so far, and the rest of the sum. A new top means that the
rest has to be rescaled, and each rescaling rounds. So the rest is not measured from the top itself but from a *mark*
near it, a multiple of 8: the tops that lie between two marks need no rescaling, however many blocks bring them.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from minisoftmax._old_core import Axis, Floats, _as_axes, _as_floats, _top_and_rest, _working_dtype

__all__ = ["OnlineLogSumExp"]


class OnlineLogSumExp:
    r"""A log-sum-exp that sees its data block by block, and normalizes the blocks in a second pass.

    .. math:: \operatorname{logsumexp}(x) = m + \log \sum_j e^{x_j - m}, \qquad m = \max_j x_j

    Parameters
    ----------
    axis : int, tuple of ints or None, default -1
        The axis or axes of each block to sum over; None is the whole block.

    See Also
    --------
    minisoftmax.core.logsumexp : The same of an array that is in memory.

    Notes
    -----
    However the data are cut into blocks, and in whatever order the blocks are updated and merged, the result agrees
    with `minisoftmax.core.logsumexp` of the whole to 2 eps, wherever that is well-conditioned. The error does not grow
    with the number of blocks: sums are compensated, and rescaled only when the maximum has moved by several units.
    The state has the size of the result: a few numbers in float64 or longdouble for each slice.

    −inf, +inf and NaN act as in `minisoftmax.core.softmax`. A NaN spoils its own slice and no other.

    References
    ----------
    M. Milakov, N. Gimelshein (2018). Online normalizer calculation for softmax. arXiv:1805.02867.

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import OnlineLogSumExp
    >>> state = OnlineLogSumExp()
    >>> for block in ([1000.0, 1001.0], [1002.0]):
    ...     state = state.update(block)
    >>> print(state.logsumexp.round(6))
    1002.407606

    A second pass over the same blocks gives the probabilities:

    >>> print(state.softmax([1000.0, 1001.0]).round(6), state.softmax([1002.0]).round(6))
    [0.090031 0.244728] [0.665241]

    Two workers, each with a part of the data:

    >>> left, right = OnlineLogSumExp().update([1000.0]), OnlineLogSumExp().update([1001.0, 1002.0])
    >>> print(left.merge(right).logsumexp.round(6))
    1002.407606
    """

    def __init__(self, axis: Axis = -1) -> None:
        self.axis = axis
        self._count = 0
        self._dtype: np.dtype[Any] | None = None  # of the result, unknown before the first block
        self._sum = _Sum(np.array(-np.inf), np.array(0.0), np.array(0.0))

    def __repr__(self) -> str:
        """Say what was seen, in numbers."""
        seen = "" if self._dtype is None else f", shape={self._sum.top.shape}, dtype={self._dtype}"
        return f"<OnlineLogSumExp axis={self.axis}, count={self._count}{seen}>"

    @property
    def count(self) -> int:
        """How many entries of each slice were seen."""
        return self._count

    @property
    def maximum(self) -> Floats:
        """The largest entry of each slice, in the shape and dtype of `logsumexp`; −inf for nothing."""
        return self._sum.top.astype(self._dtype or np.float64)[()]

    @property
    @np.errstate(all="ignore")
    def logsumexp(self) -> Floats:
        """The logarithm of the sum of the exponentials of all that was seen, without ``axis``; −inf for nothing."""
        result = self._sum.top + np.log1p(_others(self._sum))
        return result.astype(self._dtype or np.float64)[()]

    @np.errstate(all="ignore")
    def update(self, block: ArrayLike) -> OnlineLogSumExp:
        """Add a block of data.

        Parameters
        ----------
        block : array_like of real numbers
            Of any length along ``axis``, 0 too. Its other axes are those of the blocks before. dtypes as in
            `minisoftmax.core.softmax`; blocks of different dtypes give a result of the wider one.

        Returns
        -------
        OnlineLogSumExp
            The object itself, so that updates can be chained.

        Raises
        ------
        TypeError
            If ``block`` has the wrong dtype (complex, object, text), or ``axis`` the wrong type.
        ValueError
            If the other axes of ``block`` do not match. ``AxisError``, a kind of ``ValueError``, if it lacks an axis.

        Examples
        --------
        >>> from minisoftmax import OnlineLogSumExp
        >>> print(OnlineLogSumExp(axis=0).update([[1.0, 2.0]]).update([[1.0, 3.0], [5.0, 4.0]]).maximum)
        [5. 4.]
        """
        x, axes = self._checked(block)
        self._sum = _plus(self._sum, _sum_of(x, axes))
        self._count += math.prod(x.shape[i] for i in axes)
        self._dtype = _wider(self._dtype, x.dtype)
        return self

    @np.errstate(all="ignore")
    def merge(self, other: OnlineLogSumExp) -> OnlineLogSumExp:
        """Join what two objects have seen.

        Merging is commutative, associative to within rounding, and an object that has seen nothing changes nothing.

        Parameters
        ----------
        other : OnlineLogSumExp
            With the same ``axis``, and blocks with the same other axes.

        Returns
        -------
        OnlineLogSumExp
            A new object; the two stay as they are.

        Raises
        ------
        TypeError
            If ``other`` is something else.
        ValueError
            If ``axis``, or the shapes of the results, are not the same.

        Examples
        --------
        >>> from functools import reduce
        >>> from minisoftmax import OnlineLogSumExp
        >>> parts = [OnlineLogSumExp().update([x]) for x in (0.0, 1.0, 2.0)]
        >>> print(reduce(OnlineLogSumExp.merge, parts, OnlineLogSumExp()).logsumexp.round(6))
        2.407606
        """
        if not isinstance(other, OnlineLogSumExp):
            raise TypeError(f"other must be an OnlineLogSumExp, got {type(other).__name__}")
        if other.axis != self.axis:
            raise ValueError(f"other must have axis {self.axis}, got {other.axis}")
        ours, theirs = self._sum.top.shape, other._sum.top.shape
        if self._dtype is not None and other._dtype is not None and ours != theirs:
            raise ValueError(f"other must have a result of shape {ours}, got {theirs}")
        both = OnlineLogSumExp(self.axis)
        both._sum = _plus(self._sum, other._sum)
        both._count = self._count + other._count
        both._dtype = self._dtype if other._dtype is None else _wider(self._dtype, other._dtype)
        return both

    @np.errstate(all="ignore")
    def softmax(self, block: ArrayLike) -> Floats:
        """Give the probabilities of a block among all that was seen.

        Parameters
        ----------
        block : array_like of real numbers
            A block that was seen by `update`, here or in an object that was merged.

        Returns
        -------
        ndarray
            Of the shape of ``block``, in the wider of its dtype and that of the blocks seen. NaN where nothing above
            −inf was seen. Over all blocks these sum to 1.

        Raises
        ------
        TypeError
            If ``block`` has the wrong dtype (complex, object, text).
        ValueError
            If the other axes of ``block`` do not match.

        Examples
        --------
        >>> from minisoftmax import OnlineLogSumExp
        >>> print(OnlineLogSumExp().update([7.0, 7.0]).update([7.0, 7.0]).softmax([7.0]))
        [0.25]
        """
        distances, others, dtype = self._second_pass(block)
        np.exp(distances, out=distances)
        distances /= 1 + others
        return distances.astype(dtype, copy=False)[()]

    @np.errstate(all="ignore")
    def log_softmax(self, block: ArrayLike) -> Floats:
        """Give the log-probabilities of a block among all that was seen.

        Parameters
        ----------
        block : array_like of real numbers
            A block that was seen by `update`, here or in an object that was merged.

        Returns
        -------
        ndarray
            In nats; shape, dtype and special cases as in `softmax`.

        Raises
        ------
        TypeError
            If ``block`` has the wrong dtype (complex, object, text).
        ValueError
            If the other axes of ``block`` do not match.

        Examples
        --------
        >>> from minisoftmax import OnlineLogSumExp
        >>> state = OnlineLogSumExp().update([0.0]).update([50.0])
        >>> print(f"{state.log_softmax([50.0])[0]:.6e}")
        -1.928750e-22
        """
        distances, others, dtype = self._second_pass(block)
        distances -= np.log1p(others)
        return distances.astype(dtype, copy=False)[()]

    def _checked(self, block: ArrayLike) -> tuple[Floats, tuple[int, ...]]:
        """Check that a block fits those before; give its floats, and its axes counted from 0."""
        x = _as_floats(block, "block")
        axes = _as_axes(self.axis, x.ndim)
        kept = tuple(n for i, n in enumerate(x.shape) if i not in axes)
        if self._dtype is not None and kept != self._sum.top.shape:
            raise ValueError(
                f"block must have the shape {self._sum.top.shape} without axis {self.axis}, as before, "
                f"got {kept} from a block of shape {x.shape}"
            )
        return x, axes

    def _second_pass(self, block: ArrayLike) -> tuple[Floats, Floats, np.dtype[Any]]:
        """Give a block minus the maximum, as an array to overwrite, the others in the sum, and the result's dtype."""
        x, axes = self._checked(block)
        dtype = _wider(self._dtype, x.dtype)
        working = _working_dtype(dtype)
        top = np.expand_dims(self._sum.top, axes).astype(working)
        others = np.expand_dims(_others(self._sum), axes).astype(working)
        top[np.isneginf(top)] = np.nan  # no share of nothing
        return np.asarray(_below(x.astype(working, copy=False), top)), others, dtype


class _Sum(NamedTuple):
    """The sums of exponentials e^top + (rest + carry) e^mark, where the mark is `_mark` of the top."""

    top: Floats
    rest: Floats
    carry: Floats  # the digits that the rest has no room for


_STEP = 8.0  # e^8 is small enough for any sum, and two tops within a step of each other have an exact difference


def _mark(top: Floats) -> Floats:
    """Round to a multiple of the step. All tops near one mark share it, so their sums add without rescaling."""
    return np.rint(top / _STEP) * _STEP


def _below(x: Floats, top: Floats) -> Floats:
    """Subtract; two infinities that are equal have no distance."""
    distance = x - top
    return np.where(x == top, distance.dtype.type(0), distance) if np.isinf(top).any() else distance


def _others(total: _Sum) -> Floats:
    """Give the sum of the exponentials below the top, in units of that of the top."""
    return (total.rest + total.carry) / np.exp(_below(total.top, _mark(total.top)))


def _sum_of(x: Floats, axes: tuple[int, ...]) -> _Sum:
    """Sum the exponentials of a block. What is left is at least float64, since it is little."""
    top, rest = (part.squeeze(axes).astype(np.result_type(x, np.float64)) for part in _top_and_rest(x, axes))
    rest = np.where(np.isneginf(top), 0, rest)  # NaN would outlive the −inf: here it adds nothing to what follows
    return _Sum(top, rest * np.exp(_below(top, _mark(top))), np.zeros_like(rest))


def _plus(a: _Sum, b: _Sum) -> _Sum:
    """Add two sums: both rests, and the lower of the two tops."""
    top, scale_a, scale_b = _meet(a.top, b.top)
    rest, lost = _two_sum(a.rest * scale_a, b.rest * scale_b)
    rest, lost_too = _two_sum(rest, np.exp(_below(np.minimum(a.top, b.top), _mark(top))))
    return _Sum(top, rest, a.carry * scale_a + b.carry * scale_b + lost + lost_too)


def _meet(a: Floats, b: Floats) -> tuple[Floats, Floats, Floats]:
    """Give the larger of two tops, and the factors that turn sums from the mark of each into sums from its mark."""
    top = np.maximum(a, b)
    mark = _mark(top)
    return top, np.exp(_below(_mark(a), mark)), np.exp(_below(_mark(b), mark))


def _two_sum(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Add, and give also what the rounding of the sum lost, exactly (Knuth)."""
    total = a + b
    b_in_total = total - a
    return total, (a - (total - b_in_total)) + (b - b_in_total)


def _wider(a: np.dtype[Any] | None, b: np.dtype[Any]) -> np.dtype[Any]:
    return b if a is None else np.result_type(a, b)
