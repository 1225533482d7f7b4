"""The editions in other languages say what the English one says, and are made from it and their words."""

import copy
import re
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from nbformat import NotebookNode

import tools.translations
from tests.book import report, translations
from tools import notebooks
from tools.notebooks import BOOK, Notebook
from tools.translations import Edition, Entry, accepted, editions, main, read, sources, updated, with_outputs, written

SOURCES = sources()
EDITIONS = {edition.language: edition for edition in editions()}
SPANISH = EDITIONS["es"]

every_edition = pytest.mark.parametrize("language", EDITIONS)
every_source = pytest.mark.parametrize("source", SOURCES, ids=notebooks.name)
every_notebook = pytest.mark.parametrize("source", notebooks.paths("en"), ids=notebooks.name)


@every_edition
@every_source
def test_every_text_says_the_same(language: str, source: Path) -> None:
    report.none(translations.problems(EDITIONS[language], source))


@every_edition
@every_notebook
def test_a_word_of_the_code_is_the_same_everywhere(language: str, source: Path) -> None:
    report.none(translations.leftover_problems(EDITIONS[language], source))


@every_edition
@every_source
def test_pages_and_exercises_are_called_by_their_titles(language: str, source: Path) -> None:
    report.none(translations.title_problems(EDITIONS[language], source))
    report.none(translations.exercise_problems(EDITIONS[language], source))


@every_edition
@every_source
def test_what_is_stored_is_what_is_made(language: str, source: Path) -> None:
    report.none(translations.made_problems(EDITIONS[language], source))


@every_edition
@every_notebook
def test_outputs_have_the_same_numbers(language: str, source: Path) -> None:
    report.none(translations.output_problems(*map(notebooks.read, (source, EDITIONS[language].made(source)))))


@every_edition
@every_source
def test_words_are_stored_as_they_are_written(language: str, source: Path) -> None:
    path = EDITIONS[language].words(source)
    assert path.read_text(encoding="utf-8") == written(read(path), language), "run `make translations`"


@every_edition
def test_nothing_is_left_of_what_is_gone(language: str) -> None:
    report.none(translations.strangers(EDITIONS[language], SOURCES))


# What follows tampers with texts, and wants to see the check fail there.

ENGLISH = """\
## No two are alike

The first of *three* words has $p_\\text{win} = 0.83$, or 10,000 times `softmax(z)`. It is not half of **that**. See
[the formula](formula.ipynb#equation-softmax) and [Guo et al. (2017)](https://arxiv.org/abs/1706.04599). Nobody says so.

<softmax-guess answer="10.14" unit="times as often">

- Two, without a doubt.
- Never.

</softmax-guess>

| a | b |
|---|---|
| one | 2.5 |"""
OURS = """\
## No hay dos iguales

La primera de *tres* palabras tiene $p_\\text{gana} = 0.83$, o 10\u202f000 veces `softmax(z)`. No es la mitad de
**eso**. Mira [la fórmula](formula.ipynb#equation-softmax) y [Guo et al. (2017)](https://arxiv.org/abs/1706.04599).
No lo dice nadie.

<softmax-guess answer="10.14" unit="veces más a menudo">

- Dos, sin duda.
- Nunca.

</softmax-guess>

| a | b |
|---|---|
| uno | 2.5 |"""


def problems(english: str, translated: str, *notes: str, place: str = "cell") -> list[str]:
    entry = Entry(place, english, translated, notes=notes)
    return translations.entry_problems(entry, translations.words(SPANISH.folder))


def test_a_translation_is_no_false_alarm() -> None:
    report.none(problems(ENGLISH, OURS))
    report.none(problems("{n:5} tokens, $e^z$\\n", "{n:>8} tokens, $e^z$\\n", place="cell.code"))


@pytest.mark.parametrize(
    ("said", "instead", "key"),
    [
        ("= 0.83", "= 0.38", "math"),
        ("10\u202f000", "1\u202f000", "numbers"),
        ("2.5", "2,5", "numbers"),
        ("10\u202f000", "10,000", "thousands"),
        ("softmax(z)", "softmax(x)", "code"),
        ("#equation-softmax", "#equation-odds", "links"),
        ("1706.04599", "1706.04598", "links"),
        ("## No", "### No", "structure"),
        ("**eso**", "eso", "structure"),
        ("- Nunca.\n", "", "structure"),
        ("\n\n- Dos", "\n\nBien.\n\n- Dos", "structure"),
        ('"10.14"', '"10.41"', "tags"),
        ("No es la mitad de\n**eso**. ", "", "sentences 4 → 3"),
        ("tres", "cuatro", "“3” 1 → 0"),
        ("mitad", "parte", "“½” 1 → 0"),
        ("primera", "segunda", "“first” 1 → 0"),
        ("No es", "Es", "negations 1 → 0"),
        ("No lo dice nadie", "Lo dicen todos", "negations 1 → 0"),
        ("Nunca", "Siempre", "negations 1 → 0"),
        ("Dos, sin", "Dos, con", "negations 1 → 0"),
        ("La primera", "No la primera", "negations 0 → 1"),
        ("Mira", "See", ""),
        ("veces más a menudo", "times as often", "English"),
        ("No hay dos iguales", "No two of them are alike", "English"),
    ],
)
def test_what_says_something_else_is_seen(said: str, instead: str, key: str) -> None:
    assert said in OURS
    tampered = OURS.replace(said, instead, 1)
    found = problems(ENGLISH, tampered)
    assert any(key in problem for problem in found) or not key, found


@pytest.mark.parametrize(
    ("english", "translated", "key"),
    [
        ("{n:5} tokens", "{m:5} tokens", "placeholders"),
        ("{n:.3f} tokens", "{n:.2f} tokens", "placeholders"),
        ("\\n{n} tokens", "{n} tokens", "escapes"),
        ("over 90 %", "más del 95 %", "numbers"),
        ("lead in $z$", "ventaja en $x$", "math"),
        ("The larger, the later", "The larger, the later", "English"),
        ("share of the winner", "share of the winner", "English"),
    ],
)
def test_a_text_in_code_that_says_something_else_is_seen(english: str, translated: str, key: str) -> None:
    report.one(problems(english, translated, place="cell.code"), key)


@pytest.mark.parametrize(
    ("english", "translated"),
    [
        ("Softmax says less.", "Softmax dice más."),
        ("A larger T gives more.", "Una T menor da más."),
        ("The smaller one is colder.", "El mayor es más frío."),
    ],
)
def test_less_for_more_is_seen(english: str, translated: str) -> None:
    report.one(problems(english, translated), "less")


def test_a_comment_with_a_reason_excuses_what_it_names() -> None:
    text, translated = "It hardly moves: it is no rule.", "Casi no se mueve. No es una regla."
    key = "sentences 1 → 2"
    report.one(problems(text, translated), key)
    report.none(problems(text, translated, f"{key}: the colon would come twice"))
    report.one(problems(text, translated, f"{key}: "), key)
    report.one(problems("It is so.", "Es así.", f"{key}: the colon would come twice"), "excuses nothing")
    assert problems(text, translated, "sentences 1 → 3: the colon would come twice")


def entries() -> list[Entry]:
    return read(SPANISH.words(TEMPERATURE))


TEMPERATURE = BOOK / "temperature.ipynb"


def test_a_text_without_a_translation_is_seen() -> None:
    given = entries()
    given[1] = replace(given[1], translated="")
    report.one(translations.problems(SPANISH, TEMPERATURE, given), "temperature.po: title", "no translation")
    report.one(translations.problems(SPANISH, TEMPERATURE, entries()[1:]), "description", "no entry")


def test_a_change_of_the_english_is_shown_until_it_is_accepted() -> None:
    then = "*Mat* leads."
    given = entries()
    place = given[1].place
    given[1] = replace(given[1], english=then)
    report.one(translations.problems(SPANISH, TEMPERATURE, given), f"{place} has changed", f"-{then}", "+# Temperature")
    now = updated(given, [(entry.place, entry.english) for entry in entries()])
    report.one(translations.problems(SPANISH, TEMPERATURE, now), "another text", f"-{then}", "+# Temperature")
    assert accepted(now, [place]) == entries()
    with pytest.raises(ValueError, match="one by one"):
        accepted(now, [])
    with pytest.raises(ValueError, match="nowhere"):
        accepted(now, ["nowhere"])


def test_a_title_that_is_translated_in_two_ways_is_seen() -> None:
    given = [Entry("a", "See [Temperature](temperature.ipynb).", "Mira [El calor](temperature.ipynb).")]
    report.one(translations.title_problems(SPANISH, BOOK / "formula.ipynb", given), "formula.po: a", "“Temperatura”")
    given = [Entry("a", "See [it](temperature.ipynb).", "Mira [esto](temperature.ipynb).")]
    report.none(translations.title_problems(SPANISH, BOOK / "formula.ipynb", given))


def test_an_exercise_with_another_title_is_seen() -> None:
    given = [Entry("a", "| Twice as hot. | *Nearly equal* |", "| El doble de caliente. | *Empate* |")]
    report.one(translations.exercise_problems(SPANISH, BOOK / "teachers.md", given), "teachers.po: a", "*Casi iguales*")


def test_a_word_of_the_code_that_is_left_in_english_is_seen(spanish: Edition) -> None:
    report.none(translations.leftover_problems(spanish, TEMPERATURE))
    path = spanish.words(TEMPERATURE)
    given = [replace(entry, translated=entry.english) if entry.place == "guess.code" else entry for entry in read(path)]
    path.write_text(written(given, "es"), encoding="utf-8")
    assert any("'felpudo'" in problem for problem in translations.leftover_problems(spanish, TEMPERATURE))


def test_a_text_that_is_gone_is_seen() -> None:
    given = [*entries(), Entry("old", "An old text.", "Un texto viejo.")]
    report.one(translations.problems(SPANISH, TEMPERATURE, given), "'An old text.' is in no text")


def test_words_are_kept_in_a_file_that_other_programs_read(tmp_path: Path) -> None:
    notes = ("sentences 1 → 2: the colon would come twice",)
    given = [
        Entry("a", 'One.\n\n  Two "x" \\alpha\n', "Uno.\n\n  Dos «x» \\alpha\n"),
        Entry("b", "c" * 200, "d", fuzzy=True, before="e\n\nf  g\n\nh", notes=notes),
        Entry("b.code", "{n}\\n"),
    ]
    path = tmp_path / "words.po"
    path.write_text(written(given, "es"), encoding="utf-8")
    assert read(path) == given
    with path.open(encoding="utf-8") as file:
        catalog = read_po(file, abort_invalid=True)
    assert str(catalog.locale) == "es"
    assert [message.fuzzy for message in catalog if message.id] == [False, True, False]


def test_an_update_keeps_what_has_moved_and_marks_what_has_changed() -> None:
    old = [Entry("a", "The first.", "El primero."), Entry("b", "Two.", "Dos."), Entry("c.code", "mat", "felpudo")]
    new = updated(old, [("a2", "The first."), ("b", "Two and a half."), ("c.code", "sofa"), ("d", "New.")])
    assert new == [
        Entry("a2", "The first.", "El primero."),
        Entry("b", "Two and a half.", "Dos.", fuzzy=True, before="Two."),
        Entry("c.code", "sofa"),
        Entry("d", "New."),
    ]
    again = updated(new, [("a2", "The first."), ("b", "Two."), ("c.code", "sofa"), ("d", "New.")])
    assert again[1] == Entry("b", "Two.", "Dos.")


@pytest.fixture
def spanish(tmp_path: Path) -> Edition:
    """Give a copy of the words and of what is made from them."""
    copied = Edition("es", tmp_path)
    for source in SOURCES:
        for path in (copied.words(source), copied.made(source)):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes((SPANISH.folder / path.relative_to(tmp_path)).read_bytes())
    return copied


@pytest.mark.parametrize("name", ["temperature.ipynb", "run.md"])
def test_a_file_that_is_changed_by_hand_is_seen(spanish: Edition, name: str) -> None:
    path = spanish.folder / name
    report.none(translations.made_problems(spanish, BOOK / name))
    path.write_text(re.sub(r"\bel\b", "la", path.read_text(encoding="utf-8"), count=1), encoding="utf-8")
    report.one(translations.made_problems(spanish, BOOK / name), name, "make translations")
    path.unlink()
    report.one(translations.made_problems(spanish, BOOK / name), name, "make translations")


def test_a_file_of_no_english_one_is_seen(spanish: Edition) -> None:
    report.none(translations.strangers(spanish, SOURCES))
    found = translations.strangers(spanish, SOURCES[1:])
    assert [problem.split()[0] for problem in found] == ["attention.ipynb", "attention.po"]


def test_links_lead_to_translated_headings(spanish: Edition) -> None:
    chapter = spanish.notebook(TEMPERATURE)
    links = re.findall(r"\]\(#([^)]+)\)", "\n".join(cell.source for _, cell in chapter.cells("markdown")))
    assert "equation-tempered" in links
    assert any(link.startswith("para-saber-más-") for link in links)


def test_a_text_without_a_translation_stays_in_english(tmp_path: Path) -> None:
    empty = Edition("es", tmp_path)
    for source in SOURCES:
        empty.update(source)
    for source in SOURCES:
        if source.suffix == ".md":
            assert empty.page(source) == source.read_text(encoding="utf-8")
        report.none(translations.title_problems(empty, source))
        report.none(translations.exercise_problems(empty, source))


def test_who_translates_a_heading_of_one_chapter_moves_the_links_of_all(
    spanish: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools.translations, "editions", lambda: [spanish])
    path = spanish.words(BOOK / "formula.ipynb")
    given = path.read_text(encoding="utf-8")
    path.write_text(given.replace("## Una primera idea", "## La primera idea"), encoding="utf-8")
    assert main(["formula"]) == 0
    assert "(formula.ipynb#la-primera-idea" in (spanish.folder / "questions.md").read_text(encoding="utf-8")


def outputs(edition: Edition) -> tuple[Notebook, Notebook]:
    return notebooks.read(TEMPERATURE), notebooks.read(edition.made(TEMPERATURE))


def first_output(notebook: Notebook, kind: str) -> NotebookNode:
    found = (output for _, cell in notebook.cells("code") for output in cell.outputs)
    return next(output for output in found if output.output_type == kind or kind in output.get("data", {}))


def test_another_number_in_an_output_is_seen() -> None:
    english, translated = outputs(SPANISH)
    printed = first_output(translated, "stream")
    printed.text = re.sub(r"\d\.\d+", "7.77", printed.text, count=1)
    report.one(translations.output_problems(english, translated), "temperature.ipynb, cell", "→ 7.77")


def test_another_number_in_a_figure_is_seen() -> None:
    english, translated = outputs(SPANISH)
    shown = first_output(translated, "image/svg+xml").data
    tampered = re.sub(r"<!-- (\d+) -->", "<!-- 77 -->", shown["image/svg+xml"], count=1)
    tampered = tampered if tampered != shown["image/svg+xml"] else tampered.replace("<!--", "<!-- 77 -->\n<!--", 1)
    shown["image/svg+xml"] = tampered
    report.one(translations.output_problems(english, translated), "temperature.ipynb, cell", "numbers")


def test_another_verdict_is_seen() -> None:
    source = BOOK / "solutions" / "temperature.ipynb"
    english, translated = (notebooks.read(path) for path in (source, SPANISH.made(source)))
    data = next(o.data for _, cell in translated.cells("code") for o in cell.outputs if "✓" in str(o.get("data")))
    data.update({kind: shown.replace("✓", "✗") for kind, shown in data.items()})
    report.one(translations.output_problems(english, translated), "solutions/temperature.ipynb, cell", "✓ → ✗")


def test_a_larger_figure_is_seen() -> None:
    english, translated = outputs(SPANISH)
    shown = first_output(translated, "image/svg+xml").data
    shown["image/svg+xml"] = re.sub(r'width="[\d.]+pt"', 'width="999pt"', shown["image/svg+xml"], count=1)
    report.one(translations.output_problems(english, translated), "the figure grew", "999.0")


def test_outputs_of_the_same_code_are_kept() -> None:
    made, stored = SPANISH.notebook(TEMPERATURE), notebooks.read(SPANISH.made(TEMPERATURE))
    assert made.node != stored.node
    before = copy.deepcopy(made.node)
    assert with_outputs(made, stored) == stored.node
    assert made.node == before
