"""A reviewer with the real dictionaries, and a short way to ask it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.domain import AuthorKind, Customer, IntentLabel, Turn
from assistant.privacy.masker import Masker
from assistant.review.advice import Advice, ReviewContext
from assistant.review.of_dialog import context_of_history
from assistant.review.reviewing import Reviewer
from assistant.review.sources import Passage, PassagesAtHand
from assistant.review.spelling import Dictionaries

Review = Callable[..., tuple[Advice, ...]]


@pytest.fixture(scope="session")
def reviewer() -> Reviewer:
    """Reads dictionaries once for all tests."""
    return Reviewer(Masker(), Dictionaries())


@pytest.fixture(scope="session")
def review(reviewer: Reviewer) -> Review:
    """Reviews a draft: `said` by the customer, `articles` as (title, text)."""

    def ask(
        draft: str,
        intent: str | None = "question",
        *,
        said: tuple[str, ...] = (),
        articles: tuple[tuple[str, str], ...] = (),
        customer: Customer | None = None,
        ticket: str | None = None,
        lang: str = "ru",
    ) -> tuple[Advice, ...]:
        told = context_of_history(
            [Turn(AuthorKind.CUSTOMER, one) for one in said],
            IntentLabel(intent) if intent else None,
            Masker(),
            PassagesAtHand(Passage(title, text, lang=lang) for title, text in articles),
        )
        context = ReviewContext(
            intent=told.intent,
            history=told.history,
            known=told.known,
            customer=customer if customer else Customer(),
            ticket_number=ticket,
            sources=told.sources,
        )
        return reviewer.review_draft(draft, lang, context)

    return ask
