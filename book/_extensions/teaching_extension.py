"""What the page for teachers says of the chapters, counted when the book is built; and the place of the kit.

The directive ``kit`` leads there. The directive ``lesson`` has the name of a chapter, and two plans: the sections to
leave out (``skip``) and exercises (``short``) of a lesson of 45 minutes, the sections that lead further (``further``)
and exercises (``long``) of 90.
"""

import sys
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.util.docutils import SphinxDirective

PLACEHOLDER = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; background: Canvas; color: CanvasText }}
body {{ max-width: 40rem; margin: 2rem auto; padding: 0 1rem; font: 1.1rem/1.5 sans-serif }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{text}</p>
<pre><code>make course</code></pre>
<p><a href="../teachers.html">{back}</a></p>
</main>
</body>
</html>
"""


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_directive("lesson", LessonDirective)
    app.add_directive("kit", KitDirective)
    app.connect("build-finished", keep_place)


def separated(by: str) -> Any:
    """Read an option that is a list."""
    return lambda given: [part.strip() for part in (given or "").split(by) if part.strip()]


class KitDirective(SphinxDirective):
    """Lead to the kit, which is no page of the book."""

    def run(self) -> list[nodes.Node]:
        """Write a paragraph."""
        link = nodes.reference("", _("Open the kit"), refuri="course/index.html", internal=False)
        rest = nodes.Text(_("with the slides, handouts and question banks."))
        return [nodes.paragraph("", "", link, nodes.Text(" "), rest)]


class LessonDirective(SphinxDirective):
    """Say of a chapter what it is for, what it needs, how long it takes, and how it fits into a lesson."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {
        "skip": separated(";"),
        "further": separated(";"),
        "short": separated(","),
        "long": separated(","),
    }

    def run(self) -> list[nodes.Node]:
        """Write it in Markdown."""
        sys.path.insert(0, str(Path(__file__).parents[2]))
        try:
            from tools.lessons import Lesson, say, slug
        finally:
            sys.path.pop(0)
        lesson = Lesson(self.arguments[0], Path(self.env.srcdir), say)
        try:
            text = describe(lesson, self.options, slug)
        except ValueError as problem:
            raise self.error(str(problem)) from problem
        self.env.note_dependency(str(lesson.notebook.path))
        parent = nodes.container(classes=["lesson"])
        self.state.nested_parse(StringList(text.splitlines(), self.arguments[0]), self.content_offset, parent)
        return list(parent.children)


def describe(lesson: Any, plans: dict[str, list[str]], slug: Any) -> str:
    """Write goals, prerequisites, times, the answer to the guess and the two plans."""
    skip, further, short, long = (plans.get(name, []) for name in ("skip", "further", "short", "long"))
    exercises, alone = lesson.exercises, [minutes for _, _, minutes, _ in lesson.open_exercises]
    titles = {put.name.partition(".")[2]: put.title for put in exercises}

    def link(title: str) -> str:
        return f"[{title}]({lesson.name}.ipynb#{slug(title)})"

    def chosen(names: list[str]) -> str:
        if missing := [name for name in names if name not in titles]:
            raise ValueError(f"{lesson.name} has no exercises {missing}")
        return ", ".join(f"*{titles[name]}*" for name in names)

    values = {
        "reading": lesson.reading(),
        "exercises": len(exercises),
        "practice": sum(put.minutes for put in exercises),
        "open": len(alone),
        "alone": sum(alone),
    }
    times = _("**Times.** Reading {reading} minutes; {exercises} exercises that answer back, {practice} minutes")
    times += _("; {open} open ones, {alone} minutes.") if alone else "."
    in_45 = _(
        "**In 45 minutes** leave out {sections}. With the exercises {exercises}, {reading} minutes of reading and "
        "{practice} of exercises; the rest is for the guess and for talk."
    ).format(
        sections=", ".join(map(link, skip)),
        exercises=chosen(short),
        reading=lesson.reading(skip),
        practice=lesson.practice(short),
    )
    in_90 = _(
        "**In 90 minutes** add {sections}. With the exercises {exercises}, {reading} minutes of reading and "
        "{practice} of exercises."
    ).format(
        sections=", ".join(map(link, further)),
        exercises=chosen(long),
        reading=lesson.reading((), further),
        practice=lesson.practice(long),
    )
    goals = "\n".join(f"- {goal}" for goal in lesson.goals)
    needs = lesson.needs.replace(_("You need"), _("They need"))
    guess = f"{_('**The guess.**')} {lesson.answer or _('The chapter answers it at its end.')}"
    return "\n\n".join([_("Students will be able to"), goals, needs, times.format(**values), guess, in_45, in_90])


def keep_place(app: Sphinx, exception: Exception | None) -> None:
    """Say, where ``make course`` puts the kit, how it is made, until it is there."""
    page = Path(app.outdir, "course", "index.html")
    if exception is None and app.builder.name == "html" and not page.exists():
        page.parent.mkdir(parents=True, exist_ok=True)
        text = PLACEHOLDER.format(
            language=app.config.language,
            title=_("The kit for teachers"),
            text=_(
                "The slides, the handouts and the question banks have not been made yet. In a clone of the repository, "
                "this makes them and puts them here:"
            ),
            back=_("For teachers"),
        )
        page.write_text(text, encoding="utf-8")
