"""Customers who wait too long for a person's word: finding them, and the one alarm a wait gets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from assistant.care import Purpose
from assistant.domain import Owner
from assistant.store.rows import dialog_row, format_stamp, parse_stamp
from assistant.store.tables import dialogs
from assistant.store.telling import Telling

_WAITED_WITH = (Owner.WAITING, Owner.HUMAN)


@dataclass(frozen=True, slots=True)
class Wait:
    """A customer waits for a person's word and no alarm was raised for it."""

    dialog_id: str
    since: datetime
    """By the clock of the machine that noted it."""
    queue: str | None
    owner: Owner


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is told of a wait that is too long."""

    waiting_seconds: float
    """Of the queue's opening hours."""
    limit_seconds: float
    said: dict[str, Any] | None
    """For the customer, as `assistant.replies.bot_document` gives it; None: he is not told."""
    midnight: datetime
    """Where the operators are: the contact budget counts from it."""


class Alarms(Telling):
    """Waits and their alarms."""

    def open_waits(self) -> list[Wait]:
        """All waits without an alarm, longest first. A limit would let those of a queue that is
        closed for days hide the others."""
        query = (
            select(
                dialogs.c.dialog_id, dialogs.c.unanswered_since, dialogs.c.queue, dialogs.c.owner
            )
            .where(
                dialogs.c.unanswered_since.is_not(None),
                dialogs.c.sla_breached_at.is_(None),
                dialogs.c.owner.in_(_WAITED_WITH),
            )
            .order_by(dialogs.c.unanswered_since, dialogs.c.dialog_id)
        )
        with self._database.reading() as connection:
            return [
                Wait(row.dialog_id, parse_stamp(row.unanswered_since), row.queue, Owner(row.owner))
                for row in connection.execute(query)
            ]

    def raise_alarm(self, wait: Wait, alarm: Alarm) -> bool:
        """Note, once across all processes, that a wait is too long; in the same transaction tell it
        to the customer, never while a person has the dialog, and to whoever reads events.

        False, and nothing is done, when the wait is over, moved to another queue or owner, or has
        its alarm.
        """
        with self._database.writing() as connection:
            row = dialog_row(connection, wait.dialog_id)
            if row is None or not _is_still(row, wait):
                return False
            same = (
                (dialogs.c.dialog_id == wait.dialog_id)
                & (dialogs.c.unanswered_since == row.unanswered_since)
                & dialogs.c.sla_breached_at.is_(None)
            )
            changed = connection.execute(
                update(dialogs).where(same).values(sla_breached_at=self._stamp())
            )
            if changed.rowcount != 1:
                return False
            told = None
            if alarm.said is not None:
                told = self._tell(connection, row, alarm.said, Purpose.ALARM, alarm.midnight)
            payload = _told_of(row, alarm) | {"customer_told": told is not None}
            self._event(connection, wait.dialog_id, "sla.breached", payload)
            return True


def _is_still(row: Row[Any], wait: Wait) -> bool:
    seen = (format_stamp(wait.since), wait.queue, wait.owner)
    return (row.unanswered_since, row.queue, row.owner) == seen and row.sla_breached_at is None


def _told_of(row: Row[Any], alarm: Alarm) -> dict[str, Any]:
    return {
        "queue": row.queue,
        "priority": (row.handoff or {}).get("priority"),
        "owner": row.owner,
        "operator_id": row.operator_id,
        "waiting_seconds": round(alarm.waiting_seconds),
        "limit_seconds": round(alarm.limit_seconds),
        "since": row.unanswered_since,
    }
