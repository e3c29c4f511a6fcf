"""Names of people: given names, surnames, patronymics and initials, in any case and spelling.

A name starts at an anchor and grows over its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.privacy.entities import Find
from assistant.privacy.folding import Folded
from assistant.privacy.lexicon import pattern_of, words_of
from assistant.privacy.name_anchors import TOLD, anchor_at
from assistant.privacy.name_words import Word, is_joined, is_never_a_name, words_with_class

_RANK = 56
_MOST_WORDS = 4


def names(folded: Folded) -> Iterator[Find]:
    """All names of people in the text; brands and characters called like people are none."""
    words = words_with_class(folded)
    shouted = _is_shouted(folded.text)
    nobody = [match.span() for match in pattern_of("not_people").finditer(folded.low)]
    used = -1
    for at in range(len(words)):
        if at <= used or not (anchor := anchor_at(words, at, folded, shouted=shouted)):
            continue
        left, right = _grown(words, at, used + 1, folded, told=anchor == TOLD)
        start, end = words[left].start, words[right].end
        if words[right].initial:
            end += 1
        if any(start < other and one < end for one, other in nobody):
            continue
        used = right
        yield Find("name", start, end, _RANK)


def _is_shouted(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    return sum(char.isupper() for char in letters) > 0.6 * len(letters)


def _grown(
    words: Sequence[Word], at: int, first: int, folded: Folded, *, told: bool
) -> tuple[int, int]:
    """Indexes of the first and the last word of the name around the anchor."""
    left = right = at
    # Leftwards first: in a list of full names the surname belongs to what follows it.
    while left > first and right - left + 1 < _MOST_WORDS:
        before = left - 1
        if _is_said_again(words, left, right, before) or not _belongs(
            words[before], words[left], folded, told=False
        ):
            break
        left = before
    while right + 1 < len(words) and right - left + 1 < _MOST_WORDS:
        after = right + 1
        if _is_said_again(words, left, right, after) or not _belongs(
            words[after], words[right], folded, told=told
        ):
            break
        right = after
    return left, right


def _is_said_again(words: Sequence[Word], left: int, right: int, at: int) -> bool:
    """Whether the next word is in the name already: then the name begins anew."""
    lemma = words[at].kind.lemma
    again = any(word.kind.lemma == lemma for word in words[left : right + 1])
    return again and not words[at].initial


def _belongs(word: Word, neighbour: Word, folded: Folded, *, told: bool) -> bool:
    """Whether the word beside a name is a part of it."""
    if not is_joined(word, neighbour, folded) or word.cyrillic != neighbour.cyrillic:
        return False
    kind = word.kind
    if word.initial or (word.cyrillic and kind.patronymic):
        return True
    foreign = told and word.cyrillic and word.capital  # «получатель Тхи Май Нгуен»
    if word.low in words_of("follows_no_name") or (is_never_a_name(word) and not foreign):
        return False
    follows = word.start > neighbour.start
    if word.capital and not (word.opens and not follows and kind.plain):
        # A surname of any kind follows a given name: «Анна Шварц», "Mary Okafor".
        named = bool(neighbour.kind.first or told)
        return kind.is_name or (follows and named and not kind.place)
    if neighbour.kind.patronymic and kind.is_name:
        return kind.first > 0 or not kind.plain
    if kind.plain or word.capital or (not word.cyrillic and neighbour.capital):
        return False
    return bool(kind.first == 2 or kind.surname) and not kind.place
