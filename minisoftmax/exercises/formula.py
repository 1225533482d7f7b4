"""The exercises of the chapter on the formula."""

import numpy as np
from numpy.typing import NDArray

from minisoftmax.core import log_softmax, naive_softmax, softmax
from minisoftmax.exercises._exercise import SMALL, Exercise, Mistake

__all__ = ["EXERCISES"]

Array = NDArray[np.float64]


def _lead(k: int, share: float) -> float:
    return float(np.log((k - 1) * share / (1 - share)))


def _normalized(exponentials: Array) -> Array:
    result: Array = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return result


def _gradient(p: Array, g: Array) -> Array:
    result: Array = p * (g - (p * g).sum(axis=-1, keepdims=True))
    return result


def _ratio(lead: float = 3) -> Exercise:
    return Exercise(
        name="formula.ratio",
        title="Ratio",
        question="Two logits differ by {lead}. How many times as likely is the option with the larger one?",
        goal="read the odds of two options off their scores",
        level=1,
        minutes=2,
        answer="ratio",
        solution=float(np.exp(lead)),
        tolerance=0.005,
        why=(
            "A lead of {lead} is about {ratio:.0f} : 1, whatever the logits are and however many other options "
            "there are."
        ),
        hint="Divide softmax by softmax: the sums cancel, and e to the difference remains.",
        mistakes=(
            Mistake(lead, "{lead} is the difference of the logits. The ratio is e to that power."),
            Mistake(float(np.exp(-lead)), "That is the less likely one against the more likely one. Turn it over."),
            Mistake(
                10 * lead,
                "Each step multiplies the ratio by e; the steps do not add up to ten times the difference.",
            ),
            Mistake(2**lead, "That is 2 to the power {lead}. The base is e, not 2."),
        ),
        values={"lead": lead, "ratio": np.exp(lead)},
        vary=_ratio,
        numbers={"lead": (1.5, 2, 2.5, 3.5, 4, 4.5, 5)},
    )


def _predict(odds: int = 5, shift: int = 100, factor: int = 3) -> Exercise:
    power = odds**factor
    return Exercise(
        name="formula.predict",
        title="Predict",
        question=(
            "The odds of two options are {odds} : 1. What are they if {shift} is added to all logits? And what are "
            "they if, instead, all logits are multiplied by {factor}?"
        ),
        goal="predict what a shift or a factor on all scores does",
        level=1,
        minutes=3,
        answer=f"plus_{shift}, times_{factor}",
        solution=(float(odds), float(power)),
        tolerance=0.005,
        why="A shift is invisible to softmax; a factor is not: it is a temperature, and the odds go to that power.",
        hint="Write the odds as e to a difference, and see what happens to the difference.",
        mistakes=(
            Mistake(
                (odds, factor * odds),
                "The first is right. The factor multiplies the difference, so the odds go to a power.",
            ),
            Mistake(
                (odds, odds),
                "The first is right. A factor on all logits is not invisible: it changes their difference.",
            ),
            Mistake(
                (odds + shift, factor * odds),
                "Softmax sees only differences of logits: what does adding {shift} to both do to these?",
            ),
            Mistake(
                (shift * odds, power),
                "The second is right. What does adding {shift} to both logits do to their difference?",
            ),
            Mistake((power, odds), "Both numbers are there, in the other order: first the shift, then the factor."),
        ),
        values={"odds": odds, "shift": shift, "factor": factor},
        vary=_predict,
        numbers={"odds": (3, 4, 5, 6, 7), "shift": (10, 20, 50, 200), "factor": (2, 3)},
    )


EXERCISES = (
    _ratio(),
    _predict(),
    Exercise(
        name="formula.softmax",
        title="Softmax",
        question=(
            "Write it yourself, from NumPy, along the last axis of an array with any number of axes "
            "(`axis=-1` and `keepdims=True` in a NumPy sum). The check goes on to logits near 1000, for "
            "which the plain formula fails: use wish 3."
        ),
        goal="turn scores into probabilities, by formula and by code",
        level=2,
        minutes=10,
        answer="my_softmax(z)",
        solution=softmax,
        cases=(
            (np.array([10.0, 5.0]),),
            (np.array([-1.0, 0.0, 2.0]),),
            (np.array([[1.0, 2.0, 0.0], [3.0, 5.0, 4.0]]),),
            (np.array([[1.0, 2.0], [3.0, 5.0]]),),
            (np.array([1000.0, 999.0, -2000.0]),),
            (np.array([600.0, 500.0, -500.0]),),
            (np.array([-900.0, 700.0]),),
            (np.array([-1000.0, -1001.0]),),
            (np.array([[0.0, 1.0], [50_000.0, 50_001.0]]),),
            (np.arange(24.0).reshape(2, 3, 4) % 5,),
        ),
        why="And yours takes logits of 1000 too, where the formula as it is written overflows.",
        hint="The exponential of each logit, divided by the sum of the exponentials along the last axis.",
        mistakes=(
            Mistake(
                lambda z: z / z.sum(axis=-1, keepdims=True),
                "You divided the scores by their sum. The exponential is missing.",
            ),
            Mistake(
                lambda z: np.exp(z),
                "These are the exponentials. Divide them by their sum.",
                [lambda z: np.exp(z - z.max(axis=-1, keepdims=True))],
            ),
            Mistake(
                lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
                "Yours sums to 1 over the whole array. Each row is a distribution of its own: sum along the last axis, "
                "with axis=-1, keepdims=True.",
                [lambda z: np.exp(z) / np.exp(z).sum()],
            ),
            Mistake(
                lambda z: softmax(z, axis=0),
                "Your columns sum to 1, and the rows should: sum along the last axis, axis=-1.",
                [lambda z: naive_softmax(z, axis=0)],
            ),
            Mistake(
                lambda z: np.exp(z) / np.exp(z).sum(axis=-1),
                "Each row was divided by another row's sum. Keep the axis that you sum over: keepdims=True.",
            ),
            Mistake(
                lambda z: np.exp(z) / np.exp(z).max(axis=-1, keepdims=True),
                "You divided by the largest exponential. Divide by the sum of all of them.",
            ),
            Mistake(
                lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(axis=-1, keepdims=True),
                "You subtracted the largest logit of the whole array, and a row far below it underflows to 0. Subtract "
                "each row's own: z.max(axis=-1, keepdims=True).",
            ),
            Mistake(
                lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(axis=-1),
                "Each row was divided by another row's sum. Keep the axis that you sum over: keepdims=True.",
            ),
            Mistake(
                naive_softmax,
                "Right where the exponentials fit. Here one overflows, or all of them underflow to 0, and the "
                "quotient is not a number. Only differences of logits count: subtract the largest one first.",
            ),
            Mistake(
                lambda z: naive_softmax(z - z.min(axis=-1, keepdims=True)),
                "You subtracted the smallest logit, and the largest exponential still overflows. Subtract the largest.",
            ),
            Mistake(
                lambda z: naive_softmax(z - z.mean(axis=-1, keepdims=True)),
                "You subtracted the mean, and the largest exponential can still overflow. Subtract the largest logit.",
            ),
            Mistake(
                lambda z: naive_softmax(z - z[..., :1]),
                "You subtracted the first logit, and a later one may be far larger. Subtract the largest.",
            ),
            Mistake(
                lambda z: log_softmax(z),
                "These are the logarithms of the probabilities. Take the exponential.",
            ),
            Mistake(lambda z: 2.0**z / (2.0**z).sum(axis=-1, keepdims=True), "The base is e, not 2: np.exp."),
            Mistake(lambda z: 10.0**z / (10.0**z).sum(axis=-1, keepdims=True), "The base is e, not 10: np.exp."),
            Mistake(
                lambda z: softmax(-z),
                "The sign is turned: a higher logit means a higher probability.",
                [lambda z: naive_softmax(-z)],
            ),
            Mistake(
                lambda z: naive_softmax(np.clip(z, -700, 700)),
                "Clipping changes the differences of the logits, and only these count. Subtract the largest "
                "logit instead.",
                [lambda z, most=most: naive_softmax(np.clip(z, -most, most)) for most in (50, 100, 500, 600, 709)],
            ),
            Mistake(
                lambda z: np.nan_to_num(naive_softmax(z)),
                "Replacing NaN or infinity hides that an exponential overflowed. Subtract the largest logit before.",
                [lambda z: _normalized(np.nan_to_num(np.exp(z)))],
            ),
            Mistake(
                lambda z: naive_softmax(z - np.abs(z).max(axis=-1, keepdims=True)),
                "You subtracted the largest absolute value. Where all logits are negative, that is not the "
                "largest logit.",
            ),
            Mistake(
                lambda z: naive_softmax(z / z.max(axis=-1, keepdims=True)),
                "You divided by the largest logit, which changes the differences. Subtract it.",
            ),
            Mistake(
                lambda z: _normalized(np.exp(z - z.max(axis=-1))),
                "The maximum of another row was subtracted. Keep the axis there too: z.max(axis=-1, keepdims=True).",
            ),
        ),
    ),
    Exercise(
        name="formula.lead",
        title="Lead",
        question=("By how much must one of $k$ options lead each of its rivals to have a given share of the mass?"),
        goal="read the odds of two options off their scores",
        level=2,
        minutes=5,
        answer="lead(k, share)",
        solution=_lead,
        cases=((5, 0.9), (3, 0.2), (1000, 0.5), (50_000, 0.99), (2, 0.9)),
        why="Half of the mass among a thousand takes a lead of 6.9; 99 % among a vocabulary of 50,000 takes 15.4.",
        hint="Set the share to 1 / (1 + (k − 1) e^(−lead)) and solve for the lead.",
        mistakes=(
            Mistake(
                lambda k, share: np.log(share / (1 - share)),
                "That is the lead over all rivals together. There are k − 1 of them.",
            ),
            Mistake(lambda k, share: np.log(k * share / (1 - share)), "Nearly: the winner has k − 1 rivals, not k."),
            Mistake(
                lambda k, share: -_lead(k, share),
                "The sign is turned: a larger share takes a larger lead, not a smaller one.",
            ),
            Mistake(
                lambda k, share: abs(_lead(k, share)),
                "With a share below 1/k the option is behind its rivals, so its lead is negative. Leave the "
                "sign as it is.",
                [lambda k, share: max(0.0, _lead(k, share))],
            ),
            Mistake(
                lambda k, share: (k - 1) * share / (1 - share),
                "These are the odds against one rival. The lead is their logarithm.",
            ),
            Mistake(
                lambda k, share: _lead(k, share) / np.log(10),
                "You took the logarithm to base 10. Logits go with the natural one, np.log.",
            ),
            Mistake(
                lambda k, share: np.log((k - 1) * (1 - share) / share),
                "The share and what is left of it have changed places: a larger share needs a larger lead.",
            ),
            Mistake(
                lambda k, share: np.log((k - 1) * share / 1 - share),
                "Mind the parentheses: share / 1 - share is share minus share. You need share / (1 - share).",
            ),
        ),
    ),
    Exercise(
        name="formula.logits",
        title="Logits",
        question=(
            r"Find logits whose softmax, row by row, is a given $\mathbf{p}$ without zeros. "
            "More than one answer is right."
        ),
        goal="turn scores into probabilities, by formula and by code",
        level=2,
        minutes=5,
        answer="logits(p)",
        solution=np.log,
        cases=(
            (np.array([0.7, 0.2, 0.1]),),
            (np.array([0.25, 0.75]),),
            (np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]]),),
            (np.array([1e-9, 1 - 1e-9]),),
        ),
        agree_up_to=softmax,
        compared="softmax of your logits",
        absolute=0.0,
        why="Logits are log-probabilities up to a constant, which softmax cannot see.",
        hint="Which z have e^z in the proportions of p? Undo the exponential; that p sums to 1 helps.",
        mistakes=(
            Mistake(lambda p: p, "Softmax of probabilities is not these probabilities: undo the exponential first."),
            Mistake(lambda p: np.exp(p), "That applies the exponential once more. Undo it."),
            Mistake(
                lambda p: np.log(p / (1 - p)),
                "That inverts the sigmoid, where one logit is fixed at 0. Here each class has its own: log p will do.",
            ),
            Mistake(lambda p: -np.log(p), "The sign is turned: the likeliest class has the largest logit."),
            Mistake(lambda p: np.log2(p), "Softmax has base e: take the natural logarithm, np.log."),
            Mistake(
                lambda p: np.log(p + 1e-12),
                "A small number inside the logarithm changes small probabilities. None is 0 here: leave it out.",
                [
                    lambda p, change=change, small=small: np.log(change(p, small))
                    for change, least in ((np.add, 1e-15), (np.maximum, 1e-9))
                    for small in SMALL
                    if small > least
                ],
            ),
        ),
    ),
    Exercise(
        name="formula.gradient",
        title="Gradient",
        question=(
            r"A loss has the gradient $\mathbf{g}$ with respect to the probabilities. Give its gradient "
            r"with respect to the logits, $\sum_i g_i\, \partial p_i / \partial z_j$, along the last axis, "
            "without building the Jacobian."
        ),
        goal="write down its derivative, and say where it is nearly 0",
        level=3,
        minutes=10,
        answer="gradient(p, g)",
        solution=_gradient,
        cases=(
            (np.array([0.617, 0.238, 0.145]), np.array([2.13, -1.07, 0.5])),
            (np.array([0.25, 0.75]), np.array([1.0, -3.0])),
            (np.array([[0.6, 0.4], [0.9, 0.1]]), np.array([[1.0, 2.0], [3.0, -4.0]])),
            (np.array([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]]), np.array([[1.0, 5.0, 2.0], [0.0, -1.0, 4.0]])),
            (np.full((2, 5), 0.2), np.arange(10.0).reshape(2, 5)),
        ),
        why="That is the backward pass of softmax, and it needs no K × K matrix, whatever K is.",
        hint="Multiply the matrix with entries p_i (δ_ij − p_j) by g: p_i g_i minus p_i times the mean of g under p.",
        mistakes=(
            Mistake(lambda p, g: p * g, "You left out that all probabilities share one sum. Subtract p times Σ p g."),
            Mistake(
                lambda p, g: p * (1 - p) * g,
                "That is the diagonal of the Jacobian alone. But each logit moves all the probabilities.",
            ),
            Mistake(
                lambda p, g: g - (p * g).sum(axis=-1, keepdims=True),
                "The bracket is right; p in front of it is missing.",
            ),
            Mistake(
                lambda p, g: p * (g - g.sum(axis=-1, keepdims=True)),
                "Subtract the mean of g under p, Σ p g, not the sum of g.",
            ),
            Mistake(
                lambda p, g: p * (g - g.mean(axis=-1, keepdims=True)),
                "The mean is to be weighted by p: (p * g).sum(…), not g.mean(…).",
                [lambda p, g: p * (g - (p * g).mean(axis=-1, keepdims=True))],
            ),
            Mistake(
                lambda p, g: p * (g - (p * g).sum()),
                "You summed over the whole array. Each row is a distribution: axis=-1, keepdims=True.",
            ),
            Mistake(
                lambda p, g: p * (g - (p * g).sum(axis=-1)),
                "A row got the mean of another one. Keep the axis that you sum over: keepdims=True.",
            ),
            Mistake(
                lambda p, g: p * g - (p * g).sum(axis=-1, keepdims=True),
                "p is to multiply both: p g − p Σ p g. Yours subtracts the sum itself.",
            ),
        ),
    ),
)
