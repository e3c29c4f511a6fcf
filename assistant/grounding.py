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
        evidence.append(" ".join(words(citation.quote)))
    body = draft.text.removeprefix(said_by_us)
    lines = (" ".join(words(line)) for line in body.split("\n"))
    return all(any(line in quote for quote in evidence) for line in lines if line)
