"""Nothing that points elsewhere goes out, but what is allowed."""

from __future__ import annotations

import pytest

from assistant.wording.checking import find_faults
from assistant.wording.fault import FaultCode, WordingContext


def links(
    text: str, allowed: frozenset[str] = frozenset(), evidence: tuple[str, ...] = ()
) -> list[str]:
    facts = WordingContext(allowed_links=allowed, evidence=evidence)
    found = find_faults(text, "ru", facts=facts)
    return [text[one.start : one.end] for one in found if one.code is FaultCode.LINK]


@pytest.mark.parametrize(
    "link",
    [
        "https://shop.example/help?id=5",
        "hxxps://evil.example/login",
        "www.shop.test/a",
        "tropinka.ru",
        "тропинка.рф",
        "t.me/shop",
        "tropinka[.]com",
        "help@shop.example",
        "help собака tropinka точка ru",
        "[сюда](https://a.example)",
        "[3]",
        "[1, 2]",
        "【2】",
        "[returns-02]",
        "returns-01",
    ],
)
def test_a_link_id_or_marker_is_found_whole(link: str) -> None:
    assert links(f"Смотрите {link}.") == [link]


@pytest.mark.parametrize(
    "text",
    [
        "Посылка весит 1.5 кг, т.е. немного.",
        "Возврат занимает 10 дней.Деньги придут на карту.",
        "Передадим [NAME_1] по адресу [ADDRESS_2].",
        "Откройте «Профиль → Заказы».",
    ],
)
def test_ordinary_text_and_placeholders_are_no_links(text: str) -> None:
    assert links(text) == []


def test_an_allowed_link_may_stand_in_any_writing() -> None:
    allowed = frozenset({"https://shop.example/help/"})
    assert links("Смотрите shop.example/help.", allowed) == []
    assert links("Смотрите shop.example/other.", allowed) == ["shop.example/other"]


def test_a_models_number_that_the_evidence_writes_is_no_article_id() -> None:
    assert links("Палатка tundra-2 лёгкая.", evidence=("Tundra-2 весит 3 кг.",)) == []
    assert links("Палатка tundra-2 лёгкая.") == ["tundra-2"]
