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
from sphinx.util.docutils import SphinxDirective

PLACEHOLDER = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>The kit for teachers</title>
<style>
body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; font: 1.1rem/1.5 sans-serif; color-scheme: light dark }
</style>
</head>
<body>
<h1>The kit for teachers</h1>
<p>The slides, the handouts and the question banks have not been made yet. In a clone of the repository, this makes them
and puts them here:</p>
<pre><code>make course</code></pre>
<p><a href="../teachers.html">For teachers</a></p>
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
        link = nodes.reference("", "Open the kit", refuri="course/index.html", internal=False)
        return [nodes.paragraph("", "", link, nodes.Text(" with the slides, handouts and question banks."))]


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
        sys.path.insert(0, str(Path(self.env.srcdir).parent))
        try:
            from tools.lessons import Lesson, slug
        finally:
            sys.path.pop(0)
        lesson = Lesson(self.arguments[0])
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

    times = (
        f"**Times.** Reading {lesson.reading()} minutes; {len(exercises)} exercises that answer back, "
        f"{sum(put.minutes for put in exercises)} minutes"
    )
    times += f"; {len(alone)} open ones, {sum(alone)} minutes." if alone else "."
    in_45 = (
        f"**In 45 minutes** leave out {', '.join(map(link, skip))}. With the exercises {chosen(short)}, "
        f"{lesson.reading(skip)} minutes of reading and {lesson.practice(short)} of exercises; the rest is for the "
        "guess and for talk."
    )
    in_90 = (
        f"**In 90 minutes** add {', '.join(map(link, further))}. With the exercises {chosen(long)}, "
        f"{lesson.reading((), further)} minutes of reading and {lesson.practice(long)} of exercises."
    )
    goals = "\n".join(f"- {goal}" for goal in lesson.goals)
    needs = lesson.needs.replace("You need", "They need")
    guess = f"**The guess.** {lesson.answer or 'The chapter answers it at its end.'}"
    return "\n\n".join(["Students will be able to", goals, needs, times, guess, in_45, in_90])


def keep_place(app: Sphinx, exception: Exception | None) -> None:
    """Say, where ``make course`` puts the kit, how it is made, until it is there."""
    page = Path(app.outdir, "course", "index.html")
    if exception is None and app.builder.name == "html" and not page.exists():
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(PLACEHOLDER, encoding="utf-8")
