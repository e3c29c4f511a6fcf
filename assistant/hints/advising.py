"""Short notes for the operator about the situation, in his language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.domain import IntentLabel, Signal
from assistant.hints.hint import Advice, Asked, Candidate, Hint, HintKind, Question, SourceKind
from assistant.hints.question import asks_nothing, did_not_help, was_answered
from assistant.hints.template import texts
from assistant.hints.tone import is_complaint, swears
from assistant.history import previous_questions
from assistant.known import in_words
from assistant.text import sentence_spans, stems
from prompts.loader import fill

LONG_WAIT_MINUTES = 5
UNSURE_BELOW = 0.4
"""Confidence below which the operator is told to check: on the sample dialogs one such reply in
five answers."""
_BAD_SCORE = 2
_SAME_WORDS = 0.75
"""Share of the shorter message's stems from which the customer is taken to ask the same again."""
_LEAST_STEMS = 3


def advice_on(
    asked: Asked,
    question: Question,
    hints: Sequence[Hint],
    candidates: Sequence[Candidate],
    lang: str,
) -> tuple[Advice, ...]:
    """What an operator should know before he answers, the weightiest first."""
    file = texts(lang)
    notes = [
        *_of_the_customer(asked, question),
        *_of_the_dialog(question, candidates),
        *_of_the_hints(question, hints),
        *_known(asked, lang),
    ]
    return tuple(Advice(code, fill(file, f"advice_{code}", **given)) for code, given in notes)


Note = tuple[str, dict[str, object]]


def _of_the_customer(asked: Asked, question: Question) -> Iterator[Note]:
    if Signal.DISTRESS in question.meant.signals:
        yield "unsafe", {}
    if is_complaint(question):
        yield "complaint", {}
    if swears(question):
        yield "profanity", {}
    if asked.waiting_minutes is not None and asked.waiting_minutes >= LONG_WAIT_MINUTES:
        yield "waiting", {"minutes": asked.waiting_minutes}
    if asked.score is not None and asked.score <= _BAD_SCORE:
        yield "rated_low", {"score": asked.score}


def _of_the_dialog(question: Question, candidates: Sequence[Candidate]) -> Iterator[Note]:
    if was_answered(question):
        yield "answered", {}
    if question.meant.asked_before or _asked_again(question):
        yield "asked_twice", {}
    told = [one for one in candidates if one.was_told and one.hint.kind is HintKind.ARTICLE]
    code = "not_helped" if did_not_help(question) else "told_before"
    for one in told[:1]:
        yield code, {"title": one.hint.source.title}
    count = _questions(question.text)
    if count > 1:
        yield "several_questions", {"count": count}


def _of_the_hints(question: Question, hints: Sequence[Hint]) -> Iterator[Note]:
    sourced = [
        hint for hint in hints if hint.citations or hint.source.kind is not SourceKind.TEMPLATE
    ]
    thanks = question.meant.intent.label is IntentLabel.THANKS
    wants = not thanks and not asks_nothing(question)
    if wants and not sourced and Signal.DISTRESS not in question.meant.signals:
        yield "no_source", {}
    best = sourced[0].confidence if sourced else None
    if best is not None and best < UNSURE_BELOW:
        yield "unsure", {}
    if any(hint.blanks for hint in hints):
        yield "blanks", {}


def _known(asked: Asked, lang: str) -> Iterator[Note]:
    if asked.known:
        yield "known", {"known": in_words(asked.known, lang)}


def _asked_again(question: Question) -> bool:
    own = set(stems(question.text))
    if len(own) < _LEAST_STEMS:
        return False
    earlier = [set(stems(text)) for text in previous_questions(question.before)]
    return any(
        len(own & other) >= _SAME_WORDS * min(len(own), len(other))
        for other in earlier
        if len(other) >= _LEAST_STEMS
    )


def _questions(text: str) -> int:
    """How many sentences of a message ask."""
    spans = sentence_spans(text) or [(0, len(text))]
    return sum(text[start:end].rstrip(" »”\"')").endswith("?") for start, end in spans)
