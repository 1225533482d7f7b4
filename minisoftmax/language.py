"""The language in which exercises, explorers and drawings speak. Errors are in English.

A translation is found under its English sentence, as in gettext: ``locale/<language>/LC_MESSAGES/`` has a catalog for
each domain, as text (``.po``) and compiled (``.mo``).
"""

from __future__ import annotations

import functools
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gettext import NullTranslations

__all__ = ["Sentence", "chosen", "text", "use"]

_LOCALE = files("minisoftmax") / "locale"
_chosen = "en"


def use(language: str) -> None:
    """Choose the language.

    Parameters
    ----------
    language : str
        ``"en"``, with which a session begins, or ``"es"``.

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
      tuya:   3
      pista:  3 es la diferencia de los logits. El cociente es e elevado a esa diferencia.
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


class Sentence(str):
    """An English text with values in it, which can still be said in another language: `text` takes it.

    >>> lead = Sentence("A lead of {lead}.", lead=3)
    >>> lead
    'A lead of 3.'
    >>> lead.english, lead.values
    ('A lead of {lead}.', {'lead': 3})
    """

    english: str
    values: dict[str, Any]

    def __new__(cls, english: str, /, **values: object) -> Sentence:
        """Fill in the values."""
        self = super().__new__(cls, english.format(**values))
        self.english, self.values = english, values
        return self


def text(english: str, /, domain: str = "exercises", **values: object) -> str:
    """Give a text in the chosen language, or in English where there is no other, with its values filled in.

    Parameters
    ----------
    english : str
        The text. Given values, it has a place for each, ``"{name}: right."``, and literal braces are doubled. A
        `Sentence` has its values with it.
    domain : str, default "exercises"
        The catalog.
    **values
        What goes in; a `Sentence` among them is translated, too.

    Returns
    -------
    str
    """
    if isinstance(english, Sentence):
        english, values = english.english, english.values
    translated = _catalog(_chosen, domain).gettext(english) if english else ""
    if not values:
        return translated
    return translated.format(
        **{name: text(value, domain) if isinstance(value, Sentence) else value for name, value in values.items()}
    )


@functools.cache
def _catalog(language: str, domain: str) -> NullTranslations:
    import gettext

    path = _LOCALE / language / "LC_MESSAGES" / f"{domain}.mo"
    if not path.is_file():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)
