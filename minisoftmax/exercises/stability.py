"""The exercises of the chapter on numerical stability."""

import itertools

import numpy as np
from numpy.typing import NDArray

from minisoftmax.core import log_softmax, logsumexp, naive_softmax, softmax
from minisoftmax.exercises._exercise import SMALL, Exercise, Mistake

__all__ = ["EXERCISES"]

Array = NDArray[np.float64]


def _merge(m_1: float, s_1: float, m_2: float, s_2: float) -> tuple[float, float]:
    m = max(m_1, m_2)
    return m, float(s_1 * np.exp(m_1 - m) + s_2 * np.exp(m_2 - m))


def _shifted_log(z: Array) -> Array:
    """Take the logarithm of the whole sum, 1 and all."""
    shifted = z - z.max()
    result: Array = shifted - np.log(np.exp(shifted).sum())
    return result


def _normalized(exponentials: Array) -> Array:
    """Divide by the sum of each row, with no care for a sum of 0."""
    result: Array = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return result


def _softmax_of(z: Array) -> Array:
    """Subtract each row's maximum and divide, with no care for a maximum of −inf."""
    return _normalized(np.exp(z - z.max(axis=-1, keepdims=True)))


def _left_out_after(z: Array, mask: NDArray[np.bool_], shift: Array | float) -> Array:
    return _normalized(np.where(mask, np.exp(z - shift), 0))


def _masked_at_once(z: Array, mask: NDArray[np.bool_]) -> Array:
    """Treat all rows as one, with no care for a mask that is false everywhere."""
    masked = np.where(mask, z, -np.inf)
    return _normalized(np.exp(masked - masked.max()).ravel()).reshape(z.shape)


def _largest(z: Array, mask: NDArray[np.bool_]) -> Array:
    """Give the largest logit of each row that takes part; of a row with nothing in it, a low number."""
    largest: Array = np.where(mask, z, -1e9).max(axis=-1, keepdims=True)
    return largest


def _window(number_format: str = "the 8-bit format E4M3", most: int = 448) -> Exercise:
    limit = float(np.log(most))
    largest = int(limit)
    return Exercise(
        name="stability.window",
        title="Window",
        question=(
            "The largest number of {number_format} is {most}. What is the largest whole number whose "
            "exponential it can hold?"
        ),
        goal="say for which logits the plain formula fails, in any number format",
        level=1,
        minutes=2,
        answer="largest_logit",
        solution=largest,
        why="Nobody's logits stop at {largest}: eight-bit formats are used with a scale factor beside them.",
        hint="Which power of e is the largest number of the format?",
        mistakes=(
            Mistake(largest + 1, "The exponential of {too_large} is larger than {most}. Round down."),
            Mistake(
                limit,
                "That is the limit itself. The largest whole number is below it.",
                [*(round(limit, digits) for digits in (1, 2, 3)), float(np.ceil(100 * limit) / 100)],
            ),
            Mistake(int(np.log2(most)), "That is the largest power of 2. You need the largest power of e."),
            Mistake(int(np.log10(most)), "That is the largest power of 10. You need the largest power of e."),
            Mistake(most, "That is the largest number. Which logit has it as its exponential?"),
            Mistake(11, "That is the limit of float16."),
            Mistake(88, "That is the limit of float32."),
        ),
        values={"most": most, "largest": largest, "too_large": largest + 1},
        words={"number_format": number_format},
        vary=_window,
        numbers={"number_format": ("an 8-bit format",), "most": (112, 120, 124, 224, 240, 248, 1792, 1920, 1984)},
    )


_ORIGINS = {
    2: "The scores are finite, attention gives NaN for one row, and this row stands for an empty sentence.",
    4: "In float32 all is well. In float16 softmax gives NaN; its scores are sums of 64 products of numbers near 40.",
    5: "The loss is finite and its gradient is NaN. The code has `np.where(p > 0, np.log(p), 0)`.",
}
"""What three programs show, by the line of the chapter's list that explains it."""


def _origin(order: tuple[int, ...] = (5, 2, 4)) -> Exercise:
    names = "first", "second", "third"

    def confused(line: int, other: int) -> tuple[int, ...]:
        return tuple(other if right == line else right for right in order)

    return Exercise(
        name="stability.origin",
        title="Where from?",
        question=(
            "Three programs write NaN. Which line of the list, 1 to 5, names the cause?\n\n"
            "1. {seen_1}\n2. {seen_2}\n3. {seen_3}"
        ),
        goal="find where a NaN in training came from",
        level=2,
        minutes=5,
        answer=", ".join(names),
        options=(1, 2, 3, 4, 5),
        solution=order,
        why="None of the three is in the data, and a NaN itself looks the same in all of them.",
        hint="Ask of each: is it the forward value or the gradient, one row or all, one format or all?",
        mistakes=(
            Mistake(
                confused(5, 3),
                "In the {where}, the logarithm of 0 is taken, but its value is not used: the loss is finite. Which "
                "line is about a gradient?",
            ),
            Mistake(
                confused(2, 5),
                "In the {empty}, it is the value that is NaN, and of one row alone. What has this row left?",
                [confused(2, 1)],
            ),
            Mistake(
                confused(4, 1),
                "In the {half}, the data are the same in both formats. Which numbers are too large for one of them?",
                [confused(4, 3)],
            ),
        ),
        words={
            **{f"seen_{number}": _ORIGINS[line] for number, line in enumerate(order, 1)},
            **{which: names[order.index(line)] for which, line in (("where", 5), ("empty", 2), ("half", 4))},
        },
        vary=_origin,
        numbers={"order": tuple(itertools.permutations(_ORIGINS))},
    )


EXERCISES = (
    _window(),
    Exercise(
        name="stability.logsumexp",
        title="Log-sum-exp",
        question=(
            "Write it for a one-dimensional array, so that logits of ±1000 are fine. Of nothing but −∞ it is −∞."
        ),
        goal="write a softmax that does not fail, and prove that it is the same function",
        level=1,
        minutes=5,
        answer="my_logsumexp(z)",
        solution=logsumexp,
        cases=(
            (np.array([0.0, 1.0, 2.0]),),
            (np.array([0.0, 1000.0]),),
            (np.array([1000.0, 0.0]),),
            (np.array([-1000.0, -1001.0]),),
            (np.array([-800.0, 0.0, 300.0]),),
            (np.array([0.0, -np.inf]),),
            (np.array([1000.0, 1000.0]),),
            (np.array([-np.inf, -np.inf]),),
        ),
        why="The same two lines are in every loss, every normalizing flow and every hidden Markov model.",
        hint="Subtract the maximum from the logits, and add it back to the logarithm.",
        mistakes=(
            Mistake(lambda z: np.log(np.exp(z - z.max()).sum()), "You subtracted the maximum. Add it back at the end."),
            Mistake(lambda z: np.exp(z).sum(), "That is the sum. Take its logarithm."),
            Mistake(lambda z: z.max(), "That is the maximum; the sum is larger than its largest term."),
            Mistake(lambda z: np.log(z.sum()), "The exponentials are missing: exponentiate, add, take the logarithm."),
            Mistake(
                lambda z: np.log(np.exp(z).sum()),
                "The formula as it is written: e to a large number overflows, and e to a very negative one "
                "is 0. Subtract the maximum first, "
                "and add it back at the end.",
            ),
            Mistake(
                lambda z: z[0] + np.log(np.exp(z - z[0]).sum()),
                "You subtracted the first logit, and a later one may be far larger. Subtract the largest.",
            ),
            Mistake(
                lambda z: z.min() + np.log(np.exp(z - z.min()).sum()),
                "You subtracted the smallest logit, and the largest exponential still overflows. Subtract the largest.",
            ),
            Mistake(
                lambda z: z.mean() + np.log(np.exp(z - z.mean()).sum()),
                "You subtracted the mean. It may be −∞, and the largest exponential can still overflow. "
                "Subtract the largest logit.",
            ),
            Mistake(
                lambda z: z.max() + np.log(np.exp(z - z.max()).sum()),
                "Right but for one input. If the maximum is −inf, there is nothing to add up: neither −inf − (−inf) "
                "nor the logarithm of 0 is a number. The answer is −inf.",
            ),
            Mistake(lambda z: z.sum(), "That is the sum of the logits: exponentiate, add, take the logarithm."),
            Mistake(
                lambda z: z.max() - np.log(np.exp(z - z.max()).sum()),
                "The logarithm is to be added to the maximum, not subtracted.",
            ),
            Mistake(
                lambda z: np.log(np.exp(z - z.max()).sum()) - z.max(),
                "You subtracted the maximum from the logits, and then once more. Add it back.",
            ),
            Mistake(
                lambda z: z.max() + np.log1p(np.exp(z - z.max()).sum()),
                "The 1 of the maximum is in your sum, and log1p adds it again: take log.",
            ),
            Mistake(
                lambda z: z.max() + np.log2(np.exp(z - z.max()).sum()),
                "The logarithm is the natural one, np.log: e is the base of the exponentials.",
                [lambda z: z.max() + np.log10(np.exp(z - z.max()).sum())],
            ),
        ),
    ),
    Exercise(
        name="stability.log_softmax",
        title="Log-softmax",
        question="Write it for a one-dimensional array, with all digits of the log-probability of a dominant logit.",
        goal="tell when a stable softmax still gives a wrong logarithm, and write one that does not",
        level=3,
        minutes=10,
        answer="my_log_softmax(z)",
        solution=log_softmax,
        cases=(
            (np.array([0.0, 1.0, 2.0]),),
            (np.array([1000.0, 0.0, 999.0]),),
            (np.array([-1000.0, -1001.0]),),
            (np.array([50.0, 0.0]),),
            (np.array([0.0, -90.0, -100.0]),),
            (np.array([1e12 - 10, 1e12]),),
            (np.array([2.0, 2.0, 0.0]),),
        ),
        absolute=0.0,
        why="Yours is right where SciPy, PyTorch and JAX give 0.",
        hint="The logit, less the maximum, less the log1p of the sum of the other exponentials.",
        mistakes=(
            Mistake(
                _shifted_log,
                "Nearly: where one logit leads by far, the small terms vanish when they are added to the 1 "
                "of the maximum. Set that 1 to 0, and "
                "take np.log1p of the sum.",
            ),
            Mistake(
                lambda z: np.log(softmax(z)),
                "The logarithm of a softmax: where the probability is 0 or 1 after rounding, its digits are gone. Take "
                "the logarithm on paper.",
            ),
            Mistake(lambda z: np.asarray(softmax(z)), "That is softmax. Take the logarithm, on paper."),
            Mistake(lambda z: z - z.max(), "The first half. Subtract the logarithm of the sum as well."),
            Mistake(
                lambda z: z - z.max() - np.log1p(np.exp(z - z.max()).sum()),
                "The 1 of the maximum is in your sum, and log1p adds it again. Set it to 0 first.",
            ),
            Mistake(
                lambda z: z - z.max() - np.log1p(np.exp(z - z.max())[z < z.max()].sum()),
                "With ties you left out every maximum. Only one of them is the 1 in log1p: use argmax.",
            ),
            Mistake(
                lambda z: z - logsumexp(z),
                "The log-sum-exp is right, and its digits are lost when it is subtracted from a logit that it nearly "
                "equals. Subtract the maximum first, and then the log1p of the sum of the other exponentials.",
                [lambda z: z - (z.max() + np.log(np.exp(z - z.max()).sum()))],
            ),
            Mistake(
                lambda z: z - np.log(np.exp(z).sum()),
                "The formula as it is written: e to a large number overflows. Subtract the maximum from the "
                "logits first.",
            ),
            Mistake(
                lambda z: np.log(naive_softmax(z)),
                "The formula as it is written: e to a large number overflows. Subtract the maximum from the "
                "logits first.",
            ),
            Mistake(
                lambda z: np.log(softmax(z) + 1e-12),
                "A small number inside the logarithm, or clipping, hides the infinity and gives a wrong value in its "
                "place. Take the logarithm on paper.",
                [
                    lambda z, change=change, small=small: np.log(change(softmax(z), small))
                    for change in (np.add, np.maximum)
                    for small in SMALL
                ],
            ),
        ),
    ),
    Exercise(
        name="stability.mask",
        title="Mask",
        question=(
            "Write a softmax along the last axis for the entries where `mask` is true. The others get 0; "
            "so does a row with nothing in it. No NaN may come out."
        ),
        goal="choose between −∞, a large negative number and a mask to leave entries out",
        level=3,
        minutes=10,
        answer="masked_softmax(z, mask)",
        solution=lambda z, mask: softmax(z, where=mask),
        cases=(
            (np.array([1.0, 2.0, 3.0]), np.array([True, True, False])),
            (np.array([[1.0, 2.0, 0.5], [3.0, 5.0, 4.0]]), np.array([[True, True, True], [False, True, True]])),
            (np.array([1.0, 2.0, 2000.0]), np.array([True, True, False])),
            (np.array([1.0, 2.0, 741.0]), np.array([True, True, False])),
            (np.array([[1000.0, 1001.0], [-1000.0, -1002.0]]), np.array([[True, True], [True, True]])),
            (np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[True, True], [False, False]])),
            (np.array([1.0, 2.0, 3.0]), np.array([False, False, False])),
        ),
        why="A padded row of zeros adds nothing to what is computed from it, and a NaN would spoil it all.",
        hint="Set what is left out to −inf, subtract the maximum of the rest, and divide by the sum unless it is 0.",
        mistakes=(
            Mistake(lambda z, mask: softmax(z), "Every entry takes part in yours. What does the mask do?"),
            Mistake(
                lambda z, mask: np.where(mask, softmax(z), 0),
                "You normalized first and left out after, so the rest no longer sums to 1. Leave out first.",
            ),
            Mistake(
                lambda z, mask: softmax(z, where=~mask), "The mask is turned: true means that an entry takes part."
            ),
            Mistake(
                lambda z, mask: softmax(np.where(mask, z, -1e9)),
                "A row with nothing in it became uniform, and should be zeros. (−1e9 everywhere is a shift of 0.)",
            ),
            Mistake(
                lambda z, mask: _normalized(np.exp(z - _largest(z, mask)) * mask),
                "The maximum is the right one. What is left out still goes through the exponential, and overflows: "
                "inf · 0 is NaN. Set it to −inf before. And a row with nothing in it has the sum 0.",
            ),
            Mistake(
                lambda z, mask: np.nan_to_num(_normalized(np.exp(z - _largest(z, mask)) * mask)),
                "The maximum is the right one. What is left out still goes through the exponential, and overflows: "
                "inf · 0 is NaN. Set it to −inf before.",
            ),
            Mistake(
                lambda z, mask: softmax(np.where(mask, z, 0)),
                "A logit of 0 is not absence: its exponential is 1. Use −inf.",
            ),
            Mistake(
                lambda z, mask: _softmax_of(np.where(mask, z, -np.inf)),
                "Only a row with nothing in it is NaN. Its maximum is −inf, and −inf − (−inf) is NaN: subtract 0 "
                "there. Then its sum is 0, and 0 / 0 is NaN too: divide by 1 there.",
            ),
            Mistake(
                lambda z, mask: _left_out_after(z, mask, z.max(axis=-1, keepdims=True)),
                "Your maximum is over all entries, those that are left out too. One at 2000 makes all the others "
                "underflow, and 0 / 0 is NaN. Take the maximum of those that take part; and a row with nothing in it "
                "has the sum 0.",
            ),
            Mistake(
                lambda z, mask: np.nan_to_num(_left_out_after(z, mask, z.max(axis=-1, keepdims=True))),
                "Your maximum is over all entries, those that are left out too. One at 2000 makes all the others "
                "underflow. Take the maximum of those that take part.",
            ),
            Mistake(
                lambda z, mask: _left_out_after(z, mask, 0.0),
                "The exponentials are of the logits themselves, and e to a large number overflows. Subtract "
                "the maximum of those "
                "that take part; and a row with nothing in it has the sum 0.",
                [lambda z, mask: mask * np.exp(z) / (mask * np.exp(z)).sum(axis=-1, keepdims=True)],
            ),
            Mistake(
                lambda z, mask: np.nan_to_num(_left_out_after(z, mask, 0.0)),
                "The exponentials are of the logits themselves, and e to a large number overflows. Subtract "
                "the maximum of those "
                "that take part.",
            ),
            Mistake(
                lambda z, mask: softmax(z + np.where(mask, 0, -1e9)),
                "In a row with nothing in it, −1e9 was added to all logits. That is a shift, which softmax does not "
                "see. Such a row should be zeros.",
            ),
            Mistake(
                lambda z, mask: softmax(z, axis=None, where=mask),
                "Yours sums to 1 over the whole array. Each row is a distribution of its own: axis=-1, keepdims=True.",
            ),
            Mistake(
                _masked_at_once,
                "Yours sums to 1 over the whole array. Each row is a distribution of its own: axis=-1, keepdims=True. "
                "And where nothing takes part, the sum is 0.",
            ),
            Mistake(
                lambda z, mask: softmax(z[mask]),
                "The shape is to stay: what is left out gets a 0 in its place.",
                [lambda z, mask: _softmax_of(z[mask])],
            ),
        ),
    ),
    _origin(),
    Exercise(
        name="stability.merge",
        title="Merge",
        question=(
            "Two workers have each seen a part of the data: the first has the maximum $m_1$ and the sum "
            "$s_1$ of $e^{z - m_1}$, the second $m_2$ and $s_2$. Give the maximum and the sum of all the "
            "data."
        ),
        goal="write a softmax that does not fail, and prove that it is the same function",
        level=3,
        minutes=8,
        answer="merge(m_1, s_1, m_2, s_2)",
        solution=_merge,
        cases=(
            (3.0, 1.5, 1.0, 2.0),
            (-5.0, 1.0, 2.0, 1.25),
            (1000.0, 2.0, 0.0, 1.5),
            (0.0, 1.5, 1000.0, 2.0),
            (-1000.0, 1.5, -1001.0, 2.0),
            (-np.inf, 0.0, 2.0, 1.5),
            (0.0, 1.0, 0.0, 2.0),
        ),
        why="One such merge per block, and attention needs no n × n matrix: flash attention is built on it.",
        hint="The new maximum is the larger one. Multiply each sum by e to (its own maximum − the new one).",
        mistakes=(
            Mistake(
                lambda m, s, n, t: (max(m, n), s + t),
                "The sums are measured from different maxima. Rescale both to the new one.",
            ),
            Mistake(
                lambda m, s, n, t: (max(m, n), s + t * np.exp(n - m)),
                "Right only while the first maximum is the larger one.",
                [
                    lambda m, s, n, t: (m, s + t * np.exp(n - m)),
                    lambda m, s, n, t: (max(m, n), s + t * np.exp(-abs(n - m))),
                ],
            ),
            Mistake(
                lambda m, s, n, t: (max(m, n), s * np.exp(m - n) + t),
                "Right only while the second maximum is the larger one.",
            ),
            Mistake(
                lambda m, s, n, t: (m + n, s * t),
                "Those are a product's. The maximum of all is the larger one, and sums add.",
            ),
            Mistake(
                lambda m, s, n, t: (max(m, n), s * np.exp(max(m, n) - m) + t * np.exp(max(m, n) - n)),
                "The factors are upside down: a sum measured from a lower maximum gets smaller, not larger.",
            ),
            Mistake(
                lambda m, s, n, t: _merge(m, s, n, t)[0] + np.log(_merge(m, s, n, t)[1]),
                "That is the log-sum-exp. Give both numbers.",
            ),
            Mistake(
                lambda m, s, n, t: (max(m, n), max(s, t)),
                "The larger sum alone forgets the other part. Rescale both to the new maximum, and add.",
            ),
            Mistake(
                lambda m, s, n, t: (max(m, n), (s * np.exp(m) + t * np.exp(n)) / np.exp(max(m, n))),
                "The formula is right, and e to a large maximum overflows. Subtract in the exponent: e^(m − new m).",
            ),
            Mistake(
                lambda m, s, n, t: (max(m, n), s * np.exp(m) + t * np.exp(n)),
                "That is the sum of the exponentials themselves. Measure it from the new maximum.",
            ),
        ),
    ),
)
