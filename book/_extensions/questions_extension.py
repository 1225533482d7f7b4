"""Exercises that answer on the page: in place of the output of a cell that calls ``check`` stands a question.

A value has a field, and the script judges it with the words and in the steps of the package, whose sentences are
written into it. A function has its hints and its solution. What a question knows is packed (base64 of JSON), so that
neither a reader of the source nor a search finds an answer by chance; nothing is secret, for the solutions are pages.

This rests on MyST-NB's containers for the input and the output of a cell; a test in a browser looks at the result.
"""

import base64
import html
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from docutils import nodes
from sphinx.application import Sphinx

from minisoftmax import language
from minisoftmax.exercises import Exercise, exercise, names
from minisoftmax.exercises import _messages as say
from minisoftmax.exercises._numbers import show
from minisoftmax.exercises._variants import solution_code

SCRIPT = "questions.js"
CALL = re.compile(r'\bcheck\("([\w.]+)"')


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("config-inited", lambda app, config: language.use(config.language))
    app.connect("builder-inited", write_script)
    app.connect("doctree-resolved", ask)
    app.connect("html-page-context", load_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def script() -> str:
    """Give the script, with the sentences of the package."""
    words = {name: say.text(value) for name, value in vars(say).items() if name.isupper()}
    text = Path(__file__).with_name(SCRIPT).read_text(encoding="utf-8")
    return text.replace("WORDS_OF_THE_PACKAGE", json.dumps(words, ensure_ascii=False))


def write_script(app: Sphinx) -> None:
    """Put the script beside the pages."""
    if app.builder.format == "html":
        static = Path(app.outdir, "_static")
        static.mkdir(parents=True, exist_ok=True)
        (static / SCRIPT).write_text(script(), encoding="utf-8")


def ask(app: Sphinx, document: nodes.document, page: str) -> None:
    """Put the questions of a chapter in the places of the outputs, on a page and nowhere else."""
    if app.builder.format != "html" or app.builder.name == "epub":
        return
    for cell in list(document.findall(nodes.container)):
        if "cell" in cell["classes"]:
            called = [found for code in cell.findall(nodes.literal_block) for found in CALL.findall(code.astext())]
            outputs = [part for part in cell.children if "cell_output" in part.get("classes", [])]
            if len(called) == 1 and len(outputs) == 1 and called[0].partition(".")[0] == page:
                outputs[0].children = [nodes.raw("", element(called[0]), format="html")]


def load_script(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Load the script on a page with questions."""
    if "<softmax-question " in context.get("body", ""):
        app.add_js_file(SCRIPT, loading_method="defer")


def element(name: str) -> str:
    """Write a question as HTML."""
    put = exercise(name) if name in names() else None
    if put is None:
        return ""
    known = of_function(put) if put.kind == "function" or put.agree_up_to else of_value(put)
    packed = base64.b64encode(json.dumps(known, ensure_ascii=False).encode()).decode()
    return f'<softmax-question name="{html.escape(put.name)}" packed="{packed}"></softmax-question>'


def of_value(put: Exercise) -> dict[str, Any]:
    """Collect what the script needs to judge a value as the package does."""
    return {
        "parts": put.parts,
        "options": list(put.options),
        "right": np.atleast_1d(np.asarray(put.solution, dtype=float)).tolist(),
        "shown": show(put.solution),
        "tolerance": [put.tolerance, put.absolute],
        "slips": [
            [np.atleast_1d(np.asarray(answer, dtype=float)).tolist(), mistake.hint]
            for mistake in put.mistakes
            for answer in mistake.answers
        ],
        "hint": put.hint,
        "why": put.why,
    }


def of_function(put: Exercise) -> dict[str, Any]:
    """Collect the hints and the solution of a function, with an example of what it gives."""
    example = ""
    if put.kind == "function":
        case = put.cases[0]
        given = "\n".join(f"{part} = {show(value)}" for part, value in zip(put.parts, case, strict=True))
        example = f"{given}\n{put.answer} → {show(put.solution(*case))}"
    return {"hint": put.hint, "example": example, "solution": solution_code(put.name)}
