"""The texts that the package shows, and their catalogs: ``python -m tools.messages`` brings these up to date.

A catalog is a PO file of gettext, ``minisoftmax/locale/<language>/LC_MESSAGES/<domain>.po``. A text whose English has
changed is *fuzzy* there until a translator has looked at it, and until then English is shown.
"""

import ast
import importlib
import io
import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from babel.messages import Catalog, mofile, pofile
from babel.messages.extract import extract

from minisoftmax.exercises import Exercise, names
from minisoftmax.exercises import _messages as say
from minisoftmax.exercises._exercise import TEXTS
from minisoftmax.explorers.explorer import folder
from minisoftmax.explorers.explorer import names as explorer_names
from tools import ROOT
from tools.notebooks import LANGUAGES

LOCALE = ROOT / "minisoftmax" / "locale"
HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""

Messages = dict[str, str]
"""English texts, each with where it stands."""


def of_exercises() -> Messages:
    """Collect what exercises and drawings show."""
    found: Messages = {}
    for chapter in dict.fromkeys(name.partition(".")[0] for name in names()):
        for put in importlib.import_module(f"minisoftmax.exercises.{chapter}").EXERCISES:
            for one in _versions(put):
                for place, text in _texts(one):
                    found.setdefault(text, f"{put.name}: {place}")
    for name, text in vars(say).items():
        if name.isupper():
            found.setdefault(text, name)
    return found | dict.fromkeys(_called("minisoftmax/plotting.py", "text"), "plotting")


def _versions(put: Exercise) -> Iterator[Exercise]:
    """Give an exercise with each choice of its numbers, the book's first."""
    yield put
    if put.vary is not None:
        for values in itertools.product(*put.numbers.values()):
            yield put.vary(**dict(zip(put.numbers, values, strict=True)))


def _texts(put: Exercise) -> Iterator[tuple[str, str]]:
    yield from ((name, getattr(put, name)) for name in TEXTS if getattr(put, name))
    yield from (("mistake", mistake.hint) for mistake in put.mistakes)
    yield from put.words.items()


def of_course() -> Messages:
    """Collect what stands on slides, handouts and in banks beside what they take from the book."""
    files = sorted((ROOT / "tools").glob("*.py"))
    return {text: file.name for file in files for name in ("say", "_either") for text in _called(file, name)}


def of_explorers() -> Messages:
    """Collect what explorers and the scripts of the pages say."""
    found = {folder(name).CAPTION: f"{name}: caption" for name in explorer_names()}
    for file in spoken():
        for text in _called(file, "_"):
            found.setdefault(text, str(file.relative_to(ROOT).as_posix()))
    return found


def spoken() -> list[Path]:
    """List the files whose texts are passed to a function that is named as in gettext."""
    package, book = ROOT / "minisoftmax" / "explorers", ROOT / "book"
    return sorted(
        [*package.rglob("*.js"), *package.rglob("*.py"), *book.glob("_static/*.js"), *book.glob("_ext*/*.js")]
    )


def _called(file: str | Path, *functions: str) -> Iterator[str]:
    """Give the texts that a file of code passes to functions of these names; in Python inside of f-strings, too."""
    source = (ROOT / file).read_text(encoding="utf-8")
    if Path(file).suffix == ".js":
        for _, message, _, _ in extract("javascript", io.BytesIO(source.encode()), keywords=dict.fromkeys(functions)):
            yield message if isinstance(message, str) else message[0]
        return
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(name) | ast.Attribute(attr=name), args=[ast.Constant(str(text)), *_]):
                if name in functions:
                    yield text


DOMAINS: Mapping[str, Callable[[], Messages]] = {
    "exercises": of_exercises,
    "explorers": of_explorers,
    "course": of_course,
}
"""What each catalog has to have."""


def catalogs(domain: str) -> list[Path]:
    """List the PO files of a domain, one for each language of the book."""
    return [LOCALE / language / "LC_MESSAGES" / f"{domain}.po" for language in LANGUAGES]


def read(path: Path) -> Catalog:
    """Read a PO file; that of a language which is new is empty."""
    if not path.exists():
        return Catalog(locale=path.parts[-3])
    with path.open(encoding="utf-8") as file:
        return pofile.read_po(file, locale=path.parts[-3], abort_invalid=True)


def updated(catalog: Catalog, messages: Messages) -> Catalog:
    """Bring a catalog up to date: new texts are empty, changed ones fuzzy, and those gone are dropped."""
    template = Catalog()
    for text, place in messages.items():
        template.add(text, auto_comments=[place])
    catalog.update(template)
    catalog.obsolete.clear()
    return catalog


def written(catalog: Catalog) -> str:
    """Write a PO file."""
    text = io.BytesIO()
    pofile.write_po(text, catalog, width=0, omit_header=True, include_previous=True)
    return HEADER.format(language=catalog.locale_identifier) + text.getvalue().decode().lstrip("\n")


class _Plain(Catalog):
    """A catalog without the dates and the version that Babel writes: the same texts give the same bytes."""

    mime_headers: Any = (("Content-Type", "text/plain; charset=UTF-8"),)


def compiled(catalog: Catalog) -> bytes:
    """Compile a catalog, as gettext reads it."""
    plain, written = _Plain(), io.BytesIO()
    for message in filter(lambda message: message.id, catalog):
        plain[message.id] = message
    mofile.write_mo(written, plain)
    return written.getvalue()


def main() -> None:
    """Update the catalogs of all languages, and compile them."""
    for domain, collect in DOMAINS.items():
        messages = collect()
        for path in catalogs(domain):
            catalog = updated(read(path), messages)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(written(catalog), encoding="utf-8", newline="\n")
            path.with_suffix(".mo").write_bytes(compiled(catalog))
            empty = sum(not message.string or message.fuzzy for message in catalog if message.id)
            print(f"{path.relative_to(LOCALE)}: {len(catalog)} texts, {empty} of them to translate")


if __name__ == "__main__":
    main()
