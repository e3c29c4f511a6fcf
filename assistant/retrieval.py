"""Finds the articles that answer a question: candidates by vectors and by words, every view of
each (`views.py`), one score by the weights of `ranking.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from assistant.domain import Evidence, Passage
from assistant.knowledge.contents import LEXICAL, Knowledge
from assistant.ranking import as_column, shipped_weights
from assistant.text import words
from assistant.views import Question, Viewer

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

_HALF_RELEVANT, _RELEVANCE_STEP = 6.0, 2.0
_NEAREST_ENTRIES = 400
_BEST_BY_WORDS = 60
_NEAREST_QUESTIONS = 100
_WORDS = ("title-words", "body-words")


@dataclass(frozen=True)
class Scored:
    """Articles with their views and scores, in no order; rows number the snapshot's articles."""

    articles: Indices
    views: Floats
    scores: Floats


class Retriever:
    """Looks things up in one snapshot. Safe to use from several threads."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._articles = list(knowledge.articles.values())
        self._viewer = Viewer(knowledge)
        tuned = knowledge.tuning
        self._weights = as_column(tuned.weights if tuned else shipped_weights())
        self._same_text = _numbered([" ".join(words(item.text)) for item in self._articles])

    def find_passages(
        self,
        question: str,
        vector: Floats,
        lang: str,
        *,
        limit: int = 8,
        customers_on: date | None = None,
    ) -> list[Passage]:
        """The articles that fit best, at most `limit`, best first, each with its best chunk; of
        articles with the same text only the best.

        `vector` is the question's, of length 1. With `customers_on` only articles that customers
        may see on that day are found.
        """
        if not self.knowledge.chunks:
            return []
        asked = self._asked(question, vector, lang)
        pieces = self._viewer.pieces_of(self._candidates(asked, customers_on))
        if not len(pieces.articles):
            return []
        looked = self._viewer.look(pieces, asked, self._weights)
        scores = looked.views @ self._weights
        order = self._best_of_each_text(pieces.articles, scores)[:limit]
        chunks = pieces.chunks[_argmax(looked.chunk_scores, pieces.article_starts)]
        coverage = self._coverage(question)
        owned = looked.best_pieces(pieces.article_starts)
        return [
            Passage(
                article=self._articles[pieces.articles[at]],
                chunk=self.knowledge.chunks[chunks[at]],
                chunk_index=int(chunks[at]),
                score=float(scores[at]),
                dense=float(looked.dense[at]),
                lexical_coverage=float(
                    coverage[self._viewer.chunks_of(int(pieces.articles[at]))].max()
                ),
                evidence=Evidence(
                    views=tuple(looked.views[at].tolist()),
                    cosines=tuple(looked.cosines[at].tolist()),
                    best_pieces=int(owned[at]),
                ),
            )
            for at in order
        ]

    def score_all(self, question: str, vector: Floats, lang: str) -> Scored:
        """Every candidate with its views, for learning from labelled dialogs."""
        asked = self._asked(question, vector, lang)
        pieces = self._viewer.pieces_of(self._candidates(asked, None))
        looked = self._viewer.look(pieces, asked, self._weights)
        return Scored(pieces.articles, looked.views, looked.views @ self._weights)

    def knows(self, stem: str) -> bool:
        """Whether a word of this stem stands in any article."""
        return any(self.knowledge.lexical[name].knows(stem) for name in _WORDS)

    def sentence_cosines(self, chunk: int, vector: Floats) -> Floats:
        """Cosine of the question with each sentence of a chunk, float32 (sentences,)."""
        return self._viewer.sentence_cosines(chunk, vector)

    def sentence_spread(self, lang: str, vector: Floats) -> float:
        """Standard deviation of the question's cosines with all sentences of a language."""
        return self._viewer.sentence_spread(lang, vector)

    def _asked(self, question: str, vector: Floats, lang: str) -> Question:
        tuned = self.knowledge.tuning
        return Question(
            vector=tuned.adapted(vector) if tuned else vector,
            untuned=vector,
            lang=lang,
            words={
                name: self.knowledge.lexical[name].scores(terms(question))
                for name, (_, terms) in LEXICAL.items()
            },
        )

    def _candidates(self, asked: Question, customers_on: date | None) -> Indices:
        """Rows of articles worth a closer look."""
        near = self.knowledge.dense.nearest(asked.vector, _NEAREST_ENTRIES)
        by_words = sum(asked.words[name] for name in _WORDS)
        best = np.argsort(-np.asarray(by_words), kind="stable")[:_BEST_BY_WORDS]
        best = best[np.asarray(by_words)[best] > 0]
        chunks = np.concatenate([near % len(self.knowledge.chunks), best])
        asked_before = self._viewer.articles_near(asked.vector, _NEAREST_QUESTIONS)
        found = np.concatenate([self._viewer.article_of[chunks], asked_before])
        rows = np.asarray(np.unique(found), np.int64)
        if customers_on is None:
            return rows
        visible = [self._articles[row].is_for_customers(customers_on) for row in rows]
        return np.asarray(rows[np.array(visible, bool)], np.int64)

    def _best_of_each_text(self, articles: Indices, scores: Floats) -> Indices:
        """Positions best first, ties by article id; a text that stands twice is taken once."""
        order = sorted(
            range(len(scores)),
            key=lambda at: (-scores[at], self._articles[articles[at]].article_id),
        )
        ranked = np.array(order, np.int64)
        _, first = np.unique(self._same_text[articles[ranked]], return_index=True)
        return np.asarray(ranked[np.sort(first)], np.int64)

    def _coverage(self, question: str) -> Floats:
        shares = np.maximum.reduce(
            [self.knowledge.lexical[name].coverage(LEXICAL[name][1](question)) for name in _WORDS]
        )
        return np.asarray(shares, np.float32)


def _numbered(texts: list[str]) -> Indices:
    """Equal texts get equal numbers; an empty one equals no other."""
    numbers: dict[str, int] = {}
    return np.array(
        [numbers.setdefault(text or f"\0{at}", at) for at, text in enumerate(texts)], np.int64
    )


def _argmax(values: Floats, starts: Indices) -> Indices:
    """Position of the largest value of each stretch; the first where several are equal."""
    largest = np.repeat(np.maximum.reduceat(values, starts), np.diff([*starts, len(values)]))
    hits = np.flatnonzero(values == largest)
    return hits[np.searchsorted(hits, starts)]


def relevance(passage: Passage) -> float:
    """The fused score squeezed into 0..1 for showing; it orders as the score does and is no
    probability (that is `assistant.confidence`)."""
    return float(0.5 + 0.5 * np.tanh((passage.score - _HALF_RELEVANT) / (2 * _RELEVANCE_STEP)))
