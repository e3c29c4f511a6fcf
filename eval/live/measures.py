"""The numbers of real dialogs, each with n and a 95 % interval, and whether they drift.

Nearly all are ratios of totals over dialogs. Intervals are percentile bootstrap that draws whole
dialogs, as in `eval.metrics`; the same draws serve every measure. What nothing can be said of is
unscored, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.domain import Action, HandoffReason, IntentLabel
from assistant.live import LEAST_JUDGED
from assistant.reliability import expected_calibration_error
from assistant.store.live import HintUse
from assistant.verdicts import HINT_MARKS, Act, HintOutcome, MarkKind
from eval.live.sample import Sample
from eval.metrics import (
    RESAMPLES,
    RISK,
    Metric,
    area_under_risk_coverage,
    coverage_at_risk,
)

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Part = tuple[str, float, float]
"""Of a dialog: what it adds to the numerator and to the denominator."""

LEAST_FOR_DRIFT = LEAST_JUDGED
"""Observations in either half from which a change is called one, and dialogs that they are of: the
bootstrap draws dialogs, and knows nothing of how those differ that it never saw."""

_HINTS = frozenset(HINT_MARKS.values())


@dataclass(frozen=True)
class Estimate:
    """A value and the values of its resamples, NaN where a resample has nothing to divide by."""

    value: float | None
    n: int
    dialogs: int
    """How many dialogs those observations are of."""
    draws: Floats
    """(RESAMPLES,)"""

    def metric(self) -> Metric:
        """With its interval."""
        if self.value is None:
            return Metric(None, None, None, self.n)
        low, high = _interval(self.draws)
        return Metric(round(self.value, 4), low, high, self.n)


@dataclass(frozen=True)
class Change:
    """Newer half less older half; None where either is unscored."""

    older: float | None
    newer: float | None
    difference: float | None
    ci_low: float | None
    ci_high: float | None
    n_older: int
    n_newer: int
    dialogs_older: int
    dialogs_newer: int
    verdict: str
    """`changed`: the interval leaves 0 out; `steady`; `too few` observations or
    dialogs in either half; `unscored`."""


def _no_step() -> None:
    """Nobody watches."""


def estimate_all(
    sample: Sample, seed: int = 0, step: Callable[[], object] = _no_step
) -> dict[str, Estimate]:
    """Every measure of a sample; `step` is called after each of RESAMPLES resamples."""
    ids = sample.dialog_ids
    place = {dialog_id: at for at, dialog_id in enumerate(ids)}
    parts = ratio_parts(sample)
    totals = np.zeros((2, len(ids), len(parts)))
    for column, rows in enumerate(parts.values()):
        for dialog_id, above, below in rows:
            totals[:, place[dialog_id], column] += above, below
    curves = _Curves(sample, place)
    draws = np.full((RESAMPLES, len(parts)), np.nan)
    curve_draws = np.full((RESAMPLES, len(_CURVES)), np.nan)
    generator = np.random.default_rng(seed)
    for row in range(RESAMPLES if ids else 0):
        step()
        drawn = generator.integers(0, len(ids), len(ids))
        times = np.bincount(drawn, minlength=len(ids))
        draws[row] = _divide(times @ totals[0], times @ totals[1])
        curve_draws[row] = curves.values(times)
    values = _divide(totals[0].sum(axis=0), totals[1].sum(axis=0))
    found = {
        name: Estimate(_known(values[at]), len(rows), _dialogs_of(rows), draws[:, at])
        for at, (name, rows) in enumerate(parts.items())
    }
    whole = curves.values(np.ones(len(ids), np.int64))
    for at, name in enumerate(_CURVES):
        found[name] = Estimate(_known(whole[at]), curves.n, curves.dialogs, curve_draws[:, at])
    return found


def changes(
    sample: Sample, seed: int = 0, step: Callable[[], object] = _no_step
) -> dict[str, Change]:
    """How the newer half of the span differs from the older one, measure by measure; `step` as in
    `estimate_all`, for either half."""
    older, newer = sample.halves()
    before, after = estimate_all(older, seed, step), estimate_all(newer, seed + 1, step)
    return {name: _change(before[name], after[name]) for name in before}


def _change(before: Estimate, after: Estimate) -> Change:
    counts = before.n, after.n, before.dialogs, after.dialogs
    if before.value is None or after.value is None:
        values = _rounded(before.value), _rounded(after.value)
        return Change(*values, None, None, None, *counts, "unscored")
    low, high = _interval(after.draws - before.draws)
    verdict = "changed" if low > 0 or high < 0 else "steady"
    return Change(
        _rounded(before.value),
        _rounded(after.value),
        _rounded(after.value - before.value),
        low,
        high,
        *counts,
        "too few" if min(counts) < LEAST_FOR_DRIFT else verdict,
    )


def ratio_parts(sample: Sample) -> dict[str, list[Part]]:
    """Of each ratio, what every observation adds; n is how many there are."""
    acts = sample.acts
    handoffs = [act for act in acts if act.action is Action.HANDOFF]
    answers = [act for act in sample.to_judge if act.action is Action.ANSWER]
    told = [act for act in acts if act.intent is not None]
    verdicts = [(act, act.verdict) for act in sample.to_judge]
    judged = [(act, verdict) for act, verdict in verdicts if verdict is not None]
    return {
        "answer_rate": _share(acts, lambda act: act.action is Action.ANSWER),
        "handoff_rate": _share(acts, lambda act: act.action is Action.HANDOFF),
        **{f"handoff_rate_{reason.value}": _for_reason(acts, reason) for reason in HandoffReason},
        **{
            f"handoff_share_{reason.value}": _for_reason(handoffs, reason)
            for reason in HandoffReason
        },
        **{f"intent_share_{label.value}": _with_intent(told, label) for label in IntentLabel},
        "verdict_rate": _share(answers, lambda act: act.verdict is not None),
        "answer_precision": [
            (act.dialog_id, float(verdict.right), 1.0)
            for act, verdict in judged
            if act.action is Action.ANSWER
        ],
        "hint_precision": [
            (act.dialog_id, float(verdict.right), 1.0)
            for act, verdict in judged
            if verdict.kind in _HINTS
        ],
        "flagged_rate": _share(answers, _is_flagged),
        **_hint_parts(sample.hint_uses),
        "csat_mean": [(rating.dialog_id, float(rating.score), 1.0) for rating in sample.ratings],
        "reopened_rate": [
            (closing.dialog_id, float(closing.reopened), 1.0) for closing in sample.closings
        ],
    }


def _is_flagged(act: Act) -> bool:
    """Whether an operator says that the answer is wrong."""
    verdict = act.verdict
    return verdict is not None and verdict.kind is MarkKind.OPERATOR and not verdict.right


def _hint_parts(uses: Sequence[HintUse]) -> dict[str, list[Part]]:
    """Of every message that an operator sent with hints before him: whether one of them was sent as
    it was, edited, or none; of those that were sent how much of it was changed."""
    return {
        **{
            f"hint_{outcome.value}_rate": [
                (use.dialog_id, float(use.outcome is outcome), 1.0) for use in uses
            ]
            for outcome in HintOutcome
        },
        "hint_edit_distance": [
            (use.dialog_id, use.share_changed, 1.0) for use in uses if use.share_changed is not None
        ],
    }


def _dialogs_of(rows: Sequence[Part]) -> int:
    return len({dialog_id for dialog_id, _, _ in rows})


def _share(acts: Sequence[Act], holds: Callable[[Act], bool]) -> list[Part]:
    return [(act.dialog_id, float(holds(act)), 1.0) for act in acts]


def _for_reason(acts: Sequence[Act], reason: HandoffReason) -> list[Part]:
    return _share(acts, lambda act: act.reason is reason)


def _with_intent(acts: Sequence[Act], label: IntentLabel) -> list[Part]:
    return _share(acts, lambda act: act.intent is label)


_CURVES: dict[str, Callable[[Floats, Bools], float]] = {
    "ece": expected_calibration_error,
    "coverage_at_5pct_risk": lambda chances, right: coverage_at_risk(chances, right, RISK),
    "aurc": area_under_risk_coverage,
}


class _Curves:
    """What is computed from all judged confidences at once."""

    def __init__(self, sample: Sample, place: dict[str, int]) -> None:
        judged = sample.judged
        self.n = len(judged)
        self.dialogs = len({item.dialog_id for item in judged})
        self._places = np.array([place[item.dialog_id] for item in judged], np.int64)
        self._confidences = np.array([item.confidence for item in judged], np.float64)
        self._right = np.array([item.right for item in judged], bool)

    def values(self, times: npt.NDArray[np.int64]) -> list[float]:
        """Each curve's value with every dialog taken so many times; NaN where none is judged."""
        repeats = times[self._places]
        if not repeats.any():
            return [np.nan] * len(_CURVES)
        confidences = np.repeat(self._confidences, repeats)
        right = np.repeat(self._right, repeats)
        return [measure(confidences, right) for measure in _CURVES.values()]


def _divide(above: Floats, below: Floats) -> Floats:
    unknown = np.full(len(above), np.nan)
    return np.asarray(np.divide(above, below, out=unknown, where=below > 0), np.float64)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _interval(draws: Floats) -> tuple[float, float]:
    low, high = np.nanquantile(draws, [0.025, 0.975])
    return round(float(low), 4), round(float(high), 4)
