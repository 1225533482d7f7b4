"""The book's language model, which writes: its candidates for the next token, what cuts them, and draws."""

import base64
import json
import re
import sys
from functools import cache

import numpy as np

from minisoftmax import core
from minisoftmax import sampling as filters
from minisoftmax._arguments import Floats
from minisoftmax.data import LanguageModel, load_language_model
from minisoftmax.explorers import checks, drawing
from minisoftmax.explorers.explorer import Explorer, Height
from minisoftmax.explorers.words import _
from minisoftmax.explorers.writer_explorer import picture

CAPTION = "The model writes: draw a token, and see the next candidates"
HEIGHT = Height(desk=760, phone=840, narrow=918)
SHARES = ["candidates"]
ORDERS = ["heat, then cut", "cut, then heat"]
_TOKEN = re.compile(r"[a-z]+|[.,?]")


def writer(
    start: str = "in the morning",
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    order: str = "heat, then cut",
    seed: int = 1,
) -> Explorer:
    """Let the language model of `minisoftmax.data.load_language_model` write, token by token.

    Parameters
    ----------
    start : str, default "in the morning"
        At least three tokens that the model knows: words, full stops, commas, question marks.
    temperature : float, default 1.0
        The *T* ≥ 0 to start with; 0 and inf are the limits.
    top_k : int, optional
        How many of the likeliest to keep, at least 1; ties with the last are kept too.
    top_p : float, optional
        Then: which mass to keep at least, above 0 and at most 1.
    min_p : float, optional
        Then: the least probability to keep, as a share of the largest, from 0 to 1.
    order : {"heat, then cut", "cut, then heat"}
        Whether the temperature comes before what cuts, as in `minisoftmax.sampling.sample`, or after it.
    seed : int, default 1
        From 0 to a million. With the same seed, settings and start, the same text comes again.

    Returns
    -------
    Explorer
        The figure.

    Raises
    ------
    TypeError
        If an argument has the wrong type.
    ValueError
        If ``start`` has fewer than three tokens, or one that the model does not know, or a setting is out of its range.

    References
    ----------
    A. Mnih, G. Hinton (2007). Three new graphical models for statistical language modelling. ICML 2007, 641–648.

    Examples
    --------
    >>> from minisoftmax import explorers
    >>> explorers.writer("The cat was", top_k=3)
    <writer explorer: the cat was … in 0.356, where 0.353, not 0.291 after temperature 1; then top-k 3>
    """
    model = load_language_model()
    words = _TOKEN.findall(checks.text(start, "start").lower())
    if len(words) < 3:
        raise ValueError(f"start must have at least 3 tokens, got {start!r}")
    if unknown := [word for word in words if word not in model.vocabulary]:
        raise ValueError(f"start must have tokens of the vocabulary, got {unknown[0]!r}")
    scale = checks.number(temperature, "temperature", 0, np.inf)
    k = None if top_k is None else checks.whole(top_k, "top_k", 1, sys.maxsize)
    p = None if top_p is None else checks.number(top_p, "top_p", 0, 1)
    if p == 0:
        raise ValueError(f"top_p must be above 0 and at most 1, got {top_p}")
    m = None if min_p is None else checks.number(min_p, "min_p", 0, 1)
    if order not in ORDERS:
        raise ValueError(f"order must be one of {ORDERS}, got {order!r}")
    settings = {"start": " ".join(words), "temperature": checks.as_json(scale), "top_k": k, "top_p": p, "min_p": m}
    settings |= {"order": order, "seed": checks.whole(seed, "seed", 0, 1_000_000)}

    def cut(z: Floats) -> Floats:
        z = z if k is None else filters.top_k(z, k)
        z = z if p is None else filters.top_p(z, p)
        return filters.min_p(z, m) if m else z

    z = core.log_softmax(model.logits(words))
    if order == ORDERS[0]:
        shares = core.softmax(cut(core.log_softmax(z, temperature=scale)))
    else:
        shares = core.softmax(cut(z), temperature=scale)
    best = np.argsort(-shares.round(9), kind="stable")[:10]
    shown = [(model.vocabulary[i], float(shares[i])) for i in best.tolist() if shares[i] > 0]
    applied = drawing.applied(scale, k, p, m)
    first = ", ".join(f"{word} {share:.3f}" for word, share in shown[:3])
    summary = _("{start} … {shares} after {applied}", start=settings["start"], shares=first, applied=applied)
    return Explorer("writer", settings, picture.draw(str(settings["start"]), shown, applied), summary)


@cache
def data() -> dict[str, str]:
    """Give the model to the page, once: its numbers in single precision, as they are stored."""
    model: LanguageModel = load_language_model()
    arrays = {"E": model.E, "R": model.R, "b": model.b}
    numbers = {name: base64.b64encode(array.astype("<f4").tobytes()).decode() for name, array in arrays.items()}
    stored = json.dumps({"vocabulary": model.vocabulary, **numbers}, separators=(",", ":"))
    return {"language_model": f"globalThis.minisoftmax.languageModel ??= {stored};\n"}
