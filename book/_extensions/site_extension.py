"""What the site needs beyond the settings in ``_config.yml``."""

import os
import shutil
from importlib.resources import as_file, files
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

# Two thirds of the 24 MB are other ways to write and to draw formulas. This book writes TeX and draws it as HTML.
UNUSED_MATHJAX = shutil.ignore_patterns("*svg*", "*-full*", "*mml*", "asciimath.js", "node-main.js", "adaptors")


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("config-inited", find_contents, priority=0)
    app.connect("config-inited", link_repository)
    app.connect("build-finished", copy_mathjax)


def find_contents(app: Sphinx, config: Config) -> None:
    """Take the path after ``--toc`` from where the command runs; Sphinx would look for it in ``book``."""
    config.external_toc_path = str(Path(config.external_toc_path).resolve())


def link_repository(app: Sphinx, config: Config) -> None:
    """Show the repository's buttons where its address is known: where the site is published."""
    if url := os.environ.get("BOOK_REPOSITORY_URL"):
        config.html_theme_options.update(
            repository_url=url,
            repository_branch="main",
            path_to_docs="book",
            use_repository_button=True,
            use_issues_button=True,
            use_edit_page_button=True,
        )


def copy_mathjax(app: Sphinx, exception: Exception | None) -> None:
    """Put MathJax beside the pages, so that formulas need no network."""
    if exception is None:
        with as_file(files("sphinx-mathjax-offline") / "static" / "mathjax") as mathjax:
            target = Path(app.outdir, "_static", "mathjax")
            shutil.copytree(mathjax, target, ignore=UNUSED_MATHJAX, dirs_exist_ok=True)
