"""Softmax regression: the linear classifier that minimizes cross-entropy, with scikit-learn's conventions."""
# ruff: noqa: N803, N806 (X and C are the names that users of scikit-learn know)

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minisoftmax import _arguments as check
from minisoftmax._arguments import Floats, Labels, require
from minisoftmax._estimator import ConvergenceWarning, Estimator, NotFittedError, column_names, or_scikit_learns
from minisoftmax.core import log_softmax, softmax

__all__ = ["SoftmaxRegression"]


class SoftmaxRegression(Estimator):
    r"""Multinomial logistic regression: softmax of scores that are linear in the features.

    .. math:: \min_{W, b} \; C \sum_i s_i \, \ell(W x_i + b, \, y_i) + \tfrac{\kappa}{2} \lVert W \rVert^2

    The loss ℓ is `minisoftmax.classification.cross_entropy`, s are the sample weights, and κ is 2 for two classes and 1
    for more.

    Examples
    --------
    >>> from minisoftmax import SoftmaxRegression
    >>> X = [[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]]
    >>> y = ["cold", "cold", "mild", "mild", "hot", "hot"]
    >>> model = SoftmaxRegression().fit(X, y)
    >>> print(model.classes_, model.predict([[0.5], [2.4], [9.0]]))
    ['cold' 'hot' 'mild'] ['cold' 'mild' 'hot']
    >>> print(model.predict_proba([[0.5]]).round(2))
    [[0.74 0.02 0.24]]

    Parameters
    ----------
    C : float, default 1.0
        The weight of the data against the penalty, > 0; inf: no penalty.
    tol : float, default 1e-6
        The largest derivative of the objective over C Σ s at which to stop, in the units of the notes; ≥ 0. Below
        1.5e-8, rounding may end the way before.
    max_iter : int, default 1000
        The most iterations to take, ≥ 1.
    progress : bool, default False
        Whether to show a bar with the loss; needs tqdm.

    Attributes
    ----------
    classes_
        The labels in ascending order, shape (K,).
    coef_
        The weights *W*, shape (K, n_features): a row for each class, also if there are two.
    intercept_
        The intercepts *b*, which are not penalized, shape (K,).
    n_iter_
        The iterations taken.
    n_features_in_
        The number of features.
    feature_names_in_
        Their names, if in a data frame as text.

    Notes
    -----
    *The objective* is convex. Of optima that differ by the same weights for all classes, the answer is the one that
    sums to zero over the classes. If a hyperplane separates these, C = inf has no optimum: weights grow until the
    gradient is below ``tol``.

    *The solver* is L-BFGS, by ``scipy.optimize.minimize``, in float64, in units of the standard deviations of the
    features. Where outliers swell one to over a thousand times what the mistakes that the model still makes typically
    differ by, it goes on in units of these differences. Memory: a copy of the data, and two or three arrays of K
    numbers for each sample.

    scikit-learn's ``LogisticRegression`` has the same optimum at the same ``C``. For two classes its penalty is
    ½‖w₁ − w₀‖², which is ‖W‖² for weights that sum to zero: hence κ = 2.

    References
    ----------
    D. C. Liu, J. Nocedal (1989). On the limited memory BFGS method. Mathematical Programming 45, 503–528.
    """

    def __init__(self, *, C: float = 1.0, tol: float = 1e-6, max_iter: int = 1000, progress: bool = False) -> None:
        self.C = C
        self.tol = tol
        self.max_iter = max_iter
        self.progress = progress

    @np.errstate(all="ignore")
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Find the weights and intercepts that minimize the objective.

        Parameters
        ----------
        X : array_like of real numbers, shape (n_samples, n_features)
            The features, finite.
        y : array_like, shape (n_samples,)
            The labels, of any kind that can be sorted, two different ones at least. Floats are whole numbers.
        sample_weight : array_like of real numbers, shape (n_samples,), optional
            How often each sample counts, finite and ≥ 0; once if not given.

        Returns
        -------
        SoftmaxRegression
            The object itself.

        Raises
        ------
        TypeError, ValueError
            If an argument or a parameter has the wrong type or is out of its range, or lengths do not match.
        ImportError
            If SciPy is not installed, or ``progress`` is true and tqdm is not.

        Warns
        -----
        ConvergenceWarning
            If the solver stops before the largest derivative is below ``tol``.
        """
        try:
            from scipy.optimize import minimize
        except ImportError:
            raise ImportError('SoftmaxRegression.fit needs SciPy: `pip install "minisoftmax[fit]"`') from None
        C, tol = check.as_number(self.C, "C"), check.as_number(self.tol, "tol")
        max_iter = check.as_integer(self.max_iter, "max_iter", 1)
        require(C > 0, C, "C must be > 0")
        require(tol >= 0, tol, "tol must be >= 0")
        features, names = _features(X), column_names(X)
        classes, labels = _classes(_labels(y, len(features)))
        weight = check.as_weights(sample_weight, len(features), "sample_weight", "sample").astype(np.float64)
        total = float(np.sum(weight))
        require(0 < total < math.inf, total, "sample_weight must have a finite sum that is not zero")

        penalty = min((2 if len(classes) == 2 else 1) / C / total, _STRONGEST)
        inputs = np.ones((len(features), features.shape[1] + 1))  # the last column stands for the intercepts
        coef, intercept = np.zeros((len(classes), features.shape[1])), np.zeros(len(classes))
        center, size = np.array([_moments(x, weight) for x in features.T]).reshape(-1, 2).T
        own = (labels, np.arange(len(labels)))  # where the label of each sample stands in (K, n_samples)
        outlying, n_iter = True, 0
        with _bar(max_iter) if check.as_flag(self.progress, "progress") else nullcontext() as bar:
            while outlying and n_iter < max_iter:
                scale = np.hypot(size, math.sqrt(penalty))
                np.divide(np.subtract(features, center, out=inputs[:, :-1]), scale, out=inputs[:, :-1])
                data = inputs, own, weight / total, np.append((math.sqrt(penalty) / scale) ** 2, 0)
                x0 = np.column_stack([coef * scale, intercept + coef @ center]).ravel()  # (K × (n_features + 1),)
                # SciPy's first step has the length 1. In this unit it is minus the gradient, which suits such features;
                # only outliers make a derivative larger than 1.
                unit = min(float(np.linalg.norm(_objective(x0, 1.0, *data)[1])), math.sqrt(x0.size)) or 1.0
                stop = {"gtol": unit * tol, "ftol": 0, "maxls": 100, "maxiter": max_iter - n_iter, "maxfun": math.inf}
                found = minimize(_objective, x0 / unit, (unit, *data), "L-BFGS-B", jac=True, callback=bar, options=stop)
                n_iter, steepest = n_iter + int(found.nit), float(np.abs(found.jac).max()) / unit
                weights = unit * found.x.reshape(len(classes), -1)
                weights -= weights.mean(axis=0)  # what rounding has left of the flat directions
                coef = weights[:, :-1] / scale
                intercept = weights[:, -1] - coef @ center
                # Outliers swell the size of a feature, beside which the derivatives of the mistakes that are left look
                # small. If so, go on in the units of these.
                mistakes = weight * -np.expm1(log_softmax(weights @ inputs.T, axis=0)[own])
                middle = np.array([_median(x, mistakes) for x in features.T])
                away = (np.abs(x - m) for x, m in zip(features.T, middle, strict=True))
                usual = np.array([_median(x, mistakes * (x > 0)) for x in away])
                swollen = (usual > 0) & (size > _OUTLYING * usual)
                outlying = bool(swollen.any())
                center, size = np.where(swollen, middle, center), np.where(swollen, usual, size)

        require(np.isfinite(coef), coef, "X must vary enough for float64 to hold its weights")
        self.classes_, self.coef_, self.intercept_ = classes, coef, intercept
        self.n_iter_, self.n_features_in_ = n_iter, features.shape[1]
        vars(self).pop("feature_names_in_", None)
        if names is not None:
            self.feature_names_in_ = names
        out_of_steps = n_iter >= max_iter and (outlying or not steepest <= tol)
        if out_of_steps or not steepest <= max(tol, _HIDDEN):
            reason = f"max_iter={max_iter} is reached" if out_of_steps else "rounding hides any further descent"
            reached = f"with {steepest:.2g} as the largest derivative and tol={tol:g}"
            message = f"the solver failed to converge after {n_iter} iterations: {reason}, {reached}. {_ADVICE}"
            # This function is wrapped once.
            warnings.warn(message, or_scikit_learns("ConvergenceWarning", ConvergenceWarning), stacklevel=3)
        return self

    def decision_function(self, X: ArrayLike) -> Floats:
        """Give the logits, or the log-odds of the second class if there are two, as scikit-learn does.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
            As in `fit`.

        Returns
        -------
        ndarray, shape (n_samples, K), or (n_samples,) if K is 2
            In the order of ``classes_``.

        Raises
        ------
        NotFittedError
            If `fit` was not called before.
        TypeError, ValueError
            If ``X`` is not finite, or has other features than in `fit`.

        Warns
        -----
        UserWarning
            If only one of ``X`` and the training data has names of features.
        """
        logits = self._logits(X)
        return logits[:, 1] - logits[:, 0] if len(self.classes_) == 2 else logits

    def predict_log_proba(self, X: ArrayLike) -> Floats:
        """Give the logarithms of the probabilities, in nats, with all their digits.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
            As in `fit`.

        Returns
        -------
        ndarray, shape (n_samples, K)
            In the order of ``classes_``.

        Raises
        ------
        NotFittedError, TypeError, ValueError
            As in `decision_function`.
        """
        return log_softmax(self._logits(X))

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Give the probability of every class.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
            As in `fit`.

        Returns
        -------
        ndarray, shape (n_samples, K)
            In the order of ``classes_``.

        Raises
        ------
        NotFittedError, TypeError, ValueError
            As in `decision_function`.
        """
        return softmax(self._logits(X))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Give the likeliest label of each sample; of those that tie, the first.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
            As in `fit`.

        Returns
        -------
        ndarray, shape (n_samples,)
            Labels of ``classes_``.

        Raises
        ------
        NotFittedError, TypeError, ValueError
            As in `decision_function`.
        """
        likeliest = self._logits(X).argmax(axis=-1)
        return self.classes_[likeliest]

    @np.errstate(all="ignore")
    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Give the fraction of samples whose label is predicted (accuracy).

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
            As in `fit`.
        y : array_like, shape (n_samples,)
            The true labels.
        sample_weight : array_like, shape (n_samples,), optional
            As in `fit`.

        Returns
        -------
        float
            From 0 to 1; NaN for no samples.

        Raises
        ------
        NotFittedError, TypeError, ValueError
            As in `decision_function`, and if lengths do not match.
        """
        predicted = self.predict(X)
        right = predicted == _labels(y, len(predicted))
        weight = check.as_weights(sample_weight, len(predicted), "sample_weight", "sample")
        return float(np.sum(weight * right) / np.sum(weight))

    @np.errstate(all="ignore")
    def _logits(self, X: ArrayLike) -> Floats:
        name = type(self).__name__
        if not hasattr(self, "coef_"):
            raise or_scikit_learns("NotFittedError", NotFittedError)(
                f"this {name} is not fitted yet: call fit(X, y) before decision_function, predict or score"
            )
        names, fitted = column_names(X), getattr(self, "feature_names_in_", None)
        if names is None or fitted is None:
            if names is not fitted:
                has, had = ("no valid", "with") if names is None else ("", "without")
                warnings.warn(f"X has {has} feature names, but {name} was fitted {had} feature names", stacklevel=4)
        elif not np.array_equal(names, fitted):
            raise ValueError(f"X must have the feature names of fit, in that order, {fitted}, got {names}")
        features = _features(X)
        if features.shape[1] != self.n_features_in_:
            expected = f"{name} is expecting {self.n_features_in_} features as input"
            raise ValueError(f"X must have the features of fit: X has {features.shape[1]} features, but {expected}")
        return features @ self.coef_.T + self.intercept_


_STRONGEST = 1e300
"""A penalty per unit of loss that leaves no weight to see; a stronger one would overflow."""

_ADVICE = "Increase max_iter or tol, or add a penalty with a smaller C."

_HIDDEN = 1.5e-8
"""A derivative so small, the square root of eps, that the rounding of the loss may hide where the loss still falls."""


_OUTLYING = 1000
"""A derivative of ``tol`` is one of a thousand times ``tol``, at most, in units that suit the mistakes."""


def _objective(
    steps: Floats, unit: float, inputs: Floats, own: tuple[Labels, Labels], share: Floats, pull: Floats
) -> tuple[float, Floats]:
    """Give the objective, divided by C times the sum of the sample weights, and its gradient."""
    W = unit * steps.reshape(-1, inputs.shape[1])  # (K, n_features + 1), the last column for the intercepts
    log_probs = log_softmax(W @ inputs.T, axis=0)  # (K, n_samples)
    at_label = log_probs[own]
    mistakes = np.exp(log_probs, out=log_probs)
    mistakes[own] = np.expm1(at_label)  # p − 1 with all its digits
    mistakes *= share
    return float(0.5 * np.sum(pull * W**2) - share @ at_label), unit * (mistakes @ inputs + pull * W).ravel()


def _features(X: ArrayLike) -> Floats:
    given = check.as_array(np.asarray(X) if hasattr(X, "columns") else X, "X", kinds="")
    if given.dtype == object:  # a table with columns of several kinds
        try:
            given = given.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise type(error)(f"X must hold real numbers, or convert to them: {error}") from None
    numbers = check.as_array(given, "X")
    advice = "Reshape your data: .reshape(1, -1) if this is one sample, .reshape(-1, 1) if it is one feature"
    require(numbers.ndim == 2, f"shape {numbers.shape}. {advice}", "X must be two-dimensional, (n_samples, n_features)")
    features = numbers.astype(np.float64, copy=False)
    require(np.isfinite(features), numbers, "X must be finite in float64, neither NaN nor inf")
    return features


def _labels(y: ArrayLike, length: int) -> NDArray[Any]:
    require(y is not None, y, "y must hold labels: a classifier requires y to be passed, but the target y is None")
    if isinstance(y, list | tuple) and not any(isinstance(label, list | np.ndarray | np.void) for label in y):
        # As they are: NumPy would cut "a\0" to "a", round large ints beside negative ones, and turn tuples into rows.
        y = np.fromiter(y, object, len(y))
    labels = check.as_array(y, "y", kinds="")
    if labels.shape == (length, 1):
        message = f"A column-vector y was passed when a 1d array was expected: pass y.ravel(), got shape {labels.shape}"
        warnings.warn(message, or_scikit_learns("DataConversionWarning", UserWarning), stacklevel=4)
        labels = labels[:, 0]
    require(labels.shape == (length,), labels.shape, f"y must have the shape ({length},), one label for each row of X")
    return labels


def _classes(labels: NDArray[Any]) -> tuple[NDArray[Any], Labels]:
    """Give the labels that occur, in order, and the place of each sample's label among them."""
    try:
        same = np.asarray(labels == labels, bool)
        classes, codes = np.unique(labels[same], return_inverse=True)
        if classes.dtype == object and not (classes[:-1] < classes[1:]).all():  # sets are ordered in part, for example
            raise TypeError(f"of two, one must always be the smaller, got {classes.tolist()}")
    except (TypeError, ValueError) as error:
        raise TypeError(f"y must hold labels that can be sorted: {error}") from None
    require(same, labels, "y must hold labels that equal themselves, which NaN does not")
    if classes.dtype == object and all(isinstance(label, int | float | str | bytes | np.generic) for label in classes):
        plain = np.array(classes.tolist())
        if plain.tolist() == classes.tolist():
            classes = plain
    if classes.dtype.kind == "f":
        require(classes % 1 == 0, classes, "y must hold whole numbers if floats (Unknown label type: continuous)")
    require(len(classes) > 1, classes.tolist(), "y must hold more than one class")
    return classes, codes


def _moments(x: Floats, weight: Floats) -> tuple[float, float]:
    """Give the mean and the standard deviation of a feature, or 1 if that is 0."""
    mean = float(x[0] + np.average(x - x[0], weights=weight))  # exact for a constant
    away = np.abs(x - mean)
    largest = float(away.max()) or 1.0
    require(math.isfinite(largest), largest, "X must have a range that float64 can hold in each column")
    return mean, largest * math.sqrt(np.average((away / largest) ** 2, weights=weight)) or 1.0


def _median(x: Floats, weights: Floats) -> float:
    """Give the weighted median, or 0 where nothing has a weight."""
    return float(np.quantile(x, 0.5, weights=weights, method="inverted_cdf")) if np.sum(weights) > 0 else 0.0


@contextmanager
def _bar(max_iter: int) -> Iterator[Callable[..., None]]:
    """Give what shows the number of iterations and the loss on a progress bar."""
    try:
        from tqdm import tqdm
    except ImportError:
        raise ImportError("progress=True needs tqdm: `pip install tqdm`, or fit with progress=False") from None
    with tqdm(total=max_iter, desc="fit") as bar:

        def show(intermediate_result: Any) -> None:
            bar.set_postfix_str(f"loss {intermediate_result.fun:.6f}", refresh=False)
            bar.update()

        yield show
        bar.total = bar.n  # the bar ends full, however few iterations it took
