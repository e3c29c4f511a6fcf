"""Real dialogs of a span of time, read from the store: what the measures are over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from assistant.domain import Action
from assistant.store.live import Closing, HintUse, Live, Rating, Span
from assistant.verdicts import Act, Judged, Mark, judged_confidence

LONGEST_WAIT = timedelta(days=7)
"""How long at most a half of a span waits for what people say of it."""
_WAIT_SHARE = 4
"""That part of the span is waited at most."""


@dataclass(frozen=True)
class Sample:
    """What happened in a span."""

    span: Span
    marked_or_done: Sequence[Act]
    """Also messages on which the bot was silent and a hint was judged."""
    ratings: Sequence[Rating]
    closings: Sequence[Closing]
    hint_uses: Sequence[HintUse] = ()
    judged_before: datetime | None = None
    """Judged are only acts of before then, since the younger ones had less time to be; None: all
    are. Closings are left out by whoever sets it."""

    @property
    def acts(self) -> list[Act]:
        """What the bot did."""
        return [act for act in self.marked_or_done if act.action is not Action.SILENT]

    @property
    def to_judge(self) -> list[Act]:
        """What verdicts are counted on."""
        until = self.judged_before
        return [act for act in self.marked_or_done if until is None or act.at < until]

    @property
    def judged(self) -> list[Judged]:
        """Answers and hints with a verdict and the confidence they were given beforehand."""
        found = (judged_confidence(act) for act in self.to_judge)
        return [item for item in found if item is not None]

    @property
    def dialog_ids(self) -> list[str]:
        """Every dialog that anything happened in, in a fixed order."""
        kinds = (self.marked_or_done, self.ratings, self.closings, self.hint_uses)
        return sorted({item.dialog_id for items in kinds for item in items})

    @property
    def wait(self) -> timedelta:
        """How long after an act, or a closing, it is judged in the halves: a quarter of the span,
        7 days at most."""
        return min((self.span.end - self.span.start) / _WAIT_SHARE, LONGEST_WAIT)

    def halves(self) -> tuple[Sample, Sample]:
        """The older and the newer half of the span; a dialog that lasts over the middle is in
        both, each with what happened there.

        Both are judged at the same age, else the older one would have had more time to be: marks
        and reopenings count when they came within `wait`, on acts and closings that are at least
        that old at the end of the span. Late marks are mostly bad ones.
        """
        middle = self.span.start + (self.span.end - self.span.start) / 2
        older = Span(self.span.start, middle)
        return self._within(older), self._within(Span(middle, self.span.end))

    def _within(self, part: Span) -> Sample:
        wait, until = self.wait, self.span.end - self.wait
        acts = [act for act in self.marked_or_done if part.start <= act.at < part.end]
        closings = [closing for closing in self.closings if part.start <= closing.at < part.end]
        return Sample(
            part,
            [replace(act, marks=_marks_by(act, act.at + wait)) for act in acts],
            [rating for rating in self.ratings if part.start <= rating.at < part.end],
            [_closing_by(closing, closing.at + wait) for closing in closings if closing.at < until],
            [use for use in self.hint_uses if part.start <= use.at < part.end],
            judged_before=until,
        )


def _marks_by(act: Act, moment: datetime) -> tuple[Mark, ...]:
    """The marks of an act as they stood at a moment: what was taken back later still counts."""
    return tuple(
        replace(mark, taken_back_at=None)
        if mark.taken_back_at is not None and mark.taken_back_at > moment
        else mark
        for mark in act.marks
        if mark.at <= moment
    )


def _closing_by(closing: Closing, moment: datetime) -> Closing:
    """A closing as it stood at a moment."""
    late = closing.reopened_at is not None and closing.reopened_at > moment
    return replace(closing, reopened_at=None) if late else closing


def read_sample(store: Live, span: Span) -> Sample:
    """What happened in a span, without the dialogs of evaluations. Raises StoreError."""
    happened = store.acts(span), store.ratings(span), store.closings(span)
    return Sample(span, *happened, store.hint_uses(span))
