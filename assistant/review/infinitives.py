"""«Деньги вернуться на карту»: an infinitive that should be «вернутся», told by its clause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from assistant.morphology import analyzer
from assistant.review.advice import AdviceCode, Finding
from assistant.review.draft import Draft
from assistant.review.lexicon import lists, word_set
from assistant.text import lower_plain

_WORD = re.compile(r"[а-яё]+(?:-[а-яё]+)*", re.IGNORECASE)
_CLAUSE = re.compile(r"[^,;:.!?()\n—–]+")
_LICENSES = frozenset({"VERB", "INFN", "PRED", "ADJS", "PRTS", "GRND"})
"""Beside a word of these sorts an infinitive may be right: «может вернуться», «готов вернуться»."""


def infinitive_findings(draft: Draft) -> Iterator[Finding]:
    """Infinitives in «-ться» right after their own subject, where nothing else in the clause could
    ask for an infinitive. Nothing is said of the word that is being typed."""
    if str(lists("ru")["infinitive"]) not in lower_plain(draft.text):
        return
    for sentence in draft.sentences:
        for clause in _CLAUSE.finditer(sentence.text):
            offset = sentence.start + clause.start()
            for word, better in _wrong(clause[0]):
                start, end = offset + word.start(), offset + word.end()
                if start != draft.growing_word:
                    yield Finding(AdviceCode.TYPO, start, end, better, told={"better": better})


def _wrong(clause: str) -> Iterator[tuple[re.Match[str], str]]:
    words = list(_WORD.finditer(clause))
    ending = str(lists("ru")["infinitive"])
    for at, word in enumerate(words):
        low = word[0].lower()
        if at == 0 or not low.endswith(ending) or not analyzer().word_is_known(low):
            continue
        others = [one[0].lower() for place, one in enumerate(words) if place != at]
        if any(_licenses(one) for one in others):
            continue
        number = _subject(words[:at])
        better = _finite(low, number) if number else None
        if better:
            yield word, better


def _subject(before: Sequence[re.Match[str]]) -> str | None:
    """The number of the noun or pronoun right before it that can only be a subject."""
    last = before[-1][0].lower()
    if last in word_set("ru", "denying") and len(before) > 1:
        last = before[-2][0].lower()
    readings = analyzer().parse(last)
    if last in word_set("ru", "third_persons"):
        return _number(readings)
    nouns = [one for one in readings if one.tag.POS == "NOUN"]
    if not nouns or len(nouns) < len(readings):
        return None
    # «Деньги» is nominative and accusative; after a preposition or an adverb of want it is neither.
    if not any("nomn" in one.tag for one in nouns) or not _stands_first(before):
        return None
    return _number([one for one in nouns if "nomn" in one.tag])


def _stands_first(before: Sequence[re.Match[str]]) -> bool:
    """Whether no preposition stands before the noun, which would make it no subject."""
    words = [one[0].lower() for one in before[:-1]]
    return not any(_sorts(one) & {"PREP"} for one in words[-2:])


def _number(readings: Sequence[object]) -> str | None:
    numbers = [str(one.tag.number) for one in readings if one.tag.number]  # type: ignore[attr-defined]
    return numbers[0] if numbers else None


@lru_cache(maxsize=5_000)
def _sorts(word: str) -> frozenset[str]:
    return frozenset(str(one.tag.POS) for one in analyzer().parse(word) if one.tag.POS)


def _licenses(word: str) -> bool:
    return bool(_sorts(word) & _LICENSES) or word in word_set("ru", "licensing")


def _finite(infinitive: str, number: str) -> str | None:
    """Its third person: «вернутся», «хранится»."""
    for one in analyzer().parse(infinitive):
        if one.tag.POS == "INFN":
            form = one.inflect({"VERB", "3per", number, "indc"})
            return str(form.word) if form else None
    return None
