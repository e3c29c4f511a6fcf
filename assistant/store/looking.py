"""Looking at dialogs: one, its history, the operators' list."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select

from assistant.domain import Dialog, Owner, Turn
from assistant.store.base import StoreBase
from assistant.store.queue_fields import place_by_priority, queue_fields
from assistant.store.rows import (
    dialog,
    dialog_view,
    existing,
    message_view,
    rating_view,
    turns,
)
from assistant.store.tables import dialogs, messages, ratings

NO_LIMIT = 2**31 - 1
"""A number above that of every message."""


class Reading(StoreBase):
    """What is only read."""

    def history(
        self, dialog_id: str, before: int = NO_LIMIT, without: Collection[int] = ()
    ) -> list[Turn]:
        """What was said in this dialog before a message, oldest first, the messages of a burst as
        one; after a dialog was closed and opened again only what came since."""
        query = (
            select(messages)
            .join(dialogs, dialogs.c.dialog_id == messages.c.dialog_id)
            .where(
                messages.c.dialog_id == dialog_id,
                messages.c.id < before,
                messages.c.id.not_in(without),
                messages.c.id >= dialogs.c.context_from,
            )
            .order_by(messages.c.id)
        )
        with self._database.reading() as connection:
            return turns(connection.execute(query))

    def dialog(self, dialog_id: str) -> Dialog:
        """The state of a dialog; NotFoundError when there is none of that id."""
        with self._database.reading() as connection:
            return dialog(existing(connection, dialog_id))

    def view(self, dialog_id: str, after: int = 0) -> dict[str, Any]:
        """The dialog as the API shows it, with its messages of a number above `after`."""
        with self._database.reading() as connection:
            row = existing(connection, dialog_id)
            said = connection.execute(
                select(messages)
                .where(messages.c.dialog_id == dialog_id, messages.c.id > after)
                .order_by(messages.c.id)
            )
            rated = connection.execute(select(ratings).where(ratings.c.dialog_id == dialog_id))
            return dialog_view(row) | {
                "messages": [message_view(line) for line in said],
                "csat": rating_view(rated.first()),
            }

    def listing(
        self,
        owner: Owner | None,
        queue: str | None,
        after: str | None,
        limit: int,
        *,
        customer_id: str | None = None,
        by_priority: bool = False,
    ) -> list[dict[str, Any]]:
        """Dialogs as the operators' list shows them, oldest waiting first, after a cursor;
        `by_priority`: the most urgent first, and the oldest waiting among those."""
        key = func.coalesce(dialogs.c.waiting_since, dialogs.c.created_at) + dialogs.c.dialog_id
        if by_priority:
            key = place_by_priority() + key
        query = select(dialogs, key.label("cursor")).order_by(key).limit(limit)
        if owner is not None:
            query = query.where(dialogs.c.owner == owner)
        if queue is not None:
            query = query.where(dialogs.c.queue == queue)
        if customer_id is not None:
            query = query.where(dialogs.c.customer_id == customer_id)
        if after is not None:
            query = query.where(key > after)
        with self._database.reading() as connection:
            rows = list(connection.execute(query))
            fields = queue_fields(connection, [row.dialog_id for row in rows])
        return [dialog_view(row) | fields[row.dialog_id] | {"cursor": row.cursor} for row in rows]

    def is_ready(self) -> bool:
        """Whether the database answers; raises StoreError when it does not."""
        with self._database.reading() as connection:
            return connection.execute(select(1)).scalar() == 1
