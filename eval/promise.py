"""From a wanted share of wrong answers to the confidence from which it is kept.

Learn then Test (Angelopoulos, Bates, Candès, Jordan and Lei, "Learn then Test: Calibrating
Predictive Algorithms to Achieve Risk Control", 2021): every threshold is a null hypothesis, "from
here on more than `risk` of the answers are wrong"; thresholds are tested in a fixed order until one
is not rejected, and the last one that was is taken. Given how many answers a threshold lets
through, the wrong ones are binomial, so that the p-value is the binomial tail, for any number of
dialogs. For that to hold answers must not depend on one another: of every dialog one question is
drawn by lot. The order may be any that does not look at what is right. This one begins where the
confidence itself expects the smallest p-value and goes on to more answers: beginning with the few
surest ones would stake everything on one wrong answer among them.

What the theorem asks for and a calibration does not quite give: a confidence fitted on other
dialogs. Ours are held back fold by fold, and the one that serves is fitted on all of them.
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
    not fitted on and which do not depend on one another.
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
    """The lowest threshold from which the share of wrong answers is at or under `risk`, as the mean
    of two estimates: those that were wrong, half a one more counted (Jeffreys' prior), and those
    that the confidence itself expects to be. Aimed at, without a guarantee; None without any.
    Counting alone takes the best of many looks and was wrong more often than wished."""
    order = np.argsort(-confidences, kind="stable")
    ordered, counts = confidences[order], np.arange(1, len(right) + 1)
    counted = (np.cumsum(~right[order]) + 0.5) / (counts + 1)
    shares = (counted + np.cumsum(1 - ordered) / counts) / 2
    ends_a_tie = np.append(ordered[:-1] != ordered[1:], True)
    good = np.flatnonzero((shares <= risk) & ends_a_tie)
    return float(ordered[good[-1]]) if len(good) else None


def promises(
    confidences: Floats,
    right: Flags,
    dialogs: Sequence[str],
    risks: Sequence[float],
    delta: float = DELTA,
) -> tuple[Promise, ...]:
    """A promise for every share, smallest first: guaranteed where it can be, else aimed at.

    `dialogs`: of each answer the dialog it stands in. A larger share never asks for more
    confidence: what is guaranteed for 3 % is for 5 %, and an aim is no lower than those of larger
    shares.
    """
    ordered = sorted(set(risks))
    kept = _guaranteed(confidences, right, one_a_dialog(dialogs), ordered, delta)
    found: list[Promise] = []
    for risk in reversed(ordered):
        threshold = kept[risk]
        if threshold is None:
            threshold = aimed_threshold(confidences, right, risk)
        if kept[risk] is None and threshold is not None:
            threshold = max([threshold, *(p.threshold for p in found if p.threshold is not None)])
        answered = float(np.mean(confidences >= threshold)) if threshold is not None else 0.0
        found.append(Promise(risk, threshold, kept[risk] is not None, round(answered, 4)))
    return tuple(reversed(found))


def _guaranteed(
    confidences: Floats,
    right: Flags,
    lots: npt.NDArray[np.int64],
    risks: Sequence[float],
    delta: float,
) -> dict[float, float | None]:
    """The guaranteed threshold of each share, `risks` from the smallest on."""
    found: dict[float, float | None] = {}
    lowest: float | None = None
    for risk in risks:
        kept = promised_threshold(confidences[lots], right[lots], risk, delta)
        reached = [threshold for threshold in (lowest, kept) if threshold is not None]
        lowest = min(reached, default=None)
        found[risk] = lowest
    return found


def one_a_dialog(dialogs: Sequence[str], seed: int = 0) -> npt.NDArray[np.int64]:
    """The place of one answer of each dialog, drawn by lot."""
    order = np.random.default_rng(seed).permutation(len(dialogs))
    drawn = {dialogs[at]: at for at in order.tolist()}
    return np.array(sorted(drawn.values()), np.int64)
