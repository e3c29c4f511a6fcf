"""Advice on an operator's draft, while he types."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from api.audited import audited_read
from api.schemas import Id, SaidBody, whole_characters
from api.service import OperatorCaller, Service, ServiceHere
from assistant.domain import AuthorKind, IntentLabel, Turn
from assistant.review.advice import ReviewContext, advice_document
from assistant.text import MAX_TEXT_CHARACTERS

router = APIRouter(prefix="/v1", tags=["hints"])

_AUTHORS = {
    "customer": AuthorKind.CUSTOMER,
    "bot": AuthorKind.BOT,
    "operator": AuthorKind.HUMAN,
}
_Text = Annotated[
    str, StringConstraints(max_length=MAX_TEXT_CHARACTERS), AfterValidator(whole_characters)
]


class DraftBody(BaseModel):
    """What an operator has typed so far, and what it answers."""

    model_config = ConfigDict(extra="ignore")

    draft: _Text
    dialog_id: Id | None = None
    intent: IntentLabel | None = None
    """Of the customer's message; before that of the dialog."""
    history: Annotated[list[SaidBody], Field(max_length=200)] | None = None
    """Oldest first; in the place of the dialog's messages."""
    locale: (
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}(-[A-Za-z0-9]{2,8})?$")] | None
    ) = None
    """The operator's language, in which reasons are told; suggestions are in the draft's."""


@router.post("/hints/review")
@audited_read("hints.review")
def review(body: DraftBody, service: ServiceHere, _operator: OperatorCaller) -> dict[str, Any]:
    """Advice on the draft, most severe first, empty for a fine one; nothing is kept. It may name
    what the customer said, so it is a look at his dialog."""
    lang = body.locale[:2].lower() if body.locale else service.settings.locale
    advice = service.reviewer.review_draft(body.draft, lang, _context(body, service))
    return {"advice": [advice_document(one) for one in advice]}


def _context(body: DraftBody, service: Service) -> ReviewContext:
    """What is known of the dialog; what the call says itself goes before it."""
    contexts = service.review_contexts
    turns = [Turn(_AUTHORS[one.author], one.text) for one in body.history or ()]
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
