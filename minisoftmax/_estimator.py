"""What scikit-learn expects of an estimator. It is not imported before one of its tools or its classes is asked for."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


class ConvergenceWarning(UserWarning):
    """The solver stopped too early. Where scikit-learn is installed, its own warning too."""


class NotFittedError(ValueError, AttributeError):
    """A model was used before it was fitted. Where scikit-learn is installed, its own error too."""


def or_scikit_learns(name: str, otherwise: type[Any]) -> type[Any]:
    """Give the exception that is scikit-learn's too, or our own where there is none."""
    try:
        from minisoftmax import _scikit_learn
    except ImportError:
        return otherwise
    return getattr(_scikit_learn, name)


def column_names(X: Any) -> NDArray[Any] | None:  # noqa: N803 (as users of scikit-learn know it)
    """Give the names of the columns of a data frame, if they are text."""
    names = list(getattr(X, "columns", []))
    return np.array(names, object) if names and all(isinstance(name, str) for name in names) else None


class Estimator:
    """Parameters are the arguments of the constructor, kept as they are; sample weights can be routed."""

    def __repr__(self) -> str:
        """Say how it was made."""
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.get_params().items())})"

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Give the parameters of the constructor.

        Parameters
        ----------
        deep : bool, default True
            Without effect.

        Returns
        -------
        dict
            Their values by name.
        """
        import inspect  # which takes longer than the rest of this package

        parameters = inspect.signature(type(self)).parameters.values()
        return {p.name: getattr(self, p.name) for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}

    def set_params(self, **params: Any) -> Self:
        """Change parameters of the constructor.

        Parameters
        ----------
        **params
            Values by name.

        Returns
        -------
        Estimator
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

    def get_metadata_routing(self) -> Any:
        """Say to scikit-learn which methods ask for sample weights.

        Returns
        -------
        sklearn.utils.metadata_routing.MetadataRequest
            A copy of the requests.
        """
        from sklearn.utils.metadata_routing import MetadataRequest, get_routing_for_object

        if hasattr(self, "_metadata_request"):  # the name under which `clone` looks for it
            return get_routing_for_object(self._metadata_request)
        requests = MetadataRequest(owner=type(self).__name__)
        requests.fit.add_request(param="sample_weight", alias=None)
        requests.score.add_request(param="sample_weight", alias=None)
        return requests

    def set_fit_request(self, *, sample_weight: bool | str | None) -> Self:
        """Ask scikit-learn's tools to pass sample weights on to `fit`, where its metadata routing is enabled.

        Parameters
        ----------
        sample_weight : bool, str or None
            Whether to pass them on, or the name under which they are passed; None refuses them.

        Returns
        -------
        Estimator
            The object itself.
        """
        return self._request("fit", sample_weight)

    def set_score_request(self, *, sample_weight: bool | str | None) -> Self:
        """Ask scikit-learn's tools to pass sample weights on to `score`.

        Parameters
        ----------
        sample_weight : bool, str or None
            As in ``set_fit_request``.

        Returns
        -------
        Estimator
            The object itself.
        """
        return self._request("score", sample_weight)

    def _request(self, method: str, sample_weight: bool | str | None) -> Self:
        requests = self.get_metadata_routing()
        getattr(requests, method).add_request(param="sample_weight", alias=sample_weight)
        self._metadata_request = requests
        return self

    def __sklearn_tags__(self) -> Any:
        """Describe this classifier to scikit-learn."""
        from sklearn.utils import ClassifierTags, Tags, TargetTags

        return Tags("classifier", TargetTags(required=True), classifier_tags=ClassifierTags())
