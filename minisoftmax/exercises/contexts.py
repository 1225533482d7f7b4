"""The exercises of the chapter on long contexts."""

import numpy as np
from numpy.typing import NDArray

from minisoftmax.attention import causal_mask
from minisoftmax.exercises._exercise import Exercise, Mistake, in_words

__all__ = ["EXERCISES"]

Array = NDArray[np.float64]


def _with_one(z: Array) -> Array:
    """Give the softmax with a 1 added to its denominator."""
    top = max(float(z.max()), 0.0)
    e = np.exp(z - top)
    result: Array = e / (np.exp(-top) + e.sum())
    return result


def _shifted(z: Array, one: float) -> Array:
    e = np.exp(z - z.max())
    result: Array = e / (one + e.sum())
    return result


def _needed(n: int, p: float) -> float:
    return float(np.log((n - 1) * p / (1 - p)))


def _merge(m1: float, s1: float, o1: Array, m2: float, s2: float, o2: Array) -> Array:
    first, second = s1 * np.exp(m1 - max(m1, m2)), s2 * np.exp(m2 - max(m1, m2))
    result: Array = (first * o1 + second * o2) / (first + second)
    return result


def _bytes(layers: int = 48, shared: int = 4, tokens: int = 32_768) -> Exercise:
    gibibytes = 4 * layers * shared * 128 * tokens / 2**30
    return Exercise(
        name="contexts.bytes",
        title="Bytes",
        question=(
            "A model has {layers} layers and 32 query heads of size 128, which share {shared} key–value heads. A "
            "number takes two bytes. How many GiB (of $2^{{30}}$ bytes) does its key–value cache take for {tokens:,} "
            "tokens?"
        ),
        goal="say what a key–value cache keeps, count its bytes, and mask with it",
        level=1,
        minutes=4,
        answer="gibibytes",
        solution=gibibytes,
        tolerance=2e-3,
        why="Twice that for two users, and so on: the cache, and not the model, limits how many a server can take.",
        hint="For each token and layer: {shared} keys and {shared} values, of 128 numbers each.",
        mistakes=(
            Mistake(gibibytes / 2, "Half of it: there are keys and values, and each number takes two bytes."),
            Mistake(gibibytes / 4, "A quarter of it: there are keys and values, and each number takes two bytes."),
            Mistake(
                gibibytes * 32 / shared,
                "That is with a key and a value for each query head. Here 32 share {shared}.",
            ),
            Mistake(gibibytes * 2**30 / 1e9, "That is in billions of bytes. A GiB has a little more."),
            Mistake(gibibytes / layers, "That is one layer. There are {layers}."),
            Mistake(
                gibibytes / 128,
                "Those are too few: multiply layers, key–value heads, head size, tokens, 2 and 2 bytes.",
            ),
        ),
        values={"layers": layers, "shared": shared, "tokens": tokens},
        vary=_bytes,
        numbers={"layers": (24, 32, 36, 40, 64, 80), "shared": (2, 4, 8), "tokens": (8_192, 16_384, 65_536, 131_072)},
    )


def _window(layers: int = 12, before: int = 3) -> Exercise:
    return Exercise(
        name="contexts.window",
        title="Window",
        question=(
            "In each of {layers} layers, a token sees itself and the {before_in_words} before it. How many places "
            "back is the earliest token that can have an influence on its output?"
        ),
        goal="say what a sliding window saves, and what it loses",
        level=1,
        minutes=3,
        answer="places",
        solution=layers * before,
        why="Influence is possible that far. How much of it is left after so many mixtures is another question.",
        hint="Through one layer, influence comes from {before_in_words} places back. And through two?",
        mistakes=(
            Mistake(
                layers * (before + 1),
                "{all_in_words} tokens are in the window, but one of them is the token itself: a "
                "layer reaches {before_in_words} back.",
            ),
            Mistake(before, "That is one layer. The layer below has brought what is further back."),
            Mistake(
                layers * before + 1,
                "That is the number of tokens that can have an influence, itself counted. How far back is the first?",
            ),
            Mistake((before + 1) ** layers, "The reach of the layers adds up; it does not multiply."),
            Mistake(before**layers, "The reach of the layers adds up; it does not multiply."),
        ),
        values={"layers": layers},
        words={"before_in_words": in_words(before), "all_in_words": in_words(before + 1).capitalize()},
        vary=_window,
        numbers={"layers": (6, 8, 9, 10, 11), "before": (3, 4, 5, 7)},
    )


EXERCISES = (
    _bytes(),
    Exercise(
        name="contexts.step",
        title="Step",
        question=(
            "A cache holds `cached` tokens, and `new` tokens come at once. Build their mask, of shape "
            "(new, cached + new): True where a new token may see a column. Each sees the cache, itself, and the new "
            "ones before it."
        ),
        goal="say what a key–value cache keeps, count its bytes, and mask with it",
        level=2,
        minutes=5,
        answer="step_mask(new, cached)",
        solution=lambda new, cached: causal_mask(new, offset=cached),
        cases=((2, 3), (1, 4), (3, 1), (3, 0), (1, 0)),
        why="For a single new token the mask is all True. So a mask that forgets the cache shows only with two.",
        hint="New token i stands at the place cached + i. It may see the columns up to that.",
        mistakes=(
            Mistake(
                lambda new, cached: np.tril(np.ones((new, cached + new), bool)),
                "That is aligned at the top left: the first new token sees one column alone.",
            ),
            Mistake(
                lambda new, cached: np.ones((new, cached + new), bool),
                "In yours a new token sees those that come after it.",
            ),
            Mistake(
                lambda new, cached: causal_mask(new),
                "The columns of the cache are missing.",
            ),
            Mistake(
                lambda new, cached: np.tril(np.ones((new, cached + new), bool), k=cached - 1),
                "A token sees itself too. Yours stops one column before it.",
            ),
            Mistake(
                lambda new, cached: np.tril(np.ones((new, cached + new), bool), k=cached + 1),
                "Each token sees one that comes after it.",
            ),
            Mistake(
                lambda new, cached: ~causal_mask(new, offset=cached),
                "That is what must not be seen. True means: takes part.",
            ),
        ),
    ),
    Exercise(
        name="contexts.sink",
        title="One more",
        question=(
            r"Write the softmax with a 1 added to its denominator, $e^{z_i} / (1 + \sum_j e^{z_j})$, for a "
            "one-dimensional array. Logits of ±1000 must be fine."
        ),
        goal="explain why attention always looks somewhere, and what a sink does",
        level=2,
        minutes=6,
        answer="softmax_with_one(z)",
        solution=_with_one,
        cases=(
            (np.array([3.0]),),
            (np.array([4.0, 1.0, 0.0]),),
            (np.zeros(10),),
            (np.array([-2.0, -3.0]),),
            (np.array([1000.0, 999.0]),),
            (np.array([-1000.0, -1000.0]),),
        ),
        why="If all scores are very low, all weights are nearly 0: at last there is a “nowhere”.",
        hint="The 1 is the exponential of one more score, 0. Which shift keeps all exponents at 0 or below?",
        mistakes=(
            Mistake(
                lambda z: _shifted(z, 1.0),
                "After a shift by the maximum m, the 1 is no longer 1: it is e^(−m).",
            ),
            Mistake(lambda z: _shifted(z, 0.0), "That is the usual softmax: the 1 is missing."),
            Mistake(
                lambda z: np.exp(z) / (1 + np.exp(z).sum()),
                "The formula is right, and e to a large score overflows. Shift all scores, and the 1 with them.",
            ),
            Mistake(
                lambda z: _shifted(z, float(np.exp(z.max()))),
                "The sign is turned: after a shift by m, the 1 becomes e^(−m).",
            ),
        ),
    ),
    Exercise(
        name="contexts.lead",
        title="Lead",
        question=(
            "One key leads each of the others by Δ. Which Δ does it need among `n` keys, so that its weight is `p`?"
        ),
        goal="compute which lead a key needs among $n$ keys, and why it grows",
        level=2,
        minutes=5,
        answer="lead(n, p)",
        solution=_needed,
        cases=((101, 0.5), (1_000_000, 0.5), (2, 0.9), (1000, 0.01), (10, 0.1)),
        why="Ten times as many keys cost 2.3 logits, however long the text is already.",
        hint="Solve the formula for e^Δ: the odds of the key against all others are e^Δ / (n − 1).",
        mistakes=(
            Mistake(
                lambda n, p: float(np.log(n - 1)), "That is for p = 1/2. In general the odds p / (1 − p) count too."
            ),
            Mistake(lambda n, p: float(np.log(p / (1 - p))), "That is for one rival. There are n − 1."),
            Mistake(
                lambda n, p: float(np.log(n * p / (1 - p))),
                "The key has n − 1 rivals, because it is one of the n itself.",
            ),
            Mistake(lambda n, p: float(np.log((n - 1) * (1 - p) / p)), "The odds are upside down: p / (1 − p)."),
            Mistake(lambda n, p: float((n - 1) * p / (1 - p)), "That is e to the lead. Take the logarithm."),
            Mistake(
                lambda n, p: float(np.log((n - 1) * p)), "Not p, but the odds p / (1 − p), belong into the logarithm."
            ),
        ),
    ),
    Exercise(
        name="contexts.merge",
        title="Merge",
        question=(
            "Two halves of a sequence were attended to apart. Each gave its largest score $m$, its sum "
            r"$s$ of $e^{\text{score} - m}$, and its answer $\mathbf{o}$, a weighted mean of its values. "
            "Give the answer for both halves together."
        ),
        goal=r"compute attention without the $n \times n$ matrix, exactly",
        level=3,
        minutes=10,
        answer="merge(m1, s1, o1, m2, s2, o2)",
        solution=_merge,
        tolerance=1e-9,
        cases=(
            (1.0, 2.0, np.array([1.0, 0.0]), 3.0, 1.5, np.array([0.0, 1.0])),
            (5.0, 1.0, np.array([2.0]), 4.0, 4.0, np.array([-1.0])),
            (1000.0, 1.5, np.array([2.0]), 1001.0, 1.0, np.array([4.0])),
            (0.0, 1.0, np.array([2.0]), 1000.0, 1.5, np.array([4.0])),
            (1000.0, 1.0, np.array([2.0]), 0.0, 1.5, np.array([4.0])),
            (-1000.0, 1.5, np.array([2.0]), -1001.0, 1.0, np.array([4.0])),
            (0.0, 2.0, np.array([1.0, 0.0]), 0.0, 3.0, np.array([0.0, 1.0])),
        ),
        why="That is how attention runs over a sequence that is spread over several devices.",
        hint="Measure both sums from the larger m: s · e^(m − larger m). They are the weights of the two answers.",
        mistakes=(
            Mistake(
                lambda m1, s1, o1, m2, s2, o2: (s1 * o1 + s2 * o2) / (s1 + s2),
                "The sums are measured from different levels. Bring both to the larger m first.",
            ),
            Mistake(
                lambda m1, s1, o1, m2, s2, o2: (o1 + o2) / 2,
                "The halves do not count alike: each has the weight of its sum of exponentials.",
            ),
            Mistake(
                lambda m1, s1, o1, m2, s2, o2: (
                    (s1 * np.exp(m1) * o1 + s2 * np.exp(m2) * o2) / (s1 * np.exp(m1) + s2 * np.exp(m2))
                ),
                "The formula is right, and e to a large m overflows. Subtract the larger m from both first.",
            ),
            Mistake(
                lambda m1, s1, o1, m2, s2, o2: _merge(-m1, s1, o1, -m2, s2, o2),
                "The factors are upside down: the half with the larger m must gain.",
            ),
            Mistake(
                lambda m1, s1, o1, m2, s2, o2: s1 * np.exp(m1 - max(m1, m2)) * o1 + s2 * np.exp(m2 - max(m1, m2)) * o2,
                "That is the sum. Divide by the sum of the two weights.",
            ),
            Mistake(
                lambda m1, s1, o1, m2, s2, o2: (
                    (np.exp(m1 - max(m1, m2)) * o1 + np.exp(m2 - max(m1, m2)) * o2)
                    / (np.exp(m1 - max(m1, m2)) + np.exp(m2 - max(m1, m2)))
                ),
                "The sums are missing: each answer has the weight s · e^(m − larger m).",
            ),
        ),
    ),
    _window(),
)
