"""Finds the articles that answer a question.

Each article is seen from five sides: the vector of its titles, of its texts, of its sentences, and
BM25 of titles and texts. Every side is standardised over the articles of the question's language
(a side's score is how far the article stands out, not a raw similarity), the best chunk speaks
for its article, and the sides are summed with fixed weights (docs/decisions/0003).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from assistant.domain import Passage
from assistant.knowledge.index import Background
from assistant.knowledge.snapshot import Knowledge
from assistant.text import stems

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

TITLE, BODY, SENTENCE, TITLE_WORDS, BODY_WORDS = 0.85, 1.0, 0.7, 0.15, 0.2
"""Weights of the five sides."""

_LARGEST_WORD_SCORE = 6.0
"""One rare word must not outweigh all the rest (BM25 has a long tail)."""
_LEAST_WORD_SPREAD = 0.5
"""With a handful of articles, or one of a language, the spread of BM25 says nothing."""
_OTHER_LANGUAGE = 3.0
"""What an article of another language must stand out more, in standard deviations a side."""
_MANY_PIECES = 0.2
"""Long articles have more pieces to be the best by chance: the expected maximum of n normal
values grows as sqrt(2 ln n); this share of it is taken off."""
_HALF_RELEVANT, _RELEVANCE_STEP = 6.0, 2.0
_NEAREST_ENTRIES = 400
_BEST_BY_WORDS = 60


@dataclass(frozen=True)
class _Sides:
    """The statistics of one language's articles."""

    chunks: Indices
    title: Background
    body: Background
    sentence: Background


@dataclass(frozen=True)
class _Candidates:
    """Articles to score with all their chunks and sentences, as flat arrays.

    `article_starts[i]` is where article i begins in `chunks`, `sentence_starts[j]` where chunk j
    begins in `sentences`.
    """

    articles: Indices
    chunks: Indices
    article_starts: Indices
    sentences: Indices
    sentence_starts: Indices


class Retriever:
    """Looks things up in one snapshot. Safe to use from several threads."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        chunks = knowledge.chunks
        self._count = len(chunks)
        self._articles = list(knowledge.articles.values())
        rows = {article.article_id: row for row, article in enumerate(self._articles)}
        # Chunks stand in the order of their articles, so that an article's are one stretch.
        self._article_of = np.array([rows[chunk.article_id] for chunk in chunks], np.int64)
        self._chunk_bounds = _bounds(np.bincount(self._article_of, minlength=len(rows)))
        self._sentence_bounds = _bounds([len(chunk.sentences) for chunk in chunks])
        self._languages = np.array([article.lang for article in self._articles])
        self._sides = {
            str(lang): self._statistics(np.flatnonzero(self._languages == lang))
            for lang in np.unique(self._languages)
        }
        self._main_language = max(
            self._sides, key=lambda lang: len(self._sides[lang].chunks), default=""
        )

    def _statistics(self, articles: Indices) -> _Sides:
        vectors = self.knowledge.dense.vectors
        all_of_it = self._gather(articles)
        chunks = all_of_it.chunks
        return _Sides(
            chunks=chunks,
            title=Background.of(vectors[chunks]),
            body=Background.of(vectors[chunks + self._count]),
            sentence=Background.of(self._sentence_vectors(all_of_it.sentences)),
        )

    def _gather(self, articles: Indices) -> _Candidates:
        chunks, article_starts = _ranges(self._chunk_bounds, articles)
        sentences, sentence_starts = _ranges(self._sentence_bounds, chunks)
        return _Candidates(articles, chunks, article_starts, sentences, sentence_starts)

    def _sentence_vectors(self, sentences: Indices) -> Floats:
        return np.asarray(self.knowledge.sentence_vectors[sentences], np.float32)

    def find_passages(
        self,
        question: str,
        vector: Floats,
        lang: str,
        *,
        limit: int = 8,
        customers_on: date | None = None,
    ) -> list[Passage]:
        """The articles that fit best, at most `limit`, best first, each with its best chunk.

        `vector` is the question's, of length 1. With `customers_on` only articles that customers
        may see on that day are found.
        """
        if not self._count:
            return []
        question_stems = stems(question)
        title_words = self.knowledge.lexical_title.scores(question_stems)
        body_words = self.knowledge.lexical_body.scores(question_stems)
        candidates = self._candidates(vector, title_words + body_words, customers_on)
        scores, dense, best_chunks = self._score(candidates, vector, lang, title_words, body_words)
        order = sorted(
            range(len(scores)),
            key=lambda at: (-scores[at], self._articles[candidates.articles[at]].article_id),
        )[:limit]
        coverage = np.maximum(
            self.knowledge.lexical_title.coverage(question_stems),
            self.knowledge.lexical_body.coverage(question_stems),
        )
        return [
            Passage(
                article=self._articles[candidates.articles[at]],
                chunk=self.knowledge.chunks[best_chunks[at]],
                chunk_index=int(best_chunks[at]),
                score=float(scores[at]),
                dense=float(dense[at]),
                lexical_coverage=float(coverage[self._chunks_of(candidates.articles[at])].max()),
            )
            for at in order
        ]

    def _chunks_of(self, article: int) -> slice:
        return slice(self._chunk_bounds[article], self._chunk_bounds[article + 1])

    def _candidates(self, vector: Floats, words: Floats, customers_on: date | None) -> _Candidates:
        near = self.knowledge.dense.nearest(vector, _NEAREST_ENTRIES) % self._count
        by_words = np.argsort(-words, kind="stable")[:_BEST_BY_WORDS]
        chunks = np.concatenate([near, by_words[words[by_words] > 0]])
        rows = np.unique(self._article_of[chunks])
        if customers_on is not None:
            visible = [self._articles[row].is_for_customers(customers_on) for row in rows]
            rows = rows[np.array(visible, bool)]
        return self._gather(rows)

    def _score(
        self,
        candidates: _Candidates,
        vector: Floats,
        lang: str,
        title_words: Floats,
        body_words: Floats,
    ) -> tuple[Floats, Floats, Indices]:
        """Of each candidate article: fused score, best dense standing, number of its best chunk."""
        if not len(candidates.articles):
            return np.empty(0, np.float32), np.empty(0, np.float32), np.empty(0, np.int64)
        sides = self._sides.get(lang) or self._sides[self._main_language]
        chunks, starts = candidates.chunks, candidates.article_starts
        cosines = self.knowledge.dense.cosines
        title = sides.title.standardise(vector, cosines(vector, chunks))
        body = sides.body.standardise(vector, cosines(vector, chunks + self._count))
        sentence = self._best_sentences(candidates, vector, sides)
        weighted = (
            TITLE * title,
            BODY * body,
            SENTENCE * sentence,
            TITLE_WORDS * _word_score(title_words, chunks, sides),
            BODY_WORDS * _word_score(body_words, chunks, sides),
        )
        by_article = [np.maximum.reduceat(side, starts) for side in weighted]
        scores = np.sum(by_article, axis=0) - self._luck(candidates)
        if lang in self._sides:
            foreign = self._languages[candidates.articles] != lang
            scores = scores - _OTHER_LANGUAGE * (TITLE + BODY + SENTENCE) * foreign
        dense = np.maximum.reduceat(np.maximum.reduce([title, body, sentence]), starts)
        return (
            np.asarray(scores, np.float32),
            dense,
            chunks[_argmax(np.sum(weighted, axis=0), starts)],
        )

    def _best_sentences(self, candidates: _Candidates, vector: Floats, sides: _Sides) -> Floats:
        """Of each chunk, how far its best sentence stands out, float32 (chunks,)."""
        best = np.full(len(candidates.chunks), -1.0, np.float32)
        counts = np.diff([*candidates.sentence_starts, len(candidates.sentences)])
        with_any = counts > 0
        if with_any.any():
            cosines = self._sentence_vectors(candidates.sentences) @ vector
            best[with_any] = np.maximum.reduceat(cosines, candidates.sentence_starts[with_any])
        return sides.sentence.standardise(vector, best)

    def sentence_cosines(self, chunk: int, vector: Floats) -> Floats:
        """Cosine of the question with each sentence of a chunk, float32 (sentences,)."""
        start, end = self._sentence_bounds[chunk], self._sentence_bounds[chunk + 1]
        return self._sentence_vectors(np.arange(start, end)) @ vector

    def _luck(self, candidates: _Candidates) -> Floats:
        """What the best of many pieces gains by chance, float32 (articles,)."""
        chunks = np.diff([*candidates.article_starts, len(candidates.chunks)])
        at = self._sentence_bounds
        first = candidates.chunks[candidates.article_starts]
        sentences = at[first + chunks] - at[first]
        by_chunk = (TITLE + BODY + TITLE_WORDS + BODY_WORDS) * _expected_maximum(chunks)
        luck = _MANY_PIECES * (by_chunk + SENTENCE * _expected_maximum(sentences))
        return np.asarray(luck, np.float32)


def _bounds(counts: Sequence[int] | Indices) -> Indices:
    return np.concatenate([[0], np.cumsum(np.asarray(counts, np.int64))]).astype(np.int64)


def _ranges(bounds: Indices, picked: Indices) -> tuple[Indices, Indices]:
    """All positions of the picked ranges one after another, and where each range begins."""
    picked = np.asarray(picked, np.int64)
    lengths = bounds[picked + 1] - bounds[picked]
    starts = _bounds(lengths)
    offsets = np.repeat(bounds[picked] - starts[:-1], lengths)
    return np.arange(starts[-1], dtype=np.int64) + offsets, starts[:-1]


def _argmax(values: Floats, starts: Indices) -> Indices:
    """Position of the largest value of each stretch; the first where several are equal."""
    largest = np.repeat(np.maximum.reduceat(values, starts), np.diff([*starts, len(values)]))
    hits = np.flatnonzero(values == largest)
    return hits[np.searchsorted(hits, starts)]


def _expected_maximum(pieces: Indices) -> Floats:
    return np.asarray(np.sqrt(2 * np.log(np.maximum(1, pieces))), np.float32)


def _word_score(scores: Floats, chunks: Indices, sides: _Sides) -> Floats:
    """BM25 standardised over the language's chunks, float32 (chunks,)."""
    background = scores[sides.chunks]
    spread = max(float(background.std()), _LEAST_WORD_SPREAD)
    standing = (scores[chunks] - float(background.mean())) / spread
    return np.asarray(np.clip(standing, -_LARGEST_WORD_SCORE, _LARGEST_WORD_SCORE), np.float32)


def relevance(passage: Passage) -> float:
    """The fused score squeezed into 0..1 for showing; it orders as the score does and is no
    probability (that is `assistant.confidence`)."""
    return float(0.5 + 0.5 * np.tanh((passage.score - _HALF_RELEVANT) / (2 * _RELEVANCE_STEP)))
