"""Labelled turns and what an operator would have been shown for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from assistant.domain import AuthorKind, Turn
from assistant.hint_use import edit_distance
from assistant.hints.hint import Asked, Hint, SourceKind
from assistant.hints.past import LOOKED_AT, FindsPast, Floats, Remembered, fitting, grouped
from assistant.hints.prompter import Prompter
from assistant.store.past_answers import PastAnswer
from assistant.text import words
from eval.cases import Case

_THEN = datetime(2000, 1, 1, tzinfo=UTC)
"""Labelled dialogs have no dates."""


@dataclass(frozen=True)
class HintedTurn:
    """One customer's turn with its hints, scored; a score is None where it does not apply."""

    dialog_id: str
    turn: int
    text: str
    hints: tuple[dict[str, Any], ...]
    intent_label: str | None
    article_labels: tuple[str, ...] | None
    answer_label: str | None
    hit_at: int | None
    """Place, from 1, of the first hint that cites a right article; None where none does."""
    edit_first: float | None
    """Word-level edit distance of the first hint to the operator's real answer, divided by the
    words of the longer of the two: 0 the same, 1 nothing in common."""
    edit_best: float | None
    """The smallest of all hints."""
    milliseconds: float

    def document(self) -> dict[str, Any]:
        """As it is written down."""
        return asdict(self)

    @property
    def is_hinted(self) -> bool:
        """Whether any hint has a source."""
        return any(
            hint["source"] != SourceKind.TEMPLATE.value or hint["article_ids"]
            for hint in self.hints
        )


def hinted_turns(cases: Sequence[Case], prompter: Prompter) -> Iterator[HintedTurn]:
    """Each turn with the hints for it."""
    for case in cases:
        asked = Asked(
            turns=(*case.history, Turn(AuthorKind.CUSTOMER, case.text)),
            locale=case.locale,
            dialog_id=case.dialog_id,
        )
        started = time.perf_counter()
        made = prompter.make(asked)
        yield _scored(case, made.hints, (time.perf_counter() - started) * 1000)


def _scored(case: Case, hints: Sequence[Hint], milliseconds: float) -> HintedTurn:
    labels = case.labels
    distances = [normalised_distance(hint.text, labels.answer) for hint in hints if labels.answer]
    return HintedTurn(
        dialog_id=case.dialog_id,
        turn=case.turn,
        text=case.text,
        hints=tuple(_document(hint) for hint in hints),
        intent_label=labels.intent,
        article_labels=labels.article_ids,
        answer_label=labels.answer,
        hit_at=_hit_at(hints, set(labels.article_ids or ())),
        edit_first=distances[0] if distances else None,
        edit_best=min(distances) if distances else None,
        milliseconds=round(milliseconds, 2),
    )


def _document(hint: Hint) -> dict[str, Any]:
    return {
        "kind": hint.kind.value,
        "source": hint.source.kind.value,
        "article_ids": list(dict.fromkeys(citation.article_id for citation in hint.citations)),
        "confidence": hint.confidence,
        "text": hint.text,
    }


def _hit_at(hints: Sequence[Hint], right: set[str]) -> int | None:
    for place, hint in enumerate(hints, start=1):
        if right & {citation.article_id for citation in hint.citations}:
            return place
    return None


def normalised_distance(hint: str, answer: str) -> float:
    """Word-level edit distance, 0 to 1."""
    one, two = words(hint), words(answer)
    return edit_distance(one, two) / max(len(one), len(two), 1)


class LabelledPast(FindsPast):
    """The answers that labelled dialogs hold, as if operators had given them before."""

    def __init__(self, cases: Sequence[Case], embed: Callable[[Sequence[str]], Floats]) -> None:
        told = [case for case in cases if case.labels.answer]
        self._answers = [
            PastAnswer(at, case.dialog_id, case.text, case.labels.answer or "", case.locale, _THEN)
            for at, case in enumerate(told)
        ]
        self._vectors = embed([case.text for case in told]) if told else np.empty((0, 0))

    def find(self, vector: Floats, lang: str, *, without: str | None) -> list[Remembered]:
        """Those of other dialogs than this one, best first."""
        if not self._answers:
            return []
        cosines = self._vectors @ vector
        near = [
            (answer, float(cosine))
            for answer, cosine in zip(self._answers, cosines, strict=True)
            if fitting(float(cosine)) and answer.lang == lang and answer.dialog_id != without
        ]
        return grouped(sorted(near, key=lambda one: -one[1])[:LOOKED_AT])
