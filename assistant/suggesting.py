"""Articles while the customer is still typing, before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.deciding import Decider
from assistant.domain import Passage, Suggestion
from assistant.knowledge.embedder import Embedder
from assistant.retrieval import relevance
from assistant.text import detect_language, for_model, shorten, without_links, words

_LEAST_WORDS = 2
_LEAST_RELEVANCE = 0.5
_BEHIND_THE_BEST = 0.35
_SNIPPET_CHARACTERS = 160


class Suggester:
    """Looks up unfinished text; gives nothing below the relevance floor."""

    def __init__(self, decider: Decider, embedder: Embedder) -> None:
        self._decider = decider
        self._embedder = embedder

    def suggest(self, typed: str, limit: int, locale: str) -> list[Suggestion]:
        """At most `limit` articles worth opening, best first; none for a word or two of nothing."""
        if len(words(without_links(typed))) < _LEAST_WORDS:
            return []
        passages = self.look_up(typed, limit, locale, for_customers=True)
        found = [suggestion_of(passage) for passage in passages]
        floor = max([_LEAST_RELEVANCE, *(item.score - _BEHIND_THE_BEST for item in found[:1])])
        return [item for item in found if item.score >= floor]

    def look_up(
        self, query: str, limit: int, locale: str, *, for_customers: bool = False
    ) -> Sequence[Passage]:
        """The nearest articles, whether good or not."""
        retriever = self._decider.retriever()
        if retriever is None:
            return []
        vector = self._embedder.embed_queries([for_model(query)])[0]
        return retriever.find_passages(
            query,
            vector,
            detect_language(query, locale),
            limit=limit,
            customers_on=self._decider.today() if for_customers else None,
        )


def suggestion_of(passage: Passage) -> Suggestion:
    """A found article as it is shown."""
    article = passage.article
    return Suggestion(
        article_id=article.article_id,
        title=article.title,
        url=article.url,
        snippet=shorten(passage.chunk.text, _SNIPPET_CHARACTERS),
        score=round(relevance(passage), 4),
    )
