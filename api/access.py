"""Who may do what: keys with roles, a secret token a dialog, limits on size and rate."""

from __future__ import annotations

import hmac
import ipaddress
import re
import time
from dataclasses import dataclass, replace

from fastapi import HTTPException, Request
from limits import RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from api.origins import SAFE_METHODS
from api.sessions import COOKIE, CSRF_HEADER, Session, SessionDesk, key_name
from assistant.errors import AccessDeniedError, CsrfError, NotYouError
from assistant.settings import Settings
from assistant.store.sessions import digest_of

MAX_BODY_BYTES = 64 * 1024

_GOOD_OPERATOR_ID = re.compile(r"^[A-Za-z0-9._:@+-]{1,64}$")
_OPENINGS_PER_MINUTE = 120
"""Streams of one dialog: a few pages whose lines break and come back every two seconds."""
_SIGN_INS_PER_MINUTE = 10
"""Tries of one address; a key that fits begins the count anew."""
_BY_ITSELF = frozenset({"/v1/operators/{operator_id}/presence", "/v1/hints"})
"""What a page sends while nobody may sit there: no sign that the session is used."""
_TYPINGS_PER_MINUTE = 60
"""Of one person in one dialog; pages say it every four seconds."""
_RANK = {"widget": 0, "operator": 1, "admin": 2}


@dataclass(frozen=True)
class Caller:
    """Who calls: a role, and a name that tells callers apart without giving their key away."""

    role: str
    name: str
    operator_id: str | None = None
    """Which operator, where he is signed in or the call says so in X-Operator-Id."""
    session: Session | None = None
    """Of one who is signed in."""

    def may_act_as(self, role: str) -> bool:
        """Whether this caller's role includes another."""
        return _RANK[self.role] >= _RANK[role]


class Gate:
    """Checks keys, tokens and rates."""

    def __init__(self, settings: Settings, counts: Storage, sessions: SessionDesk) -> None:
        """`counts`: where calls are counted, in memory or for all processes together."""
        self._keys = settings.keys
        self._sessions = sessions
        self._sign_ins = RateLimitItemPerMinute(_SIGN_INS_PER_MINUTE)
        self._limiter = FixedWindowRateLimiter(counts)
        self._per_key = RateLimitItemPerMinute(settings.requests_per_minute_per_key)
        self._typing = RateLimitItemPerMinute(_TYPINGS_PER_MINUTE)
        self._openings = RateLimitItemPerMinute(_OPENINGS_PER_MINUTE)
        self._per_dialog = RateLimitItemPerMinute(settings.messages_per_minute_per_dialog)

    @property
    def is_open(self) -> bool:
        """Whether no key is set, so that everybody on this machine may do everything."""
        return not self._keys

    def caller(self, request: Request) -> Caller:
        """Who calls: by the key, or without one by the session in the cookie. Raises 401 for a
        missing or unknown key and a session that is over, 403 for a change by cookie without its
        token, 422 for an operator's id that is none, 429 past the key's rate."""
        operator_id = _operator_id(request)
        if self.is_open or "Authorization" not in request.headers:
            session = self._session_of(request)
            if session is not None:
                return self._signed_in(request, session, operator_id)
        if self.is_open:
            return Caller("admin", "local", operator_id)
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not given:
            raise HTTPException(
                401, "send Authorization: Bearer KEY", {"WWW-Authenticate": "Bearer"}
            )
        caller = replace(self._keyed(given.strip()), operator_id=operator_id)
        self._spend(self._per_key, "key", caller.name)
        return caller

    def _session_of(self, request: Request) -> Session | None:
        token = request.cookies.get(COOKIE)
        if not token:
            return None
        changes = request.method not in SAFE_METHODS
        route = getattr(request.scope.get("route"), "path", "")
        found = self._sessions.find(token, renew=changes and route not in _BY_ITSELF)
        if found is None and (not self.is_open or CSRF_HEADER in request.headers):
            # Without keys a cookie that is over, or of another server on this machine, harms
            # nobody but a page that takes itself for signed in.
            raise HTTPException(401, "the session is over: sign in", {"WWW-Authenticate": "Bearer"})
        return found

    def _signed_in(self, request: Request, session: Session, operator_id: str | None) -> Caller:
        changes = request.method not in SAFE_METHODS
        if changes and not session.admits(request.headers.get(CSRF_HEADER)):
            raise CsrfError(f"send the session's csrf_token in {CSRF_HEADER}")
        if operator_id not in (None, session.operator_id):
            raise NotYouError(f"you are signed in as {session.operator_id}")
        self._spend(self._per_key, "session", digest_of(session.token))
        return Caller(session.role, session.key_name, session.operator_id, session)

    def sign_in(self, request: Request, name: str, key: str) -> Session:
        """Open a session for whoever has an operator's key; `key` is not looked at where none is
        set. Raises 401 for a key that is not known, AccessDeniedError for a widget's, 429 when the
        address has tried too often."""
        address = _network(request.client.host if request.client else "")
        self._spend(self._sign_ins, "address", address)
        caller = Caller("admin", "local") if self.is_open else self._keyed(key)
        require(caller, "operator")
        self._limiter.clear(self._sign_ins, "address", address)
        before = request.cookies.get(COOKIE)
        if before:
            self._sessions.end(before)
        return self._sessions.open(name, caller.role, "" if self.is_open else key)

    def _keyed(self, given: str) -> Caller:
        """Whose key it is. Raises 401."""
        for key, role in self._keys.items():
            if hmac.compare_digest(key.encode(), given.encode()):
                return Caller(role, key_name(self._keys, digest_of(key)))
        raise HTTPException(401, "the key is not known", {"WWW-Authenticate": "Bearer"})

    def spend_dialog(self, dialog_id: str | None) -> None:
        """Count a message against its dialog's rate. Raises 429 past it."""
        if dialog_id:
            self._spend(self._per_dialog, "dialog", dialog_id)

    def spend_opening(self, dialog_id: str) -> None:
        """Count a stream of events that a dialog's token opens; it costs the customer none of his
        messages. Raises 429 past the rate."""
        self._spend(self._openings, "stream", dialog_id)

    def spend_typing(self, dialog_id: str, who: str) -> None:
        """Count a word of who types. Raises 429 past the rate."""
        self._spend(self._typing, "typing", f"{dialog_id}/{who}")

    def _spend(self, limit: RateLimitItemPerMinute, kind: str, name: str) -> None:
        if not self._limiter.hit(limit, kind, name):
            window = self._limiter.get_window_stats(limit, kind, name)
            seconds = max(1, round(window.reset_time - time.time()))
            raise HTTPException(
                429, f"too many requests for this {kind}", {"Retry-After": str(seconds)}
            )


def _network(host: str) -> str:
    """What sign-ins are counted by: an address, of IPv6 the 64 bits that one customer has."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a Unix socket, or nothing
        return host
    if address.version == 4:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False))


def _operator_id(request: Request) -> str | None:
    given = request.headers.get("X-Operator-Id")
    if given is not None and not _GOOD_OPERATOR_ID.match(given):
        raise HTTPException(422, "X-Operator-Id has at most 64 letters, digits and . _ : @ + -")
    return given


def require(caller: Caller, role: str) -> None:
    """Raise AccessDeniedError when the caller's role does not include `role`."""
    if not caller.may_act_as(role):
        raise AccessDeniedError(f"this needs a key of the role {role}; yours is {caller.role}")
