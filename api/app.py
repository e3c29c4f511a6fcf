"""The HTTP application: routes over the assistant, pages beside them."""

from __future__ import annotations

import mimetypes
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from fastapi_offline import FastAPIOffline
from limits.storage import MemoryStorage

from api import errors
from api.access import Gate
from api.event_hub import EventHub
from api.event_places import EventPlaces
from api.looks import Looks
from api.metrics import Metrics
from api.middleware import Envelope
from api.routes import (
    audit,
    customers,
    desk,
    dialogs,
    events,
    health,
    hints,
    kb,
    learning,
    messages,
    notes,
    notices,
    review,
    sessions,
    tickets,
    typing,
    verdicts,
    webhooks,
)
from api.service import Service
from api.sessions import SessionDesk
from api.shared_rates import DatabaseStorage
from assistant.article_search import ArticleSearch
from assistant.language_models.streaming import warm_up, warn_of_unknown
from assistant.pipeline import Assistant
from assistant.rounds import Round, Rounds
from assistant.settings import Settings
from assistant.warming import Warming
from assistant.wiring import (
    Parts,
    build_assistant,
    build_contexts,
    build_hint_desk,
    build_review_contexts,
    build_reviewer,
    build_unasked,
    rounds_of,
)

STATIC = Path(__file__).parent / "static"

_ROUTES = (
    sessions,
    messages,
    dialogs,
    desk,
    notes,
    typing,
    kb,
    hints,
    verdicts,
    learning,
    tickets,
    customers,
    audit,
    notices,
    review,
    events,
    webhooks,
    health,
)

_WARMING_SECONDS = 1.0

mimetypes.add_type("text/javascript", ".js")


def create_app(settings: Settings, built: tuple[Assistant, Parts] | None = None) -> FastAPI:
    """The application; parts that exist already are used instead of built again."""
    assistant, parts = built or build_assistant(settings)
    parts.library.current()  # read the index before the first customer waits for it
    hub = EventHub(assistant.store)
    service = _service(assistant, parts, hub)
    app = FastAPIOffline(
        lifespan=_lifespan(Rounds([*rounds_of(assistant, parts), _warming(service)]), service),
        title="Souffleur",
        description="Support answers from your own articles, by a bot that says so.",
        version="1",
    )
    app.state.service = service
    errors.install(app)
    for routes in _ROUTES:
        app.include_router(routes.router)
    _add_pages(app)
    _let_pages_call(app, settings.origins)
    app.add_middleware(
        Envelope,
        local_only=not settings.keys,
        origins=frozenset(settings.origins),
        count=service.metrics.count_request,
    )
    return app


def _service(assistant: Assistant, parts: Parts, hub: EventHub) -> Service:
    """What the routes share."""
    settings, store, models = parts.settings, assistant.store, parts.models
    if models is not None:
        # A command that asks once would only wait for it.
        warm_up().add_done_callback(lambda _done: warn_of_unknown(models.names))
    metrics = Metrics(
        store,
        settings.metrics_window_hours,
        model_calls=store,
        circuits=models.circuits if models is not None else dict,
        settled_seconds=settings.settled_seconds,
        deliveries=store,
        streams=lambda: hub.streams,
    )
    counts = DatabaseStorage(store) if settings.is_one_of_several else MemoryStorage()
    sessions = SessionDesk(store, settings)
    reviewer, review_contexts = build_reviewer(settings), build_review_contexts(assistant, parts)
    return Service(
        assistant=assistant,
        parts=parts,
        gate=Gate(settings, counts, sessions),
        settings=settings,
        metrics=metrics,
        looks=Looks(),
        unasked=build_unasked(assistant, parts),
        hub=hub,
        places=EventPlaces(),
        sessions=sessions,
        articles=ArticleSearch(parts.decider, parts.understander),
        hints=build_hint_desk(assistant, parts),
        contexts=build_contexts(assistant, parts),
        reviewer=reviewer,
        review_contexts=review_contexts,
    )


def _let_pages_call(app: FastAPI, origins: list[str]) -> None:
    """Pages of the deployment's own sites may call from a browser."""
    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=[
            "Authorization",
            "Content-Type",
            "X-Dialog-Token",
            "X-Operator-Id",
            "Accept-Language",
            "Last-Event-ID",
        ],
        expose_headers=["Retry-After", "X-Request-Id"],
        max_age=600,
    )


def _warming(service: Service) -> Round:
    """Not before the process is ready: whoever waits for that would wait for this too."""
    steps = (service.reviewer.warm_up, service.review_contexts.warm_up)
    warming = Warming(service.parts.library.current, steps)
    return Round("warming", _WARMING_SECONDS, warming.look)


def _lifespan(
    rounds: Rounds, service: Service
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def while_serving(_app: FastAPI) -> AsyncIterator[None]:
        rounds.start()
        async with service.hub.serving():
            yield
        await run_in_threadpool(rounds.stop)

    return while_serving


def _add_pages(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    def demo() -> FileResponse:
        return FileResponse(STATIC / "demo" / "index.html")

    @app.get("/console", include_in_schema=False)
    def console() -> FileResponse:
        return FileResponse(STATIC / "console" / "index.html")

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> Response:
        return Response(status_code=204)

    app.mount("/static", StaticFiles(directory=STATIC), name="static")
