"""What the explorers put into a notebook: small, escaped, the same on every run; and what they refuse."""

import importlib
import inspect
import json
import math
import pkgutil
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal, getcontext
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from minisoftmax import core, explorers, plotting, scaled_dot_product_attention
from minisoftmax.explorers import Explorer, drawing
from minisoftmax.explorers.explorer import Height, folder, scripts
from tests.explorers import NAMES, NASTY, TAKES_TEXTS, example, html
from tests.laws import law, refuses

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "minisoftmax" / "explorers").rglob("*.js"))
WORDS = ["mat", "sofa", "moon"]
VECTORS = [[1.5, 0.5], [-1.0, 1.0], [-0.5, -1.5]]


class Parsed(HTMLParser):
    """The tags, attributes and texts of a piece of HTML, as a browser splits it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes[tag] = dict(attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def svg(explorer: Explorer) -> ElementTree.Element:
    """Unpack the drawing from the address of the image."""
    kind, _, content = (Parsed(explorer.picture).attributes["img"]["src"] or "").partition(",")
    assert kind == "data:image/svg+xml"
    return ElementTree.fromstring(unquote(content))


def words(explorer: Explorer) -> list[str]:
    return [element.text or "" for element in svg(explorer).iter("{http://www.w3.org/2000/svg}text")]


# What is stored


@pytest.mark.parametrize("name", NAMES)
def test_each_explorer_is_a_function_with_a_script_and_a_height_of_its_own(name: str) -> None:
    assert callable(getattr(explorers, name))
    needed = list(scripts(name))
    assert (needed[:2], needed[-1]) == (["numbers", "explorer"], name)
    assert f'Explorer.define("{name}-explorer", ' in scripts(name)[name]
    caption = folder(name).CAPTION
    assert f" caption='{escape(caption)}' " in example(name).html
    height = folder(name).HEIGHT
    assert isinstance(height, Height)
    assert all(200 < pixels < 1000 for pixels in height), "it is the room of a figure with its controls"


def test_a_new_folder_is_a_new_explorer(tmp_path: Path) -> None:
    copy = tmp_path / "minisoftmax" / "explorers"
    shutil.copytree(ROOT / "minisoftmax", tmp_path / "minisoftmax", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(copy / "stability_explorer", copy / "coin_explorer")
    for file in (copy / "coin_explorer").iterdir():
        file.write_text(file.read_text(encoding="utf-8").replace("stability", "coin"), encoding="utf-8")
    code = "from minisoftmax import explorers; print(*explorers.__all__, explorers.coin().html, sep='\\n')"
    run = [sys.executable, "-X", "utf8", "-c", code]  # which finds the copy first, in its own folder
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, encoding="utf-8", check=True)
    *names, element = done.stdout.splitlines()
    assert sorted(names) == sorted([*explorers.__all__, "coin"])
    assert element.startswith("<coin-explorer ")


def test_importing_what_is_in_the_folders_leaves_the_functions() -> None:
    for module in pkgutil.walk_packages(explorers.__path__, "minisoftmax.explorers."):
        importlib.import_module(module.name)
    assert all(inspect.isfunction(getattr(explorers, name)) for name in NAMES)


def test_colors_are_those_of_the_plots() -> None:
    style = Parsed(explorers.stability().html).attributes["stability-explorer"]["style"]
    assert dict(pair.split(":") for pair in (style or "").split(";")) == {
        f"--{name}": color for name, color in plotting.COLORS.items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_output_is_an_element_with_its_settings_and_three_scripts(name: str) -> None:
    explorer = example(name)
    parsed = Parsed(html(explorer))
    assert parsed.tags[0] == f"{name}-explorer"
    assert json.loads(parsed.attributes[f"{name}-explorer"]["settings"] or "") == explorer.settings
    assert parsed.tags.count("script") == len(scripts(name))
    assert html(explorer).startswith(explorer.html)
    assert explorer._repr_mimebundle_()["text/plain"] == repr(explorer) != ""
    assert set(explorer._repr_mimebundle_()) == {"text/html", "text/plain"}


@pytest.mark.parametrize("name", NAMES)
def test_output_is_small(name: str) -> None:
    data = scripts(name).get("language_model", "")  # once a page
    assert len(data) < 100 * 1024
    assert len(html(example(name)).encode()) - len(data) < 42 * 1024


def test_outputs_are_the_same_in_another_process() -> None:
    code = (
        "from tests.explorers import examples, html; import hashlib;"
        "print(hashlib.sha256(''.join(map(html, examples())).encode()).hexdigest())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_script_is_small_plain_and_asks_nobody(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert len(text.encode()) < 20 * 1024
    assert "</script" not in text.lower()
    assert not re.search(
        r"^\s*(import|export)\b|\bimport\(|fetch\(|XMLHttpRequest|innerHTML|outerHTML|document\.write|\beval\(|https?://(?!www\.w3\.org)",
        text,
        flags=re.MULTILINE,
    )


@pytest.mark.parametrize("name", NAMES)
def test_scripts_lose_comments_and_indentation_and_nothing_else(name: str) -> None:
    folder = ROOT / "minisoftmax" / "explorers"
    for script, text in scripts(name).items():
        file = folder / (f"{name}_explorer/script.js" if script == name else f"{script}.js")
        if script == "language_model":
            continue
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
        kept = [line for line in lines if line and not line.startswith("//")]
        assert [line.rstrip() for line in text.splitlines()] == kept


def test_most_explorers_take_texts() -> None:
    assert {"softmax", "sampling", "attention", "boundary"} <= set(TAKES_TEXTS)


NASTY_ONES = [*(example(name, NASTY) for name in TAKES_TEXTS), explorers.sampling([1, 0], ["a", "b"], prompt=NASTY)]


@pytest.mark.parametrize("explorer", NASTY_ONES, ids=[*TAKES_TEXTS, "prompt"])
def test_what_the_caller_gives_is_escaped(explorer: Explorer) -> None:
    name = explorer.name
    parsed = Parsed(explorer.html)
    assert parsed.tags == [f"{name}-explorer", "img"]
    assert (parsed.attributes["img"]["src"] or "").startswith("data:image/svg+xml,")
    assert {element.tag.rpartition("}")[2] for element in svg(explorer).iter()} <= {
        "svg",
        "text",
        "rect",
        "line",
        "path",
        "g",
    }
    assert json.loads(parsed.attributes[f"{name}-explorer"]["settings"] or "") == explorer.settings
    given = [text for text in words(explorer) if text.startswith("<")]
    assert given
    assert all(NASTY.startswith(text.rstrip("… ")) for text in given)
    assert NASTY in (parsed.attributes["img"]["alt"] or "") or explorer.settings.get("prompt") == NASTY
    assert all("onerror" not in attributes for attributes in parsed.attributes.values())


@pytest.mark.parametrize("name", NAMES)
def test_picture_is_svg_that_says_what_it_shows(name: str) -> None:
    explorer = example(name)
    image, drawn = Parsed(explorer.picture).attributes["img"], svg(explorer)
    description = image["alt"] or ""
    assert len(description) > 60, "in its picture's place, who sees nothing has to learn what it shows"
    assert description.endswith(".")
    assert description[0].isupper()
    left, top, width, height = map(int, drawn.attrib["viewBox"].split())
    assert (image["width"], image["height"]) == (str(width), str(height))
    for element in drawn.iter("{http://www.w3.org/2000/svg}rect"):
        x, y, w, h = (float(element.attrib[key]) for key in ("x", "y", "width", "height"))
        assert x >= left
        assert y >= top
        assert w >= 0 <= h
        assert x + w <= left + width + 0.1
        assert y + h <= top + height + 0.1


# What the pictures and the words say


def test_softmax_says_its_probabilities() -> None:
    explorer = explorers.softmax([10.0, 5.0, 0.0], WORDS)
    expected = np.exp([0.0, -5.0, -10.0]) / np.exp([0.0, -5.0, -10.0]).sum()
    for name, p in zip(WORDS, expected, strict=True):
        assert f"{name} {p:.3f}" in repr(explorer)
    assert {"0.993", "0.007", "4.5×10⁻⁵", "22026", "148", "1.00"} <= set(words(explorer))


@pytest.mark.parametrize(("temperature", "shares"), [(0, "1.000, 0.000"), (np.inf, "0.500, 0.500")])
def test_softmax_at_the_limits_of_temperature(temperature: float, shares: str) -> None:
    explorer = explorers.softmax([1.0, 0.0], ["a", "b"], temperature=temperature)
    assert [text for text in words(explorer) if re.fullmatch(r"[01]\.\d{3}", text)] == shares.split(", ")
    assert explorer.settings["temperature"] == ("inf" if temperature else 0)


def bars(explorer: Explorer, color: str) -> list[tuple[float, float]]:
    found = [element.attrib for element in svg(explorer).iter("{http://www.w3.org/2000/svg}rect")]
    return [(float(box["width"]), float(box["height"])) for box in found if box["fill"] == color]


def test_bars_are_as_long_as_what_they_stand_for() -> None:
    shown = explorers.softmax([2.0, 1.0, -1.0], WORDS)
    p = np.exp([2.0, 1.0, -1.0]) / np.exp([2.0, 1.0, -1.0]).sum()
    heights = np.array([height for _, height in bars(shown, drawing.BLUE)])
    assert_allclose(heights / heights[0], p / p[0], atol=2e-3)
    heights = np.array([height for _, height in bars(shown, drawing.ORANGE)])
    assert_allclose(heights, 54 * p / p[0], atol=0.06)
    heights = np.array([height for _, height in bars(shown, drawing.GRAY)])
    assert_allclose(heights / heights[0], [1, 0.5, 0.5], atol=5e-3)
    widths = np.array([width for width, _ in bars(explorers.sampling([0.0, 2.0], ["a", "b"]), drawing.BLUE)])
    assert_allclose(widths / widths[0], [1, np.exp(-2)], atol=2e-3)


def test_sampling_lists_the_likeliest_first_and_the_filters() -> None:
    explorer = explorers.sampling([0.0, 2.0, 1.0], WORDS, top_k=2, min_p=0.1, prompt="The cat sat on the")
    shown = words(explorer)
    assert shown[0] == "The cat sat on the …"
    assert [text for text in shown if text in WORDS] == ["sofa", "moon", "mat"]
    assert "Blue: after temperature 1; then top-k 2; then min-p 0.1." in shown
    kept = 1 / (1 + math.exp(-1))
    assert [f"{kept:.3f}", f"{1 - kept:.3f}", "cut"] == [text for text in shown if re.fullmatch(r"0\.\d+|cut", text)]
    assert repr(explorer).startswith(f"<sampling explorer: sofa {kept:.3f}, moon {1 - kept:.3f} after temperature 1;")


@pytest.mark.parametrize(
    ("logit", "dtype", "works"),
    [
        (10, "float16", True),
        (11, "float16", False),
        (-17, "float16", True),
        (-18, "float16", False),
        (88, "bfloat16", True),
        (89, "float32", False),
        (709, "float64", True),
        (710, "float64", False),
    ],
)
def test_stability_knows_where_the_formula_works(logit: float, dtype: str, works: bool) -> None:
    verdict = "works" if works else "fails"
    assert any(f"in {dtype} it {verdict};" in text for text in words(explorers.stability(logit, dtype)))


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ({}, "abcd"),
        ({"top_k": 9}, "abcd"),
        ({"top_k": 1}, "a"),
        ({"top_p": 0.6}, "a"),
        ({"top_p": 0.7}, "ab"),
        ({"min_p": 0.1}, "abc"),
        ({"min_p": 0}, "abcd"),
        ({"temperature": 0}, "a"),
        ({"temperature": np.inf, "top_k": 1}, "abcd"),
        ({"temperature": 2, "top_p": 0.7}, "ab"),
        ({"top_k": 3, "top_p": 0.95}, "abc"),
    ],
)
def test_sampling_keeps_what_the_filters_keep(filters: dict[str, Any], kept: str) -> None:
    z = [2.0, 1.0, 0.0, -1.0]  # with shares 0.644, 0.237, 0.087, 0.032; at T = 2, 0.455, 0.276, 0.167, 0.102
    assert re.findall(r"([abcd]) \d", repr(explorers.sampling(z, list("abcd"), **filters))) == list(kept)


def test_attention_weights_are_those_of_the_formula() -> None:
    rng = np.random.default_rng(5)
    query, key = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 4))
    plain = explorers.attention(WORDS, query, key, scale=0.7)
    causal = explorers.attention(WORDS, query, key, causal=True)
    for explorer, mask, scale in ((plain, np.ones((3, 3), bool), 0.7), (causal, np.tri(3, dtype=bool), 0.5)):
        for i, word in enumerate(WORDS):
            e = [math.exp(scale * sum(query[0, i] * key[0, j])) if mask[i, j] else 0.0 for j in range(3)]
            best = int(np.argmax(e))
            assert f"{word} → {WORDS[best]} {e[best] / sum(e):.3f}" in repr(explorer)
    assert explorers.attention(WORDS, query[0], key[0]).settings["query"] == [query[0].tolist()]
    assert causal.settings["heads"] == ["head 1", "head 2"]
    assert causal.settings["word"] == -1


def test_the_picture_of_attention_has_the_answers() -> None:
    rng = np.random.default_rng(6)
    query, key, value = rng.normal(size=(3, 2, 3, 2))
    explorer = explorers.attention(WORDS, query, key, value=value, causal=True)
    answers = scaled_dot_product_attention(query, key, value, is_causal=True)[0].round(2) + 0.0
    written = [f"({x:.2f}, {y:.2f})".replace("-", "−") for x, y in answers]
    assert [text for text in words(explorer) if text.startswith("(")] == written
    described = Parsed(explorer.picture).attributes["img"]["alt"] or ""
    assert all(f"{word} {answer}" in described for word, answer in zip(WORDS, written, strict=True))
    assert explorer.settings["value"] == value.tolist()
    assert "value" not in explorers.attention(WORDS, query, key).settings


def test_boundary_says_the_probabilities_at_the_point() -> None:
    z = [1.5 * 2 + 0.5, -1.0 * 2 + 1.0, -0.5 * 2 - 1.5]
    e = [math.exp(x / 4) for x in z]
    explorer = explorers.boundary(VECTORS, WORDS, temperature=4, point=[2, 1])
    skewed = [[1.51, 0.53], [-1.07, 1.0], [-0.5, -1.49]]  # no ties on the grid
    for word, value in zip(WORDS, e, strict=True):
        assert f"{word} {value / sum(e):.3f}" in repr(explorer)
    paths = [element.attrib for element in svg(explorers.boundary(skewed)).iter("{http://www.w3.org/2000/svg}path")]
    counts = {path.get("fill"): path["d"].count("M") for path in paths}
    winners = [
        int(np.argmax([w[0] * x + w[1] * y for w in skewed]))
        for x in np.linspace(-36, 36, 13) / 13
        for y in np.linspace(-36, 36, 13) / 13
    ]
    for color, k in ((drawing.BLUE, 0), (drawing.ORANGE, 1), (drawing.GREEN, 2)):
        assert counts[color] == winners.count(k)


def test_boundary_says_what_its_samples_cost() -> None:
    explorer = explorers.boundary(VECTORS, WORDS, samples=[[1, 0], [0, -1], [-1, 1]], target=[0, 2, 0], temperature=2)
    z = np.array([[1.5, -1.0, -0.5], [-0.5, -1.0, 1.5], [-1.0, 2.0, -1.0]]) / 2
    loss = -np.mean([row[k] - np.log(np.exp(row).sum()) for row, k in zip(z, (0, 2, 0), strict=True)])
    assert f"; loss {loss:.3f}, 2 of 3 right>" in repr(explorer)
    assert f"loss {loss:.3f}, 2 of 3 right" in words(explorer)
    drawn = [path.attrib for path in svg(explorer).iter("{http://www.w3.org/2000/svg}path")]
    assert [path["d"].count("M") for path in drawn if path.get("fill") == "#fff"] == [3]
    assert "loss ∞, 2 of 3 right" in repr(
        explorers.boundary(VECTORS, samples=[[1, 0], [0, -1], [-1, 1]], target=[0, 2, 0], temperature=0)
    )


def test_sampling_draws_the_nucleus_in_a_row() -> None:
    explorer = explorers.sampling([0.0, 2.0, 1.0], WORDS, top_p=0.7)
    assert "In a row: top-p keeps 2, up to the one that crosses 0.7." in words(explorer)
    p = np.exp([2.0, 1.0]) / np.exp([2.0, 1.0, 0.0]).sum()
    widths = [width for width, _ in bars(explorer, drawing.BLUE)][-2:]
    assert_allclose(widths, drawing.WIDTH * p, atol=0.06)


def test_labels_may_be_left_out() -> None:
    assert explorers.softmax([1, 2]).settings["labels"] == ["1", "2"]
    assert explorers.boundary(VECTORS).settings["labels"] == ["1", "2", "3"]


def test_inputs_are_left_as_they_are() -> None:
    logits, names = np.array([1, 2]), ["a", "b"]
    shown = explorers.softmax(logits, names)
    names.append("c")
    assert shown.settings["labels"] == ["a", "b"]
    assert logits.tolist() == [1, 2]
    given_settings = {"a": 1}
    assert Explorer("softmax", given_settings, "", "").settings is not given_settings


# How numbers are written

getcontext().prec = 50


@settings(law, max_examples=300)
@given(st.floats(-2000, 2000))
def test_exponentials_are_written_to_their_last_digit(x: float) -> None:
    text = drawing.exponential(x).translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    exact = Decimal(x).exp()
    mantissa, _, power = text.partition("×10")
    value = Decimal(mantissa).scaleb(int(power or 0))
    assert abs(value - exact) <= exact * Decimal("0.051" if power else "0.0051")
    assert not power or 1 <= Decimal(mantissa) < 10


def test_digits_that_round_to_ten_go_to_the_power() -> None:
    assert drawing.exponential(math.log(9.97e7)) == "1.0×10⁸"
    assert drawing.exponential(math.log(9.97e-8)) == "1.0×10⁻⁷"


@pytest.mark.parametrize(
    ("p", "text"), [(0, "0.000"), (1, "1.000"), (0.0005, "0.001"), (0.00049, "4.9×10⁻⁴"), (0.2447, "0.245")]
)
def test_probabilities_are_written_so_that_none_looks_like_0(p: float, text: str) -> None:
    assert drawing.probability(p) == text


@law
@given(st.floats(-1e4, 1e4))
def test_coordinates_have_one_decimal_and_no_negative_zero(x: float) -> None:
    text = drawing.rounded(x)
    assert re.fullmatch(r"-?\d+(\.[1-9])?(e\+\d\d)?", text)
    assert text != "-0"
    assert abs(float(text) - x) <= 0.05 + 1e-5 * abs(x)


# What is refused

Q = np.zeros((3, 2))

REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: explorers.softmax([1.0]), ValueError, "logits must have length 2 to 8, got 1"),
    (lambda: explorers.softmax(np.zeros(9)), ValueError, "logits must have length 2 to 8, got 9"),
    (lambda: explorers.softmax([[1.0, 2.0]]), ValueError, "logits must have 1 axis, got shape (1, 2)"),
    (lambda: explorers.softmax([1.0, np.nan]), ValueError, "logits must be from −1000 to 1000, got nan"),
    (lambda: explorers.softmax([1.0, -np.inf]), ValueError, "logits must be from −1000 to 1000, got -inf"),
    (lambda: explorers.softmax([1.0, 1001.0]), ValueError, "logits must be from −1000 to 1000, got 1001.0"),
    (lambda: explorers.softmax(["a", "b"]), TypeError, "logits must hold real numbers"),
    (lambda: explorers.softmax([1, 2], ["a"]), ValueError, "labels must have length 2, got 1"),
    (lambda: explorers.softmax([1, 2], "ab"), TypeError, "labels must be a sequence of strings, got 'ab'"),
    (lambda: explorers.softmax([1, 2], ["a", 1]), TypeError, "labels must be a sequence of strings"),
    (lambda: explorers.softmax([1, 2], temperature=-1), ValueError, "temperature must be >= 0, got -1.0"),
    (lambda: explorers.softmax([1, 2], temperature=np.nan), ValueError, "temperature must be >= 0, got nan"),
    (lambda: explorers.softmax([1, 2], temperature=[1, 2]), TypeError, "temperature must be one number"),
    (lambda: explorers.softmax([1, 2], temperature="hot"), TypeError, "temperature must hold real numbers"),
    (lambda: explorers.sampling(np.zeros(21), ["a"] * 21), ValueError, "logits must have length 2 to 20, got 21"),
    (lambda: explorers.sampling([1, 2], ["a", "b"], top_k=0), ValueError, "top_k must be >= 1, got 0"),
    (lambda: explorers.sampling([1, 2], ["a", "b"], top_k=1.5), TypeError, "top_k must be an int, got 1.5"),
    (lambda: explorers.sampling([1, 2], ["a", "b"], top_p=0), ValueError, "top_p must be above 0 and at most 1, got 0"),
    (lambda: explorers.sampling([1, 2], ["a", "b"], top_p=1.1), ValueError, "top_p must be from 0 to 1, got 1.1"),
    (lambda: explorers.sampling([1, 2], ["a", "b"], min_p=-0.1), ValueError, "min_p must be from 0 to 1, got -0.1"),
    (lambda: explorers.sampling([1, 2], ["a", "b"], prompt=1), TypeError, "prompt must be a string, got 1"),
    (lambda: explorers.stability(np.inf), ValueError, "logit must be from −1000 to 1000, got inf"),
    (lambda: explorers.stability(1, "float8"), ValueError, "dtype must be one of float16, bfloat16, float32, float64"),
    (lambda: explorers.attention(["a"], Q[:1], Q[:1]), ValueError, "tokens must have length 2 to 16, got 1"),
    (lambda: explorers.attention("abc", Q, Q), TypeError, "tokens must be a sequence of strings, got 'abc'"),
    (lambda: explorers.attention(WORDS, Q[:2], Q), ValueError, "query must have shape (H, 3, d) or (3, d), got (2, 2)"),
    (
        lambda: explorers.attention(WORDS, Q, Q[:, :0]),
        ValueError,
        "key must have shape (H, 3, d) or (3, d), got (3, 0)",
    ),
    (lambda: explorers.attention(WORDS, Q, Q[:, :1]), ValueError, "key must have the shape of query, (1, 3, 2), got"),
    (lambda: explorers.attention(WORDS, Q + np.nan, Q), ValueError, "query must be from −1000 to 1000, got nan"),
    (
        lambda: explorers.attention(WORDS, Q, Q, value=Q[:, :1]),
        ValueError,
        "value must have shape (1, 3, 2), got (1, 3, 1)",
    ),
    (
        lambda: explorers.attention(WORDS, Q, Q, value=Q - np.inf),
        ValueError,
        "value must be from −1000 to 1000, got -inf",
    ),
    (lambda: explorers.attention(WORDS, Q, Q, ["a", "b"]), ValueError, "heads must have length 1, got 2"),
    (lambda: explorers.attention(WORDS, Q, Q, causal=1), TypeError, "causal must be True or False, got 1"),
    (lambda: explorers.attention(WORDS, Q, Q, scale=-1), ValueError, "scale must be from 0 to 1000, got -1.0"),
    (lambda: explorers.attention(WORDS, Q, Q, word=3), ValueError, "word must be from −3 to 2, got 3"),
    (lambda: explorers.boundary(VECTORS[:2]), ValueError, "vectors must have length 3, got 2"),
    (lambda: explorers.boundary(np.zeros((3, 3))), ValueError, "vectors must have shape (3, 2), got (3, 3)"),
    (lambda: explorers.boundary(np.full((3, 2), 4)), ValueError, "vectors must be from −3 to 3, got 4.0"),
    (lambda: explorers.boundary(VECTORS, point=[1]), ValueError, "point must have length 2, got 1"),
    (lambda: explorers.boundary(VECTORS, samples=[[1, 2]]), ValueError, "samples and target must be given together"),
    (lambda: explorers.boundary(VECTORS, target=[1]), ValueError, "samples and target must be given together"),
    (
        lambda: explorers.boundary(VECTORS, samples=[[1, 2]], target=[0, 1]),
        ValueError,
        "target must have shape (1,), got (2,)",
    ),
    (
        lambda: explorers.boundary(VECTORS, samples=[[1, 2]], target=[3]),
        ValueError,
        "target must hold labels from 0 to 2, got 3",
    ),
    (
        lambda: explorers.boundary(VECTORS, samples=[[1, 2]], target=[0.5]),
        TypeError,
        "target must hold integers as labels",
    ),
    (
        lambda: explorers.boundary(VECTORS, samples=[[1, 2, 3]], target=[0]),
        ValueError,
        "samples must have shape (n, 2), got (1, 3)",
    ),
    (
        lambda: explorers.boundary(VECTORS, samples=np.zeros((101, 2)), target=[0] * 101),
        ValueError,
        "samples must have length 1 to 100, got 101",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED, ids=[message for *_, message in REFUSED])
def test_what_cannot_be_drawn_is_refused(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    refuses(call, error, message)


@law
@given(
    st.lists(st.floats(-1000, 1000), min_size=2, max_size=8),
    st.one_of(st.sampled_from([0.0, 5e-324, math.inf]), st.floats(0, 1e300)),
    st.text(max_size=30),
)
def test_any_numbers_and_texts_that_are_allowed_can_be_drawn(z: list[float], temperature: float, label: str) -> None:
    labels = [label] * len(z)
    for explorer in (
        explorers.softmax(z, labels, temperature=temperature),
        explorers.sampling(z, labels, temperature=temperature, prompt=label),
        explorers.sparse([logit / 100 for logit in z], labels, temperature=temperature),
    ):
        assert json.loads(json.dumps(explorer.settings))["labels"] == labels
        assert_allclose(core.softmax(z, temperature=temperature).sum(), 1)
        drawn = [float(box.attrib["height"]) for box in svg(explorer).iter("{http://www.w3.org/2000/svg}rect")]
        assert np.isfinite(drawn).all()


# The documentation


@pytest.mark.parametrize("name", NAMES)
def test_docstring_describes_every_parameter(name: str) -> None:
    documentation = inspect.getdoc(getattr(explorers, name)) or ""
    headings = re.findall(r"^(\w.*)\n-+$", documentation, flags=re.MULTILINE)
    assert {"Parameters", "Returns", "Raises", "Examples"} <= set(headings)
    described = re.findall(r"^([\w, ]+) : ", documentation, flags=re.MULTILINE)
    documented = {name for entry in described for name in entry.split(", ")}
    assert set(inspect.signature(getattr(explorers, name)).parameters) <= documented


def test_importing_brings_no_matplotlib() -> None:
    script = "import sys; import minisoftmax.explorers; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_picture_of_attention_says_where_weights_tie() -> None:
    query, key = [[0.0], [1.0], [2.0]], [[0.0], [1.0], [1.0]]
    text = html(explorers.attention(["a", "b", "c"], query, key, scale=1.0))
    described = unquote(text)
    assert "a looks at all alike (0.333 each)" in described
    assert "b looks most at b and c (0.422 each)" in described
