"""Notebooks for the tests to write."""

import json
from pathlib import Path
from typing import Any

from minisoftmax.explorers import Explorer
from tests.explorers import html


def code_cell(source: str, shown: Explorer | None = None) -> dict[str, Any]:
    output = {"output_type": "execute_result", "execution_count": 1, "metadata": {}}
    outputs = [output | {"data": {"text/html": html(shown), "text/plain": repr(shown)}}] if shown else []
    count = 1 if shown else None
    return {"cell_type": "code", "metadata": {}, "execution_count": count, "source": source, "outputs": outputs}


def write_notebook(path: Path, cells: list[dict[str, Any]]) -> None:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [cell | {"id": f"cell-{i}"} for i, cell in enumerate(cells)]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}
    path.write_text(json.dumps(notebook), encoding="utf-8")
