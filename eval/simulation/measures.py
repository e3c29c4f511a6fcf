"""The numbers of a simulation, with n and a bootstrap interval over dialogs.

Every measure is a ratio: what it sums over the dialogs by what it counts over them. An interval is
a percentile bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13)
that draws whole dialogs and takes the ratio of the totals drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.domain import Action
from eval.metrics import RESAMPLES, Metric
from eval.simulation.checks import CHECKS, Check
from eval.simulation.customer import Outcome
from eval.simulation.dialogue import Dialogue

Count = Callable[[Dialogue], "tuple[float, int]"]
"""What one dialog adds to the sum, and to the count, of a measure."""


@dataclass(frozen=True)
class Fault:
    """A message of the customer after which something went wrong."""

    check: str
    scenario_id: str
    turn: int
    text: str
    action: str
    reason: str | None


def measure_all(dialogues: Sequence[Dialogue], seed: int = 0) -> dict[str, Metric]:
    """Every measure over the dialogs of one simulation."""
    many = len(dialogues)
    draws = np.random.default_rng(seed).integers(0, many, (RESAMPLES, many))
    return {
        name: ratio_with_interval([count(dialogue) for dialogue in dialogues], draws)
        for name, count in _ALL.items()
    }


def ratio_with_interval(pairs: Sequence[tuple[float, int]], draws: npt.NDArray[np.int64]) -> Metric:
    """Total sum by total count of the pairs (one a dialog) with its 95 % interval over `draws`,
    int (resamples, dialogs); None where nothing was counted."""
    sums, counts = (np.array(column, np.float64) for column in zip(*pairs, strict=True))
    n = int(counts.sum())
    if not n:
        return Metric(None, None, None, 0)
    drawn = counts[draws].sum(axis=1)
    ratios = sums[draws].sum(axis=1)[drawn > 0] / drawn[drawn > 0]
    low, high = np.quantile(ratios, [0.025, 0.975])
    return Metric(round(float(sums.sum() / n), 4), round(float(low), 4), round(float(high), 4), n)


def faults_of(dialogues: Sequence[Dialogue]) -> list[Fault]:
    """Everything that went wrong, check by check, in the order of the dialogs."""
    return [
        Fault(
            check=name,
            scenario_id=dialogue.scenario.scenario_id,
            turn=exchange.turn,
            text=exchange.text,
            action=exchange.reply.action.value,
            reason=exchange.reply.reason,
        )
        for name, check in CHECKS.items()
        for dialogue in dialogues
        for exchange, happened in check.look(dialogue)
        if happened is check.fault
    ]


def broken_promises(metrics: dict[str, Metric]) -> list[str]:
    """The measures that have to be exactly 0 or 1 and are not."""
    return [
        name
        for name, check in CHECKS.items()
        if check.promised is not None and metrics[name].value not in (None, check.promised)
    ]


def _share_of(check: Check) -> Count:
    def count(dialogue: Dialogue) -> tuple[float, int]:
        looked = check.look(dialogue)
        return sum(happened for _, happened in looked), len(looked)

    return count


def _ended(outcome: Outcome) -> Count:
    return lambda dialogue: (float(dialogue.outcome is outcome), 1)


def _goal_reached(dialogue: Dialogue) -> tuple[float, int]:
    return float(dialogue.goal_reached), 1


def _turns_to_handoff(dialogue: Dialogue) -> tuple[float, int]:
    at = dialogue.handed_over_at
    return (0.0, 0) if at is None else (at, 1)


def _turns_to_answer(dialogue: Dialogue) -> tuple[float, int]:
    """Of each question that was answered: the customer's messages about it up to the answer."""
    total, answered = 0, 0
    for number in range(len(dialogue.scenario.questions)):
        about = [exchange for exchange in dialogue.exchanges if exchange.question == number]
        for count, exchange in enumerate(about, start=1):
            if exchange.reply.action is Action.ANSWER and dialogue.is_satisfying(exchange):
                total, answered = total + count, answered + 1
                break
    return total, answered


_ALL: dict[str, Count] = {
    "goal_reached": _goal_reached,
    "answered": _ended(Outcome.ANSWERED),
    "handed_over": _ended(Outcome.HANDED_OVER),
    "left": _ended(Outcome.LEFT),
    "cut_off": _ended(Outcome.CUT_OFF),
    "turns_to_answer": _turns_to_answer,
    "turns_to_handoff": _turns_to_handoff,
    **{name: _share_of(check) for name, check in CHECKS.items()},
}
