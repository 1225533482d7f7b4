"""The libraries that are compared, behind one way to call them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy import special

import minisoftmax

FUNCTIONS = ("softmax", "log_softmax", "logsumexp")


@dataclass(frozen=True)
class Library:
    """A library: how it takes in an array, and its functions of such an array and an axis."""

    name: str
    functions: Mapping[str, Callable[[Any, int], Any]]
    load: Callable[[NDArray[Any]], Any] = np.asarray

    def run(self, function: str, x: NDArray[Any], axis: int) -> NDArray[Any]:
        """Call a function from NumPy to NumPy."""
        return np.asarray(self.functions[function](self.load(x), axis))


def numpy_based(name: str, module: Any) -> Library:
    """Take the functions of a module by their names, with an argument ``axis``."""

    def call(function: str) -> Callable[[Any, int], Any]:
        return lambda x, axis: getattr(module, function)(x, axis=axis)

    return Library(name, {function: call(function) for function in FUNCTIONS})


def pytorch() -> Library:
    """Give PyTorch with as many threads as it takes by itself."""
    torch = importlib.import_module("torch")
    functions = {"softmax": torch.softmax, "log_softmax": torch.log_softmax, "logsumexp": torch.logsumexp}
    return Library(f"PyTorch {torch.__version__}, threads: {torch.get_num_threads()}", functions, torch.from_numpy)


def jax() -> Library:
    """Give JAX, compiled, and waited for: its calls return before the work is done."""
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)

    def compiled(function: Callable[[Any, int], Any]) -> Callable[[Any, int], Any]:
        fast = jax.jit(function, static_argnums=1)
        return lambda x, axis: fast(x, axis).block_until_ready()

    functions = {name: compiled(getattr(jax.nn, name)) for name in FUNCTIONS}
    return Library(f"JAX {jax.__version__}", functions, jax.numpy.asarray)


OURS = numpy_based(f"minisoftmax {minisoftmax.__version__}", minisoftmax)
SCIPY = numpy_based(f"SciPy {scipy.__version__}", special)


def compiled() -> Library:
    """Give our compiled functions, with as many threads as they take by themselves."""
    return numpy_based("compiled (minisoftmax)", importlib.import_module("minisoftmax.compiled"))


LOADERS: dict[str, Callable[[], Library]] = {
    "minisoftmax": lambda: OURS,
    "scipy": lambda: SCIPY,
    "numba": compiled,
    "torch": pytorch,
    "jax": jax,
}
"""The libraries by the module that each needs."""


def installed() -> list[Library]:
    """List ours, SciPy, and what else there is."""
    return [load() for module, load in LOADERS.items() if importlib.util.find_spec(module)]


def filling(function: str, out: NDArray[Any]) -> Callable[[Any, int], Any]:
    """Give our function as it is called with an array for its result."""
    return partial(getattr(minisoftmax, function), out=out)
