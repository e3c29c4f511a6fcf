"""Many threads, several stores (as several processes have them), one SQLite file."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Timer
from typing import TypeVar

import pytest

from assistant.domain import Action, IncomingMessage, Owner
from assistant.errors import DialogTakenError
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore, Received
from tests.assistant.conftest import ask, document, post, waiting_dialog

THREADS = 16
Result = TypeVar("Result")


def all_at_once(work: Callable[[int], Result], count: int = THREADS) -> list[Result]:
    """Run `work(0)` … `work(count - 1)` at the same moment."""
    start = Barrier(count)

    def wait_and_work(number: int) -> Result:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(wait_and_work, range(count)))


@pytest.fixture
def stores(database_url: str) -> list[DialogStore]:
    """Four stores on one file, as four worker processes have."""
    return [DialogStore(Database(database_url)) for _ in range(4)]


def answer(store: DialogStore, received: Received) -> dict | None:
    """Post an answer to a turn, whoever took it."""
    assert received.turn is not None
    return store.post_reply(
        received.turn,
        document(received),
        new_owner=Owner.BOT,
        handoff=None,
        silent_reply=document(received, Action.SILENT),
    )


def one_message(stores: list[DialogStore], dialog_id: str | None) -> list[Received]:
    incoming = IncomingMessage(text="где заказ", dialog_id=dialog_id, message_id="m-1")
    return all_at_once(lambda number: stores[number % 4].receive(incoming, "где заказ", "ru"))


@pytest.mark.parametrize("dialog_id", ["d-a", None])
def test_one_of_16_equal_messages_is_to_be_answered(
    stores: list[DialogStore], dialog_id: str | None
) -> None:
    received = one_message(stores, dialog_id)
    assert sum(item.turn is not None for item in received) == 1
    assert len({item.dialog.dialog_id for item in received}) == 1


@pytest.mark.parametrize("dialog_id", ["d-a", None])
def test_16_equal_messages_are_stored_once(
    stores: list[DialogStore], dialog_id: str | None
) -> None:
    opened = one_message(stores, dialog_id)[0].dialog.dialog_id
    assert len(stores[0].view(opened)["messages"]) == 1
    assert len(stores[0].listing(None, None, None, 50)) == 1


def test_16_different_messages_are_all_kept(stores: list[DialogStore]) -> None:
    all_at_once(lambda number: ask(stores[number % 4], f"текст {number}", "d-a"))
    texts = {line["text"] for line in stores[0].view("d-a")["messages"]}
    assert texts == {f"текст {number}" for number in range(THREADS)}


def test_one_of_16_workers_gets_a_turn(stores: list[DialogStore]) -> None:
    waiting = [DialogStore(store._database, burst_seconds=1.5) for store in stores]
    ask(waiting[0], dialog_id="d-a")
    turns = all_at_once(lambda number: waiting[number % 4].take_turn("d-a"))
    assert sum(turn is not None for turn in turns) == 1


def test_16_answers_to_one_turn_leave_one(stores: list[DialogStore]) -> None:
    received = ask(stores[0], dialog_id="d-a")
    assert received.turn is not None
    replies = all_at_once(lambda number: answer(stores[number % 4], received))
    assert sum(reply is not None for reply in replies) == 1
    kinds = Counter(line["author"]["kind"] for line in stores[0].view("d-a")["messages"])
    assert kinds == {"customer": 1, "bot": 1}


def test_one_of_16_operators_gets_the_dialog(stores: list[DialogStore]) -> None:
    dialog_id = waiting_dialog(stores[0])

    def take(number: int) -> bool:
        try:
            stores[number % 4].take(dialog_id, f"op-{number}", f"Оператор {number}")
        except DialogTakenError:
            return False
        return True

    taken = all_at_once(take)
    assert taken.count(True) == 1
    assert stores[0].dialog(dialog_id).operator_id == f"op-{taken.index(True)}"


def test_bot_and_operator_at_once_never_leave_a_bot_message_after_the_operator(
    stores: list[DialogStore],
) -> None:
    received = [ask(stores[0], dialog_id=f"d-{number}") for number in range(8)]

    def race(number: int) -> None:
        item = received[number // 2]
        if number % 2:
            stores[1].take(item.dialog.dialog_id, "op-1", "Ольга")
        else:
            post(stores[0], item, owner=Owner.BOT)

    all_at_once(race)
    assert {stores[0].dialog(item.dialog.dialog_id).owner for item in received} == {Owner.HUMAN}


def test_a_new_database_may_be_opened_by_16_at_once(database_url: str) -> None:
    tokens = all_at_once(lambda _: DialogStore(Database(database_url)).token("d-a"))
    assert len(set(tokens)) == 1


def test_a_new_file_that_somebody_writes_to_is_opened_when_he_is_done(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    done = Timer(0.3, other.execute, ["COMMIT"])
    done.start()
    store = DialogStore(Database(f"sqlite:///{path}"))
    done.join()
    assert store.token("d-a")
    other.close()
