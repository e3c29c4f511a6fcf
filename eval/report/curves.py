"""The numbers behind the two curves: how often confidence is right, and what it lets us answer.

What is right, and in which order, is what `eval.metrics.considered_answers` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.reliability import BINS
from eval.metrics import considered_answers, wilson
from eval.records import Record


@dataclass(frozen=True)
class Bin:
    """The answers whose confidence lies in [low, high); the last bin holds 1 as well."""

    low: float
    high: float
    n: int
    right: int
    confidence: float | None
    """Mean confidence; None in an empty bin."""

    @property
    def share(self) -> float | None:
        """Share of right answers; None in an empty bin."""
        return self.right / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Its 95 % Wilson interval; None in an empty bin."""
        return wilson(self.right, self.n) if self.n else None


@dataclass(frozen=True)
class RiskPoint:
    """What answering everything from `confidence` up would mean."""

    confidence: float
    coverage: float
    """Share of the labelled turns that would be answered."""
    risk: float
    """Share of wrong answers among those; 0 where nothing is answered."""
    answered: int


def reliability_bins(records: Sequence[Record]) -> list[Bin]:
    """Ten bins of equal width over the labelled turns for which an answer was considered."""
    scored = [record for record in records if record.considered is not None]
    confidences, right = considered_answers(scored)
    places = np.minimum((confidences * BINS).astype(int), BINS - 1)
    bins = []
    for at in range(BINS):
        inside = places == at
        n = int(inside.sum())
        mean = float(confidences[inside].mean()) if n else None
        bins.append(Bin(at / BINS, (at + 1) / BINS, n, int(right[inside].sum()), mean))
    return bins


def risk_curve(records: Sequence[Record]) -> list[RiskPoint]:
    """Risk at every coverage that a threshold can reach, the most confident turn first
    (El-Yaniv and Wiener, "On the Foundations of Noise-free Selective Classification", 2010)."""
    confidences, right = considered_answers(records)
    order = np.argsort(-confidences, kind="stable")
    ordered, wrong = confidences[order], np.cumsum(~right[order])
    total = len(ordered)
    return [
        RiskPoint(float(ordered[at]), (at + 1) / total, float(wrong[at]) / (at + 1), at + 1)
        for at in range(total)
        if at + 1 == total or ordered[at] != ordered[at + 1]
    ]


def point_at(curve: Sequence[RiskPoint], threshold: float) -> RiskPoint:
    """Where answering from `threshold` up lies on the curve."""
    above = [point for point in curve if point.confidence >= threshold]
    if not above:
        return RiskPoint(threshold, 0.0, 0.0, 0)
    return replace(above[-1], confidence=threshold)
