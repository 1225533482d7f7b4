"""The catalogs of the package and of the kit have every text, and say what the English says."""

import gettext
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.catalog import Message

from minisoftmax import language
from tests.book import report
from tools import messages
from tools.notebooks import BOOK

translations = pytest.importorskip("tests.book.translations")
TEXTS = {domain: collect() for domain, collect in messages.DOMAINS.items()}
CATALOGS = [path for domain in TEXTS for path in messages.catalogs(domain)]
PLACE = re.compile(r"\{[^{}]*\}")

SENTENCES = [path for path in CATALOGS if path.stem != "explorers"]  # labels: see tests/package/test_explorer_words.py


def each(paths: Sequence[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.relative_to(messages.LOCALE).as_posix())


def problems(catalog: Catalog, wanted: messages.Messages, language: str) -> Iterator[str]:
    """Find texts without a translation, translations without a text, and those that say something else."""
    entries = {str(message.id): message for message in catalog if message.id}
    for english in wanted.keys() - entries.keys():
        yield f"{english!r} is missing. Run `python -m tools.messages`."
    for english, message in entries.items():
        if english not in wanted:
            yield f"{english!r} is shown nowhere. Run `python -m tools.messages`."
        elif not message.string or message.fuzzy:
            yield f"{english!r} has {'a translation of a former text' if message.string else 'no translation'}"
        else:
            yield from (f"{english!r}: {problem}" for problem in differences(message, language))


def differences(message: Message, language: str) -> list[str]:
    """Compare a text with its translation: what is filled in, and all that is compared in the book's texts."""
    texts = str(message.id), str(message.string)
    ours, theirs = (Counter(PLACE.findall(re.sub(r"\\text\{.*?\}", "", text))) for text in texts)
    if ours != theirs:
        return [f"places: only in English {[*(ours - theirs)]}, only here {[*(theirs - ours)]}"]
    english, translated = (PLACE.sub("§", text) for text in texts)
    entry = translations.Entry("", english, translated, notes=tuple(filter(None, message.user_comments)))
    found: list[str] = translations.entry_problems(entry, translations.words(BOOK / language))
    return found


@each(SENTENCES)
def test_every_text_is_translated_and_says_the_same(path: Path) -> None:
    report.none(list(problems(messages.read(path), TEXTS[path.stem], path.parts[-3])))


@each(CATALOGS)
def test_what_is_stored_is_what_is_written_and_compiled(path: Path) -> None:
    catalog = messages.read(path)
    assert path.read_text(encoding="utf-8") == messages.written(catalog), "run `python -m tools.messages`"
    assert path.with_suffix(".mo").read_bytes() == messages.compiled(catalog), "run `python -m tools.messages`"


def test_each_language_has_all_the_catalogs() -> None:
    for folder in messages.LOCALE.iterdir():
        assert {path.stem for path in (folder / "LC_MESSAGES").glob("*.po")} >= TEXTS.keys(), folder.name


def test_a_new_language_begins_with_empty_catalogs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "LOCALE", tmp_path)
    monkeypatch.setattr(messages, "LANGUAGES", ("fr",))
    monkeypatch.setattr(messages, "DOMAINS", {"exercises": lambda: {"Hint": "here"}})
    monkeypatch.setattr(language, "_LOCALE", tmp_path)
    messages.main()
    [path] = messages.catalogs("exercises")
    assert len(list(problems(messages.read(path), {"Hint": "here"}, "es"))) == 1, "it has no translation"
    language.use("fr")
    try:
        assert language.text("Hint") == "Hint"
    finally:
        language.use("en")


ENGLISH = "The first is right. Add {shift} to both of the three logits $z$, not 2.5, in `np.exp`."
SPANISH = "El primero es correcto. Suma {shift} a ambos de los tres logits $z$, no 2.5, en `np.exp`."


def tampered(said: str = "", instead: str = "", english: str = ENGLISH) -> list[str]:
    catalog = Catalog(locale="es")
    catalog.add(ENGLISH, SPANISH.replace(said, instead) if said else SPANISH)
    return list(problems(catalog, {english: "here"}, "es"))


def test_a_translation_is_no_false_alarm() -> None:
    report.none(tampered())


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("{shift}", "{factor}"),
        ("{shift}", "{shift:.2f}"),
        ("{shift}", "esto"),
        ("2.5", "2,5"),
        ("$z$", "$x$"),
        ("`np.exp`", "`np.log`"),
        ("tres", "cuatro"),
        ("primero", "segundo"),
        (", no ", ", sí "),
        ("correcto. Suma", "correcto, suma"),
        (SPANISH, ENGLISH),
        (SPANISH, ""),
    ],
)
def test_what_says_something_else_is_seen(said: str, instead: str) -> None:
    assert said in SPANISH
    assert tampered(said, instead)


def test_a_changed_text_is_missing_and_its_translation_is_left_over() -> None:
    assert len(tampered(english=ENGLISH.replace("right", "wrong"))) == 2


def test_the_translation_of_a_changed_text_is_kept_but_not_shown() -> None:
    catalog, changed = Catalog(locale="es"), ENGLISH.replace("2.5", "3.5")
    catalog.add(ENGLISH, SPANISH)
    now = messages.updated(catalog, {changed: "here", "A new one.": "there"})
    assert [(message.id, message.string or "", message.fuzzy) for message in now if message.id] == [
        (changed, SPANISH, True),
        ("A new one.", "", False),
    ]
    assert "#| msgid" in messages.written(now)
    assert len(list(problems(now, {changed: "here", "A new one.": "there"}, "es"))) == 2
    shown = gettext.GNUTranslations(io.BytesIO(messages.compiled(now)))
    assert shown.gettext(changed) == changed
