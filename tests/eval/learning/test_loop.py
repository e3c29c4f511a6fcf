"""The whole loop over the sample shop by the commands that people type: verdicts, review, learning,
a running server, taking back, undoing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.domain import IncomingMessage
from assistant.knowledge.snapshot import SnapshotStore
from assistant.settings import Settings
from assistant.store.dialogs import DialogStore
from assistant.verdicts import HintOutcome
from assistant.wiring import build_assistant, open_store
from eval.cases import load_cases
from eval.learning.running import alone
from eval.tuning import LEAST_QUESTIONS as LEAST_TO_TUNE
from tests.assistant.conftest import ask, post
from tests.conftest import Server, clean_environment
from tests.eval.conftest import SAMPLE_DIALOGS

Run = Callable[..., subprocess.CompletedProcess[str]]


def store_of(data_dir: Path) -> DialogStore:
    return open_store(Settings(data_dir=data_dir, _env_file=None))  # type: ignore[call-arg]


class Loop:
    """`souffleur learn …` on one data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "souffleur", *arguments],
            env=clean_environment(),
            cwd=self._data_dir,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )

    def __call__(self, *arguments: str) -> dict[str, Any]:
        """The command's document."""
        done = self._run("learn", *arguments, "--data-dir", str(self._data_dir), "--json")
        assert done.returncode == 0, done.stderr
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    def refused(self, *arguments: str) -> str:
        """What it says instead."""
        done = self._run("learn", *arguments, "--data-dir", str(self._data_dir))
        assert done.returncode == 1
        return done.stderr

    @property
    def snapshot(self) -> str:
        """What serves."""
        return SnapshotStore(self._data_dir).current_id()


@pytest.fixture
def loop(shop: Path) -> Loop:
    return Loop(shop)


def live_through(data_dir: Path) -> list[int]:
    """Customers ask what opens the sample dialogs, an operator judges; returns the verdicts. An
    article is known of fewer messages than retrieval learns from, which takes minutes."""
    assistant, parts = build_assistant(
        Settings(data_dir=data_dir, support_hours="", burst_seconds=0, _env_file=None)  # type: ignore[call-arg]
    )
    numbers: list[int] = []
    known = 0
    for case in load_cases(SAMPLE_DIALOGS / "dialogs_ru.jsonl"):
        if case.history or case.labels.article_ids is None:
            continue
        document = assistant.reply(IncomingMessage(case.text, locale=case.locale)).document
        where = document["dialog_id"], document["message_id"]
        gold = case.labels.article_ids
        if document["action"] == "answer":
            cited = {item["article_id"] for item in document["reply"]["citations"]}
            right = bool(cited & set(gold))
            known += right
            if known < LEAST_TO_TUNE or not right:
                mark = assistant.store.judge(*where, operator_id="op-1", right=right)
                numbers.append(mark["verdict_id"])
        elif document["action"] == "handoff":
            found = parts.decider.see(case.context()).passages
            best = found[0].article.article_id
            if best in gold:
                continue
            numbers.append(
                assistant.store.note_hint(
                    *where,
                    HintOutcome.IGNORED,
                    confidence=0.5,
                    article_ids=[best],
                    operator_id="op-1",
                )
            )
    return numbers


def test_verdicts_teach_once_approved_and_no_longer_once_taken_back(
    loop: Loop, shop: Path, start_server: Callable[..., Server]
) -> None:
    before = loop.snapshot
    numbers = live_through(shop)
    server = start_server(shop)
    assert served_by(server) == before

    unapproved = loop("run")
    assert (unapproved["labels"], unapproved["published"]) == (0, False)
    assert "at least" in " ".join(unapproved["why"])

    assert len(loop("approve", "--all")["verdicts"]) == len(numbers)
    learnt = loop("run", "--risk", "0.3")
    assert learnt["published"], learnt["why"]
    assert learnt["kind"] == "confidence"
    assert f"needs at least {LEAST_TO_TUNE}" in " ".join(learnt["why"])
    assert learnt["snapshot_before"] == before
    assert loop.snapshot == learnt["snapshot_after"] == served_by(server)
    brier = learnt["figures"]["confidence"]["brier"]
    assert brier["after"] < brier["before"]
    assert "nothing was approved or taken back" in " ".join(loop("run", "--risk", "0.3")["why"])

    wrong = [str(number) for number in numbers[:3]]
    taken = loop("take-back", *wrong)["verdicts"]
    assert {tuple(item["learnt_in"]) for item in taken} == {(learnt["learning_id"],)}
    status = loop("status")
    assert status["serving"]["learning_id"] == learnt["learning_id"]
    assert status["serving"]["gone_since"] == sorted(map(int, wrong))
    assert status["since_last_learning"]["learning_id"] == learnt["learning_id"]

    again = loop("run", "--risk", "0.3")
    assert (again["gone_verdicts"], again["new_verdicts"]) == (len(wrong), 0)
    assert again["verdicts"] == learnt["verdicts"] - len(wrong)
    assert loop("status")["serving"]["gone_since"] == []

    undone = loop("undo", str(learnt["learning_id"]))
    assert undone["undone"] == [learnt["learning_id"], again["learning_id"]]
    assert loop.snapshot == before == served_by(server)
    assert loop("status")["serving"]["learning_id"] is None
    assert "no learning to undo" in loop.refused("undo")


def served_by(server: Server) -> str:
    """The snapshot that a running server answers from."""
    said = httpx.post(f"{server.url}/v1/messages", json={"text": "Как вернуть товар?"}, timeout=60)
    found: str = said.json()["trace"]["index_snapshot"]
    return found


def test_two_cannot_learn_at_once(loop: Loop, shop: Path) -> None:
    store = store_of(shop)
    post(store, ask(store))
    with alone(store):
        assert "another `souffleur learn` is at work" in loop.refused("run")
        assert "another `souffleur learn` is at work" in loop.refused("undo")


def test_list_shows_what_waits_and_decisions_need_a_choice(
    loop: Loop, shop: Path, run_command: Run
) -> None:
    store = store_of(shop)
    received = ask(store, "Мой номер +7 916 123-45-67, где заказ?")
    post(store, received)
    where = received.dialog.dialog_id, received.message_id
    number = store.judge(*where, right=False, operator_id="op-1", reason="не то")["verdict_id"]
    (item,) = loop("list")["verdicts"]
    assert (item["verdict_id"], item["reason"]) == (number, "не то")
    assert "916" not in item["customer"]
    shown = run_command("learn", "list", "--data-dir", str(shop)).stdout
    assert "operator: wrong, by op-1, waits" in shown
    both = run_command("learn", "approve", str(number), "--all", "--data-dir", str(shop))
    assert both.returncode == 2
    loop("reject", str(number), "--as", "Ольга")
    assert loop("list")["verdicts"] == []
    assert loop("list", "--all")["verdicts"][0]["reviewed_by"] == "Ольга"


def test_nothing_is_looked_at_where_there_are_no_dialogs(run_command: Run, tmp_path: Path) -> None:
    none = tmp_path / "none"
    done = run_command("learn", "status", "--data-dir", str(none))
    assert done.returncode == 1
    assert "there are no dialogs yet" in done.stderr
    assert not none.exists()
