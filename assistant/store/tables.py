"""The tables of the dialog store. Times are ISO 8601 in UTC, so that text order is time order."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

dialogs = Table(
    "dialogs",
    metadata,
    Column("dialog_id", String(64), primary_key=True),
    Column("owner", String(16), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("locale", String(8), nullable=False),
    Column("customer", JSON, nullable=False),
    Column("caller", String(64), nullable=False, server_default=""),
    Column("created_at", String(32), nullable=False),
    Column("updated_at", String(32), nullable=False),
    Column("context_from", Integer, nullable=False, server_default="0"),
    Column("queue", String(64)),
    Column("waiting_since", String(32)),
    Column("taken_at", String(32)),
    Column("resolved_at", String(32)),
    Column("operator_id", String(64)),
    Column("operator_name", String(128)),
    Column("handoff", JSON),
    Index("dialogs_by_owner", "owner", "waiting_since"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("dialog_id", String(64), ForeignKey("dialogs.dialog_id"), nullable=False),
    Column("message_id", String(128), nullable=False),
    Column("author_kind", String(16), nullable=False),
    Column("author_id", String(64)),
    Column("author_name", String(128)),
    Column("text", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("details", JSON),
    # Of a customer's message: what was answered, whole; and who is working on it until when.
    Column("reply", JSON),
    Column("claimed_until", String(32)),
    # What the bot did on a customer's message; of the bot's own rows only on those that answer
    # no message (the button). Columns, so that counting them reads no document.
    Column("action", String(16)),
    Column("handoff_reason", String(32)),
    Column("confidence", Float),
    UniqueConstraint("dialog_id", "message_id", name="one_message_per_id"),
    Index("messages_of_dialog", "dialog_id", "id"),
    Index("messages_by_time", "created_at"),
)

first_messages = Table(
    "first_messages",
    metadata,
    # A first message has no dialog id yet; a retry of it must find the dialog that it opened.
    Column("scope", String(64), primary_key=True),
    Column("dialog_id", String(64), ForeignKey("dialogs.dialog_id"), nullable=False),
    Column("created_at", String(32), nullable=False),
)

operators = Table(
    "operators",
    metadata,
    Column("operator_id", String(64), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("seen_at", String(32)),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("dialog_id", String(64), nullable=False),
    Column("type", String(64), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("payload", JSON, nullable=False),
    Index("events_of_dialog", "dialog_id", "id"),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("dialog_id", String(64), ForeignKey("dialogs.dialog_id"), nullable=False),
    # Of the customer's message whose answer is judged.
    Column("message_id", String(128), nullable=False),
    Column("kind", String(16), nullable=False),
    # SQL's NULL where the mark says neither, or no articles were named.
    Column("right", Boolean),
    Column("reason", Text),
    Column("article_ids", JSON(none_as_null=True)),
    Column("confidence", Float),
    Column("who", String(64)),
    Column("created_at", String(32), nullable=False),
    Column("taken_back_at", String(32)),
    Index("verdicts_of_message", "dialog_id", "message_id"),
)

ratings = Table(
    "ratings",
    metadata,
    # The customer is asked once a dialog at most.
    Column("dialog_id", String(64), ForeignKey("dialogs.dialog_id"), primary_key=True),
    Column("score", Integer, nullable=False),
    Column("comment", Text),
    Column("created_at", String(32), nullable=False),
    Index("ratings_by_time", "created_at"),
)

model_calls = Table(
    "model_calls",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    # No foreign key: a draft may be asked for before its dialog is kept, or for none at all.
    Column("dialog_id", String(64)),
    Column("created_at", String(32), nullable=False),
    Column("model", String(128), nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    # SQL's NULL where the price of the model is not known.
    Column("cost_usd", Float),
    Column("milliseconds", Float, nullable=False),
    Index("model_calls_of_dialog", "dialog_id"),
    Index("model_calls_by_time", "created_at"),
)

model_replies = Table(
    "model_replies",
    metadata,
    # A hash of all that the reply depends on.
    Column("key", String(64), primary_key=True),
    Column("reply", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
    Index("model_replies_by_time", "created_at"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", String(128), nullable=False),
)
