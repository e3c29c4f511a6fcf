"""Articles and chunks as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from assistant.domain import Article, Audience, Chunk


def article_row(article: Article) -> dict[str, Any]:
    """An article as a JSON object."""
    row = asdict(article)
    row["valid_until"] = article.valid_until.isoformat()[:10] if article.valid_until else None
    return row


def article_of(row: dict[str, Any]) -> Article:
    """What `article_row` wrote."""
    until = row["valid_until"]
    return Article(
        **{
            **row,
            "audience": Audience(row["audience"]),
            "valid_until": date.fromisoformat(until) if until else None,
        }
    )


def chunk_of(row: dict[str, Any]) -> Chunk:
    """A chunk that was written by its fields."""
    return Chunk(
        **{
            **row,
            "heading_path": tuple(row["heading_path"]),
            "sentences": tuple((start, end) for start, end in row["sentences"]),
        }
    )


def write_lines(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    """One JSON object a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """What `write_lines` wrote."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
