"""`souffleur eval run`, and the training of what ships, as a person would run them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assistant.domain import IntentLabel, Signal
from assistant.knowledge.embedder import Embedder, make_message_embedder
from assistant.message_heads import SHIPPED, load_heads
from assistant.understanding import Understander
from eval.fitting.messages import intent_messages, signal_messages
from tests.conftest import REPO, SHARED

DIALOGS = REPO / "eval" / "datasets" / "shop" / "dialogs_en.jsonl"
CONTRACT = [
    *("intent_macro_f1", "intent_f1_complaint", "intent_f1_question", "intent_f1_thanks"),
    *(f"retrieval_recall_at_{k}" for k in (1, 3, 5, 10)),
    *("retrieval_mrr", "answer_rate", "answer_precision", "coverage_at_5pct_risk", "aurc", "ece"),
    *("handoff_precision", "handoff_recall", "grounded_rate", "answer_token_f1"),
    "answer_facts_kept",
    *("latency_ms_p50", "latency_ms_p95"),
]

Run = Callable[..., object]


def evaluate(run_command: Run, data_dir: Path, out: Path, *more: str) -> object:
    where = ("--data-dir", str(data_dir), "--out", str(out))
    return run_command("eval", "run", str(DIALOGS), *where, *more)


def test_json_has_the_metrics_of_the_contract_with_n_and_interval(
    run_command: Run, shop: Path, tmp_path: Path
) -> None:
    done = evaluate(run_command, shop, tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr  # type: ignore[attr-defined]
    document = json.loads(done.stdout)  # type: ignore[attr-defined]
    assert set(CONTRACT) <= set(document["metrics"])
    for metric in document["metrics"].values():
        assert set(metric) == {"value", "ci_low", "ci_high", "n"}
    records = Path(document["records"]).read_text(encoding="utf-8").splitlines()
    assert len(records) == document["n_turns"]
    assert document["metrics"]["grounded_rate"]["value"] == 1.0
    rows = [json.loads(line) for line in records]
    considered = [row for row in rows if row["considered"]]
    assert considered
    assert all("gap_to_second" in row["features"] for row in considered)


def test_two_runs_write_the_same_records_to_the_byte(
    run_command: Run, shop: Path, tmp_path: Path
) -> None:
    evaluate(run_command, shop, tmp_path / "one", "--workers", "1")
    evaluate(run_command, shop, tmp_path / "two", "--workers", "3")
    one, two = ((tmp_path / name / "records.jsonl").read_bytes() for name in ("one", "two"))
    assert one == two
    assert len((tmp_path / "one" / "timings.jsonl").read_text().splitlines()) == one.count(b"\n")


def test_table_shows_value_interval_and_n_and_where_the_report_is(
    run_command: Run, shop: Path, tmp_path: Path
) -> None:
    done = evaluate(run_command, shop, tmp_path / "out", "--lang", "en")
    lines = done.stdout.splitlines()  # type: ignore[attr-defined]
    line = next(line for line in lines if line.startswith("retrieval_recall_at_1"))
    assert "[" in line
    assert line.split()[-1].isdigit()
    report = tmp_path / "out" / "report.html"
    assert lines[-1].endswith(str(report))
    assert '<html lang="en">' in report.read_text(encoding="utf-8")


def test_without_a_knowledge_base_the_run_says_so(run_command: Run, tmp_path: Path) -> None:
    done = evaluate(run_command, tmp_path / "nothing", tmp_path / "out")
    assert done.returncode == 1  # type: ignore[attr-defined]
    assert "kb ingest" in done.stderr  # type: ignore[attr-defined]


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_training_messages_are_many_and_differ(lang: str) -> None:
    messages = [message for message in intent_messages() if message.lang == lang]
    counts = Counter(message.label for message in messages)
    assert all(counts[label.value] >= 700 for label in IntentLabel)
    texts = [message.text for message in messages]
    assert len(set(texts)) > 0.99 * len(texts)


def test_shipped_heads_were_fitted_on_the_shipped_messages() -> None:
    from eval.fitting.messages import digest_of

    about = json.loads(SHIPPED.with_suffix(".json").read_text(encoding="utf-8"))["about"]
    assert about["data"] == digest_of(intent_messages()), "run `make weights`"


def test_shipped_heads_know_the_shipped_messages(embedder: Embedder) -> None:
    understander = Understander(make_message_embedder(embedder, Path()), load_heads())
    messages = intent_messages()[::40]
    intents = understander.intents([message.text for message in messages])
    right = [
        intent.label == message.label for intent, message in zip(intents, messages, strict=True)
    ]
    assert np.mean(right) > 0.9


@pytest.mark.parametrize("signal", list(Signal))
def test_signals_have_positive_and_negative_messages(signal: Signal) -> None:
    kinds = Counter((message.lang, message.kind) for message in signal_messages(signal))
    assert set(kinds) == {
        (lang, kind) for lang in ("ru", "en") for kind in ("positive", "negative")
    }
    assert min(kinds.values()) >= 100


@pytest.mark.shared
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_intent_on_real_messages_is_no_worse_than_the_reference(
    lang: str, run_command: Run
) -> None:
    folder = SHARED / f"message_type_{lang}"
    if not folder.exists():
        pytest.skip("the development data is not beside the checkout")
    done = run_command("classify", str(folder / "messages.jsonl"))
    said = {row["id"]: row["label"] for row in map(json.loads, done.stdout.splitlines())}  # type: ignore[attr-defined]
    gold = [json.loads(line) for line in (folder / "gold.jsonl").open(encoding="utf-8")]
    scores = []
    for label in IntentLabel:
        hits = sum(said[row["id"]] == row["label"] == label for row in gold)
        claimed = sum(said[row["id"]] == label for row in gold)
        scores.append(2 * hits / (claimed + sum(row["label"] == label for row in gold)))
    assert np.mean(scores) > 0.88
