"""How the tests look for a counterexample to a law, and what every refusal of bad input has in common."""

import re
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

# The same examples in every run: a red test stays red until it is mended.
law = settings(deadline=None, derandomize=True, max_examples=60)


def refuses(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    """Assert that a call raises this error, no subclass, with a message that has this in it, and nothing before it.

    Bad input is found by a check, not by a floating-point error on the way: those are turned into exceptions here.
    """
    with np.errstate(all="raise"), pytest.raises(error, match=re.escape(message)) as raised:
        call()
    assert raised.type is error
    assert raised.value.__suppress_context__ or raised.value.__context__ is None, "the traceback shows two errors"


def extra_memory(call: Callable[[], Any]) -> float:
    """Give the most MiB that a call takes beyond its result."""
    tracemalloc.start()
    try:
        result = call()
        kept, peak = tracemalloc.get_traced_memory()
        del result
    finally:
        tracemalloc.stop()
    return (peak - kept) / 2**20
