"""Editions of the book in other languages, each built beside the English one, into a folder of its own.

``editions`` in ``_config.yml`` lists them. The pages of one are in the folder of its name in ``book``, and ``site.po``:
the words of the settings, the contents, the extensions and the templates, and those that the theme leaves in English.
Its settings and its contents are those of the English edition with the words in its language, so they are made here
for each build. While the English edition is built, a process of its own builds each other one.

The entries of the package's names are in English alone: other editions lead to them.

This rests on Jupyter Book's function ``build_sphinx``, and on the two catalogs in which Sphinx and its theme look words
up.
"""

import gc
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from sphinx import locale
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

BOOK = Path(__file__).parents[1]
SOURCE = "en"
REFERENCE = "api/"  # pages that are in English alone
CATALOGS = ("sphinx", "booktheme")

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    """Register with Sphinx; before the theme, whose words yield to those of the edition."""
    gc.set_threshold(100_000, 20, 100)  # a build makes many objects and drops few: a seventh of its time
    app.add_config_value("editions", {}, "html")
    if app.config.language != SOURCE:
        locale.init([str(BOOK / folder) for folder in app.config.locale_dirs], app.config.language, CATALOGS[1])
    app.connect("builder-inited", start)
    app.connect("html-page-context", lead_to_others, priority=300)
    app.connect("html-page-context", lead_to_words, priority=900)  # after the theme
    app.connect("build-finished", finish, priority=750)  # before anything looks at all pages


def editions(config: Config) -> dict[str, str]:
    """Give the languages that there are, each with its name in itself, English first."""
    return {SOURCE: "English"} | {code: name for code, name in config.editions.items() if (BOOK / code).is_dir()}


@cache
def words(language: str) -> Callable[[str], str]:
    """Give what turns an English text of the site into a language, and leaves what it does not know."""
    if language == SOURCE:
        return str
    compiled = BytesIO()
    with (BOOK / language / "site.po").open("rb") as file:
        write_mo(compiled, read_po(file, language))
    compiled.seek(0)
    return GNUTranslations(compiled).gettext


# Building


def start(app: Sphinx) -> None:
    """Start to build the other editions, unless this is one."""
    app.other_editions = {}
    if app.builder.name != "html" or app.config.language != SOURCE:
        return
    options = {
        "freshenv": bool(app.fresh_env_used),
        "force_all": bool(app.fresh_env_used),
        "warningiserror": app.warningiserror or app.keep_going,
        "keep_going": app.keep_going,
        "confoverrides": {"nitpicky": app.config.nitpicky, "latex_individualpages": False},
    }
    for language in list(editions(app.config))[1:]:
        command = [sys.executable, __file__, language, app.outdir, app.doctreedir, app.config.external_toc_path]
        app.other_editions[language] = subprocess.Popen(
            [*map(str, command), yaml.safe_dump(options)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        )


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Wait for the other editions, and repeat what they complain of. A sitemap names the pages of all."""
    for language, process in app.other_editions.items():
        if exception is not None:
            process.kill()
        complaints = process.communicate()[1].strip()
        if exception is None and (complaints or process.returncode):
            logger.warning("in the edition %r:\n%s", language, complaints or f"exit code {process.returncode}")
        both = [Path(app.outdir, folder, "sitemap.xml") for folder in (".", language)]
        if exception is None and all(file.exists() for file in both):
            whole, more = (file.read_text(encoding="utf-8") for file in both)
            added = "\n".join(re.findall(r"<url>.*?</url>", more, re.DOTALL))
            both[0].write_text(whole.replace("</urlset>", f"{added}</urlset>"), encoding="utf-8")
            both[1].unlink()


def build(language: str, outdir: str, doctreedir: str, toc: str, options: str) -> int:
    """Build the edition in a language into the folder of its name."""
    from jupyter_book.sphinx import build_sphinx

    place = Path(doctreedir, language)
    catalogs = place / "locale" / language / "LC_MESSAGES"
    catalogs.mkdir(parents=True, exist_ok=True)
    for name in CATALOGS:
        with (BOOK / language / "site.po").open("rb") as file, (catalogs / f"{name}.mo").open("wb") as compiled:
            write_mo(compiled, read_po(file, language))
    config = settings(language)
    config["sphinx"]["config"] |= {"language": language, "locale_dirs": [str(place / "locale")]}
    config["sphinx"]["config"]["external_toc_path"] = str(place / "_toc.yml")
    for name, text in {"_config.yml": config, "_toc.yml": contents(language, Path(toc))}.items():
        (place / name).write_text(yaml.safe_dump(text, allow_unicode=True, sort_keys=False), encoding="utf-8")
    result = build_sphinx(
        str(BOOK / language),
        str(Path(outdir, language)),
        doctreedir=str(place / "doctrees"),
        path_config=place / "_config.yml",
        noconfig=True,
        quiet=True,
        **yaml.safe_load(options),
    )
    return int(result) if isinstance(result, int) else 1


def settings(language: str) -> dict[str, Any]:
    """Give the settings of an edition: those of the English one, with its words, and with paths from its folder."""

    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: turned(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [turned(inner) for inner in value]
        if not isinstance(value, str):
            return value
        return f"../{value}" if value and (BOOK / value).exists() else words(language)(value)

    config = yaml.safe_load((BOOK.parent / "_config.yml").read_text(encoding="utf-8"))
    folders = config["sphinx"].pop("local_extensions")
    config = turned(config)
    config["sphinx"]["local_extensions"] = {name: str(BOOK.parent / folder) for name, folder in folders.items()}
    changed = config["sphinx"]["config"]
    changed |= {"html_static_path": ["../_static"], "html_additional_pages": {}}  # one 404 page is for all
    for kind in ("css", "js"):  # which Jupyter Book looks for in the folder of the pages alone
        changed[f"html_{kind}_files"] = sorted(file.name for file in BOOK.glob(f"_static/*.{kind}"))
    return dict(config)


def contents(language: str, toc: Path) -> dict[str, Any]:
    """Give the contents of an edition: captions in its language, and without the pages that are in English alone."""

    def turned(part: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, value in part.items():
            if isinstance(value, list):
                kept = [turned(inner) for inner in value if not inner.get("file", "").startswith(REFERENCE)]
                made |= {name: kept} if kept else {}
            else:
                made[name] = words(language)(value) if name in ("caption", "title") else value
        return made

    return turned(yaml.safe_load(toc.read_text(encoding="utf-8")))


# On a page


def counterpart(app: Sphinx, page: str, language: str) -> str | None:
    """Name the page of another edition that says the same, from the root of the site; there may be none."""
    folder = "" if language == SOURCE else f"{language}/"
    if page == "search":
        return f"{folder}search"
    if page not in app.env.found_docs or page.startswith(REFERENCE):
        return None
    return f"{folder}{page}"


def lead_to_others(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: object) -> None:
    """Tell a page where it is in other languages; one that is in English alone leads to their first pages."""
    own = app.config.language
    up = "" if own == SOURCE else "../"
    address = app.config.html_baseurl.removesuffix(f"{own}/" if up else "")
    known = editions(app.config)
    nearest = "api" if page.startswith(REFERENCE) else "index"
    context["switches"] = [
        {
            "language": language,
            "name": name,
            "href": context["pathto"](f"{up}{there or folder + nearest}.html", 1),
            "same": there is not None,
        }
        for language, name in known.items()
        if language != own
        for folder in ["" if language == SOURCE else f"{language}/"]
        for there in [counterpart(app, page, language)]
    ]
    context["alternates"] = [
        (code, f"{address}{counterpart(app, page, language)}.html")
        for code, language in [*((language, language) for language in known), ("x-default", SOURCE)]
        if address and len(known) > 1 and page != "search" and counterpart(app, page, language)
    ]
    context["editions"] = [
        {"language": language, "say": words(language), "folder": "" if language == SOURCE else f"{language}/"}
        for language in known
    ]


def lead_to_words(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: object) -> None:
    """Let those who would mend a page of another edition find its words, of which the page is made."""
    for button in context.get("header_buttons", []) if app.config.language != SOURCE else []:
        for inner in button.get("buttons", [button]):
            if inner.get("label") == "source-edit-button":
                inner["url"] = re.sub(r"\.\w+$", ".po", inner["url"])


if __name__ == "__main__":
    sys.exit(build(*sys.argv[1:]))
