"""Thresholds keep what they promise: on drawn data of known risk, and on the sample dialogs."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from eval.calibration import STRENGTH, Example, folds_of, held_back, looked_at
from eval.promise import (
    DELTA,
    RISKS,
    aimed_threshold,
    least_answers,
    one_a_dialog,
    promised_threshold,
    promises,
)

SPLITS = 200
SHAPES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "true to its word": lambda confidence: confidence,
    "too sure": lambda confidence: confidence**2,
    "too modest": lambda confidence: confidence**0.5,
    "says nothing": lambda confidence: np.full_like(confidence, 0.9),
}


def _drawn(generator: np.random.Generator, count: int, shape: str) -> tuple[np.ndarray, np.ndarray]:
    confidences = generator.beta(1.5, 1.0, count)
    return confidences, generator.random(count) < SHAPES[shape](confidences)


def _true_risk(threshold: float, shape: str) -> float:
    """Of Beta(1.5, 1) confidences, whose density grows with the root of the confidence."""
    grid = np.linspace(threshold, 1, 4001)
    weights = np.sqrt(grid)
    return float(1 - (weights * SHAPES[shape](grid)).sum() / weights.sum())


@pytest.mark.parametrize("risk", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("shape", SHAPES)
def test_promise_is_kept_in_200_draws_whatever_the_confidence_is_worth(
    shape: str, risk: float
) -> None:
    broken = reached = 0
    for draw in range(SPLITS):
        confidences, right = _drawn(np.random.default_rng(draw), 600, shape)
        threshold = promised_threshold(confidences, right, risk)
        if threshold is not None:
            reached += 1
            broken += _true_risk(threshold, shape) > risk
    # So many of 200 fail by chance once in a thousand runs when each may with probability DELTA.
    assert broken <= binom.ppf(0.999, SPLITS, DELTA)
    if shape == "too modest":
        assert reached > SPLITS / 3


@pytest.fixture(scope="module")
def sample(sample_examples: list[Example]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Dialog, held-back confidence and rightness of every labelled question of the sample."""
    looked = looked_at(sample_examples, folds_of(sample_examples))
    confidences = held_back(looked, folds_of(sample_examples), STRENGTH)
    return np.array([item.dialog_id for item in sample_examples]), confidences, looked.right


@pytest.mark.parametrize("risk", [0.2, 0.25, 0.3])
def test_promise_is_kept_in_200_splits_of_the_sample_dialogs(
    sample: tuple[np.ndarray, np.ndarray, np.ndarray], risk: float
) -> None:
    dialog, confidences, right = sample
    names = np.unique(dialog)
    broken, shares = 0, []
    for split in range(SPLITS):
        picked = np.random.default_rng(split).permutation(names)[: len(names) // 2]
        seen = np.isin(dialog, picked)
        threshold = promised_threshold(confidences[seen], right[seen], risk)
        if threshold is None:
            continue
        given_out = ~seen & (confidences >= threshold)
        wrong = int((~right[given_out]).sum())
        shares.append(wrong / int(given_out.sum()))
        # The other half is a sample too: more than chance above the promise is what counts.
        broken += bool(binom.sf(wrong - 1, int(given_out.sum()), risk) < 0.05)
    assert len(shares) > SPLITS / 3
    assert broken <= DELTA * SPLITS
    assert np.mean(shares) <= risk


def test_promise_needs_so_many_answers_that_no_wrong_one_means_something() -> None:
    assert least_answers(0.05) == math.ceil(math.log(0.1) / math.log(0.95)) == 45
    every = np.linspace(0.9, 0.99, 45)
    assert promised_threshold(every, np.ones(45, bool), 0.05) == pytest.approx(0.9)
    assert promised_threshold(every[:44], np.ones(44, bool), 0.05) is None


def test_answers_of_one_confidence_go_together() -> None:
    confidences = np.array([0.96] * 100 + [0.5] * 100)
    right = np.array([True] * 100 + [True, False] * 50)
    assert promised_threshold(confidences, right, 0.05) == pytest.approx(0.96)
    assert aimed_threshold(confidences, right, 0.05) == pytest.approx(0.96)


def test_aim_without_a_guarantee_is_the_mean_of_counted_and_expected() -> None:
    confidences = np.array([0.98, 0.96, 0.9, 0.8, 0.6])
    right = np.array([True, True, True, False, True])
    # Counted (wrong + 0.5) / (n + 1): 0.25, 0.167, 0.125, 0.3, 0.25;
    # expected: 0.02, 0.03, 0.053, 0.09, 0.152; their means: 0.135, 0.098, 0.089, 0.195, 0.201.
    assert aimed_threshold(confidences, right, 0.09) == pytest.approx(0.9)
    assert aimed_threshold(confidences, right, 0.2) == pytest.approx(0.8)
    assert aimed_threshold(confidences, right, 0.205) == pytest.approx(0.6)
    assert aimed_threshold(confidences, right, 0.05) is None


def test_one_answer_of_each_dialog_is_drawn_and_always_the_same() -> None:
    dialogs = ["a", "b", "a", "c", "a", "b"]
    drawn = one_a_dialog(dialogs)
    assert sorted(dialogs[at] for at in drawn) == ["a", "b", "c"]
    assert (drawn == one_a_dialog(dialogs)).all()
    assert {tuple(one_a_dialog(dialogs, seed)) for seed in range(20)} != {tuple(drawn)}


def test_guarantee_counts_a_dialog_once_however_much_it_says() -> None:
    confidences, right = np.linspace(0.9, 0.99, 60), np.ones(60, bool)
    apart = promises(confidences, right, [str(at) for at in range(60)], [0.05])
    together = promises(confidences, right, [str(at // 2) for at in range(60)], [0.05])
    assert apart[0].guaranteed
    assert not together[0].guaranteed


@given(st.integers(0, 10_000), st.integers(1, 400), st.sampled_from(list(SHAPES)))
def test_fewer_wrong_answers_never_ask_for_less_confidence_and_never_answer_more(
    seed: int, count: int, shape: str
) -> None:
    confidences, right = _drawn(np.random.default_rng(seed), count, shape)
    found = promises(confidences, right, [str(at // 2) for at in range(count)], RISKS)
    assert [promise.risk for promise in found] == sorted(RISKS)
    reached = [promise for promise in found if promise.threshold is not None]
    # Once a share can be kept, so can every larger one.
    assert found[len(found) - len(reached) :] == tuple(reached)
    for promise in reached:
        assert promise.threshold is not None
        assert promise.answered == pytest.approx(
            np.mean(confidences >= promise.threshold), abs=1e-4
        )
    for smaller, larger in pairwise(reached):
        assert smaller.threshold >= larger.threshold  # type: ignore[operator]
        assert larger.guaranteed or not smaller.guaranteed
