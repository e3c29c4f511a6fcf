"""A claim and its evidence read once: words, polarity, facts and vectors of every sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from assistant.claims.facts import Facts, facts_of
from assistant.claims.polarity import Turned, turned_words
from assistant.claims.words import Word, likeness, words_of
from assistant.knowledge.embedder import ReadText
from assistant.text import detect_language, sentence_spans

Floats = npt.NDArray[np.float32]
_MOST_SENTENCES = 5
"""So many sentences of the evidence, those with most of the claim's words, get vectors."""


class WordReader(Protocol):
    """What reads sentences: the built-in embedder."""

    def read_words(self, texts: Sequence[Sequence[str]]) -> list[ReadText]:
        """A vector for each text and for each word of it."""


@dataclass(frozen=True)
class Sentence:
    """A sentence without its vectors."""

    text: str
    words: tuple[Word, ...]
    turned: tuple[Turned, ...]
    facts: Facts

    @cached_property
    def saying(self) -> tuple[int, ...]:
        """Where the words stand that say something."""
        return tuple(at for at, word in enumerate(self.words) if word.says_something)


@dataclass(frozen=True)
class Reading:
    """A sentence with its vectors: of the whole, length 1, and of each word, as the trunk gives."""

    sentence: Sentence
    vector: Floats
    words: Floats


def read_sentence(text: str, is_russian: bool) -> Sentence:
    """A sentence without its vectors."""
    words = tuple(words_of(text))
    return Sentence(text, words, tuple(turned_words(words)), facts_of(text, is_russian))


def sentences_of(passages: Sequence[str]) -> list[Sentence]:
    """The sentences of passages in order; a passage that has none by its marks is one."""
    found: list[Sentence] = []
    for passage in passages:
        is_russian = detect_language(passage) == "ru"
        spans = sentence_spans(passage) or [(0, len(passage))]
        texts = (passage[start:end] for start, end in spans)
        found.extend(read_sentence(text, is_russian) for text in texts)
    return [sentence for sentence in found if sentence.words]


def nearest(claim: Sentence, sentences: Sequence[Sentence]) -> list[Sentence]:
    """The few sentences that share most words with a claim, in their order."""
    shares = [_shared(claim, sentence) for sentence in sentences]
    order = sorted(range(len(sentences)), key=lambda at: (-shares[at], at))[:_MOST_SENTENCES]
    return [sentences[at] for at in sorted(order)]


def _shared(claim: Sentence, sentence: Sentence) -> float:
    return sum(
        max((likeness(claim.words[at].stem, word.stem) for word in sentence.words), default=0.0)
        for at in claim.saying
    )


def with_vectors(sentences: Sequence[Sentence], reader: WordReader) -> list[Reading]:
    """The sentences read by the model, in one batch."""
    read = reader.read_words([[word.plain for word in each.words] for each in sentences])
    return [
        Reading(sentence, text.vector, text.words)
        for sentence, text in zip(sentences, read, strict=True)
    ]
