"""The exercises of the chapter on temperature."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from minisoftmax.core import naive_softmax, softmax
from minisoftmax.exercises._exercise import SMALL, Exercise, Mistake, in_words
from minisoftmax.exercises._search import crossing
from minisoftmax.sampling import entropy

__all__ = ["EXERCISES"]

Array = NDArray[np.float64]


def _choices(z: Array, T: float) -> float:
    return float(np.exp(entropy(z, temperature=T)))


def _reheat(p: Array, T: float, new_T: float) -> Array:
    return np.asarray(softmax(np.log(p) * T / new_T), dtype=np.float64)


def _temperature_of_half(z: Array) -> float:
    return crossing(lambda T: bool(softmax(z, temperature=T).max() > 0.5))


def _tail(good: int, others: int, lead: float, T: float) -> float:
    return float(others / (others + good * np.exp(lead / T)))


def _plain(p: NDArray[np.floating[Any]]) -> float:
    """Give e to the entropy as the formula says it: NaN where a probability is 0."""
    return float(np.exp(-(p * np.log(p)).sum()))


def _without_zeros(p: NDArray[np.floating[Any]]) -> float:
    return _plain(p[p != 0])


def _with_small(p: NDArray[np.floating[Any]], small: float) -> float:
    return float(np.exp(-(p * np.log(p + small)).sum()))


def _near_tie(difference: float = 0.1) -> Exercise:
    warm, cold = float(np.exp(difference)), float(np.exp(10 * difference))
    return Exercise(
        name="temperature.near_tie",
        title="Nearly equal",
        question=(
            "Two logits differ by {difference}. What are the odds of the larger one against the smaller one, at "
            "$T = 1$, and at $T = 0.1$?"
        ),
        goal="say what a temperature does to the odds of two options, from their logits",
        level=1,
        minutes=3,
        answer="at_1, at_01",
        solution=(warm, cold),
        tolerance=0.01,
        why=(
            "Even at a tenth of the temperature, the second of two nearly equal options comes about once in four draws."
        ),
        hint="The odds are e to the difference divided by T.",
        mistakes=(
            Mistake(
                (warm, 10 * warm),
                "The first is right. A tenth of the temperature multiplies the difference by 10, not the odds.",
            ),
            Mistake(
                (warm, float(np.exp(difference / 10))),
                "The first is right. Then the difference is to be divided by T, not multiplied: cooling sharpens.",
            ),
            Mistake(
                (difference, 10 * difference),
                "These are the differences after division by T. The odds are e to that power.",
            ),
            Mistake((cold, warm), "Both are there, in the other order: the colder, the larger."),
            Mistake(
                (warm / (1 + warm), cold / (1 + cold)),
                "These are the probabilities. The odds are their ratio to what is left.",
            ),
            Mistake((1 / warm, 1 / cold), "These are the odds of the smaller one. Turn them over."),
        ),
        values={"difference": difference},
        vary=_near_tie,
        numbers={"difference": (0.09, 0.095, 0.105, 0.11, 0.115, 0.12)},
    )


def _limits(top: int = 3, tied: int = 2, options: int = 4) -> Exercise:
    at_0, at_inf = 1 / tied, 1 / options
    logits = [top] * tied + [options - tied - 1 - i for i in range(options - tied)]
    return Exercise(
        name="temperature.limits",
        title="Limits",
        question=(
            "{count} logits are {first} and {last}. What is "
            "the probability of the first option at $T = 0$, and at $T = \\infty$?"
        ),
        goal="predict the limits at 0 and at ∞, ties included",
        level=1,
        minutes=2,
        answer="at_0, at_inf",
        solution=(at_0, at_inf),
        tolerance=0.001,
        why="Neither limit looks at how large the logits are: 0 asks who is the largest, ∞ asks how many there are.",
        hint="Cold, only the largest logits count. Hot, no difference counts.",
        mistakes=(
            Mistake(
                (1, at_inf),
                "The second is right. At 0 the largest takes everything, and there are {largest} largest.",
            ),
            Mistake(
                (1, 0),
                "At 0 there are {largest} largest, which share. At ∞ all options have the same, and it is not 0.",
            ),
            Mistake((at_0, 0), "The first is right. At ∞ all options are alike, and their probabilities sum to 1."),
            Mistake((at_inf, at_0), "Both numbers are there, in the other order: the first is the cold limit."),
            Mistake((at_0, at_0), "The first is right. At ∞ the {others} others count as much as the first {largest}."),
            Mistake(
                (at_0, 1 / (options - tied + 1)),
                "The first is right. At ∞, count the options: equal logits are {largest} options, not one.",
            ),
            Mistake((0, at_inf), "The second is right. At 0 the first option does have one of the largest logits."),
        ),
        values={"first": ", ".join(map(str, logits[:-1])), "last": logits[-1]},
        words={"count": in_words(options).capitalize(), "largest": in_words(tied), "others": in_words(options - tied)},
        vary=_limits,
        numbers={"top": (4, 5, 6, 8), "tied": (2, 3), "options": (5, 6, 7)},
    )


def _same(factor: int = 4, liked: float = 0.7) -> Exercise:
    return Exercise(
        name="temperature.same",
        title="Same text",
        question=(
            "All logits of model B are {factor} times those of model A. You like A at $T = {liked}$. Which "
            "temperature makes B give the same probabilities?"
        ),
        goal="read what temperature 0, 1 and 2 mean in the libraries and services that you use",
        level=1,
        minutes=2,
        answer="T_of_B",
        solution=round(factor * liked, 10),
        tolerance=0.001,
        why="The same setting means something else in each model, so a good value has to be found anew.",
        hint="The logits of B, divided by its temperature, should be the logits of A, divided by {liked}.",
        mistakes=(
            Mistake(liked, "At {liked}, B would be colder than A, for its leads are {factor} times as long."),
            Mistake(liked / factor, "Turn it over: B has the longer leads, so it needs more heat, not less."),
            Mistake(factor, "That turns B into A at temperature 1. You like A at {liked}."),
            Mistake(liked**factor, "Dividing by T is a factor on the logits: no power is needed."),
        ),
        values={"factor": factor, "liked": liked},
        vary=_same,
        numbers={"factor": (2, 3, 4, 5), "liked": (0.4, 0.6, 0.7, 0.8, 0.9)},
    )


EXERCISES = (
    _near_tie(),
    _limits(),
    _same(),
    Exercise(
        name="temperature.choices",
        title="Choices",
        question=(
            "Compute the effective number of choices of logits `z` at temperature `T`. Some probabilities may be 0."
        ),
        goal="compute how many options are really in play",
        level=2,
        minutes=5,
        answer="choices(z, T)",
        solution=_choices,
        tolerance=1e-9,
        cases=(
            (np.array([5.0, 4.8, 3.0, 0.0]), 2.0),
            (np.array([1.0, 2.0, 3.0]), 0.5),
            (np.array([1000.0, 1000.0, 0.0]), 0.5),
            (np.array([-3000.0, -2990.0]), 3.0),
            (np.array([5.0, 4.8, 4.0, *np.full(20_000, -4.0)]), 1.5),
            (np.array([1.0, 2.0, -np.inf]), 0.7),
            (np.array([0.0, 0.0]), 1.0),
        ),
        why="The number says how wide the field is before anything is drawn, whatever the size of the vocabulary.",
        hint="The exponential of −Σ p log p, with p the softmax of z / T.",
        mistakes=(
            Mistake(
                lambda z, T: float(entropy(z, temperature=T)), "That is the entropy. The number is e to that power."
            ),
            Mistake(
                lambda z, T: _plain(softmax(z, temperature=T)),
                "Where p is 0, 0 · log 0 is no number. Such an option adds nothing: leave it out of the sum.",
            ),
            Mistake(lambda z, T: _choices(z, 1.0), "The temperature is missing."),
            Mistake(lambda z, T: _choices(z, 1 / T), "You multiplied by T. Divide: a high T flattens."),
            Mistake(
                lambda z, T: float(1 / (softmax(z, temperature=T) ** 2).sum()),
                "That is another effective number, 1 / Σ p². Here it is e to the entropy.",
            ),
            Mistake(
                lambda z, T: float(2 ** entropy(z, temperature=T)),
                "The entropy is in nats, with the natural logarithm, so the base is e and not 2.",
            ),
            Mistake(
                lambda z, T: float(np.exp(entropy(z, temperature=T, base=2))),
                "The entropy is in bits, with the logarithm to base 2. With e goes the natural one, np.log.",
            ),
            Mistake(
                lambda z, T: _without_zeros(naive_softmax(z / T)),
                "An exponential overflowed, or all of them underflowed. Subtract the largest logit first, or call "
                "softmax.",
                [lambda z, T: _plain(naive_softmax(z / T))],
            ),
            Mistake(
                lambda z, T: 1 / _choices(z, T), "The sign of the entropy is turned: it is minus the sum of p log p."
            ),
            Mistake(
                lambda z, T: _with_small(softmax(z, temperature=T), 1e-8),
                "A small number inside the logarithm changes all the terms. Leave the zeros out of the sum instead.",
                [
                    lambda z, T, small=small: _with_small(softmax(z, temperature=T), small)
                    for small in SMALL
                    if small >= 1e-12
                ],
            ),
        ),
    ),
    Exercise(
        name="temperature.reheat",
        title="Reheat",
        question=(
            "A service gives you the probabilities `p` that it used at temperature `T`. Give those at "
            "temperature `new_T`."
        ),
        goal="say what a temperature does to the odds of two options, from their logits",
        level=2,
        minutes=5,
        answer="reheat(p, T, new_T)",
        solution=_reheat,
        cases=(
            (np.array([0.5, 0.3, 0.2]), 0.7, 2.0),
            (np.array([0.9, 0.09, 0.01]), 0.5, 3.0),
            (np.array([1 - 1e-12, 1e-12]), 1.0, 4.0),
            (np.array([0.8, 0.2]), 2.0, 1.0),
            (np.array([0.6, 0.4, 0.0]), 1.5, 0.4),
            (np.array([0.8, 0.2]), 1.0, 2.0),
            (np.array([0.5, 0.3, 0.2]), 0.7, 0.7),
        ),
        why="The logits are lost up to a constant, and the constant is what softmax does not see.",
        hint="log p is a set of logits at temperature T; undo the division, and divide by the new temperature.",
        mistakes=(
            Mistake(lambda p, T, new_T: softmax(p * T / new_T), "Probabilities are not logits: take their logarithm."),
            Mistake(
                lambda p, T, new_T: softmax(np.log(p) / new_T),
                "That holds for probabilities at T = 1. These are at T: multiply their logarithm by T first.",
            ),
            Mistake(
                lambda p, T, new_T: softmax(np.log(p) * new_T / T),
                "The ratio is upside down: a higher new temperature must flatten.",
            ),
            Mistake(lambda p, T, new_T: p ** (T / new_T), "The powers are right, and they no longer sum to 1. Divide."),
            Mistake(
                lambda p, T, new_T: softmax(np.log(p) / T / new_T),
                "These are probabilities at T: multiply their logarithm by T, to undo the division, not divide again.",
            ),
            Mistake(
                lambda p, T, new_T: softmax(np.log(p) * T * new_T),
                "The old temperature multiplies, to undo its division; the new one divides.",
            ),
            Mistake(
                lambda p, T, new_T: softmax(np.log2(p) * T / new_T),
                "Softmax has base e: take the natural logarithm, np.log.",
                [lambda p, T, new_T: softmax(np.log10(p) * T / new_T)],
            ),
            Mistake(lambda p, T, new_T: np.log(p) * T / new_T, "These are the new logits. Give their softmax."),
            Mistake(
                lambda p, T, new_T: _reheat(p + 1e-12, T, new_T),
                "A small number inside the logarithm changes small probabilities. Leave it out: e to −∞ is 0.",
                [
                    lambda p, T, new_T, change=change, small=small: _reheat(change(p, small), T, new_T)
                    for change, least in ((np.add, 1e-17), (np.maximum, 1e-12))
                    for small in SMALL
                    if small > least
                ],
            ),
        ),
    ),
    Exercise(
        name="temperature.tail",
        title="Tail",
        question=(
            "`good` options share the lead, `lead` logits ahead of `others` options, which are all alike. Which share "
            "of the probability do the others have together, at temperature `T`?"
        ),
        goal="explain why a few tenths of temperature can ruin a model with a large vocabulary",
        level=2,
        minutes=6,
        answer="tail(good, others, lead, T)",
        solution=_tail,
        cases=(
            (10, 49_990, 12.0, 1.5),
            (1, 3, 2.0, 1.0),
            (2, 6, 5.0, 0.5),
            (5, 95, 4.0, 2.0),
            (3, 1, 1.0, 3.0),
            (1, 1, 0.0, 1.0),
        ),
        why="Each of the others stays unlikely. But there are many of them, and the lead has to outweigh their number.",
        hint="Give each of the others the weight 1. How much does a good option weigh then?",
        mistakes=(
            Mistake(lambda good, others, lead, T: 1 - _tail(good, others, lead, T), "That is the share of the good."),
            Mistake(lambda good, others, lead, T: _tail(good, others, lead, 1), "The temperature is missing."),
            Mistake(
                lambda good, others, lead, T: _tail(good, others, lead, 1 / T),
                "You multiplied the lead by T. Divide it: heat makes leads shorter.",
            ),
            Mistake(
                lambda good, others, lead, T: _tail(good, others, lead, T) / others,
                "That is the share of one of the others. They are many: that is the point.",
            ),
            Mistake(
                lambda good, others, lead, T: _tail(1, others, lead, T),
                "There may be more than one good option: each has the same weight.",
            ),
            Mistake(
                lambda good, others, lead, T: others * np.exp(-lead / T) / good,
                "That is the odds of the others against the good. The share is a part of the whole.",
            ),
            Mistake(
                lambda good, others, lead, T: others / (good + others),
                "That is their share of the options. The good ones weigh more.",
            ),
        ),
    ),
    Exercise(
        name="temperature.half",
        title="Half",
        question=(
            "Find the temperature at which the top option has probability one half. The logits have one "
            "maximum, and three or more entries. (The probability falls as $T$ rises, so halving an "
            "interval works.)"
        ),
        goal="compute how many options are really in play",
        level=3,
        minutes=10,
        answer="temperature_of_half(z)",
        solution=_temperature_of_half,
        cases=(
            (np.array([5.0, 4.8, 3.0, 0.0]),),
            (np.array([0.3, 0.2, 0.1]),),
            (np.array([0.0, 4.8, 5.0, 3.0]),),
            (np.array([1000.0, 990.0, 0.0]),),
            (np.array([2.0, 0.0, 0.0]),),
            (np.array([12.0, *np.zeros(999)]),),
            (np.array([2.0, 1.0, -3.0, -np.inf]),),
        ),
        why=("A slider could be marked with this probability instead of T, and it would mean the same in every model."),
        hint="Start with an interval from 0 to a T at which the top is below one half, and halve it some fifty times.",
        mistakes=(
            Mistake(
                lambda z: float((z.max() - np.sort(z)[-2]) / np.log(len(z) - 1)),
                "That is right if all rivals have the same logit. In general they have not: search for T.",
            ),
            Mistake(
                lambda z: 1 / _temperature_of_half(z),
                "That is 1/T, what the logits are multiplied by. The temperature divides them.",
            ),
            Mistake(
                lambda z: float(softmax(z).max() / 0.5),
                "The probability is not proportional to 1/T. Search: too large a share means T must rise.",
            ),
        ),
    ),
)
