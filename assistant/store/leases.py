"""One worker at a time, across processes and machines, through the database alone.

Whoever works holds a row with a random id and lets it beat. Nobody trusts a clock that can be set
or that differs from machine to machine: a lease counts as dead when one who looks has seen the same
id and beat for `lease_seconds` of his own monotonic time, or at once where he can tell that the
holder's process is gone (`assistant.store.processes`). What a holder does at the end he does in
a transaction that first finds his lease still there (`_is_held`), so that one who was only slow
changes nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.store.base import Clock, StoreBase, utc_now
from assistant.store.database import Database
from assistant.store.processes import is_certainly_gone, new_lease_id
from assistant.store.tables import leases

LEASE_SECONDS = 3.0
"""How long a lease may stand still before another takes it."""
BEAT_SECONDS = 0.7
"""How often whoever holds leases must let them beat."""

_MOST_SEEN = 1000


@dataclass(frozen=True)
class Lease:
    """The right to do what it is named after."""

    name: str
    lease_id: str


class Leases(StoreBase):
    """Taking, holding and giving back."""

    def __init__(
        self,
        database: Database,
        now: Clock = utc_now,
        *,
        lease_seconds: float = LEASE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(database, now)
        self._lease_seconds = lease_seconds
        self._monotonic = monotonic
        self._held: set[str] = set()
        self._seen: dict[str, tuple[str, int, float]] = {}
        self._lease_lock = threading.Lock()

    def take_lease(self, name: str) -> Lease | None:
        """The lease of that name, or None while another holds it."""
        try:
            with self._database.writing() as connection:
                lease = self._take(connection, name)
        except IntegrityError:  # another was there between our look and our insert
            return None
        if lease is not None:
            self._hold(lease)
        return lease

    def is_free(self, name: str) -> bool:
        """Whether it is worth trying to take a lease; asking costs no transaction that writes."""
        with self._database.reading() as connection:
            row = connection.execute(select(leases).where(leases.c.name == name)).first()
        return row is None or self._is_dead(row)

    def give_back_lease(self, lease: Lease) -> None:
        """Let others have it at once; no harm when it is no longer ours. Where the database does
        not answer they have it soon: it beats no longer."""
        self._forget(lease)
        with self._database.writing() as connection:
            self._drop(connection, lease)

    def let_leases_beat(self) -> None:
        """Show that this process still works on what it holds."""
        with self._lease_lock:
            held = list(self._held)
        if not held:
            return
        # One that is locked is at the end of its work: nobody has to be shown that it goes on, and
        # waiting for one row with another in hand could end in a deadlock.
        mine = select(leases.c.lease_id).where(leases.c.lease_id.in_(held))
        with self._database.writing() as connection:
            free = list(connection.execute(mine.with_for_update(skip_locked=True)).scalars())
            connection.execute(
                update(leases).where(leases.c.lease_id.in_(free)).values(beat=leases.c.beat + 1)
            )

    def _take(self, connection: Connection, name: str) -> Lease | None:
        """The lease, in the caller's transaction; he calls `_hold` once that is committed, and not
        before: a lease that beats without anybody who knows of it would block for ever."""
        query = select(leases).where(leases.c.name == name).with_for_update()
        row = connection.execute(query).first()
        mine = Lease(name, new_lease_id())
        if row is None:
            connection.execute(insert(leases).values(name=name, lease_id=mine.lease_id, beat=0))
        elif not self._is_dead(row):
            return None
        else:
            same = (leases.c.lease_id == row.lease_id) & (leases.c.beat == row.beat)
            changed = connection.execute(
                update(leases).where(same).values(lease_id=mine.lease_id, beat=0)
            )
            if changed.rowcount != 1:
                return None
        return mine

    def _hold(self, lease: Lease) -> None:
        """Let it beat from now on."""
        with self._lease_lock:
            self._held.add(lease.lease_id)
            self._seen.pop(lease.name, None)

    def _is_dead(self, row: Row[Any]) -> bool:
        now = self._monotonic()
        with self._lease_lock:
            if row.lease_id in self._held:
                return False
            if is_certainly_gone(row.lease_id):
                return True
            lease_id, beat, since = self._seen.get(row.name, ("", -1, now))
            if (lease_id, beat) != (row.lease_id, row.beat):
                self._forget_seen(now)
                self._seen[row.name] = (row.lease_id, row.beat, now)
                return False
            return now - since >= self._lease_seconds

    def _forget_seen(self, now: float) -> None:
        """What nobody has asked about for long was given back long ago."""
        if len(self._seen) > _MOST_SEEN:
            old = now - 10 * self._lease_seconds
            self._seen = {name: seen for name, seen in self._seen.items() if seen[2] > old}

    @staticmethod
    def _is_held(connection: Connection, lease: Lease) -> bool:
        """Whether a lease is still ours, in a transaction during which it stays so."""
        query = select(leases.c.name).where(leases.c.lease_id == lease.lease_id).with_for_update()
        return connection.execute(query).first() is not None

    def _drop(self, connection: Connection, lease: Lease) -> None:
        self._forget(lease)
        connection.execute(delete(leases).where(leases.c.lease_id == lease.lease_id))

    def _forget(self, lease: Lease) -> None:
        """Let it beat no longer, so that others may have it soon whatever the database says."""
        with self._lease_lock:
            self._held.discard(lease.lease_id)
