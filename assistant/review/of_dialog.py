"""What is known of a dialog while its operator types, and of one that comes with the call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from threading import Lock
from typing import Any, Protocol

from assistant.domain import Article, AuthorKind, Customer, IntentLabel, Said, Turn
from assistant.knowledge.contents import Knowledge
from assistant.known import find_known
from assistant.privacy.masker import Masker
from assistant.review.advice import ReviewContext
from assistant.review.sources import (
    NOTHING_AT_HAND,
    JoinedSources,
    KnowledgeSources,
    Passage,
    PassagesAtHand,
    Sources,
)
from assistant.store.base import utc_now

_READ_CHARACTERS = 6_000
"""So much of an article at hand is compared."""
_AT_HAND = 5
"""So many articles of the dialog are."""
_LATEST_SAID = 30
"""So many messages of the customer are looked through for what he has said of himself."""


class ReadsDialogs(Protocol):
    """What is asked of the store."""

    def view(self, dialog_id: str, after: int = 0) -> dict[str, Any]:
        """The dialog with its messages; NotFoundError."""

    def said_by_customer(self, dialog_id: str) -> list[Said]:
        """What the customer wrote, newest first."""

    def ticket_of(self, dialog_id: str) -> dict[str, Any] | None:
        """The newest ticket."""

    def hinted_articles(self, dialog_id: str) -> list[str]:
        """Articles of the latest hints."""


class ReviewSources:
    """The articles of the snapshot that serves, read once a snapshot. Safe in several threads."""

    def __init__(
        self, knowledge: Callable[[], Knowledge | None], today: Callable[[], date]
    ) -> None:
        self._knowledge = knowledge
        self._today = today
        self._latest: tuple[KnowledgeSources, date] | None = None
        self._building = Lock()

    def current(self) -> KnowledgeSources | None:
        """None where no knowledge serves."""
        knowledge, today = self._knowledge(), self._today()
        if knowledge is None:
            return None
        with self._building:
            if (
                self._latest is None
                or self._latest[0].knowledge is not knowledge
                or self._latest[1] != today
            ):
                self._latest = KnowledgeSources(knowledge, today), today
            return self._latest[0]


class ReviewContexts:
    """Gathers what a draft is reviewed by."""

    def __init__(self, store: ReadsDialogs, sources: ReviewSources, masker: Masker) -> None:
        self._store = store
        self._sources = sources
        self._masker = masker

    def warm_up(self) -> None:
        """Read the articles' words, which the first draft would wait for."""
        current = self._sources.current()
        if current is not None:
            current.warm_up()

    def of_dialog(self, dialog_id: str) -> ReviewContext:
        """That of a dialog as it stands. Raises NotFoundError."""
        view = self._store.view(dialog_id)
        messages = view["messages"]
        customer = view["customer"] or {}
        ticket = self._store.ticket_of(dialog_id)
        said = self._store.said_by_customer(dialog_id)
        return ReviewContext(
            intent=_latest_intent(messages),
            history=[Turn(AuthorKind(one["author"]["kind"]), one["text"]) for one in messages],
            known=find_known(said, self._masker),
            customer=Customer(
                id=customer.get("id"),
                name=customer.get("name"),
                segment=customer.get("segment"),
                attributes=customer.get("attributes") or {},
            ),
            operator_name=(view["operator"] or {}).get("name") or "",
            ticket_number=str(ticket["number"]) if ticket else None,
            sources=self.sources_with(self._articles_of(view)),
        )

    def of_history(self, history: Sequence[Turn], intent: IntentLabel | None) -> ReviewContext:
        """That of messages that came with the call."""
        return context_of_history(history, intent, self._masker, self.sources_with(()))

    def sources_with(self, article_ids: Sequence[str]) -> Sources:
        """The knowledge base, with some articles at hand before it."""
        current = self._sources.current()
        if current is None:
            return NOTHING_AT_HAND
        articles = current.knowledge.articles
        near = [articles[one] for one in article_ids if one in articles][:_AT_HAND]
        if not near:
            return current
        return JoinedSources(PassagesAtHand(_passage(one) for one in near), current)

    def _articles_of(self, view: dict[str, Any]) -> list[str]:
        """Those that hints cite, that the bot cited, that it tried before it handed over."""
        cited = [
            one["article_id"]
            for message in reversed(view["messages"])
            for one in message["citations"]
        ]
        tried = [one["article_id"] for one in (view["handoff"] or {}).get("passages", [])]
        hinted = self._store.hinted_articles(view["dialog_id"])
        return list(dict.fromkeys([*hinted, *tried, *cited]))


def context_of_history(
    history: Sequence[Turn], intent: IntentLabel | None, masker: Masker, sources: Sources
) -> ReviewContext:
    """What messages tell by themselves; nobody knows when they were said."""
    own = [one.text for one in history if one.author is AuthorKind.CUSTOMER][-_LATEST_SAID:]
    said = [Said(text, "", "", utc_now()) for text in reversed(own)]
    return ReviewContext(
        intent=intent, history=history, known=find_known(said, masker), sources=sources
    )


def _latest_intent(messages: Sequence[dict[str, Any]]) -> IntentLabel | None:
    """Of the customer's latest message that has one."""
    for message in reversed(messages):
        if message["author"]["kind"] == AuthorKind.CUSTOMER and message["intent"]:
            return IntentLabel(message["intent"]["label"])
    return None


def _passage(article: Article) -> Passage:
    text = article.text[:_READ_CHARACTERS]
    # Whom it is for is told by the knowledge base, which knows what customers' articles say too.
    return Passage(article.title, text, article.article_id, lang=article.lang)
