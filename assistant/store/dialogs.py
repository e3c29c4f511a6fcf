"""Dialogs and their messages: what was said, who owns the dialog, what was answered.

Nothing accepted is lost: a message is committed before any work on it. Nothing is done twice: a
message id is unique in its dialog, and a retry of it gets the reply that is stored with it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets as randomness
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select
from sqlalchemy.exc import IntegrityError

from assistant.care import Manners
from assistant.domain import AuthorKind, Dialog, IncomingMessage, Owner
from assistant.errors import ConflictError, MessageIdReusedError
from assistant.ownership import CUSTOMER
from assistant.store.alarms import Alarms
from assistant.store.audit import Audit
from assistant.store.base import Clock, utc_now
from assistant.store.customers import Customers
from assistant.store.database import Database
from assistant.store.deliveries import Deliveries
from assistant.store.dialog_lines import DialogLines
from assistant.store.learning import Learning
from assistant.store.leases import LEASE_SECONDS, Lease
from assistant.store.live import Live
from assistant.store.looking import Reading
from assistant.store.model_calls import ModelCalls
from assistant.store.model_replies import ModelReplies
from assistant.store.notices import Notices
from assistant.store.past_answers import PastAnswerRows
from assistant.store.rates import Rates
from assistant.store.rights import Rights
from assistant.store.rows import (
    customer_document,
    dialog,
    dialog_row,
    existing,
    message_row,
    new_key,
)
from assistant.store.sessions import Sessions
from assistant.store.tables import dialogs, first_messages, messages, secrets
from assistant.store.tickets import Tickets
from assistant.store.transferring import Transfers
from assistant.store.turns import Turn, lease_name
from assistant.store.verdicts import Verdicts
from assistant.store.who_types import WhoTypes

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
    turn: Turn | None
    """The work on it, when nothing has to be waited for and nobody else is at it."""


class DialogStore(
    Alarms,
    Notices,
    Tickets,
    Customers,
    Rights,
    Audit,
    Transfers,
    PastAnswerRows,
    Reading,
    DialogLines,
    Verdicts,
    Learning,
    Live,
    ModelCalls,
    ModelReplies,
    Deliveries,
    Rates,
    Sessions,
    WhoTypes,
):
    """All that is known of dialogs, in one database: here what customers say; `posting` has what
    the bot answers, `notices` and `telling` what it says unasked, `surveys` how it asks for a
    rating, `tickets` what is promised, `alarms` who waits too long, `customers` whose dialogs are
    whose, `rights` how they are given out and deleted, `audit` who looked at them, `desk` what
    operators do, `transferring` how they give dialogs on, `notes` what they write for each other,
    `looking` what is only read, `verdicts` what people say of answers, `live` what is counted,
    `model_calls` what language models took, `model_replies` what they said, `events` what happened,
    `webhooks` who is told and `deliveries` what of, `rates` what is limited, `sessions` who is
    signed in, `who_types` who types, `hints` what operators were shown,
    `learning` what is learnt from it."""

    def __init__(
        self,
        database: Database,
        now: Clock = utc_now,
        *,
        burst_seconds: float = 0.0,
        manners: Manners | None = None,
        lease_seconds: float = LEASE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(database, now, lease_seconds=lease_seconds, monotonic=monotonic)
        self.burst_seconds = burst_seconds
        self.manners = Manners() if manners is None else manners
        self._token_key = self._secret("dialog_token").encode()

    def receive(self, incoming: IncomingMessage, text: str, locale: str) -> Received:
        """Commit a customer's message, opening its dialog if need be.

        Where nothing has to be waited for, its turn is taken in the same transaction.

        Raises MessageIdReusedError when its id came before with another text, OtherCustomerError
        when the dialog is another customer's than the caller says.
        """
        self._welcome(incoming.dialog_id, incoming.customer)
        met: IntegrityError | None = None
        for _attempt in range(3):
            try:
                received = self._receive(incoming, text, locale)
            except IntegrityError as error:  # the same id was stored between our look and insert
                met = error
            else:
                if received.turn is not None:
                    self._hold(received.turn.lease)
                return received
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
            # Before any event: whoever holds the book of events must not wait for a lease.
            lease = self._lease_at_once(connection, row, known, incoming)
            if not is_new:
                row = self._recognise(connection, row, incoming.customer)
            if known is not None:
                first = not incoming.dialog_id
                return self._again(connection, row, known, text, lease, is_new_dialog=first)
            number = self._insert_customer_message(connection, row, message_id, text, incoming)
            if row.owner == Owner.CLOSED:
                if not self._only_rates(connection, row, number, text):
                    self._reopen(connection, row, number, CUSTOMER, "the customer wrote again")
            elif row.owner != Owner.BOT:
                self._wait_for_a_person(connection, row)
            row = existing(connection, row.dialog_id)
            turn = self._turn_with(connection, row, lease) if lease else None
            told = {"author": "customer", "seq": number}
            self._event(connection, row.dialog_id, "message.created", told)
            return Received(dialog(row), message_id, number, is_new, None, turn)

    def _lease_at_once(
        self,
        connection: Connection,
        row: Row[Any],
        known: Row[Any] | None,
        incoming: IncomingMessage,
    ) -> Lease | None:
        """The right to answer now, where nothing has to be waited for and nobody else is at it."""
        is_answered = known is not None and known.reply is not None
        waits = self.burst_seconds > 0 and not incoming.ends_turn and row.owner != Owner.HUMAN
        if is_answered or waits:
            return None
        return self._take(connection, lease_name(row.dialog_id))

    def _again(
        self,
        connection: Connection,
        row: Row[Any],
        known: Row[Any],
        text: str,
        lease: Lease | None,
        *,
        is_new_dialog: bool,
    ) -> Received:
        if known.author_kind != AuthorKind.CUSTOMER or known.text != text:
            raise MessageIdReusedError(
                f"message_id {known.message_id!r} was used for another text in this dialog"
            )
        turn = self._turn_with(connection, row, lease) if lease else None
        return Received(dialog(row), known.message_id, known.id, is_new_dialog, known.reply, turn)

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
                customer=customer_document(incoming.customer),
                customer_id=incoming.customer.id,
                anonymous_id=incoming.customer.anonymous_id,
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
        self,
        connection: Connection,
        row: Row[Any],
        message_id: str,
        text: str,
        incoming: IncomingMessage,
    ) -> int:
        result = connection.execute(
            insert(messages).values(
                dialog_id=row.dialog_id,
                message_id=message_id,
                author_kind=AuthorKind.CUSTOMER,
                author_name=(row.customer or {}).get("name"),
                text=text,
                created_at=self._stamp(),
                ends_turn=incoming.ends_turn,
            )
        )
        return new_key(result)

    def token(self, dialog_id: str) -> str:
        """The secret that opens a dialog to its customer; the same for the same dialog."""
        return hmac.new(self._token_key, dialog_id.encode(), hashlib.sha256).hexdigest()

    def is_token_of(self, dialog_id: str, token: str) -> bool:
        """Whether a token opens a dialog, compared in constant time."""
        return hmac.compare_digest(self.token(dialog_id).encode(), token.encode())

    def _secret(self, name: str) -> str:
        query = select(secrets.c.value).where(secrets.c.name == name)
        try:
            with self._database.writing() as connection:
                known: str | None = connection.execute(query).scalar()
                if known is None:
                    known = randomness.token_hex(32)
                    connection.execute(insert(secrets).values(name=name, value=known))
                return known
        except IntegrityError:  # another process made it at the same moment
            with self._database.reading() as connection:
                return str(connection.execute(query).scalar_one())


def _first_scope(incoming: IncomingMessage, text: str) -> str:
    """What makes two first messages the same one sent twice."""
    parts = [
        incoming.caller,
        incoming.channel,
        incoming.customer.id or "",
        incoming.customer.anonymous_id or "",
        incoming.message_id or "",
        text,
    ]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
