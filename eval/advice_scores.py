"""How well drafts are reviewed: recall and precision of each code over labelled drafts, and how
many fine drafts get advice. A rate over nothing is None."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.domain import AUTHORS, Audience, Customer, IntentLabel, Turn
from assistant.errors import DatasetError
from assistant.privacy.masker import Masker
from assistant.review.advice import Advice, AdviceCode, ReviewContext
from assistant.review.of_dialog import context_of_history
from assistant.review.reviewing import Reviewer
from assistant.review.sources import Passage, PassagesAtHand

ADVICE_SET = Path(__file__).parent / "datasets" / "advice"
SPLITS = ("dev", "heldout", "fresh")
"""`heldout` was seen while the rules were tuned; `fresh` was written after them from what the codes
mean, and nothing is to be tuned on it."""


@dataclass(frozen=True)
class Label:
    """What a person would advise, at `draft[start:end]`."""

    code: AdviceCode
    start: int
    end: int


@dataclass(frozen=True)
class LabelledDraft:
    """A draft, what is known while it is typed, and what a person would advise."""

    draft_id: str
    lang: str
    split: str
    draft: str
    intent: IntentLabel
    history: tuple[Turn, ...]
    evidence: tuple[Passage, ...]
    customer_name: str | None
    labels: tuple[Label, ...]

    def context(self, masker: Masker) -> ReviewContext:
        """As the service would gather it."""
        told = context_of_history(self.history, self.intent, masker, PassagesAtHand(self.evidence))
        return ReviewContext(
            intent=told.intent,
            history=told.history,
            known=told.known,
            customer=Customer(name=self.customer_name),
            sources=told.sources,
        )


@dataclass(frozen=True)
class Reviewed:
    """A draft and the advice that it got."""

    labelled: LabelledDraft
    advice: tuple[Advice, ...]

    @property
    def found(self) -> list[Label]:
        """Labels that some advice of their code overlaps."""
        return [
            label
            for label in self.labelled.labels
            if any(_matches(one, label) for one in self.advice)
        ]

    @property
    def false(self) -> list[Advice]:
        """Advice that no label of its code overlaps."""
        return [
            one
            for one in self.advice
            if not any(_matches(one, label) for label in self.labelled.labels)
        ]

    @property
    def missed(self) -> list[Label]:
        """Labels without advice."""
        found = self.found
        return [label for label in self.labelled.labels if label not in found]


@dataclass(frozen=True)
class AdviceScores:
    """Of one code or all: labels, labels found, pieces of advice, false ones."""

    labelled: int
    found: int
    told: int
    false: int

    @property
    def recall(self) -> float | None:
        """Share of the labels that were told, 0..1."""
        return self.found / self.labelled if self.labelled else None

    @property
    def precision(self) -> float | None:
        """Share of the advice that a label asks for, 0..1."""
        return (self.told - self.false) / self.told if self.told else None


def _matches(advice: Advice, label: Label) -> bool:
    return advice.code is label.code and advice.span[0] < label.end and label.start < advice.span[1]


def review_all(
    drafts: Sequence[LabelledDraft], reviewer: Reviewer, masker: Masker
) -> list[Reviewed]:
    """Review each as the service would."""
    return [
        Reviewed(one, reviewer.review_draft(one.draft, one.lang, one.context(masker)))
        for one in drafts
    ]


def scores_of(reviewed: Sequence[Reviewed], code: AdviceCode | None = None) -> AdviceScores:
    """Of one code, or of all."""

    def counted(items: Sequence[Advice] | Sequence[Label]) -> int:
        return sum(code is None or item.code is code for item in items)

    return AdviceScores(
        labelled=sum(counted(one.labelled.labels) for one in reviewed),
        found=sum(counted(one.found) for one in reviewed),
        told=sum(counted(one.advice) for one in reviewed),
        false=sum(counted(one.false) for one in reviewed),
    )


def false_alarms(reviewed: Sequence[Reviewed]) -> tuple[int, int]:
    """Of the fine drafts: how many got advice, and how many there are."""
    fine = [one for one in reviewed if not one.labelled.labels]
    return sum(bool(one.advice) for one in fine), len(fine)


def read_drafts(path: Path) -> list[LabelledDraft]:
    """Lines {"id","split","lang","intent","draft","labels":[{"code","from","to"}],"history"?,
    "evidence"?:[{"title","text","audience"?}],"customer_name"?}.

    Raises DatasetError naming file and line where one is something else.
    """
    return list(_drafts(path))


def _drafts(path: Path) -> Iterator[LabelledDraft]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            yield _draft(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise DatasetError(f"{path}:{number}: no labelled draft ({error})") from error


def _draft(row: dict[str, Any]) -> LabelledDraft:
    labels = tuple(Label(AdviceCode(one["code"]), one["from"], one["to"]) for one in row["labels"])
    for label in labels:
        if not 0 <= label.start < label.end <= len(row["draft"]):
            raise ValueError(f"{label.code} has no place in the draft")
    if row["split"] not in SPLITS:
        raise ValueError(f"the split is one of {', '.join(SPLITS)}")
    return LabelledDraft(
        draft_id=row["id"],
        lang=row["lang"],
        split=row["split"],
        draft=row["draft"],
        intent=IntentLabel(row["intent"]),
        history=tuple(Turn(AUTHORS[one["author"]], one["text"]) for one in row.get("history", ())),
        evidence=tuple(
            Passage(
                one["title"],
                one["text"],
                lang=row["lang"],
                for_operators=one.get("audience") == Audience.OPERATOR,
            )
            for one in row.get("evidence", ())
        ),
        customer_name=row.get("customer_name"),
        labels=labels,
    )
