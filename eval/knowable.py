"""Which metrics the records of a run can tell at all.

From outside, through a server's replies, one sees the first places of the ranking and the
confidence in answers that were given. What that does not tell is unscored, never 0.
"""

from __future__ import annotations

from collections.abc import Sequence

from eval.metrics import MEASURES, Measure, Metric, measure_all
from eval.records import Record

UNSCORED = Metric(None, None, None, 0)

_RECALL = "retrieval_recall_at_"
_ONLY_FROM_INSIDE = frozenset(
    {
        # Needs every place of the ranking.
        "retrieval_mrr",
        # Replies name a topic only where they hand over.
        "topic_accuracy",
        "topic_precision",
        # Need the confidence in answers that were considered and not given.
        "coverage_at_5pct_risk",
        "aurc",
        "ece",
    }
)


def unknowable(records: Sequence[Record]) -> frozenset[str]:
    """Names of the metrics that these records cannot tell; empty for records made in-process."""
    places = [record.places_known for record in records if record.places_known is not None]
    if not places:
        return frozenset()
    deeper = {
        name
        for name in MEASURES
        if name.startswith(_RECALL) and int(name.removeprefix(_RECALL)) > max(places)
    }
    return _ONLY_FROM_INSIDE | deeper


def knowable_measures(*runs: Sequence[Record]) -> dict[str, Measure]:
    """The metrics that all of these runs can tell, in their usual order."""
    unknown = frozenset[str]().union(*(unknowable(records) for records in runs))
    return {name: measure for name, measure in MEASURES.items() if name not in unknown}


def measure_knowable(records: Sequence[Record], seed: int = 0) -> dict[str, Metric]:
    """Every metric with its interval; those that the records cannot tell are unscored."""
    unknown = unknowable(records)
    measured = measure_all(records, seed)
    return {name: UNSCORED if name in unknown else found for name, found in measured.items()}


def values_of(records: Sequence[Record]) -> dict[str, float | None]:
    """Every metric's value alone, rounded as in metrics.json; None where it is unscored."""
    unknown = unknowable(records)
    values = {
        name: None if name in unknown else measure(records)[0] for name, measure in MEASURES.items()
    }
    return {name: None if value is None else round(value, 4) for name, value in values.items()}
