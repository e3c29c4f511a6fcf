"""How a customer can be reached: asked once, noted, shown to the operator alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.contacts import Contacts, noted, shown
from assistant.domain import Action, Contact, ContactKind, Customer, IncomingMessage, Owner, Turn
from assistant.pipeline import Assistant
from assistant.privacy.masker import Masker
from assistant.replies import Outcome
from assistant.store.dialogs import DialogStore
from prompts.loader import LANGUAGES, phrases
from tests.assistant.conftest import (
    ANNA,
    Decide,
    ask,
    document,
    handoff_to,
    post,
    said,
    turn_of_bot,
    turn_of_customer,
    waiting_dialog,
)

PHONE, EMAIL = ContactKind.PHONE, ContactKind.EMAIL
RU, EN = phrases("ru"), phrases("en")
CALL = "позовите оператора"


@pytest.fixture(scope="module")
def contacts() -> Contacts:
    return Contacts(Masker())


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("+7 916 123-45-67", PHONE, "+7 916 123-45-67"),
        ("звоните на 8916 123 45 67", PHONE, "8916 123 45 67"),
        ("Мой телефон 89161234567", PHONE, "89161234567"),
        ("почта ivan@mail.ru", EMAIL, "ivan@mail.ru"),
        ("мне на ivan собака mail.ru", EMAIL, "ivan собака mail.ru"),
        ("call me at +44 20 7946 0958", PHONE, "+44 20 7946 0958"),
        ("my e-mail is ivan@example.com", EMAIL, "ivan@example.com"),
        ("Меня зовут Анна, перезвоните после шести: +7 916 123-45-67", PHONE, "+7 916 123-45-67"),
        ("не звоните на 8916 123 45 67, звоните на 8917 123 45 67", PHONE, "8917 123 45 67"),
        ("мой номер 89161234567 больше не работает, новый 89171234567", PHONE, "89171234567"),
        ("почему не звоните на 8916 123 45 67", PHONE, "8916 123 45 67"),
        ("Кто мне ответит, мой телефон 89161234567", PHONE, "89161234567"),
        ("why don't you call me at +44 20 7946 0958", PHONE, "+44 20 7946 0958"),
        ("don't call me, email me at ivan@example.com", EMAIL, "ivan@example.com"),
        ("Заказ 88213 пришёл битым, телефон: +7 916 123-45-67", PHONE, "+7 916 123-45-67"),
    ],
)
def test_contact_that_is_left_is_found_as_it_was_typed(
    contacts: Contacts, text: str, kind: ContactKind, value: str
) -> None:
    assert contacts.left_in(text) == Contact(kind, value)


@pytest.mark.parametrize(
    "text",
    [
        "курьер звонил с номера +7 916 123-45-67 и нагрубил",
        "это не мой номер +7 916 123-45-67",
        "ваш телефон +7 495 123-45-67 не отвечает",
        "письмо пришло с адреса promo@shop.example, это вы?",
        "позвоните курьеру +7 916 123-45-67, он не отвечает",
        "свяжитесь с ним: +7 916 123-45-67, он получатель",
        "is your number +44 20 7946 0958 working today",
        "не звоните на 8916 123 45 67",
        "Пожалуйста, не звоните мне больше на 8916 123 45 67",
        "не пишите на old@mail.ru",
        "мой номер +7 916 123-45-67 больше не работает",
        "мой старый телефон +7 916 123-45-67",
        "Why did you call me from +44 20 7946 0958?",
        "почему мне позвоните с +7 916 123-45-67?",
        "don't call me at +44 20 7946 0958",
        "my number +44 20 7946 0958 is no longer in use",
        "заказ 88213",
        "8 800 555-35-35",
        "алло?",
        "",
    ],
)
def test_what_is_not_his_own_contact_is_none(contacts: Contacts, text: str) -> None:
    assert contacts.left_in(text) is None


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("+7 916 123-45-67", True),
        ("почта ivan@mail.ru, телефон +7 916 123-45-67", True),
        ("мой телефон +7 916 123-45-67, а сколько стоит доставка?", False),
        ("а вы звоните на +7 916 123-45-67?", False),
        ("позвоните", False),
    ],
)
def test_message_that_asks_something_too_is_more_than_a_contact(
    contacts: Contacts, text: str, alone: bool
) -> None:
    assert contacts.leaves_only_that(text) is alone


@pytest.mark.parametrize(
    ("attributes", "kind", "value"),
    [
        ({"phone": "+7 916 123-45-67"}, PHONE, "+7 916 123-45-67"),
        ({"Phone_Number": 79161234567}, PHONE, "79161234567"),
        ({"телефон": "8 (916) 123-45-67"}, PHONE, "8 (916) 123-45-67"),
        ({"e-mail": "Ivan <ivan@mail.ru>"}, EMAIL, "ivan@mail.ru"),
        ({"phone": "", "email": "ivan@mail.ru"}, EMAIL, "ivan@mail.ru"),
    ],
)
def test_contact_that_the_caller_tells_is_known(
    contacts: Contacts, attributes: dict[str, object], kind: ContactKind, value: str
) -> None:
    assert contacts.known(Customer(attributes=attributes), []) == Contact(kind, value)


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"phone": None},
        {"phone": "unknown"},
        {"phone": True},
        {"phone": ["+79161234567"]},
        {"email": "no"},
        {"last_order": "89161234567"},
        {"manager_email": "boss@shop.example"},
    ],
)
def test_attribute_that_holds_no_contact_of_his_is_none(
    contacts: Contacts, attributes: dict[str, object]
) -> None:
    assert contacts.known(Customer(attributes=attributes), []) is None


def test_contact_that_was_left_last_is_the_one(contacts: Contacts) -> None:
    known = Customer(attributes={"phone": "+79990000000"})
    typed = ["+7 916 123-45-67", "почта ivan@mail.ru", "жду"]
    assert contacts.known(known, typed) == Contact(EMAIL, "ivan@mail.ru")
    assert contacts.known(known, []) == Contact(PHONE, "+79990000000")


@pytest.mark.parametrize(
    ("contact", "told"),
    [
        (Contact(PHONE, "+7 916 123-45-67"), "•••• 45-67"),
        (Contact(PHONE, "8(916)1234567"), "•••• 45-67"),
        (Contact(EMAIL, "Ivan.Petrov@mail.ru"), "i••••@mail.ru"),
        (Contact(EMAIL, "ivan собака mail.ru"), "i••••@mail.ru"),
    ],
)
def test_contact_is_repeated_masked(contact: Contact, told: str) -> None:
    assert shown(contact) == told
    for lang in LANGUAGES:
        assert told in noted(contact, phrases(lang))
        assert contact.value not in noted(contact, phrases(lang))


# --- what is decided -----------------------------------------------------------------------------


def handed(decide: Decide, text: str = CALL, **around: object) -> tuple[Outcome, list[Turn]]:
    """A handoff that nobody can take, and the dialog after it."""
    outcome = decide(text, **around)
    assert outcome.action is Action.HANDOFF
    return outcome, [turn_of_customer(text), turn_of_bot(said(outcome), Action.HANDOFF)]


@pytest.mark.parametrize(("text", "say"), [(CALL, RU), ("I want to talk to a human", EN)])
def test_handoff_that_nobody_can_take_asks_for_a_contact_and_for_questions(
    decide: Decide, text: str, say: object
) -> None:
    told = said(handed(decide, text)[0])
    assert say.say("contact_offer") in told  # type: ignore[attr-defined]
    assert say.say("contact_ask_meanwhile") in told  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "around",
    [
        {"customer": Customer(attributes={"phone": "+79161234567"})},
        {"history": [turn_of_customer("я Иван, +7 916 123-45-67, где заказ?")]},
        {"text": "позовите оператора, мой телефон +7 916 123-45-67"},
    ],
    ids=["told by the caller", "typed before", "typed now"],
)
def test_known_contact_is_not_asked_for(decide: Decide, around: dict) -> None:
    told = said(handed(decide, **around)[0])
    assert RU.say("contact_offer") not in told
    assert RU.say("contact_ask_meanwhile") in told


def test_contact_in_the_very_call_is_noted_and_goes_with_the_handoff(decide: Decide) -> None:
    outcome, _ = handed(decide, "позовите оператора, мой телефон +7 916 123-45-67")
    assert outcome.contact == Contact(PHONE, "+7 916 123-45-67")
    assert "•••• 45-67" in said(outcome)


def test_contact_that_the_caller_tells_goes_with_the_handoff_unsaid(decide: Decide) -> None:
    known = replace(ANNA, attributes={"email": "anna@mail.ru"})
    outcome, _ = handed(decide, customer=known)
    assert outcome.contact == Contact(EMAIL, "anna@mail.ru")
    assert "mail.ru" not in said(outcome)


def test_danger_is_not_told_of_contacts_and_questions(decide: Decide) -> None:
    told = said(decide("у меня дома пахнет газом"))
    assert "112" in told
    assert RU.say("contact_offer") not in told
    assert RU.say("contact_ask_meanwhile") not in told


@pytest.mark.parametrize(
    "text", ["алло?", "оператора!", "долго ещё ждать?", "call an operator", "hello?"]
)
def test_contact_is_asked_for_once_in_whatever_language(decide: Decide, text: str) -> None:
    _, history = handed(decide)
    told = said(decide(text, owner=Owner.WAITING, history=history))
    for say in (RU, EN):
        assert say.say("contact_offer") not in told
        assert say.say("contact_ask_meanwhile") not in told


@pytest.mark.parametrize(
    ("text", "phrase", "value"),
    [
        ("+7 916 123-45-67", "contact_noted_phone", "•••• 45-67"),
        ("почта ivan@mail.ru", "contact_noted_email", "i••••@mail.ru"),
        ("звоните на 89161234567", "contact_noted_phone", "•••• 45-67"),
    ],
)
def test_contact_that_is_left_is_acknowledged_and_nothing_else_is_said(
    decide: Decide, text: str, phrase: str, value: str
) -> None:
    _, history = handed(decide)
    outcome = decide(text, owner=Owner.WAITING, history=history)
    assert said(outcome) == RU.say(phrase, value=value)
    assert (outcome.action, outcome.owner) == (Action.ACKNOWLEDGE, Owner.WAITING)


def test_question_beside_a_contact_is_answered_too(decide: Decide) -> None:
    _, history = handed(decide)
    text = "мой телефон +7 916 123-45-67. Как удалить аккаунт?"
    outcome = decide(text, owner=Owner.WAITING, history=history)
    assert outcome.contact == Contact(PHONE, "+7 916 123-45-67")
    assert said(outcome).endswith(RU.say("contact_noted_phone", value="•••• 45-67"))
    assert len(said(outcome)) > len(RU.say("contact_noted_phone", value="•••• 45-67")) + 20


def test_number_that_nobody_waits_with_is_no_contact(decide: Decide) -> None:
    outcome = decide("Как удалить аккаунт? Мой телефон +7 916 123-45-67")
    assert outcome.action is Action.ANSWER
    assert outcome.contact is None


# --- what is kept --------------------------------------------------------------------------------


def leave(store: DialogStore, dialog_id: str, contact: dict, owner: Owner = Owner.WAITING) -> None:
    received = ask(store, "телефон", dialog_id)
    turn = received.turn or store.take_turn(dialog_id)
    assert turn is not None
    store.post_reply(
        turn,
        document(received, Action.ACKNOWLEDGE),
        new_owner=owner,
        handoff=None,
        silent_reply=document(received, Action.SILENT),
        contact=contact,
    )


CONTACT = {"kind": "phone", "value": "+7 916 123-45-67"}


def test_contact_is_kept_with_the_handoff_and_changes_nothing_else_of_it(
    store: DialogStore,
) -> None:
    dialog_id = waiting_dialog(store, "complaints")
    before = store.view(dialog_id)["handoff"]
    leave(store, dialog_id, CONTACT)
    assert store.view(dialog_id)["handoff"] == before | {"contact": CONTACT}
    assert store.dialog(dialog_id).queue == "complaints"


def test_newer_contact_replaces_the_one_before(store: DialogStore) -> None:
    dialog_id = waiting_dialog(store)
    leave(store, dialog_id, CONTACT)
    leave(store, dialog_id, CONTACT | {"value": "+7 999 000-00-00"})
    assert store.view(dialog_id)["handoff"]["contact"]["value"] == "+7 999 000-00-00"


def test_contact_left_while_an_operator_takes_the_dialog_is_kept(store: DialogStore) -> None:
    dialog_id = waiting_dialog(store)
    received = ask(store, "телефон", dialog_id)
    turn = received.turn
    assert turn is not None
    store.take(dialog_id, "op-1", "Ольга")
    store.post_reply(
        turn,
        document(received, Action.ACKNOWLEDGE),
        new_owner=Owner.WAITING,
        handoff=None,
        silent_reply=document(received, Action.SILENT),
        contact=CONTACT,
    )
    assert store.view(dialog_id)["handoff"]["contact"] == CONTACT
    assert store.view(dialog_id)["messages"][-1]["author"]["kind"] == "customer"


def test_dialog_opened_anew_has_no_contact_of_the_old_handoff(store: DialogStore) -> None:
    dialog_id = waiting_dialog(store)
    leave(store, dialog_id, CONTACT)
    store.resolve(dialog_id, "op-1")
    store.reopen(dialog_id, "op-1")
    assert store.view(dialog_id)["handoff"] is None


def test_contact_without_a_handoff_is_nowhere_kept(store: DialogStore) -> None:
    received = ask(store)
    post(store, received)
    dialog_id = received.dialog.dialog_id
    leave(store, dialog_id, CONTACT, Owner.BOT)
    assert store.view(dialog_id)["handoff"] is None


def test_event_of_a_handoff_says_nothing_of_the_contact(store: DialogStore) -> None:
    received = ask(store)
    post(store, received, owner=Owner.WAITING, handoff=handoff_to() | {"contact": CONTACT})
    told = [row.payload for row in events_of(store) if row.type == "handoff.requested"]
    assert len(told) == 1
    assert "contact" not in told[0]
    assert store.view(received.dialog.dialog_id)["handoff"]["contact"] == CONTACT


def events_of(store: DialogStore) -> list:
    from sqlalchemy import select

    from assistant.store.tables import events

    with store._database.reading() as connection:
        return list(connection.execute(select(events).order_by(events.c.id)))


def test_whole_walk_from_the_call_to_the_contact_in_the_operators_view(street: Assistant) -> None:
    street.reply(IncomingMessage(CALL, dialog_id="d-a"))
    told = street.reply(IncomingMessage("+7 916 123-45-67", dialog_id="d-a")).document
    assert "•••• 45-67" in told["reply"]["text"]
    assert told["handoff"] is None
    assert street.store.view("d-a")["handoff"]["contact"] == CONTACT
    pressed = street.call_a_person("d-a")
    assert RU.say("contact_offer") not in pressed["reply"]["text"]
    assert street.store.view("d-a")["handoff"]["contact"] == CONTACT
