"""The lines of a dialog with all that is kept beside them, for what operators are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from assistant.domain import Action, AuthorKind
from assistant.store.base import StoreBase
from assistant.store.rows import existing, parse_stamp
from assistant.store.tables import messages


@dataclass(frozen=True, slots=True)
class Line:
    """One message."""

    author: AuthorKind
    text: str
    message_id: str | None = None
    name: str | None = None
    """Of whoever wrote it."""
    at: datetime | None = None
    action: Action | None = None
    """Of the bot's messages: what it did with them."""
    citations: tuple[dict[str, Any], ...] = ()
    looked_at: tuple[dict[str, Any], ...] = ()
    """Of the customer's messages: the articles that were found for them, best first."""
    intent: dict[str, Any] | None = None
    answered_with: str | None = None
    """Of all messages of a burst but the last: the id of the last."""
    is_unasked: bool = False
    """Whether it was said without a message that asked for it (a rating, a ticket's news)."""
    is_past: bool = False
    """Whether the dialog was closed after it and opened again."""


class DialogLines(StoreBase):
    """Dialogs read line by line."""

    def lines(self, dialog_id: str) -> list[Line]:
        """All that was said in a dialog, oldest first. Raises NotFoundError."""
        query = select(messages).where(messages.c.dialog_id == dialog_id).order_by(messages.c.id)
        with self._database.reading() as connection:
            start = existing(connection, dialog_id).context_from
            return [_line(row, start) for row in connection.execute(query)]


def _line(row: Row[Any], start: int) -> Line:
    details = row.details or {}
    action = details.get("action")
    is_customer = row.author_kind == AuthorKind.CUSTOMER
    return Line(
        author=AuthorKind(row.author_kind),
        text=row.text,
        message_id=row.message_id,
        name=row.author_name,
        at=parse_stamp(row.created_at),
        action=Action(action) if action else None,
        citations=tuple(details.get("citations") or ()),
        looked_at=tuple((row.reply or {}).get("suggested_articles") or ()) if is_customer else (),
        intent=details.get("intent"),
        answered_with=row.answered_with,
        is_unasked=row.purpose is not None,
        is_past=row.id < start,
    )
