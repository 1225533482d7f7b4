"""The boundary explorer in a real Chromium."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from playwright.sync_api import expect

from minisoftmax import core, explorers, plotting
from minisoftmax.explorers.drawing import probability
from tests.browser.conftest import Show
from tests.browser.hands import close, drag, numbers, slider

WORDS = ["mat", "sofa", "moon"]
VECTORS = [[1.5, 0.5], [-1.0, 1.0], [-0.5, -1.5]]
ONE = explorers.boundary(VECTORS, WORDS)


def test_boundary_numbers(show: Show) -> None:
    rng = np.random.default_rng(5)
    settings = [
        {
            "vectors": rng.uniform(-3, 3, (3, 2)).tolist(),
            "labels": ["a", "b", "c"],
            "temperature": float(np.exp(rng.uniform(-2, 3))),
            "point": rng.uniform(-3, 3, 2).tolist(),
        }
        for _ in range(500)
    ]
    for asked, found in zip(settings, numbers(show(ONE), "boundary", settings), strict=True):
        z = [w[0] * asked["point"][0] + w[1] * asked["point"][1] for w in asked["vectors"]]
        close(found["probabilities"], core.softmax(z, temperature=asked["temperature"]))


def test_boundary_moves_in_the_plane(show: Show) -> None:
    page = show(explorers.boundary(VECTORS, WORDS, point=(0, 0)))
    plane = page.locator(".plane").bounding_box()
    assert plane
    point, shares = slider(page, "Point"), page.locator(".track .number")
    expect(shares).to_have_text(["0.333"] * 3)
    drag(page, point, plane["width"] / 6, -plane["width"] / 3)
    assert point.get_attribute("aria-valuetext") == "right 1.00, up 2.00"
    expect(shares).to_have_text([f"{p:.3f}" for p in core.softmax(np.array(VECTORS) @ [1, 2])])
    slider(page, "Vector of mat").press("PageUp")
    slider(page, "Vector of mat").press("ArrowLeft")
    moved = np.array([[1.4, 1.5], *VECTORS[1:]])
    expect(shares).to_have_text([probability(p) for p in core.softmax(moved @ [1, 2])])
    drag(page, slider(page, "Vector of moon"), 2000, 2000)
    assert slider(page, "Vector of moon").get_attribute("aria-valuetext") == "right 3.00, up −3.00"
    entry = page.get_by_role("textbox", name="Point, up")
    entry.fill("9")
    entry.press("Enter")
    expect(page.locator(".message")).to_have_text("Point, up: from −3 to 3, please.")
    entry.fill("1")
    entry.press("Enter")
    expect(page.locator(".message")).to_have_text("")
    assert point.get_attribute("aria-valuetext") == "right 1.00, up 1.00"


def test_boundary_paints_what_the_numbers_say(show: Show) -> None:
    page = show(explorers.boundary(VECTORS, WORDS, temperature=0.5))
    corners = [(8, 28), (48, 40), (24, 48), (28, 28), (16, 8)]
    cells, colors = page.locator("canvas").evaluate(
        """(canvas, corners) => {
          const cells = canvas.width;
          const { data } = canvas.getContext("2d").getImageData(0, 0, cells, cells);
          return [cells, corners.map(([x, y]) => [...data.slice(4 * (cells * y + x), 4 * (cells * y + x) + 4)])];
        }""",
        corners,
    )
    palette = np.array([list(bytes.fromhex(plotting.COLORS[name][1:])) for name in ("blue", "orange", "green")])
    for (x, y), color in zip(corners, colors, strict=True):
        place = [6 * (x + 0.5) / cells - 3, 3 - 6 * (y + 0.5) / cells]
        p = core.softmax(np.array(VECTORS) @ place, temperature=0.5)
        assert_allclose(color, [*(255 - 0.6 * (255 - p @ palette)), 255], atol=1)


@pytest.mark.parametrize("temperature", [0.0, 0.5, 3.0])
def test_borders_and_lines_of_sureness_are_where_they_belong(show: Show, temperature: float) -> None:
    page = show(explorers.boundary(VECTORS, WORDS, temperature=temperature))
    borders, sure = page.locator("boundary-explorer").evaluate(
        "explorer => [explorer.borders(), [0, 1, 2].map(k => explorer.level(k, 0.9))]"
    )
    assert len(borders) == 3
    for start, end in borders:
        assert start == [0, 0]
        z = np.sort(np.array(VECTORS) @ end)
        assert_allclose(z[2], z[1], atol=1e-12)
        assert z[2] > z[0]
    if temperature:
        for k, line in enumerate(sure):
            places = np.array([place for place in line if place is not None])
            shares = core.softmax(places @ np.array(VECTORS).T, temperature=temperature)[:, k]
            assert_allclose(shares, 0.9, atol=1e-5)
            assert len(places) > 50
