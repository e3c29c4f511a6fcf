"""What the operators' list shows of each dialog beside the dialog itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, case, func, select
from sqlalchemy.sql.elements import ColumnElement

from assistant.domain import AuthorKind, Priority
from assistant.store.tables import dialogs, messages, tickets

_ORDER = tuple(priority.value for priority in Priority)
"""The most urgent first."""


def place_by_priority() -> ColumnElement[str]:
    """One digit, the most urgent the lowest; a dialog that was never handed over has none of its
    own and stands with the normal ones."""
    ranks = {name: str(place) for place, name in enumerate(_ORDER)}
    said = dialogs.c.handoff["priority"].as_string()
    return case(ranks, value=said, else_=ranks[Priority.NORMAL.value])


def queue_fields(connection: Connection, dialog_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """By dialog: `last_message`, `intent` of the customer's last message that was acted on,
    `ticket_number` of the newest ticket, and `unread`, the customer's messages since a person's
    last word."""
    latest, intents = _latest(connection, dialog_ids), _intents(connection, dialog_ids)
    numbers, unread = _tickets(connection, dialog_ids), _unread(connection, dialog_ids)
    return {
        dialog_id: {
            "last_message": latest.get(dialog_id),
            "intent": intents.get(dialog_id),
            "ticket_number": numbers.get(dialog_id),
            "unread": unread.get(dialog_id, 0),
        }
        for dialog_id in dialog_ids
    }


def _latest(connection: Connection, dialog_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    newest = (
        select(func.max(messages.c.id))
        .where(messages.c.dialog_id.in_(dialog_ids))
        .group_by(messages.c.dialog_id)
    )
    rows = connection.execute(select(messages).where(messages.c.id.in_(newest)))
    return {
        row.dialog_id: {
            "text": row.text,
            "author_kind": row.author_kind,
            "author_name": row.author_name,
            "created_at": row.created_at,
        }
        for row in rows
    }


def _intents(connection: Connection, dialog_ids: Sequence[str]) -> dict[str, Any]:
    newest = (
        select(func.max(messages.c.id))
        .where(
            messages.c.dialog_id.in_(dialog_ids),
            messages.c.author_kind == AuthorKind.CUSTOMER,
            messages.c.action.is_not(None),
        )
        .group_by(messages.c.dialog_id)
    )
    query = select(messages.c.dialog_id, messages.c.details).where(messages.c.id.in_(newest))
    return {row.dialog_id: (row.details or {}).get("intent") for row in connection.execute(query)}


def _tickets(connection: Connection, dialog_ids: Sequence[str]) -> dict[str, int]:
    query = (
        select(tickets.c.dialog_id, func.max(tickets.c.number).label("number"))
        .where(tickets.c.dialog_id.in_(dialog_ids))
        .group_by(tickets.c.dialog_id)
    )
    return {row.dialog_id: row.number for row in connection.execute(query)}


def _unread(connection: Connection, dialog_ids: Sequence[str]) -> dict[str, int]:
    spoken = (
        select(messages.c.dialog_id, func.max(messages.c.id).label("number"))
        .where(messages.c.dialog_id.in_(dialog_ids), messages.c.author_kind == AuthorKind.HUMAN)
        .group_by(messages.c.dialog_id)
        .subquery()
    )
    query = (
        select(messages.c.dialog_id, func.count().label("unread"))
        .outerjoin(spoken, spoken.c.dialog_id == messages.c.dialog_id)
        .where(
            messages.c.dialog_id.in_(dialog_ids),
            and_(
                messages.c.author_kind == AuthorKind.CUSTOMER,
                messages.c.id > func.coalesce(spoken.c.number, 0),
            ),
        )
        .group_by(messages.c.dialog_id)
    )
    return {row.dialog_id: row.unread for row in connection.execute(query)}
