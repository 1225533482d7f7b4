"""The exceptions that are scikit-learn's too; imported where one is raised and scikit-learn is installed."""

from sklearn.exceptions import ConvergenceWarning as TheirConvergenceWarning
from sklearn.exceptions import DataConversionWarning
from sklearn.exceptions import NotFittedError as TheirNotFittedError

from minisoftmax import _estimator

__all__ = ["ConvergenceWarning", "DataConversionWarning", "NotFittedError"]


class ConvergenceWarning(_estimator.ConvergenceWarning, TheirConvergenceWarning):  # type: ignore[misc]
    """The solver stopped before it reached the tolerance."""


class NotFittedError(_estimator.NotFittedError, TheirNotFittedError):  # type: ignore[misc]
    """A model was used before it was fitted."""
