"""Words of a claim and of its evidence, compared by stems: which are the same, which contradict,
which turn a sentence over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from assistant.text import is_stop_word, lower_plain, stem_of
from prompts.loader import read

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_CLAUSE_END = re.compile(r"[,;:()|—–.!?\n]")
_NEARLY = 0.85
_SAME_MEANING = 0.9
_SHORTEST_SHARED = 4


@dataclass(frozen=True)
class Word:
    """A word where it stands in its text."""

    plain: str
    stem: str
    start: int
    end: int
    clause: int
    """Which clause of the text it is in."""
    says_something: bool
    """False for a stop word or a word that only turns the sentence over."""


@dataclass(frozen=True)
class WordLists:
    """`prompts/lexicon/claim_words.yaml` by stems."""

    negators: frozenset[str]
    limits: frozenset[str]
    denying_backwards: frozenset[str]
    denials: Mapping[str, str]
    whole_denials: frozenset[str]
    """Stems."""
    antonyms: Mapping[str, frozenset[int]]
    """Of a stem: the sides it is on, 2n and 2n + 1 being the two of one pair."""
    conditions: frozenset[str]
    condition_openers: frozenset[str]
    restrictions: frozenset[str]
    """Conditions and what else a claim must not drop."""
    duties: frozenset[str]
    permissions: frozenset[str]
    exclusives: frozenset[str]
    universals: frozenset[str]
    same: Mapping[str, frozenset[int]]
    frames: re.Pattern[str]


@cache
def word_lists() -> WordLists:
    """The lists, read once."""
    content: Mapping[str, Any] = read("lexicon/claim_words").content
    sides = [side for pair in content["antonyms"] for side in pair]
    frames = "|".join(content["frames"])
    return WordLists(
        negators=frozenset(content["negators"]),
        limits=frozenset(content["limits"]),
        denying_backwards=frozenset(content["after_what_they_deny"]),
        denials={stem_of(word): stem_of(what) for word, what in content["denials"].items()},
        whole_denials=frozenset(stem_of(word) for word in content["whole_denials"]),
        antonyms=_places(sides),
        conditions=frozenset(content["conditions"]),
        condition_openers=frozenset(content["condition_openers"]),
        restrictions=frozenset([*content["conditions"], *content["restrictions"]]),
        duties=frozenset(content["duties"]),
        permissions=frozenset(content["permissions"]),
        exclusives=frozenset(content["exclusives"]),
        universals=frozenset(content["universals"]),
        same=_places(content["same"]),
        frames=re.compile(rf"^(?:{frames})+", re.IGNORECASE),
    )


def _places(groups: list[list[str]]) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for at, group in enumerate(groups):
        for word in group:
            found.setdefault(stem_of(lower_plain(word)), set()).add(at)
    return {stem: frozenset(places) for stem, places in found.items()}


def words_of(text: str) -> list[Word]:
    """The words of a text in order, each with its clause."""
    lists = word_lists()
    plain_text = lower_plain(text)
    found: list[Word] = []
    clause, at = 0, 0
    for match in _WORD.finditer(plain_text):
        clause += bool(_CLAUSE_END.search(plain_text, at, match.start()))
        at = match.end()
        plain = match[0].replace("’", "'")
        stem = stem_of(plain)
        weighs = not is_stop_word(plain) and plain not in lists.negators and len(plain) > 1
        found.append(Word(plain, stem, match.start(), match.end(), clause, weighs))
    return found


@lru_cache(maxsize=200_000)
def likeness(one: str, other: str) -> float:
    """How much two stems are the same word, 0 to 1, by their letters and our word lists."""
    if one == other:
        return 1.0
    same = word_lists().same
    if same.get(one, frozenset()) & same.get(other, frozenset()):
        return _SAME_MEANING
    shared = _shared_beginning(one, other)
    shortest, longest = sorted((len(one), len(other)))
    if shared >= _SHORTEST_SHARED and shared >= shortest - 1 and longest - shared <= 4:
        return _NEARLY
    return 0.0


def _shared_beginning(one: str, other: str) -> int:
    shared = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        shared += 1
    return shared


def contradict(one: str, other: str) -> bool:
    """Whether two stems are on the two sides of a pair of opposites, and not on one of another."""
    sides = word_lists().antonyms
    own, theirs = sides.get(one, frozenset()), sides.get(other, frozenset())
    return not own & theirs and any(side ^ 1 in theirs for side in own)


def without_frames(text: str) -> str:
    """The text without what is said around an answer and states nothing: "Yes, I know that"."""
    return word_lists().frames.sub("", text.strip())
