"""The book's one style of drawing, and the drawings that more than one chapter needs.

This module needs matplotlib, which the rest of the package does not: ``pip install "minisoftmax[plot]"``.
"""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minisoftmax._palette import PALETTE
from minisoftmax.core import softmax
from minisoftmax.language import text

try:
    import matplotlib as mpl
    import matplotlib.pyplot as plt
    from cycler import cycler
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
except ImportError as error:
    raise ImportError('minisoftmax.plotting needs matplotlib: pip install "minisoftmax[plot]"') from error

__all__ = ["COLORS", "SVG", "bars", "picture", "simplex", "steps", "to_simplex", "use_style"]

COLORS = PALETTE
"""The Okabe–Ito colors, which the color-blind can tell apart, and a gray that is readable on white."""

SVG: dict[str, Any] = {"format": "svg", "metadata": {"Date": None, "Creator": None}}
"""What ``savefig`` needs, after `use_style`, to write the same bytes for the same figure on any day."""

_STYLE: dict[Any, Any] = {
    "axes.prop_cycle": cycler(
        color=[COLORS[name] for name in ("blue", "vermilion", "green", "purple", "orange", "sky")]
    ),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.titlesize": 12,
    "figure.constrained_layout.use": True,
    "figure.figsize": (4.8, 3.0),  # a phone shows this at about 3/4 of its size: 11 points stay readable
    "font.size": 11,
    "legend.frameon": False,
    "lines.linewidth": 2,
    "svg.hashsalt": "minisoftmax",
}


def use_style() -> None:
    """Make figures look alike through the whole book.

    They become SVG that is the same to the last byte on every run, in the Okabe–Ito colors, at the size of a phone.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from minisoftmax import plotting
    >>> plotting.use_style()
    >>> plt.rcParams["figure.figsize"]
    [4.8, 3.0]
    """
    mpl.rcParams.update(_STYLE)
    ipython = sys.modules.get("IPython")
    if ipython and ipython.get_ipython():
        from matplotlib_inline.backend_inline import set_matplotlib_formats  # needs IPython, which brings it

        set_matplotlib_formats("svg", metadata=SVG["metadata"])  # type: ignore[no-untyped-call]


def bars(
    ax: Axes, values: ArrayLike, labels: Sequence[str], *, color: str = COLORS["blue"], form: str = "{:.3g}"
) -> None:
    """Draw labeled horizontal bars, the first on top, each with its value at its end.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from minisoftmax import plotting
    >>> figure, ax = plt.subplots()
    >>> plotting.bars(ax, [0.993, 0.007], ["mat", "sofa"])
    >>> [text.get_text() for text in ax.texts]
    ['0.993', '0.007']
    >>> plt.close(figure)

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    values : array_like of real numbers, shape (K,)
    labels : sequence of K strings
        Empty strings where another panel names them.
    color : str, default blue
        Of the bars.
    form : str, default "{:.3g}"
        The format of a value.

    Raises
    ------
    ValueError
        If there are not as many labels as values.
    """
    values = np.asarray(values, dtype=float)
    if values.shape != (len(labels),):
        raise ValueError(f"values must have shape ({len(labels)},), one for each label, got {values.shape}")
    places = np.arange(len(values))
    ax.barh(places, values, color=color, height=0.7)
    for place, value in zip(places, values, strict=True):
        text = form.format(value).replace("-", "−")
        ax.annotate(text, (max(value, 0), place), (3, 0), textcoords="offset points", va="center")
    ax.set_yticks(places, labels)
    ax.invert_yaxis()
    ax.tick_params(left=False, bottom=False, labelbottom=False)
    ax.spines[["left", "bottom"]].set_visible(False)
    low, high = min(values.min(), 0), max(values.max(), 0)
    ax.set_xlim(low, high + 0.45 * (high - low))  # room for the numbers


def steps(logits: ArrayLike, labels: Sequence[str]) -> Figure:
    """Draw the three steps of the formula side by side: scores, exponentials, probabilities.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from minisoftmax import plotting
    >>> figure = plotting.steps([2.0, 1.0, 0.0], ["mat", "sofa", "moon"])
    >>> [text.get_text() for text in figure.axes[2].texts]
    ['0.665', '0.245', '0.090']
    >>> plt.close(figure)

    Parameters
    ----------
    logits : array_like of real numbers, shape (K,)
    labels : sequence of K strings

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there are not as many labels as logits.
    """
    logits = np.asarray(logits, dtype=float)
    figure, axes = plt.subplots(1, 3, figsize=(4.8, 0.8 + 0.36 * logits.size))
    nameless = [""] * len(labels)
    bars(axes[0], logits, labels, color=COLORS["gray"], form="{:.1f}")
    bars(axes[1], np.exp(logits), nameless, color=COLORS["orange"], form="{:.1f}")
    bars(axes[2], softmax(logits), nameless, form="{:.3f}")
    for ax, title in zip(axes, (text("score $z$"), "$e^z$", text("probability $p$")), strict=True):
        ax.set_title(title, fontsize=11)
    return figure


def picture(ax: Axes, pixels: ArrayLike, *, cmap: str = "Greys", vmin: float = 0.0, vmax: float = 1.0) -> None:
    """Draw a small picture as squares, which stay sharp at every size.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw; it loses its axes.
    pixels : array_like of real numbers, shape (rows, columns)
        From the top row down.
    cmap : str, default "Greys"
        A color map's name.
    vmin, vmax : float, default 0.0 and 1.0
        What gets the first and the last color.

    Raises
    ------
    ValueError
        If ``pixels`` does not have two axes.
    """
    values = np.asarray(pixels, dtype=float)
    if values.ndim != 2:
        raise ValueError(f"pixels must have rows and columns, got shape {values.shape}")
    ax.pcolormesh(values[::-1], cmap=cmap, vmin=vmin, vmax=vmax)
    ax.set_aspect("equal")
    ax.set_axis_off()


_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])


def to_simplex(p: ArrayLike) -> NDArray[np.floating]:
    """Give the place of three probabilities in the triangle that `simplex` draws.

    Examples
    --------
    >>> from minisoftmax.plotting import to_simplex
    >>> print(to_simplex([0.5, 0.5, 0.0]))
    [0.5 0. ]

    Parameters
    ----------
    p : array_like of real numbers, shape (..., 3)
        Probabilities.

    Returns
    -------
    ndarray, shape (..., 2)
        The mean of the corners (0, 0), (1, 0), (1/2, √3/2), weighted by ``p``.

    Raises
    ------
    ValueError
        If the last axis does not have length 3.
    """
    p = np.asarray(p, dtype=float)
    if p.ndim == 0 or p.shape[-1] != 3:
        raise ValueError(f"p must have 3 probabilities on its last axis, got shape {p.shape}")
    return p @ _CORNERS


def simplex(ax: Axes, labels: Sequence[str]) -> None:
    """Draw the triangle of all distributions over three classes; its corners are the certainties.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    labels : sequence of 3 strings
        Of the classes.

    Raises
    ------
    ValueError
        If there are not three labels.
    """
    if len(labels) != 3:
        raise ValueError(f"labels must name 3 classes, got {len(labels)}")
    ax.fill(*_CORNERS.T, facecolor="#F4F4F4", edgecolor=COLORS["gray"], linewidth=1)
    placing = [("right", "top"), ("left", "top"), ("center", "bottom")]
    for (x, y), label, (ha, va) in zip(_CORNERS, labels, placing, strict=True):
        ax.annotate(label, (x, y), (0, 4 if va == "bottom" else -4), textcoords="offset points", ha=ha, va=va)
    ax.set_aspect("equal")
    ax.set_axis_off()
