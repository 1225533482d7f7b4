"""Editions of the book in other languages, each made from the English one and a folder of words, ``book/<language>/``.

Beside each chapter, solution and page that is made there lies its PO file, for any program that translators use: the
English beside the translation, by the cells' ids. ``python -m tools.translations`` brings these files up to date with
the English, and writes and runs the notebooks; where the code is as before, their outputs stay (``--run`` runs all). An
entry whose English has changed is then *fuzzy*, until ``accept book/es/temperature.po goals`` says of it, by its name,
that the translation is right again.
"""

import ast
import copy
import difflib
import io
import re
import sys
import textwrap
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from babel.messages.pofile import denormalize, normalize, read_po
from nbformat import NotebookNode

from minisoftmax import language as package
from minisoftmax.exercises import names
from tools import exercises, notebooks
from tools.lessons import slug
from tools.notebooks import BOOK, LANGUAGES, Notebook

WORD = re.compile(r"[^\W\d_]{2,}")
NO_WORDS = re.compile(r"\{[^{}]*\}|\$[^$]*\$|\\.")
NAME = re.compile(r"[\w-]+([./_][\w-]+)+")  # of a module, a file, an argument
SHOWN = {"end", "form", "label", "labels", "prompt", "sep", "title", "xlabel", "ylabel"}
"""Arguments of functions that a reader sees; what others are given, such as ``ha="right"``, is code."""

QUOTED = re.compile(r"(?P<quote>\"{3}|'{3}|\"|')(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)", re.DOTALL)
WIDTH = 88

HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


@dataclass(frozen=True)
class Entry:
    """A text, its place, and its translation; what the English was before, where the translation is of that."""

    place: str
    english: str
    translated: str = ""
    fuzzy: bool = False
    before: str = ""
    notes: tuple[str, ...] = field(default=())


# The units of a text, in order, each with its place: a name that stays when the text changes.


def sources() -> list[Path]:
    """List what is translated: the English chapters, solutions and pages, but not the reference of the package."""
    return [*notebooks.paths("en"), *sorted(BOOK.glob("*.md"))]


def units(source: Path) -> list[tuple[str, str]]:
    """List the texts of an English notebook or page, each with its place."""
    if source.suffix == ".md":
        return [(place, text) for place, text in _parts(source.read_text(encoding="utf-8")) if place]
    return list(dict.fromkeys(_notebook_units(notebooks.read(source))))


def _notebook_units(notebook: Notebook) -> Iterator[tuple[str, str]]:
    """Give the texts of a notebook, but for the exercises of a chapter, which the package has in all languages."""
    put = _put_by_package(notebook)
    if description := notebook.own_metadata.get("description"):
        yield "description", description
    for _, cell in notebook.cells():
        if cell.id in put:
            continue
        if cell.cell_type == "markdown":
            yield cell.id, cell.source
        else:
            yield from ((f"{cell.id}.code", text) for _, _, text in literals(cell.source))
            if alt := _image(cell).get("alt"):
                yield f"{cell.id}.alt", alt


def _put_by_package(notebook: Notebook) -> set[str]:
    """Name the cells of a chapter that `tools.exercises` writes."""
    put = exercises.checks(notebook) if notebook.path.parent == BOOK else []
    return {cell.id for check in put if check.exercise in names() for cell in (check.question, check.cell)}


def _image(cell: NotebookNode) -> dict[str, str]:
    image: dict[str, str] = cell.metadata.get("mystnb", {}).get("image", {})
    return image


def literals(source: str) -> list[tuple[int, int, str]]:
    r"""List the texts with words in the code of a cell, comments too, without their quotes: start, end, text.

    >>> literals('ax.text(1, 2, f"{n} tokens", ha="right")  # a comment')
    [(16, 26, '{n} tokens'), (44, 53, 'a comment')]
    """
    lines = source.splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines))]
    found = []
    for node in _texts(ast.parse(source)):
        start, end = (
            starts[row - 1] + len(lines[row - 1].encode()[:column].decode())
            for row, column in ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
        )
        found += [
            (start + one.start("text"), start + one.end("text"), one["text"])
            for one in QUOTED.finditer(source[start:end])
        ]
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            start = starts[token.start[0] - 1] + token.start[1]
            text = token.string.lstrip("# ")
            found.append((start + len(token.string) - len(text), start + len(token.string), text))
    return sorted(one for one in found if WORD.search(NO_WORDS.sub(" ", one[2])) and not NAME.fullmatch(one[2]))


def _texts(node: ast.AST) -> Iterator[ast.expr]:
    """Give the texts in a piece of code that are not code themselves: no key, no option, no name of an exercise.

    But what another text is compared with is one, wherever it stands.
    """
    shown: list[ast.AST]
    code: ast.expr | None
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            yield node
            return
        case ast.keyword(arg=name, value=code) if name not in SHOWN:
            shown = []
        case ast.Call(func=ast.Name("check"), args=[code, *rest]):
            shown = list(rest)
        case ast.Subscript(value=value, slice=code):
            shown = [value]
        case _:
            shown, code = list(ast.iter_child_nodes(node)), None
    if code:
        shown += [inner for inner in ast.walk(code) if isinstance(inner, ast.Compare)]
    for child in shown:
        yield from _texts(child)


def _parts(page: str) -> Iterator[tuple[str, str]]:
    """Cut a page into its texts and what stands between them, which has no place."""
    if front := re.match(r"---\n(?:.*\n)*?description: (.*)\n(?:.*\n)*?---\n", page):
        yield "", page[: front.start(1)]
        yield "description", front[1]
        yield "", page[front.end(1) : front.end()]
        page = page[front.end() :]
    section, number = "top", 0
    for block in _blocks(page):
        if not WORD.search(block):
            yield "", block
            continue
        if heading := re.match(r"\s*#+ (.*)", block):
            section, number = slug(heading[1]), 0
        text = block.strip("\n")
        before, _, after = block.partition(text)
        yield "", before
        yield f"{section}.{number}" if number else section, text
        yield "", after
        number += 1


def _blocks(page: str) -> Iterator[str]:
    """Cut a page at its empty lines, but not inside of what is fenced."""
    fence, block = "", ""
    for line in page.splitlines(keepends=True):
        if not fence and (opening := re.match(r"`{3,}|:{3,}", line)):
            fence = opening[0]
        elif fence and line.strip() == fence:
            fence = ""
        block += line
        if not fence and not line.strip():
            yield block
            block = ""
    yield block


# The files of words.


def read(path: Path) -> list[Entry]:
    """Read a PO file."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    # Babel takes lines of the former English for comments, of which it keeps each one once: a number makes them differ.
    numbered = [
        line.replace("#|", f"#|{number}|", 1) if line[:2] == "#|" else line for number, line in enumerate(lines)
    ]
    return [
        Entry(
            str(message.context),
            str(message.id),
            str(message.string),
            message.fuzzy,
            _former([note.split("| ", 1)[1] for note in message.user_comments if note.startswith("|")]),
            tuple(note for note in message.user_comments if note and not note.startswith("|")),
        )
        for message in read_po(numbered, abort_invalid=True)
        if message.id
    ]


def _former(lines: Sequence[str]) -> str:
    return denormalize("\n".join(lines).removeprefix("msgid ")) if lines else ""


def written(entries: Sequence[Entry], language: str) -> str:
    """Write a PO file, with each line of a text on a line of its own."""
    return HEADER.format(language=language) + "\n".join(map(_lines, entries))


def _lines(entry: Entry) -> str:
    lines = [f"# {note}" for note in entry.notes] + ["#, fuzzy"] * entry.fuzzy
    if entry.before:
        lines += [f"#| {line}" for line in f"msgid {normalize(entry.before, width=0)}".split("\n")]
    for keyword, value in (("msgctxt", entry.place), ("msgid", entry.english), ("msgstr", entry.translated)):
        lines.append(f"{keyword} {normalize(value, width=0)}")
    return "\n".join(lines) + "\n"


def updated(entries: Sequence[Entry], wanted: Sequence[tuple[str, str]]) -> list[Entry]:
    """Bring entries up to date with the English: new ones are empty, changed ones fuzzy, and those gone are dropped.

    Where the English is again what was translated, the entry is right again.
    """
    old = {(entry.place, entry.english): entry for entry in entries}
    undone = {(entry.place, entry.before): replace(entry, fuzzy=False, before="") for entry in entries}
    moved = {entry.english: entry for entry in reversed(entries)}
    left = [entry for entry in entries if (entry.place, entry.english) not in set(wanted)]
    found = []
    for place, english in wanted:
        entry = old.get((place, english)) or undone.get((place, english)) or moved.get(english)
        if entry is None:
            here = {other.english: other for other in left if other.place == place}
            close = difflib.get_close_matches(english, here, n=1, cutoff=0.4 if place.endswith(".code") else 0)
            changed = here[close[0]] if close else Entry(place, english)
            left = [other for other in left if other is not changed]
            stale = bool(changed.translated)
            before = (changed.before or changed.english) if stale else ""
            entry = replace(changed, fuzzy=stale, before=before)
        found.append(replace(entry, place=place, english=english))
    return found


def accepted(entries: Sequence[Entry], places: Sequence[str]) -> list[Entry]:
    """Take these entries as right again; an entry for a text in code can be named by the text, too."""
    unknown = set(places) - {name for entry in entries for name in (entry.place, entry.english)}
    if unknown or not places:
        raise ValueError(f"no entries {sorted(unknown)}: name those that you have looked at, one by one")
    return [
        replace(entry, fuzzy=False, before="") if {entry.place, entry.english} & set(places) else entry
        for entry in entries
    ]


# What is made from them.


@dataclass(frozen=True)
class Edition:
    """The book in another language, and the folder with its words. It reads the anchors of a page once."""

    language: str
    folder: Path
    _known: dict[Path, dict[str, str]] = field(default_factory=dict, compare=False, repr=False)

    def words(self, source: Path) -> Path:
        """Say where the words for an English notebook or page are."""
        return self.made(source).with_suffix(".po")

    def made(self, source: Path) -> Path:
        """Say where the translated notebook or page is stored."""
        return self.folder / source.relative_to(BOOK)

    def update(self, source: Path) -> None:
        """Bring the words for a source up to date with its English."""
        path = self.words(source)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written(updated(read(path), units(source)), self.language), encoding="utf-8", newline="\n")

    def page(self, source: Path) -> str:
        """Translate a page."""
        translations = self._translations(source)
        parts = _parts(source.read_text(encoding="utf-8"))
        return "".join(self._led(translations.get((place, part), part), source) for place, part in parts)

    def notebook(self, source: Path) -> Notebook:
        """Translate a notebook; it has no outputs."""
        translations = self._translations(source)
        node = copy.deepcopy(notebooks.read(source).node)
        own = node.metadata.get("minisoftmax", {})
        if "description" in own:
            own.description = translations.get(("description", own.description), own.description)
        for cell in node.cells:
            if cell.cell_type == "markdown":
                cell.source = self._led(translations.get((cell.id, cell.source), cell.source), source)
                continue
            if alt := _image(cell).get("alt"):
                cell.metadata.mystnb.image.alt = translations.get((f"{cell.id}.alt", alt), alt)
            for start, end, english in reversed(literals(cell.source)):
                given = translations.get((f"{cell.id}.code", english), english)
                cell.source = cell.source[:start] + given + cell.source[end:]
            cell.outputs, cell.execution_count = [], None
        if source.parent == BOOK:
            package.use(self.language)
            try:
                node = exercises.written(Notebook(source, node))
            finally:
                package.use("en")
        first = next(cell for cell in node.cells if cell.cell_type == "code")
        first.source = speaking(first.source, self.language)
        return Notebook(self.made(source), notebooks.clean(node))

    def write(self, source: Path, *, run: bool = False, never: bool = False) -> None:
        """Write a translated notebook or page; a notebook is run if its code is new, or if it is to be run anyway.

        One that is never to be run is left as it is where its code is new.
        """
        path = self.made(source)
        if source.suffix == ".md":
            path.write_text(self.page(source), encoding="utf-8", newline="\n")
            return
        made = self.notebook(source)
        if run or not path.exists() or _code(made) != _code(stored := notebooks.read(path)):
            if never:
                return
            node = notebooks.execute(made)
            print(f"{made.name}: run", flush=True)
        else:
            node = with_outputs(made, stored)
        path.write_text(notebooks.text(notebooks.clean(node)), encoding="utf-8", newline="\n")

    def _translations(self, source: Path) -> dict[tuple[str, str], str]:
        """Give the translations by place and English; those of a former English stand in for what is not there yet."""
        entries = read(self.words(source))
        return {(entry.place, entry.english): entry.translated for entry in entries if entry.translated}

    def _led(self, text: str, source: Path) -> str:
        """Let links lead to the translated headings, and to the English pages where there are no others."""

        def led(link: re.Match[str]) -> str:
            file, mark, anchor = link[1].partition("#")
            linked = (source.parent / file).resolve() if file else source
            if linked.is_relative_to(BOOK) and self.words(linked).exists():
                anchor = self._anchors(linked).get(anchor, anchor) if anchor else ""
            elif linked.exists():
                file = f"../{file}"
            return f"]({file}{mark}{anchor})"

        return re.sub(r"\]\((?!\w+:)([^()\s]+)\)", led, text)

    def _anchors(self, source: Path) -> dict[str, str]:
        """Give the anchors of the translated headings by the English ones."""
        if source not in self._known:
            translations = self._translations(source)
            pairs = [(english, translations.get((place, english), english)) for place, english in units(source)]
            ours, theirs = (map(slug, _headings("\n".join(texts))) for texts in zip(*pairs, strict=True))
            self._known[source] = dict(zip(ours, theirs, strict=False))
        return self._known[source]


def _headings(text: str) -> list[str]:
    return re.findall(
        r"^#{1,3} +(.*?) *$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE
    )


def speaking(code: str, language: str) -> str:
    r"""Let the first cell of a notebook choose the language of the package.

    >>> print(speaking("from minisoftmax import explorers\n\nexplorers.contexts(5.0, 100)", "es"))
    from minisoftmax import explorers, language
    <BLANKLINE>
    language.use("es")
    explorers.contexts(5.0, 100)
    """
    lines = code.split("\n")
    imports = [node for node in ast.parse(code).body if isinstance(node, ast.Import | ast.ImportFrom)]
    ours = [
        node for node in imports if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith("minisoftmax.")
    ]
    place, names, end = imports[-1].lineno, ["language"], imports[-1].end_lineno or 0
    if ours:
        place = ours[0].lineno - 1
        if ours[0].module == "minisoftmax":
            names += [alias.name for alias in ours[0].names]
            end -= (ours[0].end_lineno or 0) - place
            del lines[place : ours[0].end_lineno]
    line = [f"from minisoftmax import {', '.join(sorted(names))}"]
    if len(line[0]) > WIDTH:
        inside = textwrap.fill(", ".join(sorted(names)) + ",", WIDTH - 4)
        line = ["from minisoftmax import (", *textwrap.indent(inside, "    ").split("\n"), ")"]
    lines[place:place] = line
    end += len(line)
    return "\n".join(
        [*lines[:end], "", f'language.use("{language}")', *"\n".join(lines[end:]).lstrip("\n").split("\n")]
    ).rstrip("\n")


def _code(notebook: Notebook) -> list[tuple[str, str]]:
    return [(cell.id, cell.source) for _, cell in notebook.cells("code")]


def with_outputs(made: Notebook, stored: Notebook) -> NotebookNode:
    """Return a copy of a notebook with the outputs of another one that has the same code."""
    node = copy.deepcopy(made.node)
    cells = (cell for cell in node.cells if cell.cell_type == "code")
    for cell, (_, run) in zip(cells, stored.cells("code"), strict=True):
        cell.outputs, cell.execution_count = run.outputs, run.execution_count
    return node


def editions() -> list[Edition]:
    """Give the book in each of its other languages."""
    return [Edition(language, BOOK / language) for language in LANGUAGES]


def main(arguments: Sequence[str]) -> int:
    """Update the words and write what is made from them; or accept entries of one file."""
    match arguments:
        case ["accept", path, *places]:
            file = Path(path).resolve()
            language = file.relative_to(BOOK).parts[0]
            file.write_text(written(accepted(read(file), places), language), encoding="utf-8", newline="\n")
        case _:
            chosen = {name for name in arguments if name != "--run"}
            for edition in editions():
                for source in sources():
                    edition.update(source)
                for source in sources():  # all of them, since links lead to headings of others
                    wanted = not chosen or source.stem in chosen
                    edition.write(source, run=wanted and "--run" in arguments, never=not wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
