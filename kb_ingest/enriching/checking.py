"""What of a model's offer is kept: each question and the summary pass every check or are dropped,
with the reason.

A question must ask, in the article's language, in other words than its title, name no fact that the
article does not, belong to one article only, and find that article back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from assistant.claims.checking import Verdict
from assistant.claims.facts import facts_of, unsupported_facts
from assistant.domain import Article
from assistant.privacy.placeholders import placeholders_in
from assistant.text import detect_language, lower_plain, sentence_spans, stems, words
from kb_ingest.enriching.offer import LONGEST_SUMMARY, Offer, prompt
from prompts.loader import LANGUAGES

LONGEST_QUESTION = 200
"""Characters."""
FOUND_AMONG = 3
"""So many articles are looked through for a question's own."""
_SAME_WORDING = 0.8
"""Share of the stems of two texts that are in both from which they are one wording."""

Supports = Callable[[str, Sequence[str]], Verdict]
"""Is a claim backed by passages? `ClaimChecker.check`."""
Finds = Callable[[Sequence[str]], Sequence[Sequence[str]]]
"""Of each question the ids of the articles found first, best first."""


class Dropped(StrEnum):
    """Why something that a model wrote is not kept."""

    NO_QUESTION = "no_question"
    """It neither asks nor requests, or is too long."""
    OTHER_LANGUAGE = "other_language"
    SAME_AS_TITLE = "same_as_title"
    COPIED = "copied"
    """It stands word for word in the article: it is an entry already, or somebody put it there."""
    SAID_TWICE = "said_twice"
    """Another question of this article has nearly the same words."""
    UNKNOWN_FACT = "unknown_fact"
    """It names a number, name, address… that the article does not."""
    OTHER_ARTICLES = "other_articles"
    """Another article's question or title has the same words."""
    NOT_FOUND = "not_found"
    """Its article is not among the first three for it."""
    SUMMARY_TOO_LONG = "summary_too_long"
    SUMMARY_UNSUPPORTED = "summary_unsupported"


@dataclass(frozen=True)
class Sifted:
    """What is left of one article's offer, and what is not and why, in its own words."""

    article: Article
    questions: tuple[str, ...]
    summary: str | None
    dropped: tuple[tuple[str, Dropped], ...]


def sift(
    offers: Mapping[str, Offer],
    articles: Mapping[str, Article],
    others: Iterable[tuple[str, str]],
    supports: Supports,
    finds: Finds,
) -> list[Sifted]:
    """What is kept of all offers (by article id), in their order. `articles` are all there are,
    `others` the questions kept earlier, each with the id of its article."""
    sifted = [_alone(articles[name], offer, supports) for name, offer in offers.items()]
    sifted = _unshared(sifted, articles, others)
    questions = [question for one in sifted for question in one.questions]
    found = iter(finds(questions))
    return [
        _without(
            one,
            {
                question: Dropped.NOT_FOUND
                for question in one.questions
                if one.article.article_id not in next(found)[:FOUND_AMONG]
            },
        )
        for one in sifted
    ]


def _alone(article: Article, offer: Offer, supports: Supports) -> Sifted:
    """What can be told from the article alone."""
    kept: list[str] = []
    dropped: list[tuple[str, Dropped]] = []
    for question in offer.questions:
        why = _why_not(question, article, kept)
        if why:
            dropped.append((question, why))
        else:
            kept.append(question)
    summary = _fitting(offer.summary) if offer.summary else None
    why = _why_no_summary(summary, article, supports) if summary else None
    if summary and why:
        dropped.append((summary, why))
        summary = None
    return Sifted(article, tuple(kept), summary, tuple(dropped))


def _why_not(question: str, article: Article, kept: Sequence[str]) -> Dropped | None:
    if len(question) > LONGEST_QUESTION or not _asks(question, article.lang):
        return Dropped.NO_QUESTION
    if article.lang in LANGUAGES and detect_language(question) != article.lang:
        return Dropped.OTHER_LANGUAGE
    if _same_wording(question, article.title):
        return Dropped.SAME_AS_TITLE
    if f" {_key(question)} " in f" {_key(article.text)} ":
        return Dropped.COPIED
    if any(_same_wording(question, other) for other in kept):
        return Dropped.SAID_TWICE
    if placeholders_in(question) or _names_more(question, article):
        return Dropped.UNKNOWN_FACT
    return None


def _asks(text: str, lang: str) -> bool:
    plain = lower_plain(text)
    return bool(stems(text)) and (text.endswith("?") or _requests(lang).match(plain) is not None)


@cache
def _requests(lang: str) -> re.Pattern[str]:
    beginnings = prompt(lang).content["requests"]
    return re.compile("|".join(re.escape(lower_plain(one)) for one in beginnings))


def _same_wording(one: str, other: str) -> bool:
    """Whether two texts have nearly the same words that say something."""
    left, right = set(stems(one)), set(stems(other))
    return len(left & right) >= _SAME_WORDING * max(1, len(left | right))


def _names_more(question: str, article: Article) -> bool:
    there = [facts_of(article.title), facts_of(article.text)]
    return bool(unsupported_facts(facts_of(question), there))


def _fitting(summary: str) -> str:
    """As many of its first sentences as are short enough together; all when even one is not."""
    ends = [end for _, end in sentence_spans(summary) if end <= LONGEST_SUMMARY]
    return summary[: ends[-1]] if ends else summary


def _why_no_summary(summary: str, article: Article, supports: Supports) -> Dropped | None:
    if len(summary) > LONGEST_SUMMARY:
        return Dropped.SUMMARY_TOO_LONG
    verdict = supports(summary, (article.title, article.text))
    if placeholders_in(summary) or not verdict.is_supported:
        return Dropped.SUMMARY_UNSUPPORTED
    return None


def _unshared(
    sifted: Sequence[Sifted],
    articles: Mapping[str, Article],
    others: Iterable[tuple[str, str]],
) -> list[Sifted]:
    """Without questions that two articles got, or that are another article's title: they tell
    nothing about which of them answers. Articles of the same text are one."""
    asked: dict[str, set[str]] = {}
    titles = [(one.article_id, one.title) for one in articles.values()]
    offered = [(one.article.article_id, said) for one in sifted for said in one.questions]
    for name, said in (*titles, *others, *offered):
        text = articles[name].text if name in articles else name
        asked.setdefault(_key(said), set()).add(_key(text))
    return [
        _without(
            one,
            {
                question: Dropped.OTHER_ARTICLES
                for question in one.questions
                if len(asked[_key(question)]) > 1
            },
        )
        for one in sifted
    ]


def _key(text: str) -> str:
    return " ".join(words(text))


def _without(sifted: Sifted, gone: Mapping[str, Dropped]) -> Sifted:
    return Sifted(
        sifted.article,
        tuple(question for question in sifted.questions if question not in gone),
        sifted.summary,
        (*sifted.dropped, *gone.items()),
    )
