"""A follow-up is looked up with the question before it."""

from __future__ import annotations

import pytest

from assistant.domain import Action
from assistant.rephrasing import is_follow_up, leans_on_nothing, stand_alone
from tests.assistant.conftest import turn_of_bot, turn_of_customer

BEFORE = [
    turn_of_customer("сколько стоит доставка"),
    turn_of_bot("Бесплатно от 1500 ₽", Action.ANSWER, "delivery-prices"),
]


@pytest.mark.parametrize(
    "text",
    [
        "а в Казань?",
        "и сколько это?",
        "Тогда завтра?",
        "But by courier?",
        "what about Kazan?",
        "how about lockers",
        "and if I paid cash?",
        "Казань",
        "почему?",
    ],
)
def test_follow_up_is_looked_up_with_the_question_before(text: str) -> None:
    assert stand_alone(text, BEFORE) == f"сколько стоит доставка {text}"


@pytest.mark.parametrize(
    "text",
    [
        "как вернуть палатку без чека",
        "Где посмотреть историю начисления баллов?",
        "how do I return a tent without a receipt",
        "а ещё подскажите пожалуйста как мне вернуть палатку без чека по почте",
    ],
)
def test_question_that_stands_alone_is_left_alone(text: str) -> None:
    assert stand_alone(text, BEFORE) == text


def test_first_message_is_left_alone() -> None:
    assert stand_alone("а в Казань?", []) == "а в Казань?"


def test_only_what_the_customer_asked_counts_as_the_question_before() -> None:
    assert stand_alone("почему?", BEFORE[1:]) == "почему?"


def test_latest_question_is_the_one_that_is_followed_up() -> None:
    history = [*BEFORE, turn_of_customer("как удалить аккаунт")]
    assert stand_alone("почему?", history) == "как удалить аккаунт почему?"


@pytest.mark.parametrize("text", ["а в Казань?", "и курьером?", "And to Kazan?", "а?"])
def test_follow_up_of_nothing_leans_on_nothing(text: str) -> None:
    assert leans_on_nothing(text, [])
    assert not leans_on_nothing(text, BEFORE)


@pytest.mark.parametrize("text", ["возврат", "это", "а как удалить аккаунт навсегда", "оператор"])
def test_first_message_with_a_matter_of_its_own_leans_on_itself(text: str) -> None:
    assert not leans_on_nothing(text, [])


@pytest.mark.parametrize("text", ["", "👍", "?"])
def test_message_without_words_is_no_follow_up(text: str) -> None:
    assert not is_follow_up(text)
