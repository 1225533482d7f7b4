"""The exercises of the chapter on classification."""

import numpy as np
from numpy.typing import NDArray

from minisoftmax.classification import cross_entropy, cross_entropy_grad
from minisoftmax.core import log_softmax, logsumexp, naive_softmax, softmax
from minisoftmax.exercises._exercise import SMALL, Exercise, Mistake

__all__ = ["EXERCISES"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


def _gradient(W: Array, X: Array, y: Labels) -> Array:
    return np.asarray(X.T @ cross_entropy_grad(X @ W, y), dtype=np.float64)


def _one_hot(y: Labels, k: int) -> Array:
    return np.eye(k)[y]


def _every_row(W: Array, X: Array, y: Labels) -> Array:
    mistakes = softmax(X @ W)
    mistakes[:, y] -= 1
    return X.T @ mistakes / len(y)


def _log_of_naive(z: Array, y: Labels) -> float:
    with np.errstate(all="ignore"):
        return float(-np.log(naive_softmax(z)[np.arange(len(y)), y]).mean())


def _sigmoid(z: Array) -> Array:
    with np.errstate(all="ignore"):
        return 1 / (1 + np.exp(-z))


def _label_loss(z: Array, y: Array) -> float:
    return float((np.logaddexp(0, z) - y * z).mean())


def _start(model: str = "GPT-2", tokens: int = 50_257) -> Exercise:
    loss = float(np.log(tokens))
    return Exercise(
        name="classification.start",
        title="Start",
        question=(
            "{model} has a vocabulary of {tokens:,} tokens. What is its loss before training, when all logits are "
            "alike?"
        ),
        goal="recognize next-token prediction as the same thing",
        level=1,
        minutes=2,
        answer="loss",
        solution=loss,
        tolerance=0.005,
        why="If the first loss of a training run is far from log K, something is wrong before it has begun.",
        hint="All logits alike make all probabilities alike: 1/K. The loss is −log of that.",
        mistakes=(
            Mistake(1 / tokens, "That is the probability of each token. The loss is minus its logarithm."),
            Mistake(float(np.log2(tokens)), "That is in bits. The loss has the natural logarithm, so it is in nats."),
            Mistake(float(np.log10(tokens)), "The logarithm is the natural one, np.log."),
            Mistake(0, "Zero is the loss of a model that is sure and right. This one knows nothing."),
            Mistake(-loss, "The sign is turned: a surprise is positive."),
        ),
        values={"tokens": tokens},
        words={"model": model},
        vary=_start,
        numbers={"model": ("A language model",), "tokens": (500, 1_000, 4_000, 8_000, 16_000, 100_000, 250_000)},
    )


def _one_output(output: int = -2) -> Exercise:
    sigmoid = float(1 / (1 + np.exp(-output)))
    return Exercise(
        name="classification.one_output",
        title="One output",
        question=(
            "A model that tells cats from other things has a single output. For one picture it is "
            "{output}. What is the probability of a cat if it is read by softmax, and what if "
            "by the sigmoid?"
        ),
        goal="choose one softmax or several sigmoids, and recognize three losses that go wrong",
        level=1,
        minutes=2,
        answer="by_softmax, by_sigmoid",
        solution=(1.0, sigmoid),
        tolerance=0.005,
        why="Softmax of one output says 1 of every picture, and its gradient is 0: nothing can be learned.",
        hint="Write the softmax down for K = 1. How many terms has the sum? The sigmoid is 1 / (1 + exp(−x)).",
        mistakes=(
            Mistake((sigmoid, 1.0), "These are the two numbers, in the other order: softmax comes first."),
            Mistake((sigmoid, sigmoid), "The second is right. The softmax has one output only, and no 0 beside it."),
            Mistake((1.0, 1 - sigmoid), "The first is right. The sign in the exponent of the sigmoid is turned."),
            Mistake((1.0, 1.0), "The first is right. The sigmoid is 1 / (1 + exp(−x)), which is never exactly 1."),
            Mistake(
                (float(np.exp(output)), sigmoid), "The second is right. In the first, divide by the sum, of one term."
            ),
            Mistake((0.5, sigmoid), "The second is right. One half would be for two equal outputs. Here is one."),
        ),
        values={"output": str(output).replace("-", "−")},
        vary=_one_output,
        numbers={"output": (-4, -3, -1, 1, 2, 3, 4)},
    )


EXERCISES = (
    _start(),
    Exercise(
        name="classification.loss",
        title="Loss",
        question=(
            "Write the mean cross-entropy of logits `z`, of shape $(n, K)$, and labels `y`. The check "
            r"goes on to logits for which $\log p$ is infinite if taken of the probability."
        ),
        goal="say why the loss of a classifier is a logarithm, and compute it",
        level=2,
        minutes=8,
        answer="my_cross_entropy(z, y)",
        solution=lambda z, y: float(cross_entropy(z, y)),
        cases=(
            (np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [1.0, -1.0, 0.5]]), np.array([1, 2, 0])),
            (np.array([[1.0, 4.0], [2.0, 0.5], [0.0, -1.0]]), np.array([0, 1, 1])),
            (np.array([[1000.0, 0.0], [0.0, 1.0]]), np.array([0, 1])),
            (np.array([[-1000.0, -1001.0], [2.0, 1.0]]), np.array([1, 0])),
            (np.array([[0.0, 800.0], [2.0, 0.0]]), np.array([0, 0])),
            (np.zeros((4, 10)), np.array([0, 3, 9, 5])),
        ),
        why="The worst examples have the largest losses, and yours keeps them finite, and their gradients alive.",
        hint="−log p at the true label is logsumexp(z) − z at that label. Take the mean over the rows.",
        mistakes=(
            Mistake(
                lambda z, y: float(cross_entropy(z, y, reduction="sum")),
                "That is the sum over the rows. Take the mean.",
            ),
            Mistake(lambda z, y: -float(cross_entropy(z, y)), "The sign is turned: −log p is positive."),
            Mistake(
                lambda z, y: float(-softmax(z)[np.arange(len(y)), y].mean()),
                "You left out the logarithm: the surprise is −log p.",
            ),
            Mistake(
                lambda z, y: float(-z[np.arange(len(y)), y].mean()),
                "That is the logit alone. Add the logarithm of the sum of exponentials.",
            ),
            Mistake(
                lambda z, y: float(-np.log(softmax(z)[np.arange(len(y)), y]).mean()),
                "A probability has rounded to 0, which has no finite logarithm. Use log_softmax of the logits.",
            ),
            Mistake(
                _log_of_naive,
                "An exponential overflowed, and the quotient is not a number: log_softmax avoids it.",
            ),
            Mistake(
                lambda z, y: float(-np.log(softmax(z)[np.arange(len(y)), y] + 1e-300).mean()),
                "The probability has rounded to 0 before its logarithm was taken. Use log_softmax of the logits.",
            ),
            Mistake(
                lambda z, y: float(-log_softmax(z)[:, y].mean()),
                "[:, y] takes the labels' columns of every row. One entry of each row: [np.arange(len(y)), y].",
            ),
            Mistake(
                lambda z, y: float(-np.log(softmax(z)[:, y]).mean()),
                "[:, y] takes the labels' columns of every row. One entry of each row: [np.arange(len(y)), y].",
            ),
            Mistake(
                lambda z, y: -log_softmax(z)[np.arange(len(y)), y],
                "These are the losses of the rows, one by one. Take their mean.",
            ),
            Mistake(
                lambda z, y: float(-log_softmax(z).mean()),
                "That is the mean over all classes. Only the logarithm at the true label counts.",
            ),
            Mistake(
                lambda z, y: float(-log_softmax(z, axis=0)[np.arange(len(y)), y].mean()),
                "Your probabilities sum to 1 over the rows. They should over the classes, the last axis.",
            ),
            Mistake(
                lambda z, y: float(-np.log(softmax(z) + 1e-12)[np.arange(len(y)), y].mean()),
                "A small number inside the logarithm, or clipping, hides the infinity and caps the loss. Use "
                "log_softmax of the logits.",
                [
                    lambda z, y, change=change, small=small: float(
                        -np.log(change(softmax(z), small))[np.arange(len(y)), y].mean()
                    )
                    for change in (np.add, np.maximum, lambda p, small: np.clip(p, small, 1 - small))
                    for small in SMALL
                    if small > 1e-300
                ],
            ),
            Mistake(
                lambda z, y: float(-log_softmax(z)[y].mean()),
                "[y] takes whole rows. One entry of each row: [np.arange(len(y)), y].",
            ),
            Mistake(
                lambda z, y: float(cross_entropy(softmax(z), y)),
                "You took the softmax twice: log_softmax takes the logits themselves.",
            ),
            Mistake(
                lambda z, y: float(-np.log(softmax(z)[np.arange(len(y)), y].mean())),
                "That is the logarithm of a mean. Take the mean of the logarithms.",
            ),
            Mistake(
                lambda z, y: float(logsumexp(z, axis=None) - z[np.arange(len(y)), y].mean()),
                "You added up the exponentials of all rows. Each row has its own sum, along the last axis.",
                [lambda z, y: float(np.log(np.exp(z).sum()) - z[np.arange(len(y)), y].mean())],
            ),
            Mistake(
                lambda z, y: float(cross_entropy(z, y, reduction="sum")) / (len(y) - 1),
                "Divide by the number of rows, not by one less.",
            ),
            Mistake(
                lambda z, y: float(cross_entropy(z, y, reduction="sum")) / z.size,
                "You divided by the number of all logits. Divide by the number of rows: each has one loss.",
            ),
            Mistake(
                lambda z, y: float(cross_entropy(z, (y - 1) % z.shape[1])),
                "The labels count from 0: the first class is label 0. Take them as they are.",
            ),
            Mistake(
                lambda z, y: float(-np.log2(softmax(z)[np.arange(len(y)), y]).mean()),
                "The logarithm is the natural one, np.log. And a probability may have rounded to 0: use log_softmax.",
                [lambda z, y: float(-np.log10(softmax(z)[np.arange(len(y)), y]).mean())],
            ),
        ),
    ),
    Exercise(
        name="classification.gradient",
        title="Gradient",
        question=(
            r"Give the gradient of the mean loss with respect to $\mathbf{W}$, for features `X`, labels "
            r"`y`, and $\mathbf{b} = 0$."
        ),
        goal=r"derive its gradient, $\mathbf{p} - \mathbf{y}$",
        level=2,
        minutes=10,
        answer="gradient(W, X, y)",
        solution=_gradient,
        cases=(
            (
                np.array([[1.0, -1.0, 0.5], [0.5, 2.0, 0.0]]),
                np.array([[1.0, 2.0], [0.5, -1.0], [0.0, 3.0], [1.0, 1.0]]),
                np.array([0, 2, 1, 1]),
            ),
            (np.array([[1.0, -1.0], [0.5, 2.0], [0.0, 1.0]]), np.array([[1.0, 0.0, 3.0]]), np.array([1])),
            (
                np.array([[1000.0, 0.0], [0.0, 1.0]]),
                np.array([[1.0, 0.0], [2.0, 1.0], [0.0, 1.0]]),
                np.array([0, 1, 1]),
            ),
            (np.array([[0.5, 0.0, -1.0]]), np.array([[1.0], [-2.0]]), np.array([1, 0])),
            (np.zeros((2, 3)), np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([0, 2])),
        ),
        why="With a loop and a step size around it, this line is the training of a classifier.",
        hint=(
            "Each row of p − y is a mistake. The weight of a feature and a class collects, over the rows, the feature "
            "times the mistake: Xᵀ (P − Y) / n."
        ),
        mistakes=(
            Mistake(lambda W, X, y: _gradient(W, X, y) * len(y), "The loss is a mean: divide by the number of rows."),
            Mistake(lambda W, X, y: -_gradient(W, X, y), "The sign is turned: p − y is what was said minus the truth."),
            Mistake(lambda W, X, y: X.T @ softmax(X @ W) / len(y), "Subtract 1 at the true label of each row."),
            Mistake(
                lambda W, X, y: cross_entropy_grad(X @ W, y),
                "That is the gradient with respect to the logits. The chain rule multiplies by the features: X.T @ ….",
                [lambda W, X, y: cross_entropy_grad(X @ W, y) * len(y)],
            ),
            Mistake(
                lambda W, X, y: X.T @ (softmax(X @ W, axis=0) - _one_hot(y, W.shape[1])) / len(y),
                "Your probabilities sum to 1 over the pictures. They should over the classes, the last axis.",
            ),
            Mistake(lambda W, X, y: _gradient(W, X, y).T, "That is the transpose: it should have the shape of W."),
            Mistake(
                lambda W, X, y: X.T @ (X @ W - _one_hot(y, W.shape[1])) / len(y),
                "That is the gradient of a squared error of the logits. Softmax is missing.",
            ),
            Mistake(
                _every_row,
                "[:, y] -= 1 subtracts in those columns of every row. One entry of each row: [np.arange(len(y)), y].",
            ),
            Mistake(
                lambda W, X, y: X.T @ (naive_softmax(X @ W) - _one_hot(y, W.shape[1])) / len(y),
                "An exponential overflowed, and the quotient is not a number: softmax avoids it.",
            ),
            Mistake(
                lambda W, X, y: _gradient(W, X, y) * len(y) / W.shape[1],
                "The mean is over the rows, not over the classes: divide by the number of rows.",
            ),
            Mistake(
                lambda W, X, y: _gradient(W, X, y) * len(y) / np.float64(len(y) - 1),
                "Divide by the number of rows, not by one less.",
            ),
        ),
    ),
    _one_output(),
    Exercise(
        name="classification.labels",
        title="Several labels",
        question=(
            "Any number of $K$ labels can be true of a picture. Write the mean, over all pictures and labels, of the "
            "log loss of a sigmoid for each label, for logits `z` and labels `y` (1 where true, 0 elsewhere), both of "
            "shape $(n, K)$. The check goes on to logits of 1000."
        ),
        goal="choose one softmax or several sigmoids, and recognize three losses that go wrong",
        level=2,
        minutes=10,
        answer="my_label_loss(z, y)",
        solution=_label_loss,
        cases=(
            (np.array([[2.0, 1.0, 0.0], [0.0, -3.0, 1.0]]), np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])),
            (np.array([[0.5, -1.0], [2.0, 3.0], [-0.5, 0.0]]), np.array([[1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])),
            (np.array([[4.0], [-4.0]]), np.array([[1.0], [1.0]])),
            (np.array([[1000.0, -1.0], [2.0, -1000.0]]), np.array([[0.0, 1.0], [1.0, 1.0]])),
            (np.array([[1000.0, -1000.0]]), np.array([[1.0, 0.0]])),
        ),
        why="The labels need not share: with several true ones, each loss can fall to 0.",
        hint=(
            "The sigmoid of z is the softmax of (z, 0): −log p is log(1 + e^z) − z where the label is true, and "
            "log(1 + e^z) where it is not. np.logaddexp(0, z) is log(1 + e^z) for every z."
        ),
        mistakes=(
            Mistake(
                lambda z, y: _label_loss(z, y) * y.shape[1],
                "That is the sum over the labels. Take the mean over all pictures and labels.",
                [lambda z, y: _label_loss(z, y) * y.size, lambda z, y: _label_loss(z, y) * y.shape[0]],
            ),
            Mistake(lambda z, y: -_label_loss(z, y), "The sign is turned: a surprise is positive."),
            Mistake(
                lambda z, y: float((y * np.logaddexp(0, -z)).mean()),
                "A label that is false counts too: there the surprise is −log(1 − p).",
                [lambda z, y: float((-y * np.log(_sigmoid(z))).mean())],
            ),
            Mistake(
                lambda z, y: float((np.logaddexp(0, z) + y * z).mean()),
                "Where the label is true, z is subtracted: −log p = log(1 + e^z) − z.",
            ),
            Mistake(
                lambda z, y: _label_loss(z, 1 - y),
                "The labels are turned around: where y is 1, the surprise is −log p, and not −log(1 − p).",
            ),
            Mistake(
                lambda z, y: float(-(y * np.log(_sigmoid(z)) + (1 - y) * np.log(1 - _sigmoid(z))).mean()),
                "A probability has rounded to 0 or 1, where a logarithm is infinite. Start from the logits, with "
                "np.logaddexp(0, z).",
                [
                    lambda z, y: float((np.log(1 + np.exp(z)) - y * z).mean()),
                    lambda z, y: float((np.log1p(np.exp(z)) - y * z).mean()),
                    lambda z, y: float(-np.log(np.where(y == 1, _sigmoid(z), 1 - _sigmoid(z))).mean()),
                ],
            ),
            Mistake(
                lambda z, y: float(-(y * log_softmax(z)).mean()),
                "Softmax makes the labels share one certainty. Take a sigmoid for each.",
                [
                    lambda z, y: float(-(y * log_softmax(z)).sum(axis=1).mean()),
                    lambda z, y: float(-(y * log_softmax(z)).sum()),
                ],
            ),
            Mistake(
                lambda z, y: float(((_sigmoid(z) - y) ** 2).mean()),
                "That is the squared error. The log loss is −log p where the label is true, −log(1 − p) where not.",
            ),
            Mistake(
                lambda z, y: np.logaddexp(0, z) - y * z,
                "These are the losses of the labels, one by one. Take their mean.",
            ),
        ),
    ),
    Exercise(
        name="classification.smoothing",
        title="Smoothing",
        question=(
            "With label smoothing, the target is $1 - \\varepsilon + \\varepsilon / k$ for the right class, and "
            "$\\varepsilon / k$ for each other, where ε is `smoothing` and there are `k` classes. By how much should "
            "the logit of the right class lead the others, which are all alike, so that the loss is least?"
        ),
        goal="say why the loss of a classifier is a logarithm, and compute it",
        level=2,
        minutes=8,
        answer="my_best_lead(smoothing, k)",
        solution=lambda smoothing, k: float(np.log((1 - smoothing + smoothing / k) / (smoothing / k))),
        cases=((0.1, 10), (0.2, 3), (0.5, 1000)),
        why="A finite aim: weights need not grow without end, and the model does not learn to be certain.",
        hint="The loss is least where p equals the smoothed target. Which lead gives the ratio of its two values?",
        mistakes=(
            Mistake(
                lambda smoothing, k: float(np.log((1 - smoothing) / (smoothing / k))),
                "The share is spread over all classes, the true one too: it keeps 1 − ε + ε/K.",
            ),
            Mistake(
                lambda smoothing, k: float(np.log((1 - smoothing) / (smoothing / (k - 1)))),
                "The share is spread over all K classes here, the true one included.",
            ),
            Mistake(
                lambda smoothing, k: (1 - smoothing + smoothing / k) / (smoothing / k),
                "That is the ratio of the probabilities. The lead is its logarithm.",
            ),
            Mistake(
                lambda smoothing, k: float(np.log(1 - smoothing + smoothing / k)),
                "That is the log-probability of the true class. The lead is its distance to that of the others.",
            ),
        ),
    ),
)
