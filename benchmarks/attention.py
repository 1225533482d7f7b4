"""How fast attention is in tiles, and how much memory it takes, beside the plain function and PyTorch."""

import importlib
import importlib.util
import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.speed import extra_memory, in_turns
from minisoftmax import flash_attention, scaled_dot_product_attention

HEAD_SIZE = 64
LENGTHS = (128, 512, 2048, 8192)
TOO_LONG = 32768  # for the plain function, whose weights alone would take 4 GiB
QUICK = 512  # tokens: what a quick run can afford
PLAIN, FLASH, PYTORCH = "plain", "flash", "PyTorch"


class Case(NamedTuple):
    """What is measured: one function, on queries, keys and values of one length, in float32."""

    call: str
    length: int
    is_causal: bool


class Figure(NamedTuple):
    """What came of it; NaN where it was not measured."""

    seconds: float
    mib: float  # beyond the result


Figures = dict[Case, Figure]


def measure(quick: bool, progress: Callable[[str], None]) -> Figures:
    """Time the functions in turns; weigh ours, for only what NumPy allocates is known."""
    figures: Figures = {}
    for is_causal in (False, True):
        for length in (n for n in LENGTHS if not quick or n <= QUICK):
            progress(f"attention, {length} tokens")
            calls = prepared(length, is_causal)
            times = in_turns(list(calls.values()), 0.01 if quick else 0.5)
            for (name, call), seconds in zip(calls.items(), times, strict=True):
                mib = math.nan if name == PYTORCH else extra_memory(call) / 2**20
                figures[Case(name, length, is_causal)] = Figure(seconds, mib)
        if not quick:
            progress(f"attention, {TOO_LONG} tokens")
            mib = extra_memory(prepared(TOO_LONG, is_causal)[FLASH]) / 2**20
            figures[Case(FLASH, TOO_LONG, is_causal)] = Figure(math.nan, mib)
    return figures


def prepared(length: int, is_causal: bool) -> dict[str, Callable[[], Any]]:
    """Give the calls with their data loaded."""
    arrays = np.random.default_rng(0).normal(size=(3, length, HEAD_SIZE)).astype(np.float32)
    functions: dict[str, Callable[..., Any]] = {PLAIN: scaled_dot_product_attention, FLASH: flash_attention}
    calls: dict[str, Callable[[], Any]] = {
        name: partial(function, *arrays, is_causal=is_causal) for name, function in functions.items()
    }
    return calls | ({PYTORCH: pytorch(arrays, is_causal)} if importlib.util.find_spec("torch") else {})


def pytorch(arrays: NDArray[Any], is_causal: bool) -> Callable[[], Any]:
    """Give PyTorch's call, with as many threads as it takes by itself."""
    torch = importlib.import_module("torch")
    tensors = torch.from_numpy(arrays[:, None, None])  # a batch of one head, which its fast way asks for
    return partial(torch.nn.functional.scaled_dot_product_attention, *tensors, is_causal=is_causal)
