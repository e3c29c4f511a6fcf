"""A report of a deed is refused unless the passages speak of it."""

from __future__ import annotations

import pytest

from assistant.writing.told_as_done import reports_a_deed

WARRANTY = ["Гарантия\nГарантия на технику — 12 месяцев. Для ремонта нужен чек."]
WARRANTY_EN = ["Warranty\nThe warranty on electronics is 12 months. A repair needs the receipt."]


@pytest.mark.parametrize(
    ("sentence", "evidence"),
    [
        ("Вы продлили гарантию на 12 месяцев.", WARRANTY),
        ("Гарантию продлили на 12 месяцев.", WARRANTY),
        ("Мы уже оформили вам ремонт.", WARRANTY),
        ("You have extended the warranty by 12 months.", WARRANTY_EN),
        ("We've refunded your repair.", WARRANTY_EN),
        ("Your warranty was extended by 12 months.", WARRANTY_EN),
    ],
)
def test_deed_that_no_passage_speaks_of_is_found(sentence: str, evidence: list[str]) -> None:
    assert reports_a_deed(sentence, evidence)


@pytest.mark.parametrize(
    ("sentence", "evidence"),
    [
        ("Гарантия на технику — 12 месяцев.", WARRANTY),
        ("Если вы потеряли чек, ремонт невозможен.", WARRANTY),
        ("Ремонт возможен, если вы сохранили чек.", WARRANTY),
        ("Для ремонта нужен чек.", WARRANTY),
        ("Мы увеличили гарантию до 24 месяцев.", ["Мы увеличили гарантию до 24 месяцев."]),
        ("The warranty on electronics is 12 months.", WARRANTY_EN),
        (
            "A repair needs the receipt you have kept.",
            ["Keep the receipt: a repair needs it kept."],
        ),
        ("If you have lost the receipt, a repair is not possible.", WARRANTY_EN),
        ("Opened cosmetics cannot be returned.", ["Opened cosmetics cannot be returned."]),
        ("The order can be collected when it has arrived.", ["Collect the order."]),
        ("Items bought online can be returned within 14 days.", ["Return within 14 days."]),
    ],
)
def test_rule_and_condition_report_nothing(sentence: str, evidence: list[str]) -> None:
    assert not reports_a_deed(sentence, evidence)
