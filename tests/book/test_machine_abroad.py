"""The stored outputs hold with no vector instructions to spare, in another locale, time zone and hash seed.

These are the notebooks of the other editions, which have the code and the numbers of the English ones. So this run of
them is the only one: pytest collects the English ones, and runs them as the machine at hand is.
"""

from pathlib import Path

import pytest

from tests.book import machines
from tools import notebooks
from tools.notebooks import LANGUAGES

ABROAD = {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "Pacific/Kiritimati"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_outputs_hold(language: str, tmp_path: Path) -> None:
    machine = {"NPY_DISABLE_CPU_FEATURES": " ".join(machines.AVAILABLE), **ABROAD}
    machines.outputs_hold(machine, notebooks.paths(language), tmp_path)
