"""The label of a message: what it means and how it is worded, added up."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.label_head import LabelHead, MeaningHead, WordingHead, positions, run_keys
from assistant.message_heads import load_heads
from eval.fitting.label_head import fit_meaning, fit_wording


def test_runs_are_of_one_to_three_words_and_marks() -> None:
    two_words = {key for text in ("ну", "ну да", "да") for key in run_keys(text).tolist()}
    assert set(run_keys("Ну, да").tolist()) > {int(run_keys(",")[0])}
    assert set(run_keys("Ну да").tolist()) == two_words
    assert len(run_keys("a b c d")) == 4 + 3 + 2


def test_runs_are_the_same_in_any_case_and_with_either_letter_for_yo() -> None:
    assert run_keys("Всё ПРИШЛО").tolist() == run_keys("все пришло").tolist()
    assert run_keys("").size == 0


def test_positions_are_of_those_known() -> None:
    keys = np.array([2, 5, 9], np.uint32)
    assert positions(keys, np.array([1, 5, 9, 11], np.uint32)).tolist() == [1, 2]
    assert positions(keys, np.array([], np.uint32)).tolist() == []


def _wording() -> WordingHead:
    keys = run_keys("спасибо что сломали")
    idf = np.linspace(1, 3, len(keys), dtype=np.float32)
    weights = np.arange(len(keys) * 3, dtype=np.float32).reshape(-1, 3)
    return WordingHead(keys, idf, weights, np.array([0.5, 0, 0], np.float32))


def test_wording_scores_are_the_weights_by_idf_over_what_is_known() -> None:
    head = _wording()
    at = positions(head.keys, run_keys("спасибо"))
    assert len(at) == 1
    assert head.scores("спасибо")[1] == pytest.approx(head.weights[at[0], 1])
    whole = head.idf @ head.weights / np.linalg.norm(head.idf) + head.bias
    assert np.allclose(head.scores("Спасибо что сломали"), whole)


def test_unknown_wording_says_nothing_but_the_bias() -> None:
    assert _wording().scores("zzz").tolist() == [0.5, 0, 0]
    assert _wording().scores("").tolist() == [0.5, 0, 0]


def test_wording_is_learnt() -> None:
    texts = ["спасибо", "спасибо что сломали", "спасибо большое", "опять что сломали"] * 2
    truth = np.array([1, 0, 1, 0] * 2)
    targets = np.where(np.eye(2)[truth] > 0, 1.0, -1.0).astype(np.float32)
    head = fit_wording(texts, targets)
    for text, right in zip(texts, truth, strict=True):
        assert head.scores(text).argmax() == right


def test_landmarks_stand_in_for_all_messages() -> None:
    draw = np.random.default_rng(0)
    truth = np.arange(600) % 3
    vectors = (draw.normal(size=(600, 8)) * 0.4 + np.eye(3, 8)[truth] * 2).astype(np.float32)
    targets = np.where(np.eye(3)[truth] > 0, 1.0, -1.0).astype(np.float32)
    few, all_of_them = fit_meaning(vectors, targets, 60), fit_meaning(vectors, targets, 600)
    assert len(few.examples) == 60
    assert len(all_of_them.examples) == 600
    for head in (few, all_of_them):
        found = np.array([head.scores(vector).argmax() for vector in vectors])
        assert (found == truth).mean() > 0.95


def test_probabilities_sum_to_one_and_follow_boosts() -> None:
    meaning = MeaningHead(
        mean=np.zeros(2, np.float32),
        scale=np.ones(2, np.float32),
        examples=np.array([[32, 0]], np.int8),
        weights=np.array([[1.0, -1.0, 0.0]], np.float32),
        gamma=0.5,
    )
    head = LabelHead(meaning, _wording(), 0.0, np.zeros(3, np.float32), 2.0)
    vector = np.array([1, 0], np.float32)
    plain = head.probabilities(vector, "спасибо")
    assert plain.sum() == pytest.approx(1)
    assert plain.argmax() == 0
    assert head.probabilities(vector, "спасибо", [0, 3, 0]).argmax() == 1


def test_shipped_heads_know_each_run_once() -> None:
    wording = load_heads().label_head.wording
    assert (np.diff(wording.keys.astype(np.int64)) > 0).all()
    assert len(wording.keys) == len(wording.idf) == len(wording.weights)
