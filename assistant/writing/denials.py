"""Does a sentence deny what its passages affirm, or affirm what they deny?

Stricter than the claim check and made for drafting: a denial must stand in the passages with one of
its words, and what an exception names («вскрытую косметику вернуть нельзя») is not affirmed by
another sentence beside it («вернуть можно в течение 14 дней»).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from assistant.claims.reading import Sentence, sentences_of
from assistant.text import stem_of
from prompts.loader import read

Stems = frozenset[str]


def turns_around(sentence: str, evidence: Sequence[str]) -> bool:
    """Whether a denial stands on one side only."""
    passages = sentences_of(evidence)
    return any(
        _denies_alone(own, passages) or _affirms_an_exception(own, passages)
        for own in sentences_of([sentence])
    )


def _denies_alone(own: Sentence, passages: Sequence[Sentence]) -> bool:
    denied = _stems(own, is_denied=True)
    there = frozenset(stem for each in passages for stem in _stems(each, is_denied=True))
    return bool(denied) and not denied & there


def _affirms_an_exception(own: Sentence, passages: Sequence[Sentence]) -> bool:
    affirmed = _stems(own, is_denied=False)
    usual = [each for each in passages if not _stems(each, is_denied=True)]
    known = frozenset(stem for each in usual for stem in _stems(each, is_denied=False))
    for exception in passages:
        denied = _stems(exception, is_denied=True)
        named = (denied | _stems(exception, is_denied=False)) & affirmed
        if denied & affirmed and named - known:
            return True
    return False


def _stems(sentence: Sentence, *, is_denied: bool) -> Stems:
    """Of the words that say something and are denied, or affirmed; a clause that something is not
    possible or not allowed in is denied as a whole."""
    pairs = list(zip(sentence.words, sentence.turned, strict=True))
    forbidden = {
        word.clause for word, turned in pairs if turned.is_denied and turned.stem in _modals()
    }
    return frozenset(
        turned.stem
        for word, turned in pairs
        if word.says_something
        and turned.stem not in _modals()
        and (turned.is_denied or word.clause in forbidden) == is_denied
    )


@cache
def _modals() -> Stems:
    return frozenset(stem_of(word) for word in read("lexicon/claim_words").content["permissions"])
