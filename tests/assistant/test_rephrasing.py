"""A message can be looked up as it stands, and with what went before it; what finds more counts."""

from __future__ import annotations

import pytest

from assistant.domain import Action
from assistant.rephrasing import leans_on_nothing, readings
from tests.assistant.conftest import Decide, turn_of_bot, turn_of_customer

BEFORE = [
    turn_of_customer("сколько стоит доставка"),
    turn_of_bot("Бесплатно от 1500 ₽", Action.ANSWER, "delivery-prices"),
]


def test_first_message_is_read_as_it_stands() -> None:
    assert readings("а в Казань?", []) == ["а в Казань?"]


def test_later_message_is_read_alone_and_with_the_question_before() -> None:
    ways = readings("она платная?", BEFORE)
    assert ways == ["она платная?", "сколько стоит доставка она платная?"]


def test_what_plainly_leans_on_the_question_before_is_never_read_alone() -> None:
    assert readings("а в Казань?", BEFORE) == ["сколько стоит доставка а в Казань?"]
    assert readings("and to Kazan?", [turn_of_customer("delivery price"), *BEFORE[1:]]) == [
        "delivery price and to Kazan?"
    ]


def test_latest_question_is_the_one_that_is_followed_up() -> None:
    answered = turn_of_bot("Профиль → Удалить", Action.ANSWER, "account-delete")
    history = [*BEFORE, turn_of_customer("как удалить аккаунт"), answered]
    assert readings("почему?", history)[1] == "как удалить аккаунт почему?"


def test_what_was_written_in_a_row_is_one_question() -> None:
    history = [*BEFORE, turn_of_customer("купил палатку"), turn_of_customer("не подошла")]
    assert readings("вернуть можно?", history) == [
        "купил палатку не подошла вернуть можно?",
        "сколько стоит доставка купил палатку не подошла вернуть можно?",
    ]


def test_quoted_letter_stands_for_the_question_before() -> None:
    assert readings("когда?", [], "Деньги за возврат отправлены") == [
        "когда?",
        "Деньги за возврат отправлены когда?",
    ]
    assert readings("когда?", BEFORE, "Деньги")[1] == "сколько стоит доставка когда?"


def test_a_long_story_before_leaves_room_for_the_message() -> None:
    history = [turn_of_customer("ждал курьера " * 300), *BEFORE[1:]]
    alone, joined = readings("сколько в Казань?", history)
    assert alone == "сколько в Казань?"
    assert joined.endswith("сколько в Казань?")
    assert len(joined) < 330
    in_a_row = [turn_of_customer("ждал курьера " * 300) for _ in range(20)]
    assert len(readings("а в Казань?", in_a_row)[0]) < 6 * 310


def test_what_came_before_is_read_as_it_was_meant() -> None:
    ways = readings("платно ли за доставку?", BEFORE, as_read=str.upper)
    assert ways[1] == "СКОЛЬКО СТОИТ ДОСТАВКА платно ли за доставку?"


def test_only_what_the_customer_asked_counts_as_the_question_before() -> None:
    assert readings("почему?", BEFORE[1:]) == ["почему?"]


def test_follow_up_finds_what_it_leans_on(decide: Decide) -> None:
    outcome = decide("а в Казань?", history=BEFORE)
    assert "delivery" in {passage.article.topic for passage in outcome.passages[:3]}


def test_change_of_topic_is_not_drawn_back(decide: Decide) -> None:
    outcome = decide("а подарочные карты у вас есть?", history=BEFORE)
    assert outcome.passages[0].article.article_id.startswith("gift-cards")


@pytest.mark.parametrize("text", ["а в Казань?", "и курьером?", "And to Kazan?", "а?"])
def test_follow_up_of_nothing_leans_on_nothing(text: str) -> None:
    assert leans_on_nothing(text, [])
    assert not leans_on_nothing(text, BEFORE)


@pytest.mark.parametrize(
    "text", ["возврат", "это", "а как удалить аккаунт навсегда", "оператор", "", "👍", "?"]
)
def test_first_message_with_a_matter_of_its_own_leans_on_itself(text: str) -> None:
    assert not leans_on_nothing(text, [])
