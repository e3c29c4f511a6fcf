"""What articles for operators say and articles for customers do not, read once for looking up."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.text import lower_plain, sentence_spans

if TYPE_CHECKING:
    from assistant.review.sources import Passage

STRETCH = 6
"""So many words in a row that no customer's article has are taken from the operators' one."""
SHORTEST_SENTENCE = 4
"""Of so few words a sentence counts when it stands in the draft from end to end."""
_LONG_WORD = 4
"""Shorter words say nothing about where a sentence comes from."""
_STEM = 6
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Internal:
    """What stands in articles for operators and in none for customers; look-ups take a word or
    stretch each, however many articles there are."""

    stretches: Mapping[tuple[str, ...], str]
    """Rows of words, of `STRETCH` or of a whole short sentence, with the article's title."""
    sentences: Sequence[tuple[frozenset[str], str]]
    """Stems of the longer sentences' words, and titles."""
    by_stem: Mapping[str, Sequence[int]]
    """In which of `sentences` a stem stands."""

    @property
    def is_empty(self) -> bool:
        """Whether no article is for operators only."""
        return not self.stretches


NOTHING_INTERNAL = Internal({}, (), {})


def internal_of(passages: Iterable[Passage]) -> Internal:
    """Read articles, those for customers too: what both say is no secret."""
    everything = list(passages)
    own = [one for one in everything if one.for_operators]
    if not own:
        return NOTHING_INTERNAL
    stretches = {row: one.title for one in own for row in _rows(one.text)}
    sentences = {stems: one.title for one in own for stems in _stems_of_sentences(one.text)}
    for one in everything:
        if not one.for_operators:
            for row in _rows(one.text):
                stretches.pop(row, None)
            for stems in _stems_of_sentences(one.text):
                sentences.pop(stems, None)
    listed = list(sentences.items())
    by_stem: dict[str, list[int]] = defaultdict(list)
    for at, (stems, _) in enumerate(listed):
        for stem in stems:
            by_stem[stem].append(at)
    return Internal(stretches, listed, by_stem)


def _rows(text: str) -> Iterator[tuple[str, ...]]:
    """Rows of `STRETCH` words within a sentence, and whole sentences of a few words less."""
    for start, end in sentence_spans(text):
        words = WORD.findall(lower_plain(text[start:end]))
        if SHORTEST_SENTENCE <= len(words) < STRETCH:
            yield tuple(words)
        for at in range(len(words) - STRETCH + 1):
            yield tuple(words[at : at + STRETCH])


def _stems_of_sentences(text: str) -> Iterator[frozenset[str]]:
    for start, end in sentence_spans(text):
        stems = stems_of(lower_plain(text[start:end]))
        if len(stems) >= STRETCH - 1:
            yield stems


def stems_of(plain: str) -> frozenset[str]:
    """The longer words and numbers of a plain text, each cut to what its forms share."""
    return frozenset(
        word[:_STEM] for word in WORD.findall(plain) if len(word) >= _LONG_WORD or word.isdigit()
    )
