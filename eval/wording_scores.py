"""How well faults of wording are told: recall and precision of each code over labelled sentences.

A sentence counts once a code, wherever in it the fault is. A rate over nothing is None.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.errors import DatasetError
from assistant.wording.checking import find_faults
from assistant.wording.fault import FaultCode, WordingContext

WORDING_SET = Path(__file__).parent / "datasets" / "wording"


@dataclass(frozen=True)
class LabelledSentence:
    """A sentence, what is true while it is said, and the codes that a person gave it."""

    sentence_id: str
    lang: str
    text: str
    facts: WordingContext
    faults: frozenset[FaultCode]
    held_out: bool


@dataclass(frozen=True)
class CodeScores:
    """Of one code: sentences that have it, that were told to, and that both are."""

    labelled: int
    told: int
    right: int

    @property
    def recall(self) -> float | None:
        """Share of the labelled sentences that were told, 0..1."""
        return self.right / self.labelled if self.labelled else None

    @property
    def precision(self) -> float | None:
        """Share of the told sentences that are labelled, 0..1."""
        return self.right / self.told if self.told else None


def read_sentences(path: Path) -> list[LabelledSentence]:
    """Lines {"id","lang","text","faults","evidence"?,"context"?,"held_out"?}.

    Raises DatasetError naming file and line where one is something else.
    """
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(_sentence(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise DatasetError(f"{path}:{number}: not a labelled sentence ({error})") from error
    return found


def _sentence(row: Mapping[str, Any]) -> LabelledSentence:
    facts = WordingContext(**row.get("context", {}))
    return LabelledSentence(
        row["id"],
        row["lang"],
        row["text"],
        replace(facts, evidence=tuple(row.get("evidence", ()))),
        frozenset(FaultCode(code) for code in row["faults"]),
        bool(row.get("held_out", False)),
    )


def told_faults(sentences: Sequence[LabelledSentence]) -> list[frozenset[FaultCode]]:
    """The codes that are found in each sentence."""
    return [
        frozenset(fault.code for fault in find_faults(one.text, one.lang, facts=one.facts))
        for one in sentences
    ]


def score_code(
    sentences: Sequence[LabelledSentence], told: Sequence[frozenset[FaultCode]], code: FaultCode
) -> CodeScores:
    """The scores of one code."""
    pairs = [(code in one.faults, code in own) for one, own in zip(sentences, told, strict=True)]
    return CodeScores(
        labelled=sum(labelled for labelled, _ in pairs),
        told=sum(found for _, found in pairs),
        right=sum(labelled and found for labelled, found in pairs),
    )


def false_alarm_rate(
    sentences: Sequence[LabelledSentence], told: Sequence[frozenset[FaultCode]]
) -> float | None:
    """Share of the sentences without any fault in which one was told."""
    fine = [bool(own) for one, own in zip(sentences, told, strict=True) if not one.faults]
    return sum(fine) / len(fine) if fine else None
