"""A finished run as it lies on disk: records.jsonl, and beside it metrics.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import DatasetError
from eval.journal import RECORDS, UNFINISHED, read_records
from eval.records import Record

METRICS = "metrics.json"


@dataclass(frozen=True)
class RecordedRun:
    """A run that can be read turn by turn."""

    folder: Path
    document: Mapping[str, Any]
    """What its metrics.json holds; empty when there is none."""
    records: Sequence[Record]

    @property
    def digest(self) -> str | None:
        """Digest of its data set; None for runs older than that field."""
        return self.document.get("dataset_digest")


def read_run(path: Path) -> RecordedRun:
    """The run at `path`: its folder, or the records.jsonl or metrics.json in it.

    Raises DatasetError saying what is not there or not readable.
    """
    folder = path if path.is_dir() else path.parent
    if not path.exists():
        raise DatasetError(f"{path} does not exist; name the folder that `eval run` wrote")
    records = path if path.name.endswith(".jsonl") else folder / RECORDS
    if not records.exists():
        stopped = (folder / UNFINISHED).exists()
        why = "its run was stopped: run it again with the same --out" if stopped else "no run"
        raise DatasetError(f"{folder} holds no {RECORDS} ({why})")
    found = read_records(records)
    if not found:
        raise DatasetError(f"{records} holds no record")
    beside = folder / METRICS
    return RecordedRun(folder, read_metrics(beside) if beside.exists() else {}, found)


def read_metrics(path: Path) -> Mapping[str, Any]:
    """What a metrics.json holds. Raises DatasetError when it is none."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path} cannot be read as metrics.json: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("metrics"), dict):
        raise DatasetError(f"{path} holds no metrics")
    return document
