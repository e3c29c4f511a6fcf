"""From a wanted share of wrong answers to the confidence from which it is kept.

Learn then Test (Angelopoulos, Bates, Candès, Jordan and Lei, "Learn then Test: Calibrating
Predictive Algorithms to Achieve Risk Control", 2021): every threshold is a null hypothesis, "from
here on more than `risk` of the answers are wrong"; thresholds are tested in a fixed order until one
is not rejected, and the last one that was is taken. Given how many answers a threshold lets
through, the wrong ones are binomial, so the p-value is the binomial tail and exact for any number
of dialogs. Any order keeps the guarantee that does not look at what is right. This one begins where
the confidence itself expects the smallest p-value and goes on to more answers: beginning with the
few surest ones would stake everything on one wrong answer among them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

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
    expected = np.cumsum(1 - ordered)
    counts = _tested(ordered, least_answers(risk, delta))
    if not len(counts):
        return None
    found = None
    start = int(np.argmin(_tail(expected[counts - 1], counts, risk)))
    for count in counts[start:].tolist():
        if _tail(wrong[count - 1], count, risk) > delta:
            break
        found = float(ordered[count - 1])
    return found


def _tested(ordered: Floats, least: int) -> npt.NDArray[np.int64]:
    """How many answers each tested threshold lets through, from few to many; answers of the same
    confidence go together."""
    total = len(ordered)
    if total < least:
        return np.array([], np.int64)
    wanted = np.linspace(least, total, _STEPS).round().astype(int)
    together = np.searchsorted(-ordered, -ordered[wanted - 1], side="right")
    return np.unique(together).astype(np.int64)


def _tail(wrong: Any, answered: Any, risk: float) -> Any:
    """P(at most `wrong` of `answered` are wrong when `risk` of them are on average); the binomial
    distribution function, continued to wrong answers that are no whole number."""
    return betainc(np.maximum(answered - wrong, 1e-9), wrong + 1, 1 - risk)


def aimed_threshold(confidences: Floats, right: Flags, risk: float) -> float | None:
    """The lowest threshold at which the share of wrong answers, half a wrong one more counted
    (Jeffreys' prior), is at or under `risk`: aimed at, without a guarantee. None without any. One
    more counted, as in conformal risk control, answered half as much and was no more often right
    (`eval.bench.confidence` on RUTUBE)."""
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
