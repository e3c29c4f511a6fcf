"""Looks for contradictions in a snapshot: sentences of different articles that lie near each other
are compared by the rules of `differing.py`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from assistant.contradictions.differing import Difference, difference_between
from assistant.contradictions.statement import Statement, statement
from assistant.knowledge.contents import Knowledge
from assistant.text import words

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

NEIGHBOURS = 20
"""So many sentences of other articles, the nearest ones, are compared with each."""
_ROWS_AT_ONCE = 512


@dataclass(frozen=True)
class Contradiction:
    """Two sentences of different articles, and what differs."""

    one: Statement
    other: Statement
    difference: Difference
    cosine: float
    """Of the two sentences' vectors."""


@dataclass(frozen=True)
class _Place:
    """A sentence where it stands: its chunk, its span in the article, its row of the vectors."""

    chunk: int
    span: tuple[int, int]
    row: int


def find_contradictions(knowledge: Knowledge, today: date) -> list[Contradiction]:
    """Pairs of sentences of articles valid on that day, in one language each, that speak of the
    same thing and say different things; the nearest pairs first, each pair of texts once."""
    found: dict[tuple[str, ...], Contradiction] = {}
    for places in _by_language(knowledge, today):
        read: dict[int, Statement] = {}
        for left, right, cosine in _near_pairs(knowledge, places):
            for at in (left, right):
                if at not in read:
                    read[at] = _statement(knowledge, places[at])
            one, other = read[left], read[right]
            difference = difference_between(one, other)
            if difference:
                pair = Contradiction(one, other, difference, cosine)
                found.setdefault(_key(pair), pair)
    return sorted(found.values(), key=lambda pair: (-pair.cosine, _key(pair)))


def _by_language(knowledge: Knowledge, today: date) -> Iterator[list[_Place]]:
    """The sentences of each language; rows of tables are left out, since what they speak of stands
    in another row."""
    places: dict[str, list[_Place]] = {}
    row = 0
    for at, chunk in enumerate(knowledge.chunks):
        article = knowledge.articles[chunk.article_id]
        is_valid = article.valid_until is None or today <= article.valid_until
        for start, end in chunk.sentences:
            if is_valid and not article.text[start:end].startswith("|"):
                places.setdefault(article.lang, []).append(_Place(at, (start, end), row))
            row += 1
    yield from places.values()


def _near_pairs(knowledge: Knowledge, places: list[_Place]) -> Iterator[tuple[int, int, float]]:
    """Each pair of sentences of different articles of which one is among the nearest of the other,
    once, as positions in `places`, with the cosine."""
    vectors = np.asarray(knowledge.sentence_vectors[[place.row for place in places]], np.float32)
    names = {name: at for at, name in enumerate(knowledge.articles)}
    owners = np.array([names[knowledge.chunks[place.chunk].article_id] for place in places])
    seen: set[tuple[int, int]] = set()
    for start in range(0, len(places), _ROWS_AT_ONCE):
        cosines = vectors[start : start + _ROWS_AT_ONCE] @ vectors.T
        cosines[owners[start : start + _ROWS_AT_ONCE, None] == owners[None, :]] = -1
        kept = min(NEIGHBOURS, len(places))
        nearest = np.argpartition(-cosines, kept - 1, axis=1)[:, :kept]
        for offset, others in enumerate(nearest.tolist()):
            for right in others:
                pair = (min(start + offset, right), max(start + offset, right))
                if cosines[offset, right] > -1 and pair not in seen:
                    seen.add(pair)
                    yield *pair, float(cosines[offset, right])


def _statement(knowledge: Knowledge, place: _Place) -> Statement:
    chunk = knowledge.chunks[place.chunk]
    article = knowledge.articles[chunk.article_id]
    start, end = place.span
    headings = chunk.heading_path[1:]
    return statement(
        article.article_id, article.title, headings, article.text[start:end], article.lang
    )


def _key(pair: Contradiction) -> tuple[str, ...]:
    """The same for equal sentences of equal articles, which overlapping chunks repeat."""
    sides = ((side.article_id, " ".join(words(side.text))) for side in (pair.one, pair.other))
    return tuple(part for side in sorted(sides) for part in side)
