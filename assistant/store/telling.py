"""Messages that answer no message: the one door through which they leave, past the contact budget.

They are written in a transaction of whoever has a reason for them, so that the reason is noted as
told if and only if the message is there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from assistant.care import Purpose, is_within_budget, midnight_before
from assistant.domain import Action, Owner
from assistant.store.database import hold_events
from assistant.store.rows import format_stamp
from assistant.store.surveys import dialogs_of_same
from assistant.store.tables import dialogs, messages
from assistant.store.turns import Turns


class Telling(Turns):
    """Telling a customer something unasked."""

    def _tell(
        self,
        connection: Connection,
        row: Row[Any],
        said: dict[str, Any],
        purpose: Purpose,
        midnight: datetime | None = None,
        *,
        message_id: str | None = None,
    ) -> int | None:
        """Write a message of the bot, as `assistant.replies.bot_document` gives it, into the dialog
        that was read as `row`; returns its number.

        None, and nothing is written, when a person has the dialog, or when the customer had his
        share since `midnight` (by default where the operators are).
        """
        if row.owner == Owner.HUMAN or not self._has_budget(connection, row, midnight):
            return None
        reply = {"reply": said, "action": Action.ACKNOWLEDGE.value}
        reply = self._without_second_offer(connection, row.dialog_id, reply)
        return self._insert_bot_message(
            connection, row.dialog_id, reply, message_id=message_id, purpose=purpose.value
        )

    def _has_budget(
        self, connection: Connection, row: Row[Any], midnight: datetime | None = None
    ) -> bool:
        """Whether the customer may be told one more thing today. From here to the end of the
        transaction nobody else tells him anything, in whichever dialog."""
        hold_events(connection)
        since = midnight or midnight_before(self._now(), self.manners.zone)
        told = self._told_since(connection, row, since)
        return is_within_budget(told, self.manners.contacts_per_day)

    @staticmethod
    def _told_since(connection: Connection, row: Row[Any], midnight: datetime) -> int:
        query = (
            select(func.count())
            .select_from(messages.join(dialogs))
            .where(
                dialogs_of_same(row),
                messages.c.purpose.is_not(None),
                messages.c.created_at >= format_stamp(midnight),
            )
        )
        return int(connection.execute(query).scalar_one())
