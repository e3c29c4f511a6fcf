"""`souffleur eval calibrate`: fitted on labelled dialogs, judged where held back, kept with the
snapshot."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant.certainty import Certainty
from assistant.confidence import load_confidence
from assistant.confidence_features import FEATURES, KNOWN
from assistant.errors import DatasetError
from assistant.knowledge.contents import Knowledge
from assistant.knowledge.snapshot import SnapshotStore
from assistant.knowledge.tuning import Tuning
from assistant.ranking import shipped_weights
from eval.calibration import (
    FOLDS,
    Example,
    calibration_of,
    fit,
    folds_of,
    held_back,
    looked_at,
)
from eval.cautions import share_seen
from tests.conftest import SAMPLE
from tests.eval.conftest import SAMPLE_DIALOGS

DIALOGS = SAMPLE_DIALOGS / "dialogs_ru.jsonl"
Run = Callable[..., subprocess.CompletedProcess[str]]


# --- the fit -------------------------------------------------------------------------------------


def test_held_back_question_does_not_see_itself_nor_its_dialog(
    sample_examples: list[Example],
) -> None:
    """Ten dialogs of one example each, and every example once more in the same dialog."""
    some = [
        item
        for at, item in enumerate(sample_examples[:60])
        if item.dialog_id not in {earlier.dialog_id for earlier in sample_examples[:at]}
    ][:20]
    doubled = [item for item in some for _ in range(2)]
    folds = folds_of(doubled)
    assert (folds[::2] == folds[1::2]).all()
    familiar = looked_at(doubled, folds).features[:, len(FEATURES) + KNOWN.index("familiar")]
    assert familiar.max() < 0.999


def test_folds_hold_whole_dialogs_and_are_the_same_every_time(
    sample_examples: list[Example],
) -> None:
    folds = folds_of(sample_examples)
    assert (folds == folds_of(sample_examples)).all()
    assert set(folds.tolist()) == set(range(FOLDS))
    by_dialog: dict[str, set[int]] = {}
    for item, fold in zip(sample_examples, folds.tolist(), strict=True):
        by_dialog.setdefault(item.dialog_id, set()).add(fold)
    assert {len(found) for found in by_dialog.values()} == {1}


def test_confidence_is_worth_more_than_the_score_alone_where_it_was_held_back(
    sample_examples: list[Example],
) -> None:
    folds = folds_of(sample_examples)
    looked = looked_at(sample_examples, folds)
    whole = held_back(looked, folds, 0.05)
    score = looked.features[:, FEATURES.index("score")]
    right = looked.right

    def auroc(values: np.ndarray) -> float:
        return float((values[right][:, None] > values[~right][None]).mean())

    assert auroc(whole) > auroc(score) + 0.02


def test_either_of_two_is_right_more_often_than_the_best(sample_examples: list[Example]) -> None:
    looked = looked_at(sample_examples, None)
    assert (looked.either_right | ~looked.right).all()
    assert looked.either_right.sum() > looked.right.sum()


def test_same_dialogs_give_the_same_calibration(
    sample_examples: list[Example], shop_knowledge: Knowledge
) -> None:
    one, two = (
        calibration_of(fit(sample_examples, "m"), sample_examples, shop_knowledge) for _ in range(2)
    )
    assert one.document == two.document


def test_calibration_holds_the_languages_with_enough_questions(
    sample_examples: list[Example], shop_knowledge: Knowledge
) -> None:
    both = calibration_of(fit(sample_examples, "m"), sample_examples, shop_knowledge)
    assert both.languages == ("en", "ru")
    mostly = [item for item in sample_examples if item.lang == "ru"] + [
        item for item in sample_examples if item.lang == "en"
    ][:29]
    assert calibration_of(fit(mostly, "m"), mostly, shop_knowledge).languages == ("ru",)


def test_too_little_is_refused_with_what_there_is(sample_examples: list[Example]) -> None:
    with pytest.raises(DatasetError, match=r"^59 labelled questions .* needs at least 60"):
        fit(sample_examples[:59], "m")
    right = [item for item in sample_examples if item.right]
    with pytest.raises(DatasetError, match=r"right for \d+ and wrong for 0; .* 10 of each"):
        fit(right, "m")
    one_dialog = [replace(item, dialog_id="one") for item in sample_examples]
    with pytest.raises(DatasetError, match="fewer than 10 dialogs"):
        fit(one_dialog, "m")


def test_calibrated_model_looks_at_the_labelled_questions(
    sample_examples: list[Example], shop_knowledge: Knowledge
) -> None:
    held = calibration_of(fit(sample_examples, "m"), sample_examples, shop_knowledge)
    model = Certainty(load_confidence(), 0.2).model(replace(shop_knowledge, calibration=held), "ru")
    assert not model.provisional
    known = next(item for item in sample_examples if item.right)
    assert model.confidence(known.sight).features["familiar"] == pytest.approx(1, abs=1e-3)


# --- the command ---------------------------------------------------------------------------------


def test_command_publishes_a_confidence_that_serves_and_survives_an_ingest(
    run_command: Run, shop: Path, tmp_path: Path
) -> None:
    store = SnapshotStore(shop)
    before = store.current_id()
    where = ("--data-dir", str(shop))
    done = run_command("eval", "calibrate", str(DIALOGS), "--risk", "0.2", *where, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["snapshot"] == store.current_id() != before
    assert document["languages"] == ["ru"]
    assert document["chosen"]["risk"] == 0.2
    assert document["chosen"]["guaranteed"] is True
    assert document["after"]["ece"] < 0.15
    assert document["after"]["auroc"] > 0.8
    assert store.damages() == []

    again = run_command("kb", "ingest", str(SAMPLE), *where, "--json")
    assert again.returncode == 0, again.stderr
    kept = store.load()
    assert kept.snapshot_id == document["snapshot"]
    assert kept.calibration is not None
    served = Certainty(load_confidence()).model(kept, "ru")
    assert served.answer_from == pytest.approx(document["chosen"]["threshold"])
    assert served.risk == 0.2

    told = run_command("kb", "status", *where)
    assert "calibrated for ru: answers from" in told.stdout
    assert "at most 20.0% wrong guaranteed; else provisional" in told.stdout
    out = ("--out", str(tmp_path / "run"))
    seen = run_command("eval", "run", str(DIALOGS), *where, *out, "--json")
    assert seen.returncode == 0, seen.stderr
    assert "questions are those that the confidence was calibrated on" in seen.stderr
    assert json.loads(seen.stdout)["config"]["answer_from"] == pytest.approx(served.answer_from)
    other = ("--out", str(tmp_path / "other"))
    english = run_command(
        "eval", "run", str(SAMPLE_DIALOGS / "dialogs_en.jsonl"), *where, *other, "--json"
    )
    assert "calibrated on" not in english.stderr


def test_dry_run_says_what_it_is_worth_and_publishes_nothing(run_command: Run, shop: Path) -> None:
    before = SnapshotStore(shop).current_id()
    done = run_command("eval", "calibrate", str(DIALOGS), "--dry-run", "--data-dir", str(shop))
    assert done.returncode == 0, done.stderr
    assert SnapshotStore(shop).current_id() == before
    for said in ("shipped", "calibrated", "auroc", "wrong at most", "not reachable", "Nothing was"):
        assert said in done.stdout


def test_share_that_is_out_of_reach_publishes_nothing_and_names_one_in_reach(
    run_command: Run, shop: Path
) -> None:
    before = SnapshotStore(shop).current_id()
    where = ("--data-dir", str(shop))
    done = run_command("eval", "calibrate", str(DIALOGS), "--risk", "0.004", *where)
    assert done.returncode == 0, done.stderr
    assert "not reachable with this much data" in done.stdout
    assert "The smallest share within reach is --risk 0." in done.stdout
    assert SnapshotStore(shop).current_id() == before


@pytest.mark.parametrize("risk", ["nan", "0", "1", "-0.1"])
def test_risk_that_is_no_share_is_wrong_usage(run_command: Run, shop: Path, risk: str) -> None:
    done = run_command("eval", "calibrate", str(DIALOGS), "--risk", risk, "--data-dir", str(shop))
    assert done.returncode == 2
    assert "--risk" in done.stderr


def test_same_dialogs_given_twice_are_refused(run_command: Run, shop: Path) -> None:
    twice = (str(DIALOGS), str(DIALOGS))
    done = run_command("eval", "calibrate", *twice, "--dry-run", "--data-dir", str(shop))
    assert done.returncode == 1
    assert "stands on line 1" in done.stderr


def test_tuning_says_that_the_calibration_no_longer_serves(
    shop: Path, sample_examples: list[Example], shop_knowledge: Knowledge, run_command: Run
) -> None:
    store = SnapshotStore(shop)
    held = calibration_of(
        fit(sample_examples, shop_knowledge.model_id, risk=0.2), sample_examples, shop_knowledge
    )
    tuning = Tuning(
        adapter=np.zeros((384, 384), np.float32),
        case_vectors=np.zeros((0, 384), np.float32),
        case_articles=(),
        weights=shipped_weights(),
        about={},
    )
    with store.exclusive():
        store.publish_calibrated(store.load(), held)
        store.publish_tuned(store.load(), tuning)
    told = run_command("kb", "status", "--data-dir", str(shop))
    assert "the calibration does not serve: the index was tuned since" in told.stdout


def test_articles_that_are_not_there_are_told(run_command: Run, shop: Path, tmp_path: Path) -> None:
    dataset = tmp_path / "dialogs.jsonl"
    turn = {"author": "customer", "text": "где чек", "labels": {"article_ids": ["no-such"]}}
    dataset.write_text(json.dumps({"dialog_id": "d-1", "turns": [turn]}), encoding="utf-8")
    out = ("--out", str(tmp_path / "run"))
    done = run_command("eval", "run", str(dataset), "--data-dir", str(shop), *out)
    assert done.returncode == 0, done.stderr
    assert "1 of 1 labelled articles are not in the knowledge base" in done.stderr
    assert "'no-such' in dialog 'd-1'" in done.stderr


def test_command_says_what_it_cannot_learn_from(
    run_command: Run, shop: Path, tmp_path: Path
) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text("\n".join(DIALOGS.read_text(encoding="utf-8").splitlines()[:5]) + "\n")
    done = run_command("eval", "calibrate", str(few), "--data-dir", str(shop))
    assert done.returncode == 1
    assert "needs at least 60" in done.stderr
    empty = run_command("eval", "calibrate", str(DIALOGS), "--data-dir", str(tmp_path / "none"))
    assert empty.returncode == 1
    assert "kb ingest" in empty.stderr
    wrong = run_command("eval", "calibrate", str(DIALOGS), "--risk", "1.5", "--data-dir", str(shop))
    assert wrong.returncode == 2


def test_dialogs_that_retrieval_was_tuned_on_are_refused(
    run_command: Run, shop: Path, sample_examples: list[Example]
) -> None:
    store = SnapshotStore(shop)
    knowledge = store.load()
    vectors = np.array([item.sight.vector for item in sample_examples], np.float32)
    tuning = Tuning(
        adapter=np.zeros((vectors.shape[1], vectors.shape[1]), np.float32),
        case_vectors=vectors,
        case_articles=tuple(item.article_ids for item in sample_examples),
        weights=shipped_weights(),
        about={},
    )
    with store.exclusive():
        store.publish_tuned(knowledge, tuning)
    done = run_command("eval", "calibrate", str(DIALOGS), "--data-dir", str(shop))
    assert done.returncode == 1
    assert "`kb tune` learnt from" in done.stderr


def test_share_of_questions_seen_counts_only_the_same_ones() -> None:
    rows = np.eye(4, dtype=np.float32)
    near = np.array([[0.9, np.sqrt(1 - 0.81), 0, 0]], np.float32)
    assert share_seen(rows, rows[:1]) == 0.25
    assert share_seen(near, rows) == 0
