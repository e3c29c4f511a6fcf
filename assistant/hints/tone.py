"""How a reply is said to a complaint, to a question and to thanks."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.complaints import subject_of
from assistant.domain import AuthorKind, Citation, IntentLabel, Signal
from assistant.hints.hint import Asked, Question
from assistant.hints.template import Reply, joined, say
from assistant.text import plain_name
from assistant.wording.checking import find_faults
from assistant.wording.fault import FaultCode, WordingContext

_SOURCES_OWN = frozenset({FaultCode.LINK, FaultCode.EMPTY_APOLOGY, FaultCode.TOO_LONG})
"""What a source's own words may hold: its addresses were checked by whoever wrote it."""
_ARTICLES_OWN = _SOURCES_OWN | {FaultCode.OFFER}
"""An article is quoted word for word, prices and points with it; never to a complaint."""


def is_complaint(question: Question) -> bool:
    """Whether a complaint is answered."""
    return question.meant.intent.label is IntentLabel.COMPLAINT


def framed(body: Reply, asked: Asked, question: Question) -> Reply:
    """What a source says, said to this customer: to a complaint first the matter, then the source,
    then what happens next."""
    parts = [greeting(asked, question), *_complaint_opening(question), body]
    if is_complaint(question):
        parts.append(say(question.meant.lang, "complaint_after_article"))
    return joined(parts)


def next_step(asked: Asked, question: Question) -> Reply:
    """The frame of an answer to a complaint that no article settles: the matter, what happens next
    and by when, under which number; the operator fills in what nobody else knows."""
    lang, number = question.meant.lang, asked.ticket_number
    ticket = (
        say(lang, "complaint_ticket_known", number=number)
        if number
        else say(lang, "complaint_ticket")
    )
    opening = _complaint_opening(question)
    return joined([greeting(asked, question), *opening, say(lang, "complaint_next"), ticket])


def greeting(asked: Asked, question: Question) -> Reply | None:
    """By name, once: where no person has spoken in this dialog yet."""
    name = plain_name(asked.customer.name)
    spoke = any(turn.author is AuthorKind.HUMAN for turn in (*question.before, *question.after))
    return None if spoke or not name else say(question.meant.lang, "greeting", name=name)


def _complaint_opening(question: Question) -> list[Reply | None]:
    if not is_complaint(question):
        return []
    lang = question.meant.lang
    subject = subject_of(question.text, lang)
    return [Reply(subject.said) if subject else say(lang, "complaint_matter")]


def fits_article(
    reply: Reply, asked: Asked, question: Question, citations: Sequence[Citation]
) -> bool:
    """Whether a reply that quotes articles may be offered."""
    passes = _SOURCES_OWN if is_complaint(question) else _ARTICLES_OWN
    quotes = [citation.quote for citation in citations]
    return not _faults(reply, asked, question, quotes) - passes


def fits_words(reply: Reply, asked: Asked, question: Question) -> bool:
    """Whether what an operator once said to somebody else may be offered: what he promised or
    offered then was for the other one."""
    return not _faults(reply, asked, question, ()) - _SOURCES_OWN


def _faults(
    reply: Reply, asked: Asked, question: Question, evidence: Sequence[str]
) -> set[FaultCode]:
    """What is hollow, promised, offered, blamed or shouted in it."""
    facts = WordingContext(
        handed_over=True,
        ticket_number=asked.ticket_number,
        complaint=is_complaint(question),
        evidence=evidence,
    )
    return {
        fault.code
        for line in reply.text.split("\n")
        for fault in find_faults(line, question.meant.lang, facts=facts)
    }


def swears(question: Question) -> bool:
    """Whether the customer does."""
    return Signal.PROFANITY in question.meant.signals
