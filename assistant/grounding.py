"""Is every word of the answer backed by the articles it cites?

For an extractive answer the rule is strict: each quote stands word for word in its article, and
every line of the answer stands in a quote. Whatever fails is not said.
"""

from __future__ import annotations

from collections.abc import Mapping

from assistant.domain import Article, Draft
from assistant.text import words


def is_grounded(draft: Draft, articles: Mapping[str, Article], said_by_us: str = "") -> bool:
    """Whether the draft holds nothing but quotes of its articles (and `said_by_us`, the service's
    own introduction)."""
    if not draft.citations:
        return False
    evidence: list[str] = []
    for citation in draft.citations:
        article = articles.get(citation.article_id)
        if article is None or citation.quote not in article.text:
            return False
        evidence.append(_padded(citation.quote))
    body = draft.text.removeprefix(said_by_us)
    lines = [_padded(line) for line in body.split("\n") if words(line)]
    return all(any(line in quote for quote in evidence) for line in lines)


def _padded(text: str) -> str:
    """Its words between spaces, so that a word is found only whole."""
    return f" {' '.join(words(text))} "
