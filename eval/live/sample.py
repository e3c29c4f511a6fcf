"""Real dialogs of a span of time, read from the store: what the measures are over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.domain import Action
from assistant.store.live import Closing, Live, Rating, Span
from assistant.verdicts import Act, Judged, judged_confidence


@dataclass(frozen=True)
class Sample:
    """What happened in a span."""

    span: Span
    marked_or_done: Sequence[Act]
    """Also messages on which the bot was silent and a hint was judged."""
    ratings: Sequence[Rating]
    closings: Sequence[Closing]

    @property
    def acts(self) -> list[Act]:
        """What the bot did."""
        return [act for act in self.marked_or_done if act.action is not Action.SILENT]

    @property
    def judged(self) -> list[Judged]:
        """Answers and hints with a verdict and the confidence they were given beforehand."""
        found = (judged_confidence(act) for act in self.marked_or_done)
        return [item for item in found if item is not None]

    @property
    def dialog_ids(self) -> list[str]:
        """Every dialog that anything happened in, in a fixed order."""
        kinds = (self.marked_or_done, self.ratings, self.closings)
        return sorted({item.dialog_id for items in kinds for item in items})

    def halves(self) -> tuple[Sample, Sample]:
        """The older and the newer half of the span; a dialog that lasts over the middle is in
        both, each with what happened there."""
        middle = self.span.start + (self.span.end - self.span.start) / 2
        older = Span(self.span.start, middle)
        return self._within(older), self._within(Span(middle, self.span.end))

    def _within(self, part: Span) -> Sample:
        return Sample(
            part,
            [act for act in self.marked_or_done if part.start <= act.at < part.end],
            [rating for rating in self.ratings if part.start <= rating.at < part.end],
            [closing for closing in self.closings if part.start <= closing.at < part.end],
        )


def read_sample(store: Live, span: Span) -> Sample:
    """What happened in a span, without the dialogs of evaluations. Raises StoreError."""
    return Sample(span, store.acts(span), store.ratings(span), store.closings(span))
