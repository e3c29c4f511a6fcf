"""Figures without and with what was learnt, on the same questions."""

from __future__ import annotations

from typing import Any

import numpy as np

from eval.learning.figures import CONFIDENCE, RETRIEVAL, Table, paired


def table(confidence: list[float], right: list[bool], answered: list[bool]) -> Table:
    return {
        "confidence": np.array(confidence),
        "right": np.array(right),
        "answered": np.array(answered),
        "considered": np.array(confidence) > 0,
    }


def compared(before: Table, after: Table, dialogs: list[str]) -> dict[str, dict[str, Any]]:
    return paired(CONFIDENCE, before, after, dialogs, seed=0)


def test_values_are_those_that_one_counts_by_hand() -> None:
    before = table([0.9, 0.9, 0.0, 0.5], [True, False, False, True], [True, True, False, False])
    after = table([0.9, 0.1, 0.0, 0.9], [True, False, False, True], [True, False, False, True])
    found = compared(before, after, ["a", "b", "c", "d"])
    rate, precision, brier = (found[name] for name in ("answer_rate", "answer_precision", "brier"))
    assert (rate["before"], rate["after"], rate["difference"], rate["n"]) == (0.5, 0.5, 0.0, 4)
    assert (precision["before"], precision["after"]) == (0.5, 1.0)
    assert (precision["n_before"], precision["n"]) == (2, 2)
    assert brier["before"] == round((0.01 + 0.81 + 0.25) / 4, 4)
    assert brier["after"] == round((0.01 + 0.01 + 0.01) / 4, 4)


def test_same_service_differs_by_nothing() -> None:
    same = table([0.9, 0.2, 0.6], [True, False, True], [True, False, True])
    for row in compared(same, same, ["a", "b", "c"]).values():
        assert (row["difference"], row["ci_low"], row["ci_high"]) == (0.0, 0.0, 0.0)


def test_interval_draws_dialogs_and_not_questions() -> None:
    ranks = {"rank": np.array([2] * 20)}, {"rank": np.array([1] * 10 + [2] * 10)}
    of_two = paired(RETRIEVAL, *ranks, ["a"] * 10 + ["b"] * 10, seed=0)["recall_at_1"]
    of_many = paired(RETRIEVAL, *ranks, [f"d-{n}" for n in range(20)], seed=0)["recall_at_1"]
    assert of_two["difference"] == of_many["difference"] == 0.5
    assert (of_two["ci_low"], of_two["ci_high"]) == (0.0, 1.0)
    assert of_many["ci_low"] > 0.0


def test_precision_of_no_answers_is_unknown_and_not_zero() -> None:
    before = table([0.9], [True], [True])
    after = table([0.1], [True], [False])
    row = compared(before, after, ["a"])["answer_precision"]
    assert (row["before"], row["after"], row["difference"]) == (1.0, None, None)


def test_nothing_to_compare_is_told_as_nothing() -> None:
    empty = table([], [], [])
    row = compared(empty, empty, [])["ece"]
    assert row == dict.fromkeys(("before", "after", "difference", "ci_low", "ci_high")) | {
        "n_before": 0,
        "n": 0,
    }
