"""The picture of the landing page and the README is what book/cover.py draws."""

import runpy
from pathlib import Path

BOOK = Path(__file__).parents[2] / "book"


def test_the_picture_is_drawn_by_its_program(tmp_path: Path) -> None:
    cover = runpy.run_path(str(BOOK / "cover.py"))
    cover["draw"](tmp_path / "softmax.svg")
    stored = cover["PICTURE"].read_bytes()
    assert stored == (tmp_path / "softmax.svg").read_bytes(), (
        f"{cover['PICTURE']} is not what book/cover.py draws: run `make notebooks` and look at the difference"
    )
