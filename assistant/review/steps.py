"""Does an answer to a complaint say what happens next, and when?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.review.advice import AdviceCode, Finding, ReviewContext
from assistant.review.draft import Draft, Sentence
from assistant.review.english_steps import english_steps
from assistant.review.lexicon import pattern, said
from assistant.review.russian_steps import russian_steps
from assistant.review.step import Step, StepKind
from assistant.wording.fault import Fault, FaultCode

_RIGHT_AFTER = 25
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_MARKS = ".!?…"


def step_findings(
    draft: Draft, context: ReviewContext, faults: Sequence[Sequence[Fault]]
) -> Iterator[Finding]:
    """Vague times in any answer; in a finished one to a complaint also a missing step or time."""
    vague = list(_vague_times(draft, context))
    yield from vague
    if not context.answers_complaint or not draft.is_finished or not draft.sentences:
        return
    steps = list(_steps(draft, faults))
    if not steps:
        yield _missing_step(draft)
    elif not vague:
        yield from _missing_time(draft, steps)


@dataclass(frozen=True)
class _Placed:
    """A step with its sentence."""

    step: Step
    sentence: Sentence


def _steps(draft: Draft, faults: Sequence[Sequence[Fault]]) -> Iterator[_Placed]:
    """The steps of all sentences but what is hollow or guarantees in them."""
    find = english_steps if draft.lang == "en" else russian_steps
    for sentence, found in zip(draft.sentences, faults, strict=True):
        idle = [
            (one.start, one.end)
            for one in found
            if one.code in (FaultCode.HOLLOW, FaultCode.CHATTER, FaultCode.OFFER)
        ]
        if sentence.is_question and not idle:
            yield _Placed(Step(0, len(sentence.text), StepKind.CUSTOMERS), sentence)
        fixed = pattern(draft.lang, "fixed_times").search(sentence.plain)
        if fixed and not sentence.is_question:
            # «Ответ будет 10 мая»: whatever happens then, he knows when.
            yield _Placed(Step(*fixed.span(), StepKind.DONE), sentence)
        for step in find(sentence.reading):
            if not any(start < step.end and step.start < end for start, end in idle):
                yield _Placed(step, sentence)


def _missing_step(draft: Draft) -> Finding:
    """Told at the last word, behind which it is missing: the better wording keeps nothing that
    another piece may be about."""
    last = draft.sentences[-1]
    words = [*_WORD.finditer(last.text)]
    start = words[-1].start() if words else 0
    kept = last.text[start:].rstrip()
    kept += "" if kept[-1:] in _MARKS or not kept[-1:].isalnum() else "."
    suggestion = f"{kept} {said(draft.lang, 'next_step')}"
    return Finding(AdviceCode.NO_NEXT_STEP, last.start + start, last.end, suggestion)


def _missing_time(draft: Draft, steps: Sequence[_Placed]) -> Iterator[Finding]:
    """The step that keeps the customer waiting, the first of the last sentence that has one, where
    no time is named anywhere and nothing is asked of him first."""
    waiting = [one for one in steps if one.step.kind is StepKind.AWAITED]
    is_his_turn = any(one.step.kind is StepKind.CUSTOMERS for one in steps)
    if not waiting or is_his_turn or _names_a_time(draft):
        return
    last = next(one for one in waiting if one.sentence is waiting[-1].sentence)
    start = last.sentence.start + last.step.start
    end = last.sentence.start + last.step.end
    suggestion = f"{draft.text[start:end]} {said(draft.lang, 'by_when')}"
    yield Finding(AdviceCode.NO_TIME, start, end, suggestion)


def _is_made_exact(match: re.Match[str], sentence: Sentence, lang: str) -> bool:
    """«В ближайшее время, до 20 минут»: the words right after it say when."""
    after = sentence.plain[match.end() : match.end() + _RIGHT_AFTER]
    return pattern(lang, "times").search(after) is not None


def _names_a_time(draft: Draft, key: str = "times") -> bool:
    times, vague = pattern(draft.lang, key), pattern(draft.lang, "vague_times")
    return any(times.search(vague.sub(" ", one.plain)) for one in draft.sentences)


def _vague_times(draft: Draft, context: ReviewContext) -> Iterator[Finding]:
    keys = ["vague_times"] if context.answers_complaint else ["vaguest_times"]
    if not draft.is_finished or _names_a_time(draft, "fixed_times"):
        return
    for sentence in draft.sentences:
        for key in keys:
            match = pattern(draft.lang, key).search(sentence.plain)
            if match and not _is_made_exact(match, sentence, draft.lang):
                span = sentence.start + match.start(), sentence.start + match.end()
                yield Finding(
                    AdviceCode.NO_TIME, *span, said(draft.lang, "by_when"), "no_time_vague"
                )
