"""The cases to read first: where the assistant was sure and wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.records import Record

AT_MOST = 15


@dataclass(frozen=True)
class Worst:
    """Cases of one kind, the surest first."""

    kind: str
    """`answers`, `intents` or `handoffs`."""
    cases: tuple[tuple[Record, float | None], ...]
    """At most AT_MOST, each with how sure the assistant was."""
    total: int
    """How many there are of the kind."""


def worst_cases(records: Sequence[Record]) -> list[Worst]:
    """Wrong answers, wrong intents, and answers where a person was needed."""
    return [
        _surest("answers", records, _is_wrong_answer, _confidence),
        _surest("intents", records, _is_wrong_intent, _intent_probability),
        _surest("handoffs", records, _is_answer_instead_of_person, _confidence),
    ]


def _surest(
    kind: str,
    records: Sequence[Record],
    is_bad: Callable[[Record], bool],
    sureness: Callable[[Record], float | None],
) -> Worst:
    def order(record: Record) -> tuple[float, str, int]:
        sure = sureness(record)
        return (-sure if sure is not None else 0.0, record.dialog_id, record.turn)

    bad = sorted(filter(is_bad, records), key=order)
    return Worst(kind, tuple((r, sureness(r)) for r in bad[:AT_MOST]), len(bad))


def _is_wrong_answer(record: Record) -> bool:
    return record.answered and record.article_labels is not None and not record.cites_right


def _is_wrong_intent(record: Record) -> bool:
    return record.intent_label is not None and record.intent != record.intent_label


def _is_answer_instead_of_person(record: Record) -> bool:
    return record.answered and record.handoff_label is True


def _confidence(record: Record) -> float | None:
    return record.confidence


def _intent_probability(record: Record) -> float | None:
    return record.intent_probabilities.get(record.intent)
