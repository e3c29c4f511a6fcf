"""When a person takes over, to which queue, and what the customer and the operator are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from assistant.business_hours import BusinessHours, SupportCalendar
from assistant.complaints import subject_of, subjects
from assistant.domain import (
    Action,
    Article,
    AuthorKind,
    Customer,
    Handoff,
    HandoffReason,
    Intent,
    IntentLabel,
    Passage,
    Signal,
    Turn,
)
from assistant.history import was_told
from assistant.hours_in_words import hours_in_words, opening_in_words
from assistant.known import Known, in_words
from assistant.routing import Facts, Rule, choose
from assistant.text import shorten, words
from assistant.topics import topic_of, votes_of_citations
from prompts.loader import Phrases, phrases

_CALLS = {Signal.WANTS_HUMAN, Signal.NOT_HELPED, Signal.ASKS_IF_BOT}
_FEW_WORDS = 5
"""Words up to which a message with such a signal says nothing else."""
_MESSAGE_CHARACTERS = 400
_EARLIER_CHARACTERS = 120
_EARLIER_QUESTIONS = 3
_TRIED_ARTICLES = 3


@dataclass(frozen=True)
class Staffing:
    """Who could take a dialog now."""

    operators_online: bool
    expected_wait_minutes: int
    now: datetime
    """With a time zone."""
    calendar: SupportCalendar
    queue: str | None = None
    """Whose hours count; None: those of all queues without hours of their own."""

    def of(self, queue: str | None) -> Staffing:
        """The same for the dialogs of a queue."""
        return replace(self, queue=queue)

    @property
    def hours(self) -> BusinessHours:
        """When operators answer."""
        return self.calendar.desk(self.queue).hours

    @property
    def today(self) -> date:
        """The date where the operators are."""
        return self.hours.today(self.now)

    @property
    def open_now(self) -> bool:
        """Whether operators should be answering at this time of day."""
        return self.hours.is_open(self.now)


@dataclass(frozen=True)
class Situation:
    """All that a handoff is described from."""

    text: str
    lang: str
    intent: Intent
    signals: frozenset[Signal]
    history: Sequence[Turn]
    passages: Sequence[Passage]
    customer: Customer
    articles: dict[str, Article]
    known: Sequence[Known] = ()


def topic_in(situation: Situation) -> str | None:
    """What the dialog is about: by the articles found now and those cited before."""
    chatter = (
        _only_calls(situation)
        or situation.intent.label is IntentLabel.THANKS
        or Signal.GREETING_ONLY in situation.signals
    )
    found = () if chatter else situation.passages  # they were found by chance
    return topic_of(found, votes_of_citations(situation.history, situation.articles))


def _only_calls(situation: Situation) -> bool:
    """A bare "operator!" or "that did not help" says neither what the dialog is about nor whether
    it is a complaint, however sure of it the embedding is."""
    few = len(words(situation.text)) <= _FEW_WORDS
    return few and bool(situation.signals & _CALLS)


def facts_of(situation: Situation, *, is_open: bool) -> Facts:
    """What the routing rules see; `is_open`: whether operators answer at this hour."""
    return Facts(
        intent=None if _only_calls(situation) else situation.intent.label,
        language=situation.lang,
        is_open=is_open,
        topic=topic_in(situation),
        segment=situation.customer.segment,
        signals=situation.signals,
    )


def make_handoff(
    reason: HandoffReason,
    situation: Situation,
    staffing: Staffing,
    operators_lang: str,
    rules: Sequence[Rule],
) -> Handoff:
    """The handoff with its queue, its priority and the summary for the operator."""
    online = staffing.operators_online
    # Which queue it comes to depends on the usual hours, not on those of the queue it is in.
    route = choose(rules, facts_of(situation, is_open=staffing.of(None).open_now))
    return Handoff(
        reason=reason,
        queue=route.queue,
        summary=summarise(reason, situation, operators_lang),
        operators_online=online,
        expected_wait_minutes=staffing.expected_wait_minutes if online else None,
        priority=route.priority,
        topic=route.topic,
        rule=route.rule,
        known=known_line(situation, operators_lang),
    )


def known_line(situation: Situation, operators_lang: str) -> str:
    """What the customer need not be asked again; empty when nothing is known."""
    if not situation.known:
        return ""
    known = in_words(situation.known, operators_lang)
    return phrases(operators_lang).say("summary_known", known=known)


def tell_customer(reason: HandoffReason, situation: Situation, staffing: Staffing) -> str:
    """What the customer is told: what it is about, what happens next and when."""
    say = phrases(situation.lang)
    if reason is HandoffReason.COMPLAINT:
        subject = subject_of(situation.text, situation.lang)
        opening = subject.said if subject else say.say("complaint_general")
    else:
        opening = say.say(f"handoff_{reason.value}")
    return f"{opening} {what_happens_next(staffing, say)}"


def what_happens_next(staffing: Staffing, say: Phrases) -> str:
    """Who answers where and when, also when nobody is there."""
    if staffing.operators_online:
        return say.say("next_online", minutes=staffing.expected_wait_minutes)
    hours, now = staffing.hours, staffing.now
    if hours.is_always:
        return say.say("next_offline_always")
    usual = hours_in_words(hours, now, say)
    if staffing.open_now:
        return say.say("next_offline_open", hours=usual)
    opens = hours.next_opening(now)
    if opens is None:
        return say.say("next_offline_unknown")
    back = opening_in_words(opens, now, say)
    if staffing.today in hours.dates:  # so what is usual is not true today
        return say.say("next_offline_special_day", hours=usual, opens=back)
    return say.say("next_offline_closed", hours=usual, opens=back)


def what_still_happens(staffing: Staffing, say: Phrases, history: Sequence[Turn]) -> str:
    """The same, in a few words for whoever has read it before."""
    what_next = what_happens_next(staffing, say)
    if not was_told(what_next, history):
        return what_next
    if staffing.operators_online:
        return say.say("next_again_online", minutes=staffing.expected_wait_minutes)
    opens = staffing.hours.next_opening(staffing.now)
    if staffing.open_now or opens is None:
        return say.say("next_again")
    return say.say("next_again_closed", opens=opening_in_words(opens, staffing.now, say))


def summarise(reason: HandoffReason, situation: Situation, operators_lang: str) -> str:
    """The dialog in a few lines, so that nobody asks the customer to repeat anything."""
    say = phrases(operators_lang)
    lines = [
        _headline(reason, situation, say),
        *_customer_line(situation.customer, say),
        say.say("summary_message", text=shorten(situation.text, _MESSAGE_CHARACTERS)),
    ]
    earlier = [turn.text for turn in situation.history if turn.author is AuthorKind.CUSTOMER]
    if earlier:
        shown = [shorten(text, _EARLIER_CHARACTERS) for text in earlier[-_EARLIER_QUESTIONS:]]
        lines.append(say.say("summary_earlier", questions=" / ".join(shown)))
    answered = _answered_from(situation)
    if answered:
        lines.append(say.say("summary_answered", titles="; ".join(answered)))
    tried = [passage.article.title for passage in situation.passages[:_TRIED_ARTICLES]]
    untold = [title for title in tried if title not in answered]
    if untold:
        lines.append(say.say("summary_tried", titles="; ".join(untold)))
    if Signal.PROFANITY in situation.signals:
        lines.append(say.say("summary_tone"))
    return "\n".join(lines)


def _headline(reason: HandoffReason, situation: Situation, say: Phrases) -> str:
    if reason is HandoffReason.UNSAFE:
        return say.say("summary_unsafe")
    if situation.intent.label is IntentLabel.COMPLAINT and reason is HandoffReason.COMPLAINT:
        subject = complaint_named(situation.text, situation.lang, say)
        if subject:
            return say.say("summary_complaint", subject=subject)
        return say.say("summary_complaint_general")
    if reason in (HandoffReason.CUSTOMER_REQUEST, HandoffReason.REPEATED):
        return say.say(f"summary_{reason.value}")
    return say.say("summary_question")


def complaint_named(text: str, lang: str, say: Phrases) -> str | None:
    """What a complaint in the customer's language is about, in the operators'; None where no word
    list knows it."""
    found = subject_of(text, lang)
    if found is None:
        return None
    return next((item.named for item in subjects(say.lang) if item.id == found.id), found.named)


def customer_in_words(customer: Customer) -> str:
    """Name, segment and attributes as the caller told them; empty when he told nothing."""
    facts = [f"{name}: {value}" for name, value in customer.attributes.items()]
    known = [item for item in (customer.name, customer.segment) if item]
    return ", ".join([*known, *facts])


def _customer_line(customer: Customer, say: Phrases) -> list[str]:
    who = customer_in_words(customer)
    return [say.say("summary_customer", who=who)] if who else []


def _answered_from(situation: Situation) -> list[str]:
    ids = [
        article_id
        for turn in situation.history
        if turn.author is AuthorKind.BOT and turn.action is Action.ANSWER
        for article_id in turn.article_ids
    ]
    titles = [
        situation.articles[article_id].title
        for article_id in ids
        if article_id in situation.articles
    ]
    return list(dict.fromkeys(titles))
