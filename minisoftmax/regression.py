"""Softmax regression: the linear classifier that minimizes cross-entropy, with scikit-learn's conventions."""
# ruff: noqa: N803, N806 (X and C are the names that users of scikit-learn know)

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minisoftmax._arguments import (
    Floats,
    Labels,
    as_array,
    as_flag,
    as_integer,
    as_number,
    as_weights,
    require,
)
from minisoftmax._estimator import ConvergenceWarning, Estimator, NotFittedError, column_names, or_scikit_learns
from minisoftmax.core import log_softmax, softmax

__all__ = ["SoftmaxRegression"]


class SoftmaxRegression(Estimator):
    r"""Multinomial logistic regression: softmax of scores that are linear in the features.

    .. math:: \min_{W, b} \; C \sum_i s_i \, \ell(W x_i + b, \, y_i) + \tfrac{\kappa}{2} \lVert W \rVert^2

    The loss ℓ is `minisoftmax.classification.cross_entropy`, s are the sample weights, and κ is 2 for two classes and
    1 for more. The estimator follows the conventions of scikit-learn, and works in its pipelines, cross-validation and
    searches.

    Parameters
    ----------
    C : float, default 1.0
        How much the data count against the penalty on large weights, > 0, as in scikit-learn. inf: no penalty.
    tol : float, default 1e-6
        When to stop: at this size of the largest derivative of the objective, divided by C times the sum of the
        sample weights, in units that the notes describe; ≥ 0. Below 1.5e-8, rounding may end the way before.
    max_iter : int, default 1000
        How many iterations to take at most, ≥ 1.
    progress : bool, default False
        Whether to show a progress bar with the loss; this needs tqdm.

    Attributes
    ----------
    classes_
        The labels in ascending order, an array of shape (K,).
    coef_
        The weights *W*, an array of shape (K, n_features): a row for each class, also if there are two.
    intercept_
        The intercepts *b*, which are not penalized, an array of shape (K,).
    n_iter_
        How many iterations were taken.
    n_features_in_
        How many features the training data had.
    feature_names_in_
        The names of the features, if the training data were a data frame with text as names.

    See Also
    --------
    minisoftmax.classification.cross_entropy : The loss of given logits.

    Notes
    -----
    *The objective* is convex and smooth, so every minimum is the global one. Two directions are flat: softmax does not
    change when all classes get the same additional weights. The penalty takes the one in *W* away; it does not see the
    intercepts, and C = inf takes the penalty away. The solver starts at 0 and its gradients sum to zero over the
    classes, so its answer does too: of all optima that differ by a shift, it is the one whose weights, and whose
    intercepts, sum to zero over the classes. If a hyperplane separates the classes, C = inf has no optimum: weights
    grow until the gradient is below ``tol``.

    *The solver* is L-BFGS, a quasi-Newton method, by ``scipy.optimize.minimize``. Features are shifted by their means
    and divided by their standard deviations inside, which moves no optimum, since the intercepts are free and the
    penalty is divided likewise: it only makes the solver's way shorter. Where outliers
    swell the deviation of a feature, the derivatives that come from other samples look small beside it. So if it is
    over a thousand times what the mistakes that the model still makes typically differ by, the solver goes on from
    where it is, in units of these differences.

    Everything is computed in float64. Cost: two products with the data for each iteration. Memory: a copy of the data,
    and two or three arrays of K numbers for each sample.

    scikit-learn's ``LogisticRegression`` has the same optimum at the same ``C``. With two classes it has one row of
    weights, w₁ − w₀, and ½‖w₁ − w₀‖² as the penalty: that is ‖W‖² for weights that sum to zero, and this is why κ is 2.

    References
    ----------
    D. R. Cox (1958). The regression analysis of binary sequences. Journal of the Royal Statistical Society B 20(2),
    215–242.

    D. C. Liu, J. Nocedal (1989). On the limited memory BFGS method for large scale optimization. Mathematical
    Programming 45, 503–528.

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
            The labels, of any kind that can be sorted, tuples too if in a list; two different ones at least. Floats
            are whole numbers.
        sample_weight : array_like of real numbers, shape (n_samples,), optional
            How often each sample counts, finite and ≥ 0; once if not given.

        Returns
        -------
        SoftmaxRegression
            The object itself.

        Raises
        ------
        TypeError
            If an argument or a parameter of the constructor has the wrong type.
        ValueError
            If one is out of its range, or lengths do not match.
        ImportError
            If SciPy is not installed, or ``progress`` is true and tqdm is not.

        Warns
        -----
        ConvergenceWarning
            If the solver stops before the largest derivative is below ``tol``.

        Examples
        --------
        >>> from minisoftmax import SoftmaxRegression
        >>> print(SoftmaxRegression().fit([[0.0], [1.0]], [False, True]).predict([[0.2]]))
        [False]
        """
        try:
            from scipy.optimize import minimize
        except ImportError:
            raise ImportError('SoftmaxRegression.fit needs SciPy: `pip install "minisoftmax[fit]"`') from None
        C, tol, max_iter = as_number(self.C, "C"), as_number(self.tol, "tol"), as_integer(self.max_iter, "max_iter", 1)
        require(C > 0, C, "C must be > 0")
        require(tol >= 0, tol, "tol must be >= 0")
        features, names = _features(X), column_names(X)
        classes, labels = _classes(_labels(y, len(features)))
        weight = as_weights(sample_weight, len(features), "sample_weight", "sample").astype(np.float64)
        total = float(np.sum(weight))
        require(0 < total < math.inf, total, "sample_weight must have a finite sum that is not zero")

        penalty = min((2 if len(classes) == 2 else 1) / C / total, _STRONGEST)
        inputs = np.ones((len(features), features.shape[1] + 1))  # the last column stands for the intercepts
        coef, intercept = np.zeros((len(classes), features.shape[1])), np.zeros(len(classes))
        center, size = np.array([_moments(x, weight) for x in features.T]).reshape(-1, 2).T
        outlying, n_iter = True, 0
        with _bar(as_flag(self.progress, "progress"), max_iter) as show:
            while outlying and n_iter < max_iter:
                scale = np.hypot(size, math.sqrt(penalty))
                scale[scale == 0] = 1
                np.divide(np.subtract(features, center, out=inputs[:, :-1]), scale, out=inputs[:, :-1])
                data = inputs, labels, weight / total, np.append((math.sqrt(penalty) / scale) ** 2, 0)
                start = np.column_stack([coef * scale, intercept + coef @ center])  # (K, n_features + 1)
                # SciPy's first step has the length 1. In this unit it is minus the gradient, which suits such features;
                # only outliers make a derivative larger than 1.
                unit = min(float(np.linalg.norm(_objective(start, 1.0, *data)[1])), math.sqrt(start.size)) or 1.0
                stop = {"gtol": unit * tol, "ftol": 0, "maxls": 100, "maxiter": max_iter - n_iter, "maxfun": math.inf}
                point, arguments = start.ravel() / unit, (unit, *data)
                found = minimize(_objective, point, arguments, "L-BFGS-B", jac=True, callback=show, options=stop)
                n_iter, steepest = n_iter + int(found.nit), float(np.abs(found.jac).max()) / unit
                weights = unit * found.x.reshape(start.shape)
                weights = weights - weights.mean(axis=0)  # what rounding has left of the flat directions
                coef = weights[:, :-1] / scale
                intercept = weights[:, -1] - coef @ center
                # Outliers swell the size of a feature, beside which the derivatives of the mistakes that are left look
                # small. If so, go on in the units of these.
                mistakes = weight * -np.expm1(log_softmax(inputs @ weights.T)[np.arange(len(labels)), labels])
                middle, usual = np.array([_ranks(x, mistakes) for x in features.T]).reshape(-1, 2).T
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
            category = or_scikit_learns("ConvergenceWarning", ConvergenceWarning)
            warnings.warn(message, category, stacklevel=3)  # this function is wrapped once
        return self

    def decision_function(self, X: ArrayLike) -> Floats:
        """Give the logits, or the log-odds of the second class if there are two, as scikit-learn does.

        Parameters
        ----------
        X : array_like of real numbers, shape (n_samples, n_features)
            The features, finite.

        Returns
        -------
        ndarray, shape (n_samples, K), or (n_samples,) if K is 2
            The logits W x + b of all classes, in the order of ``classes_``; of two classes, the second minus the first.

        Raises
        ------
        NotFittedError
            If `fit` was not called before.
        TypeError, ValueError
            If ``X`` has the wrong dtype, is not finite, or has other features than in `fit`.

        Warns
        -----
        UserWarning
            If only one of ``X`` and the training data has names of features.
        """
        logits = self._logits(X)
        return logits[:, 1] - logits[:, 0] if len(self.classes_) == 2 else logits

    def predict_log_proba(self, X: ArrayLike) -> Floats:
        """Give the logarithms of the probabilities, with all their digits where those are near 0 or 1.

        Parameters
        ----------
        X : array_like of real numbers, shape (n_samples, n_features)
            The features, finite.

        Returns
        -------
        ndarray, shape (n_samples, K)
            Log-probabilities in nats, in the order of ``classes_``.

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
        X : array_like of real numbers, shape (n_samples, n_features)
            The features, finite.

        Returns
        -------
        ndarray, shape (n_samples, K)
            Probabilities that sum to 1, in the order of ``classes_``.

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
        X : array_like of real numbers, shape (n_samples, n_features)
            The features, finite.

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
        """Give the accuracy: the fraction of samples whose label is predicted.

        Parameters
        ----------
        X : array_like of real numbers, shape (n_samples, n_features)
            The features, finite.
        y : array_like, shape (n_samples,)
            The true labels.
        sample_weight : array_like of real numbers, shape (n_samples,), optional
            How often each sample counts, finite and ≥ 0; once if not given.

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
        weight = as_weights(sample_weight, len(predicted), "sample_weight", "sample")
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
            raise ValueError(
                f"X must have the features of fit: X has {features.shape[1]} features, "
                f"but {name} is expecting {self.n_features_in_} features as input"
            )
        return features @ self.coef_.T + self.intercept_


_STRONGEST = 1e300
"""A penalty per unit of loss that leaves no weight to see; a stronger one would overflow."""

_ADVICE = "Increase max_iter or tol, or add a penalty with a smaller C."

_HIDDEN = 1.5e-8
"""A derivative so small, the square root of eps, that the rounding of the loss may hide where the loss still falls."""


_OUTLYING = 1000
"""A derivative of ``tol`` is one of a thousand times ``tol``, at most, in units that suit the mistakes."""


def _objective(
    steps: Floats, unit: float, inputs: Floats, labels: Labels, share: Floats, pull: Floats
) -> tuple[float, Floats]:
    """Give the objective, divided by C times the sum of the sample weights, and its gradient."""
    W = unit * steps.reshape(-1, inputs.shape[1])  # (K, n_features + 1), the last column for the intercepts
    samples = np.arange(len(labels))
    log_probs = W @ inputs.T  # (K, n_samples)
    log_softmax(log_probs, axis=0, out=log_probs)
    at_label = log_probs[labels, samples]
    mistakes = np.exp(log_probs, out=log_probs)
    mistakes[labels, samples] = np.expm1(at_label)  # p − 1 with all its digits
    mistakes *= share
    loss = 0.5 * np.sum(pull * W**2) - share @ at_label
    return float(loss), unit * (mistakes @ inputs + pull * W).ravel()


def _features(X: ArrayLike) -> Floats:
    given = as_array(np.asarray(X) if hasattr(X, "columns") else X, "X", kinds="")
    if given.dtype == object:  # a table with columns of several kinds
        try:
            given = given.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise type(error)(f"X must hold real numbers, or convert to them: {error}") from None
    numbers = as_array(given, "X")
    if numbers.ndim != 2:
        advice = "Reshape your data: .reshape(1, -1) if this is one sample, .reshape(-1, 1) if it is one feature"
        raise ValueError(f"X must be two-dimensional, (n_samples, n_features), got shape {numbers.shape}. {advice}")
    features = numbers.astype(np.float64, copy=False)
    require(np.isfinite(features), numbers, "X must be finite in float64, neither NaN nor inf")
    return features


def _labels(y: ArrayLike, length: int) -> NDArray[Any]:
    if y is None:
        raise ValueError("y must hold labels: a classifier requires y to be passed, but the target y is None")
    if isinstance(y, list | tuple) and not any(isinstance(label, list | np.ndarray | np.void) for label in y):
        # As they are: NumPy would cut "a\0" to "a", round large ints beside negative ones, and turn tuples into rows.
        labels: NDArray[Any] = np.fromiter(y, object, len(y))
    else:
        labels = as_array(y, "y", kinds="")
    if labels.shape == (length, 1):
        message = f"A column-vector y was passed when a 1d array was expected: pass y.ravel(), got shape {labels.shape}"
        warnings.warn(message, or_scikit_learns("DataConversionWarning", UserWarning), stacklevel=4)
        labels = labels[:, 0]
    if labels.shape != (length,):
        raise ValueError(f"y must have the shape ({length},), one label for each row of X, got {labels.shape}")
    return labels


def _classes(labels: NDArray[Any]) -> tuple[NDArray[Any], Labels]:
    """Give the labels that occur, in order, and the place of each sample's label among them."""
    require(labels == labels, labels, "y must hold labels that equal themselves, which NaN does not")
    try:
        classes, codes = np.unique(labels, return_inverse=True)
        if classes.dtype == object and not (classes[:-1] < classes[1:]).all():  # sets are ordered in part, for example
            raise TypeError(f"of two, one must always be the smaller, got {classes.tolist()}")
    except TypeError as error:
        raise TypeError(f"y must hold labels that can be sorted: {error}") from None
    if all(isinstance(label, int | float | str | bytes | np.generic) for label in classes):
        plain = np.array(classes.tolist())
        if plain.tolist() == classes.tolist():
            classes = plain
    if classes.dtype.kind == "f":
        rule = "y must hold classes, whole numbers if floats (Unknown label type: continuous)"
        require(classes % 1 == 0, classes, rule)
    if len(classes) < 2:
        raise ValueError(f"y must hold more than one class, got {classes.tolist()}")
    return classes, codes


def _moments(x: Floats, weight: Floats) -> tuple[float, float]:
    """Give the mean and the standard deviation of a feature."""
    mean = float(x[0] + np.average(x - x[0], weights=weight))  # exact for a constant
    away = np.abs(x - mean)
    largest = float(away.max()) or 1.0
    require(math.isfinite(largest), largest, "X must have a range that float64 can hold in each column")
    return mean, largest * math.sqrt(np.average((away / largest) ** 2, weights=weight))


def _ranks(x: Floats, mistakes: Floats) -> tuple[float, float]:
    """Give the median of a feature over the mistakes, and the median of what those elsewhere differ from it by."""
    if not 0 < np.sum(mistakes) < math.inf:
        return 0.0, 0.0
    median = float(np.quantile(x, 0.5, weights=mistakes, method="inverted_cdf"))
    away = np.abs(x - median)
    elsewhere = mistakes * (away > 0)
    if not elsewhere.any():
        return median, 0.0
    return median, float(np.quantile(away, 0.5, weights=elsewhere, method="inverted_cdf"))


@contextmanager
def _bar(progress: bool, max_iter: int) -> Iterator[Callable[..., None] | None]:
    """Give what shows the number of iterations and the loss on a progress bar, if there is to be one."""
    if not progress:
        yield None
        return
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
