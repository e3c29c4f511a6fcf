"""Does the confidence tell messages that some article answers from those that none does? Every
message is judged, also those that the service hands over by their label or signal.

    python -m eval.bench.scope DIALOGS.jsonl... [--data-dir DIR] [--seeds 3]

AUROC of "some article answers" by four confidences: the shipped one; one calibrated on "the best
article answers", held back in ten folds over dialogs; the same signals fitted on "some article
answers", held back alike; and for comparison the largest raw cosine.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from assistant.command_options import settings_for
from assistant.confidence import load_confidence
from assistant.wiring import build_parts
from eval.calibration import STRENGTH, Example, Looked, folds_of, held_back, looked_at
from eval.cases import load_datasets


def main() -> None:
    """Print the AUROCs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dialogs", type=Path, nargs="+")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    parts = build_parts(settings_for(options.data_dir))
    if parts.library.current() is None:
        parser.error("no knowledge base: run `make sample` first")
    cases = [c for c in load_datasets(options.dialogs) if c.labels.article_ids is not None]
    sights = [parts.decider.see(case.context()) for case in cases]
    answerable = np.array([bool(case.labels.article_ids) for case in cases])
    seen = np.array([bool(sight.passages) for sight in sights])
    print(f"{len(cases)} messages, {answerable.sum()} that some article answers")
    shipped = load_confidence()
    _row("shipped", answerable, np.array([shipped.confidence(s).probability for s in sights]))
    cosines = [max(s.passages[0].evidence.cosines) if s.passages else 0.0 for s in sights]
    _row("largest cosine", answerable, np.array(cosines))
    examples = [
        Example(case.dialog_id, sight.lang, sight, case.labels.article_ids)
        for case, sight in zip(cases, sights, strict=True)
        if sight.passages
    ]
    for seed in range(options.seeds):
        folds = folds_of(examples, seed)
        looked = looked_at(examples, folds)
        any_answers = answerable[seen]
        fits = {
            "calibrated": looked,
            "fitted on it": Looked(looked.features, any_answers, any_answers),
        }
        for name, target in fits.items():
            values = np.zeros(len(cases))
            values[seen] = held_back(target, folds, STRENGTH)
            _row(f"{name}, seed {seed}", answerable, values)


def _row(name: str, answerable: np.ndarray, values: np.ndarray) -> None:
    print(f"{name:24}{roc_auc_score(answerable, values):>8.3f}")


if __name__ == "__main__":
    main()
