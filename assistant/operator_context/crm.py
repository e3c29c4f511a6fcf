"""What the CRM knows of a customer, without anybody waiting for it.

A look-up waits a moment for a quick CRM; a slow one answers into memory, for the next look. One
customer is asked for once at a time, what failed is not tried again at once, and a CRM that fails
again and again is left alone for a while. Memory is this process's own, bounded, and never written.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from assistant.language_models.breaker import Breaker, BreakerRules
from assistant.operator_context.crm_address import CrmAddress
from assistant.operator_context.crm_call import Told, ask_crm, failed
from assistant.operator_context.crm_fields import CrmField, fields_of
from assistant.operator_context.words import ContextWords
from assistant.store.base import Clock, utc_now
from assistant.store.rows import format_stamp

PATIENCE_SECONDS = 0.15
"""So long a look-up is waited for; hints are to be there within 300 ms."""
FAILURE_SECONDS = 10.0
"""What failed is not tried again for so long."""
MOST_KEPT = 1000
_RULES = BreakerRules(failures_in_row=3, pause_seconds=20.0)

Key = tuple[str, str]
"""Customer and channel; the channel is empty where the address does not name it."""


@dataclass(frozen=True)
class Kept:
    """An answer in memory."""

    told: Told
    fields: tuple[CrmField, ...]
    at: datetime
    until: float
    """Monotonic seconds."""


@dataclass(frozen=True)
class LookUp:
    """A customer that is looked up: what memory has, or the call that is on its way."""

    kept: Kept | None = None
    call: Future[Kept] | None = None
    reason: str = ""
    """Why nobody is asked: key of `prompts/operator_context`."""
    waits_until: float = 0.0
    """Monotonic seconds, of the real clock."""

    def document(self, words: ContextWords) -> dict[str, Any]:
        """As the API shows it; waits for the rest of the patience."""
        if self.call is not None:
            try:
                kept = self.call.result(max(0.0, self.waits_until - time.monotonic()))
            except FutureTimeoutError:
                return _document("pending", words.put("crm_pending"))
            return _told(kept, "ok", words)
        if self.kept is not None:
            return _told(self.kept, "cached", words)
        state = "failed" if self.reason in ("crm_bad_customer", "crm_resting") else "off"
        return _document(state, words.put(self.reason))


class Crm:
    """The CRM of this deployment, asked by a thread of its own. Safe in several threads."""

    def __init__(
        self,
        address: CrmAddress,
        *,
        secret: str = "",
        timeout_seconds: float = 1.0,
        cache_seconds: float = 300.0,
        fields: Mapping[str, str] | None = None,
        patience_seconds: float = PATIENCE_SECONDS,
        now: Clock = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address = address
        self._secret = secret
        self._timeout_seconds = timeout_seconds
        self._cache_seconds = cache_seconds
        self._wanted = dict(fields or {})
        self._patience_seconds = patience_seconds
        self._now = now
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._calls: dict[Key, Future[Kept]] = {}
        self._breaker = Breaker(_RULES, clock)
        self._line = _Line()

    def look_up(self, customer_id: str | None, channel: str) -> LookUp:
        """Begin to look a customer up; returns at once."""
        if not customer_id:
            return LookUp(reason="crm_no_customer")
        url = self._address.of(customer_id, channel)
        if url is None:
            return LookUp(reason="crm_bad_customer")
        key = (customer_id, channel if self._address.names_channel else "")
        until = time.monotonic() + self._patience_seconds
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and self._clock() < kept.until:
                self._kept.move_to_end(key)
                return LookUp(kept=kept)
            call = self._calls.get(key) or self._begin(key, url)
        if call is None:
            return LookUp(reason="crm_resting")
        return LookUp(call=call, waits_until=until)

    def forget(self, customer_id: str) -> None:
        """Drop what is kept of a customer; what is on its way is not kept when it comes."""
        with self._lock:
            for key in [key for key in self._kept if key[0] == customer_id]:
                del self._kept[key]
            for key in [key for key in self._calls if key[0] == customer_id]:
                del self._calls[key]

    def close(self) -> None:
        """End the thread."""
        self._line.close()

    def _begin(self, key: Key, url: str) -> Future[Kept] | None:
        """Ask; None while the CRM is left alone. The lock is held."""
        leave = self._breaker.may_ask()
        if leave is None:
            return None
        answer: Future[Kept] = Future()
        self._calls[key] = answer

        async def ask(client: httpx.AsyncClient) -> None:
            told = await ask_crm(client, url, self._secret, self._timeout_seconds)
            if told.is_failure:
                self._breaker.failed(leave)
            else:
                self._breaker.succeeded(leave)
            self._finish(key, answer, told)

        self._line.call(ask)
        return answer

    def _finish(self, key: Key, answer: Future[Kept], told: Told) -> None:
        try:
            fields = fields_of(told.card, self._wanted) if told.card is not None else ()
        except Exception:  # noqa: BLE001 - a card that nobody can show must not hang the look-up
            told, fields = failed("crm_not_object"), ()
        seconds = FAILURE_SECONDS if told.is_failure else self._cache_seconds
        # The card itself is dropped here: only what is shown is kept.
        plain = Told(None, told.reason, told.details, told.is_failure)
        kept = Kept(plain, fields, self._now(), self._clock() + seconds)
        with self._lock:
            if self._calls.get(key) is answer:  # else the customer was forgotten meanwhile
                del self._calls[key]
                self._kept[key] = kept
                self._kept.move_to_end(key)
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
        answer.set_result(kept)


class _Line:
    """A thread with a loop and a client of its own, begun at the first call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: httpx.AsyncClient | None = None

    def call(self, ask: Callable[[httpx.AsyncClient], Any]) -> None:
        """Run a call in that thread."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="crm", daemon=True).start()
            asyncio.run_coroutine_threadsafe(self._with_client(ask), self._loop)

    async def _with_client(self, ask: Callable[[httpx.AsyncClient], Any]) -> None:
        if self._client is None:
            # Nothing from the environment: its proxies and passwords are not meant for the CRM.
            # No cookies: what is said of one customer has nothing to do with the next.
            self._client = httpx.AsyncClient(
                trust_env=False,
                timeout=_LONGEST_SECONDS,
                follow_redirects=False,
                limits=_LIMITS,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            )
        await ask(self._client)

    def close(self) -> None:
        """End it; calls on their way are given up."""
        with self._lock:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._loop = self._client = None


_LONGEST_SECONDS = 60.0
"""Each call has its own, shorter limit."""
_LIMITS = httpx.Limits(max_connections=20, max_keepalive_connections=5)


def _told(kept: Kept, state: str, words: ContextWords) -> dict[str, Any]:
    told = kept.told
    error = words.put(told.reason, **told.details) if told.reason else None
    if told.is_failure:
        return _document("timeout" if told.is_late else "failed", error, kept.at)
    fields = [{"label": one.label, "value": _in_words(one.value, words)} for one in kept.fields]
    return _document(state, error, kept.at) | {"found": not told.reason, "fields": fields}


def _in_words(value: str | bool, words: ContextWords) -> str:
    if isinstance(value, bool):
        return words.put("yes" if value else "no")
    return value


def _document(state: str, error: str | None, at: datetime | None = None) -> dict[str, Any]:
    return {
        "state": state,
        "fetched_at": format_stamp(at) if at else None,
        "found": False,
        "fields": [],
        "error": error,
    }
