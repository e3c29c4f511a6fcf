"""`souffleur eval import …` as it is called: statuses, outputs, usage."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from eval.cases import load_cases
from eval.importing.commands import importing
from tests.eval.importing.files import SAMPLES, write_text

TABLE = str(SAMPLES / "table_en.csv")
STORIES = str(SAMPLES / "rasa_ru.yml")


def call(*words: str) -> Result:
    return CliRunner().invoke(importing, list(words))


def from_shell(*words: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "souffleur", "eval", "import", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=60)


def test_standard_output_holds_the_dialogs_alone_and_a_file_the_same(tmp_path: Path) -> None:
    out = tmp_path / "d.jsonl"
    shown, written = call("table", TABLE), call("table", TABLE, "--out", str(out))
    assert (shown.exit_code, written.exit_code) == (0, 0)
    assert shown.stdout_bytes == out.read_bytes()
    assert len(shown.stdout.splitlines()) == 6
    assert written.stdout == ""
    assert shown.stderr == written.stderr
    assert shown.stderr.startswith("6 dialogs, 8 turns (6 of customers), 6 labelled turns (answer")


def test_the_summary_as_json_counts_what_the_file_holds(tmp_path: Path) -> None:
    out = tmp_path / "d.jsonl"
    found = call("chatwoot", str(SAMPLES / "chatwoot_ru.json"), "--json", "--out", str(out))
    told = json.loads(found.stdout)
    assert found.exit_code == 0
    assert told["out"] == str(out)
    assert told["customer_turns"] == len(load_cases(out)) == 11
    assert told["labels"] == {"handoff": 2}
    assert told["left_out"]["private notes"] == 1
    assert told["notes"] == {}


def test_the_summary_as_json_needs_a_file_for_the_dialogs() -> None:
    found = call("table", TABLE, "--json")
    assert found.exit_code == 2
    assert found.stdout == ""
    assert "--json needs --out FILE" in found.stderr


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["table"], "Missing argument 'FILE...'"),
        (["dstc", "logs.json"], "Missing argument 'LABELS.json'"),
        (["table", TABLE, "--locale", "de"], "'de' is not one of 'ru', 'en'"),
        (["table", TABLE, "--nothing"], "No such option"),
        (["rasa", STORIES, "--intent", "=question"], "'=question' is not NAME=VALUE"),
        (["rasa", STORIES, "--intent", "a=b"], "'b' is none of complaint, question, thanks"),
        (
            ["rasa", STORIES, "--intent", "a=thanks", "--intent", "a=question"],
            "'a' is mapped to two labels",
        ),
        (["rasa", STORIES, "--article", "utter_a"], "'utter_a' is not NAME=VALUE"),
    ],
)
def test_wrong_usage_is_status_2(words: list[str], problem: str) -> None:
    found = call(*words)
    assert found.exit_code == 2
    assert problem in found.stderr


def test_a_malformed_row_is_status_1_and_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    write_text(tmp_path / "t.csv", "question,intent\nhi,question\nho,wrong\n")
    out = write_text(tmp_path / "d.jsonl", "as before")
    found = from_shell("table", "t.csv", "--out", "d.jsonl", folder=tmp_path)
    assert found.returncode == 1
    assert found.stdout == b""
    assert found.stderr.decode() == (
        "souffleur: t.csv:3: intent (column 'intent'): "
        "can be complaint, question, thanks, or empty\n"
    )
    assert out.read_text("utf-8") == "as before"


def test_the_dialogs_are_utf_8_whatever_the_terminal_speaks(tmp_path: Path) -> None:
    write_text(tmp_path / "t.csv", "вопрос\nгде заказ 🙂\n")
    found = from_shell("table", "t.csv", folder=tmp_path)
    assert found.returncode == 0
    assert json.loads(found.stdout.decode("utf-8"))["turns"][0]["text"] == "где заказ 🙂"


def test_a_file_that_is_read_is_not_written_over(tmp_path: Path) -> None:
    path = write_text(tmp_path / "t.csv", "question\nhi\n")
    found = call("table", str(path), "--out", str(path))
    assert found.exit_code == 1
    assert str(found.exception) == f"{path} is read here; write to another file"
    assert path.read_text("utf-8") == "question\nhi\n"


def test_several_files_become_one_and_take_the_locale_given(tmp_path: Path) -> None:
    found = call("table", TABLE, str(SAMPLES / "table_ru.csv"), "--locale", "en")
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    assert len(lines) == 14
    assert {line["locale"] for line in lines} == {"en"}


def test_intents_of_rasa_come_from_pairs_and_files(tmp_path: Path) -> None:
    more = ["--intent", str(SAMPLES / "rasa_intents.yml"), "--intent", "points=question"]
    found = call("rasa", STORIES, *more, "--article", "utter_storage=delivery-storage")
    first = json.loads(found.stdout.splitlines()[0])
    assert first["turns"][0]["labels"] == {
        "intent": "question",
        "article_ids": ["delivery-storage"],
    }
    assert "points" not in found.stderr
    assert "turns of the intent 'inform', which --intent does not map" in found.stderr
