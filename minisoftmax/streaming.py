"""Softmax over data that comes in blocks: too large for memory, still arriving, or spread over several workers.

What is kept of a slice is its *maximum*, and the *rest*: the sum of e^(x − maximum) over all entries but the largest.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minisoftmax import _arguments as check
from minisoftmax._arguments import Axis, Floats, require, working_dtype
from minisoftmax.core import log_softmax

__all__ = ["OnlineLogSumExp"]


class OnlineLogSumExp:
    r"""A log-sum-exp that sees its data block by block, and normalizes the blocks in a second pass.

    .. math:: \operatorname{logsumexp}(x) = m + \log \sum_j e^{x_j - m}, \qquad m = \max_j x_j

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import OnlineLogSumExp
    >>> state = OnlineLogSumExp()
    >>> for block in ([1000.0, 1001.0], [1002.0]):
    ...     state = state.update(block)
    >>> print(state.logsumexp.round(6))
    1002.407606

    A second pass gives the probabilities:

    >>> print(state.softmax([1000.0, 1001.0]).round(6), state.softmax([1002.0]).round(6))
    [0.090031 0.244728] [0.665241]

    Parameters
    ----------
    axis : int, tuple of ints or None, default -1
        What to sum over in each block; None is the whole block.

    See Also
    --------
    minisoftmax.core.logsumexp : The same of an array that is in memory.

    Notes
    -----
    Blocks are added in float64 at least, so those of float32 are right to 2 eps, however many. In float64 each update
    rounds once more: 3,000 blocks of one entry were off by up to 4 eps in random order, by 12 in ascending order, and
    by 2 where they were merged in pairs, and pairs of pairs.

    Memory: two numbers for each slice and, in an update, a few copies of its block.

    References
    ----------
    M. Milakov, N. Gimelshein (2018). Online normalizer calculation for softmax. arXiv:1805.02867.
    """

    def __init__(self, axis: Axis = -1) -> None:
        self.axis = axis
        self._count = 0
        self._ndim: int | None = None  # of the blocks, unknown before the first
        self._dtype: np.dtype[Any] | None = None  # of the result
        self._maximum: Floats = np.array(-np.inf)
        self._rest: Floats = np.array(0.0)

    def __repr__(self) -> str:
        """Say what was seen, in numbers."""
        seen = "" if self._dtype is None else f", shape={self._maximum.shape}, dtype={self._dtype}"
        return f"<OnlineLogSumExp axis={self.axis}, count={self._count}{seen}>"

    @property
    def count(self) -> int:
        """The number of entries seen in each slice."""
        return self._count

    @property
    def maximum(self) -> Floats:
        """The largest entry of each slice, in the shape and dtype of `logsumexp`; −inf for nothing."""
        return self._maximum.astype(self._dtype or np.float64)[()]

    @property
    @np.errstate(all="ignore")
    def logsumexp(self) -> Floats:
        """The log-sum-exp of all that was seen, without ``axis``; −inf for nothing."""
        return np.asarray(self._maximum + np.log1p(self._rest)).astype(self._dtype or np.float64)[()]

    @np.errstate(all="ignore")
    def update(self, block: ArrayLike) -> OnlineLogSumExp:
        """Add a block of data.

        Parameters
        ----------
        block : array_like of real numbers
            Of any length along ``axis``; its other axes are those of the blocks before. Values and dtypes as in
            `minisoftmax.core.softmax`; the widest dtype is that of the result.

        Returns
        -------
        OnlineLogSumExp
            The object itself.

        Raises
        ------
        TypeError
            As in `minisoftmax.core.softmax`.
        ValueError
            If the other axes of ``block`` do not match, or it lacks an axis (``AxisError``).
        """
        x, axes, _ = self._checked(block)
        wide = np.result_type(x, np.float64)
        logs = log_softmax(x.astype(working_dtype(x.dtype), copy=False), axes)
        # The logarithm of the largest probability is −log(1 + rest), with all digits of the rest.
        maximum, log_p = (np.max(a, axis=axes, initial=-np.inf).astype(wide) for a in (x, logs))
        rest = np.where(np.isneginf(maximum), 0, np.expm1(-log_p))
        self._maximum, self._rest = _joined(self._maximum, self._rest, maximum, rest)
        self._count += math.prod(x.shape[i] for i in axes)
        self._ndim, self._dtype = x.ndim, self._wider(x.dtype)
        return self

    @np.errstate(all="ignore")
    def merge(self, other: OnlineLogSumExp) -> OnlineLogSumExp:
        """Join what two objects have seen, in a new one.

        Examples
        --------
        >>> from minisoftmax import OnlineLogSumExp
        >>> left, right = OnlineLogSumExp().update([1000.0]), OnlineLogSumExp().update([1001.0, 1002.0])
        >>> print(left.merge(right).logsumexp.round(6))
        1002.407606

        Parameters
        ----------
        other : OnlineLogSumExp
            Over the same axes, of blocks with the same other axes; or one that has seen nothing.

        Returns
        -------
        OnlineLogSumExp
            The order makes no difference but for rounding.

        Raises
        ------
        TypeError
            If ``other`` is something else.
        ValueError
            If the axes, or the shapes of the results, differ.
        """
        if not isinstance(other, OnlineLogSumExp):
            raise TypeError(f"other must be an OnlineLogSumExp, got {type(other).__name__}")
        seen = [ndim for ndim in (self._ndim, other._ndim) if ndim is not None] or [64]  # the most axes in NumPy
        same = self.axis == other.axis or self._summed(seen[0]) == other._summed(seen[-1])
        require(same, other.axis, f"other must have axis {self.axis}, or its equivalent")
        ours, theirs = self._maximum.shape, other._maximum.shape
        require(len(seen) < 2 or ours == theirs, theirs, f"other must have a result of shape {ours}")
        both = OnlineLogSumExp(self.axis)
        both._count = self._count + other._count
        both._ndim = other._ndim if self._ndim is None else self._ndim
        both._dtype = self._dtype if other._dtype is None else self._wider(other._dtype)
        both._maximum, both._rest = _joined(self._maximum, self._rest, other._maximum, other._rest)
        return both

    @np.errstate(all="ignore")
    def softmax(self, block: ArrayLike) -> Floats:
        """Give the probabilities of a block among all that was seen.

        Parameters
        ----------
        block : array_like of real numbers
            One that was seen, here or before a merge.

        Returns
        -------
        ndarray
            Of the shape of ``block``, in the widest dtype seen; sums to 1 over all blocks. NaN where nothing above −inf
            was seen.

        Raises
        ------
        TypeError, ValueError
            As in `update`.
        """
        shifted, rest, dtype = self._second_pass(block)
        np.exp(shifted, out=shifted)
        shifted /= 1 + rest
        return shifted.astype(dtype, copy=False)[()]

    @np.errstate(all="ignore")
    def log_softmax(self, block: ArrayLike) -> Floats:
        """Give the log-probabilities of a block among all that was seen, in nats.

        Parameters
        ----------
        block : array_like of real numbers
            As in `softmax`.

        Returns
        -------
        ndarray
            As in `softmax`.

        Raises
        ------
        TypeError, ValueError
            As in `update`.

        Examples
        --------
        >>> from minisoftmax import OnlineLogSumExp
        >>> state = OnlineLogSumExp().update([0.0]).update([50.0])
        >>> print(f"{state.log_softmax([50.0])[0]:.6e}")
        -1.928750e-22
        """
        shifted, rest, dtype = self._second_pass(block)
        shifted -= np.log1p(rest)
        return shifted.astype(dtype, copy=False)[()]

    def _checked(self, block: ArrayLike) -> tuple[Floats, tuple[int, ...], tuple[int, ...]]:
        """Check that a block fits those before; give its floats, its axes from 0, and its shape without them."""
        x = check.as_floats(block, "block")
        axes = check.as_axes(self.axis, x.ndim)
        kept = tuple(n for i, n in enumerate(x.shape) if i not in axes)
        rule = f"block must have the shape {self._maximum.shape} without axis {self.axis}, as before"
        require(self._ndim is None or kept == self._maximum.shape, f"{kept} from a block of shape {x.shape}", rule)
        return x, axes, kept

    def _second_pass(self, block: ArrayLike) -> tuple[Floats, Floats, np.dtype[Any]]:
        """Give a block minus the maximum, as an array to overwrite, the rest, and the dtype of the result."""
        x, axes, kept = self._checked(block)
        dtype = self._wider(x.dtype)
        maximum, rest = (
            np.expand_dims(np.broadcast_to(a, kept), axes).astype(working_dtype(dtype))
            for a in (self._maximum, self._rest)
        )
        maximum[np.isneginf(maximum)] = np.nan  # no share of nothing
        return _below(x.astype(working_dtype(dtype), copy=False), maximum), rest, dtype

    def _summed(self, ndim: int) -> tuple[int, ...] | None:
        """Give the axes of a block of so many axes, counted from 0; None if they are all."""
        axes = check.as_axes(self.axis, ndim)
        return None if len(axes) == ndim else axes

    def _wider(self, dtype: np.dtype[Any]) -> np.dtype[Any]:
        return dtype if self._dtype is None else np.result_type(self._dtype, dtype)


def _joined(top_a: Floats, rest_a: Floats, top_b: Floats, rest_b: Floats) -> tuple[Floats, Floats]:
    """Add two sums e^top (1 + rest): both rests, and the 1 of the lower top."""
    top = np.maximum(top_a, top_b)
    lower = np.exp(_below(np.minimum(top_a, top_b), top))
    return top, rest_a * np.exp(_below(top_a, top)) + rest_b * np.exp(_below(top_b, top)) + lower


def _below(x: Floats, top: Floats) -> NDArray[Any]:
    """Subtract; an infinity is not below itself."""
    shifted = np.asarray(x - top)
    if np.isinf(top).any():
        shifted[x == top] = 0
    return shifted
