"""The walk of an evaluation: every labelled turn through the same decider that serves."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from assistant.deciding import Decider
from assistant.errors import KnowledgeError
from assistant.wiring import Parts
from eval.cases import Case
from eval.journal import Journal
from eval.knowable import measure_knowable
from eval.metrics import Metric
from eval.recorded import METRICS
from eval.records import Record, make_record

Decide = Callable[[Case], Record]
"""Decides on a case and scores the decision; safe to call from several threads."""


@dataclass(frozen=True)
class Subject:
    """What is run on what."""

    dataset: Path
    digest: str
    """Of the data set."""
    snapshot: str
    config: dict[str, Any]
    seed: int

    def identity(self) -> dict[str, Any]:
        """What a stopped run must share with the one that goes on from it."""
        return {"dataset": self.digest, "snapshot": self.snapshot, **self.config}


@dataclass(frozen=True)
class Run:
    """What an evaluation found."""

    dataset: str
    dataset_digest: str
    n_dialogs: int
    n_turns: int
    snapshot: str
    config: dict[str, Any]
    metrics: dict[str, Metric]
    records: Path
    model: dict[str, Any] | None
    """What language models took; None where none was asked."""

    def document(self) -> dict[str, Any]:
        """The JSON of section 6 of the contract."""
        return {
            "dataset": self.dataset,
            "dataset_digest": self.dataset_digest,
            "n_dialogs": self.n_dialogs,
            "n_turns": self.n_turns,
            "snapshot": self.snapshot,
            "config": self.config,
            "metrics": {name: asdict(metric) for name, metric in self.metrics.items()},
            "model": self.model,
            "records": str(self.records),
        }


def run(
    dataset: Path,
    cases: Sequence[Case],
    parts: Parts,
    out: Path,
    progress: Callable[[], object] | None = None,
    *,
    workers: int = 1,
    seed: int = 0,
) -> Run:
    """Decide on every case, write the records under `out`, measure.

    A run that was stopped goes on where it was when `out` is the same. Raises KnowledgeError when
    there is no knowledge base to evaluate.
    """
    knowledge = parts.library.current()
    if knowledge is None:
        raise KnowledgeError(parts.library.problem or "there is no knowledge base")
    texts = {article.article_id: article.text for article in knowledge.articles.values()}
    config = {
        "embedding_model": parts.embedder.model_id,
        "language_model": " ".join(parts.models.names) if parts.models else None,
        **told_of_confidence(parts.decider, [case.locale for case in cases]),
        "seed": seed,
    }
    subject = Subject(dataset, digest_of_file(dataset), knowledge.snapshot_id, config, seed)
    journal = Journal(out, subject.identity())

    def decide(case: Case) -> Record:
        return make_record(case, parts.decider.decide(case.context()), texts)

    return conclude(subject, walk(cases, decide, journal, workers, progress), journal, out)


def told_of_confidence(decider: Decider, langs: Sequence[str]) -> dict[str, Any]:
    """What a run says of the confidence in each of its languages; `answer_from` is None where they
    differ, as after a calibration in one of them."""
    models = {lang: decider.confidence_model(lang) for lang in sorted(set(langs))}
    thresholds = {model.answer_from for model in models.values()}
    return {
        "answer_from": thresholds.pop() if len(thresholds) == 1 else None,
        "confidence": [
            {
                "lang": lang,
                "provisional": model.provisional,
                "risk": None if model.provisional else model.risk,
                "guaranteed": model.guaranteed,
                "answer_from": model.answer_from,
            }
            for lang, model in models.items()
        ],
    }


def conclude(subject: Subject, records: Sequence[Record], journal: Journal, out: Path) -> Run:
    """Measure the records of all turns and write them and the metrics below `out`."""
    finished = Run(
        dataset=str(subject.dataset),
        dataset_digest=subject.digest,
        n_dialogs=len({record.dialog_id for record in records}),
        n_turns=len(records),
        snapshot=subject.snapshot,
        config=subject.config,
        metrics=measure_knowable(records, subject.seed),
        records=journal.finish(records),
        model=_taken(records),
    )
    (out / METRICS).write_text(
        json.dumps(finished.document(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    return finished


def walk(
    cases: Sequence[Case],
    decide: Decide,
    journal: Journal,
    workers: int,
    progress: Callable[[], object] | None,
) -> list[Record]:
    """The records of all cases in order; those in the journal are not made again."""

    def one(number: int) -> Record:
        started = time.perf_counter()
        record = decide(cases[number])
        taken = round((time.perf_counter() - started) * 1000, 3)
        return replace(record, latency_ms=taken)

    done = dict(journal.found)
    missing = [number for number in range(len(cases)) if number not in done]
    for _ in done:
        if progress:
            progress()
    with ThreadPoolExecutor(workers) as pool:
        for number, record in zip(missing, pool.map(one, missing), strict=True):
            journal.add(number, record)
            done[number] = record
            if progress:
                progress()
    return [done[number] for number in range(len(cases))]


def digest_of_file(path: Path) -> str:
    """The first 16 digits of a file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _taken(records: Sequence[Record]) -> dict[str, Any] | None:
    """Tokens and USD over all turns, calls by what came of them, refused sentences by why."""
    asked = [record.model for record in records if record.model is not None]
    if not asked:
        return None
    costs = [each["cost_usd"] for each in asked if each["cost_usd"] is not None]
    refused: Counter[str] = Counter()
    for each in asked:
        refused.update(each["refused_sentences"])
    return {
        "turns": len(asked),
        "wrote": sum(each["wrote_the_answer"] for each in asked),
        "declined": sum(each["declined"] for each in asked),
        "prompt_tokens": sum(each["prompt_tokens"] for each in asked),
        "completion_tokens": sum(each["completion_tokens"] for each in asked),
        "cost_usd": round(sum(costs), 6) if costs else None,
        "outcomes": dict(Counter(outcome for each in asked for outcome in each["outcomes"])),
        "refused_sentences": dict(refused),
    }
