"""Replies of language models that are remembered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "model_replies",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
    )
    op.create_index("model_replies_by_time", "model_replies", ["created_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("model_replies")
