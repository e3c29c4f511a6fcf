"""A customer's message in, the reply out: as JSON, or as a stream of events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from api.schemas import MessageBody
from api.service import AnyCaller, DialogToken, ServiceHere, is_known, open_dialog
from assistant.text import sentence_spans

router = APIRouter(prefix="/v1", tags=["customers"])


@router.post("/messages")
def post_message(
    body: MessageBody,
    request: Request,
    service: ServiceHere,
    caller: AnyCaller,
    token: DialogToken = None,
) -> Response:
    """Answer a customer's message before it reaches an operator."""
    if body.dialog_id and is_known(service, body.dialog_id):
        open_dialog(service, caller, body.dialog_id, token)
    service.gate.spend_dialog(body.dialog_id)
    answered = service.assistant.reply(body.to_domain(caller.name))
    document = dict(answered.document)
    if answered.opened_dialog:
        document["dialog_token"] = service.assistant.store.token(document["dialog_id"])
    if "text/event-stream" in request.headers.get("Accept", ""):
        return StreamingResponse(_events(document), media_type="text/event-stream")
    return JSONResponse(document)


def _events(document: dict[str, Any]) -> Iterator[str]:
    """The text sentence by sentence, then the whole reply. It is checked before it is streamed."""
    text = document["reply"]["text"] if document["reply"] else ""
    at = 0
    for _, end in [*sentence_spans(text), (0, len(text))]:
        if end > at:
            yield _event("delta", {"text": text[at:end]})
            at = end
    yield _event("final", document)


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


@router.get("/suggest")
def suggest(
    service: ServiceHere,
    _caller: AnyCaller,
    q: Annotated[str, Query(max_length=4000)] = "",
    limit: Annotated[int, Query(ge=1, le=10)] = 3,
    locale: Annotated[str | None, Query(max_length=8)] = None,
) -> dict[str, Any]:
    """Articles while the customer is still typing."""
    lang = (locale or service.settings.locale)[:2].lower()
    found = service.assistant.suggester.suggest(q, limit, lang)
    return {
        "articles": [
            {
                "article_id": item.article_id,
                "title": item.title,
                "url": item.url,
                "snippet": item.snippet,
                "score": item.score,
            }
            for item in found
        ]
    }
