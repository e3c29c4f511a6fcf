"""What customers are told of their tickets, and which handoffs open one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from assistant.disclosure import sign
from assistant.domain import HandoffReason
from assistant.handoff import Staffing
from assistant.hours_in_words import zone_name
from assistant.replies import Outcome, bot_document
from assistant.text import shorten
from assistant.tickets import UNFINISHED, HandoffTicket, TicketState
from prompts.loader import LANGUAGES, phrases, read

_SUBJECT_CHARACTERS = 200


@dataclass(frozen=True)
class TicketNews:
    """Puts news into words; a `assistant.tickets.TellsNews`."""

    zone: ZoneInfo
    """Where the operators are."""
    bot_name: str = ""

    def message(self, state: TicketState, lang: str) -> dict[str, Any]:
        """The bot's message, signed."""
        return bot_document(sign(self.in_words(state, lang), lang, bot_name=self.bot_name))

    def in_words(self, state: TicketState, lang: str) -> str:
        """Number, status, and by when it will be done."""
        say, known = phrases(lang), _words(lang)
        status = known["statuses"][state.status.value]
        text = say.say("ticket_news", number=state.number, status=status)
        if state.expected_at is not None and state.status in UNFINISHED:
            text = f"{text} {self._until(state.expected_at, lang)}"
        return text

    def midnight(self, now: datetime) -> datetime:
        """The last midnight where the operators are."""
        return now.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)

    def _until(self, moment: datetime, lang: str) -> str:
        local = moment.astimezone(self.zone)
        month = _words(lang)["months"][local.month - 1]
        say = phrases(lang)
        return say.say(
            "ticket_expected",
            time=f"{local:%H:%M}",
            zone=zone_name(self.zone, moment, say.lang),
            day=local.day,
            month=month,
        )


@dataclass(frozen=True)
class HandoffTickets:
    """Decides which handoffs open a ticket."""

    when: str
    """`never`, `always`, or `offline`: nobody is online, or operators are not at work at this
    hour."""
    staffing: Callable[[], Staffing]

    def ticket_for(self, outcome: Outcome, subject: str) -> HandoffTicket | None:
        """The ticket that a handoff opens; None for one that opens none, or is no handoff. Whoever
        is in danger reads whom to call, and no number beside it."""
        handoff = outcome.handoff
        if handoff is None or self.when == "never" or handoff.reason is HandoffReason.UNSAFE:
            return None
        if self.when == "offline" and handoff.operators_online and self.staffing().open_now:
            return None
        say = phrases(outcome.lang)
        return HandoffTicket(
            subject=shorten(subject, _SUBJECT_CHARACTERS),
            name_it=lambda number: say.say("ticket_number", number=number),
        )


def _words(lang: str) -> dict[str, Any]:
    words: dict[str, Any] = read("tickets").content[lang if lang in LANGUAGES else LANGUAGES[0]]
    return words
