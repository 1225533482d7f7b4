"""What `check` and `grade` say, and how it is shown: as text, in a notebook, to a screen reader; and once."""

import dis
import html
import re
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from minisoftmax.exercises import _messages as say
from minisoftmax.language import chosen

__all__ = ["Verdict", "show_once"]

WIDTH = 100
_PLAIN = str.maketrans({"✓": "+", "✗": "x", "−": "-", "≤": "<=", "≥": ">=", "∞": "inf"})
COLORS = {True: "#009E73", False: "#E69F00", None: "#7F7F7F"}


@dataclass(frozen=True, eq=False, repr=False)
class Verdict:
    """What was found about an attempt at an exercise. It counts as true only if the attempt passed.

    ``print`` and a notebook show it in words.

    Attributes
    ----------
    exercise : str
        The name of the exercise.
    passed : bool or None
        Whether the attempt is right; None if there is none yet.
    message : str
        What was seen: why the right answer matters, or in what the wrong one differs.
    hint : str or None
        Advice that fits this attempt.
    failing_input : dict or None
        The arguments, by name, of the first call that went wrong.
    got : object
        The value that was given, what the function returned, or the exception that it raised.
    expected : object
        What should have come; None if that would give the answer away.
    """

    exercise: str
    passed: bool | None
    message: str
    hint: str | None = None
    failing_input: Mapping[str, Any] | None = None
    got: Any = None
    expected: Any = None
    _facts: Sequence[tuple[str, str]] = ()
    _shown_in: list[object] = field(default_factory=list)

    def __bool__(self) -> bool:
        return self.passed is True

    def __str__(self) -> str:
        first = " ".join([self._headline(), self.message])
        lines = [textwrap.fill(first, WIDTH, subsequent_indent="  ")]
        names = [f"{name}:" for name, _ in self._rows()]
        width = max(map(len, names), default=0) + 1
        for label, (_, value) in zip(names, self._rows(), strict=True):
            indent = " " * (width + 2)
            shown = value.replace("\n", f"\n{indent}")
            if value is self.hint:
                shown = textwrap.fill(value, WIDTH, initial_indent=indent, subsequent_indent=indent).strip()
            lines.append(f"  {label:<{width}}{shown}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        icons = {True: ("✓", say.ICON_RIGHT), False: ("✗", say.ICON_WRONG), None: ("…", say.ICON_NOT_TRIED)}
        icon, words = icons[self.passed]
        headline = html.escape(self._headline().removeprefix(icon).strip())
        rows = "".join(
            f'<div style="display: flex; gap: 0.6em"><dt style="min-width: 5em">{html.escape(name)}</dt>'
            f'<dd style="margin: 0; min-width: 0; overflow-x: auto">{_html(value, value is self.hint)}</dd></div>'
            for name, value in self._rows()
        )
        return (
            f'<div role="status" lang="{chosen()}" '
            f'style="border-left: 0.4em solid {COLORS[self.passed]}; padding: 0.2em 0.8em">'
            f'<p style="margin: 0"><span role="img" aria-label="{html.escape(say.text(words))}">{icon}</span> '
            f"<strong>{headline}</strong> {html.escape(self.message)}</p>"
            + (f'<dl style="margin: 0.4em 0 0">{rows}</dl>' if rows else "")
            + "</div>"
        )

    def _ipython_display_(self) -> None:
        """Show it, unless `check` has shown it in this very cell."""
        cell = _cell()
        if cell is None or cell not in self._shown_in:
            self._publish()

    def _publish(self) -> None:
        from IPython.display import display

        self._shown_in.append(_cell())
        display({"text/plain": str(self), "text/html": self._repr_html_()}, raw=True)  # type: ignore[no-untyped-call]

    def _headline(self) -> str:
        headline = {True: say.RIGHT, False: say.WRONG, None: say.NOT_TRIED}[self.passed]
        return say.text(headline, name=self.exercise)

    def _rows(self) -> list[tuple[str, str]]:
        return [*self._facts, *([(say.text(say.HINT), self.hint)] if self.hint else [])]


def _html(value: str, is_prose: bool) -> str:
    escaped = html.escape(value)
    if is_prose:
        return escaped
    marked = re.sub("›(.*?)‹", r"<mark>›\1‹</mark>", escaped)
    return f'<pre style="margin: 0; padding: 0; background: none; border: 0; color: inherit">{marked}</pre>'


def _shell() -> Any:
    """Give the notebook's (or terminal's) IPython, if it is what shows the value of a line now; else None."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell if shell and sys.displayhook is shell.displayhook else None


def _cell() -> int | None:
    shell = _shell()
    return shell.execution_count if shell else None


def show_once(verdict: Verdict, caller: FrameType) -> Verdict:
    """Show a verdict that is given back to the caller.

    In IPython it is displayed at once, wherever the call stands, and not once more if it is also the value of the
    cell. In plain Python it is printed at once, but for a statement at the prompt, whose value Python prints itself.
    """
    if _shell():
        verdict._publish()
    elif not _is_printed(caller):
        print(_in_letters_of(sys.stdout, str(verdict)))
    return verdict


def _in_letters_of(stream: Any, text: str) -> str:
    """Write a text with what a stream can take: a pipe of Windows, for example, has no ✗ and no minus sign."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
    return text


def _is_printed(caller: FrameType) -> bool:
    """Say whether Python prints the value of the call that the caller is at: of an expression at the prompt."""
    code = [step for step in dis.get_instructions(caller.f_code) if step.offset > caller.f_lasti]
    after = next((step for step in code if step.opname != "CACHE"), None)
    return after is not None and (after.opname, after.arg) in {("PRINT_EXPR", None), ("CALL_INTRINSIC_1", 1)}
