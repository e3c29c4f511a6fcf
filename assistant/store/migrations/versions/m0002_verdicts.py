"""Verdicts, ratings, and what was decided on a message as columns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; fill the new columns from the replies that are kept."""
    op.add_column("messages", sa.Column("action", sa.String(16)))
    op.add_column("messages", sa.Column("handoff_reason", sa.String(32)))
    op.add_column("messages", sa.Column("confidence", sa.Float))
    op.create_index("messages_by_time", "messages", ["created_at"])
    _fill_from_replies()
    op.create_table(
        "verdicts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("dialog_id", sa.String(64), sa.ForeignKey("dialogs.dialog_id"), nullable=False),
        sa.Column("message_id", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("right", sa.Boolean),
        sa.Column("reason", sa.Text),
        sa.Column("article_ids", sa.JSON(none_as_null=True)),
        sa.Column("confidence", sa.Float),
        sa.Column("who", sa.String(64)),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("taken_back_at", sa.String(32)),
    )
    op.create_index("verdicts_of_message", "verdicts", ["dialog_id", "message_id"])
    op.create_table(
        "ratings",
        sa.Column("dialog_id", sa.String(64), sa.ForeignKey("dialogs.dialog_id"), primary_key=True),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("comment", sa.Text),
        sa.Column("created_at", sa.String(32), nullable=False),
    )
    op.create_index("ratings_by_time", "ratings", ["created_at"])


def _fill_from_replies() -> None:
    messages = sa.table(
        "messages",
        sa.column("author_kind", sa.String),
        sa.column("reply", sa.JSON),
        sa.column("action", sa.String),
        sa.column("handoff_reason", sa.String),
        sa.column("confidence", sa.Float),
    )
    reply = messages.c.reply
    op.execute(
        sa.update(messages)
        .where(messages.c.author_kind == "customer", reply["action"].as_string().is_not(None))
        .values(
            action=reply["action"].as_string(),
            handoff_reason=reply[("handoff", "reason")].as_string(),
            confidence=reply["confidence"].as_float(),
        )
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("ratings")
    op.drop_table("verdicts")
    op.drop_index("messages_by_time", "messages")
    with op.batch_alter_table("messages") as batch:
        for name in ("confidence", "handoff_reason", "action"):
            batch.drop_column(name)
