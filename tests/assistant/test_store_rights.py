"""Everything of a customer is given out and deleted, and what is old goes; on both databases."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, insert, inspect, make_url, select, text

from assistant.domain import Customer, IncomingMessage, Owner
from assistant.errors import NotFoundError
from assistant.language_models.asking import CallOutcome, ModelCall
from assistant.pipeline import Assistant
from assistant.retention import Retention
from assistant.store.audit import Doing
from assistant.store.database import Database
from assistant.store.desk_tables import hints, notes, past_answers, typing
from assistant.store.dialogs import DialogStore
from assistant.store.erasing import OF_DIALOGS
from assistant.store.tables import audit, deliveries, dialogs, events, merges, metadata
from assistant.ticket_news import TicketNews
from assistant.tickets import TicketStatus
from assistant.watchdog import Watchdog
from tests.assistant.conftest import ask, document, post, waiting_dialog
from tests.conftest import Clock

NEWS = TicketNews(ZoneInfo("Europe/Moscow"))
SECRET = "qzxv-5550123"
"""A word that stands nowhere else."""
ID = "c-qzxv-77"
BY = Doing("admin-2", "customer.delete", operator_id="op-boss")
_numbers = count(1)
CALL = ModelCall("m", CallOutcome.OK, "draft", 10, 5)


def fill(store: DialogStore, **customer: str) -> str:
    """A dialog with something of it in every table; returns its id."""
    told = Customer(name=SECRET, attributes={"note": SECRET}, **customer)  # type: ignore[arg-type]
    incoming = IncomingMessage(text=SECRET, message_id=f"m-{next(_numbers)}", customer=told)
    received = store.receive(incoming, SECRET, "ru")
    dialog_id = received.dialog.dialog_id
    post(store, received)
    store.rate(dialog_id, 2, SECRET)
    store.judge(dialog_id, received.message_id, right=False, operator_id="op-1", reason=SECRET)
    ticket = store.open_ticket(
        dialog_id, subject=SECRET, expected_at=None, operator_id="op-1", news=NEWS
    )
    store.change_ticket(ticket["ticket_id"], who="op-1", news=NEWS, note=SECRET)
    store.add_calls([CALL], dialog_id)
    store.take(dialog_id, "op-1", "Ольга")
    store.add_operator_message(dialog_id, "op-1", "Ольга", f"вижу {SECRET}")
    store.note(Doing("operator-1", "dialog.read", dialog_id=dialog_id))
    if "id" in customer:
        store.note(Doing("operator-1", "customer.read", customer_id=customer["id"]))
    return dialog_id


def add_delivery(url: str, dialog_id: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            insert(deliveries).values(
                target="hook",
                event_id=1,
                dialog_id=dialog_id,
                type="message.created",
                body=SECRET,
                state="delivered",
                next_attempt_at="2026",
                created_at="2026",
            )
        )
    engine.dispose()


def add_desk_rows(url: str, dialog_id: str) -> None:
    """A hint, a note, who types, and an answer kept to be hinted at, all with the word in it."""
    by = {"operator_id": "op-1", "operator_name": "Ольга"}
    rows = {
        hints: {
            "hint_id": f"h-{dialog_id}",
            "message_id": "m-1",
            "kind": "article",
            "position": 1,
            "text": SECRET,
            "citations": [],
            "blanks": [],
            "source": {"kind": "article", "title": "Хранение"},
            "snapshot": "s-1",
            "made_at": "2026",
        },
        notes: {"text": SECRET, "created_at": "2026"} | by,
        typing: {"who": "op-1", "name": SECRET, "until": "2026"},
        past_answers: {
            "message": next(_numbers),
            "question": SECRET,
            "answer": SECRET,
            "lang": "ru",
            "intent": "question",
            "vector": SECRET.encode(),
            "model_id": "m",
            "answered_at": "2026",
        },
    }
    engine = create_engine(url)
    with engine.begin() as connection:
        for table, values in rows.items():
            connection.execute(insert(table).values(dialog_id=dialog_id, **values))
    engine.dispose()


def whole_database(url: str) -> str:
    """Every row of every table as text."""
    engine = create_engine(url)
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        rows = [
            str(row) for name in names for row in connection.execute(text(f"select * from {name}"))
        ]
    engine.dispose()
    return "\n".join(rows)


def raw_files(url: str) -> bytes:
    """Everything in the files of an SQLite database, its log too; nothing for a server's."""
    if not url.startswith("sqlite"):
        return b""
    path = Path(make_url(url).database or "")
    return b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))


def rows_of(url: str, table: object) -> list[dict]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [dict(row) for row in connection.execute(select(table)).mappings()]  # type: ignore[call-overload]
    engine.dispose()
    return found


def test_every_table_with_dialogs_in_it_is_deleted_from() -> None:
    with_dialogs = {t.name for t in metadata.tables.values() if "dialog_id" in t.columns}
    assert with_dialogs == {table.name for table in (dialogs, *OF_DIALOGS)}


def test_export_holds_all_that_is_kept(store: DialogStore, database_url: str) -> None:
    visited = fill(store, anonymous_id="v-1")
    known = fill(store, id=ID, anonymous_id="v-1")
    fill(store, id="c-other")
    add_delivery(database_url, known)
    add_desk_rows(database_url, known)
    found = store.export_customer(ID)
    assert {row["dialog_id"] for row in found["dialogs"]} == {visited, known}
    for table in (*OF_DIALOGS, merges):
        assert found[table.name], table.name
    assert found["ticket_changes"]
    assert [row["reply"]["reply"]["text"] for row in found["messages"] if row["reply"]]
    assert "customer.read" in {row["action"] for row in found["audit"]}
    assert "c-other" not in str(found)
    assert SECRET in json.dumps(found["past_answers"])


def test_nothing_of_a_deleted_customer_is_left_anywhere(
    store: DialogStore, database_url: str
) -> None:
    visited = fill(store, anonymous_id="v-qzxv")
    known = fill(store, id=ID, anonymous_id="v-qzxv")
    add_delivery(database_url, known)
    add_desk_rows(database_url, known)
    assert SECRET in whole_database(database_url)
    deleted = store.delete_customer(ID, BY)
    assert (deleted.dialogs, deleted.is_unreadable) == (2, True)
    left, raw = whole_database(database_url), raw_files(database_url)
    for word in (SECRET, ID, "v-qzxv", visited, known):
        assert word not in left
        assert word.encode() not in raw
    with pytest.raises(NotFoundError):
        store.export_customer(ID)
    with pytest.raises(NotFoundError):
        store.delete_customer(ID, BY)


def test_raw_files_did_hold_the_words_before(store: DialogStore, database_url: str) -> None:
    fill(store, id=ID)
    if database_url.startswith("sqlite"):
        assert SECRET.encode() in raw_files(database_url)
    assert SECRET in whole_database(database_url)


def test_deletion_leaves_one_line_and_one_event_without_the_id(
    store: DialogStore, database_url: str
) -> None:
    dialog_id = fill(store, id=ID)
    store.delete_customer(ID, BY)
    (line,) = rows_of(database_url, audit)
    assert (line["caller"], line["operator_id"], line["action"]) == (
        "admin-2",
        "op-boss",
        "customer.delete",
    )
    assert (line["dialog_id"], line["customer_id"]) == (None, None)
    assert line["details"] == {"customer": store.digest_of(ID), "dialogs": 1}
    (event,) = rows_of(database_url, events)
    assert event["type"] == "customer.deleted"
    assert event["payload"] == {
        "customer": store.digest_of(ID),
        "dialogs": [store.digest_of(dialog_id)],
    }


def test_digest_of_an_id_is_keyed_and_the_same_in_every_process_of_a_store(
    store: DialogStore, database_url: str
) -> None:
    assert store.digest_of(ID) != hashlib.sha256(ID.encode()).hexdigest()
    assert DialogStore(Database(database_url)).digest_of(ID) == store.digest_of(ID)


def test_others_stay_as_they_were(store: DialogStore) -> None:
    other = fill(store, id="c-other")
    before = store.export_customer("c-other")
    fill(store, id=ID)
    store.delete_customer(ID, BY)
    after = store.export_customer("c-other")
    assert after | {"exported_at": ""} == before | {"exported_at": ""}
    assert store.dialog(other).owner is Owner.HUMAN


def test_visitor_who_never_signed_in_is_given_out_and_deleted(store: DialogStore) -> None:
    dialog_id = fill(store, anonymous_id="v-1")
    assert [row["dialog_id"] for row in store.export_customer("v-1")["dialogs"]] == [dialog_id]
    assert store.delete_customer("v-1", BY).dialogs == 1
    with pytest.raises(NotFoundError):
        store.dialog(dialog_id)


def test_visitors_id_gives_out_nothing_of_the_customer_he_became(store: DialogStore) -> None:
    dialog_id = fill(store, id=ID, anonymous_id="v-1")
    with pytest.raises(NotFoundError):
        store.export_customer("v-1")
    with pytest.raises(NotFoundError):
        store.delete_customer("v-1", BY)
    assert store.dialog(dialog_id).customer.id == ID


def test_one_dialog_is_deleted_alone(store: DialogStore, database_url: str) -> None:
    stays = fill(store, id=ID)
    goes = fill(store, id=ID, anonymous_id="v-1")
    assert store.delete_dialog(goes, BY).dialogs == 1
    assert [row["dialog_id"] for row in store.export_customer(ID)["dialogs"]] == [stays]
    assert goes not in whole_database(database_url)
    with pytest.raises(NotFoundError):
        store.delete_dialog(goes, BY)


# --- while somebody is at work -------------------------------------------------------------------


def test_answer_to_a_deleted_dialog_is_nobodys(store: DialogStore, database_url: str) -> None:
    received = ask(store, SECRET)
    assert received.turn is not None
    dialog_id = received.dialog.dialog_id
    store.delete_dialog(dialog_id, BY)
    store.add_calls([CALL], dialog_id)  # the model was still writing
    posted = store.post_reply(
        received.turn,
        document(received),
        new_owner=Owner.BOT,
        handoff=None,
        silent_reply=document(received),
    )
    assert posted is None
    assert dialog_id not in whole_database(database_url)
    store.give_back(received.turn)


class Meanwhile:
    """The real decisions; something happens before or after they are made."""

    def __init__(self, street: Assistant, happens: Callable[[], None], *, before: bool) -> None:
        self._decider = street.decider
        self._happens = happens
        self._before = before

    def decide(self, *given: object) -> object:
        if self._before:
            self._happens()
        outcome = self._decider.decide(*given)  # type: ignore[arg-type]
        if not self._before:
            self._happens()
        return outcome


@pytest.mark.parametrize("before", [True, False])
def test_worker_whose_dialog_is_deleted_goes_on(
    street: Assistant, database_url: str, before: bool
) -> None:
    received = ask(street.store, f"как удалить аккаунт {SECRET}")
    assert received.turn is not None
    dialog_id = received.dialog.dialog_id
    street.decider = Meanwhile(  # type: ignore[assignment]
        street, lambda: street.store.delete_dialog(dialog_id, BY) and None, before=before
    )
    assert street.answer(received.turn) is None
    assert SECRET not in whole_database(database_url)
    with pytest.raises(NotFoundError):
        street.store.dialog(dialog_id)


def test_turn_of_a_dialog_deleted_before_it_was_read_is_nobodys(street: Assistant) -> None:
    received = ask(street.store)
    assert received.turn is not None
    street.store.delete_dialog(received.dialog.dialog_id, BY)
    assert street.answer(received.turn) is None


def test_customer_who_waits_for_an_answer_is_told_that_the_dialog_is_gone(
    street: Assistant,
) -> None:
    street.decider = Meanwhile(  # type: ignore[assignment]
        street, lambda: street.store.delete_dialog("d-1", BY) and None, before=False
    )
    with pytest.raises(NotFoundError):
        street.reply(IncomingMessage(text="как удалить аккаунт", dialog_id="d-1"))


class Forgetful(DialogStore):
    """Deletes the dialogs that it finds before they are taken."""

    def left_unanswered(self, grace_seconds: float, limit: int) -> list[str]:
        found = super().left_unanswered(grace_seconds, limit)
        for dialog_id in found:
            self.delete_dialog(dialog_id, BY)
        return found


def test_watchdog_passes_over_what_was_deleted(street: Assistant, database_url: str) -> None:
    received = ask(street.store)
    assert received.turn is not None
    street.store.give_back(received.turn)
    street.store.__class__ = Forgetful
    assert Watchdog(street, grace_seconds=-5).look() == 0


def test_deletions_under_load_leave_nothing_half(store: DialogStore, database_url: str) -> None:
    done = threading.Event()

    def write(number: int) -> int:
        told, written = Customer(id=ID, anonymous_id=f"v-{number}"), 0
        while not done.is_set():
            incoming = IncomingMessage(text="вопрос", dialog_id=f"d-{number}", customer=told)
            received = store.receive(incoming, "вопрос", "ru")
            turn = received.turn
            if turn is None:
                continue
            reply = document(received)
            silent = {"silent_reply": reply, "handoff": None, "new_owner": Owner.BOT}
            written += store.post_reply(turn, reply, **silent) is not None  # type: ignore[arg-type]
        return written

    def delete() -> int:
        deleted = 0
        while deleted < 15:
            with contextlib.suppress(NotFoundError):
                store.delete_customer(ID, BY)
                deleted += 1
        done.set()
        return deleted

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, number) for number in range(3)]
        try:
            assert pool.submit(delete).result(120) == 15
        finally:
            done.set()
        assert sum(writer.result(60) for writer in writers) > 0
    kept = {row["dialog_id"] for row in rows_of(database_url, dialogs)}
    assert {row["dialog_id"] for row in rows_of(database_url, events)} <= {*kept, ""}
    with contextlib.suppress(NotFoundError):
        store.delete_customer(ID, BY)
    assert ID not in whole_database(database_url)


# --- what is old ---------------------------------------------------------------------------------


@pytest.fixture
def clean(store: DialogStore) -> Callable[[int], int]:
    """Deletes what is older than so many days."""
    return lambda days: Retention(store, days, sleep=lambda _: None).clean()


def silent_dialog(store: DialogStore, **customer: str) -> str:
    told = Customer(**customer)  # type: ignore[arg-type]
    received = store.receive(IncomingMessage(text=SECRET, customer=told), SECRET, "ru")
    post(store, received)
    return received.dialog.dialog_id


def test_dialogs_silent_for_so_long_go_with_all_that_is_theirs(
    store: DialogStore, clock: Clock, clean: Callable[[int], int], database_url: str
) -> None:
    old = [silent_dialog(store, id=ID, anonymous_id="v-1") for _ in range(45)]
    store.note(Doing("operator-1", "dialog.read", dialog_id=old[0]))
    clock.turn(hours=24 * 366)
    young = silent_dialog(store, id="c-young")
    assert clean(365) >= len(old)
    left = whole_database(database_url)
    assert young in left
    for word in (*old, ID, "v-1"):
        assert word not in left
        assert word.encode() not in raw_files(database_url)
    assert clean(365) == 0


def test_nothing_goes_when_no_days_are_set(
    store: DialogStore, clock: Clock, clean: Callable[[int], int]
) -> None:
    dialog_id = silent_dialog(store)
    clock.turn(hours=24 * 4000)
    assert clean(0) == 0
    assert store.dialog(dialog_id)


def test_dialog_that_waits_or_has_an_open_ticket_stays(
    store: DialogStore, clock: Clock, clean: Callable[[int], int]
) -> None:
    waiting, promised = waiting_dialog(store), silent_dialog(store)
    ticket = store.open_ticket(
        promised, subject="s", expected_at=None, operator_id="op-1", news=NEWS
    )
    clock.turn(hours=24 * 400)
    clean(365)
    assert store.dialog(waiting).owner is Owner.WAITING
    assert store.ticket_of(promised) is not None
    store.change_ticket(ticket["ticket_id"], who="op-1", news=NEWS, status=TicketStatus.CLOSED)
    store.take(waiting, "op-1", "Ольга")
    store.resolve(waiting, "op-1")
    clock.turn(hours=24 * 400)
    clean(365)
    for dialog_id in (waiting, promised):
        with pytest.raises(NotFoundError):
            store.dialog(dialog_id)


def test_deletion_by_age_is_told_without_an_id(
    store: DialogStore, clock: Clock, clean: Callable[[int], int]
) -> None:
    dialog_id = silent_dialog(store)
    clock.turn(hours=24 * 400)
    clean(365)
    (told,) = [event for event in store.events_after(0, 100) if event.type == "dialog.deleted"]
    assert told.data == {"because": "age", "dialogs": [store.digest_of(dialog_id)]}
    assert (told.dialog_id, dialog_id in str(told.data)) == ("", False)


def test_old_dialog_in_which_somebody_wrote_lately_stays(
    store: DialogStore, clock: Clock, clean: Callable[[int], int]
) -> None:
    dialog_id = silent_dialog(store)
    clock.turn(hours=24 * 400)
    ask(store, "я вернулась", dialog_id)
    clean(365)
    assert [line["text"] for line in store.view(dialog_id)["messages"]][-1] == "я вернулась"


def test_old_events_and_lines_of_the_trail_go_though_the_dialog_stays(
    store: DialogStore, clock: Clock, clean: Callable[[int], int], database_url: str
) -> None:
    dialog_id = waiting_dialog(store)
    store.note(Doing("operator-1", "dialog.read", dialog_id=dialog_id))
    store.add_calls([CALL], None)
    clock.turn(hours=24 * 400)
    clean(365)
    assert rows_of(database_url, audit) == []
    assert rows_of(database_url, events) == []
    assert store.dialog(dialog_id).owner is Owner.WAITING


def test_one_process_at_a_time_deletes(
    store: DialogStore, clock: Clock, clean: Callable[[int], int]
) -> None:
    silent_dialog(store)
    clock.turn(hours=24 * 400)
    lease = store.take_lease("retention")
    assert lease is not None
    assert clean(365) == 0
    store.give_back_lease(lease)
    assert clean(365) > 0


def test_clock_set_back_deletes_nothing(
    store: DialogStore, clock: Clock, clean: Callable[[int], int]
) -> None:
    dialog_id = silent_dialog(store)
    clock.now = datetime(2024, 1, 1, tzinfo=UTC)
    assert clean(365) == 0
    assert store.dialog(dialog_id)


# --- the trail -----------------------------------------------------------------------------------


def test_trail_is_read_by_dialog_customer_and_time(store: DialogStore, clock: Clock) -> None:
    numbers = []
    for dialog_id, customer_id in (("d-1", None), ("d-2", "c-1"), ("d-1", "c-1")):
        doing = Doing("key", "dialog.read", dialog_id=dialog_id, customer_id=customer_id)
        numbers.append(store.note(doing))
        clock.turn(hours=1)
    first, second, third = numbers

    def ids(**which: object) -> list[int]:
        return [row["id"] for row in store.trail(**which)]  # type: ignore[arg-type]

    assert ids() == [third, second, first]
    assert ids(dialog_id="d-1") == [third, first]
    assert ids(customer_id="c-1", before=third) == [second]
    start = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert ids(since=start.replace(hour=13), until=start.replace(hour=14)) == [second]
    assert ids(limit=1) == [third]


def test_refused_change_is_marked_as_such(store: DialogStore) -> None:
    number = store.note(Doing("key", "dialog.take", dialog_id="d-1", details={"a": 1}))
    store.note_refused(number, "dialog_taken")
    (line,) = store.trail()
    assert line["details"] == {"a": 1, "refused": "dialog_taken"}
    store.note_refused(number + 1, "deleted since")
