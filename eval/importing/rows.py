"""The rows of CSV and XLSX files, each cell as text and each row with its place."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from assistant.errors import DatasetError
from eval.importing.sources import read_bytes, read_text

_DELIMITERS = ";,\t"
_MAX_CELL_CHARACTERS = 1_000_000
_NAMED_DELIMITER = re.compile(r"sep=(.)\n")
"""What Excel writes, and hides, above the header."""


@dataclass(frozen=True)
class Row:
    """The cells of a row, and where it stands."""

    where: str
    """File and line, or file, sheet and row."""
    key: str
    """What tells it from other rows of the file, for an id."""
    cells: Sequence[str]
    delimiter: str | None = None
    """What splits the cells of a file of text."""
    unvalued: frozenset[int] = frozenset()
    """Columns, from 0, that hold a formula without the value it gave."""

    def cell(self, column: int | None) -> str:
        """A cell without blanks around; empty where the row is shorter or there is no column."""
        return self.cells[column].strip() if column is not None and column < len(self.cells) else ""

    def error(self, problem: str) -> DatasetError:
        """The error to raise over this row."""
        return DatasetError(f"{self.where}: {problem}")

    def is_blank(self) -> bool:
        """Whether no cell holds anything."""
        return not self.unvalued and not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True)
class Sheet:
    """A table: its first row, which names the columns, and the rows below that hold anything."""

    header: Row
    rows: Sequence[Row]


IsColumn = Callable[[str], bool]
"""Whether a name is that of the column that a table must have."""


def read_sheets(path: Path, is_question: IsColumn) -> list[Sheet]:
    """The tables of a file. Raises DatasetError naming it, and the line where there is one."""
    if path.suffix.lower() == ".xlsx":
        return _xlsx(path)
    if path.suffix.lower() not in (".csv", ".tsv", ".txt"):
        raise DatasetError(f"{path}: a table is a .csv, .tsv or .xlsx file")
    return [_csv(path, is_question)]


def _csv(path: Path, is_question: IsColumn) -> Sheet:
    text = read_text(path).replace("\r\n", "\n").replace("\r", "\n")
    named = _NAMED_DELIMITER.match(text)
    skipped = 1 if named else 0
    text = text[named.end() :] if named else text
    delimiter = named[1] if named else _delimiter(text, is_question)
    rows = [
        Row(f"{path}:{line + skipped}", str(line + skipped), cells, delimiter)
        for line, cells in _parsed(path, text, delimiter, skipped)
    ]
    filled = [row for row in rows if not row.is_blank()]
    if not filled:
        raise DatasetError(f"{path}: the file holds no cell with anything in it")
    return Sheet(filled[0], filled[1:])


def _delimiter(text: str, is_question: IsColumn) -> str:
    """The one that gives the header the wanted column, else the one it holds most of."""
    header = text.lstrip().split("\n", 1)[0]

    def fitness(delimiter: str) -> tuple[bool, int]:
        names = next(csv.reader([header], delimiter=delimiter), [])
        return any(is_question(name) for name in names), header.count(delimiter)

    return max(_DELIMITERS, key=fitness)


def _parsed(path: Path, text: str, delimiter: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Cells of each row with the line, from 1, that it begins on."""
    csv.field_size_limit(_MAX_CELL_CHARACTERS)
    # Strict, or a quote that is never closed would take in all rows below it without a word.
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DatasetError(
                f"{path}:{line + skipped}: the row that begins here is malformed ({error}); "
                "a quote inside a quoted cell is written twice"
            ) from error
        yield line, cells


def _xlsx(path: Path) -> list[Sheet]:
    from openpyxl import load_workbook  # noqa: PLC0415 - only where there is an XLSX

    data = read_bytes(path)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = {sheet.title: _rows_of(sheet) for sheet in book}
        unvalued = _unvalued(data, book) if _has_formulas(data) else {}
    except Exception as error:
        raise DatasetError(f"{path}: it is not a readable workbook ({error})") from error
    found = [
        _sheet(path, title, rows, unvalued.get(title, {}), alone=len(sheets) == 1)
        for title, rows in sheets.items()
    ]
    filled = [sheet for sheet in found if sheet is not None]
    if not filled:
        raise DatasetError(f"{path}: the workbook holds no cell with anything in it")
    return filled


def _rows_of(sheet: Any) -> list[list[str]]:
    sheet.reset_dimensions()  # some programs write that a full sheet ends at A1
    return [[_cell_text(value) for value in row] for row in sheet.iter_rows(values_only=True)]


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return any(b"<f" in archive.read(name) for name in sheets)


Unvalued = Mapping[int, frozenset[int]]
"""By row, from 0: columns with a formula whose value the file does not hold."""


def _unvalued(data: bytes, values: Any) -> dict[str, Unvalued]:
    """A program that calculates nothing writes formulas alone, and they would read as empty."""
    from openpyxl import load_workbook  # noqa: PLC0415

    book = load_workbook(io.BytesIO(data), read_only=True)
    return {sheet.title: _formulas_of(sheet, values[sheet.title]) for sheet in book}


def _formulas_of(formulas: Any, values: Any) -> Unvalued:
    formulas.reset_dimensions()
    found: dict[int, frozenset[int]] = {}
    for at, rows in enumerate(zip(formulas.iter_rows(), values.iter_rows(), strict=True)):
        pairs = enumerate(zip(*rows, strict=True))
        lacking = frozenset(i for i, (formula, value) in pairs if _lacks_value(formula, value))
        if lacking:
            found[at] = lacking
    return found


def _lacks_value(formula: Any, value: Any) -> bool:
    """A formula that gave an empty text has a value: it is read as None too, but as a text."""
    return formula.data_type == "f" and value.value is None and value.data_type == "n"


def _sheet(
    path: Path, title: str, cells: Sequence[list[str]], unvalued: Unvalued, *, alone: bool
) -> Sheet | None:
    rows = [
        Row(
            f"{path}: sheet {title!r} row {number}",
            str(number) if alone else f"{title}-{number}",
            line,
            unvalued=unvalued.get(number - 1, frozenset()),
        )
        for number, line in enumerate(cells, start=1)
    ]
    filled = [row for row in rows if not row.is_blank()]
    return Sheet(filled[0], filled[1:]) if filled else None


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        # As many digits as a spreadsheet shows; 2.0 is an id typed as a number.
        return str(int(value)) if value.is_integer() else f"{value:.15g}"
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)
