"""The metrics as the report lists them: those that decide first, the rest folded away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HEADLINE = (
    "answer_rate",
    "answer_precision",
    "coverage_at_5pct_risk",
    "ece",
    "retrieval_recall_at_1",
    "retrieval_recall_at_3",
    "intent_macro_f1",
    "handoff_recall",
    "handoff_precision",
    "grounded_rate",
    "latency_ms_p95",
)
LESS_IS_BETTER = frozenset({"aurc", "ece", "latency_ms_p50", "latency_ms_p95"})


@dataclass(frozen=True)
class Score:
    """A metric with its 95 % interval; the numbers are None where no turn carries the label."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int

    @property
    def is_share(self) -> bool:
        """Whether it lies between 0 and 1, so that it can be drawn on that line."""
        return not is_time(self.name)

    @property
    def digits(self) -> int:
        """How many decimals it is worth."""
        return digits_of(self.name)

    @property
    def less_is_better(self) -> bool:
        """Whether a fall is a gain."""
        return self.name in LESS_IS_BETTER


def is_time(name: str) -> bool:
    """Whether the metric is in milliseconds."""
    return name.startswith("latency_ms")


def digits_of(name: str) -> int:
    """How many decimals a metric is worth."""
    return 1 if is_time(name) else 3


def split_scores(metrics: Mapping[str, Any]) -> tuple[list[Score], list[Score]]:
    """Headline metrics in the order of HEADLINE, then all others in their own."""
    scores = {
        name: Score(name, row["value"], row["ci_low"], row["ci_high"], row["n"])
        for name, row in metrics.items()
    }
    first = [scores[name] for name in HEADLINE if name in scores]
    return first, [score for name, score in scores.items() if name not in HEADLINE]
