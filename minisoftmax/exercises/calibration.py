"""The exercises of the chapter on calibration."""

import numpy as np
from numpy.typing import NDArray

from minisoftmax.exercises._exercise import Exercise, Mistake

__all__ = ["EXERCISES"]

Array = NDArray[np.float64]


def _gaps(confidence: Array, right: Array, n_bins: int) -> tuple[Array, Array]:
    """Give the mean gap of each bin that is not empty, and the share of answers in it."""
    bins = np.ceil(confidence * n_bins)
    members = [bins == b for b in np.unique(bins)]
    gaps = np.array([(confidence - right)[member].mean() for member in members])
    return gaps, np.array([member.mean() for member in members])


def _ece(confidence: Array, right: Array, n_bins: int) -> float:
    gaps, shares = _gaps(confidence, right, n_bins)
    return float((shares * np.abs(gaps)).sum())


def _with_empty_bins(confidence: Array, right: Array, n_bins: int) -> tuple[Array, Array]:
    """Give the weighted and the plain gap of every bin: NaN where it is empty."""
    bins = np.ceil(confidence * n_bins)
    counts = np.array([np.sum(bins == b) for b in range(1, n_bins + 1)])
    sums = np.array([np.sum((confidence - right)[bins == b]) for b in range(1, n_bins + 1)])
    gaps = np.abs(sums / counts)
    return gaps * counts / len(confidence), gaps


def _bin(confidence: Array, right: Array, low: float, high: float) -> tuple[float, float]:
    inside = (confidence > low) & (confidence <= high)
    return float(confidence[inside].mean()), float(right[inside].mean())


def _temperature(factor: float = 2.5) -> Exercise:
    return Exercise(
        name="calibration.temperature",
        title="Temperature",
        question=(
            "All probabilities of a model are calibrated. Somebody multiplies its logits by {factor}. What does "
            "temperature scaling find?"
        ),
        goal="undo a common factor in all logits by one number that changes no answer",
        level=1,
        minutes=2,
        answer="temperature",
        solution=factor,
        tolerance=1e-3,
        why="Temperature scaling undoes exactly one thing, a common factor on all logits, and undoes it well.",
        hint="Which division of the new logits gives back those that were calibrated?",
        mistakes=(
            Mistake(1 / factor, "That is what the logits are to be multiplied by. The temperature divides them."),
            Mistake(1, "T = 1 leaves the logits too large by the factor."),
            Mistake(factor**2, "The factor counts once, not squared."),
            Mistake(-factor, "A temperature is positive: a negative one would turn the order around."),
        ),
        values={"factor": factor},
        vary=_temperature,
        numbers={"factor": (1.5, 1.6, 2, 3, 3.5, 4, 5)},
    )


def _constant(shares: tuple[float, float, float] = (0.5, 0.3, 0.2)) -> Exercise:
    most = shares[0]
    return Exercise(
        name="calibration.constant",
        title="Constant",
        question=(
            "Three classes occur with shares {shares[0]}, {shares[1]} and {shares[2]}, and a model always says "
            "exactly that. What are its accuracy and its ECE?"
        ),
        goal="compute the expected calibration error, and name its traps",
        level=2,
        minutes=5,
        answer="accuracy, error",
        solution=(most, 0.0),
        tolerance=1e-6,
        why=(
            "An ECE of 0 does not mean that a model knows anything, or that each of its claims is right: "
            "in a bin they cancel."
        ),
        hint="It always names the first class. How often is that right, and what confidence does it state?",
        mistakes=(
            Mistake(
                (most, most), "The first is right. The gap is between what it says, {most}, and how often it is right."
            ),
            Mistake(
                (round(sum(share**2 for share in shares), 10), 0.0),
                "You let it draw its answer. It names the likeliest class, which is always the first.",
            ),
            Mistake(
                (1 / 3, 0.0),
                "The classes are not equally frequent: it names the first, which has a share of {most}.",
            ),
            Mistake((0.0, most), "The two are in the other order, and one of them is not a gap."),
        ),
        values={"shares": shares, "most": most},
        vary=_constant,
        numbers={"shares": ((0.6, 0.3, 0.1), (0.6, 0.25, 0.15), (0.7, 0.2, 0.1), (0.45, 0.35, 0.2), (0.8, 0.15, 0.05))},
    )


EXERCISES = (
    _temperature(),
    Exercise(
        name="calibration.bin",
        title="One dot",
        question=(
            "Given the `confidence` of each answer and whether it was `right` (0 or 1), compute one dot of a "
            "reliability diagram: the mean confidence and the share right, of the answers with a confidence above "
            "`low` and up to `high`. Return both, in this order."
        ),
        goal="say what it means for probabilities to be calibrated, and draw it",
        level=1,
        minutes=4,
        answer="dot(confidence, right, low, high)",
        solution=_bin,
        cases=(
            (np.array([0.95, 0.55, 0.62, 0.71, 0.78]), np.array([1, 0, 1, 0, 1]), 0.6, 0.8),
            (np.array([0.3, 0.91, 0.97, 0.45]), np.array([0, 1, 0, 1]), 0.9, 1.0),
            (np.array([0.5, 0.25, 0.75, 0.125]), np.array([1, 0, 1, 1]), 0.25, 0.5),
            (np.array([1.0, 0.9, 0.8]), np.array([1, 0, 1]), 0.0, 1.0),
        ),
        why="Five or ten such dots show more than any one number about a model's honesty.",
        hint="Make an array of booleans that says which answers are in the bin, and take both means of those alone.",
        mistakes=(
            Mistake(
                lambda confidence, right, low, high: _bin(confidence, right, low, high)[::-1],
                "Both are there, in the other order: first what it said, then how often it was right.",
            ),
            Mistake(
                lambda confidence, right, low, high: (confidence.mean(), right.mean()),
                "That is the mean over all answers. Take those in the bin alone.",
            ),
            Mistake(
                lambda confidence, right, low, high: _bin(confidence, right, low, 1),
                "You took all answers above low. The bin ends at high.",
            ),
            Mistake(
                lambda confidence, right, low, high: _bin(confidence, right, 0, high),
                "You took all answers up to high. The bin begins above low.",
            ),
            Mistake(
                lambda confidence, right, low, high: ((low + high) / 2, _bin(confidence, right, low, high)[1]),
                "The middle of the bin is not the mean of what the model said in it.",
            ),
            Mistake(
                lambda confidence, right, low, high: _bin(np.nextafter(confidence, 2), right, low, high),
                "The bin is closed on the right: above low, and up to high.",
                [lambda confidence, right, low, high: _bin(confidence, right, np.nextafter(low, 0), high)],
            ),
            Mistake(
                lambda confidence, right, low, high: (
                    _bin(confidence, right, low, high)[0],
                    right[(confidence > low) & (confidence <= high)].sum(),
                ),
                "The first is right. Of the right answers, give the share in the bin, not the number.",
            ),
            Mistake(
                lambda confidence, right, low, high: tuple(
                    mean * ((confidence > low) & (confidence <= high)).mean()
                    for mean in _bin(confidence, right, low, high)
                ),
                "You divided by the number of all answers: divide by the number in the bin.",
            ),
        ),
    ),
    _constant(),
    Exercise(
        name="calibration.ece",
        title="ECE",
        question=(
            "Given the `confidence` of each answer, whether it was `right` (0 or 1), and `n_bins` bins of "
            "equal width on $(0, 1]$, closed on the right, compute the expected calibration error."
        ),
        goal="compute the expected calibration error, and name its traps",
        level=3,
        minutes=10,
        answer="ece(confidence, right, n_bins)",
        solution=_ece,
        cases=(
            (np.array([0.93, 0.95, 0.33, 0.35]), np.array([1, 0, 0, 1]), 2),
            (np.array([0.6, 0.78, 0.72, 0.99, 0.93]), np.array([1, 0, 1, 0, 1]), 4),
            (np.array([0.3, 0.5, 0.9]), np.array([0, 0, 1]), 2),
            (
                np.array([0.11, 0.37, 0.33, 0.52, 0.66, 0.58, 0.71, 0.79, 0.75, 0.88, 0.97, 0.93]),
                np.array([0, 1, 0, 0, 1, 1, 0, 1, 1, 1, 0, 1]),
                5,
            ),
            (np.array([0.55, 0.65, 0.75]), np.array([0, 1, 1]), 1),
        ),
        why="That is the number that papers report; now you know what it averages over, and what it cannot see.",
        hint="In each bin: the mean confidence minus the share right, without sign, times the share of answers there.",
        mistakes=(
            Mistake(
                lambda confidence, right, n_bins: float(np.abs(_gaps(confidence, right, n_bins)[0]).mean()),
                "Bins do not count alike: weight each by its share of the answers.",
            ),
            Mistake(
                lambda confidence, right, n_bins: _with_empty_bins(confidence, right, n_bins)[0].sum(),
                "A bin without answers has no mean, which would be 0 / 0. Leave empty bins out.",
                [lambda confidence, right, n_bins: _with_empty_bins(confidence, right, n_bins)[1].mean()],
            ),
            Mistake(
                lambda confidence, right, n_bins: float(np.abs(confidence - right).mean()),
                "That compares each answer with 0 or 1, and is not small even for a perfect forecast. Use bins.",
            ),
            Mistake(
                lambda confidence, right, n_bins: float(np.abs(_gaps(confidence, right, n_bins)[0]).sum() / n_bins),
                "You divided by the number of bins. Weight each gap by the share of the answers in its bin.",
            ),
            Mistake(
                lambda confidence, right, n_bins: _ece(confidence, right, 10),
                "That looks like ten bins, whatever n_bins is.",
            ),
            Mistake(
                lambda confidence, right, n_bins: float(abs((confidence - right).mean())),
                "That is one bin for all: gaps of different signs cancel. Take the sign away in each bin.",
            ),
            Mistake(
                lambda confidence, right, n_bins: float(np.abs(_gaps(confidence, right, n_bins)[0]).max()),
                "That is the largest gap, another measure (the maximum calibration error). Here it is the mean.",
            ),
            Mistake(
                lambda confidence, right, n_bins: _ece(np.nextafter(confidence, 1), right, n_bins),
                "Bins are closed on the right: with two bins, 0.5 belongs to the first.",
            ),
            Mistake(
                lambda confidence, right, n_bins: float((confidence - right).mean()),
                "Gaps of different signs cancel in yours. Take the sign away in each bin.",
            ),
            Mistake(
                lambda confidence, right, n_bins: float(np.abs(_gaps(confidence, right, n_bins)[0]).sum()),
                "You added the gaps up. Weight each by the share of the answers in its bin.",
            ),
            Mistake(
                lambda confidence, right, n_bins: _ece(confidence, right, n_bins) * len(confidence),
                "The weight of a bin is its share of the answers, not their number: divide by that of all answers.",
            ),
            Mistake(
                lambda confidence, right, n_bins: float(
                    np.sqrt(np.prod(_gaps(confidence, right, n_bins), axis=0) @ _gaps(confidence, right, n_bins)[0])
                ),
                "You took squares and a root, another measure. Here it is the mean of the gaps without their signs.",
            ),
        ),
    ),
    Exercise(
        name="calibration.far",
        title="Far",
        question=(
            "With two classes and no intercepts, an input has a lead of `lead` > 0 in logits. By what "
            "factor must it be multiplied for the confidence to be `sure`?"
        ),
        goal="explain why softmax is sure of what it has never seen, and what that repair cannot do",
        level=2,
        minutes=5,
        answer="factor(lead, sure)",
        solution=lambda lead, sure: float(np.log(sure / (1 - sure)) / lead),
        cases=((0.5, 0.9), (4.0, 0.999), (2.0, 0.7), (1.0, 0.99)),
        why="Any input with a lead reaches any confidence that you like, if only it is made large enough.",
        hint="The confidence is the sigmoid of the factor times the lead: solve for the factor.",
        mistakes=(
            Mistake(
                lambda lead, sure: float(np.log(sure / (1 - sure)) * lead),
                "A larger lead needs a smaller factor: divide by it.",
            ),
            Mistake(
                lambda lead, sure: float(np.log(sure / (1 - sure))),
                "That is the lead that is needed. How many times the lead that the input has?",
            ),
            Mistake(
                lambda lead, sure: float(np.log(sure) / lead),
                "The odds are sure / (1 − sure), not sure alone.",
            ),
            Mistake(
                lambda lead, sure: float(np.log10(sure / (1 - sure)) / lead),
                "Logits go with the natural logarithm, np.log.",
            ),
            Mistake(
                lambda lead, sure: float(np.log(sure / (1 - sure)) - lead),
                "Multiplying the input multiplies the lead; it does not add to it.",
            ),
            Mistake(
                lambda lead, sure: float(np.log(sure / 1 - sure) / lead),
                "Mind the parentheses: sure / 1 - sure is sure minus sure. You need sure / (1 - sure).",
            ),
        ),
    ),
)
