"""Messages that answer no message: the one door through which they leave, past the contact budget.

They are written in a transaction of whoever has a reason for them, so that the reason is noted as
told if and only if the message is there.
"""

from __future__ import annotations

import secrets as randomness
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert

from assistant.care import Purpose
from assistant.domain import Action, AuthorKind, Owner
from assistant.store.posting import Posting
from assistant.store.rows import new_key
from assistant.store.tables import messages


class Telling(Posting):
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
        must_go: bool = False,
    ) -> int | None:
        """Write a message of the bot, as `assistant.replies.bot_document` gives it, into the dialog
        that was read as `row`; returns its number.

        None, and nothing is written, when a person has the dialog, or when the customer had his
        share since `midnight` (by default where the operators are). One that `must_go` is charged
        to that share and goes out past it.
        """
        if row.owner == Owner.HUMAN:
            return None
        reply = {"reply": said, "action": Action.ACKNOWLEDGE.value}
        sent = self._write_bot_message(
            connection,
            row,
            reply,
            purpose=purpose,
            midnight=midnight,
            message_id=message_id,
            must_go=must_go,
        )
        return sent.number if sent else None

    def _tell_for_operator(
        self,
        connection: Connection,
        row: Row[Any],
        text: str,
        midnight: datetime | None = None,
        *,
        must_go: bool = False,
    ) -> int | None:
        """News in the name of the operator who has the dialog that was read as `row`, where the bot
        is silent; it counts as told unasked and not as his answer. Returns its number, None past
        the contact budget, unless it `must_go`."""
        if not self._has_budget(connection, row, midnight) and not must_go:
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
