"""The book of what was learnt: planned before it is published, so that nothing serves unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update

from assistant.store.base import StoreBase
from assistant.store.desk_tables import learning_verdicts, learnings
from assistant.store.rows import in_portions, new_key


class LearningKind(StrEnum):
    """What a learning published."""

    RETRIEVAL = "retrieval"
    CONFIDENCE = "confidence"
    BOTH = "both"
    NOTHING = "nothing"
    FORGOT = "forgot"
    """What was learnt before does no longer hold, and serves no longer."""


@dataclass(frozen=True)
class NewLearning:
    """A learning before the store gives it a number and a time."""

    who: str
    kind: LearningKind
    last_verdict: int
    """Number of the newest verdict when it began."""
    labels: int
    """Labelled messages that it was learnt from."""
    verdicts: Sequence[int]
    """Numbers of the verdicts that those rest on."""
    figures: Mapping[str, Any]
    terms: Mapping[str, Any]
    """What it was learnt with beside the verdicts: `risk`, `seed`, `articles`."""
    snapshot_before: str
    snapshot_after: str
    layers: Mapping[str, str | None]
    """Identities of the `tuning` and the `calibration` that it put there or took away (None)."""


_stands = learnings.c.undone_at.is_(None)
_is_published = learnings.c.published_at.is_not(None)


class LearningBook(StoreBase):
    """Writing down what was learnt, and looking it up."""

    def plan_learning(self, new: NewLearning) -> int:
        """Write down what is about to be published; returns its number. It stands once
        `confirm_learning` says that it serves."""
        return self._insert_learning(new, published_at=None)

    def note_learning(self, new: NewLearning) -> int:
        """Write down what was learnt, where nothing is left to publish; returns its number."""
        return self._insert_learning(new, published_at=self._stamp())

    def confirm_learning(self, number: int, snapshot_after: str) -> None:
        """What was planned serves, in this snapshot."""
        done = {"published_at": self._stamp(), "snapshot_after": snapshot_after}
        with self._database.writing() as connection:
            connection.execute(update(learnings).where(learnings.c.id == number).values(**done))

    def drop_learning(self, number: int) -> None:
        """Strike out a plan that was never published."""
        link = learning_verdicts.c.learning_id == number
        this = (learnings.c.id == number) & ~_is_published
        with self._database.writing() as connection:
            if connection.execute(select(learnings.c.id).where(this)).first() is not None:
                connection.execute(delete(learning_verdicts).where(link))
                connection.execute(delete(learnings).where(this))

    def learnings(self, limit: int | None = None) -> list[dict[str, Any]]:
        """What was learnt, newest first, with how many `verdicts` each rests on."""
        query = select(learnings).order_by(learnings.c.id.desc()).limit(limit)
        with self._database.reading() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
            counts = _verdicts_counted(connection, [row["id"] for row in rows])
            return [row | {"verdicts": counts.get(row["id"], 0)} for row in rows]

    def planned_learning(self) -> dict[str, Any] | None:
        """What was to be published when whoever learnt stopped; with its `verdicts`."""
        return self._newest(_stands & ~_is_published)

    def standing_learning(self) -> dict[str, Any] | None:
        """The newest learning that changed what serves and was not undone, with its `verdicts`;
        None without any."""
        return self._newest(_stands & _is_published & (learnings.c.kind != LearningKind.NOTHING))

    def undo_learnings(self, since: int) -> list[int]:
        """Mark a learning and all after it as undone; returns the numbers of those that were not
        yet."""
        standing = (learnings.c.id >= since) & _stands
        with self._database.writing() as connection:
            query = select(learnings.c.id).where(standing).order_by(learnings.c.id)
            numbers = list(connection.execute(query).scalars())
            connection.execute(update(learnings).where(standing).values(undone_at=self._stamp()))
            return numbers

    def _insert_learning(self, new: NewLearning, *, published_at: str | None) -> int:
        with self._database.writing() as connection:
            result = connection.execute(
                insert(learnings).values(
                    at=self._stamp(),
                    who=new.who,
                    kind=new.kind,
                    last_verdict=new.last_verdict,
                    labels=new.labels,
                    figures=dict(new.figures),
                    terms=dict(new.terms),
                    snapshot_before=new.snapshot_before,
                    snapshot_after=new.snapshot_after,
                    layers=dict(new.layers),
                    published_at=published_at,
                )
            )
            number = new_key(result)
            links = [
                {"learning_id": number, "verdict_id": verdict_id}
                for verdict_id in sorted(set(new.verdicts))
            ]
            if links:
                connection.execute(insert(learning_verdicts), links)
            return number

    def _newest(self, holds: ColumnElement[bool]) -> dict[str, Any] | None:
        query = select(learnings).where(holds).order_by(learnings.c.id.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
            if row is None:
                return None
            verdicts = connection.execute(_verdicts_of(row["id"])).scalars()
            return dict(row) | {"verdicts": list(verdicts)}


def learnt_in(connection: Connection, verdict_ids: Sequence[int]) -> dict[int, list[int]]:
    """Of each mark the learnings that rest on it and were not undone."""
    query = (
        select(learning_verdicts)
        .join(learnings, learnings.c.id == learning_verdicts.c.learning_id)
        .where(_stands, learnings.c.kind.not_in([LearningKind.NOTHING, LearningKind.FORGOT]))
        .order_by(learnings.c.id)
    )
    found: dict[int, list[int]] = {}
    for some in in_portions(verdict_ids):
        for row in connection.execute(query.where(learning_verdicts.c.verdict_id.in_(some))):
            found.setdefault(row.verdict_id, []).append(row.learning_id)
    return found


def _verdicts_of(number: int) -> Select[tuple[int]]:
    verdict_id = learning_verdicts.c.verdict_id
    this = learning_verdicts.c.learning_id == number
    return select(verdict_id).where(this).order_by(verdict_id)


def _verdicts_counted(connection: Connection, numbers: Sequence[int]) -> dict[int, int]:
    learning_id = learning_verdicts.c.learning_id
    query = select(learning_id, func.count().label("n")).group_by(learning_id)
    return {
        row.learning_id: int(row.n)
        for some in in_portions(numbers)
        for row in connection.execute(query.where(learning_id.in_(some)))
    }
