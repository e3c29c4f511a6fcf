"""Messages that answer no message: the one door through which they leave, past the contact budget.

They are written in a transaction of whoever has a reason for them, so that the reason is noted as
told if and only if the message is there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from assistant.care import Purpose
from assistant.domain import Action, Owner
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
        if row.owner == Owner.HUMAN:
            return None
        reply = {"reply": said, "action": Action.ACKNOWLEDGE.value}
        sent = self._write_bot_message(
            connection, row, reply, purpose=purpose, midnight=midnight, message_id=message_id
        )
        return sent.number if sent else None
