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
    false,
    text,
)

metadata = MetaData()

UNANSWERED = "action is null and author_kind = 'customer'"
"""Of `messages`, word for word as their partial index has it: else SQLite would not use it."""

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
    # Whose dialog it is, as the caller says; a visitor who has not signed in has only the second.
    Column("customer_id", String(128)),
    Column("anonymous_id", String(128)),
    # Since when the customer waits for a person's word, and when he was found to wait too long.
    Column("unanswered_since", String(32)),
    Column("sla_breached_at", String(32)),
    Column("survey_asked_at", String(32)),
    Index("dialogs_by_owner", "owner", "waiting_since"),
    Index("dialogs_of_customer", "customer_id", "created_at"),
    Index("dialogs_of_visitor", "anonymous_id"),
    Index("dialogs_unanswered", "unanswered_since"),
)

moves = Table(
    "moves",
    metadata,
    # Owners who may follow each other; a trigger of the migrations refuses every other move.
    Column("owner_before", String(16), primary_key=True),
    Column("owner_after", String(16), primary_key=True),
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
    # Of a customer's message: what was answered, whole.
    Column("reply", JSON),
    # Of the messages of one burst all but the last: the id of the last, which has the answer.
    Column("answered_with", String(128)),
    # Whether the caller says that no more of this turn follows.
    Column("ends_turn", Boolean, nullable=False, server_default=false()),
    # How often a worker began to answer it; a message that kills its workers goes to a person.
    Column("attempts", Integer, nullable=False, server_default="0"),
    # Of a message that no message asked for (`assistant.care.Purpose`).
    Column("purpose", String(16)),
    # What the bot did on a customer's message; of the bot's own rows only on those that answer
    # no message (the button). Columns, so that counting them reads no document.
    Column("action", String(16)),
    Column("handoff_reason", String(32)),
    Column("confidence", Float),
    UniqueConstraint("dialog_id", "message_id", name="one_message_per_id"),
    Index("messages_of_dialog", "dialog_id", "id"),
    Index("messages_by_time", "created_at"),
    # The few that nobody has answered yet, wherever they are.
    Index(
        "messages_unanswered",
        "id",
        sqlite_where=text(UNANSWERED),
        postgresql_where=text(UNANSWERED),
    ),
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
    Index("events_by_time", "created_at"),
    # Numbers of deleted rows are never given again: receivers remember them.
    sqlite_autoincrement=True,
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
    # Whether it may teach anything (`approved`, `rejected`); NULL: nobody has looked at it yet.
    Column("review", String(16)),
    Column("reviewed_by", String(64)),
    Column("reviewed_at", String(32)),
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

tickets = Table(
    "tickets",
    metadata,
    Column("ticket_id", String(64), primary_key=True),
    # What people call it; grows by one.
    Column("number", Integer, nullable=False, unique=True),
    Column("dialog_id", String(64), ForeignKey("dialogs.dialog_id"), nullable=False),
    Column("status", String(16), nullable=False),
    Column("subject", Text, nullable=False),
    Column("expected_at", String(32)),
    Column("opened_by", String(64), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("updated_at", String(32), nullable=False),
    Index("tickets_of_dialog", "dialog_id"),
    Index("tickets_by_status", "status", "number"),
)

ticket_changes = Table(
    "ticket_changes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("ticket_id", String(64), ForeignKey("tickets.ticket_id"), nullable=False),
    Column("at", String(32), nullable=False),
    Column("who", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("expected_at", String(32)),
    Column("note", Text),
    # Whether it is news to the customer, and when he was told.
    Column("is_news", Boolean, nullable=False),
    Column("told_at", String(32)),
    Index("changes_of_ticket", "ticket_id", "id"),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("webhook_id", String(64), primary_key=True),
    Column("url", Text, nullable=False),
    # Types of events that it wants; empty: all.
    Column("event_types", JSON, nullable=False),
    # [{"secret", "until"}], newest first; `until` of the newest is null.
    Column("secrets", JSON, nullable=False),
    # Number of the last event that was put into `deliveries` for it.
    Column("cursor", Integer, nullable=False),
    Column("created_at", String(32), nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    # A webhook's id, or `channel:NAME`.
    Column("target", String(80), nullable=False),
    Column("event_id", Integer, nullable=False),
    Column("dialog_id", String(64), nullable=False),
    Column("type", String(64), nullable=False),
    # The very text that is signed and sent, the same at every attempt.
    Column("body", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", String(32), nullable=False),
    Column("last_error", Text),
    Column("created_at", String(32), nullable=False),
    Column("delivered_at", String(32)),
    UniqueConstraint("target", "event_id", name="an_event_once_a_target"),
    Index("deliveries_due", "state", "next_attempt_at"),
    Index("deliveries_of_dialog", "dialog_id"),
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", String(32), nullable=False),
    # The key's name, and the operator where the call names one.
    Column("caller", String(64), nullable=False),
    Column("operator_id", String(64)),
    Column("action", String(64), nullable=False),
    Column("dialog_id", String(64)),
    Column("customer_id", String(128)),
    Column("details", JSON, nullable=False),
    Index("audit_by_time", "at"),
    Index("audit_of_dialog", "dialog_id"),
)

merges = Table(
    "merges",
    metadata,
    # A visitor who signed in; what he wrote before became this customer's, once.
    Column("anonymous_id", String(128), primary_key=True),
    Column("customer_id", String(128), nullable=False),
    Column("at", String(32), nullable=False),
)

leases = Table(
    "leases",
    metadata,
    # What one worker at a time may do, across processes: see `assistant.store.leases`.
    Column("name", String(128), primary_key=True),
    Column("lease_id", String(64), nullable=False),
    Column("beat", Integer, nullable=False),
)

rates = Table(
    "rates",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("count", Integer, nullable=False),
    # Seconds since 1970.
    Column("expires_at", Float, nullable=False),
)
