"""Who is typing now: kept for seconds, told to whoever listens, written into no book."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError

from assistant.errors import NotFoundError
from assistant.store.base import StoreBase
from assistant.store.desk_tables import typing
from assistant.store.rows import upsert

TYPING_SECONDS = 6.0
"""How long somebody types after his last word of it; pages say it again every 4 seconds."""
CUSTOMER = "customer"


@dataclass(frozen=True)
class Typing:
    """Somebody types in a dialog."""

    dialog_id: str
    who: str
    """An operator's id, or `customer`."""
    name: str
    until: str
    """As the tables keep times; past it he has stopped."""

    def document(self) -> dict[str, str]:
        """As the API shows it."""
        return asdict(self)


class WhoTypes(StoreBase):
    """Noting it and looking it up."""

    def note_typing(self, dialog_id: str, who: str, name: str) -> None:
        """Somebody types, for the next seconds. Raises NotFoundError for an unknown dialog."""
        values = {"name": name, "until": self._stamp(TYPING_SECONDS)}
        try:
            with self._database.writing() as connection:
                if connection.dialect.name == "postgresql":
                    # Lost in a crash it was over anyway.
                    connection.execute(text("set local synchronous_commit = off"))
                upsert(connection, typing, {"dialog_id": dialog_id, "who": who}, values)
        except IntegrityError as error:  # its dialog is not there
            raise NotFoundError(f"there is no dialog {dialog_id!r}") from error

    def typing_now(self, dialog_id: str | None = None) -> list[Typing]:
        """Who types in a dialog, or in any."""
        query = select(typing).where(typing.c.until > self._stamp()).order_by(typing.c.until)
        if dialog_id is not None:
            query = query.where(typing.c.dialog_id == dialog_id)
        with self._database.reading() as connection:
            return [
                Typing(row.dialog_id, row.who, row.name, row.until)
                for row in connection.execute(query)
            ]

    def forget_typing(self) -> int:
        """Delete what is over; returns how much."""
        with self._database.writing() as connection:
            over = typing.c.until <= self._stamp()
            return connection.execute(delete(typing).where(over)).rowcount
