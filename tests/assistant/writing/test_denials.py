"""A denial stands on both sides or on none."""

from __future__ import annotations

import pytest

from assistant.writing.denials import turns_around

RETURNS = [
    "Возврат\nВернуть товар можно в течение 14 дней. Деньги поступят на карту за 3–10 рабочих "
    "дней. Технику с пломбой вернуть нельзя."
]
RETURNS_EN = [
    "Returns\nYou can return an item within 14 days of receiving it. The money reaches your card "
    "3-10 working days later. Opened cosmetics cannot be returned."
]


@pytest.mark.parametrize(
    ("sentence", "evidence"),
    [
        ("Деньги не возвращаются.", RETURNS),
        ("Деньги на карту не поступят.", RETURNS),
        ("Можно вернуть технику с пломбой в течение 14 дней.", RETURNS),
        ("Технику с пломбой можно вернуть.", RETURNS),
        ("You can return opened cosmetics within 14 days of receiving it.", RETURNS_EN),
        ("The money is not sent to your card.", RETURNS_EN),
        ("Opened cosmetics can be returned.", RETURNS_EN),
    ],
)
def test_denial_on_one_side_only_is_found(sentence: str, evidence: list[str]) -> None:
    assert turns_around(sentence, evidence)


@pytest.mark.parametrize(
    ("sentence", "evidence"),
    [
        ("Вернуть товар можно в течение 14 дней.", RETURNS),
        ("Деньги поступят на карту за 3–10 рабочих дней.", RETURNS),
        ("Технику с пломбой вернуть нельзя.", RETURNS),
        ("Вернуть технику с пломбой нельзя.", RETURNS),
        ("You can return an item within 14 days.", RETURNS_EN),
        ("Opened cosmetics cannot be returned.", RETURNS_EN),
        ("You cannot return opened cosmetics.", RETURNS_EN),
        ("The money reaches your card in 3-10 working days.", RETURNS_EN),
    ],
)
def test_what_the_passages_say_is_left_alone(sentence: str, evidence: list[str]) -> None:
    assert not turns_around(sentence, evidence)
