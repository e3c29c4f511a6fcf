"""Signing in and out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from api.audited import audited
from api.operator_names import check_operator_name
from api.origins import is_own_page
from api.schemas import SignInBody
from api.service import AnyCaller, ServiceHere
from api.sessions import COOKIE, Session
from assistant.store.audit import Doing
from assistant.store.rows import format_stamp

router = APIRouter(prefix="/v1/sessions", tags=["sessions"])


def session_of(caller: AnyCaller) -> Session:
    """The session of whoever is signed in. Raises 401 where nobody is."""
    if caller.session is None:
        raise HTTPException(401, "nobody is signed in", {"WWW-Authenticate": "Bearer"})
    return caller.session


SessionHere = Annotated[Session, Depends(session_of)]


@router.post("", status_code=201)
def sign_in(
    body: SignInBody, request: Request, response: Response, service: ServiceHere
) -> dict[str, Any]:
    """Sign in with an operator's or an admin's key: the session comes as a cookie. Whatever was
    signed in before in this browser is signed out."""
    check_operator_name(body.name, service.settings.bot_name)
    session = service.gate.sign_in(request, body.name, body.key.strip())
    doing = Doing(session.key_name, "session.open", session.operator_id)
    service.assistant.store.note(doing)
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(
        COOKIE,
        session.token,
        max_age=round(service.settings.session_hours * 3600),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return _document(service, session)


@router.get("/current")
def current(request: Request, service: ServiceHere, session: SessionHere) -> dict[str, Any]:
    """Who is signed in; asking, from a page of ours, shows that somebody is still there."""
    service.sessions.find(session.token, renew=is_own_page(request.headers))
    return _document(service, session)


@router.delete("/current", status_code=204)
@audited("session.end")
def sign_out(
    request: Request, service: ServiceHere, _caller: AnyCaller, session: SessionHere
) -> Response:
    """Sign out, everywhere at once."""
    service.sessions.end(session.token)
    response = Response(status_code=204)
    secure = request.url.scheme == "https"
    response.delete_cookie(COOKIE, path="/", secure=secure, httponly=True, samesite="strict")
    return response


def _document(service: ServiceHere, session: Session) -> dict[str, Any]:
    return {
        "operator_id": session.operator_id,
        "name": session.name,
        "role": session.role,
        "csrf_token": session.csrf_token,
        "expires_at": format_stamp(session.expires_at),
        "idle_seconds": round(service.settings.session_idle_minutes * 60),
    }
