"""Articles while the customer is still typing, before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.deciding import Decider
from assistant.domain import Passage, Suggestion
from assistant.retrieval import relevance
from assistant.text import shorten, stems, without_links, words
from assistant.understanding import Understander

_LEAST_WORDS = 2
_LEAST_LETTERS = 4
_LAST_WORD = re.compile(r"\w+$")
_LEAST_RELEVANCE = 0.5
_BEHIND_THE_BEST = 0.35
_SNIPPET_CHARACTERS = 160


class Suggester:
    """Looks up unfinished text; gives nothing below the relevance floor."""

    def __init__(self, decider: Decider, understander: Understander) -> None:
        self._decider = decider
        self._understander = understander

    def suggest(self, typed: str, limit: int, locale: str) -> list[Suggestion]:
        """At most `limit` articles worth opening, best first; none for a word or two of nothing.

        A word counts once it is finished, so that the list stands still while one is typed.
        """
        settled = self._settled(typed)
        if len(words(without_links(settled))) < _LEAST_WORDS:
            return []
        passages = self.look_up(settled, limit, locale, for_customers=True)
        found = [suggestion_of(passage) for passage in passages]
        floor = max([_LEAST_RELEVANCE, *(item.score - _BEHIND_THE_BEST for item in found[:1])])
        return [item for item in found if item.score >= floor]

    def _settled(self, typed: str) -> str:
        """What was typed without a last word that is still being typed: one with nothing behind it
        that the articles do not know."""
        unfinished = _LAST_WORD.search(typed)
        retriever = self._decider.retriever()
        if unfinished is None or retriever is None:
            return typed
        known = all(retriever.knows(stem) for stem in stems(unfinished[0]))
        if known and len(unfinished[0]) >= _LEAST_LETTERS:
            return typed
        return typed[: unfinished.start()]

    def look_up(
        self, query: str, limit: int, locale: str, *, for_customers: bool = False
    ) -> Sequence[Passage]:
        """The nearest articles, whether good or not."""
        retriever = self._decider.retriever()
        if retriever is None:
            return []
        asked = self._understander.read(query, locale)
        return retriever.find_passages(
            asked.question,
            self._understander.vectors([asked.question])[0],
            asked.lang,
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
