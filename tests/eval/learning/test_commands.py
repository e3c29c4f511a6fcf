"""`souffleur learn approve | reject | take-back`: all that was named, or nothing."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.domain import IncomingMessage
from assistant.settings import Settings
from assistant.wiring import open_store
from tests.assistant.conftest import post

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def judged(tmp_path: Path) -> tuple[Path, list[int]]:
    """A data folder with two verdicts that wait, and their numbers."""
    store = open_store(Settings(data_dir=tmp_path / "data", burst_seconds=0, _env_file=None))  # type: ignore[call-arg]
    numbers = []
    for name in ("a", "b"):
        received = store.receive(IncomingMessage(text=name, message_id=f"m-{name}"), name, "ru")
        post(store, received)
        told = store.judge(
            received.dialog.dialog_id, received.message_id, right=False, operator_id="op-1"
        )
        numbers.append(told["verdict_id"])
    return tmp_path / "data", numbers


def reviews(run_command: Run, data_dir: Path) -> list[str | None]:
    """What was decided on each verdict."""
    told = run_command("learn", "list", "--all", "--json", "--data-dir", str(data_dir))
    assert told.returncode == 0, told.stderr
    return [item["review"] for item in json.loads(told.stdout)["verdicts"]]


@pytest.mark.parametrize("command", ["approve", "reject", "take-back"])
def test_one_that_there_is_not_leaves_all_others_as_they_are(
    run_command: Run, judged: tuple[Path, list[int]], command: str
) -> None:
    data_dir, numbers = judged
    named = [str(number) for number in (*numbers, 999)]
    done = run_command("learn", command, *named, "--data-dir", str(data_dir))
    assert done.returncode == 1
    assert done.stderr == "souffleur: there is no verdict 999\n"
    assert reviews(run_command, data_dir) == [None, None]


def test_one_that_was_taken_back_is_named_before_anything_is_decided(
    run_command: Run, judged: tuple[Path, list[int]]
) -> None:
    data_dir, (first, second) = judged
    where = ("--data-dir", str(data_dir))
    assert run_command("learn", "take-back", str(second), *where).returncode == 0
    done = run_command("learn", "approve", str(first), str(second), *where)
    assert done.returncode == 1
    assert f"verdict {second} was taken back" in done.stderr
    assert reviews(run_command, data_dir)[0] is None
    assert run_command("learn", "approve", str(first), *where).stdout == "1 verdict approved.\n"
    assert reviews(run_command, data_dir)[0] == "approved"
