"""Of a card only labels and plain texts are shown, and only so long."""

from __future__ import annotations

import pytest

from assistant.operator_context.crm_fields import CrmField, fields_of
from assistant.settings_checks import MOST_CRM_FIELDS, parse_crm_fields


def test_without_a_wish_the_plain_values_of_the_top_level_are_shown() -> None:
    card = {
        "a": "x",
        "n": 3,
        "f": 1.5,
        "yes": True,
        "nothing": None,
        "o": {"p": 1},
        "l": [1],
        "": "",
    }
    assert fields_of(card, {}) == (
        CrmField("a", "x"),
        CrmField("n", "3"),
        CrmField("f", "1.5"),
        CrmField("yes", value=True),
    )


def test_wanted_fields_are_found_by_their_paths_in_the_order_of_the_wish() -> None:
    card = {
        "address": {"city": "Казань"},
        "orders": [{"number": 10432}, {"number": 10433}],
        "tags": ["vip", 7],
        "a.b": "dotted",
    }
    wanted = parse_crm_fields(
        "Последний=orders.1.number, Город=address.city, Метки=tags, Точка=a.b, Нет=orders.9.number,"
        " Тоже нет=address.city.name, Объект=address"
    )
    assert fields_of(card, wanted) == (
        CrmField("Последний", "10433"),
        CrmField("Город", "Казань"),
        CrmField("Метки", "vip, 7"),
        CrmField("Точка", "dotted"),
    )


def test_values_are_one_line_of_bounded_text() -> None:
    card = {"k" * 500: "две\nстроки\x00\u202e" + "ф" * 100_000, "half": "\ud800"}
    first, second = fields_of(card, {})
    assert len(first.label) <= 60
    assert isinstance(first.value, str)
    assert len(first.value) <= 200
    assert not set(first.value) & set("\n\x00\u202e")
    assert second.value == "?"


def test_card_of_thousands_of_values_shows_the_first() -> None:
    assert len(fields_of({f"k{n}": n for n in range(5000)}, {})) == MOST_CRM_FIELDS


def test_markup_stays_text() -> None:
    assert fields_of({"a": "<script>alert(1)</script>"}, {})[0].value == "<script>alert(1)</script>"


@pytest.mark.parametrize("text", ["city", "=city", "Город=", "a=b..c", "a=x,a=y", "a=."])
def test_bad_field_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no field|comes twice"):
        parse_crm_fields(text)
