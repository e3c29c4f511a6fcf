"""The walk of an ingest: read, compare, cut, embed what is new, publish."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.domain import Article, Chunk
from assistant.errors import BadInputError, CorruptSnapshotError, KnowledgeError
from assistant.knowledge.contents import Entries, Knowledge, SnapshotContent
from assistant.knowledge.embedder import Embedder
from assistant.knowledge.enrichment import Enrichment
from assistant.knowledge.snapshot import SnapshotStore
from assistant.knowledge.tuning import Tuning
from kb_ingest.chunking import chunk_article
from kb_ingest.collect import SkippedFile, collect, compare
from kb_ingest.progress import Silent, Steps

Vectors = npt.NDArray[np.float32]

_TITLE_NAMES_A_TOPIC = 3
"""From so many articles of one title on, the title is taken for a topic."""


@dataclass(frozen=True)
class IngestReport:
    """What an ingest did."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    skipped: tuple[SkippedFile, ...]
    chunks: int
    embedded: int
    """Texts that had to be embedded; the rest was taken from the snapshot before."""
    seconds: float
    snapshot: str


def ingest(
    paths: Sequence[Path],
    snapshots: SnapshotStore,
    embedder: Embedder,
    *,
    replace: bool = False,
    steps: Steps | None = None,
) -> IngestReport:
    """Bring the knowledge base up to date with the files below `paths` and publish it.

    Raises BadInputError for a path that does not exist or when nothing at all can be published,
    KnowledgeError when another ingest is running.
    """
    started = time.monotonic()
    steps = steps or Silent()
    with snapshots.exclusive():
        collected = collect(paths, steps.reading())
        before = _built_upon(snapshots, replace=replace)
        published = before.articles.values() if before else ()
        changes = compare(collected, published, paths, replace=replace)
        if not changes.articles and not before:
            raise BadInputError(_nothing_found(paths, collected.skipped))
        content, embedded = prepare(changes.articles, embedder, before, steps)
        snapshot_id = snapshots.publish(content)
    return IngestReport(
        added=changes.added,
        changed=changes.changed,
        removed=changes.removed,
        unchanged=changes.unchanged,
        skipped=tuple(collected.skipped),
        chunks=len(content.chunks),
        embedded=embedded,
        seconds=time.monotonic() - started,
        snapshot=snapshot_id,
    )


def _built_upon(snapshots: SnapshotStore, *, replace: bool) -> Knowledge | None:
    """What is published, to keep and compare with. When it is damaged beyond use, the articles of
    other paths would be lost, so only `replace` goes on."""
    try:
        return snapshots.newest_intact()
    except CorruptSnapshotError as error:
        if replace:
            return None
        raise KnowledgeError(
            f"{error}; no earlier snapshot is intact either: ingest all paths anew with --replace"
        ) from error


def _nothing_found(paths: Sequence[Path], skipped: Sequence[SkippedFile]) -> str:
    where = ", ".join(str(path) for path in paths)
    first = f"; {skipped[0].file}: {skipped[0].reason}" if skipped else ""
    return f"no article found in {where}{first}"


def prepare(
    articles: Sequence[Article],
    embedder: Embedder,
    before: Knowledge | None,
    steps: Steps,
) -> tuple[SnapshotContent, int]:
    """Cut and embed the articles; returns the content and how many texts had to be embedded."""
    chunks = [chunk for item in articles for chunk in chunk_article(item, embedder.count_tokens)]
    shared = _shared_titles(articles)
    topics = {article.article_id: article.topic for article in articles}
    bodies = [body_text(chunk, topics[chunk.article_id]) for chunk in chunks]
    titles = [
        body if chunk.heading_path[-1] in shared else title_text(chunk, topics[chunk.article_id])
        for chunk, body in zip(chunks, bodies, strict=True)
    ]
    texts = {article.article_id: article.text for article in articles}
    sentences = [
        texts[chunk.article_id][start:end] for chunk in chunks for start, end in chunk.sentences
    ]
    known = _known_vectors(before) if before and before.model_id == embedder.model_id else {}
    everything = titles + bodies + sentences
    vectors, embedded = _embed(everything, known, embedder, steps.embedding)
    hashes = np.array([_digest(text) for text in everything], "S32")
    count = len(chunks)
    content = SnapshotContent(
        model_id=embedder.model_id,
        articles=articles,
        chunks=chunks,
        title_vectors=vectors[:count],
        body_vectors=vectors[count : 2 * count],
        sentence_vectors=vectors[2 * count :],
        entries=Entries(hashes[: 2 * count], hashes[2 * count :]),
        titles=titles,
        bodies=bodies,
        tuning=_still_valid(before, embedder, articles),
        # It says itself whether it still holds.
        calibration=before.calibration if before else None,
        enrichment=_still_enriched(before, embedder, articles),
    )
    return content, embedded


def _still_valid(
    before: Knowledge | None, embedder: Embedder, articles: Sequence[Article]
) -> Tuning | None:
    """What was learnt stays learnt, but for articles that are gone or another embedding model."""
    if before is None or before.tuning is None or before.model_id != embedder.model_id:
        return None
    return before.tuning.limited_to({article.article_id for article in articles})


def _still_enriched(
    before: Knowledge | None, embedder: Embedder, articles: Sequence[Article]
) -> Enrichment | None:
    """What was written about articles whose text is the same; its vectors are made anew for
    another embedding model."""
    if before is None or before.enrichment is None:
        return None
    left = before.enrichment.limited_to({article.article_id: article for article in articles})
    if not left.articles:
        return None
    if before.model_id == embedder.model_id:
        return left
    if not left.questions():
        return replace(left, vectors=np.empty((0, embedder.dimension), np.float32))
    return replace(left, vectors=embedder.embed_passages(left.questions()))


def _shared_titles(articles: Sequence[Article]) -> set[str]:
    """Titles that name a topic, not an article: they tell nothing about which one answers."""
    counts = Counter(article.title for article in articles)
    return {title for title, count in counts.items() if count >= _TITLE_NAMES_A_TOPIC}


def title_text(chunk: Chunk, topic: str | None) -> str:
    """What stands for the question that a chunk answers: a heading that is itself a question, else
    the article's title with the headings below it; the topic before it."""
    last = chunk.heading_path[-1]
    title = last if last.rstrip().endswith("?") else ". ".join(chunk.heading_path)
    return f"{topic}: {title}" if topic else title


def body_text(chunk: Chunk, topic: str | None) -> str:
    """A chunk with its topic and headings, as it is embedded."""
    headings = (topic, *chunk.heading_path) if topic else chunk.heading_path
    return ". ".join(headings) + "\n" + chunk.text


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).hexdigest()[:32].encode()


def _known_vectors(before: Knowledge) -> dict[bytes, Vectors]:
    known = dict(zip(before.entries.hashes.tolist(), before.dense.vectors, strict=True))
    halves = np.asarray(before.sentence_vectors, np.float32)
    for digest, vector in zip(before.entries.sentence_hashes.tolist(), halves, strict=True):
        known.setdefault(digest, vector)
    return known


def _embed(
    texts: Sequence[str],
    known: dict[bytes, Vectors],
    embedder: Embedder,
    progress: Callable[[int], Callable[[int], None]],
) -> tuple[Vectors, int]:
    """Vectors of all texts in order; each different unknown text is embedded once."""
    digests = [_digest(text) for text in texts]
    missing = {
        digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known
    }
    if missing:
        fresh = embedder.embed_passages(list(missing.values()), progress(len(missing)))
        known = {**known, **dict(zip(missing, fresh, strict=True))}
    vectors = np.empty((len(texts), embedder.dimension), np.float32)
    for row, digest in enumerate(digests):
        vectors[row] = known[digest]
    return vectors, len(missing)
