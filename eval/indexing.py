"""Knowledge bases made for an evaluation, by the same command that users call."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from assistant.domain import Article
from assistant.errors import KnowledgeError


def index_articles(articles: Iterable[Article], data_dir: Path) -> None:
    """Publish exactly these articles in `data_dir`; vectors of what it held before are used again.

    Raises KnowledgeError with the command's own words when it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "articles.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for article in articles:
                row = {"id": article.article_id, "lang": article.lang, "topic": article.topic}
                names = ("question", "answer") if article.is_answer else ("title", "text")
                row |= dict(zip(names, (article.title, article.text), strict=True))
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        index_files(path, data_dir)


def index_files(path: Path, data_dir: Path) -> None:
    """Publish exactly the articles of a file or folder in `data_dir`, read by their loaders.

    Raises KnowledgeError with the command's own words when it fails.
    """
    command = ["kb", "ingest", str(path), "--replace", "--data-dir", str(data_dir)]
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "souffleur", *command],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise KnowledgeError(done.stderr.strip())
