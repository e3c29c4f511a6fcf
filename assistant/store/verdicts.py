"""What people say of answers: operators' verdicts, what was done with hints, customers' ratings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from assistant.domain import Action
from assistant.errors import AlreadyRatedError, BadInputError, NotFoundError
from assistant.store.marks import (
    NewMark,
    customers_message,
    insert_mark,
    mark_view,
)
from assistant.store.rows import existing
from assistant.store.surveys import Surveys
from assistant.store.tables import ratings, verdicts
from assistant.verdicts import HINT_MARKS, HINT_RIGHT, HintOutcome, MarkKind


class Verdicts(Surveys):
    """Marks on answers, written and taken back."""

    def judge(
        self,
        dialog_id: str,
        message_id: str,
        *,
        right: bool,
        operator_id: str,
        article_ids: Sequence[str] | None = None,
        reason: str | None = None,
    ) -> dict[str, Any]:
        """An operator's word on what the bot did: on a message of the bot, or on the customer's
        message that it answers. `article_ids`: the articles that answer, empty when none does.

        Raises NotFoundError, or BadInputError for a message on which the bot did nothing and for
        an answer that is called right though no article answers.
        """
        with self._database.writing() as connection:
            row = customers_message(connection, dialog_id, message_id)
            if row.action is None or row.action == Action.SILENT:
                raise BadInputError(f"the bot said nothing on message {message_id!r}")
            if right and row.action == Action.ANSWER and article_ids is not None:
                _require_some(message_id, article_ids)
            new = NewMark(
                message_id=row.message_id,
                kind=MarkKind.OPERATOR,
                right=right,
                who=operator_id,
                reason=reason,
                article_ids=None if article_ids is None else tuple(article_ids),
            )
            number = insert_mark(connection, dialog_id, new, self._stamp())
            stored = connection.execute(select(verdicts).where(verdicts.c.id == number)).one()
            return mark_view(stored)

    def note_hint(
        self,
        dialog_id: str,
        message_id: str,
        outcome: HintOutcome,
        *,
        confidence: float | None,
        article_ids: Sequence[str],
        operator_id: str,
    ) -> int:
        """What an operator did with a hint made for a message of the customer; returns the mark's
        number. `confidence` and `article_ids` are the hint's.

        Raises NotFoundError, or BadInputError for a message that is not the customer's.
        """
        with self._database.writing() as connection:
            row = customers_message(connection, dialog_id, message_id)
            new = NewMark(
                message_id=row.message_id,
                kind=HINT_MARKS[outcome],
                right=HINT_RIGHT[outcome],
                who=operator_id,
                article_ids=tuple(article_ids),
                confidence=confidence,
            )
            return insert_mark(connection, dialog_id, new, self._stamp())

    def take_back(self, dialog_id: str, verdict_id: int) -> dict[str, Any]:
        """A mark no longer counts; taken back before, it stays as it is. Raises NotFoundError."""
        with self._database.writing() as connection:
            existing(connection, dialog_id)
            this = (verdicts.c.id == verdict_id) & (verdicts.c.dialog_id == dialog_id)
            connection.execute(
                update(verdicts)
                .where(this, verdicts.c.taken_back_at.is_(None))
                .values(taken_back_at=self._stamp())
            )
            row = connection.execute(select(verdicts).where(this)).first()
            if row is None:
                raise NotFoundError(f"dialog {dialog_id!r} has no verdict {verdict_id}")
            return mark_view(row)

    def marks(self, dialog_id: str) -> list[dict[str, Any]]:
        """All marks of a dialog as operators see them, oldest first."""
        query = select(verdicts).where(verdicts.c.dialog_id == dialog_id).order_by(verdicts.c.id)
        with self._database.reading() as connection:
            return [mark_view(row) for row in connection.execute(query)]

    def rate(self, dialog_id: str, score: int, comment: str | None) -> dict[str, Any]:
        """The customer's rating, 1 to 5, once a dialog. It judges the bot's last answer, unless a
        person spoke after it or the dialog was handed over since it was last opened, even when the
        bot answered while the customer waited.

        Raises AlreadyRatedError, NotFoundError.
        """
        with self._database.writing() as connection:
            return self._rate(connection, existing(connection, dialog_id), score, comment)

    def comment_rating(self, dialog_id: str, comment: str) -> dict[str, Any]:
        """What the customer adds to his rating, once; the score stays.

        Raises NotFoundError for a dialog that is not rated, AlreadyRatedError for a second comment.
        """
        mine = ratings.c.dialog_id == dialog_id
        with self._database.writing() as connection:
            existing(connection, dialog_id)
            changed = connection.execute(
                update(ratings).where(mine, ratings.c.comment.is_(None)).values(comment=comment)
            )
            row = connection.execute(select(ratings).where(mine)).first()
            if row is None:
                raise NotFoundError(f"dialog {dialog_id!r} is not rated yet")
            if changed.rowcount != 1:
                raise AlreadyRatedError("this rating has a comment already")
            told = {"score": row.score, "comment": comment}
            self._event(connection, dialog_id, "csat.commented", told)
            return told | {"created_at": row.created_at}


def _require_some(message_id: str, article_ids: Sequence[str]) -> None:
    """The articles of an answer that was right: it cites one, so one answers."""
    if not article_ids:
        raise BadInputError(
            f"the answer on message {message_id!r} is called right, but article_ids is empty: no "
            "article answers. Leave article_ids out, or name the articles that answer"
        )
