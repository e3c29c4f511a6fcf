"""What operators said of real answers becomes a calibration that serves: the whole way, by the
commands that people type."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from assistant.domain import IncomingMessage
from assistant.knowledge.snapshot import SnapshotStore
from assistant.settings import Settings
from assistant.wiring import build_assistant
from eval.cases import Case, load_cases
from tests.eval.conftest import SAMPLE_DIALOGS

Run = Callable[..., subprocess.CompletedProcess[str]]


def _first_questions() -> list[Case]:
    """What opens the sample dialogs, where people said which articles answer."""
    cases = load_cases(SAMPLE_DIALOGS / "dialogs_ru.jsonl")
    return [case for case in cases if case.turn == 0 and case.labels.article_ids is not None]


def _live_through(data_dir: Path) -> tuple[int, int]:
    """Customers ask, operators judge: an answer is right or wrong, and nobody says what would have
    been right; of a handover they name the articles. How many answers were right and wrong."""
    assistant, _ = build_assistant(
        Settings(data_dir=data_dir, support_hours="", burst_seconds=0, _env_file=None)  # type: ignore[call-arg]
    )
    right = wrong = 0
    for number, case in enumerate(_first_questions()):
        said = IncomingMessage(case.text, message_id=f"m-{number}", locale=case.locale)
        document = assistant.reply(said).document
        labels = list(case.labels.article_ids or ())
        judge = {"dialog_id": document["dialog_id"], "message_id": document["message_id"]}
        if document["action"] == "answer":
            cited = {item["article_id"] for item in document["reply"]["citations"]}
            was_right = bool(cited & set(labels))
            assistant.store.judge(**judge, right=was_right, operator_id="op-1")
            right, wrong = right + was_right, wrong + (not was_right)
        elif document["action"] == "handoff":
            assistant.store.judge(**judge, right=True, operator_id="op-1", article_ids=labels)
    return right, wrong


def test_verdicts_of_operators_become_a_calibration(
    run_command: Run, shop: Path, tmp_path: Path
) -> None:
    right, wrong = _live_through(shop)
    assert right > wrong > 0
    before, judged = SnapshotStore(shop).current_id(), tmp_path / "judged.jsonl"
    where = ("--data-dir", str(shop))
    approved = run_command("learn", "approve", "--all", *where)
    assert approved.returncode == 0, approved.stderr
    told = run_command("eval", "live", "--out", str(judged), *where, "--json")
    assert told.returncode == 0, told.stderr
    precision = json.loads(told.stdout)["metrics"]["answer_precision"]
    assert precision["n"] == right + wrong
    assert abs(precision["value"] - right / (right + wrong)) < 1e-3

    cases = load_cases(judged)
    assert sum(case.labels.wrong_article_ids is not None for case in cases) == wrong
    done = run_command("eval", "calibrate", str(judged), "--risk", "0.3", *where, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["snapshot"] == SnapshotStore(shop).current_id() != before
    served = run_command("kb", "status", *where)
    assert "calibrated for ru" in served.stdout
