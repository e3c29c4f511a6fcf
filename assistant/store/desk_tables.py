"""The tables of the operators' side: who is signed in, hints, notes, who types, what was learnt."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from assistant.store.tables import metadata

operator_sessions = Table(
    "operator_sessions",
    metadata,
    # SHA-256 of the cookie, which is kept nowhere.
    Column("digest", String(64), primary_key=True),
    # SHA-256 of the key that was signed in with, empty where none is set: a session ends with it.
    Column("key_digest", String(64), nullable=False),
    Column("operator_id", String(64), nullable=False),
    Column("operator_name", String(128), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("used_at", String(32), nullable=False),
    Column("expires_at", String(32), nullable=False),
    Index("sessions_by_expiry", "expires_at"),
)

hints = Table(
    "hints",
    metadata,
    Column("hint_id", String(64), primary_key=True),
    Column("dialog_id", String(64), ForeignKey("dialogs.dialog_id"), nullable=False),
    # Of the customer's message that it answers.
    Column("message_id", String(128), nullable=False),
    # `assistant.hints.hint.HintKind`.
    Column("kind", String(16), nullable=False),
    # 1 for the first of those that were shown together.
    Column("position", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("citations", JSON, nullable=False),
    # Places that the operator must fill in: [{"start", "end", "label"}].
    Column("blanks", JSON, nullable=False),
    # What it was made from, as the API shows it.
    Column("source", JSON, nullable=False),
    # Probability that it is right; SQL's NULL where nobody can say.
    Column("confidence", Float),
    # Of the knowledge base that it was made with; hints are made anew for another one.
    Column("snapshot", String(128), nullable=False),
    # Ids of the operators who were shown it; NULL where a call named none.
    Column("seen_by", JSON(none_as_null=True)),
    Column("made_at", String(32), nullable=False),
    # What an operator did with it (`assistant.verdicts.HintOutcome`); NULL: not known yet.
    Column("outcome", String(16)),
    Column("settled_at", String(32)),
    Column("operator_id", String(64)),
    # Of the operator's message that it became, or that was sent in its place.
    Column("sent_message_id", String(128)),
    # Of an edited one: what was changed (`assistant.hint_use.Difference`).
    Column("difference", JSON(none_as_null=True)),
    Index("hints_of_dialog", "dialog_id", "message_id"),
    Index("hints_by_time", "made_at"),
)

notes = Table(
    "notes",
    metadata,
    # What operators write for each other; customers never see it.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("dialog_id", String(64), ForeignKey("dialogs.dialog_id"), nullable=False),
    Column("operator_id", String(64), nullable=False),
    Column("operator_name", String(128), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
    Index("notes_of_dialog", "dialog_id", "id"),
)

typing = Table(
    "typing",
    metadata,
    Column("dialog_id", String(64), ForeignKey("dialogs.dialog_id"), primary_key=True),
    # An operator's id, or `customer`.
    Column("who", String(80), primary_key=True),
    Column("name", String(128), nullable=False),
    # Past it he has stopped, whatever came of his last word.
    Column("until", String(32), nullable=False),
    Index("typing_by_time", "until"),
)

past_answers = Table(
    "past_answers",
    metadata,
    # Number of the operator's message (`messages.id`).
    Column("message", Integer, primary_key=True, autoincrement=False),
    Column("dialog_id", String(64), ForeignKey("dialogs.dialog_id"), nullable=False),
    # Both masked.
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("lang", String(8), nullable=False),
    Column("intent", String(16), nullable=False),
    # Of the question: float32, by the embedder of that id.
    Column("vector", LargeBinary, nullable=False),
    Column("model_id", String(128), nullable=False),
    Column("answered_at", String(32), nullable=False),
    Index("past_answers_of_dialog", "dialog_id"),
)

progress = Table(
    "progress",
    metadata,
    # How far a piece of work that goes on by itself has come: the number of the last event it read.
    Column("name", String(64), primary_key=True),
    Column("number", Integer, nullable=False),
)

learnings = Table(
    "learnings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", String(32), nullable=False),
    Column("who", String(64), nullable=False),
    # What was published (`assistant.store.learning.LearningKind`).
    Column("kind", String(16), nullable=False),
    # Number of the last verdict looked at, and how many labelled messages were learnt from.
    Column("last_verdict", Integer, nullable=False),
    Column("labels", Integer, nullable=False),
    # Figures on held-back dialogs without and with it.
    Column("figures", JSON, nullable=False),
    # What it was learnt with beside the verdicts: `risk`, `seed`, `articles`.
    Column("terms", JSON, nullable=False),
    # Snapshots of the knowledge base before and after; equal where nothing was published.
    Column("snapshot_before", String(128), nullable=False),
    Column("snapshot_after", String(128), nullable=False),
    # Names what was published, whatever articles came since: `tuning`, `calibration`.
    Column("layers", JSON, nullable=False),
    # NULL: planned only; whoever learnt was stopped before he could tell whether it serves.
    Column("published_at", String(32)),
    Column("undone_at", String(32)),
    sqlite_autoincrement=True,
)

learning_verdicts = Table(
    "learning_verdicts",
    metadata,
    # The verdicts that a learning rests on, also those that went with their dialogs since.
    Column("learning_id", Integer, ForeignKey("learnings.id"), primary_key=True),
    Column("verdict_id", Integer, primary_key=True, autoincrement=False),
    Index("learnings_of_verdict", "verdict_id"),
)
