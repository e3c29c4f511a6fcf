"""Turns: who may work on what nobody has answered, and what is left when workers die."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, create_engine, update

from assistant.domain import Action, IncomingMessage, Owner
from assistant.errors import StoreError
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore, Received
from assistant.store.leases import LEASE_SECONDS
from assistant.store.tables import messages
from assistant.store.turns import Turn
from tests.assistant.conftest import document, handoff_to, post
from tests.conftest import Clock


class Stopwatch:
    """A monotonic clock that the test moves on."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def store(database_url: str, clock: Clock, stopwatch: Stopwatch) -> DialogStore:
    """A store that waits for the rest of a burst."""
    return DialogStore(Database(database_url), clock, burst_seconds=1.5, monotonic=stopwatch)


@pytest.fixture
def other(database_url: str, clock: Clock, stopwatch: Stopwatch) -> DialogStore:
    """The store of another process on the same database."""
    return DialogStore(Database(database_url), clock, burst_seconds=1.5, monotonic=stopwatch)


def write(store: DialogStore, text: str, *, ends_turn: bool = False) -> Received:
    incoming = IncomingMessage(text=text, dialog_id="d-a", ends_turn=ends_turn)
    return store.receive(incoming, text, "ru")


def taken(store: DialogStore) -> Turn:
    turn = store.take_turn("d-a")
    assert turn is not None
    return turn


def answer(
    store: DialogStore, turn: Turn, received: Received, *, take_in: bool = False
) -> dict | None:
    return store.post_reply(
        turn,
        document(received),
        new_owner=Owner.BOT,
        handoff=None,
        silent_reply=document(received, Action.SILENT),
        take_in=take_in,
    )


def said(store: DialogStore) -> list[tuple[str, str]]:
    return [(line["author"]["kind"], line["text"]) for line in store.view("d-a")["messages"]]


def test_message_that_others_may_follow_is_kept_and_not_begun(store: DialogStore) -> None:
    assert write(store, "привет").turn is None
    assert said(store) == [("customer", "привет")]


def test_message_that_ends_its_turn_is_begun_at_once(store: DialogStore) -> None:
    assert write(store, "привет", ends_turn=True).turn is not None


def test_message_to_a_person_waits_for_nothing(store: DialogStore) -> None:
    post(store, write(store, "вопрос"))
    store.take("d-a", "op-1", "Ольга")
    assert write(store, "ещё").turn is not None


def test_burst_is_one_turn_in_the_order_it_was_written(store: DialogStore) -> None:
    rows = [write(store, text).row for text in ("Здравствуйте", "где мой заказ", "10432")]
    turn = taken(store)
    assert turn.text == "Здравствуйте\nгде мой заказ\n10432"
    assert list(turn.rows) == rows


def test_burst_gets_one_answer_with_its_last_message(store: DialogStore) -> None:
    first, last = write(store, "где мой заказ"), write(store, "10432")
    reply = answer(store, taken(store), last)
    assert store.standing("d-a", last.row).reply == reply
    silence = store.standing("d-a", first.row).reply
    assert silence is not None
    assert (silence["action"], silence["reply"]) == ("silent", None)
    assert silence["message_id"] == first.message_id
    assert silence["answered_with"] == last.message_id
    assert [kind for kind, _ in said(store)] == ["customer", "customer", "bot"]


def test_history_has_a_burst_as_one_message(store: DialogStore) -> None:
    write(store, "где мой заказ")
    last = write(store, "10432")
    answer(store, taken(store), last)
    assert [line.text for line in store.history("d-a")] == ["где мой заказ\n10432", "ответ"]


def test_history_without_a_turn_is_what_was_said_before_and_beside_it(store: DialogStore) -> None:
    post(store, write(store, "первый"))
    write(store, "второй")
    turn = taken(store)
    texts = [line.text for line in store.history("d-a", without=turn.rows)]
    assert texts == ["первый", "ответ"]


def test_second_worker_gets_nothing_while_the_first_is_at_it(
    store: DialogStore, other: DialogStore
) -> None:
    write(store, "вопрос")
    assert taken(store)
    assert other.take_turn("d-a") is None


def test_turn_that_was_given_back_is_free(store: DialogStore, other: DialogStore) -> None:
    write(store, "вопрос")
    store.give_back(taken(store))
    assert taken(other).attempts == 2


def test_nothing_is_left_to_take_once_it_is_answered(store: DialogStore) -> None:
    received = write(store, "вопрос")
    answer(store, taken(store), received)
    assert store.take_turn("d-a") is None


def test_turn_of_a_dead_worker_is_taken_over_after_its_lease(
    store: DialogStore, other: DialogStore, stopwatch: Stopwatch
) -> None:
    write(store, "вопрос")
    taken(store)
    assert other.take_turn("d-a") is None, "seen for the first time"
    stopwatch.seconds += LEASE_SECONDS - 0.1
    assert other.take_turn("d-a") is None
    stopwatch.seconds += 0.2
    assert taken(other).text == "вопрос"


def test_turn_of_a_slow_worker_that_beats_is_never_taken_over(
    store: DialogStore, other: DialogStore, stopwatch: Stopwatch
) -> None:
    write(store, "вопрос")
    taken(store)
    for _ in range(10):
        assert other.take_turn("d-a") is None
        stopwatch.seconds += LEASE_SECONDS
        store.let_leases_beat()


def test_worker_whose_turn_was_taken_over_changes_nothing(
    store: DialogStore, other: DialogStore, stopwatch: Stopwatch
) -> None:
    received = write(store, "вопрос")
    slow = taken(store)
    other.take_turn("d-a")
    stopwatch.seconds += LEASE_SECONDS + 1
    quick = taken(other)
    assert answer(store, slow, received) is None
    assert said(store) == [("customer", "вопрос")]
    assert answer(other, quick, received) is not None
    assert [kind for kind, _ in said(store)] == ["customer", "bot"]


def test_same_answer_posted_twice_is_said_once(store: DialogStore) -> None:
    received = write(store, "вопрос")
    turn = taken(store)
    assert answer(store, turn, received) is not None
    assert answer(store, turn, received) is None
    assert [kind for kind, _ in said(store)] == ["customer", "bot"]


def test_clock_that_is_set_back_frees_and_blocks_no_turn(
    store: DialogStore, other: DialogStore, clock: Clock, stopwatch: Stopwatch
) -> None:
    write(store, "вопрос")
    taken(store)
    clock.turn(hours=-5)
    assert other.take_turn("d-a") is None
    stopwatch.seconds += LEASE_SECONDS + 1
    assert taken(other)


def test_message_that_came_meanwhile_sends_the_answer_back(store: DialogStore) -> None:
    first = write(store, "где мой заказ")
    turn = taken(store)
    write(store, "10432")
    assert answer(store, turn, first, take_in=True) is None
    assert [kind for kind, _ in said(store)] == ["customer", "customer"]
    assert taken(store).text == "где мой заказ\n10432"


def test_message_that_came_meanwhile_is_a_turn_of_its_own_where_words_were_heard(
    store: DialogStore,
) -> None:
    first = write(store, "где мой заказ")
    turn = taken(store)
    write(store, "10432")
    assert answer(store, turn, first) is not None
    assert taken(store).text == "10432"


def test_burst_to_a_person_is_silence_without_an_answer_elsewhere(store: DialogStore) -> None:
    first, last = write(store, "вопрос"), write(store, "ещё")
    turn = taken(store)
    store.take("d-a", "op-1", "Ольга")
    answer(store, turn, last)
    for received in (first, last):
        reply = store.standing("d-a", received.row).reply
        assert reply is not None
        assert reply["reply"] is None
        assert reply.get("answered_with") is None
    assert [line.text for line in store.history("d-a")] == ["вопрос", "ещё"]


def test_handoff_of_a_burst_moves_the_dialog_once(store: DialogStore) -> None:
    write(store, "вы обманули меня")
    post(store, write(store, "где деньги"), owner=Owner.WAITING, handoff=handoff_to())
    dialog = store.dialog("d-a")
    assert dialog.owner is Owner.WAITING
    assert [kind for kind, _ in said(store)] == ["customer", "customer", "bot"]


def test_verdict_on_any_message_of_a_burst_is_on_its_answer(store: DialogStore) -> None:
    first, last = write(store, "где мой заказ"), write(store, "10432")
    answer(store, taken(store), last)
    mark = store.judge("d-a", first.message_id, right=True, operator_id="op-1")
    assert mark["message_id"] == last.message_id


@pytest.mark.parametrize(("age_seconds", "found"), [(5, []), (31, ["d-a"]), (25 * 3600, ["d-a"])])
def test_what_nobody_answered_is_found_by_its_age(
    store: DialogStore, clock: Clock, age_seconds: float, found: list[str]
) -> None:
    write(store, "вопрос")
    clock.turn(seconds=age_seconds)
    assert store.left_unanswered(30, limit=10) == found


def test_what_nobody_answered_is_found_after_the_clock_was_set_back(
    store: DialogStore, clock: Clock
) -> None:
    write(store, "вопрос")
    clock.turn(hours=-1)
    assert store.left_unanswered(30, limit=10) == ["d-a"]


def test_answered_messages_are_not_found(store: DialogStore, clock: Clock) -> None:
    write(store, "где мой заказ")
    last = write(store, "10432")
    answer(store, taken(store), last)
    clock.turn(hours=1)
    assert store.left_unanswered(30, limit=10) == []


def test_bot_says_nothing_after_a_person_answered_and_closed(store: DialogStore) -> None:
    received = write(store, "где мой заказ")
    turn = taken(store)
    store.take("d-a", "op-1", "Ольга")
    store.add_operator_message("d-a", "op-1", None, "Уже едет.")
    store.resolve("d-a", "op-1")
    reply = answer(store, turn, received)
    assert reply is not None
    assert (reply["action"], reply["owner"]) == ("silent", "closed")
    assert store.dialog("d-a").owner is Owner.CLOSED
    assert [kind for kind, _ in said(store)] == ["customer", "human"]


def test_what_a_person_answered_is_not_answered_by_the_watchdog_later(
    store: DialogStore, clock: Clock
) -> None:
    received = write(store, "где мой заказ")
    store.take("d-a", "op-1", "Ольга")
    store.add_operator_message("d-a", "op-1", None, "Уже едет.")
    store.release("d-a", "op-1")
    clock.turn(minutes=10)
    answer(store, taken(store), received)
    assert store.dialog("d-a").owner is Owner.WAITING
    assert [kind for kind, _ in said(store)] == ["customer", "human"]


def test_news_of_a_ticket_in_a_persons_name_is_not_his_answer(
    store: DialogStore, database_url: str
) -> None:
    received = write(store, "где мой заказ")
    turn = taken(store)
    store.take("d-a", "op-1", "Ольга")
    store.add_operator_message("d-a", "op-1", None, "Обращение № 7: в работе.", "o-1")
    engine = create_engine(database_url)
    with engine.begin() as connection:
        news = messages.c.message_id == "o-1"
        connection.execute(update(messages).where(news).values(purpose="news"))
    engine.dispose()
    store.release("d-a", "op-1")
    reply = answer(store, turn, received)
    assert reply is not None
    assert reply["reply"] is not None


def test_question_on_which_the_bot_fell_silent_waits_for_the_person(store: DialogStore) -> None:
    received = write(store, "где мой заказ")
    turn = taken(store)
    store.take("d-a", "op-1", "Ольга")
    answer(store, turn, received)
    assert store.view("d-a")["unanswered_since"] is not None
    store.add_operator_message("d-a", "op-1", None, "Уже едет.")
    assert store.view("d-a")["unanswered_since"] is None


def post_decided_for(
    store: DialogStore, turn: Turn, received: Received, owner: Owner, handoff: dict | None = None
) -> dict | None:
    action = Action.HANDOFF if handoff else Action.ACKNOWLEDGE
    return store.post_reply(
        turn,
        document(received, action) | {"handoff": handoff},
        new_owner=Owner.WAITING,
        handoff=handoff,
        silent_reply=document(received, Action.SILENT),
        decided_for=owner,
    )


def test_what_was_decided_for_somebody_who_waits_is_decided_anew_when_he_does_not(
    store: DialogStore,
) -> None:
    post(store, write(store, "позовите"), owner=Owner.WAITING, handoff=handoff_to())
    received = write(store, "алло")
    turn = taken(store)
    store.resolve("d-a", "op-1")
    assert post_decided_for(store, turn, received, Owner.WAITING) is None
    assert taken(store).text == "алло"


def test_handoff_that_was_decided_twice_at_once_is_made_once(
    store: DialogStore, database_url: str
) -> None:
    received = write(store, "позовите оператора")
    turn = taken(store)
    button = document(received, Action.HANDOFF) | {"handoff": handoff_to()}
    assert store.post_handoff("d-a", button, handoff_to()) is not None
    assert post_decided_for(store, turn, received, Owner.BOT, handoff_to()) is None
    assert store.post_handoff("d-a", button, handoff_to()) is None
    assert [kind for kind, _ in said(store)] == ["customer", "bot"]


class Unacknowledged:
    """A database whose next commit happens and is not acknowledged, as when it goes away then."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.loses_the_next = False
        self.is_sqlite = database.is_sqlite
        self.reading = database.reading

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._database.writing() as connection:
            yield connection
        if self.loses_the_next:
            self.loses_the_next = False
            raise StoreError("the connection was lost")


def test_turn_whose_commit_was_not_acknowledged_is_free_after_its_lease(
    database_url: str, clock: Clock, stopwatch: Stopwatch, other: DialogStore
) -> None:
    database = Unacknowledged(Database(database_url))
    store = DialogStore(database, clock, burst_seconds=1.5, monotonic=stopwatch)  # type: ignore[arg-type]
    write(store, "вопрос")
    database.loses_the_next = True
    with pytest.raises(StoreError):
        store.take_turn("d-a")
    for _ in range(2):
        store.let_leases_beat()
        assert other.take_turn("d-a") is None
        stopwatch.seconds += LEASE_SECONDS / 2 + 0.1
    store.let_leases_beat()
    assert taken(other).text == "вопрос"


def test_message_that_waited_for_a_day_is_told_to_be_old(store: DialogStore, clock: Clock) -> None:
    write(store, "вопрос")
    clock.turn(hours=25)
    assert taken(store).is_old
