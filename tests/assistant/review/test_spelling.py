"""Typos: what is one, what is none, and what is meant."""

from __future__ import annotations

import pytest

from assistant.review.advice import Advice
from assistant.review.spelling import Dictionaries
from tests.assistant.review.conftest import Review

SHOP = (("Пункты", "Забрать заказ можно в бикубе. Клуб «Тропинкины»."),)


@pytest.fixture(scope="module")
def speller() -> Dictionaries:
    return Dictionaries()


def typos(advice: tuple[Advice, ...]) -> list[str | None]:
    return [one.suggestion for one in advice if one.code == "typo"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("здраствуйте", "здравствуйте"),
        ("возрат", "возврат"),
        ("оператар", "оператор"),
        ("немогу", "не могу"),
        ("телифоннный", "телефонный"),
    ],
)
def test_russian_slips(speller: Dictionaries, word: str, meant: str) -> None:
    assert speller.correction(word, "ru") == meant


@pytest.mark.parametrize(
    ("word", "meant"), [("recieve", "receive"), ("tommorow", "tomorrow"), ("plese", "please")]
)
def test_english_slips(speller: Dictionaries, word: str, meant: str) -> None:
    assert speller.correction(word, "en") == meant


@pytest.mark.parametrize(
    "word", ["роутер", "скриншот", "чехол", "оленька", "промокод", "перезагрузите", "неохота"]
)
def test_russian_words_are_right(speller: Dictionaries, word: str) -> None:
    assert speller.correction(word, "ru") is None


@pytest.mark.parametrize("word", ["colour", "cancelled", "organise", "courier's", "centre"])
def test_both_spellings_of_english_are_right(speller: Dictionaries, word: str) -> None:
    assert speller.correction(word, "en") is None


def test_the_word_being_typed_is_no_typo(review: Review) -> None:
    assert typos(review("Оформил возрат")) == []
    assert typos(review("Оформил возрат ")) == ["возврат"]


def test_a_capital_at_the_start_is_kept(review: Review) -> None:
    assert typos(review("Пожалуста, подождите.")) == ["Пожалуйста"]


@pytest.mark.parametrize(
    "draft",
    [
        "Модель Bosch Serrie, кабель type-c, промокод ЛЕТТО",
        "Менеджер Аэлитта ответит сегодня.",
        "Адрес: magazin.recieve.example/adress и файл chek_adress.pdf готов.",
        "Дооооолго грузится сегодня.",
        "заказ ab12adress принят.",
    ],
)
def test_names_brands_addresses_and_codes_are_no_typos(review: Review, draft: str) -> None:
    assert typos(review(draft)) == []


def test_words_of_articles_are_right(review: Review) -> None:
    assert typos(review("Заказ лежит в бикубе до среды.", articles=SHOP)) == []


@pytest.mark.parametrize(
    ("draft", "meant"),
    [
        ("Вы можете обратится в пункт.", "обратиться"),
        ("Ответим в течении двух дней.", "в течение"),
    ],
)
def test_slips_that_make_another_word(review: Review, draft: str, meant: str) -> None:
    assert typos(review(draft)) == [meant]


def test_forms_that_only_look_like_these_slips_are_right(review: Review) -> None:
    assert typos(review("Он обратится сам. В течении реки есть рыба.")) == []
