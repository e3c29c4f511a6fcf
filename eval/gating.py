"""Whether a run fell behind a baseline: what stops a build.

A metric fell when it got worse by more than its interval. With the baseline's records beside it,
that is the interval of the paired difference (`eval.comparing`): it lies wholly on the worse side
of 0. Without them it is the baseline's own interval: this run's value lies outside, on the worse
side. This is stricter on purpose than the verdict of `eval compare`, which also asks whether more
than a handful of dialogs differ. Times are told but never gate, since machines differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.errors import DatasetError
from eval.comparing import Comparison, Pairs, compare, pair_turns
from eval.journal import RECORDS
from eval.knowable import values_of
from eval.recorded import METRICS, read_metrics, read_run
from eval.records import Record
from eval.report.baseline import BaselineRun, Difference, differences
from eval.report.scores import LESS_IS_BETTER, is_time

_NUMBERS = ("value", "ci_low", "ci_high")


@dataclass(frozen=True)
class Baseline:
    """The run to hold against, read before this one may write over it."""

    path: Path
    document: Mapping[str, Any]
    records: Sequence[Record] | None
    """None where it can only be compared by its intervals."""
    why_not_paired: str = ""


@dataclass(frozen=True)
class Change:
    """One metric then and now, with the interval that decides."""

    name: str
    then: float
    now: float
    low: float
    high: float
    paired: bool
    """Whether the interval is that of the difference; else it is the baseline's own."""

    @property
    def got_worse(self) -> bool:
        """Whether it fell (where less is better: rose) by more than its interval."""
        if self.paired:
            return self.low > 0 if self.name in LESS_IS_BETTER else self.high < 0
        return self.now > self.high if self.name in LESS_IS_BETTER else self.now < self.low

    @property
    def stops(self) -> bool:
        """Whether that fails the build."""
        return self.got_worse and not is_time(self.name)

    def sentence(self) -> str:
        """What changed, for a person."""
        how = "rose" if self.now > self.then else "fell"
        said = f"{self.name} {how} from {self.then:.3f} to {self.now:.3f}"
        if self.paired:
            return f"{said}: {self.now - self.then:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"
        return f"{said}, outside the baseline's interval [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True)
class Gate:
    """What comparing with the baseline found."""

    baseline: Baseline
    paired: bool
    changes: tuple[Change, ...]
    notes: tuple[str, ...]
    """What a reader must know to judge the changes."""
    shown: BaselineRun
    """The same for the report page."""

    @property
    def fallen(self) -> list[Change]:
        """What fails the build."""
        return [change for change in self.changes if change.stops]

    def lines(self) -> list[str]:
        """A line for each note, for each time that got worse, and for each metric that fell."""
        slower = [change for change in self.changes if change.got_worse and not change.stops]
        told = [f"{change.sentence()} (told, does not gate)" for change in slower]
        return [*self.notes, *told, *(change.sentence() for change in self.fallen)]

    def document(self) -> dict[str, Any]:
        """What `--json` says of it."""
        return {
            "path": str(self.baseline.path),
            "paired": self.paired,
            "notes": list(self.notes),
            "fell": [change.name for change in self.fallen],
            "changes": [asdict(change) for change in self.changes],
        }


def read_baseline_run(path: Path) -> Baseline:
    """The baseline at `path`: a run's folder, or a metrics.json under any name.

    Raises DatasetError when it holds no metrics, or one without its numbers.
    """
    if not path.exists():
        raise DatasetError(f"the baseline {path} does not exist")
    file = path / METRICS if path.is_dir() else path
    document = read_metrics(file)
    for name, score in document["metrics"].items():
        _check_score(file, name, score)
    if file.name != METRICS:
        return Baseline(file, document, None, f"only a file called {METRICS} has records beside it")
    if not (file.parent / RECORDS).exists():
        return Baseline(file, document, None, f"there is no {RECORDS} beside it")
    records = read_run(file).records
    if not _tell(records, document["metrics"]):
        why = f"the {RECORDS} beside it gives other values, so it is of another run or version"
        return Baseline(file, document, None, why)
    return Baseline(file, document, records)


def _check_score(file: Path, name: str, score: object) -> None:
    if isinstance(score, dict):
        numbers = [score.get(key) for key in _NUMBERS]
        plain = all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers)
        if plain or numbers == [None, None, None]:
            return
    raise DatasetError(f"{file}: metrics.{name} needs the numbers {', '.join(_NUMBERS)}")


def _tell(records: Sequence[Record], metrics: Mapping[str, Any]) -> bool:
    """Whether these records give those metrics; times are left out, they may be missing."""
    values = values_of(records)
    return all(
        values[name] == score["value"]
        for name, score in metrics.items()
        if name in values and not is_time(name)
    )


def hold_against(
    baseline: Baseline,
    document: Mapping[str, Any],
    records: Sequence[Record],
    *,
    seed: int = 0,
    progress: Callable[[], object] | None = None,
) -> Gate:
    """Compare a run, as its metrics.json and its records tell it, with a baseline."""
    notes = (
        *_other_data(baseline.document, document),
        *_lost(baseline.document["metrics"], document["metrics"]),
    )
    if baseline.records is None:
        return _by_intervals(baseline, document["metrics"], baseline.why_not_paired, notes)
    try:
        pairs = pair_turns(baseline.records, records)
    except DatasetError as error:
        return _by_intervals(baseline, document["metrics"], str(error), notes)
    if left_out := pairs.only_in_a + pairs.only_in_b:
        notes += (f"{left_out} turns are in one of the two runs only and are left out",)
    return _turn_by_turn(baseline, pairs, compare(pairs, seed, progress), notes)


def _by_intervals(
    baseline: Baseline, now: Mapping[str, Any], why: str, notes: tuple[str, ...]
) -> Gate:
    then = baseline.document["metrics"]
    changes = [_by_interval(name, then[name], now[name]) for name in _in_both(then, now)]
    how = f"compared by the intervals of {baseline.path}: {why}"
    shown = BaselineRun(str(baseline.path), baseline.document, differences(now, then))
    return Gate(baseline, False, tuple(changes), (how, *notes), shown)


def _turn_by_turn(
    baseline: Baseline, pairs: Pairs, rows: Sequence[Comparison], notes: tuple[str, ...]
) -> Gate:
    changes = [found for row in rows if (found := _by_pairs(row)) is not None]
    how = f"compared with {baseline.path} turn by turn over {pairs.turns} turns (paired bootstrap)"
    listed = [Difference(row.name, row.a, row.b, None, row.ci_low, row.ci_high) for row in rows]
    shown = BaselineRun(str(baseline.path), baseline.document, listed)
    return Gate(baseline, True, tuple(changes), (how, *notes), shown)


def _in_both(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [
        name
        for name in then
        if then[name]["value"] is not None and now.get(name, {}).get("value") is not None
    ]


def _by_interval(name: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> Change:
    return Change(name, then["value"], now["value"], then["ci_low"], then["ci_high"], paired=False)


def _by_pairs(row: Comparison) -> Change | None:
    if row.a is None or row.b is None or row.ci_low is None or row.ci_high is None:
        return None
    return Change(row.name, row.a, row.b, row.ci_low, row.ci_high, paired=True)


def _other_data(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    before, after = then.get("dataset_digest"), now.get("dataset_digest")
    if before is None or after is None or before == after:
        return []
    return ["the baseline was made on another data set, so a change may be that of the data"]


def _lost(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Metrics that the baseline scored and this run does not: they did not fall, but are gone."""
    scored = {name for name, score in then.items() if score["value"] is not None}
    gone = sorted(scored - set(_in_both(then, now)))
    return [f"not scored in this run and so not compared: {', '.join(gone)}"] if gone else []
