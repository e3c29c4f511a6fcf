"""From a decision to what goes out: signed as a bot, or handed over with what happens next.

Nothing is decided here but how it is said.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from assistant import disclosure
from assistant.contacts import Contacts, customer_said, noted
from assistant.domain import (
    NOBODY,
    Action,
    Contact,
    Customer,
    Draft,
    HandoffReason,
    Owner,
    Passage,
    Turn,
)
from assistant.handoff import (
    Situation,
    Staffing,
    facts_of,
    make_handoff,
    tell_customer,
    topic_in,
    what_happens_next,
    what_still_happens,
)
from assistant.history import last_said, was_told
from assistant.knowledge.contents import Knowledge
from assistant.known import Known
from assistant.replies import Outcome
from assistant.routing import Rule, choose
from assistant.understanding import Understanding
from assistant.waiting import answer_to_remark, asks_how_long
from assistant.writing.task import Listener, Written
from prompts.loader import phrases, read


@dataclass(frozen=True)
class Context:
    """A customer's message with what is known around it."""

    text: str
    owner: Owner = Owner.BOT
    history: Sequence[Turn] = ()
    customer: Customer = NOBODY
    locale: str = "ru"
    """The language to fall back on when the message has no letters."""
    queue: str | None = None
    """Where a dialog waits: its hours are told."""
    dialog_id: str | None = None
    """Whose budget a language model's work is; None: nobody's but the day's."""
    known: Sequence[Known] = ()
    """What the customer has said of himself, here and in earlier dialogs, newest first."""
    ticket_number: str | None = None
    """Of the dialog's open ticket."""


@dataclass
class Pending:
    """One message on its way: what is known so far and how long each step took."""

    context: Context
    staffing: Staffing
    knowledge: Knowledge | None = None
    understanding: Understanding | None = None
    contact: Contact | None = None
    """Left in this message by somebody who waits."""
    passages: list[Passage] = field(default_factory=list)
    considered: float | None = None
    features: Mapping[str, float] = field(default_factory=dict)
    provisional: bool | None = None
    listener: Listener = field(default_factory=Listener)
    may_write: bool = True
    """Whether a language model may be asked."""
    written: Written | None = None
    """What came of asking a language model; None where none was asked."""
    timings_ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Note how long a step takes."""
        started = time.perf_counter()
        yield
        self.timings_ms[step] = round((time.perf_counter() - started) * 1000, 2)

    @property
    def meant(self) -> Understanding:
        """What the message was taken to mean; the first step sets it."""
        assert self.understanding is not None  # noqa: S101 - the first step sets it
        return self.understanding


class Speaker:
    """Makes outcomes. Safe to use from several threads."""

    def __init__(
        self, *, bot_name: str, operators_lang: str, rules: Sequence[Rule], contacts: Contacts
    ) -> None:
        self._contacts = contacts
        self._bot_name = bot_name
        self._operators_lang = operators_lang
        self._rules = rules

    def say(
        self,
        case: Pending,
        action: Action,
        text: str,
        *,
        draft: Draft | None = None,
        offer_person: bool = True,
        choices: Sequence[str] = (),
    ) -> Outcome:
        """The bot says something; whoever waits for a person goes on waiting."""
        waiting = case.context.owner is Owner.WAITING
        reply = disclosure.sign(
            text,
            case.meant.lang,
            bot_name=self._bot_name,
            citations=draft.citations if draft else (),
            offer_person=offer_person and not waiting,
            choices=choices,
        )
        owner = Owner.WAITING if waiting else Owner.BOT
        said = replace(self.outcome(case, action, owner), reply=reply)
        return replace(said, answer=draft.text) if draft else said

    def answer(self, case: Pending, draft: Draft, *, sure: bool) -> Outcome:
        """The bot answers; where it is not quite sure it offers a person in words."""
        text = self.opening(case) + draft.text
        if case.context.owner is not Owner.WAITING and not sure:
            text = text + "\n\n" + phrases(case.meant.lang).say("offer_person")
        return replace(self.say(case, Action.ANSWER, text, draft=draft), confidence=case.considered)

    @staticmethod
    def opening(case: Pending) -> str:
        """What stands before an answer: whoever waits for a person is told that he still does."""
        if case.context.owner is not Owner.WAITING:
            return ""
        return phrases(case.meant.lang).say("waiting_meanwhile") + "\n"

    def hand_over(self, case: Pending, reason: HandoffReason) -> Outcome:
        """Hand over and say so; a dialog that waits already is not handed over again."""
        if case.context.owner is Owner.WAITING and reason is not HandoffReason.UNSAFE:
            is_open = case.staffing.of(None).open_now
            route = choose(self._rules, facts_of(_situation(case), is_open=is_open))
            return replace(self._still_waiting(case, reason), raised=route.priority)
        situation = _situation(case)
        case.contact = self._contacts.left_in(case.context.text)
        made = make_handoff(reason, situation, case.staffing, self._operators_lang, self._rules)
        text = tell_customer(reason, situation, case.staffing.of(made.queue))
        if reason is not HandoffReason.UNSAFE:  # who is in danger has better things to do
            text += self._offers(case, may_ask=reason is not HandoffReason.OUTAGE)
        reply = disclosure.sign(text, case.meant.lang, bot_name=self._bot_name, offer_person=False)
        outcome = self.outcome(case, Action.HANDOFF, Owner.WAITING)
        contact = self._contacts.known(case.context.customer, _said(case))
        return replace(outcome, reply=reply, handoff=made, contact=contact)

    def _offers(self, case: Pending, *, may_ask: bool = True) -> str:
        """What somebody whom nobody can answer now may do meanwhile; empty where all was told.
        `may_ask`: whether questions are answered."""
        if case.staffing.operators_online:
            return ""
        context, say = case.context, phrases(case.meant.lang)
        keys = self._contacts.offers(context.customer, _said(case), context.history)
        told = [say.say(key) for key in keys if may_ask or key == "contact_offer"]
        return "\n\n" + " ".join(told) if told else ""

    def while_waiting(self, case: Pending, *, asks_if_bot: bool) -> Outcome | None:
        """Whoever waits for a person is not greeted anew and not asked what he wants; None where
        he says more than that he is there, or how he can be reached."""
        context, say = case.context, phrases(case.meant.lang)
        if context.owner is not Owner.WAITING:
            return None
        case.contact = self._contacts.left_in(context.text)
        if case.contact and self._contacts.leaves_only_that(context.text):
            return self.say(case, Action.ACKNOWLEDGE, noted(case.contact, say))
        phrase = answer_to_remark(context.text, case.meant, asks_if_bot=asks_if_bot)
        if phrase is None:
            return None
        text = say.say(phrase)
        what_next = what_happens_next(case.staffing, say)
        told = was_told(what_next, context.history)
        if phrase == "waiting_here" and (not told or asks_how_long(context.text)):
            text = f"{text} {what_next}{self._offers(case)}"
        return self.say(case, Action.ACKNOWLEDGE, text)

    def _still_waiting(self, case: Pending, reason: HandoffReason) -> Outcome:
        say = phrases(case.meant.lang)
        asked = reason is HandoffReason.CUSTOMER_REQUEST
        if was_told(say.say("handoff_unsafe"), case.context.history) and not asked:
            # Danger is not over because it was told once.
            return self.say(case, Action.ACKNOWLEDGE, say.say("waiting_unsafe"))
        opening = say.say("waiting_already" if asked else "waiting_added")
        if not asked and last_said(case.context.history).startswith(opening):
            opening = say.say("waiting_added_too")
        history = case.context.history
        told = not asked and was_told(what_happens_next(case.staffing, say), history)
        what_next = what_still_happens(case.staffing, say, history)
        text = opening if told else f"{opening} {what_next}{self._offers(case)}"
        return self.say(case, Action.ACKNOWLEDGE, text)

    def with_contact(self, case: Pending, outcome: Outcome) -> Outcome:
        """The same, and that the contact is noted which the message held beside other things."""
        if case.contact is None or outcome.reply is None:
            return outcome
        told = noted(case.contact, phrases(case.meant.lang))
        if told in outcome.reply.text:
            return outcome
        text = f"{outcome.reply.text}\n\n{told}"
        return replace(outcome, reply=replace(outcome.reply, text=text))

    @staticmethod
    def introduction(case: Pending) -> str:
        """ "I am a bot", before whatever else is said."""
        return phrases(case.meant.lang).say("am_a_bot") + "\n\n"

    def introduced(self, case: Pending, outcome: Outcome) -> Outcome:
        """The same, with "I am a bot" before it."""
        if outcome.reply is None:
            return outcome
        text = self.introduction(case) + outcome.reply.text
        return replace(outcome, reply=replace(outcome.reply, text=text))

    @staticmethod
    def outcome(case: Pending, action: Action, owner: Owner) -> Outcome:
        """What was decided and what it was decided by, without a word to the customer."""
        said_from = phrases(case.meant.lang).file
        chosen_by = [read(f"lexicon/{name}") for name in ("signals", "answers")]
        return Outcome(
            action=action,
            owner=owner,
            intent=case.meant.intent,
            lang=case.meant.lang,
            signals=case.meant.signals,
            considered=case.considered,
            features=case.features,
            provisional=case.provisional,
            contact=case.contact,
            passages=tuple(case.passages),
            topic=topic_in(_situation(case)),
            question=case.meant.question,
            snapshot=case.knowledge.snapshot_id if case.knowledge else None,
            prompt_versions={
                **{item.name: item.label for item in (said_from, *chosen_by)},
                **(case.written.prompt if case.written else {}),
            },
            written=case.written,
            timings_ms=case.timings_ms,
        )


def _said(case: Pending) -> list[str]:
    return customer_said(case.context.history, case.context.text)


def _situation(case: Pending) -> Situation:
    return Situation(
        text=case.context.text,
        lang=case.meant.lang,
        intent=case.meant.intent,
        signals=case.meant.signals,
        history=case.context.history,
        passages=case.passages,
        customer=case.context.customer,
        articles=case.knowledge.articles if case.knowledge else {},
        known=case.context.known,
    )
