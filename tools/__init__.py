"""What ``make`` runs: the cover is drawn, notebooks are executed and stored, the pages are served."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]

# The book's style leaves the other settings to the reader, but stored figures must not depend on those of the author.
os.environ["MATPLOTLIBRC"] = os.devnull
