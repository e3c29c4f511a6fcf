"""A database of the version before is brought up to date with what it holds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import JSON, Connection, column, create_engine, insert, inspect, table, text

from assistant.domain import Action, HandoffReason, IntentLabel
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.store.live import Span
from assistant.store.tables import metadata

THEN = "2026-03-02T12:00:00.000000Z"
MARCH = Span(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
ANSWER = {
    "action": "answer",
    "confidence": 0.83,
    "handoff": None,
    "reply": {"text": "ответ", "citations": [{"article_id": "a-1"}, {"article_id": "a-1"}]},
}
HANDOFF = {
    "action": "handoff",
    "confidence": None,
    "handoff": {"reason": "low_confidence"},
    "reply": {"text": "позову", "citations": []},
}


def to_revision(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "assistant.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    if revision == "0001" and _has_tables(connection):
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)


def _has_tables(connection: Connection) -> bool:
    return inspect(connection).has_table("messages")


def fill(connection: Connection) -> None:
    """A dialog as the first version kept it."""
    documents = (column("customer", JSON), column("details", JSON), column("reply", JSON))
    dialogs = table(
        "dialogs",
        *map(column, ("dialog_id", "owner", "channel", "locale", "created_at", "updated_at")),
        documents[0],
    )
    connection.execute(
        insert(dialogs).values(
            dialog_id="d-1",
            owner="bot",
            channel="web",
            locale="ru",
            customer={},
            created_at=THEN,
            updated_at=THEN,
        )
    )
    messages = table(
        "messages",
        *map(column, ("dialog_id", "message_id", "author_kind", "text", "created_at")),
        *documents[1:],
    )
    intent = {"intent": {"label": "question"}}
    for message_id, kind, words, details, reply in (
        ("m-1", "customer", "вопрос", intent, ANSWER),
        ("b-1", "bot", "ответ", {"action": "answer"}, None),
        ("m-2", "customer", "ещё", intent, HANDOFF),
        ("b-2", "bot", "позову", {"action": "handoff"}, None),
    ):
        row = {"message_id": message_id, "author_kind": kind, "text": words, "created_at": THEN}
        connection.execute(
            insert(messages).values(dialog_id="d-1", details=details, reply=reply, **row)
        )
    # One that was never answered: SQL's NULL, not JSON's.
    connection.execute(
        text(
            "insert into messages (dialog_id, message_id, author_kind, text, created_at) "
            f"values ('d-1', 'm-3', 'customer', 'ау', '{THEN}')"
        )
    )


@pytest.fixture
def migrated(database_url: str) -> DialogStore:
    """The store over a database that the first version filled."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        to_revision(connection, "0001")
        fill(connection)
    engine.dispose()
    return DialogStore(Database(database_url))


def test_what_was_decided_before_is_counted(migrated: DialogStore) -> None:
    answer, handoff = migrated.acts(MARCH)
    assert (answer.action, answer.confidence, answer.cited) == (Action.ANSWER, 0.83, ("a-1",))
    assert answer.intent is IntentLabel.QUESTION
    assert (handoff.action, handoff.reason) == (Action.HANDOFF, HandoffReason.LOW_CONFIDENCE)
    assert handoff.confidence is None
    assert sum(row.count for row in migrated.act_counts(MARCH)) == 2


def test_answer_of_before_is_judged_by_either_message(migrated: DialogStore) -> None:
    for named in ("m-1", "b-1"):
        given = migrated.judge("d-1", named, right=True, operator_id="op-1")
        assert given["message_id"] == "m-1"
    assert migrated.view("d-1")["csat"] is None


def test_database_that_is_brought_up_to_date_is_as_the_tables_say(
    migrated: DialogStore, database_url: str
) -> None:
    migrated.is_ready()
    with create_engine(database_url).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_way_back_keeps_the_messages(migrated: DialogStore, database_url: str) -> None:
    migrated.judge("d-1", "m-1", right=True, operator_id="op-1")
    engine = create_engine(database_url)
    with engine.begin() as connection:
        to_revision(connection, "0001")
        count = connection.execute(text("select count(*) from messages")).scalar()
    assert count == 5
