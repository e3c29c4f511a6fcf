"""Deliveries to a real server that takes them, or does not."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

from assistant.errors import StoreError
from assistant.outbox.retrying import Retrying
from assistant.signing import verify
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.store.rows import parse_stamp
from tests.assistant.conftest import ask, post
from tests.assistant.outbox.conftest import CHANNEL_SECRET, QUICK, Outbox
from tests.support.misbehaving_provider import refusing_url
from tests.support.receiver import Post, Receiver, Reply


def now() -> float:
    return datetime.now(UTC).timestamp()


def failing_first(count: int, reply: Reply) -> Callable[[Post], Reply]:
    """Behaves badly so many times for each delivery, then takes it."""
    tried: Counter[str] = Counter()

    def behave(post: Post) -> Reply:
        tried[post.delivery] += 1
        return reply if tried[post.delivery] <= count else Reply()

    return behave


def test_delivery_is_signed_and_says_what_it_is(outbox: Outbox) -> None:
    with Receiver() as receiver:
        secret = outbox.store.put_webhook("crm", receiver.url, []).secret
        received = ask(outbox.store, "где заказ")
        outbox.work()
    (came,) = receiver.posts
    (row,) = outbox.rows()
    assert secret is not None
    assert verify(secret, came.headers["x-souffleur-signature"], came.body, now())
    assert came.headers["x-souffleur-event"] == "message.created"
    assert came.headers["content-type"] == "application/json"
    assert came.delivery == str(row["id"])
    assert came.document["dialog_id"] == received.dialog.dialog_id
    assert came.document["data"]["message"]["text"] == "где заказ"
    assert (row["state"], row["attempts"], row["last_error"]) == ("delivered", 1, None)


def test_while_a_secret_is_replaced_both_open_what_is_sent(outbox: Outbox) -> None:
    with Receiver() as receiver:
        old = outbox.store.put_webhook("crm", receiver.url, []).secret
        new = outbox.store.rotate_secret("crm").secret
        ask(outbox.store)
        outbox.work()
    (came,) = receiver.posts
    header = came.headers["x-souffleur-signature"]
    assert old is not None
    assert new is not None
    assert verify(old, header, came.body, now())
    assert verify(new, header, came.body, now())


@pytest.mark.parametrize(
    "reply",
    [Reply(500), Reply(404), Reply(429), Reply(resets=True), Reply(302, {"Location": "/else"})],
    ids=["500", "404", "429", "reset", "redirect"],
)
def test_what_was_not_taken_is_sent_again_the_same_until_it_is(
    outbox: Outbox, reply: Reply
) -> None:
    with Receiver(failing_first(2, reply)) as receiver:
        outbox.store.put_webhook("crm", receiver.url, [])
        ask(outbox.store)
        outbox.work()
    assert len(receiver.posts) == 3
    assert len({(came.delivery, came.body) for came in receiver.posts}) == 1
    assert {came.path for came in receiver.posts} == {"/hook"}, "no redirect is followed"
    (row,) = outbox.rows()
    assert (row["state"], row["attempts"]) == ("delivered", 3)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_status_of_success_is_one(outbox: Outbox, status: int) -> None:
    with Receiver(lambda _: Reply(status)) as receiver:
        outbox.store.put_webhook("crm", receiver.url, [])
        ask(outbox.store)
        outbox.work()
    assert len(receiver.posts) == 1


def test_what_is_never_taken_dies_after_its_attempts_and_can_be_replayed(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    is_well = threading.Event()
    with (
        Receiver(lambda _: Reply() if is_well.is_set() else Reply(500)) as receiver,
        caplog.at_level(logging.WARNING, "assistant.outbox"),
    ):
        outbox.store.put_webhook("crm", f"{receiver.url}?key=hidden", [])
        ask(outbox.store, "очень личное")
        outbox.work()
        (dead,) = outbox.rows()
        assert (dead["state"], dead["attempts"]) == ("dead", QUICK.attempts)
        assert dead["last_error"] == "status 500: not taken"
        assert len(receiver.posts) == QUICK.attempts
        is_well.set()
        outbox.store.replay_delivery(dead["id"])
        outbox.work()
    assert len({came.delivery for came in receiver.posts}) == 1
    assert outbox.rows()[0]["state"] == "delivered"
    for hidden in ("личное", "hidden", "secret"):
        assert hidden not in caplog.text


def test_nobody_at_the_address_is_a_failed_attempt(outbox: Outbox) -> None:
    outbox.store.put_webhook("crm", refusing_url(), [])
    ask(outbox.store)
    outbox.work()
    (row,) = outbox.rows()
    assert (row["state"], row["last_error"]) == ("dead", "the connection failed: ConnectError")


def test_address_that_cannot_be_one_is_a_failed_attempt(outbox: Outbox) -> None:
    outbox.store.put_webhook("crm", "http://[broken/", [])
    ask(outbox.store)
    outbox.work()
    assert outbox.count("dead") == 1


@pytest.mark.parametrize("reply", [Reply(trickles=True), Reply(wait_for=threading.Event())])
def test_receiver_that_takes_too_long_is_given_up_however_it_does_it(
    start_outbox: Callable[..., Outbox], reply: Reply
) -> None:
    outbox = start_outbox(Retrying(attempts=2, first_seconds=0.05, attempt_seconds=0.3))
    with Receiver(lambda _: reply) as receiver:
        outbox.store.put_webhook("crm", receiver.url, [])
        ask(outbox.store)
        outbox.work()
    (row,) = outbox.rows()
    assert (row["state"], row["last_error"]) == ("dead", "no answer within 0.3 s")
    assert len(receiver.posts) == 2


def test_receiver_is_left_alone_as_long_as_it_asks(start_outbox: Callable[..., Outbox]) -> None:
    outbox = start_outbox(Retrying())
    with Receiver(lambda _: Reply(503, {"Retry-After": "1200"})) as receiver:
        outbox.store.put_webhook("crm", receiver.url, [])
        ask(outbox.store)
        outbox.work_until(lambda: bool(outbox.rows() and outbox.rows()[0]["attempts"]))
    (row,) = outbox.rows()
    assert 1100 < parse_stamp(row["next_attempt_at"]).timestamp() - now() < 1300
    assert len(receiver.posts) == 1


def test_deliveries_of_a_dialog_stay_in_order_while_some_fail(outbox: Outbox) -> None:
    with Receiver(failing_first(1, Reply(500))) as receiver:
        outbox.store.put_webhook("crm", receiver.url, [])
        for _ in range(3):
            for name in ("d-a", "d-b"):
                post(outbox.store, ask(outbox.store, dialog_id=name))
        outbox.work()
    for name in ("d-a", "d-b"):
        numbers = [told["id"] for told in receiver.documents() if told["dialog_id"] == name]
        assert len(numbers) == 6
        assert numbers == sorted(numbers)
        taken_after = [
            came.document["id"] for came in receiver.posts if came.document["dialog_id"] == name
        ]
        assert taken_after == sorted(taken_after), "none is tried before the one before it is taken"


def test_dialog_that_hangs_delays_no_other_dialog_nor_another_target(outbox: Outbox) -> None:
    let_go = threading.Event()

    def hang_at_a(came: Post) -> Reply:
        hangs = came.document["dialog_id"] == "d-a" and came.path == "/hook"
        return Reply(wait_for=let_go) if hangs else Reply()

    with Receiver(hang_at_a) as receiver:
        outbox.store.put_webhook("crm", receiver.url, [])
        outbox.store.put_webhook("other", receiver.url.replace("/hook", "/other"), [])
        for name in ("d-a", "d-b", "d-c"):
            ask(outbox.store, dialog_id=name)
        outbox.work_until(lambda: outbox.count("delivered") == 5)
        ask(outbox.store, dialog_id="d-d")
        outbox.work_until(lambda: outbox.count("delivered") == 7)
        let_go.set()
        outbox.work()
    assert outbox.count("delivered") == 8


def test_two_processes_deliver_each_event_once_and_in_order(
    start_outbox: Callable[..., Outbox],
) -> None:
    one, other = start_outbox(), start_outbox()
    with Receiver() as receiver:
        one.store.put_webhook("crm", receiver.url, [])
        beating = threading.Event()

        def beat() -> None:
            while not beating.wait(0.1):
                one.store.let_leases_beat()
                other.store.let_leases_beat()

        heart = threading.Thread(target=beat)
        heart.start()
        for number in range(20):
            post(one.store, ask(one.store, dialog_id=f"d-{number % 3}"))
            one.relay.look()
            other.relay.look()
            other.couriers.look()
            one.couriers.look()
        one.work()
        beating.set()
        heart.join()
    numbers = [came.document["id"] for came in receiver.posts]
    assert len(numbers) == len(set(numbers)) == 40
    for name in ("d-0", "d-1", "d-2"):
        of_dialog = [told["id"] for told in receiver.documents() if told["dialog_id"] == name]
        assert of_dialog == sorted(of_dialog)


def test_deleted_webhook_is_told_nothing_more(outbox: Outbox) -> None:
    with Receiver(lambda _: Reply(500)) as receiver:
        outbox.store.put_webhook("crm", receiver.url, [])
        ask(outbox.store)
        outbox.work_until(lambda: bool(receiver.posts))
        outbox.store.delete_webhook("crm")
        ask(outbox.store)
        outbox.work_until(lambda: outbox.couriers.is_idle)
    assert outbox.rows() == []


def test_changed_address_is_used_from_the_next_attempt_on(outbox: Outbox) -> None:
    with Receiver(lambda _: Reply(500)) as old, Receiver() as new:
        outbox.store.put_webhook("crm", old.url, [])
        ask(outbox.store)
        outbox.work_until(lambda: bool(old.posts))
        outbox.store.put_webhook("crm", new.url, [])
        outbox.work()
    assert len(new.posts) == 1
    assert new.posts[0].delivery == old.posts[0].delivery


def test_channel_is_signed_with_the_secret_of_the_settings(
    start_outbox: Callable[..., Outbox],
) -> None:
    with Receiver() as receiver:
        outbox = start_outbox(web=receiver.url)
        post(outbox.store, ask(outbox.store))
        outbox.work()
    (came,) = receiver.posts
    assert verify(CHANNEL_SECRET, came.headers["x-souffleur-signature"], came.body, now())
    assert came.document["data"]["message"]["text"] == "ответ"
    assert came.document["channel"] == "web"


def test_channel_that_left_the_settings_is_told_later_what_it_missed(
    start_outbox: Callable[..., Outbox],
) -> None:
    with Receiver() as receiver:
        start_outbox(web=receiver.url)
        without = start_outbox()
        post(without.store, ask(without.store))
        without.relay.look()
        without.couriers.look()
        assert without.rows() == []
        start_outbox(web=receiver.url).work()
    assert len(receiver.posts) == 1


def test_channel_that_was_forgotten_begins_anew(start_outbox: Callable[..., Outbox]) -> None:
    with Receiver() as receiver:
        outbox = start_outbox(web=receiver.url)
        post(outbox.store, ask(outbox.store, dialog_id="d-before"))
        outbox.store.delete_webhook("channel:web")
        outbox.relay.look()
        post(outbox.store, ask(outbox.store, dialog_id="d-after"))
        outbox.work()
    assert [came.document["dialog_id"] for came in receiver.posts] == ["d-after"]


def test_lease_that_could_not_be_given_back_is_held_no_longer(
    start_outbox: Callable[..., Outbox], database_url: str
) -> None:
    """The database may be away at that moment; a lease that went on beating would be held for
    ever."""
    outbox = start_outbox()
    database = SwitchedDatabase(database_url)
    store = DialogStore(database, lease_seconds=0.5)
    lease = store.take_lease("deliver:crm")
    assert lease is not None
    database.is_away = True
    with pytest.raises(StoreError):
        store.give_back_lease(lease)
    database.is_away = False
    with Receiver() as receiver:
        outbox.store.put_webhook("crm", receiver.url, [])
        ask(outbox.store)
        outbox.work_until(lambda: (store.let_leases_beat(), bool(outbox.count("delivered")))[1])
    assert len(receiver.posts) == 1


class SwitchedDatabase(Database):
    """A real one that can be away."""

    is_away = False

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        if self.is_away:
            raise StoreError("away")
        with super().writing() as connection:
            yield connection
