"""The one function through which every message of the bot leaves, be it a reply or unasked: past
the contact budget and without a second "anything else?"."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from assistant.care import (
    Purpose,
    is_counted,
    is_within_budget,
    midnight_before,
    offers_to_go_on,
    without_second_offer,
)
from assistant.domain import AuthorKind
from assistant.store.database import hold_events
from assistant.store.rows import format_stamp, new_key
from assistant.store.surveys import Surveys, dialogs_of_same
from assistant.store.tables import dialogs, messages

NO_COLUMNS: Mapping[str, str | None] = MappingProxyType({})


@dataclass(frozen=True)
class Sent:
    """A message of the bot as it was written down."""

    number: int
    reply: dict[str, Any]
    """The reply object, with the text as it went out."""


class Outgoing(Surveys):
    """Writing down what the bot says."""

    def _write_bot_message(
        self,
        connection: Connection,
        row: Row[Any],
        reply: dict[str, Any],
        *,
        purpose: Purpose | None = None,
        midnight: datetime | None = None,
        message_id: str | None = None,
        must_go: bool = False,
        answers: str | None = None,
        columns: Mapping[str, str | None] = NO_COLUMNS,
    ) -> Sent | None:
        """Write down a message of the bot, signed, into the dialog that was read as `row`.

        A reply (no `purpose`) always goes out, and so does what `must_go`; anything else only while
        the customer has not had his share since `midnight`, by default where the operators are:
        None where he has.
        """
        if is_counted(purpose) and not self._has_budget(connection, row, midnight) and not must_go:
            return None
        reply = _without_second_offer(connection, row.dialog_id, reply)
        said = reply["reply"]
        result = connection.execute(
            insert(messages).values(
                dialog_id=row.dialog_id,
                message_id=message_id or f"b-{randomness.token_hex(8)}",
                author_kind=AuthorKind.BOT,
                author_name=said["author"]["name"],
                text=said["text"],
                created_at=self._stamp(),
                details={
                    "disclosure": said["author"]["disclosure"],
                    "citations": said["citations"],
                    "quick_replies": said["quick_replies"],
                    "action": reply["action"],
                    "answers": answers,
                },
                purpose=purpose.value if purpose else None,
                **columns,
            )
        )
        number = new_key(result)
        told = {"author": "bot", "seq": number}
        self._event(connection, row.dialog_id, "message.created", told)
        return Sent(number, reply)

    def _has_budget(
        self, connection: Connection, row: Row[Any], midnight: datetime | None = None
    ) -> bool:
        """Whether the customer may be told one more thing today. From here to the end of the
        transaction nobody else tells him anything, in whichever dialog."""
        hold_events(connection)
        since = midnight or midnight_before(self._now(), self.manners.zone)
        query = (
            select(func.count())
            .select_from(messages.join(dialogs))
            .where(
                dialogs_of_same(row),
                messages.c.purpose.is_not(None),
                messages.c.created_at >= format_stamp(since),
            )
        )
        told = int(connection.execute(query).scalar_one())
        return is_within_budget(told, self.manners.contacts_per_day)


def _without_second_offer(
    connection: Connection, dialog_id: str, reply: dict[str, Any]
) -> dict[str, Any]:
    """The reply object without a closing offer that would be the dialog's second."""
    said = reply["reply"]
    if not offers_to_go_on(said["text"]):
        return reply
    earlier = select(messages.c.text).where(
        messages.c.dialog_id == dialog_id, messages.c.author_kind == AuthorKind.BOT
    )
    text = without_second_offer(
        said["text"],
        offered_before=any(map(offers_to_go_on, connection.execute(earlier).scalars())),
        quotes=[citation["quote"] for citation in said["citations"]],
    )
    return reply | {"reply": said | {"text": text}}
