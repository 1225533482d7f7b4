"""What the tests of all explorers start from: the example of each one's docstring."""

import ast
import doctest
import inspect

from minisoftmax import explorers
from minisoftmax.explorers import Explorer

NAMES = [name for name in explorers.__all__ if name != "Explorer"]
NASTY = "<img src=x onerror='window.pwned=1'> & &lt;b&gt; %41# \"double\" 'single' </script>"


def example(name: str, label: str | None = None) -> Explorer:
    """Make what the docstring of an explorer shows; with a label, it comes first in every list of texts."""
    shown = doctest.DocTestParser().get_examples(inspect.getdoc(getattr(explorers, name)) or "")
    call = ast.parse(shown[-1].source, mode="eval")
    for texts in lists_of_texts(call):
        texts.elts[0] = ast.Constant(label or ast.literal_eval(texts.elts[0]))
    made = eval(compile(ast.fix_missing_locations(call), name, "eval"), {"explorers": explorers})
    assert isinstance(made, Explorer), f"the docstring of {name} must end in a call that makes one"
    return made


def lists_of_texts(call: ast.AST) -> list[ast.List]:
    lists = [node for node in ast.walk(call) if isinstance(node, ast.List)]
    is_text = [all(isinstance(entry, ast.Constant) and isinstance(entry.value, str) for entry in x.elts) for x in lists]
    return [found for found, holds in zip(lists, is_text, strict=True) if holds]


def examples(label: str | None = None) -> list[Explorer]:
    """Make one of each."""
    return [example(name, label) for name in NAMES]


def html(explorer: Explorer) -> str:
    """Give what a notebook stores of it."""
    return explorer._repr_mimebundle_()["text/html"]  # as IPython asks for it


TAKES_TEXTS = [name for name in NAMES if example(name, NASTY).settings != example(name).settings]
