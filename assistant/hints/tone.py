"""How a reply is said to a complaint, to a question and to thanks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from assistant.complaints import subject_of
from assistant.domain import AuthorKind, Citation, Draft, IntentLabel, Signal, Turn
from assistant.hints.hint import Asked, Question
from assistant.hints.template import Reply, joined, say
from assistant.privacy.english_names import english_class
from assistant.privacy.russian_names import russian_class
from assistant.text import lower_plain, plain_name
from assistant.wording.checking import find_faults
from assistant.wording.fault import FaultCode, WordingContext
from prompts.loader import patterns

_SOURCES_OWN = frozenset({FaultCode.LINK, FaultCode.EMPTY_APOLOGY, FaultCode.TOO_LONG})
"""What a source's own words may hold: its addresses were checked by whoever wrote it."""
_ARTICLES_OWN = _SOURCES_OWN | {FaultCode.OFFER}
"""An article is quoted word for word, prices and points with it; never to a complaint."""


_NAME_AND_SURNAME = 2
_USUAL = 2
"""Of `assistant.privacy.russian_names.WordClass.first`: a usual given name."""


def is_complaint(question: Question) -> bool:
    """Whether a complaint is answered."""
    return question.meant.intent.label is IntentLabel.COMPLAINT


def framed(body: Reply, asked: Asked, question: Question) -> Reply:
    """What a source says, said to this customer: to a complaint first the matter, then the source,
    then what happens next."""
    if is_complaint(question):
        return next_step(asked, question, body)
    return joined([greeting(asked, question), body])


def next_step(asked: Asked, question: Question, body: Reply | None = None) -> Reply:
    """An answer to a complaint: the matter, what a source says that helps (`body`), what happens
    next and by when, under which number; the operator fills in what nobody else knows."""
    lang, number = question.meant.lang, asked.ticket_number
    ticket = say(lang, "complaint_ticket_known", number=number) if number else None
    parts = [*_complaint_opening(question), body, say(lang, "complaint_next"), ticket]
    return joined([greeting(asked, question), *parts])


def greeting(asked: Asked, question: Question) -> Reply | None:
    """By name, once: where no person has spoken in this dialog yet and the bot did not greet."""
    name = first_name(plain_name(asked.customer.name))
    met = any(_meets(turn) for turn in (*question.before, *question.after))
    return None if met or not name else say(question.meant.lang, "greeting", name=name)


def _meets(turn: Turn) -> bool:
    if turn.author is AuthorKind.HUMAN:
        return True
    greets = patterns("lexicon/operator_lines")["greeting"].search(lower_plain(turn.text))
    return turn.author is AuthorKind.BOT and greets is not None


def first_name(name: str) -> str:
    """The given name of a name of two words of which one plainly is one («Анна Смирнова»,
    «Смирнова Анна»); any other name as it stands."""
    pair = name.split()
    if len(pair) != _NAME_AND_SURNAME:
        return name
    one, other = map(_givenness, pair)
    if one == other or max(one, other) < 1:
        return name
    return pair[0] if one > other else pair[1]


def _givenness(word: str) -> int:
    """How much rather a word is a given name than a surname."""
    low = lower_plain(word)
    read = max(russian_class(low), english_class(low), key=lambda found: found.first)
    return read.first - read.surname if read.first >= _USUAL else 0


def _complaint_opening(question: Question) -> list[Reply | None]:
    if not is_complaint(question):
        return []
    lang = question.meant.lang
    subject = subject_of(question.text, lang)
    return [Reply(subject.said) if subject else say(lang, "complaint_matter")]


def fits_quotes(draft: Draft, question: Question) -> bool:
    """Whether an article's own words may be offered. What is put around them passes as it is."""
    quotes = tuple(citation.quote for citation in draft.citations)
    return _quotes_fit(draft.text, question.meant.lang, is_complaint(question), quotes)


@lru_cache(maxsize=2048)
def _quotes_fit(text: str, lang: str, complaint: bool, quotes: tuple[str, ...]) -> bool:
    """The same articles answer many customers; to check three replies takes a tenth of the time
    in which hints must be there."""
    facts = WordingContext(handed_over=True, complaint=complaint, evidence=quotes)
    passes = _SOURCES_OWN if complaint else _ARTICLES_OWN
    return not _faults_in(text, lang, facts) - passes


def fits_article(
    reply: Reply, asked: Asked, question: Question, citations: Sequence[Citation]
) -> bool:
    """Whether a reply in a model's words over articles may be offered."""
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
    return _faults_in(reply.text, question.meant.lang, facts)


def _faults_in(text: str, lang: str, facts: WordingContext) -> set[FaultCode]:
    return {
        fault.code for line in text.split("\n") for fault in find_faults(line, lang, facts=facts)
    }


def swears(question: Question) -> bool:
    """Whether the customer does."""
    return Signal.PROFANITY in question.meant.signals
