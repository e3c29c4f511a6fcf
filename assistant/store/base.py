"""What every part of the store needs: the database, the clock, the book of events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, update

from assistant.domain import Owner
from assistant.store.database import Database
from assistant.store.rows import format_stamp
from assistant.store.tables import dialogs, events

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
        connection.execute(
            insert(events).values(
                dialog_id=dialog_id, type=kind, created_at=self._stamp(), payload=payload
            )
        )

    def _reopen(self, connection: Connection, dialog_id: str, context_from: int) -> None:
        connection.execute(
            update(dialogs)
            .where(dialogs.c.dialog_id == dialog_id)
            .values(
                owner=Owner.BOT,
                context_from=context_from,
                queue=None,
                handoff=None,
                waiting_since=None,
                taken_at=None,
                resolved_at=None,
                operator_id=None,
                operator_name=None,
                updated_at=self._stamp(),
            )
        )
