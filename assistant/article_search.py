"""Articles for operators who search: with the sentences that fit, word for word, so that they can
be put into an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.deciding import Decider
from assistant.domain import Article, Passage
from assistant.retrieval import Retriever, relevance
from assistant.understanding import Understander
from assistant.views import Floats

LEAST_LETTERS = 2
_PASSAGES = 2
_LEAST_CHARACTERS = 15
"""A shorter sentence is a label or the cell of a table, and quotes nothing."""


@dataclass(frozen=True)
class Found:
    """An article that was found."""

    article: Article
    score: float
    """0..1, as `GET /v1/suggest` gives it."""
    passages: tuple[str, ...]
    """Pieces of `article.text`, word for word, the best first."""


class ArticleSearch:
    """Looks articles up, those that are for operators only among them."""

    def __init__(self, decider: Decider, understander: Understander) -> None:
        self._decider = decider
        self._understander = understander

    def search(self, query: str, limit: int, lang: str) -> list[Found]:
        """At most `limit` articles, best first; none for less than two letters or digits. `lang`:
        of a query that has no letters."""
        retriever = self._decider.retriever()
        if retriever is None or sum(map(str.isalnum, query)) < LEAST_LETTERS:
            return []
        asked = self._understander.read(query, lang)
        vector = self._understander.vectors([asked.question])[0]
        found = retriever.find_passages(asked.question, vector, asked.lang, limit=limit)
        return [_found(retriever, passage, vector) for passage in found]


def _found(retriever: Retriever, passage: Passage, vector: Floats) -> Found:
    article, scored = passage.article, []
    for row in _chunks_of(retriever, passage):
        chunk = retriever.knowledge.chunks[row]
        cosines = retriever.sentence_cosines(row, vector)
        for (start, end), cosine in zip(chunk.sentences, cosines, strict=True):
            scored.append((float(cosine), article.text[start:end].strip()))
    long_enough = [item for item in scored if len(item[1]) >= _LEAST_CHARACTERS] or scored
    best = sorted(long_enough, key=lambda item: -item[0])
    texts = tuple(dict.fromkeys(text for _, text in best))[:_PASSAGES]
    return Found(article, round(relevance(passage), 4), texts)


def _chunks_of(retriever: Retriever, passage: Passage) -> Sequence[int]:
    """Rows of the article's chunks, which lie together."""
    chunks, article_id = retriever.knowledge.chunks, passage.article.article_id
    first = last = passage.chunk_index
    while first > 0 and chunks[first - 1].article_id == article_id:
        first -= 1
    while last + 1 < len(chunks) and chunks[last + 1].article_id == article_id:
        last += 1
    return range(first, last + 1)
