"""The first chapter and its solutions, to tamper with: each test gets its own copy."""

import pytest

from tools import notebooks
from tools.notebooks import Notebook


@pytest.fixture
def chapter() -> Notebook:
    return notebooks.read(notebooks.BOOK / "formula.ipynb")


@pytest.fixture
def solutions() -> Notebook:
    return notebooks.read(notebooks.BOOK / "solutions" / "formula.ipynb")
