"""A customer who asks what has become of his ticket is told how it stands, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from assistant import disclosure
from assistant.deciding import Context, Decider
from assistant.domain import Action, Owner, Signal
from assistant.replies import Outcome
from assistant.text import words
from assistant.ticket_news import TicketNews
from assistant.tickets import UNFINISHED, TicketState
from prompts.loader import patterns, phrases

FindsTicket = Callable[[str, int | None], TicketState | None]
"""The newest ticket of a dialog, or the one of that number, as `DialogStore.state_of_ticket`."""

_LARGEST_NUMBER = 2**31 - 1
_MOST_WORDS = 15
_NEEDS_A_PERSON = {Signal.DISTRESS, Signal.WANTS_HUMAN}


class TicketQuestions:
    """Answers them. Safe to use from several threads."""

    def __init__(self, decider: Decider, find: FindsTicket, news: TicketNews) -> None:
        self._decider = decider
        self._find = find
        self._news = news

    def outcome(self, context: Context) -> Outcome | None:
        """How the ticket stands; the dialog stays with its owner. None for a message that asks
        anything else, in a dialog without such a ticket, and while a person has it."""
        asked, number = asks_about_ticket(context.text)
        if not asked or context.dialog_id is None or context.owner is Owner.HUMAN:
            return None
        state = self._find(context.dialog_id, number)
        if state is None:
            return None
        # A dialog of nobody's history, so that nothing but the message is looked at.
        alone = replace(context, owner=Owner.BOT, history=())
        understood = self._decider.hand_over_now(alone)
        if understood.signals & _NEEDS_A_PERSON:
            return None
        return self._told(understood, context.owner, state)

    def _told(self, understood: Outcome, owner: Owner, state: TicketState) -> Outcome:
        text = self._news.in_words(state, understood.lang)
        waits = owner is Owner.WAITING
        if waits and state.status in UNFINISHED:
            text = f"{text} {phrases(understood.lang).say('waiting_here')}"
        reply = disclosure.sign(
            text, understood.lang, bot_name=self._news.bot_name, offer_person=not waits
        )
        return replace(
            understood,
            action=Action.ACKNOWLEDGE,
            owner=Owner.WAITING if waits else Owner.BOT,
            reply=reply,
            handoff=None,
            contact=None,
        )


def asks_about_ticket(text: str) -> tuple[bool, int | None]:
    """Whether a message asks how a ticket stands and nothing else, and the number that it names."""
    said = words(text)
    if len(said) > _MOST_WORDS:
        return False, None
    found = patterns("lexicon/ticket_questions")["asks"].fullmatch(" ".join(said))
    if found is None:
        return False, None
    number = found["number"] or found["number_en"]
    if number is None:
        return True, None
    return int(number) <= _LARGEST_NUMBER, int(number)
