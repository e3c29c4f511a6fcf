"""Which part of a sentence goes when something in it had better not be said."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.review.draft import Sentence
from assistant.review.english_steps import english_steps
from assistant.review.lexicon import word_set
from assistant.review.russian_steps import russian_steps
from assistant.wording.fault import Fault, FaultCode
from assistant.wording.reading import read_sentence

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_CLAUSE_ENDS = ",;:—–-(.!?\n"
_FEW_WORDS = 2
"""A sentence that keeps no more words without that part goes with it."""
TOLD_BESIDE = (FaultCode.OFFER, FaultCode.RUDE, FaultCode.BLAME, FaultCode.ASKS_FOR_SECRET)
"""What is worse than a hollow phrase and is told by itself."""


def left_out(text: str, span: tuple[int, int], others: Sequence[Fault]) -> tuple[int, int]:
    """The clauses around a span, or the whole sentence where hardly anything else stands in it:
    but never over `others`, which are told by themselves. Not empty."""
    start, end = _clauses(text, *span)
    rest = len(_WORD.findall(text[:start] + " " + text[end:]))
    if rest <= _FEW_WORDS and not others:
        start, end = 0, len(text)
    elif end < len(text) and text[end] in _CLAUSE_ENDS:
        if text[end] in ".!?" and start > 0:
            start -= 1  # at the end the comma before it goes, the full stop stays
            return (start, end) if text[start] in _CLAUSE_ENDS else (start + 1, end)
        end += 1  # the comma goes too
    while start < end and not text[start].isalnum():
        start += 1
    return start, end


def offered_part(
    sentence: Sentence, fault: Fault, idle: Sequence[Fault], lang: str
) -> tuple[int, int]:
    """The part that offers something; a step that one «и» joins to it stays."""
    text = sentence.text
    start, end = _clauses(text, fault.start, fault.end)
    for join in _joins(text, start, end, lang):
        if join[1] <= fault.start and _has_step(text[start : join[0]], lang):
            return join[0], end
        if join[0] >= fault.end and _has_step(text[join[1] : end], lang):
            return _trimmed(text, start), join[1] + 1
    return left_out(text, (fault.start, fault.end), idle)


def _clauses(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1] not in _CLAUSE_ENDS:
        start -= 1
    while end < len(text) and text[end] not in _CLAUSE_ENDS:
        end += 1
    return start, end


def _trimmed(text: str, start: int) -> int:
    return start + len(text[start:]) - len(text[start:].lstrip())


def _joins(text: str, start: int, end: int, lang: str) -> list[tuple[int, int]]:
    joins = word_set(lang, "joins")
    return [one.span() for one in _WORD.finditer(text, start, end) if one[0].lower() in joins]


def _has_step(part: str, lang: str) -> bool:
    find = english_steps if lang == "en" else russian_steps
    return any(True for _ in find(read_sentence(part)))
