"""Fits one branch of the encoder and says on what."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from assistant.knowledge.embedder import BuiltinEmbedder
from assistant.knowledge.tuned_layers import SEARCH, Changes
from assistant.reading import said_in
from assistant.text import for_model
from eval.fitting.message_branch import fit_message_branch
from eval.fitting.messages import digest_of, intent_messages
from eval.fitting.search_branch import fit_search_branch
from eval.fitting.support_pairs import Business, load_businesses


def fit_branch(
    branch: str, embedder: BuiltinEmbedder, progress: Callable[[float], object]
) -> tuple[Changes, dict[str, Any]]:
    """The changes of a branch, and what they were fitted on."""
    if branch == SEARCH:
        return _search(embedder, progress)
    messages = intent_messages()
    texts = [for_model(said_in(message.text, embedder.fluency)) for message in messages]
    fitted, _ = fit_message_branch(texts, messages, embedder.tokens, progress)
    return fitted.changes(), {"messages": len(messages), "data": digest_of(messages)}


def _search(
    embedder: BuiltinEmbedder, progress: Callable[[float], object]
) -> tuple[Changes, dict[str, Any]]:
    businesses = load_businesses()
    fitted, _ = fit_search_branch(businesses, embedder.tokens, progress)
    about = {
        "businesses": len(businesses),
        "articles": sum(len(business.articles) for business in businesses),
        "messages": sum(len(a.messages) for business in businesses for a in business.articles),
        "data": digest_of_businesses(businesses),
    }
    return fitted.changes(), about


def digest_of_businesses(businesses: list[Business]) -> str:
    """Names a set of businesses: the first 16 digits of the SHA-256 of all their texts."""
    lines = [
        f"{business.slug}\t{article.title}\t{article.answer}\t{message}"
        for business in businesses
        for article in business.articles
        for message in article.messages
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
