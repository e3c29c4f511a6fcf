"""`enriching/replies.jsonl` in the data folder: every reply of the model as it came, so that a run
that was stopped goes on where it was and no reply is paid for twice. Personal data stands in it as
placeholders, as it was sent."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant.errors import BadInputError
from kb_ingest.enriching.offer import Asked

REPLIES = Path("enriching") / "replies.jsonl"
_FIELDS = ("asked", "article_id", "model", "prompt", "reply")


class KeptReplies:
    """The replies of earlier runs and of this one."""

    def __init__(self, data_dir: Path) -> None:
        """Reads what is there; a last line that was cut off is dropped. Raises BadInputError for
        a line that this module did not write."""
        self._path = data_dir / REPLIES
        self._found: dict[str, dict[str, str]] = {}
        text = self._path.read_text(encoding="utf-8") if self._path.exists() else ""
        *whole, rest = text.split("\n")
        for number, line in enumerate(whole, start=1):
            row = _row_of(line, f"{self._path}:{number}")
            self._found[row["asked"]] = row
        if rest:
            self._write_anew()

    def get(self, asked: Asked) -> str | None:
        """The reply to just this; None when it was not asked yet."""
        row = self._found.get(asked.digest)
        return row["reply"] if row else None

    def add(self, asked: Asked, model: str, prompt: str, reply: str) -> None:
        """Keep a reply; on disk when this returns."""
        values = (asked.digest, asked.article.article_id, model, prompt, reply)
        row = dict(zip(_FIELDS, values, strict=True))
        self._found[asked.digest] = row
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(_line_of(row))
            file.flush()
            os.fsync(file.fileno())

    def _write_anew(self) -> None:
        aside = self._path.with_name(f".{self._path.name}.new")
        aside.write_text("".join(map(_line_of, self._found.values())), encoding="utf-8")
        aside.replace(self._path)


def _line_of(row: Mapping[str, str]) -> str:
    return json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n"


def _row_of(line: str, where: str) -> dict[str, str]:
    try:
        row: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{where}: not JSON ({error}): move the file away") from error
    if not isinstance(row, dict) or set(row) != set(_FIELDS):
        raise BadInputError(f"{where}: not a kept reply: move the file away")
    if not all(isinstance(value, str) for value in row.values()):
        raise BadInputError(f"{where}: not a kept reply: move the file away")
    return row
