"""Three classes in the plane, with a vector for each to drag."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from minisoftmax import core
from minisoftmax.explorers import checks
from minisoftmax.explorers.boundary_explorer import picture
from minisoftmax.explorers.explorer import Explorer, Height
from minisoftmax.explorers.words import _

PLANE = 3.0  # the plane is drawn from −3 to 3
CAPTION = "Decision boundaries: drag the vectors of three classes"
HEIGHT = Height(desk=513, phone=769)
SHARES = ["plane"]


def boundary(
    vectors: ArrayLike, labels: Sequence[str] | None = None, *, temperature: float = 1.0, point: ArrayLike = (0.5, 0.5)
) -> Explorer:
    r"""Show three classes in the plane: a vector for each to drag, the probabilities as color, lines of balance.

    .. math:: p_k(\mathbf{x}) = \operatorname{softmax}(\mathbf{W} \mathbf{x} / T)_k

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

    Returns
    -------
    Explorer
        The figure.

    Raises
    ------
    TypeError
        If an argument has the wrong type.
    ValueError
        If a shape does not fit, or a number is out of its range or not finite.

    Examples
    --------
    >>> from minisoftmax import explorers
    >>> explorers.boundary([[1.5, 0.5], [-1.0, 1.0], [-0.5, -1.5]], ["cat", "dog", "owl"])
    <boundary explorer: cat 0.665, dog 0.245, owl 0.090 at (0.5, 0.5)>
    """
    w = checks.numbers(vectors, "vectors", 2, 3, 3, limit=PLANE)
    if w.shape[1] != 2:
        raise ValueError(f"vectors must have shape (3, 2), got {w.shape}")
    x = checks.numbers(point, "point", 1, 2, 2, limit=PLANE)
    names = checks.labels(labels, "labels", 3)
    scale = checks.number(temperature, "temperature", 0, np.inf)
    settings = {"vectors": w.tolist(), "labels": names, "temperature": checks.as_json(scale), "point": x.tolist()}
    p = core.softmax(w @ x, temperature=scale)
    shares = ", ".join(f"{name} {share:.3f}" for name, share in zip(names, p, strict=True))
    summary = _("{shares} at ({x}, {y})", shares=shares, x=f"{x[0]:g}", y=f"{x[1]:g}")
    return Explorer("boundary", settings, picture.draw(w, names, scale), summary)
