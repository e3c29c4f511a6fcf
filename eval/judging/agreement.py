"""How often a judge finds answers right, and how far it agrees with what people said.

The interval of a share is Wilson's, which takes turns for independent. Those of the agreement are
percentile bootstrap over dialogs (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993,
ch. 13).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eval.metrics import Metric, wilson

RESAMPLES = 1000


@dataclass(frozen=True)
class Pair:
    """What people and the judge said of one answer."""

    dialog_id: str
    label: bool
    verdict: bool


@dataclass(frozen=True)
class Table:
    """The four counts of agreement: first what people said, then what the judge said."""

    right_right: int = 0
    right_wrong: int = 0
    wrong_right: int = 0
    wrong_wrong: int = 0

    @property
    def n(self) -> int:
        """How many answers both spoke of."""
        return self.right_right + self.right_wrong + self.wrong_right + self.wrong_wrong

    @property
    def accuracy(self) -> float | None:
        """Share of answers on which they agree; None of no answer."""
        return (self.right_right + self.wrong_wrong) / self.n if self.n else None

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa ("A Coefficient of Agreement for Nominal Scales", 1960): the agreement
        beyond chance; None where chance alone agrees on everything, or there is no answer."""
        if not self.n:
            return None
        people = self.right_right + self.right_wrong
        judge = self.right_right + self.wrong_right
        by_chance = people * judge + (self.n - people) * (self.n - judge)
        if by_chance == self.n**2:
            return None
        observed = (self.right_right + self.wrong_wrong) * self.n
        return (observed - by_chance) / (self.n**2 - by_chance)


@dataclass(frozen=True)
class Agreement:
    """How far a judge agrees with people, over the answers of which both spoke."""

    table: Table
    accuracy: Metric
    kappa: Metric


def share_of(hits: int, n: int) -> Metric:
    """The share of `hits` in `n` with Wilson's 95 % interval; unscored where n is 0."""
    if n == 0:
        return Metric(None, None, None, 0)
    low, high = wilson(hits, n)
    return Metric(round(hits / n, 4), round(low, 4), round(high, 4), n)


def table_of(pairs: Sequence[Pair]) -> Table:
    """The four counts."""
    counts = {(label, verdict): 0 for label in (True, False) for verdict in (True, False)}
    for pair in pairs:
        counts[pair.label, pair.verdict] += 1
    return Table(counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def agreement(pairs: Sequence[Pair], seed: int = 0) -> Agreement:
    """Accuracy and kappa with their intervals; the same pairs and seed give the same numbers."""
    by_dialog: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_dialog.setdefault(pair.dialog_id, []).append(pair)
    whole = table_of(pairs)
    resampled = _resampled([table_of(found) for found in by_dialog.values()], seed)
    return Agreement(
        whole,
        _with_interval(lambda table: table.accuracy, whole, resampled),
        _with_interval(lambda table: table.kappa, whole, resampled),
    )


def _resampled(tables: Sequence[Table], seed: int) -> list[Table]:
    """RESAMPLES times as many dialogs, drawn with replacement, each time counted together."""
    if not tables:
        return []
    counts = np.array(
        [[t.right_right, t.right_wrong, t.wrong_right, t.wrong_wrong] for t in tables], np.int64
    )
    draws = np.random.default_rng(seed).integers(0, len(tables), (RESAMPLES, len(tables)))
    return [Table(*(int(count) for count in counts[draw].sum(axis=0))) for draw in draws]


def _with_interval(
    measure: Callable[[Table], float | None], whole: Table, resampled: Sequence[Table]
) -> Metric:
    value = measure(whole)
    if value is None:
        return Metric(None, None, None, whole.n)
    again = [found for table in resampled if (found := measure(table)) is not None]
    low, high = np.quantile(again, [0.025, 0.975])
    return Metric(round(value, 4), round(float(low), 4), round(float(high), 4), whole.n)


def table_document(table: Table) -> Mapping[str, Mapping[str, int]]:
    """The counts for JSON: by what people said, then by what the judge said."""
    return {
        "label_right": {"judged_right": table.right_right, "judged_wrong": table.right_wrong},
        "label_wrong": {"judged_right": table.wrong_right, "judged_wrong": table.wrong_wrong},
    }
