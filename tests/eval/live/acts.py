"""Real dialogs small enough to count by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from assistant.domain import Action, HandoffReason, IntentLabel
from assistant.store.live import Closing, Rating, Span
from assistant.verdicts import Act, Mark, MarkKind
from eval.live.sample import Sample

START = datetime(2026, 3, 1, tzinfo=UTC)
SPAN = Span(START, START + timedelta(days=10))

_numbers = count(1)


def mark(
    right: bool | None, kind: MarkKind = MarkKind.OPERATOR, day: float = 0, **more: object
) -> Mark:
    """A mark made on a day of the span."""
    return Mark(next(_numbers), kind, right, START + timedelta(days=day), **more)  # type: ignore[arg-type]


def act(
    *marks: Mark,
    action: Action = Action.ANSWER,
    dialog_id: str | None = None,
    day: float = 1,
    reason: HandoffReason | None = None,
    confidence: float | None = 0.8,
) -> Act:
    """Something the bot did on a day of the span, in a dialog of its own unless one is named."""
    number = next(_numbers)
    return Act(
        dialog_id=f"d-{number}" if dialog_id is None else dialog_id,
        message_id=f"m-{number}",
        at=START + timedelta(days=day),
        action=action,
        reason=reason,
        intent=IntentLabel.QUESTION,
        confidence=confidence,
        cited=("a-1", "a-2") if action is Action.ANSWER else (),
        marks=marks,
    )


def handoff(reason: HandoffReason, *marks: Mark, day: float = 1) -> Act:
    return act(*marks, action=Action.HANDOFF, reason=reason, day=day, confidence=0.2)


def sample(
    *acts: Act, ratings: tuple[Rating, ...] = (), closings: tuple[Closing, ...] = ()
) -> Sample:
    return Sample(SPAN, acts, ratings, closings)
