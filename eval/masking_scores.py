"""How well personal data is found: recall and precision of spans, and what leaks.

A found entity is *exact* when kind and both ends are right, *overlapping* when the kind is right
and it shares a character. A text *leaks* when a letter or digit of an entity is left unmasked,
whatever kind it was taken for. A rate over nothing is None.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import DatasetError
from assistant.privacy.entities import KINDS, Entity


@dataclass(frozen=True)
class MarkedText:
    """A text with the personal data that a person marked in it."""

    text_id: str
    text: str
    entities: tuple[Entity, ...]


@dataclass(frozen=True)
class SpanScores:
    """Recall and precision of one kind, or of all: shares in 0..1."""

    marked: int
    found: int
    recall_exact: float | None
    recall_overlapping: float | None
    precision_exact: float | None
    precision_overlapping: float | None


def read_marked(path: Path) -> list[MarkedText]:
    """Lines {"id","text","entities":[{"kind","start","end"}]}.

    Raises DatasetError naming file and line where a span does not lie in its text or the kind is
    unknown.
    """
    texts = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            entities = tuple(Entity(**entity) for entity in row["entities"])
            text = MarkedText(row["id"], row["text"], entities)
        except (ValueError, KeyError, TypeError) as error:
            raise DatasetError(f"{path}:{number}: not a marked text ({error})") from error
        for entity in text.entities:
            if entity.kind not in KINDS or not 0 <= entity.start < entity.end <= len(text.text):
                raise DatasetError(f"{path}:{number}: {entity} does not fit the text")
        texts.append(text)
    return texts


def score_spans(
    marked: Sequence[MarkedText], found: Sequence[Sequence[Entity]], kind: str | None = None
) -> SpanScores:
    """Scores of one kind (None: all) over texts and what was found in each."""
    pairs = [
        (
            [one for one in text.entities if kind in (None, one.kind)],
            [one for one in own if kind in (None, one.kind)],
        )
        for text, own in zip(marked, found, strict=True)
    ]
    n_marked, n_found = (sum(len(pair[side]) for pair in pairs) for side in (0, 1))
    exact = sum(len(set(gold) & set(own)) for gold, own in pairs)
    recalled = sum(any(_meet(one, other) for other in own) for gold, own in pairs for one in gold)
    right = sum(any(_meet(one, other) for other in gold) for gold, own in pairs for one in own)
    return SpanScores(
        n_marked,
        n_found,
        _share(exact, n_marked),
        _share(recalled, n_marked),
        _share(exact, n_found),
        _share(right, n_found),
    )


def leaks(text: MarkedText, found: Sequence[Entity]) -> bool:
    """Whether a letter or digit of a marked entity is left."""
    masked = {at for entity in found for at in range(entity.start, entity.end)}
    return any(
        text.text[at].isalnum() and at not in masked
        for entity in text.entities
        for at in range(entity.start, entity.end)
    )


def touches_nothing_marked(text: MarkedText, found: Sequence[Entity]) -> bool:
    """Whether something was masked that no marked entity touches, of whatever kind."""
    return any(
        not any(one.start < gold.end and gold.start < one.end for gold in text.entities)
        for one in found
    )


def leak_rate(marked: Sequence[MarkedText], found: Sequence[Sequence[Entity]]) -> float | None:
    """Share of the texts with personal data that leak."""
    own = [leaks(text, one) for text, one in zip(marked, found, strict=True) if text.entities]
    return _share(sum(own), len(own))


def false_alarm_rate(
    marked: Sequence[MarkedText], found: Sequence[Sequence[Entity]]
) -> float | None:
    """Share of the texts without personal data in which something was masked."""
    own = [bool(one) for text, one in zip(marked, found, strict=True) if not text.entities]
    return _share(sum(own), len(own))


def _meet(one: Entity, other: Entity) -> bool:
    return one.kind == other.kind and one.start < other.end and other.start < one.end


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
