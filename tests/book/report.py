"""How tests tell of the problems that the checks find."""

from collections.abc import Sequence

import pytest


def none(problems: Sequence[str]) -> None:
    """Fail with every problem on its own line."""
    if problems:
        pytest.fail("\n".join(["", *problems]), pytrace=False)


def one(problems: Sequence[str], *parts: str) -> None:
    """Insist on exactly one problem, whose message has these parts."""
    assert len(problems) == 1, problems
    missing = [part for part in parts if part not in problems[0]]
    assert not missing, f"{missing} not in: {problems[0]}"
