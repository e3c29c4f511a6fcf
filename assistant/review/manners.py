"""Advice from the faults that `assistant.wording` finds: what a person should not say either.

A bot must promise nothing; a person may, and does the thing himself. So of its promises only those
count here that nobody can keep, and what it says of itself, of links and of its instructions does
not count at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from assistant.review.advice import AdviceCode, Finding, ReviewContext
from assistant.review.capitals import caps_findings
from assistant.review.draft import Draft, Sentence
from assistant.review.leaving_out import TOLD_BESIDE, left_out, offered_part
from assistant.review.lexicon import pattern, said
from assistant.wording.checking import find_faults
from assistant.wording.fault import Fault, FaultCode, WordingContext

_GIFTS = ("discount", "promo", "bonus", "gift")
_STATED_BY_ARTICLES = ("discount", "promo", "gift")
"""Points are talked of in too many ways to look for each in an article."""
_KEPT_PROMISES = ("never_again", "control", "good_hands")
_ASKS_ON = ("anything_else",)


def faults_by_sentence(draft: Draft, context: ReviewContext) -> list[Sequence[Fault]]:
    """The faults of wording of each sentence, offsets into it."""
    return [_faults_of(sentence, draft, context) for sentence in draft.sentences]


def _faults_of(sentence: Sentence, draft: Draft, context: ReviewContext) -> Sequence[Fault]:
    facts = WordingContext(
        handed_over=True,
        ticket_number=context.ticket_number,
        complaint=context.answers_complaint,
    )
    found = _faults(sentence.text, draft.lang, facts)
    if not any(one.rule in _STATED_BY_ARTICLES for one in found):
        return found
    # Articles are read only where they can make something true.
    passages = tuple(context.sources.passages(sentence.text, draft.lang))
    return _faults(sentence.text, draft.lang, replace(facts, evidence=passages))


@lru_cache(maxsize=500)
def _faults(sentence: str, lang: str, facts: WordingContext) -> Sequence[Fault]:
    """While somebody types, all sentences but the last are as they were a moment ago."""
    return tuple(find_faults(sentence, lang, facts=facts))


def manner_findings(
    draft: Draft, context: ReviewContext, faults: Sequence[Sequence[Fault]]
) -> Iterator[Finding]:
    """Advice on how each sentence is said; `faults` are those of the sentences."""
    for sentence, found in zip(draft.sentences, faults, strict=True):
        yield from _hollow(sentence, found)
        yield from caps_findings(sentence, draft, found, context)
        for fault in found:
            finding = _finding(fault, sentence, draft, context, found)
            if finding:
                yield finding
        yield from _insults(sentence, draft, found)
        yield from _guarantees(sentence, draft)


def _finding(
    fault: Fault,
    sentence: Sentence,
    draft: Draft,
    context: ReviewContext,
    found: Sequence[Fault],
) -> Finding | None:
    """One fault as advice; None where a person may say it."""
    start, end = sentence.start + fault.start, sentence.start + fault.end
    lang = draft.lang
    match fault.code:
        case FaultCode.BLAME:
            return _whole(AdviceCode.BLAME, sentence, said(lang, "instead_of_blame"))
        case FaultCode.RUDE:
            return _whole(AdviceCode.RUDE, sentence, "")
        case FaultCode.ASKS_FOR_SECRET:
            return _whole(AdviceCode.ASKS_FOR_SECRET, sentence, said(lang, "instead_of_secret"))
        case FaultCode.CHATTER if fault.rule in _ASKS_ON:
            return _whole(AdviceCode.CHATTER, sentence, "")
        case FaultCode.TOO_LONG:
            return _whole(AdviceCode.TOO_LONG, sentence, None, "too_long_sentence")
        case FaultCode.EMPTY_APOLOGY if fault.rule == "no_matter" and draft.is_finished:
            sorry = draft.text[start:end]
            return Finding(
                AdviceCode.EMPTY_APOLOGY, start, end, f"{sorry} {said(lang, 'for_what')}"
            )
        case FaultCode.OFFER if fault.rule in _GIFTS:
            idle = [one for one in found if one.code is FaultCode.HOLLOW]
            return _offer(sentence, draft, fault, idle, context)
        case FaultCode.FALSE_PROMISE:
            return _promise(fault, sentence, lang, context)
        case _:
            return None


def _promise(fault: Fault, sentence: Sentence, lang: str, context: ReviewContext) -> Finding | None:
    """Only what nobody can keep, and a case number that is not this case's."""
    if fault.rule in _KEPT_PROMISES:
        return _whole(AdviceCode.FALSE_PROMISE, sentence, said(lang, "instead_of_guarantee"))
    if fault.rule != "case_number" or context.ticket_number is None:
        return None
    start, end = sentence.start + fault.start, sentence.start + fault.end
    told = {"number": context.ticket_number}
    return Finding(AdviceCode.FALSE_PROMISE, start, end, None, "false_promise_number", told)


def _whole(code: AdviceCode, sentence: Sentence, suggestion: str | None, why: str = "") -> Finding:
    return Finding(code, sentence.start, sentence.end, suggestion, why)


def _offer(
    sentence: Sentence, draft: Draft, fault: Fault, idle: Sequence[Fault], context: ReviewContext
) -> Finding | None:
    if context.answers_complaint:
        start, end = offered_part(sentence, fault, idle, draft.lang)
        span = sentence.start + start, sentence.start + end
        return Finding(AdviceCode.DISCOUNT_TO_COMPLAINT, *span, "")
    if context.sources.is_empty or fault.rule not in _STATED_BY_ARTICLES:
        return None  # nobody can tell whether it is the shop's
    span = sentence.start + fault.start, sentence.start + fault.end
    return Finding(AdviceCode.OFFER, *span, None)


def _hollow(sentence: Sentence, faults: Sequence[Fault]) -> Iterator[Finding]:
    """The hollow part of a sentence as one piece to be left out: the sentence, where it says hardly
    anything else, or the clauses."""
    hollow = [one for one in faults if one.code is FaultCode.HOLLOW]
    if not hollow:
        return
    others = [one for one in faults if one.code in TOLD_BESIDE]
    span = min(one.start for one in hollow), max(one.end for one in hollow)
    start, end = left_out(sentence.text, span, others)
    yield Finding(AdviceCode.HOLLOW, sentence.start + start, sentence.start + end, "")


def _insults(sentence: Sentence, draft: Draft, found: Sequence[Fault]) -> Iterator[Finding]:
    """Names that nobody may be called; wording knows the tone of a bot."""
    if any(one.code is FaultCode.RUDE for one in found):
        return
    if pattern(draft.lang, "insults").search(sentence.plain):
        yield _whole(AdviceCode.RUDE, sentence, "")


def _guarantees(sentence: Sentence, draft: Draft) -> Iterator[Finding]:
    """Without a better wording: what stands behind it decides how it could be said."""
    match = pattern(draft.lang, "guarantees").search(sentence.plain)
    if match:
        span = sentence.start + match.start(), sentence.start + match.end()
        yield Finding(AdviceCode.FALSE_PROMISE, *span, None)
