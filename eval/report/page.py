"""Puts the page together: every section is counted elsewhere and shown by the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from eval.cautions import flatters
from eval.metrics import RISK
from eval.records import Record
from eval.report import charts
from eval.report.baseline import BaselineRun, Difference, differences
from eval.report.curves import point_at, reliability_bins, risk_curve
from eval.report.scores import digits_of, split_scores
from eval.report.tables import FEW, groups_by, handoff_matrix, intent_matrix
from eval.report.texts import Texts
from eval.report.why import why
from eval.report.worst import worst_cases

REPORT = "report.html"
_TEMPLATE = "report.html.j2"


def write_report(
    document: Mapping[str, Any],
    records: Sequence[Record],
    out: Path,
    *,
    lang: str = "ru",
    baseline: BaselineRun | None = None,
) -> Path:
    """Write report.html into the folder `out` and return where it is.

    `document` is what metrics.json holds. The same input makes the same bytes.
    """
    path = out / REPORT
    path.write_bytes(render(document, records, Texts(lang), baseline).encode())
    return path


def render(
    document: Mapping[str, Any],
    records: Sequence[Record],
    texts: Texts,
    baseline: BaselineRun | None = None,
) -> str:
    """The page as HTML."""
    environment = Environment(
        loader=PackageLoader("eval"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        t=texts, interval_bar=charts.interval_bar, digits_of=digits_of, why=why
    )
    headline, rest = split_scores(document["metrics"])
    return environment.get_template(_TEMPLATE).render(
        run=document,
        headline=headline,
        rest=rest,
        reliability=_reliability(records, texts),
        risk=_risk(records, document["config"].get("answer_from"), texts),
        intents=intent_matrix(records),
        handoffs=handoff_matrix(records),
        groups=_groups(records),
        few=FEW,
        worst=worst_cases(records),
        baseline=baseline,
        differences=_changes(document, baseline) if baseline else [],
    )


def _changes(document: Mapping[str, Any], baseline: BaselineRun) -> Sequence[Difference]:
    if baseline.changes is not None:
        return baseline.changes
    return differences(document["metrics"], baseline.document["metrics"])


def _reliability(records: Sequence[Record], texts: Texts) -> dict[str, Any] | None:
    """Bins and drawing; None when no labelled turn had an answer considered."""
    bins = reliability_bins(records)
    scored = sum(item.n for item in bins)
    if not scored:
        return None
    labelled = sum(record.article_labels is not None for record in records)
    return {
        "bins": bins,
        "chart": charts.reliability_chart(bins, texts),
        "without": labelled - scored,
        "flattered": flatters(records),
    }


def _risk(
    records: Sequence[Record], threshold: float | None, texts: Texts
) -> dict[str, Any] | None:
    """Curve, chosen point and drawing; None when no turn has labelled articles."""
    curve = risk_curve(records)
    if not curve:
        return None
    chosen = None if threshold is None else point_at(curve, threshold)
    return {
        "threshold": threshold,
        "chosen": chosen,
        "target": RISK,
        "labelled": curve[-1].answered,
        "chart": charts.risk_chart(curve, chosen, texts),
    }


def _groups(records: Sequence[Record]) -> list[dict[str, Any]]:
    return [
        {"kind": "topic", "rows": groups_by(records, lambda record: record.topic_label)},
        {"kind": "lang", "rows": groups_by(records, lambda record: record.lang)},
        {"kind": "channel", "rows": groups_by(records, lambda record: record.channel)},
    ]
