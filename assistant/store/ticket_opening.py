"""Writing a ticket down, as the parts of the store that do it need it."""

from __future__ import annotations

import secrets as randomness
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from assistant.store.base import StoreBase
from assistant.store.database import hold_events
from assistant.store.rows import parse_stamp
from assistant.store.tables import secrets, ticket_changes, tickets
from assistant.tickets import UNFINISHED, HandoffTicket, TicketState, TicketStatus

FIRST_NUMBER = 1001
_LAST_NUMBER = "last_ticket_number"
BY_HANDOFF = "handoff"
"""Who opened a ticket that nobody asked for."""


@dataclass(frozen=True)
class TicketChange:
    """What becomes of a ticket."""

    status: TicketStatus
    expected_at: str | None
    who: str
    note: str | None = None
    is_news: bool = True


class TicketOpening(StoreBase):
    """Lines of tickets, the first and the later ones."""

    def _insert_ticket(
        self,
        connection: Connection,
        dialog_id: str,
        *,
        subject: str,
        expected_at: str | None,
        by: str,
        told_at: str | None,
    ) -> Row[Any]:
        """A new ticket of a dialog that has no open one; `told_at`: when the customer was told."""
        ticket_id, now = f"t-{randomness.token_hex(8)}", self._stamp()
        connection.execute(
            insert(tickets).values(
                ticket_id=ticket_id,
                number=_next_number(connection),
                dialog_id=dialog_id,
                status=TicketStatus.OPEN,
                subject=subject,
                expected_at=expected_at,
                opened_by=by,
                created_at=now,
                updated_at=now,
            )
        )
        connection.execute(
            insert(ticket_changes).values(
                ticket_id=ticket_id,
                at=now,
                who=by,
                status=TicketStatus.OPEN,
                expected_at=expected_at,
                is_news=True,
                told_at=told_at,
            )
        )
        row = connection.execute(select(tickets).where(tickets.c.ticket_id == ticket_id)).one()
        self._ticket_event(connection, row, before=None)
        return row

    def _write_change(
        self, connection: Connection, before: Row[Any], change: TicketChange
    ) -> Row[Any]:
        now = self._stamp()
        connection.execute(
            insert(ticket_changes).values(ticket_id=before.ticket_id, at=now, **asdict(change))
        )
        this = tickets.c.ticket_id == before.ticket_id
        values = {"status": change.status, "expected_at": change.expected_at, "updated_at": now}
        connection.execute(update(tickets).where(this).values(**values))
        ticket = connection.execute(select(tickets).where(this)).one()
        self._ticket_event(connection, ticket, before=before.status)
        return ticket

    def _solve_with_dialog(
        self, connection: Connection, dialog_id: str, who: str
    ) -> Row[Any] | None:
        """A ticket that a handoff opened is solved with its dialog: nobody asked for it, so nobody
        would think of closing it. Returns it, solved, for the customer to be told."""
        ticket = unfinished_ticket(connection, dialog_id)
        if ticket is None or ticket.opened_by != BY_HANDOFF:
            return None
        solved = TicketChange(TicketStatus.SOLVED, ticket.expected_at, who)
        return self._write_change(connection, ticket, solved)

    def _ticket_event(
        self, connection: Connection, ticket: Row[Any], *, before: str | None
    ) -> None:
        payload = {
            "ticket_id": ticket.ticket_id,
            "number": ticket.number,
            "status": ticket.status,
            "previous_status": before,
            "expected_at": ticket.expected_at,
        }
        self._event(connection, ticket.dialog_id, "ticket.updated", payload)

    def _with_ticket(
        self, connection: Connection, dialog_id: str, reply: dict[str, Any], ticket: HandoffTicket
    ) -> dict[str, Any]:
        """A handoff's reply with the number of the dialog's ticket in it; a ticket is opened unless
        one is open. The number stands where he reads what becomes of his matter, at the end of the
        first paragraph."""
        row = unfinished_ticket(connection, dialog_id) or self._insert_ticket(
            connection,
            dialog_id,
            subject=ticket.subject,
            expected_at=None,
            by=BY_HANDOFF,
            told_at=self._stamp(),
        )
        first, gap, rest = reply["reply"]["text"].partition("\n\n")
        said = reply["reply"] | {"text": f"{first} {ticket.name_it(row.number)}{gap}{rest}"}
        handoff = reply["handoff"] | {"ticket_number": row.number}
        return reply | {"reply": said, "handoff": handoff}


def unfinished_ticket(connection: Connection, dialog_id: str) -> Row[Any] | None:
    """The open ticket of a dialog, if it has one."""
    query = select(tickets).where(
        tickets.c.dialog_id == dialog_id, tickets.c.status.in_(UNFINISHED)
    )
    return connection.execute(query).first()


def state_of(ticket: Row[Any]) -> TicketState:
    """A row of the table as its customer is told of it."""
    expected_at = parse_stamp(ticket.expected_at) if ticket.expected_at else None
    return TicketState(ticket.number, TicketStatus(ticket.status), expected_at)


def _next_number(connection: Connection) -> int:
    """The number after the last one ever given: one that a customer noted down is not given again
    though his ticket was deleted. Whoever holds the book of events counts alone, and waits for
    nobody."""
    hold_events(connection)
    this = secrets.c.name == _LAST_NUMBER
    last = connection.execute(select(secrets.c.value).where(this)).scalar()
    if last is None:
        connection.execute(insert(secrets).values(name=_LAST_NUMBER, value=str(FIRST_NUMBER)))
        return FIRST_NUMBER
    number = int(last) + 1
    connection.execute(update(secrets).where(this).values(value=str(number)))
    return number
