"""The story and the language model that comes with the package."""

import numpy as np
import pytest

from minisoftmax import softmax
from minisoftmax.data import load_language_model, load_story


def test_every_token_of_the_story_is_in_the_vocabulary_and_no_other() -> None:
    story, model = load_story(), load_language_model()
    assert sorted({*story.learned, *story.held_out}) == list(model.vocabulary)


def test_only_the_last_three_words_count() -> None:
    model = load_language_model()
    np.testing.assert_array_equal(
        model.logits(["the", "cat", "went", "to", "the"]), model.logits(["marta", "went", "to", "the"])
    )


def test_the_logits_are_those_of_the_three_places_added_up() -> None:
    model = load_language_model()
    for words in (("in", "the", "morning"), ("the", "the", "the"), (".", "good", "night")):
        for token in (0, 17, 272):
            expected = model.b[token]
            for place, word in enumerate(words):
                vector = model.E[place, model.vocabulary.index(word)]
                expected += sum(float(x) * float(y) for x, y in zip(vector, model.R[:, token], strict=True))
            assert model.logits(words)[token] == pytest.approx(expected, abs=1e-12)


def test_it_has_learned_the_story() -> None:
    story, model = load_story(), load_language_model()
    words = story.learned
    seen = [softmax(model.logits(words[i - 3 : i]))[model.vocabulary.index(words[i])] for i in range(3, len(words))]
    assert np.exp(-np.log(seen).mean()) < 3  # of 273 tokens


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["the", "cat"], r"words must have at least 3 tokens, got \['the', 'cat'\]"),
        (["the", "blue", "whale"], "words must be in the vocabulary, got 'whale'"),
        ("the cat went", r"words must be a list of tokens, as words.split\(\) gives"),
    ],
)
def test_words_that_it_cannot_continue_are_refused(words: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        load_language_model().logits(words)
