"""Advice from the faults that `assistant.wording` finds: what a person should not say either.

A bot must promise nothing; a person may, and does the thing himself. So of its promises only those
count here that nobody can keep, and what it says of itself, of links and of its instructions does
not count at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.review.advice import AdviceCode, Finding, ReviewContext
from assistant.review.draft import Draft, Sentence
from assistant.review.lexicon import pattern, said
from assistant.wording.checking import find_faults
from assistant.wording.fault import Fault, FaultCode, WordingContext

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_CLAUSE_ENDS = ",;:—–-(.!?\n"
_FEW_WORDS = 3
"""A sentence that keeps no more words without its hollow part goes with it."""
_GIFTS = ("discount", "promo", "bonus", "gift")
_KEPT_PROMISES = ("never_again", "control", "good_hands")
_ASKS_ON = ("anything_else",)


def faults_of(sentence: Sentence, draft: Draft, context: ReviewContext) -> list[Fault]:
    """The faults of wording in a sentence, offsets into it."""
    facts = WordingContext(
        handed_over=True,
        ticket_number=context.ticket_number,
        complaint=context.answers_complaint,
        evidence=tuple(context.sources.passages(sentence.text, draft.lang)),
    )
    return find_faults(sentence.text, draft.lang, facts=facts)


def manner_findings(draft: Draft, context: ReviewContext) -> Iterator[Finding]:
    """Advice on how each sentence is said."""
    for sentence in draft.sentences:
        faults = faults_of(sentence, draft, context)
        yield from _hollow(sentence, [one for one in faults if one.code is FaultCode.HOLLOW])
        for fault in faults:
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
            return Finding(AdviceCode.CAPS, start, end, _quiet(draft.text[start:end], fault.rule))
        case FaultCode.CHATTER if fault.rule in _ASKS_ON or context.answers_complaint:
            return _whole(AdviceCode.CHATTER, sentence, "")
        case FaultCode.TOO_LONG:
            return _whole(AdviceCode.TOO_LONG, sentence, None, "too_long_sentence")
        case FaultCode.EMPTY_APOLOGY if fault.rule == "no_matter":
            sorry = draft.text[start:end]
            return Finding(
                AdviceCode.EMPTY_APOLOGY, start, end, f"{sorry} {said(lang, 'for_what')}"
            )
        case FaultCode.OFFER if fault.rule in _GIFTS:
            return _offer(sentence, (start, end), context)
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


def _offer(sentence: Sentence, span: tuple[int, int], context: ReviewContext) -> Finding | None:
    if context.answers_complaint:
        return _whole(AdviceCode.DISCOUNT_TO_COMPLAINT, sentence, "")
    if context.sources.is_empty:
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
    while start < end and text[start].isspace():
        start += 1
    yield Finding(AdviceCode.HOLLOW, sentence.start + start, sentence.start + end, "")


def _guarantees(sentence: Sentence, draft: Draft) -> Iterator[Finding]:
    match = pattern(draft.lang, "guarantees").search(sentence.plain)
    if match:
        span = sentence.start + match.start(), sentence.start + match.end()
        yield Finding(
            AdviceCode.FALSE_PROMISE, *span, said(draft.lang, "instead_of_sure"), "false_promise"
        )


def _quiet(loud: str, rule: str) -> str:
    """The same without shouting."""
    if rule == "marks":
        return "?" if "?" in loud else "!"
    words = loud.split(" ")
    return " ".join([words[0].capitalize(), *(word.lower() for word in words[1:])])
