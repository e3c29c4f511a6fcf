"""Is it alive, is it ready, and what do the pages say."""

from __future__ import annotations

import logging
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.service import OperatorCaller, ServiceHere, language_of
from assistant.disclosure import disclosure
from assistant.errors import StoreError
from prompts.loader import surface

log = logging.getLogger(__name__)

router = APIRouter()


@router.get("/healthz", tags=["health"])
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz", tags=["health"])
def ready(service: ServiceHere) -> JSONResponse:
    """The index is loaded and the store is reachable; 503 with the reasons when not."""
    library = service.parts.library
    knowledge = library.current()
    problems = [f"knowledge: {library.problem}"] if library.problem else []
    try:
        service.assistant.store.is_ready()
    except StoreError as error:
        log.error("not ready: %s", error)  # noqa: TRY400 - a probe comes every few seconds
        problems.append("store: the dialog store did not answer")
    body: dict[str, Any] = {
        "status": "not ready" if problems else "ready",
        "problems": problems,
        "snapshot": knowledge.snapshot_id if knowledge else None,
        "articles": len(knowledge.articles) if knowledge else 0,
    }
    return JSONResponse(body, status_code=503 if problems else 200)


@router.get("/metrics", tags=["health"])
def metrics(service: ServiceHere, _operator: OperatorCaller) -> Response:
    """For Prometheus. Needs an operator's or admin's key where keys are set; without keys the
    service listens on loopback only."""
    return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)


@router.get("/v1/texts/{page}", tags=["pages"])
def texts(
    page: Literal["widget", "console", "demo"],
    service: ServiceHere,
    locale: Annotated[str, Query(max_length=8)] = "",
) -> dict[str, Any]:
    """The labels of a page and the bot's disclosure, to be shown before the first message."""
    lang = language_of(service, locale)
    signed = disclosure(lang, service.settings.bot_name)
    return {
        "bot": {"name": signed.bot_name, "disclosure": signed.text},
        "texts": dict(surface(page, lang)),
    }
