"""Earlier dialogs of a customer, each in a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistant.domain import Said
from assistant.operator_context.requests import request_in
from assistant.operator_context.words import ContextWords
from assistant.store.rows import parse_stamp
from assistant.text import shorten
from assistant.tickets import UNFINISHED, TicketStatus

_TOPIC_CHARACTERS = 100


def previous_documents(
    dialogs: Sequence[dict[str, Any]], said: Sequence[Said], words: ContextWords
) -> list[dict[str, Any]]:
    """The dialogs of `store.previous_dialogs` with date, outcome and topic; `said`: the customer's
    messages, newest first, as `store.said_by_customer` gives them."""
    topics: dict[str, str] = {}
    for message in said:
        if message.dialog_id not in topics:
            text = request_in(message.text)
            if text:
                topics[message.dialog_id] = text
    return [_document(row, topics.get(row["dialog_id"], ""), words) for row in dialogs]


def _document(row: dict[str, Any], topic: str, words: ContextWords) -> dict[str, Any]:
    topic = topic or request_in(row["last_question"] or "") or row["last_question"] or ""
    rated = row["csat"]
    return {
        "dialog_id": row["dialog_id"],
        "date": row["created_at"],
        "day": words.day(parse_stamp(row["created_at"])),
        "channel": row["channel"],
        "topic": shorten(topic, _TOPIC_CHARACTERS),
        "outcome": row["owner"],
        "outcome_in_words": words.put(f"outcome_{row['owner']}"),
        "handoff_reason": row["handoff_reason"],
        "handoff_in_words": (
            words.put(f"reason_{row['handoff_reason']}") if row["handoff_reason"] else None
        ),
        "rating": rated["score"] if rated else None,
        "ticket": row["ticket"],
    }


def open_tickets(dialogs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Tickets of earlier dialogs that nobody has finished."""
    return [
        row["ticket"] | {"dialog_id": row["dialog_id"]}
        for row in dialogs
        if row["ticket"] and TicketStatus(row["ticket"]["status"]) in UNFINISHED
    ]
