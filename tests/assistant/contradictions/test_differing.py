"""What counts as a contradiction between two sentences, and what does not."""

from __future__ import annotations

import json

import pytest

from assistant.contradictions.differing import Difference, difference_between
from assistant.contradictions.statement import statement
from eval.bench.contradictions import FOLDER, read_pairs, told

PAIRS = [row for path in sorted(FOLDER.glob("*.jsonl")) for row in read_pairs(path)]


def differs(
    one: str, other: str, titles: tuple[str, str] = ("Заказ", "Заказ")
) -> Difference | None:
    left = statement("a", titles[0], (), one, "ru")
    right = statement("b", titles[1], (), other, "ru")
    return difference_between(left, right)


def test_number_of_the_same_thing_differs_word_for_word() -> None:
    found = differs("Заказ в пункте храним 7 дней.", "В пункте заказ храним две недели.")
    assert found == Difference("amount", "7 дней", "две недели")


def test_denial_of_the_same_thing_is_named() -> None:
    found = differs("Постаматы принимают наличные.", "Постаматы не принимают наличные.")
    assert found is not None
    assert found.kind == "denial"
    assert "не" in found.other.split()
    assert "не" not in found.one.split()


def test_opposites_of_the_same_thing_are_named() -> None:
    found = differs("Подписка продлевается автоматически.", "Подписка продлевается вручную.")
    assert found == Difference("opposite", "автоматически", "вручную")


def test_order_of_the_two_does_not_matter() -> None:
    one, other = "Заказ в пункте храним 7 дней.", "Заказ в пункте храним 9 дней."
    assert differs(other, one) == Difference("amount", "9 дней", "7 дней")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Заказ в пункте храним 7 дней.", "Заказ в пункте храним неделю."),
        ("Заказ в Москве храним 7 дней.", "Заказ в Казани храним 9 дней."),
        ("Заказ в пункте храним 7 дней.", "Заказ на складе храним 9 дней."),
        ("Заказ в пункте храним 7 дней.", "Если заказ в пункте оплачен, храним 9 дней."),
        ("Сколько дней храним заказ в пункте? 7 дней?", "Заказ в пункте храним 9 дней."),
        ("До отправки заказ можно отменить.", "После отправки заказ отменить нельзя."),
        ("Посылка до 5 кг стоит 300 ₽.", "Посылка до 10 кг стоит 500 ₽."),
        ("Сборка заказа: шаг 3", "Сборка заказа: шаг 6"),
    ],
)
def test_other_case_is_no_contradiction(one: str, other: str) -> None:
    assert differs(one, other) is None


def test_titles_tell_apart_what_the_sentences_do_not() -> None:
    one, other = "Заказ храним 7 дней.", "Заказ храним 9 дней."
    assert differs(one, other, ("Постаматы", "Пункты выдачи")) is None
    assert differs(one, other, ("Постаматы", "Всё о постаматах")) is not None


def test_data_set_has_enough_pairs_of_both_kinds() -> None:
    assert len({json.dumps([row["one"], row["other"]]) for row in PAIRS}) == len(PAIRS)
    assert sum(row["contradicts"] for row in PAIRS) >= 20
    assert sum(not row["contradicts"] for row in PAIRS) >= 20


def test_no_pair_of_the_data_set_is_a_false_alarm() -> None:
    results = [told(row) for row in PAIRS]
    assert [one.pair_id for one in results if one.found and not one.contradicts] == []


def test_most_contradictions_of_the_data_set_are_found() -> None:
    there = [told(row) for row in PAIRS if row["contradicts"]]
    assert sum(one.found for one in there) >= 0.75 * len(there)
