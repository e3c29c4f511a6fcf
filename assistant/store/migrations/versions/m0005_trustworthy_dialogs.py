"""Turns and leases, customers, tickets, webhooks and their deliveries, the audit trail, rates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_UNANSWERED = sa.text("action is null and author_kind = 'customer'")
_MOVES = (
    ("bot", "waiting"),
    ("bot", "human"),
    ("waiting", "human"),
    ("human", "waiting"),
    ("bot", "closed"),
    ("waiting", "closed"),
    ("human", "closed"),
    ("closed", "bot"),
)
"""As `assistant.ownership.MOVES` had them at this revision."""
_REFUSED = (
    "old.owner <> new.owner and not exists (select 1 from moves m "
    "where m.owner_before = old.owner and m.owner_after = new.owner)"
)
_HELD = {
    "sqlite": (
        "create trigger dialogs_moves before update of owner on dialogs "
        f"when {_REFUSED} begin select raise(abort, 'this move is not allowed'); end",
    ),
    "postgresql": (
        "create function check_move() returns trigger language plpgsql as $$ begin "
        f"if {_REFUSED} then raise exception 'this move is not allowed' using errcode = '23514'; "
        "end if; return new; end $$",
        "create trigger dialogs_moves before update of owner on dialogs "
        "for each row execute function check_move()",
    ),
}
_LOOSE = {
    "sqlite": ("drop trigger dialogs_moves",),
    "postgresql": ("drop trigger dialogs_moves on dialogs", "drop function check_move"),
}
_NEW_TABLES = (
    "moves",
    "leases",
    "rates",
    "merges",
    "audit",
    "deliveries",
    "webhooks",
    "ticket_changes",
    "tickets",
)


def upgrade() -> None:
    """Add the columns and tables; whose dialogs are whose is read from what callers told."""
    _extend_dialogs()
    _extend_messages()
    _hold_moves()
    op.create_index("events_by_time", "events", ["created_at"])
    _never_reuse_numbers_of_events()
    for name, *columns in _tables():
        op.create_table(name, *columns, sqlite_autoincrement=name == "deliveries")
    for index, table, indexed in (
        ("tickets_of_dialog", "tickets", ["dialog_id"]),
        ("tickets_by_status", "tickets", ["status", "number"]),
        ("changes_of_ticket", "ticket_changes", ["ticket_id", "id"]),
        ("deliveries_due", "deliveries", ["state", "next_attempt_at"]),
        ("deliveries_of_dialog", "deliveries", ["dialog_id"]),
        ("audit_by_time", "audit", ["at"]),
        ("audit_of_dialog", "audit", ["dialog_id"]),
    ):
        op.create_index(index, table, indexed)


def _hold_moves() -> None:
    """Let the database itself refuse what the table of moves does not have."""
    moves = op.create_table(
        "moves",
        sa.Column("owner_before", sa.String(16), primary_key=True),
        sa.Column("owner_after", sa.String(16), primary_key=True),
    )
    op.bulk_insert(
        moves, [{"owner_before": before, "owner_after": after} for before, after in _MOVES]
    )
    for statement in _HELD[op.get_bind().dialect.name]:
        op.execute(statement)


def _never_reuse_numbers_of_events() -> None:
    """SQLite would give the number of a deleted newest event to the next one, which whoever had
    read that far would miss."""
    if op.get_bind().dialect.name == "sqlite":
        number = {"sqlite_autoincrement": True}
        with op.batch_alter_table("events", recreate="always", table_kwargs=number):
            pass


def _extend_dialogs() -> None:
    # Column by column: SQLite would make a table anew, and this one is referred to.
    for name, length in (
        ("customer_id", 128),
        ("anonymous_id", 128),
        ("unanswered_since", 32),
        ("sla_breached_at", 32),
        ("survey_asked_at", 32),
    ):
        op.add_column("dialogs", sa.Column(name, sa.String(length)))
    op.create_index("dialogs_of_customer", "dialogs", ["customer_id", "created_at"])
    op.create_index("dialogs_of_visitor", "dialogs", ["anonymous_id"])
    op.create_index("dialogs_unanswered", "dialogs", ["unanswered_since"])
    dialogs = sa.table(
        "dialogs",
        sa.column("customer", sa.JSON),
        sa.column("customer_id", sa.String),
        sa.column("owner", sa.String),
        sa.column("waiting_since", sa.String),
        sa.column("unanswered_since", sa.String),
    )
    op.execute(sa.update(dialogs).values(customer_id=dialogs.c.customer["id"].as_string()))
    op.execute(
        sa.update(dialogs)
        .where(dialogs.c.owner == "waiting")
        .values(unanswered_since=dialogs.c.waiting_since)
    )


def _extend_messages() -> None:
    op.drop_column("messages", "claimed_until")
    op.add_column("messages", sa.Column("answered_with", sa.String(128)))
    op.add_column(
        "messages", sa.Column("ends_turn", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("messages", sa.Column("attempts", sa.Integer, nullable=False, server_default="0"))
    op.add_column("messages", sa.Column("purpose", sa.String(16)))
    _leave_what_is_long_past()
    op.create_index(
        "messages_unanswered",
        "messages",
        ["id"],
        sqlite_where=_UNANSWERED,
        postgresql_where=_UNANSWERED,
    )


def _leave_what_is_long_past() -> None:
    """Messages of before that nobody answered, as their process was killed, and nobody sent again:
    those of the last day are found by the watchdog, older ones are let be."""
    day_ago = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="microseconds")
    messages = sa.table(
        "messages", *(sa.column(name) for name in ("author_kind", "action", "created_at"))
    )
    op.execute(
        sa.update(messages)
        .where(
            messages.c.author_kind == "customer",
            messages.c.action.is_(None),
            messages.c.created_at < day_ago.replace("+00:00", "Z"),
        )
        .values(action="silent")
    )


def _tables() -> Iterator[tuple[Any, ...]]:
    yield (
        "tickets",
        sa.Column("ticket_id", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False, unique=True),
        sa.Column("dialog_id", sa.String(64), sa.ForeignKey("dialogs.dialog_id"), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("expected_at", sa.String(32)),
        sa.Column("opened_by", sa.String(64), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("updated_at", sa.String(32), nullable=False),
    )
    yield (
        "ticket_changes",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("ticket_id", sa.String(64), sa.ForeignKey("tickets.ticket_id"), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("expected_at", sa.String(32)),
        sa.Column("note", sa.Text),
        sa.Column("is_news", sa.Boolean, nullable=False),
        sa.Column("told_at", sa.String(32)),
    )
    yield (
        "webhooks",
        sa.Column("webhook_id", sa.String(64), primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("event_types", sa.JSON, nullable=False),
        sa.Column("secrets", sa.JSON, nullable=False),
        sa.Column("cursor", sa.Integer, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
    )
    yield (
        "deliveries",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("target", sa.String(80), nullable=False),
        sa.Column("event_id", sa.Integer, nullable=False),
        sa.Column("dialog_id", sa.String(64), nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_attempt_at", sa.String(32), nullable=False),
        sa.Column("last_error", sa.Text),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("delivered_at", sa.String(32)),
        sa.UniqueConstraint("target", "event_id", name="an_event_once_a_target"),
    )
    yield (
        "audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column("operator_id", sa.String(64)),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("dialog_id", sa.String(64)),
        sa.Column("customer_id", sa.String(128)),
        sa.Column("details", sa.JSON, nullable=False),
    )
    yield (
        "merges",
        sa.Column("anonymous_id", sa.String(128), primary_key=True),
        sa.Column("customer_id", sa.String(128), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    yield (
        "leases",
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("lease_id", sa.String(64), nullable=False),
        sa.Column("beat", sa.Integer, nullable=False),
    )
    yield (
        "rates",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for statement in _LOOSE[op.get_bind().dialect.name]:
        op.execute(statement)
    for name in _NEW_TABLES:
        op.drop_table(name)
    op.drop_index("events_by_time", "events")
    op.drop_index("messages_unanswered", "messages")
    for name in ("purpose", "attempts", "ends_turn", "answered_with"):
        op.drop_column("messages", name)
    op.add_column("messages", sa.Column("claimed_until", sa.String(32)))
    for name in ("dialogs_unanswered", "dialogs_of_visitor", "dialogs_of_customer"):
        op.drop_index(name, "dialogs")
    for name in (
        "survey_asked_at",
        "sla_breached_at",
        "unanswered_since",
        "anonymous_id",
        "customer_id",
    ):
        op.drop_column("dialogs", name)
