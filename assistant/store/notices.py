"""Proactive messages: which dialog one goes into, and that the same one goes out once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from sqlalchemy import Connection, Row, select

from assistant.care import Purpose, is_quiet
from assistant.domain import Dialog, Owner
from assistant.errors import (
    ContactBudgetSpentError,
    DialogTakenError,
    MessageIdReusedError,
    NotFoundError,
    QuietHoursError,
)
from assistant.store.rows import dialog, existing, message_view
from assistant.store.surveys import has_open_complaint
from assistant.store.tables import dialogs, messages
from assistant.store.telling import Telling
from assistant.text import told_zone


@dataclass(frozen=True)
class Place:
    """Where a notice goes."""

    dialog: Dialog
    complains: bool
    """Whether the customer has a complaint that no person has answered."""


class Notices(Telling):
    """The store's side of `assistant.unasked`."""

    def place_of_notice(self, customer_id: str, dialog_id: str | None) -> Place:
        """The dialog of that id, or the customer's latest; NotFoundError when he has none."""
        with self._database.reading() as connection:
            row = _dialog_of(connection, customer_id, dialog_id)
            return Place(dialog(row), has_open_complaint(connection, row))

    def post_notice(
        self, customer_id: str, dialog_id: str, said: dict[str, Any], notice_id: str | None
    ) -> tuple[dict[str, Any], bool]:
        """Write a notice, as `assistant.replies.bot_document` gives it, into a customer's dialog,
        which stays with its owner; returns the message and whether it is new. The same `notice_id`
        of a customer again gives the message that it made.

        Raises NotFoundError, MessageIdReusedError (the id came before with another text),
        DialogTakenError (a person has the dialog), QuietHoursError, ContactBudgetSpentError.
        """
        key = f"n-{_digest(customer_id, notice_id)}" if notice_id else None
        with self._database.writing() as connection:
            row = existing(connection, dialog_id)
            if row.customer_id != customer_id:
                raise NotFoundError(f"the customer {customer_id!r} has no dialog {dialog_id!r}")
            # Asked first: who holds the book of events sees what another call has just written.
            has_budget = self._has_budget(connection, row)
            known = _noticed(connection, customer_id, key)
            if known is not None:
                return _again(known, said["text"]), False
            if row.owner == Owner.HUMAN:
                raise DialogTakenError(f"{row.operator_name or row.operator_id} has this dialog")
            zone = told_zone((row.customer or {}).get("attributes") or {}) or self.manners.zone
            if is_quiet(self._now(), zone, self.manners.awake):
                raise QuietHoursError(self._quiet(zone))
            if not has_budget:
                raise ContactBudgetSpentError(
                    f"the customer was told {self.manners.contacts_per_day} things unasked today; "
                    "send it tomorrow"
                )
            number = self._tell(connection, row, said, Purpose.PROACTIVE, message_id=key)
            stored = connection.execute(select(messages).where(messages.c.id == number)).one()
            return _view(stored), True

    def _quiet(self, zone: tzinfo) -> str:
        start, end = self.manners.awake
        local = f"it is {self._now().astimezone(zone):%H:%M} where the customer is"
        return f"{local}; send it between {start:%H:%M} and {end:%H:%M}"


def _dialog_of(connection: Connection, customer_id: str, dialog_id: str | None) -> Row[Any]:
    query = select(dialogs).where(dialogs.c.customer_id == customer_id)
    if dialog_id is not None:
        query = query.where(dialogs.c.dialog_id == dialog_id)
    latest = query.order_by(dialogs.c.updated_at.desc(), dialogs.c.dialog_id.desc()).limit(1)
    row = connection.execute(latest).first()
    if row is None:
        which = "no dialog" if dialog_id is None else f"no dialog {dialog_id!r}"
        raise NotFoundError(f"the customer {customer_id!r} has {which}")
    return row


def _digest(customer_id: str, notice_id: str) -> str:
    return hashlib.sha256(f"{customer_id}\x1f{notice_id}".encode()).hexdigest()[:32]


def _noticed(connection: Connection, customer_id: str, key: str | None) -> Row[Any] | None:
    """The notice of that key, in whichever dialog of the customer it went into."""
    if key is None:
        return None
    mine = select(dialogs.c.dialog_id).where(dialogs.c.customer_id == customer_id)
    query = select(messages).where(messages.c.message_id == key, messages.c.dialog_id.in_(mine))
    return connection.execute(query).first()


def _again(known: Row[Any], text: str) -> dict[str, Any]:
    if known.text != text:
        raise MessageIdReusedError("this notice_id was used for another text to this customer")
    return _view(known)


def _view(row: Row[Any]) -> dict[str, Any]:
    return {"dialog_id": row.dialog_id, "message": message_view(row)}
