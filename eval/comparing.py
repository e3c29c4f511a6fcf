"""Two runs of the same turns: what differs, and whether that is more than chance.

Turns are paired, so what is hard or easy in both runs cancels out. The interval of a difference is
the paired percentile bootstrap over dialogs (Efron and Tibshirani, "An Introduction to the
Bootstrap", 1993, ch. 13; Koehn, "Statistical Significance Tests for Machine Translation
Evaluation", EMNLP 2004). Where only a handful of dialogs differ that interval is too narrow, so the
verdict also asks the paired randomisation test (Noreen, "Computer-Intensive Methods for Testing
Hypotheses", 1989; Yeh, "More accurate tests for the statistical significance of result
differences", COLING 2000), which is exact there: four dialogs that all got better are p 0.125. Its
p-values are corrected for the number of metrics by Holm, "A Simple Sequentially Rejective Multiple
Test Procedure", Scandinavian Journal of Statistics 6, 1979.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from assistant.errors import DatasetError
from eval.knowable import knowable_measures
from eval.metrics import MEASURES, Measure
from eval.records import Record
from eval.report.scores import LESS_IS_BETTER

Floats = npt.NDArray[np.float64]
Dialog = tuple[Sequence[Record], Sequence[Record]]
"""The turns of one dialog in both runs, one beside the other."""

RESAMPLES = 1000
LEVEL = 0.05
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Pairs:
    """The turns that both runs have, by dialog, and what could not be paired."""

    dialogs: tuple[Dialog, ...]
    only_in_a: int
    only_in_b: int
    changed: int
    """Paired turns whose text or labels are not the same in both runs."""

    @property
    def turns(self) -> int:
        """How many turns are paired."""
        return sum(len(a) for a, _ in self.dialogs)


@dataclass(frozen=True)
class Comparison:
    """One metric over the paired turns of both runs; None where a run does not score it."""

    name: str
    a: float | None
    b: float | None
    n_a: int
    n_b: int
    ci_low: float | None = None
    """95 % interval of b less a."""
    ci_high: float | None = None
    p: float | None = None
    """Two-sided p-value of the paired randomisation test."""
    p_holm: float | None = None
    """The same, corrected for the number of metrics."""

    @property
    def difference(self) -> float | None:
        """b less a."""
        return None if self.a is None or self.b is None else round(self.b - self.a, 4)

    @property
    def direction(self) -> str | None:
        """`better` or `worse` when the interval lies on one side of 0, else None."""
        if self.ci_low is None or self.ci_high is None or self.ci_low <= 0 <= self.ci_high:
            return None
        return "better" if (self.ci_high < 0) == (self.name in LESS_IS_BETTER) else "worse"

    @property
    def verdict(self) -> str:
        """`better`, `worse`, `noise`, or `unscored`."""
        if self.difference is None:
            return "unscored"
        if self.direction is None or self.p is None or self.p > LEVEL:
            return "noise"
        return self.direction

    @property
    def holds(self) -> bool:
        """Whether the verdict stands also when all metrics are looked at together."""
        sure = self.p_holm is not None and self.p_holm <= LEVEL
        return sure and self.verdict in ("better", "worse")


def pair_turns(a: Sequence[Record], b: Sequence[Record]) -> Pairs:
    """Pair the turns of two runs by dialog and number, in the order of `a`.

    Raises DatasetError when a run has a turn twice, or none is in both.
    """
    first, second = _by_place(a), _by_place(b)
    common = [place for place in first if place in second]
    if not common:
        raise DatasetError("the two runs have no turn in common: they are of other dialogs")
    dialogs: dict[str, tuple[list[Record], list[Record]]] = {}
    for place in common:
        ours, theirs = dialogs.setdefault(place[0], ([], []))
        ours.append(first[place])
        theirs.append(second[place])
    changed = sum(_asked(first[place]) != _asked(second[place]) for place in common)
    return Pairs(
        tuple(dialogs.values()), len(first) - len(common), len(second) - len(common), changed
    )


def _by_place(records: Sequence[Record]) -> dict[tuple[str, int], Record]:
    places: dict[tuple[str, int], Record] = {}
    for record in records:
        place = (record.dialog_id, record.turn)
        if place in places:
            raise DatasetError(
                f"dialog {record.dialog_id!r} has turn {record.turn} twice, so it cannot be paired"
            )
        places[place] = record
    return places


def _asked(record: Record) -> tuple[object, ...]:
    """What stood in the data set; the label of a handover is left out, since a run through a
    server drops it where a person was called before."""
    right = None if record.article_labels is None else tuple(record.article_labels)
    return record.text, record.intent_label, right, record.answer_label


def compare(
    pairs: Pairs, seed: int = 0, progress: Callable[[], object] | None = None
) -> list[Comparison]:
    """Every metric of both runs over the paired turns, in their usual order.

    `progress` is called 2 * RESAMPLES times. The same input and seed give the same numbers.
    """
    dialogs = pairs.dialogs
    known = knowable_measures(*(_turns(dialogs, side) for side in (0, 1)))
    observed = _differences(dialogs, known)
    generator = np.random.default_rng(seed)
    resampled = _all_differences(_resample(dialogs, generator), known, progress)
    shuffled = _all_differences(_shuffle(dialogs, generator), known, progress)
    compared = {
        name: _compared(
            name,
            measure,
            dialogs,
            observed=observed[at],
            resampled=resampled[:, at],
            shuffled=shuffled[:, at],
        )
        for at, (name, measure) in enumerate(known.items())
    }
    corrected = holm({name: row.p for name, row in compared.items() if row.p is not None})
    return [
        _with_holm(compared.get(name, Comparison(name, None, None, 0, 0)), corrected)
        for name in MEASURES
    ]


def _with_holm(row: Comparison, corrected: Mapping[str, float]) -> Comparison:
    return replace(row, p_holm=corrected.get(row.name))


def _resample(dialogs: Sequence[Dialog], generator: np.random.Generator) -> Iterator[list[Dialog]]:
    """RESAMPLES times as many dialogs, drawn with replacement."""
    count = len(dialogs)
    for draw in generator.integers(0, count, (RESAMPLES, count)):
        yield [dialogs[at] for at in draw]


def _shuffle(dialogs: Sequence[Dialog], generator: np.random.Generator) -> Iterator[list[Dialog]]:
    """RESAMPLES times the same dialogs, each with its two runs exchanged or not."""
    for exchanged in generator.random((RESAMPLES, len(dialogs))) < 0.5:
        yield [
            (theirs, ours) if swap else (ours, theirs)
            for (ours, theirs), swap in zip(dialogs, exchanged, strict=True)
        ]


def _all_differences(
    samples: Iterator[list[Dialog]],
    measures: Mapping[str, Measure],
    progress: Callable[[], object] | None,
) -> Floats:
    """Differences of shape (samples, metrics)."""
    rows = []
    for sample in samples:
        rows.append(_differences(sample, measures))
        if progress:
            progress()
    return np.array(rows)


def _differences(dialogs: Sequence[Dialog], measures: Mapping[str, Measure]) -> Floats:
    """b less a of each metric; NaN where one of them is unscored."""
    ours, theirs = _turns(dialogs, 0), _turns(dialogs, 1)
    values = [(measure(ours)[0], measure(theirs)[0]) for measure in measures.values()]
    return np.array([np.nan if a is None or b is None else b - a for a, b in values], np.float64)


def _turns(dialogs: Sequence[Dialog], side: int) -> list[Record]:
    return [record for dialog in dialogs for record in dialog[side]]


def _compared(
    name: str,
    measure: Measure,
    dialogs: Sequence[Dialog],
    *,
    observed: float,
    resampled: Floats,
    shuffled: Floats,
) -> Comparison:
    (a, n_a), (b, n_b) = (measure(_turns(dialogs, side)) for side in (0, 1))
    if a is None or b is None:
        return Comparison(name, a, b, n_a, n_b)
    low, high = np.nanquantile(resampled, [LEVEL / 2, 1 - LEVEL / 2])
    scored = shuffled[~np.isnan(shuffled)]
    as_far = int((np.abs(scored) >= abs(observed) - _ROUNDING).sum())
    return Comparison(
        name,
        round(a, 4),
        round(b, 4),
        n_a,
        n_b,
        ci_low=round(float(low), 4),
        ci_high=round(float(high), 4),
        # The observed arrangement is one of those that were possible.
        p=round((1 + as_far) / (1 + len(scored)), 4),
    )


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Holm's step-down correction: the i-th smallest of m p-values times m - i + 1, never less
    than that of a smaller one, at most 1."""
    corrected: dict[str, float] = {}
    highest = 0.0
    ordered = sorted(p_values.items(), key=lambda item: item[1])
    for at, (name, p) in enumerate(ordered):
        highest = max(highest, min(1.0, p * (len(ordered) - at)))
        corrected[name] = round(highest, 4)
    return corrected
