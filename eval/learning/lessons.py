"""What may be learnt from: the approved verdicts of all real dialogs, as labelled dialogs, with
earlier data sets beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assistant.privacy.masker import Masker
from assistant.store.dialogs import DialogStore
from assistant.store.live import Span
from eval.cases import Case, cases_of_lines, load_datasets
from eval.live.labelled import Label, labelled_dialogs, teaching

_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Lessons:
    """Labelled dialogs, and the verdicts that their labels rest on."""

    cases: tuple[Case, ...]
    """Those of the real dialogs first; also turns without a label."""
    labels: Mapping[tuple[str, str], Label]
    """Of real dialogs, by dialog and customer's message."""
    verdicts: Mapping[str, frozenset[int]]
    """Of each real dialog the approved verdicts on labelled messages."""
    earlier: int
    """Cases with a label that come from data sets."""

    @property
    def numbers(self) -> frozenset[int]:
        """All verdicts that the labels rest on."""
        return frozenset(number for ids in self.verdicts.values() for number in ids)

    def new_since(self, learnt: Sequence[int]) -> frozenset[str]:
        """Real dialogs of which nothing was among the verdicts learnt from so far."""
        known = frozenset(learnt)
        return frozenset(name for name, ids in self.verdicts.items() if not ids & known)


def read_lessons(
    store: DialogStore, masker: Masker, now: datetime, earlier: Sequence[Path] = ()
) -> Lessons:
    """Everything approved up to `now`, and the dialogs of files; where a dialog stands in both,
    what was approved counts. Raises DatasetError, StoreError."""
    acts = teaching(store.acts(Span(_BEGINNING, now), marked_only=True))
    sent = store.sent_answers(list({act.dialog_id for act in acts}))
    found = labelled_dialogs(acts, store.view, sent, masker)
    real = cases_of_lines("approved verdicts", found.lines)
    there = {case.dialog_id for case in real}
    more = [case for case in load_datasets(earlier) if case.dialog_id not in there]
    verdicts: dict[str, frozenset[int]] = {}
    for act in acts:
        if (act.dialog_id, act.message_id) in found.labels:
            ids = frozenset(mark.number for mark in act.marks)
            verdicts[act.dialog_id] = verdicts.get(act.dialog_id, frozenset()) | ids
    labelled = sum(case.labels.article_ids is not None for case in more)
    return Lessons((*real, *more), found.labels, verdicts, labelled)
