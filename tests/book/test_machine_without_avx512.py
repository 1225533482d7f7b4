"""The stored outputs hold on a computer without the widest vector instructions."""

from pathlib import Path

from tests.book import machines

AVX512 = [feature for feature in machines.AVAILABLE if feature == "X86_V4" or feature.startswith("AVX512")]


def test_all_outputs_hold(tmp_path: Path) -> None:
    machines.outputs_hold({"NPY_DISABLE_CPU_FEATURES": " ".join(AVX512)}, tmp_path)
