"""Carries what happened from the book of events into the outbox of each target."""

from __future__ import annotations

import logging

from assistant.errors import ConflictError
from assistant.outbox.targets import Targets
from assistant.store.deliveries import Deliveries

log = logging.getLogger(__name__)


class Relay:
    """In each process one; the store lets them write one after the other."""

    def __init__(self, store: Deliveries, targets: Targets) -> None:
        self._store = store
        self._targets = targets

    def look(self) -> int:
        """Bring every target up to date; returns how many events were looked at."""
        if self._targets.channel_urls:
            self._keep_channels()
        looked_at = 0
        for name in self._store.targets_behind():
            if self._targets.is_known(name):
                while count := self._store.enqueue_next(name):
                    looked_at += count
        return looked_at

    def _keep_channels(self) -> None:
        try:
            self._store.keep_channels(self._targets.channel_urls)
        except ConflictError as error:  # another process starts beside us; we look again
            log.info("%s", error)
