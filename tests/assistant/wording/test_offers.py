"""Offers are those of the evidence, or are found."""

from __future__ import annotations

import pytest

from assistant.wording.checking import find_faults
from assistant.wording.fault import FaultCode, WordingContext

PASSAGES = (
    "Доставка курьером стоит 299 ₽, а от 5 000 ₽ она бесплатна. Промокод вводят в корзине.",
    "В мае действует скидка 20 % на палатки.",
    "Courier delivery costs 299 ₽, and it is free for orders from 5,000 ₽.",
    "In May there is a 20% discount on tents. A promo code is entered in the basket.",
)


def offers(text: str, lang: str, evidence: tuple[str, ...] = (), complaint: bool = False) -> bool:
    facts = WordingContext(evidence=evidence, complaint=complaint)
    return FaultCode.OFFER in {fault.code for fault in find_faults(text, lang, facts=facts)}


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("ru", "Доставка стоит 299 рублей."),
        ("ru", "От 5 тыс. рублей доставка бесплатная."),
        ("ru", "На палатки в мае скидка 20%."),
        ("en", "Delivery costs 299 ₽."),
        ("en", "Delivery is free for orders from 5000 ₽."),
        ("en", "Tents have a 20% discount in May."),
    ],
)
def test_what_the_evidence_offers_may_be_said_and_only_then(lang: str, text: str) -> None:
    assert not offers(text, lang, PASSAGES)
    assert offers(text, lang)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("ru", "Доставка стоит 199 рублей."),
        ("ru", "Для вас доставка бесплатна на любую сумму."),
        ("ru", "Дарим вам промокод, введите его в корзине."),
        ("ru", "На спальники в мае скидка 30 %."),
        ("en", "Delivery costs 199 ₽."),
        ("en", "Delivery is free for any order."),
        ("en", "Tents have a 30% discount in May."),
    ],
)
def test_another_number_scope_or_gift_is_an_offer(lang: str, text: str) -> None:
    assert offers(text, lang, PASSAGES)


@pytest.mark.parametrize(
    ("lang", "text"),
    [("ru", "На палатки в мае скидка 20%."), ("en", "Tents have a 20% discount in May.")],
)
def test_a_complaint_is_not_answered_with_a_discount(lang: str, text: str) -> None:
    assert offers(text, lang, PASSAGES, complaint=True)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("ru", "Скидок на подарочные карты нет."),
        ("ru", "Подарок можно вернуть без чека."),
        ("ru", "Баллы видны в профиле."),
        ("en", "There is no discount on gift cards."),
        ("en", "Feel free to choose any pickup point."),
        ("en", "Your points are shown in the profile."),
    ],
)
def test_a_refusal_or_a_mention_is_no_offer(lang: str, text: str) -> None:
    assert not offers(text, lang)
