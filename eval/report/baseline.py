"""What changed since another run: two sets of metrics side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.recorded import read_metrics
from eval.report.scores import LESS_IS_BETTER

Score = Mapping[str, Any]
"""`value`, `ci_low`, `ci_high` and `n` of a metric, as metrics.json holds them."""


@dataclass(frozen=True)
class BaselineRun:
    """Another run to compare with."""

    name: str
    """What the report calls it."""
    document: Mapping[str, Any]
    """What its metrics.json holds."""
    changes: Sequence[Difference] | None = None
    """What comparing found; None: by the intervals of the two runs."""

    @property
    def is_paired(self) -> bool:
        """Whether the runs were compared turn by turn."""
        return any(change.low is not None for change in self.changes or ())


@dataclass(frozen=True)
class Difference:
    """A metric then and now."""

    name: str
    then: float | None
    now: float | None
    overlap: bool | None
    """Whether the two intervals meet; None when one of them is unscored, or the runs were compared
    turn by turn."""
    low: float | None = None
    """95 % interval of the difference, where the runs were compared turn by turn."""
    high: float | None = None

    @property
    def change(self) -> float | None:
        """Now less then; None when one of them is unscored."""
        return None if self.then is None or self.now is None else self.now - self.then

    @property
    def may_be_chance(self) -> bool:
        """Whether the interval of the difference holds 0; without one, whether the intervals of the
        two runs meet."""
        if self.low is not None and self.high is not None:
            return self.low <= 0 <= self.high
        return self.overlap is not False

    @property
    def verdict(self) -> str:
        """`better` or `worse` where the difference is more than chance, else `same`."""
        if self.change is None or self.may_be_chance:
            return "same"
        fell = self.change < 0
        return "better" if fell == (self.name in LESS_IS_BETTER) else "worse"


def read_baseline(path: Path) -> BaselineRun:
    """The run whose metrics.json lies at `path`. Raises DatasetError when it is none."""
    return BaselineRun(str(path), read_metrics(path))


def differences(now: Mapping[str, Score], then: Mapping[str, Score]) -> list[Difference]:
    """Every metric of this run in its order, after them those that only the other run has."""
    names = [*now, *(name for name in then if name not in now)]
    return [_difference(name, now.get(name), then.get(name)) for name in names]


def _difference(name: str, now: Score | None, then: Score | None) -> Difference:
    new, old = _value(now), _value(then)
    overlap = None
    if now is not None and then is not None and new is not None and old is not None:
        overlap = bool(now["ci_low"] <= then["ci_high"] and then["ci_low"] <= now["ci_high"])
    return Difference(name, old, new, overlap)


def _value(score: Score | None) -> float | None:
    return None if score is None else score.get("value")
