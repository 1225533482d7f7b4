"""The stored outputs hold with no vector instructions to spare, in another locale, time zone and hash seed."""

from pathlib import Path

from tests.book import machines

ABROAD = {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "Pacific/Kiritimati"}


def test_all_outputs_hold(tmp_path: Path) -> None:
    machines.outputs_hold({"NPY_DISABLE_CPU_FEATURES": " ".join(machines.AVAILABLE), **ABROAD}, tmp_path)
