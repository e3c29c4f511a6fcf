"""What a snapshot holds, in memory and as files of its folder (`assistant.knowledge.snapshot`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.domain import Article, Chunk
from assistant.knowledge.calibration import Calibration, load_calibration, save_calibration
from assistant.knowledge.enrichment import Enrichment, load_enrichment, save_enrichment
from assistant.knowledge.index import DenseIndex
from assistant.knowledge.lexical import LexicalIndex
from assistant.knowledge.lines import article_of, article_row, chunk_of, read_lines, write_lines
from assistant.knowledge.manifest import DENSE_FILE, SENTENCES_FILE
from assistant.knowledge.tuning import Tuning, load_tuning, save_tuning
from assistant.text import grams, stems

LEXICAL: dict[str, tuple[str, Callable[[str], list[str]]]] = {
    "title-words": ("title", stems),
    "title-grams": ("title", grams),
    "body-words": ("body", stems),
    "body-grams": ("body", grams),
}
"""Of each lexical index the text it is over and the terms that are counted in it."""

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]


@dataclass(frozen=True)
class Entries:
    """What the dense index holds, one row a vector: first a title entry of every chunk, then a
    body entry of every chunk. `hashes` are those of the embedded texts, to embed them once."""

    hashes: npt.NDArray[np.bytes_]
    sentence_hashes: npt.NDArray[np.bytes_]

    @property
    def bodies(self) -> list[bytes]:
        """The hashes of the body entries, in hexadecimal digits."""
        return list(self.hashes[len(self.hashes) // 2 :].tolist())


@dataclass(frozen=True)
class Knowledge:
    """A snapshot in memory. Row i of the title and the body views belongs to `chunks[i]`."""

    snapshot_id: str
    model_id: str
    articles: dict[str, Article]
    chunks: tuple[Chunk, ...]
    entries: Entries
    dense: DenseIndex
    lexical: dict[str, LexicalIndex]
    """One a name of LEXICAL."""
    sentence_vectors: Halves
    """Half precision, (sentences, dimension), the chunks' sentences in order."""
    manifest: dict[str, Any]
    tuning: Tuning | None = None
    """What was learnt from this customer's labelled dialogs."""
    calibration: Calibration | None = None
    """The confidence fitted on them."""
    enrichment: Enrichment | None = None
    """What a language model wrote about the articles."""

    @property
    def tuning_identity(self) -> str | None:
        """Names what was learnt; None where nothing was."""
        return self.tuning.identity if self.tuning else None

    @property
    def layers(self) -> dict[str, str | None]:
        """Names what was learnt and lies over the articles; None where nothing does."""
        held = self.calibration
        return {"tuning": self.tuning_identity, "calibration": held.identity if held else None}

    def text_hashes(self) -> frozenset[bytes]:
        """Of every chunk the hash of its text as it is embedded, and those of its articles' further
        questions."""
        further = self.enrichment.text_hashes() if self.enrichment else frozenset()
        bodies = frozenset(bytes.fromhex(digest.decode()) for digest in self.entries.bodies)
        return bodies | further


@dataclass(frozen=True)
class SnapshotContent:
    """What `kb_ingest` hands over to be published."""

    model_id: str
    articles: Sequence[Article]
    chunks: Sequence[Chunk]
    title_vectors: Floats
    body_vectors: Floats
    sentence_vectors: Floats
    entries: Entries
    titles: Sequence[str]
    """The text of each chunk's title entry."""
    bodies: Sequence[str]
    tuning: Tuning | None = None
    calibration: Calibration | None = None
    enrichment: Enrichment | None = None


def write_snapshot(folder: Path, content: SnapshotContent) -> None:
    """Write all but the manifest into an empty folder."""
    write_lines(folder / "articles.jsonl", (article_row(item) for item in content.articles))
    write_lines(folder / "chunks.jsonl", (asdict(item) for item in content.chunks))
    np.save(folder / "entry_hashes.npy", content.entries.hashes, allow_pickle=False)
    np.save(folder / "sentence_hashes.npy", content.entries.sentence_hashes, allow_pickle=False)
    vectors = np.concatenate([content.title_vectors, content.body_vectors])
    DenseIndex.build(vectors).save(folder / DENSE_FILE)
    texts = {"title": content.titles, "body": content.bodies}
    for name, (side, terms) in LEXICAL.items():
        LexicalIndex.build([terms(text) for text in texts[side]]).save(folder / "lexical" / name)
    halves = content.sentence_vectors.astype(np.float16)
    np.save(folder / SENTENCES_FILE, halves, allow_pickle=False)
    if content.tuning:
        save_tuning(content.tuning, folder)
    if content.calibration:
        save_calibration(content.calibration, folder)
    if content.enrichment:
        save_enrichment(content.enrichment, folder)


def read_snapshot(folder: Path, manifest: dict[str, Any]) -> Knowledge:
    """Read a folder whose manifest was checked."""
    articles = [article_of(row) for row in read_lines(folder / "articles.jsonl")]
    return Knowledge(
        snapshot_id=folder.name,
        model_id=manifest["model_id"],
        articles={article.article_id: article for article in articles},
        chunks=tuple(chunk_of(row) for row in read_lines(folder / "chunks.jsonl")),
        entries=Entries(
            np.load(folder / "entry_hashes.npy", allow_pickle=False),
            np.load(folder / "sentence_hashes.npy", allow_pickle=False),
        ),
        dense=DenseIndex.load(folder / DENSE_FILE),
        lexical={name: LexicalIndex.load(folder / "lexical" / name) for name in LEXICAL},
        sentence_vectors=np.load(folder / SENTENCES_FILE, mmap_mode="r", allow_pickle=False),
        manifest=manifest,
        tuning=load_tuning(folder),
        calibration=load_calibration(folder),
        enrichment=load_enrichment(folder),
    )
