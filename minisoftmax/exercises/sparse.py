"""The exercises of the chapter on sparse alternatives."""

import numpy as np
from numpy.typing import NDArray

from minisoftmax.core import softmax
from minisoftmax.exercises._exercise import Exercise, Mistake
from minisoftmax.sparse import entmax, sparsemax

__all__ = ["EXERCISES"]

Array = NDArray[np.float64]


def _sparsemax(z: Array) -> Array:
    return np.asarray(sparsemax(z), dtype=np.float64)


def _cut_and_divide(z: Array) -> Array:
    kept = np.maximum(z, 0)
    result: Array = kept / kept.sum()
    return result


def _moved_once(z: Array) -> Array:
    return np.asarray(z - (z.sum() - 1) / len(z), dtype=np.float64)


def _all_in(z: Array) -> float:
    return float((z - z.min()).sum())


def _loss(lead: float) -> float:
    return 0.0 if lead >= 1 else -lead if lead <= -1 else (1 - lead) ** 2 / 4


def _pull(p: Array, g: Array) -> Array:
    inside = p > 0
    return np.where(inside, g - g[inside].mean(), 0)


def _count(n: int, w: int) -> int:
    return sum(min(i + 1, w) for i in range(n))


def _by_hand(scores: tuple[float, float, float] = (0.9, 0.5, 0.1)) -> Exercise:
    """Two of the scores get a share, and the third is below 0 if all three are lowered."""
    first, second, third = scores
    total = sum(scores)
    lowered = [round(score - (total - 1) / 3, 12) for score in scores]
    lead = round(first - second, 12)
    return Exercise(
        name="sparse.by_hand",
        title="By hand",
        question="Three scores are {first}, {second} and {third}. What does sparsemax make of them?",
        goal="compute sparsemax by hand, and say which lead takes everything",
        level=1,
        minutes=4,
        answer="first, second, third",
        solution=(round((1 + lead) / 2, 12), round((1 - lead) / 2, 12), 0.0),
        tolerance=0.01,
        absolute=0.001,
        why="You did what the package does: guess who is in, take the same away from each of them, and look again.",
        hint="Take the same away from all three, so that they sum to 1. If one is below 0, leave it out and repeat.",
        mistakes=(
            Mistake(
                tuple(lowered),
                "One of yours is below 0. Leave it out, and share 1 among the other two.",
            ),
            Mistake(
                (lowered[0], lowered[1], 0.0),
                "Without the third, the others sum to more than 1: take the same away from both again.",
            ),
            Mistake(tuple(softmax(scores).tolist()), "That is softmax, in which nothing is 0. Take away instead."),
            Mistake(
                (first / total, second / total, third / total),
                "You divided by the sum. Sparsemax takes the same away from each instead.",
                [(first / (first + second), second / (first + second), 0.0)],
            ),
            Mistake(tuple(entmax(scores).tolist()), "That is entmax with α = 1.5. Sparsemax is α = 2."),
            Mistake((1.0, 0.0, 0.0), "The first leads by {lead}. It takes all from a lead of 1 on."),
        ),
        values={"first": first, "second": second, "third": third, "lead": lead},
        vary=_by_hand,
        numbers={
            "scores": (
                (1.0, 0.4, 0.1),
                (1.1, 0.7, 0.2),
                (1.2, 0.5, 0.3),
                (0.8, 0.6, 0.1),
                (0.9, 0.6, 0.1),
                (1.3, 0.6, 0.2),
            )
        },
    )


EXERCISES = (
    _by_hand(),
    Exercise(
        name="sparse.sparsemax",
        title="Your sparsemax",
        question="Write sparsemax for a vector `z` of any length.",
        goal="compute sparsemax by hand, and say which lead takes everything",
        level=2,
        minutes=10,
        answer="my_sparsemax(z)",
        solution=_sparsemax,
        cases=(
            (np.array([1.0, 0.5, -1.0]),),
            (np.array([0.3, 0.2, 0.1]),),
            (np.array([2.0, -3.0]),),
            (np.array([5.0, 10.0, 0.0]),),
            (np.array([-5.0, -5.2, -7.0, -5.1]),),
            (np.array([1000.0, 999.5, 0.0]),),
            (np.array([0.0, 0.0, 0.0, 0.0]),),
            (np.array([0.7]),),
        ),
        why="It can be done with a sort, a running sum and a comparison: the zeros cost nothing extra.",
        hint="Sort downward. With k entries inside, τ is (their sum − 1) / k; k is right if the last one is above τ.",
        mistakes=(
            Mistake(_cut_and_divide, "That divides by a sum. Sparsemax takes the same τ away from each score."),
            Mistake(
                _moved_once,
                "The sum is 1, and where a score is low the result is below 0. Leave those out, and compute τ again.",
            ),
            Mistake(
                lambda z: np.maximum(_moved_once(z), 0),
                "τ was computed with all scores, and then some were cut: the sum is not 1. Compute τ of the rest.",
            ),
            Mistake(lambda z: np.asarray(softmax(z)), "That is softmax: none of its entries is 0."),
            Mistake(lambda z: np.asarray(entmax(z)), "That is entmax with α = 1.5. Sparsemax is α = 2."),
            Mistake(
                lambda z: np.sort(_sparsemax(z))[::-1],
                "The numbers are right, and they are in the order of the sort. Subtract τ from z as it came.",
            ),
            Mistake(
                lambda z: z - (z - _sparsemax(z))[z.argmax()],
                "τ is right. Where z − τ is below 0, the result is 0: np.maximum(z − τ, 0).",
                [lambda z: np.abs(z - (z - _sparsemax(z))[z.argmax()])],
            ),
            Mistake(
                lambda z: np.asarray((z == z.max()) / np.sum(z == z.max())),
                "Yours gives all to the largest. It gets all only if it leads by 1.",
            ),
        ),
    ),
    Exercise(
        name="sparse.all_in",
        title="All in",
        question=(
            "Sparsemax of $z / T$ has no zeros if $T$ is high enough. Find the temperature above which that is so, for "
            "scores `z` that are not all alike."
        ),
        goal="say what α changes, and what a temperature changes instead",
        level=2,
        minutes=8,
        answer="temperature_for_all(z)",
        solution=_all_in,
        cases=(
            (np.array([1.0, 0.5, -1.0]),),
            (np.array([3.0, 0.0]),),
            (np.array([0.2, 0.1, 0.0, -0.3, -0.3]),),
            (np.array([100.0, 90.0, 50.0]),),
            (np.array([-4.0, -2.0, -2.0]),),
        ),
        why="Zeros are a matter of differences in units of T: heat brings everybody back.",
        hint="The lowest is on the border when the others, measured from it and divided by T, sum to 1.",
        mistakes=(
            Mistake(
                lambda z: float(z.max() - z.min()),
                "At that T the leader leads the lowest by 1. The others take their part too: all distances count.",
            ),
            Mistake(
                lambda z: 1 / _all_in(z),
                "That is what the scores are to be multiplied by. A temperature divides: one over it.",
            ),
            Mistake(
                lambda z: float((z.max() - z).sum()),
                "Measure the distances from the lowest score, not from the highest: the lowest is the one in danger.",
            ),
            Mistake(lambda z: float(z.sum()), "Only differences count: measure each score from the lowest one."),
            Mistake(
                lambda z: float((z - z.min()).mean()),
                "The distances must sum to 1 after the division, not have the mean 1.",
            ),
        ),
    ),
    Exercise(
        name="sparse.loss",
        title="Satisfied",
        question=("Two classes, and the right one leads by `lead`, which may be negative. Give the loss of sparsemax."),
        goal="predict for which samples a loss with a margin is exactly 0",
        level=1,
        minutes=5,
        answer="loss(lead)",
        solution=_loss,
        cases=((0.5,), (0.0,), (1.5,), (-0.5,), (-3.0,), (1.0,), (-1.0,)),
        why="Samples beyond the margin stop pulling, so training ends for them. With cross-entropy it never does.",
        hint="Three pieces: 0 from a lead of 1 on; a quarter of (1 − lead)² between −1 and 1; a straight line below.",
        mistakes=(
            Mistake(
                lambda lead: (1 - lead) ** 2 / 4,
                "Between −1 and 1 that is right. Beyond a lead of 1 the loss is 0, and does not grow again.",
            ),
            Mistake(
                lambda lead: max(0.0, 1 - lead),
                "That is the hinge loss, a relative. Here a quarter of (1 − lead)² joins 0 and the line −lead.",
            ),
            Mistake(
                lambda lead: 0.0 if lead >= 1 else (1 - lead) ** 2 / 4,
                "Below a lead of −1, sparsemax gives all to the wrong class, and the loss is a straight line, −lead.",
            ),
            Mistake(lambda lead: float(np.log1p(np.exp(-lead))), "That is cross-entropy, which is never exactly 0."),
            Mistake(
                lambda lead: 0.0 if lead >= 1 else 1 - lead if lead <= -1 else (1 - lead) ** 2 / 4,
                "Below −1 the line is −lead, so that it meets the middle piece at −1, where both are 1.",
                [lambda lead: 0.0 if lead >= 1 else lead if lead <= -1 else (1 - lead) ** 2 / 4],
            ),
            Mistake(
                lambda lead: _loss(abs(lead)), "A wrong class that leads is not the same as a right one: keep the sign."
            ),
            Mistake(lambda lead: _loss(-lead), "The sign of the lead is turned: a right class that leads costs less."),
            Mistake(
                lambda lead: 0.0 if lead >= 1 else -lead if lead <= -1 else (1 - lead) ** 2 / 2,
                "Half of what you have in the middle piece: a quarter of (1 − lead)². At −1 it must meet the line.",
            ),
        ),
    ),
    Exercise(
        name="sparse.pull",
        title="Pulled back",
        question=(
            "`p` came out of sparsemax, and `g` is the gradient of a loss with respect to `p`. Give the gradient with "
            "respect to the scores."
        ),
        goal="recognize a gradient that is exactly 0, and a score that cannot learn because of it",
        level=3,
        minutes=10,
        answer="pull_back(p, g)",
        solution=_pull,
        cases=(
            (np.array([0.75, 0.25, 0.0]), np.array([1.0, 0.0, 5.0])),
            (np.array([0.5, 0.3, 0.2]), np.array([1.0, 2.0, -4.0])),
            (np.array([0.0, 1.0, 0.0]), np.array([3.0, 1.0, -2.0])),
            (np.array([0.0, 0.4, 0.0, 0.6]), np.array([9.0, 1.0, 9.0, 2.0])),
            (np.array([0.004, 0.0, 0.996]), np.array([2, 5, -1])),
        ),
        why="Only who is inside hears anything. One look at the zeros of p tells which scores cannot learn from g.",
        hint="Inside, p = z − τ, and τ moves by the mean of what moves inside. Take the mean of g inside away.",
        mistakes=(
            Mistake(
                lambda p, g: g - g.mean(),
                "The mean is to be taken over the entries with p > 0, and the others get exactly 0.",
            ),
            Mistake(
                lambda p, g: np.where(p > 0, g - g.mean(), 0),
                "The zeros are right. The mean must be that of g where p > 0, since nobody else moves τ.",
            ),
            Mistake(
                lambda p, g: p * (g - (p * g).sum()),
                "That is the rule of softmax. For sparsemax all entries inside weigh the same, whatever their p.",
            ),
            Mistake(
                lambda p, g: g - g[p > 0].mean(), "Inside it is right. Outside nothing moves: the gradient is 0 there."
            ),
            Mistake(
                lambda p, g: np.where(p > 0, g, 0),
                "τ moves too: a push on one entry inside takes from the others. Subtract the mean over the inside.",
            ),
            Mistake(
                lambda p, g: np.where(p > 0, g - (p * g).sum(), 0),
                "Weighted with p, that is the mean for softmax's rule. Inside, all weigh the same here.",
            ),
        ),
    ),
    Exercise(
        name="sparse.window",
        title="Window",
        question=(
            "A causal window lets each of `n` tokens see itself and those before it, `w` tokens at most. How many "
            "scores are computed?"
        ),
        goal="tell windows, top-k keys and sparse weights apart: what each computes, costs and loses",
        level=1,
        minutes=4,
        answer="scores(n, w)",
        solution=_count,
        cases=((10, 3), (5, 5), (4096, 256), (3, 8), (7, 1)),
        why="For a long text that is about n·w, however long: twice the text costs twice as much, and not four times.",
        hint="Token i (from 1) sees min(i, w) tokens. Add them up.",
        mistakes=(
            Mistake(lambda n, w: n * w, "The first tokens have fewer than w before them: min(i, w) for token i."),
            Mistake(lambda n, w: n * (n + 1) // 2, "That is the whole causal mask. A window stops after w tokens."),
            Mistake(lambda n, w: n * n, "That is everybody with everybody. A window stops after w tokens."),
            Mistake(
                lambda n, w: sum(min(i, w) for i in range(n)),
                "Each token sees itself too: the first one computes one score and not none.",
            ),
            Mistake(
                lambda n, w: sum(min(i + 1, w + 1) for i in range(n)),
                "w tokens in all, and the token itself is one of them.",
            ),
            Mistake(
                lambda n, w: sum(min(n, i + w) - max(0, i - w + 1) for i in range(n)),
                "Yours looks ahead too. A causal window ends at the token itself.",
            ),
        ),
    ),
)
