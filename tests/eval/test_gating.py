"""What stops a build: a metric that got worse than the baseline by more than its interval."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from assistant.errors import DatasetError
from eval.gating import Gate, hold_against, read_baseline_run
from eval.journal import Journal
from eval.knowable import measure_knowable
from eval.records import Record
from eval.report.page import render
from eval.report.texts import Texts
from tests.eval.test_comparing import RIGHT, WRONG
from tests.eval.test_metrics import records

GOOD = records(*([RIGHT] * 18 + [WRONG] * 2))
BAD = records(*([RIGHT] * 9 + [WRONG] * 11))
SLOW = records(*([{**RIGHT, "latency_ms": 900.0}] * 18 + [{**WRONG, "latency_ms": 900.0}] * 2))
SMALL_SHOP = [
    ("сколько хранится заказ в пункте выдачи?", ["delivery-storage"], False),
    ("верните деньги за сломанный чайник, третий раз пишу!", [], True),
    ("как удалить аккаунт", ["account-delete"], False),
]


def document_of(found: list[Record], **changes: Any) -> dict[str, Any]:
    metrics = {name: asdict(metric) for name, metric in measure_knowable(found).items()}
    whole = {"dataset": "d.jsonl", "snapshot": "s", "config": {}, "metrics": metrics}
    return {**whole, "n_turns": len(found), "n_dialogs": len(found), **changes}


def save(found: list[Record], folder: Path, **changes: Any) -> Path:
    Journal(folder, {}).finish(found)
    (folder / "metrics.json").write_text(json.dumps(document_of(found, **changes)))
    return folder


def gate(baseline: Path, found: list[Record], **changes: Any) -> Gate:
    return hold_against(read_baseline_run(baseline), document_of(found, **changes), found)


def fallen(found: Gate) -> list[str]:
    return [change.name for change in found.fallen]


def test_what_fell_is_found_turn_by_turn_when_the_records_lie_beside(tmp_path: Path) -> None:
    found = gate(save(GOOD, tmp_path / "good"), BAD)
    assert found.paired
    assert {"retrieval_recall_at_1", "answer_precision", "aurc", "ece"} <= set(fallen(found))
    assert "answer_rate" not in fallen(found)
    assert "turn by turn over 20 turns" in found.lines()[0]
    line = next(x for x in found.lines() if x.startswith("retrieval_recall_at_1"))
    assert line.startswith("retrieval_recall_at_1 fell from 0.900 to 0.450: -0.450 [")
    assert any(x.startswith("aurc rose from") for x in found.lines())


@pytest.mark.parametrize("now", [GOOD, records(*([RIGHT] * 20))])
def test_the_same_and_the_better_pass(tmp_path: Path, now: list[Record]) -> None:
    assert fallen(gate(save(GOOD, tmp_path / "good"), now)) == []


def test_metrics_alone_are_compared_by_the_baselines_own_interval(tmp_path: Path) -> None:
    path = tmp_path / "main.json"
    path.write_text(json.dumps(document_of(GOOD)))
    found = gate(path, BAD)
    assert not found.paired
    assert "retrieval_recall_at_1" in fallen(found)
    assert "only a file called metrics.json has records beside it" in found.lines()[0]
    line = next(x for x in found.lines() if x.startswith("retrieval_recall_at_1"))
    assert "fell from 0.900 to 0.450, outside the baseline's interval [" in line
    assert fallen(gate(path, GOOD)) == []


def test_records_that_do_not_give_the_metrics_are_not_used(tmp_path: Path) -> None:
    folder = save(GOOD, tmp_path / "good")
    path = folder / "metrics.json"
    document = json.loads(path.read_text())
    document["metrics"]["answer_rate"] = {"value": 2.0, "ci_low": 1.5, "ci_high": 2, "n": 20}
    path.write_text(json.dumps(document))
    found = gate(folder, GOOD)
    assert not found.paired
    assert fallen(found) == ["answer_rate"]
    assert "gives other values" in found.lines()[0]


def test_slower_is_told_and_never_stops_a_build(tmp_path: Path) -> None:
    found = gate(save(GOOD, tmp_path / "good"), SLOW)
    assert fallen(found) == []
    assert any("latency_ms_p95 rose" in x and "does not gate" in x for x in found.lines())


def test_a_metric_that_is_not_scored_any_more_is_named_and_no_fall(tmp_path: Path) -> None:
    now = records(*([{"handoff_label": None}] * 20))
    before = records(*([{"handoff_label": True, "action": "handoff"}] * 20))
    found = gate(save(before, tmp_path / "then"), now)
    assert "handoff_recall" not in fallen(found)
    assert any("not scored" in x and "handoff_recall" in x for x in found.lines())


def test_another_data_set_is_said(tmp_path: Path) -> None:
    folder = save(GOOD, tmp_path / "good", dataset_digest="one")
    found = gate(folder, GOOD, dataset_digest="two")
    assert any("another data set" in x for x in found.lines())


def test_runs_without_a_common_turn_are_compared_by_intervals(tmp_path: Path) -> None:
    other = records(*([WRONG] * 25))[20:]
    found = gate(save(GOOD, tmp_path / "good"), other)
    assert not found.paired
    assert "no turn in common" in found.lines()[0]
    assert "retrieval_recall_at_1" in fallen(found)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[]", "holds no metrics"),
        ("{", "cannot be read"),
        ('{"metrics": {"ece": {"value": 1}}}', "metrics.ece needs the numbers"),
        ('{"metrics": {"ece": 1}}', "metrics.ece needs the numbers"),
    ],
)
def test_a_file_that_is_no_baseline_is_named(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "base.json"
    path.write_text(content)
    with pytest.raises(DatasetError, match=f"base.json.*{reason}"):
        read_baseline_run(path)
    with pytest.raises(DatasetError, match="does not exist"):
        read_baseline_run(tmp_path / "gone")


def test_report_shows_the_interval_of_each_difference(tmp_path: Path) -> None:
    found = gate(save(GOOD, tmp_path / "good"), BAD)
    page = BeautifulSoup(render(document_of(BAD), BAD, Texts("en"), found.shown), "lxml")
    row = next(
        tr for tr in page.select("table.changes tbody tr") if tr.find("th", string="Search, R@1")
    )
    cells = [cell.get_text(" ", strip=True) for cell in row.find_all("td")]
    assert cells[:3] == ["0.900", "0.450", "−0.450"]
    assert cells[3].startswith("[−0.")
    assert cells[3].endswith("worse")


Command = Callable[..., Any]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Three dialogs on the sample shop."""
    path = tmp_path / "small.jsonl"
    lines = [
        {
            "dialog_id": f"s-{number}",
            "locale": "ru",
            "turns": [
                {
                    "author": "customer",
                    "text": text,
                    "labels": {"article_ids": ids, "handoff": handoff},
                }
            ],
        }
        for number, (text, ids, handoff) in enumerate(SMALL_SHOP)
    ]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    return path


def test_command_exits_1_and_names_what_fell_a_line_each(
    run_command: Command, shop: Path, small: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    common = ("eval", "run", str(small), "--data-dir", str(shop), "--out", str(out), "--lang", "en")
    first = run_command(*common, "--json")
    assert first.returncode == 0, first.stderr

    same = run_command(*common, "--json", "--baseline", str(out))
    assert same.returncode == 0, same.stderr
    assert json.loads(same.stdout)["baseline"]["fell"] == []
    assert json.loads(same.stdout)["baseline"]["paired"]

    better = json.loads(first.stdout)
    better["metrics"]["answer_rate"] = {"value": 0.99, "ci_low": 0.98, "ci_high": 1.0, "n": 3}
    (tmp_path / "better.json").write_text(json.dumps(better))
    done = run_command(*common, "--baseline", str(tmp_path / "better.json"))
    assert done.returncode == 1
    named = [line for line in done.stderr.splitlines() if " fell " in line]
    assert len(named) == 1
    assert named[0].startswith("baseline: answer_rate fell from 0.990")
    assert "report:" in done.stdout
    assert "What changed" in (out / "report.html").read_text(encoding="utf-8")


def test_command_refuses_a_baseline_that_is_none_before_it_runs(
    run_command: Command, small: Path, tmp_path: Path
) -> None:
    done = run_command("eval", "run", str(small), "--baseline", str(tmp_path / "gone"))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "does not exist" in done.stderr
