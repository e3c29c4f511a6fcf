"""What people do: take a dialog, answer, give it back, close it, be at work or not."""

from __future__ import annotations

import secrets as randomness
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from assistant.care import Purpose
from assistant.domain import AuthorKind, Owner
from assistant.errors import ConflictError, DialogTakenError, MessageIdReusedError, NotYoursError
from assistant.ownership import Actor, operator
from assistant.store.hints import Hints
from assistant.store.marks import NewMark, insert_mark, settling_answer
from assistant.store.rows import existing, message_row, message_view, new_key, parse_stamp, upsert
from assistant.store.surveys import is_a_persons_word
from assistant.store.tables import dialogs, messages, operators
from assistant.store.ticket_telling import TicketTelling
from assistant.tickets import TellsNews
from assistant.verdicts import MarkKind

OPERATOR_SEEN_SECONDS = 150
"""An operator is at work so long after he was seen. Browsers let a page in the background act once
a minute: one renewal may fail."""
_WAITS_AVERAGED = 20
_TAKEN_LOOKED_AT = 60
"""Dialogs, the last taken first, among which these are looked for."""
_FEWEST_WAITS = 3
"""Fewer say nothing of what is usual."""


class Desk(Hints, TicketTelling):
    """The operators' side of the store."""

    def take(self, dialog_id: str, operator_id: str, operator_name: str) -> None:
        """Give the dialog to an operator; DialogTakenError when another has it."""
        with self._database.writing() as connection:
            row = existing(connection, dialog_id)
            if row.owner == Owner.HUMAN and row.operator_id != operator_id:
                raise DialogTakenError(f"{row.operator_name or row.operator_id} has this dialog")
            if row.owner == Owner.CLOSED:
                raise ConflictError("the dialog is closed; reopen it first")
            if row.owner == Owner.HUMAN:
                return
            self._see(connection, operator_id, operator_name)
            self._move(
                connection,
                row,
                Owner.HUMAN,
                by=operator(operator_id),
                why="taken",
                payload={"operator_id": operator_id},
                operator_id=operator_id,
                operator_name=operator_name,
                taken_at=self._stamp(),
            )

    def release(self, dialog_id: str, operator_id: str) -> None:
        """Give the dialog back to the queue."""
        with self._database.writing() as connection:
            row = self._require_holder(connection, dialog_id, operator_id)
            self._to_queue(connection, row, by=operator(operator_id), why="released")

    def _to_queue(
        self,
        connection: Connection,
        row: Row[Any],
        *,
        by: Actor,
        why: str,
        queue: str | None = None,
    ) -> None:
        """Let a dialog that an operator has wait again, in another queue where one is named."""
        queue = queue or row.queue
        self._move(
            connection,
            row,
            Owner.WAITING,
            by=by,
            why=why,
            payload={"operator_id": by.id, "queue": queue},
            queue=queue,
            operator_id=None,
            operator_name=None,
            taken_at=None,
            waiting_since=row.waiting_since or self._stamp(),
            unanswered_since=row.unanswered_since or self._stamp(),
        )

    def resolve(
        self,
        dialog_id: str,
        operator_id: str,
        survey: dict[str, Any] | None = None,
        news: TellsNews | None = None,
    ) -> None:
        """Close the dialog, and with it the ticket that its handoff opened. `news` tells the
        customer of the ticket, without it `tell_ticket_news` does later. `survey`: the bot's
        question for a rating, as `assistant.replies.bot_document` gives it, asked where the ending
        is good, after the news."""
        with self._database.writing() as connection:
            row = existing(connection, dialog_id)
            if row.owner == Owner.CLOSED:
                return
            if row.owner == Owner.HUMAN and row.operator_id != operator_id:
                raise NotYoursError(f"{row.operator_name or row.operator_id} has this dialog")
            self._move(
                connection,
                row,
                Owner.CLOSED,
                by=operator(operator_id),
                why="resolved",
                payload={"operator_id": operator_id},
                resolved_at=self._stamp(),
                unanswered_since=None,
                sla_breached_at=None,
            )
            solved = self._solve_with_dialog(connection, dialog_id, operator_id)
            if solved is not None and news is not None:
                self._tell_news(connection, existing(connection, dialog_id), solved, news)
            if survey is not None:
                self._ask_after_close(connection, row, operator_id, survey)

    def _ask_after_close(
        self, connection: Connection, row: Row[Any], operator_id: str, survey: dict[str, Any]
    ) -> None:
        """`row`: the dialog as it was before it was closed."""
        ending = self._closed_by(connection, row, operator_id)
        if not ending.is_good or not self._has_budget(connection, row):
            return
        if self._ask_once(connection, row, ending):
            self._tell(connection, existing(connection, row.dialog_id), survey, Purpose.SURVEY)

    def reopen(self, dialog_id: str, operator_id: str) -> None:
        """Give a closed dialog back to the bot, with a fresh context. When the bot's answer was the
        last word in it, and it was not handed over, that is marked as wrong."""
        with self._database.writing() as connection:
            row = existing(connection, dialog_id)
            if row.owner != Owner.CLOSED:
                raise ConflictError(f"the dialog is not closed, its owner is {row.owner}")
            latest = connection.execute(
                select(func.max(messages.c.id)).where(messages.c.dialog_id == dialog_id)
            ).scalar()
            self._doubt_last_answer(connection, row, operator_id)
            by = operator(operator_id)
            self._reopen(connection, row, (latest or 0) + 1, by, "reopened by an operator")

    def _doubt_last_answer(self, connection: Connection, row: Row[Any], operator_id: str) -> None:
        """What the bot answered last did not settle the matter."""
        about = settling_answer(connection, row)
        if about is not None:
            new = NewMark(about, MarkKind.REOPENED, right=False, who=operator_id)
            insert_mark(connection, row.dialog_id, new, self._stamp())

    def add_operator_message(
        self,
        dialog_id: str,
        operator_id: str,
        operator_name: str | None,
        text: str,
        message_id: str | None = None,
        *,
        hint_id: str | None = None,
    ) -> dict[str, Any]:
        """Store what a person says; only the operator who holds the dialog may. The same
        `message_id` again is the same message, and nothing is done twice. What became of the hints
        that were shown to him is written down with it; `hint_id`: the one that he used.

        Raises MessageIdReusedError when the id came before with another text, BadInputError for a
        hint of another dialog: the message is not stored then.
        """
        with self._database.writing() as connection:
            existing(connection, dialog_id)
            known = message_row(connection, dialog_id, message_id) if message_id else None
            if known is not None:
                return _said_before(known, operator_id, text)
            row = self._require_holder(connection, dialog_id, operator_id)
            hint = self._named_hint(connection, dialog_id, hint_id)
            result = connection.execute(
                insert(messages).values(
                    dialog_id=dialog_id,
                    message_id=message_id or f"o-{randomness.token_hex(8)}",
                    author_kind=AuthorKind.HUMAN,
                    author_id=operator_id,
                    author_name=operator_name or row.operator_name,
                    text=text,
                    created_at=self._stamp(),
                )
            )
            connection.execute(
                update(dialogs)
                .where(dialogs.c.dialog_id == dialog_id)
                .values(unanswered_since=None, sla_breached_at=None, updated_at=self._stamp())
            )
            number = new_key(result)
            stored = connection.execute(select(messages).where(messages.c.id == number)).one()
            self._settle_hints(connection, stored, hint)
            self._event(
                connection, dialog_id, "message.created", {"author": "human", "seq": number}
            )
            return message_view(stored)

    def _require_holder(self, connection: Connection, dialog_id: str, operator_id: str) -> Row[Any]:
        row = existing(connection, dialog_id)
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
        upsert(connection, operators, {"operator_id": operator_id}, values)

    def name_of_operator(self, operator_id: str) -> str | None:
        """What an operator was called last; None where nobody of that id was ever seen."""
        query = select(operators.c.name).where(operators.c.operator_id == operator_id)
        with self._database.reading() as connection:
            name: str | None = connection.execute(query).scalar()
        return name

    def operators_online(self) -> bool:
        """Whether any operator was seen lately enough to be at work."""
        with self._database.reading() as connection:
            query = select(func.count()).where(
                operators.c.seen_at > self._stamp(-OPERATOR_SEEN_SECONDS)
            )
            return bool(connection.execute(query).scalar())

    def typical_wait_minutes(self, default: int) -> int:
        """Average of the latest waits from handoff to an operator's first message, at least 1;
        `default` before there were a few: one who presses "take" has said nothing yet, and one who
        was quick once promises nothing."""
        first_word = (
            select(func.min(messages.c.created_at))
            .where(
                messages.c.dialog_id == dialogs.c.dialog_id,
                is_a_persons_word,
                messages.c.created_at >= dialogs.c.waiting_since,
            )
            .scalar_subquery()
        )
        query = (
            select(dialogs.c.waiting_since, first_word.label("answered_at"))
            .where(dialogs.c.taken_at.is_not(None), dialogs.c.waiting_since.is_not(None))
            .order_by(dialogs.c.taken_at.desc())
            .limit(_TAKEN_LOOKED_AT)
        )
        with self._database.reading() as connection:
            waits = [
                (parse_stamp(row.answered_at) - parse_stamp(row.waiting_since)).total_seconds() / 60
                for row in connection.execute(query)
                if row.answered_at is not None
            ][:_WAITS_AVERAGED]
        return max(1, round(sum(waits) / len(waits))) if len(waits) >= _FEWEST_WAITS else default


def _said_before(known: Row[Any], operator_id: str, text: str) -> dict[str, Any]:
    """A message of an operator that is sent again, as it was stored."""
    same = (AuthorKind.HUMAN, operator_id, text)
    if (known.author_kind, known.author_id, known.text) != same:
        raise MessageIdReusedError(
            f"message_id {known.message_id!r} was used for another message in this dialog"
        )
    return message_view(known)
