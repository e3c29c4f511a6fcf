"""The book of events, read: what happened, in order, gapless.

Numbers become visible in order (`database.hold_events`), so whoever has read up to one has missed
none below it, and needs to remember nothing but that number.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from assistant.ownership import MOVES
from assistant.store.base import StoreBase
from assistant.store.rows import message_view
from assistant.store.tables import events, messages

EVENT_TYPES = frozenset(MOVES.values()) | {
    "dialog.transferred",
    "note.added",
    "priority.raised",
    "message.created",
    "csat.received",
    "csat.commented",
    "sla.breached",
    "ticket.updated",
    "customer.identified",
    "customer.deleted",
    "dialog.deleted",
}
"""All that can happen."""


@dataclass(frozen=True)
class Event:
    """Something that happened in a dialog."""

    id: int
    """Its number in the book; grows."""
    type: str
    dialog_id: str
    at: str
    data: dict[str, Any]
    """Of `message.created` with the message, as `GET /v1/dialogs/{id}` shows it, while it is
    kept."""

    def document(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "id": self.id,
            "type": self.type,
            "dialog_id": self.dialog_id,
            "at": self.at,
            "data": self.data,
        }


@dataclass(frozen=True)
class Kept:
    """Which numbers the book holds; both None when it is empty."""

    oldest: int | None
    newest: int | None


class Events(StoreBase):
    """Reading what happened."""

    def events_after(
        self,
        number: int,
        limit: int,
        *,
        dialog_id: str | None = None,
        types: Collection[str] = (),
    ) -> list[Event]:
        """Events above a number, oldest first, `limit` at most; of one dialog, or of some types
        (none named: of all), where given."""
        with self._database.reading() as connection:
            return read_events(connection, number, limit, dialog_id=dialog_id, types=types)

    def events_kept(self) -> Kept:
        """The oldest and the newest number in the book."""
        with self._database.reading() as connection:
            row = connection.execute(select(func.min(events.c.id), func.max(events.c.id))).one()
            return Kept(row[0], row[1])

    def newest_event(self) -> int:
        """The number of what happened last; 0 when the book is empty."""
        return self.events_kept().newest or 0


def newest_number(connection: Connection) -> int:
    """The highest number that is visible; 0 when the book is empty."""
    return connection.execute(select(func.max(events.c.id))).scalar() or 0


def read_events(
    connection: Connection,
    number: int,
    limit: int,
    *,
    dialog_id: str | None = None,
    types: Collection[str] = (),
) -> list[Event]:
    """As `Events.events_after`, within a transaction."""
    query = select(events).where(events.c.id > number).order_by(events.c.id).limit(limit)
    if dialog_id is not None:
        query = query.where(events.c.dialog_id == dialog_id)
    if types:
        query = query.where(events.c.type.in_(types))
    rows = list(connection.execute(query))
    said = _messages_of(connection, rows)
    return [_event(row, said) for row in rows]


def _messages_of(connection: Connection, rows: list[Row[Any]]) -> dict[int, Row[Any]]:
    """The messages that events tell of, by number; without those that are no longer kept."""
    numbers = {row.payload["seq"] for row in rows if row.type == "message.created"}
    if not numbers:
        return {}
    found = connection.execute(select(messages).where(messages.c.id.in_(numbers)))
    return {row.id: row for row in found}


def _event(row: Row[Any], said: dict[int, Row[Any]]) -> Event:
    data = dict(row.payload)
    if row.type == "message.created":
        message = said.get(data["seq"])
        if message is not None and message.dialog_id == row.dialog_id:
            data["message"] = message_view(message)
    return Event(row.id, row.type, row.dialog_id, row.created_at, data)
