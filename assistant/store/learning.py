"""Verdicts as what is learnt from: reviewed first, and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from assistant.errors import ConflictError, NotFoundError
from assistant.store.desk_tables import hints
from assistant.store.learnings import LearningBook, learnt_in
from assistant.store.live import EVALUATION_CHANNEL
from assistant.store.marks import mark_view
from assistant.store.rows import in_portions
from assistant.store.tables import dialogs, messages, verdicts
from assistant.verdicts import HINT_MARKS, MarkKind, Review


class ReviewState(StrEnum):
    """Where a verdict stands on its way to be learnt from."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True)
class ToReview:
    """A verdict with what a reviewer must see. Nothing is masked here."""

    mark: Mapping[str, Any]
    """As `mark_view` gives it."""
    asked: str
    """The customer's message."""
    action: str | None
    """What the bot did on it."""
    said: str | None
    """The bot's reply, or the hint; None where it is not kept."""
    sent: str | None
    """What the operator sent when there were hints."""
    difference: Any = None
    """Of an edited hint, as it is kept with it."""


_teaches = verdicts.c.right.is_not(None) | (verdicts.c.kind == MarkKind.HINT_EDITED)
"""Marks that say neither right nor wrong, but for edited hints, teach nothing."""

_STATES: dict[ReviewState, ColumnElement[bool]] = {
    ReviewState.PENDING: verdicts.c.taken_back_at.is_(None) & verdicts.c.review.is_(None),
    ReviewState.APPROVED: verdicts.c.taken_back_at.is_(None)
    & (verdicts.c.review == Review.APPROVED),
    ReviewState.REJECTED: verdicts.c.taken_back_at.is_(None)
    & (verdicts.c.review == Review.REJECTED),
    ReviewState.TAKEN_BACK: verdicts.c.taken_back_at.is_not(None),
}
_OUTCOMES = {kind.value: outcome.value for outcome, kind in HINT_MARKS.items()}


class Learning(LearningBook):
    """Reviewing verdicts, and what was learnt from them."""

    def verdict(self, verdict_id: int) -> dict[str, Any]:
        """A mark by its number. Raises NotFoundError."""
        with self._database.reading() as connection:
            return mark_view(_mark_row(connection, verdict_id))

    def review_verdict(self, verdict_id: int, decision: Review, who: str) -> dict[str, Any]:
        """Say whether a mark may teach anything; what was decided before is replaced. Returns the
        mark, `learnt_in` with the numbers of the learnings that rest on it already.

        Raises NotFoundError; ConflictError for a mark that was taken back.
        """
        with self._database.writing() as connection:
            row = _mark_row(connection, verdict_id)
            if row.taken_back_at is not None:
                raise ConflictError(f"verdict {verdict_id} was taken back: it teaches nothing")
            decided = {"review": decision, "reviewed_by": who, "reviewed_at": self._stamp()}
            this = verdicts.c.id == verdict_id
            connection.execute(update(verdicts).where(this).values(**decided))
            learnt = learnt_in(connection, [verdict_id])
            return mark_view(_mark_row(connection, verdict_id)) | {
                "learnt_in": learnt.get(verdict_id, [])
            }

    def withdraw_verdict(self, verdict_id: int) -> dict[str, Any]:
        """Take a mark back, whatever dialog it is of; taken back before, it stays as it is.
        `learnt_in` as in `review_verdict`. Raises NotFoundError."""
        with self._database.writing() as connection:
            still = (verdicts.c.id == verdict_id) & verdicts.c.taken_back_at.is_(None)
            connection.execute(update(verdicts).where(still).values(taken_back_at=self._stamp()))
            learnt = learnt_in(connection, [verdict_id])
            return mark_view(_mark_row(connection, verdict_id)) | {
                "learnt_in": learnt.get(verdict_id, [])
            }

    def to_review(
        self,
        state: ReviewState | None = ReviewState.PENDING,
        *,
        kinds: Sequence[MarkKind] = (),
        after: int = 0,
        limit: int = 50,
    ) -> list[ToReview]:
        """Marks by number, those above `after`; no state: all; no kinds: all. Dialogs of
        evaluations are left out, and marks that say neither right nor wrong."""
        query = _marks_of_people().where(verdicts.c.id > after).order_by(verdicts.c.id)
        if state is not None:
            query = query.where(_STATES[state])
        if kinds:
            query = query.where(verdicts.c.kind.in_(kinds))
        with self._database.reading() as connection:
            rows = list(connection.execute(query.limit(limit)))
            return _to_review(connection, rows)

    def verdict_counts(self, after: int = 0) -> dict[str, dict[str, int]]:
        """How many marks above a number stand in each state, by `kind/right`: of a kind, and what
        it says (`right`, `wrong`, `neither`)."""
        found: dict[str, dict[str, int]] = {state.value: {} for state in ReviewState}
        with self._database.reading() as connection:
            for state, holds in _STATES.items():
                query = (
                    select(verdicts.c.kind, verdicts.c.right, func.count().label("n"))
                    .select_from(verdicts.join(dialogs))
                    .where(holds, verdicts.c.id > after, _of_people, _teaches)
                    .group_by(verdicts.c.kind, verdicts.c.right)
                )
                for row in connection.execute(query):
                    said = {True: "right", False: "wrong", None: "neither"}[row.right]
                    found[state.value][f"{row.kind}/{said}"] = int(row.n)
        return found

    def last_verdict(self) -> int:
        """Number of the newest mark; 0 before the first."""
        with self._database.reading() as connection:
            return connection.execute(select(func.max(verdicts.c.id))).scalar() or 0

    def approved_verdicts(self) -> frozenset[int]:
        """Numbers of all marks that may teach something."""
        query = (
            select(verdicts.c.id)
            .select_from(verdicts.join(dialogs))
            .where(_STATES[ReviewState.APPROVED], _of_people, _teaches)
        )
        with self._database.reading() as connection:
            return frozenset(connection.execute(query).scalars())

    def sent_answers(self, dialog_ids: Sequence[str]) -> dict[tuple[str, str], str]:
        """What operators sent where there were hints, by dialog and customer's message: the newest
        of each."""
        query = (
            select(hints.c.dialog_id, hints.c.message_id, messages.c.text)
            .join(
                messages,
                (messages.c.dialog_id == hints.c.dialog_id)
                & (messages.c.message_id == hints.c.sent_message_id),
            )
            .order_by(messages.c.id)
        )
        found: dict[tuple[str, str], str] = {}
        with self._database.reading() as connection:
            for some in in_portions(dialog_ids):
                for row in connection.execute(query.where(hints.c.dialog_id.in_(some))):
                    found[row.dialog_id, row.message_id] = row.text
        return found


_of_people = dialogs.c.channel != EVALUATION_CHANNEL


def _marks_of_people() -> Any:
    return (
        select(
            verdicts,
            messages.c.text.label("asked"),
            messages.c.action,
            messages.c.reply[("reply", "text")].as_string().label("reply_text"),
        )
        .join(dialogs, dialogs.c.dialog_id == verdicts.c.dialog_id)
        .join(
            messages,
            (messages.c.dialog_id == verdicts.c.dialog_id)
            & (messages.c.message_id == verdicts.c.message_id),
        )
        .where(_of_people, _teaches)
    )


def _mark_row(connection: Connection, verdict_id: int) -> Row[Any]:
    row = connection.execute(select(verdicts).where(verdicts.c.id == verdict_id)).first()
    if row is None:
        raise NotFoundError(f"there is no verdict {verdict_id}")
    return row


def _to_review(connection: Connection, rows: Sequence[Row[Any]]) -> list[ToReview]:
    """In a fixed number of queries, however many rows."""
    learnt = learnt_in(connection, [row.id for row in rows])
    about_hints = [row for row in rows if row.kind in _OUTCOMES]
    there = _hints_of(connection, about_hints)
    found = []
    for row in rows:
        mark = mark_view(row) | {"learnt_in": learnt.get(row.id, [])}
        if row.kind not in _OUTCOMES:
            found.append(ToReview(mark, row.asked, row.action, row.reply_text, None))
            continue
        hint = _hint_of(row, there.get((row.dialog_id, row.message_id), []))
        said = (hint.text, hint.sent, hint.difference) if hint else (None, None, None)
        found.append(ToReview(mark, row.asked, row.action, *said))
    return found


def _hints_of(
    connection: Connection, rows: Sequence[Row[Any]]
) -> dict[tuple[str, str], list[Row[Any]]]:
    """Of each message that these marks are of, its hints in their order with what was sent."""
    query = (
        select(hints, messages.c.text.label("sent"))
        .outerjoin(
            messages,
            (messages.c.dialog_id == hints.c.dialog_id)
            & (messages.c.message_id == hints.c.sent_message_id),
        )
        .order_by(hints.c.position)
    )
    found: dict[tuple[str, str], list[Row[Any]]] = {}
    for some in in_portions(sorted({row.dialog_id for row in rows})):
        for hint in connection.execute(query.where(hints.c.dialog_id.in_(some))):
            found.setdefault((hint.dialog_id, hint.message_id), []).append(hint)
    return found


def _hint_of(row: Row[Any], there: Sequence[Row[Any]]) -> Row[Any] | None:
    """The hint that a mark is about: of that message, with that outcome, citing those articles."""
    found = [hint for hint in there if hint.outcome in (_OUTCOMES[row.kind], None)]
    cited = set(row.article_ids or ())
    same = [hint for hint in found if {item["article_id"] for item in hint.citations} == cited]
    return next(iter(same or found), None)
