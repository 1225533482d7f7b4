"""Write an exam: ``python -m minisoftmax.exercises exam --seed 7 --chapters formula,stability``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from minisoftmax import language
from minisoftmax.exercises._exam import write_exam


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 2 if it could not be done, with a sentence that says why."""
    parser = argparse.ArgumentParser(prog="python -m minisoftmax.exercises", description="Make exercises for a course.")
    exam = parser.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "exam", help="write a notebook for students, and one with the solutions"
    )
    exam.add_argument("--seed", type=int, required=True, help="which variants: the same seed gives the same exam")
    exam.add_argument("--chapters", required=True, help="names of chapters, with commas: formula,stability")
    exam.add_argument("--output", type=Path, default=Path(), help="the folder to write into (default: this one)")
    exam.add_argument("--checks", action="store_true", help="let students check their answers too, as in the book")
    exam.add_argument("--language", default="en", help="the language of the texts: en, the default, or es")
    chosen = parser.parse_args(arguments)
    chapters = list(filter(None, map(str.strip, chosen.chapters.split(","))))
    try:
        language.use(chosen.language)
        written = write_exam(chosen.seed, chapters, chosen.output, checks=chosen.checks)
    except (ValueError, OSError) as problem:
        exam.error(str(problem))
    print(*written, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
