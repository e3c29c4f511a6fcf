"""The walk of an evaluation: every labelled turn through the same decider that serves."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.errors import KnowledgeError
from assistant.wiring import Parts
from eval.cases import Case
from eval.metrics import Metric, measure_all
from eval.records import Record, make_record


@dataclass(frozen=True)
class Run:
    """What an evaluation found."""

    dataset: str
    n_dialogs: int
    n_turns: int
    snapshot: str
    config: dict[str, Any]
    metrics: dict[str, Metric]
    records: Path

    def document(self) -> dict[str, Any]:
        """The JSON of section 6 of the contract."""
        return {
            "dataset": self.dataset,
            "n_dialogs": self.n_dialogs,
            "n_turns": self.n_turns,
            "snapshot": self.snapshot,
            "config": self.config,
            "metrics": {name: asdict(metric) for name, metric in self.metrics.items()},
            "records": str(self.records),
        }


def run(
    dataset: Path,
    cases: Sequence[Case],
    parts: Parts,
    out: Path,
    progress: Callable[[], object] | None = None,
) -> Run:
    """Decide on every case, write the records under `out`, measure.

    Raises KnowledgeError when there is no knowledge base to evaluate.
    """
    knowledge = parts.library.current()
    if knowledge is None:
        raise KnowledgeError(parts.library.problem or "there is no knowledge base")
    texts = {article.article_id: article.text for article in knowledge.articles.values()}
    records = [_record(case, parts, texts, progress) for case in cases]
    out.mkdir(parents=True, exist_ok=True)
    path = out / "records.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")
    finished = Run(
        dataset=str(dataset),
        n_dialogs=len({case.dialog_id for case in cases}),
        n_turns=len(cases),
        snapshot=knowledge.snapshot_id,
        config={
            "embedding_model": parts.embedder.model_id,
            "language_model": None,
            "answer_from": parts.decider.answer_from,
        },
        metrics=measure_all(records),
        records=path,
    )
    (out / "metrics.json").write_text(
        json.dumps(finished.document(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    return finished


def _record(
    case: Case, parts: Parts, texts: dict[str, str], progress: Callable[[], object] | None
) -> Record:
    started = time.perf_counter()
    outcome = parts.decider.decide(case.context())
    taken = (time.perf_counter() - started) * 1000
    if progress:
        progress()
    return make_record(case, outcome, texts, taken)
