"""`souffleur review` as a person runs it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def lines_of(*rows: object) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_each_draft_is_answered_in_order_without_a_knowledge_base(
    run_command: Run, tmp_path: Path
) -> None:
    history = [{"author": "customer", "text": "где заказ 10432"}]
    rows = [
        {"id": "a", "intent": "complaint", "draft": "Понимаю вас."},
        {"id": 2, "intent": "question", "draft": "Какой номер заказа?", "history": history},
        {"intent": "thanks", "draft": "Пожалуйста!"},
    ]
    done = run_command("review", "-", "--data-dir", str(tmp_path / "none"), stdin=lines_of(*rows))
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["id"] for one in answers] == ["a", 2, None]
    assert [[piece["code"] for piece in one["advice"]] for one in answers] == [
        ["no_next_step"],
        ["already_answered"],
        [],
    ]


def test_the_knowledge_base_is_used_where_there_is_one(run_command: Run, shop: Path) -> None:
    row = {"intent": "question", "draft": "Баллы действуют 30 дней с даты начисления."}
    done = run_command("review", "-", "--data-dir", str(shop), stdin=lines_of(row))
    assert [one["code"] for one in json.loads(done.stdout)["advice"]] == ["contradicts_article"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"id": 1}, ":3: 'draft' is missing or not text"),
        ({"draft": "а", "intent": "praise"}, ":3: 'intent' is none of"),
        ({"draft": "а", "history": "б"}, ":3: 'history' is not a list"),
        ({"draft": "а", "history": [{"author": "x", "text": "б"}]}, ":3: message 1 of 'history'"),
        ({"draft": "а", "history": [{"author": "bot"}]}, ":3: 'text' of message 1 of 'history'"),
    ],
)
def test_a_bad_line_is_named_by_its_number_and_nothing_is_printed(
    run_command: Run, tmp_path: Path, row: object, message: str
) -> None:
    file = tmp_path / "drafts.jsonl"
    file.write_text("\n" + lines_of({"draft": "а"}, row), encoding="utf-8")
    done = run_command("review", str(file))
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"{file}{message}" in done.stderr
