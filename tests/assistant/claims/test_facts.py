"""Facts in any form are one fact; a changed one is another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.claims.fact import FactKind
from assistant.claims.facts import facts_of, facts_without_place, unsupported_facts


def values(text: str) -> set[tuple[str, str, str, str]]:
    return set(facts_without_place(text))


def missing(claim: str, *evidence: str) -> list[str]:
    found = unsupported_facts(facts_of(claim), [facts_of(passage) for passage in evidence])
    return [claim[fact.start : fact.end] for fact in found]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("две недели", "14 дней"),
        ("two weeks", "14 days"),
        ("двое суток", "48 часов"),
        ("полчаса", "30 минут"),
        ("half an hour", "30 minutes"),
        ("полгода", "6 месяцев"),
        ("год и", "год и"),
        ("365 дней", "12 месяцев"),
        ("двухнедельный", "14-дневный"),
        ("полтора часа", "90 минут"),
        ("twenty-one days", "3 weeks"),
        ("3 тыс. ₽", "3 000 рублей"),
        ("две тысячи пятьсот рублей", "2500 ₽"),
        ("1,5 млн ₽", "1 500 000 руб."),
        ("$3,000.50", "3000.5 dollars"),
        ("50 %", "пятьдесят процентов"),
        ("50 %", "половина"),
        ("20 кг", "20000 г"),
        ("1.2 m", "120 cm"),
        ("120×80×50 см", "120 x 80 x 50 cm"),
        ("1 ТБ", "1024 ГБ"),
        ("12 марта 2025 года", "12.03.2025"),
        ("March 12, 2025", "2025-03-12"),
        ("первого марта", "1 марта"),
        ("с 1 по 5 мая", "1–5 мая"),
        ("двадцать пятого числа", "25 числа"),
        ("9 утра", "9:00"),
        ("9 pm", "21:00"),
        ("2 часа дня", "14:00"),
        ("в полдень", "12:00"),
        ("half past 7", "7:30"),
        ("круглосуточно", "24/7"),
        ("пн–пт", "с понедельника по пятницу"),
        ("по будням", "Monday to Friday"),
        ("+7 (495) 123-45-67", "8 495 123 45 67"),
        ("https://www.shop.example/help/", "shop.example/help"),
        ("HELP@shop.example", "help@shop.example"),
        ("не более 14 дней", "до двух недель"),
        ("14 days or more", "at least two weeks"),
        ("от 3 до 10 дней", "3–10 дней"),
        ("10 рабочих дней", "10 business days"),
    ],
)
def test_forms_of_one_fact_are_equal(one: str, other: str) -> None:
    assert values(one) == values(other)


@pytest.mark.parametrize(
    ("claim", "evidence", "parts"),
    [
        ("Вернуть можно за 30 дней.", "Вернуть можно в течение 14 дней.", ["30 дней"]),
        ("Вернуть можно за 14 часов.", "Вернуть можно в течение 14 дней.", ["14 часов"]),
        ("Срок — от 14 дней.", "Срок — до 14 дней.", ["14 дней"]),
        ("Доставка стоит 399 ₽.", "Доставка стоит 299 ₽.", ["399 ₽"]),
        ("The fee is €20.", "The fee is $20.", ["€20"]),
        ("Скидка 15 %.", "Скидка 10 %.", ["15 %"]),
        ("Открыто с 9:00 до 20:00.", "Открыто с 9:00 до 21:00.", ["20:00"]),
        ("Работаем по пн–сб.", "Работаем пн–пт.", ["пн–сб"]),
        ("We open on Sunday.", "We open Monday to Friday.", ["Sunday"]),
        ("Акция до 15 мая.", "Акция до 5 мая.", ["15 мая"]),
        ("Звоните 8 800 555-35-36.", "Звоните 8 800 555-35-35.", ["8 800 555-35-36"]),
        ("Звоните 44-55-77.", "Звоните 44-55-66.", ["44-55-77"]),
        ("See help.shop.example.", "See shop.example/help.", ["help.shop.example"]),
        ("Пишите на a@shop.example.", "Пишите на b@shop.example.", ["a@shop.example"]),
        ("Введите SALE20.", "Введите SALE10.", ["SALE20"]),
        ("Доставим в Самару.", "Доставим в Казань.", ["Самару"]),
        ("Откройте «Платежи».", "Откройте «Заказы».", ["Платежи"]),
        ("Нужно 5 фото.", "Нужно 3 фото и 5 видео.", ["5"]),
        ("За 10 рабочих дней.", "За 10 календарных дней.", ["10 рабочих дней"]),
        ("Within a week.", "Within two weeks.", ["week"]),
    ],
)
def test_changed_fact_is_missing(claim: str, evidence: str, parts: list[str]) -> None:
    assert missing(claim, evidence) == parts


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("За две недели.", "В течение 14 дней."),
        ("Не больше 5 вещей.", "Больше пяти вещей не выдаём."),
        ("Тяжелее 20 кг — только там.", "До 20 кг везде, тяжелее — только там."),
        ("12 марта.", "12 марта 2025 года."),
        ("По средам открыто.", "Открыто пн–пт."),
        ("Открыто с 9 до 21.", "Открыто с 9:00 до 21:00."),
        ("В Самаре есть пункт.", "Пункты: Самара, Казань."),
        ("По Москве.", "По московскому времени."),
        ("Через SDEK.", "Через СДЭК."),
        ("Наш сайт shop.example.", "Правила: https://shop.example/rules."),
        ("One of them.", "Any of them."),
    ],
)
def test_fact_in_another_form_stands(claim: str, evidence: str) -> None:
    assert missing(claim, evidence) == []


def test_fact_may_stand_in_any_of_the_passages() -> None:
    assert missing("299 ₽, 14 дней", "Цена 299 ₽.", "Срок 14 дней.") == []
    assert missing("299 ₽, 14 дней") == ["299 ₽", "14 дней"]


@given(st.text(max_size=200))
def test_any_text_is_read_and_its_facts_lie_within_it(text: str) -> None:
    for fact in facts_of(text).found:
        assert 0 <= fact.start < fact.end <= len(text)


@given(st.integers(2, 999), st.integers(2, 999), st.sampled_from(["дней", "₽", "%", "кг"]))
def test_amount_stands_when_it_is_the_same_and_only_then(one: int, other: int, unit: str) -> None:
    found = missing(f"Это {one} {unit}.", f"Это {other} {unit}.")
    assert found == ([] if one == other else [f"{one} {unit}"])


@given(st.text("абвгд ежз0123456789.,:-–%₽ дней", max_size=80))
def test_text_holds_its_own_facts(text: str) -> None:
    facts = facts_of(text)
    kinds = {fact.kind for fact in unsupported_facts(facts, [facts])}
    assert kinds <= {FactKind.WEEKDAYS}
