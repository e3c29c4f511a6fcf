"""A contact that a customer takes back counts no longer; a reproach takes nothing back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assistant.contacts import Contacts
from assistant.domain import NOBODY, Customer, Said
from assistant.known import find_known
from assistant.privacy.masker import Masker
from assistant.withdrawing import withdrawn_in

MASKER = Masker()
CONTACTS = Contacts(MASKER)
PHONE, OTHER = "+7 916 123-45-67", "+7 903 765-43-21"


def known(*texts: str) -> list[str]:
    """Values known after messages that came in this order."""
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    return [
        item.value
        for item in find_known([Said(text, "d", "web", now) for text in reversed(texts)], MASKER)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "передумал, не звоните",
        "Не надо мне звонить",
        "удалите мой телефон, пожалуйста",
        "звонить не нужно, напишите здесь",
        "сотрите мой номер",
        "please delete my phone number",
        "don't call me",
        "do not call me back, chat only",
        "no calls please",
        "delete my phone, don't call me",
        "нет, не звоните мне. лучше звоните маме",
        "не звоните мне больше никогда",
        "не звоните, лучше пишите сюда",
        "Пожалуйста, больше не звоните. Завтра приду сам",
        "телефон мой сотрите, пожалуйста",
        "сегодня же удалите мой номер телефона",
        "не используйте мой номер",
        "please remove the phone number from my profile",
        "no calls. I will write here tomorrow",
        "do not call my mobile",
        "don't call me on my number",
        "please don't call at all",
        "stop calling me",
    ],
)
def test_phone_is_taken_back_in_both_languages(text: str) -> None:
    assert withdrawn_in(text, ()) == {"phone"}
    assert known(f"мой телефон {PHONE}", text) == []
    assert CONTACTS.known(NOBODY, [f"мой телефон {PHONE}", text]) is None


@pytest.mark.parametrize(
    "text",
    [
        "удалите мою почту",
        "не пишите мне на почту",
        "please remove my email",
        "don't email me",
    ],
)
def test_mail_is_taken_back_and_the_phone_stays(text: str) -> None:
    given = f"почта ivan@mail.ru, телефон {PHONE}"
    assert withdrawn_in(text, ()) == {"email"}
    assert known(given, text) == [PHONE]


@pytest.mark.parametrize(
    "text",
    [
        "обещали перезвонить и не звоните",
        "почему вы не звоните?",
        "вы мне так и не звоните",
        "никто не звонит, сколько можно",
        "why don't you call me",
        "you don't call me back for a week",
        "как удалить аккаунт",
        "удалите номер заказа из истории",
        "не пишите ерунду",
        "how do I call you",
    ],
)
def test_reproach_and_other_matters_take_nothing_back(text: str) -> None:
    assert withdrawn_in(text, ()) == frozenset()
    assert known(f"мой телефон {PHONE}", text) == [PHONE]


@pytest.mark.parametrize(
    "text",
    [
        "не звоните после 18:00, я на работе",
        "звоните, но не звоните раньше 10 утра",
        "please don't call before noon, I work nights",
        "не звоните на домашний, только на мобильный",
        "Не перезванивайте в выходные",
        "don't call after 6 pm",
        "Позвоните завтра. Только не звоните ночью",
        "не звоните, пожалуйста, после восьми",
        "после 20.00 не звоните",
        "сегодня не звоните, я на операции",
        "не звоните, только вечером",
        "не звоните, пока не проверите склад",
        "не звоните в дверь, ребёнок спит",
        "оставьте у порога, без звонков в домофон",
        "не звоните моей жене",
        "don't call my wife",
        "no calls on weekends please",
        "do not ring the doorbell",
        "don't phone until Monday",
        "звонить только после 19, раньше не звоните",
    ],
)
def test_when_where_or_whom_not_to_call_takes_nothing_back(text: str) -> None:
    assert withdrawn_in(text, ()) == frozenset()
    assert known(f"мой телефон {PHONE}", text) == [PHONE]
    assert CONTACTS.known(NOBODY, [f"мой телефон {PHONE}", text]) is not None


@pytest.mark.parametrize(
    "text",
    [
        "уберите из заказа номер 2, лишний",
        "удалите второй номер заказа",
        "remove the number 3 item from my cart",
        "forget it, my phone doesn't turn on",
        "забудьте, телефон уже включился",
        "не используйте номер карты",
        "не используйте мой номер карты",
        "уберите товар номер пять",
        "не набирайте персонал с улицы",
        "delete the order for the phone",
        "remove the phone case from my order",
        "remove my phone case from the cart",
        "уберите телефон из заказа",
        "удалите чехол на мой телефон",
        "уберите почту России, хочу курьером",
    ],
)
def test_goods_cards_and_orders_are_no_contact(text: str) -> None:
    assert withdrawn_in(text, ()) == frozenset()
    assert known(f"мой телефон {PHONE}", text) == [PHONE]


def test_what_he_gives_after_taking_back_counts() -> None:
    said = [f"мой телефон {PHONE}", "не звоните", f"ладно, звоните: {OTHER}"]
    assert known(*said) == [OTHER]
    found = CONTACTS.known(NOBODY, said)
    assert found is not None
    assert found.value == OTHER


def test_number_that_he_tells_not_to_use_goes_and_the_one_beside_it_stays() -> None:
    assert known(f"мой телефон {PHONE}", f"не звоните на {PHONE}, звоните на {OTHER}") == [OTHER]


def test_number_given_and_taken_back_in_one_breath_is_none() -> None:
    assert known(f"мой телефон {PHONE}. Хотя нет, передумал, не звоните") == []


def test_phone_that_the_caller_tells_is_no_contact_for_who_wants_no_calls() -> None:
    customer = Customer(id="c-1", attributes={"phone": PHONE})
    assert CONTACTS.known(customer, ["где заказ"]) is not None
    assert CONTACTS.known(customer, ["не звоните мне"]) is None


def test_post_of_russia_is_no_town_of_his() -> None:
    assert known("почтой России сколько идёт", "живу в Казани") == ["Казани"]
