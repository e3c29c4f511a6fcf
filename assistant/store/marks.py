"""Marks on answers, as the parts of the store that write them need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select

from assistant.domain import Action, AuthorKind
from assistant.errors import BadInputError, NotFoundError
from assistant.store.rows import existing, message_row, new_key, parse_stamp
from assistant.store.tables import messages, verdicts
from assistant.verdicts import Mark, MarkKind, Review


@dataclass(frozen=True)
class NewMark:
    """A mark before the store gives it a number and a time."""

    message_id: str
    """Of the customer's message."""
    kind: MarkKind
    right: bool | None
    who: str | None = None
    reason: str | None = None
    article_ids: tuple[str, ...] | None = None
    confidence: float | None = None


def insert_mark(connection: Connection, dialog_id: str, new: NewMark, stamp: str) -> int:
    """Write a mark down; returns its number."""
    result = connection.execute(
        insert(verdicts).values(
            dialog_id=dialog_id,
            message_id=new.message_id,
            kind=new.kind.value,
            right=new.right,
            reason=new.reason,
            article_ids=None if new.article_ids is None else list(new.article_ids),
            confidence=new.confidence,
            who=new.who,
            created_at=stamp,
        )
    )
    return new_key(result)


def mark_of(row: Row[Any]) -> Mark:
    """A row of the table as a mark."""
    return Mark(
        number=row.id,
        kind=MarkKind(row.kind),
        right=row.right,
        at=parse_stamp(row.created_at),
        article_ids=None if row.article_ids is None else tuple(row.article_ids),
        confidence=row.confidence,
        taken_back_at=parse_stamp(row.taken_back_at) if row.taken_back_at else None,
        review=Review(row.review) if row.review else None,
    )


def mark_view(row: Row[Any]) -> dict[str, Any]:
    """A mark as the API shows it to operators."""
    return {
        "verdict_id": row.id,
        "dialog_id": row.dialog_id,
        "message_id": row.message_id,
        "kind": row.kind,
        "right": row.right,
        "article_ids": row.article_ids,
        "reason": row.reason,
        "who": row.who,
        "created_at": row.created_at,
        "taken_back_at": row.taken_back_at,
        "review": row.review,
        "reviewed_by": row.reviewed_by,
        "reviewed_at": row.reviewed_at,
    }


def customers_message(connection: Connection, dialog_id: str, message_id: str) -> Row[Any]:
    """The customer's message of that id, or the one that the bot's message of that id answers.

    Raises NotFoundError when there is no such message, BadInputError for a person's message and
    for one of the bot's that answers none (the button).
    """
    existing(connection, dialog_id)
    row = message_row(connection, dialog_id, message_id)
    if row is None:
        raise NotFoundError(f"dialog {dialog_id!r} has no message {message_id!r}")
    if row.author_kind == AuthorKind.HUMAN:
        raise BadInputError(f"message {message_id!r} is a person's: only the bot's are judged")
    if row.author_kind == AuthorKind.CUSTOMER:
        if row.answered_with is None:
            return row
        row = message_row(connection, dialog_id, row.answered_with)
        assert row is not None  # noqa: S101 - it is named by a message of the same burst
        return row
    asked = _answered_by(connection, row)
    if asked is None:
        raise BadInputError(f"message {message_id!r} of the bot answers no message of the customer")
    return asked


def _answered_by(connection: Connection, said: Row[Any]) -> Row[Any] | None:
    answers = (said.details or {}).get("answers")
    if answers is not None:
        return message_row(connection, said.dialog_id, answers)
    # Written before the bot's messages named what they answer.
    query = (
        select(messages)
        .where(
            messages.c.dialog_id == said.dialog_id,
            messages.c.id < said.id,
            messages.c.author_kind == AuthorKind.CUSTOMER,
            messages.c.reply[("reply", "text")].as_string() == said.text,
        )
        .order_by(messages.c.id.desc())
    )
    return connection.execute(query).first()


def settling_answer(connection: Connection, dialog: Row[Any]) -> str | None:
    """Id of the customer's message whose answer a rating or a reopening is about: the last thing
    that was said, thanks aside, in a dialog that was not handed over since it was last opened. In
    one that was, the bot may answer while the customer waits, but nobody can tell whether he means
    that answer, the wait or the person: None, also when it was closed since."""
    if dialog.handoff is not None or dialog.waiting_since is not None:
        return None
    return last_answer(connection, dialog, past_thanks=True)


def last_answer(
    connection: Connection, dialog: Row[Any], *, before: int | None = None, past_thanks: bool
) -> str | None:
    """Id of the customer's message whose answer is the last thing that was said to him, since the
    dialog was last opened and before a message number; None when a person spoke after it, or the
    bot did anything else. `past_thanks`: what the bot acknowledged since does not count."""
    did = messages.c.action.is_not(None) & (messages.c.action != Action.SILENT)
    query = (
        select(messages.c.message_id, messages.c.author_kind, messages.c.action)
        .where(
            messages.c.dialog_id == dialog.dialog_id,
            messages.c.id >= dialog.context_from,
            or_(messages.c.author_kind == AuthorKind.HUMAN, did),
        )
        .order_by(messages.c.id.desc())
    )
    if before is not None:
        query = query.where(messages.c.id < before)
    for row in connection.execute(query):
        if row.author_kind != AuthorKind.HUMAN and row.action == Action.ANSWER:
            found: str = row.message_id
            return found
        if not past_thanks or row.action != Action.ACKNOWLEDGE:
            return None
    return None
