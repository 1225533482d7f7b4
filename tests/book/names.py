"""A code span in the prose must name something that exists, with the arguments that it has.

A span is tried in turn as a file or command, as Python, as a method, as a signature, and as a quotation from the code
or an output of its notebook. What fits none of these is a problem, so a misspelled name has nowhere to hide.
"""

import ast
import builtins
import functools
import importlib
import inspect
import keyword
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import minisoftmax
from tests.book import commands, markdown, prose
from tools import notebooks
from tools.notebooks import Notebook

MODULES = {name: name for name in ("math", "matplotlib", "numpy", "scipy", "sklearn")} | {
    "np": "numpy",
    "plt": "matplotlib.pyplot",
}
"""Modules that a text may name without importing them. Their names are looked up."""

NOT_INSTALLED = {
    "anthropic": "a service's client, whose parameters the text lists",
    "jax": "JAX: the text compares with it, but it is too large a download for a test run",
    "mistralai": "a service's client, whose parameters the text lists",
    "optax": "JAX's library of losses: likewise, as for JAX",
    "openai": "a service's client, whose parameters the text lists",
    "tf": "TensorFlow: likewise",
    "torch": "PyTorch: likewise",
    "transformers": "Hugging Face's library: likewise",
}
"""Modules whose names nothing here can look up, and the reason."""

FOREIGN_WORDS = {
    "add_zero_attn": "PyTorch: a key and a value of zeros, which all queries see",
    "attention_mask": "Hugging Face: which tokens are no padding",
    "attention_type": "Hugging Face: the pattern of BigBird",
    "attention_window": "Hugging Face: the width of the window of Longformer",
    "class_weight": "scikit-learn's classifiers",
    "dim": "what PyTorch calls an axis",
    "do_sample": "Hugging Face: whether to draw at all",
    "from_logits": "Keras: whether a loss is given logits",
    "frequency_penalty": "OpenAI and those who follow its API",
    "logit_bias": "OpenAI and those who follow its API",
    "global_attention_mask": "Hugging Face: which tokens of Longformer see all others",
    "presence_penalty": "OpenAI and those who follow its API",
    "repetition_penalty": "Hugging Face and vLLM",
    "sliding_window": "Hugging Face: the width of the window of Mistral and Gemma",
}
"""Argument names of other libraries, and whose they are."""

PRINTED = {"inf", "nan"}
"""Words that NumPy prints for numbers."""

_UNSEEN = object()
"""Something that exists, but whose attributes and arguments nothing here can look up."""


class _MissingError(Exception):
    """What a span names does not exist; the message says what to do."""


@dataclass(frozen=True)
class Scope:
    """What the code of a notebook defines, imports, uses and shows. A text outside notebooks has an empty one."""

    defined: frozenset[str] = frozenset()
    imported: Mapping[str, str] = field(default_factory=dict)
    attributes: frozenset[str] = frozenset()
    quotable: str = ""


def scope(notebook: Notebook) -> Scope:
    defined: set[str] = set()
    imported: dict[str, str] = {}
    attributes: set[str] = set()
    shown: list[str] = []
    for _, cell in notebook.cells("code"):
        shown += [cell.source, *(prose.output_text(output) for output in cell.outputs)]
        for node in ast.walk(notebooks.tree(cell)):
            match node:
                case ast.Name(id=name, ctx=ast.Store()) | ast.FunctionDef(name=name) | ast.arg(arg=name):
                    defined.add(name)
                case ast.Attribute(attr=name):
                    attributes.add(name)
                case ast.Import(names=names):
                    imported |= {alias.asname or alias.name: alias.name for alias in names}
                case ast.ImportFrom(module=module, names=names):
                    imported |= {alias.asname or alias.name: f"{module}.{alias.name}" for alias in names}
    return Scope(frozenset(defined), imported, frozenset(attributes), "\n".join(shown))


def notebook_problems(notebook: Notebook) -> list[str]:
    names = scope(notebook)
    return [
        problem
        for place, text, _ in prose.passages(notebook)
        for problem in text_problems(place, text, notebook.path.parent, names)
    ]


def text_problems(place: str, text: str, folder: Path, names: Scope | None = None) -> list[str]:
    """Find code spans of a Markdown text, stored in this folder, that name nothing."""
    return [
        f"{place}: `{span.text}`: {problem}"
        for span in markdown.spans(text)
        if span.kind == "code"
        for problem in span_problems(span.text, folder, names or Scope())
    ]


def span_problems(code: str, folder: Path, names: Scope) -> list[str]:
    code = code.strip().replace("…", "...")
    found = commands.problems(code, folder)
    if found is not None:
        return found
    if keyword.iskeyword(code):
        return []
    try:
        return list(_python_problems(ast.parse(code), names))
    except SyntaxError:
        return _other_problems(code, names)


def _other_problems(code: str, names: Scope) -> list[str]:
    """Look at a span that is no Python by itself: a method, a signature with its defaults, or a quotation."""
    if code in names.quotable:
        return []
    if method := re.fullmatch(r"\.(\w+)(\(.*\))?", code):
        is_known = method[1] in _methods() | names.attributes
        return [] if is_known else [f"nothing in the package or in NumPy's arrays has {method[1]}. Fix the name."]
    try:
        (function,) = ast.parse(f"def {code}: ...").body
    except SyntaxError:
        return ["this is no file, command or Python, nor in the code or an output of this notebook. Fix it."]
    assert isinstance(function, ast.FunctionDef)
    given = [argument.arg for argument in ast.walk(function.args) if isinstance(argument, ast.arg)]
    taken = _signature(_public().get(function.name))
    if taken is None:
        return [f"minisoftmax has no function {function.name}. Fix the name."]
    return [
        f"{function.name} has no argument {name}: {taken}. Fix it." for name in given if name not in taken.parameters
    ]


def _python_problems(tree: ast.Module, names: Scope) -> Iterator[str]:
    names = Scope(names.defined | set(_bound(tree)), names.imported, names.attributes)
    for node in ast.walk(tree):
        try:
            if isinstance(node, ast.Name):
                _look_up(node.id, names)
            elif isinstance(node, ast.Attribute):
                _find(node, names)
            elif isinstance(node, ast.Call):
                yield from _call_problems(node, names)
        except _MissingError as missing:
            if not isinstance(node, ast.Attribute) or _is_found(node.value, names):
                yield str(missing)


def _bound(tree: ast.Module) -> Iterator[str]:
    """Give the names that a span binds for itself, in a lambda or a comprehension."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.comprehension):
            yield from (target.id for target in ast.walk(node.target) if isinstance(target, ast.Name))


def _find(node: ast.expr, names: Scope) -> Any:
    """Give the thing that a name or a chain of attributes stands for."""
    if isinstance(node, ast.Name):
        return _look_up(node.id, names)
    if not isinstance(node, ast.Attribute):
        return _UNSEEN
    owner = _find(node.value, names)
    if owner is not _UNSEEN:
        return _attribute(owner, node.attr)
    root = next(part for part in ast.walk(node) if not isinstance(part, ast.Attribute | ast.expr_context))
    is_foreign = isinstance(root, ast.Name) and root.id in NOT_INSTALLED
    if is_foreign or node.attr in _methods() | names.attributes:
        return _UNSEEN
    raise _MissingError(f"nothing in this notebook, the package or NumPy's arrays has {node.attr}. Fix the name.")


def _is_found(node: ast.expr, names: Scope) -> bool:
    try:
        _find(node, names)
    except _MissingError:
        return False
    return True


def _attribute(owner: Any, name: str) -> Any:
    if inspect.ismodule(owner) and not hasattr(owner, name):
        try:
            return importlib.import_module(f"{owner.__name__}.{name}")
        except ModuleNotFoundError:
            pass
    if not hasattr(owner, name):
        raise _MissingError(f"{getattr(owner, '__name__', owner)} has no {name}. Fix the name.")
    return getattr(owner, name)


def _look_up(name: str, names: Scope) -> Any:
    if name in names.imported:
        module, _, attribute = names.imported[name].rpartition(".")
        return _attribute(importlib.import_module(module), attribute) if module else importlib.import_module(attribute)
    if name in names.defined or name in NOT_INSTALLED or name in FOREIGN_WORDS:
        return _UNSEEN
    if name in _public():
        return _public()[name]
    if name in MODULES:
        return importlib.import_module(MODULES[name])
    if hasattr(builtins, name):
        return getattr(builtins, name)
    for place in (np, np.exceptions):
        if isinstance(getattr(place, name, None), type):
            return getattr(place, name)
    if name in _parameters() | PRINTED:
        return _UNSEEN
    raise _MissingError(
        f"{name} is no public name or argument of minisoftmax, of Python or of this notebook's code. "
        "Fix the name, or write math between dollars."
    )


def _call_problems(call: ast.Call, names: Scope) -> Iterator[str]:
    """Bind the arguments as Python would, without asking for all that are required: a text shows what matters."""
    if not _is_found(call.func, names) or any(isinstance(argument, ast.Starred) for argument in call.args):
        return
    signature = _signature(_find(call.func, names))
    if signature is None:
        return
    given = {argument.arg: None for argument in call.keywords if argument.arg}
    try:
        signature.bind_partial(*call.args, **given)
    except TypeError as error:
        yield f"{error}: the arguments are {signature}. Fix the call."


def _signature(thing: Any) -> inspect.Signature | None:
    """Give the arguments of a callable, as far as Python knows them; a method in a class without its first."""
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError):
        return None
    first = next(iter(signature.parameters), "")
    return signature.replace(parameters=list(signature.parameters.values())[1:]) if first == "self" else signature


def _public() -> dict[str, Any]:
    """Give the package, its modules and all their public names."""
    things: dict[str, Any] = {"minisoftmax": minisoftmax}
    for info in pkgutil.iter_modules(minisoftmax.__path__):
        if not info.name.startswith("_"):
            things[info.name] = module = importlib.import_module(f"minisoftmax.{info.name}")
            things |= {name: getattr(module, name) for name in getattr(module, "__all__", [])}
    return things | {name: getattr(minisoftmax, name) for name in minisoftmax.__all__}


def _classes() -> list[type]:
    return [thing for thing in _public().values() if isinstance(thing, type)]


@functools.cache
def _methods() -> frozenset[str]:
    return frozenset(name for thing in [*_classes(), np.ndarray] for name in dir(thing))


def _parameters() -> set[str]:
    methods = [method for thing in _classes() for method in vars(thing).values()]
    signatures = filter(None, map(_signature, [*_public().values(), *methods]))
    return {name for signature in signatures for name in signature.parameters}
