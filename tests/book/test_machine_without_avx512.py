"""The stored outputs hold on a computer without the widest vector instructions."""

from pathlib import Path

import pytest

from tests.book import machines
from tools import notebooks

AVX512 = [feature for feature in machines.AVAILABLE if feature == "X86_V4" or feature.startswith("AVX512")]


@pytest.mark.skipif(not AVX512, reason="NumPy has no such instructions to switch off here")
def test_all_outputs_hold(tmp_path: Path) -> None:
    machines.outputs_hold({"NPY_DISABLE_CPU_FEATURES": " ".join(AVX512)}, notebooks.paths("en"), tmp_path)
