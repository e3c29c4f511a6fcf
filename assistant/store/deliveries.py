"""The outbox: what is to be delivered to whom, written from the book of events.

Putting an event into it and moving the target's cursor past it is one transaction under the lock of
the target's row, so each event is in it once for each target, though the process dies anywhere and
however many do it. A delivery keeps its number and its very text over all attempts.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from assistant.domain import AuthorKind
from assistant.errors import ConflictError, NotFoundError
from assistant.store.database import hold_events
from assistant.store.events import Event, Events, read_events
from assistant.store.leases import Lease, Leases
from assistant.store.tables import deliveries, dialogs, events, leases, webhooks
from assistant.store.webhooks import CHANNEL, Webhooks, webhook_row

KEPT_SECONDS = 3 * 24 * 3600
"""How long what was delivered is kept."""
LONGEST_WAIT_SECONDS = 3600
"""No attempt is put off for longer: one that seems to be was planned before the clock was set
back."""
_EVENTS_AT_A_TIME = 200
_ERROR_CHARACTERS = 200


class DeliveryState(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True)
class Delivery:
    """Something to be sent."""

    id: int
    """The same at every attempt, and never given again."""
    target: str
    dialog_id: str
    type: str
    body: str
    attempts: int
    """How many were made."""


class Deliveries(Leases, Webhooks, Events):
    """Writing the outbox and working through it."""

    def targets_behind(self) -> list[str]:
        """Targets that have not been told of the newest events."""
        newest = select(func.max(events.c.id)).scalar_subquery()
        query = select(webhooks.c.webhook_id).where(webhooks.c.cursor < newest)
        with self._database.reading() as connection:
            return list(connection.execute(query.order_by(webhooks.c.webhook_id)).scalars())

    def enqueue_next(self, target: str, limit: int = _EVENTS_AT_A_TIME) -> int:
        """Put the next events of the book into the outbox of a target; returns how many were looked
        at, 0 when it knows all or is no more."""
        with self._database.writing() as connection:
            row = webhook_row(connection, target, lock=True)
            # Nobody deletes a customer between our reading of his events and our writing of them.
            hold_events(connection)
            found = read_events(connection, row.cursor, limit) if row else []
            if row is None or not found:
                return 0
            wanted = _wanted(connection, row, found)
            if wanted:
                connection.execute(
                    insert(deliveries), [self._new(target, *each) for each in wanted]
                )
            connection.execute(
                update(webhooks).where(webhooks.c.webhook_id == target).values(cursor=found[-1].id)
            )
            return len(found)

    def _new(self, target: str, event: Event, document: dict[str, Any]) -> dict[str, Any]:
        stamp = self._stamp()
        return {
            "target": target,
            "event_id": event.id,
            "dialog_id": event.dialog_id,
            "type": event.type,
            "body": json.dumps(document, ensure_ascii=False, separators=(",", ":")),
            "state": DeliveryState.PENDING,
            "next_attempt_at": stamp,
            "created_at": stamp,
        }

    def targets_due(self) -> list[str]:
        """Targets to which something is to be sent now."""
        query = select(deliveries.c.target).where(self._is_due()).distinct()
        with self._database.reading() as connection:
            return sorted(connection.execute(query).scalars())

    def due_deliveries(
        self, lease: Lease, target: str, limit: int, without_dialogs: Collection[str] = ()
    ) -> list[Delivery] | None:
        """What to send to a target now, oldest first: of each dialog only the first that is not
        settled. None when the lease is another's by now."""
        # Grouped, as "none before it" row by row takes PostgreSQL seconds over a long queue.
        pending = (deliveries.c.target == target) & (deliveries.c.state == DeliveryState.PENDING)
        firsts = (
            select(func.min(deliveries.c.id).label("id"))
            .where(pending, deliveries.c.dialog_id.not_in(without_dialogs))
            .group_by(deliveries.c.dialog_id)
            .subquery()
        )
        query = (
            select(deliveries)
            .join(firsts, firsts.c.id == deliveries.c.id)
            .where(self._is_due())
            .order_by(deliveries.c.id)
            .limit(limit)
        )
        ours = select(leases.c.name).where(leases.c.lease_id == lease.lease_id)
        with self._database.reading() as connection:
            if connection.execute(ours).first() is None:
                return None
            return [_delivery(row) for row in connection.execute(query)]

    def _is_due(self) -> ColumnElement[bool]:
        planned = deliveries.c.next_attempt_at
        return (deliveries.c.state == DeliveryState.PENDING) & or_(
            deliveries.c.attempts == 0,
            planned <= self._stamp(),
            planned > self._stamp(LONGEST_WAIT_SECONDS),
        )

    def note_delivered(self, delivery: Delivery) -> None:
        """The target has it."""
        self._note(
            delivery,
            state=DeliveryState.DELIVERED,
            delivered_at=self._stamp(),
            last_error=None,
        )

    def note_failed(self, delivery: Delivery, error: str, wait_seconds: float | None) -> None:
        """An attempt failed; the next is made after `wait_seconds`, None: no more."""
        wait = LONGEST_WAIT_SECONDS if wait_seconds is None else wait_seconds
        self._note(
            delivery,
            state=DeliveryState.DEAD if wait_seconds is None else DeliveryState.PENDING,
            next_attempt_at=self._stamp(min(wait, LONGEST_WAIT_SECONDS)),
            last_error=error[:_ERROR_CHARACTERS],
        )

    def _note(self, delivery: Delivery, **values: Any) -> None:
        """Unless another, who had it too, was faster."""
        unchanged = (
            (deliveries.c.id == delivery.id)
            & (deliveries.c.state == DeliveryState.PENDING)
            & (deliveries.c.attempts == delivery.attempts)
        )
        with self._database.writing() as connection:
            connection.execute(
                update(deliveries)
                .where(unchanged)
                .values(attempts=deliveries.c.attempts + 1, **values)
            )

    def delivery_list(
        self, state: DeliveryState | None, target: str | None, after: int, limit: int
    ) -> list[dict[str, Any]]:
        """Deliveries above a number, oldest first, as the API shows them."""
        query = select(deliveries).where(deliveries.c.id > after)
        if state is not None:
            query = query.where(deliveries.c.state == state)
        if target is not None:
            query = query.where(deliveries.c.target == target)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(deliveries.c.id).limit(limit))
            return [_view(row) for row in rows]

    def delivery_counts(self) -> dict[str, int]:
        """How many are pending and how many dead."""
        unsettled = (DeliveryState.PENDING, DeliveryState.DEAD)
        query = (
            select(deliveries.c.state, func.count())
            .where(deliveries.c.state.in_(unsettled))
            .group_by(deliveries.c.state)
        )
        with self._database.reading() as connection:
            counted = {row[0]: int(row[1]) for row in connection.execute(query)}
        return {state.value: counted.get(state, 0) for state in unsettled}

    def replay_delivery(self, number: int) -> dict[str, Any]:
        """Send a dead delivery again, with its old number.

        Raises NotFoundError, and ConflictError for one that was delivered or is to be sent anyway.
        """
        with self._database.writing() as connection:
            is_replayed = self._replay(connection, deliveries.c.id == number) == 1
            row = connection.execute(select(deliveries).where(deliveries.c.id == number)).first()
        if row is None:
            raise NotFoundError(f"there is no delivery {number}")
        if row.state == DeliveryState.DELIVERED:
            raise ConflictError(f"delivery {number} has been delivered")
        if not is_replayed:
            raise ConflictError(f"delivery {number} is not dead: it is still tried by itself")
        return _view(row)

    def replay_dead(self, target: str | None) -> int:
        """Send all dead deliveries again, or those of one target; returns how many."""
        with self._database.writing() as connection:
            whose = deliveries.c.target == target if target is not None else deliveries.c.id > 0
            return self._replay(connection, whose)

    def _replay(self, connection: Connection, which: ColumnElement[bool]) -> int:
        changed = connection.execute(
            update(deliveries)
            .where(which, deliveries.c.state == DeliveryState.DEAD)
            .values(state=DeliveryState.PENDING, attempts=0, next_attempt_at=self._stamp())
        )
        return changed.rowcount

    def purge_deliveries(self) -> int:
        """Delete what was delivered long ago; returns how many."""
        old = deliveries.c.delivered_at < self._stamp(-KEPT_SECONDS)
        with self._database.writing() as connection:
            done = delete(deliveries).where(deliveries.c.state == DeliveryState.DELIVERED, old)
            return connection.execute(done).rowcount


def _wanted(
    connection: Connection, row: Row[Any], found: Sequence[Event]
) -> list[tuple[Event, dict[str, Any]]]:
    """The events that a target is to get, each with the document to send."""
    if row.webhook_id.startswith(CHANNEL):
        return _said_in_channel(connection, row.webhook_id.removeprefix(CHANNEL), found)
    types = row.event_types
    return [(event, event.document()) for event in found if not types or event.type in types]


def _said_in_channel(
    connection: Connection, channel: str, found: Sequence[Event]
) -> list[tuple[Event, dict[str, Any]]]:
    """What the bot or a person said to customers of a channel, with whom it is said to."""
    said = [event for event in found if _is_said_to_customer(event)]
    query = select(dialogs).where(
        dialogs.c.dialog_id.in_({event.dialog_id for event in said}), dialogs.c.channel == channel
    )
    theirs = {line.dialog_id: line for line in connection.execute(query)} if said else {}
    return [
        (event, event.document() | {"channel": channel, "customer": _whom(theirs[event.dialog_id])})
        for event in said
        if event.dialog_id in theirs
    ]


def _is_said_to_customer(event: Event) -> bool:
    message = event.data.get("message")
    return message is not None and message["author"]["kind"] != AuthorKind.CUSTOMER


def _whom(row: Row[Any]) -> dict[str, str | None]:
    return {"id": row.customer_id, "anonymous_id": row.anonymous_id}


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(row.id, row.target, row.dialog_id, row.type, row.body, row.attempts)


def _view(row: Row[Any]) -> dict[str, Any]:
    """A delivery without what it says, which is a customer's."""
    return {
        "id": row.id,
        "target": row.target,
        "event_id": row.event_id,
        "dialog_id": row.dialog_id,
        "type": row.type,
        "state": row.state,
        "attempts": row.attempts,
        "next_attempt_at": row.next_attempt_at if row.state == DeliveryState.PENDING else None,
        "last_error": row.last_error,
        "created_at": row.created_at,
        "delivered_at": row.delivered_at,
    }
