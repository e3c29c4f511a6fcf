"""What is found in customers' messages, kind by kind, and what is left alone."""

from __future__ import annotations

from itertools import pairwise

import pytest

from assistant.privacy.entities import KINDS
from assistant.privacy.masker import Masker

MASKER = Masker()

FOUND = [
    ("phone", "позвоните: {8 (916) 555-12-34}"),
    ("phone", "{+7 916 555 12 34} или почта"),
    ("phone", "call me on {(415) 555-0163}"),
    ("phone", "{+44 7700 900 877} is mine"),
    ("phone", "тел. {5-55-20}"),
    ("phone", "{восемь девятьсот шестнадцать пятьсот пятьдесят пять двенадцать тридцать шесть}"),
    ("phone", "{８９１６５５５１２４０} цифры во всю ширину"),
    ("phone", "мой {8\u200b916\u200b555\u200b12\u200b34}"),
    ("phone", "{8 916\n555 12 34} через строку"),
    ("email", "почта {anna.k@mail.example}"),
    ("email", "{ivan (at) mail dot ru}"),
    ("email", "{иван собака яндекс точка ру}"),
    ("email", "{i.petrov@уandex.ru} с русской буквой"),
    ("card", "списали с {4111 1111 1111 1111}"),
    ("card", "карта {4276160012345678} не та"),
    ("card", "вернули на {4276 **** **** 1234}"),
    ("passport", "паспорт {4509 123456}"),
    ("passport", "серия {4509 номер 123456}"),
    ("passport", "passport no. {X1234567}"),
    ("snils", "СНИЛС {112-233-445 95}"),
    ("inn", "инн {7707083893}"),
    ("account", "на счёт {40817810099910004312}"),
    ("account", "{GB29 NWBK 6016 1331 9268 19}"),
    ("address", "живу {г. Казань, ул. Баумана, д. 5, кв. 12}"),
    ("address", "ship to {48 Maple Avenue, Apt 3B, Portland, OR 97205}"),
    ("address", "в {10 Downing Close, London SW1A 2AA}"),
    ("name", "верните {Ивановой Анне}"),
    ("name", "верните {ивановой анне}"),
    ("name", "заберёт {Иванов А.А.}"),
    ("name", "меня зовут {Вера}"),
    ("name", "{Анна}, подскажите"),
    ("name", "my name is {Will Turner}"),
    ("name", "это {Надежда Петровна}"),
    ("order", "где заказ {10432}?"),
    ("order", "order #{AB-20931} is late"),
    ("birth_date", "родился {15.03.1985} в Омске"),
    ("birth_date", "dob {03/15/1985}"),
    ("ip", "вход с {188.162.40.17}"),
    ("ip", "from {2001:db8::ff00:42:8329}"),
    ("username", "пишите {@lena_krut}"),
    ("username", "логин {vasya.pupkin77}"),
    ("plate", "машина {А123ВС77}"),
    ("ssn", "my ssn is {123-45-6789}"),
]

LEFT_ALONE = [
    "Доставка в Казань стоит 350 рублей?",
    "Почему цена была 12 990, а стала 14 500?",
    "роза завяла, а вера в вас пропала",
    "Любовь к вашему магазину прошла",
    "Роза, которую привезли, завяла",
    "Хочу 2 подушки 50х70, артикул 8834120",
    "Размеры 36 38 40 42 44 46 48 в наличии?",
    "Обещали 12.05.2024 с 10:30 до 14:00",
    "У вас Calvin Klein настоящий?",
    "колонка с Алисой молчит",
    "есть пункт на улице Ленина?",
    "версия приложения 4.12.0.3 вылетает",
    "Звоните 8 800 555 35 35",
    "Здравствуйте! Спасибо, всё пришло",
    "Will it come in May? Mark as read",
    "I hope the rose gold one is back",
    "It cost $1,299.00",
    "I work at nine, in the shop",
    "Tracking says 9400 1000 0000 0000 0000 00",
]


@pytest.mark.parametrize(("kind", "marked"), FOUND)
def test_entity_is_found_with_kind_and_span(kind: str, marked: str) -> None:
    start, end = marked.index("{"), marked.index("}") - 1
    text = marked.replace("{", "").replace("}", "")
    (entity,) = MASKER.find(text)
    assert (entity.kind, text[entity.start : entity.end]) == (kind, text[start:end])


def test_every_kind_has_an_example() -> None:
    assert {kind for kind, _ in FOUND} == set(KINDS)


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_nothing_is_found_where_there_is_nobody(text: str) -> None:
    assert MASKER.find(text) == []


def test_check_digits_decide_what_an_unlabelled_number_is() -> None:
    assert [one.kind for one in MASKER.find("500100732259")] == ["inn"]
    assert MASKER.find("500100732258") == []


def test_a_card_with_a_typo_is_masked_where_a_word_calls_it_a_card() -> None:
    assert [one.kind for one in MASKER.find("номер карты 4111111111111112")] == ["card"]
    assert MASKER.find("штрихкод 4111111111111112") == []


def test_the_nearest_word_decides_between_kinds_of_one_length() -> None:
    found = MASKER.find("инн 7707083893, паспорт 4509123456, тел 9165551234")
    assert [one.kind for one in found] == ["inn", "passport", "phone"]


def test_order_numbers_follow_the_given_patterns_alone() -> None:
    masker = Masker([r"T-(\d{4})Q"])
    text = "заказ 10432, квитанция T-5512Q"
    (entity,) = masker.find(text)
    assert (entity.kind, text[entity.start : entity.end]) == ("order", "5512")


def test_several_entities_come_in_order_without_overlaps() -> None:
    text = (
        "Иванова Анна Петровна, 07.09.1969 г.р., паспорт 45 09 123456, карта 4111 1111 1111 1111, "
        "+7 916 555-12-34, a.ivanova@mail.example, Казань, ул. Мира, 5-12"
    )
    found = MASKER.find(text)
    kinds = [one.kind for one in found]
    assert kinds == ["name", "birth_date", "passport", "card", "phone", "email", "address"]
    assert all(one.end <= other.start for one, other in pairwise(found))
