"""The walk: ask about every article, keep each reply at once, sift, publish."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from assistant.domain import Article
from assistant.errors import (
    BadInputError,
    ConflictError,
    LanguageModelError,
    LanguageModelRefusedError,
    MalformedReplyError,
)
from assistant.knowledge.contents import Knowledge
from assistant.knowledge.embedder import Embedder
from assistant.knowledge.enrichment import Enriched, Enrichment, text_hash_of
from assistant.knowledge.snapshot import SnapshotStore
from kb_ingest.enriching.checking import Finds, Sifted, Supports, sift
from kb_ingest.enriching.kept import KeptReplies
from kb_ingest.enriching.offer import Asker, Offer, prompt

FAILURES_IN_A_ROW = 5
"""After so many the model is taken to be out of order and is left alone."""


@dataclass(frozen=True)
class Gathered:
    """What was offered, and of which articles nothing was."""

    offers: Mapping[str, Offer]
    """By article id, in the order of the articles."""
    asked: int
    """How many replies are new."""
    malformed: Mapping[str, str]
    """By article id what is wrong with its reply."""
    failed: Mapping[str, str]
    """By article id why the model gave no reply; the next run asks again."""


def chosen(articles: Mapping[str, Article], only: Sequence[str]) -> frozenset[str]:
    """The ids to ask about: those named, all when none is, without articles that say nothing.
    Raises BadInputError for a name that is none's."""
    if unknown := [name for name in only if name not in articles]:
        raise BadInputError(f"no article has the id {', '.join(unknown)}")
    return frozenset(name for name in only or articles if articles[name].text.strip())


def gather(
    articles: Mapping[str, Article],
    ask_about: Set[str],
    asker: Asker,
    kept: KeptReplies,
    *,
    limit: int | None,
    progress: Callable[[], object],
) -> Gathered:
    """What the model offers for each article: the replies kept of all of them, and new ones about
    at most `limit` of those to `ask_about`; `progress` is told of each of these.

    Raises LanguageModelError when the model refuses or FAILURES_IN_A_ROW requests in a row fail;
    the replies until then are kept.
    """
    offers: dict[str, Offer] = {}
    malformed: dict[str, str] = {}
    failed: dict[str, str] = {}
    new, in_a_row = 0, 0
    for name, article in articles.items():
        asked = asker.about(article)
        reply = kept.get(asked)
        may_ask = name in ask_about and (limit is None or new + len(failed) < limit)
        if reply is None and may_ask:
            try:
                reply = asker.reply(asked)
            except LanguageModelRefusedError:
                raise
            except LanguageModelError as error:
                failed[name] = str(error)
                in_a_row += 1
                if in_a_row >= FAILURES_IN_A_ROW:
                    raise
            else:
                kept.add(asked, asker.name, prompt(article.lang).label, reply)
                new, in_a_row = new + 1, 0
        if reply is not None:
            try:
                offers[name] = asked.read(reply)
            except MalformedReplyError as error:
                malformed[name] = str(error)
        if name in ask_about:
            progress()
    return Gathered(offers, new, malformed, failed)


def sifted_offers(
    gathered: Gathered, knowledge: Knowledge, supports: Supports, finds: Finds
) -> list[Sifted]:
    """What of the offers is worth keeping."""
    before = knowledge.enrichment
    earlier = zip(before.owners(), before.questions(), strict=True) if before else ()
    others = [(name, said) for name, said in earlier if name not in gathered.offers]
    return sift(gathered.offers, knowledge.articles, others, supports, finds)


def enrichment_of(
    sifted: Sequence[Sifted], knowledge: Knowledge, embedder: Embedder, model: str
) -> Enrichment:
    """What was sifted now, and what the snapshot had of other articles; in the order of the
    articles."""
    fresh = {
        one.article.article_id: Enriched(
            article_id=one.article.article_id,
            text_hash=text_hash_of(one.article),
            questions=one.questions,
            summary=one.summary,
            model=model,
            prompt=prompt(one.article.lang).label,
        )
        for one in sifted
    }
    before = knowledge.enrichment.by_article if knowledge.enrichment else {}
    known = {**before, **fresh}
    rows = tuple(
        known[name]
        for name in knowledge.articles
        if name in known and (known[name].questions or known[name].summary)
    )
    questions = [question for one in rows for question in one.questions]
    if not questions:
        return Enrichment(rows, np.empty((0, embedder.dimension), np.float32))
    return Enrichment(rows, embedder.embed_passages(questions))


def publish(snapshots: SnapshotStore, knowledge: Knowledge, enrichment: Enrichment) -> str:
    """The id of the new snapshot. Raises ConflictError when another was published meanwhile."""
    with snapshots.exclusive():
        if snapshots.current_id() != knowledge.snapshot_id:
            raise ConflictError(
                "articles were published while this was asked; the replies are kept: run "
                "`souffleur kb enrich` again"
            )
        return snapshots.publish_enriched(knowledge, enrichment)
