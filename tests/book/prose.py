"""Numbers in the prose must be computed in the notebook, and references must be links.

A number is checked if it has a decimal point, a power of ten or two or more digits, or if it stands before %, “: 1”, ×
or “times”. It must then stand in the code or in a text output, digit for digit: 148.4 is not 148.41, 0.50 is not 0.5.
But 22,026 is 22026, 10 is also 10.0, and 10⁷ is also 10000000. A number with a minus sign needs one with a minus sign.
What describes a figure, its caption and alt text, must take its numbers from the labels of that figure, its code,
or the code cell before it.
"""

import ast
import functools
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from nbformat import NotebookNode

from tests.book import markdown
from tests.book.markdown import Block
from tools import notebooks
from tools.notebooks import Notebook

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")
_NUMBER = re.compile(
    r"""
    (?P<sign> (?<![\w)\]}.]) [-−] )?
    (?P<digits>
        (?<![\d.]) \d{1,3} (?: [,_\u2009\u202f]\d{3} )+ (?!\d) (?: \.\d+ )?   # 22,026.5
      | (?<![\d.]) \d+ (?: \.\d+ )*                                           # 148.4, and 3.11.2
      | (?<![\d.]) \.\d+
    )
    (?: e (?P<e> [+-]?\d+ )
      | \s* [×·] \s* 10 (?: \^ \{? (?P<caret> [-−]?\d+ ) \}? | (?P<raised> [⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+ ) )
      | (?<= (?<!\d)10 ) (?: \^ \{? (?P<power> [-−]?\d+ ) \}? | (?P<lifted> [⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+ ) )
    )?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_RATIO = re.compile(r"\s*\$?\s*(%|percent\b|per cent\b|:\s*\$?\s*1\b|×|times\b)", re.IGNORECASE)
_YEAR = re.compile(
    r".*(?:\b(?:in|since|until|before|after|around|from)\s|[(–-]|,\s)(?:1[6-9]|20)\d\d", re.IGNORECASE | re.DOTALL
)
_LABEL = re.compile(r"<!--(.*?)-->|<text[^>]*>([^<]*)</text>", re.DOTALL)
_GUESS = re.compile(r"<softmax-guess [^>]*>")
_REPLY = re.compile(r'\b(answer|more|less)="([^"]*)"')
_NUMBERS_ALONE = re.compile(r"[-−+\d.,:%×eE\[\]() ]+")


@dataclass(frozen=True)
class Number:
    """A number as it is written, and with its separators and its power of ten in one spelling."""

    text: str
    plain: str


def claims(block: Block) -> Iterator[Number]:
    """Give the numbers of a block that must be vouched for."""
    text = _shown(block)
    inside_math = False
    end = 0
    for match in _NUMBER.finditer(text):
        inside_math ^= text.count("$", end, match.start()) % 2 == 1
        end = match.start()
        before = text[match.start() - 1 : match.start()]
        if before.isalnum() and not inside_math:
            continue  # part of a name, such as float64
        number = _number(match)
        is_ratio = _RATIO.match(text, match.end()) is not None
        is_year = _YEAR.fullmatch(text[max(match.start() - 8, 0) : match.end()]) is not None and not inside_math
        if is_ratio or (not is_year and not re.fullmatch(r"[-−]?\d", number.text)):
            yield number


def _shown(block: Block) -> str:
    """Give the text of a block. Code that is nothing but numbers is no shelter for them."""
    shown = []
    for span in block:
        if span.kind in ("words", "image") or (span.kind == "code" and _NUMBERS_ALONE.fullmatch(span.text)):
            shown.append(markdown.Span("words", span.text.replace("$", " ")))
        else:
            shown.append(span)
    return markdown.readable(shown)


def _number(match: re.Match[str]) -> Number:
    mantissa = ("-" if match["sign"] else "") + re.sub(r"[,_\u2009\u202f]", "", match["digits"])
    exponent = match["e"] or match["caret"] or match["raised"]
    if power := match["power"] or match["lifted"]:
        mantissa, exponent = "1", power
    if exponent is None:
        return Number(match[0], mantissa)
    return Number(match[0], f"{mantissa}e{int(exponent.translate(_SUPERSCRIPTS))}")


def plain_numbers(text: str) -> list[str]:
    """List the numbers of a text that is no Markdown, in order, in the one spelling."""
    return [_number(match).plain for match in _NUMBER.finditer(text)]


def known_numbers(notebook: Notebook) -> set[str]:
    """Collect the numbers that the code of a notebook is given and that it puts out."""
    return set().union(*(_cell_numbers(cell) for _, cell in notebook.cells("code")))


def _cell_numbers(cell: NotebookNode) -> set[str]:
    shown = map(output_text, cell.outputs)
    return set().union(_code_numbers(cell.source), *map(_spellings, shown))


@functools.cache
def _code_numbers(source: str) -> frozenset[str]:
    """Collect the numbers that code computes with: none from comments and strings, which nobody checks."""
    return frozenset().union(*map(_spellings, _literals(source)))


def _literals(source: str) -> Iterator[str]:
    for node in ast.walk(notebooks.tree(NotebookNode(source=source))):  # type: ignore[no-untyped-call]
        match node:
            case ast.Constant(value=int() | float()) | ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
                yield ast.unparse(node)
                yield ast.get_source_segment(source, node) or ""
            case ast.BinOp(left=ast.Constant(value=10), op=ast.Pow(), right=ast.Constant(value=int() as power)):
                yield f"1e{power}"


def _spellings(text: str) -> set[str]:
    """Give the numbers of a text, in all the spellings in which they may be quoted."""
    plain = {_number(match).plain for match in _NUMBER.finditer(text)}
    spellings = set(plain)
    for number in plain:
        try:
            value = Decimal(number)
        except InvalidOperation:
            continue  # 3.11.2
        if value == int(value):
            trimmed = value.normalize()
            spellings |= {f"{value:.0f}", f"{trimmed.scaleb(-trimmed.adjusted())}e{trimmed.adjusted()}"}
        elif "e" in number:
            spellings.add(f"{value:f}")
    return spellings | {number.removeprefix("-") for number in spellings}  # “it falls by 0.5”


def output_text(output: NotebookNode) -> str:
    """Give what a reader sees of an output as text. A figure has none: its text/plain is its size in pixels."""
    if output.output_type == "stream":
        return str(output.text)
    data = output.get("data", {})
    if any(kind.startswith("image/") for kind in data):
        return ""
    plain = [str(data[kind]) for kind in ("text/plain", "text/markdown", "text/latex") if kind in data]
    return "\n".join([*plain, markdown.html_text(str(data.get("text/html", "")))])


class Passage(NamedTuple):
    """A Markdown text of a notebook, its place, and the cells behind the figure that it describes, if any."""

    place: str
    text: str
    behind: Sequence[NotebookNode] = ()


def passages(notebook: Notebook) -> Iterator[Passage]:
    """Give the texts of a notebook: its cells, and the captions and alt texts of its figures."""
    before: list[NotebookNode] = []
    for place, cell in notebook.cells():
        if cell.cell_type != "code":
            yield Passage(place, cell.source)
            yield from (Passage(f"{place}, guess", reply) for part in guesses(cell.source) for reply in part.values())
            continue
        shown = cell.metadata.get("mystnb", {})
        for part, option in (("figure", "caption"), ("image", "alt")):
            if text := shown.get(part, {}).get(option):
                yield Passage(f"{place}, {option}", text, [*before, cell])
        before = [cell]


def guesses(text: str) -> list[dict[str, str]]:
    """List what each guess of a text is told: the answer, and what fits a guess that was too little or too much."""
    return [dict(_REPLY.findall(tag)) for tag in _GUESS.findall(text)]


def labels(cells: Sequence[NotebookNode]) -> str:
    """Give the words on a cell's figures; matplotlib draws them as paths, each under a comment with the word."""
    drawings = [output.get("data", {}).get("image/svg+xml", "") for cell in cells for output in cell.outputs]
    return "\n".join(match[1] or match[2] or "" for svg in drawings for match in _LABEL.finditer(svg))


def number_problems(notebook: Notebook) -> list[str]:
    """Find numbers in the prose that nothing vouches for, and entries of the notebook's list that are not needed."""
    known, listed = known_numbers(notebook), set(_listed(notebook).values())
    problems = [
        f"{passage.place}: the number {number.text} is not in the code or {_sources(passage)}. Correct it, show it "
        "there, or list it with its source in the metadata (minisoftmax.numbers)."
        for passage in passages(notebook)
        for number in unknown(passage, known, listed)
    ]
    return problems + _list_problems(notebook)


def _sources(passage: Passage) -> str:
    return "the labels of this figure" if passage.behind else "a text output of this notebook"


def unknown(passage: Passage, known: Set[str], listed: Set[str]) -> list[Number]:
    """Give the numbers of a passage that neither what the notebook knows nor its list vouches for."""
    if passage.behind:
        known = set().union(*map(_cell_numbers, passage.behind), _spellings(labels(passage.behind)))
    return [number for number in numbers(passage) if number.plain not in known and number.plain not in listed]


def numbers(passage: Passage) -> list[Number]:
    return [number for block in markdown.blocks(passage.text) for number in claims(block)]


def _listed(notebook: Notebook) -> dict[str, str]:
    """Give the numbers of the notebook's list as they are written there, and in the one spelling."""
    return {
        text: next((_number(match).plain for match in _NUMBER.finditer(text)), text)
        for text in notebook.own_metadata.get("numbers", {})
    }


def _list_problems(notebook: Notebook) -> list[str]:
    problems = []
    computed = known_numbers(notebook)
    written = {number.plain for passage in passages(notebook) for number in numbers(passage)}
    for text, number in _listed(notebook).items():
        entry = f"{notebook.name}, metadata minisoftmax.numbers: {text!r}"
        if len(notebook.own_metadata["numbers"][text].split()) < 2:
            problems.append(f"{entry} has no source. Say where the number comes from.")
        if number not in written:
            problems.append(f"{entry} is in no text. Remove it from the list.")
        if number in computed:
            problems.append(f"{entry} is computed in this notebook. Remove it from the list.")
    return problems


def survivors(notebook: Notebook) -> list[str]:
    """Replace each digit of the prose by every other, and find the misprints that `number_problems` does not see.

    Numbers of one or two digits, zeros at their ends aside, are passed over: 10 cannot be told from another input, 20.
    """
    known, listed = known_numbers(notebook), set(_listed(notebook).values())
    problems = []
    for paragraph in _paragraphs(notebook):
        long = {number for number in numbers(paragraph) if len(re.sub(r"\D", "", number.plain).strip("0")) > 2}
        for mutant in _misprints(paragraph) if long else ():
            if (lost := long - set(numbers(mutant))) and not unknown(mutant, known, listed):
                problems.append(
                    f"{paragraph.place}: {lost.pop().text} is one wrong digit away from another number of the "
                    "notebook, so a misprint would go unnoticed. Reword the sentence, or show more digits."
                )
    return list(dict.fromkeys(problems))


def _paragraphs(notebook: Notebook) -> Iterator[Passage]:
    for passage in passages(notebook):
        yield from (passage._replace(text=text) for text in re.split(r"\n\n|(?<=[a-z][.:?!]) ", passage.text))


def _misprints(passage: Passage) -> Iterator[Passage]:
    for at, character in enumerate(passage.text):
        digits = next((row for row in ("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹") if character in row), "")
        for digit in digits.replace(character, ""):
            yield passage._replace(text=passage.text[:at] + digit + passage.text[at + 1 :])


_BY_HAND = re.compile(
    r"\b(figures?|figs?\.|equations?|eqs?\.|sections?|secs?\.|tables?|chapters?)[\s\xa0]*[($]*\d+", re.IGNORECASE
)


def reference_problems(name: str, text: str) -> list[str]:
    """Find references written by hand: their numbers go wrong when a figure is added."""
    return [
        f"{name}: “{match[0]}” is numbered by hand. Link words to it: [the formula](#equation-softmax)."
        for block in markdown.blocks(text)
        for match in _BY_HAND.finditer(markdown.readable(block))
    ]
