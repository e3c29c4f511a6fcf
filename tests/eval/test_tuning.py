"""What is learnt from labelled dialogs wins where it was held back, or is not published."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np

from assistant.knowledge.snapshot import SnapshotStore
from assistant.knowledge.tuning import Tuning
from assistant.ranking import VIEWS, as_column, fit_weights
from eval.adapter import fit_adapter
from tests.conftest import REPO

DIALOGS = REPO / "eval" / "datasets" / "shop" / "dialogs_ru.jsonl"
Run = Callable[..., subprocess.CompletedProcess[str]]


def _units(count: int, width: int, seed: int) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_adapter_undoes_a_change_that_all_questions_share() -> None:
    articles = _units(40, 16, 0)
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(16, 16)))[0].astype(np.float32)
    asked = (articles + 0.5 * articles @ turn).astype(np.float32)
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    right = np.eye(40, dtype=np.bool_)
    adapter = fit_adapter(asked[:30], articles, articles, right[:30], steps=400, ridge=0.1)
    moved = asked[30:] + asked[30:] @ adapter
    moved /= np.linalg.norm(moved, axis=1, keepdims=True)
    own_before = np.sum(asked[30:] * articles[30:], axis=1).mean()
    assert np.sum(moved * articles[30:], axis=1).mean() > own_before


def test_adapter_is_the_same_for_the_same_questions() -> None:
    asked, articles = _units(10, 8, 2), _units(12, 8, 3)
    right = np.eye(10, 12, dtype=np.bool_)
    one, two = (fit_adapter(asked, articles, articles, right) for _ in range(2))
    assert np.array_equal(one, two)


def test_weights_favour_the_view_that_tells_the_right_article() -> None:
    draw = np.random.default_rng(0)
    examples = []
    for _ in range(60):
        views = draw.normal(size=(8, len(VIEWS))).astype(np.float32)
        right = np.zeros(8, np.bool_)
        right[views[:, VIEWS.index("body_words")].argmax()] = True
        examples.append((views, right))
    start = dict.fromkeys(VIEWS, 0.5)
    weights = fit_weights(examples, start, pull=0.001)
    assert max(weights, key=lambda view: weights[view]) == "body_words"
    strongly_held = fit_weights(examples, start, pull=100.0)
    assert np.allclose(as_column(strongly_held), 0.5, atol=0.05)


def _tuning(*answered: tuple[str, ...]) -> Tuning:
    return Tuning(np.zeros((8, 8), np.float32), _units(len(answered), 8, 1), answered, {}, {})


def test_cases_of_articles_that_are_gone_are_forgotten() -> None:
    left = _tuning(("a", "b"), ("c",), ("b",)).limited_to({"a", "c"})
    assert left.case_articles == (("a",), ("c",))
    assert left.case_vectors.shape == (2, 8)


def test_too_few_labelled_questions_are_refused(
    run_command: Run, shop: Path, tmp_path: Path
) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text("\n".join(DIALOGS.read_text(encoding="utf-8").splitlines()[:3]))
    done = run_command("kb", "tune", str(few), "--data-dir", str(shop))
    assert done.returncode == 1
    assert "at least 40" in done.stderr


def test_tuning_says_what_it_is_worth_and_publishes_only_a_gain(
    run_command: Run, shop: Path
) -> None:
    before = SnapshotStore(shop).current_id()
    done = run_command("kb", "tune", str(DIALOGS), "--data-dir", str(shop), "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["questions"] > 100
    gain = document["gain_in_mrr"]
    assert gain["ci_low"] <= gain["value"] <= gain["ci_high"]
    assert document["published"] == (gain["ci_low"] > 0)
    store = SnapshotStore(shop)
    assert (store.current_id() != before) == document["published"]
    knowledge = store.load()
    assert (knowledge.tuning is not None) == document["published"]
    if knowledge.tuning:
        assert knowledge.tuning.about["questions"] == document["questions"]
        texts = "".join(path.read_text() for path in (shop / "knowledge").rglob("tuning.json"))
        assert "мама в Бресте" not in texts  # vectors are kept, not what people wrote
