"""From a wanted share of wrong answers to the confidence from which it is kept.

Learn then Test (Angelopoulos, Bates, Candès, Jordan and Lei, "Learn then Test: Calibrating
Predictive Algorithms to Achieve Risk Control", 2021): every threshold is a null hypothesis, "from
here on more than `risk` of the answers are wrong"; thresholds are tested in a fixed order and the
last one rejected is taken. Given how many answers a threshold lets through, the wrong ones are
binomial, so the p-value is the binomial tail and exact for any number of dialogs. The order runs
from few answers to many and begins where even no wrong answer at all begins to be significant,
which looks at confidences and not at what is right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from assistant.confidence import Promise

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DELTA = 0.1
"""How often, over draws of labelled dialogs, the promise may fail."""
RISKS = (0.01, 0.02, 0.025, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3)
"""The shares a calibration has thresholds for, so that `TARGET_RISK` can be changed later."""
_STEPS = 40
"""Thresholds tested between the first and answering everything: a finer grid tests more often and
stops earlier."""


def least_answers(risk: float, delta: float = DELTA) -> int:
    """Answers, none of them wrong, from which a promise of `risk` can be made at all."""
    return math.ceil(math.log(delta) / math.log(1 - risk))


def promised_threshold(
    confidences: Floats, right: Flags, risk: float, delta: float = DELTA
) -> float | None:
    """The lowest threshold that keeps the share of wrong answers at or under `risk` with
    probability 1 - delta; None where there is none with this much data.

    `confidences` in 0..1 and `right` are of the same answers, (answers,), which the confidence was
    not fitted on.
    """
    order = np.argsort(-confidences, kind="stable")
    ordered, wrong = confidences[order], np.cumsum(~right[order])
    found = None
    for count in _counts(len(right), least_answers(risk, delta)):
        threshold = ordered[count - 1]
        # All answers of this very confidence go together.
        answered = int(np.searchsorted(-ordered, -threshold, side="right"))
        if binom.cdf(wrong[answered - 1], answered, risk) > delta:
            break
        found = float(threshold)
    return found


def _counts(total: int, least: int) -> list[int]:
    """How many answers each tested threshold lets through, from few to many."""
    if total < least:
        return []
    return sorted({round(float(count)) for count in np.linspace(least, total, _STEPS)})


def aimed_threshold(confidences: Floats, right: Flags, risk: float) -> float | None:
    """The lowest threshold at which the share of wrong answers, held back by half a wrong answer
    (Jeffreys' prior), is at or under `risk`: aimed at, without a guarantee. None without any."""
    order = np.argsort(-confidences, kind="stable")
    counts = np.arange(1, len(right) + 1)
    shares = (np.cumsum(~right[order]) + 0.5) / (counts + 1)
    ordered = confidences[order]
    ends_a_tie = np.append(ordered[:-1] != ordered[1:], True)
    good = np.flatnonzero((shares <= risk) & ends_a_tie)
    return float(ordered[good[-1]]) if len(good) else None


def promises(
    confidences: Floats, right: Flags, risks: Sequence[float], delta: float = DELTA
) -> tuple[Promise, ...]:
    """A promise for every share, smallest first: guaranteed where it can be, else aimed at."""
    found: list[Promise] = []
    for risk in sorted(set(risks), reverse=True):
        kept = promised_threshold(confidences, right, risk, delta)
        threshold = kept if kept is not None else aimed_threshold(confidences, right, risk)
        if kept is None and threshold is not None:
            # Fewer wrong answers never ask for less confidence than more of them do.
            threshold = max([threshold, *(p.threshold for p in found if p.threshold is not None)])
        answered = float(np.mean(confidences >= threshold)) if threshold is not None else 0.0
        found.append(Promise(risk, threshold, kept is not None, round(answered, 4)))
    return tuple(reversed(found))
