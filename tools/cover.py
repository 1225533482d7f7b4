"""Draw the picture of the landing page and the README: ``python -m tools.cover`` writes it."""

from pathlib import Path

import matplotlib.pyplot as plt

from minisoftmax import plotting
from tools import ROOT

PICTURE = ROOT / "book" / "_static" / "softmax.svg"


def draw(path: Path) -> None:
    """Draw how five words that could come next get their probabilities."""
    plotting.use_style()
    figure = plotting.steps([4, 2.5, 2, 0.5, -1], ["mat", "sofa", "roof", "piano", "moon"])
    figure.suptitle("The cat sat on the …", x=0.02, ha="left")
    figure.savefig(path, **plotting.SVG)
    plt.close(figure)


if __name__ == "__main__":
    draw(PICTURE)
