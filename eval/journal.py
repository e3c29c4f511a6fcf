"""Records on disk: written as they come, so that a stopped run goes on; sorted at the end.

`records.jsonl` holds a record a line in the order of the data set and is the same in every run;
`timings.jsonl` tells how long each took, which is not. `unfinished.jsonl` is what a run in progress
has so far; its first line says of what it is a run.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, fields, replace
from pathlib import Path
from typing import IO, Any

from assistant.errors import ConflictError, DatasetError
from eval.records import Record

RECORDS, TIMINGS, UNFINISHED = "records.jsonl", "timings.jsonl", "unfinished.jsonl"
LOCK = "unfinished.lock"
_FIELDS = {field.name for field in fields(Record)}
_NEEDED = {field.name for field in fields(Record) if field.default is MISSING}
"""What every version has written; what came later has a default."""


class Journal:
    """The records of one run below a folder, by the number of their case."""

    def __init__(self, folder: Path, identity: Mapping[str, Any]) -> None:
        """`identity` names what is run on what; a journal of something else is begun anew."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._path = folder / UNFINISHED
        self._lock = _locked(folder / LOCK)
        self.found = self._resume(dict(identity))
        with self._path.open("w", encoding="utf-8") as file:
            file.write(_line(dict(identity)))
        for number, record in self.found.items():
            self.add(number, record)

    def _resume(self, identity: dict[str, Any]) -> dict[int, Record]:
        """What an interrupted run of the same left; a line that was cut off is left out."""
        if not self._path.exists():
            return {}
        first, *rest = self._path.read_text(encoding="utf-8", errors="replace").split("\n")
        if first != _line(identity).strip():
            return {}
        found = {}
        for line in rest[:-1]:
            row = json.loads(line)
            number = row.pop("case")
            found[number] = Record(**row)
        return found

    def add(self, number: int, record: Record) -> None:
        """Keep a record; on disk when this returns."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(_line({"case": number, **asdict(record)}))

    def finish(self, records: Sequence[Record]) -> Path:
        """Write the sorted files, drop the unfinished one, return where the records are."""
        with (
            (self._folder / RECORDS).open("w", encoding="utf-8") as lines,
            (self._folder / TIMINGS).open("w", encoding="utf-8") as timings,
        ):
            for record in records:
                row = asdict(record)
                taken = row.pop("latency_ms")
                lines.write(_line(row))
                where = {"dialog_id": record.dialog_id, "turn": record.turn}
                timings.write(_line(where | {"latency_ms": taken}))
        self._path.unlink()
        self._lock.close()
        (self._folder / LOCK).unlink(missing_ok=True)
        return self._folder / RECORDS


def _locked(path: Path) -> IO[str]:
    """Held until closed, also by the end of the process. Raises ConflictError when another run
    writes into this folder."""
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise ConflictError(f"another run is writing into {path.parent}") from error
    return lock


def read_records(path: Path) -> list[Record]:
    """What `finish` wrote, with the times where they lie beside it.

    Raises DatasetError naming file and line of what is no record.
    """
    records = []
    for number, row in _rows(path):
        if missing := _NEEDED - set(row):
            raise DatasetError(f"{path}:{number}: no record: {sorted(missing)[0]!r} is missing")
        known: dict[str, Any] = {name: value for name, value in row.items() if name in _FIELDS}
        records.append(Record(**known))
    beside = path.with_name(TIMINGS)
    if not beside.exists():
        return records
    times = {(row["dialog_id"], row["turn"]): row["latency_ms"] for _, row in _rows(beside)}
    return [replace(r, latency_ms=times.get((r.dialog_id, r.turn))) for r in records]


def _rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8") as file:
            # Not splitlines: a message may hold U+2028 and the like, which end no line of JSON.
            lines = list(file)
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise DatasetError(f"{path}:{number}: not JSON ({error})") from error
        if not isinstance(row, dict):
            raise DatasetError(f"{path}:{number}: not an object")
        found.append((number, row))
    return found


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n"
