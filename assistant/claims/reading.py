"""A claim and its evidence read once: words, polarity and facts of every sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from assistant.claims.facts import Facts, facts_of
from assistant.claims.polarity import Turned, turned_words
from assistant.claims.words import Word, likeness, words_of
from assistant.knowledge.embedder import ReadTogether
from assistant.text import detect_language, sentence_spans

MOST_SENTENCES = 3
"""So many sentences of the evidence, those with most of the claim's words, are read with it."""


class WordReader(Protocol):
    """What reads a claim and its evidence together: the built-in embedder."""

    def read_together(self, text: str, others: Sequence[str]) -> ReadTogether:
        """States of every piece of all texts, read in one pass."""


@dataclass(frozen=True)
class Sentence:
    """A sentence with all that is compared of it."""

    text: str
    words: tuple[Word, ...]
    turned: tuple[Turned, ...]
    facts: Facts

    @cached_property
    def saying(self) -> tuple[int, ...]:
        """Where the words stand that say something."""
        return tuple(at for at, word in enumerate(self.words) if word.says_something)


def read_sentence(text: str, is_russian: bool) -> Sentence:
    """A sentence read."""
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


def nearest(
    claim: Sentence, sentences: Sequence[Sentence], count: int = MOST_SENTENCES
) -> list[Sentence]:
    """The few sentences that share most words with a claim, in their order."""
    shares = [_shared(claim, sentence) for sentence in sentences]
    order = sorted(range(len(sentences)), key=lambda at: (-shares[at], at))[:count]
    return [sentences[at] for at in sorted(order)]


def _shared(claim: Sentence, sentence: Sentence) -> float:
    return sum(
        max((likeness(claim.words[at].stem, word.stem) for word in sentence.words), default=0.0)
        for at in claim.saying
    )
