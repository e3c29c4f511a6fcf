"""Giving a dialog on: to another operator, who then has it, or to a queue, where it waits again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update

from assistant.domain import Owner
from assistant.errors import ConflictError, NotFoundError, OperatorOfflineError
from assistant.ownership import operator
from assistant.store.desk import OPERATOR_SEEN_SECONDS, Desk
from assistant.store.notes import Notes
from assistant.store.tables import dialogs, operators


@dataclass(frozen=True)
class Transfer:
    """Who gives a dialog on, and to whom; exactly one of the two is named."""

    operator_id: str
    to_operator_id: str | None = None
    to_queue: str | None = None
    note: str | None = None
    """For whoever gets it; the customer is told nothing."""
    even_if_offline: bool = False


class Transfers(Desk, Notes):
    """Giving dialogs on."""

    def transfer(self, dialog_id: str, transfer: Transfer) -> None:
        """Give a dialog on. The customer is not told: to him it is the same conversation.

        Raises NotYoursError where another operator or nobody has it, NotFoundError for an operator
        who was never seen, OperatorOfflineError for one who is not at work.
        """
        with self._database.writing() as connection:
            row = self._require_holder(connection, dialog_id, transfer.operator_id)
            note = None
            if transfer.to_operator_id is not None:
                receiver = self._receiver(connection, transfer.to_operator_id, transfer)
                told = self._hand_to(connection, row, receiver)
            else:
                told = self._put_back(connection, row, transfer)
            if transfer.note is not None:
                name = row.operator_name or transfer.operator_id
                note = self._add_note(
                    connection, dialog_id, transfer.operator_id, name, transfer.note
                )
            told |= {"operator_id": transfer.operator_id, "note_id": note and note["note_id"]}
            self._event(connection, dialog_id, "dialog.transferred", told)

    def _receiver(self, connection: Connection, operator_id: str, transfer: Transfer) -> Row[Any]:
        if operator_id == transfer.operator_id:
            raise ConflictError("you have this dialog already")
        found = connection.execute(
            select(operators).where(operators.c.operator_id == operator_id)
        ).first()
        if found is None:
            raise NotFoundError(f"there is no operator {operator_id!r}")
        is_online = (found.seen_at or "") > self._stamp(-OPERATOR_SEEN_SECONDS)
        if not is_online and not transfer.even_if_offline:
            raise OperatorOfflineError(f"{found.name} is not at work now")
        return found

    def _hand_to(self, connection: Connection, row: Row[Any], receiver: Row[Any]) -> dict[str, Any]:
        """No owner changes, only which person it is: the table of moves has nothing to say."""
        same = (
            (dialogs.c.dialog_id == row.dialog_id)
            & (dialogs.c.owner == Owner.HUMAN)
            & (dialogs.c.operator_id == row.operator_id)
        )
        changed = connection.execute(
            update(dialogs)
            .where(same)
            .values(
                operator_id=receiver.operator_id,
                operator_name=receiver.name,
                updated_at=self._stamp(),
            )
        )
        if changed.rowcount != 1:
            raise ConflictError(f"dialog {row.dialog_id!r} was moved meanwhile; read it again")
        return {"to_operator_id": receiver.operator_id, "to_operator_name": receiver.name}

    def _put_back(
        self, connection: Connection, row: Row[Any], transfer: Transfer
    ) -> dict[str, Any]:
        """Back to waiting, in its old place: since when it waits and how urgent it is stays."""
        self._to_queue(
            connection,
            row,
            by=operator(transfer.operator_id),
            why="transferred",
            queue=transfer.to_queue,
        )
        return {"to_queue": transfer.to_queue}

    def all_operators(self) -> list[dict[str, Any]]:
        """Whoever was ever at work here, by name, and whether he is now."""
        now = self._stamp(-OPERATOR_SEEN_SECONDS)
        query = select(operators).order_by(operators.c.name, operators.c.operator_id)
        with self._database.reading() as connection:
            return [
                {
                    "operator_id": row.operator_id,
                    "name": row.name,
                    "online": (row.seen_at or "") > now,
                }
                for row in connection.execute(query)
            ]

    def queues_in_use(self) -> list[str]:
        """Queues of the dialogs that wait or that a person has, by name; closed ones, which grow
        without limit, are not looked at."""
        query = (
            select(dialogs.c.queue)
            .where(dialogs.c.owner.in_((Owner.WAITING, Owner.HUMAN)), dialogs.c.queue.is_not(None))
            .distinct()
        )
        with self._database.reading() as connection:
            return sorted(connection.execute(query).scalars())
