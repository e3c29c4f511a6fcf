"""Sessions of operators, hints, notes, who types, past answers, learnings; verdicts reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_INDEXES = (
    ("sessions_by_expiry", "operator_sessions", ["expires_at"]),
    ("hints_of_dialog", "hints", ["dialog_id", "message_id"]),
    ("hints_by_time", "hints", ["made_at"]),
    ("notes_of_dialog", "notes", ["dialog_id", "id"]),
    ("typing_by_time", "typing", ["until"]),
    ("past_answers_of_dialog", "past_answers", ["dialog_id"]),
    ("learnings_of_verdict", "learning_verdicts", ["verdict_id"]),
)
_REVIEW = (("review", 16), ("reviewed_by", 64), ("reviewed_at", 32))
_NEW_TABLES = (
    "learning_verdicts",
    "learnings",
    "progress",
    "past_answers",
    "typing",
    "notes",
    "hints",
    "operator_sessions",
)


def upgrade() -> None:
    """Add the tables and the columns of the review; verdicts of before were reviewed by nobody."""
    for name, *columns in _tables():
        op.create_table(name, *columns, sqlite_autoincrement=name == "learnings")
    for index, table, columns in _INDEXES:
        op.create_index(index, table, columns)
    for name, length in _REVIEW:
        op.add_column("verdicts", sa.Column(name, sa.String(length)))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("verdicts") as verdicts:
        for name, _ in reversed(_REVIEW):
            verdicts.drop_column(name)
    for name in _NEW_TABLES:
        op.drop_table(name)


def _text(name: str, length: int | None = None, *, null: bool = False) -> sa.Column[str]:
    kind: Any = sa.Text() if length is None else sa.String(length)
    return sa.Column(name, kind, nullable=null)


def _dialog(*, key: bool = False) -> sa.Column[str]:
    refers = sa.ForeignKey("dialogs.dialog_id")
    return sa.Column("dialog_id", sa.String(64), refers, primary_key=key, nullable=False)


def _tables() -> Iterator[tuple[Any, ...]]:
    yield from _desk_tables()
    yield from _learning_tables()


def _desk_tables() -> Iterator[tuple[Any, ...]]:
    yield (
        "operator_sessions",
        sa.Column("digest", sa.String(64), primary_key=True),
        _text("key_digest", 64),
        _text("operator_id", 64),
        _text("operator_name", 128),
        _text("created_at", 32),
        _text("used_at", 32),
        _text("expires_at", 32),
    )
    yield (
        "hints",
        sa.Column("hint_id", sa.String(64), primary_key=True),
        _dialog(),
        _text("message_id", 128),
        _text("kind", 16),
        sa.Column("position", sa.Integer, nullable=False),
        _text("text"),
        sa.Column("citations", sa.JSON, nullable=False),
        sa.Column("blanks", sa.JSON, nullable=False),
        sa.Column("source", sa.JSON, nullable=False),
        sa.Column("confidence", sa.Float),
        _text("snapshot", 128),
        sa.Column("seen_by", sa.JSON),
        _text("made_at", 32),
        _text("outcome", 16, null=True),
        _text("settled_at", 32, null=True),
        _text("operator_id", 64, null=True),
        _text("sent_message_id", 128, null=True),
        sa.Column("difference", sa.JSON),
    )
    yield (
        "notes",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        _dialog(),
        _text("operator_id", 64),
        _text("operator_name", 128),
        _text("text"),
        _text("created_at", 32),
    )
    yield (
        "typing",
        _dialog(key=True),
        sa.Column("who", sa.String(80), primary_key=True),
        _text("name", 128),
        _text("until", 32),
    )


def _learning_tables() -> Iterator[tuple[Any, ...]]:
    yield (
        "past_answers",
        sa.Column("message", sa.Integer, primary_key=True, autoincrement=False),
        _dialog(),
        _text("question"),
        _text("answer"),
        _text("lang", 8),
        _text("intent", 16),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        _text("model_id", 128),
        _text("answered_at", 32),
    )
    yield (
        "progress",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
    )
    yield (
        "learnings",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        _text("at", 32),
        _text("who", 64),
        _text("kind", 16),
        sa.Column("last_verdict", sa.Integer, nullable=False),
        sa.Column("labels", sa.Integer, nullable=False),
        sa.Column("figures", sa.JSON, nullable=False),
        sa.Column("terms", sa.JSON, nullable=False),
        _text("snapshot_before", 128),
        _text("snapshot_after", 128),
        sa.Column("layers", sa.JSON, nullable=False),
        _text("published_at", 32, null=True),
        _text("undone_at", 32, null=True),
    )
    yield (
        "learning_verdicts",
        sa.Column("learning_id", sa.Integer, sa.ForeignKey("learnings.id"), primary_key=True),
        sa.Column("verdict_id", sa.Integer, primary_key=True, autoincrement=False),
    )
