"""Chat histories of Webim: who wrote what, what is left out, how a malformed field is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assistant.errors import DatasetError
from eval.importing.dialogs import Imported, usable
from eval.importing.webim import import_webim
from tests.eval.importing.files import turns_of, write_json


def asked(text: Any = "где заказ", **fields: Any) -> dict[str, Any]:
    return {"kind": "visitor", "text": text, **fields}


def replied(text: Any = "едет", **fields: Any) -> dict[str, Any]:
    return {"kind": "operator", "text": text, **fields}


def imported(folder: Path, value: Any, *bots: str, answers: bool = False) -> Imported:
    path = write_json(folder / "w.json", value)
    return usable(import_webim(path, bots, keep_answers=answers), [str(path)])


def chat(*messages: Any) -> list[Any]:
    return [{"id": 9, "messages": list(messages)}]


def error_of(folder: Path, value: Any) -> str:
    with pytest.raises(DatasetError) as caught:
        imported(folder, value)
    return str(caught.value).replace(f"{folder}/", "")


@pytest.mark.parametrize("wrap", [lambda c: c, lambda c: c[0], lambda c: {"chats": c}])
def test_every_shape_gives_the_same_dialog(tmp_path: Path, wrap: Any) -> None:
    found = imported(tmp_path, wrap(chat(asked(), replied())), answers=True)
    assert turns_of(found, "webim-9") == [
        ("customer", "где заказ", {"answer": "едет"}),
        ("operator", "едет", {}),
    ]


@pytest.mark.parametrize(
    "author",
    [{"operator_id": 24}, {"author_id": "24"}, {"operator": {"id": 24}}],
)
def test_a_bot_is_known_by_its_id_alone(tmp_path: Path, author: dict[str, Any]) -> None:
    value = chat(asked(), replied(**author), replied("это Ольга", operator_id=7))
    without = imported(tmp_path, value)
    assert [turn[0] for turn in turns_of(without, "webim-9")] == ["customer", *["operator"] * 2]
    named = imported(tmp_path, value, "24")
    assert turns_of(named, "webim-9") == [
        ("customer", "где заказ", {"handoff": True}),
        ("bot", "едет", {}),
        ("human", "это Ольга", {}),
    ]
    assert named.notes["messages of the bot '24'"] == 1


def test_a_reply_without_an_author_is_a_persons_and_told_of(tmp_path: Path) -> None:
    found = imported(tmp_path, chat(asked(), replied()), "24")
    assert turns_of(found, "webim-9")[1][0] == "operator"
    assert found.notes["operators' messages without an author, taken for a person's"] == 1


@pytest.mark.parametrize("holder", ["data", "response"])
def test_a_pressed_button_says_its_label(tmp_path: Path, holder: str) -> None:
    pressed = {"kind": "keyboard_response", holder: {"button": {"id": "h", "text": "Оператор"}}}
    assert turns_of(imported(tmp_path, chat(pressed)), "webim-9") == [("customer", "Оператор", {})]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"kind": "info", "text": "a"}, "notices of the system (info)"),
        ({"kind": "for_operator", "text": "a"}, "private notes (for_operator)"),
        ({"kind": "file_visitor"}, "customers' files (file_visitor)"),
        ({"kind": "keyboard"}, "keyboards of the bot (keyboard)"),
        ({"kind": "poll"}, "messages of the unknown kind 'poll'"),
        ({"kind": "вид с текстом"}, "messages of the unknown kind some text"),
        (asked(""), "customers' messages without text"),
        (asked(None), "customers' messages without text"),
        (asked("x" * 4001), "customers' messages over 4000 characters"),
        (replied(" "), "replies without text"),
    ],
)
def test_what_is_no_turn_is_left_out_and_counted(
    tmp_path: Path, message: dict[str, Any], reason: str
) -> None:
    found = imported(tmp_path, chat(asked("привет"), message))
    assert turns_of(found, "webim-9") == [("customer", "привет", {})]
    assert {what: count for what, count in found.left_out.items() if count} == {reason: 1}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"x": 1}, "w.json:1: the file: is no chat history: it has neither `chats` nor `messages`"),
        ({"chats": {}}, "w.json:2: chats: is an object, not a list"),
        ({"chats": [{"messages": [asked()]}]},
         "w.json:3: chats[0].id: is missing; it must be an id"),
        ([{"id": 9}], "w.json:2: [0].messages: is missing; it must be a list"),
        (chat({"text": "a"}), "w.json:5: [0].messages[0].kind: is missing; it must be text"),
        (chat(asked(kind=5)), "w.json:6: [0].messages[0].kind: is 5, not text"),
        (chat(asked([])), "w.json:7: [0].messages[0].text: is a list, not text"),
        (chat(asked(), replied(operator_id={})),
         "w.json:12: [0].messages[1].operator_id: is an object, not an id"),
        (chat(asked(), replied(operator={})),
         "w.json:12: [0].messages[1].operator.id: is missing; it must be an id"),
        (chat({"kind": "keyboard_response", "data": {"button": {"id": 1}}}),
         "w.json:8: [0].messages[0].data.button.text: is missing; it must be text"),
        (chat({"kind": "keyboard_response"}),
         "w.json:5: [0].messages[0].response: is missing; it must be an object"),
        ([*chat(asked()), *chat(asked())],
         "w.json:11: [1]: dialog_id 'webim-9' stands at w.json:2 too"),
        (chat(replied()), "w.json: no customer's turn that could be imported"),
    ],
)  # fmt: skip
def test_a_malformed_field_is_named_with_line_and_place(
    tmp_path: Path, value: Any, problem: str
) -> None:
    assert error_of(tmp_path, value) == problem
