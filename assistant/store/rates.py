"""Counting what is limited, where several processes share the limits."""

from __future__ import annotations

from sqlalchemy import case, delete, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite

from assistant.store.base import StoreBase
from assistant.store.tables import rates

_FUTURE_SECONDS = 5
"""By so much the clocks of two machines may differ."""


class Rates(StoreBase):
    """Counters that start anew when their window ends."""

    def count_rate(self, name: str, window_seconds: int, amount: int) -> int:
        """Add to a counter; returns what it stands at. One whose window is over, or ends later than
        any window can (the clock was set back), begins anew."""
        now = self._now().timestamp()
        latest = now + window_seconds + _FUTURE_SECONDS
        over = or_(rates.c.expires_at <= now, rates.c.expires_at > latest)
        fresh = {"count": amount, "expires_at": now + window_seconds}
        with self._database.writing() as connection:
            if connection.dialect.name == "postgresql":
                # Lost in a crash it only lets a few more through, and everybody waits for it.
                connection.execute(text("set local synchronous_commit = off"))
                statement = postgresql.insert(rates)
            else:
                statement = sqlite.insert(rates)  # type: ignore[assignment] # of the same shape
            statement = statement.values(name=name, **fresh)
            changed = statement.on_conflict_do_update(
                index_elements=["name"],
                set_={
                    "count": case((over, amount), else_=rates.c.count + amount),
                    "expires_at": case((over, fresh["expires_at"]), else_=rates.c.expires_at),
                },
            ).returning(rates.c.count)
            return int(connection.execute(changed).scalar_one())

    def rate_of(self, name: str) -> tuple[int, float]:
        """What a counter stands at, and when it starts anew, in seconds since 1970."""
        query = select(rates.c.count.label("stands_at"), rates.c.expires_at)
        with self._database.reading() as connection:
            row = connection.execute(query.where(rates.c.name == name)).first()
        now = self._now().timestamp()
        if row is None or row.expires_at <= now:
            return 0, now
        return int(row.stands_at), float(row.expires_at)

    def forget_rate(self, name: str) -> None:
        """Start a counter anew."""
        with self._database.writing() as connection:
            connection.execute(delete(rates).where(rates.c.name == name))

    def forget_old_rates(self) -> int:
        """Delete counters whose window is over; returns how many."""
        with self._database.writing() as connection:
            old = rates.c.expires_at < self._now().timestamp()
            return connection.execute(delete(rates).where(old)).rowcount
