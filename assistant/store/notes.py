"""What operators write for each other in a dialog; customers never see it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, insert, select

from assistant.store.base import StoreBase
from assistant.store.desk_tables import notes
from assistant.store.rows import existing, new_key


class Notes(StoreBase):
    """Writing notes and reading them."""

    def add_note(
        self, dialog_id: str, operator_id: str, operator_name: str, text: str
    ) -> dict[str, Any]:
        """Keep a note; whoever reads events learns that there is one, not what it says. Raises
        NotFoundError for an unknown dialog."""
        with self._database.writing() as connection:
            existing(connection, dialog_id)
            return self._add_note(connection, dialog_id, operator_id, operator_name, text)

    def _add_note(
        self, connection: Connection, dialog_id: str, operator_id: str, name: str, text: str
    ) -> dict[str, Any]:
        result = connection.execute(
            insert(notes).values(
                dialog_id=dialog_id,
                operator_id=operator_id,
                operator_name=name,
                text=text,
                created_at=self._stamp(),
            )
        )
        number = new_key(result)
        told = {"note_id": number, "operator_id": operator_id}
        self._event(connection, dialog_id, "note.added", told)
        return _view(connection.execute(select(notes).where(notes.c.id == number)).one())

    def notes_of(self, dialog_id: str) -> list[dict[str, Any]]:
        """The notes of a dialog as the API shows them, oldest first."""
        query = select(notes).where(notes.c.dialog_id == dialog_id).order_by(notes.c.id)
        with self._database.reading() as connection:
            return [_view(row) for row in connection.execute(query)]


def _view(row: Row[Any]) -> dict[str, Any]:
    return {
        "note_id": row.id,
        "operator_id": row.operator_id,
        "operator_name": row.operator_name,
        "text": row.text,
        "created_at": row.created_at,
    }
