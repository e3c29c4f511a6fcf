"""Asking for a rating and taking it: what `assistant.care` wants to know of a dialog's ending."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, insert, or_, select, update

from assistant.care import Ending, Manners, may_ask_survey, rating_in
from assistant.domain import Action, AuthorKind, IntentLabel, Owner, Signal
from assistant.errors import AlreadyRatedError
from assistant.store.base import StoreBase
from assistant.store.database import hold_events
from assistant.store.marks import NewMark, insert_mark, last_answer, settling_answer
from assistant.store.rows import existing, parse_stamp
from assistant.store.tables import dialogs, messages, ratings
from assistant.verdicts import MarkKind, right_by_score

SURVEY_BUTTON = "csat-"
"""What the ids of a survey's buttons begin with; a digit follows."""

_UPSET = {Signal.PROFANITY.value, Signal.DISTRESS.value}
is_a_persons_word = and_(
    messages.c.author_kind == AuthorKind.HUMAN,
    # A ticket's news in an operator's name was not written by him.
    messages.c.purpose.is_(None),
)
_IS_COMPLAINT = and_(
    messages.c.author_kind == AuthorKind.CUSTOMER,
    messages.c.details[("intent", "label")].as_string() == IntentLabel.COMPLAINT.value,
    # What the bot could answer was a question, however it was put.
    messages.c.action != Action.ANSWER,
)


@dataclass(frozen=True)
class Courtesy:
    """What good manners add to a reply."""

    with_survey: dict[str, Any] | None = None
    """The same reply with the question for a rating, given where the ending is good."""
    rating: int | None = None
    """The rating that the message is, 1 to 5."""


PLAIN = Courtesy()


class Surveys(StoreBase):
    """The survey's side of the store."""

    manners = Manners()

    def awaits_rating(self, dialog_id: str, number: int) -> bool:
        """Whether a digit in the message of that number would be a rating: the customer's first
        word since he was asked for one, other digits aside, and no person spoke in between."""
        with self._database.reading() as connection:
            return _awaits_rating(connection, existing(connection, dialog_id), number)

    def _only_rates(self, connection: Connection, row: Row[Any], number: int, text: str) -> bool:
        """Whether a message to a closed dialog is a rating, which opens nothing anew."""
        return rating_in(text) is not None and _awaits_rating(connection, row, number)

    def _rate(
        self, connection: Connection, row: Row[Any], score: int, comment: str | None
    ) -> dict[str, Any]:
        """Keep the rating of a dialog that was read as `row`; AlreadyRatedError for a second."""
        if _rating_of(connection, row) is not None:
            raise AlreadyRatedError("this dialog was rated before; once is enough")
        rating, stamp = {"score": score, "comment": comment}, self._stamp()
        connection.execute(
            insert(ratings).values(dialog_id=row.dialog_id, created_at=stamp, **rating)
        )
        about = settling_answer(connection, row)
        if about is not None:
            new = NewMark(about, MarkKind.CSAT, right_by_score(score), who="customer")
            insert_mark(connection, row.dialog_id, new, stamp)
        self._event(connection, row.dialog_id, "csat.received", rating)
        return rating | {"created_at": stamp}

    def _rate_once(self, connection: Connection, row: Row[Any], score: int) -> None:
        """The same for a digit in the chat; one that comes after the first, or after the button was
        pressed, changes nothing."""
        if _rating_of(connection, row) is None:
            self._rate(connection, row, score, None)

    def _ask_once(self, connection: Connection, row: Row[Any], ending: Ending) -> bool:
        """Whether the customer may be asked now, after an ending of which the rest is looked up
        here; if so, it is noted that he was. The caller asks in the same transaction."""
        if not (self.manners.surveys and ending.is_good):
            return False
        # Two dialogs of a customer may end at once: who holds the book sees what the other did.
        hold_events(connection)
        ending = replace(
            ending,
            asked_here=row.survey_asked_at is not None,
            is_rated=_rating_of(connection, row) is not None,
            asked_at=_asked_at(connection, row),
            complaint_open=has_open_complaint(connection, row),
        )
        if not may_ask_survey(ending, self._now(), self.manners.survey_days):
            return False
        unasked = (dialogs.c.dialog_id == row.dialog_id) & dialogs.c.survey_asked_at.is_(None)
        changed = connection.execute(
            update(dialogs).where(unasked).values(survey_asked_at=self._stamp())
        )
        return changed.rowcount == 1

    def _ask_thankful(self, connection: Connection, row: Row[Any], before: int) -> bool:
        """The same in a dialog in which the customer thanks, in the message `before`: the bot's
        answer must be the last that was said."""
        if row.owner != Owner.BOT:
            return False
        answered = last_answer(connection, row, before=before, past_thanks=False)
        return self._ask_once(connection, row, Ending(is_good=answered is not None))

    def _closed_by(self, connection: Connection, row: Row[Any], operator_id: str) -> Ending:
        """How an operator leaves a dialog that was read as `row` before he closed it: well where he
        wrote in it, and whatever the customer said after that is thanks."""
        person = _latest(connection, row, AuthorKind.HUMAN)
        customer = _latest(connection, row, AuthorKind.CUSTOMER)
        if row.owner != Owner.HUMAN or person is None or person.author_id != operator_id:
            return Ending(is_good=False)
        last = person if customer is None or customer.id < person.id else customer
        return Ending(
            is_good=last is person or _label(last) == IntentLabel.THANKS,
            is_upset=_is_upset(customer),
            ago=self._now() - parse_stamp(last.created_at),
        )


def _awaits_rating(connection: Connection, row: Row[Any], number: int) -> bool:
    if row.survey_asked_at is None:
        return False
    query = (
        select(messages.c.author_kind, messages.c.purpose, messages.c.text, messages.c.details)
        .where(messages.c.dialog_id == row.dialog_id, messages.c.id < number)
        .order_by(messages.c.id.desc())
    )
    for line in connection.execute(query):
        if line.author_kind == AuthorKind.HUMAN and line.purpose is None:
            return False
        if line.author_kind == AuthorKind.CUSTOMER and rating_in(line.text) is None:
            return False
        buttons = (line.details or {}).get("quick_replies", ())
        if any(button["id"].startswith(SURVEY_BUTTON) for button in buttons):
            return True
    return False


def dialogs_of_same(row: Row[Any]) -> ColumnElement[bool]:
    """All dialogs of the customer of a dialog, on every channel: by his id, and those that he began
    as a visitor; of somebody without either this dialog alone."""
    same = [dialogs.c.dialog_id == row.dialog_id]
    if row.customer_id is not None:
        same.append(dialogs.c.customer_id == row.customer_id)
    if row.anonymous_id is not None:
        visitor = dialogs.c.anonymous_id == row.anonymous_id
        stranger = dialogs.c.customer_id.is_(None)
        same.append(visitor if row.customer_id is None else visitor & stranger)
    return or_(*same)


def has_open_complaint(connection: Connection, row: Row[Any]) -> bool:
    """Whether the customer complained and no person wrote to him after that: in this dialog, or in
    another of his that is not closed."""
    complaint = func.max(case((_IS_COMPLAINT, messages.c.id)))
    person = func.max(case((is_a_persons_word, messages.c.id)))
    here_or_open = (dialogs.c.dialog_id == row.dialog_id) | (dialogs.c.owner != Owner.CLOSED)
    query = (
        select(messages.c.dialog_id)
        .join(dialogs, dialogs.c.dialog_id == messages.c.dialog_id)
        .where(dialogs_of_same(row), here_or_open)
        .group_by(messages.c.dialog_id)
        .having(complaint > func.coalesce(person, 0))
    )
    return connection.execute(query).first() is not None


def _asked_at(connection: Connection, row: Row[Any]) -> datetime | None:
    query = select(func.max(dialogs.c.survey_asked_at)).where(dialogs_of_same(row))
    found = connection.execute(query).scalar()
    return parse_stamp(found) if found else None


def _rating_of(connection: Connection, row: Row[Any]) -> Row[Any] | None:
    return connection.execute(select(ratings).where(ratings.c.dialog_id == row.dialog_id)).first()


def _latest(connection: Connection, row: Row[Any], kind: AuthorKind) -> Row[Any] | None:
    """The last message that somebody wrote since the dialog was last opened; what was told in his
    name is none."""
    query = (
        select(messages)
        .where(
            messages.c.dialog_id == row.dialog_id,
            messages.c.author_kind == kind,
            messages.c.purpose.is_(None),
            messages.c.id >= row.context_from,
        )
        .order_by(messages.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).first()


def _label(row: Row[Any] | None) -> str | None:
    intent = (row.details or {}).get("intent") if row else None
    label: str | None = intent["label"] if intent else None
    return label


def _is_upset(row: Row[Any] | None) -> bool:
    trace = (row.reply or {}).get("trace", {}) if row else {}
    return bool(_UPSET & set(trace.get("signals", ())))
