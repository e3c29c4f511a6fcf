"""Errors to HTTP: one table, one body (RFC 9457, `application/problem+json`) with a stable code."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from assistant import errors

log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[errors.SouffleurError], int], ...] = (
    (errors.BadInputError, 422),
    (errors.NotFoundError, 404),
    (errors.ConflictError, 409),
    (errors.AccessDeniedError, 403),
    (errors.KnowledgeError, 503),
    (errors.StoreError, 503),
    (errors.ModelError, 503),
    (errors.SouffleurError, 500),
)
_RETRY_SECONDS = "2"
"""A store that was away is often back by then: a restart, a failover, a long lock."""
_CODES = {400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found"}
_CODES |= {405: "method_not_allowed", 413: "body_too_large", 415: "not_json", 429: "too_many"}


def problem(
    status: int, code: str, detail: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """A problem document."""
    return JSONResponse(
        _body(status, code, detail),
        status_code=status,
        headers=headers,
        media_type="application/problem+json",
    )


def problem_document(error: Exception) -> dict[str, Any]:
    """The same document for an error that comes after the status was sent; of one that is not ours
    nothing is told."""
    if not isinstance(error, errors.SouffleurError):
        return _body(500, "internal_error", "something failed here; send the message again")
    status = _status_of(error)
    if status >= 500:
        log.error("%s: %s", error.code, error)
    return _body(status, error.code, error.told)


def _body(status: int, code: str, detail: str) -> dict[str, Any]:
    return {"type": "about:blank", "title": code, "status": status, "code": code, "detail": detail}


def _status_of(error: errors.SouffleurError) -> int:
    return next(status for kind, status in _STATUS if isinstance(error, kind))


def install(app: FastAPI) -> None:
    """Answer every error of ours and of the framework with a problem document; what nobody foresaw
    is answered by `api.middleware`."""
    app.add_exception_handler(errors.SouffleurError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def _ours(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.SouffleurError)  # noqa: S101 - registered for it
    document = problem_document(error)
    headers = {"Retry-After": _RETRY_SECONDS} if isinstance(error, errors.StoreError) else None
    return problem(document["status"], error.code, document["detail"], headers)


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    what = first["msg"].removeprefix("Value error, ")  # ours are sentences already
    return problem(422, "invalid_request", f"{where}: {what}")


def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    code = _CODES.get(error.status_code, "error")
    return problem(error.status_code, code, str(error.detail), dict(error.headers or {}))
