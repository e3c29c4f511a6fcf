"""Counts for the tables: what was taken for what, who was handed over, how groups of turns do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.domain import IntentLabel
from eval.records import Record

FEW = 10
"""A group of fewer turns says little."""


@dataclass(frozen=True)
class MatrixCell:
    """How many of a row landed in one column."""

    column: str
    n: int
    share: float | None
    """Of its row; None when the row is empty."""
    right: bool
    """Whether this is where the row should land."""


@dataclass(frozen=True)
class MatrixRow:
    """One true label and what became of its turns."""

    label: str
    n: int
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True)
class Share:
    """A share and what it was counted over; None over nothing."""

    value: float | None
    n: int


@dataclass(frozen=True)
class Group:
    """Turns that have something in common."""

    name: str | None
    n: int
    found_first: Share
    answered: Share
    right: Share
    intent: Share

    @property
    def is_small(self) -> bool:
        """Whether its numbers say little."""
        return self.n < FEW


def intent_matrix(records: Sequence[Record]) -> list[MatrixRow]:
    """A row for each labelled intent, a column for each that was said."""
    pairs = [(r.intent_label, r.intent) for r in records if r.intent_label is not None]
    labels = [label.value for label in IntentLabel]
    return _matrix(pairs, labels, labels)


def handoff_matrix(records: Sequence[Record]) -> list[MatrixRow]:
    """Rows `needed` and `needless`, columns `handed` and `kept`."""
    pairs = [
        ("needed" if r.handoff_label else "needless", "handed" if r.handed_over else "kept")
        for r in records
        if r.handoff_label is not None
    ]
    return _matrix(pairs, ["needed", "needless"], ["handed", "kept"])


def _matrix(
    pairs: Sequence[tuple[str, str]], rows: Sequence[str], columns: Sequence[str]
) -> list[MatrixRow]:
    """Counts of (row, column); the diagonal is right. Empty when there is no pair."""
    counts = Counter(pairs)
    totals = Counter(row for row, _ in pairs)
    if not pairs:
        return []

    def cell(at: int, row: str, to: int, column: str) -> MatrixCell:
        n = counts[row, column]
        return MatrixCell(column, n, n / totals[row] if totals[row] else None, at == to)

    return [
        MatrixRow(
            row, totals[row], tuple(cell(at, row, to, column) for to, column in enumerate(columns))
        )
        for at, row in enumerate(rows)
    ]


def groups_by(records: Sequence[Record], key: Callable[[Record], str | None]) -> list[Group]:
    """A group for each value of `key`, the largest first, those without a value last."""
    members: dict[str | None, list[Record]] = {}
    for record in records:
        members.setdefault(key(record), []).append(record)
    named = sorted(members, key=lambda name: (name is None, -len(members[name]), name or ""))
    return [_group(name, members[name]) for name in named]


def _group(name: str | None, records: Sequence[Record]) -> Group:
    findable = [r.best_is_right for r in records if r.article_labels]
    checked = [r.cites_right for r in records if r.answered and r.article_labels is not None]
    intents = [r.intent == r.intent_label for r in records if r.intent_label is not None]
    return Group(
        name,
        len(records),
        found_first=_share(findable),
        answered=_share([r.answered for r in records]),
        right=_share(checked),
        intent=_share(intents),
    )


def _share(hits: Sequence[bool]) -> Share:
    return Share(sum(hits) / len(hits) if hits else None, len(hits))
