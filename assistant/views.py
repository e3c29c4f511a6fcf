"""Looks at articles from all sides: a matrix with a row an article and a column a view.

A view's number is how far the article stands out of all articles of the question's language, not
a raw similarity (docs/decisions/0003); the best chunk speaks for its article.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

from assistant.knowledge.contents import LEXICAL, Knowledge
from assistant.knowledge.index import Background
from assistant.ranking import VIEWS
from assistant.usual import filled_up

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

CROWD = Path(__file__).parent / "weights" / "crowd.safetensors"
"""Vectors of some hundred questions of all kinds, to know articles that are near to everything."""

_LARGEST_WORD_SCORE = 6.0
"""One rare word must not outweigh all the rest (BM25 has a long tail)."""
_LEAST_WORD_SPREAD = 0.5
"""With a handful of articles, or one of a language, the spread of BM25 says nothing."""
_NEAREST_OF_CROWD = 0.02
"""The share of the crowd that an article's nearness to it is taken over."""
_LEAST_DENSE_SPREAD = 0.015
_NO_ROWS: Indices = np.empty(0, np.int64)


@dataclass(frozen=True)
class Pieces:
    """Articles with all their chunks and sentences, as flat arrays.

    `article_starts[i]` is where article i begins in `chunks`, `sentence_starts[j]` where chunk j
    begins in `sentences`.
    """

    articles: Indices
    chunks: Indices
    article_starts: Indices
    sentences: Indices
    sentence_starts: Indices


@dataclass(frozen=True)
class Question:
    """What is looked for."""

    vector: Floats
    """As it is looked up, of length 1."""
    untuned: Floats
    """As the embedder gave it."""
    lang: str
    words: dict[str, Floats]
    """BM25 of every chunk, by name of LEXICAL."""


@dataclass(frozen=True)
class _Language:
    """The statistics of one language's articles."""

    chunks: Indices
    title: Background
    body: Background
    sentence: Background


@dataclass(frozen=True)
class Looked:
    """What was seen of some articles."""

    views: Floats
    """(articles, views), columns in the order of VIEWS."""
    dense: Floats
    """Of each article the best standing of any vector."""
    cosines: Floats
    """(articles, 3): of the best title, text and sentence, as they are."""
    chunk_scores: Floats
    """Of each chunk (in the order of the pieces) its own part of the score."""

    def best_pieces(self, starts: Indices, among: int = 10) -> Indices:
        """Of each article (its chunks begin at `starts`) how many of the best chunks it has."""
        best = np.argsort(-self.chunk_scores, kind="stable")[:among]
        owners = np.searchsorted(starts, best, side="right") - 1
        return np.asarray(np.bincount(owners, minlength=len(starts)), np.int64)


class Viewer:
    """Looks at one snapshot's articles. Safe to use from several threads."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._count = len(knowledge.chunks)
        self._articles = list(knowledge.articles.values())
        self._rows = {article.article_id: row for row, article in enumerate(self._articles)}
        # Chunks stand in the order of their articles, so that an article's are one stretch.
        self.article_of = np.array(
            [self._rows[chunk.article_id] for chunk in knowledge.chunks], np.int64
        )
        self._chunk_bounds = _bounds(np.bincount(self.article_of, minlength=len(self._rows)))
        self._sentence_bounds = _bounds([len(chunk.sentences) for chunk in knowledge.chunks])
        self._languages = np.array([article.lang for article in self._articles])
        self._by_language = {
            str(lang): self._statistics(np.flatnonzero(self._languages == lang), str(lang))
            for lang in np.unique(self._languages)
        }
        self._main_language = max(
            self._by_language, key=lambda lang: len(self._by_language[lang].chunks), default=""
        )
        self._crowd = self._nearness_to_crowd()
        self._cases, self._case_rows = self._known_cases()
        self._further, self._further_rows = self._further_questions()
        self._further_counts = np.bincount(self._further_rows, minlength=len(self._rows))

    def _statistics(self, articles: Indices, lang: str) -> _Language:
        vectors = self._knowledge.dense.vectors
        pieces = self.pieces_of(articles)
        sides = {
            "title": vectors[pieces.chunks],
            "body": vectors[pieces.chunks + self._count],
            "sentence": self._sentence_vectors(pieces.sentences),
        }
        model_id = self._knowledge.model_id
        return _Language(
            chunks=pieces.chunks,
            **{
                side: Background.of(filled_up(rows, model_id, lang, side))
                for side, rows in sides.items()
            },
        )

    def _nearness_to_crowd(self) -> Floats:
        """Of each chunk how near its title and text are to questions of all kinds, in standard
        deviations; zero for an embedding model that no crowd ships for. Radovanović et al.,
        "Hubs in Space" (2010): in many dimensions some points are neighbours of everything."""
        crowd = crowd_of(self._knowledge.model_id)
        if crowd is None or not self._count:
            return np.zeros(self._count, np.float32)
        total = np.zeros(self._count, np.float32)
        for first in (0, self._count):
            cosines = crowd @ self._knowledge.dense.vectors[first : first + self._count].T
            kept = max(3, round(_NEAREST_OF_CROWD * len(crowd)))
            near = np.partition(cosines, len(crowd) - kept, axis=0)[-kept:].mean(axis=0)
            spread = max(float(cosines.std(axis=1).mean()), _LEAST_DENSE_SPREAD)
            total += (near - near.mean()) / spread
        return total

    def _known_cases(self) -> tuple[Floats, list[Indices]]:
        tuning = self._knowledge.tuning
        if tuning is None:
            return np.empty((0, 0), np.float32), []
        rows = [
            np.array([self._rows[name] for name in answered if name in self._rows], np.int64)
            for answered in tuning.case_articles
        ]
        return tuning.case_vectors, rows

    def _further_questions(self) -> tuple[Floats, Indices]:
        """The questions that a language model found articles to answer, and whose they are."""
        enrichment = self._knowledge.enrichment
        if enrichment is None:
            return np.empty((0, self._knowledge.dense.vectors.shape[1]), np.float32), _NO_ROWS
        owners = enrichment.owners()
        known = [at for at, name in enumerate(owners) if name in self._rows]
        rows = np.array([self._rows[owners[at]] for at in known], np.int64)
        return enrichment.vectors[known], rows

    # --- pieces ------------------------------------------------------------------------------

    def pieces_of(self, articles: Indices) -> Pieces:
        """The chunks and sentences of some articles."""
        chunks, article_starts = _ranges(self._chunk_bounds, articles)
        sentences, sentence_starts = _ranges(self._sentence_bounds, chunks)
        return Pieces(articles, chunks, article_starts, sentences, sentence_starts)

    def articles_near(self, vector: Floats, limit: int) -> Indices:
        """Rows of the articles whose further questions lie nearest, those of `limit` questions."""
        cosines = self._further @ vector
        return self._further_rows[np.argsort(-cosines, kind="stable")[:limit]]

    def chunks_of(self, article: int) -> slice:
        """Where an article's chunks stand."""
        return slice(self._chunk_bounds[article], self._chunk_bounds[article + 1])

    def sentence_cosines(self, chunk: int, vector: Floats) -> Floats:
        """Cosine of the question with each sentence of a chunk, float32 (sentences,)."""
        start, end = self._sentence_bounds[chunk], self._sentence_bounds[chunk + 1]
        return self._sentence_vectors(np.arange(start, end)) @ vector

    def sentence_spread(self, lang: str, vector: Floats) -> float:
        """Standard deviation of the question's cosines with all sentences of a language."""
        return self._by_language[lang].sentence.spread(vector)

    def _sentence_vectors(self, sentences: Indices) -> Floats:
        return np.asarray(self._knowledge.sentence_vectors[sentences], np.float32)

    # --- looking -----------------------------------------------------------------------------

    def look(self, pieces: Pieces, question: Question, weights: Floats) -> Looked:
        """Every view of the articles of `pieces`; `weights` as `ranking.as_column` gives them."""
        of_language = self._by_language.get(question.lang) or self._by_language[self._main_language]
        starts = pieces.article_starts
        raw = self._cosines(pieces, question.vector)
        by_chunk = self._by_chunk(pieces, question, raw, of_language)
        columns = {name: np.maximum.reduceat(side, starts) for name, side in by_chunk.items()}
        best = {name: np.maximum.reduceat(side, starts) for name, side in raw.items()}
        best["title"] = np.maximum(best["title"], self._nearest_further(pieces.articles, question))
        columns["title"] = of_language.title.standardise(question.vector, best["title"])
        columns["crowd"] = _mean(self._crowd[pieces.chunks], starts)
        columns["luck"] = self._luck(pieces)
        columns["foreign"] = self._foreign(pieces, question.lang)
        columns["cases"] = self._nearness_to_cases(pieces.articles, question.untuned)
        parts = zip(VIEWS, weights, strict=True)
        scores = sum(weight * by_chunk[name] for name, weight in parts if name in by_chunk)
        dense = np.maximum.reduce([columns[name] for name in ("title", "body", "sentence")])
        return Looked(
            views=np.stack([columns[name] for name in VIEWS], axis=1).astype(np.float32),
            dense=dense,
            cosines=np.stack(list(best.values()), axis=1),
            chunk_scores=np.asarray(scores, np.float32),
        )

    def _cosines(self, pieces: Pieces, vector: Floats) -> dict[str, Floats]:
        """Of each chunk the cosines of its title, its text and its best sentence; of one without
        sentences the last is that of its text."""
        cosines = self._knowledge.dense.cosines
        body = cosines(vector, pieces.chunks + self._count)
        sentence = np.array(body, np.float32)
        counts = np.diff([*pieces.sentence_starts, len(pieces.sentences)])
        with_any = counts > 0
        if with_any.any():
            each = self._sentence_vectors(pieces.sentences) @ vector
            sentence[with_any] = np.maximum.reduceat(each, pieces.sentence_starts[with_any])
        return {"title": cosines(vector, pieces.chunks), "body": body, "sentence": sentence}

    def _by_chunk(
        self, pieces: Pieces, question: Question, raw: dict[str, Floats], of_language: _Language
    ) -> dict[str, Floats]:
        vector = question.vector
        sides = {
            "title": of_language.title.standardise(vector, raw["title"]),
            "body": of_language.body.standardise(vector, raw["body"]),
            "sentence": of_language.sentence.standardise(vector, raw["sentence"]),
        }
        # What has no sentence has nothing for or against it.
        counts = np.diff([*pieces.sentence_starts, len(pieces.sentences)])
        sides["sentence"] = np.where(counts > 0, sides["sentence"], np.float32(0))
        for name in LEXICAL:
            scores = question.words[name]
            standing = _word_standing(scores, pieces.chunks, of_language.chunks)
            sides[name.replace("-", "_")] = standing
        return sides

    def _luck(self, pieces: Pieces) -> Floats:
        """What the best of many pieces gains by chance: the expected maximum of n normal values
        grows as sqrt(2 ln n); for chunks, sentences and the title with the further questions,
        float32 (articles,)."""
        chunks = np.diff([*pieces.article_starts, len(pieces.chunks)])
        first = pieces.chunks[pieces.article_starts]
        sentences = self._sentence_bounds[first + chunks] - self._sentence_bounds[first]
        further = _expected_maximum(1 + self._further_counts[pieces.articles])
        return _expected_maximum(chunks) + 0.5 * (_expected_maximum(sentences) + further)

    def _nearest_further(self, articles: Indices, question: Question) -> Floats:
        """Of each article the cosine of its nearest further question; -1 without any."""
        nearest = np.full(len(self._articles), -1, np.float32)
        np.maximum.at(nearest, self._further_rows, self._further @ question.vector)
        return nearest[articles]

    def _foreign(self, pieces: Pieces, lang: str) -> Floats:
        if lang not in self._by_language:
            return np.zeros(len(pieces.articles), np.float32)
        return np.asarray(self._languages[pieces.articles] != lang, np.float32)

    def _nearness_to_cases(self, articles: Indices, vector: Floats) -> Floats:
        """How far the nearest question that an article is known to answer stands out; what is
        usual for articles that none is known for."""
        if not self._case_rows:
            return np.zeros(len(articles), np.float32)
        cosines = self._cases @ vector
        spread = max(float(cosines.std()), _LEAST_DENSE_SPREAD)
        standing = (cosines - float(cosines.mean())) / spread
        nearest = np.zeros(len(self._articles), np.float32)
        for rows, value in zip(self._case_rows, standing, strict=True):
            nearest[rows] = np.maximum(nearest[rows], value)
        return nearest[articles]


@cache
def crowd_of(model_id: str) -> Floats | None:
    """The crowd's vectors for an embedding model; None where none ship."""
    arrays = load_file(CROWD) if CROWD.exists() else {}
    vectors = arrays.get(model_id)
    return None if vectors is None else np.asarray(vectors, np.float32)


def _bounds(counts: Sequence[int] | Indices) -> Indices:
    return np.concatenate([[0], np.cumsum(np.asarray(counts, np.int64))]).astype(np.int64)


def _ranges(bounds: Indices, picked: Indices) -> tuple[Indices, Indices]:
    """All positions of the picked ranges one after another, and where each range begins."""
    picked = np.asarray(picked, np.int64)
    lengths = bounds[picked + 1] - bounds[picked]
    starts = _bounds(lengths)
    offsets = np.repeat(bounds[picked] - starts[:-1], lengths)
    return np.arange(starts[-1], dtype=np.int64) + offsets, starts[:-1]


def _mean(values: Floats, starts: Indices) -> Floats:
    lengths = np.diff([*starts, len(values)])
    return np.asarray(np.add.reduceat(values, starts) / lengths, np.float32)


def _expected_maximum(pieces: Indices) -> Floats:
    return np.asarray(np.sqrt(2 * np.log(np.maximum(1, pieces))), np.float32)


def _word_standing(scores: Floats, chunks: Indices, of_language: Indices) -> Floats:
    """BM25 standardised over the language's chunks, float32 (chunks,)."""
    background = scores[of_language]
    spread = max(float(background.std()), _LEAST_WORD_SPREAD)
    standing = (scores[chunks] - float(background.mean())) / spread
    return np.asarray(np.clip(standing, -_LARGEST_WORD_SCORE, _LARGEST_WORD_SCORE), np.float32)
