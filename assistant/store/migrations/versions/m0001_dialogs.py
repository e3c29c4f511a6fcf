"""Dialogs, messages, operators, events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the first tables."""
    op.create_table(
        "dialogs",
        sa.Column("dialog_id", sa.String(64), primary_key=True),
        sa.Column("owner", sa.String(16), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("customer", sa.JSON, nullable=False),
        sa.Column("caller", sa.String(64), nullable=False, server_default=""),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("updated_at", sa.String(32), nullable=False),
        sa.Column("context_from", sa.Integer, nullable=False, server_default="0"),
        sa.Column("queue", sa.String(64)),
        sa.Column("waiting_since", sa.String(32)),
        sa.Column("taken_at", sa.String(32)),
        sa.Column("resolved_at", sa.String(32)),
        sa.Column("operator_id", sa.String(64)),
        sa.Column("operator_name", sa.String(128)),
        sa.Column("handoff", sa.JSON),
    )
    op.create_index("dialogs_by_owner", "dialogs", ["owner", "waiting_since"])
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("dialog_id", sa.String(64), sa.ForeignKey("dialogs.dialog_id"), nullable=False),
        sa.Column("message_id", sa.String(128), nullable=False),
        sa.Column("author_kind", sa.String(16), nullable=False),
        sa.Column("author_id", sa.String(64)),
        sa.Column("author_name", sa.String(128)),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("details", sa.JSON),
        sa.Column("reply", sa.JSON),
        sa.Column("claimed_until", sa.String(32)),
        sa.UniqueConstraint("dialog_id", "message_id", name="one_message_per_id"),
    )
    op.create_index("messages_of_dialog", "messages", ["dialog_id", "id"])
    op.create_table(
        "first_messages",
        sa.Column("scope", sa.String(64), primary_key=True),
        sa.Column("dialog_id", sa.String(64), sa.ForeignKey("dialogs.dialog_id"), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "operators",
        sa.Column("operator_id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("seen_at", sa.String(32)),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("dialog_id", sa.String(64), nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
    )
    op.create_index("events_of_dialog", "events", ["dialog_id", "id"])
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.String(128), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("secrets", "events", "operators", "first_messages", "messages", "dialogs"):
        op.drop_table(name)
