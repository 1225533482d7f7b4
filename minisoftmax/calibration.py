"""How far probabilities can be believed: confidence against accuracy, proper scores, and one temperature that mends.

Everything takes a row of K probabilities or logits for each of n samples, and n labels from 0 to K − 1, and adds up in
float64 at least.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minisoftmax import _arguments as check
from minisoftmax._arguments import Floats, Labels, require
from minisoftmax.core import softmax

__all__ = [
    "ReliabilityCurve",
    "brier_score",
    "expected_calibration_error",
    "fit_temperature",
    "negative_log_likelihood",
    "reliability_curve",
]


class ReliabilityCurve(NamedTuple):
    """Confidence against accuracy, bin by bin: what `reliability_curve` returns. An empty bin has NaN and count 0."""

    edges: NDArray[np.float64]
    """The n_bins + 1 edges, from 0 to 1. A bin lies between two of them, the upper one included."""

    confidence: NDArray[np.float64]
    """The mean probability of the likeliest class, for each of the n_bins bins."""

    accuracy: NDArray[np.float64]
    """The share of samples whose likeliest class is the label, for each bin."""

    counts: NDArray[np.intp]
    """The number of samples in each bin."""


@np.errstate(all="ignore")
def reliability_curve(probs: ArrayLike, labels: ArrayLike, *, n_bins: int = 15) -> ReliabilityCurve:
    r"""Compare confidence with accuracy, in bins of confidence.

    .. math:: \operatorname{conf}_m = \frac{1}{|B_m|} \sum_{i \in B_m} \max_k p_{ik}, \qquad
        \operatorname{acc}_m = \frac{1}{|B_m|} \sum_{i \in B_m} [\operatorname{argmax}_k p_{ik} = y_i]

    If a model is *calibrated*, both are the same but for chance: of all predictions made with 80 %, 80 % are right.

    Examples
    --------
    >>> from minisoftmax import reliability_curve
    >>> probs = [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]]
    >>> curve = reliability_curve(probs, [0, 0, 1, 0], n_bins=4)
    >>> print(curve.edges, curve.counts)
    [0.   0.25 0.5  0.75 1.  ] [0 0 2 2]
    >>> print(curve.confidence.round(6), curve.accuracy)
    [ nan  nan 0.65 0.85] [nan nan 0.5 1. ]

    Parameters
    ----------
    probs : array_like of real numbers, shape (n, K)
        Rows that sum to 1, to within 0.01; n ≥ 1.
    labels : array_like of ints or bools, shape (n,)
        The true classes, 0 to K − 1.
    n_bins : int, default 15
        The number of bins M, of equal width, from 1 to a million.

    Returns
    -------
    ReliabilityCurve
        ``(edges, confidence, accuracy, counts)``.

    Raises
    ------
    TypeError
        If an argument has the wrong type or dtype.
    ValueError
        If an argument is out of its range, or shapes do not fit.

    Notes
    -----
    A confidence of exactly m/M belongs to the bin below; edges are rounded to the dtype of ``probs``, so that a float32
    of 0.3 counts as 0.3. A tie goes to the first class.

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger (2017). On calibration of modern neural networks. ICML, 1321–1330.
    """
    probs, labels = _probabilities(probs, labels)
    n_bins = check.as_integer(n_bins, "n_bins", 1)
    require(n_bins <= _MOST_BINS, n_bins, f"n_bins must be at most {_MOST_BINS}")
    edges = np.arange(n_bins + 1) / n_bins
    top = np.minimum(probs.max(axis=-1), 1)
    right = probs.argmax(axis=-1) == labels
    bins = np.searchsorted(edges[1:-1].astype(top.dtype), top, side="left")
    counts = np.bincount(bins, minlength=n_bins)
    confidence = np.bincount(bins, weights=top.astype(np.float64), minlength=n_bins) / counts
    accuracy = np.bincount(bins, weights=right, minlength=n_bins) / counts
    return ReliabilityCurve(edges, confidence, accuracy, counts)


def expected_calibration_error(probs: ArrayLike, labels: ArrayLike, *, n_bins: int = 15) -> float:
    r"""Return the gap between confidence and accuracy, averaged over the samples, bin by bin (ECE).

    .. math:: \mathrm{ECE} = \sum_{m=1}^{M} \frac{|B_m|}{n} \, | \operatorname{acc}_m - \operatorname{conf}_m |

    Examples
    --------
    >>> from minisoftmax import expected_calibration_error
    >>> probs = [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]]
    >>> print(round(expected_calibration_error(probs, [0, 0, 1, 0], n_bins=4), 6))
    0.15

    Parameters
    ----------
    probs : array_like, shape (n, K)
        As in `reliability_curve`.
    labels : array_like, shape (n,)
        As in `reliability_curve`.
    n_bins : int, default 15
        The number of bins M. Parts of bins can only give a larger error.

    Returns
    -------
    float
        Between 0 and 1; 0 is calibrated, as far as these bins can tell.

    Raises
    ------
    TypeError, ValueError
        As in `reliability_curve`.

    Notes
    -----
    Always to predict the base rates has no error. With few samples in a bin, the means differ by chance.

    References
    ----------
    M. P. Naeini, G. F. Cooper, M. Hauskrecht (2015). Obtaining well calibrated probabilities using Bayesian binning.
    AAAI, 2901–2907.
    """
    _, confidence, accuracy, counts = reliability_curve(probs, labels, n_bins=n_bins)
    filled = counts > 0
    return float(np.average(np.abs(accuracy - confidence)[filled], weights=counts[filled]))


@np.errstate(all="ignore")
def brier_score(probs: ArrayLike, labels: ArrayLike) -> float:
    r"""Return the mean squared distance between the probabilities and what happened.

    .. math:: \frac{1}{n} \sum_{i=1}^{n} \sum_{k=1}^{K} \bigl( p_{ik} - [y_i = k] \bigr)^2

    Examples
    --------
    >>> from minisoftmax import brier_score
    >>> print(brier_score([[0.5, 0.5], [1.0, 0.0]], [0, 0]))
    0.25

    Parameters
    ----------
    probs : array_like, shape (n, K)
        As in `reliability_curve`.
    labels : array_like, shape (n,)
        As in `reliability_curve`.

    Returns
    -------
    float
        From 0, certain and right, to 2, certain and wrong. For two classes, twice ``sklearn.metrics.brier_score_loss``.

    Raises
    ------
    TypeError, ValueError
        As in `reliability_curve`.

    Notes
    -----
    The score is proper: on average, nothing is better than the true probabilities.

    References
    ----------
    G. W. Brier (1950). Verification of forecasts expressed in terms of probability. Monthly Weather Review 78(1), 1–3.
    """
    probs, labels = _probabilities(probs, labels)
    errors = probs.astype(np.result_type(probs, np.float64))
    errors[np.arange(len(labels)), labels] -= 1
    return float(np.vecdot(errors, errors).mean())


@np.errstate(all="ignore")
def negative_log_likelihood(probs: ArrayLike, labels: ArrayLike) -> float:
    r"""Return the mean surprise at the labels, in nats.

    .. math:: -\frac{1}{n} \sum_{i=1}^{n} \log p_{i, y_i}

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import negative_log_likelihood
    >>> print(round(negative_log_likelihood([[0.5, 0.5], [0.75, 0.25]], [0, 1]), 6), round(np.log(8) / 2, 6))
    1.039721 1.039721

    Parameters
    ----------
    probs : array_like, shape (n, K)
        As in `reliability_curve`.
    labels : array_like, shape (n,)
        As in `reliability_curve`.

    Returns
    -------
    float
        At least 0; inf if one label had probability 0.

    Raises
    ------
    TypeError, ValueError
        As in `reliability_curve`.

    Notes
    -----
    A proper score too. From logits, `minisoftmax.classification.cross_entropy` keeps digits that probabilities near 1
    have lost.

    References
    ----------
    I. J. Good (1952). Rational decisions. Journal of the Royal Statistical Society B 14(1), 107–114.
    """
    probs, labels = _probabilities(probs, labels)
    chosen = np.minimum(probs[np.arange(len(labels)), labels], 1)
    surprise = -np.log(chosen, dtype=np.result_type(chosen, np.float64))
    return float(surprise.mean())


@np.errstate(all="ignore")
def fit_temperature(logits: ArrayLike, labels: ArrayLike) -> float:
    r"""Find the temperature at which softmax of these logits makes the labels likeliest (temperature scaling).

    .. math:: \hat T = \operatorname*{arg\,min}_{T} \; -\sum_{i=1}^{n} \log \operatorname{softmax}(z_i / T)_{y_i}

    Examples
    --------
    Odds of e : 1, where 3 : 1 was right:

    >>> import numpy as np
    >>> from minisoftmax import fit_temperature
    >>> logits = [[1.0, 0.0]] * 4
    >>> print(round(fit_temperature(logits, [0, 0, 0, 1]), 6), round(1 / np.log(3), 6))
    0.910239 0.910239

    Parameters
    ----------
    logits : array_like of real numbers, shape (n, K)
        Of n ≥ 1 samples that the model was not trained on. −inf rules a class out.
    labels : array_like, shape (n,)
        As in `reliability_curve`.

    Returns
    -------
    float
        *T*, in the unit of the logits: above 1 for an over-confident model. 0.0 if no label is below the top of its
        row; inf if the labels do not have more than the mean of their rows, in sum, as far as rounding can tell; 1.0
        if the logits of each row are equal.

    Raises
    ------
    TypeError
        As in `reliability_curve`.
    ValueError
        If ``logits`` holds NaN, +inf or what float64 cannot hold, a label is out of range or has the logit −inf, or
        shapes do not fit.

    Notes
    -----
    In β = 1/T the problem is convex. With d the logits minus that of the label,

    .. math:: L(\beta) = \sum_i \log \sum_k e^{\beta d_{ik}}, \qquad
        L'(\beta) = \sum_i \operatorname{E}_{\beta}[d_i], \qquad
        L''(\beta) = \sum_i \operatorname{Var}_{\beta}[d_i] \ge 0.

    The zero of L′ is found by Newton's method between two bounds that close in. The error is some eps where the data
    determine *T* well. Memory: a few copies of ``logits``.

    References
    ----------
    J. C. Platt (1999). Probabilistic outputs for support vector machines. Advances in Large Margin Classifiers, 61–74.
    And Guo et al., as in `reliability_curve`.
    """
    given, labels = _samples(logits, labels, "logits")
    z = given.astype(np.float64)
    require(np.isfinite(z) | np.isneginf(given), given, "logits must be finite in float64, or -inf")
    own = np.take_along_axis(z, labels[:, None], axis=-1)  # (n, 1)
    require(own > -np.inf, own, "logits must be finite for the labels, which are impossible otherwise")
    possible = z > -np.inf
    lead = np.where(possible, z / 2 - own / 2, 0)  # half of d, which could overflow
    if not lead.any():
        return 1.0
    exponent = np.frexp(np.abs(lead).max())[1]
    lead = np.ldexp(lead, -exponent)  # below 1 now: squares cannot overflow, and a power of two changes no digit

    def derivatives(beta: float) -> tuple[float, float]:
        p = softmax(beta * lead, where=possible)
        mean = np.vecdot(p, lead)
        return float(mean.sum()), float(np.vecdot(p, (lead - mean[:, None]) ** 2).sum())

    slope_at_0, slope_at_inf = derivatives(0.0)[0], lead.max(axis=-1).sum()
    rounding = 8 * np.finfo(np.float64).eps * np.abs(lead).max(axis=-1).sum()
    if slope_at_inf == 0:
        return 0.0
    if slope_at_0 >= -rounding:
        return math.inf
    # A variance is at most a quarter of the squared range, and β Σ max d ≤ L(β) ≤ L(0) ≤ n log K. Both bounds are
    # wider, since rounding may put one on the wrong side of a zero next to it.
    low = -slope_at_0 / np.square(np.ptp(lead, axis=-1)).sum()
    high = np.log(possible.sum(axis=-1)).sum() / slope_at_inf * 2
    beta = _zero(derivatives, low, min(high, np.finfo(np.float64).max))
    return float(np.ldexp(1 / beta, exponent + 1))


_MOST_BINS = 10**6
"""More would hold nothing but gaps, and could fill the memory."""


def _samples(scores: ArrayLike, labels: ArrayLike, name: str) -> tuple[Floats, Labels]:
    """Check that there are scores of K classes for n samples, and n labels that fit them."""
    array = check.as_floats(scores, name)
    filled = array.ndim == 2 and array.size > 0
    require(filled, array.shape, f"{name} must have the shape (samples, classes), one of each at least")
    n, classes = array.shape
    given = check.as_array(labels, "labels", kinds="")
    require(given.shape == (n,), given.shape, f"labels must have the shape ({n},), one for each row of {name}")
    return array, check.as_labels(given, classes, "labels")[0]


def _probabilities(probs: ArrayLike, labels: ArrayLike) -> tuple[Floats, Labels]:
    array, checked = _samples(probs, labels, "probs")
    return check.as_probabilities(array, "probs"), checked


def _zero(derivatives: Callable[[float], tuple[float, float]], low: float, high: float) -> float:
    """Find where the first derivative, which increases, is 0: by Newton's steps, between two bounds above 0."""
    x, before = math.sqrt(low) * math.sqrt(high), math.inf
    while True:
        slope, curvature = derivatives(x)
        low, high = (x, high) if slope < 0 else (low, x)
        newton = x - slope / curvature if curvature else math.inf
        if abs(newton - x) <= 1e-10 * x or high - low <= 1e-15 * high:
            return min(max(low, newton), high)  # the error that is left is about the square of the step
        good = low < newton < high and abs(newton - x) < before / 2
        following = newton if good else math.sqrt(low) * math.sqrt(high)
        x, before = following, abs(following - x)
