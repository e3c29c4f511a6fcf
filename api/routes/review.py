"""Advice on an operator's draft, while he types."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter

from api.audited import audited_read
from api.schemas import DraftBody
from api.service import OperatorCaller, Service, ServiceHere, language_of
from assistant.domain import AUTHORS, AuthorKind, IntentLabel, Turn
from assistant.review.advice import ReviewContext, advice_document

router = APIRouter(prefix="/v1", tags=["hints"])


@router.post("/hints/review")
@audited_read("hints.review")
def review(body: DraftBody, service: ServiceHere, _operator: OperatorCaller) -> dict[str, Any]:
    """Advice on the draft, most severe first, empty for a fine one; nothing is kept. It may name
    what the customer said, so it is a look at his dialog."""
    lang = language_of(service, body.locale)
    advice = service.reviewer.review_draft(body.draft, lang, _context(body, service))
    return {"advice": [advice_document(one) for one in advice]}


def _context(body: DraftBody, service: Service) -> ReviewContext:
    """What is known of the dialog; what the call says itself goes before it."""
    contexts = service.review_contexts
    turns = [Turn(AUTHORS[one.author], one.text) for one in body.history or ()]
    if body.dialog_id is None:
        return contexts.of_history(turns, body.intent or _intent(turns, service))
    known = contexts.of_dialog(body.dialog_id)
    if body.history is not None:
        told = contexts.of_history(turns, body.intent or _intent(turns, service))
        known = replace(
            known,
            intent=told.intent or known.intent,
            history=told.history,
            known=[*told.known, *known.known],
        )
    return replace(known, intent=body.intent or known.intent)


def _intent(turns: list[Turn], service: Service) -> IntentLabel | None:
    """Of the customer's last message among those of the call."""
    own = [turn.text for turn in turns if turn.author is AuthorKind.CUSTOMER and turn.text.strip()]
    return service.parts.understander.intents(own[-1:])[0].label if own else None
