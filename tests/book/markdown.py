"""The one place that reads Markdown, with the parser that the book is built with.

A text is cut into blocks (a paragraph, a table cell, a title), and a block into spans: words, math, code, links, roles.
What stands inside directives is read like any other text.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Literal

import yaml  # type: ignore[import-untyped]
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

from tools import ROOT

Kind = Literal["words", "math", "code", "link", "image", "role", "directive"]


@dataclass(frozen=True)
class Span:
    """A piece of a block. Links, images, roles and directives have a target: an address, or the name of the role."""

    kind: Kind
    text: str
    target: str = ""


Block = list[Span]

_settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
_parser = create_md_parser(
    MdParserConfig(enable_extensions=set(_settings["parse"]["myst_enable_extensions"])), RendererHTML
)

NOT_TEXT = {"bibliography", "code", "code-block", "code-cell", "include", "literalinclude", "sourcecode", "toctree"}
"""Directives whose body is code or a list of names."""

REFERENCES = re.compile(r"cite(:\w+)?|numref|eq|ref|doc|term|download|(py:)?(obj|mod|func|class|meth|attr|data|exc)")
"""Roles whose text names another place; `title <place>` also has a title, which is text."""


@functools.lru_cache(maxsize=16)
def _tokens(text: str) -> Sequence[Token]:
    """Parse a text, of which more than one thing is asked in a row."""
    return _parser.parse(text)


def blocks(text: str) -> list[Block]:
    """Cut a Markdown text into its blocks."""
    return list(_blocks(_tokens(text)))


def spans(text: str) -> list[Span]:
    return [span for block in blocks(text) for span in block]


def structure(text: str) -> list[str]:
    """List what a text is built of: headings by level, paragraphs, lists, tables, strong words."""
    tokens = [inner for token in _tokens(text) for inner in (token, *(token.children or ()))]
    opened = [f"{token.tag} {token.markup}" for token in tokens if token.type.endswith("_open")]
    return [element for element in opened if element.split()[0] not in ("a", "em")]


def readable(block: Block) -> str:
    """Give what a reader sees of a block, with math between dollars and a blank for what is no text."""
    shown = {"words": "{}", "math": "${}$"}
    return "".join(shown.get(span.kind, " ").format(span.text) for span in block)


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    for token in tokens:
        if token.type == "inline":
            yield list(_inline(token.children or []))
        elif token.type in ("math_block", "math_block_label", "amsmath"):
            yield [Span("math", plain_math(token.content))]
        elif token.type in ("fence", "colon_fence"):
            yield from _directive(token)
        elif token.type == "html_block":
            yield from _html(token.content)


def _inline(tokens: Sequence[Token]) -> Iterator[Span]:
    """Give the spans of a block; the text of a link to another site is vouched for by that site, so it is no words."""
    outside: str | None = None
    for token in tokens:
        match token.type:
            case "link_open":
                target = str(token.attrs["href"])
                yield Span("link", "", target)
                outside = target if re.match(r"\w+:", target) else None
            case "link_close":
                outside = None
            case "text" | "softbreak" | "hardbreak" if not outside:
                yield Span("words", token.content or "\n")
            case "math_inline" | "math_inline_double":
                yield Span("math", plain_math(token.content))
            case "code_inline":
                yield Span("code", token.content)
            case "image":
                yield Span("image", token.content, str(token.attrs["src"]))
            case "myst_role":
                yield from _role(token.meta["name"], token.content)
            case "html_inline":
                yield from (span for block in _html(token.content) for span in block)


def _role(role: str, content: str) -> Iterator[Span]:
    if role == "math":
        yield Span("math", plain_math(content))
    elif REFERENCES.fullmatch(role):
        title, bracket, place = content.removesuffix(">").rpartition("<")
        yield Span("role", place if bracket else content, role)
        yield Span("words", title)
    else:
        yield Span("role", content, role)
        yield Span("words", content)


def _directive(token: Token) -> Iterator[Block]:
    """Read the title, the alt text and the body of a directive; a fence that is none is code, which shows no claims."""
    match = re.match(r"\{([\w:.-]+)\}\s*(.*)", token.info.strip())
    if not match:
        return
    name, title = match.groups()
    options, body = _options(token.content)
    if name in ("figure", "image"):
        yield [Span("image", options.get("alt", ""), title)]
    else:
        yield [Span("directive", title, name)]
    if name == "math":
        yield [Span("math", plain_math(title + "\n" + body))]
    elif name not in NOT_TEXT:
        yield from blocks("" if name in ("figure", "image") else title)
        yield from blocks(options.get("caption", ""))
        yield from blocks(body)


def _options(content: str) -> tuple[dict[str, str], str]:
    """Split the content of a directive into its options, in either of MyST's spellings, and its body."""
    fenced = re.match(r"---\n(.*?)\n---(?:\n|$)", content, re.DOTALL)
    if fenced:
        given = yaml.safe_load(fenced[1]) or {}
        return {str(key): str(value) for key, value in given.items()}, content[fenced.end() :]
    options = {}
    while match := re.match(r"\s*:([\w-]+):[ \t]*(.*)(?:\n|$)", content):
        options[match[1]] = match[2]
        content = content[match.end() :]
    return options, content


def _html(text: str) -> Iterator[Block]:
    reader = _HtmlReader()
    reader.feed(text)
    reader.close()
    yield reader.block


class _HtmlReader(HTMLParser):
    """Collects what a reader sees of a piece of HTML: not its scripts, styles, drawings and comments."""

    UNSEEN = frozenset({"script", "style", "svg", "template"})

    def __init__(self) -> None:
        super().__init__()
        self.block: Block = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        self._unseen += tag in self.UNSEEN
        if tag == "img":
            self.block.append(Span("image", given.get("alt", ""), given.get("src", "")))
        elif tag == "a":
            self.block.append(Span("link", "", given.get("href", "")))

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in self.UNSEEN
        self.block.append(Span("words", " "))

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.block.append(Span("words", data))


def html_text(text: str) -> str:
    """Give the words that a reader sees of a piece of HTML."""
    return " ".join(readable(block) for block in _html(text))


def plain_math(tex: str) -> str:
    """Rewrite what LaTeX does to numbers and units as it would stand in a text."""
    for command, sign in ((r"{,}", ","), (r"\,", "\u2009"), (r"\%", "%"), (r"\times", "×"), (r"\cdot", "·")):
        tex = tex.replace(command, sign)
    return re.sub(r"\{:\}|\\colon|\\mathbin\{:\}", ":", tex)
