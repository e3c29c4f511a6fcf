"""The book of events: gapless, in order, with what a receiver needs."""

from __future__ import annotations

import ast
import random
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import delete

from assistant.domain import Owner
from assistant.ownership import MOVES
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.store.events import EVENT_TYPES
from assistant.store.tables import events, messages
from tests.assistant.conftest import ask, handoff_to, post, waiting_dialog
from tests.conftest import REPO

ALL = 10_000


def test_new_store_has_no_events(store: DialogStore) -> None:
    assert store.events_after(0, ALL) == []
    assert store.newest_event() == 0
    assert store.events_kept().oldest is None


def test_what_happens_in_a_dialog_is_in_the_book_in_order(store: DialogStore) -> None:
    dialog_id = waiting_dialog(store)
    store.take(dialog_id, "op-1", "Ольга")
    store.add_operator_message(dialog_id, "op-1", None, "Проверяю")
    store.release(dialog_id, "op-1")
    store.resolve(dialog_id, "op-2")
    store.rate(dialog_id, 5, None)
    store.reopen(dialog_id, "op-1")
    happened = store.events_after(0, ALL)
    assert [event.type for event in happened] == [
        "message.created",
        "message.created",
        "handoff.requested",
        "dialog.taken",
        "message.created",
        "dialog.released",
        "dialog.resolved",
        "csat.received",
        "dialog.reopened",
    ]
    assert [event.id for event in happened] == sorted(event.id for event in happened)
    assert store.newest_event() == happened[-1].id
    assert {event.dialog_id for event in happened} == {dialog_id}


def test_event_of_a_message_holds_the_message(store: DialogStore) -> None:
    received = ask(store, "где заказ")
    post(store, received)
    view = store.view(received.dialog.dialog_id)
    told = store.events_after(0, ALL)
    assert [event.data["message"] for event in told] == view["messages"]
    assert [event.data["author"] for event in told] == ["customer", "bot"]
    document = told[0].document()
    assert set(document) == {"id", "type", "dialog_id", "at", "data"}
    assert document["dialog_id"] == received.dialog.dialog_id


def test_event_outlives_its_message(store: DialogStore, database_url: str) -> None:
    ask(store)
    with Database(database_url).writing() as connection:
        connection.execute(delete(messages))
    (event,) = store.events_after(0, ALL)
    assert "message" not in event.data
    assert event.data["author"] == "customer"


def test_reading_goes_on_after_a_number(store: DialogStore) -> None:
    for _ in range(5):
        ask(store)
    first = store.events_after(0, 2)
    rest = store.events_after(first[-1].id, ALL)
    assert len(first) == 2
    assert [*first, *rest] == store.events_after(0, ALL)
    assert store.events_after(rest[-1].id, ALL) == []


def test_events_of_one_dialog_and_of_some_types(store: DialogStore) -> None:
    one, other = ask(store), waiting_dialog(store)
    one_id = one.dialog.dialog_id
    assert {event.dialog_id for event in store.events_after(0, ALL, dialog_id=other)} == {other}
    post(store, one, owner=Owner.WAITING, handoff=handoff_to())
    handoffs = store.events_after(0, ALL, types=["handoff.requested", "dialog.taken"])
    assert [event.dialog_id for event in handoffs] == [other, one_id]
    assert store.events_after(0, ALL, dialog_id="d-nowhere") == []


def test_numbers_of_deleted_events_are_never_given_again(
    store: DialogStore, database_url: str
) -> None:
    """Also of the newest: whoever read that far would miss the next one."""
    for _ in range(3):
        ask(store)
    newest = store.newest_event()
    with Database(database_url).writing() as connection:
        connection.execute(delete(events))
    ask(store)
    kept = store.events_kept()
    assert kept.oldest == kept.newest
    assert store.newest_event() > newest


def test_reader_sees_each_event_once_and_in_order_while_many_write(database_url: str) -> None:
    """Several stores, as processes have them; the reader comes back at random, from a store of its
    own, with nothing but the last number that it saw."""
    writers, dialogs_each = 8, 12
    stores = [DialogStore(Database(database_url)) for _ in range(4)]

    def write(number: int) -> None:
        for at in range(dialogs_each):
            received = ask(stores[number % 4], "вопрос", f"d-{number}-{at}")
            post(stores[(number + 1) % 4], received)

    chance = random.Random(17)
    seen: list[int] = []
    with ThreadPoolExecutor(writers) as pool:
        written = [pool.submit(write, number) for number in range(writers)]
        is_over = False
        while not is_over:
            all_written = all(job.done() for job in written)
            last = seen[-1] if seen else 0
            batch = chance.choice(stores).events_after(last, chance.randint(1, 9))
            seen += [event.id for event in batch]
            is_over = all_written and not batch
        for job in written:
            job.result()
    assert len(seen) == writers * dialogs_each * 2
    assert seen == sorted(set(seen))
    assert seen == [event.id for event in stores[0].events_after(0, ALL)]


def test_every_type_that_is_written_is_known() -> None:
    """Whoever wants a type that does not exist is refused, so all that exist must be listed."""
    written = set(MOVES.values())
    for path in (REPO / "assistant" / "store").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if is_call and node.func.attr == "_event" and isinstance(node.args[2], ast.Constant):
                written.add(node.args[2].value)
    assert len(written) > len(set(MOVES.values()))
    assert written <= EVENT_TYPES
