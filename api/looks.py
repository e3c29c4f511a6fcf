"""Which looks at dialogs were written down lately, so that a page that refreshes is one look."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from assistant.store.audit import Doing

READ_AGAIN_SECONDS = 300.0
"""A look at the same dialog within so long is the same look; per process."""
_REMEMBERED = 10_000


class Looks:
    """Who looked at what within the last minutes, in this process."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._seen: dict[tuple[str | None, ...], float] = {}

    def is_new(self, doing: Doing) -> bool:
        """Whether it has to be written down."""
        with self._lock:
            seen = self._seen.get(_key(doing))
        return seen is None or self._monotonic() - seen >= READ_AGAIN_SECONDS

    def remember(self, doing: Doing) -> None:
        """It was written down."""
        now = self._monotonic()
        with self._lock:
            self._seen.pop(_key(doing), None)
            self._seen[_key(doing)] = now
            while len(self._seen) > _REMEMBERED:  # the longest ago
                del self._seen[next(iter(self._seen))]


def _key(doing: Doing) -> tuple[str | None, ...]:
    details = tuple(str(value) for value in doing.details.values())
    who = (doing.caller, doing.operator_id, doing.action)
    return (*who, doing.dialog_id, doing.customer_id, *details)
