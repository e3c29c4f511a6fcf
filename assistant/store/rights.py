"""What a customer may ask for: all that is kept of him, and that it be deleted; and what is deleted
because it is old."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, select

from assistant.domain import Owner
from assistant.errors import NotFoundError
from assistant.store.audit import Audit, Doing
from assistant.store.customers import whose_dialogs
from assistant.store.erasing import all_of, erase
from assistant.store.leases import Leases
from assistant.store.rows import existing
from assistant.store.tables import (
    audit,
    dialogs,
    events,
    first_messages,
    merges,
    messages,
    model_calls,
    model_replies,
    tickets,
)
from assistant.tickets import UNFINISHED

NO_DIALOG = ""
"""The dialog of an event that is about none."""
_SECONDS_A_DAY = 86_400
_DIALOGS_AT_ONCE = 20
_ROWS_AT_ONCE = 1000
_AGING: tuple[tuple[Table, str], ...] = (
    (events, "created_at"),
    (audit, "at"),
    (model_calls, "created_at"),
    (merges, "at"),
    (first_messages, "created_at"),
    (model_replies, "created_at"),
)
"""Tables whose rows go when they are old, whatever becomes of their dialogs."""


@dataclass(frozen=True)
class Deleted:
    """What was deleted."""

    dialogs: int
    digest: str
    """What stands for the id; see `Rights.digest_of`."""
    is_unreadable: bool
    """Whether nothing of it is left in the files either; else it is once nobody reads any more."""


class Rights(Audit, Leases):
    """Giving out and deleting."""

    def _secret(self, name: str) -> str:
        """A secret of the store, made when it is first asked for."""
        raise NotImplementedError

    @cached_property
    def _digest_key(self) -> bytes:
        return self._secret("deleted_ids").encode()

    def digest_of(self, name: str) -> str:
        """What stands for an id after its owner is deleted: keyed with a secret of this store, so
        that nobody who reads it can try out the ids that there may be."""
        return hmac.new(self._digest_key, name.encode(), hashlib.sha256).hexdigest()

    def export_customer(self, customer_id: str) -> dict[str, Any]:
        """All that is kept of a customer, or of a visitor known only by his anonymous id, by table.

        Raises NotFoundError.
        """
        with self._database.reading() as connection:
            query = select(dialogs.c.dialog_id).where(whose_dialogs(connection, customer_id))
            ids = list(connection.execute(query.order_by(dialogs.c.created_at)).scalars())
            found = all_of(connection, ids)
            merged = connection.execute(select(merges).where(merges.c.customer_id == customer_id))
            found[merges.name] = [dict(row) for row in merged.mappings()]
            known = {row["id"] for row in found[audit.name]}
            looked_at = select(audit).where(audit.c.customer_id == customer_id)
            lines = [dict(row) for row in connection.execute(looked_at).mappings()]
            found[audit.name].extend(row for row in lines if row["id"] not in known)
            if not ids and not found[merges.name]:
                raise NotFoundError(f"there is no customer {customer_id!r}")
        return {"customer_id": customer_id, "exported_at": self._stamp(), **found}

    def delete_customer(self, customer_id: str, by: Doing) -> Deleted:
        """Delete a customer, or a visitor known only by his anonymous id, everywhere he is kept.

        One transaction. What is left is a line of the audit trail (`by`) and an event, both without
        his id. Raises NotFoundError.
        """
        digest = self.digest_of(customer_id)  # reads its key in a transaction of its own
        with self._database.writing() as connection:
            ids = self._locked_dialogs(connection, whose_dialogs(connection, customer_id))
            gone = connection.execute(
                delete(merges).where(merges.c.customer_id == customer_id)
            ).rowcount
            if not ids and not gone:
                raise NotFoundError(f"there is no customer {customer_id!r}")
            erase(connection, ids)
            connection.execute(delete(audit).where(audit.c.customer_id == customer_id))
            self._leave_a_line(connection, by, "customer", digest, ids)
        return Deleted(len(ids), digest, self._database.forget_deleted())

    def delete_dialog(self, dialog_id: str, by: Doing) -> Deleted:
        """Delete one dialog with everything of its own. Raises NotFoundError."""
        digest = self.digest_of(dialog_id)
        with self._database.writing() as connection:
            existing(connection, dialog_id)
            erase(connection, [dialog_id])
            self._leave_a_line(connection, by, "dialog", digest, [dialog_id])
        return Deleted(1, digest, self._database.forget_deleted())

    @staticmethod
    def _locked_dialogs(connection: Connection, which: ColumnElement[bool]) -> list[str]:
        """Ids of dialogs, which nobody else writes to now; in their order, as everybody locks."""
        query = select(dialogs.c.dialog_id).where(which).order_by(dialogs.c.dialog_id)
        return list(connection.execute(query.with_for_update()).scalars())

    def _leave_a_line(
        self, connection: Connection, by: Doing, what: str, digest: str, dialog_ids: Sequence[str]
    ) -> None:
        details = {what: digest, "dialogs": len(dialog_ids)}
        line = replace(by, action=f"{what}.delete", dialog_id=None, customer_id=None)
        self._note_down(connection, replace(line, details=details))
        told = {what: digest, "dialogs": [self.digest_of(one) for one in dialog_ids]}
        self._event(connection, NO_DIALOG, f"{what}.deleted", told)

    # --- what is old ---------------------------------------------------------------------------

    def delete_old(self, days: int) -> int:
        """Delete a batch of what has been silent for `days`; returns how many rows, dialogs counted
        as one: 0 when nothing is left to do. A dialog that waits for a person or has an open ticket
        stays, however old."""
        before = self._stamp(-days * _SECONDS_A_DAY)
        _ = self._digest_key  # read in a transaction of its own, where it is not known yet
        with self._database.writing() as connection:
            silent = self._locked_dialogs(connection, _some(_is_silent(before)))
            # Whoever had one of them locked may have written to it.
            again = dialogs.c.dialog_id.in_(silent) & _is_silent(before)
            silent = self._locked_dialogs(connection, again)
            erase(connection, silent)
            if silent:
                told = {"because": "age", "dialogs": [self.digest_of(one) for one in silent]}
                self._event(connection, NO_DIALOG, "dialog.deleted", told)
                return len(silent)
        for table, column in _AGING:
            key = next(iter(table.primary_key.columns))
            old = select(key).where(table.c[column] < before).limit(_ROWS_AT_ONCE)
            with self._database.writing() as connection:
                gone = connection.execute(delete(table).where(key.in_(old))).rowcount
            if gone:
                return gone
        return 0

    def forget_deleted(self) -> bool:
        """Make what was deleted unreadable in the files; whether that could be done now."""
        return self._database.forget_deleted()


def _is_silent(before: str) -> ColumnElement[bool]:
    """Nothing happened in the dialog since, and nobody waits in it."""
    spoken = exists().where(
        messages.c.dialog_id == dialogs.c.dialog_id, messages.c.created_at >= before
    )
    promised = exists().where(
        tickets.c.dialog_id == dialogs.c.dialog_id, tickets.c.status.in_(UNFINISHED)
    )
    waits = dialogs.c.owner == Owner.WAITING
    return and_(dialogs.c.updated_at < before, ~waits, ~spoken, ~promised)


def _some(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """A few of such dialogs, the oldest first."""
    oldest = select(dialogs.c.dialog_id).where(which).order_by(dialogs.c.updated_at)
    return dialogs.c.dialog_id.in_(oldest.limit(_DIALOGS_AT_ONCE))
