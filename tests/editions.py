"""The languages that the book has an edition in. A test that is marked with them speaks each one in turn."""

import pytest

from tools.messages import catalogs
from tools.notebooks import BOOK

LANGUAGES = [path.parts[-3] for path in catalogs("course")]
EDITIONS = ["en", *(language for language in LANGUAGES if (BOOK / language / "teachers.md").exists())]

every_edition = pytest.mark.parametrize("edition", EDITIONS, indirect=True)
