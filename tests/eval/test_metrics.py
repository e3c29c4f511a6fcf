"""The numbers, on records small enough to count by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assistant.reliability import expected_calibration_error
from eval.metrics import (
    area_under_risk_coverage,
    coverage_at_risk,
    measure_all,
)
from eval.records import Record, token_f1

PLAIN = Record(
    dialog_id="d",
    turn=0,
    locale="ru",
    channel="web",
    text="где чек",
    question="где чек",
    lang="ru",
    intent="question",
    intent_probabilities={"complaint": 0.1, "question": 0.8, "thanks": 0.1},
    intent_label="question",
    signals=[],
    topic="payment",
    topic_label="payment",
    action="answer",
    handoff_reason=None,
    confidence=0.9,
    considered=0.9,
    features={"score": 3.0},
    ranking=[{"article_id": "a", "score": 3.0}, {"article_id": "b", "score": 2.0}],
    article_labels=["a"],
    cited=["a"],
    quotes=["чек в профиле"],
    reply="чек в профиле",
    answer_label="чек в профиле",
    handoff_label=False,
    grounded=True,
    answer_token_f1=1.0,
    answer_facts_kept=None,
    explanations={},
    versions={},
    latency_ms=5.0,
)


def records(*changes: dict[str, object]) -> list[Record]:
    return [replace(PLAIN, dialog_id=f"d{at}", **change) for at, change in enumerate(changes)]


def test_recall_counts_any_right_article_within_k() -> None:
    found = measure_all(records({"article_labels": ["b"]}, {"article_labels": ["a", "z"]}))
    assert found["retrieval_recall_at_1"].value == 0.5
    assert found["retrieval_recall_at_3"].value == 1.0
    assert found["retrieval_mrr"].value == 0.75


def test_a_topic_that_is_not_told_is_not_right_but_not_wrong_either() -> None:
    found = measure_all(
        records({}, {"topic": "orders"}, {"topic": None}, {"topic_label": None, "topic": "orders"})
    )
    assert (found["topic_accuracy"].value, found["topic_accuracy"].n) == (0.3333, 3)
    assert (found["topic_precision"].value, found["topic_precision"].n) == (0.5, 2)


def test_turns_without_a_right_article_do_not_count_for_recall() -> None:
    found = measure_all(records({"article_labels": []}, {"article_labels": None}, {}))
    assert found["retrieval_recall_at_1"].n == 1


def test_a_metric_without_labels_is_unscored_and_not_zero() -> None:
    found = measure_all(records({"intent_label": None, "answer_token_f1": None}))
    assert found["intent_macro_f1"].value is None
    assert found["intent_f1_thanks"].value is None
    assert found["answer_token_f1"].value is None
    assert found["answer_token_f1"].n == 0


def test_facts_kept_are_averaged_over_the_answers_that_have_any() -> None:
    found = measure_all(
        records({"answer_facts_kept": 0.5}, {"answer_facts_kept": 1.0}, {"answer_facts_kept": None})
    )
    assert found["answer_facts_kept"].value == 0.75
    assert found["answer_facts_kept"].n == 2
    assert measure_all(records({}))["answer_facts_kept"].value is None


def test_answer_precision_looks_only_at_answers() -> None:
    found = measure_all(
        records({}, {"cited": ["b"]}, {"action": "handoff", "cited": [], "handoff_reason": "x"})
    )
    assert found["answer_precision"].value == 0.5
    assert found["answer_precision"].n == 2
    assert found["answer_rate"].value == pytest.approx(2 / 3, abs=1e-4)


def test_an_answer_where_no_article_answers_is_wrong() -> None:
    assert measure_all(records({"article_labels": []}))["answer_precision"].value == 0.0


def test_handoff_is_scored_by_its_label() -> None:
    found = measure_all(
        records(
            {"handoff_label": True, "action": "handoff"},
            {"handoff_label": False, "action": "handoff"},
            {"handoff_label": True, "action": "answer"},
            {"handoff_label": None, "action": "handoff"},
        )
    )
    assert found["handoff_precision"].value == 0.5
    assert found["handoff_recall"].value == 0.5


def test_macro_f1_is_the_mean_over_labels_that_occur() -> None:
    found = measure_all(
        records(
            {}, {"intent_label": "complaint"}, {"intent_label": "complaint", "intent": "complaint"}
        )
    )
    assert found["intent_f1_complaint"].value == pytest.approx(2 / 3, abs=1e-4)
    assert found["intent_f1_question"].value == pytest.approx(2 / 3, abs=1e-4)
    assert found["intent_macro_f1"].value == pytest.approx(2 / 3, abs=1e-4)


def test_coverage_is_the_longest_prefix_within_the_risk() -> None:
    confidences = np.array([0.9, 0.8, 0.7, 0.6])
    right = np.array([True, False, True, True])
    assert coverage_at_risk(confidences, right, 0.25) == 1.0
    assert coverage_at_risk(confidences, right, 0.1) == 0.25


def test_equal_confidences_are_taken_together() -> None:
    confidences = np.array([0.9, 0.9, 0.5])
    right = np.array([True, False, True])
    assert coverage_at_risk(confidences, right, 0.05) == 0.0


def test_area_under_risk_coverage_of_a_perfect_order() -> None:
    right = np.array([True, True, False, False])
    best = area_under_risk_coverage(np.array([0.9, 0.8, 0.2, 0.1]), right)
    worst = area_under_risk_coverage(np.array([0.1, 0.2, 0.8, 0.9]), right)
    assert best == pytest.approx((0 + 0 + 1 / 3 + 1 / 2) / 4)
    assert best < worst


def test_calibration_error_is_the_distance_of_confidence_from_accuracy() -> None:
    right = np.array([True, False, True, False])
    assert expected_calibration_error(np.full(4, 0.5), right) == pytest.approx(0.0)
    assert expected_calibration_error(np.full(4, 0.9), right) == pytest.approx(0.4)


def test_intervals_hold_the_value_and_repeat_with_the_same_seed() -> None:
    some = records(*[{"cited": ["a"] if at % 3 else ["b"]} for at in range(30)])
    first, again = measure_all(some), measure_all(some)
    metric = first["answer_precision"]
    assert first == again
    assert metric.ci_low is not None
    assert metric.ci_high is not None
    assert metric.value is not None
    assert metric.ci_low < metric.value < metric.ci_high


@pytest.mark.parametrize(
    ("said", "expected", "score"),
    [
        ("чек в профиле", "Чек в профиле!", 1.0),
        ("чек", "возврат", 0.0),
        ("", "", 0.0),
        ("чек в профиле", "чек в разделе", 2 / 3),
    ],
)
def test_token_f1_counts_shared_words(said: str, expected: str, score: float) -> None:
    assert token_f1(said, expected) == pytest.approx(score)
