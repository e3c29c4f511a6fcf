"""Calls of language models."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "model_calls",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("dialog_id", sa.String(64)),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("prompt_tokens", sa.Integer, nullable=False),
        sa.Column("completion_tokens", sa.Integer, nullable=False),
        sa.Column("cost_usd", sa.Float),
        sa.Column("milliseconds", sa.Float, nullable=False),
    )
    op.create_index("model_calls_of_dialog", "model_calls", ["dialog_id"])
    op.create_index("model_calls_by_time", "model_calls", ["created_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("model_calls")
