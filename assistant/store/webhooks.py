"""Webhooks: other servers that are told what happens, with the secrets that sign what they get.

A channel (`channel:NAME`, named by the settings) has a row here too, for its place in the book of
events; its secret is a setting and not kept.
"""

from __future__ import annotations

import secrets as randomness
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.errors import ConflictError, NotFoundError
from assistant.store.base import StoreBase
from assistant.store.events import newest_number
from assistant.store.tables import deliveries, webhooks

CHANNEL = "channel:"
"""What the ids of channels begin with."""
OVERLAP_SECONDS = 24 * 3600
"""How long a secret is good after it was replaced."""


@dataclass(frozen=True)
class Target:
    """Where deliveries go."""

    name: str
    url: str
    secrets: tuple[str, ...]
    """Those that are valid now, newest first."""


@dataclass(frozen=True)
class Issued:
    """A webhook and the secret that was just made for it; None where none was."""

    view: dict[str, Any]
    secret: str | None


class Webhooks(StoreBase):
    """Whom to tell."""

    def put_webhook(self, webhook_id: str, url: str, event_types: Sequence[str]) -> Issued:
        """Make a webhook, which is told what happens from now on, or change it: it keeps its
        secret and its place in the book of events. No types named: all."""
        values = {"url": url, "event_types": list(event_types)}
        try:
            with self._database.writing() as connection:
                known = webhook_row(connection, webhook_id)
                secret = None if known else _new_secret()
                if secret:
                    self._insert(connection, webhook_id, _first(secret), **values)
                else:
                    query = update(webhooks).where(webhooks.c.webhook_id == webhook_id)
                    connection.execute(query.values(**values))
                return Issued(_view(_existing(connection, webhook_id), self._stamp()), secret)
        except IntegrityError as error:
            raise ConflictError("the webhook was made by another at the same moment") from error

    def rotate_secret(self, webhook_id: str) -> Issued:
        """Make a new secret; those before it stay valid for `OVERLAP_SECONDS` at most."""
        until = self._stamp(OVERLAP_SECONDS)
        with self._database.writing() as connection:
            row = _existing(connection, webhook_id)
            if row.webhook_id.startswith(CHANNEL):
                raise ConflictError(
                    "the secret of channels is the setting SOUFFLEUR_CHANNEL_SECRET"
                )
            secret = _new_secret()
            still_valid = [
                {"secret": old["secret"], "until": old["until"] or until}
                for old in _valid(row, self._stamp())
            ]
            connection.execute(
                update(webhooks)
                .where(webhooks.c.webhook_id == webhook_id)
                .values(secrets=[*_first(secret), *still_valid])
            )
            return Issued(_view(_existing(connection, webhook_id), self._stamp()), secret)

    def delete_webhook(self, webhook_id: str) -> None:
        """Forget a webhook with all that was to be delivered to it."""
        with self._database.writing() as connection:
            row = _existing(connection, webhook_id)
            connection.execute(delete(deliveries).where(deliveries.c.target == row.webhook_id))
            connection.execute(delete(webhooks).where(webhooks.c.webhook_id == row.webhook_id))

    def webhooks(self) -> list[dict[str, Any]]:
        """All of them, channels too, as the API shows them."""
        with self._database.reading() as connection:
            rows = connection.execute(select(webhooks).order_by(webhooks.c.webhook_id))
            return [_view(row, self._stamp()) for row in rows]

    def keep_channels(self, urls: Mapping[str, str]) -> None:
        """Have a row for each channel, by name; a new one is told what is said from now on."""
        with self._database.reading() as connection:
            query = select(webhooks.c.webhook_id, webhooks.c.url)
            known = {row.webhook_id: row.url for row in connection.execute(query)}
        for name, url in urls.items():
            if known.get(CHANNEL + name) != url:
                self._keep_channel(CHANNEL + name, url)

    def target(self, name: str) -> Target | None:
        """Where deliveries of that name go; None once it is deleted."""
        with self._database.reading() as connection:
            row = webhook_row(connection, name)
        if row is None:
            return None
        valid = _valid(row, self._stamp())
        return Target(name, row.url, tuple(known["secret"] for known in valid))

    def _keep_channel(self, webhook_id: str, url: str) -> None:
        try:
            with self._database.writing() as connection:
                same = webhooks.c.webhook_id == webhook_id
                changed = connection.execute(update(webhooks).where(same).values(url=url))
                if changed.rowcount == 0:
                    self._insert(connection, webhook_id, [], url=url, event_types=[])
        except IntegrityError as error:
            raise ConflictError("another process made the channel at this moment") from error

    def _insert(
        self, connection: Connection, webhook_id: str, secrets: list[dict[str, Any]], **values: Any
    ) -> None:
        connection.execute(
            insert(webhooks).values(
                webhook_id=webhook_id,
                secrets=secrets,
                cursor=newest_number(connection),
                created_at=self._stamp(),
                **values,
            )
        )


def webhook_row(connection: Connection, webhook_id: str, *, lock: bool = False) -> Row[Any] | None:
    """The row of a webhook, if there is one; `lock`: to oneself until the transaction ends."""
    query = select(webhooks).where(webhooks.c.webhook_id == webhook_id)
    return connection.execute(query.with_for_update() if lock else query).first()


def _existing(connection: Connection, webhook_id: str) -> Row[Any]:
    row = webhook_row(connection, webhook_id, lock=True)
    if row is None:
        raise NotFoundError(f"there is no webhook {webhook_id!r}")
    return row


def _new_secret() -> str:
    return f"whsec_{randomness.token_hex(32)}"


def _first(secret: str) -> list[dict[str, Any]]:
    return [{"secret": secret, "until": None}]


def _valid(row: Row[Any], now: str) -> list[dict[str, Any]]:
    return [known for known in row.secrets if known["until"] is None or known["until"] > now]


def _view(row: Row[Any], now: str) -> dict[str, Any]:
    """A webhook without its secrets."""
    return {
        "id": row.webhook_id,
        "url": row.url,
        "event_types": row.event_types,
        "created_at": row.created_at,
        "told_up_to": row.cursor,
        "old_secrets_until": [known["until"] for known in _valid(row, now) if known["until"]],
    }
