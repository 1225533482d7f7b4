"""Figures to try: each call gives one, which a notebook shows as the last value of a cell.

They are custom elements in plain JavaScript that show the same numbers as the package, in JupyterLab and in the built
book. Where no script runs, and in print, a picture takes their place.
"""

import operator
import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minisoftmax import core
from minisoftmax.explorers import _pictures as pictures
from minisoftmax.explorers._figure import Explorer
from minisoftmax.sampling import min_p as min_p_of
from minisoftmax.sampling import top_k as top_k_of
from minisoftmax.sampling import top_p as top_p_of

__all__ = ["Explorer", "attention", "boundary", "sampling", "softmax", "stability"]

_FORMATS = ("float16", "bfloat16", "float32", "float64")
_PLANE = 3.0  # the plane of `boundary` is drawn from −3 to 3

_LARGEST = 1000.0
"""The largest number that a figure takes: room enough for every format but float64, and still readable."""


def softmax(logits: ArrayLike, labels: Sequence[str] | None = None, *, temperature: float = 1.0) -> Explorer:
    r"""Show bars to drag: scores, their exponentials and their probabilities, with a temperature.

    .. math:: p_i = \frac{e^{z_i / T}}{\sum_j e^{z_j / T}}

    Beside them stand the odds of any two options and the entropy.

    Parameters
    ----------
    logits : array_like of real numbers, shape (K,)
        The scores to start with, 2 to 8 of them, from −1000 to 1000.
    labels : sequence of K strings, optional
        What is scored; the numbers from 1 if not given.
    temperature : float, default 1.0
        The *T* ≥ 0 to start with, as in `minisoftmax.core.softmax`; 0 and inf are the limits.

    Returns
    -------
    Explorer
        The figure.

    Raises
    ------
    TypeError
        If ``logits`` does not hold real numbers, or ``labels`` no strings.
    ValueError
        If there are too few or too many logits, one is too large or not finite, the labels are not as many, or
        ``temperature`` is negative or NaN.

    Examples
    --------
    >>> from minisoftmax import explorers
    >>> explorers.softmax(logits=[2.0, 1.0, 0.0], labels=["mat", "sofa", "moon"], temperature=0.5)
    <softmax explorer: mat 0.867, sofa 0.117, moon 0.016 at temperature 0.5>
    """
    z = _numbers(logits, "logits", 1, 2, 8)
    names = _labels(labels, "labels", len(z))
    scale = _number(temperature, "temperature", 0, np.inf)
    p = core.softmax(z, temperature=scale)
    settings = {"logits": z.tolist(), "labels": names, "temperature": _json(scale)}
    summary = ", ".join(f"{name} {value:.3f}" for name, value in zip(names, p, strict=True))
    return Explorer("softmax", settings, pictures.softmax(z, names, scale, p), f"{summary} at temperature {scale:g}")


def sampling(
    logits: ArrayLike,
    labels: Sequence[str],
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    prompt: str = "",
) -> Explorer:
    """Show the candidates for the next word: what each filter keeps of them, and draws from what is left.

    Parameters
    ----------
    logits : array_like of real numbers, shape (K,)
        The scores, 2 to 20 of them, from −1000 to 1000.
    labels : sequence of K strings
        The words.
    temperature : float, default 1.0
        The *T* ≥ 0 to start with; it comes before the filters.
    top_k : int, optional
        How many of the likeliest to keep, at least 1; ties with the last are kept too.
    top_p : float, optional
        Then: which mass to keep at least, above 0 and at most 1.
    min_p : float, optional
        Then: the least probability to keep, as a share of the largest, from 0 to 1.
    prompt : str, default ""
        The text that the word continues.

    Returns
    -------
    Explorer
        The figure.

    Raises
    ------
    TypeError
        If an argument has the wrong type.
    ValueError
        If there are too few or too many logits, one is too large or not finite, the labels are not as many, or a
        setting is out of its range.

    References
    ----------
    A. Holtzman, J. Buys, L. Du, M. Forbes, Y. Choi (2020). The curious case of neural text degeneration. ICLR 2020.

    Examples
    --------
    >>> from minisoftmax import explorers
    >>> explorers.sampling([2.0, 1.0, 0.0], ["mat", "sofa", "moon"], top_k=2, prompt="The cat sat on the")
    <sampling explorer: mat 0.731, sofa 0.269 after temperature 1; then top-k 2>
    """
    z = _numbers(logits, "logits", 1, 2, 20)
    names = _labels(labels, "labels", len(z))
    scale = _number(temperature, "temperature", 0, np.inf)
    k = None if top_k is None else _whole(top_k, "top_k", 1, sys.maxsize)
    p = None if top_p is None else _number(top_p, "top_p", 0, 1)
    if p == 0:
        raise ValueError(f"top_p must be above 0 and at most 1, got {top_p}")
    m = None if min_p is None else _number(min_p, "min_p", 0, 1)
    settings = {"logits": z.tolist(), "labels": names, "prompt": _text(prompt, "prompt"), "temperature": _json(scale)}
    settings |= {"top_k": k, "top_p": p, "min_p": m}
    filters = [f"{name} {x:g}" for name, x in (("top-k", k), ("top-p", p), ("min-p", m)) if x is not None]
    left = core.log_softmax(z, temperature=scale)
    left = left if k is None else top_k_of(left, k)
    left = left if p is None else top_p_of(left, p)
    left = min_p_of(left, m) if m else left
    before, after = core.softmax(z, temperature=scale), core.softmax(left)
    kept = [f"{name} {share:.3f}" for name, share in zip(names, after, strict=True) if share > 0]
    applied = "; then ".join([f"temperature {scale:g}", *filters])
    picture = pictures.sampling(names, before, after, applied, prompt)
    return Explorer("sampling", settings, picture, f"{', '.join(kept)} after {applied}")


def stability(logit: float = 12.0, dtype: str = "float16") -> Explorer:
    r"""Show softmax in a number format, every step rounded: as it is written, and with the maximum subtracted first.

    .. math:: \frac{e^{z_i}}{\sum_j e^{z_j}} = \frac{e^{z_i - m}}{\sum_j e^{z_j - m}}, \qquad m = \max_j z_j

    The logits are *x* and *x* − 1. A second table has the log-probability of the first of the logits *x* and 0, with
    and without ``log1p``.

    Parameters
    ----------
    logit : float, default 12.0
        The *x* to start with, from −1000 to 1000.
    dtype : {"float16", "bfloat16", "float32", "float64"}, default "float16"
        The format to start with.

    Returns
    -------
    Explorer
        The figure.

    Raises
    ------
    TypeError
        If ``logit`` is not one real number.
    ValueError
        If ``logit`` is out of its range or ``dtype`` none of these.

    References
    ----------
    P. Blanchard, D. J. Higham, N. J. Higham (2021). Accurately computing the log-sum-exp and softmax functions.
    IMA Journal of Numerical Analysis 41(4), 2311–2330.

    Examples
    --------
    >>> from minisoftmax import explorers
    >>> explorers.stability(logit=12.0, dtype="float16")
    <stability explorer: logits 12 and 11 in float16; right are 0.731 and 0.269>
    """
    x = _number(logit, "logit", -_LARGEST, _LARGEST)
    if dtype not in _FORMATS:
        raise ValueError(f"dtype must be one of {', '.join(_FORMATS)}, got {dtype!r}")
    settings = {"logit": x, "dtype": dtype}
    summary = f"logits {x:g} and {x - 1:g} in {dtype}; right are 0.731 and 0.269"
    return Explorer("stability", settings, pictures.stability(x, dtype), summary)


def attention(
    tokens: Sequence[str],
    query: ArrayLike,
    key: ArrayLike,
    heads: Sequence[str] | None = None,
    *,
    causal: bool = False,
    scale: float | None = None,
    word: int = -1,
) -> Explorer:
    r"""Show a sentence whose words look at each other: choose one, and see the row of its softmax.

    .. math:: \operatorname{softmax}(\text{scale} \cdot \mathbf{Q} \mathbf{K}^\top)

    Parameters
    ----------
    tokens : sequence of L strings
        The words, 2 to 16.
    query, key : array_like of real numbers, shape (H, L, d) or (L, d)
        What each head asks and offers, from −1000 to 1000.
    heads : sequence of H strings, optional
        Names for the heads; by default “head 1” and so on.
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
    >>> explorers.attention(["it", "sat"], query=[[1.0, 0.0], [0.0, 1.0]], key=[[0.0, 2.0], [1.0, 0.0]])
    <attention explorer: it → sat 0.670, sat → it 0.804>
    """
    names = _labels(tokens, "tokens", _length(tokens, "tokens", 2, 16))
    asked, offered = _heads(query, "query", len(names)), _heads(key, "key", len(names))
    if asked.shape != offered.shape:
        raise ValueError(f"key must have the shape of query, {asked.shape}, got {offered.shape}")
    count, length, size = asked.shape
    titles = _labels(heads, "heads", count) if heads is not None else [f"head {i + 1}" for i in range(count)]
    if not isinstance(causal, bool | np.bool_):
        raise TypeError(f"causal must be True or False, got {causal!r}")
    factor = size**-0.5 if scale is None else _number(scale, "scale", 0, _LARGEST)
    first = _whole(word, "word", -length, length - 1)
    mask = np.tri(length, dtype=bool) if causal else None
    weights = core.softmax(asked @ offered.swapaxes(1, 2) * factor, where=mask)
    settings = {"tokens": names, "query": asked.tolist(), "key": offered.tolist(), "heads": titles}
    settings |= {"causal": bool(causal), "scale": factor, "word": first}
    best = weights[0].round(9).argmax(axis=1)  # rounding errors must not decide a tie
    most = zip(names, best, weights[0].max(axis=1), strict=True)
    summary = ", ".join(f"{name} → {names[at]} {share:.3f}" for name, at, share in most)
    return Explorer("attention", settings, pictures.attention(names, weights[0], titles[0]), summary)


def boundary(
    vectors: ArrayLike, labels: Sequence[str] | None = None, *, temperature: float = 1.0, point: ArrayLike = (0.5, 0.5)
) -> Explorer:
    r"""Show three classes in the plane: a vector for each to drag, the probabilities as color, lines of balance.

    .. math:: p_k(\mathbf{x}) = \operatorname{softmax}(\mathbf{W} \mathbf{x} / T)_k

    Parameters
    ----------
    vectors : array_like of real numbers, shape (3, 2)
        The rows of **W**, each coordinate from −3 to 3.
    labels : sequence of 3 strings, optional
        The names of the classes; the numbers from 1 if not given.
    temperature : float, default 1.0
        The *T* ≥ 0 to start with.
    point : array_like of real numbers, shape (2,), default (0.5, 0.5)
        The place **x** where the probabilities are shown.

    Returns
    -------
    Explorer
        The figure.

    Raises
    ------
    TypeError
        If an argument has the wrong type.
    ValueError
        If a shape does not fit, or a number is out of its range or not finite.

    Examples
    --------
    >>> from minisoftmax import explorers
    >>> explorers.boundary([[1.5, 0.5], [-1.0, 1.0], [-0.5, -1.5]], ["cat", "dog", "owl"])
    <boundary explorer: cat 0.665, dog 0.245, owl 0.090 at (0.5, 0.5)>
    """
    w = _numbers(vectors, "vectors", 2, 3, 3, limit=_PLANE)
    if w.shape[1] != 2:
        raise ValueError(f"vectors must have shape (3, 2), got {w.shape}")
    x = _numbers(point, "point", 1, 2, 2, limit=_PLANE)
    names = _labels(labels, "labels", 3)
    scale = _number(temperature, "temperature", 0, np.inf)
    settings = {"vectors": w.tolist(), "labels": names, "temperature": _json(scale), "point": x.tolist()}
    p = core.softmax(w @ x, temperature=scale)
    summary = ", ".join(f"{name} {share:.3f}" for name, share in zip(names, p, strict=True))
    return Explorer("boundary", settings, pictures.boundary(w, names, scale), f"{summary} at ({x[0]:g}, {x[1]:g})")


def _numbers(
    values: ArrayLike, name: str, ndim: int, least: int, most: int, *, limit: float = _LARGEST
) -> NDArray[np.float64]:
    """Check an array that a figure is to show: its axes, its first length, and that all of it can be drawn."""
    array = core._as_floats(values, name).astype(np.float64)
    if array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} {'axis' if ndim == 1 else 'axes'}, got shape {array.shape}")
    if not least <= len(array) <= most:
        allowed = f"{least}" if least == most else f"{least} to {most}"
        raise ValueError(f"{name} must have length {allowed}, got {len(array)}")
    fits = np.abs(array) <= limit
    if not fits.all():
        raise ValueError(f"{name} must be from −{limit:g} to {limit:g}, got {array[~fits].flat[0]}")
    return array + 0.0  # −0 is 0


def _heads(values: ArrayLike, name: str, length: int) -> NDArray[np.float64]:
    """Check queries or keys, and give them with an axis of heads."""
    array = core._as_floats(values, name)
    heads = array[None] if array.ndim == 2 else array
    if heads.ndim != 3 or heads.shape[1] != length or 0 in heads.shape:
        raise ValueError(f"{name} must have shape (H, {length}, d) or ({length}, d), got {array.shape}")
    return _numbers(heads, name, 3, 1, 16)


def _number(value: float, name: str, low: float, high: float) -> float:
    array = core._as_floats(value, name)
    if array.ndim:
        raise TypeError(f"{name} must be one number, got shape {array.shape}")
    number = float(array)
    if not low <= number <= high:
        raise ValueError(f"{name} must be {_range(low, high)}, got {number}")
    return number + 0.0


def _whole(value: int, name: str, low: int, high: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an int, got {value!r}") from None
    if not low <= number <= high:
        raise ValueError(f"{name} must be {_range(low, high)}, got {number}")
    return number


def _range(low: float, high: float) -> str:
    return f">= {low:g}" if high >= sys.maxsize else f"from {low:g} to {high:g}".replace("-", "−")


def _text(value: str, name: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, got {value!r}")
    return str(value)


def _length(words: Sequence[str], name: str, least: int, most: int) -> int:
    if isinstance(words, str) or not isinstance(words, Sequence):
        raise TypeError(f"{name} must be a sequence of strings, got {words!r}")
    if not least <= len(words) <= most:
        raise ValueError(f"{name} must have length {least} to {most}, got {len(words)}")
    return len(words)


def _labels(labels: Sequence[str] | None, name: str, count: int) -> list[str]:
    if labels is None:
        return [str(i + 1) for i in range(count)]
    if isinstance(labels, str) or not isinstance(labels, Sequence) or not all(isinstance(x, str) for x in labels):
        raise TypeError(f"{name} must be a sequence of strings, got {labels!r}")
    if len(labels) != count:
        raise ValueError(f"{name} must have length {count}, got {len(labels)}")
    return [str(label) for label in labels]


def _json(temperature: float) -> float | str:
    """JSON has no infinity."""
    return "inf" if temperature == np.inf else temperature
