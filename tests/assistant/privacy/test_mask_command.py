"""`souffleur mask` as a person runs it, and the setting of order numbers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.settings import load_settings

Run = Callable[..., subprocess.CompletedProcess[str]]


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    """The documents on standard output of a command that worked."""
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_lines_come_back_masked_in_order_with_spans_of_the_input(
    run_command: Run, tmp_path: Path
) -> None:
    text = "Меня зовут Анна, заказ 10432"
    rows = [{"id": 7, "text": text}, {"id": "b", "text": "Спасибо!"}, {"id": None, "text": ""}]
    file = tmp_path / "in.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    first, second, third = lines(run_command("mask", str(file)))
    assert first == {
        "id": 7,
        "masked": "Меня зовут [NAME_1], заказ [ORDER_1]",
        "entities": [
            {"kind": "name", "start": text.index("Анна"), "end": text.index("Анна") + 4},
            {"kind": "order", "start": text.index("10432"), "end": len(text)},
        ],
    }
    assert second == {"id": "b", "masked": "Спасибо!", "entities": []}
    assert third == {"id": None, "masked": "", "entities": []}


def test_every_line_is_a_dialog_of_its_own(run_command: Run, tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    rows = [{"id": n, "text": f"тел 8916555123{n}"} for n in range(2)]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert [row["masked"] for row in lines(run_command("mask", str(file)))] == ["тел [PHONE_1]"] * 2


def test_standard_input_is_read(run_command: Run) -> None:
    done = run_command("mask", "-", stdin='{"id": 1, "text": "mail: anna@mail.example"}\n')
    assert [row["masked"] for row in lines(done)] == ["mail: [EMAIL_1]"]


@pytest.mark.parametrize(
    ("second", "reason"),
    [("{", "not JSON"), ('{"id": 2}', "'text' is missing"), ("[1]", "not an object")],
)
def test_a_malformed_line_is_named_by_its_number(
    run_command: Run, tmp_path: Path, second: str, reason: str
) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text(f'{{"id": 1, "text": "ок"}}\n{second}\n', encoding="utf-8")
    done = run_command("mask", str(file))
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert "in.jsonl:2:" in line
    assert reason in line


def test_a_missing_file_is_one_line(run_command: Run, tmp_path: Path) -> None:
    done = run_command("mask", str(tmp_path / "nowhere.jsonl"))
    assert done.returncode == 1
    assert "nowhere.jsonl" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_own_order_patterns_replace_the_usual_ones(run_command: Run, tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text('{"id": 1, "text": "заказ 10432, бронь ZX-77 и QQ1"}', encoding="utf-8")
    done = run_command("mask", str(file), SOUFFLEUR_ORDER_PATTERNS=r"(ZX-\d+) ; QQ\d")
    (row,) = lines(done)
    assert row["masked"] == "заказ 10432, бронь [ORDER_1] и [ORDER_2]"


@pytest.mark.parametrize(("pattern", "reason"), [("(", "regular expression"), ("a*", "empty text")])
def test_an_order_pattern_that_makes_no_sense_names_the_setting(pattern: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=f"SOUFFLEUR_ORDER_PATTERNS.*{reason}"):
        load_settings(order_patterns=pattern)
