"""One history per customer: whose dialogs are whose, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.domain import Customer, IncomingMessage, Owner
from assistant.errors import NotFoundError, OtherCustomerError
from assistant.store.dialogs import DialogStore
from tests.assistant.conftest import handoff_to, post
from tests.conftest import Clock


def write(
    store: DialogStore,
    text: str = "вопрос",
    dialog_id: str | None = None,
    *,
    channel: str = "web",
    message_id: str | None = None,
    **customer: object,
) -> str:
    """A customer's message that is answered; returns the id of its dialog."""
    told = Customer(**customer)  # type: ignore[arg-type]
    incoming = IncomingMessage(
        text=text, dialog_id=dialog_id, channel=channel, customer=told, message_id=message_id
    )
    received = store.receive(incoming, text, "ru")
    if received.reply is None:
        post(store, received)
    return received.dialog.dialog_id


def event_types(store: DialogStore, dialog_id: str) -> list[str]:
    return [row["type"] for row in store.export_customer("c-1")["events"]
            if row["dialog_id"] == dialog_id]  # fmt: skip


def test_later_message_adds_what_is_new_and_takes_nothing_away(store: DialogStore) -> None:
    dialog_id = write(store, name="Анна", attributes={"город": "Казань", "заказ": "1"})
    write(store, "ещё", dialog_id, id="c-1", segment="vip", attributes={"заказ": "2", "город": ""})
    write(store, "и ещё", dialog_id)
    assert store.dialog(dialog_id).customer == Customer(
        id="c-1", name="Анна", segment="vip", attributes={"город": "Казань", "заказ": "2"}
    )


def test_customer_is_one_on_all_channels(store: DialogStore, clock: Clock) -> None:
    web = write(store, "с сайта", id="c-1", name="Анна")
    clock.turn(hours=1)
    telegram = write(store, "из телеграма", channel="telegram", id="c-1")
    write(store, "чужой", id="c-2")
    found = store.customer("c-1")
    assert [row["dialog_id"] for row in found["dialogs"]] == [telegram, web]
    assert (found["customer"]["name"], found["dialogs_total"]) == ("Анна", 2)
    (earlier,) = store.previous_dialogs(telegram)
    assert (earlier["dialog_id"], earlier["channel"]) == (web, "web")
    assert earlier["last_question"] == "с сайта"


def test_nobody_knows_a_customer_who_never_wrote(store: DialogStore) -> None:
    write(store)
    with pytest.raises(NotFoundError):
        store.customer("c-1")


def test_dialog_without_any_id_has_no_history(store: DialogStore) -> None:
    write(store)
    assert store.previous_dialogs(write(store)) == []


def test_visitor_who_signs_in_takes_all_his_dialogs_with_him(
    store: DialogStore, clock: Clock
) -> None:
    first = write(store, "до входа", anonymous_id="v-1")
    clock.turn(minutes=1)
    second = write(store, "тоже до", anonymous_id="v-1", channel="telegram")
    stranger = write(store, "другой", anonymous_id="v-2")
    write(store, "вошла", second, id="c-1", name="Анна")
    assert {row["dialog_id"] for row in store.customer("c-1")["dialogs"]} == {first, second}
    assert store.dialog(first).customer.id == "c-1"
    assert store.dialog(stranger).customer.id is None
    for dialog_id in (first, second):
        assert event_types(store, dialog_id).count("customer.identified") == 1


def test_visitor_may_sign_in_with_the_first_message_of_a_new_dialog(store: DialogStore) -> None:
    before = write(store, "до входа", anonymous_id="v-1")
    after = write(store, "после", id="c-1", anonymous_id="v-1")
    assert {row["dialog_id"] for row in store.customer("c-1")["dialogs"]} == {before, after}


def test_second_customer_on_the_device_gets_nothing_of_the_first(store: DialogStore) -> None:
    write(store, "первая", anonymous_id="v-1", id="c-1")
    between = write(store, "вышла из аккаунта", anonymous_id="v-1")
    own = write(store, "второй", anonymous_id="v-1", id="c-2")
    assert [row["dialog_id"] for row in store.customer("c-2")["dialogs"]] == [own]
    assert store.dialog(between).customer.id is None
    assert store.previous_dialogs(own) == []


def test_dialog_in_which_the_second_customer_signs_in_is_his_alone(store: DialogStore) -> None:
    write(store, "первая", anonymous_id="v-1", id="c-1")
    shared = write(store, "уже второй", anonymous_id="v-1")
    write(store, "вошёл", shared, id="c-2")
    assert store.dialog(shared).customer.id == "c-2"
    assert len(store.customer("c-1")["dialogs"]) == 1


def test_message_with_another_customers_id_is_refused_and_not_kept(store: DialogStore) -> None:
    dialog_id = write(store, id="c-1")
    write(store, "гость", anonymous_id="v-9")
    with pytest.raises(OtherCustomerError):
        write(store, "чужое", dialog_id, id="c-2", name="Пётр", anonymous_id="v-9")
    assert [line["text"] for line in store.view(dialog_id)["messages"]] == ["вопрос", "ответ"]
    with pytest.raises(NotFoundError):
        store.customer("c-2")


def test_retry_with_another_customers_id_is_refused_too(store: DialogStore) -> None:
    dialog_id = write(store, dialog_id="d-1", message_id="m-1", id="c-1")
    with pytest.raises(OtherCustomerError):
        write(store, dialog_id=dialog_id, message_id="m-1", id="c-2")


def test_signing_in_twice_changes_nothing_more(store: DialogStore) -> None:
    dialog_id = write(store, anonymous_id="v-1")
    for number in range(2):
        write(store, f"вошла {number}", dialog_id, id="c-1")
    assert event_types(store, dialog_id).count("customer.identified") == 1


def test_of_many_who_sign_in_at_once_one_gets_the_visitors_dialogs(store: DialogStore) -> None:
    before = {write(store, f"до входа {number}", anonymous_id="v-1") for number in range(5)}
    with ThreadPoolExecutor(8) as pool:
        own = list(pool.map(lambda n: write(store, "я", id=f"c-{n}", anonymous_id="v-1"), range(8)))
    owners = {store.dialog(dialog_id).customer.id for dialog_id in before}
    assert len(owners) == 1
    assert owners < {store.dialog(dialog_id).customer.id for dialog_id in own}


def test_one_customer_who_signs_in_in_all_his_dialogs_at_once(store: DialogStore) -> None:
    opened = [write(store, f"до входа {number}", anonymous_id="v-1") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda dialog_id: write(store, "вошла", dialog_id, id="c-1"), opened))
    assert {row["dialog_id"] for row in store.customer("c-1")["dialogs"]} == set(opened)
    for dialog_id in opened:
        assert event_types(store, dialog_id).count("customer.identified") == 1


def test_visitor_is_looked_up_by_his_anonymous_id_until_he_signs_in(store: DialogStore) -> None:
    dialog_id = write(store, anonymous_id="v-1")
    other = write(store, anonymous_id="v-1")
    assert store.customer("v-1")["customer_id"] is None
    assert [row["dialog_id"] for row in store.previous_dialogs(dialog_id)] == [other]
    write(store, "вошла", dialog_id, id="c-1")
    with pytest.raises(NotFoundError):
        store.customer("v-1")


def test_previous_dialog_tells_how_it_ended(store: DialogStore, clock: Clock) -> None:
    incoming = IncomingMessage(text="зовите", customer=Customer(id="c-1"))
    handed_over = store.receive(incoming, "зовите", "ru")
    post(store, handed_over, owner=Owner.WAITING, handoff=handoff_to())
    dialog_id = handed_over.dialog.dialog_id
    store.resolve(dialog_id, "op-1")
    store.rate(dialog_id, 4, None)
    clock.turn(hours=1)
    (row,) = store.previous_dialogs(write(store, id="c-1"))
    assert (row["owner"], row["handoff_reason"]) == ("closed", "customer_request")
    assert row["csat"]["score"] == 4
    assert row["resolved_at"]
    assert row["ticket"] is None


def test_operators_list_shows_one_customer(store: DialogStore) -> None:
    own = write(store, id="c-1")
    write(store, id="c-2")
    rows = store.listing(None, None, None, 10, customer_id="c-1")
    assert [row["dialog_id"] for row in rows] == [own]


def test_all_of_a_long_dialog_is_looked_through(store: DialogStore, clock: Clock) -> None:
    write(store, "мой телефон +7 916 123-45-67", id="c-1")
    clock.turn(minutes=1)
    latest = write(store, "где заказ 55555?", id="c-1")
    for number in range(100):
        write(store, f"вопрос {number}", dialog_id=latest, id="c-1")
    texts = [words.text for words in store.said_by_customer(latest)]
    assert (texts[0], texts[-2:]) == (
        "вопрос 99",
        ["где заказ 55555?", "мой телефон +7 916 123-45-67"],
    )


def test_what_he_wrote_comes_newest_first_from_all_his_dialogs(
    store: DialogStore, clock: Clock
) -> None:
    write(store, "мой телефон +7 916 123-45-67", id="c-1")
    clock.turn(hours=1)
    latest = write(store, "заказ 10432", id="c-1", channel="telegram")
    write(store, "чужое", id="c-2")
    said = store.said_by_customer(latest)
    assert [words.text for words in said] == ["заказ 10432", "мой телефон +7 916 123-45-67"]
    assert [words.channel for words in said] == ["telegram", "web"]
    assert store.said_by("c-1") == said
