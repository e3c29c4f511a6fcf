"""Turns: the messages of a customer that one reply answers, worked on by one worker at a time.

A message is committed before any work on it (`assistant.store.dialogs`). A worker then takes the
turn: the dialog's lease, and all messages that nobody has answered. What he makes of them he posts
(`assistant.store.posting`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, text, update

from assistant.domain import AuthorKind, Dialog, Owner
from assistant.store.leases import Lease, Leases
from assistant.store.rows import dialog, existing
from assistant.store.tables import UNANSWERED, messages

OLD_SECONDS = 24 * 3600
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
    is_old: bool
    """Whether it has waited so long that an answer would only surprise."""
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


class Turns(Leases):
    """Taking a turn."""

    def standing(self, dialog_id: str, number: int) -> Standing:
        """How far the message of that number has come."""
        query = (
            select(messages.c.id, messages.c.ends_turn)
            .where(open_of(dialog_id))
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
        first; one that seems to come from the future was written before the clock was set back."""
        stamp = messages.c.created_at
        age = (stamp < self._stamp(-grace_seconds)) | (stamp > self._stamp(_FUTURE_SECONDS))
        query = (
            select(messages.c.dialog_id)
            .with_hint(messages, "INDEXED BY messages_unanswered", "sqlite")
            .where(text(UNANSWERED), age)
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
            row = existing(connection, dialog_id)
            lease = self._take(connection, lease_name(dialog_id))
            turn = None if lease is None else self._turn_with(connection, row, lease)
        if turn is not None:
            self._hold(turn.lease)
        return turn

    def give_back(self, turn: Turn) -> None:
        """Leave a turn to others, unanswered."""
        self._forget(turn.lease)
        self.give_back_lease(turn.lease)

    def _turn_with(self, connection: Connection, row: Row[Any], lease: Lease) -> Turn | None:
        """The turn of whoever has the dialog's lease; where nothing is left to answer he has it no
        more."""
        found = list(
            connection.execute(
                select(
                    messages.c.id,
                    messages.c.message_id,
                    messages.c.text,
                    messages.c.attempts,
                    messages.c.created_at,
                )
                .where(open_of(row.dialog_id))
                .order_by(messages.c.id)
            )
        )
        if not found:
            self._drop(connection, lease)
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
            is_old=found[0].created_at < self._stamp(-OLD_SECONDS),
            lease=lease,
        )


_is_open = (messages.c.author_kind == AuthorKind.CUSTOMER) & messages.c.action.is_(None)


def lease_name(dialog_id: str) -> str:
    """What the right to work on a dialog is called."""
    return f"dialog:{dialog_id}"


def open_of(dialog_id: str) -> ColumnElement[bool]:
    """Messages of a customer that nobody has answered."""
    return (messages.c.dialog_id == dialog_id) & _is_open
