"""Who is signed in: sessions of operators, known by the digest of a cookie that is kept nowhere."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import delete, insert, select, update

from assistant.store.base import StoreBase
from assistant.store.desk_tables import operator_sessions
from assistant.store.rows import parse_stamp


@dataclass(frozen=True)
class KeptSession:
    """A session that is neither over nor ended."""

    operator_id: str
    operator_name: str
    key_digest: str
    """SHA-256 of the key that was signed in with; empty where none is set."""
    used_at: datetime
    expires_at: datetime


class Sessions(StoreBase):
    """Opening, finding, renewing and ending."""

    def _secret(self, name: str) -> str:
        """A secret of the store, made when it is first asked for."""
        raise NotImplementedError

    @cached_property
    def _csrf_key(self) -> bytes:
        return self._secret("session_csrf").encode()

    def csrf_token(self, token: str) -> str:
        """What a page has to send beside the cookie of the value `token`: HMAC-SHA256 under a
        secret of this store, so that nobody who has neither can make it."""
        return hmac.new(self._csrf_key, token.encode(), hashlib.sha256).hexdigest()

    def open_session(
        self, token: str, key_digest: str, operator_id: str, name: str, seconds: float
    ) -> KeptSession:
        """Keep a new session, for so many seconds at most; its token is kept as a digest only."""
        now, expires = self._stamp(), self._stamp(seconds)
        with self._database.writing() as connection:
            connection.execute(
                insert(operator_sessions).values(
                    digest=digest_of(token),
                    key_digest=key_digest,
                    operator_id=operator_id,
                    operator_name=name,
                    created_at=now,
                    used_at=now,
                    expires_at=expires,
                )
            )
        return KeptSession(operator_id, name, key_digest, parse_stamp(now), parse_stamp(expires))

    def session(self, token: str, idle_seconds: float) -> KeptSession | None:
        """The session of a token; None where there is none, it is over, or it was not used for
        `idle_seconds`."""
        query = select(operator_sessions).where(
            operator_sessions.c.digest == digest_of(token),
            operator_sessions.c.expires_at > self._stamp(),
            operator_sessions.c.used_at > self._stamp(-idle_seconds),
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        return KeptSession(
            row.operator_id,
            row.operator_name,
            row.key_digest,
            parse_stamp(row.used_at),
            parse_stamp(row.expires_at),
        )

    def renew_session(self, token: str) -> None:
        """It is used now."""
        this = operator_sessions.c.digest == digest_of(token)
        with self._database.writing() as connection:
            connection.execute(update(operator_sessions).where(this).values(used_at=self._stamp()))

    def end_session(self, token: str) -> None:
        """End it, in all processes at once; no harm where there is none."""
        this = operator_sessions.c.digest == digest_of(token)
        with self._database.writing() as connection:
            connection.execute(delete(operator_sessions).where(this))

    def sweep_sessions(self, idle_seconds: float) -> int:
        """Delete sessions that nobody can use any more; returns how many."""
        over = (operator_sessions.c.expires_at <= self._stamp()) | (
            operator_sessions.c.used_at <= self._stamp(-idle_seconds)
        )
        with self._database.writing() as connection:
            return connection.execute(delete(operator_sessions).where(over)).rowcount


def digest_of(text: str) -> str:
    """What is kept of a token or a key: SHA-256, which is enough for what is random and long."""
    return hashlib.sha256(text.encode()).hexdigest()
