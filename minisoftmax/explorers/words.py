"""The words of the explorers, in the chosen language."""

from functools import partial

from minisoftmax import language

_ = partial(language.text, domain="explorers")
