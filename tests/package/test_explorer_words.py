"""Explorers and the scripts of the pages in another language: what they say goes through the catalog."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from babel.messages.extract import extract

from minisoftmax import explorers, language
from minisoftmax.data import load_language_model
from minisoftmax.explorers.explorer import table
from tests.explorers import NAMES, example, html
from tools import messages

ASKED = messages.of_explorers()


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """Leave the language as it was."""
    yield
    language.use("en")


# The catalogs themselves are checked in tests/book/test_messages.py.


def calls(text: str) -> int:
    """Count the calls of `_`, but for its own definition and for what stands in no literal."""
    return len(re.findall(r"\b_\((?!english, values)(?!folder\(name\)\.CAPTION)", text))


def read(text: str, kind: str) -> list[str]:
    """Give what Babel reads, as a tool for translators does."""
    found = extract(kind, BytesIO(text.encode()), keywords={"_": None})
    return [message if isinstance(message, str) else message[0] for _, message, _, _ in found]


@pytest.mark.parametrize("file", messages.spoken(), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_call_has_a_literal_text(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    found = read(text, "javascript" if file.suffix == ".js" else "python")
    assert len(found) == calls(text)
    assert set(found) <= set(ASKED)
    if file.suffix == ".js":
        assert set(json.loads(table(text, "es"))) == set(found), "a page knows what the catalog knows"


@pytest.mark.parametrize(
    "call", ["this._(text)", "this._(`Reset`)", '`${this._("Reset")}`', 'this._("{a}", { a: this._("b") })']
)
def test_a_call_that_no_tool_sees_is_red(call: str) -> None:
    assert len(read(call, "javascript")) != calls(call) or json.loads(table(call, "es")).keys() != {"Reset"}


# What Python says


def seen(explorer: explorers.Explorer) -> list[str]:
    """List what a picture and its words say: the description, the summary, the caption, the texts in the picture."""
    picture = re.search(r'src="data:image/svg\+xml,([^"]*)" alt="([^"]*)"', explorer.picture)
    assert picture
    drawn = ElementTree.fromstring(unquote(picture[1].replace("&amp;", "&")))
    texts = [part.text or "" for part in drawn.iter("{http://www.w3.org/2000/svg}text")]
    caption = re.search(r" caption='([^']*)'", explorer.html)
    assert caption
    return [picture[2], repr(explorer), caption[1], *texts]


def untranslated(english: list[str], other: list[str], given: str) -> list[str]:
    """List what is the same in both languages, and is neither a number nor a name, nor was given."""
    names = {*re.findall(r"[a-z]+", given.lower()), *load_language_model().vocabulary, "softmax", "float", "bfloat"}
    same = [a for a, b in zip(english, other, strict=True) if a == b]
    return [text for text in same if {*re.findall("[a-z]{2,}", text.lower())} - names]


@pytest.mark.parametrize("name", NAMES)
def test_pictures_and_summaries_are_translated(name: str) -> None:
    english = example(name)
    language.use("es")
    spanish = example(name)
    assert untranslated(seen(english), seen(spanish), json.dumps(english.settings)) == []
    numbers = [Counter(re.findall(r"\d+(?:\.\d+)?", " ".join(seen(made)))) for made in (english, spanish)]
    assert numbers[0] == numbers[1]
    assert untranslated(seen(english), seen(english), json.dumps(english.settings)) != [], "that would be found"


# What a notebook stores


@pytest.mark.parametrize("name", NAMES)
def test_only_an_explorer_in_another_language_brings_words(name: str) -> None:
    before = html(example(name))
    language.use("es")
    spanish = example(name)
    language.use("en")
    assert html(example(name)) == before
    assert " lang=" not in before
    assert " words=" not in before
    stored = html(spanish)
    assert re.match(rf"<{name}-explorer settings='[^']*' [^>]* words='[^']*' lang='es'>", stored), "made in Spanish"
    assert re.findall("<script .*</script>", stored, re.DOTALL) == re.findall("<script .*</script>", before, re.DOTALL)
    assert repr(spanish).startswith("<explorador ")
    assert len(stored.encode()) - len(before.encode()) < 4000
