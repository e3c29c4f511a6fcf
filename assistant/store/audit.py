"""The audit trail: which operator looked at whose dialog and what he changed. Lines hold ids and
names of actions, never what was said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from assistant.store.base import StoreBase
from assistant.store.customers import whose_dialogs
from assistant.store.rows import format_stamp, new_key
from assistant.store.tables import audit, dialogs


@dataclass(frozen=True)
class Doing:
    """Who does what to whom."""

    caller: str
    """Name of the key; `command` for whoever sits at the machine."""
    action: str
    """As `dialog.take`."""
    operator_id: str | None = None
    dialog_id: str | None = None
    customer_id: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


class Audit(StoreBase):
    """Writing the trail and reading it."""

    def note(self, doing: Doing) -> int:
        """Write a line in a transaction of its own; returns its number."""
        with self._database.writing() as connection:
            return self._note_down(connection, doing)

    def _note_down(self, connection: Connection, doing: Doing) -> int:
        result = connection.execute(
            insert(audit).values(
                at=self._stamp(),
                caller=doing.caller,
                operator_id=doing.operator_id,
                action=doing.action,
                dialog_id=doing.dialog_id,
                customer_id=doing.customer_id,
                details=doing.details,
            )
        )
        return new_key(result)

    def note_refused(self, number: int, code: str) -> None:
        """What a line says was tried did not happen."""
        with self._database.writing() as connection:
            this = audit.c.id == number
            details = connection.execute(select(audit.c.details).where(this)).scalar()
            if details is not None:
                changed = {**details, "refused": code}
                connection.execute(update(audit).where(this).values(details=changed))

    def trail(
        self,
        *,
        dialog_id: str | None = None,
        customer_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[dict[str, Any]]:
        """Lines from `since` on and up to, not including, `until` (both with a zone), newest first;
        those of a number below `before`. `customer_id`: of the customer and of the dialogs that are
        his now; of a visitor by his anonymous id."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if dialog_id is not None:
            query = query.where(audit.c.dialog_id == dialog_id)
        if since is not None:
            query = query.where(audit.c.at >= format_stamp(since))
        if until is not None:
            query = query.where(audit.c.at < format_stamp(until))
        if before is not None:
            query = query.where(audit.c.id < before)
        with self._database.reading() as connection:
            if customer_id is not None:
                his = select(dialogs.c.dialog_id).where(whose_dialogs(connection, customer_id))
                query = query.where(
                    or_(audit.c.customer_id == customer_id, audit.c.dialog_id.in_(his))
                )
            return [dict(row) for row in connection.execute(query).mappings()]
