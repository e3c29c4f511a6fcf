"""Hints that operators were shown, and what became of them."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from assistant.domain import Turn
from assistant.errors import BadInputError, NotFoundError
from assistant.hint_use import Blank, Shown, Use, is_holding, use_of
from assistant.store.base import StoreBase
from assistant.store.desk_tables import hints
from assistant.store.marks import NewMark, insert_mark
from assistant.store.rows import existing, parse_stamp, turns_with_rows
from assistant.store.tables import messages, ratings
from assistant.verdicts import HINT_MARKS, HINT_RIGHT, HintOutcome

MOST_SHOWN = 3
"""Hints of a message that are shown; what better ones took the place of is kept, since an operator
may have it before his eyes."""


@dataclass(frozen=True)
class Spoken:
    """A turn of a dialog and the message that it ends with."""

    turn: Turn
    message_id: str


@dataclass(frozen=True)
class DeskView:
    """A dialog as hints need it, read in one go."""

    spoken: Sequence[Spoken]
    """Since it was last opened, oldest first, the messages of a burst as one."""
    waits_since: datetime | None
    """Since when the customer waits for a person's word; None: he does not."""
    score: int | None
    """His rating, where he gave one."""


class Hints(StoreBase):
    """Keeping hints and settling them."""

    def desk_view(self, dialog_id: str) -> DeskView:
        """The dialog for whoever is to answer it. Raises NotFoundError."""
        with self._database.reading() as connection:
            row = existing(connection, dialog_id)
            query = (
                select(messages)
                .where(messages.c.dialog_id == dialog_id, messages.c.id >= row.context_from)
                .order_by(messages.c.id)
            )
            spoken = [
                Spoken(turn, last.message_id)
                for turn, last in turns_with_rows(connection.execute(query))
            ]
            score = connection.execute(
                select(ratings.c.score).where(ratings.c.dialog_id == dialog_id)
            ).scalar()
        since = parse_stamp(row.unanswered_since) if row.unanswered_since else None
        return DeskView(spoken, since, score)

    def hints_for(self, dialog_id: str, message_id: str, snapshot: str) -> list[dict[str, Any]]:
        """What was shown for a message, in its order; empty where nothing was, or with other
        articles."""
        with self._database.reading() as connection:
            return _shown(connection, dialog_id, message_id, snapshot)

    def keep_hints(
        self,
        dialog_id: str,
        message_id: str,
        snapshot: str,
        made: Sequence[Mapping[str, Any]],
        operator_id: str | None = None,
    ) -> list[dict[str, Any]]:
        """Keep what is shown for a message, each with an id of its own; what another kept for it
        meanwhile is given back instead. `made`: as `hint_document` gives them, without ids.
        `operator_id`: who is shown them, where that is known; what he writes says something of
        them, and what those write who were not says nothing.

        Raises NotFoundError.
        """
        with self._database.writing() as connection:
            existing(connection, dialog_id)
            shown = _shown(connection, dialog_id, message_id, snapshot)
            if not shown and made:
                for position, hint in enumerate(made, start=1):
                    self._insert_hint(connection, (dialog_id, message_id, snapshot), hint, position)
                shown = _shown(connection, dialog_id, message_id, snapshot)
            if operator_id is not None:
                _note_seen(connection, dialog_id, message_id, operator_id)
            return shown

    def hinted_articles(self, dialog_id: str) -> list[str]:
        """Ids of the articles that the latest hints of a dialog cite, each once; empty for a dialog
        without any, or one that there is not."""
        query = (
            select(hints.c.citations)
            .where(hints.c.dialog_id == dialog_id)
            .order_by(hints.c.made_at.desc(), hints.c.position)
            .limit(MOST_SHOWN)
        )
        with self._database.reading() as connection:
            cited: list[list[dict[str, Any]]] = list(connection.execute(query).scalars())
        return list(dict.fromkeys(one["article_id"] for line in cited for one in line))

    def replace_hint(
        self, dialog_id: str, hint_id: str, better: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Keep a better hint in the place of another, which is no longer shown but may still be
        used by whoever has it before him; returns it with its id. Raises NotFoundError."""
        this = (hints.c.hint_id == hint_id) & (hints.c.dialog_id == dialog_id)
        with self._database.writing() as connection:
            existing(connection, dialog_id)
            old = connection.execute(select(hints).where(this)).first()
            if old is None:
                raise NotFoundError(f"dialog {dialog_id!r} has no hint {hint_id!r}")
            place = (dialog_id, old.message_id, old.snapshot)
            moved = update(hints).where(this).values(position=old.position + MOST_SHOWN)
            connection.execute(moved)
            new = self._insert_hint(connection, place, better, old.position)
            same_eyes = update(hints).where(hints.c.hint_id == new).values(seen_by=old.seen_by)
            connection.execute(same_eyes)
            kept = connection.execute(select(hints).where(hints.c.hint_id == new)).one()
            return _hint(kept)

    def _insert_hint(
        self,
        connection: Connection,
        place: tuple[str, str, str],
        hint: Mapping[str, Any],
        position: int,
    ) -> str:
        dialog_id, message_id, snapshot = place
        hint_id = new_hint_id()
        fields = ("kind", "text", "citations", "blanks", "source", "confidence")
        connection.execute(
            insert(hints).values(
                hint_id=hint_id,
                dialog_id=dialog_id,
                message_id=message_id,
                snapshot=snapshot,
                position=position,
                made_at=self._stamp(),
                **{name: hint[name] for name in fields},
            )
        )
        return hint_id

    def hints_used(self, dialog_id: str) -> list[dict[str, Any]]:
        """What became of the hints of a dialog, oldest first; those that nobody has answered yet
        are left out."""
        query = (
            select(hints)
            .where(hints.c.dialog_id == dialog_id, hints.c.outcome.is_not(None))
            .order_by(hints.c.settled_at, hints.c.position)
        )
        with self._database.reading() as connection:
            return [_used(row) for row in connection.execute(query)]

    def _named_hint(
        self, connection: Connection, dialog_id: str, hint_id: str | None
    ) -> Row[Any] | None:
        """The hint that a message says it was made of. Raises BadInputError for one that is not of
        this dialog: the message is not stored then, and can be sent again without it."""
        if hint_id is None:
            return None
        this = (hints.c.hint_id == hint_id) & (hints.c.dialog_id == dialog_id)
        row = connection.execute(select(hints).where(this)).first()
        if row is None:
            raise BadInputError(
                f"hint_id {hint_id!r} is no hint of dialog {dialog_id!r}; nothing was sent: send "
                "the message again without it"
            )
        return row

    def _settle_hints(self, connection: Connection, said: Row[Any], named: Row[Any] | None) -> None:
        """What an operator's message, just stored, says of the hints that he had before him."""
        if named is None and is_holding(said.text):
            return
        if named is not None and named.outcome is not None:
            return  # it was settled by an earlier message
        rows = _open(connection, said.dialog_id, named)
        if named is None:
            rows = [row for row in rows if row.seen_by is None or said.author_id in row.seen_by]
        if not rows:
            return
        use = use_of(said.text, [_as_shown(row) for row in rows], named.hint_id if named else None)
        for row in rows:
            self._settle_hint(connection, row, said, use)
        self._mark_hint(connection, rows, said, use)

    def _settle_hint(
        self, connection: Connection, row: Row[Any], said: Row[Any], use: Use | None
    ) -> None:
        used = use is not None and use.hint_id == row.hint_id
        outcome = use.outcome if use is not None and used else HintOutcome.IGNORED
        changed = use.difference if use is not None and used else None
        connection.execute(
            update(hints)
            .where(hints.c.hint_id == row.hint_id)
            .values(
                outcome=outcome.value,
                settled_at=self._stamp(),
                operator_id=said.author_id,
                sent_message_id=said.message_id,
                difference=None if changed is None else changed.document(),
            )
        )

    def _mark_hint(
        self, connection: Connection, rows: Sequence[Row[Any]], said: Row[Any], use: Use | None
    ) -> None:
        """Judge the hint that was used, or the first where none was: the others may have been
        right too. One that cites no article, or a frame around one that was not found for the
        customer's own words, teaches nothing about articles."""
        judged = next((row for row in rows if use and row.hint_id == use.hint_id), rows[0])
        if not judged.citations or judged.confidence is None:
            return
        outcome = use.outcome if use else HintOutcome.IGNORED
        cited = dict.fromkeys(citation["article_id"] for citation in judged.citations)
        new = NewMark(
            message_id=judged.message_id,
            kind=HINT_MARKS[outcome],
            right=HINT_RIGHT[outcome],
            who=said.author_id,
            article_ids=tuple(cited),
            confidence=judged.confidence,
        )
        insert_mark(connection, said.dialog_id, new, self._stamp())


def new_hint_id() -> str:
    """An id that nobody guesses."""
    return f"hint-{randomness.token_urlsafe(18)}"


def _of_message(dialog_id: str, message_id: str, snapshot: str) -> Any:
    return (
        (hints.c.dialog_id == dialog_id)
        & (hints.c.message_id == message_id)
        & (hints.c.snapshot == snapshot)
    )


def _note_seen(connection: Connection, dialog_id: str, message_id: str, operator_id: str) -> None:
    of_message = (hints.c.dialog_id == dialog_id) & (hints.c.message_id == message_id)
    query = select(hints.c.hint_id, hints.c.seen_by).where(of_message)
    for row in list(connection.execute(query)):
        if operator_id not in (row.seen_by or ()):
            seen = [*(row.seen_by or ()), operator_id]
            this = hints.c.hint_id == row.hint_id
            connection.execute(update(hints).where(this).values(seen_by=seen))


def _shown(
    connection: Connection, dialog_id: str, message_id: str, snapshot: str
) -> list[dict[str, Any]]:
    query = (
        select(hints)
        .where(_of_message(dialog_id, message_id, snapshot), hints.c.position <= MOST_SHOWN)
        .order_by(hints.c.position)
    )
    return [_hint(row) for row in connection.execute(query)]


def _hint(row: Row[Any]) -> dict[str, Any]:
    """A hint as the API shows it."""
    return {
        "hint_id": row.hint_id,
        "kind": row.kind,
        "text": row.text,
        "citations": row.citations,
        "source": row.source,
        "confidence": row.confidence,
        "blanks": row.blanks,
    }


def _used(row: Row[Any]) -> dict[str, Any]:
    return {
        "hint_id": row.hint_id,
        "message_id": row.message_id,
        "kind": row.kind,
        "position": row.position,
        "text": row.text,
        "confidence": row.confidence,
        "outcome": row.outcome,
        "difference": row.difference,
        "operator_id": row.operator_id,
        "sent_message_id": row.sent_message_id,
        "settled_at": row.settled_at,
    }


def _open(connection: Connection, dialog_id: str, named: Row[Any] | None) -> list[Row[Any]]:
    """The hints that are not settled yet of the message that the named one answers, or of the last
    one that hints were made for; the first of those made last comes first. Hints for messages
    before it, to which the operator did not write before the customer did, stay open: nobody can
    tell what he thought of them."""
    answers = (messages.c.dialog_id == hints.c.dialog_id) & (
        messages.c.message_id == hints.c.message_id
    )
    query = (
        select(hints, messages.c.id.label("number"))
        .join(messages, answers)
        .where(hints.c.dialog_id == dialog_id, hints.c.outcome.is_(None))
        .order_by(hints.c.position, hints.c.made_at.desc())
    )
    rows = list(connection.execute(query))
    latest = max(rows, key=lambda row: row.number, default=None)
    about = named if named is not None else latest
    message_id = None if about is None else about.message_id
    if named is None and latest is not None and _is_answered(connection, dialog_id, latest.number):
        return []
    return [row for row in rows if row.message_id == message_id]


def _is_answered(connection: Connection, dialog_id: str, number: int) -> bool:
    """Whether some hint for a message, or for one after it, was settled already: what is written
    after that goes on, and says nothing of hints that came too late or are left from before."""
    query = (
        select(hints.c.hint_id)
        .join(
            messages,
            (messages.c.dialog_id == hints.c.dialog_id)
            & (messages.c.message_id == hints.c.message_id),
        )
        .where(
            hints.c.dialog_id == dialog_id, hints.c.outcome.is_not(None), messages.c.id >= number
        )
    )
    return connection.execute(query.limit(1)).first() is not None


def _as_shown(row: Row[Any]) -> Shown:
    return Shown(row.hint_id, row.text, tuple(Blank(**blank) for blank in row.blanks))
