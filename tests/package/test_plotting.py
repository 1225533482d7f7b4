"""The book's drawings: the same bytes every time, the right numbers on them, and bad input named."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minisoftmax import plotting, softmax
from tests.laws import law

mpl.use("svg")


@pytest.fixture(autouse=True)
def style() -> Iterator[None]:
    plotting.use_style()
    yield
    plt.close("all")


def svg_of_steps() -> bytes:
    stream = io.BytesIO()
    plotting.steps([2.0, -1.0], ["mat", "moon"]).savefig(stream, **plotting.SVG)
    return stream.getvalue()


def test_a_figure_is_the_same_to_the_last_byte_in_every_process() -> None:
    program = "import sys, test_plotting as t; t.plotting.use_style(); sys.stdout.buffer.write(t.svg_of_steps())"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    other = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True).stdout
    assert svg_of_steps() == other
    assert b"<dc:date>" not in other
    assert b"Matplotlib v" not in other


def test_the_style_is_set_whatever_stood_before() -> None:
    plt.rcParams["font.size"] = 3
    plotting.use_style()
    assert plt.rcParams["font.size"] == 11
    assert plt.rcParams["figure.figsize"][0] <= 5  # readable on a phone
    cycle = plt.rcParams["axes.prop_cycle"].by_key()["color"]
    assert set(cycle) < set(plotting.COLORS.values())
    assert len(set(cycle)) == len(cycle)


def test_settings_that_the_style_does_not_have_stay_as_they_are() -> None:
    with mpl.rc_context():
        mpl.rcdefaults()
        default = mpl.rcParams.copy()
        plotting.use_style()
        own = {key for key in default if mpl.rcParams[key] != default[key]}
        plt.style.use("dark_background")
        mpl.rcParams["image.cmap"] = "magma"
        users = mpl.rcParams.copy()
        plotting.use_style()
        assert {key for key in users if mpl.rcParams[key] != users[key]} <= own
        assert mpl.rcParams["figure.facecolor"] == "black"
        assert mpl.rcParams["image.cmap"] == "magma"


def test_steps_shows_scores_exponentials_and_probabilities() -> None:
    figure = plotting.steps([10, 5], ["mat", "sofa"])
    texts = [[text.get_text() for text in ax.texts] for ax in figure.axes]
    assert texts == [["10.0", "5.0"], ["22026.5", "148.4"], ["0.993", "0.007"]]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["mat", "sofa"]


def test_bars_are_as_long_as_their_values_with_the_first_on_top() -> None:
    _, ax = plt.subplots()
    plotting.bars(ax, [1.5, -2.0], ["up", "down"], form="{:.1f}")
    (drawn,) = ax.containers
    assert [bar.get_width() for bar in drawn] == [1.5, -2.0]
    assert [text.get_text() for text in ax.texts] == ["1.5", "−2.0"]
    assert ax.yaxis_inverted()


@law
@given(st.lists(st.floats(-20, 20), min_size=3, max_size=3))
def test_a_place_on_the_simplex_has_the_probabilities_as_weights_of_the_corners(logits: list[float]) -> None:
    p = softmax(logits)
    corners = plotting.to_simplex(np.eye(3))
    assert np.allclose(plotting.to_simplex(p), p @ corners)
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=-1)
    assert np.allclose(sides, 1)


def test_bad_input_is_named() -> None:
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match=r"values must have shape \(1,\), one for each label, got \(2,\)"):
        plotting.bars(ax, [1, 2], ["one"])
    with pytest.raises(ValueError, match=r"values must have shape \(1,\), one for each label, got \(2,\)"):
        plotting.steps([1, 2], ["one"])
    with pytest.raises(ValueError, match="labels must name 3 classes, got 2"):
        plotting.simplex(ax, ["one", "two"])
    for p in (0.5, [0.5, 0.5]):
        with pytest.raises(ValueError, match="p must have 3 probabilities on its last axis, got shape"):
            plotting.to_simplex(p)


def test_a_picture_has_its_first_row_on_top() -> None:
    figure, ax = plt.subplots()
    plotting.picture(ax, [[0.0, 0.25], [0.5, 1.0]])
    [squares] = ax.collections
    assert np.asarray(squares.get_array()).tolist() == [[0.5, 1.0], [0.0, 0.25]]  # drawn from below
    assert squares.get_clim() == (0, 1)
    assert not ax.axison
    with pytest.raises(ValueError, match=r"pixels must have rows and columns, got shape \(4,\)"):
        plotting.picture(ax, [0.0, 0.25, 0.5, 1.0])
    plt.close(figure)


def test_without_matplotlib_the_message_says_what_to_install() -> None:
    script = "import sys; sys.modules['matplotlib'] = None; import minisoftmax.plotting"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert 'ImportError: minisoftmax.plotting needs matplotlib: pip install "minisoftmax[plot]"' in done.stderr


def test_a_figure_needs_no_notebook() -> None:
    script = "import sys; sys.modules['IPython'] = None; from minisoftmax import plotting; plotting.use_style()"
    subprocess.run([sys.executable, "-c", script], check=True)
