"""Does a fact belong to what the claim is about? Evidence that says «в Москву за 1 день, в
Новосибирск за 5» holds «5 дней», but not for Moscow."""

from __future__ import annotations

import math
from collections.abc import Sequence

from assistant.claims.fact import Fact, FactKind
from assistant.claims.facts import same_fact
from assistant.claims.reading import Sentence
from assistant.claims.words import likeness

_REACH_WORDS = 5.0
_OTHER_CLAUSE = 0.35
_ALIKE = 0.85
_MISPLACED = 0.1


def rival_margin(claim: Sentence, evidence: Sequence[Sentence]) -> float:
    """How much better the claim's words fit another fact of the same kind than the one claimed; the
    worst fact counts, 0 when every fact has its own place, in shares of the claim's words."""
    margins = [_margin(claim, fact, claim.saying, evidence) for fact in claim.facts.found]
    return max((margin for margin in margins if margin is not None), default=0.0)


def misplaced_facts(claim: Sentence, evidence: Sequence[Sentence]) -> list[Fact]:
    """Facts that the evidence holds for another name than the claim's: «в Москву за 5 дней»."""
    names = {fact.start for fact in claim.facts.found if fact.kind is FactKind.NAME}
    about = [at for at in claim.saying if claim.words[at].start in names]
    found = []
    for fact in claim.facts.found:
        margin = _margin(claim, fact, about, evidence) if fact.kind is not FactKind.NAME else None
        if margin is not None and margin > _MISPLACED:
            found.append(fact)
    return found


def _margin(
    claim: Sentence, fact: Fact, about: Sequence[int], evidence: Sequence[Sentence]
) -> float | None:
    context = [
        claim.words[at].stem for at in about if not fact.start <= claim.words[at].start < fact.end
    ]
    if not context:
        return None
    own, rivals = [], []
    for sentence in evidence:
        for other in sentence.facts.found:
            if same_fact(fact, other):
                own.append(_fit(context, other, sentence))
            elif _competes(fact, other) and not _is_claimed(other, claim):
                rivals.append(_fit(context, other, sentence))
    if not own or not rivals:
        return None
    return max(0.0, max(rivals) - max(own)) / len(context)


def _is_claimed(other: Fact, claim: Sentence) -> bool:
    """Whether the claim names a fact of the evidence itself: the two ends of one range."""
    return any(same_fact(fact, other) for fact in claim.facts.found)


def _competes(fact: Fact, other: Fact) -> bool:
    if fact.kind is FactKind.AMOUNT and not fact.unit:
        return False
    return other.kind is fact.kind and other.unit == fact.unit


def _fit(context: Sequence[str], fact: Fact, sentence: Sentence) -> float:
    """How near the words of the claim stand to a fact of the evidence, summed over the words."""
    inside = [at for at, w in enumerate(sentence.words) if fact.start <= w.start < fact.end]
    if not inside:
        return 0.0
    clause = sentence.words[inside[0]].clause
    total = 0.0
    for stem in context:
        total += max(
            (
                likeness(stem, word.stem)
                * math.exp(-min(abs(at - place) for place in inside) / _REACH_WORDS)
                * (1 if word.clause == clause else _OTHER_CLAUSE)
                for at, word in enumerate(sentence.words)
                if at not in inside and likeness(stem, word.stem) >= _ALIKE
            ),
            default=0.0,
        )
    return total
