"""Writes the language model of the package: ``python -m tools.language_model``.

It runs the cells of the chapter on sampling that train the model, so the two cannot differ.
"""

from typing import Any

import numpy as np

from tools import ROOT
from tools.notebooks import BOOK, read

CELLS = ("examples", "train")
FILE = ROOT / "minisoftmax" / "data" / "language_model.npz"


def trained() -> dict[str, Any]:
    """Run the cells, and return what they define."""
    names: dict[str, Any] = {}
    sources = {cell.id: cell.source for _, cell in read(BOOK / "sampling.ipynb").cells("code")}
    for name in CELLS:
        exec(sources[name], names)
    return names


def main() -> None:
    """Store the vocabulary as text and the numbers in single precision."""
    names = trained()
    numbers = {name: names[name].astype(np.float32) for name in ("E", "R", "b")}
    np.savez_compressed(FILE, vocabulary=np.array(names["vocabulary"]), **numbers)


if __name__ == "__main__":
    main()
