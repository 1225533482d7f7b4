"""What the site needs beyond the settings in ``_config.yml``: the repository, the heads of the pages.

This rests on the two strings in ``FLAWS``, on Sphinx's list of a page's scripts (``script_files``), and on the class of
the theme's download link, each of which a test of the built pages looks for.
"""

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes
from markupsafe import Markup, escape
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.locale import _
from sphinx.util.images import get_image_size

from minisoftmax import __version__

SENTENCE_END = re.compile(r"(?<=[.?!…:])\s+")
LONGEST_DESCRIPTION = 200
IMAGE = re.compile(r'(<img\b[^>]*?\bsrc="[^"]*?_images/([^"]+)"[^>]*?)\s*/?>')


SHARED = {
    "ogp_type": "article",
    "ogp_enable_meta_description": False,  # each page has one
    "ogp_image": "_static/card.png",
    "ogp_custom_meta_tags": [
        '<meta property="og:image:width" content="1200" />',
        '<meta property="og:image:height" content="630" />',
        '<meta name="twitter:card" content="summary_large_image" />',
    ],
    "sitemap_locales": [None],
    "sitemap_url_scheme": "{link}",
    "sitemap_excludes": ["search.html", "404.html", "_modules/*"],
}
"""What those who share a link see, and search engines, of a site whose address is known."""

PLACE = "https://github.com/OWNER/NAME"
ARCHIVE = "{}/archive/HEAD.zip"
CLONE = ".[notebooks]"
INSTALL = {
    "cell_type": "code",
    "execution_count": None,
    "id": "install",
    "metadata": {},
    "outputs": [],
    "source": """try:
    import minisoftmax
except ModuleNotFoundError:
    import os, pathlib

    wheel = os.environ.get("MINISOFTMAX_WHEEL", "WHEEL")
    if "://" not in wheel:
        wheel = pathlib.Path(wheel).resolve().as_uri()
    %pip install --quiet "minisoftmax[notebooks] @ {wheel}\"""",
}
"""The cell that a downloaded chapter has before its own: with the package it does nothing."""

COLAB = "https://colab.research.google.com"
LAUNCH = {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab", "colab_url": COLAB}

FLAWS = {
    'role="doc-biblioentry"': 'role="listitem" lang="en"',  # the first is deprecated
    '<summary aria-label="Toggle hidden content">': "<summary>",  # its text says which content
}
"""What other packages write into pages, and what a screen reader is better served by."""


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("config-inited", complete_settings, priority=0)
    app.connect("config-inited", link_repository)
    app.connect("html-page-context", describe, priority=400)  # before sphinxext.opengraph
    app.connect("html-page-context", hasten, priority=900)
    app.connect("html-page-context", point_colab_to_copies, priority=900)
    app.connect("html-page-context", ask_for_errors, priority=900)
    app.connect("doctree-read", name_archive)
    app.connect("build-finished", complete_downloads)
    if "BOOK_DRAFT" not in os.environ:  # to link the names in code takes half as long as all else
        app.setup_extension("sphinx.ext.viewcode")
        app.setup_extension("sphinx_codeautolink")
    if pages_address(os.environ.get("BOOK_REPOSITORY_URL", "")):
        app.setup_extension("sphinx_sitemap")
        app.setup_extension("sphinxext.opengraph")


def complete_settings(app: Sphinx, config: Config) -> None:
    """Find the path after ``--toc`` from where the command runs, not in ``book``; take the version of the package."""
    config.external_toc_path = str(Path(config.external_toc_path).resolve())
    config.version = __version__  # EPUB wants one
    config["codeautolink_concat_default"] = True  # names that one cell imports are known in the next
    config["codeautolink_disable_link_titles"] = True


def link_repository(app: Sphinx, config: Config) -> None:
    """Show the repository's buttons, and say where the site is, if the repository's address is known."""
    if url := os.environ.get("BOOK_REPOSITORY_URL"):
        folder = "" if config.language == "en" else f"{config.language}/"
        config.html_theme_options.update(
            repository_url=url,
            repository_branch="main",
            path_to_docs=f"book/{folder}".strip("/"),
            use_repository_button=True,
            use_issues_button=True,
            use_edit_page_button=True,
            launch_buttons=LAUNCH,
        )
        if address := pages_address(url):
            config.html_baseurl = f"{address}{folder}"
            app.tags.add("published")
        alt = _("The cat sat on the: five words, their scores, exponentials and probabilities.")
        own = {"ogp_site_url": config.html_baseurl, "ogp_site_name": config.html_title, "ogp_image_alt": alt}
        for name, value in (SHARED | own).items():
            config[name] = value


def pages_address(repository: str) -> str:
    """Say where GitHub Pages publishes a repository; other hosts have rules of their own.

    >>> pages_address("https://github.com/Owner/book")
    'https://owner.github.io/book/'
    >>> pages_address("https://github.com/owner/owner.github.io")
    'https://owner.github.io/'
    >>> pages_address("https://example.org/owner/book")
    ''
    """
    address = urlsplit(repository)
    owner, _, name = address.path.strip("/").removesuffix(".git").partition("/")
    if address.netloc != "github.com" or not name:
        return ""
    site = f"https://{owner.lower()}.github.io/"
    return site if name.lower() == urlsplit(site).netloc else f"{site}{name}/"


def name_archive(app: Sphinx, document: nodes.document) -> None:
    """Where the book is published, install from its archive, not from a clone, of which the paragraph below tells."""
    for block in list(document.findall(nodes.literal_block)) if app.tags.has("published") else ():
        if CLONE in block.astext():
            code = block.astext().replace(CLONE, f"minisoftmax[notebooks] @ {archive()}")
            block[:], block.rawsource = [nodes.Text(code)], code
            block.parent.remove(block.next_node(descend=False, siblings=True))


def archive() -> str:
    """Say from where pip can install the package; only GitHub has such addresses."""
    return ARCHIVE.format(os.environ.get("BOOK_REPOSITORY_URL", PLACE).removesuffix(".git"))


def complete_downloads(app: Sphinx, exception: Exception | None) -> None:
    """Let a chapter that someone opens elsewhere install what it needs: the copies get one cell more.

    It installs the wheel that the site serves, from where it will be, or else from beside the notebook.
    """
    project = Path(__file__).parents[2] / "pyproject.toml"
    if exception is not None or app.builder.format != "html" or not project.exists() or "BOOK_DRAFT" in os.environ:
        return
    wheel = f"minisoftmax-{__version__}-py3-none-any.whl"
    if app.config.language == "en":  # one is enough for all editions
        from flit_core.wheel import make_wheel_in  # late, since a draft makes none

        made = make_wheel_in(project, Path(app.outdir)).file
        made.chmod(0o644)  # flit's file is its owner's alone, and GitHub Pages publishes no site that has such a file
    address = pages_address(os.environ.get("BOOK_REPOSITORY_URL", ""))
    source = INSTALL["source"].replace('WHEEL")', f'{address}{wheel}")')
    for path in Path(app.outdir, "_sources").rglob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] != INSTALL["id"]]
        first = next(number for number, cell in enumerate(notebook["cells"]) if cell["cell_type"] == "code")
        notebook["cells"].insert(first, INSTALL | {"source": source})
        path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1), encoding="utf-8")


def describe(app: Sphinx, pagename: str, template: str, context: dict[str, Any], tree: nodes.document | None) -> None:
    """Give the head of a page what search engines and those who share a link show."""
    written = written_description(app, pagename) if tree else ""
    title = Markup(context.get("title", _("Search"))).striptags()
    plain = _("{page} of the book {book}.").format(page=title, book=app.config.html_title)
    context["description"] = written or (tree and first_sentences(tree)) or plain
    context["meta"] = (context.get("meta") or {}) | {"og:description": escape(context["description"])}
    context["root"] = urlsplit(app.config.html_baseurl).path or "/"
    if pagename == app.config.root_doc:
        context["title"] = app.config.html_title


def written_description(app: Sphinx, pagename: str) -> str:
    """Look for a description in the front matter of a page, or in the metadata of a notebook."""
    source = app.env.doc2path(pagename)
    if source.endswith(".ipynb"):
        metadata = json.loads(Path(source).read_text(encoding="utf-8"))["metadata"].get("minisoftmax", {})
    else:
        metadata = app.env.metadata[pagename]
    return str(metadata.get("description", ""))


def first_sentences(document: nodes.document) -> str:
    """Take what fits of the first paragraph, in whole sentences, or the headings of a page that begins with none."""
    section = next(document.findall(nodes.section))
    paragraphs = [part for part in section.children if isinstance(part, nodes.paragraph)]
    if not paragraphs:
        title, *headings = [heading.astext() for heading in section.findall(nodes.title)]
        return f"{title}: {'; '.join(headings)}." if headings else ""
    first, *more = SENTENCE_END.split(" ".join(paragraphs[0].astext().split()))
    for sentence in more:
        if len(first) + 1 + len(sentence) > LONGEST_DESCRIPTION:
            break
        first = f"{first} {sentence}"
    return first


def point_colab_to_copies(app: Sphinx, pagename: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Let Colab, which has no environment of ours, open the copies that install: a branch has them, see book.yml."""
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []):
            if button.get("url", "").startswith(COLAB):
                button["url"] = button["url"].replace("/blob/main/", "/blob/notebooks/")


def ask_for_errors(app: Sphinx, pagename: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Say on each page where to report an error, and which page it is about, in whichever edition."""
    folder = "" if app.config.language == "en" else f"{app.config.language}/"
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []):
            if button.get("label") == "source-issues-button":
                button["text"] = button["tooltip"] = _("Report an error here")
                button["url"] = button["url"].replace(f"%2F{pagename}", f"%2F{folder}{pagename}").partition("&")[0]


def hasten(app: Sphinx, pagename: str, template: str, context: dict[str, Any], tree: nodes.document | None) -> None:
    """Let no script hold up the page, and no picture move the text when it comes."""
    body = context.get("body", "")
    for flaw, mended in FLAWS.items():
        body = body.replace(flaw, mended)
    context["body"] = size_pictures(app, body)
    if pagename == "search":  # its own scripts run at once, and count on these
        return
    scripts = context["script_files"]
    scripts[:] = [
        type(script)(script.filename, priority=script.priority, **{"defer": "defer"} | script.attributes)
        for script in scripts
        if not script.attributes.get("body", "").strip().startswith("DOCUMENTATION_OPTIONS")  # of a version switcher
    ]


def size_pictures(app: Sphinx, body: str) -> str:
    """Give the pictures in the text their width and height, and let those below the first one wait."""
    sources = {name: source for source, name in app.builder.images.items()}
    first = True

    def size(image: re.Match[str]) -> str:
        nonlocal first
        known = get_image_size(Path(app.srcdir, sources[image[2].replace("-dark.svg", ".svg")]))
        attributes = "" if known is None else f' width="{known[0]}" height="{known[1]}"'
        attributes += "" if first or "loading=" in image[1] else ' loading="lazy"'
        first = False
        return f"{image[1]}{attributes} />"

    return IMAGE.sub(size, body)
