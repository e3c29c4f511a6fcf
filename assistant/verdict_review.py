"""Verdicts as people who review them see them, personal data masked, and who may decide what.

Nothing is learnt from a verdict until somebody has approved it, and that is not who gave it: four
eyes, unless an administrator decides. To reject one's own is as good as taking it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.errors import AccessDeniedError
from assistant.privacy.masker import Masker
from assistant.privacy.masking import Masking
from assistant.store.learning import Learning, ReviewState, ToReview
from assistant.store.learnings import LearningBook, LearningKind
from assistant.verdicts import MarkKind, Review


class VerdictReview:
    """Listing, approving and rejecting."""

    def __init__(self, store: Learning, masker: Masker) -> None:
        self._store = store
        self._masker = masker

    def page(
        self,
        state: ReviewState | None = ReviewState.PENDING,
        *,
        kinds: Sequence[MarkKind] = (),
        after: int = 0,
        limit: int = 50,
    ) -> tuple[list[dict[str, Any]], int | None]:
        """Verdicts by number, those above `after`, and the number to go on after; None at the end.
        No state: all of them; no kinds: of every kind."""
        rows = self._store.to_review(state, kinds=kinds, after=after, limit=limit + 1)
        page = [self._document(row) for row in rows[:limit]]
        return page, page[-1]["verdict_id"] if len(rows) > limit else None

    def counts(self, after: int = 0) -> dict[str, Any]:
        """What there is above a number: of each state how many, of hints and answers what was said
        of them."""
        by_state = self._store.verdict_counts(after)
        live = [kinds for state, kinds in by_state.items() if state != ReviewState.TAKEN_BACK]

        def count(*names: str) -> int:
            return sum(kinds.get(name, 0) for kinds in live for name in names)

        return {
            "states": {state: sum(kinds.values()) for state, kinds in by_state.items()},
            "hints": {
                "accepted": count("hint_accepted/right"),
                "edited": count("hint_edited/neither"),
                "ignored": count("hint_rejected/wrong"),
            },
            "flagged_wrong": count("operator/wrong"),
            "confirmed_right": count("operator/right"),
            "reopened": count("reopened/wrong"),
            "not_helped": count("not_helped/wrong"),
            "rated": {"good": count("csat/right"), "bad": count("csat/wrong")},
        }

    def decide(
        self, verdict_id: int, decision: Review, who: str, *, is_admin: bool
    ) -> dict[str, Any]:
        """Approve or reject. `learnt_in` names the learnings that rest on it already: they stay as
        they are, the next one goes by this decision.

        Raises NotFoundError, ConflictError for one that was taken back, AccessDeniedError for one's
        own verdict.
        """
        mark = self._store.verdict(verdict_id)
        if decision is Review.APPROVED and mark["who"] == who and not is_admin:
            raise AccessDeniedError(
                f"verdict {verdict_id} is yours: another operator approves it, or an admin's key"
            )
        return self._masked(self._store.review_verdict(verdict_id, decision, who))

    def take_back(self, verdict_id: int) -> dict[str, Any]:
        """It no longer counts. Raises NotFoundError."""
        return self._masked(self._store.withdraw_verdict(verdict_id))

    def _document(self, row: ToReview) -> dict[str, Any]:
        masking = Masking(self._masker)
        texts = {"customer": row.asked, "said": row.said, "sent": row.sent}
        masked = {name: text and masking.mask(text).text for name, text in texts.items()}
        reason = row.mark["reason"]
        about = {
            "reason": reason and masking.mask(reason).text,
            "action": row.action,
            "difference": _masked_difference(row.difference, masking),
        }
        return {**row.mark, **about, **masked}

    def _masked(self, mark: Mapping[str, Any]) -> dict[str, Any]:
        reason = mark["reason"]
        return {**mark, "reason": reason and Masking(self._masker).mask(reason).text}


def _masked_difference(
    difference: Mapping[str, Any] | None, masking: Masking
) -> dict[str, Any] | None:
    """As `assistant.hint_use.Difference.document` gives it, the words in it masked."""
    if difference is None:
        return None
    runs = {
        name: [masking.mask(run).text for run in difference.get(name, ())]
        for name in ("removed", "added")
    }
    return {**difference, **runs}


def learning_view(row: Mapping[str, Any], *, serves: bool) -> dict[str, Any]:
    """A learning as the API and the commands show it; `serves`: it is what answers now."""
    shown = ("at", "who", "kind", "last_verdict", "labels", "figures", "terms")
    return {
        "learning_id": row["id"],
        **{name: row[name] for name in shown},
        "verdicts": row["verdicts"],
        "snapshot_before": row["snapshot_before"],
        "snapshot_after": row["snapshot_after"],
        "published_at": row["published_at"],
        "undone_at": row["undone_at"],
        "serves": serves,
    }


def serves(row: Mapping[str, Any] | None, layers: Mapping[str, str | None]) -> bool:
    """Whether what the learning that stands (`Learning.standing_learning`) published is part of
    what serves, whose `layers` these are; also when articles were published since."""
    if row is None or row["kind"] == LearningKind.FORGOT:
        return False
    return puts(row, layers)


def puts(row: Mapping[str, Any], layers: Mapping[str, str | None]) -> bool:
    """Whether these layers are what a learning put there or took away."""
    return all(layers.get(name) == identity for name, identity in row["layers"].items())


def learning_that_serves(
    store: LearningBook, layers: Mapping[str, str | None]
) -> dict[str, Any] | None:
    """The learning that these layers are from; also one that was published and whose author was
    stopped before he could write that down. None where they are from none."""
    planned = store.planned_learning()
    if serves(planned, layers):
        return planned
    standing = store.standing_learning()
    return standing if serves(standing, layers) else None
