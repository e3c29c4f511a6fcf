"""Rows of the tables to what the rest of the program knows, and the look-ups they share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Row, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from assistant.domain import Action, AuthorKind, Customer, Dialog, HandoffReason, Owner, Turn
from assistant.errors import NotFoundError
from assistant.store.database import is_writing
from assistant.store.tables import dialogs, messages

_AT_ONCE = 500

Value = TypeVar("Value")


def format_stamp(moment: datetime) -> str:
    """A time as the tables keep it: ISO 8601 in UTC, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_stamp(stamp: str) -> datetime:
    """The time that `format_stamp` wrote."""
    return datetime.fromisoformat(stamp)


def in_portions(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """The same, so many at once as one query may name: PostgreSQL takes 65,535 parameters, old
    SQLite 999."""
    for at in range(0, len(values), _AT_ONCE):
        yield values[at : at + _AT_ONCE]


def new_key(result: CursorResult[Any]) -> int:
    """The number that the database gave to the row just inserted."""
    key = result.inserted_primary_key
    assert key is not None  # noqa: S101 - an insert of one row has one
    return int(key[0])


def upsert(
    connection: Connection, table: Table, key: dict[str, Any], values: dict[str, Any]
) -> None:
    """Change the row of that key, or insert it, whoever else does the same at this moment."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(**key, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


def dialog_row(connection: Connection, dialog_id: str) -> Row[Any] | None:
    """The row of a dialog, if there is one; who writes has it to himself until he is done."""
    query = select(dialogs).where(dialogs.c.dialog_id == dialog_id)
    if is_writing(connection):
        query = query.with_for_update()
    return connection.execute(query).first()


def existing(connection: Connection, dialog_id: str) -> Row[Any]:
    """The row of a dialog; NotFoundError when there is none."""
    row = dialog_row(connection, dialog_id)
    if row is None:
        raise NotFoundError(f"there is no dialog {dialog_id!r}")
    return row


def message_row(connection: Connection, dialog_id: str, message_id: str) -> Row[Any] | None:
    """The row of a message, if there is one."""
    return connection.execute(
        select(messages).where(
            messages.c.dialog_id == dialog_id, messages.c.message_id == message_id
        )
    ).first()


def customer_document(customer: Customer) -> dict[str, Any]:
    """What a dialog keeps of its customer; the id of a visitor has a column of its own."""
    told = asdict(customer)
    del told["anonymous_id"]
    return told


def dialog(row: Row[Any]) -> Dialog:
    """The state of a dialog."""
    handoff = row.handoff or {}
    return Dialog(
        dialog_id=row.dialog_id,
        owner=Owner(row.owner),
        channel=row.channel,
        locale=row.locale,
        customer=Customer(**row.customer, anonymous_id=row.anonymous_id),
        created_at=parse_stamp(row.created_at),
        queue=row.queue,
        operator_id=row.operator_id,
        operator_name=row.operator_name,
        handoff_reason=HandoffReason(handoff["reason"]) if "reason" in handoff else None,
        waiting_since=parse_stamp(row.waiting_since) if row.waiting_since else None,
    )


def turn(row: Row[Any]) -> Turn:
    """A message as the steps see it."""
    details = row.details or {}
    # What was said unasked stands between a question and its answer without being part of them.
    action = details.get("action") if row.purpose is None else None
    return Turn(
        author=AuthorKind(row.author_kind),
        text=row.text,
        action=Action(action) if action else None,
        article_ids=tuple(
            dict.fromkeys(item["article_id"] for item in details.get("citations", ()))
        ),
    )


def turns(rows: Iterable[Row[Any]]) -> list[Turn]:
    """Messages as the steps see them, oldest first; those of one burst are one."""
    return [said for said, _ in turns_with_rows(rows)]


def turns_with_rows(rows: Iterable[Row[Any]]) -> list[tuple[Turn, Row[Any]]]:
    """The same, each with the row of its last message."""
    found: list[tuple[Turn, Row[Any]]] = []
    parts: dict[str, list[str]] = {}
    for row in rows:
        if row.answered_with is not None:
            parts.setdefault(row.answered_with, []).append(row.text)
            continue
        said = turn(row)
        before = parts.pop(row.message_id, [])
        found.append((replace(said, text="\n".join([*before, said.text])), row))
    return found


def dialog_view(row: Row[Any]) -> dict[str, Any]:
    """A dialog as the API shows it."""
    operator = {"id": row.operator_id, "name": row.operator_name} if row.operator_id else None
    kept = row.handoff or {}
    return {
        "dialog_id": row.dialog_id,
        "owner": row.owner,
        "channel": row.channel,
        "locale": row.locale,
        "customer": row.customer,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "queue": row.queue,
        "waiting_since": row.waiting_since,
        "unanswered_since": row.unanswered_since,
        "sla_breached_at": row.sla_breached_at,
        "resolved_at": row.resolved_at,
        "operator": operator,
        # A dialog that an operator gave to a queue was never handed over, yet may be urgent.
        "handoff": row.handoff if "reason" in kept else None,
        "priority": kept.get("priority"),
    }


def message_view(row: Row[Any]) -> dict[str, Any]:
    """A message as the API shows it."""
    details = row.details or {}
    return {
        "seq": row.id,
        "message_id": row.message_id,
        "author": {
            "kind": row.author_kind,
            # Two operators may have one name.
            "id": row.author_id if row.author_kind == AuthorKind.HUMAN else None,
            "name": row.author_name,
            "disclosure": details.get("disclosure"),
        },
        "text": row.text,
        "created_at": row.created_at,
        "answered_with": row.answered_with,
        "purpose": row.purpose,
        "intent": details.get("intent"),
        "action": details.get("action"),
        "citations": details.get("citations", []),
        "quick_replies": details.get("quick_replies", []),
    }


def rating_view(row: Row[Any] | None) -> dict[str, Any] | None:
    """A customer's rating as the API shows it; None where there is none."""
    if row is None:
        return None
    return {"score": row.score, "comment": row.comment, "created_at": row.created_at}
