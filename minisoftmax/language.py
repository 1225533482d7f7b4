"""The language in which exercises, explorers and drawings speak. Errors are in English.

A translation is found under its English sentence, as in gettext: ``locale/<language>/LC_MESSAGES/`` has a catalog for
each domain, as text (``.po``) and compiled (``.mo``).
"""

from __future__ import annotations

import functools
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gettext import NullTranslations

__all__ = ["chosen", "text", "use"]

_LOCALE = files("minisoftmax") / "locale"
_chosen = "en"


def use(language: str) -> None:
    """Choose the language.

    Parameters
    ----------
    language : str
        ``"en"``, with which a session begins, or one that has a catalog, such as ``"es"``.

    Raises
    ------
    ValueError
        If there is no catalog of that language.

    Examples
    --------
    >>> from minisoftmax import language
    >>> from minisoftmax.exercises import check
    >>> language.use("es")
    >>> check("formula.ratio", 3)
    ✗ formula.ratio: todavía no.
      tu respuesta: 3
      pista:        3 es la diferencia de los logits. El cociente es e elevado a esa diferencia.
    >>> language.use("en")
    """
    known = ["en", *sorted(folder.name for folder in _LOCALE.iterdir())]
    if language not in known:
        raise ValueError(f"language must be one of {', '.join(map(repr, known))}, got {language!r}")
    global _chosen
    _chosen = language


def chosen() -> str:
    """Give the language that is spoken: ``"en"``, until `use` chooses another.

    Returns
    -------
    str
    """
    return _chosen


def text(english: str, /, domain: str = "exercises", **values: object) -> str:
    """Give a text in the chosen language, or in English where there is no other, with its values filled in.

    Parameters
    ----------
    english : str
        The text. Given values, it has a place for each, ``"{name}: right."``, and literal braces are doubled.
    domain : str, default "exercises"
        The catalog.
    **values
        What goes in, as it is.

    Returns
    -------
    str
    """
    translated = _catalog(_chosen, domain).gettext(english) if english else ""
    return translated.format(**values) if values else translated


@functools.cache
def _catalog(language: str, domain: str) -> NullTranslations:
    import gettext

    path = _LOCALE / language / "LC_MESSAGES" / f"{domain}.mo"
    if not path.is_file():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)
