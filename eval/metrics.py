"""The numbers: each over the turns that carry its label, with n and a bootstrap interval.

Intervals are percentile bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993,
ch. 13) over dialogs, since turns of one dialog are not independent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.domain import IntentLabel
from assistant.reliability import expected_calibration_error
from eval.records import Record

Floats = npt.NDArray[np.float64]
Measure = Callable[[Sequence[Record]], "tuple[float | None, int]"]

RESAMPLES = 1000
RISK = 0.05
_Z = 1.959963984540054
"""The 97.5 % point of the normal distribution."""


@dataclass(frozen=True)
class Metric:
    """A value with its 95 % interval; None where no turn carries the label."""

    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int


def wilson(hits: int, n: int) -> tuple[float, float]:
    """95 % score interval of a share, which does not shrink to a point when all are hits (Wilson,
    "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22, 1927); n > 0.
    """
    share, spread = hits / n, _Z * _Z / n
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def measure_all(records: Sequence[Record], seed: int = 0) -> dict[str, Metric]:
    """Every metric over the records of one run."""
    groups = _by_dialog(records)
    draws = np.random.default_rng(seed).integers(0, len(groups), (RESAMPLES, len(groups)))
    return {
        name: _with_interval(measure, records, groups, draws) for name, measure in MEASURES.items()
    }


def _by_dialog(records: Sequence[Record]) -> list[list[Record]]:
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record.dialog_id, []).append(record)
    return list(groups.values())


def _with_interval(
    measure: Measure,
    records: Sequence[Record],
    groups: list[list[Record]],
    draws: npt.NDArray[np.int64],
) -> Metric:
    value, n = measure(records)
    if value is None:
        return Metric(None, None, None, n)
    resampled = []
    for draw in draws:
        again, _ = measure([record for index in draw for record in groups[index]])
        if again is not None:
            resampled.append(again)
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Metric(round(value, 4), round(float(low), 4), round(float(high), 4), n)


def _mean(values: Sequence[float]) -> tuple[float | None, int]:
    return (float(np.mean(values)), len(values)) if values else (None, 0)


# --- intent --------------------------------------------------------------------------------------


def _f1_of(label: IntentLabel) -> Measure:
    def measure(records: Sequence[Record]) -> tuple[float | None, int]:
        labelled = [record for record in records if record.intent_label is not None]
        n = sum(record.intent_label == label for record in labelled)
        hits = sum(record.intent_label == record.intent == label for record in labelled)
        claimed = sum(record.intent == label for record in labelled)
        return (2 * hits / (n + claimed) if n else None), n

    return measure


def _macro_f1(records: Sequence[Record]) -> tuple[float | None, int]:
    """Mean F1 of the labels that occur."""
    present = {record.intent_label for record in records} - {None}
    scores = [_f1_of(IntentLabel(label))(records)[0] for label in sorted(present)]  # type: ignore[arg-type,type-var]
    n = sum(record.intent_label is not None for record in records)
    known = [score for score in scores if score is not None]
    return (float(np.mean(known)), n) if known else (None, n)


# --- topic ---------------------------------------------------------------------------------------


def _topic_accuracy(records: Sequence[Record]) -> tuple[float | None, int]:
    """Share of the labelled turns whose topic is right; where none is told it is not."""
    labelled = [record for record in records if record.topic_label is not None]
    return _mean([float(record.topic == record.topic_label) for record in labelled])


def _topic_precision(records: Sequence[Record]) -> tuple[float | None, int]:
    """Share of right topics among those that are told."""
    return _topic_accuracy([record for record in records if record.topic is not None])


# --- retrieval -----------------------------------------------------------------------------------


def _recall_at(k: int) -> Measure:
    def measure(records: Sequence[Record]) -> tuple[float | None, int]:
        return _mean([float(rank is not None and rank <= k) for rank in _ranks(records)])

    return measure


def _mrr(records: Sequence[Record]) -> tuple[float | None, int]:
    return _mean([1 / rank if rank else 0.0 for rank in _ranks(records)])


def _ranks(records: Sequence[Record]) -> list[int | None]:
    """Rank of the first right article of each turn that has one; None when it was not found."""
    return [record.rank_of_right for record in records if record.article_labels]


# --- answers -------------------------------------------------------------------------------------


def _answer_rate(records: Sequence[Record]) -> tuple[float | None, int]:
    return _mean([float(record.answered) for record in records])


def _answer_precision(records: Sequence[Record]) -> tuple[float | None, int]:
    return _mean(
        [
            float(record.cites_right)
            for record in records
            if record.answered and record.article_labels is not None
        ]
    )


def _grounded_rate(records: Sequence[Record]) -> tuple[float | None, int]:
    return _mean([float(record.grounded) for record in records if record.grounded is not None])


def _by_model(records: Sequence[Record]) -> tuple[float | None, int]:
    asked = [record.was_written for record in records if record.answered]
    return _mean([float(was_written) for was_written in asked if was_written is not None])


def _token_f1(records: Sequence[Record]) -> tuple[float | None, int]:
    return _mean(
        [record.answer_token_f1 for record in records if record.answer_token_f1 is not None]
    )


def _facts_kept(records: Sequence[Record]) -> tuple[float | None, int]:
    """Mean share over the answers whose labelled answer holds a fact."""
    return _mean(
        [record.answer_facts_kept for record in records if record.answer_facts_kept is not None]
    )


# --- confidence ----------------------------------------------------------------------------------


def considered_answers(records: Sequence[Record]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Confidence in, and rightness of, the answer considered for each labelled turn; a turn for
    which none was considered is one the bot would answer last, and wrongly."""
    labelled = [record for record in records if record.article_labels is not None]
    confidences = [record.considered if record.considered is not None else 0 for record in labelled]
    right = [record.considered is not None and record.best_is_right for record in labelled]
    return np.array(confidences, np.float64), np.array(right, bool)


def coverage_at_risk(confidences: Floats, right: npt.NDArray[np.bool_], risk: float) -> float:
    """The largest share of turns that, taken in order of confidence, keeps the share of wrong
    answers at or under `risk`; equal confidences are taken together."""
    if not len(right):
        return 0.0
    order = np.argsort(-confidences, kind="stable")
    wrong = np.cumsum(~right[order]) / np.arange(1, len(right) + 1)
    sorted_confidences = confidences[order]
    ends_a_tie = np.append(sorted_confidences[:-1] != sorted_confidences[1:], True)
    good = np.flatnonzero((wrong <= risk) & ends_a_tie)
    return float((good[-1] + 1) / len(right)) if len(good) else 0.0


def area_under_risk_coverage(confidences: Floats, right: npt.NDArray[np.bool_]) -> float:
    """Mean share of wrong answers over all coverages (Geifman and El-Yaniv, 2017)."""
    order = np.argsort(-confidences, kind="stable")
    return float(np.mean(np.cumsum(~right[order]) / np.arange(1, len(right) + 1)))


def _coverage(records: Sequence[Record]) -> tuple[float | None, int]:
    confidences, right = considered_answers(records)
    return (coverage_at_risk(confidences, right, RISK) if len(right) else None), len(right)


def _aurc(records: Sequence[Record]) -> tuple[float | None, int]:
    confidences, right = considered_answers(records)
    return (area_under_risk_coverage(confidences, right) if len(right) else None), len(right)


def _ece(records: Sequence[Record]) -> tuple[float | None, int]:
    scored = [r for r in records if r.considered is not None and r.article_labels is not None]
    if not scored:
        return None, 0
    confidences, right = considered_answers(scored)
    return expected_calibration_error(confidences, right), len(scored)


# --- handoff and time ----------------------------------------------------------------------------


def _handoff_precision(records: Sequence[Record]) -> tuple[float | None, int]:
    return _mean(
        [
            float(record.handoff_label)
            for record in records
            if record.handoff_label is not None and record.handed_over
        ]
    )


def _handoff_recall(records: Sequence[Record]) -> tuple[float | None, int]:
    return _mean([float(record.handed_over) for record in records if record.handoff_label])


def _latency(share: float) -> Measure:
    def measure(records: Sequence[Record]) -> tuple[float | None, int]:
        times = sorted(r.latency_ms for r in records if r.latency_ms is not None)
        if not times:
            return None, 0
        return times[min(len(times) - 1, math.ceil(share * len(times)) - 1)], len(times)

    return measure


MEASURES: dict[str, Measure] = {
    "intent_macro_f1": _macro_f1,
    **{f"intent_f1_{label.value}": _f1_of(label) for label in IntentLabel},
    "topic_accuracy": _topic_accuracy,
    "topic_precision": _topic_precision,
    **{f"retrieval_recall_at_{k}": _recall_at(k) for k in (1, 3, 5, 10)},
    "retrieval_mrr": _mrr,
    "answer_rate": _answer_rate,
    "answer_precision": _answer_precision,
    "coverage_at_5pct_risk": _coverage,
    "aurc": _aurc,
    "ece": _ece,
    "handoff_precision": _handoff_precision,
    "handoff_recall": _handoff_recall,
    "grounded_rate": _grounded_rate,
    "answer_by_model_rate": _by_model,
    "answer_token_f1": _token_f1,
    "answer_facts_kept": _facts_kept,
    "latency_ms_p50": _latency(0.5),
    "latency_ms_p95": _latency(0.95),
}
"""Every metric by name: records to (value, n)."""
