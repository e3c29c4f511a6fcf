"""What a calibration is worth on dialogs that it was not fitted on: ten folds over dialogs, each
decided by a service calibrated on the other nine.

    python -m eval.bench.confidence DIALOGS.jsonl... [--data-dir DIR] [--risk 0.05 0.1] [--seeds 3]

A row a risk and seed: what the confidence is worth (the same for every risk), then how many turns
were answered, how many of the answers were wrong, how many that needed a person were handed over.
`floor` is the calibration error that chance alone gives so many answers of a perfect confidence.
`scope` is the AUROC of "some article answers" over all labelled turns. The first row is the shipped
confidence.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from assistant.certainty import Certainty, threshold_for
from assistant.command_options import settings_for
from assistant.confidence import ConfidenceModel, load_confidence
from assistant.deciding import Decider
from assistant.reliability import expected_calibration_error
from assistant.wiring import Parts, build_parts
from eval.calibration import FOLDS, Example, examples_of, fit, folds_of
from eval.cases import Case, load_cases
from eval.metrics import (
    MEASURES,
    considered_answers,
    coverage_at_risk,
)
from eval.records import Record, make_record

_DRAWS = 500


def main() -> None:
    """Print a row a risk and seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dialogs", type=Path, nargs="+")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--risk", type=float, nargs="+", default=[0.05, 0.1])
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    parts = build_parts(settings_for(options.data_dir))
    if parts.library.current() is None:
        parser.error("no knowledge base: run `make sample` first")
    cases = [case for path in options.dialogs for case in load_cases(path)]
    print(
        f"{'':12}{'n':>5}{'auroc':>8}{'ece':>7}{'floor':>7}{'cov 5%':>8}{'cov 10%':>8}"
        f"{'scope':>8}{'answered':>10}{'wrong':>8}{'handoff recall':>16}"
    )
    _row("shipped", _decided(cases, parts, load_confidence()))
    examples = examples_of(cases, parts.decider)
    for seed in range(options.seeds):
        for risk in options.risk:
            _row(f"{risk:.0%}, seed {seed}", _cross_fitted(cases, examples, parts, risk, seed))


def _cross_fitted(
    cases: Sequence[Case], examples: Sequence[Example], parts: Parts, risk: float, seed: int
) -> list[Record]:
    folds = folds_of(examples, seed)
    fold_of = {item.dialog_id: fold for item, fold in zip(examples, folds.tolist(), strict=True)}
    records = []
    for fold in range(FOLDS):
        rest = [item for item in examples if fold_of[item.dialog_id] != fold]
        fitted = fit(rest, parts.embedder.model_id, risk=risk).model
        threshold = threshold_for(fitted, risk)
        model = replace(fitted, answer_from=threshold, sure_from=threshold)
        # A dialog without a labelled question is of no fold that was learnt from.
        own = [case for case in cases if fold_of.get(case.dialog_id, 0) == fold]
        records += _decided(own, parts, model)
    return records


def _decided(cases: Sequence[Case], parts: Parts, model: ConfidenceModel) -> list[Record]:
    decider = Decider(
        library=parts.library,
        understander=parts.understander,
        certainty=Certainty(model, whatever_was_calibrated=True),
        staffing=parts.staffing,
        rules=parts.rules,
    )
    return [make_record(case, decider.decide(case.context()), {}) for case in cases]


def _row(name: str, records: Sequence[Record]) -> None:
    scored = [r for r in records if r.considered is not None and r.article_labels is not None]
    confidences, right = considered_answers(scored)
    every, every_right = considered_answers(records)
    figures = {name: MEASURES[name](records)[0] for name in ("answer_precision", "handoff_recall")}
    precision, recall = figures["answer_precision"], figures["handoff_recall"]
    labelled = [record for record in records if record.article_labels is not None]
    answerable = np.array([bool(record.article_labels) for record in labelled])
    scope = roc_auc_score(answerable, every) if answerable.any() and not answerable.all() else None
    answered = np.mean([record.answered for record in labelled])
    print(
        f"{name:12}{len(right):>5}{roc_auc_score(right, confidences):>8.3f}"
        f"{expected_calibration_error(confidences, right):>7.3f}{_floor(confidences):>7.3f}"
        f"{coverage_at_risk(every, every_right, 0.05):>8.3f}"
        f"{coverage_at_risk(every, every_right, 0.1):>8.3f}"
        f"{'—' if scope is None else f'{scope:.3f}':>8}{answered:>10.3f}"
        f"{'—' if precision is None else f'{1 - precision:.3f}':>8}"
        f"{'—' if recall is None else f'{recall:.3f}':>16}"
    )


def _floor(confidences: np.ndarray) -> float:
    draw = np.random.default_rng(0)
    truths = draw.random((_DRAWS, len(confidences))) < confidences
    return float(np.mean([expected_calibration_error(confidences, truth) for truth in truths]))


if __name__ == "__main__":
    main()
