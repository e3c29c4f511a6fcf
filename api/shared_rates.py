"""Rates that several server processes share, kept in the dialogs' database: a storage for the
library `limits`, which has none of its own for SQL."""

from __future__ import annotations

from limits.storage import Storage

from assistant.errors import StoreError
from assistant.store.rates import Rates


class DatabaseStorage(Storage):
    """Counts in the database; as good as in memory, but the same for all replicas."""

    STORAGE_SCHEME = None

    def __init__(self, rates: Rates) -> None:
        super().__init__()
        self._rates = rates

    @property
    def base_exceptions(self) -> type[Exception]:
        """What it may raise."""
        return StoreError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a counter whose window lasts `expiry` seconds."""
        return self._rates.count_rate(key, expiry, amount)

    def get(self, key: str) -> int:
        """What a counter stands at."""
        return self._rates.rate_of(key)[0]

    def get_expiry(self, key: str) -> float:
        """When a counter starts anew, in seconds since 1970."""
        return self._rates.rate_of(key)[1]

    def check(self) -> bool:
        """Whether it can be asked."""
        self._rates.rate_of("check")
        return True

    def reset(self) -> int | None:
        """Forget what is over; counters that run are other processes' too."""
        return self._rates.forget_old_rates()

    def clear(self, key: str) -> None:
        """Start a counter anew."""
        self._rates.forget_rate(key)
