"""What a customer asks is told from talk, what an operator answers from questions and patience."""

from __future__ import annotations

import pytest

from assistant.operator_context.requests import (
    answer_in,
    asked_in,
    is_answer,
    is_talk,
    only_gives,
    request_in,
)
from assistant.privacy.masker import Masker

MASKER = Masker()

TALK = [
    "Здравствуйте!",
    "Добрый день",
    "привет",
    "спасибо большое, всё понятно",
    "ок, жду",
    "алло, вы тут?",
    "ау",
    "можно вопрос?",
    "у меня такая ситуация",
    "позовите оператора",
    "не помогло, позовите человека",
    "мне нужен живой человек",
    "а когда ответят?",
    "👍",
    "...",
    "Hello",
    "thanks a lot, got it",
    "quick question",
    "I have a problem",
    "that did not help, I need a human",
    "how long do I have to wait?",
    "are you there",
    "talk to a human please",
]

REQUESTS = [
    "Где мой заказ?",
    "а в екб",
    "и сколько?",
    "а где",
    "долго чинят?",
    "and how much is it",
    "how much",
    "не помогло, деньги так и не вернулись",
    "позовите оператора, курьер не приехал",
    "здравствуйте, курьер не приехал",
    "посылка уже в пункте",
    "it is broken",
    "unsubscribe from emails",
    "I need a human, my parcel is broken",
]


@pytest.mark.parametrize("text", TALK)
def test_talk_asks_for_nothing(text: str) -> None:
    assert is_talk(text)
    assert request_in(text) == ""


@pytest.mark.parametrize("text", REQUESTS)
def test_request_is_no_talk(text: str) -> None:
    assert request_in(text)


def test_request_is_shown_without_greeting_thanks_and_signature() -> None:
    assert (
        request_in("Здравствуйте! Где мой заказ 10432? Спасибо заранее!") == "Где мой заказ 10432?"
    )
    letter = "Where is my parcel?\n\nKind regards,\nKate"
    assert request_in(letter) == "Where is my parcel?"


@pytest.mark.parametrize(
    "text",
    [
        "10432",
        "заказ 10432",
        "мой телефон +7 916 123-45-67, звоните",
        "позовите оператора, мой телефон +7 916 123-45-67",
        "my number is +1 415 555 0132",
    ],
)
def test_value_alone_asks_nothing(text: str) -> None:
    assert only_gives(text, MASKER)


@pytest.mark.parametrize(
    "text", ["где заказ 10432?", "заказ 10432 не приехал", "поменяйте телефон на +7 916 123-45-67"]
)
def test_value_with_a_request_is_one(text: str) -> None:
    assert not only_gives(text, MASKER)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("10432", {"order"}),
        ("номер 10432", {"order"}),
        ("номера нет", {"order"}),
        ("I don't have it", {"order"}),
        ("о возврате", set()),
        ("да, вчера вечером", set()),
        ("the second one", set()),
    ],
)
def test_answer_to_a_question_of_ours(text: str, kinds: set[str]) -> None:
    assert is_answer(text, kinds, MASKER)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("а зачем вам номер?", {"order"}),
        ("unsubscribe from emails", {"order"}),
        ("10432", {"phone"}),
        ("как отказаться от рассылки", set()),
        ("уже неделю жду посылку, курьер не звонит, деньги списали дважды", set()),
    ],
)
def test_what_does_not_answer_it_is_a_request_of_its_own(text: str, kinds: set[str]) -> None:
    assert not is_answer(text, kinds, MASKER)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Здравствуйте! Подскажите номер заказа.", ["Подскажите номер заказа."]),
        ("Когда вы его получили? Чем могу помочь?", ["Когда вы его получили?"]),
        ("Пришлите фото поломки.", ["Пришлите фото поломки."]),
        ("Could you tell me your order number", ["Could you tell me your order number"]),
        ("Напишите в чат и приложите справку из банка.", []),
        ("Чем могу помочь?", []),
        ("How can I help you?", []),
        ("Могу ли я ещё чем-то помочь?", []),
        ("Деньги вернутся за 10 дней.", []),
    ],
)
def test_what_we_asked_is_found(text: str, asked: list[str]) -> None:
    assert asked_in(text) == asked


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Здравствуйте, Анна! Сейчас проверю.", ""),
        ("Минутку, пожалуйста", ""),
        ("Передаю старшему смены.", ""),
        ("Мне жаль, что так вышло.", ""),
        ("Let me check that for you.", ""),
        ("One moment please", ""),
        ("Добрый день! Деньги вернутся за 10 дней.", "Деньги вернутся за 10 дней."),
        ("Нет, постаматы возвраты не принимают.", "Нет, постаматы возвраты не принимают."),
        ("Yes, 900 roubles. Anything else?", "Yes, 900 roubles."),
    ],
)
def test_patience_and_questions_answer_nothing(text: str, answer: str) -> None:
    assert answer_in(text) == answer
