"""When two articles are close and the question does not say which is meant: one question back, and
what the customer chose."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.confidence import Confidence
from assistant.confidence_features import Sight
from assistant.domain import Action, Passage, Turn
from assistant.history import last_bot_action, last_said
from assistant.text import words
from prompts.loader import read

EITHER_FROM = 0.7
"""Probability that one of the two answers, from which asking is worth the customer's time."""
_GAIN_FROM = 0.1
"""By how much more likely one of two answers must be than the best alone: else asking decides
nothing."""
_SCORE_APART = 1.0
"""Up to so many standard deviations apart the order of two articles is chance."""
_LONGEST_TITLE = 80
"""Characters; a longer title is no button."""


def titles_to_choose_from(sight: Sight, confidence: Confidence) -> tuple[str, str] | None:
    """The titles of the two articles between which the customer should choose; None where asking
    would not help: no two are close, neither is likely, or their titles do not tell them apart."""
    gain = confidence.either - confidence.probability
    if confidence.either < EITHER_FROM or gain < _GAIN_FROM or len(sight.passages) < 2:
        return None
    best, rest = sight.passages[0], sight.rest
    if not rest or best.score - rest[0].score > _SCORE_APART:
        return None
    titles = best.article.title.strip(), rest[0].article.title.strip()
    readable = all(0 < len(title) <= _LONGEST_TITLE for title in titles)
    spoken = {best.article.lang, rest[0].article.lang} == {sight.lang}
    return titles if readable and spoken and titles[0].lower() != titles[1].lower() else None


def chosen(text: str, history: Sequence[Turn], passages: Sequence[Passage]) -> Passage | None:
    """The article that a customer chose of the two that he was just offered, by its title or by
    «первое»; `passages` are those of the question he was asked about, best first. None when he was
    not asked, or says anything else."""
    if last_bot_action(history) is not Action.CLARIFY:
        return None
    question_back, said = last_said(history), words(text)
    offered = [item for item in passages if f"{item.article.title.strip()}" in question_back]
    offered.sort(key=lambda item: question_back.index(item.article.title.strip()))
    for item in offered:
        if said and said == words(item.article.title):
            return item
    lexicon, places = read("lexicon/follow_ups").content, ("first_choice", "second_choice")
    for place, name in enumerate(places[: len(offered)]):
        if " ".join(said) in {" ".join(words(way)) for way in lexicon[name]}:
            return offered[place]
    return None
