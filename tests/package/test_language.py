"""Exercises, verdicts, variants, exams and drawings speak the language that is chosen."""

import gettext
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from minisoftmax import language, plotting
from minisoftmax.exercises import Exercise, Mistake, exercise, grade, names, variant
from minisoftmax.exercises.__main__ import main
from tools.notebooks import LANGUAGES

mpl.use("svg")

KNOWN = ", ".join(map(repr, ["en", *sorted(LANGUAGES)]))
VALUE = "formula.ratio"
ENGLISH = {name: exercise(name) for name in names()}
NO_NUMBERS: tuple[Any, ...] = (None, [], "3", np.inf, True, np.zeros(0), np.zeros(2, object))
THE_SAME = {"Softmax", "Log-sum-exp", "Log-softmax", "Top-p", "Logits", "ECE", "Causal", "Bytes"}


@pytest.fixture
def _spanish() -> Iterator[None]:
    language.use("es")
    yield
    language.use("en")


def texts(put: Exercise) -> list[str]:
    return [put.title, put.question, put.goal, put.hint, put.why, put.compared, *(m.hint for m in put.mistakes)]


def numbers(text: str) -> list[str]:
    return sorted(re.findall(r"\d+(?:[.,]\d+)*", text.replace("\N{NARROW NO-BREAK SPACE}", ",")))


def test_english_is_spoken_until_a_language_is_chosen() -> None:
    code = "from minisoftmax import language; from minisoftmax.exercises import check; check('formula.ratio', ...)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.startswith("Not tried yet: formula.ratio.")
    assert language.chosen() == "en"


@pytest.mark.parametrize("unknown", ["xx", "", "ES", "es/LC_MESSAGES", None, 3])
def test_a_language_that_is_not_there_is_an_error_and_changes_nothing(unknown: Any) -> None:
    with pytest.raises(ValueError, match=rf"^language must be one of {KNOWN}, got "):
        language.use(unknown)
    assert language.chosen() == "en"


def test_importing_the_package_reads_no_catalog() -> None:
    code = "import sys, numpy; before = set(sys.modules); import minisoftmax; print({*sys.modules} - before)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "'minisoftmax.core'" in loaded
    assert "gettext" not in loaded
    assert "minisoftmax.language" not in loaded


@pytest.mark.usefixtures("_spanish")
@pytest.mark.parametrize("name", names())
def test_an_exercise_is_the_same_in_other_words(name: str) -> None:
    ours, theirs = ENGLISH[name], exercise(name)
    for english, said in zip(texts(ours), texts(theirs), strict=True):
        assert (said == english) == (english in {*THE_SAME, ""}), english
        assert numbers(said) == numbers(english)
    same = ("name", "level", "minutes", "answer", "solution", "options", "tolerance", "numbers")
    assert all(getattr(theirs, attribute) is getattr(ours, attribute) for attribute in same)
    assert theirs.statement.startswith(f"**{theirs.title}** (●")
    assert f", {theirs.minutes} minuto" in theirs.statement


@pytest.mark.usefixtures("_spanish")
@pytest.mark.parametrize("name", names())
def test_a_variant_is_the_same_in_every_language(name: str) -> None:
    for seed in (0, 1):
        spoken = variant(name, seed).exercise
        language.use("en")
        english = variant(name, seed).exercise
        language.use("es")
        assert numbers(spoken.question) == numbers(english.question)
        assert spoken.answer == english.answer
        assert sorted(re.findall("`.*?`", spoken.question)) == sorted(re.findall("`.*?`", english.question))
        assert variant(name, seed).grade(spoken.solution).message == spoken.why
        for mistake in spoken.mistakes:
            assert variant(name, seed).grade(mistake.answer).hint == mistake.hint


TYPES = "None|list|tuple|str|object|float|float64|ndarray|bool"
ANY_VALUE = rf"\w+Error: .*|<.*?>|\w+\(.*\)|\b(nan|inf|e-?\d+|True|False|{TYPES})\b"


def words(shown: str, put: Exercise) -> list[str]:
    """Give the words that are neither names of the exercise nor values."""
    shown = re.sub(ANY_VALUE, " ", shown)
    for name in (put.name, put.answer, *put.parts):
        shown = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", shown)
    return re.findall(r"[^\W\d_]{2,}", shown)


def always(answer: Any) -> Callable[..., Any]:
    def function(*case: Any) -> Any:
        return answer

    return function


@pytest.mark.usefixtures("_spanish")
@pytest.mark.parametrize("name", names())
def test_every_word_of_a_verdict_comes_from_the_catalog(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a catalog that turns each text to nothing but what is filled in, no word is left."""

    def nothing(self: object, english: str) -> str:
        return " ".join(["§", *re.findall(r"(?<!{){[^{}]*}(?!})", english)])

    monkeypatch.setattr(gettext.GNUTranslations, "gettext", nothing)
    put = ENGLISH[name]
    tried = [..., (1, 2), len, put.solution, *NO_NUMBERS, *(mistake.answer for mistake in put.mistakes)]
    for attempt in [*tried, *map(always, NO_NUMBERS)]:
        verdict = grade(name, attempt)
        assert words(str(verdict), put) == [], str(verdict)
        assert re.findall('aria-label="(.*?)"', verdict._repr_html_()) == ["§"]
        assert '<div role="status" lang="es"' in verdict._repr_html_()


def test_a_text_without_a_translation_is_english_with_its_values() -> None:
    language.use("es")
    try:
        assert language.text("Nobody said {this} {{yet}}.", this=3) == "Nobody said 3 {yet}."
        assert language.text("Nobody said {this}.", "nowhere") == "Nobody said {this}."
        assert language.text("") == ""
    finally:
        language.use("en")


@pytest.mark.usefixtures("_spanish")
def test_an_unknown_name_is_told_in_the_language_of_the_reader() -> None:
    with pytest.raises(ValueError, match=r"^name debe ser uno de 'formula.ratio'.* \(¿querías decir 'formula.softmax'"):
        grade("formula.sofmax", 1)


def test_an_exam_takes_a_language(tmp_path: Path) -> None:
    given = ["exam", "--seed", "7", "--chapters", "formula", "--checks", "--language", "es", "--output", str(tmp_path)]
    try:
        assert main(given) == 0
        cells = json.loads((tmp_path / "exam-7.ipynb").read_text(encoding="utf-8"))["cells"]
        assert cells[0]["source"].startswith("# Examen 7\n\n6 ejercicios, 35 minutos.")
        assert cells[2]["source"] == f"1. {variant('formula.ratio', 7).exercise.statement}"
    finally:
        language.use("en")
    words: dict[str, Any] = {}
    try:
        for cell in (cells[1], cells[3]):
            exec(cell["source"], words)
        assert language.chosen() == "es", "who opens the exam is answered in its language"
    finally:
        language.use("en")


def test_an_exam_in_a_language_that_is_not_there_is_not_begun(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["exam", "--seed", "7", "--chapters", "formula", "--language", "xx", "--output", str(tmp_path / "new")])
    assert f"language must be one of {KNOWN}, got 'xx'" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("_spanish")
def test_a_drawing_is_labeled_in_the_language() -> None:
    figure = plotting.steps([2.0, 1.0], ["felpudo", "sol"])
    titles = [ax.get_title(plt.rcParams["axes.titlelocation"]) for ax in figure.axes]
    assert titles == ["puntuación $z$", "$e^z$", "probabilidad $p$"]
    plt.close(figure)


def test_a_mistake_is_told_with_its_values() -> None:
    put = Exercise(
        name="a.b", title="T", question="{n} {who}?", goal="g", level=1, minutes=1, answer="x", solution=1.0, hint="h",
        why="w", mistakes=[Mistake(2, "not {n}")], values={"n": 3}, words={"who": "two"},
    )  # fmt: skip
    assert put.spoken().question == "3 two?"
    assert put.spoken().mistakes[0].hint == "not 3"
