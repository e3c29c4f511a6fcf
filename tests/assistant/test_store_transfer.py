"""Giving a dialog on, on both databases."""

from __future__ import annotations

import pytest

from assistant.domain import Owner
from assistant.errors import NotYoursError, OperatorOfflineError
from assistant.store.desk import OPERATOR_SEEN_SECONDS
from assistant.store.dialogs import DialogStore
from assistant.store.transferring import Transfer
from tests.assistant.conftest import waiting_dialog
from tests.conftest import Clock


@pytest.fixture
def taken(store: DialogStore) -> str:
    """Id of a dialog that Olga has; Peter is at work."""
    dialog_id = waiting_dialog(store)
    store.take(dialog_id, "op-1", "Ольга")
    store.see_operator("op-2", "Пётр", online=True)
    return dialog_id


def test_other_operator_has_it(store: DialogStore, taken: str) -> None:
    store.transfer(taken, Transfer("op-1", to_operator_id="op-2", note="ждёт фото"))
    dialog = store.dialog(taken)
    assert (dialog.owner, dialog.operator_id, dialog.operator_name) == (Owner.HUMAN, "op-2", "Пётр")
    assert [note["text"] for note in store.notes_of(taken)] == ["ждёт фото"]
    with pytest.raises(NotYoursError):
        store.transfer(taken, Transfer("op-1", to_queue="general"))


def test_queue_gets_it_in_its_old_place(store: DialogStore, clock: Clock, taken: str) -> None:
    since = store.dialog(taken).waiting_since
    clock.turn(minutes=3)
    store.transfer(taken, Transfer("op-1", to_queue="payments"))
    dialog = store.dialog(taken)
    assert (dialog.owner, dialog.queue, dialog.operator_id) == (Owner.WAITING, "payments", None)
    assert dialog.waiting_since == since


def test_who_was_not_seen_for_long_is_not_at_work(
    store: DialogStore, clock: Clock, taken: str
) -> None:
    clock.turn(seconds=OPERATOR_SEEN_SECONDS + 1)
    assert [row["online"] for row in store.all_operators()] == [False, False]
    with pytest.raises(OperatorOfflineError):
        store.transfer(taken, Transfer("op-1", to_operator_id="op-2", note="не останется"))
    assert store.dialog(taken).operator_id == "op-1"
    assert store.notes_of(taken) == []
