"""Capitals and rows of exclamation marks, and the same said quietly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.review.advice import AdviceCode, Finding, ReviewContext
from assistant.review.draft import Draft, Sentence
from assistant.wording.checking import find_faults
from assistant.wording.fault import Fault, FaultCode, WordingContext

_LOUD = re.compile(r"[^\W\d_]{2,}")
_MARKS = re.compile(r"[!?](?:\s?[!?])+")
_MARKS_RULE = "marks"


def caps_findings(
    sentence: Sentence, draft: Draft, found: Sequence[Fault], context: ReviewContext
) -> Iterator[Finding]:
    """At most one piece a sentence, over its capitals and its marks."""
    loud = [one for one in found if one.code is FaultCode.SHOUTING]
    if not loud:
        return
    spans = [span for one in loud if (span := _span_of(one, sentence, draft, context))]
    if any(one.rule == _MARKS_RULE for one in loud):
        # Wording tells the marks alone; the capitals before them are looked for without.
        spans += _capitals_beside_marks(sentence, draft, context)
    if not spans:
        return
    start, end = min(span[0] for span in spans), max(span[1] for span in spans)
    capitals = [span for span in spans if not _MARKS.fullmatch(sentence.text[slice(*span)])]
    better = _quiet(sentence.text, start, end, capitals)
    yield Finding(AdviceCode.CAPS, sentence.start + start, sentence.start + end, better)


def _span_of(
    fault: Fault, sentence: Sentence, draft: Draft, context: ReviewContext
) -> tuple[int, int] | None:
    if fault.rule == _MARKS_RULE:
        whole = (one.span() for one in _MARKS.finditer(sentence.text) if one.end() > fault.start)
        return next(whole, (fault.start, fault.end))
    return _capitals(sentence.text, (fault.start, fault.end), draft, context)


def _capitals_beside_marks(
    sentence: Sentence, draft: Draft, context: ReviewContext
) -> list[tuple[int, int]]:
    bare = _MARKS.sub(lambda match: "." * len(match[0]), sentence.text)
    facts = WordingContext(handed_over=True)
    found = [
        _capitals(sentence.text, (one.start, one.end), draft, context)
        for one in find_faults(bare, draft.lang, facts=facts)
        if one.code is FaultCode.SHOUTING and one.rule != _MARKS_RULE
    ]
    return [one for one in found if one]


def _capitals(
    text: str, span: tuple[int, int], draft: Draft, context: ReviewContext
) -> tuple[int, int] | None:
    """None where an article writes all of them so, or they are foreign names in a Russian text."""
    words = _LOUD.findall(text[slice(*span)])
    loud = [
        one for one in words if not (context.sources.has_capitals(one) or _is_foreign(one, draft))
    ]
    return span if loud else None


def _is_foreign(word: str, draft: Draft) -> bool:
    return draft.lang == "ru" and word.isascii()


def _quiet(text: str, start: int, end: int, capitals: Sequence[tuple[int, int]]) -> str:
    """The same without shouting: the capitals low but for the first letter of a sentence."""
    shown = text
    for a, b in capitals:
        words = shown[a:b].split(" ")
        low = " ".join([words[0].capitalize(), *(word.lower() for word in words[1:])])
        shown = shown[:a] + low + shown[b:]
    return _MARKS.sub(lambda match: "?" if "?" in match[0] else "!", shown[start:end])
