"""What the routes share: the assistant, its parts and the gate, built once per process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request

from api.access import Caller, Gate, require
from api.event_hub import EventHub
from api.event_places import EventPlaces
from api.looks import Looks
from api.metrics import Metrics
from api.origins import SAFE_METHODS
from api.sessions import COOKIE, SessionDesk
from assistant.article_search import ArticleSearch
from assistant.errors import AccessDeniedError, NotFoundError, NotYouError
from assistant.hints.desk import HintDesk
from assistant.operator_context.contexts import OperatorContexts
from assistant.pipeline import Assistant
from assistant.review.of_dialog import ReviewContexts
from assistant.review.reviewing import Reviewer
from assistant.settings import Settings
from assistant.unasked import Unasked
from assistant.wiring import Parts
from prompts.loader import LANGUAGES


@dataclass(frozen=True)
class Service:
    """Everything a route needs."""

    assistant: Assistant
    parts: Parts
    gate: Gate
    settings: Settings
    metrics: Metrics
    looks: Looks
    unasked: Unasked
    hub: EventHub
    places: EventPlaces
    sessions: SessionDesk
    articles: ArticleSearch
    hints: HintDesk
    contexts: OperatorContexts
    reviewer: Reviewer
    review_contexts: ReviewContexts


def service_of(request: Request) -> Service:
    """The service that the application was built with."""
    service: Service = request.app.state.service
    return service


ServiceHere = Annotated[Service, Depends(service_of)]


async def acting_for(request: Request) -> frozenset[str]:
    """The operators that a request says it acts for, in its body and in its address; what is no
    JSON names nobody, and the route refuses it."""
    named = request.path_params.get("operator_id")
    if COOKIE in request.cookies and request.method not in SAFE_METHODS:
        try:
            body = json.loads(await request.body() or b"{}")
        except (ValueError, RecursionError):
            body = None
        in_body = body.get("operator_id") if isinstance(body, dict) else None
        return frozenset(who for who in (named, in_body) if isinstance(who, str))
    return frozenset((named,)) if named else frozenset()


def caller_of(
    request: Request, service: ServiceHere, named: Annotated[frozenset[str], Depends(acting_for)]
) -> Caller:
    """Who calls, by the key or the session; one who is signed in acts for himself only."""
    caller = service.gate.caller(request)
    if caller.session is not None and named - {caller.operator_id}:
        raise NotYouError(f"you are signed in as {caller.operator_id}")
    return caller


AnyCaller = Annotated[Caller, Depends(caller_of)]
DialogToken = Annotated[str | None, Header(alias="X-Dialog-Token")]


def operator_of(caller: AnyCaller) -> Caller:
    """A caller who may act as an operator."""
    require(caller, "operator")
    return caller


OperatorCaller = Annotated[Caller, Depends(operator_of)]


def admin_of(caller: AnyCaller) -> Caller:
    """A caller who may do everything."""
    require(caller, "admin")
    return caller


AdminCaller = Annotated[Caller, Depends(admin_of)]


def open_dialog(service: Service, caller: Caller, dialog_id: str, token: str | None) -> None:
    """Let operators through, and customers with the dialog's own token; a dialog id alone opens
    nothing, and says not even whether it exists."""
    if caller.may_act_as("operator"):
        return
    if token and service.assistant.store.is_token_of(dialog_id, token):
        return
    raise AccessDeniedError("this dialog opens only with its own token in X-Dialog-Token")


def language_of(service: Service, asked: str | None) -> str:
    """The language of whoever asks, as `ru-RU` or `en`; the service's where he names none that
    texts are written in."""
    lang = (asked or "")[:2].lower()
    return lang if lang in LANGUAGES else service.settings.locale


def is_known(service: Service, dialog_id: str) -> bool:
    """Whether a dialog of this id exists."""
    try:
        service.assistant.store.dialog(dialog_id)
    except NotFoundError:
        return False
    return True
