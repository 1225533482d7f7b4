"""The exercises of the chapter on sampling."""

import itertools
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minisoftmax.core import softmax
from minisoftmax.data import load_language_model
from minisoftmax.exercises._exercise import Exercise, Mistake
from minisoftmax.sampling import sample

__all__ = ["EXERCISES", "HIDDEN_ORDER"]

Array = NDArray[np.float64]

HIDDEN_ORDER = (3, 1, 2)
"""The settings that make the texts of ``sampling.which``, and its answer: so text and answer cannot differ."""


_NOISE = np.random.default_rng(4).gumbel(size=(8, 4)).round(2)


def _kept(p: Array, reached: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Carry what was decided from the likeliest down back to the order of ``p``."""
    kept = np.zeros(p.size, bool)
    kept[np.argsort(-p)] = reached
    return kept


def _before(p: Array) -> Array:
    """Give the mass of the likelier ones, from the likeliest down."""
    descending = -np.sort(-p)
    result: Array = np.cumsum(descending) - descending
    return result


def _kept_by_top_p(p: Array, mass: float) -> NDArray[np.bool_]:
    return _kept(p, _before(p) < mass)


_STARTS = "the cat was", "the captain said", "in the night", "on the island", "the gull and", "every evening marta"
_SETTINGS: dict[int, dict[str, float]] = {1: {"temperature": 0}, 2: {"temperature": 2}, 3: {"min_p": 0.1}}


@cache
def _text(start: str, setting: int) -> str:
    """Let the book's language model go on with a few words, by sixty tokens."""
    model, rng, words = load_language_model(), np.random.default_rng(0), start.split()
    for _ in range(60):
        logits = model.logits(words)
        words.append(model.vocabulary[int(sample(logits, rng=rng, **_SETTINGS[setting]))])  # type: ignore[arg-type]
    return " ".join(words)


def _which(order: tuple[int, int, int] = HIDDEN_ORDER, start: str = "") -> Exercise:
    """Three texts, of which the chapter shows its own below; a variant brings others."""
    greedy, hot, cut = ("ABC"[order.index(setting)] for setting in (1, 2, 3))
    swapped = {kept: tuple(s if s == kept else 6 - kept - s for s in order) for kept in order}
    turned = order[1:] + order[:1], order[2:] + order[:2]
    none = "None of the three is right yet: look for the one that repeats itself first."
    put = [f"\n\n{letter}: {_text(start, setting)}" for letter, setting in zip("ABC", order, strict=True) if start]
    return Exercise(
        name="sampling.which",
        title="Which?",
        question=(
            "These texts were made with three settings, in an order that you do not see: 1 is greedy, 2 is $T = 2$, "
            "3 is min-p 0.1. Give the setting of each.{texts}"
        ),
        goal="say why always taking the likeliest token loops, and why plain drawing goes wrong",
        level=1,
        minutes=3,
        answer="text_A, text_B, text_C",
        options=(1, 2, 3),
        solution=order,
        why=(
            "Repetition is the sign of greedy decoding, and nonsense of a high temperature. "
            "Good settings are hard to see."
        ),
        hint="One text falls into a rut, in one no word fits its neighbor, and one is a story of sorts.",
        mistakes=(
            Mistake(swapped[1], "{greedy} is right. In which of the other two do the words not fit their neighbors?"),
            Mistake(swapped[2], "{hot} is right. Of the other two, one repeats what it said."),
            Mistake(
                swapped[3],
                "{cut} is right. Heat scatters, and greedy decoding repeats: which of {one} and {other} repeats?",
            ),
            Mistake(turned[0], none),
            Mistake(turned[1], none),
        ),
        values={
            "greedy": greedy,
            "hot": hot,
            "cut": cut,
            "one": min(greedy, hot),
            "other": max(greedy, hot),
            "texts": "".join(put),
        },
        vary=_which,
        numbers={"order": tuple(itertools.permutations((1, 2, 3))), "start": _STARTS},
    )


def _order(p: tuple[float, ...] = (0.64, 0.25, 0.09, 0.02), mass: float = 0.8) -> Exercise:
    """Top-p must keep two of the tokens before the heat, and three after it."""
    warm, hot = np.sqrt(p), np.square(p)

    def first(weights: Any, kept: int) -> float:
        return float(weights[0] / sum(weights[:kept]))

    cut_first, heat_first = first(warm, 2), first(warm, 3)
    return Exercise(
        name="sampling.order",
        title="Two orders",
        question=(
            "Four tokens have the probabilities {p[0]}, {p[1]}, {p[2]} and {p[3]}. A program uses top-p {mass} and "
            "$T = 2$. With what probability does it draw the first token, if it cuts and then heats, and if it heats "
            "and then cuts?"
        ),
        goal="tell in which order temperature and filters are applied, and why it matters",
        level=2,
        minutes=5,
        answer="cut_first, heat_first",
        solution=(cut_first, heat_first),
        tolerance=6e-3,
        why="The same two numbers, and one program keeps two tokens, the other three.",
        hint="At T = 2 the probabilities go as their square roots. Write down who is kept, in each order.",
        mistakes=(
            Mistake(
                (heat_first, cut_first),
                "These are the two numbers, in the other order: the first is for cutting first.",
            ),
            Mistake(
                (first(p, 2), heat_first),
                "The second is right. In the first you cut and divided by the sum, and forgot the heat.",
            ),
            Mistake(
                (first(p, 2), first(p, 3)),
                "No heat is in these. At T = 2 the probabilities go as their square roots.",
            ),
            Mistake(
                (cut_first, cut_first),
                "The first is right. If heat comes first, two tokens do not have {mass} any more.",
            ),
            Mistake(
                (cut_first, first(warm, 4)),
                "The first is right. In the second, divide by the sum of the tokens that are kept alone.",
            ),
            Mistake((first(hot, 2), first(hot, 3)), "A temperature of 2 flattens: take square roots, not squares."),
        ),
        values={"p": p, "mass": mass},
        vary=_order,
        numbers={
            "p": (
                (0.64, 0.25, 0.09, 0.02),
                (0.49, 0.36, 0.09, 0.06),
                (0.64, 0.16, 0.12, 0.08),
                (0.49, 0.35, 0.1, 0.06),
            ),
            "mass": (0.8,),
        },
    )


EXERCISES = (
    Exercise(
        name="sampling.top_p",
        title="Top-p",
        question=(
            "Which of the probabilities `p` (one row, in any order, without ties) does top-p keep, for a "
            "mass `mass`? Return an array of booleans."
        ),
        goal="predict which tokens survive top-k, top-p and min-p, and implement them",
        level=2,
        minutes=10,
        answer="kept_by_top_p(p, mass)",
        solution=_kept_by_top_p,
        cases=(
            (np.array([0.05, 0.5, 0.15, 0.3]), 0.85),
            (np.array([0.04, 0.3, 0.16, 0.5]), 0.7),
            (np.array([0.1, 0.7, 0.2]), 0.3),
            (np.array([0.0625, 0.25, 0.5, 0.1875]), 0.75),
            (np.array([0.5, 0.3, 0.16, 0.04]), 0.6),
            (np.array([0.25, 0.4, 0.35]), 1.0),
        ),
        why="Sort, add up, stop: that is all of nucleus sampling, and the crossing token is what people get wrong.",
        hint="Go from the likeliest down, and keep a token if the mass before it has not yet reached the goal.",
        mistakes=(
            Mistake(
                lambda p, mass: _kept(p, np.cumsum(-np.sort(-p)) <= mass),
                "You left out the token that crosses. Without it the mass is not reached, and the set may be empty.",
                [
                    lambda p, mass: _kept(p, np.cumsum(-np.sort(-p)) < mass),
                    lambda p, mass: _kept(p, np.cumsum(-np.sort(-p)) < mass - 1e-9),
                ],
            ),
            Mistake(
                lambda p, mass: np.cumsum(p) - p < mass,
                "You added up in the order given. Start with the likeliest: np.argsort(-p).",
            ),
            Mistake(
                lambda p, mass: _before(p) < mass,
                "Your answer is in the order of the sorted tokens. Put it back where each token stands in p.",
            ),
            Mistake(
                lambda p, mass: (_before(p) < mass)[np.argsort(-p)],
                "Nearly: kept[order] = … puts the answers where they belong; …[order] shuffles them once more.",
            ),
            Mistake(
                lambda p, mass: np.argsort(-p)[: int((_before(p) < mass).sum())],
                "These are the places of the kept tokens. Give a boolean for each token, in the order of p.",
            ),
            Mistake(lambda p, mass: p >= mass, "The mass is that of all kept tokens together, not of each."),
            Mistake(
                lambda p, mass: _kept(p, _before(p) <= mass),
                "Where the mass is reached exactly, you keep one token more. Stop as soon as it is reached.",
            ),
            Mistake(
                lambda p, mass: p >= (1 - mass) * p.max(),
                "That compares each with the likeliest, as min-p does. Add the probabilities up.",
            ),
            Mistake(
                lambda p, mass: _kept(-p, np.cumsum(np.sort(p)) - np.sort(p) < mass),
                "You started with the least likely, as np.argsort does. Start with the likeliest: np.argsort(-p).",
            ),
        ),
    ),
    Exercise(
        name="sampling.band",
        title="Band",
        question=(
            "Min-p keeps a band of logits below the largest. How wide is it, at temperature `T`? "
            "(`sample` heats first.)"
        ),
        goal="tell in which order temperature and filters are applied, and why it matters",
        level=2,
        minutes=5,
        answer="band(min_p, T)",
        solution=lambda min_p, T: float(-T * np.log(min_p)),
        cases=((0.05, 2.0), (0.5, 0.7), (0.1, 1.0)),
        why="Heating widens the band, so min-p lets more through at a high temperature, though less than top-p.",
        hint="At the edge of the band the odds against the top are 1 : min_p. Write them with the logits and T.",
        mistakes=(
            Mistake(lambda min_p, T: float(-np.log(min_p)), "That is right at T = 1. Odds are e to the lead over T."),
            Mistake(lambda min_p, T: float(T * np.log(min_p)), "The sign is turned: a width is positive."),
            Mistake(lambda min_p, T: float(-np.log(min_p) / T), "Divided by T it gets narrower, but heat widens it."),
            Mistake(
                lambda min_p, T: float(-T * np.log10(min_p)), "Logits go with the natural logarithm, np.log, not log10."
            ),
            Mistake(lambda min_p, T: 1 - min_p, "That is a distance of probabilities. The band is one of logits."),
        ),
    ),
    Exercise(
        name="sampling.noise",
        title="Noise",
        question=(
            "Draw tokens at temperature `T` from logits `z`: one for each row of `noise`, which has a "
            "Gumbel number for each logit."
        ),
        goal="draw from a softmax by adding noise and taking the maximum",
        level=2,
        minutes=5,
        answer="draw(z, T, noise)",
        solution=lambda z, T, noise: (z / T + noise).argmax(axis=-1),
        cases=(
            (np.array([2.0, 1.0, 0.0]), 0.4, _NOISE[:, 1:]),
            (np.array([0.0, 4.0, 3.0, 1.0]), 3.0, _NOISE),
            (np.array([2.0, 1.0, 0.0]), 1.0, _NOISE[:, :3]),
        ),
        why="Draws from many rows at once, on any device: each token needs its own noise, and no sum is taken.",
        hint="The noise belongs to softmax of z / T: divide the logits, add the noise, take the argmax of each row.",
        mistakes=(
            Mistake(
                lambda z, T, noise: ((z + noise) / T).argmax(axis=-1),
                "The temperature has no effect in yours: it has to divide the logits, and not the noise as well.",
                [lambda z, T, noise: (z + noise).argmax(axis=-1)],
            ),
            Mistake(lambda z, T, noise: np.full(len(noise), z.argmax()), "Without the noise this is greedy decoding."),
            Mistake(
                lambda z, T, noise: (z / T - noise).argmax(axis=-1),
                "Gumbel noise is not symmetric: its long tail goes up. Add it.",
            ),
            Mistake(lambda z, T, noise: (z / T + noise).max(axis=-1), "These are the largest values. Which tokens?"),
            Mistake(lambda z, T, noise: (z * T + noise).argmax(axis=-1), "A high temperature flattens: divide by T."),
            Mistake(lambda z, T, noise: noise.argmax(axis=-1), "The logits are missing: this draws all tokens alike."),
            Mistake(
                lambda z, T, noise: (softmax(z, temperature=T) + noise).argmax(axis=-1),
                "The noise goes to the logits z / T, not to the probabilities.",
            ),
            Mistake(
                lambda z, T, noise: (z / T + noise).argmax(),
                "That is one place in the whole array. Draw one token for each row: axis=-1.",
            ),
            Mistake(
                lambda z, T, noise: (z / T + T * noise).argmax(axis=-1),
                "The noise is multiplied by T. The temperature divides the logits alone.",
            ),
            Mistake(
                lambda z, T, noise: (z / T + noise / T).argmax(axis=-1),
                "The temperature has no effect in yours: it has to divide the logits, and not the noise as well.",
            ),
        ),
    ),
    _which(),
    _order(),
    Exercise(
        name="sampling.perplexity",
        title="Perplexity",
        question=(
            "A model gave the tokens of a text the log-probabilities `log_p`. What is its perplexity on the text?"
        ),
        goal="measure a model, and a temperature, by perplexity",
        level=1,
        minutes=3,
        answer="my_perplexity(log_p)",
        solution=lambda log_p: float(np.exp(-np.mean(log_p))),
        cases=(
            (np.log(np.array([0.5, 0.125])),),
            (np.log(np.array([0.9, 0.01, 0.3])),),
            (np.full(1000, -3.0),),
            (np.array([-1e-20, -1e-20]),),
            (np.log(np.full(5, 0.25)),),
        ),
        why="A perplexity of 8 is the uncertainty of a fair eight-sided die, thrown anew for each token.",
        hint="The mean surprise is the mean of −log p. Take e to that power.",
        mistakes=(
            Mistake(
                lambda log_p: float(np.prod(np.exp(log_p)) ** (-1 / len(log_p))),
                "That is right until the product of many probabilities rounds to 0. Add their logarithms instead.",
            ),
            Mistake(lambda log_p: float(-np.mean(log_p)), "That is the mean surprise. Take e to that power."),
            Mistake(
                lambda log_p: float(np.exp(-np.sum(log_p))),
                "That is 1 over the probability of the whole text. Take the mean over tokens, not the sum.",
            ),
            Mistake(lambda log_p: float(np.exp(np.mean(log_p))), "Turn it over: surprise is −log p."),
            Mistake(
                lambda log_p: float(np.mean(np.exp(-log_p))),
                "You took the mean of 1 / p. The mean is of the logarithms, and the exponential comes after it.",
            ),
            Mistake(lambda log_p: float(2 ** -np.mean(log_p)), "These are natural logarithms: e, not 2."),
        ),
    ),
)
