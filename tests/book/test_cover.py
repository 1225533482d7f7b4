"""The picture of the landing page and the README is what tools/cover.py draws."""

from pathlib import Path

from tools import cover


def test_the_picture_is_drawn_by_its_program(tmp_path: Path) -> None:
    cover.draw(tmp_path / "softmax.svg")
    stored = cover.PICTURE.read_bytes()
    assert stored == (tmp_path / "softmax.svg").read_bytes(), (
        f"{cover.PICTURE} is not what tools/cover.py draws: run `make notebooks` and look at the difference"
    )
