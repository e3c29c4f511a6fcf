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
        count += _denied_as_a_whole(words, at)
        found.append(Turned(own if own is not None else word.stem, count % 2 == 1))
    return found


def _negators_before(words: Sequence[Word], at: int) -> int:
    """How many negators turn a word over: those shortly before it in its clause, and a «нет» right
    after it. «Не более» sets a limit and is none."""
    lists = word_lists()
    clause = words[at].clause
    count = 0
    for other in range(max(0, at - _REACH), min(len(words), at + _REACH)):
        word = words[other]
        follows = words[other + 1].plain if other + 1 < len(words) else ""
        if word.clause != clause or word.plain not in lists.negators or follows in lists.limits:
            continue
        backwards = word.plain in lists.denying_backwards
        count += word.stem not in lists.denials and (other > at if backwards else other < at)
    return count


def _denied_as_a_whole(words: Sequence[Word], at: int) -> bool:
    """Whether the clause, or a clause of one word after it, forbids: «переводом — нельзя»."""
    clause, whole = words[at].clause, word_lists().whole_denials
    for other, word in enumerate(words):
        if other == at or word.stem not in whole:
            continue
        if word.clause == clause:
            return True
        alone = sum(1 for each in words if each.clause == word.clause) == 1
        if alone and word.clause == clause + 1:
            return True
    return False
