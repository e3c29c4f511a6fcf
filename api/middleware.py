"""What every request passes: a request id, a limit on the body, headers for browsers."""

from __future__ import annotations

import json
import logging
import re
import time
import uuid
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import MAX_BODY_BYTES
from api.origins import SAFE_METHODS, is_foreign, is_json

log = logging.getLogger("souffleur.requests")

_GOOD_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_LOCAL_HOST = re.compile(r"^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|testserver)(?::\d+)?$", re.I)

_SECURITY = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_BODILESS = SAFE_METHODS | {"DELETE"}
"""Methods whose body says nothing here (RFC 9110, 9.3.1 and 9.3.5); it is limited all the same."""
CountRequest = Callable[[str, str, int, float], None]
"""Called with method, pattern of the route, status and seconds."""

_FAILED = "something failed here; the request id names it in the log"
_DOCS = ("/docs", "/redoc", "/openapi.json")
_FOREIGN = "a page of another site sent this: name its origin in SOUFFLEUR_ALLOWED_ORIGINS"
_UNKEPT = {"Cache-Control": "no-store"}
"""No copy of customers' words on a shared computer."""
_PRIVATE = {"Cross-Origin-Resource-Policy": "same-origin"}
"""In no page but ours; those that `ALLOWED_ORIGINS` names still read it, as they ask by CORS."""


class Envelope:
    """Adds X-Request-Id and security headers, refuses large bodies, logs one line a request (no
    text, no query: only what happened)."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        local_only: bool,
        origins: frozenset[str],
        count: CountRequest,
    ) -> None:
        """`origins`: those whose pages may change something."""
        self._app = app
        self._local_only = local_only
        self._origins = origins
        self._count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _GOOD_REQUEST_ID.match(given) else uuid.uuid4().hex
        started = time.perf_counter()
        status = 500
        started_response = False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, started_response
            if message["type"] == "http.response.start":
                started_response = True
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in _headers_of(scope).items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._serve(scope, receive, send_with_headers)
        except Exception:  # the framework answers and logs it outside of us, without our headers
            log.exception("unexpected failure, request %s", request_id)
            if started_response:
                raise
            await _answer(send_with_headers, 500, "internal_error", _FAILED)
        seconds = time.perf_counter() - started
        self._count(scope["method"], _route_of(scope), status, seconds)
        log.info(
            "%s %s %d %.1f ms %s",
            scope["method"],
            _route_of(scope),
            status,
            seconds * 1000,
            request_id,
        )

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._local_only and not _LOCAL_HOST.match(Headers(scope=scope).get("host", "")):
            # A page whose name was pointed at this machine would otherwise be let in.
            await _answer(send, 400, "bad_host", "without keys only this machine may ask")
            return
        headers = Headers(scope=scope)
        if scope["method"] not in SAFE_METHODS and is_foreign(headers, self._origins):
            await _answer(send, 403, "cross_site", _FOREIGN)
            return
        body = await _read_body(receive)
        if body is None:
            detail = f"a request may have at most {MAX_BODY_BYTES} bytes"
            await _answer(send, 413, "body_too_large", detail)
            return
        if body and scope["method"] not in _BODILESS and not is_json(headers):
            await _answer(send, 415, "not_json", "send the body as Content-Type: application/json")
            return
        sent = False

        async def replay() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)


def _headers_of(scope: Scope) -> dict[str, str]:
    """What browsers are told of an answer."""
    path = scope["path"]
    if path.startswith(_DOCS):  # the framework's pages bring scripts of their own
        return {}
    if not path.startswith("/v1/"):
        return _SECURITY
    # What answers a POST is kept nowhere unless it says so (RFC 9111, 3).
    return _SECURITY | _PRIVATE | (_UNKEPT if scope["method"] in SAFE_METHODS else {})


def _route_of(scope: Scope) -> str:
    """The pattern of the route that served a request; `other` where none did (pages' files too)."""
    pattern: str = getattr(scope.get("route"), "path", "other")
    return pattern


async def _read_body(receive: Receive) -> bytes | None:
    """The whole body, or None when it is larger than allowed."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        part = message.get("body", b"")
        size += len(part)
        if size > MAX_BODY_BYTES:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def _answer(send: Send, status: int, code: str, detail: str) -> None:
    """A problem document where no route can give one."""
    problem = {"type": "about:blank", "title": code, "status": status, "code": code}
    body = json.dumps(problem | {"detail": detail}).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
