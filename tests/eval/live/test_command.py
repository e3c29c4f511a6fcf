"""`souffleur eval live` as a person would run it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from assistant.domain import IncomingMessage, Owner
from assistant.settings import Settings
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.store.posting import Considered
from assistant.verdicts import Review
from eval.cases import load_cases
from tests.assistant.conftest import ask, handoff_to, post

Run = Callable[..., object]


@pytest.fixture
def store(tmp_path: Path) -> DialogStore:
    """The store of the data folder `tmp_path`, with the real clock."""
    return DialogStore(Database(Settings(data_dir=tmp_path, _env_file=None).database))  # type: ignore[call-arg]


def measured(run_command: Run, data_dir: Path, *more: str) -> dict:
    done = run_command("eval", "live", "--data-dir", str(data_dir), "--json", *more)
    assert done.returncode == 0, done.stderr  # type: ignore[attr-defined]
    return json.loads(done.stdout)  # type: ignore[attr-defined]


def test_what_was_judged_is_measured_and_written(
    run_command: Run, store: DialogStore, tmp_path: Path
) -> None:
    for number in range(4):
        received = ask(store, f"вопрос {number}")
        post(store, received, considered=Considered(0.9))
        where = received.dialog.dialog_id, received.message_id
        store.judge(*where, right=number > 0, operator_id="op-1")
    post(store, ask(store), owner=Owner.WAITING, handoff=handoff_to())
    of_evaluation = IncomingMessage(text="вопрос", channel="eval")
    post(store, store.receive(of_evaluation, "вопрос", "ru"))
    out = tmp_path / "judged.jsonl"
    document = measured(run_command, tmp_path, "--out", str(out), "--unreviewed")
    assert (document["n_dialogs"], document["n_messages"]) == (5, 5)
    assert document["verdicts"] == {"operator": 4}
    metrics = document["metrics"]
    assert (metrics["answer_rate"]["value"], metrics["answer_rate"]["n"]) == (0.8, 5)
    assert (metrics["answer_precision"]["value"], metrics["answer_precision"]["n"]) == (0.75, 4)
    assert metrics["ece"]["value"] == 0.15
    assert metrics["handoff_share_customer_request"]["value"] == 1.0
    assert metrics["csat_mean"] == {"value": None, "ci_low": None, "ci_high": None, "n": 0}
    assert document["drift"]["n_messages_older"] == 0
    assert document["drift"]["metrics"]["answer_rate"]["verdict"] == "unscored"
    counts = {"dialogs": 4, "turns": 4, "wrong": 1, "left_out": 0}
    assert document["labelled"] == {"path": str(out)} | counts
    labels = [case.labels for case in load_cases(out)]
    assert [item.article_ids for item in labels] == [None, *[("a-1",)] * 3]
    assert labels[0].wrong_article_ids == ("a-1",)


def test_what_nobody_approved_is_measured_but_not_written_to_learn_from(
    run_command: Run, store: DialogStore, tmp_path: Path
) -> None:
    numbers = []
    for number in range(3):
        received = ask(store, f"вопрос {number}")
        post(store, received, considered=Considered(0.9))
        where = received.dialog.dialog_id, received.message_id
        numbers.append(store.judge(*where, right=True, operator_id="op-1")["verdict_id"])
    store.review_verdict(numbers[1], Review.APPROVED, "op-2")
    store.review_verdict(numbers[2], Review.REJECTED, "op-2")
    out = tmp_path / "judged.jsonl"
    document = measured(run_command, tmp_path, "--out", str(out))
    assert document["metrics"]["answer_precision"]["n"] == 3
    assert [case.text for case in load_cases(out)] == ["вопрос 1"]


def test_table_shows_a_dash_where_nothing_is_known(
    run_command: Run, store: DialogStore, tmp_path: Path
) -> None:
    post(store, ask(store))
    done = run_command("eval", "live", "--data-dir", str(tmp_path))
    assert done.returncode == 0, done.stderr  # type: ignore[attr-defined]
    lines = {
        line.split()[0]: line.split()[1:]
        for line in done.stdout.splitlines()  # type: ignore[attr-defined]
        if line.strip()
    }
    assert lines["answer_rate"][0] == "1.000"
    assert lines["answer_precision"] == ["—", "0"]
    assert "verdicts: none" in done.stdout  # type: ignore[attr-defined]
    assert "reopenings count within 7 days" in done.stdout  # type: ignore[attr-defined]


def test_window_is_as_long_as_asked(run_command: Run, store: DialogStore, tmp_path: Path) -> None:
    post(store, ask(store))
    assert measured(run_command, tmp_path, "--days", "1")["n_messages"] == 1
    assert measured(run_command, tmp_path, "--days", "1e-9")["n_messages"] == 0


@pytest.mark.parametrize(("days", "wait"), [("8", 2), ("28", 7), ("90", 7)])
def test_drift_says_how_long_it_waits_for_verdicts(
    run_command: Run, store: DialogStore, tmp_path: Path, days: str, wait: int
) -> None:
    post(store, ask(store))
    document = measured(run_command, tmp_path, "--days", days)
    drift = document["drift"]
    assert drift["judged_within_days"] == wait
    until, end = (datetime.fromisoformat(at) for at in (drift["judged_before"], document["to"]))
    assert end - until == timedelta(days=wait)


def test_looking_creates_no_store(run_command: Run, tmp_path: Path) -> None:
    done = run_command("eval", "live", "--data-dir", str(tmp_path / "none"))
    assert done.returncode == 1  # type: ignore[attr-defined]
    assert "there are no dialogs yet" in done.stderr  # type: ignore[attr-defined]
    assert not (tmp_path / "none").exists()


def test_no_time_at_all_is_wrong_usage(run_command: Run, tmp_path: Path) -> None:
    done = run_command("eval", "live", "--days", "0", "--data-dir", str(tmp_path))
    assert done.returncode == 2  # type: ignore[attr-defined]
