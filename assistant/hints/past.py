"""What operators answered to questions like this one, out of dialogs that ended well.

The vectors stand in memory, the words only in the store: what was deleted there is never shown,
whatever the memory still holds, and leaves it with the next look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

import numpy as np
import numpy.typing as npt

from assistant.hint_use import edit_distance
from assistant.store.past_answers import PastAnswer, PastVector
from assistant.text import words

Floats = npt.NDArray[np.float32]

LEAST_COSINE = 0.86
"""From which two questions are taken to ask for the same, in cosines of the built-in model: its
paraphrases lie at 0.85 to 0.93 (`assistant.understanding`)."""
NEARLY_THE_SAME = 0.3
"""Share of changed words up to which two answers are one."""
LOOKED_AT = 24
"""Nearest past questions that are read from the store."""
_BACKING = 0.015
"""What each further dialog that says the same is worth, in cosines, up to three."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A past answer that fits, with what stands behind it."""

    answer: PastAnswer
    cosine: float
    """Of its question with the one asked."""
    dialogs: int
    """In how many dialogs it was given, in these or nearly these words."""

    @property
    def standing(self) -> float:
        """What it is ordered by."""
        return self.cosine + _BACKING * min(self.dialogs - 1, 3)


class KeepsPastAnswers(Protocol):
    """Where past answers are kept: `assistant.store.hints`."""

    def past_answers_state(self, model_id: str) -> tuple[int, int, int]:
        """Changes whenever one whose vector is of this model is added or deleted."""

    def past_answer_numbers(self, model_id: str) -> Sequence[int]:
        """Numbers of all whose vectors are of this model."""

    def past_vectors(self, numbers: Sequence[int]) -> Sequence[PastVector]:
        """Those of these numbers that are still there."""

    def past_answers(self, numbers: Sequence[int]) -> Sequence[PastAnswer]:
        """The same with their words."""


class FindsPast(Protocol):
    """Finds past answers."""

    def find(self, vector: Floats, lang: str, *, without: str | None) -> list[Remembered]:
        """Those to questions like the one of this vector, best first, none of the dialog
        `without`."""


@dataclass(frozen=True)
class _Memory:
    state: tuple[int, int, int] | None = None
    rows: tuple[PastVector, ...] = ()
    vectors: Floats = field(default_factory=lambda: np.empty((0, 0), np.float32))


class PastAnswers:
    """Past answers of a store. Safe to use from several threads."""

    def __init__(self, store: KeepsPastAnswers, model_id: str) -> None:
        self._store = store
        self._model_id = model_id
        self._memory = _Memory()
        self._reading = Lock()

    def find(self, vector: Floats, lang: str, *, without: str | None) -> list[Remembered]:
        """Those to questions like the one of this vector, best first."""
        memory = self._current()
        if not memory.rows:
            return []
        cosines = memory.vectors @ vector
        near = np.argsort(-cosines, kind="stable")[: 2 * LOOKED_AT].tolist()
        near_enough = {
            memory.rows[at].message: float(cosines[at])
            for at in near
            if fitting(float(cosines[at]))
            and memory.rows[at].lang == lang
            and memory.rows[at].dialog_id != without
        }
        some = list(near_enough)[:LOOKED_AT]
        kept = self._store.past_answers(some) if some else []
        return grouped([(answer, near_enough[answer.message]) for answer in kept])

    @property
    def size(self) -> int:
        """How many are in memory."""
        return len(self._memory.rows)

    def _current(self) -> _Memory:
        state = self._store.past_answers_state(self._model_id)
        memory = self._memory
        if memory.state == state:
            return memory
        with self._reading:
            if self._memory.state != state:
                self._memory = self._read(state)
            return self._memory

    def _read(self, state: tuple[int, int, int]) -> _Memory:
        """Only what is new is read; what is gone is dropped."""
        numbers = self._store.past_answer_numbers(self._model_id)
        known = {row.message: row for row in self._memory.rows}
        new = [number for number in numbers if number not in known]
        read = {row.message: row for row in self._store.past_vectors(new)}
        both = known | read
        rows = tuple(both[number] for number in numbers if number in both)
        vectors = np.stack([row.vector for row in rows]) if rows else self._memory.vectors[:0]
        return _Memory(state, rows, vectors)


def fitting(cosine: float) -> bool:
    """Whether a past question is near enough to the one asked."""
    return cosine >= LEAST_COSINE


def grouped(found: Sequence[tuple[PastAnswer, float]]) -> list[Remembered]:
    """Answers that say nearly the same as one, the nearest of them, with how many dialogs gave it;
    best first."""
    groups: list[list[tuple[PastAnswer, float]]] = []
    for answer, cosine in sorted(found, key=lambda one: -one[1]):
        group = next((group for group in groups if says_the_same(group[0][0], answer)), None)
        if group is None:
            groups.append([(answer, cosine)])
        else:
            group.append((answer, cosine))
    remembered = [
        Remembered(group[0][0], group[0][1], len({answer.dialog_id for answer, _ in group}))
        for group in groups
    ]
    return sorted(remembered, key=lambda one: -one.standing)


def says_the_same(one: PastAnswer, other: PastAnswer) -> bool:
    """Whether two answers are the same but for a few words."""
    return texts_alike(one.answer, other.answer)


def texts_alike(one: str, other: str) -> bool:
    """The same of two texts."""
    first, second = words(one), words(other)
    longer = max(len(first), len(second), 1)
    if abs(len(first) - len(second)) > NEARLY_THE_SAME * longer:
        return False
    return edit_distance(first, second) <= NEARLY_THE_SAME * longer


class NoPast:
    """Knows no past answers."""

    def find(self, vector: Floats, lang: str, *, without: str | None) -> list[Remembered]:
        """None."""
        del vector, lang, without
        return []
