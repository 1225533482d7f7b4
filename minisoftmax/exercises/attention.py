"""The exercises of the chapter on attention."""

import numpy as np
from numpy.typing import NDArray

from minisoftmax.attention import causal_mask
from minisoftmax.core import softmax
from minisoftmax.exercises._exercise import Exercise, Mistake
from minisoftmax.exercises._search import crossing
from minisoftmax.sampling import entropy

__all__ = ["EXERCISES"]

Array = NDArray[np.float64]


def _weight_up_to_goal(key: Array) -> float:
    """Give the weight of a key, or 0.99 if it is more, were the five others as close to the query as they can be."""
    scores = np.array([key @ [3.0, 4.0], 5, 5, 5, 5, 5]) / np.sqrt(2)
    return min(float(softmax(scores)[0]), 0.99) if np.isfinite(key).all() else np.nan


def _merge(m1: float, s1: float, o1: Array, m2: float, s2: float, o2: Array) -> Array:
    first, second = s1 * np.exp(m1 - max(m1, m2)), s2 * np.exp(m2 - max(m1, m2))
    result: Array = (first * o1 + second * o2) / (first + second)
    return result


def _scale_for(scores: Array, target: float) -> float:
    return crossing(lambda scale: bool(entropy(scale * scores) > target))


def _scale_of_softmax_twice(scores: Array, target: float) -> float:
    low, high = 1e-9, 1e9
    for _ in range(100):
        middle = float(np.sqrt(low * high))
        is_above = float(entropy(softmax(scores * middle))) > target
        low, high = (middle, high) if is_above else (low, middle)
    return middle


EXERCISES = (
    Exercise(
        name="attention.causal",
        title="Causal",
        question="Build the causal mask of `n` tokens: True where row $i$ may see column $j$.",
        goal="apply causal and padding masks, and say what an empty row gives",
        level=1,
        minutes=3,
        answer="my_causal_mask(n)",
        solution=causal_mask,
        cases=((4,), (6,), (2,), (1,)),
        why="With an offset it serves a key–value cache; with a second band it is a sliding window.",
        hint="Row i, the token that looks, may see the columns 0 to i: itself and those before it.",
        mistakes=(
            Mistake(lambda n: np.triu(np.ones((n, n), bool)), "Turned around: yours sees the future and not the past."),
            Mistake(
                lambda n: np.tril(np.ones((n, n), bool), k=-1),
                "A token sees itself too. Without the diagonal, the first row has nothing to look at.",
            ),
            Mistake(
                lambda n: np.triu(np.ones((n, n), bool), k=1), "That is what must not be seen. True means: takes part."
            ),
            Mistake(
                lambda n: np.where(np.tril(np.ones((n, n), bool)), 0.0, -np.inf),
                "That is a mask to add to scores, and a good one. Booleans are asked for: True where yours is 0.",
            ),
            Mistake(
                lambda n: np.tril(np.ones((n, n), bool), k=1),
                "Each token sees one that comes after it. The diagonal is the last: k=0.",
            ),
            Mistake(
                lambda n: np.where(np.tril(np.ones((n, n), bool)), 0.0, -1e9),
                "That is a mask to add to scores. Booleans are asked for: True where yours is 0.",
            ),
            Mistake(lambda n: np.ones((n, n), bool), "In yours, every token sees all the others."),
            Mistake(lambda n: np.eye(n, dtype=bool), "In yours, a token sees itself alone."),
        ),
    ),
    Exercise(
        name="attention.thief",
        title="Thief",
        question=(
            "A query is $(3, 4)$, and there are five keys of Euclidean norm at most 1. Find one more key "
            "that takes at least 0.99 of the weight, with $d = 2$ and the usual scale."
        ),
        goal="compute attention by hand: scores, softmax, mixture",
        level=2,
        minutes=5,
        answer="key",
        solution=(3.0, 4.0),
        agree_up_to=_weight_up_to_goal,
        compared="weight of your key",
        why="Length counts in a dot product, not direction alone: one long key can make a whole layer look at it.",
        hint="Point it as the query points, and make it long. The others score at most 5 / √2 each.",
        mistakes=(
            Mistake((0.6, 0.8), "The direction is right. At length 1 it only equals the best that the others can do."),
            Mistake((-3.0, -4.0), "The score of that is as low as can be: turn it around."),
            Mistake((4.0, -3.0), "That is at a right angle to the query: its score is 0."),
        ),
    ),
    Exercise(
        name="attention.merge",
        title="Merge",
        question=(
            "Two halves of a sequence were attended to apart. Each gave its largest score $m$, its sum "
            r"$s$ of $e^{\text{score} - m}$, and its answer $\mathbf{o}$, a weighted mean of its values. "
            "Give the answer for both halves together."
        ),
        goal=r"compute it without the $n \times n$ matrix, exactly",
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
    Exercise(
        name="attention.scale",
        title="Scale",
        question=(
            "Find the positive number that scores must be multiplied by so that the entropy of their "
            r"softmax is `target`, which is between 0 and $\log n$. The largest score is unique. "
            "(`entropy` is in `minisoftmax`, and takes the scores, not their softmax.)"
        ),
        goal=r"say why scores are divided by $\sqrt d$, and what happens if they are not",
        level=3,
        minutes=10,
        answer="scale_for(scores, target)",
        solution=_scale_for,
        cases=(
            (np.array([2.0, 1.0, 0.0]), 0.5),
            (np.array([2.0, 1.0, 0.0]), 1.0),
            (np.array([1.0, 0.9, 0.8, 0.7]), 0.2),
            (np.array([300.0, 10.0, -50.0]), 0.4),
            (np.array([0.002, 0.001, 0.0]), 0.5),
        ),
        why="A fixed entropy instead of a fixed scale: then the sharpness does not depend on d, nor on the context.",
        hint="The entropy falls as the scale rises. Double an upper end until it is below the target; then halve.",
        mistakes=(
            Mistake(
                lambda scores, target: 1 / _scale_for(scores, target),
                "That is the temperature. The scale multiplies: one over it.",
            ),
            Mistake(
                lambda scores, target: -_scale_for(-scores, target),
                "A negative scale turns the order around: the answer is to be positive.",
            ),
            Mistake(
                _scale_of_softmax_twice,
                "entropy takes the scores themselves. Given their softmax, it applies softmax once more.",
            ),
            Mistake(
                lambda scores, target: 1 / np.sqrt(len(scores)),
                "1/√d makes the spread of scores 1; it does not look at the entropy. Search for the scale.",
            ),
            Mistake(
                lambda scores, target: target / float(entropy(scores)),
                "The entropy is not proportional to the scale, and falls with it. Search.",
            ),
        ),
    ),
)
