"""The stability explorer in a real Chromium."""

import math
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose
from playwright.sync_api import expect

from minisoftmax import core, explorers
from tests.browser.conftest import Show
from tests.browser.hands import drag, numbers, slider, value

ONE = explorers.stability(12.0, "float16")


def to_bfloat16(x: float) -> float:
    """Round to nearest, ties to even, on the bits of the float32 (which is exact enough: see the test of it)."""
    bits = int(np.float32(x).view(np.uint32))
    if not np.isfinite(np.float32(x)):
        return float(np.float32(x))
    bits += 0x7FFF + ((bits >> 16) & 1)
    return float(np.uint32(bits & 0xFFFF0000).view(np.float32))


def rounded(x: float, dtype: str) -> float:
    with np.errstate(all="ignore"):
        if dtype == "bfloat16":
            return to_bfloat16(x)
        return float(np.dtype(dtype).type(x))


def literal_steps(z: list[float], dtype: str, shift: bool) -> list[float]:
    with np.errstate(all="ignore"):
        stored = [rounded(x, dtype) for x in z]
        exponents = [rounded(x - max(stored), dtype) if shift else x for x in stored]
        e = [rounded(float(np.exp(x)), dtype) for x in exponents]
        total = rounded(sum(e), dtype)
        return [*exponents, *e, total, *(rounded(float(np.float64(x) / total), dtype) for x in e)]


def test_stability_numbers(show: Show) -> None:
    rng = np.random.default_rng(3)
    dtypes = ["float16", "bfloat16", "float32", "float64"]
    reach = {"float16": 30, "bfloat16": 150, "float32": 150, "float64": 1000}
    cases = [
        (float(np.round(rng.uniform(-reach[d], reach[d]), rng.integers(0, 4))), d) for _ in range(125) for d in dtypes
    ]
    settings = [ONE.settings | {"logit": x, "dtype": dtype} for x, dtype in cases]
    for (x, dtype), found in zip(cases, numbers(show(ONE), "stability", settings), strict=True):
        for way in ("naive", "shifted"):
            steps = found[way]
            flat = [*steps["exponents"], *steps["exponentials"], steps["total"], *steps["probabilities"]]
            flat = [float(x) for x in flat]  # a large one comes as an int
            assert_allclose(flat, literal_steps([x, x - 1], dtype, way == "shifted"), rtol=1e-12, atol=0)
        stored = rounded(x, dtype)
        rest, below = rounded(math.exp(-abs(stored)), dtype), min(stored, 0)
        usual = rounded(below - rounded(math.log(rounded(1 + rest, dtype)), dtype), dtype)
        accurate = rounded(below - rounded(math.log1p(rest), dtype), dtype)
        assert_allclose([found["usual"], found["accurate"]], [usual, accurate], rtol=1e-12)
        assert_allclose(found["exact"], core.log_softmax([stored, 0.0])[0], rtol=1e-12)


def test_stability_shows_where_the_formula_breaks(show: Show) -> None:
    page = show(explorers.stability(10.0, "float16"))
    x, cells = slider(page, "Logit x"), page.locator("tbody").first.locator("tr").last.locator("td")
    expect(cells).to_have_text([re.compile(r"0\.731\d*, 0\.26[89]\d*"), "0.731, 0.2688"])
    x.press("PageUp")
    x.press("PageUp")
    for _ in range(3):
        x.press("ArrowLeft")
    expect(cells).to_have_text([re.compile("NaN"), "0.731, 0.2688"])
    expect(page.get_by_text("eˣ is above 65504, the largest float16.")).to_be_visible()
    page.get_by_role("button", name="float32", exact=True).click()
    expect(cells.first).to_have_text("0.7311, 0.2689")
    x.press("Home")
    expect(cells.first).to_have_text("NaN, NaN")
    x.press("End")
    assert value(x) == 120
    strip = page.locator(".strip").bounding_box()
    assert strip
    drag(page, x, -strip["width"] * 103 / 240, 0)
    assert value(x) == 17
    expect(page.locator("tbody").last.locator("td")).to_have_text(["0", "−4.14×10⁻⁸"])
    zone = page.locator(".zones span").last.bounding_box()
    assert zone
    reach = (zone["x"] - strip["x"]) / strip["width"] * 240 - 120
    assert reach == pytest.approx(math.log(np.finfo(np.float32).max), abs=0.7)  # where float32 overflows
