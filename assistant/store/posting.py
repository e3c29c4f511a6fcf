"""Posting what came of a turn, in one transaction that looks again at everything that may have
changed meanwhile: whether the lease is still the worker's, who owns the dialog, whether the
customer wrote more. A worker that dies at any line leaves either nothing or all of it behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Delete, Row, delete, func, select, update

from assistant.domain import Action, AuthorKind, HandoffReason, Owner, Priority, Signal
from assistant.ownership import BOT, CUSTOMER
from assistant.store.marks import NewMark, insert_mark, last_answer
from assistant.store.moves import Moving
from assistant.store.outgoing import NO_COLUMNS, Outgoing
from assistant.store.rows import dialog_row, existing
from assistant.store.surveys import PLAIN, Courtesy
from assistant.store.tables import dialogs, messages, model_calls
from assistant.store.ticket_opening import TicketOpening
from assistant.store.turns import Turn, Turns, open_of
from assistant.tickets import HandoffTicket
from assistant.verdicts import MarkKind


@dataclass(frozen=True)
class Considered:
    """The answer that was considered for a message, also where the dialog was handed over."""

    confidence: float | None
    """Probability that it is right; None where none was considered."""
    features: Mapping[str, float] = field(default_factory=dict)
    """What that probability was computed from."""
    missing: str = ""
    """What a language model found lacking in the articles; personal data are placeholders."""


_URGENCY = tuple(Priority)
"""The most urgent first."""
NOTHING_CONSIDERED = Considered(None)


@dataclass(frozen=True)
class Proposal:
    """What a worker would have said, had nothing changed meanwhile."""

    reply: dict[str, Any]
    new_owner: Owner
    handoff: dict[str, Any] | None
    silent_reply: dict[str, Any]
    considered: Considered
    ticket: HandoffTicket | None
    contact: dict[str, Any] | None
    """How the customer says he can be reached."""
    courtesy: Courtesy
    raised: Priority | None
    """How urgent the message is, where its dialog waits already."""
    decided_for: Owner
    """Whose the dialog was when it was decided."""


class Posting(Turns, TicketOpening, Moving, Outgoing):
    """What the bot answers."""

    def post_reply(
        self,
        turn: Turn,
        reply: dict[str, Any],
        *,
        new_owner: Owner,
        handoff: dict[str, Any] | None,
        silent_reply: dict[str, Any],
        considered: Considered = NOTHING_CONSIDERED,
        ticket: HandoffTicket | None = None,
        contact: dict[str, Any] | None = None,
        raised: Priority | None = None,
        take_in: bool = False,
        courtesy: Courtesy = PLAIN,
        decided_for: Owner | None = None,
    ) -> dict[str, Any] | None:
        """Store what the bot answers and move the dialog, in one transaction; returns what was
        stored with the last message of the turn.

        None when nothing was: another worker took the turn over, the dialog was deleted, or, where
        `take_in` says that they are to be answered together, the customer wrote more. Either way
        the turn is no longer ours. With `ticket` a handoff has one. When a person took the dialog
        meanwhile that stands: the bot says nothing (`silent_reply`).
        """
        proposed = Proposal(
            reply,
            new_owner,
            handoff,
            silent_reply,
            considered,
            ticket,
            contact,
            courtesy,
            raised,
            turn.dialog.owner if decided_for is None else decided_for,
        )
        try:
            return self._post_if_current(turn, proposed, take_in=take_in)
        finally:
            self._forget(turn.lease)

    def _post_if_current(
        self, turn: Turn, proposed: Proposal, *, take_in: bool
    ) -> dict[str, Any] | None:
        with self._database.writing() as connection:
            row = dialog_row(connection, turn.dialog.dialog_id)
            if row is None:
                self._drop(connection, turn.lease)
                connection.execute(_calls_of(turn.dialog.dialog_id))
                return None
            if not self._is_held(connection, turn.lease):
                return None
            self._drop(connection, turn.lease)
            if take_in and self._wrote_more(connection, turn):
                return None
            if _is_for_another(row, proposed.decided_for, proposed.handoff):
                return None
            return self._post(connection, row, turn, proposed)

    @staticmethod
    def _wrote_more(connection: Connection, turn: Turn) -> bool:
        newer = messages.c.id > turn.rows[-1]
        query = select(func.count()).where(open_of(turn.dialog.dialog_id), newer)
        return bool(connection.execute(query).scalar())

    def _post(
        self, connection: Connection, row: Row[Any], turn: Turn, proposed: Proposal
    ) -> dict[str, Any]:
        reply, new_owner, handoff = proposed.reply, proposed.new_owner, proposed.handoff
        considered, courtesy = proposed.considered, proposed.courtesy
        answered_by_a_person = self._person_spoke_since(connection, turn)
        if row.owner == Owner.HUMAN or answered_by_a_person:
            reply = proposed.silent_reply | {"owner": row.owner}
            new_owner, handoff = Owner(row.owner), None
            considered, courtesy = NOTHING_CONSIDERED, PLAIN
        elif new_owner in (Owner.HUMAN, Owner.CLOSED):  # nothing that was decided here moves it
            new_owner = Owner(row.owner)
            reply = reply | {"owner": row.owner}
        elif row.owner == Owner.CLOSED:  # closed while the bot was writing: a new matter begins
            self._reopen(connection, row, turn.rows[0], CUSTOMER, "wrote while it was closed")
            row = existing(connection, row.dialog_id)
        elif row.owner == Owner.WAITING:  # a person was called while the bot was writing
            reply, new_owner = reply | {"owner": Owner.WAITING.value}, Owner.WAITING
        if handoff is not None and proposed.ticket is not None:
            reply = self._with_ticket(connection, row.dialog_id, reply, proposed.ticket)
        if courtesy.rating is not None:
            self._rate_once(connection, row, courtesy.rating)
        if courtesy.with_survey and self._ask_thankful(connection, row, turn.rows[0]):
            reply = courtesy.with_survey
        if reply["reply"] is not None:
            reply = self._reply(connection, row, reply, answers=turn.message_ids[-1])
        _write_down(connection, turn.rows[-1], reply, considered)
        self._write_down_earlier(connection, turn, reply, proposed.silent_reply)
        self._mark_if_not_helped(connection, row, turn.rows[0], reply)
        self._settle(connection, row, new_owner, handoff, proposed.contact)
        self._raise_priority(connection, row, proposed.raised)
        if row.owner == Owner.HUMAN and not answered_by_a_person:
            self._wait_for_a_person(connection, row)
        return reply

    @staticmethod
    def _person_spoke_since(connection: Connection, turn: Turn) -> bool:
        """Whether a person has answered already what the bot was asked."""
        query = select(func.count()).where(
            messages.c.dialog_id == turn.dialog.dialog_id,
            messages.c.id > turn.rows[-1],
            messages.c.author_kind == AuthorKind.HUMAN,
            messages.c.purpose.is_(None),
        )
        return bool(connection.execute(query).scalar())

    def _wait_for_a_person(self, connection: Connection, row: Row[Any]) -> None:
        """What the bot is silent on waits for a person's word from now on, unless something before
        it does already."""
        if row.unanswered_since is None:
            connection.execute(
                update(dialogs)
                .where(dialogs.c.dialog_id == row.dialog_id)
                .values(unanswered_since=self._stamp())
            )

    def _reply(
        self,
        connection: Connection,
        row: Row[Any],
        reply: dict[str, Any],
        *,
        answers: str | None = None,
        columns: Mapping[str, str | None] = NO_COLUMNS,
    ) -> dict[str, Any]:
        """Send a reply; returns it as it went out."""
        sent = self._write_bot_message(connection, row, reply, answers=answers, columns=columns)
        assert sent is not None  # noqa: S101 - a reply is always allowed
        return sent.reply

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
        # The event goes to many; how to reach the customer and what he said in other dialogs
        # concern whoever opens this one.
        told = {name: value for name, value in handoff.items() if name not in ("contact", "known")}
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

    def _raise_priority(self, connection: Connection, row: Row[Any], to: Priority | None) -> None:
        """A dialog that waits becomes more urgent, never less; its place by time is kept."""
        if to is None or row.owner != Owner.WAITING:
            return
        handoff = existing(connection, row.dialog_id).handoff or {}
        # An operator may have taken it from the bot and given it to a queue.
        before = handoff.get("priority") or Priority.NORMAL.value
        if _URGENCY.index(to) >= _URGENCY.index(before):
            return
        connection.execute(
            update(dialogs)
            .where(dialogs.c.dialog_id == row.dialog_id)
            .values(handoff=handoff | {"priority": to.value})
        )
        told = {"priority": to.value, "previous_priority": before}
        self._event(connection, row.dialog_id, "priority.raised", told)

    def post_handoff(
        self,
        dialog_id: str,
        reply: dict[str, Any],
        handoff: dict[str, Any] | None,
        ticket: HandoffTicket | None = None,
        *,
        decided_for: Owner = Owner.BOT,
    ) -> dict[str, Any] | None:
        """Store a handoff that no message asked for; a person who took the dialog meanwhile has it
        already and the bot says nothing. None when it went to somebody else since it was decided
        for the owner `decided_for`, so that it has to be decided anew."""
        with self._database.writing() as connection:
            row = existing(connection, dialog_id)
            if _is_for_another(row, decided_for, handoff) or (
                decided_for is Owner.HUMAN and row.owner != Owner.HUMAN
            ):
                return None
            if row.owner == Owner.HUMAN or reply["reply"] is None:
                silent = {"reply": None, "handoff": None, "action": Action.SILENT.value}
                return reply | silent | {"owner": row.owner}
            if row.owner == Owner.CLOSED:
                latest = connection.execute(select(func.max(messages.c.id))).scalar()
                self._reopen(connection, row, (latest or 0) + 1, CUSTOMER, "called a person")
                row = existing(connection, dialog_id)
            # Pressed again while waiting, the button hands nothing over.
            decided = _decided(reply) if row.owner != Owner.WAITING else {}
            if handoff is not None and ticket is not None:
                reply = self._with_ticket(connection, dialog_id, reply, ticket)
            reply = self._reply(connection, row, reply, columns=decided)
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


def _is_for_another(row: Row[Any], decided_for: Owner, handoff: dict[str, Any] | None) -> bool:
    """Whether the dialog went to somebody else since, so that what was decided is not true now: he
    does not wait for a person any more, or he waits already and would be handed over twice."""
    if decided_for is Owner.WAITING:
        return row.owner in (Owner.BOT, Owner.CLOSED)
    hands_over = handoff is not None and handoff["reason"] != HandoffReason.UNSAFE
    return decided_for is Owner.BOT and row.owner == Owner.WAITING and hands_over


def _calls_of(dialog_id: str) -> Delete:
    """What a language model was asked for a dialog that is no more."""
    return delete(model_calls).where(model_calls.c.dialog_id == dialog_id)


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
