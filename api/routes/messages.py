"""A customer's message in, the reply out: as JSON, or as a stream of events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response, StreamingResponse

from api.access import Caller
from api.errors import problem_document
from api.event_lines import event_lines
from api.live_reply import LiveReply
from api.schemas import MessageBody
from api.service import (
    AnyCaller,
    DialogToken,
    Service,
    ServiceHere,
    is_known,
    language_of,
    open_dialog,
)
from assistant.domain import IncomingMessage
from assistant.errors import SouffleurError
from assistant.pipeline import Accepted, Answered
from assistant.text import sentence_spans

router = APIRouter(prefix="/v1", tags=["customers"])


@router.post("/messages")
async def post_message(
    body: MessageBody,
    request: Request,
    service: ServiceHere,
    caller: AnyCaller,
    token: DialogToken = None,
) -> Response:
    """Answer a customer's message before it reaches an operator."""
    await run_in_threadpool(_admit, service, caller, body, token)
    incoming = body.to_domain(caller.name)
    if "text/event-stream" not in request.headers.get("Accept", ""):
        answered = await _reply(service, incoming)
        return JSONResponse(_document(service, answered))
    # What is refused is refused with its status, not in the middle of a stream.
    accepted = await run_in_threadpool(service.assistant.accept, incoming)
    live = LiveReply(lambda listener: service.assistant.finish(accepted, listener))
    announced = _announcement(service, accepted) if body.announce else ""
    live.start()  # before anything is sent: the work does not depend on whoever listens
    if not announced:
        await live.begin(request.is_disconnected)
    return StreamingResponse(
        _events(live, service, request, announced), media_type="text/event-stream"
    )


async def _reply(service: Service, incoming: IncomingMessage) -> Answered:
    """As `Assistant.reply`, but whoever waits for the rest of a burst holds no thread."""
    assistant = service.assistant
    accepted = await run_in_threadpool(assistant.accept, incoming)
    while (answered := await run_in_threadpool(assistant.advance, accepted)) is None:
        await asyncio.sleep(accepted.pause_seconds)
    return answered


def _admit(service: Service, caller: Caller, body: MessageBody, token: str | None) -> None:
    if body.dialog_id and is_known(service, body.dialog_id):
        open_dialog(service, caller, body.dialog_id, token)
    service.gate.spend_dialog(body.dialog_id)


def _document(service: Service, answered: Answered) -> dict[str, Any]:
    document = dict(answered.document)
    if answered.opened_dialog:
        document["dialog_token"] = service.assistant.store.token(document["dialog_id"])
    return document


async def _events(
    live: LiveReply, service: Service, request: Request, announced: str
) -> AsyncIterator[str]:
    """That the message is kept, where the caller wants to know it; what passes the check as it
    passes it, the rest of the text, then the whole reply.

    The pieces make up the reply's text, unless a person took the dialog while the bot was writing:
    then the reply is null.
    """
    said = ""
    try:
        if announced:
            yield announced
            await live.begin(request.is_disconnected)
        async for piece in live.pieces():
            said += piece
            yield event_lines("delta", {"text": piece})
        document = _document(service, live.answered())
        text = document["reply"]["text"] if document["reply"] else ""
        if text.startswith(said):
            for piece in _in_sentences(text[len(said) :]):
                yield event_lines("delta", {"text": piece})
        yield event_lines("final", document)
    except Exception as error:
        # The status is sent already; the message is kept and can be sent again with its id.
        yield event_lines("error", problem_document(error))
        if not isinstance(error, SouffleurError):
            raise
    finally:
        live.stop()


def _announcement(service: Service, accepted: Accepted) -> str:
    """That a message is kept, in which dialog, and what opens that: the next one may be sent."""
    received = accepted.received
    ids = {"dialog_id": received.dialog.dialog_id, "message_id": received.message_id}
    if received.is_new_dialog:
        ids["dialog_token"] = service.assistant.store.token(received.dialog.dialog_id)
    return event_lines("accepted", ids)


def _in_sentences(text: str) -> Iterator[str]:
    at = 0
    for _, end in [*sentence_spans(text), (0, len(text))]:
        if end > at:
            yield text[at:end]
            at = end


@router.get("/suggest")
def suggest(
    service: ServiceHere,
    _caller: AnyCaller,
    q: Annotated[str, Query(max_length=4000)] = "",
    limit: Annotated[int, Query(ge=1, le=10)] = 3,
    locale: Annotated[str | None, Query(max_length=8)] = None,
) -> dict[str, Any]:
    """Articles while the customer is still typing."""
    found = service.assistant.suggester.suggest(q, limit, language_of(service, locale))
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
