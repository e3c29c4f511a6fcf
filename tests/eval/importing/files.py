"""Files as people have them, and what their import gives."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from eval.importing.dialogs import Imported, as_lines
from tests.conftest import REPO

SAMPLES = REPO / "eval" / "datasets" / "imports"

Rows = Iterable[Sequence[Any]]


def write_json(path: Path, value: Any) -> Path:
    """A file with a line a value, as a pretty-printing exporter makes it."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def write_text(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """A file of text in an encoding."""
    path.write_bytes(text.encode(encoding))
    return path


def write_book(path: Path, *sheets: tuple[str, Rows]) -> Path:
    """An XLSX workbook of sheets by title."""
    book = Workbook()
    del book["Sheet"]
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def lines_of(imported: Imported) -> list[dict[str, Any]]:
    """The dialogs as they are written."""
    return [json.loads(line) for line in as_lines(imported).splitlines()]


def turns_of(imported: Imported, dialog_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Author, text and labels of the turns of one dialog."""
    dialog = next(line for line in lines_of(imported) if line["dialog_id"] == dialog_id)
    return [(turn["author"], turn["text"], turn.get("labels", {})) for turn in dialog["turns"]]
