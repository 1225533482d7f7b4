"""A sentence whose words look at each other."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minisoftmax import core
from minisoftmax.explorers import checks
from minisoftmax.explorers.attention_explorer import picture
from minisoftmax.explorers.explorer import Explorer, Height
from minisoftmax.explorers.words import _

CAPTION = "Attention: choose a word, and see where it looks"
HEIGHT = Height(desk=569, phone=928, narrow=949)
SHARES = ["plane"]


def attention(
    tokens: Sequence[str],
    query: ArrayLike,
    key: ArrayLike,
    heads: Sequence[str] | None = None,
    *,
    value: ArrayLike | None = None,
    causal: bool = False,
    scale: float | None = None,
    word: int = -1,
) -> Explorer:
    r"""Show a sentence whose words look at each other: choose one, and see the row of its softmax, and its answer.

    .. math:: \operatorname{softmax}(\text{scale} \cdot \mathbf{Q} \mathbf{K}^\top) \, \mathbf{V}

    Parameters
    ----------
    tokens : sequence of L strings
        The words, 2 to 16.
    query, key : array_like of real numbers, shape (H, L, d) or (L, d)
        What each head asks and offers, from −1000 to 1000. With d = 2 they are arrows in a plane, which can be moved.
    heads : sequence of H strings, optional
        Names for the heads; by default “head 1” and so on.
    value : array_like of real numbers, shape (H, L, 2) or (L, 2), optional
        What each word tells, from −1000 to 1000: arrows in another plane, which the weights mix into the answer.
    causal : bool, default False
        Whether a word sees only itself and what is before it.
    scale : float, optional
        The factor of the scores to start with, ≥ 0; 1/√d if not given.
    word : int, default -1
        The number of the word that looks first; from the end if negative.

    Returns
    -------
    Explorer
        The figure.

    Raises
    ------
    TypeError
        If an argument has the wrong type.
    ValueError
        If shapes do not fit, there are too many tokens, or a number is out of its range or not finite.

    References
    ----------
    A. Vaswani, N. Shazeer, N. Parmar, J. Uszkoreit, L. Jones, A. N. Gomez, Ł. Kaiser, I. Polosukhin (2017). Attention
    is all you need. NeurIPS 30.

    Examples
    --------
    >>> from minisoftmax import explorers
    >>> explorers.attention(
    ...     ["it", "sat"],
    ...     query=[[1.0, 0.0], [0.0, 1.0]],
    ...     key=[[0.0, 2.0], [1.0, 0.0]],
    ...     value=[[1.0, 0.0], [0.0, 1.0]],
    ... )
    <attention explorer: it → sat 0.670, sat → it 0.804>
    """
    names = checks.labels(tokens, "tokens", checks.length(tokens, "tokens", 2, 16))
    asked, offered = _heads(query, "query", len(names)), _heads(key, "key", len(names))
    if asked.shape != offered.shape:
        raise ValueError(f"key must have the shape of query, {asked.shape}, got {offered.shape}")
    count, length, size = asked.shape
    numbered = [_("head {number}", number=i + 1) for i in range(count)]
    titles = checks.labels(heads, "heads", count) if heads is not None else numbered
    if not isinstance(causal, bool | np.bool_):
        raise TypeError(f"causal must be True or False, got {causal!r}")
    factor = size**-0.5 if scale is None else checks.number(scale, "scale", 0, checks.LARGEST)
    first = checks.whole(word, "word", -length, length - 1)
    mask = np.tri(length, dtype=bool) if causal else None
    weights = core.softmax(asked @ offered.swapaxes(1, 2) * factor, where=mask)
    settings = {"tokens": names, "query": asked.tolist(), "key": offered.tolist(), "heads": titles}
    settings |= {"causal": bool(causal), "scale": factor, "word": first}
    answers = None
    if value is not None:
        told = _heads(value, "value", len(names))
        if told.shape != (count, length, 2):
            raise ValueError(f"value must have shape {(count, length, 2)}, got {told.shape}")
        settings["value"] = told.tolist()
        answers = weights[0] @ told[0]
    best = weights[0].round(9).argmax(axis=1)  # rounding errors must not decide a tie
    most = zip(names, best, weights[0].max(axis=1), strict=True)
    summary = ", ".join(f"{name} → {names[at]} {share:.3f}" for name, at, share in most)
    return Explorer("attention", settings, picture.draw(names, weights[0], titles[0], answers), summary)


def _heads(values: ArrayLike, name: str, length: int) -> NDArray[np.float64]:
    """Check queries, keys or values, and give them with an axis of heads."""
    array = checks.floats(values, name)
    heads = array[None] if array.ndim == 2 else array
    if heads.ndim != 3 or heads.shape[1] != length or 0 in heads.shape:
        raise ValueError(f"{name} must have shape (H, {length}, d) or ({length}, d), got {array.shape}")
    return checks.numbers(heads, name, 3, 1, 16)
