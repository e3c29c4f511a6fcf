"""Small knowledge with vectors of its own, so that a snapshot is made in a moment."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.domain import Article, Chunk
from assistant.knowledge.contents import Entries, SnapshotContent

MODEL = "tests/eight"
_WIDTH = 8


def tiny(*texts: str, model_id: str = MODEL) -> SnapshotContent:
    """One article, one chunk and one sentence a text."""
    articles = [Article(article_id=f"a{n}", title=f"Т{n}", text=t) for n, t in enumerate(texts)]
    chunks = [
        Chunk(a.article_id, (a.title,), a.text, 0, len(a.text), 3, ((0, len(a.text)),))
        for a in articles
    ]
    return SnapshotContent(
        model_id=model_id,
        articles=articles,
        chunks=chunks,
        title_vectors=_vectors([article.title for article in articles]),
        body_vectors=_vectors(texts),
        sentence_vectors=_vectors(texts),
        entries=Entries(_hashes([a.title for a in articles] + list(texts)), _hashes(texts)),
        titles=[article.title for article in articles],
        bodies=list(texts),
    )


def _vectors(texts: list[str] | tuple[str, ...]) -> npt.NDArray[np.float32]:
    rows = np.empty((len(texts), _WIDTH), np.float32)
    for row, text in enumerate(texts):
        digest = hashlib.sha256(text.encode()).digest()
        rows[row] = np.frombuffer(digest[:_WIDTH], np.uint8).astype(np.float32) + 1
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _hashes(texts: list[str] | tuple[str, ...]) -> npt.NDArray[np.bytes_]:
    return np.array([hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts], "S32")


def pretend_format(root: Path, number: int) -> None:
    """Write the current manifest as a version of that format would have, id and all."""
    current = (root / "CURRENT").read_text().strip()
    manifest = json.loads((root / "snapshots" / current / "manifest.json").read_text())
    manifest["format"] = number
    stable = {key: manifest[key] for key in ("format", "model_id", "files")}
    digest = hashlib.sha256(json.dumps(stable, sort_keys=True).encode()).hexdigest()[:16]
    (root / "snapshots" / current / "manifest.json").write_text(json.dumps(manifest))
    (root / "snapshots" / current).rename(root / "snapshots" / digest)
    (root / "CURRENT").write_text(digest + "\n")
