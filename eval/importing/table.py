"""Tables of questions, answers and articles (CSV, XLSX) as labelled dialogs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from assistant.domain import AuthorKind
from assistant.errors import DatasetError
from assistant.text import is_encodable, lower_plain
from eval.importing.dialogs import OPERATOR, Imported, ImportedDialog, ImportedTurn, refusal
from eval.importing.rows import Row, Sheet, read_sheets
from prompts.loader import read

_NO_VALUE = (
    "holds a formula without a stored value; open the file in a spreadsheet program and save it"
)
FIELDS = ("question", "answer", "article", "intent", "handoff", "topic", "dialog")
"""What a column can hold; only `question` must be there."""

_SEVERAL = re.compile(r"[;|]")


def import_table(path: Path, names: Mapping[str, str]) -> Imported:
    """The dialogs of one file; `names` are the columns by field, of those that are not named as
    `prompts/lexicon/table_columns.yaml` expects.

    Rows of one dialog id form one dialog. Raises DatasetError naming file, row and field.
    """
    dialogs: dict[str, list[ImportedTurn]] = {}
    places: dict[str, Row] = {}
    left_out: Counter[str] = Counter()
    sheets = read_sheets(path, lambda name: _is_named(name, "question", names))
    asking = [sheet for sheet in sheets if _asks(sheet, names)]
    left_out["sheets without a column of questions"] += len(sheets) - len(asking)
    notes: Counter[str] = Counter()
    for sheet in asking or sheets[:1]:
        columns = _columns(sheet.header, names)
        for row in sheet.rows:
            dialog_id = row.cell(columns.of.get("dialog")) or f"{path.stem}-{row.key}"
            dialogs.setdefault(dialog_id, []).extend(columns.turns(row))
            notes["formulas without a stored value, read as empty"] += columns.unvalued(row)
            places.setdefault(dialog_id, row)
    found = [ImportedDialog(key, places[key], turns) for key, turns in dialogs.items()]
    return Imported(found, left_out, notes)


def _plain(name: str) -> str:
    return " ".join(lower_plain(name).replace("_", " ").split())


@cache
def _lexicon(*keys: str) -> frozenset[str]:
    found: Any = read("lexicon/table_columns").content
    for key in keys:
        found = found[key]
    return frozenset(_plain(word) for word in found)


def _is_named(name: str, field: str, names: Mapping[str, str]) -> bool:
    """Whether a column is that of a field: by the name given for it, else by a usual name that
    was not given for another field."""
    plain, given = _plain(name), {key: _plain(value) for key, value in names.items()}
    if field in given:
        return plain == given[field]
    return plain in _lexicon("columns", field) and plain not in given.values()


def _asks(sheet: Sheet, names: Mapping[str, str]) -> bool:
    return any(_is_named(name, "question", names) for name in sheet.header.cells)


def _columns(header: Row, names: Mapping[str, str]) -> Columns:
    found: dict[str, int] = {}
    for field in FIELDS:
        at = [i for i, name in enumerate(header.cells) if _is_named(name, field, names)]
        if len(at) > 1:
            both = " and ".join(repr(header.cell(i)) for i in at)
            raise header.error(f"{both} can both be the {field}; say which with --{field} NAME")
        if at:
            found[field] = at[0]
        elif field in names or field == "question":
            raise _missing(header, field, names)
    return Columns(header, found)


def _missing(header: Row, field: str, names: Mapping[str, str]) -> DatasetError:
    has = ", ".join(name.strip() for name in header.cells if name.strip())[:200]
    if field in names:
        return header.error(f"there is no column {names[field]!r}; there are: {has}")
    return header.error(f"no column is known to be the {field}; name it with --{field}; has: {has}")


@dataclass(frozen=True)
class Columns:
    """Which column holds what."""

    header: Row
    of: Mapping[str, int]

    def turns(self, row: Row) -> list[ImportedTurn]:
        """The customer's turn of a row, and the answer's when there is one."""
        self._refuse_overlong(row)
        question = self._cell(row, "question")
        if self.of["question"] in row.unvalued:
            raise self._error(row, "question", _NO_VALUE)
        if problem := refusal(question):
            raise self._error(row, "question", problem)
        labels = self._labels(row)
        turns = [ImportedTurn(AuthorKind.CUSTOMER.value, question, row, labels)]
        if "answer" in labels:
            turns.append(ImportedTurn(OPERATOR, labels["answer"], row))
        return turns

    def _refuse_overlong(self, row: Row) -> None:
        """A cell beyond the header comes from a delimiter that nobody put into quotes."""
        width = len(self.header.cells)
        if any(cell.strip() for cell in row.cells[width:]):
            hint = "the header names no column there"
            if row.delimiter is not None:
                hint = f"a cell that holds {row.delimiter!r} needs quotes around it"
            raise row.error(f"has {len(row.cells)} cells, the header has {width}; {hint}")

    def _cell(self, row: Row, field: str) -> str:
        cell = row.cell(self.of.get(field))
        if not is_encodable(cell):
            raise self._error(row, field, "holds half a character (a lone surrogate)")
        if _plain(cell) in _lexicon("faults"):
            raise self._error(row, field, f"holds the error {cell} of a spreadsheet")
        return cell

    def unvalued(self, row: Row) -> int:
        """How many cells that are read hold a formula without its value."""
        return len(row.unvalued & set(self.of.values()))

    def _error(self, row: Row, field: str, problem: str) -> DatasetError:
        column = self.header.cell(self.of[field])
        return row.error(f"{field} (column {column!r}): {problem}")

    def _labels(self, row: Row) -> dict[str, Any]:
        """The labels of a row; an empty cell is no label."""
        labels: dict[str, Any] = {}
        if self._cell(row, "intent"):
            labels["intent"] = self._intent(row)
        if self._cell(row, "article"):
            labels["article_ids"] = self._articles(row)
        if self._cell(row, "answer"):
            labels["answer"] = self._cell(row, "answer")
        if self._cell(row, "handoff"):
            labels["handoff"] = self._handoff(row)
        if self._cell(row, "topic"):
            labels["topic"] = self._cell(row, "topic")
        return labels

    def _intent(self, row: Row) -> str:
        said = _plain(self._cell(row, "intent"))
        labels = read("lexicon/table_columns").content["intents"]
        found = next((label for label in labels if said in _lexicon("intents", label)), None)
        if found is None:
            raise self._error(row, "intent", f"can be {', '.join(labels)}, or empty")
        return str(found)

    def _articles(self, row: Row) -> list[str]:
        cell = self._cell(row, "article")
        if _plain(cell) in _lexicon("no_article"):
            return []
        ids = [part.strip() for part in _SEVERAL.split(cell)]
        found = list(dict.fromkeys(part for part in ids if part))
        if not found:
            raise self._error(row, "article", "holds no article id")
        return found

    def _handoff(self, row: Row) -> bool:
        said = _plain(self._cell(row, "handoff"))
        if said in _lexicon("true"):
            return True
        if said in _lexicon("false"):
            return False
        raise self._error(row, "handoff", "can be yes or no, or empty")
