"""The questions of the banks as a package of QTI 2.1: a file for each, and a test that draws one for each exercise.

`tools/kit/qti/` has their form. A score is the share of the blanks that are right; the feedback is the book's advice.
"""

import io
from itertools import groupby
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from minisoftmax import language
from tools import ROOT
from tools.banks import Question, html, number, questions


def package() -> bytes:
    """Write the bank as a zip, the same to the last byte on every run."""
    put = {identifier(question): question for question in questions()}
    of_exercise = {name: dict(found) for name, found in groupby(put.items(), lambda entry: entry[1].put.name)}
    files = {
        "imsmanifest.xml": _form("imsmanifest.xml", items=put),
        "test.xml": _form("test.xml", exercises=of_exercise),
        **{f"{name}.xml": item(question) for name, question in put.items()},
    }
    package = io.BytesIO()
    with ZipFile(package, "w") as archive:
        for file, text in files.items():
            archive.writestr(ZipInfo(file), text, ZIP_DEFLATED)  # a ZipInfo has a date of its own, in 1980
    return package.getvalue()


def identifier(question: Question) -> str:
    """Name a question, the same in each package: QTI has neither dots nor spaces there."""
    return question.name.replace(".", "-").replace(" ", "-")


def item(question: Question) -> str:
    """Write a question, its answers, what they score, and what is said to each."""
    put, blanks = question.put, question.blanks

    def answer(value: float) -> str:
        return f"option-{value:.0f}" if put.options else number(value, 10)

    said = dict.fromkeys([put.why, put.hint, *(hint for blank in blanks for _, _, hint in blank.slips)])
    return _form(
        "item.xml",
        identifier=identifier(question),
        title=question.name,
        language=language.chosen(),
        put=put,
        blanks=blanks,
        answer=answer,
        feedback={text: f"feedback-{place}" for place, text in enumerate(said)},
    )


def _form(file: str, **content: object) -> str:
    return _forms.get_template(file).render(content)


_forms = Environment(
    loader=FileSystemLoader(ROOT / "tools" / "kit" / "qti"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_forms.globals.update(html=html)
