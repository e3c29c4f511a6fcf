"""How the service did within a span of time, in a handful of numbers, from what the store keeps.

`/metrics` shows them; `souffleur eval live` has more of them, with intervals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.domain import Action, HandoffReason
from assistant.reliability import expected_calibration_error
from assistant.store.live import Live, Span
from assistant.verdicts import Act, HintOutcome, judged_confidence

LEAST_JUDGED = 30
"""Verdicts from which a calibration error says anything: of fewer it is mostly chance."""


@dataclass(frozen=True)
class Figures:
    """Counts, and what follows from them; None where there is nothing to divide by."""

    acts: int
    """Customers' messages that the bot acted on, and presses of the button that calls a person."""
    answers: int
    handoffs: Mapping[HandoffReason, int]
    """By reason, every reason."""
    right: int
    """Answers whose verdict is right."""
    wrong: int
    judged: int
    """Answers and hints that have both a verdict and a confidence."""
    calibration_error: float | None
    """Over those; None for fewer than LEAST_JUDGED."""
    ratings: int
    csat_mean: float | None
    """1 to 5."""
    hints: Mapping[HintOutcome, int]
    """Operators' messages before which hints were shown, by what became of those, every outcome."""

    @property
    def answer_rate(self) -> float | None:
        """Share of the acts that are answers."""
        return self.answers / self.acts if self.acts else None

    def handoff_rate(self, reason: HandoffReason) -> float | None:
        """Share of the acts that are handoffs for a reason; over the reasons they sum to the share
        of handoffs."""
        return self.handoffs[reason] / self.acts if self.acts else None


def figures_of(store: Live, span: Span) -> Figures:
    """The figures of a span, without what people did after its end (`assistant.store.live` says
    how long ago it must have ended to be the same for all). Raises StoreError."""
    counts = store.act_counts(span)
    marked = store.acts(span, marked_only=True)
    scores = [rating.score for rating in store.ratings(span)]
    verdicts = [act.verdict for act in marked if act.action is Action.ANSWER]
    rightness = Counter(verdict.right for verdict in verdicts if verdict is not None)
    judged, error = _calibration(marked)
    handoffs = dict.fromkeys(HandoffReason, 0)
    for row in counts:
        if row.reason is not None:
            handoffs[row.reason] += row.count
    return Figures(
        acts=sum(row.count for row in counts),
        answers=sum(row.count for row in counts if row.action is Action.ANSWER),
        handoffs=handoffs,
        right=rightness[True],
        wrong=rightness[False],
        judged=judged,
        calibration_error=error,
        ratings=len(scores),
        csat_mean=sum(scores) / len(scores) if scores else None,
        hints=dict.fromkeys(HintOutcome, 0) | Counter(use.outcome for use in store.hint_uses(span)),
    )


def _calibration(marked: Sequence[Act]) -> tuple[int, float | None]:
    judged = [item for act in marked if (item := judged_confidence(act)) is not None]
    if len(judged) < LEAST_JUDGED:
        return len(judged), None
    confidences = np.array([item.confidence for item in judged], np.float64)
    right = np.array([item.right for item in judged], bool)
    return len(judged), expected_calibration_error(confidences, right)
