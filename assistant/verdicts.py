"""Was it right? Marks that people and events leave on what the bot did, and the one verdict that
follows from them.

A mark is a fact: an operator said so, a hint was used, a dialog was opened again, a customer rated.
Marks of one message may disagree, so they have an order (`verdict_of`). Nothing is read from a
store here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assistant.domain import Action, HandoffReason, IntentLabel

WORST_GOOD_SCORE = 4
BEST_BAD_SCORE = 2


class MarkKind(StrEnum):
    """What a mark comes from."""

    OPERATOR = "operator"
    HINT_ACCEPTED = "hint_accepted"
    HINT_EDITED = "hint_edited"
    HINT_REJECTED = "hint_rejected"
    REOPENED = "reopened"
    CSAT = "csat"
    NOT_HELPED = "not_helped"


class HintOutcome(StrEnum):
    """What an operator did with a hint."""

    ACCEPTED = "accepted"
    EDITED = "edited"
    IGNORED = "ignored"


class Review(StrEnum):
    """What somebody decided who looked at a mark: whether it may teach anything."""

    APPROVED = "approved"
    REJECTED = "rejected"


HINT_MARKS = {
    HintOutcome.ACCEPTED: MarkKind.HINT_ACCEPTED,
    HintOutcome.EDITED: MarkKind.HINT_EDITED,
    HintOutcome.IGNORED: MarkKind.HINT_REJECTED,
}
HINT_RIGHT = {
    HintOutcome.ACCEPTED: True,
    HintOutcome.EDITED: None,
    HintOutcome.IGNORED: False,
}
"""Whether the hint was right. An edit may have changed the tone or the facts: nobody can tell."""

USED_HINTS = frozenset({MarkKind.HINT_ACCEPTED, MarkKind.HINT_EDITED})
"""Marks of hints that were sent, as they were or edited."""

_PRECEDENCE: tuple[frozenset[MarkKind], ...] = (
    frozenset({MarkKind.OPERATOR}),
    frozenset(HINT_MARKS.values()),
    frozenset({MarkKind.REOPENED}),
    frozenset({MarkKind.CSAT}),
    frozenset({MarkKind.NOT_HELPED}),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark on one of a customer's messages, or rather on what was answered to it."""

    number: int
    """Grows with time."""
    kind: MarkKind
    right: bool | None
    """None where the mark says neither."""
    at: datetime
    article_ids: tuple[str, ...] | None = None
    """Of an operator: the articles that answer, empty when none does, None when not said. Of a
    hint: the articles it cited."""
    confidence: float | None = None
    """Of a hint: the probability that it is right."""
    taken_back_at: datetime | None = None
    review: Review | None = None
    """None: nobody has looked at it yet."""

    @property
    def may_teach(self) -> bool:
        """Whether something may be learnt from it: somebody approved it, nobody took it back."""
        return self.review is Review.APPROVED and self.taken_back_at is None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the marks of one message come to."""

    right: bool
    kind: MarkKind
    """Of the mark that decided."""
    article_ids: tuple[str, ...] | None
    confidence: float | None


def verdict_of(marks: Sequence[Mark]) -> Verdict | None:
    """The verdict on one message; None when no mark says right or wrong.

    Marks taken back do not count. Of the rest the first kind in this order decides that says
    anything, and of several marks of that kind the newest: an operator's own word; what was done
    with a hint; the dialog was opened again (wrong); the customer's rating (1 and 2 wrong, 4 and 5
    right, 3 neither); the customer said that it did not help (wrong). Hints that were passed over
    say nothing where another one of that message was used: the operator chose among them.
    """
    live = [mark for mark in marks if mark.taken_back_at is None]
    passed_over = MarkKind.HINT_REJECTED if any(mark.kind in USED_HINTS for mark in live) else None
    telling = [mark for mark in live if mark.right is not None and mark.kind is not passed_over]
    for kinds in _PRECEDENCE:
        of_these = [mark for mark in telling if mark.kind in kinds]
        if of_these:
            mark = max(of_these, key=lambda mark: mark.number)
            assert mark.right is not None  # noqa: S101 - left out above
            return Verdict(mark.right, mark.kind, mark.article_ids, mark.confidence)
    return None


def right_by_score(score: int) -> bool | None:
    """What a rating of 1 to 5 says of the answer that was rated."""
    if score <= BEST_BAD_SCORE:
        return False
    return True if score >= WORST_GOOD_SCORE else None


@dataclass(frozen=True, slots=True)
class Act:
    """What the bot did at one point of a real dialog: on a customer's message, or when the button
    that calls a person was pressed. Silence while a person has the dialog is no act."""

    dialog_id: str
    message_id: str
    at: datetime
    action: Action
    reason: HandoffReason | None
    """Of a handoff."""
    intent: IntentLabel | None
    """Of the message; None for the button."""
    confidence: float | None
    """Probability that the answer is right that was considered, also where the dialog was handed
    over instead; None where none was considered."""
    cited: tuple[str, ...]
    """Ids of the articles that the answer quotes."""
    marks: tuple[Mark, ...]

    @property
    def verdict(self) -> Verdict | None:
        """What its marks come to."""
        return verdict_of(self.marks)


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer or a hint that somebody judged, with the probability it was given beforehand."""

    dialog_id: str
    confidence: float
    right: bool


def judged_confidence(act: Act) -> Judged | None:
    """What calibration is measured on: None without a verdict or a confidence.

    A verdict on a hint is held against the hint's confidence. Any other counts for answers alone:
    on a handoff it says whether to hand over was right, not whether the answer was.
    """
    verdict = act.verdict
    if verdict is None:
        return None
    if verdict.kind in HINT_MARKS.values():
        confidence = verdict.confidence
    else:
        confidence = act.confidence if act.action is Action.ANSWER else None
    return None if confidence is None else Judged(act.dialog_id, confidence, verdict.right)
