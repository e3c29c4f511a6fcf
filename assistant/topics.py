"""The topic of a message: what the articles found for it are about, put to the vote.

Nobody has to train anything: articles carry topics, and retrieval finds articles. Other voices
(articles cited earlier in the dialog, labelled messages that resemble this one) vote beside them
(docs/decisions/0008).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from assistant.domain import Article, Passage, Turn

Vote = tuple[str, float]
"""A topic and its weight; 1 is what the article that fits best has."""

_VOTERS = 5
"""Articles with a topic that vote, best first."""
_LEAST_SHARE = 0.5
"""Share of the votes under which the topic is not known."""
_CITED = 2.0
"""Weight of the latest answer's articles: they were sure enough to be said."""
_FADING = 0.7
"""What is left of that weight with each later answer."""


def topic_of(passages: Sequence[Passage], extra: Iterable[Vote] = ()) -> str | None:
    """The topic with the most votes of the `passages` (best first) and of `extra`; None when no
    topic gets half of them, or nobody votes."""
    weights: defaultdict[str, float] = defaultdict(float)
    for topic, weight in [*_votes_of(passages), *extra]:
        weights[topic] += weight
    if not weights:
        return None
    best = max(weights, key=lambda topic: weights[topic])
    return best if weights[best] >= _LEAST_SHARE * sum(weights.values()) else None


def _votes_of(passages: Sequence[Passage]) -> list[Vote]:
    """weight = exp(score - best score): how likely each is to be the right one, as `ranking`
    fits its weights (conditional logit), with the best at 1."""
    named = [(passage.article.topic, passage.score) for passage in passages]
    voters = [(topic, score) for topic, score in named if topic][:_VOTERS]
    return [(topic, math.exp(score - voters[0][1])) for topic, score in voters]


def votes_of_citations(history: Sequence[Turn], articles: Mapping[str, Article]) -> list[Vote]:
    """What the articles cited earlier in the dialog are about: the latest answer counts most, and
    an answer's articles share its vote."""
    answers = [turn.article_ids for turn in reversed(history) if turn.article_ids]
    return [
        (topic, _CITED * _FADING**age / len(article_ids))
        for age, article_ids in enumerate(answers)
        for article_id in article_ids
        if article_id in articles and (topic := articles[article_id].topic)
    ]
