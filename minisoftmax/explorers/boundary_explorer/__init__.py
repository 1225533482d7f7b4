"""Three classes in the plane, with a vector for each to drag, and what that costs on some points."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from minisoftmax import core
from minisoftmax._arguments import Floats, as_labels
from minisoftmax.explorers import checks
from minisoftmax.explorers.boundary_explorer import picture
from minisoftmax.explorers.explorer import Explorer, Height
from minisoftmax.explorers.words import _

PLANE = 3.0  # the plane is drawn from −3 to 3
CAPTION = "Decision boundaries: drag the vectors of three classes"
HEIGHT = Height(desk=590, phone=850, narrow=877)
SHARES = ["plane"]
# Ten of each class, with overlaps: the weights that cost least are of a size that one can drag to.
SAMPLES = (
    *((-1.3, 0.2), (0.6, 2.4), (0.5, 2.8), (-0.4, 2.3), (0.4, 1.9), (-0.6, 2.0), (1.7, 1.5), (-1.0, 2.1), (-0.2, 1.1)),
    *((0.4, 1.4), (-2.3, 1.9), (-0.9, -0.5), (-1.8, -1.4), (-2.0, -1.8), (-1.9, 0.3), (-2.8, -1.5), (-1.6, -0.5)),
    *((-0.9, -1.3), (-0.6, -1.6), (0.1, -1.8), (1.3, -1.4), (0.3, -1.4), (2.0, 1.0), (1.8, -1.1), (0.8, -1.1)),
    *((2.8, 0.1), (2.3, -0.4), (1.1, -1.7), (1.8, -1.9), (-1.4, -1.5)),
)
TARGET = (0,) * 10 + (1,) * 10 + (2,) * 10


def boundary(
    vectors: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    temperature: float = 1.0,
    point: ArrayLike = (0.5, 0.5),
    samples: ArrayLike | None = None,
    target: ArrayLike | None = None,
) -> Explorer:
    r"""Show three classes in the plane: a vector for each to drag, the probabilities as color, and the loss on samples.

    .. math:: p_k(\mathbf{x}) = \operatorname{softmax}(\mathbf{W} \mathbf{x} / T)_k, \qquad
        L = -\frac{1}{n} \sum_i \log p_{y_i}(\mathbf{x}_i)

    *L* is the mean of `minisoftmax.classification.cross_entropy` at logits **W** **x** / *T*. The sample that costs
    most is marked.

    Parameters
    ----------
    vectors : array_like of real numbers, shape (3, 2)
        The rows of **W**, each coordinate from −3 to 3.
    labels : sequence of 3 strings, optional
        The names of the classes; the numbers from 1 if not given.
    temperature : float, default 1.0
        The *T* ≥ 0 to start with.
    point : array_like of real numbers, shape (2,), default (0.5, 0.5)
        The place **x** where the probabilities are shown.
    samples : array_like of real numbers, shape (n, 2), optional
        The features of 1 to 100 samples, from −3 to 3; thirty that overlap a little if not given.
    target : array_like of ints, shape (n,), optional
        Their classes, 0 to 2; given with ``samples``, or not at all.

    Returns
    -------
    Explorer
        The figure.

    Raises
    ------
    TypeError
        If an argument has the wrong type.
    ValueError
        If a shape does not fit, a number is out of its range or not finite, or ``samples`` and ``target`` are not given
        together.

    Examples
    --------
    >>> from minisoftmax import explorers
    >>> explorers.boundary([[1.5, 0.5], [-1.0, 1.0], [-0.5, -1.5]], ["cat", "dog", "owl"])
    <boundary explorer: cat 0.665, dog 0.245, owl 0.090 at (0.5, 0.5); loss 1.922, 12 of 30 right>
    """
    w = _pairs(vectors, "vectors", 3, 3)
    x = checks.numbers(point, "point", 1, 2, 2, limit=PLANE)
    names = checks.labels(labels, "labels", 3)
    scale = checks.number(temperature, "temperature", 0, np.inf)
    if (samples is None) != (target is None):
        raise ValueError("samples and target must be given together")
    places = _pairs(SAMPLES if samples is None else samples, "samples", 1, 100)
    truth = as_labels(TARGET if target is None else target, 3, "target")[0]
    if truth.shape != places.shape[:1]:
        raise ValueError(f"target must have shape {places.shape[:1]}, got {truth.shape}")
    settings = {"vectors": w.tolist(), "labels": names, "temperature": checks.as_json(scale), "point": x.tolist()}
    settings |= {"samples": places.tolist(), "target": truth.tolist()}
    p = core.softmax(w @ x, temperature=scale)
    shares = ", ".join(f"{name} {share:.3f}" for name, share in zip(names, p, strict=True))
    z = places @ w.T
    losses = 0 - core.log_softmax(z, temperature=scale)[np.arange(len(z)), truth]
    is_right = z.round(9).argmax(axis=-1) == truth  # rounding errors must not decide a tie
    cost = f"{losses.mean():.3f}".replace("inf", "∞")
    said = _("loss {loss}, {right} of {count} right", loss=cost, right=int(is_right.sum()), count=len(z))
    summary = _("{shares} at ({x}, {y}); {score}", shares=shares, x=f"{x[0]:g}", y=f"{x[1]:g}", score=said)
    return Explorer("boundary", settings, picture.draw(w, names, scale, places, truth, said), summary)


def _pairs(values: ArrayLike, name: str, least: int, most: int) -> Floats:
    """Check places in the plane."""
    places = checks.numbers(values, name, 2, least, most, limit=PLANE)
    if places.shape[1] != 2:
        raise ValueError(f"{name} must have shape ({least if least == most else 'n'}, 2), got {places.shape}")
    return places
