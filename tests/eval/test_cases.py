"""Labelled dialogs: what is read, and how a malformed line is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.domain import Action, AuthorKind, Turn
from assistant.errors import DatasetError
from eval.cases import load_cases
from tests.conftest import REPO

GOOD = {
    "dialog_id": "x-1",
    "locale": "ru",
    "turns": [
        {"author": "customer", "text": "сколько хранится заказ", "labels": {"article_ids": ["a"]}},
        {"author": "operator", "text": "7 дней"},
        {"author": "customer", "text": "а в постамате?"},
    ],
}


def write(folder: Path, *lines: str) -> Path:
    path = folder / "dialogs.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_every_customer_turn_is_a_case_with_what_was_said_before(tmp_path: Path) -> None:
    first, second = load_cases(write(tmp_path, json.dumps(GOOD)))
    assert first.history == ()
    assert [turn.author for turn in second.history] == [AuthorKind.CUSTOMER, AuthorKind.BOT]
    assert second.history[1].action is Action.ANSWER
    assert second.history[1].article_ids == ("a",)


def test_an_absent_label_is_none_and_an_empty_list_is_kept(tmp_path: Path) -> None:
    dialog = {
        "dialog_id": "x",
        "turns": [{"author": "customer", "text": "привет", "labels": {"article_ids": []}}],
    }
    (case,) = load_cases(write(tmp_path, json.dumps(dialog)))
    assert case.labels.article_ids == ()
    assert case.labels.intent is None
    assert case.labels.handoff is None


def test_a_human_stays_a_human_and_an_operator_stands_for_the_right_answer(tmp_path: Path) -> None:
    turns = [
        {"author": "customer", "text": "верните деньги", "labels": {"article_ids": ["a"]}},
        {"author": "human", "text": "Это Ольга, смотрю"},
        {"author": "bot", "text": "За 5 дней"},
        {"author": "customer", "text": "точно?"},
    ]
    _, last = load_cases(write(tmp_path, json.dumps({"dialog_id": "x", "turns": turns})))
    _, human, bot = last.history
    assert human == Turn(AuthorKind.HUMAN, "Это Ольга, смотрю")
    assert bot == Turn(AuthorKind.BOT, "За 5 дней", Action.ANSWER, ("a",))


def test_history_holds_the_cleaned_text_as_the_store_does(tmp_path: Path) -> None:
    turns = [
        {"author": "customer", "text": " где\u200b заказ\x00 "},
        {"author": "customer", "text": "ау"},
    ]
    _, last = load_cases(write(tmp_path, json.dumps({"dialog_id": "x", "turns": turns})))
    assert last.history == (Turn(AuthorKind.CUSTOMER, "где заказ"),)


def test_a_repeated_dialog_id_is_refused_with_both_lines(tmp_path: Path) -> None:
    path = write(tmp_path, json.dumps(GOOD), "", json.dumps(GOOD))
    with pytest.raises(DatasetError) as refusal:
        load_cases(path)
    assert str(refusal.value) == f"{path}:3: dialog_id 'x-1' stands on line 1 too"


@pytest.mark.parametrize(
    ("labels", "field"),
    [
        ({"answer": "да \ud83d"}, "turns[0].labels.answer"),
        ({"topic": "\udfff"}, "turns[0].labels.topic"),
        ({"article_ids": ["a", "b\ud800"]}, "turns[0].labels.article_ids"),
    ],
)
def test_half_a_character_in_a_label_is_refused(
    tmp_path: Path, labels: dict[str, object], field: str
) -> None:
    turns = [{"author": "customer", "text": "как?", "labels": labels}]
    path = write(tmp_path, json.dumps({"dialog_id": "x", "turns": turns}))
    with pytest.raises(DatasetError) as refusal:
        load_cases(path)
    assert str(refusal.value) == f"{path}:1: {field} holds half a character"


@pytest.mark.parametrize("name", ["dialog_id", "locale", "channel"])
def test_half_a_character_in_what_is_recorded_of_a_dialog_is_refused(
    tmp_path: Path, name: str
) -> None:
    path = write(tmp_path, json.dumps({**GOOD, name: "\udc00"}))
    with pytest.raises(DatasetError, match=f"{path}:1: the dialog's '{name}' holds half"):
        load_cases(path)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("{", "not JSON"),
        (
            '{"dialog_id": "x", "turns": [{"author": "customer", "text": "a", "labels": []}]}',
            "turns[0].labels is not an object",
        ),
        ("{}", "'turns'"),
        ('{"dialog_id": "x", "turns": [{"text": "a"}]}', "turns[0] has no 'author'"),
        ('{"dialog_id": "x", "turns": [{"author": "customer", "text": " "}]}', "turns[0].text"),
        (
            '{"dialog_id": "x", "turns": [{"author": "customer", "text": "a", '
            '"labels": {"intent": "praise"}}]}',
            "labels.intent is 'praise'",
        ),
        (
            '{"dialog_id": "x", "turns": [{"author": "customer", "text": "a", '
            '"labels": {"article_ids": "a"}}]}',
            "labels.article_ids",
        ),
        (
            '{"dialog_id": "x", "turns": [{"author": "customer", "text": "a", '
            '"labels": {"handoff": "yes"}}]}',
            "labels.handoff",
        ),
    ],
)
def test_a_malformed_line_is_named_with_file_line_and_field(
    tmp_path: Path, line: str, named: str
) -> None:
    path = write(tmp_path, json.dumps(GOOD), line)
    with pytest.raises(DatasetError) as refusal:
        load_cases(path)
    assert f"{path}:2" in str(refusal.value)
    assert named in str(refusal.value)


def test_a_file_without_dialogs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no customer's turn"):
        load_cases(write(tmp_path, ""))


def shipped() -> list[dict[str, object]]:
    folder = REPO / "eval" / "datasets" / "shop"
    return [
        json.loads(line)
        for path in sorted(folder.glob("dialogs_*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def customer_turns(dialog: dict[str, object]) -> list[dict[str, object]]:
    turns = dialog["turns"]
    assert isinstance(turns, list)
    return [turn for turn in turns if turn["author"] == "customer"]


def test_shipped_dialogs_are_many_and_varied() -> None:
    dialogs = shipped()
    several = [dialog for dialog in dialogs if len(customer_turns(dialog)) > 1]
    handed_over = [
        dialog
        for dialog in dialogs
        if any(turn["labels"]["handoff"] for turn in customer_turns(dialog))  # type: ignore[index]
    ]
    assert len(dialogs) >= 150
    assert len(several) >= len(dialogs) / 3
    assert len(handed_over) >= len(dialogs) / 5
    assert len({dialog["dialog_id"] for dialog in dialogs}) == len(dialogs)


def test_shipped_labels_name_articles_that_exist(indexed_shop: Path) -> None:
    from assistant.knowledge.snapshot import SnapshotStore

    known = set(SnapshotStore(indexed_shop).load().articles)
    named = {
        article_id
        for dialog in shipped()
        for turn in customer_turns(dialog)
        for article_id in turn["labels"].get("article_ids", [])  # type: ignore[attr-defined]
    }
    assert named <= known


def test_articles_that_do_not_answer_are_a_label_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "judged.jsonl"
    turn = {"author": "customer", "text": "где чек", "labels": {"wrong_article_ids": ["a"]}}
    path.write_text(json.dumps({"dialog_id": "d", "turns": [turn]}), encoding="utf-8")
    (case,) = load_cases(path)
    assert case.labels.article_ids is None
    assert case.labels.wrong_article_ids == ("a",)
    turn["labels"] = {"wrong_article_ids": ["a"], "article_ids": []}
    path.write_text(json.dumps({"dialog_id": "d", "turns": [turn]}), encoding="utf-8")
    with pytest.raises(DatasetError, match=r"labels\.wrong_article_ids is for turns without"):
        load_cases(path)
