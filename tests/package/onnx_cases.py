"""The conformance cases of ONNX: a node names an operator and its attributes; inputs and outputs are arrays."""

import importlib
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import onnx
from numpy.typing import NDArray


class Case(NamedTuple):
    node: onnx.NodeProto
    inputs: list[NDArray[Any]]
    outputs: list[NDArray[Any]]
    name: str


def onnx_cases(module_name: str, operator: str) -> list[Case]:
    """Call what exports the cases of an operator, recording them; their random inputs come from a fixed seed."""
    cases: list[Case] = []
    fixed = np.random.default_rng(0)

    def record(
        node: onnx.NodeProto, inputs: list[NDArray[Any]], outputs: list[NDArray[Any]], name: str, **_: Any
    ) -> None:
        cases.append(Case(node, inputs, outputs, name))

    def rand(*shape: int) -> NDArray[Any]:
        return fixed.random(shape)

    def randn(*shape: int) -> NDArray[Any]:
        return fixed.standard_normal(shape)

    with (
        mock.patch.object(np.random, "seed"),
        mock.patch.object(np.random, "rand", new=rand),
        mock.patch.object(np.random, "randint", fixed.integers),
        mock.patch.object(np.random, "randn", new=randn),
        mock.patch.object(np.random, "uniform", fixed.uniform),
        np.errstate(divide="ignore", invalid="ignore"),  # expected outputs are computed as log(0) and 0 / 0
    ):
        module = importlib.import_module(f"onnx.backend.test.case.node.{module_name}")
        with mock.patch.object(module, "expect", record):
            exporter = getattr(module, operator)
            for name in dir(exporter):
                if name.startswith("export"):
                    getattr(exporter, name)()
    return cases
