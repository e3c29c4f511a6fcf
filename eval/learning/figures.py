"""Figures without and with what was learnt, on the same held-back questions, with the interval of
the difference: percentile bootstrap that draws whole dialogs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.reliability import expected_calibration_error
from eval.learning.trials import Trial
from eval.metrics import RISK, coverage_at_risk

Floats = npt.NDArray[np.float64]
Table = Mapping[str, npt.NDArray[Any]]
"""Columns of one service, one row a question."""
Measure = Callable[[Table], float]

RESAMPLES = 1000


def _mean_of(name: str) -> Measure:
    return lambda table: float(table[name].mean())


def _precision(table: Table) -> float:
    answered = table["answered"]
    return float(table["right"][answered].mean()) if answered.any() else np.nan


def _calibration_error(table: Table) -> float:
    considered = table["considered"]
    if not considered.any():
        return np.nan
    return expected_calibration_error(table["confidence"][considered], table["right"][considered])


def _coverage(table: Table) -> float:
    return coverage_at_risk(table["confidence"], table["right"], RISK)


def _brier(table: Table) -> float:
    return float(np.mean((table["confidence"] - table["right"]) ** 2))


CONFIDENCE: Mapping[str, Measure] = {
    "answer_rate": _mean_of("answered"),
    "answer_precision": _precision,
    "coverage_at_5pct_risk": _coverage,
    "ece": _calibration_error,
    "brier": _brier,
}
"""Brier (1950): mean of (confidence - right)², 0 the best."""
RETRIEVAL: Mapping[str, Measure] = {
    "recall_at_1": lambda table: float(np.mean(table["rank"] <= 1)),
    "recall_at_3": lambda table: float(np.mean(table["rank"] <= 3)),
    "mrr": lambda table: float(np.mean(1 / table["rank"])),
}
_OVER = {"answer_precision": "answered", "ece": "considered"}
"""Columns of the rows that a measure is over, where it is not over all."""


def table_of(trials: Sequence[Trial]) -> Table:
    """Columns of trials of which it is known whether they are right."""
    return {
        "confidence": np.array([trial.confidence for trial in trials], np.float64),
        "right": np.array([bool(trial.right) for trial in trials], bool),
        "answered": np.array([trial.answered for trial in trials], bool),
        "considered": np.array([trial.example is not None for trial in trials], bool),
    }


def paired(
    measures: Mapping[str, Measure],
    before: Table,
    after: Table,
    dialogs: Sequence[str],
    seed: int,
) -> dict[str, dict[str, Any]]:
    """Of each measure `before`, `after`, `difference`, its `ci_low` and `ci_high`, None where it
    cannot be said; `n_before` and `n` (after): how many questions it is over. Rows of both tables
    are the same questions, of these dialogs."""
    draws = _draws(dialogs, seed)
    return {
        name: _compared(measure, before, after, draws)
        | {"n_before": _count(name, before, dialogs), "n": _count(name, after, dialogs)}
        for name, measure in measures.items()
    }


def _count(name: str, table: Table, dialogs: Sequence[str]) -> int:
    return int(table[_OVER[name]].sum()) if name in _OVER else len(dialogs)


def _draws(dialogs: Sequence[str], seed: int) -> list[npt.NDArray[np.int64]]:
    """Rows of each resample."""
    names = list(dict.fromkeys(dialogs))
    place = {name: at for at, name in enumerate(names)}
    owner = np.array([place[name] for name in dialogs], np.int64)
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(len(names) + 1))
    rows = [order[bounds[at] : bounds[at + 1]] for at in range(len(names))]
    lots = np.random.default_rng(seed)
    return [
        np.concatenate([rows[at] for at in lots.integers(0, len(names), len(names)).tolist()])
        for _ in range(RESAMPLES if names else 0)
    ]


def _compared(
    measure: Measure, before: Table, after: Table, draws: Sequence[npt.NDArray[np.int64]]
) -> dict[str, Any]:
    if not draws:
        return dict.fromkeys(("before", "after", "difference", "ci_low", "ci_high"))
    values = measure(before), measure(after)
    differences = np.array(
        [measure(_rows(after, draw)) - measure(_rows(before, draw)) for draw in draws]
    )
    known = differences[~np.isnan(differences)]
    low, high = np.quantile(known, [0.025, 0.975]) if len(known) else (np.nan, np.nan)
    told = {
        "before": values[0],
        "after": values[1],
        "difference": values[1] - values[0],
        "ci_low": float(low),
        "ci_high": float(high),
    }
    return {name: _told(value) for name, value in told.items()}


def _rows(table: Table, rows: npt.NDArray[np.int64]) -> Table:
    return {name: column[rows] for name, column in table.items()}


def _told(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
