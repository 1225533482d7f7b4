"""The exercises of the chapter on attention."""

import numpy as np
from numpy.typing import NDArray

from minisoftmax.attention import causal_mask, multi_head_attention, scaled_dot_product_attention
from minisoftmax.core import softmax
from minisoftmax.exercises._exercise import Exercise, Mistake, in_words
from minisoftmax.exercises._search import crossing
from minisoftmax.sampling import entropy

__all__ = ["EXERCISES"]

Array = NDArray[np.float64]
Floats = NDArray[np.floating]


def _scale_for(scores: Array, target: float) -> float:
    return crossing(lambda scale: bool(entropy(scale * scores) > target))


def _scale_of_softmax_twice(scores: Array, target: float) -> float:
    low, high = 1e-9, 1e9
    for _ in range(100):
        middle = float(np.sqrt(low * high))
        is_above = float(entropy(softmax(scores * middle))) > target
        low, high = (middle, high) if is_above else (low, middle)
    return middle


def _heads(x: Array, w_query: Array, w_key: Array, w_value: Array, w_output: Array, h: int) -> Floats:
    result: Floats = multi_head_attention(x, w_query, w_key, w_value, w_output, num_heads=h)
    return result


def _side_by_side(
    x: Array, w_query: Array, w_key: Array, w_value: Array, h: int, scale: float | None = None, *, every: bool = False
) -> Array:
    """Put the answers of the heads side by side; their columns are runs, or every h-th."""
    size = w_query.shape[1] // h
    columns = [slice(i, None, h) if every else slice(i * size, i * size + size) for i in range(h)]
    heads = [
        scaled_dot_product_attention(x @ w_query[:, own], x @ w_key[:, own], x @ w_value[:, own], scale=scale)
        for own in columns
    ]
    return np.hstack(heads)


def _batch_mask(lengths: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    result: NDArray[np.bool_] = causal_mask(n) & (np.arange(n) < lengths[:, None])[:, None, :]
    return result


def _case(seed: int, n: int, width: int, h: int) -> tuple[Array, Array, Array, Array, Array, int]:
    rng = np.random.default_rng(seed)
    w_query, w_key, w_value, w_output = rng.normal(size=(4, width, width))
    return rng.normal(size=(n, width)), w_query, w_key, w_value, w_output, h


def _by_hand(dot: int = 2, first: int = 10, second: int = 20) -> Exercise:
    def mixed(score: float) -> tuple[float, float]:
        weight = float(1 / (1 + np.exp(-score)))
        return weight, weight * first + (1 - weight) * second

    weight, _ = mixed(dot / 2)
    return Exercise(
        name="attention.by_hand",
        title="By hand",
        question=(
            "A query is $({dot}, 0, 1, 1)$. Two keys are $(1, 1, 0, 0)$ and $(0, 1, 0, 0)$, and their values are "
            "{first} and {second}. With the usual scale, what is the weight of the first key, and what is the answer?"
        ),
        goal="compute attention by hand: scores, softmax, mixture",
        level=1,
        minutes=4,
        answer="weight, answer",
        solution=mixed(dot / 2),
        tolerance=2e-3,
        why="Three steps, and nothing else: a model does the same for each token, in each head of each layer.",
        hint=(
            "The dot products are {dot} and 0. How long is the query? Divide by the root of that, and take the softmax."
        ),
        mistakes=(
            Mistake(
                mixed(dot),
                "Those are the weights of the dot products {dot} and 0. Divide them by √d first; here d is 4.",
            ),
            Mistake(mixed(dot / 4), "You divided by d. Divide by its root, 2."),
            Mistake(
                mixed(float(dot / np.sqrt(2))),
                "You divided by √2, the number of keys. d is the length of the query, 4.",
            ),
            Mistake(
                (weight, weight * second + (1 - weight) * first),
                "The weight is right. In the mixture, it belongs to the first value, {first}.",
            ),
            Mistake(
                (1.0, float(first)),
                "The scores are {score:g} and 0. The weights are their softmax, so the second key gets a part.",
            ),
        ),
        values={"dot": dot, "first": first, "second": second, "score": dot / 2},
        vary=_by_hand,
        numbers={"dot": (1, 2, 3, 4), "first": (5, 8, 30), "second": (12, 20, 40)},
    )


def _thief(query: tuple[float, float] = (3.0, 4.0)) -> Exercise:
    x, y = query
    length = float(np.hypot(x, y))

    def weight(key: Array) -> float:
        """Give the weight of a key, 0.99 at most, were the five others as close to the query as they can be."""
        scores = np.array([key @ [x, y], *[length] * 5]) / np.sqrt(2)
        return min(float(softmax(scores)[0]), 0.99) if np.isfinite(key).all() else np.nan

    return Exercise(
        name="attention.thief",
        title="Thief",
        question=(
            "A query is $({x:g}, {y:g})$, and there are five keys of Euclidean norm at most 1. Find one more key "
            "that takes at least 0.99 of the weight, with $d = 2$ and the usual scale."
        ),
        goal="compute attention by hand: scores, softmax, mixture",
        level=2,
        minutes=5,
        answer="key",
        solution=query,
        agree_up_to=weight,
        compared="weight of your key",
        why="Length counts in a dot product, not direction alone: a long key wins with all queries that point its way.",
        hint="Point it as the query points, and make it long. The others score at most {length:g} / √2 each.",
        mistakes=(
            Mistake(
                (x / length, y / length),
                "The direction is right. At length 1 it only equals the best that the others can do.",
            ),
            Mistake((-x, -y), "The score of that is as low as can be: turn it around."),
            Mistake((y, -x), "That is at a right angle to the query: its score is 0."),
        ),
        values={"x": x, "y": y, "length": length},
        vary=_thief,
        numbers={"query": ((4.0, 3.0), (6.0, 8.0), (8.0, 6.0), (5.0, 12.0), (12.0, 5.0), (-3.0, 4.0), (4.0, -3.0))},
    )


def _shapes(tokens: int = 7, heads: int = 3, size: int = 4) -> Exercise:
    width, scores = heads * size, heads * tokens**2
    return Exercise(
        name="attention.shapes",
        title="Shapes",
        question=(
            "A sentence of {tokens} tokens has embeddings of {width} numbers, and attention has {heads} heads of size "
            "{size}. How many scores are computed, over all heads? And how many numbers do the four learned "
            "matrices hold together?"
        ),
        goal="follow the shapes from the words to the answers, with one head and with several",
        level=1,
        minutes=4,
        answer="scores, parameters",
        solution=(scores, 4 * width**2),
        why="The parameters do not depend on the length of the text, and the scores grow with its square.",
        hint=(
            "Each head scores every token against every token. And each of the four matrices has the shape "
            "{width} × {width}."
        ),
        mistakes=(
            Mistake((tokens**2, 4 * width**2), "That is what one head computes. There are {heads_in_words}."),
            Mistake((scores, 3 * width**2), "The scores are right. You left out the matrix that mixes the heads."),
            Mistake(
                (tokens**2, 3 * width**2),
                "That is what one head computes; and one of the four matrices is missing.",
            ),
            Mistake(
                (scores, 4 * width**2 * heads),
                "The scores are right. The heads share the {width} columns: each takes {size} of them.",
            ),
            Mistake(
                (scores, 4 * width * size),
                "The scores are right. You counted one head: the matrices of all have {width} columns.",
            ),
            Mistake(
                (scores, 4 * width),
                "The scores are right. Each matrix has as many rows as an embedding has numbers.",
            ),
            Mistake(
                (scores * size, 4 * width**2), "A score is one number, a dot product, however long the queries are."
            ),
        ),
        values={"tokens": tokens, "heads": heads, "size": size, "width": width},
        words={"heads_in_words": in_words(heads)},
        vary=_shapes,
        numbers={"tokens": (5, 6, 8, 9, 10), "heads": (2, 3, 5), "size": (4, 8)},
    )


def _spread(entries: int = 64, variance: int = 4) -> Exercise:
    root = float(np.sqrt(entries))
    return Exercise(
        name="attention.spread",
        title="Spread",
        question=(
            "Queries have {entries} independent entries with mean 0 and variance 1. The entries of the keys have mean "
            "0 and variance {variance}. What is the standard deviation of their dot products?"
        ),
        goal=r"say why scores are divided by $\sqrt d$, and what happens if they are not",
        level=1,
        minutes=3,
        answer="spread",
        solution=float(np.sqrt(entries * variance)),
        why="√d is right for entries of variance 1. That is why models normalize what they multiply.",
        hint="Go through the proof again. Which line changes, if the variance of a key's entries is {variance}?",
        mistakes=(
            Mistake(float(entries * variance), "That is the variance. The standard deviation is its root."),
            Mistake(root, "That would be right if the entries of the keys had variance 1."),
            Mistake(
                root * variance,
                "You multiplied by the variance {variance}. Variances add up, and the root comes last.",
            ),
            Mistake(
                float(entries),
                "That is the number of entries. Add up {entries} variances, and take the root.",
            ),
        ),
        values={"entries": entries, "variance": variance},
        vary=_spread,
        numbers={"entries": (25, 36, 64, 100, 144, 256), "variance": (4, 9, 25)},
    )


EXERCISES = (
    _by_hand(),
    _thief(),
    _shapes(),
    Exercise(
        name="attention.heads",
        title="Heads",
        question=(
            "Write attention with `h` heads for embeddings `x` of shape $(n, E)$. The four matrices have the shape "
            "$(E, E)$, and head $i$ owns the $i$-th run of $E / h$ columns. Use `scaled_dot_product_attention`."
        ),
        goal="follow the shapes from the words to the answers, with one head and with several",
        level=2,
        minutes=8,
        answer="my_heads(x, w_query, w_key, w_value, w_output, h)",
        solution=_heads,
        tolerance=1e-9,
        cases=(_case(0, 3, 4, 2), _case(1, 5, 6, 3), _case(2, 2, 4, 1), _case(3, 1, 4, 4)),
        why="The heads do not see each other until the last matrix: so they can be computed side by side.",
        hint="For each head take its columns of the first three matrices. Put the answers side by side, then multiply.",
        mistakes=(
            Mistake(
                lambda x, w_query, w_key, w_value, w_output, h: _side_by_side(x, w_query, w_key, w_value, h),
                "These are the heads side by side. Multiply by `w_output`, which mixes them.",
            ),
            Mistake(
                lambda x, w_query, w_key, w_value, w_output, h: _heads(x, w_query, w_key, w_value, w_output, 1),
                "That is one wide head. Cut the columns into h runs, and attend with each.",
            ),
            Mistake(
                lambda x, w_query, w_key, w_value, w_output, h: (
                    _side_by_side(x, w_query, w_key, w_value, h, every=True) @ w_output
                ),
                "Head i owns a run of columns, i · E/h to (i + 1) · E/h. Yours takes every h-th column.",
            ),
            Mistake(
                lambda x, w_query, w_key, w_value, w_output, h: (
                    _side_by_side(x, w_query, w_key, w_value, h, scale=len(w_query) ** -0.5) @ w_output
                ),
                "The scale of a head is one over the root of its own size, E / h.",
            ),
            Mistake(
                lambda x, w_query, w_key, w_value, w_output, h: (
                    _side_by_side(x, w_query, w_key, w_value, h, scale=1.0) @ w_output
                ),
                "The scores are not divided by the root of the size of a head.",
            ),
        ),
    ),
    _spread(),
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
        name="attention.padding",
        title="Padding",
        question=(
            "The sentences of a batch have these `lengths`, an array, and filler on the right makes them `n` long. "
            "Build the masks, of shape (number of sentences, $n$, $n$): True where row $i$ may see column $j$, because "
            "$j$ is no filler and does not come after $i$."
        ),
        goal="apply causal and padding masks, and say what an empty row gives",
        level=2,
        minutes=8,
        answer="batch_mask(lengths, n)",
        solution=_batch_mask,
        cases=(
            (np.array([2, 3]), 3),
            (np.array([4, 1, 3]), 5),
            (np.array([2, 2]), 2),
            (np.array([1]), 1),
            (np.array([0, 2]), 2),
        ),
        why="With filler on the right, no row of a word is empty. With filler on the left, some rows of filler are.",
        hint="One comparison gives (n, n), the other (batch, 1, n). Join them with &, and broadcasting does the rest.",
        mistakes=(
            Mistake(
                lambda lengths, n: np.broadcast_to(causal_mask(n), (len(lengths), n, n)),
                "The causal part is right. Filler can still be seen.",
            ),
            Mistake(
                lambda lengths, n: np.broadcast_to((np.arange(n) < lengths[:, None])[:, None, :], (len(lengths), n, n)),
                "The filler is hidden. A row must not see what comes after it, either.",
            ),
            Mistake(
                lambda lengths, n: causal_mask(n) & (np.arange(n) < lengths[:, None])[:, :, None],
                "You emptied the rows of the filler. Its columns must be hidden: nobody may look at them.",
            ),
            Mistake(
                lambda lengths, n: causal_mask(n).T & (np.arange(n) < lengths[:, None])[:, None, :],
                "Turned around: in yours, a row sees what comes after it.",
            ),
            Mistake(
                lambda lengths, n: causal_mask(n) & (np.arange(n) <= lengths[:, None])[:, None, :],
                "One filler can still be seen: the columns of a sentence are 0 to its length − 1.",
            ),
            Mistake(
                lambda lengths, n: causal_mask(n) & (np.arange(n) >= n - lengths[:, None])[:, None, :],
                "That is right for filler on the left. Here it is on the right.",
            ),
            Mistake(
                lambda lengths, n: ~_batch_mask(lengths, n),
                "That is what must not be seen. True means: takes part.",
            ),
            Mistake(
                lambda lengths, n: _batch_mask(lengths, n)[:, None],
                "Each mask is right. The shape is to be (number of sentences, n, n), without an axis for heads.",
            ),
        ),
    ),
)
