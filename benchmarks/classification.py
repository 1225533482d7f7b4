"""How fast a softmax regression is fitted, beside scikit-learn, and how far the two are from the optimum."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits, load_iris, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from benchmarks.speed import in_turns
from minisoftmax import SoftmaxRegression

DATA = {"iris": load_iris, "wine": load_wine, "digits": load_digits}


class Figure(NamedTuple):
    """Seconds for a fit with the defaults of both, and the largest difference of a probability from the optimum's."""

    ours: float
    theirs: float
    our_error: float
    their_error: float


def measure(quick: bool, progress: Callable[[str], None]) -> dict[str, Figure]:
    """Fit both in turns, on standardized data with C = 1; the optimum is scikit-learn's, by Newton's method."""
    figures = {}
    for name, load in list(DATA.items())[: 1 if quick else None]:
        progress(f"fit, {name}")
        raw, labels = load(return_X_y=True)
        features = StandardScaler().fit_transform(raw)
        models = SoftmaxRegression(), LogisticRegression()
        times = in_turns([partial(model.fit, features, labels) for model in models], 0.01 if quick else 1.0)
        optimum = LogisticRegression(solver="newton-cholesky", tol=1e-12).fit(features, labels).predict_proba(features)
        errors = (np.abs(model.predict_proba(features) - optimum).max() for model in models)
        figures[name] = Figure(*times, *errors)
    return figures
