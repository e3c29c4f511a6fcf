"""Tickets: one open a dialog, allowed moves, news told once; on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from assistant.care import CONTACTS_PER_DAY
from assistant.domain import Owner
from assistant.errors import BadInputError, NotFoundError, TicketMoveError, TicketOpenError
from assistant.store.dialogs import DialogStore
from assistant.ticket_news import TicketNews
from assistant.tickets import MOVES, HandoffTicket, TicketStatus
from tests.assistant.conftest import ask, document, handoff_to, post, waiting_dialog
from tests.conftest import Clock

NEWS = TicketNews(ZoneInfo("Europe/Moscow"))
TWO_OCLOCK = datetime(2026, 12, 2, 11, tzinfo=UTC)
TO_HANDOFF = HandoffTicket("где заказ", lambda number: f"Ваш номер {number}.")


@pytest.fixture
def dialog_id(store: DialogStore) -> str:
    """A dialog of the bot."""
    received = ask(store, "где заказ")
    post(store, received)
    return received.dialog.dialog_id


def open_one(store: DialogStore, dialog_id: str, **fields: Any) -> dict[str, Any]:
    given = {"subject": "посылка", "expected_at": None, "operator_id": "op-1", **fields}
    return store.open_ticket(dialog_id, news=NEWS, **given)


def change(store: DialogStore, ticket: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return store.change_ticket(ticket["ticket_id"], who="op-1", news=NEWS, **fields)


def news_of(store: DialogStore, dialog_id: str) -> list[str]:
    lines = store.view(dialog_id)["messages"]
    return [line["text"] for line in lines if line["purpose"] == "news"]


def test_customer_is_told_the_number_of_his_new_ticket(store: DialogStore, dialog_id: str) -> None:
    ticket = open_one(store, dialog_id, expected_at=TWO_OCLOCK)
    assert news_of(store, dialog_id) == [
        f"Обращение № {ticket['number']}: принято. Ожидаемый срок — до 14:00 по Москве, 2 декабря."
    ]
    assert store.ticket_of(dialog_id) == {k: v for k, v in ticket.items() if k != "changes"}
    assert store.open_ticket_number(dialog_id) == str(ticket["number"])


def test_news_is_signed_as_the_bots_and_offers_a_person(store: DialogStore, dialog_id: str) -> None:
    open_one(store, dialog_id)
    said = store.view(dialog_id)["messages"][-1]
    assert said["author"]["kind"] == "bot"
    assert said["author"]["disclosure"]
    assert [button["id"] for button in said["quick_replies"]] == ["handoff"]
    assert store.dialog(dialog_id).owner is Owner.BOT


def test_numbers_grow_by_one_and_are_never_given_again(store: DialogStore) -> None:
    from assistant.store.audit import Doing

    first = open_one(store, waiting_dialog(store))
    second = open_one(store, waiting_dialog(store))
    assert second["number"] == first["number"] + 1
    store.delete_dialog(second["dialog_id"], Doing("key", "dialog.delete"))
    assert open_one(store, waiting_dialog(store))["number"] == second["number"] + 1


def test_many_tickets_at_once_get_numbers_of_their_own(store: DialogStore) -> None:
    opened = [waiting_dialog(store) for _ in range(12)]
    with ThreadPoolExecutor(6) as pool:
        numbers = [row["number"] for row in pool.map(lambda one: open_one(store, one), opened)]
    assert sorted(numbers) == list(range(min(numbers), min(numbers) + 12))


def test_dialog_has_one_open_ticket_at_most(store: DialogStore, dialog_id: str) -> None:
    ticket = open_one(store, dialog_id)
    with pytest.raises(TicketOpenError, match=str(ticket["number"])):
        open_one(store, dialog_id)
    change(store, ticket, status=TicketStatus.SOLVED)
    newer = open_one(store, dialog_id)
    with pytest.raises(TicketOpenError, match=str(newer["number"])):
        change(store, ticket, status=TicketStatus.IN_PROGRESS)


def test_two_operators_who_open_a_ticket_at_once_open_one(
    store: DialogStore, dialog_id: str
) -> None:
    def attempt(_: int) -> bool:
        try:
            open_one(store, dialog_id)
        except TicketOpenError:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(6))) == 1
    assert len(store.tickets(None, 0, 10)) == 1


@pytest.mark.parametrize("before", TicketStatus)
@pytest.mark.parametrize("after", TicketStatus)
def test_only_moves_of_the_table_are_made(
    store: DialogStore, dialog_id: str, before: TicketStatus, after: TicketStatus
) -> None:
    ticket = open_one(store, dialog_id)
    change(store, ticket, status=before)
    if after is before or after in MOVES[before]:
        assert change(store, ticket, status=after)["status"] == after
    else:
        with pytest.raises(TicketMoveError):
            change(store, ticket, status=after)
        assert store.ticket(ticket["ticket_id"])["status"] == before


def test_change_of_status_or_time_is_told_once(store: DialogStore, dialog_id: str) -> None:
    ticket = open_one(store, dialog_id)
    for _ in range(2):
        change(store, ticket, status=TicketStatus.IN_PROGRESS, expected_at=TWO_OCLOCK)
    number = ticket["number"]
    assert news_of(store, dialog_id)[1:] == [
        f"Обращение № {number}: в работе. Ожидаемый срок — до 14:00 по Москве, 2 декабря."
    ]
    assert len(store.ticket(str(number))["changes"]) == 2
    change(store, ticket, expected_at=None)
    assert news_of(store, dialog_id)[-1] == f"Обращение № {number}: в работе."


def test_note_is_kept_and_not_told(store: DialogStore, dialog_id: str) -> None:
    ticket = open_one(store, dialog_id)
    before = news_of(store, dialog_id)
    for _ in range(2):
        changed = change(store, ticket, note="ждём склад")
    assert news_of(store, dialog_id) == before
    assert [row["note"] for row in changed["changes"]] == [None, "ждём склад"]


def test_expected_time_without_a_zone_is_refused(store: DialogStore, dialog_id: str) -> None:
    with pytest.raises(BadInputError, match="zone"):
        open_one(store, dialog_id, expected_at=datetime(2026, 12, 2, 14))
    assert store.ticket_of(dialog_id) is None


def test_english_customer_is_told_in_english(store: DialogStore) -> None:
    from assistant.domain import IncomingMessage

    received = store.receive(IncomingMessage(text="hello"), "hello", "en")
    ticket = open_one(store, received.dialog.dialog_id, expected_at=TWO_OCLOCK)
    assert news_of(store, received.dialog.dialog_id) == [
        f"Request no. {ticket['number']}: received. "
        "We expect to be done by 14:00 (Moscow time) on 2 December."
    ]


def spend_budget(store: DialogStore, ticket: dict[str, Any]) -> None:
    """Tell so much that nothing more may be told today."""
    for number in range(CONTACTS_PER_DAY - 1):
        status = TicketStatus.IN_PROGRESS if number % 2 == 0 else TicketStatus.OPEN
        change(store, ticket, status=status)


def test_news_waits_for_the_next_day_when_the_budget_is_spent(
    store: DialogStore, dialog_id: str, clock: Clock
) -> None:
    ticket = open_one(store, dialog_id)
    spend_budget(store, ticket)
    told = news_of(store, dialog_id)
    change(store, ticket, status=TicketStatus.IN_PROGRESS)
    change(store, ticket, status=TicketStatus.WAITING_CUSTOMER)
    assert store.tell_ticket_news(NEWS) == 0
    assert news_of(store, dialog_id) == told
    clock.turn(hours=24)
    assert store.tell_ticket_news(NEWS) == 1
    assert news_of(store, dialog_id) == [
        *told,
        f"Обращение № {ticket['number']}: ждёт вашего ответа.",
    ]
    assert all(row["told_at"] for row in store.ticket(ticket["ticket_id"])["changes"])
    assert store.tell_ticket_news(NEWS) == 0


def test_waiting_news_is_told_once_though_several_look_at_once(
    store: DialogStore, dialog_id: str, clock: Clock
) -> None:
    ticket = open_one(store, dialog_id)
    spend_budget(store, ticket)
    change(store, ticket, status=TicketStatus.WAITING_CUSTOMER)
    before = len(news_of(store, dialog_id))
    clock.turn(hours=24)
    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(lambda _: store.tell_ticket_news(NEWS), range(6))) == 1
    assert len(news_of(store, dialog_id)) == before + 1


@pytest.mark.parametrize("last", [TicketStatus.SOLVED, TicketStatus.CLOSED])
@pytest.mark.parametrize("by_a_person", [False, True])
def test_last_word_of_a_ticket_is_told_past_the_budget(
    store: DialogStore, dialog_id: str, last: TicketStatus, by_a_person: bool
) -> None:
    ticket = open_one(store, dialog_id)
    spend_budget(store, ticket)
    change(store, ticket, status=TicketStatus.WAITING_CUSTOMER)
    if by_a_person:
        store.take(dialog_id, "op-1", "Ольга")
    before = len(news_of(store, dialog_id))
    change(store, ticket, status=last)
    assert len(news_of(store, dialog_id)) == before + 1
    assert store.tell_ticket_news(NEWS) == 0


def test_number_of_a_new_ticket_is_told_past_the_budget(store: DialogStore, dialog_id: str) -> None:
    ticket = open_one(store, dialog_id)
    spend_budget(store, ticket)
    change(store, ticket, status=TicketStatus.CLOSED)
    newer = open_one(store, dialog_id)
    assert news_of(store, dialog_id)[-1] == f"Обращение № {newer['number']}: принято."


def test_change_that_was_taken_back_before_it_was_told_is_no_news(
    store: DialogStore, dialog_id: str, clock: Clock
) -> None:
    ticket = open_one(store, dialog_id)
    spend_budget(store, ticket)
    told = news_of(store, dialog_id)
    for status in (TicketStatus.IN_PROGRESS, TicketStatus.OPEN):
        change(store, ticket, status=status)
    clock.turn(hours=24)
    assert store.tell_ticket_news(NEWS) == 0
    assert news_of(store, dialog_id) == told
    change(store, ticket, status=TicketStatus.IN_PROGRESS)
    assert news_of(store, dialog_id)[-1].endswith(": в работе.")


def test_expected_time_that_has_passed_is_refused(
    store: DialogStore, dialog_id: str, clock: Clock
) -> None:
    passed = clock.now - timedelta(minutes=1)
    with pytest.raises(BadInputError, match=r"expected_at: 2026-03-02T11:59"):
        open_one(store, dialog_id, expected_at=passed)
    ticket = open_one(store, dialog_id, expected_at=TWO_OCLOCK)
    with pytest.raises(BadInputError, match="expected_at"):
        change(store, ticket, expected_at=passed)
    clock.now = TWO_OCLOCK + timedelta(hours=1)
    assert change(store, ticket, expected_at=TWO_OCLOCK)["expected_at"] == ticket["expected_at"]


def test_expected_time_that_passed_before_it_could_be_told_is_not_told(
    store: DialogStore, dialog_id: str, clock: Clock
) -> None:
    ticket = open_one(store, dialog_id)
    spend_budget(store, ticket)
    soon = clock.now + timedelta(hours=2)
    change(store, ticket, status=TicketStatus.IN_PROGRESS, expected_at=soon)
    clock.turn(hours=24)
    assert store.tell_ticket_news(NEWS) == 1
    assert news_of(store, dialog_id)[-1] == f"Обращение № {ticket['number']}: в работе."


def test_number_stands_at_the_end_of_the_first_paragraph(store: DialogStore) -> None:
    received = ask(store, "где заказ")
    assert received.turn is not None
    handoff = handoff_to()
    posted = store.post_reply(
        received.turn,
        document(received, text="Зову оператора.\n\nОставьте телефон.") | {"handoff": handoff},
        new_owner=Owner.WAITING,
        handoff=handoff,
        silent_reply={},
        ticket=TO_HANDOFF,
    )
    assert posted is not None
    number = posted["handoff"]["ticket_number"]
    assert posted["reply"]["text"] == (f"Зову оператора. Ваш номер {number}.\n\nОставьте телефон.")


def test_while_a_person_has_the_dialog_the_news_is_his(store: DialogStore, dialog_id: str) -> None:
    store.take(dialog_id, "op-7", "Ольга")
    open_one(store, dialog_id)
    said = store.view(dialog_id)["messages"][-1]
    assert (said["author"]["kind"], said["author"]["name"]) == ("human", "Ольга")
    assert said["author"]["disclosure"] is None
    assert said["purpose"] == "news"


def test_news_does_not_open_a_closed_dialog(store: DialogStore, dialog_id: str) -> None:
    ticket = open_one(store, dialog_id)
    store.resolve(dialog_id, "op-1")
    change(store, ticket, status=TicketStatus.SOLVED)
    assert store.dialog(dialog_id).owner is Owner.CLOSED
    assert len(news_of(store, dialog_id)) == 2


def test_handoff_names_the_ticket_that_it_opens(store: DialogStore) -> None:
    received = ask(store, "где заказ")
    assert received.turn is not None
    handoff = handoff_to()
    posted = store.post_reply(
        received.turn,
        document(received) | {"handoff": handoff},
        new_owner=Owner.WAITING,
        handoff=handoff,
        silent_reply={},
        ticket=TO_HANDOFF,
    )
    assert posted is not None
    ticket = store.ticket_of(received.dialog.dialog_id)
    assert ticket is not None
    assert posted["reply"]["text"] == f"ответ Ваш номер {ticket['number']}."
    assert posted["handoff"]["ticket_number"] == ticket["number"]
    assert store.view(received.dialog.dialog_id)["messages"][-1]["text"].endswith(
        f"{ticket['number']}."
    )
    assert (ticket["subject"], ticket["opened_by"]) == ("где заказ", "handoff")
    assert store.tell_ticket_news(NEWS) == 0


def test_handoff_of_a_dialog_with_an_open_ticket_names_that_one(
    store: DialogStore, dialog_id: str
) -> None:
    ticket = open_one(store, dialog_id)
    handoff = handoff_to()
    reply = {**document(ask(store, "ещё", dialog_id)), "handoff": handoff}
    posted = store.post_handoff(dialog_id, reply, handoff, TO_HANDOFF)
    assert posted["reply"]["text"].endswith(f"Ваш номер {ticket['number']}.")
    assert len(store.tickets(None, 0, 10)) == 1


def test_ticket_of_a_handoff_is_solved_with_its_dialog(store: DialogStore) -> None:
    dialog_id = ask(store, "где заказ").dialog.dialog_id
    handoff = handoff_to()
    reply = {**document(ask(store, "ещё", dialog_id)), "handoff": handoff}
    store.post_handoff(dialog_id, reply, handoff, TO_HANDOFF)
    store.take(dialog_id, "op-1", "Ольга")
    store.resolve(dialog_id, "op-1")
    ticket = store.ticket_of(dialog_id)
    assert ticket is not None
    assert ticket["status"] == "solved"
    for told in (1, 0):
        assert store.tell_ticket_news(NEWS) == told
    assert news_of(store, dialog_id) == [f"Обращение № {ticket['number']}: решено."]


def test_ticket_of_an_operator_outlives_the_closing_of_its_dialog(
    store: DialogStore, dialog_id: str
) -> None:
    open_one(store, dialog_id)
    store.resolve(dialog_id, "op-1")
    ticket = store.ticket_of(dialog_id)
    assert ticket is not None
    assert ticket["status"] == "open"


def test_expected_time_is_not_told_once_it_is_over(store: DialogStore, dialog_id: str) -> None:
    ticket = open_one(store, dialog_id, expected_at=TWO_OCLOCK)
    change(store, ticket, status=TicketStatus.SOLVED)
    assert news_of(store, dialog_id)[-1] == f"Обращение № {ticket['number']}: решено."


def test_handoff_that_a_person_forestalled_opens_no_ticket(store: DialogStore) -> None:
    received = ask(store)
    assert received.turn is not None
    store.take(received.dialog.dialog_id, "op-1", "Ольга")
    handoff = handoff_to()
    posted = store.post_reply(
        received.turn,
        document(received) | {"handoff": handoff},
        new_owner=Owner.WAITING,
        handoff=handoff,
        silent_reply=document(received) | {"reply": None},
        ticket=TO_HANDOFF,
    )
    assert posted is not None
    assert posted["reply"] is None
    assert store.ticket_of(received.dialog.dialog_id) is None


def test_many_handoffs_of_closed_dialogs_at_once_do_not_wait_for_each_other(
    store: DialogStore,
) -> None:
    opened = [waiting_dialog(store) for _ in range(8)]
    for dialog_id in opened:
        store.resolve(dialog_id, "op-1")
    handoff = handoff_to()

    def press(dialog_id: str) -> int:
        reply = {
            "reply": {"text": "зову", "author": {"name": "Бот", "disclosure": "Отвечает бот."},
                      "citations": [], "quick_replies": []},
            "action": "handoff",
            "handoff": handoff,
        }  # fmt: skip
        posted = store.post_handoff(dialog_id, reply, handoff, TO_HANDOFF)
        return int(posted["handoff"]["ticket_number"])

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(press, opened))) == 8


def test_tickets_are_listed_by_number_and_status(store: DialogStore) -> None:
    made = [open_one(store, waiting_dialog(store)) for _ in range(3)]
    change(store, made[1], status=TicketStatus.SOLVED)
    numbers = [row["number"] for row in made]
    assert [row["number"] for row in store.tickets(None, 0, 2)] == numbers[:2]
    assert [row["number"] for row in store.tickets(None, numbers[1], 9)] == numbers[2:]
    assert [row["number"] for row in store.tickets(TicketStatus.SOLVED, 0, 9)] == [numbers[1]]


@pytest.mark.parametrize("name", ["t-none", "999", "99999999999999999999", "²", ""])
def test_unknown_ticket_is_not_found(store: DialogStore, name: str) -> None:
    with pytest.raises(NotFoundError):
        store.ticket(name)
    with pytest.raises(NotFoundError):
        store.change_ticket(name, who="op-1", news=NEWS, status=TicketStatus.CLOSED)


def test_every_change_is_an_event(store: DialogStore, dialog_id: str) -> None:
    ticket = open_one(store, dialog_id)
    change(store, ticket, status=TicketStatus.SOLVED, note="секрет")
    from sqlalchemy import select

    from assistant.store.tables import events

    with store._database.reading() as connection:
        query = select(events.c.payload).where(events.c.type == "ticket.updated")
        told = list(connection.execute(query.order_by(events.c.id)).scalars())
    assert [(row["previous_status"], row["status"]) for row in told] == [
        (None, "open"),
        ("open", "solved"),
    ]
    assert "секрет" not in str(told)
