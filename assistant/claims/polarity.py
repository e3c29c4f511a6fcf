"""Which words of a sentence are turned over: by «не», "without", «нельзя», or by meaning the
opposite themselves («бесплатно» is «платно» turned over)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.claims.words import Word, word_lists

_REACH = 3
"""Words after a negator that it may turn over."""


@dataclass(frozen=True)
class Turned:
    """A word as it is compared: the stem of what it affirms or denies, and which."""

    stem: str
    is_denied: bool


def turned_words(words: Sequence[Word]) -> list[Turned]:
    """One for each word, in order."""
    lists = word_lists()
    denials = [lists.denials.get(word.stem) for word in words]
    found = []
    for at, word in enumerate(words):
        own = denials[at]
        count = _negators_before(words, at) + (own is not None)
        count += _denied_as_a_whole(words, denials, at)
        found.append(Turned(own if own is not None else word.stem, count % 2 == 1))
    return found


def _negators_before(words: Sequence[Word], at: int) -> int:
    """How many negators stand shortly before a word in its clause."""
    lists = word_lists()
    return sum(
        1
        for other in words[max(0, at - _REACH) : at]
        if other.plain in lists.negators
        and other.stem not in lists.denials
        and other.clause == words[at].clause
    )


def _denied_as_a_whole(words: Sequence[Word], denials: Sequence[str | None], at: int) -> bool:
    """Whether the clause, or a clause of one word after it, forbids: «переводом — нельзя»."""
    clause = words[at].clause
    for other, word in enumerate(words):
        if other == at or denials[other] not in _whole_denials():
            continue
        if word.clause == clause:
            return True
        alone = sum(1 for each in words if each.clause == word.clause) == 1
        if alone and word.clause == clause + 1:
            return True
    return False


def _whole_denials() -> frozenset[str | None]:
    """What «нельзя» and its like deny."""
    lists = word_lists()
    return frozenset({lists.denials["нельз"], lists.denials["forbidden"]})
