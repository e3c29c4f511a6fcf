"""An article on one city holds no answer for another."""

from __future__ import annotations

import pytest

from assistant.places import place_not_covered, places_in
from tests.assistant.conftest import Decide

MOSCOW = "Курьер привезёт заказ по Москве за 1–2 дня."
MOSCOW_EN = "The courier brings the order within Moscow in 1-2 days."


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Сколько стоит доставка в Казань?", {"казань"}),
        ("сколько идет до питера", {"санкт-петербург"}),
        ("из спб в мск", {"санкт-петербург", "москва"}),
        ("Do you deliver to Kazan?", {"казань"}),
        ("can you ship to Reykjavik", {"reykjavik"}),
        ("доставка в Рейкьявик", {"рейкьявик"}),
        ("куда нажать", set()),
        ("у меня карта мир", set()),
        ("Марина, где мой заказ", set()),
        ("I wrote to Anna in March", set()),
        ("I ordered from Amazon", set()),
        ("let me talk to Support", set()),
        ("how long to deliver", set()),
    ],
)
def test_places_are_found_by_the_name_they_are_compared_by(text: str, places: set[str]) -> None:
    assert set(places_in(text)) == places


@pytest.mark.parametrize(
    ("question", "text", "missing"),
    [
        ("Сколько идёт доставка в Казань?", MOSCOW, "Казань"),
        ("сколько идёт до питера", MOSCOW, "питера"),
        ("How long to Kazan?", MOSCOW_EN, "Kazan"),
        ("How long to Moscow?", MOSCOW, None),
        ("Сколько идёт доставка в Москву?", MOSCOW_EN, None),
        ("Сколько идёт доставка?", MOSCOW, None),
        ("Сколько идёт доставка в Казань?", "Курьер привезёт заказ за 1–2 дня.", None),
        ("Сколько идёт доставка в Казань?", f"{MOSCOW} В другие города — 5 дней.", None),
        ("Сколько идёт доставка в Казань?", f"{MOSCOW} По всей России — 5 дней.", None),
        ("How long to Kazan?", f"{MOSCOW_EN} Any other city takes 5 days.", None),
        ("Сколько идёт доставка в Казань?", f"{MOSCOW} В Казани — 5 дней.", None),
    ],
)
def test_place_is_missing_where_the_text_is_about_others(
    question: str, text: str, missing: str | None
) -> None:
    assert place_not_covered(question, text) == missing


@pytest.mark.parametrize(
    "question", ["сколько стоит доставка день в день в рязань", "доставка сегодня по Казани есть?"]
)
def test_article_on_moscow_does_not_answer_for_another_city(decide: Decide, question: str) -> None:
    reply = decide(question).reply
    assert reply is not None
    assert "delivery-same-day-moscow" not in {item.article_id for item in reply.citations}
