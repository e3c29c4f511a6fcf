"""Fits the search branch of the encoder on the shipped businesses and says on what."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from assistant.knowledge.embedder import BuiltinEmbedder
from assistant.knowledge.tuned_layers import Changes
from eval.fitting.search_branch import fit_search_branch
from eval.fitting.support_pairs import Business, load_businesses

KEPT_SHARE = 0.7
"""How far the way from the base is gone: all of it fits our businesses best, some of it others
(docs/understanding.md)."""


def fit_search_changes(
    embedder: BuiltinEmbedder, progress: Callable[[float], object]
) -> tuple[Changes, dict[str, Any]]:
    """The changes of the search branch, and what they were fitted on."""
    businesses = load_businesses()
    fitted, _ = fit_search_branch(businesses, embedder.tokens, progress)
    about = {
        "businesses": len(businesses),
        "articles": sum(len(business.articles) for business in businesses),
        "messages": sum(len(a.messages) for business in businesses for a in business.articles),
        "data": digest_of_businesses(businesses),
        "kept_share": KEPT_SHARE,
    }
    return fitted.changes(KEPT_SHARE), about


def digest_of_businesses(businesses: list[Business]) -> str:
    """Names a set of businesses: the first 16 digits of the SHA-256 of all their texts."""
    lines = [
        f"{business.slug}\t{article.title}\t{article.answer}\t{message}"
        for business in businesses
        for article in business.articles
        for message in article.messages
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
