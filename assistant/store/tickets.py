"""Tickets in the store: opened, changed, shown, and their news told to the customer once.

A change and the message that tells of it are one transaction, so that neither is there without the
other; where the customer had his share of unasked messages today, a change that can wait does
(`told_at` is null) and `tell_ticket_news` tells the latest state later (`ticket_telling`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from assistant.errors import BadInputError, NotFoundError, TicketOpenError
from assistant.store.rows import existing, format_stamp
from assistant.store.tables import ticket_changes, tickets
from assistant.store.ticket_opening import TicketChange, state_of, unfinished_ticket
from assistant.store.ticket_telling import TicketTelling, untold
from assistant.tickets import UNFINISHED, TellsNews, TicketState, TicketStatus, check_move

_LARGEST_NUMBER = 2**31 - 1


class Unchanged:
    """What stands for an expected time that is left as it is."""


UNCHANGED = Unchanged()


class Tickets(TicketTelling):
    """Tickets of dialogs."""

    def open_ticket(
        self,
        dialog_id: str,
        *,
        subject: str,
        expected_at: datetime | None,
        operator_id: str,
        news: TellsNews,
    ) -> dict[str, Any]:
        """Open a ticket and tell the customer its number.

        Raises TicketOpenError when the dialog has an open one, NotFoundError, BadInputError for an
        expected time that has passed.
        """
        with self._database.writing() as connection:
            row = existing(connection, dialog_id)
            open_one = unfinished_ticket(connection, dialog_id)
            if open_one is not None:
                raise TicketOpenError(f"ticket {open_one.number} of this dialog is open already")
            ticket = self._insert_ticket(
                connection,
                dialog_id,
                subject=subject,
                expected_at=self._expected(expected_at),
                by=operator_id,
                told_at=None,
            )
            self._tell_news(connection, row, ticket, news)
            return self._whole(connection, ticket.ticket_id)

    def change_ticket(
        self,
        name: str,
        *,
        who: str,
        news: TellsNews,
        status: TicketStatus | None = None,
        expected_at: datetime | Unchanged | None = UNCHANGED,
        note: str | None = None,
    ) -> dict[str, Any]:
        """Change a ticket, named by id or number, and tell the customer what is news to him: its
        status and expected time; a note is not. What changes nothing is neither kept nor told.

        Raises TicketMoveError, NotFoundError, BadInputError.
        """
        with self._database.writing() as connection:
            row, before = self._locked(connection, name)
            after = TicketStatus(before.status) if status is None else status
            check_move(TicketStatus(before.status), after)
            until = before.expected_at
            if not isinstance(expected_at, Unchanged):
                until = self._expected(expected_at, known=before.expected_at)
            is_news = (after, until) != (before.status, before.expected_at)
            if not is_news and note in (None, _last_note(connection, before.ticket_id)):
                return self._whole(connection, before.ticket_id)
            if is_news:
                self._refuse_second(connection, before, after)
            change = TicketChange(after, until, who, note, is_news)
            ticket = self._write_change(connection, before, change)
            if is_news:
                self._tell_news(connection, row, ticket, news)
            return self._whole(connection, ticket.ticket_id)

    @staticmethod
    def _refuse_second(connection: Connection, ticket: Row[Any], after: TicketStatus) -> None:
        """A solved ticket is not taken up again beside a newer one."""
        other = unfinished_ticket(connection, ticket.dialog_id)
        if other is not None and other.ticket_id != ticket.ticket_id and after in UNFINISHED:
            raise TicketOpenError(f"ticket {other.number} of this dialog is open already")

    def _expected(self, moment: datetime | None, known: str | None = None) -> str | None:
        """A time by which something will be done, as the tables keep it. One that has passed is
        refused, unless it is what the ticket has (`known`): the same change may come again."""
        if moment is None:
            return None
        if moment.tzinfo is None:
            raise BadInputError("expected_at needs its time zone, as 2026-12-02T14:00:00+03:00")
        stamp = format_stamp(moment)
        if stamp != known and moment <= self._now():
            raise BadInputError(
                f"expected_at: {moment.isoformat()} has passed; it is {self._stamp()} now"
            )
        return stamp

    # --- telling -------------------------------------------------------------------------------

    def tell_ticket_news(self, news: TellsNews) -> int:
        """Tell what could not be told when it happened; returns how many customers were told."""
        query = (
            select(tickets.c.ticket_id)
            .join(ticket_changes, ticket_changes.c.ticket_id == tickets.c.ticket_id)
            .where(untold)
            .group_by(tickets.c.ticket_id)
            .order_by(tickets.c.ticket_id)
        )
        with self._database.reading() as connection:
            waiting = list(connection.execute(query).scalars())
        return sum(self._tell_later(ticket_id, news) for ticket_id in waiting)

    def _tell_later(self, ticket_id: str, news: TellsNews) -> bool:
        with self._database.writing() as connection:
            try:
                row, ticket = self._locked(connection, ticket_id)
            except NotFoundError:  # deleted since
                return False
            return self._tell_news(connection, row, ticket, news)

    # --- showing -------------------------------------------------------------------------------

    def ticket(self, name: str) -> dict[str, Any]:
        """A ticket with its changes, by id or number. Raises NotFoundError."""
        with self._database.reading() as connection:
            return self._whole(connection, _named(connection, name).ticket_id)

    def dialog_of_ticket(self, name: str) -> str | None:
        """Whose ticket it is, by id or number; None where there is none."""
        with self._database.reading() as connection:
            row = _find(connection, name)
            return None if row is None else str(row.dialog_id)

    def ticket_of(self, dialog_id: str) -> dict[str, Any] | None:
        """The newest ticket of a dialog, without its notes; None where there is none."""
        query = (
            select(tickets)
            .where(tickets.c.dialog_id == dialog_id)
            .order_by(tickets.c.number.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
            return None if row is None else ticket_view(row)

    def state_of_ticket(self, dialog_id: str, number: int | None = None) -> TicketState | None:
        """How the newest ticket of a dialog stands, or the one of that number; None where there is
        none. An expected time that has passed is left out."""
        query = select(tickets).where(tickets.c.dialog_id == dialog_id)
        if number is not None:
            query = query.where(tickets.c.number == number)
        with self._database.reading() as connection:
            row = connection.execute(query.order_by(tickets.c.number.desc()).limit(1)).first()
            return None if row is None else self._still_true(state_of(row))

    def open_ticket_number(self, dialog_id: str) -> str | None:
        """The number of a dialog's open ticket."""
        with self._database.reading() as connection:
            row = unfinished_ticket(connection, dialog_id)
            return None if row is None else str(row.number)

    def tickets(self, status: TicketStatus | None, after: int, limit: int) -> list[dict[str, Any]]:
        """Tickets of a number above `after`, oldest first."""
        query = select(tickets).where(tickets.c.number > after).order_by(tickets.c.number)
        if status is not None:
            query = query.where(tickets.c.status == status)
        with self._database.reading() as connection:
            return [ticket_view(row) for row in connection.execute(query.limit(limit))]

    @staticmethod
    def _locked(connection: Connection, name: str) -> tuple[Row[Any], Row[Any]]:
        """The dialog of a ticket, then the ticket as it is once nobody else writes to that."""
        row = existing(connection, _named(connection, name).dialog_id)
        return row, _named(connection, name)

    @staticmethod
    def _whole(connection: Connection, ticket_id: str) -> dict[str, Any]:
        row = connection.execute(select(tickets).where(tickets.c.ticket_id == ticket_id)).one()
        query = select(ticket_changes).where(ticket_changes.c.ticket_id == ticket_id)
        changes = [
            {
                "at": change.at,
                "who": change.who,
                "status": change.status,
                "expected_at": change.expected_at,
                "note": change.note,
                "told_at": change.told_at,
            }
            for change in connection.execute(query.order_by(ticket_changes.c.id))
        ]
        return ticket_view(row) | {"changes": changes}


def ticket_view(row: Row[Any]) -> dict[str, Any]:
    """A ticket as the API shows it."""
    return {
        "ticket_id": row.ticket_id,
        "number": row.number,
        "dialog_id": row.dialog_id,
        "status": row.status,
        "subject": row.subject,
        "expected_at": row.expected_at,
        "opened_by": row.opened_by,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _named(connection: Connection, name: str) -> Row[Any]:
    row = _find(connection, name)
    if row is None:
        raise NotFoundError(f"there is no ticket {name!r}")
    return row


def _find(connection: Connection, name: str) -> Row[Any] | None:
    which: ColumnElement[bool] = tickets.c.ticket_id == name
    if name.isascii() and name.isdigit() and int(name) <= _LARGEST_NUMBER:
        which = tickets.c.number == int(name)
    return connection.execute(select(tickets).where(which)).first()


def _last_note(connection: Connection, ticket_id: str) -> str | None:
    """What the latest change noted."""
    query = (
        select(ticket_changes.c.note)
        .where(ticket_changes.c.ticket_id == ticket_id)
        .order_by(ticket_changes.c.id.desc())
        .limit(1)
    )
    note: str | None = connection.execute(query).scalar()
    return note
