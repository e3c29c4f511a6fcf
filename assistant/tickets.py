"""Tickets: what may become of one, in one table, and what a handoff's ticket is made of.

open              nobody has begun yet
in_progress       somebody works on it
waiting_customer  the customer has to answer or do something first
solved            done; it can still be opened again
closed            over for good
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from assistant.errors import TicketMoveError


class TicketStatus(StrEnum):
    """How far a ticket has come."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    WAITING_CUSTOMER = "waiting_customer"
    SOLVED = "solved"
    CLOSED = "closed"


_OPEN, _WORK, _WAIT, _SOLVED, _CLOSED = TicketStatus

MOVES: dict[TicketStatus, frozenset[TicketStatus]] = {
    _OPEN: frozenset({_WORK, _WAIT, _SOLVED, _CLOSED}),
    _WORK: frozenset({_OPEN, _WAIT, _SOLVED, _CLOSED}),
    _WAIT: frozenset({_OPEN, _WORK, _SOLVED, _CLOSED}),
    _SOLVED: frozenset({_WORK, _CLOSED}),
    _CLOSED: frozenset(),
}
"""To which statuses a ticket may go from each."""

UNFINISHED = (_OPEN, _WORK, _WAIT)
"""A dialog has at most one ticket of these."""


def check_move(before: TicketStatus, after: TicketStatus) -> None:
    """Raises TicketMoveError for a move that is not in the table."""
    if after is not before and after not in MOVES[before]:
        raise TicketMoveError(f"a ticket cannot go from {before.value} to {after.value}")


@dataclass(frozen=True, slots=True)
class TicketState:
    """A ticket as its customer is told of it."""

    number: int
    status: TicketStatus
    expected_at: datetime | None
    """By when it will be done, with a zone; None where nobody can tell."""


@dataclass(frozen=True)
class HandoffTicket:
    """The ticket that a handoff opens."""

    subject: str
    name_it: Callable[[int], str]
    """The sentence that tells the customer its number."""


class TellsNews(Protocol):
    """Words for a ticket's news, and when the day began that the contact budget counts."""

    def message(self, state: TicketState, lang: str) -> dict[str, Any]:
        """The bot's message, signed, as `assistant.replies.bot_document` gives it."""
        ...

    def midnight(self, now: datetime) -> datetime:
        """The last midnight where the operators are."""
        ...
