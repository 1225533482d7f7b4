"""How long softmax took on one machine, stored, so that the chapter on speed is the same wherever it is built."""

import json
from importlib import resources
from typing import Any

__all__ = ["load"]


def load() -> dict[str, Any]:
    """Load times in seconds, and what machine they are of.

    Returns
    -------
    dict
        ``machine``: the CPU, its cores, the date and the versions. ``shape``: that of the array of float32 for
        ``passes``, the steps of a softmax in NumPy, and for ``softmax``, of whole libraries, by module and number of
        threads, into new memory and ``into used memory``. ``growth``: by module, one row on one thread, of the
        ``lengths`` given.

    Examples
    --------
    >>> from minisoftmax.data import timings
    >>> list(timings.load()["passes"])
    ['copy', 'max', 'subtract', 'exp', 'sum', 'divide']
    """
    found: dict[str, Any] = json.loads(
        resources.files(__package__).joinpath("timings.json").read_text(encoding="utf-8")
    )
    return found
