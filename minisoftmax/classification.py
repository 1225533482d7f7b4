"""Classification: the loss that compares logits with what is true, its gradient, and a classifier that minimizes it.

The loss of a sample is a sum of −log p over the classes, each with its *share*: 1 for the label and 0 for the others in
the plainest case. Label smoothing, class weights and target probabilities are nothing but other shares.
"""
# ruff: noqa: N803, N806 (X and C are the names that users of scikit-learn know)

from __future__ import annotations

import math
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minisoftmax._old_core import (
    Bools,
    Floats,
    _as_array,
    _as_floats,
    _as_integer,
    _blocks,
    _working_dtype,
    log_softmax,
    softmax,
)

__all__ = ["ConvergenceWarning", "NotFittedError", "SoftmaxRegression", "cross_entropy", "cross_entropy_grad"]


@np.errstate(all="ignore")
def cross_entropy(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Floats:
    r"""Return the cross-entropy between a target and the softmax of logits: how surprised a model is by the truth.

    .. math:: \ell = -\sum_c w_c \, y_c \log \operatorname{softmax}(z)_c,
        \qquad y_c = (1 - \varepsilon) \, t_c + \varepsilon / K

    Parameters
    ----------
    logits : array_like of real numbers, shape (..., K)
        The logits *z* of *K* classes on the last axis. dtypes and special values as in `minisoftmax.core.softmax`.
    target : array_like of ints, shape (...), or of real numbers, shape (..., K)
        What is true: a label from 0 to K − 1 for each sample, for which *t* is 1 at the label and 0 elsewhere; or the
        probabilities *t* themselves, which are ≥ 0 and sum to 1 to within 0.001.
    weight : array_like of real numbers, shape (K,), optional
        The weight *w* of each class, finite and ≥ 0; 1 if not given.
    ignore_index : int, optional
        A label that marks samples to leave out: their loss is 0, and the mean does not count them. None, the default,
        leaves out nothing. Only with labels.
    label_smoothing : float, default 0.0
        ε from 0 to 1: how much of the target is taken from it and spread evenly over the classes.
    reduction : {"mean", "sum", "none"}, default "mean"
        What to do with the losses. The mean is weighted: for labels, the sum is divided by the sum of the weights of
        the labels; for probabilities, by the number of samples.

    Returns
    -------
    ndarray
        The losses in nats, ≥ 0, in the dtype of ``logits``: of shape (...) for "none", otherwise one number. The mean
        over no samples, or over weights that are all 0, is NaN.

    Raises
    ------
    TypeError
        If an argument has the wrong dtype; labels are ints.
    ValueError
        If a label is out of range, probabilities are negative or do not sum to 1, another argument is out of its
        range, or shapes do not fit.

    See Also
    --------
    cross_entropy_grad : The gradient of this.

    Notes
    -----
    This has the meaning of PyTorch's ``cross_entropy``, the divisors of the mean included, with these differences: the
    classes are on the last axis; the default of ``ignore_index`` is None and not −100; probabilities have to sum to 1;
    and a share of 0 counts 0, also of the infinite loss of a class whose logit is −inf (where PyTorch gives NaN).

    The logarithm is that of `minisoftmax.core.log_softmax`, so a loss keeps its digits however small it is. Cost: two
    to three times that of `minisoftmax.core.log_softmax`. Memory: one number for each sample, and less than 4 MiB if
    K is below 65,536.

    References
    ----------
    I. J. Good (1952). Rational decisions. Journal of the Royal Statistical Society B 14(1), 107–114.

    C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens, Z. Wojna (2016). Rethinking the Inception architecture for computer
    vision. CVPR, 2818–2826 (label smoothing).

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import cross_entropy
    >>> logits = np.log([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]])
    >>> print(cross_entropy(logits, [0, 2], reduction="none").round(6), -np.log([0.7, 0.1]).round(6))
    [0.356675 2.302585] [0.356675 2.302585]

    Probabilities as the target:

    >>> print(cross_entropy(logits, [[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]], reduction="none").round(6))
    [0.983056 0.223144]

    A loss that is nearly 0 keeps its digits:

    >>> print(f"{cross_entropy([50.0, 0.0], 0):.6e}")
    1.928750e-22
    """
    task = _task(logits, target, weight, ignore_index, label_smoothing, reduction)
    work = task.weight.dtype
    losses = np.empty(task.logits.shape[:-1], work)
    for block in _blocks(task.logits.shape, 1):
        log_probs = log_softmax(task.logits[block].astype(work, copy=False))
        shares = _shares(task, block)
        infinite = np.isneginf(log_probs)
        if infinite.any():
            log_probs[infinite & (shares == 0)] = 0  # nothing of an infinite loss is nothing
        losses[block] = 0 - np.add.reduce(np.multiply(shares, log_probs, out=log_probs), axis=-1)
    losses[task.ignored] = 0  # whatever the logits are, NaN too
    if reduction == "none":
        return losses.astype(task.logits.dtype, copy=False)[()]
    total = np.add.reduce(losses, axis=None, dtype=task.divisor.dtype) / task.divisor
    return total.astype(task.logits.dtype)


@np.errstate(all="ignore")
def cross_entropy_grad(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Floats:
    r"""Return the gradient of the cross-entropy with respect to the logits: what the model says minus what is true.

    .. math:: \frac{\partial \ell}{\partial z_c} = p_c - y_c, \qquad p = \operatorname{softmax}(z)

    and, with class weights, :math:`p_c \sum_j w_j y_j - w_c \, y_c`.

    Parameters
    ----------
    logits, target, weight, ignore_index, label_smoothing
        As in `cross_entropy`.
    reduction : {"mean", "sum", "none"}, default "mean"
        As in `cross_entropy`. For "none" this is the gradient of the sum of the losses, as for "sum": the loss of a
        sample has no derivatives but those with respect to its own logits.

    Returns
    -------
    ndarray, shape (..., K)
        Of the shape and dtype of ``logits``. It sums to 0 over the classes. The samples that are left out have 0.

    Raises
    ------
    TypeError, ValueError
        As in `cross_entropy`.

    See Also
    --------
    cross_entropy : The loss itself.

    Notes
    -----
    Near certainty, p − 1 has lost its digits, so the entry of a class that has most of the probability is computed as
    minus the sum of the others. Memory: the result, and less than 4 MiB if K is below 65,536.

    Examples
    --------
    >>> import numpy as np
    >>> from minisoftmax import cross_entropy_grad
    >>> print(cross_entropy_grad(np.log([0.7, 0.2, 0.1]), 0).round(6))
    [-0.3  0.2  0.1]
    >>> print(cross_entropy_grad([50.0, 0.0], 0))
    [-1.92874985e-22  1.92874985e-22]
    """
    task = _task(logits, target, weight, ignore_index, label_smoothing, reduction)
    work = task.weight.dtype
    gradient = np.empty(task.logits.shape, task.logits.dtype)
    for block in _blocks(task.logits.shape, 1):
        probs = softmax(task.logits[block].astype(work, copy=False))
        shares = _shares(task, block)
        pull = probs * np.add.reduce(shares, axis=-1, keepdims=True) - shares
        sure = probs > 0.5
        pull[sure] = 0
        np.copyto(pull, 0 - np.add.reduce(pull, axis=-1, keepdims=True), where=sure)
        gradient[block] = pull / (1 if reduction == "none" else task.divisor.astype(work))
    gradient[task.ignored] = 0
    return gradient


class _Task(NamedTuple):
    """The arguments of a loss, checked."""

    logits: Floats
    target: NDArray[Any]  # labels, 0 where left out; or probabilities
    weight: Floats  # of the dtype in which to compute
    smoothing: float
    ignored: Bools
    divisor: Floats  # of the sum of the losses


def _task(
    logits: ArrayLike,
    target: ArrayLike,
    weight: ArrayLike | None,
    ignore_index: int | None,
    label_smoothing: float,
    reduction: str,
) -> _Task:
    x = _as_floats(logits, "logits")
    if x.ndim == 0 or x.shape[-1] == 0:
        raise ValueError(f"logits must have a last axis with an entry for each class, got shape {x.shape}")
    work, classes = _working_dtype(x.dtype), x.shape[-1]
    weights = _weights(weight, classes, work, "weight", "class")
    smoothing = _number(label_smoothing, "label_smoothing")
    if not 0 <= smoothing <= 1:
        raise ValueError(f"label_smoothing must be from 0 to 1, got {label_smoothing}")
    if not isinstance(reduction, str) or reduction not in ("none", "mean", "sum"):
        raise ValueError(f"reduction must be 'none', 'mean' or 'sum', got {reduction!r}")
    if target is None:
        raise TypeError("target must hold labels or probabilities, got None")
    truth = _as_array(target, "target")
    wide = np.promote_types(work, np.float64)
    if truth.shape == x.shape[:-1]:
        truth, ignored = _labels(truth, classes, ignore_index)
        count = np.add.reduce(weights[truth[~ignored]], dtype=wide)
        if reduction == "mean" and not np.isfinite(work.type(count)):
            raise ValueError(f"weight must have a sum over the labels that {work} can hold, got {count!s}")
    elif truth.shape == x.shape:
        if ignore_index is not None:
            raise ValueError(f"ignore_index must be None if target holds probabilities, got {ignore_index}")
        truth, ignored = _probabilities(truth, work), np.zeros(x.shape[:-1], bool)
        count = wide.type(ignored.size)
    else:
        raise ValueError(
            f"target must have the shape {x.shape[:-1]} of labels or {x.shape} of probabilities, "
            f"to fit logits of shape {x.shape}, got {truth.shape}"
        )
    divisor = 1 if reduction != "mean" else count if count > 0 else np.nan
    return _Task(x, truth, weights, smoothing, ignored, np.asarray(divisor, wide))


def _labels(target: NDArray[Any], classes: int, ignore_index: int | None) -> tuple[NDArray[np.intp], Bools]:
    """Check labels; give them, with 0 for those to leave out, and which ones those are."""
    if target.dtype.kind not in "iu" and target.size:
        raise TypeError(f"target must hold integers as labels, got dtype {target.dtype}")
    left_out = None if ignore_index is None else _as_integer(ignore_index, "ignore_index", allowed="an int or None")
    ignored = np.zeros(target.shape, bool) if left_out is None else np.equal(target, left_out)
    wrong = ~ignored & ((target < 0) | (target >= classes))
    if wrong.any():
        allowed = f"labels from 0 to {classes - 1}, or ignore_index ({left_out})"
        raise ValueError(f"target must hold {allowed}, got {target[wrong].flat[0]}")
    return np.where(ignored, 0, target).astype(np.intp), np.asarray(ignored)


_SUM_TOLERANCE = 1e-3
"""How far the sum of probabilities may be from 1: float16, or a table with three digits, is no closer."""


def _probabilities(target: NDArray[Any], work: np.dtype[Any]) -> Floats:
    probs = _as_floats(target, "target")
    negative = ~(probs >= 0)
    if negative.any():
        raise ValueError(f"target must hold probabilities >= 0, got {probs[negative].flat[0]}")
    sums = np.add.reduce(probs, axis=-1, dtype=np.promote_types(probs.dtype, np.float64))
    off = ~(np.abs(sums - 1) <= _SUM_TOLERANCE)
    if off.any():
        raise ValueError(
            f"target must hold probabilities that sum to 1 along the last axis, to within {_SUM_TOLERANCE}, "
            f"got a sum of {np.asarray(sums)[off].flat[0]}"
        )
    return probs.astype(work, copy=False)


@np.errstate(all="ignore")
def _weights(weight: ArrayLike | None, length: int, dtype: np.dtype[Any], name: str, owner: str) -> Floats:
    """Check weights of classes or of samples, and give them in this dtype."""
    if weight is None:
        return np.ones(length, dtype)
    numbers = _as_floats(weight, name)
    if numbers.shape != (length,):
        raise ValueError(f"{name} must have the shape ({length},), one number for each {owner}, got {numbers.shape}")
    weights = numbers.astype(dtype, copy=False)
    wrong = np.flatnonzero(~((weights >= 0) & np.isfinite(weights)))
    if wrong.size:
        raise ValueError(f"{name} must be finite in {dtype} and >= 0, got {numbers[wrong[0]]!s} at {wrong[0]}")
    return weights


def _number(value: Any, name: str) -> float:
    if value is None or _as_array(value, name).dtype.kind == "b":
        raise TypeError(f"{name} must be a real number, got {value!r}")
    number = _as_floats(value, name)
    if number.ndim:
        raise ValueError(f"{name} must be one number, got an array of shape {number.shape}")
    return float(number)


def _shares(task: _Task, block: Any) -> Floats:
    """Give w_c y_c of a block of samples: the share that −log p of each class has in the loss."""
    target = task.target[block]
    shares: Floats = np.zeros(task.logits[block].shape, task.weight.dtype)
    if task.target.ndim == task.logits.ndim:
        shares[...] = target
    else:
        np.put_along_axis(shares, target[..., None], 1, axis=-1)
    if task.smoothing:
        shares *= 1 - task.smoothing
        shares += task.smoothing / shares.shape[-1]
    shares *= task.weight
    return shares


class ConvergenceWarning(UserWarning):
    """The solver stopped before it reached the tolerance."""


class NotFittedError(ValueError, AttributeError):
    """A model was used before it was fitted."""


class SoftmaxRegression:
    r"""Multinomial logistic regression: softmax of scores that are linear in the features.

    .. math:: \min_{W, b} \; C \sum_i s_i \, \ell(W x_i + b, \, y_i) + \tfrac{\kappa}{2} \lVert W \rVert^2

    The loss ℓ is `cross_entropy`, s are the sample weights, and κ is 2 for two classes and 1 for more. The estimator
    follows the conventions of scikit-learn, and works in its pipelines, cross-validation and searches.

    Parameters
    ----------
    C : float, default 1.0
        How much the data count against the penalty on large weights, > 0, as in scikit-learn. inf: no penalty.
    tol : float, default 1e-6
        When to stop: at this size of the largest derivative of the objective, divided by C times the sum of the
        sample weights, in units in which no feature has a variance above 1; ≥ 0.
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

    See Also
    --------
    cross_entropy : The loss of given logits.

    Notes
    -----
    *The objective* is convex and smooth, so every minimum is the global one. Two directions are flat: softmax does not
    change when all classes get the same additional weights. The penalty takes the one in *W* away; it does not see the
    intercepts, and C = inf takes the penalty away. The solver starts at 0 and its gradients sum to zero over the
    classes, so its answer does too: of all optima that differ by a shift, it is the one whose weights, and whose
    intercepts, sum to zero over the classes. If a hyperplane separates the classes, C = inf has no optimum: weights
    grow until the gradient is below ``tol``.

    *The solver* is L-BFGS. Newton's method would go from where it is by −H⁻¹g, with the gradient g and the matrix H of
    second derivatives, which is too large. L-BFGS keeps the last ten steps s and the changes y of the gradient that
    came with them; each pair says that H s ≈ y. From the pairs alone, two loops over them compute the product of an
    approximate H⁻¹ and g (Nocedal 1980). Along that direction a step is accepted if it meets the two conditions of
    Wolfe: the loss has fallen enough, and its slope has flattened enough. Bisection finds such a step after finitely
    many trials, and with such steps the method converges on every strongly convex function (Liu & Nocedal 1989).

    Features are centered and divided by (nearly) their standard deviations inside, which moves no optimum, since the
    intercepts are free and the penalty is divided likewise: it only makes the solver's way shorter. Everything is
    computed in float64. Cost: two products with the data for each iteration. Memory: a copy of the data, and two or
    three arrays of K numbers for each sample.

    scikit-learn's ``LogisticRegression`` has the same optimum at the same ``C``. With two classes it has one row of
    weights, w₁ − w₀, and ½‖w₁ − w₀‖² as the penalty: that is ‖W‖² for weights that sum to zero, and this is why κ is 2.

    References
    ----------
    D. R. Cox (1958). The regression analysis of binary sequences. Journal of the Royal Statistical Society B 20(2),
    215–242.

    D. C. Liu, J. Nocedal (1989). On the limited memory BFGS method for large scale optimization. Mathematical
    Programming 45, 503–528.

    J. Nocedal (1980). Updating quasi-Newton matrices with limited storage. Mathematics of Computation 35, 773–782.

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

    def __repr__(self) -> str:
        """Say how it was made."""
        return f"SoftmaxRegression({', '.join(f'{name}={value!r}' for name, value in self.get_params().items())})"

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> SoftmaxRegression:
        """Find the weights and intercepts that minimize the objective.

        Parameters
        ----------
        X : array_like of real numbers, shape (n_samples, n_features)
            The features, finite.
        y : array_like, shape (n_samples,)
            The labels, of any kind that can be sorted, tuples too if in a list; two different ones at least.
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
            If ``progress`` is true and tqdm is not installed.

        Warns
        -----
        ConvergenceWarning
            If the solver stops before the gradient is below ``tol``.

        Examples
        --------
        >>> from minisoftmax import SoftmaxRegression
        >>> print(SoftmaxRegression().fit([[0.0], [1.0]], [False, True]).predict([[0.2]]))
        [False]
        """
        C, tol, max_iter = self._parameters()
        features = _features(X)
        classes, labels = _classes(y, len(features))
        share = _weights(sample_weight, len(features), np.dtype(np.float64), "sample_weight", "sample")
        with np.errstate(all="ignore"):
            total = float(np.add.reduce(share))
        if not 0 < total < math.inf:
            raise ValueError(f"sample_weight must have a finite sum > 0, got {total}")
        kappa = 2 if len(classes) == 2 else 1
        strength = min(kappa / C / total, _STRONGEST)
        with np.errstate(all="ignore"):
            inputs, center, scale = _standardized(features, share / total, strength)
            penalty = np.append(strength / scale**2, 0)  # none for the intercepts
            problem = _Problem(inputs, labels, share / total, penalty)
            start = np.zeros((len(classes), inputs.shape[1]))
            with _bar(self.progress, max_iter) as show:
                for n_iter, point in enumerate(_lbfgs(problem, start)):
                    show(n_iter, point.loss)
                    steepest = np.abs(point.gradient).max()
                    if steepest <= tol or n_iter == max_iter:
                        break
        self.classes_, self.n_iter_, self.n_features_in_ = classes, n_iter, features.shape[1]
        weights = point.weights - point.weights.mean(axis=0)  # what rounding has left of the flat directions
        self.coef_ = weights[:, :-1] / scale
        self.intercept_ = weights[:, -1] - self.coef_ @ center
        if not steepest <= tol:
            warnings.warn(_complaint(n_iter, max_iter, steepest, tol), ConvergenceWarning, stacklevel=2)
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
            If ``X`` has the wrong dtype, is not finite, or has another number of features than in `fit`.
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
        right = predicted == _label_array(y, len(predicted))
        share = _weights(sample_weight, len(predicted), np.dtype(np.float64), "sample_weight", "sample")
        with np.errstate(all="ignore"):
            return float(np.add.reduce(share * right) / np.add.reduce(share))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Give the parameters of the constructor.

        Parameters
        ----------
        deep : bool, default True
            Without effect, since no parameter is an estimator.

        Returns
        -------
        dict
            Their values by name.
        """
        return {name: getattr(self, name) for name in ("C", "tol", "max_iter", "progress")}

    def set_params(self, **params: Any) -> SoftmaxRegression:
        """Change parameters of the constructor.

        Parameters
        ----------
        **params
            Values by name.

        Returns
        -------
        SoftmaxRegression
            The object itself.

        Raises
        ------
        ValueError
            If there is no parameter of a name; none is changed then.
        """
        for name in params:
            if name not in self.get_params():
                raise ValueError(f"params must be among {list(self.get_params())}, got {name!r}")
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> Any:
        """Describe this classifier to scikit-learn, which alone calls this: it need not be installed otherwise."""
        from sklearn.utils import ClassifierTags, Tags, TargetTags

        return Tags("classifier", TargetTags(required=True), classifier_tags=ClassifierTags())

    def _logits(self, X: ArrayLike) -> Floats:
        if not hasattr(self, "coef_"):
            raise NotFittedError(
                "this SoftmaxRegression is not fitted yet: call fit(X, y) before decision_function, predict or score"
            )
        features = _features(X)
        if features.shape[1] != self.n_features_in_:
            raise ValueError(f"X must have {self.n_features_in_} features, as in fit, got shape {features.shape}")
        with np.errstate(all="ignore"):
            return features @ self.coef_.T + self.intercept_

    def _parameters(self) -> tuple[float, float, int]:
        C, tol = _number(self.C, "C"), _number(self.tol, "tol")
        if not C > 0:
            raise ValueError(f"C must be > 0, got {self.C}")
        if not tol >= 0:
            raise ValueError(f"tol must be >= 0, got {self.tol}")
        max_iter = _as_integer(self.max_iter, "max_iter")
        if max_iter < 1:
            raise ValueError(f"max_iter must be >= 1, got {max_iter}")
        return C, tol, max_iter


def _features(X: ArrayLike) -> Floats:
    numbers = _as_floats(X, "X")
    if numbers.ndim != 2:
        raise ValueError(f"X must be two-dimensional, (n_samples, n_features), got shape {numbers.shape}")
    with np.errstate(all="ignore"):
        features = numbers.astype(np.float64, copy=False)
    wrong = ~np.isfinite(features)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise ValueError(f"X must be finite in float64, got {numbers[row, column]!s} in row {row}, column {column}")
    return features


def _label_array(y: ArrayLike, length: int) -> NDArray[Any]:
    if y is None:
        raise TypeError("y must hold labels, got None")
    if isinstance(y, list | tuple):
        types = set(map(type, y))
        text = any(issubclass(kind, str | bytes) for kind in types)
        if (text and len(types) > 1) or any(issubclass(kind, tuple) for kind in types):
            # NumPy would turn what is beside text into text, and tuples into rows.
            y = np.fromiter(y, object, len(y))
    labels = _as_array(y, "y")
    if labels.shape != (length,):
        raise ValueError(f"y must have the shape ({length},), one label for each row of X, got {labels.shape}")
    return labels


def _classes(y: ArrayLike, length: int) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Give the labels that occur, in order, and the place of each sample's label among them."""
    labels = _label_array(y, length)
    missing = labels != labels  # NaN is the one value that is not itself
    if missing.any():
        raise ValueError(f"y must hold labels that equal themselves, got {labels[missing][0]}")
    try:
        classes, codes = np.unique(labels, return_inverse=True)
        ascending = classes.dtype != object or (classes[:-1] < classes[1:]).all()
    except TypeError as error:
        raise TypeError(f"y must hold labels that can be sorted: {error}") from None
    if not ascending:  # sets are ordered in part, for example
        raise TypeError(f"y must hold labels of which one is always the smaller, got {classes.tolist()}")
    if len(classes) < 2:
        raise ValueError(f"y must hold two different labels or more, got {classes.tolist()}")
    return classes, codes


def _standardized(features: Floats, share: Floats, penalty: float) -> tuple[Floats, Floats, Floats]:
    """Center and scale features, and append a column of ones; give also what was subtracted and what divided by."""
    inputs = np.ones((features.shape[0], features.shape[1] + 1))
    centered = inputs[:, :-1]
    np.subtract(features, features[0], out=centered)  # so that a constant becomes exactly 0
    mean = share @ centered
    centered -= mean
    variance = np.einsum("i,ij,ij->j", share, centered, centered)
    if not np.isfinite(variance).all():
        column = int(np.flatnonzero(~np.isfinite(variance))[0])
        largest = np.abs(features[:, column]).max()
        raise ValueError(f"X must have variances that float64 can hold, got numbers up to {largest} in column {column}")
    scale = np.sqrt(variance + penalty)
    scale[scale == 0] = 1
    centered /= scale
    return inputs, features[0] + mean, scale


_STRONGEST = 1e300
"""A penalty per unit of loss that leaves no weight to see; a stronger one would overflow."""


class _Point(NamedTuple):
    weights: Floats
    loss: float
    gradient: Floats


class _Problem(NamedTuple):
    """The objective divided by C times the sum of the sample weights; the last column of the weights is intercepts."""

    inputs: Floats
    labels: NDArray[np.intp]
    share: Floats
    penalty: Floats

    def at(self, weights: Floats) -> _Point:
        """Give the objective and its gradient. Samples run along the last axis, which is faster for few classes."""
        samples = np.arange(len(self.labels))
        log_probs = weights @ self.inputs.T
        log_softmax(log_probs, axis=0, out=log_probs)
        at_label = log_probs[self.labels, samples]
        residual = np.exp(log_probs, out=log_probs)
        residual[self.labels, samples] = np.expm1(at_label)  # p − 1 with all its digits
        residual *= self.share
        pull = self.penalty * weights
        loss = 0.5 * np.vdot(weights, pull) - self.share @ at_label
        return _Point(weights, float(loss), residual @ self.inputs + pull)


_PAIRS = 10
"""How many steps L-BFGS remembers."""

_ENOUGH_FALL, _ENOUGH_FLATTENING = 1e-4, 0.9
"""The customary constants of Wolfe's conditions."""


def _lbfgs(problem: _Problem, start: Floats) -> Iterator[_Point]:
    """Yield the start, and points of ever smaller loss, until rounding allows no further."""
    here = problem.at(start)
    pairs: deque[tuple[Floats, Floats]] = deque(maxlen=_PAIRS)
    while True:
        yield here
        there = _step(problem, here, -_inverse_hessian_times(here.gradient, pairs))
        if there is None:
            return
        pairs.append((there.weights - here.weights, there.gradient - here.gradient))
        here = there


def _inverse_hessian_times(gradient: Floats, pairs: deque[tuple[Floats, Floats]]) -> Floats:
    """Multiply with the inverse Hessian that the pairs (step, change of the gradient) stand for.

    The first loop takes out what each pair knows, newest first; a multiple of the identity stands for what none knows;
    the second loop puts the known parts back, divided by their curvatures.
    """
    result, parts = gradient.copy(), []
    for step, change in reversed(pairs):
        part = np.vdot(step, result) / np.vdot(step, change)
        result -= part * change
        parts.append(part)
    if pairs:
        step, change = pairs[-1]
        result *= np.vdot(step, change) / np.vdot(change, change)
    for (step, change), part in zip(pairs, reversed(parts), strict=True):
        result += (part - np.vdot(change, result) / np.vdot(step, change)) * step
    return result


def _step(problem: _Problem, here: _Point, direction: Floats) -> _Point | None:
    """Search a step along a direction that meets Wolfe's conditions; None if rounding hides it.

    Too long a step has not let the loss fall enough, and too short a one has not let its slope flatten enough. Between
    a step that is too short and one that is too long there is one that is right, so bisection finds it.
    """
    slope = np.vdot(here.gradient, direction)
    if not slope < 0:  # Wolfe's second condition on all steps before makes it negative, but for rounding
        return None
    length, short, long = 1.0, 0.0, math.inf
    for _ in range(100):
        there = problem.at(here.weights + length * direction)
        slope_there = np.vdot(there.gradient, direction)
        # On a convex function the slope implies the fall, and can be told when the fall is lost in rounding.
        fallen = there.loss <= here.loss + _ENOUGH_FALL * length * slope or slope_there <= _ENOUGH_FALL * slope
        if not fallen:
            long = length
        elif slope_there < _ENOUGH_FLATTENING * slope:
            short = length
        else:
            return there
        length = 2 * short if long == math.inf else (short + long) / 2
    return None


@contextmanager
def _bar(progress: bool, max_iter: int) -> Iterator[Callable[[int, float], None]]:
    """Give what shows the number of iterations and the loss: on a progress bar, or not at all."""
    if not progress:
        yield lambda n_iter, loss: None
        return
    try:
        from tqdm import tqdm
    except ImportError:
        raise ImportError("progress=True needs tqdm: `pip install tqdm`, or fit with progress=False") from None
    with tqdm(total=max_iter, desc="fit") as bar:

        def show(n_iter: int, loss: float) -> None:
            bar.set_postfix_str(f"loss {loss:.6f}", refresh=False)
            bar.update(n_iter - bar.n)

        yield show
        bar.total = bar.n  # the bar ends full, however few iterations it took


def _complaint(n_iter: int, max_iter: int, steepest: float, tol: float) -> str:
    reason = f"max_iter={max_iter} is reached" if n_iter == max_iter else "rounding hides any further descent"
    return (
        f"the solver failed to converge after {n_iter} iterations: {reason}, but the largest derivative, "
        f"{steepest:.2g}, is above tol={tol:g}. Increase max_iter or tol, or add a penalty with a smaller C."
    )
