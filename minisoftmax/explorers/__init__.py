"""Figures to try: each call gives one, which a notebook shows as the last value of a cell.

They are custom elements in plain JavaScript that show the same numbers as the package, in JupyterLab and in the built
book. Where no script runs, and in print, a picture takes their place.
"""

# Each explorer is a folder here, and nothing else has to know of it. For an explorer `coin`, `coin_explorer/` has
# - __init__.py: the function `coin`, which checks its arguments, gives an `Explorer`, and shows one in its docstring;
#   CAPTION, which names it on a page and to a screen reader; and HEIGHT, the place that a page keeps free for it;
#   SHARES, where there is one, lists scripts beside this file that it needs, and `data()` gives what a page has once;
# - picture.py: what stands where no script runs, drawn with `drawing`;
# - script.js: the element `coin-explorer`, made of what `explorer.js` and `numbers.js` offer.
# What they say in a language goes through `_`, as usual with gettext, with a literal text: `python -m tools.messages`
# puts it into the catalogs. An explorer has its words in its element, so that a page may have two languages.

from collections.abc import Callable
from typing import TYPE_CHECKING

from minisoftmax.explorers.explorer import Explorer, folder, names

__all__ = ["Explorer", *names()]

globals().update({name: getattr(folder(name), name) for name in names()})

if TYPE_CHECKING:  # what the folders are called is known only when this runs

    def __getattr__(name: str) -> Callable[..., Explorer]: ...
