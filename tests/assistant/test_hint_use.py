"""What an operator did with a hint, told from the words alone."""

from __future__ import annotations

import pytest

from assistant.hint_use import (
    Blank,
    Shown,
    difference,
    edit_distance,
    is_filled_in,
    is_holding,
    use_of,
)
from assistant.verdicts import HintOutcome

TERMS = Shown("h-1", "Пункт выдачи хранит заказ 7 дней, постамат 3 дня.")
BLANK = "«укажите срок»"
FRAME_TEXT = f"Что дальше: проверка. Срок: {BLANK}."
FRAME = Shown(
    "h-2",
    FRAME_TEXT,
    (Blank(FRAME_TEXT.index(BLANK), FRAME_TEXT.index(BLANK) + len(BLANK), "срок"),),
)


def test_the_same_words_are_accepted_whatever_the_spaces() -> None:
    use = use_of(" Пункт выдачи  хранит заказ 7 дней,\nпостамат 3 дня.", [TERMS], "h-1")
    assert use is not None
    assert (use.outcome, use.difference) == (HintOutcome.ACCEPTED, None)


def test_filling_in_a_blank_is_accepting() -> None:
    use = use_of("Что дальше: проверка. Срок: завтра до 18:00.", [FRAME], "h-2")
    assert use is not None
    assert use.outcome is HintOutcome.ACCEPTED


@pytest.mark.parametrize(
    "sent",
    [
        "Что дальше: звонок. Срок: завтра.",
        "Что дальше: проверка. Срок: .",
        "Срок: завтра.",
        "Что дальше: проверка. Срок: завтра. И ещё кое-что!",
    ],
)
def test_more_than_filling_in_is_editing(sent: str) -> None:
    assert not is_filled_in(sent, FRAME)


def test_changed_hint_is_edited_with_what_was_changed() -> None:
    use = use_of("Пункт выдачи хранит заказ неделю, постамат 3 дня.", [TERMS], "h-1")
    assert use is not None
    assert use.outcome is HintOutcome.EDITED
    assert use.difference is not None
    assert use.difference.removed == ("7 дней",)
    assert use.difference.added == ("неделю",)
    assert use.difference.words == 2
    assert use.difference.share == round(2 / 9, 4)


def test_message_that_names_no_hint_is_the_one_that_it_is_nearly() -> None:
    use = use_of("Пункт выдачи хранит заказ 7 дней, постамат три дня.", [FRAME, TERMS], None)
    assert use is not None
    assert (use.hint_id, use.outcome) == ("h-1", HintOutcome.EDITED)


def test_other_words_are_no_hint() -> None:
    assert use_of("Заказ уже в пути, приедет сегодня вечером.", [TERMS, FRAME], None) is None


def test_two_words_are_no_hint_unless_they_say_which() -> None:
    short = Shown("h-3", "Пожалуйста!")
    assert use_of("Пожалуйста!", [short], None) is None
    named = use_of("Пожалуйста!", [short], "h-3")
    assert named is not None
    assert named.outcome is HintOutcome.ACCEPTED


@pytest.mark.parametrize(
    ("one", "two", "distance"),
    [
        ("", "", 0),
        ("a b c", "a b c", 0),
        ("a b c", "", 3),
        ("a b c", "a x c", 1),
        ("a b c d", "b c d e", 2),
        ("a b", "b a", 2),
    ],
)
def test_edit_distance_counts_words(one: str, two: str, distance: int) -> None:
    assert edit_distance(one.split(), two.split()) == distance
    assert edit_distance(two.split(), one.split()) == distance


def test_case_and_punctuation_are_no_difference() -> None:
    assert difference("Заказ: 7 дней!", "заказ, 7 дней").share == 0


@pytest.mark.parametrize(
    "text",
    [
        "минуту, уточняю",
        "Здравствуйте! Одну минуту, пожалуйста.",
        "Сейчас проверю ваш заказ",
        "Добрый день! Меня зовут Ольга, сейчас посмотрю.",
        "Здравствуйте",
        "One moment please, let me check that for you.",
        "Hi there! I'm checking your order now",
        "Hold on",
    ],
)
def test_holding_line_answers_nothing(text: str) -> None:
    assert is_holding(text)


@pytest.mark.parametrize(
    "text",
    [
        "Заказ приедет завтра",
        "Подождите 3 дня: проверка возврата идёт до 3 дней",
        "Нет",
        "Your refund arrives in 3 days",
        "Please wait for the courier until 18:00",
        "Минуту назад отправили вам новый код",
    ],
)
def test_answer_is_no_holding_line(text: str) -> None:
    assert not is_holding(text)


def test_many_blanks_take_no_more_than_a_walk_through_the_text() -> None:
    text = " или ".join(["«укажите телефон»"] * 40)
    blanks = tuple(
        Blank(at, at + len("«укажите телефон»"), "телефон")
        for at in range(0, len(text), len("«укажите телефон» или "))
    )
    hint = Shown("hint-1", text, blanks)
    numbers = " или ".join(str(number) for number in range(40))
    assert is_filled_in(numbers, hint)
    assert not is_filled_in(numbers + " и всё" + "." * 9000, hint)
    assert not is_filled_in(" или ".join(["8"] * 39), hint)
