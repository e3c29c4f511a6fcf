"""What operators answered in dialogs that ended well, masked; to be offered again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from assistant.domain import Owner
from assistant.store.base import StoreBase
from assistant.store.desk_tables import hints, past_answers, progress
from assistant.store.live import EVALUATION_CHANNEL
from assistant.store.rows import dialog_row, parse_stamp, upsert
from assistant.store.tables import events, messages, ratings
from assistant.verdicts import BEST_BAD_SCORE

Floats = npt.NDArray[np.float32]

_WORK = "past answers"
_ENDINGS = ("dialog.resolved", "dialog.reopened", "csat.received")
"""Events after which a dialog's answers are looked at anew."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """An operator's answer, masked, with the masked question it was given to."""

    message: int
    """Number of the operator's message."""
    dialog_id: str
    question: str
    answer: str
    lang: str
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class PastVector:
    """What is kept in memory of a past answer."""

    message: int
    dialog_id: str
    lang: str
    vector: Floats
    """Of the question, float32 (dimension,), of length 1."""


@dataclass(frozen=True, slots=True)
class NewPastAnswer:
    """A past answer before it is kept."""

    message_id: str
    """Of the operator's message."""
    question: str
    answer: str
    lang: str
    intent: str
    vector: Floats
    model_id: str


class PastAnswerRows(StoreBase):
    """Keeping past answers and reading them."""

    def endings_to_look_at(self, limit: int) -> list[tuple[int, str]]:
        """Events after which a dialog's answers must be looked at, oldest first: number and
        dialog's id."""
        with self._database.reading() as connection:
            query = (
                select(events.c.id, events.c.dialog_id)
                .where(events.c.id > _come_to(connection), events.c.type.in_(_ENDINGS))
                .order_by(events.c.id)
                .limit(limit)
            )
            return [(row.id, row.dialog_id) for row in connection.execute(query)]

    def is_good_ending(self, dialog_id: str) -> bool:
        """Whether a dialog is there, closed, no evaluation's, and not rated badly."""
        with self._database.reading() as connection:
            return _ended_well(connection, dialog_row(connection, dialog_id))

    def keep_past_answers(self, dialog_id: str, found: Sequence[NewPastAnswer], event: int) -> int:
        """The past answers of a dialog are these from now on, none where it did not end well; and
        all events up to this one are looked at, in one transaction. Returns how many are kept."""
        with self._database.writing() as connection:
            row = dialog_row(connection, dialog_id)
            ours = past_answers.c.dialog_id == dialog_id
            connection.execute(delete(past_answers).where(ours))
            kept = found if _ended_well(connection, row) else ()
            if not kept:
                _take_back_hints(connection, dialog_id)
            count = sum(_insert(connection, dialog_id, answer) for answer in kept)
            upsert(connection, progress, {"name": _WORK}, {"number": event})
            return count

    def past_answers_of_other_models(self, model_id: str, limit: int) -> list[PastAnswer]:
        """Those whose vectors another embedding model made."""
        query = select(past_answers).where(past_answers.c.model_id != model_id).limit(limit)
        with self._database.reading() as connection:
            return [_answer(row) for row in connection.execute(query)]

    def renew_past_vectors(self, vectors: dict[int, Floats], model_id: str) -> None:
        """Put in vectors of this model, by the number of the operator's message."""
        with self._database.writing() as connection:
            for message, vector in vectors.items():
                connection.execute(
                    update(past_answers)
                    .where(past_answers.c.message == message)
                    .values(vector=_bytes(vector), model_id=model_id)
                )

    def past_answers_state(self, model_id: str) -> tuple[int, int, int]:
        """Changes whenever past answers whose vectors are of this model are added or deleted: how
        many there are, the highest number and the sum of all."""
        number = past_answers.c.message
        query = select(func.count(), func.max(number), func.sum(number)).where(
            past_answers.c.model_id == model_id
        )
        with self._database.reading() as connection:
            count, highest, total = connection.execute(query).one()
        return int(count), int(highest or 0), int(total or 0)

    def past_answer_numbers(self, model_id: str) -> list[int]:
        """Numbers of all whose vectors are of this model, in order."""
        number = past_answers.c.message
        query = select(number).where(past_answers.c.model_id == model_id).order_by(number)
        with self._database.reading() as connection:
            return list(connection.execute(query).scalars())

    def past_vectors(self, numbers: Sequence[int]) -> list[PastVector]:
        """Those of these numbers that are still there."""
        return [
            PastVector(row.message, row.dialog_id, row.lang, np.frombuffer(row.vector, np.float32))
            for row in self._past_rows(numbers)
        ]

    def past_answers(self, numbers: Sequence[int]) -> list[PastAnswer]:
        """The same with their words."""
        return [_answer(row) for row in self._past_rows(numbers)]

    def _past_rows(self, numbers: Sequence[int]) -> list[Row[Any]]:
        found: list[Row[Any]] = []
        with self._database.reading() as connection:
            for at in range(0, len(numbers), _AT_ONCE):
                these = past_answers.c.message.in_(numbers[at : at + _AT_ONCE])
                found += connection.execute(select(past_answers).where(these))
        return found


def _come_to(connection: Connection) -> int:
    this = progress.c.name == _WORK
    return int(connection.execute(select(progress.c.number).where(this)).scalar() or 0)


def _ended_well(connection: Connection, row: Row[Any] | None) -> bool:
    if row is None or row.owner != Owner.CLOSED or row.channel == EVALUATION_CHANNEL:
        return False
    query = select(ratings.c.score).where(ratings.c.dialog_id == row.dialog_id)
    score = connection.execute(query).scalar()
    return score is None or score > BEST_BAD_SCORE


def _insert(connection: Connection, dialog_id: str, answer: NewPastAnswer) -> bool:
    """Whether the message is still there."""
    this = (messages.c.dialog_id == dialog_id) & (messages.c.message_id == answer.message_id)
    said = connection.execute(select(messages.c.id, messages.c.created_at).where(this)).first()
    if said is None:
        return False
    connection.execute(
        insert(past_answers).values(
            message=said.id,
            dialog_id=dialog_id,
            question=answer.question,
            answer=answer.answer,
            lang=answer.lang,
            intent=answer.intent,
            vector=_bytes(answer.vector),
            model_id=answer.model_id,
            answered_at=said.created_at,
        )
    )
    return True


def _take_back_hints(connection: Connection, dialog_id: str) -> None:
    """What no longer is a good answer is shown to nobody who has not used it."""
    origin = hints.c.source["dialog_id"].as_string()
    connection.execute(delete(hints).where(origin == dialog_id, hints.c.outcome.is_(None)))


def _bytes(vector: Floats) -> bytes:
    return np.asarray(vector, np.float32).tobytes()


def _answer(row: Row[Any]) -> PastAnswer:
    return PastAnswer(
        message=row.message,
        dialog_id=row.dialog_id,
        question=row.question,
        answer=row.answer,
        lang=row.lang,
        answered_at=parse_stamp(row.answered_at),
    )
