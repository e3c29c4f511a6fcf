"""Macro-F1 of intents on labelled messages, a confusion matrix, and the worst mistakes.

    python -m eval.bench.intents MESSAGES.jsonl... [--worst 20]

A line: {"id", "text", "label", "kind"?}. Files without labels may have a gold.jsonl beside them
with {"id", "label", "kind"?}.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from assistant.command_options import settings_for
from assistant.domain import Intent, IntentLabel
from assistant.understanding import Understander
from assistant.wiring import build_understander

_LABELS = [label.value for label in IntentLabel]
_BATCH = 64


def main() -> None:
    """Print the figures of each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("messages", type=Path, nargs="+")
    parser.add_argument("--worst", type=int, default=0, help="how many mistakes to show")
    options = parser.parse_args()
    understander = build_understander(settings_for(None))
    for path in options.messages:
        rows = _rows(path)
        _print(path, rows, _intents([row["text"] for row in rows], understander), options.worst)


def _rows(path: Path) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    gold = path.with_name("gold.jsonl")
    if rows and "label" not in rows[0] and gold.exists():
        labels = {row["id"]: row for row in map(json.loads, gold.open(encoding="utf-8"))}
        rows = [{**row, **labels[row["id"]]} for row in rows]
    return rows


def _intents(texts: list[str], understander: Understander) -> list[Intent]:
    found: list[Intent] = []
    for start in range(0, len(texts), _BATCH):
        found.extend(understander.intents(texts[start : start + _BATCH]))
    return found


def _print(path: Path, rows: list[dict[str, Any]], intents: list[Intent], worst: int) -> None:
    truth = np.array([_LABELS.index(row["label"]) for row in rows])
    said = np.array([_LABELS.index(intent.label.value) for intent in intents])
    scores = [_f1(truth == at, said == at) for at in range(len(_LABELS))]
    by_label = ", ".join(f"{n} {s:.3f}" for n, s in zip(_LABELS, scores, strict=True))
    low, high = _interval(truth, said)
    print(
        f"{path}: n {len(rows)}, macro-F1 {np.mean(scores):.3f} [{low:.3f} {high:.3f}], {by_label}"
    )
    print("  rows: labels, columns: said,", *_LABELS)
    for at, name in enumerate(_LABELS):
        counts = [int(((truth == at) & (said == column)).sum()) for column in range(len(_LABELS))]
        print(f"  {name:10}", *(f"{count:5}" for count in counts))
    kinds = sorted({str(row.get("kind")) for row in rows if row.get("kind")})
    for kind in kinds:
        own = np.array([row.get("kind") == kind for row in rows])
        print(f"    {kind:30} n {own.sum():4}, right {np.mean(truth[own] == said[own]):.2f}")
    wrong = sorted(
        np.flatnonzero(truth != said).tolist(),
        key=lambda at: -intents[at].probabilities[IntentLabel(_LABELS[said[at]])],
    )
    for at in wrong[:worst]:
        print(f"  {_LABELS[truth[at]]} -> {_LABELS[said[at]]}: {rows[at]['text'][:150]!r}")


def _interval(truth: np.ndarray, said: np.ndarray) -> tuple[float, float]:
    draws = np.random.default_rng(0).integers(0, len(truth), (500, len(truth)))
    means = [
        np.mean([_f1(truth[draw] == at, said[draw] == at) for at in range(len(_LABELS))])
        for draw in draws
    ]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def _f1(truth: np.ndarray, said: np.ndarray) -> float:
    total = truth.sum() + said.sum()
    return float(2 * (truth & said).sum() / total) if total else 0.0


if __name__ == "__main__":
    main()
