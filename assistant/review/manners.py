"""Advice from the faults that `assistant.wording` finds: what a person should not say either.

A bot must promise nothing; a person may, and does the thing himself. So of its promises only those
count here that nobody can keep, and what it says of itself, of links and of its instructions does
not count at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from assistant.review.advice import AdviceCode, Finding, ReviewContext
from assistant.review.draft import Draft, Sentence
from assistant.review.lexicon import pattern, said
from assistant.wording.checking import find_faults
from assistant.wording.fault import Fault, FaultCode, WordingContext

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_CLAUSE_ENDS = ",;:—–-(.!?\n"
_LOUD = re.compile(r"[^\W\d_]{2,}")
_FEW_WORDS = 2
"""A sentence that keeps no more words without its hollow part goes with it."""
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
        yield from _hollow(sentence, [one for one in found if one.code is FaultCode.HOLLOW])
        for fault in found:
            finding = _finding(fault, sentence, draft, context)
            if finding:
                yield finding
        yield from _guarantees(sentence, draft)


def _finding(
    fault: Fault, sentence: Sentence, draft: Draft, context: ReviewContext
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
        case FaultCode.SHOUTING:
            return _caps(draft, (start, end), fault.rule, context)
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
            return _offer(sentence, (start, end), fault.rule, context)
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
    sentence: Sentence, span: tuple[int, int], kind: str, context: ReviewContext
) -> Finding | None:
    if context.answers_complaint:
        return _whole(AdviceCode.DISCOUNT_TO_COMPLAINT, sentence, "")
    if context.sources.is_empty or kind not in _STATED_BY_ARTICLES:
        return None  # nobody can tell whether it is the shop's
    return Finding(AdviceCode.OFFER, *span, None)


def _hollow(sentence: Sentence, faults: Sequence[Fault]) -> Iterator[Finding]:
    """The hollow part of a sentence as one piece to be left out: the sentence, where it says hardly
    anything else, or the clauses."""
    if not faults:
        return
    text = sentence.text
    start, end = min(one.start for one in faults), max(one.end for one in faults)
    while start > 0 and text[start - 1] not in _CLAUSE_ENDS:
        start -= 1
    while end < len(text) and text[end] not in _CLAUSE_ENDS:
        end += 1
    if len(_WORD.findall(text[:start] + " " + text[end:])) <= _FEW_WORDS:
        start, end = 0, len(text)
    elif end < len(text):
        end += 1  # the comma goes too
    while start < end and not text[start].isalnum():
        start += 1
    yield Finding(AdviceCode.HOLLOW, sentence.start + start, sentence.start + end, "")


def _guarantees(sentence: Sentence, draft: Draft) -> Iterator[Finding]:
    match = pattern(draft.lang, "guarantees").search(sentence.plain)
    if match:
        span = sentence.start + match.start(), sentence.start + match.end()
        yield Finding(
            AdviceCode.FALSE_PROMISE, *span, said(draft.lang, "instead_of_sure"), "false_promise"
        )


def _caps(draft: Draft, span: tuple[int, int], rule: str, context: ReviewContext) -> Finding | None:
    """Capitals that neither an article writes so nor are a foreign name in a Russian text."""
    loud = draft.text[slice(*span)]
    words = _LOUD.findall(loud)
    names = [one for one in words if context.sources.has_capitals(one) or _is_foreign(one, draft)]
    if rule != "marks" and len(names) == len(words):
        return None
    return Finding(AdviceCode.CAPS, *span, _quiet(loud, rule))


def _is_foreign(word: str, draft: Draft) -> bool:
    return draft.lang == "ru" and word.isascii()


def _quiet(loud: str, rule: str) -> str:
    """The same without shouting."""
    if rule == "marks":
        return "?" if "?" in loud else "!"
    words = loud.split(" ")
    return " ".join([words[0].capitalize(), *(word.lower() for word in words[1:])])
