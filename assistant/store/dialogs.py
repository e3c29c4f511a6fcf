"""Dialogs and their messages: what was said, who owns the dialog, what was answered.

Nothing accepted is lost: a message is committed before any work on it. Nothing is done twice: a
message id is unique in its dialog, and a retry of it gets the reply that is stored with it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets as randomness
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.domain import Action, AuthorKind, Dialog, IncomingMessage, Owner, Signal
from assistant.errors import ConflictError, MessageIdReusedError
from assistant.settings import CLAIM_SECONDS
from assistant.store.base import Clock, utc_now
from assistant.store.database import Database
from assistant.store.desk import Desk
from assistant.store.live import Live
from assistant.store.looking import Reading
from assistant.store.marks import NewMark, insert_mark, last_answer
from assistant.store.model_calls import ModelCalls
from assistant.store.model_replies import ModelReplies
from assistant.store.rows import dialog, dialog_row, existing, message_row, new_key
from assistant.store.tables import dialogs, first_messages, messages, secrets
from assistant.store.verdicts import Verdicts
from assistant.verdicts import MarkKind

RETRY_SECONDS = 3600
"""How long a first message can be sent again and find the dialog that it opened."""


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


@dataclass(frozen=True)
class Considered:
    """The answer that was considered for a message, also where the dialog was handed over."""

    confidence: float | None
    """Probability that it is right; None where none was considered."""
    features: Mapping[str, float] = field(default_factory=dict)
    """What that probability was computed from."""
    missing: str = ""
    """What a language model found lacking in the articles; personal data are placeholders."""


NOTHING_CONSIDERED = Considered(None)


class DialogStore(Desk, Reading, Verdicts, Live, ModelCalls, ModelReplies):
    """All that is known of dialogs, in one database: here what customers say and what the bot
    answers; `desk` has what operators do, `looking` what is only read, `verdicts` what people say
    of answers, `live` what is counted, `model_calls` what language models took, `model_replies`
    what they said."""

    def __init__(
        self, database: Database, now: Clock = utc_now, claim_seconds: float = CLAIM_SECONDS
    ) -> None:
        super().__init__(database, now)
        self.claim_seconds = claim_seconds
        self._token_key = self._secret("dialog_token").encode()

    def receive(self, incoming: IncomingMessage, text: str, locale: str) -> Received:
        """Commit a customer's message, opening its dialog if need be, and claim it for answering.

        Raises MessageIdReusedError when its id came before with another text.
        """
        met: IntegrityError | None = None
        for _attempt in range(3):
            try:
                return self._receive(incoming, text, locale)
            except IntegrityError as error:  # the same id was stored between our look and insert
                met = error
        raise ConflictError("the message could not be stored beside others of the same id") from met

    def _receive(self, incoming: IncomingMessage, text: str, locale: str) -> Received:
        with self._database.writing() as connection:
            dialog_id = incoming.dialog_id or self._reopened_by_retry(connection, incoming, text)
            row = dialog_row(connection, dialog_id) if dialog_id else None
            is_new = row is None
            if row is None:
                dialog_id = dialog_id or f"d-{randomness.token_hex(12)}"
                row = self._open(connection, dialog_id, incoming, text, locale)
            message_id = incoming.message_id or f"m-{randomness.token_hex(8)}"
            known = message_row(connection, row.dialog_id, message_id)
            if known is not None:
                first = not incoming.dialog_id
                return self._again(connection, row, known, text, is_new_dialog=first)
            number = self._insert_customer_message(connection, row, message_id, text)
            if row.owner == Owner.CLOSED:
                self._reopen(connection, row.dialog_id, number)
            self._event(connection, row.dialog_id, "message.created", {"author": "customer"})
            row = dialog_row(connection, row.dialog_id)
            assert row is not None  # noqa: S101 - it was just written
            return Received(dialog(row), message_id, number, is_new, None, is_ours=True)

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
            dialog(row), known.message_id, known.id, is_new_dialog, known.reply, is_ours=ours
        )

    def _reopened_by_retry(
        self, connection: Connection, incoming: IncomingMessage, text: str
    ) -> str | None:
        if not incoming.message_id:
            return None
        scope = first_messages.c.scope == _first_scope(incoming, text)
        recent = first_messages.c.created_at > self._stamp(-RETRY_SECONDS)
        connection.execute(delete(first_messages).where(scope, ~recent))
        query = select(first_messages.c.dialog_id).where(scope)
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
        row = dialog_row(connection, dialog_id)
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
                claimed_until=self._stamp(self.claim_seconds),
            )
        )
        return new_key(result)

    def _claim(self, connection: Connection, row: int) -> None:
        connection.execute(
            update(messages)
            .where(messages.c.id == row)
            .values(claimed_until=self._stamp(self.claim_seconds))
        )

    def stored_reply(self, row: int) -> dict[str, Any] | None:
        """What was answered to a message, once it was."""
        with self._database.reading() as connection:
            reply: dict[str, Any] | None = connection.execute(
                select(messages.c.reply).where(messages.c.id == row)
            ).scalar()
            return reply

    def post_reply(
        self,
        received: Received,
        reply: dict[str, Any],
        *,
        new_owner: Owner,
        handoff: dict[str, Any] | None,
        silent_reply: dict[str, Any],
        considered: Considered = NOTHING_CONSIDERED,
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
            row = dialog_row(connection, received.dialog.dialog_id)
            assert row is not None  # noqa: S101 - dialogs are never deleted while answered
            if row.owner == Owner.HUMAN:
                reply, new_owner, handoff = silent_reply, Owner.HUMAN, None
                considered = NOTHING_CONSIDERED
            elif new_owner == Owner.HUMAN:  # it was a person's, who closed or left it meanwhile
                new_owner = Owner(row.owner)
                reply = reply | {"owner": row.owner}
            elif row.owner == Owner.CLOSED:  # closed while the bot was writing: a new matter begins
                self._reopen(connection, row.dialog_id, received.row)
                row = existing(connection, row.dialog_id)
            elif row.owner == Owner.WAITING:  # a person was called while the bot was writing
                reply, new_owner = reply | {"owner": Owner.WAITING.value}, Owner.WAITING
            if reply["reply"] is not None:
                self._insert_bot_message(
                    connection, row.dialog_id, reply, answers=received.message_id
                )
            _write_down(connection, received.row, reply, considered)
            self._mark_if_not_helped(connection, row, received.row, reply)
            self._move(connection, row, new_owner, handoff)
            return reply

    def post_handoff(
        self, dialog_id: str, reply: dict[str, Any], handoff: dict[str, Any] | None
    ) -> dict[str, Any]:
        """Store a handoff that no message asked for; a person who took the dialog meanwhile has it
        already and the bot says nothing."""
        with self._database.writing() as connection:
            row = existing(connection, dialog_id)
            if row.owner == Owner.HUMAN or reply["reply"] is None:
                silent = {"reply": None, "handoff": None, "action": Action.SILENT.value}
                return reply | silent | {"owner": row.owner}
            if row.owner == Owner.CLOSED:
                self._reopen(connection, dialog_id, self._next_row(connection))
                row = existing(connection, dialog_id)
            # Pressed again while waiting, the button hands nothing over.
            decided = _decided(reply) if row.owner != Owner.WAITING else {}
            self._insert_bot_message(connection, dialog_id, reply, **decided)
            self._move(connection, row, Owner.WAITING, handoff)
            return reply

    def _mark_if_not_helped(
        self, connection: Connection, row: Row[Any], number: int, reply: dict[str, Any]
    ) -> None:
        """A customer who says right after an answer that it did not help, and is handed over."""
        signals = reply.get("trace", {}).get("signals", ())
        if reply["action"] != Action.HANDOFF or Signal.NOT_HELPED not in signals:
            return
        about = last_answer(connection, row, before=number, past_thanks=False)
        if about is not None:
            new = NewMark(about, MarkKind.NOT_HELPED, right=False, who="customer")
            insert_mark(connection, row.dialog_id, new, self._stamp())

    @staticmethod
    def _next_row(connection: Connection) -> int:
        latest = connection.execute(select(func.max(messages.c.id))).scalar()
        return (latest or 0) + 1

    def _insert_bot_message(
        self,
        connection: Connection,
        dialog_id: str,
        reply: dict[str, Any],
        *,
        answers: str | None = None,
        **decided: str | None,
    ) -> None:
        said = reply["reply"]
        connection.execute(
            insert(messages).values(
                dialog_id=dialog_id,
                message_id=f"b-{randomness.token_hex(8)}",
                author_kind=AuthorKind.BOT,
                author_name=said["author"]["name"],
                text=said["text"],
                created_at=self._stamp(),
                details={
                    "disclosure": said["author"]["disclosure"],
                    "citations": said["citations"],
                    "quick_replies": said["quick_replies"],
                    "action": reply["action"],
                    "answers": answers,
                },
                **decided,
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


def _write_down(
    connection: Connection, number: int, reply: dict[str, Any], considered: Considered
) -> None:
    """Keep with a customer's message what was answered and why."""
    details = {
        "intent": reply["intent"],
        "features": dict(considered.features),
        "missing": considered.missing,
    }
    connection.execute(
        update(messages)
        .where(messages.c.id == number)
        .values(
            reply=reply,
            claimed_until=None,
            details=details,
            confidence=considered.confidence,
            **_decided(reply),
        )
    )


def _decided(reply: dict[str, Any]) -> dict[str, str | None]:
    """The columns that say what the bot did."""
    handoff = reply["handoff"]
    return {"action": reply["action"], "handoff_reason": handoff["reason"] if handoff else None}


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
