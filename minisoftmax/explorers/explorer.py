"""What an explorer is to a notebook: HTML with its settings, a picture for where no script runs, and the scripts."""

import html
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.resources import files
from types import ModuleType
from typing import Any, NamedTuple

from minisoftmax._palette import PALETTE

__all__ = ["Explorer", "Height", "folder", "names", "scripts"]


class Explorer:
    """A figure to try, as one of the functions of `minisoftmax.explorers` makes it.

    A notebook shows it by itself, as the last value of a cell: alive in JupyterLab and in the built book, and as a
    picture in print and wherever scripts do not run.

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

    def __repr__(self) -> str:
        """Say what the figure shows."""
        return f"<{self.name} explorer: {self.summary}>"

    @property
    def html(self) -> str:
        """The element alone, for a page that has the scripts already.

        Returns
        -------
        str
            HTML. All that the caller gave is escaped in it.
        """
        settings = html.escape(json.dumps(self.settings, separators=(",", ":"), allow_nan=False), quote=False)
        quoted = settings.replace("'", "&#39;")  # JSON is full of double quotes, so the attribute is in single ones
        colors = ";".join(f"--{name}:{color}" for name, color in PALETTE.items())
        caption = html.escape(folder(self.name).CAPTION)
        start = f"<{self.name}-explorer settings='{quoted}' caption='{caption}' style='{colors}'>"
        return f"{start}{self.picture}</{self.name}-explorer>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        inline = [f'<script data-explorer="{name}">{text}</script>' for name, text in scripts(self.name).items()]
        return {"text/html": "\n".join([self.html, *inline]), "text/plain": repr(self)}


class Height(NamedTuple):
    """How high a figure becomes, in pixels, in the column of a desk and on a phone."""

    desk: int
    phone: int


SUFFIX = "_explorer"


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
def _script(path: str) -> str:
    """Read a script without comments and indentation, which a stored output does not need."""
    text = files(__package__).joinpath(path).read_text(encoding="utf-8")
    return re.sub(r"^\s*(?://.*)?\n?", "", text, flags=re.MULTILINE)
