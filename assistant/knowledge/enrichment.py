"""What a language model wrote about articles and what passed the checks, kept with the snapshot:
questions as further entries of the articles that answer them, and a short summary.

It holds for the text that it was written about: `limited_to` drops the rest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.domain import Article
from assistant.knowledge.lines import read_lines, write_lines

Floats = npt.NDArray[np.float32]

ENRICHMENT_VECTORS = "enrichment.npy"
_LINES = "enrichment.jsonl"
FILES = "enrichment.*"


@dataclass(frozen=True)
class Enriched:
    """What is known about one article beside its text."""

    article_id: str
    text_hash: str
    """Of the article that it was written about, as `text_hash_of` gives it."""
    questions: tuple[str, ...]
    summary: str | None
    model: str
    """Name of the language model."""
    prompt: str
    """Name, version and hash of what it was asked."""


@dataclass(frozen=True)
class Enrichment:
    """Of the articles that anything is known about, in their order."""

    articles: tuple[Enriched, ...]
    vectors: Floats
    """(questions, dimension), of length 1, as passages; all articles' questions in order."""

    @cached_property
    def by_article(self) -> Mapping[str, Enriched]:
        """By the article's id."""
        return {one.article_id: one for one in self.articles}

    def owners(self) -> list[str]:
        """Of each question the id of its article."""
        return [one.article_id for one in self.articles for _ in one.questions]

    def questions(self) -> list[str]:
        """All questions in order."""
        return [question for one in self.articles for question in one.questions]

    def text_hashes(self) -> frozenset[bytes]:
        """Of each question 16 bytes that differ with its words and its article."""
        said = zip(self.owners(), self.questions(), strict=True)
        return frozenset(hashlib.sha256("\n".join(pair).encode()).digest()[:16] for pair in said)

    def limited_to(self, articles: Mapping[str, Article]) -> Enrichment:
        """Without articles that are gone or read otherwise now."""
        kept = [
            one.article_id in articles and one.text_hash == text_hash_of(articles[one.article_id])
            for one in self.articles
        ]
        counts = [len(one.questions) for one in self.articles]
        rows = np.repeat(np.array(kept, bool), counts)
        left = tuple(one for one, stays in zip(self.articles, kept, strict=True) if stays)
        return Enrichment(left, self.vectors[rows])


def text_hash_of(article: Article) -> str:
    """16 digits that differ when the title, the text or the language differs."""
    said = json.dumps([article.title, article.text, article.lang], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def save_enrichment(enrichment: Enrichment, folder: Path) -> None:
    """Write it into a snapshot's folder."""
    write_lines(folder / _LINES, (asdict(one) for one in enrichment.articles))
    halves = np.ascontiguousarray(enrichment.vectors.astype(np.float16))
    np.save(folder / ENRICHMENT_VECTORS, halves, allow_pickle=False)


def load_enrichment(folder: Path) -> Enrichment | None:
    """Read what `save_enrichment` wrote; None where nothing was."""
    if not (folder / _LINES).exists():
        return None
    articles = tuple(
        Enriched(**{**row, "questions": tuple(row["questions"])})
        for row in read_lines(folder / _LINES)
    )
    halves = np.load(folder / ENRICHMENT_VECTORS, allow_pickle=False)
    return Enrichment(articles, np.asarray(halves, np.float32))
