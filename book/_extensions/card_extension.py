"""Draw the picture that other sites show beside a link to this one, if it is known where the site will be."""

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.locale import _

PAPER = "#fdfcf9"
WORDS = {"mat": 4.0, "sofa": 2.5, "roof": 2.0, "piano": 0.5, "moon": -1.0}


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("build-finished", draw_card)


def draw_card(app: Sphinx, exception: Exception | None) -> None:
    """Draw the steps of the formula under the title of the book, 1200 by 630 pixels."""
    if exception is not None or not app.config.html_baseurl:
        return
    import matplotlib.pyplot as plt  # late, since a draft draws none

    from minisoftmax import plotting

    plotting.use_style()
    with plt.rc_context({"figure.constrained_layout.use": False, "savefig.bbox": None}):
        figure = plotting.steps(list(WORDS.values()), [_(word) for word in WORDS])
        figure.set_size_inches(6, 3.15)
        figure.subplots_adjust(left=0.12, right=0.93, top=0.66, bottom=0.06, wspace=0.35)
        for axes in figure.axes:
            axes.set_facecolor("none")
        figure.text(0.05, 0.87, app.config.html_title, fontsize=20, weight="bold", family="DejaVu Serif")
        figure.savefig(Path(app.outdir, "_static", "card.png"), dpi=200, facecolor=PAPER)
    plt.close(figure)
