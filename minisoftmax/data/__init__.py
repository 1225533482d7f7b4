"""What the chapters are about: a short story, written for this book, and a small language model that has read it.

The model's numbers are stored, so that a chapter, a page and a program have the same. Where they come from is shown in
the chapter on sampling, whose cells ``python -m tools.language_model`` runs to write them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["LanguageModel", "Story", "load_language_model", "load_story"]

_TITLES = re.compile(r"(?m)^(\d+\. |The Cat Who).*")
_TOKEN = re.compile(r"[a-z]+|[.,?]")


class Story(NamedTuple):
    """A text, and its tokens: those that the model has learned from, and those of the last chapter, held out."""

    text: str
    learned: list[str]
    held_out: list[str]


def load_story() -> Story:
    """Load the story *The Cat Who Looked for the Sea*, and split it into tokens.

    A token is a word in small letters, a full stop, a comma or a question mark. Titles are left out.

    Examples
    --------
    >>> story = load_story()
    >>> story.learned[:7]
    ['at', 'the', 'edge', 'of', 'the', 'map', 'there']
    >>> len(story.learned), len(story.held_out)
    (3067, 375)
    """
    text = resources.files(__name__).joinpath("lighthouse.txt").read_text(encoding="utf-8")
    learned, held_out = text.split("13. Another morning")
    return Story(text, *(_TOKEN.findall(_TITLES.sub("", part).lower()) for part in (learned, held_out)))


@dataclass(frozen=True)
class LanguageModel:
    """A log-bilinear language model, which looks at three tokens to score the next one.

    Attributes
    ----------
    vocabulary
        All V tokens that it knows, in alphabetical order.
    E
        For each of the three places, a vector for each token; shape (3, V, 16).
    R
        The matrix from vectors to logits; shape (16, V).
    b
        A number for each token, added to its logit; shape (V,).

    References
    ----------
    Mnih and Hinton (2007), https://doi.org/10.1145/1273496.1273577
    """

    vocabulary: tuple[str, ...]
    E: NDArray[np.float64]
    R: NDArray[np.float64]
    b: NDArray[np.float64]

    def logits(self, words: Sequence[str]) -> NDArray[np.float64]:
        """Score each token of the vocabulary as the next one after ``words``, of which the last three count.

        Raises ``ValueError`` where there are fewer than three, or one of the three is not in the vocabulary.
        """
        if isinstance(words, str):
            raise ValueError(f"words must be a list of tokens, as words.split() gives, got the text {words!r}")
        context = list(words)[-3:]
        if len(context) < 3:
            raise ValueError(f"words must have at least 3 tokens, got {context}")
        unknown = [word for word in context if word not in self.vocabulary]
        if unknown:
            raise ValueError(f"words must be in the vocabulary, got {unknown[0]!r}")
        ids = [self.vocabulary.index(word) for word in context]
        hidden = self.E[[0, 1, 2], ids].sum(axis=0)
        return hidden @ self.R + self.b


def load_language_model() -> LanguageModel:
    """Load the language model that has read the story.

    Its numbers are stored in single precision; what is computed from them is in double precision.

    Examples
    --------
    >>> model = load_language_model()
    >>> z = model.logits(["in", "the", "morning"])
    >>> z.shape, model.vocabulary[z.argmax()]
    ((273,), 'there')
    """
    with resources.files(__name__).joinpath("language_model.npz").open("rb") as file, np.load(file) as stored:
        vocabulary = tuple(stored["vocabulary"].tolist())
        return LanguageModel(vocabulary, **{name: stored[name].astype(np.float64) for name in ("E", "R", "b")})
