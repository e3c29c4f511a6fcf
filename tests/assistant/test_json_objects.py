"""JSON in a language model's reply."""

from __future__ import annotations

import pytest

from assistant.json_objects import json_objects


@pytest.mark.parametrize(
    "reply",
    [
        '{"a": 1}',
        '```json\n{"a": 1}\n```',
        'Вот: {"a": 1} — всё.',
        '<think>{"a": 2}</think>{"a": 1}',
        '{{ no JSON {"a": 1}',
    ],
)
def test_object_is_found_wherever_a_model_puts_it(reply: str) -> None:
    assert list(json_objects(reply)) == [{"a": 1}]


def test_objects_come_in_order_and_inner_ones_stay_inside() -> None:
    assert list(json_objects('{"a": {"b": 1}} {"c": 2}')) == [{"a": {"b": 1}}, {"c": 2}]


@pytest.mark.parametrize("reply", ["", "нет", "[1, 2]", '{"a": 1', "<think>{} never ends"])
def test_reply_without_an_object_holds_none(reply: str) -> None:
    assert list(json_objects(reply)) == []


def test_bottomless_nesting_is_passed_over() -> None:
    assert list(json_objects('{"a":' * 5000)) == []
