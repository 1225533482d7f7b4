"""What ``make`` runs to make the book: notebooks are executed and stored, the pages are served."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
