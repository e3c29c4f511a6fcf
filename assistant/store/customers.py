"""One history per customer, whatever channel he writes on: whose a dialog is, and what he wrote.

A dialog belongs to the customer whose id the caller gave with it. A visitor who has not signed in
has only an anonymous id; once he signs in, what he wrote before becomes his, all at once and only
once (the table `merges`): whoever signs in later on the same device gets nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    false,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from assistant.domain import NOBODY, Action, AuthorKind, Customer, Said
from assistant.errors import NotFoundError, OtherCustomerError
from assistant.store.base import StoreBase
from assistant.store.rows import customer_document, existing, parse_stamp, rating_view
from assistant.store.tables import dialogs, merges, messages, ratings, tickets

PREVIOUS_DIALOGS = 10
"""So many dialogs of a customer are looked back on."""
DIALOGS_SHOWN = 100
"""Of one customer, latest first."""
_MESSAGES_READ = 60
"""So many of his latest messages of earlier dialogs are read for what he said of himself."""
_MESSAGES_READ_HERE = 500
"""So many of the dialog that is asked about."""


class Customers(StoreBase):
    """Whose dialogs are whose."""

    # --- who writes ----------------------------------------------------------------------------

    def _welcome(self, dialog_id: str | None, told: Customer) -> None:
        """Before a message is stored: make what a visitor wrote before he signed in his.

        In a transaction of its own, because it touches several dialogs: it locks them in the order
        of their ids, as everybody does who touches several, and whoever stores a message has only
        one. Raises OtherCustomerError when the dialog is somebody else's.
        """
        if told.id is None:
            return
        with self._database.reading() as connection:
            query = select(dialogs.c.customer_id, dialogs.c.anonymous_id)
            row = connection.execute(query.where(dialogs.c.dialog_id == dialog_id)).first()
            if row is not None:
                _refuse_another(row.customer_id, told)
            own = row.anonymous_id if row is not None else None
            visitors = [one for one in {told.anonymous_id, own} if one is not None]
            merged = select(merges.c.anonymous_id).where(merges.c.anonymous_id.in_(visitors))
            done = set(connection.execute(merged).scalars()) if visitors else set()
        for anonymous_id in sorted(set(visitors) - done):
            self._merge(anonymous_id, told.id)

    def _merge(self, anonymous_id: str, customer_id: str) -> None:
        """All that a visitor wrote is this customer's from now on, unless it became another's."""
        try:
            with self._database.writing() as connection:
                connection.execute(
                    insert(merges).values(
                        anonymous_id=anonymous_id, customer_id=customer_id, at=self._stamp()
                    )
                )
                found = list(
                    connection.execute(
                        select(dialogs)
                        .where(
                            dialogs.c.anonymous_id == anonymous_id, dialogs.c.customer_id.is_(None)
                        )
                        .order_by(dialogs.c.dialog_id)
                        .with_for_update()
                    )
                )
                told = Customer(id=customer_id, anonymous_id=anonymous_id)
                for row in found:
                    self._keep_told(connection, row, told)
                for row in found:
                    self._identified(connection, row, told)
        except IntegrityError:
            # He signed in in two places at once, or another customer did: the first one counts.
            return

    def _recognise(self, connection: Connection, row: Row[Any], told: Customer) -> Row[Any]:
        """Keep what a later message newly tells of the customer; returns the dialog's row.

        Raises OtherCustomerError when the dialog is another customer's.
        """
        _refuse_another(row.customer_id, told)
        if not self._keep_told(connection, row, told):
            return row
        if row.customer_id is None and told.id is not None:
            self._identified(connection, row, told)
        return existing(connection, row.dialog_id)

    @staticmethod
    def _keep_told(connection: Connection, row: Row[Any], told: Customer) -> bool:
        """Whether there was anything new to keep."""
        customer = merged_customer(row.customer or {}, told)
        visitor = row.anonymous_id or told.anonymous_id
        if customer == row.customer and visitor == row.anonymous_id:
            return False
        connection.execute(
            update(dialogs)
            .where(dialogs.c.dialog_id == row.dialog_id)
            .values(customer=customer, customer_id=customer["id"], anonymous_id=visitor)
        )
        return True

    def _identified(self, connection: Connection, row: Row[Any], told: Customer) -> None:
        payload = {"customer_id": told.id, "anonymous_id": row.anonymous_id or told.anonymous_id}
        self._event(connection, row.dialog_id, "customer.identified", payload)

    # --- what there is of him ------------------------------------------------------------------

    def customer(self, customer_id: str) -> dict[str, Any]:
        """A customer with his dialogs, latest first; an id that no customer has may be a visitor's.

        Raises NotFoundError when nobody of that id ever wrote.
        """
        with self._database.reading() as connection:
            whose = whose_dialogs(connection, customer_id)
            query = select(dialogs).where(whose).order_by(dialogs.c.created_at.desc())
            rows = list(connection.execute(query.limit(DIALOGS_SHOWN)))
            if not rows:
                raise NotFoundError(f"there is no customer {customer_id!r}")
            latest: dict[str, Any] = {}
            for row in reversed(rows):
                latest = merged_customer(latest, Customer(**row.customer))
            return {
                "customer_id": rows[0].customer_id,
                "customer": latest,
                "anonymous_ids": sorted({row.anonymous_id for row in rows if row.anonymous_id}),
                "dialogs": _summaries(connection, rows),
                "dialogs_total": int(
                    connection.execute(select(func.count()).where(whose)).scalar_one()
                ),
            }

    def previous_dialogs(
        self, dialog_id: str, limit: int = PREVIOUS_DIALOGS
    ) -> list[dict[str, Any]]:
        """The latest other dialogs of the customer whose dialog this is, on any channel."""
        with self._database.reading() as connection:
            row = existing(connection, dialog_id)
            query = (
                select(dialogs)
                .where(_same_customer(row), dialogs.c.dialog_id != dialog_id)
                .order_by(dialogs.c.created_at.desc(), dialogs.c.dialog_id)
                .limit(limit)
            )
            return _summaries(connection, list(connection.execute(query)))

    def said_by_customer(self, dialog_id: str) -> list[Said]:
        """What the customer wrote in this dialog and in his latest ones before, newest first."""
        with self._database.reading() as connection:
            row = existing(connection, dialog_id)
            latest = (
                select(dialogs.c.dialog_id)
                .where(_same_customer(row), dialogs.c.dialog_id != dialog_id)
                .order_by(dialogs.c.created_at.desc())
                .limit(PREVIOUS_DIALOGS)
            )
            here = _said(connection, [dialog_id], _MESSAGES_READ_HERE)
            before = _said(connection, list(connection.execute(latest).scalars()), _MESSAGES_READ)
        return sorted([*here, *before], key=lambda words: words.at, reverse=True)

    def said_by(self, customer_id: str) -> list[Said]:
        """What a customer wrote in his latest dialogs, newest first."""
        with self._database.reading() as connection:
            latest = (
                select(dialogs.c.dialog_id)
                .where(whose_dialogs(connection, customer_id))
                .order_by(dialogs.c.created_at.desc())
                .limit(PREVIOUS_DIALOGS)
            )
            return _said(connection, list(connection.execute(latest).scalars()), _MESSAGES_READ)


def merged_customer(known: dict[str, Any], told: Customer) -> dict[str, Any]:
    """What is known of a customer with what is newly told: nothing told takes nothing away."""
    before = customer_document(NOBODY) | known
    told_now = customer_document(told)
    new = {name: value for name, value in told_now.items() if value not in (None, "", {})}
    attributes = {
        name: value
        for name, value in told.attributes.items()
        if value not in (None, "") or name not in before["attributes"]
    }
    return {
        **before,
        **new,
        "attributes": {**before["attributes"], **attributes},
    }


def whose_dialogs(connection: Connection, customer_id: str) -> ColumnElement[bool]:
    """The dialogs of a customer; where there is no customer of that id, of a visitor who has not
    signed in."""
    of_customer = dialogs.c.customer_id == customer_id
    if connection.execute(select(dialogs.c.dialog_id).where(of_customer).limit(1)).first():
        return of_customer
    return and_(dialogs.c.customer_id.is_(None), dialogs.c.anonymous_id == customer_id)


def _refuse_another(owner: str | None, told: Customer) -> None:
    if told.id is not None and owner is not None and owner != told.id:
        raise OtherCustomerError("this dialog is another customer's; begin a new one")


def _same_customer(row: Row[Any]) -> ColumnElement[bool]:
    if row.customer_id is not None:
        of_customer: ColumnElement[bool] = dialogs.c.customer_id == row.customer_id
        return of_customer
    if row.anonymous_id is not None:
        return and_(dialogs.c.customer_id.is_(None), dialogs.c.anonymous_id == row.anonymous_id)
    return false()


def _said(connection: Connection, dialog_ids: Sequence[str], limit: int) -> list[Said]:
    query = (
        select(messages.c.text, messages.c.dialog_id, messages.c.created_at, dialogs.c.channel)
        .join(dialogs, dialogs.c.dialog_id == messages.c.dialog_id)
        .where(messages.c.dialog_id.in_(dialog_ids), messages.c.author_kind == AuthorKind.CUSTOMER)
        .order_by(messages.c.id.desc())
        .limit(limit)
    )
    return [
        Said(row.text, row.dialog_id, row.channel, parse_stamp(row.created_at))
        for row in connection.execute(query)
    ]


def _summaries(connection: Connection, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Dialogs in a few fields each."""
    ids = [row.dialog_id for row in rows]
    asked = or_(messages.c.action.is_(None), messages.c.action != Action.ACKNOWLEDGE)
    of_customer = messages.c.author_kind == AuthorKind.CUSTOMER
    questions = _latest(connection, ids, of_customer & asked)
    reasons = _latest(connection, ids, messages.c.handoff_reason.is_not(None))
    rated = connection.execute(select(ratings).where(ratings.c.dialog_id.in_(ids)))
    scores = {row.dialog_id: rating_view(row) for row in rated}
    newest = select(tickets).where(tickets.c.dialog_id.in_(ids)).order_by(tickets.c.number)
    numbers = {
        row.dialog_id: {"number": row.number, "status": row.status}
        for row in connection.execute(newest)
    }
    return [
        {
            "dialog_id": row.dialog_id,
            "channel": row.channel,
            "owner": row.owner,
            "created_at": row.created_at,
            "resolved_at": row.resolved_at,
            "last_question": questions[row.dialog_id].text if row.dialog_id in questions else None,
            "handoff_reason": (
                reasons[row.dialog_id].handoff_reason if row.dialog_id in reasons else None
            ),
            "csat": scores.get(row.dialog_id),
            "ticket": numbers.get(row.dialog_id),
        }
        for row in rows
    ]


def _latest(
    connection: Connection, dialog_ids: Sequence[str], which: ColumnElement[bool]
) -> dict[str, Row[Any]]:
    """Of each dialog the latest message of a kind."""
    numbers = (
        select(func.max(messages.c.id))
        .where(messages.c.dialog_id.in_(dialog_ids), which)
        .group_by(messages.c.dialog_id)
    )
    rows = connection.execute(select(messages).where(messages.c.id.in_(numbers)))
    return {row.dialog_id: row for row in rows}
