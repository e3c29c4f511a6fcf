"""The figures of hints: each over the turns that carry its label, with n and an interval.

Intervals are percentile bootstrap that draws whole dialogs, as in `eval.metrics`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from eval.hints.turns import HintedTurn
from eval.metrics import RESAMPLES, Metric

Value = Callable[[HintedTurn], float | None]
"""What a turn adds to a mean; None where it carries no label for it."""


def _hits(within: int) -> Value:
    def value(turn: HintedTurn) -> float | None:
        if not turn.article_labels:
            return None
        return float(turn.hit_at is not None and turn.hit_at <= within)

    return value


MEANS: dict[str, Value] = {
    "hints_hit_at_1": _hits(1),
    "hints_hit_at_3": _hits(3),
    "edit_distance_first": lambda turn: turn.edit_first,
    "edit_distance_best": lambda turn: turn.edit_best,
    "hint_rate": lambda turn: float(turn.is_hinted),
    "hint_rate_unanswerable": lambda turn: (
        float(turn.is_hinted) if turn.article_labels == () else None
    ),
}
"""Every mean by name."""

BY_INTENT = (
    "hints_hit_at_1",
    "hints_hit_at_3",
    "edit_distance_first",
    "edit_distance_best",
    "hint_rate",
)
"""Means that are also taken over the turns of each of INTENTS, as `NAME_INTENT`."""
INTENTS = ("question", "complaint")


def measure_hints(turns: Sequence[HintedTurn], seed: int = 0) -> dict[str, Metric]:
    """Every figure over the turns of one run."""
    found = {name: _mean(turns, value, seed) for name, value in MEANS.items()}
    for intent in INTENTS:
        some = [turn for turn in turns if turn.intent_label == intent]
        found |= {f"{name}_{intent}": _mean(some, MEANS[name], seed) for name in BY_INTENT}
    times = sorted(turn.milliseconds for turn in turns)
    for share in (50, 95):
        at = max(0, math.ceil(share / 100 * len(times)) - 1)
        value = times[at] if times else None
        found[f"milliseconds_p{share}"] = Metric(value, None, None, len(times))
    return found


def _mean(turns: Sequence[HintedTurn], value: Value, seed: int) -> Metric:
    of_dialogs: dict[str, list[float]] = {}
    for turn in turns:
        one = value(turn)
        if one is not None:
            of_dialogs.setdefault(turn.dialog_id, []).append(one)
    if not of_dialogs:
        return Metric(None, None, None, 0)
    sums = np.array([sum(values) for values in of_dialogs.values()])
    counts = np.array([len(values) for values in of_dialogs.values()])
    draws = np.random.default_rng(seed).integers(0, len(sums), (RESAMPLES, len(sums)))
    means = sums[draws].sum(axis=1) / counts[draws].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    n, mean = int(counts.sum()), float(sums.sum() / counts.sum())
    return Metric(round(mean, 4), round(float(low), 4), round(float(high), 4), n)
