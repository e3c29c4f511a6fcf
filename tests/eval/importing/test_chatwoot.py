"""Conversations of Chatwoot: who wrote what, what is left out, how a malformed field is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assistant.errors import DatasetError
from eval.importing.chatwoot import import_chatwoot
from eval.importing.dialogs import Imported, usable
from tests.eval.importing.files import lines_of, turns_of, write_json, write_text

USER = {"id": 7, "type": "user"}
BOT = {"id": 2, "type": "agent_bot"}


def asked(text: Any = "где заказ", **fields: Any) -> dict[str, Any]:
    return {"content": text, "message_type": 0, **fields}


def replied(text: Any = "едет", sender: Any = USER, **fields: Any) -> dict[str, Any]:
    return {"content": text, "message_type": 1, "sender": sender, **fields}


def conversation(*messages: Any, **fields: Any) -> dict[str, Any]:
    return {"id": 1, "messages": list(messages), **fields}


def imported(folder: Path, value: Any, *, answers: bool = False) -> Imported:
    path = write_json(folder / "c.json", value)
    return usable(import_chatwoot(path, keep_answers=answers), [str(path)])


def error_of(folder: Path, value: Any) -> str:
    with pytest.raises(DatasetError) as caught:
        imported(folder, value)
    return str(caught.value).replace(f"{folder}/", "")


def left_out(found: Imported) -> dict[str, int]:
    return {what: count for what, count in found.left_out.items() if count}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda c: [c],
        lambda c: c,
        lambda c: {"conversations": [c]},
        lambda c: {"payload": [c]},
        lambda c: {"data": {"meta": {"all_count": 1}, "payload": [c]}},
        lambda c: {"meta": {}, "payload": [{**m, "conversation_id": 1} for m in c["messages"]]},
        lambda c: [{"event": "message_created", **m, "conversation": {"id": 1, "messages": []}}
                   for m in c["messages"]],
    ],
    ids=["list", "one", "conversations", "payload", "data", "messages", "webhooks"],
)  # fmt: skip
def test_every_shape_gives_the_same_dialog(tmp_path: Path, wrap: Any) -> None:
    found = imported(tmp_path, wrap(conversation(asked(), replied())))
    assert turns_of(found, "chatwoot-1") == [
        ("customer", "где заказ", {}),
        ("operator", "едет", {}),
    ]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (replied(private=True), "private notes"),
        (asked(content_attributes={"deleted": True}), "deleted messages"),
        (asked(None, attachments=[{"id": 1}]), "customers' messages without text"),
        (asked(" \u200b"), "customers' messages without text"),
        (asked("x" * 4001), "customers' messages over 4000 characters"),
        (replied(None, attachments=[{"id": 1}]), "replies without text"),
        ({"content": "Ольга взяла диалог", "message_type": 2}, "activity messages"),
        ({"content": "Ответим за час", "message_type": "template"}, "template messages"),
        (
            replied(sender=None, content_attributes={"automation_rule_id": 1}),
            "messages of automation rules and campaigns",
        ),
        (
            replied(additional_attributes={"campaign_id": 3}),
            "messages of automation rules and campaigns",
        ),
        (
            {"message_type": 3, "content": "Оцените", "content_type": "input_csat"},
            "requests for a rating (csat)",
        ),
    ],
)
def test_what_is_no_turn_is_left_out_and_counted(
    tmp_path: Path, message: dict[str, Any], reason: str
) -> None:
    found = imported(tmp_path, [conversation(asked("привет"), message)], answers=True)
    assert turns_of(found, "chatwoot-1") == [("customer", "привет", {})]
    assert left_out(found) == {reason: 1}


def test_a_rating_and_a_choice_are_told_of(tmp_path: Path) -> None:
    values = {"csat_survey_response": {"rating": 5}}
    csat = {"message_type": 3, "content_type": "input_csat", "content": "Оцените",
            "content_attributes": {"submitted_values": values}}  # fmt: skip
    form = replied("Что выбрать?", BOT, content_attributes={"submitted_values": [{"title": "а"}]})
    found = imported(tmp_path, [conversation(asked(), form, csat)])
    assert left_out(found) == {
        "ratings (csat)": 1,
        "answers to forms and choices (submitted_values)": 1,
    }
    assert turns_of(found, "chatwoot-1")[1] == ("bot", "Что выбрать?", {})


@pytest.mark.parametrize(
    ("fields", "author"),
    [
        ({"sender": USER}, "operator"),
        ({"sender": BOT}, "bot"),
        ({"sender": {"type": "captain_assistant"}}, "bot"),
        ({"sender_type": "Captain::Assistant"}, "bot"),
        ({"sender_type": "AgentBot", "sender": {"id": 2, "name": "Бот"}}, "bot"),
        ({"sender_type": "User"}, "operator"),
        ({"sender": None}, "operator"),
        ({}, "operator"),
    ],
)
def test_who_sent_a_reply(tmp_path: Path, fields: dict[str, Any], author: str) -> None:
    reply = {"content": "едет", "message_type": "outgoing", **fields}
    found = imported(tmp_path, [conversation(asked(), reply)])
    assert turns_of(found, "chatwoot-1")[1][0] == author


def test_only_the_turn_at_which_a_person_took_over_from_a_bot_is_a_handoff(tmp_path: Path) -> None:
    messages = [asked("а"), replied("бот", BOT), asked("б"), replied("1"), replied("2"),
                asked("в"), replied("3")]  # fmt: skip
    found = imported(tmp_path, [conversation(*messages)], answers=True)
    assert turns_of(found, "chatwoot-1") == [
        ("customer", "а", {}),
        ("bot", "бот", {}),
        ("customer", "б", {"answer": "1\n2", "handoff": True}),
        ("human", "1", {}),
        ("human", "2", {}),
        ("customer", "в", {"answer": "3"}),
        ("human", "3", {}),
    ]


def test_messages_of_one_second_go_by_their_ids(tmp_path: Path) -> None:
    newest_first = [
        replied("едет", BOT, id=3, created_at=10),
        asked(id=2, created_at=10),
        asked("привет", id=1, created_at="1970-01-01T00:00:09Z"),
    ]
    found = imported(tmp_path, [conversation(*newest_first)])
    assert [turn[1] for turn in turns_of(found, "chatwoot-1")] == ["привет", "где заказ", "едет"]


def test_a_message_that_stands_twice_counts_once(tmp_path: Path) -> None:
    pages = [{**asked(id=5), "conversation_id": 1}, {**replied(id=6), "conversation_id": 1}]
    found = imported(tmp_path, [*pages, pages[1]])
    assert len(turns_of(found, "chatwoot-1")) == 2
    assert left_out(found) == {"messages that stand twice": 1}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            "<p>Добрый&nbsp;день!</p><p>где <b>заказ</b>?<br>жду</p>",
            "Добрый день!\nгде заказ?\nжду",
        ),
        ("<ul><li>раз</li><li>два</li></ul>", "- раз\n- два"),
        ("<style>p {color: red}</style><div>a &lt; b</div>", "a < b"),
        ('<a href="https://shop.example">тут</a> и <img src="x.png"> всё', "тут и всё"),
        ("если 2 < 3 и 5 > 4, то <3 &amp; <заказ>", "если 2 < 3 и 5 > 4, то <3 &amp; <заказ>"),
        ("**жирно** и <https://shop.example>", "**жирно** и <https://shop.example>"),
    ],
)
def test_html_becomes_what_people_saw(tmp_path: Path, content: str, text: str) -> None:
    found = imported(tmp_path, [conversation(asked(content))])
    assert turns_of(found, "chatwoot-1")[0][1] == text
    assert found.notes["messages of HTML, of which the text was kept"] == (content != text)


def test_the_channel_is_named_as_the_service_names_it(tmp_path: Path) -> None:
    web = conversation(asked(), channel="Channel::WebWidget")
    api = conversation(asked(), id=2, meta={"channel": "Channel::Telegram"})
    unknown = conversation(asked(), id=3)
    found = lines_of(imported(tmp_path, [web, api, unknown]))
    assert [line.get("channel") for line in found] == ["web", "telegram", None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_every_encoding_gives_the_same(tmp_path: Path, encoding: str) -> None:
    text = '[{"id": 1, "messages": [{"message_type": 0, "content": "здравствуйте, где заказ"}]}]'
    path = write_text(tmp_path / "c.json", text, encoding)
    found = import_chatwoot(path)
    assert turns_of(found, "chatwoot-1") == [("customer", "здравствуйте, где заказ", {})]


@pytest.mark.parametrize(
    ("messages", "problem"),
    [
        ([1], "c.json:5: [0].messages[0]: is 1, not an object"),
        (
            [{"content": "a"}],
            "c.json:5: [0].messages[0].message_type: is missing; "
            "it can be incoming, outgoing, activity, template or 0 to 3",
        ),
        (
            [asked(message_type="incomin")],
            "c.json:7: [0].messages[0].message_type: is 'incomin'; "
            "it can be incoming, outgoing, activity, template or 0 to 3",
        ),
        (
            [asked(message_type=True)],
            "c.json:7: [0].messages[0].message_type: is true; "
            "it can be incoming, outgoing, activity, template or 0 to 3",
        ),
        ([asked(5)], "c.json:6: [0].messages[0].content: is 5, not text"),
        (
            [asked(private="yes")],
            "c.json:8: [0].messages[0].private: is 'yes', not true or false",
        ),
        (
            [asked(content_attributes=[])],
            "c.json:8: [0].messages[0].content_attributes: is a list, not an object",
        ),
        (
            [asked(created_at="вчера вечером")],
            "c.json:8: [0].messages[0].created_at: is no time: "
            "give seconds or 2026-12-31T23:59:59Z",
        ),
        (
            [asked(created_at=1), asked()],
            "c.json:10: [0].messages[1].created_at: is missing, but other messages have a time",
        ),
        (
            [replied(sender={"type": "robot"})],
            "c.json:9: [0].messages[0].sender.type: is 'robot'; "
            "a reply is sent by user, agent_bot or captain_assistant",
        ),
        (
            [replied(sender="bob")],
            "c.json:8: [0].messages[0].sender: is 'bob', not an object",
        ),
        ([asked(id=[])], "c.json:8: [0].messages[0].id: is a list, not an id"),
    ],
)  # fmt: skip
def test_a_malformed_message_is_named_with_line_and_field(
    tmp_path: Path, messages: list[Any], problem: str
) -> None:
    assert error_of(tmp_path, [conversation(*messages)]) == problem


def test_half_a_character_is_named(tmp_path: Path) -> None:
    text = '[{"id": 1, "messages": [\n{"message_type": 0, "content": "привет \\ud83d"}]}]'
    with pytest.raises(DatasetError) as caught:
        import_chatwoot(write_text(tmp_path / "c.json", text))
    assert str(caught.value) == (
        f"{tmp_path}/c.json:2: [0].messages[0].content: holds half a character (a lone surrogate)"
    )


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({}, "c.json:1: the file: is no conversation: "
             "it has no `messages`, `payload` or `data`"),
        ("text", "c.json:1: the file: is 'text', not an object"),
        (None, "c.json:1: the file: is missing; it must be an object"),
        ([], "c.json: no customer's turn that could be imported"),
        ({"payload": 5}, "c.json:2: payload: is 5, not an object"),
        ([{"messages": []}], "c.json:2: [0].id: is missing; it must be an id"),
        ([{"id": 1.5, "messages": []}], "c.json:3: [0].id: is 1.5, not an id"),
        ([{"id": " ", "messages": []}], "c.json:3: [0].id: is empty"),
        ([{"id": 1}], "c.json:2: [0].messages: is missing; it must be a list"),
        ([{"id": 1, "messages": {}}], "c.json:4: [0].messages: is an object, not a list"),
        ([asked()], "c.json:2: [0].conversation_id: is missing; it must be an id"),
        ([asked(conversation={})],
         "c.json:5: [0].conversation.id: is missing; it must be an id"),
        ([conversation(asked()), conversation(asked())],
         "c.json:11: [1]: dialog_id 'chatwoot-1' stands at c.json:2 too"),
        ([conversation(replied())],
         "c.json: no customer's turn that could be imported"),
        ([conversation(asked(None))],
         "c.json: no customer's turn that could be imported "
         "(left out: 1 customers' messages without text)"),
    ],
)  # fmt: skip
def test_a_malformed_file_is_named_with_line_and_field(
    tmp_path: Path, value: Any, problem: str
) -> None:
    assert error_of(tmp_path, value) == problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "c.json: the file is empty"),
        ('[{"id": 1,\n"messages": [', "c.json:2: not JSON (Expecting value)"),
        ('{"id": 1}\n{"id": 2}\n', "c.json:2: not JSON (Extra data)"),
        ("[" * 100_000, "c.json: not JSON that can be read (maximum recursion depth exceeded"),
    ],
)
def test_what_is_no_json_is_named_with_the_line(tmp_path: Path, text: str, problem: str) -> None:
    path = write_text(tmp_path / "c.json", text)
    with pytest.raises(DatasetError) as caught:
        import_chatwoot(path)
    assert str(caught.value).replace(f"{tmp_path}/", "").startswith(problem)
