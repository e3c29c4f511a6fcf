"""`souffleur ground` as a person runs it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
EVIDENCE = ["Товар можно вернуть в течение 14 дней."]


def lines_of(*rows: object) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_each_line_is_answered_in_order(run_command: Run, tmp_path: Path) -> None:
    rows = [
        {"id": "a", "claim": "Вернуть товар можно за две недели.", "evidence": EVIDENCE},
        {"id": 2, "claim": "Товар можно вернуть за 30 дней.", "evidence": EVIDENCE},
        {"claim": "Товар можно вернуть.", "evidence": []},
    ]
    file = tmp_path / "claims.jsonl"
    file.write_text(lines_of(*rows), encoding="utf-8")
    done = run_command("ground", str(file))
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", 2, None]
    assert [answer["supported"] for answer in answers] == [True, False, False]
    assert [answer["unsupported"] for answer in answers] == [
        [],
        ["30 дней"],
        ["Товар можно вернуть."],
    ]
    assert answers[0]["score"] > answers[1]["score"] > answers[2]["score"] == 0
    again = run_command("ground", "-", stdin=lines_of(*rows))
    assert again.stdout == done.stdout


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"id": 1, "evidence": EVIDENCE}, ":2: 'claim' is missing or not text"),
        ({"id": 1, "claim": "a"}, ":2: 'evidence' is missing or not a list"),
        ({"id": 1, "claim": "a", "evidence": "b"}, ":2: 'evidence' is missing or not a list"),
        ({"id": 1, "claim": "a", "evidence": ["b", 3]}, ":2: text 2 of 'evidence' is missing"),
    ],
)
def test_bad_line_is_named_and_nothing_is_printed(
    run_command: Run, tmp_path: Path, row: object, message: str
) -> None:
    file = tmp_path / "claims.jsonl"
    file.write_text(lines_of({"claim": "a", "evidence": []}, row), encoding="utf-8")
    done = run_command("ground", str(file))
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"{file}{message}" in done.stderr
    assert len(done.stderr.splitlines()) == 1
