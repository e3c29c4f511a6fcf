"""Who may come to own a dialog after whom: the table, and the database that holds it."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import create_engine, select, update
from sqlalchemy.exc import IntegrityError

from assistant.domain import Owner
from assistant.errors import ConflictError, MoveRefusedError
from assistant.ownership import MOVES, event_of_move
from assistant.store.dialogs import DialogStore
from assistant.store.tables import dialogs, moves
from tests.assistant.conftest import ask, handoff_to, post, waiting_dialog

PAIRS = [pair for pair in product(Owner, Owner) if pair[0] != pair[1]]
REFUSED = [pair for pair in PAIRS if pair not in MOVES]


def in_state(store: DialogStore, owner: Owner) -> str:
    """A dialog with that owner; returns its id."""
    dialog_id = waiting_dialog(store) if owner is not Owner.BOT else ask(store).dialog.dialog_id
    if owner is Owner.HUMAN:
        store.take(dialog_id, "op-1", "Ольга")
    if owner is Owner.CLOSED:
        store.resolve(dialog_id, "op-1")
    return dialog_id


def moves_told(store: DialogStore, database_url: str, dialog_id: str) -> list[dict]:
    from assistant.store.tables import events

    assert store.is_ready()
    engine = create_engine(database_url)
    with engine.connect() as connection:
        query = select(events).where(events.c.dialog_id == dialog_id).order_by(events.c.id)
        found = [{"type": row.type, **row.payload} for row in connection.execute(query)]
    engine.dispose()
    return [event for event in found if "to" in event]


@pytest.mark.parametrize(("before", "after"), REFUSED)
def test_move_that_is_not_in_the_table_is_refused(before: Owner, after: Owner) -> None:
    with pytest.raises(MoveRefusedError, match=f"{before.value} to {after.value}"):
        event_of_move(before, after)


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_database_itself_allows_just_the_moves_of_the_table(
    store: DialogStore, database_url: str, before: Owner, after: Owner
) -> None:
    dialog_id = in_state(store, before)
    engine = create_engine(database_url)
    change = update(dialogs).where(dialogs.c.dialog_id == dialog_id).values(owner=after.value)
    if (before, after) in MOVES:
        with engine.begin() as connection:
            connection.execute(change)
    else:
        with pytest.raises(IntegrityError, match="not allowed"), engine.begin() as connection:
            connection.execute(change)
    engine.dispose()


def test_table_of_the_database_is_that_of_the_code(store: DialogStore, database_url: str) -> None:
    assert store.is_ready()
    engine = create_engine(database_url)
    with engine.connect() as connection:
        rows = connection.execute(select(moves))
        assert {(row.owner_before, row.owner_after) for row in rows} == set(MOVES)
    engine.dispose()


def test_dialog_that_moved_since_it_was_read_is_not_moved(store: DialogStore) -> None:
    from assistant.ownership import SYSTEM
    from assistant.store.rows import existing

    dialog_id = waiting_dialog(store)
    with store._database.reading() as connection:
        seen = existing(connection, dialog_id)
    store.take(dialog_id, "op-1", "Ольга")
    with (
        pytest.raises(ConflictError, match="moved meanwhile"),
        store._database.writing() as connection,
    ):
        store._move(connection, seen, Owner.CLOSED, by=SYSTEM, why="late")
    assert store.dialog(dialog_id).owner is Owner.HUMAN


def test_every_move_says_who_made_it_and_why(store: DialogStore, database_url: str) -> None:
    dialog_id = waiting_dialog(store)
    store.take(dialog_id, "op-1", "Ольга")
    store.release(dialog_id, "op-1")
    store.resolve(dialog_id, "op-2")
    ask(store, "ещё вопрос", dialog_id)
    told = moves_told(store, database_url, dialog_id)
    assert [(event["type"], event["from"], event["to"]) for event in told] == [
        ("handoff.requested", "bot", "waiting"),
        ("dialog.taken", "waiting", "human"),
        ("dialog.released", "human", "waiting"),
        ("dialog.resolved", "waiting", "closed"),
        ("dialog.reopened", "closed", "bot"),
    ]
    assert [(event["by"]["kind"], event["by"]["id"]) for event in told] == [
        ("customer", None),
        ("operator", "op-1"),
        ("operator", "op-1"),
        ("operator", "op-2"),
        ("customer", None),
    ]
    assert all(event["why"] for event in told)


def test_reopened_dialog_has_forgotten_its_handoff(store: DialogStore) -> None:
    dialog_id = waiting_dialog(store)
    store.resolve(dialog_id, "op-1")
    received = ask(store, "новый вопрос", dialog_id)
    dialog = store.dialog(dialog_id)
    assert (dialog.owner, dialog.queue, dialog.handoff_reason) == (Owner.BOT, None, None)
    assert dialog.waiting_since is None
    assert store.history(dialog_id, received.row) == []
    post(store, received)
    assert store.dialog(dialog_id).owner is Owner.BOT


def test_dialog_that_waits_is_handed_over_once_though_it_becomes_urgent(
    store: DialogStore, database_url: str
) -> None:
    dialog_id = waiting_dialog(store)
    again = ask(store, "тут опасно", dialog_id)
    post(store, again, owner=Owner.WAITING, handoff=handoff_to("urgent"))
    assert store.dialog(dialog_id).queue == "urgent"
    assert len(moves_told(store, database_url, dialog_id)) == 1
