"""What is put together wrongly in a claim whose words stand in the evidence: a word of one clause
put into another, another subject, a condition left out, a duty made of a permission.

Words are compared by stems; the subject of a Russian clause is told by morphology."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from assistant.claims.reading import Sentence
from assistant.claims.words import Word, likeness, word_lists

_SURE = 0.85
_MOST_REPLACED = 2
_SHORTEST_SUBJECT = 3

Place = tuple[int, int]
"""A clause: the number of its sentence and its own number there."""


def swapped_word(claim: Sentence, evidence: Sequence[Sentence]) -> float:
    """1 when every word of a clause of the claim stands in the evidence, all but one in one clause
    there that has a word or two of its own in that one's place; else 0."""
    return float(any(_is_swapped(own, claim, evidence) for own in _clauses(claim).values()))


def _is_swapped(own: Sequence[Word], claim: Sentence, evidence: Sequence[Sentence]) -> bool:
    places = [_places(word, evidence) for word in own if word.says_something]
    if len(places) < 2 or not all(places):
        return False
    counts = Counter(place for found in places for place in found)
    most = max(counts.values())
    best = [place for place, count in counts.items() if count == most]
    strangers = [found for found in places if not found & set(best)] or [
        found for found in places if best[0] not in found
    ]
    replaced = min(len(_left_out(place, claim, evidence)) for place in best)
    return most < len(places) and len(strangers) == 1 and 1 <= replaced <= _MOST_REPLACED


def _places(word: Word, evidence: Sequence[Sentence]) -> set[Place]:
    return {
        (number, other.clause)
        for number, sentence in enumerate(evidence)
        for other in sentence.words
        if likeness(word.stem, other.stem) >= _SURE
    }


def _left_out(place: Place, claim: Sentence, evidence: Sequence[Sentence]) -> list[Word]:
    """Words of a clause of the evidence that the claim does not have."""
    return [
        word
        for word in evidence[place[0]].words
        if word.clause == place[1] and word.says_something and not _has(claim.words, word)
    ]


def other_subject(claim: Sentence, best: Sentence, evidence: Sequence[Sentence]) -> float:
    """Squared share of the claim's other words that stand in its best sentence, when a Russian noun
    in the nominative stands nowhere in the evidence; else 0."""
    return max(
        (
            _share([word for word in _saying(claim.words) if word is not noun], best.words) ** 2
            for noun in _saying(claim.words)
            if _is_subject(noun.plain) and not any(_has(each.words, noun) for each in evidence)
        ),
        default=0.0,
    )


@cache
def _analyser() -> Any:
    import pymorphy3  # noqa: PLC0415 - 0.3 s

    return pymorphy3.MorphAnalyzer()


@cache
def _is_subject(word: str) -> bool:
    """Whether a word is most likely a Russian noun in the nominative."""
    if word.isascii() or len(word) < _SHORTEST_SUBJECT:
        return False
    tag = _analyser().parse(word)[0].tag
    return bool(tag.POS == "NOUN" and tag.case == "nomn")


def unconditional(claim: Sentence, evidence: Sequence[Sentence]) -> float:
    """Squared share of the claim's words that a sentence says under a condition of which the claim
    has no word: the largest over the conditions; 0 for a claim with a condition of its own."""
    lists = word_lists()
    if any(word.plain in lists.restrictions for word in claim.words):
        return 0.0
    saying = _saying(claim.words)
    return max(
        (
            _share(saying, governed) ** 2
            for sentence in evidence
            for condition, governed in _conditions(sentence)
            if not any(_has(condition, word) for word in saying)
        ),
        default=0.0,
    )


def _conditions(sentence: Sentence) -> Iterator[tuple[list[Word], list[Word]]]:
    """The words of each condition in a sentence and those that hold only under it: what stands
    before it in the clause, or the clauses beside one that is a condition as a whole."""
    clauses = _clauses(sentence)
    for number, words in clauses.items():
        at = next((n for n, w in enumerate(words) if w.plain in word_lists().restrictions), None)
        condition = _saying(words[at + 1 :]) if at is not None else []
        if condition:
            beside = clauses.get(number + 1, []) + clauses.get(number - 1, [])
            yield condition, words[:at] if at else beside


def made_a_duty(claim: Sentence, best: Sentence, evidence: Sequence[Sentence]) -> float:
    """1 when the claim says "must" where its best sentence says "may" and no sentence "must" or
    tells to do it; else 0."""
    lists = word_lists()
    if not _plain(claim) & lists.duties or not _plain(best) & lists.permissions:
        return 0.0
    demanded = any(_plain(each) & lists.duties for each in evidence)
    return float(not demanded and not any(_is_imperative(word.plain) for word in best.words))


@cache
def _is_imperative(word: str) -> bool:
    """Whether a word is most likely a Russian imperative: «откройте»."""
    if word.isascii() or not word.isalpha():
        return False
    return any(parse.tag.mood == "impr" for parse in _analyser().parse(word)[:2])


def _plain(sentence: Sentence) -> set[str]:
    return {word.plain for word in sentence.words}


def _saying(words: Sequence[Word]) -> list[Word]:
    return [word for word in words if word.says_something]


def _has(words: Sequence[Word], sought: Word) -> bool:
    return any(likeness(sought.stem, word.stem) >= _SURE for word in words)


def _share(sought: Sequence[Word], words: Sequence[Word]) -> float:
    """Share of the words sought that stand among others."""
    return sum(_has(words, word) for word in sought) / len(sought) if sought else 0.0


def _clauses(sentence: Sentence) -> Mapping[int, list[Word]]:
    found: dict[int, list[Word]] = {}
    for word in sentence.words:
        found.setdefault(word.clause, []).append(word)
    return found
