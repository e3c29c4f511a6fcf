"""Labelled dialogs: what is read, and how a malformed line is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.domain import Action, AuthorKind
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


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("{", "not JSON"),
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
