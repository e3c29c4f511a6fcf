"""Who owns a dialog: bot, queue, one operator, nobody."""

from __future__ import annotations

import pytest

from assistant.domain import Action, HandoffReason, Owner
from assistant.errors import ConflictError, DialogTakenError, NotFoundError, NotYoursError
from assistant.store.desk import OPERATOR_SEEN_SECONDS
from assistant.store.dialogs import DialogStore
from tests.assistant.conftest import (
    ask,
    document,
    handoff_to,
    post,
    waiting_dialog,
)
from tests.conftest import Clock


@pytest.fixture
def waiting(store: DialogStore) -> str:
    """Id of a dialog in the queue."""
    return waiting_dialog(store)


@pytest.fixture
def taken(store: DialogStore, waiting: str) -> str:
    """Id of a dialog that Olga holds."""
    store.take(waiting, "op-1", "Ольга")
    return waiting


@pytest.fixture
def closed(store: DialogStore, taken: str) -> str:
    """Id of a dialog that Olga resolved."""
    store.resolve(taken, "op-1")
    return taken


def test_handoff_puts_the_dialog_into_its_queue(store: DialogStore, clock: Clock) -> None:
    dialog = store.dialog(waiting_dialog(store, "complaints"))
    assert dialog.owner is Owner.WAITING
    assert dialog.queue == "complaints"
    assert dialog.handoff_reason is HandoffReason.CUSTOMER_REQUEST
    assert dialog.waiting_since == clock.now


def test_second_handoff_keeps_the_place_in_the_queue(
    store: DialogStore, clock: Clock, waiting: str
) -> None:
    since = store.dialog(waiting).waiting_since
    clock.turn(minutes=5)
    post(store, ask(store, "ещё", waiting), owner=Owner.WAITING, handoff=handoff_to("urgent"))
    assert store.dialog(waiting).waiting_since == since
    assert store.dialog(waiting).queue == "urgent"


def test_operator_who_takes_a_dialog_owns_it(store: DialogStore, taken: str) -> None:
    dialog = store.dialog(taken)
    assert (dialog.owner, dialog.operator_id) == (Owner.HUMAN, "op-1")
    assert dialog.operator_name == "Ольга"


def test_second_operator_is_refused_and_told_who_has_it(store: DialogStore, taken: str) -> None:
    with pytest.raises(DialogTakenError, match="Ольга"):
        store.take(taken, "op-2", "Пётр")
    assert store.dialog(taken).operator_id == "op-1"


def test_taking_twice_by_the_same_operator_changes_nothing(store: DialogStore, taken: str) -> None:
    store.take(taken, "op-1", "Ольга")
    assert store.dialog(taken).operator_id == "op-1"


def test_dialog_of_the_bot_may_be_taken(store: DialogStore) -> None:
    dialog_id = ask(store).dialog.dialog_id
    store.take(dialog_id, "op-1", "Ольга")
    assert store.dialog(dialog_id).owner is Owner.HUMAN


def test_released_dialog_waits_again_at_its_old_place(
    store: DialogStore, clock: Clock, waiting: str
) -> None:
    since = store.dialog(waiting).waiting_since
    clock.turn(minutes=3)
    store.take(waiting, "op-1", "Ольга")
    store.release(waiting, "op-1")
    dialog = store.dialog(waiting)
    assert (dialog.owner, dialog.operator_id) == (Owner.WAITING, None)
    assert dialog.waiting_since == since


def test_released_dialog_may_be_taken_by_another(store: DialogStore, taken: str) -> None:
    store.release(taken, "op-1")
    store.take(taken, "op-2", "Пётр")
    assert store.dialog(taken).operator_id == "op-2"


def test_second_operator_cannot_release_resolve_or_write(store: DialogStore, taken: str) -> None:
    with pytest.raises(NotYoursError):
        store.release(taken, "op-2")
    with pytest.raises(NotYoursError):
        store.resolve(taken, "op-2")
    with pytest.raises(NotYoursError):
        store.add_operator_message(taken, "op-2", "Пётр", "здравствуйте")
    assert store.dialog(taken).operator_id == "op-1"


def test_operator_cannot_write_before_taking(store: DialogStore, waiting: str) -> None:
    with pytest.raises(NotYoursError, match="take the dialog first"):
        store.add_operator_message(waiting, "op-1", "Ольга", "здравствуйте")


def test_operators_message_is_a_persons(store: DialogStore, taken: str) -> None:
    said = store.add_operator_message(taken, "op-1", None, "Проверяю")
    assert said["author"] == {
        "kind": "human",
        "id": "op-1",
        "name": "Ольга",
        "disclosure": None,
    }
    assert store.view(taken)["messages"][-1] == said


def test_resolved_dialog_is_closed(store: DialogStore, closed: str) -> None:
    assert store.dialog(closed).owner is Owner.CLOSED
    assert store.view(closed)["resolved_at"] is not None


def test_resolving_twice_changes_nothing(store: DialogStore, closed: str) -> None:
    store.resolve(closed, "op-2")
    assert store.dialog(closed).owner is Owner.CLOSED


def test_closed_dialog_cannot_be_taken(store: DialogStore, closed: str) -> None:
    with pytest.raises(ConflictError, match="closed"):
        store.take(closed, "op-1", "Ольга")


def test_reopened_dialog_is_the_bots_again(store: DialogStore, closed: str) -> None:
    store.reopen(closed, "op-1")
    dialog = store.dialog(closed)
    assert dialog.owner is Owner.BOT
    assert dialog.queue is dialog.operator_id is dialog.handoff_reason is None


def test_open_dialog_cannot_be_reopened(store: DialogStore, taken: str) -> None:
    with pytest.raises(ConflictError, match="not closed"):
        store.reopen(taken, "op-1")


def test_history_is_fresh_after_an_operator_reopened(store: DialogStore, closed: str) -> None:
    store.reopen(closed, "op-1")
    again = ask(store, "новый вопрос", closed)
    assert store.history(closed, again.row) == []
    assert len(store.view(closed)["messages"]) == 3, "what was said stays readable"


def test_customers_message_reopens_a_closed_dialog_with_a_fresh_history(
    store: DialogStore, closed: str
) -> None:
    again = ask(store, "новый вопрос", closed)
    assert again.dialog.owner is Owner.BOT
    assert store.history(closed, again.row) == []
    assert not again.is_new_dialog


def test_history_after_reopening_grows_from_there(store: DialogStore, closed: str) -> None:
    again = ask(store, "новый вопрос", closed)
    post(store, again)
    next_one = ask(store, "и ещё", closed)
    assert [turn.text for turn in store.history(closed, next_one.row)] == ["новый вопрос", "ответ"]


@pytest.mark.parametrize("action", ["take", "release", "resolve", "reopen"])
def test_unknown_dialog_is_not_found(store: DialogStore, action: str) -> None:
    name = ("Ольга",) if action == "take" else ()
    with pytest.raises(NotFoundError):
        getattr(store, action)("d-nowhere", "op-1", *name)


def test_bot_says_nothing_when_a_person_took_the_dialog_meanwhile(store: DialogStore) -> None:
    received = ask(store)
    store.take(received.dialog.dialog_id, "op-1", "Ольга")
    stored = post(store, received)
    assert stored["action"] == "silent"
    assert stored["reply"] is None
    view = store.view(received.dialog.dialog_id)
    assert view["owner"] == "human"
    assert [line["author"]["kind"] for line in view["messages"]] == ["customer"]


def test_late_handoff_does_not_take_the_dialog_from_a_person(store: DialogStore) -> None:
    received = ask(store)
    store.take(received.dialog.dialog_id, "op-1", "Ольга")
    post(store, received, owner=Owner.WAITING, handoff=handoff_to())
    assert store.dialog(received.dialog.dialog_id).owner is Owner.HUMAN


def test_late_answer_does_not_take_the_dialog_out_of_the_queue(store: DialogStore) -> None:
    """The button was pressed at another worker while the bot was writing."""
    received = ask(store)
    pressed = document(received, Action.HANDOFF) | {"message_id": "h-1"}
    store.post_handoff(received.dialog.dialog_id, pressed, handoff_to())
    post(store, received, owner=Owner.BOT)
    assert store.dialog(received.dialog.dialog_id).owner is Owner.WAITING


def test_button_pressed_after_a_person_took_the_dialog_changes_nothing(
    store: DialogStore,
) -> None:
    received = ask(store)
    dialog_id = received.dialog.dialog_id
    store.take(dialog_id, "op-1", "Ольга")
    reply = store.post_handoff(dialog_id, document(received, Action.HANDOFF), handoff_to())
    assert (reply["action"], reply["reply"]) == ("silent", None)
    assert store.dialog(dialog_id).owner is Owner.HUMAN


def test_operator_is_online_while_his_tab_is_throttled(store: DialogStore, clock: Clock) -> None:
    store.see_operator("op-1", "Ольга", online=True)
    assert OPERATOR_SEEN_SECONDS > 2 * 60, "tabs in the background act once a minute"
    clock.turn(seconds=OPERATOR_SEEN_SECONDS - 1)
    assert store.operators_online()
    clock.turn(seconds=2)
    assert not store.operators_online()


def test_operator_who_signs_out_is_offline_at_once(store: DialogStore) -> None:
    store.see_operator("op-1", "Ольга", online=True)
    store.see_operator("op-1", "Ольга", online=False)
    assert not store.operators_online()


def test_one_operator_signing_out_leaves_the_other_online(store: DialogStore) -> None:
    store.see_operator("op-1", "Ольга", online=True)
    store.see_operator("op-2", "Пётр", online=True)
    store.see_operator("op-1", "Ольга", online=False)
    assert store.operators_online()


def test_typical_wait_is_the_default_before_anybody_waited(store: DialogStore) -> None:
    assert store.typical_wait_minutes(7) == 7


def answered_after(store: DialogStore, clock: Clock, minutes: float) -> str:
    """A dialog that waited so long for an operator's first message, taken at once."""
    dialog_id = waiting_dialog(store)
    store.take(dialog_id, "op-1", "Ольга")
    clock.turn(minutes=minutes)
    store.add_operator_message(dialog_id, "op-1", None, "Смотрю.")
    clock.turn(minutes=50)
    store.add_operator_message(dialog_id, "op-1", None, "Готово.")
    return dialog_id


def test_typical_wait_is_the_average_until_an_operators_first_message(
    store: DialogStore, clock: Clock
) -> None:
    for minutes in (4, 8, 6):
        answered_after(store, clock, minutes)
    assert store.typical_wait_minutes(30) == 6


def test_typical_wait_is_the_default_while_few_waited(store: DialogStore, clock: Clock) -> None:
    for minutes in (4, 8):
        answered_after(store, clock, minutes)
    assert store.typical_wait_minutes(30) == 30


def test_whoever_took_a_dialog_and_wrote_nothing_has_answered_nobody(store: DialogStore) -> None:
    for _ in range(4):
        store.take(waiting_dialog(store), "op-1", "Ольга")
    assert store.typical_wait_minutes(30) == 30


def test_typical_wait_remembers_dialogs_that_were_resolved(
    store: DialogStore, clock: Clock
) -> None:
    for _ in range(3):
        store.resolve(answered_after(store, clock, 8), "op-1")
    assert store.typical_wait_minutes(30) == 8


def test_wait_of_a_dialog_that_was_given_back_ends_with_the_first_message(
    store: DialogStore, clock: Clock
) -> None:
    for _ in range(3):
        store.release(answered_after(store, clock, 8), "op-1")
    for row in store.listing(Owner.WAITING, None, None, 10):
        store.take(row["dialog_id"], "op-2", "Пётр")
        store.add_operator_message(row["dialog_id"], "op-2", None, "И я смотрю.")
    assert store.typical_wait_minutes(30) == 8


def test_listing_shows_the_longest_waiting_first(store: DialogStore, clock: Clock) -> None:
    expected = []
    for _ in range(3):
        expected.append(waiting_dialog(store))
        clock.turn(minutes=1)
    rows = store.listing(Owner.WAITING, None, None, 10)
    assert [row["dialog_id"] for row in rows] == expected


def test_listing_is_filtered_by_queue(store: DialogStore) -> None:
    waiting_dialog(store, "general")
    complaint = waiting_dialog(store, "complaints")
    rows = store.listing(Owner.WAITING, "complaints", None, 10)
    assert [row["dialog_id"] for row in rows] == [complaint]


def test_listing_goes_on_after_a_cursor_also_when_all_waited_equally(store: DialogStore) -> None:
    expected = {waiting_dialog(store) for _ in range(5)}
    seen: list[str] = []
    cursor = None
    while rows := store.listing(Owner.WAITING, None, cursor, 2):
        seen += [row["dialog_id"] for row in rows]
        cursor = rows[-1]["cursor"]
    assert len(seen) == 5
    assert set(seen) == expected
