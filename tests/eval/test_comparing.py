"""Two runs side by side: what is signal, what is noise, what cannot be told."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.errors import DatasetError
from eval import comparing
from eval.comparing import Comparison, compare, holm, pair_turns
from eval.journal import Journal
from eval.knowable import measure_knowable, unknowable
from eval.metrics import MEASURES
from eval.recorded import read_run
from eval.records import Record
from tests.eval.test_metrics import PLAIN, records

RIGHT: dict[str, Any] = {}
WRONG: dict[str, Any] = {"ranking": [{"article_id": "z", "score": 1.0}], "cited": ["z"]}


def compared(a: list[Record], b: list[Record], seed: int = 0) -> dict[str, Comparison]:
    return {row.name: row for row in compare(pair_turns(a, b), seed)}


def save(found: list[Record], folder: Path, **document: Any) -> Path:
    """A run on disk, with metrics.json when there is something to say in it."""
    Journal(folder, {}).finish(found)
    if document:
        (folder / "metrics.json").write_text(json.dumps({"metrics": {}, **document}))
    return folder


def test_the_same_run_twice_is_noise_throughout() -> None:
    found = records(*([RIGHT, WRONG] * 10))
    rows = compared(found, found).values()
    assert {row.verdict for row in rows} <= {"noise", "unscored"}
    assert all(row.p in (1.0, None) for row in rows)


def test_what_got_better_in_many_dialogs_is_better_and_holds_for_all_metrics_together() -> None:
    row = compared(records(*([WRONG] * 15 + [RIGHT] * 5)), records(*([RIGHT] * 20)))[
        "retrieval_recall_at_1"
    ]
    assert (row.a, row.b, row.difference, row.n_a, row.n_b) == (0.25, 1.0, 0.75, 20, 20)
    assert row.ci_low is not None
    assert row.ci_high is not None
    assert 0.5 <= row.ci_low < 0.75 < row.ci_high <= 1
    assert (row.verdict, row.holds) == ("better", True)


def test_a_rise_is_worse_where_less_is_better() -> None:
    slow = records(*({"latency_ms": 50.0 + at} for at in range(12)))
    quick = records(*({"latency_ms": 5.0 + at} for at in range(12)))
    assert compared(quick, slow)["latency_ms_p50"].verdict == "worse"
    assert compared(slow, quick)["latency_ms_p50"].verdict == "better"


def test_four_dialogs_that_all_got_better_may_be_chance() -> None:
    """Two of the sixteen ways to exchange them are as far: p is 1/8, whatever the interval."""
    row = compared(records(*([WRONG] * 4 + [RIGHT] * 16)), records(*([RIGHT] * 20)))[
        "retrieval_recall_at_1"
    ]
    assert row.direction == "better"
    assert row.p == pytest.approx(0.125, abs=0.03)
    assert row.verdict == "noise"


def test_p_values_agree_with_all_exchanges_counted_out() -> None:
    """Ten dialogs, of which seven got better and one got worse: 2^10 exchanges."""
    a = [WRONG] * 7 + [RIGHT] * 3
    b = [RIGHT] * 7 + [WRONG] + [RIGHT] * 2
    changes = np.array([1] * 7 + [-1] + [0] * 2)
    sums = [abs(np.dot(changes, signs)) for signs in product((1, -1), repeat=10)]
    exact = np.mean(np.array(sums) >= 6)
    assert exact == pytest.approx(18 / 256)
    row = compared(records(*a), records(*b))["retrieval_recall_at_1"]
    assert row.p == pytest.approx(float(exact), abs=0.03)


def test_false_alarms_between_runs_that_differ_by_chance_alone_are_rare() -> None:
    """Twenty pairs of runs of 30 dialogs, each dialog right with the same chance in both."""
    generator = np.random.default_rng(3)
    alarms = 0
    for _ in range(20):
        a, b = (
            records(*(RIGHT if lucky else WRONG for lucky in generator.random(30) < 0.6))
            for _ in range(2)
        )
        alarms += compared(a, b)["retrieval_recall_at_1"].verdict != "noise"
    assert alarms <= 4, "5 % of 20 is 1; five or more have a chance of 0.3 %"


def test_turns_of_one_dialog_stay_together() -> None:
    """Twelve turns in two dialogs are two observations, not twelve."""
    a = [replace(PLAIN, dialog_id=f"d{at % 2}", turn=at, **WRONG) for at in range(12)]
    b = [replace(record, ranking=PLAIN.ranking) for record in a]
    row = compared(a, b)["retrieval_recall_at_1"]
    assert row.p == pytest.approx(0.5, abs=0.06)
    assert row.verdict == "noise"


def test_the_same_seed_gives_the_same_numbers() -> None:
    a, b = records(*([WRONG, RIGHT] * 6)), records(*([RIGHT, RIGHT, WRONG] * 4))
    assert compared(a, b, 7) == compared(a, b, 7)


def test_a_metric_that_one_run_does_not_score_is_unscored_and_no_zero() -> None:
    row = compared(records({}), records({"intent_label": None}))["intent_macro_f1"]
    assert (row.a, row.b, row.difference, row.verdict) == (1.0, None, None, "unscored")


def test_only_turns_that_both_runs_have_are_paired_and_the_rest_is_counted() -> None:
    a, b = records({}, {}, {}), records({}, {})
    pairs = pair_turns(a, [*b, replace(PLAIN, dialog_id="other")])
    assert (pairs.turns, pairs.only_in_a, pairs.only_in_b) == (2, 1, 1)
    changed = pair_turns(a, records({"text": "иначе"}, {"article_labels": ["z"]}, {}))
    assert changed.changed == 2


def test_order_of_the_turns_does_not_matter() -> None:
    a, b = records(WRONG, RIGHT, WRONG), records(RIGHT, RIGHT, WRONG)
    assert compared(a, b) == compared(a, b[::-1])


def test_runs_of_other_dialogs_cannot_be_compared() -> None:
    with pytest.raises(DatasetError, match="no turn in common"):
        pair_turns(records({}), [replace(PLAIN, dialog_id="x")])


def test_a_turn_that_stands_twice_cannot_be_paired() -> None:
    with pytest.raises(DatasetError, match="dialog 'd0' has turn 0 twice"):
        pair_turns([*records({}), *records({})], records({}))


def test_holm_agrees_with_its_steps_by_hand() -> None:
    """p 0.01, 0.04, 0.03, 0.005: 4·0.005, 3·0.01, 2·0.03, and 0.04 no less than that."""
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == {
        "d": 0.02,
        "a": 0.03,
        "c": 0.06,
        "b": 0.06,
    }
    assert holm({"a": 0.6, "b": 0.7}) == {"a": 1.0, "b": 1.0}
    assert holm({}) == {}


def test_resampling_can_reach_a_p_that_holds_for_all_metrics() -> None:
    assert len(MEASURES) / (1 + comparing.RESAMPLES) < comparing.LEVEL


def test_from_outside_deep_recall_and_unseen_confidence_are_unscored() -> None:
    found = records(*([{"places_known": 3}, {"places_known": 2, **WRONG}] * 4))
    assert unknowable(found) == {
        *("retrieval_recall_at_5", "retrieval_recall_at_10", "retrieval_mrr"),
        *("coverage_at_5pct_risk", "aurc", "ece", "topic_accuracy", "topic_precision"),
    }
    metrics = measure_knowable(found)
    assert metrics["retrieval_recall_at_3"].value == 0.5
    assert metrics["retrieval_recall_at_5"].value is None
    assert unknowable(records({})) == frozenset()


def test_what_one_of_the_runs_cannot_know_is_not_compared() -> None:
    rows = compared(records(*([{}] * 8)), records(*([{"places_known": 3}] * 8)))
    assert rows["retrieval_recall_at_10"].verdict == "unscored"
    assert rows["retrieval_recall_at_3"].verdict == "noise"


def test_a_run_is_found_by_its_folder_its_records_or_its_metrics(tmp_path: Path) -> None:
    folder = save(records({}, WRONG), tmp_path / "run", dataset_digest="abc")
    for path in (folder, folder / "records.jsonl", folder / "metrics.json"):
        run = read_run(path)
        assert (run.folder, len(run.records), run.digest) == (folder, 2, "abc")


def test_what_is_no_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"gone does not exist"):
        read_run(tmp_path / "gone")
    with pytest.raises(DatasetError, match=r"holds no records\.jsonl \(no run\)"):
        read_run(tmp_path)
    Journal(tmp_path, {})
    with pytest.raises(DatasetError, match=r"was stopped"):
        read_run(tmp_path)


Command = Callable[..., Any]


def test_command_prints_both_values_interval_n_and_verdict(
    run_command: Command, tmp_path: Path
) -> None:
    a = save(records(*([WRONG] * 12)), tmp_path / "a", dataset_digest="one")
    b = save(records(*([RIGHT] * 12), {}), tmp_path / "b", dataset_digest="two")
    done = run_command("eval", "compare", str(a), str(b))
    assert done.returncode == 0, done.stderr
    line = next(x for x in done.stdout.splitlines() if x.startswith("retrieval_recall_at_1 "))
    assert line.split()[1:4] == ["0.000", "1.000", "+1.000"]
    assert line.endswith("12  better *")
    assert "warning: the data sets differ (one and two)" in done.stderr
    assert "warning: 1 turns are only in B and are left out" in done.stderr


def test_json_is_one_document_and_nothing_else(run_command: Command, tmp_path: Path) -> None:
    a, b = (save(records({}, WRONG), tmp_path / name) for name in "ab")
    done = run_command("eval", "compare", str(a), str(b), "--json", "--seed", "5")
    document = json.loads(done.stdout)
    assert done.stderr == ""
    assert set(document["metrics"]) == set(MEASURES)
    row = document["metrics"]["retrieval_recall_at_1"]
    assert (row["a"], row["b"], row["difference"], row["verdict"]) == (0.5, 0.5, 0.0, "noise")
    assert not any(isinstance(value, float) and math.isnan(value) for value in row.values())
    assert (document["n_turns"], document["n_dialogs"], document["warnings"]) == (2, 2, [])


def test_a_path_that_is_no_run_is_one_line_and_status_1(
    run_command: Command, tmp_path: Path
) -> None:
    done = run_command("eval", "compare", str(tmp_path / "gone"), str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
