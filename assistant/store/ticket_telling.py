"""Telling a customer what became of his ticket, in the transaction that changes it or later."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, and_, select, update

from assistant.care import Purpose
from assistant.domain import Owner
from assistant.store.tables import ticket_changes
from assistant.store.telling import Telling
from assistant.store.ticket_opening import state_of
from assistant.tickets import UNFINISHED, TellsNews, TicketState

untold = and_(ticket_changes.c.is_news, ticket_changes.c.told_at.is_(None))
"""Changes that the customer does not know of."""


class TicketTelling(Telling):
    """News of tickets, each told once."""

    def _tell_news(
        self, connection: Connection, row: Row[Any], ticket: Row[Any], news: TellsNews
    ) -> bool:
        """Tell the latest state into the dialog that was read as `row`, if it is news still and may
        be told now.

        The number of a new ticket and its last word (solved, closed) are always told, past the
        contact budget too: without them what stands last in the chat would be false.
        """
        pending = and_(ticket_changes.c.ticket_id == ticket.ticket_id, untold)
        if connection.execute(select(ticket_changes.c.id).where(pending)).first() is None:
            return False
        told = _told_last(connection, ticket)
        if told is not None and (told.status, told.expected_at) == (
            ticket.status,
            ticket.expected_at,
        ):
            # It went away and came back while nothing could be told.
            connection.execute(update(ticket_changes).where(pending).values(is_news=False))
            return False
        state = self._still_true(state_of(ticket))
        message = news.message(state, row.locale)
        midnight = news.midnight(self._now())
        must_go = told is None or state.status not in UNFINISHED
        if row.owner == Owner.HUMAN:
            number = self._tell_for_operator(
                connection, row, message["text"], midnight, must_go=must_go
            )
        else:
            number = self._tell(connection, row, message, Purpose.NEWS, midnight, must_go=must_go)
        if number is None:
            return False
        connection.execute(update(ticket_changes).where(pending).values(told_at=self._stamp()))
        return True

    def _still_true(self, state: TicketState) -> TicketState:
        """Without an expected time that has passed before it could be told."""
        is_over = state.expected_at is not None and state.expected_at <= self._now()
        return replace(state, expected_at=None) if is_over else state


def _told_last(connection: Connection, ticket: Row[Any]) -> Row[Any] | None:
    """The change that the customer heard of last; None where he does not know the ticket yet."""
    query = (
        select(ticket_changes)
        .where(
            ticket_changes.c.ticket_id == ticket.ticket_id,
            ticket_changes.c.is_news,
            ticket_changes.c.told_at.is_not(None),
        )
        .order_by(ticket_changes.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).first()
