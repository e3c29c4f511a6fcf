"""What happened within a span of time, for whoever counts it. Dialogs of evaluations (channel
`eval`) are left out.

What people did later than a span's end, also on messages within it, is not seen: marks, ratings,
closings. What the bot did on a message has no time of its own and is read as of now. So two
processes that ask for the same span get the same, if it ended so long ago that its messages were
acted on: `Settings.settled_seconds`. Only a message whose workers died comes to a span afterwards.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from assistant.domain import Action, HandoffReason, IntentLabel
from assistant.ownership import ActorKind
from assistant.store.base import StoreBase
from assistant.store.desk_tables import hints
from assistant.store.marks import mark_of
from assistant.store.rows import format_stamp, parse_stamp
from assistant.store.tables import dialogs, events, messages, ratings, verdicts
from assistant.verdicts import Act, HintOutcome, Mark

EVALUATION_CHANNEL = "eval"

_Marks = dict[tuple[str, str], list[Mark]]


@dataclass(frozen=True)
class Span:
    """From `start` on, up to but not including `end`, both with a zone."""

    start: datetime
    end: datetime

    def holds(self, column: ColumnElement[str]) -> ColumnElement[bool]:
        """The condition that a stamp lies within."""
        return (column >= format_stamp(self.start)) & (column < format_stamp(self.end))


@dataclass(frozen=True)
class ActCount:
    """How often the bot did something."""

    action: Action
    reason: HandoffReason | None
    count: int


@dataclass(frozen=True)
class Rating:
    """A customer's rating, 1 to 5."""

    dialog_id: str
    at: datetime
    score: int


@dataclass(frozen=True)
class Closing:
    """A dialog that was resolved, and when an operator opened it again."""

    dialog_id: str
    at: datetime
    """When it was resolved first within the span."""
    reopened_at: datetime | None
    """When it was opened again first after that, within the span; None: it was not."""

    @property
    def reopened(self) -> bool:
        """Whether an operator opened it again."""
        return self.reopened_at is not None


@dataclass(frozen=True)
class HintUse:
    """What became of the hints that an operator had before him when he wrote."""

    dialog_id: str
    at: datetime
    """When he wrote."""
    outcome: HintOutcome
    """Of the hint that was used; ignored where none was."""
    share_changed: float | None
    """Words changed in it, as a share of the longer text: 0 where it was sent as it was; None where
    none was used or the difference is not kept."""


class Live(StoreBase):
    """Counting what is kept."""

    def act_counts(self, span: Span) -> list[ActCount]:
        """What the bot did and how often; without its silence while people have dialogs."""
        query = (
            select(messages.c.action, messages.c.handoff_reason, func.count().label("n"))
            .select_from(messages.join(dialogs))
            .where(_acts_in(span), messages.c.action != Action.SILENT)
            .group_by(messages.c.action, messages.c.handoff_reason)
        )
        with self._database.reading() as connection:
            rows = list(connection.execute(query))
        return [
            ActCount(Action(row.action), _reason(row.handoff_reason), int(row.n)) for row in rows
        ]

    def acts(self, span: Span, *, marked_only: bool = False) -> list[Act]:
        """What the bot did on each message, with its marks, oldest first. Messages on which it was
        silent are among them where they have marks (of hints)."""
        columns = [
            messages.c.dialog_id,
            messages.c.message_id,
            messages.c.created_at,
            messages.c.action,
            messages.c.handoff_reason,
            messages.c.confidence,
            messages.c.details[("intent", "label")].as_string().label("intent"),
            messages.c.reply[("reply", "citations")].as_json().label("citations"),
        ]
        query = select(*columns).select_from(messages.join(dialogs)).where(_acts_in(span))
        if marked_only:
            query = query.where(
                select(verdicts.c.id)
                .where(
                    verdicts.c.dialog_id == messages.c.dialog_id,
                    verdicts.c.message_id == messages.c.message_id,
                )
                .exists()
            )
        with self._database.reading() as connection:
            marks = _marks(connection, span)
            rows = connection.execute(query.order_by(messages.c.id))
            found = [_act(row, marks[row.dialog_id, row.message_id]) for row in rows]
        return [act for act in found if act.marks or act.action is not Action.SILENT]

    def ratings(self, span: Span) -> list[Rating]:
        """Customers' ratings, oldest first."""
        query = (
            select(ratings)
            .join(dialogs)
            .where(span.holds(ratings.c.created_at), _is_real)
            .order_by(ratings.c.created_at)
        )
        with self._database.reading() as connection:
            return [
                Rating(row.dialog_id, parse_stamp(row.created_at), row.score)
                for row in connection.execute(query)
            ]

    def hint_uses(self, span: Span) -> list[HintUse]:
        """What operators did when hints were shown, once for each message that they sent, oldest
        first."""
        query = (
            select(hints)
            .join(dialogs, dialogs.c.dialog_id == hints.c.dialog_id)
            .where(span.holds(hints.c.settled_at), hints.c.outcome.is_not(None), _is_real)
            .order_by(hints.c.settled_at, hints.c.hint_id)
        )
        found: dict[tuple[str, str], HintUse] = {}
        with self._database.reading() as connection:
            for row in connection.execute(query):
                place, use = (row.dialog_id, row.sent_message_id), _hint_use(row)
                known = found.get(place)
                if known is None or known.outcome is HintOutcome.IGNORED:
                    found[place] = use
        return list(found.values())

    def closings(self, span: Span) -> list[Closing]:
        """Dialogs that were resolved, each once, oldest first."""
        query = (
            select(events.c.dialog_id, events.c.type, events.c.created_at, events.c.payload)
            .join(dialogs, dialogs.c.dialog_id == events.c.dialog_id)
            .where(
                events.c.type.in_(("dialog.resolved", "dialog.reopened")),
                span.holds(events.c.created_at),
                _is_real,
            )
            .order_by(events.c.id)
        )
        found: dict[str, Closing] = {}
        with self._database.reading() as connection:
            for row in connection.execute(query):
                known, at = found.get(row.dialog_id), parse_stamp(row.created_at)
                if known is None and row.type == "dialog.resolved":
                    found[row.dialog_id] = Closing(row.dialog_id, at, reopened_at=None)
                elif (
                    known is not None
                    and not known.reopened
                    and _by_an_operator(row.type, row.payload)
                ):
                    found[row.dialog_id] = replace(known, reopened_at=at)
        return list(found.values())


_is_real = dialogs.c.channel != EVALUATION_CHANNEL


def _acts_in(span: Span) -> ColumnElement[bool]:
    return span.holds(messages.c.created_at) & messages.c.action.is_not(None) & _is_real


def _marks(connection: Connection, span: Span) -> _Marks:
    """Marks known at the span's end on messages within it, by dialog and message."""
    query = (
        select(verdicts)
        .join(
            messages,
            (messages.c.dialog_id == verdicts.c.dialog_id)
            & (messages.c.message_id == verdicts.c.message_id),
        )
        .where(span.holds(messages.c.created_at), verdicts.c.created_at < format_stamp(span.end))
        .order_by(verdicts.c.id)
    )
    found: _Marks = defaultdict(list)
    for row in connection.execute(query):
        mark = mark_of(row)
        if mark.taken_back_at is not None and mark.taken_back_at >= span.end:
            mark = replace(mark, taken_back_at=None)
        found[row.dialog_id, row.message_id].append(mark)
    return found


def _act(row: Row[Any], marks: list[Mark]) -> Act:
    return Act(
        dialog_id=row.dialog_id,
        message_id=row.message_id,
        at=parse_stamp(row.created_at),
        action=Action(row.action),
        reason=_reason(row.handoff_reason),
        intent=IntentLabel(row.intent) if row.intent else None,
        confidence=row.confidence,
        cited=tuple(dict.fromkeys(item["article_id"] for item in row.citations or ())),
        marks=tuple(marks),
    )


def _hint_use(row: Row[Any]) -> HintUse:
    outcome, kept = HintOutcome(row.outcome), row.difference or {}
    changed = 0.0 if outcome is HintOutcome.ACCEPTED else kept.get("share")
    return HintUse(row.dialog_id, parse_stamp(row.settled_at), outcome, changed)


def _by_an_operator(kind: str, payload: dict[str, Any]) -> bool:
    """Whether an event tells that an operator opened a dialog again; that its customer wrote again
    may be about anything."""
    by: dict[str, str] = payload.get("by", {})  # events of before name nobody: operators alone
    operators = by.get("kind", ActorKind.OPERATOR.value) == ActorKind.OPERATOR.value
    return kind == "dialog.reopened" and operators


def _reason(value: str | None) -> HandoffReason | None:
    return HandoffReason(value) if value else None
