"""What every part of the store needs: the database, the clock, the book of events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from assistant.store.database import Database, hold_events
from assistant.store.rows import format_stamp
from assistant.store.tables import events

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


class StoreBase:
    """One database and one clock."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    def _stamp(self, plus_seconds: float = 0) -> str:
        return format_stamp(self._now() + timedelta(seconds=plus_seconds))

    def _event(
        self, connection: Connection, dialog_id: str, kind: str, payload: dict[str, Any]
    ) -> None:
        hold_events(connection)
        connection.execute(
            insert(events).values(
                dialog_id=dialog_id, type=kind, created_at=self._stamp(), payload=payload
            )
        )
