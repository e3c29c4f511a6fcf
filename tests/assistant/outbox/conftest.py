"""An outbox at work: a relay and couriers over a real store, quick to try again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from assistant.outbox.couriers import Couriers
from assistant.outbox.relay import Relay
from assistant.outbox.retrying import Retrying
from assistant.outbox.targets import Targets
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore

QUICK = Retrying(attempts=4, first_seconds=0.05, longest_seconds=0.2, attempt_seconds=1.0)
"""What takes hours in earnest."""
CHANNEL_SECRET = "a-secret-of-the-channels"


@dataclass
class Outbox:
    """What one serving process has."""

    store: DialogStore
    relay: Relay
    couriers: Couriers

    def work_until(self, is_over: Callable[[], bool], seconds: float = 30) -> None:
        """As the rounds of a process do."""
        until = time.monotonic() + seconds
        while not is_over():
            if time.monotonic() > until:
                raise TimeoutError(str(self.rows()))
            self.relay.look()
            self.couriers.look()
            time.sleep(0.02)

    def work(self) -> None:
        """Until everything is settled."""
        self.work_until(lambda: not self.store.targets_behind() and not self.count("pending"))

    def rows(self) -> list[dict[str, Any]]:
        """All deliveries."""
        return self.store.delivery_list(None, None, 0, 10_000)

    def count(self, state: str) -> int:
        """Deliveries in a state."""
        return len([row for row in self.rows() if row["state"] == state])


@pytest.fixture
def start_outbox(database_url: str) -> Iterator[Callable[..., Outbox]]:
    """Starts outboxes over one database, as several processes have them, and ends them."""
    running: list[Outbox] = []

    def start(retrying: Retrying = QUICK, **channels: str) -> Outbox:
        store = DialogStore(Database(database_url), lease_seconds=0.5)
        targets = Targets(store, channels, CHANNEL_SECRET)
        outbox = Outbox(store, Relay(store, targets), Couriers(store, targets, retrying))
        outbox.relay.look()
        running.append(outbox)
        return outbox

    yield start
    for outbox in running:
        outbox.couriers.stop()


@pytest.fixture
def outbox(start_outbox: Callable[..., Outbox]) -> Outbox:
    """One process's outbox."""
    return start_outbox()
