"""Hints for operators: at once as JSON, or with a language model's better ones as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator
from threading import Event
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response, StreamingResponse

from api.audited import audited_read
from api.errors import problem_document
from api.event_lines import event_lines
from api.schemas import HintsBody, SaidBody
from api.service import OperatorCaller, Service, ServiceHere, language_of
from assistant.domain import AUTHORS, Turn
from assistant.errors import SouffleurError
from assistant.hints.desk import Ready
from assistant.text import detect_language

router = APIRouter(prefix="/v1", tags=["operators"])


@router.post("/hints")
@audited_read("hints.read")
def hints(
    body: HintsBody, request: Request, service: ServiceHere, operator: OperatorCaller
) -> Response:
    """Up to three replies to the customer's open question, what the operator should know, and
    advice.

    As a stream: `hints` with all of it at once, `hint` with each that a language model makes
    better, `final` with all of it as it stands then.
    """
    _expect_card(service, body)
    ready = _ready(service, body, operator.operator_id)
    context = _context(service, body)
    if "text/event-stream" not in request.headers.get("Accept", ""):
        return JSONResponse(_document(ready, context))
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    events = _events(service, ready, context)
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


def _expect_card(service: Service, body: HintsBody) -> None:
    """The CRM is asked while hints are made, so that nothing waits for it afterwards."""
    if body.dialog_id is not None:
        service.contexts.expect(body.dialog_id)


def _ready(service: Service, body: HintsBody, operator_id: str | None) -> Ready:
    lang = language_of(service, body.locale)
    if body.dialog_id is not None:
        return service.hints.of_dialog(body.dialog_id, lang, operator_id)
    turns = [_turn(one) for one in body.messages or []]
    return service.hints.of_messages(turns, _customers_locale(service, body), lang)


def _turn(said: SaidBody) -> Turn:
    return Turn(AUTHORS[said.author], said.text)


def _customers_locale(service: Service, body: HintsBody) -> str:
    typed = " ".join(one.text for one in body.messages or [] if one.author == "customer")
    return detect_language(typed, service.settings.locale)


def _context(service: Service, body: HintsBody) -> dict[str, Any]:
    """In the language of the operator who asks."""
    lang = language_of(service, body.locale)
    if body.dialog_id is not None:
        return service.contexts.of_dialog(body.dialog_id, lang)
    return service.contexts.of_messages([one.model_dump() for one in body.messages or []], lang)


def _document(ready: Ready, context: dict[str, Any]) -> dict[str, Any]:
    return {
        "dialog_id": ready.dialog_id,
        "message_id": ready.message_id,
        "hints": ready.hints,
        "context": context,
        "advice": ready.advice,
    }


async def _events(service: Service, ready: Ready, context: dict[str, Any]) -> AsyncIterator[str]:
    """The first hints at once; what the model fails at costs none of them."""
    stop = Event()
    try:
        yield event_lines("hints", _document(ready, context))
        better = service.hints.better(ready, stop)
        while (hint := await run_in_threadpool(next, better, None)) is not None:
            yield event_lines("hint", hint)
    except SouffleurError as error:
        yield event_lines("error", problem_document(error))
    finally:
        stop.set()
    yield event_lines("final", _document(ready, context))
