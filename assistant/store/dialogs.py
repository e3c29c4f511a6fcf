"""Dialogs and their messages: what was said, who owns the dialog, what was answered.

Nothing accepted is lost: a message is committed before any work on it. Nothing is done twice: a
message id is unique in its dialog, and a retry of it gets the reply that is stored with it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets as randomness
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.domain import (
    Action,
    AuthorKind,
    Customer,
    Dialog,
    HandoffReason,
    IncomingMessage,
    Owner,
    Turn,
)
from assistant.errors import (
    ConflictError,
    DialogTakenError,
    MessageIdReusedError,
    NotFoundError,
    NotYoursError,
)
from assistant.store.database import Database
from assistant.store.tables import dialogs, events, first_messages, messages, operators, secrets

CLAIM_SECONDS = 20
"""How long a worker may take over a message before another may: longer than any reply takes."""
OPERATOR_SEEN_SECONDS = 60
_WAITS_AVERAGED = 20

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Received:
    """A customer's message as the store holds it."""

    dialog: Dialog
    message_id: str
    row: int
    """Number of the message in the store; grows with time."""
    is_new_dialog: bool
    reply: dict[str, Any] | None
    """What was answered, when this is a retry of a message that was."""
    is_ours: bool
    """Whether this call is the one that must answer it."""


class DialogStore:
    """All that is known of dialogs, in one database."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now
        self._token_key = self._secret("dialog_token").encode()

    # --- messages of customers ---------------------------------------------------------------

    def receive(self, incoming: IncomingMessage, text: str, locale: str) -> Received:
        """Commit a customer's message, opening its dialog if need be, and claim it for answering.

        Raises MessageIdReusedError when its id came before with another text.
        """
        for _attempt in range(3):
            try:
                return self._receive(incoming, text, locale)
            except IntegrityError:  # somebody stored the same id between our look and our insert
                continue
        raise ConflictError("the message could not be stored beside others of the same id")

    def _receive(self, incoming: IncomingMessage, text: str, locale: str) -> Received:
        with self._database.writing() as connection:
            dialog_id = incoming.dialog_id or self._reopened_by_retry(connection, incoming, text)
            row = _dialog_row(connection, dialog_id) if dialog_id else None
            is_new = row is None
            if row is None:
                dialog_id = dialog_id or f"d-{randomness.token_hex(12)}"
                row = self._open(connection, dialog_id, incoming, text, locale)
            message_id = incoming.message_id or f"m-{randomness.token_hex(8)}"
            known = _message_row(connection, row.dialog_id, message_id)
            if known is not None:
                first = not incoming.dialog_id
                return self._again(connection, row, known, text, is_new_dialog=first)
            number = self._insert_customer_message(connection, row, message_id, text)
            if row.owner == Owner.CLOSED:
                self._reopen(connection, row.dialog_id, number)
            self._event(connection, row.dialog_id, "message.created", {"author": "customer"})
            row = _dialog_row(connection, row.dialog_id)
            assert row is not None  # noqa: S101 - it was just written
            return Received(_dialog(row), message_id, number, is_new, None, is_ours=True)

    def _again(
        self, connection: Connection, row: Row[Any], known: Row[Any], text: str, is_new_dialog: bool
    ) -> Received:
        if known.author_kind != AuthorKind.CUSTOMER or known.text != text:
            raise MessageIdReusedError(
                f"message_id {known.message_id!r} was used for another text in this dialog"
            )
        ours = known.reply is None and (known.claimed_until or "") < self._stamp()
        if ours:
            self._claim(connection, known.id)
        return Received(
            _dialog(row), known.message_id, known.id, is_new_dialog, known.reply, is_ours=ours
        )

    def _reopened_by_retry(
        self, connection: Connection, incoming: IncomingMessage, text: str
    ) -> str | None:
        if not incoming.message_id:
            return None
        query = select(first_messages.c.dialog_id).where(
            first_messages.c.scope == _first_scope(incoming, text)
        )
        found: str | None = connection.execute(query).scalar()
        return found

    def _open(
        self,
        connection: Connection,
        dialog_id: str,
        incoming: IncomingMessage,
        text: str,
        locale: str,
    ) -> Row[Any]:
        connection.execute(
            insert(dialogs).values(
                dialog_id=dialog_id,
                owner=Owner.BOT,
                channel=incoming.channel,
                locale=locale,
                customer=asdict(incoming.customer),
                caller=incoming.caller,
                created_at=self._stamp(),
                updated_at=self._stamp(),
            )
        )
        if incoming.message_id and not incoming.dialog_id:
            connection.execute(
                insert(first_messages).values(
                    scope=_first_scope(incoming, text),
                    dialog_id=dialog_id,
                    created_at=self._stamp(),
                )
            )
        row = _dialog_row(connection, dialog_id)
        assert row is not None  # noqa: S101 - it was just written
        return row

    def _insert_customer_message(
        self, connection: Connection, row: Row[Any], message_id: str, text: str
    ) -> int:
        result = connection.execute(
            insert(messages).values(
                dialog_id=row.dialog_id,
                message_id=message_id,
                author_kind=AuthorKind.CUSTOMER,
                author_name=(row.customer or {}).get("name"),
                text=text,
                created_at=self._stamp(),
                claimed_until=self._stamp(CLAIM_SECONDS),
            )
        )
        number: int = result.inserted_primary_key[0]
        return number

    def _claim(self, connection: Connection, row: int) -> None:
        connection.execute(
            update(messages)
            .where(messages.c.id == row)
            .values(claimed_until=self._stamp(CLAIM_SECONDS))
        )

    def stored_reply(self, row: int) -> dict[str, Any] | None:
        """What was answered to a message, once it was."""
        with self._database.reading() as connection:
            reply: dict[str, Any] | None = connection.execute(
                select(messages.c.reply).where(messages.c.id == row)
            ).scalar()
            return reply

    def history(self, dialog_id: str, before: int) -> list[Turn]:
        """What was said in this dialog before a message, oldest first; after a dialog was closed
        and opened again only what came since."""
        query = (
            select(messages)
            .join(dialogs, dialogs.c.dialog_id == messages.c.dialog_id)
            .where(
                messages.c.dialog_id == dialog_id,
                messages.c.id < before,
                messages.c.id >= dialogs.c.context_from,
            )
            .order_by(messages.c.id)
        )
        with self._database.reading() as connection:
            return [_turn(row) for row in connection.execute(query)]

    # --- answers -----------------------------------------------------------------------------

    def post_reply(
        self,
        received: Received,
        reply: dict[str, Any],
        *,
        new_owner: Owner,
        handoff: dict[str, Any] | None,
        silent_reply: dict[str, Any],
    ) -> dict[str, Any]:
        """Store what the bot answers and move the dialog, in one transaction; returns what was
        stored. When a person took the dialog meanwhile, or another worker answered first, that
        stands: the bot says nothing (`silent_reply`), or what the other said."""
        with self._database.writing() as connection:
            known = connection.execute(
                select(messages.c.reply).where(messages.c.id == received.row)
            ).scalar()
            if known is not None:
                answered: dict[str, Any] = known
                return answered
            row = _dialog_row(connection, received.dialog.dialog_id)
            assert row is not None  # noqa: S101 - dialogs are never deleted while answered
            if row.owner == Owner.HUMAN:
                reply, new_owner, handoff = silent_reply, Owner.HUMAN, None
            if reply["reply"] is not None:
                self._insert_bot_message(connection, row.dialog_id, reply)
            connection.execute(
                update(messages)
                .where(messages.c.id == received.row)
                .values(reply=reply, claimed_until=None, details={"intent": reply["intent"]})
            )
            self._move(connection, row, new_owner, handoff)
            return reply

    def post_handoff(
        self, dialog_id: str, reply: dict[str, Any], handoff: dict[str, Any] | None
    ) -> dict[str, Any]:
        """Store a handoff that no message asked for; a person who took the dialog meanwhile has it
        already and the bot says nothing."""
        with self._database.writing() as connection:
            row = _existing(connection, dialog_id)
            if row.owner == Owner.HUMAN or reply["reply"] is None:
                return reply | {"reply": None, "handoff": None, "action": Action.SILENT.value}
            self._insert_bot_message(connection, dialog_id, reply)
            self._move(connection, row, Owner.WAITING, handoff)
            return reply

    def _insert_bot_message(
        self, connection: Connection, dialog_id: str, reply: dict[str, Any]
    ) -> None:
        said = reply["reply"]
        connection.execute(
            insert(messages).values(
                dialog_id=dialog_id,
                message_id=f"{reply['message_id']}:reply"[-128:],
                author_kind=AuthorKind.BOT,
                author_name=said["author"]["name"],
                text=said["text"],
                created_at=self._stamp(),
                details={
                    "disclosure": said["author"]["disclosure"],
                    "citations": said["citations"],
                    "quick_replies": said["quick_replies"],
                    "action": reply["action"],
                },
            )
        )
        self._event(connection, dialog_id, "message.created", {"author": "bot"})

    def _move(
        self,
        connection: Connection,
        row: Row[Any],
        new_owner: Owner,
        handoff: dict[str, Any] | None,
    ) -> None:
        values: dict[str, Any] = {"owner": new_owner, "updated_at": self._stamp()}
        if handoff is not None:
            values |= {
                "handoff": handoff,
                "queue": handoff["queue"],
                "waiting_since": row.waiting_since or self._stamp(),
            }
            self._event(connection, row.dialog_id, "handoff.requested", handoff)
        connection.execute(
            update(dialogs).where(dialogs.c.dialog_id == row.dialog_id).values(**values)
        )

    # --- people ------------------------------------------------------------------------------

    def take(self, dialog_id: str, operator_id: str, operator_name: str) -> None:
        """Give the dialog to an operator; DialogTakenError when another has it."""
        with self._database.writing() as connection:
            row = _existing(connection, dialog_id)
            if row.owner == Owner.HUMAN and row.operator_id != operator_id:
                raise DialogTakenError(f"{row.operator_name or row.operator_id} has this dialog")
            if row.owner == Owner.CLOSED:
                raise ConflictError("the dialog is closed; reopen it first")
            if row.owner == Owner.HUMAN:
                return
            self._see(connection, operator_id, operator_name)
            connection.execute(
                update(dialogs)
                .where(dialogs.c.dialog_id == dialog_id)
                .values(
                    owner=Owner.HUMAN,
                    operator_id=operator_id,
                    operator_name=operator_name,
                    taken_at=self._stamp(),
                    updated_at=self._stamp(),
                )
            )
            self._event(connection, dialog_id, "dialog.taken", {"operator_id": operator_id})

    def release(self, dialog_id: str, operator_id: str) -> None:
        """Give the dialog back to the queue."""
        with self._database.writing() as connection:
            self._require_holder(connection, dialog_id, operator_id)
            connection.execute(
                update(dialogs)
                .where(dialogs.c.dialog_id == dialog_id)
                .values(
                    owner=Owner.WAITING,
                    operator_id=None,
                    operator_name=None,
                    taken_at=None,
                    waiting_since=func.coalesce(dialogs.c.waiting_since, self._stamp()),
                    updated_at=self._stamp(),
                )
            )
            self._event(connection, dialog_id, "dialog.released", {"operator_id": operator_id})

    def resolve(self, dialog_id: str, operator_id: str) -> None:
        """Close the dialog."""
        with self._database.writing() as connection:
            row = _existing(connection, dialog_id)
            if row.owner == Owner.CLOSED:
                return
            if row.owner == Owner.HUMAN and row.operator_id != operator_id:
                raise NotYoursError(f"{row.operator_name or row.operator_id} has this dialog")
            connection.execute(
                update(dialogs)
                .where(dialogs.c.dialog_id == dialog_id)
                .values(
                    owner=Owner.CLOSED,
                    resolved_at=self._stamp(),
                    waiting_since=None,
                    updated_at=self._stamp(),
                )
            )
            self._event(connection, dialog_id, "dialog.resolved", {"operator_id": operator_id})

    def reopen(self, dialog_id: str, operator_id: str) -> None:
        """Give a closed dialog back to the bot, with a fresh context."""
        with self._database.writing() as connection:
            row = _existing(connection, dialog_id)
            if row.owner != Owner.CLOSED:
                raise ConflictError(f"the dialog is not closed, its owner is {row.owner}")
            latest = connection.execute(
                select(func.max(messages.c.id)).where(messages.c.dialog_id == dialog_id)
            ).scalar()
            self._reopen(connection, dialog_id, (latest or 0) + 1)
            self._event(connection, dialog_id, "dialog.reopened", {"operator_id": operator_id})

    def _reopen(self, connection: Connection, dialog_id: str, context_from: int) -> None:
        connection.execute(
            update(dialogs)
            .where(dialogs.c.dialog_id == dialog_id)
            .values(
                owner=Owner.BOT,
                context_from=context_from,
                queue=None,
                handoff=None,
                waiting_since=None,
                taken_at=None,
                resolved_at=None,
                operator_id=None,
                operator_name=None,
                updated_at=self._stamp(),
            )
        )

    def add_operator_message(
        self, dialog_id: str, operator_id: str, operator_name: str | None, text: str
    ) -> dict[str, Any]:
        """Store what a person says; only the operator who holds the dialog may."""
        with self._database.writing() as connection:
            row = self._require_holder(connection, dialog_id, operator_id)
            result = connection.execute(
                insert(messages).values(
                    dialog_id=dialog_id,
                    message_id=f"o-{randomness.token_hex(8)}",
                    author_kind=AuthorKind.HUMAN,
                    author_id=operator_id,
                    author_name=operator_name or row.operator_name,
                    text=text,
                    created_at=self._stamp(),
                )
            )
            self._event(connection, dialog_id, "message.created", {"author": "human"})
            number = result.inserted_primary_key[0]
            stored = connection.execute(select(messages).where(messages.c.id == number)).one()
            return _message_view(stored)

    def _require_holder(
        self, connection: Connection, dialog_id: str, operator_id: str
    ) -> Row[Any]:
        row = _existing(connection, dialog_id)
        if row.owner != Owner.HUMAN or row.operator_id != operator_id:
            holder = row.operator_name or row.operator_id or "nobody"
            raise NotYoursError(f"take the dialog first; {holder} has it")
        return row

    def see_operator(self, operator_id: str, name: str, *, online: bool) -> None:
        """Note that an operator is at work, or has left."""
        with self._database.writing() as connection:
            self._see(connection, operator_id, name, online=online)

    def _see(
        self, connection: Connection, operator_id: str, name: str, *, online: bool = True
    ) -> None:
        values = {"name": name, "seen_at": self._stamp() if online else None}
        changed = connection.execute(
            update(operators).where(operators.c.operator_id == operator_id).values(**values)
        )
        if changed.rowcount == 0:
            connection.execute(insert(operators).values(operator_id=operator_id, **values))

    def operators_online(self) -> bool:
        """Whether any operator was seen within the last minute."""
        with self._database.reading() as connection:
            query = select(func.count()).where(
                operators.c.seen_at > self._stamp(-OPERATOR_SEEN_SECONDS)
            )
            return bool(connection.execute(query).scalar())

    def typical_wait_minutes(self, default: int) -> int:
        """Average of the latest waits from handoff to an operator, at least 1; `default` when
        nobody waited yet."""
        query = (
            select(dialogs.c.waiting_since, dialogs.c.taken_at)
            .where(dialogs.c.taken_at.is_not(None), dialogs.c.waiting_since.is_not(None))
            .order_by(dialogs.c.taken_at.desc())
            .limit(_WAITS_AVERAGED)
        )
        with self._database.reading() as connection:
            waits = [
                (_parse(row.taken_at) - _parse(row.waiting_since)).total_seconds() / 60
                for row in connection.execute(query)
            ]
        return max(1, round(sum(waits) / len(waits))) if waits else default

    # --- looking -----------------------------------------------------------------------------

    def dialog(self, dialog_id: str) -> Dialog:
        """The state of a dialog; NotFoundError when there is none of that id."""
        with self._database.reading() as connection:
            return _dialog(_existing(connection, dialog_id))

    def view(self, dialog_id: str, after: int = 0) -> dict[str, Any]:
        """The dialog as the API shows it, with its messages of a number above `after`."""
        with self._database.reading() as connection:
            row = _existing(connection, dialog_id)
            said = connection.execute(
                select(messages)
                .where(messages.c.dialog_id == dialog_id, messages.c.id > after)
                .order_by(messages.c.id)
            )
            return _dialog_view(row) | {"messages": [_message_view(line) for line in said]}

    def listing(
        self, owner: Owner | None, queue: str | None, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """Dialogs as the operators' list shows them, oldest waiting first, after a cursor."""
        key = func.coalesce(dialogs.c.waiting_since, dialogs.c.created_at) + dialogs.c.dialog_id
        query = select(dialogs, key.label("cursor")).order_by(key).limit(limit)
        if owner is not None:
            query = query.where(dialogs.c.owner == owner)
        if queue is not None:
            query = query.where(dialogs.c.queue == queue)
        if after is not None:
            query = query.where(key > after)
        with self._database.reading() as connection:
            rows = list(connection.execute(query))
            latest = _latest_messages(connection, [row.dialog_id for row in rows])
        return [
            _dialog_view(row) | {"last_message": latest.get(row.dialog_id), "cursor": row.cursor}
            for row in rows
        ]

    def is_ready(self) -> bool:
        """Whether the database answers; raises StoreError when it does not."""
        with self._database.reading() as connection:
            return connection.execute(select(1)).scalar() == 1

    # --- tokens ------------------------------------------------------------------------------

    def token(self, dialog_id: str) -> str:
        """The secret that opens a dialog to its customer; the same for the same dialog."""
        return hmac.new(self._token_key, dialog_id.encode(), hashlib.sha256).hexdigest()

    def is_token_of(self, dialog_id: str, token: str) -> bool:
        """Whether a token opens a dialog, compared in constant time."""
        return hmac.compare_digest(self.token(dialog_id).encode(), token.encode())

    def _secret(self, name: str) -> str:
        with self._database.writing() as connection:
            query = select(secrets.c.value).where(secrets.c.name == name)
            known: str | None = connection.execute(query).scalar()
            if known is not None:
                return known
            value = randomness.token_hex(32)
            connection.execute(insert(secrets).values(name=name, value=value))
            return value

    # --- small things ------------------------------------------------------------------------

    def _stamp(self, plus_seconds: float = 0) -> str:
        return _format(self._now() + timedelta(seconds=plus_seconds))

    def _event(
        self, connection: Connection, dialog_id: str, kind: str, payload: dict[str, Any]
    ) -> None:
        connection.execute(
            insert(events).values(
                dialog_id=dialog_id, type=kind, created_at=self._stamp(), payload=payload
            )
        )


def _format(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _parse(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


def _first_scope(incoming: IncomingMessage, text: str) -> str:
    """What makes two first messages the same one sent twice."""
    parts = [
        incoming.caller,
        incoming.channel,
        incoming.customer.id or "",
        incoming.message_id or "",
        text,
    ]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _dialog_row(connection: Connection, dialog_id: str) -> Row[Any] | None:
    return connection.execute(select(dialogs).where(dialogs.c.dialog_id == dialog_id)).first()


def _existing(connection: Connection, dialog_id: str) -> Row[Any]:
    row = _dialog_row(connection, dialog_id)
    if row is None:
        raise NotFoundError(f"there is no dialog {dialog_id!r}")
    return row


def _message_row(connection: Connection, dialog_id: str, message_id: str) -> Row[Any] | None:
    return connection.execute(
        select(messages).where(
            messages.c.dialog_id == dialog_id, messages.c.message_id == message_id
        )
    ).first()


def _latest_messages(
    connection: Connection, dialog_ids: list[str]
) -> dict[str, dict[str, Any]]:
    newest = (
        select(func.max(messages.c.id))
        .where(messages.c.dialog_id.in_(dialog_ids))
        .group_by(messages.c.dialog_id)
    )
    rows = connection.execute(select(messages).where(messages.c.id.in_(newest)))
    return {row.dialog_id: {"text": row.text, "author_kind": row.author_kind} for row in rows}


def _dialog(row: Row[Any]) -> Dialog:
    handoff = row.handoff or {}
    return Dialog(
        dialog_id=row.dialog_id,
        owner=Owner(row.owner),
        channel=row.channel,
        locale=row.locale,
        customer=Customer(**row.customer),
        created_at=_parse(row.created_at),
        queue=row.queue,
        operator_id=row.operator_id,
        operator_name=row.operator_name,
        handoff_reason=HandoffReason(handoff["reason"]) if handoff else None,
        waiting_since=_parse(row.waiting_since) if row.waiting_since else None,
    )


def _turn(row: Row[Any]) -> Turn:
    details = row.details or {}
    action = details.get("action")
    return Turn(
        author=AuthorKind(row.author_kind),
        text=row.text,
        action=Action(action) if action else None,
        article_ids=tuple(item["article_id"] for item in details.get("citations", ())),
    )


def _dialog_view(row: Row[Any]) -> dict[str, Any]:
    operator = {"id": row.operator_id, "name": row.operator_name} if row.operator_id else None
    return {
        "dialog_id": row.dialog_id,
        "owner": row.owner,
        "channel": row.channel,
        "locale": row.locale,
        "customer": row.customer,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "queue": row.queue,
        "waiting_since": row.waiting_since,
        "resolved_at": row.resolved_at,
        "operator": operator,
        "handoff": row.handoff,
    }


def _message_view(row: Row[Any]) -> dict[str, Any]:
    details = row.details or {}
    return {
        "seq": row.id,
        "message_id": row.message_id,
        "author": {
            "kind": row.author_kind,
            "name": row.author_name,
            "disclosure": details.get("disclosure"),
        },
        "text": row.text,
        "created_at": row.created_at,
        "intent": details.get("intent"),
        "action": details.get("action"),
        "citations": details.get("citations", []),
        "quick_replies": details.get("quick_replies", []),
    }
