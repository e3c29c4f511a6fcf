"""Facts: what a reader of an answer would act on, and whether another answer holds it."""

from __future__ import annotations

import pytest

from eval.facts import Fact, FactKind, facts_of, share_of_facts_kept


def values(text: str, kind: FactKind) -> set[tuple[str, str]]:
    return {(fact.value, fact.unit) for fact in facts_of(text) if fact.kind is kind}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("хранится 7 дней", {("7", "day")}),
        ("от 1 500 ₽", {("1500", "rouble")}),
        ("from 1,500 ₽ on", {("1500", "rouble")}),
        ("за 7–21 день", {("7", "day"), ("21", "day")}),
        (
            "не больше 40×35×60 см",
            {("40", "centimetre"), ("35", "centimetre"), ("60", "centimetre")},
        ),
        ("с 9:00 до 21:00", {("9:00", ""), ("21:00", "")}),
        ("скидка 12,5 %", {("12.5", "percent")}),
        ("версия 28.2.1.", {("28.2.1", "")}),
        ("a 24-month warranty", {("24", "")}),
        ("1. Откройте профиль. 2. Нажмите кнопку. Ждать 3 минуты.", {("3", "minute")}),
        ("формат H264 и MP4", set()),
        ("без чисел", set()),
    ],
)
def test_numbers_are_read_with_their_units(text: str, numbers: set[tuple[str, str]]) -> None:
    assert values(text, FactKind.NUMBER) == numbers


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("нажмите «Продлить хранение»", {"продлить хранение"}),
        ("press 'Call in Tropinka' or \"Pay now\"", {"call in tropinka", "pay now"}),
        ("you can't and you don't", set()),
        ("Да: Профиль → Заказы → Вернуть, потом код", {"профиль", "заказы", "вернуть"}),
        ("платите через Apple Pay", {"apple", "pay"}),
        ("pay with Apple Pay", set()),
        ("вес 10 kg", set()),
    ],
)
def test_names_are_buttons_menu_paths_and_latin_words_in_russian(
    text: str, names: set[str]
) -> None:
    assert {value for value, _ in values(text, FactKind.NAME)} == names


def test_links_and_addresses_are_equal_however_they_are_written() -> None:
    assert facts_of("см. https://www.Shop.example/help/.") == facts_of("shop.example/help")
    assert facts_of("пишите на Help@shop.example.") == {Fact(FactKind.EMAIL, "help@shop.example")}


@pytest.mark.parametrize(
    ("said", "expected", "share"),
    [
        ("Хранится 7 дней, продлить на 3 дня.", "7 дней", 1.0),
        ("Хранится 7 часов.", "7 дней", 0.0),
        ("Хранится 7.", "7 дней", 1.0),
        ("Хранится 17 дней.", "7 дней", 0.0),
        ("Нажмите «Заказы», потом «Вернуть товар».", "«Вернуть» за 5 минут", 0.5),
        ("Адрес shop.example/help.", "https://shop.example/help", 1.0),
        ("", "«Вернуть»", 0.0),
    ],
)
def test_share_of_facts_kept(said: str, expected: str, share: float) -> None:
    assert share_of_facts_kept(said, expected) == share


def test_answer_without_facts_is_unscored() -> None:
    assert share_of_facts_kept("что угодно за 5 минут", "Нет, так нельзя.") is None
