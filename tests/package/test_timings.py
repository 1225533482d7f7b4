"""The stored times are what the chapter takes them for. Whether they hold here, the benchmarks tell."""

import json
import re
from typing import Any

from benchmarks import speed, stored
from minisoftmax.data import timings


def test_the_stored_times_are_complete_and_name_their_machine() -> None:
    found = timings.load()
    assert list(found["passes"]) == list(stored.PASSES)
    assert tuple(found["lengths"]) == speed.LENGTHS
    assert {"minisoftmax", "scipy", "numba", "torch"} <= set(found["growth"])
    assert all(len(times) == len(found["lengths"]) and min(times) > 0 for times in found["growth"].values())
    machine = found["machine"]
    assert machine["cpu"]
    assert machine["cores"] >= 1
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", machine["date"])
    assert {"python", "numpy", "numba", "scipy"} <= set(machine["versions"])
    assert "/" not in json.dumps(found), "a path tells about its machine what nobody needs"


def test_what_the_chapter_says_is_true_of_the_stored_times() -> None:
    wrong = [claim for claim, holds in stored.claims(timings.load()).items() if not holds]
    assert not wrong


def test_a_claim_can_fail() -> None:
    times: dict[str, Any] = timings.load()
    times["softmax"]["numba, 1"] = times["passes"]["copy"] / 10
    assert not stored.claims(times)["no softmax is faster than half a copy"]
    times["growth"]["numba"][5] *= 10
    assert sum(not holds for holds in stored.claims(times).values()) == 3
