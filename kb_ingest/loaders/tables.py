"""Loaders of files that hold many articles, a question and its answer a row: CSV, XLSX, JSONL."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from assistant.domain import Article
from kb_ingest.loaders.encoding import decode
from kb_ingest.source import LoadedFile, UnreadableError, given, make_article

_MAX_CELL_CHARACTERS = 1_000_000


def load_csv(path: Path, data: bytes, article_id: str) -> LoadedFile:
    """Rows with columns `question` and `answer`, and optional id, title, url, topic, lang."""
    text = decode(data)
    csv.field_size_limit(_MAX_CELL_CHARACTERS)
    lines = io.StringIO(text.lstrip().replace("\r\n", "\n").replace("\r", "\n"))
    reader = csv.DictReader(lines, delimiter=_delimiter(text), strict=False)
    try:
        _require_columns(reader.fieldnames or [])
        rows = [(f"line {reader.line_num}", row) for row in reader]
    except csv.Error as error:
        raise UnreadableError(f"line {reader.line_num}: {error}") from error
    return _load_rows(rows, path, article_id)


def _delimiter(text: str) -> str:
    header = text.lstrip().splitlines()[0]
    return max(",;\t", key=header.count)


def load_xlsx(path: Path, data: bytes, article_id: str) -> LoadedFile:
    """Like CSV; every sheet whose first row names the columns."""
    from openpyxl import load_workbook  # noqa: PLC0415 - only where there is an XLSX

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    except Exception as error:
        raise UnreadableError(f"it is not a readable workbook ({error})") from error
    rows: list[tuple[str, dict[str, Any]]] = []
    for name, cells in sheets.items():
        header = [str(cell or "").strip() for cell in cells[0]] if cells else []
        if len(sheets) == 1:
            _require_columns(header)
        elif not _has_columns(header):
            continue
        rows.extend(
            (f"sheet {name!r} row {number}", dict(zip(header, line, strict=False)))
            for number, line in enumerate(cells[1:], start=2)
            if any(cell is not None for cell in line)
        )
    if not rows:
        raise UnreadableError("no sheet has the columns `question` and `answer` with rows below")
    return _load_rows(rows, path, article_id)


def load_jsonl(path: Path, data: bytes, article_id: str) -> LoadedFile:
    """An object a line: id, question, answer; or id, title, text."""
    rows: list[tuple[str, Any]] = []
    problems = []
    for number, line in enumerate(decode(data).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            problems.append(f"line {number}: it is not JSON ({error})")
            continue
        if isinstance(row, dict):
            rows.append((f"line {number}", row))
        else:
            problems.append(f"line {number}: it is not an object")
    loaded = _load_rows(rows, path, article_id)
    return LoadedFile(loaded.articles, (*problems, *loaded.problems))


def _has_columns(names: Iterable[str]) -> bool:
    return {"question", "answer"} <= {name.strip().lower() for name in names}


def _require_columns(names: Iterable[str]) -> None:
    names = list(names)
    if not _has_columns(names):
        shown = ", ".join(name for name in names if name)[:200]
        raise UnreadableError(
            f"it needs the columns `question` and `answer`; it has: {shown or 'none'}"
        )


def _load_rows(
    rows: Iterable[tuple[str, Mapping[str, Any]]], path: Path, article_id: str
) -> LoadedFile:
    articles, problems = [], []
    for where, article in _articles(rows, path, article_id):
        if isinstance(article, Article):
            articles.append(article)
        else:
            problems.append(f"{where}: {article}")
    if not articles and not problems:
        raise UnreadableError("it holds no rows")
    return LoadedFile(tuple(articles), tuple(problems))


def _articles(
    rows: Iterable[tuple[str, Mapping[str, Any]]], path: Path, article_id: str
) -> Iterator[tuple[str, Article | UnreadableError]]:
    for number, (where, row) in enumerate(rows, start=1):
        fields = {
            str(name).strip().lower(): value for name, value in row.items() if value is not None
        }
        try:
            yield where, _article(fields, path, f"{article_id}#{number}")
        except UnreadableError as error:
            yield where, error


def _article(fields: dict[str, Any], path: Path, default_id: str) -> Article:
    answer, question = given(fields, "answer"), given(fields, "question")
    title = given(fields, "title")
    article_id = given(fields, "id") or default_id
    if not answer and "text" in fields:
        return make_article(
            article_id=article_id,
            title=title or question,
            text=str(fields["text"]),
            fields=fields,
            source=str(path),
        )
    if not answer:
        raise UnreadableError("`answer` is empty")
    if not question and not title:
        raise UnreadableError("`question` is empty")
    return make_article(
        article_id=article_id,
        title=question or title,
        text=answer,
        fields=fields,
        source=str(path),
        is_answer=True,
    )
