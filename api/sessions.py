"""Signing in with a key: a session in a cookie, for the console in the browser.

The cookie is HttpOnly, so no script reads it, and SameSite=Strict, so no other site's page sends
it. A page of another port of the same host still could: whatever changes something needs the
session's own token in `X-CSRF-Token` besides, which only our page was told.
"""

from __future__ import annotations

import hmac
import re
import secrets as randomness
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from assistant.settings import Settings
from assistant.store.sessions import KeptSession, Sessions, digest_of

COOKIE = "souffleur_session"
CSRF_HEADER = "X-CSRF-Token"
_TOKEN_BYTES = 32
_RENEW_SECONDS = 30.0
"""A session used again within so long is not written anew."""
_FNV_PRIME = 16_777_619
_FNV_SEEDS = (2_166_136_261, 0x9747B28C)
_BLANKS = re.compile(r"[\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+")
"""What the console's script took for blank when it made the ids."""


@dataclass(frozen=True)
class Session:
    """Somebody who is signed in."""

    token: str
    """The cookie's value."""
    operator_id: str
    name: str
    role: str
    key_name: str
    """Which key was signed in with, without giving it away."""
    csrf_token: str
    expires_at: datetime
    """At the latest; earlier when it is not used."""

    def admits(self, csrf_token: str | None) -> bool:
        """Whether whoever changes something knows the session's own token."""
        return hmac.compare_digest(self.csrf_token.encode(), (csrf_token or "").encode())


class SessionDesk:
    """Opens sessions and knows them again, in all processes that share the store."""

    def __init__(self, store: Sessions, settings: Settings) -> None:
        self._store = store
        self._keys = settings.keys
        self._seconds = settings.session_hours * 3600
        self._idle_seconds = settings.session_idle_minutes * 60

    def open(self, name: str, role: str, key: str) -> Session:
        """A new session, whatever there was before. `key`: empty where none is set."""
        token = randomness.token_urlsafe(_TOKEN_BYTES)
        digest = digest_of(key) if key else ""
        kept = self._store.open_session(token, digest, operator_id_of(name), name, self._seconds)
        return self._session(token, kept, role)

    def find(self, token: str, *, renew: bool = False) -> Session | None:
        """The session of a cookie; None where it is over, ended, or its key is no longer set."""
        kept = self._store.session(token, self._idle_seconds)
        role = self._role_of(kept) if kept is not None else None
        if kept is None or role is None:
            return None
        if renew and datetime.now(UTC) - kept.used_at >= timedelta(seconds=_RENEW_SECONDS):
            self._store.renew_session(token)
        return self._session(token, kept, role)

    def end(self, token: str) -> None:
        """Sign out."""
        self._store.end_session(token)

    def _role_of(self, kept: KeptSession) -> str | None:
        if not self._keys:
            return "admin" if not kept.key_digest else None
        return next(
            (role for key, role in self._keys.items() if digest_of(key) == kept.key_digest), None
        )

    def _session(self, token: str, kept: KeptSession, role: str) -> Session:
        return Session(
            token=token,
            operator_id=kept.operator_id,
            name=kept.operator_name,
            role=role,
            key_name=key_name(self._keys, kept.key_digest),
            csrf_token=self._store.csrf_token(token),
            expires_at=kept.expires_at,
        )


def key_name(keys: Mapping[str, str], digest: str) -> str:
    """What a key is called in the trail: its role and its place among the keys; `local` for none.
    `digest`: SHA-256 of the key."""
    for number, (key, role) in enumerate(keys.items()):
        if digest_of(key) == digest:
            return f"{role}-{number}"
    return "local"


def operator_id_of(name: str) -> str:
    """The id of an operator: the same name, however it is spaced and capitalised, is the same
    operator on every computer, so that a dialog taken on one can be answered on another.

    FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/) over UTF-8, twice 32 bits from two seeds.
    """
    plain = _BLANKS.sub(" ", name).strip(" ").lower()
    return "op-" + "".join(f"{_fnv(plain.encode(), seed):08x}" for seed in _FNV_SEEDS)


def _fnv(data: bytes, seed: int) -> int:
    value = seed
    for byte in data:
        value = (value ^ byte) * _FNV_PRIME & 0xFFFFFFFF
    return value
