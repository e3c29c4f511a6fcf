"""Messages that answer no message: the one door through which they leave, past the contact budget.

They are written in a transaction of whoever has a reason for them, so that the reason is noted as
told if and only if the message is there.
"""

from __future__ import annotations

import secrets as randomness
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from assistant.care import Purpose, is_within_budget
from assistant.domain import Action, AuthorKind, Owner
from assistant.store.rows import format_stamp, new_key
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

    def _tell_for_operator(
        self, connection: Connection, row: Row[Any], text: str, midnight: datetime
    ) -> int | None:
        """News in the name of the operator who has the dialog that was read as `row`, where the bot
        is silent; it counts as told unasked and not as his answer. Returns its number, None past
        the contact budget."""
        if not is_within_budget(self._told_since(connection, row, midnight)):
            return None
        result = connection.execute(
            insert(messages).values(
                dialog_id=row.dialog_id,
                message_id=f"o-{randomness.token_hex(8)}",
                author_kind=AuthorKind.HUMAN,
                author_id=row.operator_id,
                author_name=row.operator_name,
                text=text,
                created_at=self._stamp(),
                purpose=Purpose.NEWS.value,
            )
        )
        number = new_key(result)
        told = {"author": "human", "seq": number}
        self._event(connection, row.dialog_id, "message.created", told)
        return number

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
