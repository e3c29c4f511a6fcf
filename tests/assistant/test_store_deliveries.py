"""The outbox: each event in it once a target, in order per dialog, retried, dead, replayed."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.domain import Customer, IncomingMessage
from assistant.errors import ConflictError, NotFoundError
from assistant.store.database import Database
from assistant.store.deliveries import KEPT_SECONDS, Delivery, DeliveryState
from assistant.store.dialogs import DialogStore
from assistant.store.leases import Lease
from tests.assistant.conftest import ask, post, waiting_dialog
from tests.conftest import Clock

URL = "https://shop.example/hook"


@pytest.fixture
def lease(store: DialogStore) -> Lease:
    """The right to deliver to the webhook `crm`, which exists."""
    store.put_webhook("crm", URL, [])
    taken = store.take_lease("deliver:crm")
    assert taken is not None
    return taken


def due(store: DialogStore, lease: Lease, without: tuple[str, ...] = ()) -> list[Delivery]:
    """What is to be sent to `crm` now."""
    found = store.due_deliveries(lease, "crm", 100, without)
    assert found is not None
    return found


def one_due(store: DialogStore, lease: Lease) -> Delivery:
    """The only delivery to be sent now, after one message was written."""
    ask(store)
    store.enqueue_next("crm")
    (delivery,) = due(store, lease)
    return delivery


def states(store: DialogStore) -> list[str]:
    """Of all deliveries, oldest first."""
    return [row["state"] for row in store.delivery_list(None, None, 0, 1000)]


def test_webhook_is_told_what_happens_from_now_on(store: DialogStore, lease: Lease) -> None:
    ask(store)
    store.put_webhook("late", URL, [])
    received = ask(store)
    assert store.targets_behind() == ["crm", "late"]
    store.enqueue_next("crm")
    store.enqueue_next("late")
    assert store.targets_behind() == []
    targets = [row["target"] for row in store.delivery_list(None, None, 0, 10)]
    assert sorted(targets) == ["crm", "crm", "late"]
    (late,) = store.delivery_list(None, "late", 0, 10)
    assert late["dialog_id"] == received.dialog.dialog_id


def test_delivery_says_what_the_book_says(store: DialogStore, lease: Lease) -> None:
    delivery = one_due(store, lease)
    (event,) = store.events_after(0, 10)
    assert json.loads(delivery.body) == event.document()
    assert (delivery.type, delivery.dialog_id) == ("message.created", event.dialog_id)


def test_only_wanted_types_are_told_and_the_others_passed(store: DialogStore) -> None:
    store.put_webhook("crm", URL, ["handoff.requested"])
    waiting_dialog(store)
    assert store.enqueue_next("crm") == 3
    assert [row["type"] for row in store.delivery_list(None, "crm", 0, 10)] == ["handoff.requested"]
    assert store.targets_behind() == []


def test_each_event_is_enqueued_once_though_many_do_it(database_url: str) -> None:
    stores = [DialogStore(Database(database_url)) for _ in range(4)]
    stores[0].put_webhook("crm", URL, [])
    for _ in range(30):
        ask(stores[0])

    def enqueue(number: int) -> None:
        while stores[number % 4].enqueue_next("crm", limit=3):
            pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(enqueue, range(8)))
    told = [row["event_id"] for row in stores[0].delivery_list(None, "crm", 0, 1000)]
    assert told == [event.id for event in stores[0].events_after(0, 1000)]


def test_later_delivery_of_a_dialog_waits_and_other_dialogs_do_not(
    store: DialogStore, lease: Lease
) -> None:
    first = ask(store, dialog_id="d-a")
    post(store, first)
    ask(store, dialog_id="d-b")
    store.enqueue_next("crm")
    to_a, to_b = due(store, lease)
    assert (to_a.dialog_id, to_b.dialog_id) == ("d-a", "d-b")
    store.note_delivered(to_b)
    store.note_failed(to_a, "status 500", 60)
    assert due(store, lease) == []
    ask(store, dialog_id="d-b")
    store.enqueue_next("crm")
    assert [delivery.dialog_id for delivery in due(store, lease)] == ["d-b"]


def test_dialogs_in_flight_are_left_out(store: DialogStore, lease: Lease) -> None:
    ask(store, dialog_id="d-a")
    ask(store, dialog_id="d-b")
    store.enqueue_next("crm")
    assert [delivery.dialog_id for delivery in due(store, lease, ("d-a",))] == ["d-b"]


def test_failed_delivery_comes_again_after_its_wait_as_it_was(
    store: DialogStore, clock: Clock, lease: Lease
) -> None:
    delivery = one_due(store, lease)
    store.note_failed(delivery, "status 503", 60)
    assert store.targets_due() == []
    clock.turn(seconds=61)
    assert store.targets_due() == ["crm"]
    (again,) = due(store, lease)
    assert (again.id, again.body, again.attempts) == (delivery.id, delivery.body, 1)


def test_delivery_is_sent_though_the_clock_was_set_back(
    store: DialogStore, clock: Clock, lease: Lease
) -> None:
    delivery = one_due(store, lease)
    clock.turn(hours=-20)
    assert [found.id for found in due(store, lease)] == [delivery.id], "not tried yet: at once"
    store.note_failed(delivery, "status 503", 60)
    assert due(store, lease) == []
    clock.turn(hours=-20)
    assert [found.id for found in due(store, lease)] == [delivery.id]


def test_dead_delivery_lets_the_next_of_its_dialog_go(store: DialogStore, lease: Lease) -> None:
    post(store, ask(store))
    store.enqueue_next("crm")
    (first,) = due(store, lease)
    store.note_failed(first, "status 500", None)
    (second,) = due(store, lease)
    assert second.id > first.id
    assert states(store) == ["dead", "pending"]
    assert store.delivery_counts() == {"pending": 1, "dead": 1}


def test_whoever_lost_the_lease_gets_nothing(store: DialogStore, lease: Lease) -> None:
    one_due(store, lease)
    store.give_back_lease(lease)
    assert store.due_deliveries(lease, "crm", 10) is None


def test_slow_worker_does_not_overwrite_what_another_noted(
    store: DialogStore, lease: Lease
) -> None:
    delivery = one_due(store, lease)
    store.note_delivered(delivery)
    store.note_failed(delivery, "no answer", None)
    (row,) = store.delivery_list(None, None, 0, 10)
    assert (row["state"], row["attempts"], row["last_error"]) == ("delivered", 1, None)


def test_dead_delivery_is_replayed_with_its_old_number(store: DialogStore, lease: Lease) -> None:
    delivery = one_due(store, lease)
    store.note_failed(delivery, "status 500", None)
    replayed = store.replay_delivery(delivery.id)
    assert (replayed["id"], replayed["state"], replayed["attempts"]) == (delivery.id, "pending", 0)
    with pytest.raises(ConflictError, match="not dead"):
        store.replay_delivery(delivery.id)
    assert [found.id for found in due(store, lease)] == [delivery.id]


def test_delivered_and_unknown_deliveries_are_not_replayed(
    store: DialogStore, lease: Lease
) -> None:
    delivery = one_due(store, lease)
    store.note_delivered(delivery)
    with pytest.raises(ConflictError):
        store.replay_delivery(delivery.id)
    with pytest.raises(NotFoundError):
        store.replay_delivery(delivery.id + 1)
    assert states(store) == ["delivered"]


def test_all_dead_deliveries_of_a_target_are_replayed(store: DialogStore, lease: Lease) -> None:
    store.put_webhook("other", URL, [])
    delivery = one_due(store, lease)
    store.note_failed(delivery, "status 500", None)
    assert store.replay_dead("other") == 0
    assert store.replay_dead("crm") == 1
    assert store.replay_dead(None) == 0


def test_error_is_kept_short(store: DialogStore, lease: Lease) -> None:
    store.note_failed(one_due(store, lease), "x" * 5000, None)
    (row,) = store.delivery_list(DeliveryState.DEAD, None, 0, 10)
    assert len(row["last_error"]) == 200


def test_list_goes_on_after_a_number_and_shows_no_text(store: DialogStore, lease: Lease) -> None:
    for _ in range(5):
        ask(store, "очень личное")
    store.enqueue_next("crm")
    first = store.delivery_list(DeliveryState.PENDING, "crm", 0, 2)
    rest = store.delivery_list(DeliveryState.PENDING, "crm", first[-1]["id"], 10)
    assert len({row["id"] for row in [*first, *rest]}) == 5
    assert "личное" not in str(first)
    assert store.delivery_list(DeliveryState.DEAD, "crm", 0, 10) == []


def test_what_was_delivered_is_deleted_after_three_days(
    store: DialogStore, clock: Clock, lease: Lease
) -> None:
    delivery = one_due(store, lease)
    store.note_delivered(delivery)
    clock.turn(seconds=KEPT_SECONDS - 1)
    dead = one_due(store, lease)
    store.note_failed(dead, "status 500", None)
    assert store.purge_deliveries() == 0
    clock.turn(seconds=2)
    assert store.purge_deliveries() == 1
    clock.turn(hours=24 * 30)
    assert store.purge_deliveries() == 0
    assert states(store) == ["dead"], "what is dead stays until somebody looks at it"
    assert one_due(store, lease).id > dead.id


def test_numbers_of_purged_deliveries_are_never_given_again(
    store: DialogStore, clock: Clock, lease: Lease
) -> None:
    """A receiver remembers them, and would leave a new event out."""
    delivery = one_due(store, lease)
    store.note_delivered(delivery)
    clock.turn(seconds=KEPT_SECONDS + 1)
    assert store.purge_deliveries() == 1
    assert one_due(store, lease).id > delivery.id


def test_channel_is_told_what_the_bot_and_people_say_in_it(store: DialogStore) -> None:
    store.keep_channels({"telegram": URL})
    customer = Customer(id="c-17", anonymous_id="v-1", name="Анна")
    for channel in ("telegram", "web"):
        incoming = IncomingMessage("вопрос", f"d-{channel}", channel=channel, customer=customer)
        received = store.receive(incoming, "вопрос", "ru")
        post(store, received)
        store.take(received.dialog.dialog_id, "op-1", "Ольга")
        store.add_operator_message(received.dialog.dialog_id, "op-1", None, "Проверяю")
    store.enqueue_next("channel:telegram")
    lease = store.take_lease("deliver:channel:telegram")
    assert lease is not None
    told = []
    while found := store.due_deliveries(lease, "channel:telegram", 10):
        told += [json.loads(delivery.body) for delivery in found]
        for delivery in found:
            store.note_delivered(delivery)
    assert [each["data"]["message"]["author"]["kind"] for each in told] == ["bot", "human"]
    assert {each["dialog_id"] for each in told} == {"d-telegram"}
    assert told[0]["channel"] == "telegram"
    assert told[0]["customer"] == {"id": "c-17", "anonymous_id": "v-1"}
    assert told[0]["data"]["message"]["author"]["disclosure"]
