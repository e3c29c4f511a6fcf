"""Who may do what: keys with roles, a secret token a dialog, limits on size and rate."""

from __future__ import annotations

import hmac
import re
import time
from dataclasses import dataclass

from fastapi import HTTPException, Request
from limits import RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from assistant.errors import AccessDeniedError
from assistant.settings import Settings

MAX_BODY_BYTES = 64 * 1024

_GOOD_OPERATOR_ID = re.compile(r"^[A-Za-z0-9._:@+-]{1,64}$")
_OPENINGS_PER_MINUTE = 120
"""Streams of one dialog: a few pages whose lines break and come back every two seconds."""
_RANK = {"widget": 0, "operator": 1, "admin": 2}


@dataclass(frozen=True)
class Caller:
    """Who calls: a role, and a name that tells callers apart without giving their key away."""

    role: str
    name: str
    operator_id: str | None = None
    """Which operator, where the call says so in X-Operator-Id."""

    def may_act_as(self, role: str) -> bool:
        """Whether this caller's role includes another."""
        return _RANK[self.role] >= _RANK[role]


class Gate:
    """Checks keys, tokens and rates."""

    def __init__(self, settings: Settings, counts: Storage) -> None:
        """`counts`: where calls are counted, in memory or for all processes together."""
        self._keys = settings.keys
        self._limiter = FixedWindowRateLimiter(counts)
        self._per_key = RateLimitItemPerMinute(settings.requests_per_minute_per_key)
        self._openings = RateLimitItemPerMinute(_OPENINGS_PER_MINUTE)
        self._per_dialog = RateLimitItemPerMinute(settings.messages_per_minute_per_dialog)

    @property
    def is_open(self) -> bool:
        """Whether no key is set, so that everybody on this machine may do everything."""
        return not self._keys

    def caller(self, request: Request) -> Caller:
        """Who calls. Raises 401 for a missing or unknown key, 422 for an operator's id that is
        none, 429 past the key's rate."""
        operator_id = _operator_id(request)
        if self.is_open:
            return Caller("admin", "local", operator_id)
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not given:
            raise HTTPException(
                401, "send Authorization: Bearer KEY", {"WWW-Authenticate": "Bearer"}
            )
        for number, (key, role) in enumerate(self._keys.items()):
            if hmac.compare_digest(key.encode(), given.strip().encode()):
                caller = Caller(role, f"{role}-{number}", operator_id)
                self._spend(self._per_key, "key", caller.name)
                return caller
        raise HTTPException(401, "the key is not known", {"WWW-Authenticate": "Bearer"})

    def spend_dialog(self, dialog_id: str | None) -> None:
        """Count a message against its dialog's rate. Raises 429 past it."""
        if dialog_id:
            self._spend(self._per_dialog, "dialog", dialog_id)

    def spend_opening(self, dialog_id: str) -> None:
        """Count a stream of events that a dialog's token opens; it costs the customer none of his
        messages. Raises 429 past the rate."""
        self._spend(self._openings, "stream", dialog_id)

    def _spend(self, limit: RateLimitItemPerMinute, kind: str, name: str) -> None:
        if not self._limiter.hit(limit, kind, name):
            window = self._limiter.get_window_stats(limit, kind, name)
            seconds = max(1, round(window.reset_time - time.time()))
            raise HTTPException(
                429, f"too many requests for this {kind}", {"Retry-After": str(seconds)}
            )


def _operator_id(request: Request) -> str | None:
    given = request.headers.get("X-Operator-Id")
    if given is not None and not _GOOD_OPERATOR_ID.match(given):
        raise HTTPException(422, "X-Operator-Id has at most 64 letters, digits and . _ : @ + -")
    return given


def require(caller: Caller, role: str) -> None:
    """Raise AccessDeniedError when the caller's role does not include `role`."""
    if not caller.may_act_as(role):
        raise AccessDeniedError(f"this needs a key of the role {role}; yours is {caller.role}")
