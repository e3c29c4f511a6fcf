"""Deletes what is old, batch by batch, so that nobody waits long for the database."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from assistant.store.dialogs import DialogStore

log = logging.getLogger(__name__)

ROUND_SECONDS = 3600.0
PAUSE_SECONDS = 0.1
"""Between two batches, for those who wait to write."""


class Retention:
    """One process at a time does it."""

    def __init__(
        self, store: DialogStore, days: int, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._store = store
        self._days = days
        self._sleep = sleep

    def clean(self) -> int:
        """Delete all that is older than the days settled on; returns how many rows, a dialog with
        all of its own counted as one. With 0 days nothing is ever old."""
        lease = self._store.take_lease("retention")
        if lease is None:
            return 0
        try:
            total = self._delete_old() if self._days else 0
            # Also what was deleted on request while somebody was reading.
            self._store.forget_deleted()
            return total
        finally:
            self._store.give_back_lease(lease)

    def _delete_old(self) -> int:
        total = 0
        while gone := self._store.delete_old(self._days):
            total += gone
            self._sleep(PAUSE_SECONDS)
        if total:
            log.info("%d dialogs and lines older than %d days were deleted", total, self._days)
        return total
