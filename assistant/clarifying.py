"""When two articles are close and the question does not say which is meant: one question back."""

from __future__ import annotations

from assistant.confidence import Confidence
from assistant.confidence_features import Sight

EITHER_FROM = 0.7
"""Probability that one of the two answers, from which asking is worth the customer's time."""
_SCORE_APART = 1.0
"""Up to so many standard deviations apart the order of two articles is chance."""
_LONGEST_TITLE = 80
"""Characters; a longer title is no button."""


def titles_to_choose_from(sight: Sight, confidence: Confidence) -> tuple[str, str] | None:
    """The titles of the two articles between which the customer should choose; None where asking
    would not help: no two are close, neither is likely, or their titles do not tell them apart."""
    if confidence.either < EITHER_FROM or len(sight.passages) < 2:
        return None
    best, rest = sight.passages[0], sight.rest
    if not rest or best.score - rest[0].score > _SCORE_APART:
        return None
    titles = best.article.title.strip(), rest[0].article.title.strip()
    readable = all(0 < len(title) <= _LONGEST_TITLE for title in titles)
    spoken = {best.article.lang, rest[0].article.lang} == {sight.lang}
    return titles if readable and spoken and titles[0].lower() != titles[1].lower() else None
