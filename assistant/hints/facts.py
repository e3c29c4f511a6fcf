"""Whether a sentence says anything that is not said elsewhere: by its numbers and the stems of its
words, since an answer is seldom repeated in the same words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.domain import AuthorKind, Turn
from assistant.text import sentence_spans, stems, without_links

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_WINDOW = 4
"""Sentences that stand together; over a longer stretch any words are found."""
_COVERED = 0.75
"""Share of a sentence's stems found elsewhere from which it says nothing new."""
_COVERED_WITH_NUMBERS = 0.6
"""The same where all its numbers are found there too."""
_SAME_FACTS = 0.7
"""Share of the one text's stems, by whole sentences, that stand in the other from which they are
two wordings of one reply."""
_PART_OF = 0.85
"""The same of the text that was there first."""


@dataclass(frozen=True, slots=True)
class _Facts:
    numbers: frozenset[str]
    stems: frozenset[str]

    @staticmethod
    def of(text: str) -> _Facts:
        bare = without_links(text)
        numbers = frozenset(met[0].replace(",", ".") for met in _NUMBER.finditer(bare))
        return _Facts(numbers, frozenset(one for one in stems(bare) if not one[0].isdigit()))


class Said:
    """What was said in some texts. Unchangeable; safe to use from several threads."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._stretches = [facts for text in texts for facts in _stretches(text)]

    def holds(self, sentence: str) -> bool:
        """Whether a sentence was said, in these or in other words; one without a word of its own
        («Да.») was not."""
        own = _Facts.of(sentence)
        if not self._stretches or not (own.stems or own.numbers):
            return False
        return any(_covers(stretch, own) for stretch in self._stretches)

    def share_of(self, text: str) -> float:
        """The share of a text, by the stems of its sentences, that was said, 0 to 1."""
        said = total = 0
        for sentence in sentences_of(text):
            weight = len(_Facts.of(sentence).stems) or 1
            total += weight
            said += weight if self.holds(sentence) else 0
        return said / max(total, 1)


def told_in(turns: Sequence[Turn]) -> Said:
    """What bot and operators said in a dialog."""
    return Said(turn.text for turn in turns if turn.author is not AuthorKind.CUSTOMER)


def same_facts(first: str, other: str) -> bool:
    """Whether another text says nearly what the first does, or all of it."""
    return Said([first]).share_of(other) >= _SAME_FACTS or Said([other]).share_of(first) >= _PART_OF


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, list items and table rows among them."""
    return [text[start:end] for start, end in sentence_spans(text)] or [text]


def has_substance(sentence: str) -> bool:
    """Whether it says more than yes or no."""
    own = _Facts.of(sentence)
    return bool(own.stems or own.numbers)


def _covers(stretch: _Facts, own: _Facts) -> bool:
    if not own.numbers <= stretch.numbers:
        return False
    found = len(own.stems & stretch.stems)
    return found >= (_COVERED_WITH_NUMBERS if own.numbers else _COVERED) * len(own.stems)


def _stretches(text: str) -> Iterator[_Facts]:
    facts = [_Facts.of(sentence) for sentence in sentences_of(text)]
    for at in range(max(1, len(facts) - _WINDOW + 1)):
        some = facts[at : at + _WINDOW]
        yield _Facts(
            frozenset().union(*(one.numbers for one in some)),
            frozenset().union(*(one.stems for one in some)),
        )
