"""Moving a dialog from one owner to another: only as `assistant.ownership` allows, only from where
it was seen (compare-and-set), and never without an event that says who did it and why."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, update

from assistant.domain import Owner
from assistant.errors import ConflictError
from assistant.ownership import Actor, event_of_move
from assistant.store.base import StoreBase
from assistant.store.tables import dialogs

_FRESH: dict[str, Any] = {
    "queue": None,
    "handoff": None,
    "waiting_since": None,
    "taken_at": None,
    "resolved_at": None,
    "operator_id": None,
    "operator_name": None,
    "unanswered_since": None,
    "sla_breached_at": None,
}
"""What a dialog forgets when a new matter begins in it: above all the old handoff."""


class Moving(StoreBase):
    """The only code that changes an owner."""

    def _move(
        self,
        connection: Connection,
        row: Row[Any],
        after: Owner,
        *,
        by: Actor,
        why: str,
        payload: dict[str, Any] | None = None,
        **values: Any,
    ) -> None:
        """Move a dialog that was read as `row`, changing `values` with it.

        Raises MoveRefusedError for a move that is not in the table, ConflictError when the dialog
        is no longer where it was read.
        """
        before = Owner(row.owner)
        told = event_of_move(before, after)
        unmoved = (
            (dialogs.c.dialog_id == row.dialog_id)
            & (dialogs.c.owner == before)
            & dialogs.c.operator_id.is_not_distinct_from(row.operator_id)
        )
        changed = connection.execute(
            update(dialogs).where(unmoved).values(owner=after, updated_at=self._stamp(), **values)
        )
        if changed.rowcount != 1:
            raise ConflictError(f"dialog {row.dialog_id!r} was moved meanwhile; read it again")
        move = {
            "from": before.value,
            "to": after.value,
            "by": {"kind": by.kind.value, "id": by.id},
            "why": why,
        }
        self._event(connection, row.dialog_id, told, {**(payload or {}), **move})

    def _reopen(
        self, connection: Connection, row: Row[Any], context_from: int, by: Actor, why: str
    ) -> None:
        """Give a closed dialog back to the bot, which sees only messages from a number on."""
        self._move(connection, row, Owner.BOT, by=by, why=why, context_from=context_from, **_FRESH)
