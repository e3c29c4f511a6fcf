"""The harness of `eval.bench.kills`, a few kills long; and that its verdict sees every fault."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, delete, insert, null, update

from assistant.domain import IncomingMessage
from assistant.store.dialogs import DialogStore
from assistant.store.tables import dialogs, events, messages
from eval.bench.kills.load import Book, Sent
from eval.bench.kills.verdict import Verdict, judge
from tests.assistant.conftest import post
from tests.conftest import REPO, clean_environment

SETUPS = {
    "sqlite": ["--database", "sqlite", "--kills", "6"],
    "sqlite, two workers": ["--database", "sqlite", "--workers", "2", "--kills", "6"],
    "postgresql, two replicas": [
        *("--database", "postgresql", "--replicas", "2", "--kills", "6", "--restarts", "1")
    ],
}


@pytest.mark.parametrize("setup", SETUPS)
def test_nothing_is_lost_and_nothing_said_twice(setup: str, counted: Callable[..., None]) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "eval.bench.kills", *SETUPS[setup], "--customers", "4"],
        env=clean_environment(),
        cwd=REPO,
        capture_output=True,
        text=True,
        timeout=420,
        check=False,
    )
    assert ran.returncode in (0, 1), ran.stderr
    figures = json.loads(ran.stdout)
    assert figures["examples"] == {}
    assert figures["unforeseen_failures"] == []
    assert figures["kills"] == 6
    assert figures["messages"] > 0
    counted(f"kills survived ({setup})", figures["kills"])
    counted(f"messages kept and answered once under them ({setup})", figures["messages"])


@pytest.fixture
def book(store: DialogStore) -> Book:
    """Two turns of a dialog, answered, as their client wrote them down."""
    book = Book()
    for turn, text in enumerate(("первый", "второй")):
        incoming = IncomingMessage(text=text, dialog_id="d-a", message_id=f"m-{turn}")
        reply = post(store, store.receive(incoming, text, "ru"))
        book.sent.append(Sent("d-a", turn, f"m-{turn}", text, reply=reply))
    return book


@pytest.fixture
def change(store: DialogStore, database_url: str) -> Callable[..., None]:
    """Does something to the tables behind the product's back."""
    assert store.is_ready()
    engine = create_engine(database_url)

    def run(statement) -> None:
        with engine.begin() as connection:
            connection.execute(statement)

    return run


def found(verdict: Verdict) -> set[str]:
    return {name for name, count in verdict.counts().items() if count}


def test_verdict_is_clean_when_all_is_well(database_url: str, book: Book) -> None:
    assert judge(database_url, book).is_clean()


def test_verdict_sees_a_lost_message(
    database_url: str, book: Book, change: Callable[..., None]
) -> None:
    change(delete(messages).where(messages.c.message_id == "m-1"))
    assert "lost" in found(judge(database_url, book))


def test_verdict_sees_a_message_that_nobody_answered(
    database_url: str, book: Book, change: Callable[..., None]
) -> None:
    change(update(messages).where(messages.c.message_id == "m-1").values(reply=null()))
    book.sent[1].reply = None
    assert "lost" in found(judge(database_url, book))


def test_verdict_sees_a_second_answer(
    database_url: str, book: Book, change: Callable[..., None]
) -> None:
    again = {"dialog_id": "d-a", "message_id": "b-x", "author_kind": "bot", "text": "ещё раз"}
    change(insert(messages).values(**again, created_at="", details={"answers": "m-1"}))
    assert found(judge(database_url, book)) == {"answered_twice", "said_otherwise"}


def test_verdict_sees_an_answer_of_ones_own_beside_anothers(
    database_url: str, book: Book, change: Callable[..., None]
) -> None:
    first = messages.c.message_id == "m-0"
    change(update(messages).where(first).values(answered_with="m-1"))
    assert found(judge(database_url, book)) == {"answered_twice"}


def test_verdict_sees_a_reply_that_is_not_in_the_dialog(
    database_url: str, book: Book, change: Callable[..., None]
) -> None:
    change(delete(messages).where(messages.c.author_kind == "bot"))
    assert found(judge(database_url, book)) == {"said_otherwise"}


def test_verdict_sees_what_an_operator_said_twice_or_in_vain(
    database_url: str, book: Book, change: Callable[..., None]
) -> None:
    book.operator_messages = ["o-1"]
    assert found(judge(database_url, book)) == {"operator_messages_wrong"}
    said = {"dialog_id": "d-b", "author_kind": "human", "text": "да", "created_at": ""}
    opened = {"dialog_id": "d-b", "owner": "bot", "channel": "web", "locale": "ru"}
    stamps = {"created_at": "", "updated_at": "", "customer": {}}
    change(insert(dialogs).values(**opened, **stamps))
    change(insert(messages).values(**said, message_id="o-1"))
    assert judge(database_url, book).is_clean()


def test_verdict_sees_an_answer_after_a_persons(
    database_url: str, book: Book, change: Callable[..., None]
) -> None:
    said = {"dialog_id": "d-a", "author_kind": "human", "text": "да", "created_at": ""}
    change(insert(messages).values(**said, message_id="o-1"))
    late = messages.c.message_id == "m-1"
    with_details = {"dialog_id": "d-a", "author_kind": "bot", "text": "ответ", "created_at": ""}
    answers = {"details": {"answers": "m-1"}, "message_id": "b-late"}
    change(update(messages).where(messages.c.author_kind == "bot").values(details={}))
    change(insert(messages).values(**with_details, **answers))
    change(update(messages).where(late).values(answered_with=None))
    assert "answered_after_a_person" in found(judge(database_url, book))


def test_verdict_sees_an_answer_that_stands_before_its_turn(
    database_url: str, book: Book, change: Callable[..., None]
) -> None:
    said = messages.c.author_kind == "bot"
    change(update(messages).where(said).values(details={"answers": "m-0"}))
    assert "out_of_order" in found(judge(database_url, book))


def test_verdict_sees_a_reply_that_changed(database_url: str, book: Book) -> None:
    book.sent[0].reply = {"reply": "etwas anderes"}
    assert found(judge(database_url, book)) == {"unequal_replies"}


def test_verdict_sees_the_bot_talk_over_a_person(
    database_url: str, book: Book, store: DialogStore, change: Callable[..., None]
) -> None:
    store.take("d-a", "op-1", "Ольга")
    event = {"dialog_id": "d-a", "type": "message.created", "created_at": ""}
    change(insert(events).values(**event, payload={"author": "bot"}))
    assert found(judge(database_url, book)) == {"spoke_over_a_person"}


def test_verdict_sees_a_move_that_nobody_made(
    database_url: str, book: Book, store: DialogStore, change: Callable[..., None]
) -> None:
    store.take("d-a", "op-1", "Ольга")
    change(delete(events).where(events.c.type == "dialog.taken"))
    assert "impossible_moves" in found(judge(database_url, book))
