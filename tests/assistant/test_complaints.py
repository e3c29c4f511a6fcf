"""A complaint is met by its matter."""

from __future__ import annotations

import pytest

from assistant.complaints import subject_of, subjects
from prompts.loader import LANGUAGES

FORBIDDEN = {
    "ru": ("спасибо", "рад", "отличн", "замечательн", "скидк", "промокод", "бонус", "подар"),
    "en": ("thank", "great", "glad", "happy", "awesome", "discount", "coupon", "bonus", "gift"),
}


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("С карты дважды сняли деньги за один заказ", "double_charge"),
        ("Где мои деньги? возврат так и не пришёл", "refund_late"),
        ("Привезли не тот товар", "wrong_item"),
        ("Коробка вся мятая, кружка разбита", "damaged"),
        ("Дрель сломалась через неделю", "defective"),
        ("Курьер не приехал, жду третий день", "delivery_late"),
        ("Сотрудник в пункте выдачи нахамил", "staff"),
        ("Третий день никто не отвечает", "no_answer"),
        ("Приложение вылетает на оплате", "service_down"),
        ("Не могу войти в кабинет", "account_locked"),
        ("Цена на кассе другая, это обман", "price"),
    ],
)
def test_russian_complaint_is_known_by_its_matter(text: str, subject: str) -> None:
    found = subject_of(text, "ru")
    assert found is not None
    assert found.id == subject


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("I was charged twice for one order", "double_charge"),
        ("My refund still has not arrived", "refund_late"),
        ("You sent me the wrong size", "wrong_item"),
        ("The box is crushed and torn", "damaged"),
        ("The drill stopped working after a week", "defective"),
        ("My parcel never arrived", "delivery_late"),
        ("The man at the desk was rude", "staff"),
        ("Nobody answers my e-mails", "no_answer"),
        ("The app crashes at checkout", "service_down"),
        ("I am locked out of my profile", "account_locked"),
        ("This promo is misleading", "price"),
    ],
)
def test_english_complaint_is_known_by_its_matter(text: str, subject: str) -> None:
    found = subject_of(text, "en")
    assert found is not None
    assert found.id == subject


@pytest.mark.parametrize(("text", "lang"), [("Это ужас какой-то", "ru"), ("I am furious", "en")])
def test_complaint_about_nothing_known_has_no_subject(text: str, lang: str) -> None:
    assert subject_of(text, lang) is None


def test_both_languages_know_the_same_subjects_in_the_same_order() -> None:
    assert [item.id for item in subjects("ru")] == [item.id for item in subjects("en")]


def test_language_without_a_list_uses_the_russian_one() -> None:
    assert subjects("de") == subjects("ru")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_said_to_a_complaint_neither_praises_nor_pays(lang: str) -> None:
    for subject in subjects(lang):
        said = subject.said.lower()
        assert not [word for word in FORBIDDEN[lang] if word in said], subject.id
