"""What the learning loop is worth on dialogs that nothing was learnt from: half of a labelled data
set is lived through by a real service with simulated operators, who judge by the labels and are
wrong on purpose for a share of it; the other half measures.

    python -m eval.bench.learning DIALOGS.jsonl ARTICLES... [--seeds 2] [--wrong 0.1] [--risk 0.05]

Four services a seed: `before`; `with wrong` learnt from all verdicts; `taken back` learnt again
after the wrong ones were taken back; `put right` after they were given anew as the labels say.
What is measured and how is `souffleur eval run`, and it is `souffleur learn run` that learns.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.command_options import settings_for
from assistant.deciding import Decider
from assistant.domain import IncomingMessage
from assistant.pipeline import Assistant
from assistant.store.dialogs import DialogStore
from assistant.verdicts import HintOutcome
from assistant.wiring import build_assistant, open_store
from eval.cases import Case, load_cases

METRICS = (
    "answer_rate",
    "answer_precision",
    "coverage_at_5pct_risk",
    "ece",
    "retrieval_recall_at_1",
    "handoff_recall",
)
OPERATOR = "simulated"
_HINTS_CONFIDENCE = 0.5
"""What a hint promised is measured by `eval live` alone: nothing is learnt from it."""


@dataclass(frozen=True)
class Judged:
    """What a simulated operator said of one message."""

    dialog_id: str
    message_id: str
    case: Case
    verdict_ids: tuple[int, ...]
    was_wrong: bool
    """Whether he said it wrongly on purpose."""


def main() -> None:
    """Print a row a seed and service, then the mean over seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dialogs", type=Path)
    parser.add_argument("articles", type=Path, nargs="+")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--wrong", type=float, default=0.1)
    parser.add_argument("--risk", type=float, default=0.05)
    options = parser.parse_args()
    print(f"{'':24}{''.join(f'{name[-16:]:>18}' for name in METRICS)}")
    rows: dict[str, list[Mapping[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "fresh"
        _souffleur("kb", "ingest", *map(str, options.articles), data_dir=fresh)
        for seed in range(options.seeds):
            data_dir = Path(folder) / f"seed-{seed}"
            shutil.copytree(fresh, data_dir)
            measured = _one(options.dialogs, data_dir, seed, options.wrong, options.risk)
            for name, metrics in measured.items():
                rows.setdefault(name, []).append(metrics)
    for name, found in rows.items():
        _print_row(f"{name}, mean", _mean(found))


def _one(
    dialogs: Path, data_dir: Path, seed: int, wrong: float, risk: float
) -> dict[str, Mapping[str, Any]]:
    lived, held_back = _halves(dialogs, data_dir, seed)
    found = {"before": _measure(held_back, data_dir, f"before, seed {seed}")}
    said = live_through(lived, data_dir, wrong, seed)
    bad = [one for one in said if one.was_wrong]
    print(f"  {len(said)} messages judged, {len(bad)} of them wrongly on purpose", flush=True)
    how = ("--risk", str(risk))
    _souffleur("learn", "approve", "--all", data_dir=data_dir)
    _learn(data_dir, how)
    found["with wrong"] = _measure(held_back, data_dir, f"with wrong, seed {seed}")
    numbers = [str(number) for one in bad for number in one.verdict_ids]
    if not numbers:
        return found
    _souffleur("learn", "take-back", *numbers, data_dir=data_dir)
    _learn(data_dir, how)
    found["taken back"] = _measure(held_back, data_dir, f"taken back, seed {seed}")
    store = open_store(settings_for(data_dir))
    for one in bad:
        _judge(store, one.dialog_id, one.message_id, one.case, None)
    _souffleur("learn", "approve", "--all", data_dir=data_dir)
    _learn(data_dir, how)
    found["put right"] = _measure(held_back, data_dir, f"put right, seed {seed}")
    return found


def _halves(dialogs: Path, data_dir: Path, seed: int) -> tuple[Path, Path]:
    lines = [line for line in dialogs.read_text(encoding="utf-8").split("\n") if line.strip()]
    order = np.random.default_rng(seed).permutation(len(lines)).tolist()
    halves = []
    for name, part in (
        ("lived", order[: len(order) // 2]),
        ("held-back", order[len(order) // 2 :]),
    ):
        path = data_dir / f"{name}.jsonl"
        path.write_text("".join(f"{lines[at]}\n" for at in sorted(part)), encoding="utf-8")
        halves.append(path)
    return halves[0], halves[1]


def live_through(dialogs: Path, data_dir: Path, wrong: float, seed: int) -> list[Judged]:
    """Every first question of the dialogs through the whole service, and what operators say of
    what was done on it, wrongly for a share of `wrong`."""
    assistant, parts = build_assistant(settings_for(data_dir))
    knowledge = parts.library.current()
    others = list(knowledge.articles) if knowledge else []
    lots = np.random.default_rng(seed)
    said = []
    for case in load_cases(dialogs):
        if case.labels.article_ids is None or case.history:
            continue
        amiss = str(lots.choice(others)) if lots.random() < wrong else None
        said.append(_ask(assistant, parts.decider, case, amiss))
    return said


def _ask(assistant: Assistant, decider: Decider, case: Case, amiss: str | None) -> Judged:
    incoming = IncomingMessage(case.text, locale=case.locale, ends_turn=True)
    document = assistant.reply(incoming).document
    where = document["dialog_id"], document["message_id"]
    if amiss is None and document["action"] == "handoff":
        hinted = _hint(assistant.store, *where, decider, case)
        if hinted is not None:
            return Judged(*where, case, (hinted,), was_wrong=False)
    number = _judge(assistant.store, *where, case, amiss)
    ids = () if number is None else (number,)
    return Judged(*where, case, ids, was_wrong=amiss is not None and bool(ids))


def _hint(
    store: DialogStore, dialog_id: str, message_id: str, decider: Decider, case: Case
) -> int | None:
    """Where the article found first answers, the operator sends the hint that cites it."""
    found = decider.see(case.context()).passages
    if not found or found[0].article.article_id not in (case.labels.article_ids or ()):
        return None
    return store.note_hint(
        dialog_id,
        message_id,
        HintOutcome.ACCEPTED,
        confidence=_HINTS_CONFIDENCE,
        article_ids=[found[0].article.article_id],
        operator_id=OPERATOR,
    )


def _judge(
    store: DialogStore,
    dialog_id: str,
    message_id: str,
    case: Case,
    amiss: str | None,
) -> int | None:
    """By the labels, or naming an article that has nothing to do with it."""
    view = store.view(dialog_id)
    cited = {item["article_id"] for message in view["messages"] for item in message["citations"]}
    acted = {m["message_id"]: m["action"] for m in view["messages"]}
    if acted.get(message_id) == "silent":
        return None
    gold = list(case.labels.article_ids or ())
    right = bool(cited & set(gold)) if cited else True
    named, right = (gold, right) if amiss is None else ([amiss], not right)
    mark = store.judge(dialog_id, message_id, right=right, operator_id=OPERATOR, article_ids=named)
    return int(mark["verdict_id"])


def _learn(data_dir: Path, how: Sequence[str]) -> None:
    done = json.loads(_souffleur("learn", "run", "--json", *how, data_dir=data_dir))
    why = "; ".join(done["why"]) or "all won"
    print(f"  learn run: {done['labels']} labels, {done['kind']}; {why}", flush=True)


def _measure(dialogs: Path, data_dir: Path, name: str) -> Mapping[str, Any]:
    out = data_dir / name.replace(", ", "-").replace(" ", "-")
    shown = _souffleur("eval", "run", str(dialogs), "--json", "--out", str(out), data_dir=data_dir)
    metrics: dict[str, Any] = json.loads(shown)["metrics"]
    _print_row(name, {key: metrics[key] for key in METRICS})
    return metrics


def _print_row(name: str, metrics: Mapping[str, Any]) -> None:
    cells = []
    for key in METRICS:
        score = metrics[key]
        shown = "—" if score["value"] is None else f"{score['value']:.3f} ({score['n']})"
        cells.append(f"{shown:>18}")
    print(f"{name:24}{''.join(cells)}", flush=True)


def _mean(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    means = {}
    for key in METRICS:
        values = [row[key]["value"] for row in found if row[key]["value"] is not None]
        means[key] = {
            "value": float(np.mean(values)) if values else None,
            "n": sum(row[key]["n"] for row in found),
        }
    return means


def _souffleur(*arguments: str, data_dir: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "souffleur", *arguments, "--data-dir", str(data_dir)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"souffleur {' '.join(arguments)}: {done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
