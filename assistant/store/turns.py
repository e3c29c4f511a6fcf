"""Turns: the messages of a customer that one reply answers, worked on by one worker at a time.

A message is committed before any work on it (`assistant.store.dialogs`). A worker then takes the
turn: the dialog's lease, and all messages that nobody has answered. What he makes of them he posts
in one transaction that looks again at everything that may have changed meanwhile: whether the lease
is still his, who owns the dialog, whether the customer wrote more. A worker that dies at any line
leaves either nothing or all of it behind.
"""

from __future__ import annotations

import secrets as randomness
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from assistant.domain import Action, AuthorKind, Dialog, Owner, Signal
from assistant.ownership import BOT, CUSTOMER
from assistant.store.leases import Lease, Leases
from assistant.store.marks import NewMark, insert_mark, last_answer
from assistant.store.moves import Moving
from assistant.store.rows import dialog, existing, new_key
from assistant.store.tables import dialogs, messages
from assistant.verdicts import MarkKind

_FORGOTTEN_SECONDS = 24 * 3600
_FUTURE_SECONDS = 5
"""By so much the clocks of two machines may differ."""


@dataclass(frozen=True)
class Turn:
    """What one reply will answer, and the right to give it."""

    dialog: Dialog
    rows: tuple[int, ...]
    """Numbers of the messages, oldest first."""
    message_ids: tuple[str, ...]
    text: str
    """All of them, a line each."""
    attempts: int
    """How many workers began it, this one too."""
    lease: Lease


@dataclass(frozen=True)
class Standing:
    """How far a customer's message has come."""

    reply: dict[str, Any] | None
    """What was answered, once it was."""
    newest: int
    """Number of the dialog's newest message that nobody has answered."""
    nothing_follows: bool
    """Whether waiting for more is of no use: the caller said so, or a person has the dialog."""


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


class Turns(Leases, Moving):
    """Taking a turn and posting what came of it."""

    def standing(self, dialog_id: str, number: int) -> Standing:
        """How far the message of that number has come."""
        query = (
            select(messages.c.id, messages.c.ends_turn)
            .where(_open_of(dialog_id))
            .order_by(messages.c.id.desc())
        )
        with self._database.reading() as connection:
            reply: dict[str, Any] | None = connection.execute(
                select(messages.c.reply).where(messages.c.id == number)
            ).scalar()
            if reply is not None:
                return Standing(reply, number, nothing_follows=True)
            newest = connection.execute(query).first()
            owner = existing(connection, dialog_id).owner
        if newest is None:  # answered between the two looks
            return Standing(None, number, nothing_follows=True)
        return Standing(None, newest.id, bool(newest.ends_turn) or owner == Owner.HUMAN)

    def left_unanswered(self, grace_seconds: float, limit: int) -> list[str]:
        """Dialogs with a customer's message that nobody has answered for `grace_seconds`, longest
        first; one that seems to come from the future was written before the clock was set back.
        Messages older than a day are left alone: an answer to them would only surprise."""
        stamp = messages.c.created_at
        age = (stamp < self._stamp(-grace_seconds)) | (stamp > self._stamp(_FUTURE_SECONDS))
        query = (
            select(messages.c.dialog_id)
            .where(_is_open, age, stamp > self._stamp(-_FORGOTTEN_SECONDS))
            .group_by(messages.c.dialog_id)
            .order_by(func.min(messages.c.id))
            .limit(limit)
        )
        with self._database.reading() as connection:
            return list(connection.execute(query).scalars())

    def take_turn(self, dialog_id: str) -> Turn | None:
        """All that nobody has answered in a dialog; None when there is nothing or another has it.

        Raises NotFoundError when there is no such dialog.
        """
        with self._database.writing() as connection:
            return self._take_turn(connection, existing(connection, dialog_id))

    def give_back(self, turn: Turn) -> None:
        """Leave a turn to others, unanswered."""
        self._forget(turn.lease)
        self.give_back_lease(turn.lease)

    def _take_turn(self, connection: Connection, row: Row[Any]) -> Turn | None:
        found = list(
            connection.execute(
                select(messages.c.id, messages.c.message_id, messages.c.text, messages.c.attempts)
                .where(_open_of(row.dialog_id))
                .order_by(messages.c.id)
            )
        )
        if not found:
            return None
        lease = self._take(connection, f"dialog:{row.dialog_id}")
        if lease is None:
            return None
        rows = tuple(line.id for line in found)
        connection.execute(
            update(messages).where(messages.c.id.in_(rows)).values(attempts=messages.c.attempts + 1)
        )
        return Turn(
            dialog=dialog(row),
            rows=rows,
            message_ids=tuple(line.message_id for line in found),
            text="\n".join(line.text for line in found),
            attempts=max(line.attempts for line in found) + 1,
            lease=lease,
        )

    def post_reply(
        self,
        turn: Turn,
        reply: dict[str, Any],
        *,
        new_owner: Owner,
        handoff: dict[str, Any] | None,
        silent_reply: dict[str, Any],
        considered: Considered = NOTHING_CONSIDERED,
        contact: dict[str, Any] | None = None,
        take_in: bool = False,
    ) -> dict[str, Any] | None:
        """Store what the bot answers and move the dialog, in one transaction; returns what was
        stored with the last message of the turn.

        None when nothing was: another worker took the turn over, or, where `take_in` says that
        they are to be answered together, the customer wrote more. Either way the turn is no longer
        ours. When a person took the dialog meanwhile that stands: the bot says nothing
        (`silent_reply`).
        """
        try:
            with self._database.writing() as connection:
                row = existing(connection, turn.dialog.dialog_id)
                if not self._is_held(connection, turn.lease):
                    return None
                self._drop(connection, turn.lease)
                if take_in and self._wrote_more(connection, turn):
                    return None
                return self._post(
                    connection,
                    row,
                    turn,
                    reply,
                    new_owner=new_owner,
                    handoff=handoff,
                    silent_reply=silent_reply,
                    considered=considered,
                    contact=contact,
                )
        finally:
            self._forget(turn.lease)

    @staticmethod
    def _wrote_more(connection: Connection, turn: Turn) -> bool:
        newer = messages.c.id > turn.rows[-1]
        query = select(func.count()).where(_open_of(turn.dialog.dialog_id), newer)
        return bool(connection.execute(query).scalar())

    def _post(
        self,
        connection: Connection,
        row: Row[Any],
        turn: Turn,
        reply: dict[str, Any],
        *,
        new_owner: Owner,
        handoff: dict[str, Any] | None,
        silent_reply: dict[str, Any],
        considered: Considered,
        contact: dict[str, Any] | None,
    ) -> dict[str, Any]:
        if row.owner == Owner.HUMAN:
            reply, new_owner, handoff = silent_reply, Owner.HUMAN, None
            considered = NOTHING_CONSIDERED
        elif new_owner == Owner.HUMAN:  # it was a person's, who closed or left it meanwhile
            new_owner = Owner(row.owner)
            reply = reply | {"owner": row.owner}
        elif row.owner == Owner.CLOSED:  # closed while the bot was writing: a new matter begins
            self._reopen(connection, row, turn.rows[0], CUSTOMER, "wrote while it was closed")
            row = existing(connection, row.dialog_id)
        elif row.owner == Owner.WAITING:  # a person was called while the bot was writing
            reply, new_owner = reply | {"owner": Owner.WAITING.value}, Owner.WAITING
        if reply["reply"] is not None:
            self._insert_bot_message(connection, row.dialog_id, reply, answers=turn.message_ids[-1])
        _write_down(connection, turn.rows[-1], reply, considered)
        self._write_down_earlier(connection, turn, reply, silent_reply)
        self._mark_if_not_helped(connection, row, turn.rows[0], reply)
        self._settle(connection, row, new_owner, handoff, contact)
        return reply

    @staticmethod
    def _write_down_earlier(
        connection: Connection, turn: Turn, reply: dict[str, Any], silent_reply: dict[str, Any]
    ) -> None:
        """The messages of a burst before its last: their own reply is silence, and says where the
        answer is."""
        with_answer = turn.message_ids[-1] if reply["reply"] is not None else None
        for number, message_id in zip(turn.rows[:-1], turn.message_ids[:-1], strict=True):
            silence = silent_reply | {
                "message_id": message_id,
                "owner": reply.get("owner"),
                "answered_with": with_answer,
            }
            _write_down(connection, number, silence, NOTHING_CONSIDERED)
            connection.execute(
                update(messages).where(messages.c.id == number).values(answered_with=with_answer)
            )

    def _settle(
        self,
        connection: Connection,
        row: Row[Any],
        new_owner: Owner,
        handoff: dict[str, Any] | None,
        contact: dict[str, Any] | None = None,
    ) -> None:
        """Leave the dialog with its owner, or hand it over; keep how the customer can be reached
        with the handoff that there is."""
        if handoff is None:
            kept = (
                {"handoff": row.handoff | {"contact": contact}} if contact and row.handoff else {}
            )
            connection.execute(
                update(dialogs)
                .where(dialogs.c.dialog_id == row.dialog_id)
                .values(updated_at=self._stamp(), **kept)
            )
            return
        # The event goes to many; how to reach the customer concerns whoever opens the dialog.
        told = {name: value for name, value in handoff.items() if name != "contact"}
        reason = handoff["reason"]
        by = CUSTOMER if reason == "customer_request" else BOT
        values: dict[str, Any] = {
            "handoff": handoff,
            "queue": handoff["queue"],
            "waiting_since": row.waiting_since or self._stamp(),
            "unanswered_since": row.unanswered_since or self._stamp(),
        }
        if row.owner != new_owner:
            self._move(connection, row, new_owner, by=by, why=reason, payload=told, **values)
            return
        # He waits already, and now it is urgent.
        connection.execute(
            update(dialogs)
            .where(dialogs.c.dialog_id == row.dialog_id)
            .values(updated_at=self._stamp(), **values)
        )
        self._event(connection, row.dialog_id, "handoff.requested", told)

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
                latest = connection.execute(select(func.max(messages.c.id))).scalar()
                self._reopen(connection, row, (latest or 0) + 1, CUSTOMER, "called a person")
                row = existing(connection, dialog_id)
            # Pressed again while waiting, the button hands nothing over.
            decided = _decided(reply) if row.owner != Owner.WAITING else {}
            self._insert_bot_message(connection, dialog_id, reply, **decided)
            self._settle(connection, row, Owner.WAITING, handoff)
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

    def _insert_bot_message(
        self,
        connection: Connection,
        dialog_id: str,
        reply: dict[str, Any],
        *,
        answers: str | None = None,
        **columns: str | None,
    ) -> int:
        """Write down what the bot says, signed; returns its number."""
        said = reply["reply"]
        result = connection.execute(
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
                **columns,
            )
        )
        number = new_key(result)
        self._event(connection, dialog_id, "message.created", {"author": "bot", "seq": number})
        return number


_is_open = (messages.c.author_kind == AuthorKind.CUSTOMER) & messages.c.action.is_(None)


def _open_of(dialog_id: str) -> ColumnElement[bool]:
    """Messages of a customer that nobody has answered."""
    return (messages.c.dialog_id == dialog_id) & _is_open


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
        .values(reply=reply, details=details, confidence=considered.confidence, **_decided(reply))
    )


def _decided(reply: dict[str, Any]) -> dict[str, str | None]:
    """The columns that say what the bot did."""
    handoff = reply["handoff"]
    return {"action": reply["action"], "handoff_reason": handoff["reason"] if handoff else None}
