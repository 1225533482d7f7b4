"""What an explorer is to a notebook: HTML with its settings, a picture for where no script runs, the scripts, words."""

import html
import json
import re
from collections.abc import Mapping
from functools import cache
from gettext import translation
from importlib import import_module
from importlib.resources import files
from types import ModuleType
from typing import Any, NamedTuple

from minisoftmax import language
from minisoftmax._palette import PALETTE
from minisoftmax.explorers.words import _

__all__ = ["ENGLISH", "Explorer", "Height", "folder", "names", "scripts", "table"]


class Explorer:
    """A figure to try, as one of the functions of `minisoftmax.explorers` makes it.

    A notebook shows it by itself, as the last value of a cell: alive in JupyterLab and in the built book, and as a
    picture in print and wherever scripts do not run. It speaks the language that was chosen when it was made.

    Parameters
    ----------
    name : str
        Which one it is: the name of the function.
    settings : mapping
        What the script starts with, of the types that JSON has.
    picture : str
        The same as HTML that needs no script.
    summary : str
        The same in words, for where only text is shown.

    Examples
    --------
    >>> from minisoftmax import explorers
    >>> explorers.softmax(logits=[2.0, 1.0, 0.0], labels=["mat", "sofa", "moon"])
    <softmax explorer: mat 0.665, sofa 0.245, moon 0.090 at temperature 1>
    """

    def __init__(self, name: str, settings: Mapping[str, Any], picture: str, summary: str) -> None:
        self.name = name
        self.settings = dict(settings)
        self.picture = picture
        self.summary = summary
        self.language = language.chosen()
        self._caption = _(folder(name).CAPTION)
        self._shown = _("<{name} explorer: {summary}>", name=name, summary=summary)

    def __repr__(self) -> str:
        """Say what the figure shows."""
        return self._shown

    @property
    def html(self) -> str:
        """The element alone, for a page that has the scripts already.

        Returns
        -------
        str
            HTML. All that the caller gave is escaped in it.
        """
        settings = _quoted(json.dumps(self.settings, separators=(",", ":"), allow_nan=False))
        colors = ";".join(f"--{name}:{color}" for name, color in PALETTE.items())
        spoken = ""
        if self.language != ENGLISH:
            words = table("".join(scripts(self.name).values()), self.language)
            spoken = f" words='{_quoted(words)}' lang='{self.language}'"
        caption = html.escape(self._caption)
        start = f"<{self.name}-explorer settings='{settings}' caption='{caption}' style='{colors}'{spoken}>"
        return f"{start}{self.picture}</{self.name}-explorer>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        inline = [f'<script data-explorer="{name}">{text}</script>' for name, text in scripts(self.name).items()]
        return {"text/html": "\n".join([self.html, *inline]), "text/plain": repr(self)}


class Height(NamedTuple):
    """How high a figure becomes, in pixels, in the column of a desk, on a phone and on a narrow one."""

    desk: int
    phone: int
    narrow: int


SUFFIX = "_explorer"
ENGLISH = "en"
QUOTED = re.compile(r"""\"[^"]*\"|'[^']*'""")
SENTENCE = re.compile(rf"\b_\(\s*((?:{QUOTED.pattern})(?:\s*\+\s*(?:{QUOTED.pattern}))*)")  # as a script asks for one
_LOCALE = files("minisoftmax") / "locale"


def names() -> list[str]:
    """List the explorers: there is one for each folder beside this file whose name ends in ``_explorer``."""
    beside = (entry.name for entry in files(__package__).iterdir())
    return sorted(name.removesuffix(SUFFIX) for name in beside if name.endswith(SUFFIX))


def folder(name: str) -> ModuleType:
    """Import the folder of an explorer."""
    return import_module(f"{__package__}.{name}{SUFFIX}")


def scripts(name: str) -> dict[str, str]:
    """Give what an explorer needs, in this order: two scripts that all share, those that some share, data, its own."""
    module = folder(name)
    shared = {script: _script(f"{script}.js") for script in ["numbers", "explorer", *getattr(module, "SHARES", [])]}
    data = module.data() if hasattr(module, "data") else {}
    return shared | data | {name: _script(f"{name}{SUFFIX}/script.js")}


@cache
def table(script: str, language: str) -> str:
    """Write, as JSON, the sentences that a script asks for, each with what it is in a language."""
    asked = {"".join(quoted[1:-1] for quoted in QUOTED.findall(call)) for call in SENTENCE.findall(script)}
    say = translation("explorers", str(_LOCALE), [language], fallback=True).gettext
    return json.dumps({english: say(english) for english in sorted(asked)}, ensure_ascii=False, separators=(",", ":"))


def _quoted(data: str) -> str:
    """Write JSON as an attribute: it is full of double quotes, so that is in single ones."""
    return html.escape(data, quote=False).replace("'", "&#39;")


@cache
def _script(path: str) -> str:
    """Read a script without comments and indentation, which a stored output does not need."""
    text = files(__package__).joinpath(path).read_text(encoding="utf-8")
    return re.sub(r"^\s*(?://.*)?\n?", "", text, flags=re.MULTILINE)
