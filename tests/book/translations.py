"""A translation says what the English says, as far as a program can see; and what is made from it is stored.

Each text has the same structure, formulas, code, links and numbers, paragraph by paragraph; and sentence by sentence,
as many numbers in words and as many negations. Where a language needs another count, the entry says why, in a comment
that begins as the problem does.
"""

import ast
import difflib
import functools
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from minisoftmax import language as package
from minisoftmax.exercises import exercise, names
from tests.book import markdown, prose
from tools import notebooks
from tools.notebooks import Notebook
from tools.translations import WORD, Edition, Entry, read, units, with_outputs

Counts = dict[str, tuple[int, int]]
"""How often something is said, at least and at most."""


@dataclass(frozen=True)
class Words:
    """What is counted in a language, as patterns: of each pair, what the second one finds may be none.

    ``less`` is not counted: where one text has a sure word of it, the other has one too, or a possible one.

    An edition has its own in ``words.toml``, where it says what each is for.
    """

    numbers: Mapping[str, Sequence[str]]
    negations: Sequence[str]
    less: Sequence[str]
    no_negations: str = ""
    repeated: str = ""
    after_another: str = ""
    unless_after: str = ""
    english: str = ""
    conjunction: str = "and"
    thousands: str = ","


ENGLISH = Words(
    numbers={
        "always": ("always", "for ever|mostly|usually"),
        "never": ("never", "ever"),
        "0": ("zero(e?s)?", ""),
        "½": ("half|halves?|halv(ed|ing)", ""),
        "first": ("(?<!at )firsts?(?! *([.,;:)]|$))", "at first|first(?= *([.,;:)]|$))"),
        "2": (
            "two|twice|doubl(e[sd]?|ing)|(?<!a )(?<!per )seconds?",
            "both|pairs?|neither|(?<=a )second|(?<=per )second",
        ),
        "3": ("three(?! hundred)|thirds?|triple[sd]?", ""),
        "4": ("four(?! hundred)|fourths?|quarters?", ""),
        "5": ("five|fifths?", ""),
        "6": ("six|sixths?", ""),
        "7": ("seven|sevenths?", ""),
        "8": ("eight|eighths?", ""),
        "9": ("nine|ninths?", ""),
        "10": ("ten|tenths?|tens", ""),
        "11": ("eleven", ""),
        "12": ("twelve|dozens?", ""),
        "16": ("sixteen", ""),
        "20": ("twenty", ""),
        "30": ("thirty", ""),
        "40": ("forty", ""),
        "50": ("fifty", ""),
        "60": ("sixty", ""),
        "100": ("(?<!three )(?<!four )hundreds?|hundredths?", ""),
        "300": ("three hundred", ""),
        "400": ("four hundred", ""),
        "1000": ("thousands?|thousandths?", ""),
        "1000000": ("millions?|millionths?", ""),
        "1000000000": ("billions?", ""),
        "1000000000000": ("trillions?", ""),
    },
    negations=(
        "not|cannot|no|never|nothing(?! but)|none|nobody|nowhere|neither|without|\\w+n[’']t",
        "nor|hardly|unless|until|nothing but|all but|anything but",
    ),
    less=(
        "less(er)?|fewer|smaller|smallest|lower(?! case)|lowest|least|decreas\\w+|shrinks?|narrower"
        "|shorter|weaker|slower|worse|small",
        "minus|down|downhill|little|not more|no more|at most|behind|drops?|los(es?|t)|within|colder"
        "|cheaper|low|short|minim\\w+|without|rare\\w*|shallow\\w*|cool\\w*|tiny|few|lightly"
        "|subtract\\w*|inside|half|thin\\w*|below|beneath|under|fall(s|en|ing)?|fell|worst|slow"
        "|lower(s|ed|ing)|but|except|relative|less",
    ),
)


@functools.cache
def words(folder: Path) -> Words:
    """Read those of an edition."""
    return Words(**tomllib.loads((folder / "words.toml").read_text(encoding="utf-8")))


def problems(edition: Edition, source: Path, entries: Sequence[Entry] | None = None) -> list[str]:
    """Find texts of a source that have no translation, one of another English, or one that says something else."""
    file = notebooks.name(edition.words(source))
    given = {
        (entry.place, entry.english): entry for entry in (read(edition.words(source)) if entries is None else entries)
    }
    wanted = units(source)
    found = []
    for place, english in wanted:
        entry = given.pop((place, english), None)
        if entry is None:
            former = next((key for key in given if key[0] == place and key not in wanted), None)
            if former:
                del given[former]
            what = f"has changed:\n{changes(former[1], english)}" if former else f"{english[:60]!r} has no entry"
            found.append(f"{file}: {place} {what}")
        elif entry.fuzzy:
            found.append(f"{file}: {place} is a translation of another text:\n{changes(entry.before, english)}")
        elif not entry.translated:
            found.append(f"{file}: {place} {english[:60]!r} has no translation")
        else:
            found += [f"{file}: {place}: {problem}" for problem in entry_problems(entry, words(edition.folder))]
    found += [f"{file}: {place} {english[:60]!r} is in no text" for place, english in given]
    return found


def changes(before: str, now: str) -> str:
    """Show what has changed, sentence by sentence."""
    then, new = (re.split(r"(?<=[.!?])\s+|\n+", text) for text in (before, now))
    return "\n".join(list(difflib.unified_diff(then, new, n=0, lineterm=""))[2:])


def entry_problems(entry: Entry, language: Words) -> list[str]:
    """Find where a translation differs, and no comment gives the reason; and comments without a difference."""
    notes = {key: reason for key, _, reason in (note.partition(": ") for note in entry.notes)}
    found = dict(differences(entry, language))
    problems = [f"{key}: {detail}" for key, detail in found.items() if len(notes.get(key, "").split()) < 2]
    return problems + [f"the comment “{key}” excuses nothing. Remove it." for key in notes.keys() - found.keys()]


def differences(entry: Entry, language: Words) -> Iterator[tuple[str, str]]:
    """Compare a text and its translation: give what differs, and how."""
    code = entry.place.endswith(".code")
    texts = [entry.english, entry.translated]
    ours, theirs = ([text] if code else re.split(r"\n\s*\n", text.strip()) for text in texts)
    if len(ours) != len(theirs):
        yield "structure", f"{len(ours)} paragraphs became {len(theirs)}"
        ours, theirs = ([text] for text in texts)
    for number, (a, b) in enumerate(zip(ours, theirs, strict=True), start=1):
        where = f"paragraph {number}, " if len(ours) > 1 else ""
        for what, of in CODE.items() if code else TEXT.items():
            x, y = Counter(of(a)), Counter(of(b))
            if x != y:
                yield f"{where}{what}", f"only in English {[*(x - y).elements()]}, only here {[*(y - x).elements()]}"
        plain = _plain if code else _said
        yield from ((where + key, detail) for key, detail in _sentence_differences(plain(a), plain(b), language))
        other = [number for number in GROUPED.findall(_said(b)) if number[-4] != language.thousands]
        if other and not code:
            yield f"{where}thousands", f"{other} want {language.thousands!r} between the thousands"
        if english := _english(plain(ITALIC.sub(" ", a)), plain(ITALIC.sub(" ", b)), language):
            yield f"{where}English", f"{english} in {plain(b)[:60]!r}"


def _english(text: str, translated: str, language: Words) -> list[str]:
    """Find words that are still in English; a single one may be a name, a key, or an example in italics."""
    if len(translated.split()) < 2:
        return []
    if text == translated and len(PLAIN_WORD.findall(text)) > 1:
        return [text]
    if same := _runs(text) & _runs(translated):
        return sorted(same)
    return re.findall(rf"\b(?:{language.english})\b", translated, re.IGNORECASE)


def _runs(text: str) -> set[str]:
    """Give each three words in a row that are no names."""
    words = re.findall(r"\w+|[^\w\s]", text)
    runs = [words[at : at + 3] for at in range(len(words) - 2)]
    return {" ".join(run) for run in runs if all(word.isalpha() and word.islower() and len(word) > 1 for word in run)}


GROUPED = re.compile(r"(?<![\d.])\d{1,3}(?:[,\u2009\u202f]\d{3})+(?!\d)")
NAMED = re.compile(r"\{[^{}]*\}|\\.")
_ATTRIBUTE = re.compile(r'\b(?!(?:unit|more|less)\b)([\w-]+)="([^"]*)"')
ITALIC = re.compile(r"(?<!\*)\*[^*\s]+\*(?!\*)")
PLAIN_WORD = re.compile(r"(?<!\S)\W*[^\W\d_]{2,}\W*(?!\S)")
DIRECTIVE = re.compile(r"^(?:`{3,}|:{3,})\{.*", re.MULTILINE)
OPTION = re.compile(r"^:\w+: (?=[^a-z])(.*)", re.MULTILINE)
_SAID = re.compile(r'\b(?:unit|more|less)="([^"]*)"')


def _math(text: str) -> list[str]:
    return [re.sub(r"\\text\w*\{[^{}]*\}|\s+", "", span.text) for span in markdown.spans(text) if span.kind == "math"]


def _code(text: str) -> list[str]:
    fenced = [
        line for block in re.findall(r"^```(?!\{).*?^```", text, re.MULTILINE | re.DOTALL) for line in block.split("\n")
    ]
    return [span.text for span in markdown.spans(text) if span.kind == "code"] + fenced


def _links(text: str) -> list[str]:
    return [f"{span.kind} {span.target}" for span in markdown.spans(text) if span.target]


def _tags(text: str) -> list[str]:
    return re.findall(r"</?[a-z][\w-]*", text) + [f'{name}="{value}"' for name, value in _ATTRIBUTE.findall(text)]


def _structure(text: str) -> list[str]:
    return markdown.structure(text) + re.findall(r"^:\w+:", text, re.MULTILINE) + DIRECTIVE.findall(text)


def _numbers(text: str) -> list[str]:
    shown = "\n".join(markdown.readable(block) for block in markdown.blocks(text))
    return prose.plain_numbers("\n".join([re.sub(r"\$[^$]*\$", " ", shown), *_SAID.findall(text)]))


TEXT = {"math": _math, "code": _code, "links": _links, "tags": _tags, "structure": _structure, "numbers": _numbers}
CODE = {
    "placeholders": lambda text: [
        re.sub(r"^([^!:]*)(![rsa])?:?[<>=^]?[+-]?\d*(?=[.,\w%]*$)", r"\1\2:", field)
        for field in re.findall(r"\{([^{}]*)\}", text)
    ],
    "escapes": lambda text: re.findall(r"\\.", text),
    "math": lambda text: re.findall(r"\$[^$]*\$", text),
    "numbers": lambda text: prose.plain_numbers(NAMED.sub(" ", text)),
}


def _plain(text: str) -> str:
    """Give the words of a text in code, without what is filled in."""
    return NAMED.sub(" ", text)


def _said(text: str) -> str:
    """Give what a reader sees as words."""
    said = " | ".join(markdown.readable(block) for block in markdown.blocks(DIRECTIVE.sub("```{note}", text)))
    return " ".join([re.sub(r"\$[^$]*\$", " $ ", said), *_SAID.findall(text), *OPTION.findall(text)])


CLAUSES = re.compile(r"[.,;:?!()—«»|\n]")
_SENTENCE = re.compile(r"(?:(?<=[.!?])|(?<=\w…))[”»\")]*(?=\s|$)")


def _sentence_differences(english: str, translated: str, language: Words) -> Iterator[tuple[str, str]]:
    ours, theirs = ([part for part in _SENTENCE.split(text) if WORD.search(part)] for text in (english, translated))
    if max(len(ours), 1) != max(len(theirs), 1):
        yield f"sentences {len(ours)} → {len(theirs)}", translated[:80]
        ours, theirs = [english], [translated]
    for number, (a, b) in enumerate(zip(ours, theirs, strict=False), start=1):
        where = f"sentence {number}, " if len(ours) > 1 else ""
        x, y = said(a, ENGLISH), said(b, language)
        for what in sorted(x.keys() | y.keys()):
            (low, high), (least, most) = x.get(what, (0, 0)), y.get(what, (0, 0))
            if low > most or least > high:
                yield f"{where}{what} {low} → {least}", f"{a.strip()!r}, {b.strip()!r}"
        (low, high), (least, most) = (_counted(part, *of.less) for part, of in ((a, ENGLISH), (b, language)))
        if (low and not most) or (least and not high):
            yield f"{where}less {low} → {least}", f"{a.strip()!r}, {b.strip()!r}"
        for clause in _alone(b, language) if language.after_another else ():
            yield f"{where}negation alone", f"“{clause}” has lost a word of negation"


def said(sentence: str, language: Words) -> Counts:
    """Count the numbers in words and the negations of a sentence."""
    found = {f"“{value}”": _counted(sentence, *patterns) for value, patterns in language.numbers.items()}
    sure, perhaps = language.negations
    text, more = re.subn(rf"\b({perhaps})\b", " ", sentence, flags=re.IGNORECASE)
    if language.no_negations:
        text = re.sub(rf"\b({language.no_negations})\b", " ", text, flags=re.IGNORECASE)
    low = 0
    for clause in CLAUSES.split(text):
        negations = [match[0] for match in re.finditer(rf"\b({sure})\b", clause, re.IGNORECASE)]
        repeated = [word for word in negations[1:] if language.repeated and re.fullmatch(language.repeated, word, re.I)]
        low += len(negations) - len(repeated)
    return {**found, "negations": (low, low + more)}


def _alone(sentence: str, language: Words) -> Iterator[str]:
    """Give the clauses in which a negation has lost the one that it repeats."""
    for clause in CLAUSES.split(sentence):
        found = re.search(rf"\b(?:{language.after_another})\b", clause, re.IGNORECASE)
        before = clause[: found.start()] if found else ""
        if before.strip() and not re.search(
            rf"\b(?:{language.negations[0]})\b|\b(?:{language.unless_after})\W*$", before, re.I
        ):
            yield clause.strip()


def _counted(text: str, sure: str, perhaps: str) -> tuple[int, int]:
    low, more = (len(re.findall(rf"\b(?:{one})\b", text, re.IGNORECASE)) if one else 0 for one in (sure, perhaps))
    return low, low + more


def leftover_problems(edition: Edition, source: Path) -> list[str]:
    """Find texts in the code of a notebook that are translated in one place, and in English in another."""
    entries = [entry for entry in read(edition.words(source)) if entry.place.endswith(".code")]
    changed = {entry.english: entry.translated for entry in entries if entry.translated not in ("", entry.english)}
    return [
        f"{place}: {text.value!r} is {changed[text.value]!r} elsewhere in this notebook."
        for place, cell in edition.notebook(source).cells("code")
        for text in ast.walk(notebooks.tree(cell))
        if isinstance(text, ast.Constant) and text.value in changed
    ]


def title_problems(edition: Edition, source: Path, entries: Sequence[Entry] | None = None) -> list[str]:
    """Find links that have the title of a page in English, and not its title in the translation."""
    problems = []
    for entry in _translated(edition, source) if entries is None else entries:
        for words, target in re.findall(r"\[([^\]]+)\]\(([\w/.]+\.(?:ipynb|md))\)", entry.english):
            english, translated = titles(edition, (source.parent / target).resolve())
            if words == english and f"[{translated}]({target})" not in entry.translated:
                place = f"{notebooks.name(edition.words(source))}: {entry.place}"
                problems.append(f"{place}: the page {target} has the title “{translated}”. Name it so in the link.")
    return problems


def _translated(edition: Edition, source: Path) -> list[Entry]:
    return [entry for entry in read(edition.words(source)) if entry.translated]


def exercise_problems(edition: Edition, source: Path, entries: Sequence[Entry] | None = None) -> list[str]:
    """Find exercises that a text does not name as the package does."""
    known = exercise_titles(edition.language)
    problems = []
    for entry in _translated(edition, source) if entries is None else entries:
        for stars, title in re.findall(r"(\*+)([^*\n]+)\1", entry.english):
            wanted = [f"{stars}{name}{stars}" for name in sorted(known.get(title, ()))]
            if wanted and not any(name in entry.translated for name in wanted):
                place = f"{notebooks.name(edition.words(source))}: {entry.place}"
                problems.append(f"{place}: the exercise {title!r} is called {' or '.join(wanted)} in the package.")
    return problems


@functools.cache
def exercise_titles(language: str) -> dict[str, set[str]]:
    """Give the titles of the exercises in a language, by the English ones; a title may stand for two."""
    english = [exercise(name).title for name in names()]
    package.use(language)
    try:
        translated = [exercise(name).title for name in names()]
    finally:
        package.use("en")
    return {
        title: {ours for theirs, ours in zip(english, translated, strict=True) if theirs == title} for title in english
    }


@functools.cache
def titles(edition: Edition, source: Path) -> tuple[str, str]:
    """Give the title of a page, in English and as it is in the edition."""
    entries = read(edition.words(source))
    return next(
        (entry.english[2:].split("\n")[0], (entry.translated or entry.english)[2:].split("\n")[0])
        for entry in entries
        if entry.english.startswith("# ")
    )


# What is made from the translations.


def made_problems(edition: Edition, source: Path) -> list[str]:
    """Find where the stored notebook or page is not what is made from the English and the translations now."""
    path = edition.made(source)
    if not path.exists():
        return [f"there is no {notebooks.name(path)}. Run `make translations`."]
    stored = path.read_text(encoding="utf-8")
    if source.suffix == ".md":
        wanted = edition.page(source)
    else:
        made, now = edition.notebook(source), notebooks.read(path)
        same = [cell.id for _, cell in made.cells("code")] == [cell.id for _, cell in now.cells("code")]
        wanted = notebooks.text(notebooks.clean(with_outputs(made, now))) if same else ""
    if stored == wanted:
        return []
    lines = list(difflib.unified_diff(stored.splitlines(), wanted.splitlines(), "stored", "now", n=0, lineterm=""))
    return [f"{notebooks.name(path)} is not what is made now. Run `make translations`.\n" + "\n".join(lines[2:8])]


WIDTH = 4.8 * 72
"""The points for which the book draws. What is narrower may grow to it: its letters are as large on a phone."""
GROWN = 1.01
"""A hair that nobody sees."""


def output_problems(english: Notebook, translated: Notebook) -> list[str]:
    """Find outputs with other numbers than the English ones, and figures that have become larger."""
    problems = []
    for (_, ours), (place, theirs) in zip(english.cells("code"), translated.cells("code"), strict=True):
        a, b = _shown_numbers(ours), _shown_numbers(theirs)
        if a != b:
            moved = [f"{x} → {y}" for x, y in zip(a, b, strict=False) if x != y]
            problems.append(f"{place}: other numbers in the output: {moved[:3] or [len(a), len(b)]}")
        for (width, height), (wide, high) in zip(_sizes(ours), _sizes(theirs), strict=False):
            if wide > max(GROWN * width, WIDTH) or high > GROWN * height:
                problems.append(
                    f"{place}: the figure grew from {width} × {height} to {wide} × {high} points: shorten its labels"
                )
    return problems


def _shown_numbers(cell: NotebookNode) -> list[str]:
    """Give what must be the same in every language: the verdicts on exercises, and the numbers."""
    shown = "\n".join([prose.labels([cell]), *map(prose.output_text, cell.outputs)])
    return re.findall("[✓✗]", shown) + prose.plain_numbers(shown)


def _sizes(cell: NotebookNode) -> list[tuple[float, float]]:
    drawings = [output.get("data", {}).get("image/svg+xml", "") for output in cell.outputs]
    return [
        (float(size[1]), float(size[2]))
        for drawing in drawings
        if (size := re.search(r'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt"', drawing))
    ]


def strangers(edition: Edition, sources: Sequence[Path]) -> list[str]:
    """Find files of an edition that belong to no English one; the words of the site are in one of their own."""
    wanted = {path for source in sources for path in (edition.made(source), edition.words(source))}
    wanted.add(edition.folder / "site.po")
    stored = [path for kind in ("ipynb", "md", "po") for path in edition.folder.rglob(f"*.{kind}")]
    left = [path for path in stored if path not in wanted and ".ipynb_checkpoints" not in path.parts]
    return [f"{notebooks.name(path)} is made from no English file. Remove it." for path in sorted(left)]
