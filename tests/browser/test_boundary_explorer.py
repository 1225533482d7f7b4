"""The boundary explorer in a real Chromium."""

import re
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from playwright.sync_api import expect

from minisoftmax import core, cross_entropy, explorers, plotting
from minisoftmax.explorers.drawing import probability
from tests.browser.conftest import Show
from tests.browser.hands import close, drag, numbers, slider

WORDS = ["mat", "sofa", "moon"]
VECTORS = [[1.5, 0.5], [-1.0, 1.0], [-0.5, -1.5]]
ONE = explorers.boundary(VECTORS, WORDS)


def test_boundary_numbers(show: Show) -> None:
    rng = np.random.default_rng(5)
    settings: list[dict[str, Any]] = [
        {
            "vectors": rng.uniform(-3, 3, (3, 2)).tolist(),
            "labels": ["a", "b", "c"],
            "temperature": float(np.exp(rng.uniform(-2, 3))),
            "point": rng.uniform(-3, 3, 2).tolist(),
            "samples": rng.uniform(-3, 3, (count, 2)).round(1).tolist(),
            "target": rng.integers(3, size=count).tolist(),
        }
        for count in rng.integers(1, 101, size=500)
    ]
    for asked, found in zip(settings, numbers(show(ONE), "boundary", settings), strict=True):
        w, scale, target = np.array(asked["vectors"]), asked["temperature"], asked["target"]
        close(found["probabilities"], core.softmax(w @ asked["point"], temperature=scale))
        z = np.array(asked["samples"]) @ w.T
        losses = cross_entropy(z / scale, target, reduction="none")
        close(found["losses"], losses)
        close(found["loss"], cross_entropy(z / scale, target))
        assert found["worst"] == losses.argmax()
        assert found["right"] == (z.argmax(axis=1) == target).sum()


def test_at_the_limits_of_temperature_the_loss_is_that_of_the_package(show: Show) -> None:
    target = ONE.settings["target"]
    settings = [ONE.settings | {"temperature": T} for T in (0, "inf")]
    cold, hot = numbers(show(ONE), "boundary", settings)
    z = np.array(ONE.settings["samples"]) @ np.transpose(VECTORS)
    assert cold["loss"] == np.inf
    assert_allclose(hot["loss"], np.log(3), rtol=1e-12)
    assert cold["right"] == hot["right"] == (z.argmax(axis=1) == target).sum() == 12


def test_a_tie_is_right_for_the_first_class_however_it_is_rounded(show: Show) -> None:
    thirds = [[0.1, 0.3], [0.3, 0.1], [-3, -3]]  # of 0.7 and 0.7, one sum may be larger in its last digit
    tied = {"vectors": thirds, "samples": [[0.7, 0.7], [0.7, 0.7]], "target": [0, 1]}
    (found,) = numbers(show(ONE), "boundary", [ONE.settings | tied])
    assert (found["areRight"], found["worst"]) == ([True, False], 0)
    assert "1 of 2 right" in repr(explorers.boundary(**tied))


def test_what_it_costs_moves_with_the_hand(show: Show) -> None:
    page = show(ONE, viewport={"width": 390, "height": 844})
    samples, target = np.array(ONE.settings["samples"]), ONE.settings["target"]
    scores, worst, spoken = page.locator(".scores"), page.locator(".worst"), page.locator(".spoken")

    def expect_costs_of(vectors: list[list[float]]) -> None:
        z = samples @ np.transpose(vectors)
        losses, right = cross_entropy(z, target, reduction="none"), (z.argmax(axis=1) == target).sum()
        most = losses.argmax()
        expect(scores).to_have_text(f"loss {losses.mean():.3f}right {right} of 30")
        place = ", ".join(f"{x:.1f}".replace("-", "−") for x in samples[most])
        expect(worst).to_contain_text(f"{WORDS[target[most]]} at ({place}) has a probability of ")
        expect(worst).to_contain_text(f"costs most: {losses[most]:.3f}.")
        hollow = page.locator(".plane path").evaluate_all(
            "all => all.filter(path => path.style.fill === '#fff' || path.style.fill === 'rgb(255, 255, 255)').length"
        )
        assert hollow == 30 - right

    expect_costs_of(VECTORS)
    plane = page.locator(".plane").bounding_box()
    assert plane
    drag(page, slider(page, "Vector of mat"), -1.5 / 6 * plane["width"], -1.0 / 6 * plane["height"])
    expect_costs_of([[0.0, 1.5], *VECTORS[1:]])
    slider(page, "Vector of sofa").press("PageDown")
    slider(page, "Vector of sofa").press("ArrowDown")
    slider(page, "Vector of sofa").press("ArrowDown")
    expect_costs_of([[0.0, 1.5], [-1.0, -0.2], VECTORS[2]])
    expect(spoken).to_have_text(re.compile(r"^Loss 0\.\d{3}, \d+ of 30 right\. At the point: mat 0\.\d{3}, .*\.$"))
    expect(page.locator(".challenge")).to_have_text("To try: bring the loss below 0.40.")
    for name, (x, y) in {"sofa": (-1.3, -0.5), "moon": (1.3, -0.9)}.items():
        for axis, number in (("right", x), ("up", y)):
            entry = page.get_by_role("textbox", name=f"Vector of {name}, {axis}")
            entry.fill(str(number))
            entry.press("Enter")
    expect_costs_of([[0.0, 1.5], [-1.3, -0.5], [1.3, -0.9]])
    expect(page.locator(".challenge")).to_have_text("Done: bring the loss below 0.40.")
    page.get_by_role("button", name="Reset").click()
    expect_costs_of(VECTORS)


def test_the_goal_is_a_fifth_above_what_training_reaches(show: Show) -> None:
    w, x, y = np.zeros((3, 2)), np.array(ONE.settings["samples"]), np.array(ONE.settings["target"])
    for _ in range(2000):
        w -= 0.2 * (core.softmax(x @ w.T) - np.eye(3)[y]).T @ x / len(x)
    goal = show(ONE).locator("boundary-explorer").evaluate("explorer => explorer.goal")
    assert_allclose(goal, 1.2 * cross_entropy(x @ w.T, y), atol=0.012)


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
