"""The book builds without a warning into pages that are whole and need no other host."""

import importlib
import pkgutil
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from sphinx_external_toc.parsing import parse_toc_yaml

import minisoftmax
from tests.conftest import ROOT, Build, build_book

CONTENTS = list(parse_toc_yaml(ROOT / "_toc.yml"))
CSS_URL = re.compile(r"(?:@import\s*|url\(\s*)['\"]?((?:https?:)?//[^'\")\s]+)")


def parse(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def test_builds_without_warnings(build: Build) -> None:
    assert build.exit_code == 0, f"`make book` must finish without a warning. Mend these:\n{build.warnings}"


def test_every_entry_of_the_contents_is_a_page(site: Path) -> None:
    missing = [name for name in CONTENTS if not (site / f"{name}.html").exists()]
    assert not missing, f"_toc.yml lists {missing}, which have no page"


def test_the_landing_page_is_the_real_one(site: Path) -> None:
    page = parse(site / "index.html")
    assert page.find("meta", attrs={"http-equiv": re.compile("refresh", re.I)}) is None, "index.html only redirects"
    assert page.select_one("article h1"), "index.html has no heading"


def test_no_page_fetches_from_another_host(site: Path) -> None:
    fetched = [
        f"{page.relative_to(site)}: {element}"
        for page in site.rglob("*.html")
        for element in parse(page).find_all(["script", "link", "img", "iframe", "source", "video"])
        if urlsplit(str(element.get("src") or element.get("href") or "")).netloc
    ]
    assert not fetched, "these would be fetched from another host; put a copy into book/_static:\n" + "\n".join(fetched)


def test_no_style_fetches_from_another_host(site: Path) -> None:
    fetched = [
        f"{style.relative_to(site)}: {url}"
        for style in site.rglob("*.css")
        for url in CSS_URL.findall(style.read_text(encoding="utf-8"))
    ]
    assert not fetched, "these would be fetched from another host; put a copy into book/_static:\n" + "\n".join(fetched)


def alt_problem(image: Tag) -> str | None:
    """Say what is wrong with the alt text of an image in the text. Sphinx's own stand-in for one is the file's path."""
    alt = str(image.get("alt", "")).strip()
    if not alt or Path(alt).name == Path(str(image["src"])).name:
        return "has no alt text"
    if not re.search(r"\w+\W+\w+\W+\w+", alt):
        return f"has the alt text {alt!r}, which is not a sentence"
    return None


def test_every_image_has_a_written_alt_text(site: Path) -> None:
    silent = [
        f"{name}: {image['src']} {problem}"
        for name in CONTENTS
        for image in parse(site / f"{name}.html").select("article img")
        if (problem := alt_problem(image))
    ]
    assert not silent, "write what a person would see and learn in the figure:\n" + "\n".join(silent)


def public_modules() -> list[str]:
    """List what readers import from. The modules inside ``exercises`` hold its answers."""
    found = (module.name for module in pkgutil.walk_packages(minisoftmax.__path__, "minisoftmax."))
    return [name for name in found if "._" not in name and not name.startswith("minisoftmax.exercises.")]


@pytest.fixture(scope="module")
def api(site: Path) -> BeautifulSoup:
    return parse(site / "api.html")


def test_the_api_page_has_every_public_name(api: BeautifulSoup) -> None:
    described = {str(entry.get("id")) for entry in api.select("dt.sig")}
    expected = {f"{name}.{public}" for name in public_modules() for public in importlib.import_module(name).__all__}
    missing = sorted(expected - described)
    assert not missing, f"book/api.md lacks {missing}: every module needs its automodule, every name a docstring"


def test_the_api_page_has_the_names_of_the_package_itself(api: BeautifulSoup) -> None:
    described = {str(entry.get("id")).rpartition(".")[2] for entry in api.select("dt.sig")}
    missing = set(minisoftmax.__all__) - described
    assert not missing, f"minisoftmax.__all__ has {sorted(missing)}, which book/api.md does not describe"


def test_the_api_page_links_to_the_source(api: BeautifulSoup, site: Path) -> None:
    callables = api.select("dl.py.function > dt, dl.py.class > dt")
    unlinked = [entry.get("id") for entry in callables if not entry.select_one("a .viewcode-link")]
    assert callables
    assert not unlinked, f"no link to the source of {unlinked} on the api page"
    assert (site / "_modules" / "minisoftmax" / "core.html").exists()


BROKEN = {
    "See {ref}`nowhere`.": "undefined label: 'nowhere'",
    "See {numref}`fig-nowhere`.": "undefined label: 'fig-nowhere'",
    "See {cite:p}`nobody1900`.": 'could not find bibtex key "nobody1900"',
    "See {py:func}`minisoftmax.core.hardmax`.": "py:func reference target not found: minisoftmax.core.hardmax",
    "See {eq}`no-equation`.": "equation not found: no-equation",
    "See [a page](no-page.md).": "'no-page.md'",
    "See [a heading](#no-heading).": "'no-heading'",
    "![A picture that is not there](_static/no-picture.svg)": "_static/no-picture.svg",
}


def test_a_broken_reference_of_any_kind_fails_the_build(tmp_path: Path) -> None:
    shutil.copy(ROOT / "_config.yml", tmp_path)
    for needed in ("_static", "_extensions"):
        shutil.copytree(ROOT / "book" / needed, tmp_path / "book" / needed)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters: [{file: broken}]\n")
    (tmp_path / "book" / "references.bib").write_text("@misc{somebody, author = {Body}, title = {A}, year = 1900}\n")
    (tmp_path / "book" / "index.md").write_text("# Sound\n\nSee {cite:p}`somebody`.\n\n```{bibliography}\n```\n")
    (tmp_path / "book" / "broken.md").write_text("# Broken\n\n" + "\n\n".join(BROKEN) + "\n")

    broken = build_book(tmp_path, tmp_path)

    assert broken.exit_code != 0
    for line, (text, warning) in zip(range(3, 99, 2), BROKEN.items(), strict=False):
        assert f"broken.md:{line}: WARNING" in broken.warnings, f"no warning names the line of {text!r}"
        assert warning in broken.warnings, f"{text!r} gives no warning with {warning}:\n{broken.warnings}"
    assert "index.md" not in broken.warnings, f"the sound page must give no warning:\n{broken.warnings}"
