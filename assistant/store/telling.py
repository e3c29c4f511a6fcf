"""Messages that answer no message: the one door through which they leave, past the contact budget.

They are written in a transaction of whoever has a reason for them, so that the reason is noted as
told if and only if the message is there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from assistant.care import Purpose, is_within_budget
from assistant.domain import Action, Owner
from assistant.store.rows import format_stamp
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
        midnight: datetime,
    ) -> int | None:
        """Write a message of the bot, as `assistant.replies.bot_document` gives it, into the dialog
        that was read as `row`; returns its number.

        None, and nothing is written, when a person has the dialog, or when the customer had his
        share since `midnight` (where the operators are).
        """
        if row.owner == Owner.HUMAN:
            return None
        if not is_within_budget(self._told_since(connection, row, midnight)):
            return None
        reply = {"reply": said, "action": Action.ACKNOWLEDGE.value}
        return self._insert_bot_message(connection, row.dialog_id, reply, purpose=purpose.value)

    @staticmethod
    def _told_since(connection: Connection, row: Row[Any], midnight: datetime) -> int:
        whose = dialogs.c.dialog_id == row.dialog_id
        if row.customer_id is not None:
            whose = dialogs.c.customer_id == row.customer_id
        query = (
            select(func.count())
            .select_from(messages.join(dialogs))
            .where(
                whose,
                messages.c.purpose.is_not(None),
                messages.c.created_at >= format_stamp(midnight),
            )
        )
        return int(connection.execute(query).scalar_one())
