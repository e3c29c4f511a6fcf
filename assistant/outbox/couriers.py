"""Couriers: for each target that has something due a thread with a loop of its own, in one process
at a time.

So a target that hangs delays no other. Within a target the deliveries of a dialog go one after the
other, in order, and those of different dialogs beside each other. A courier that dies between any
two lines leaves the delivery pending: another sends it again, with the same number.
"""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
import threading
from collections.abc import Callable
from functools import cached_property

import httpx

from assistant.errors import StoreError
from assistant.outbox.retrying import Retrying
from assistant.outbox.sending import send
from assistant.outbox.targets import Targets
from assistant.store.base import Clock, utc_now
from assistant.store.deliveries import Deliveries, Delivery
from assistant.store.leases import Lease
from assistant.store.webhooks import Target

log = logging.getLogger(__name__)

_SLOTS = 16
"""Attempts that one target may have at the same time."""
_LOOK_SECONDS = 0.25
_REST_SECONDS = 5.0
"""How long a target is left alone after its courier failed."""
_FINISHING_SECONDS = 2.0
"""What is being sent when the process ends may take so long to be finished."""


class Couriers:
    """Those of one process."""

    def __init__(
        self,
        store: Deliveries,
        targets: Targets,
        retrying: Retrying | None = None,
        *,
        now: Clock = utc_now,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._targets = targets
        self._retrying = retrying or Retrying()
        self._now = now
        self._chance = chance
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._at_work: dict[str, threading.Thread] = {}

    def look(self) -> None:
        """Send a courier to each target that has something due and none yet."""
        for name in self._store.targets_due():
            with self._lock:
                is_busy = name in self._at_work
            if is_busy or self._targets.find(name) is None:
                continue
            lease = self._store.take_lease(f"deliver:{name}")
            if lease is not None:
                self._start(name, lease)

    def stop(self) -> None:
        """Let them finish what they are sending, and end."""
        self._stop.set()
        with self._lock:
            threads = list(self._at_work.values())
        for thread in threads:
            thread.join(_FINISHING_SECONDS + 1)

    @property
    def is_idle(self) -> bool:
        """Whether no courier is at work."""
        with self._lock:
            return not self._at_work

    def _start(self, name: str, lease: Lease) -> None:
        thread = threading.Thread(
            target=self._work, args=(name, lease), name=f"courier {name}", daemon=True
        )
        with self._lock:
            self._at_work[name] = thread
        thread.start()

    def _work(self, name: str, lease: Lease) -> None:
        try:
            asyncio.run(self._deliver_all(name, lease))
        except StoreError as error:
            log.warning("the courier to %s gave up for a while: %s", name, error)
            self._stop.wait(_REST_SECONDS)
        except Exception:
            log.exception("the courier to %s failed", name)
            self._stop.wait(_REST_SECONDS)
        finally:
            self._leave(name, lease)

    def _leave(self, name: str, lease: Lease) -> None:
        try:
            self._store.give_back_lease(lease)
        except StoreError as error:  # it beats no longer, so others have it soon
            log.warning("the lease of %s was not given back: %s", name, error)
        finally:
            with self._lock:
                del self._at_work[name]

    async def _deliver_all(self, name: str, lease: Lease) -> None:
        """Until nothing is due, the target is deleted, its lease is lost or the process ends."""
        # The store answers in milliseconds, and this loop is this target's alone.
        in_flight: dict[asyncio.Task[None], str] = {}
        async with self._client() as client:
            try:
                while not self._stop.is_set():
                    target = self._targets.find(name)
                    due = self._due(name, lease, in_flight) if target else None
                    if target is None or due is None:
                        break
                    for delivery in due:
                        task = asyncio.create_task(self._deliver(client, target, delivery))
                        in_flight[task] = delivery.dialog_id
                    if not in_flight:
                        break
                    await _settle_some(in_flight)
                if in_flight:
                    await asyncio.wait(in_flight, timeout=_FINISHING_SECONDS)
            finally:
                for task in in_flight:
                    task.cancel()
                await asyncio.gather(*in_flight, return_exceptions=True)

    def _due(
        self, name: str, lease: Lease, in_flight: dict[asyncio.Task[None], str]
    ) -> list[Delivery] | None:
        free = _SLOTS - len(in_flight)
        busy = list(in_flight.values())
        return self._store.due_deliveries(lease, name, free, busy) if free else []

    async def _deliver(self, client: httpx.AsyncClient, target: Target, delivery: Delivery) -> None:
        limit = self._retrying.attempt_seconds
        outcome = await send(client, target, delivery, self._now(), limit)
        if outcome.error is None:
            self._store.note_delivered(delivery)
            return
        made = delivery.attempts + 1
        wait = self._retrying.wait_seconds(made, outcome.asked_seconds, self._chance())
        self._store.note_failed(delivery, outcome.error, wait)
        log.warning(
            "delivery %d to %s failed (attempt %d, %s): %s",
            delivery.id,
            target.name,
            made,
            "the last" if wait is None else f"next in {wait:.0f} s",
            outcome.error,
        )

    def _client(self) -> httpx.AsyncClient:
        # Nothing from the environment: its proxies and passwords are not meant for receivers.
        return httpx.AsyncClient(
            verify=self._trusted,
            trust_env=False,
            timeout=self._retrying.attempt_seconds,
            follow_redirects=False,
        )

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        """Made once: reading the certificates takes longer than most deliveries."""
        return httpx.create_ssl_context(trust_env=False)


async def _settle_some(in_flight: dict[asyncio.Task[None], str]) -> None:
    """Wait a moment, or until some are settled; raises what went wrong with the store."""
    done, _ = await asyncio.wait(
        in_flight, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED
    )
    for task in done:
        del in_flight[task]
    for task in done:
        task.result()
