"""The network that doubts claims learns to hold a claim against its evidence."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.claims.entailment import MARKS
from assistant.knowledge.embedder import Piece, ReadTogether
from eval.fitting.grounding_lessons import made_lessons, unseen_pairs, written_pairs

pytest.importorskip("torch")

from eval.fitting.entailment import Lesson, fit_entailment

SIZE, PIECES = 32, 4


def lesson(draw: np.random.Generator, *, is_supported: bool) -> Lesson:
    """Evidence that repeats the claim's states in another order, or one of them turned over."""
    claim = draw.normal(size=(PIECES, SIZE))
    evidence = claim[::-1].copy()
    if not is_supported:
        evidence[draw.integers(PIECES)] *= -1
    marks = np.zeros((1, SIZE))
    states = np.concatenate([marks, claim, marks, marks, evidence, marks])
    return Lesson("g", states.astype(np.float16), PIECES, is_supported, 1.0)


def read(each: Lesson) -> ReadTogether:
    first = tuple(Piece(row, 0, 1) for row in range(1, PIECES + 1))
    rest = tuple(Piece(row, 0, 1) for row in range(PIECES + MARKS, 2 * PIECES + MARKS))
    return ReadTogether(each.states.astype(np.float32), (first, rest))


def test_network_learns_what_is_backed_and_serves_it_the_same() -> None:
    draw = np.random.default_rng(0)
    lessons = [lesson(draw, is_supported=bool(at % 2)) for at in range(1500)]
    losses: list[float] = []
    network = fit_entailment(lessons[:1300], losses.append, epochs=12)
    assert np.mean(losses[-20:]) < 0.8 * np.mean(losses[:20])
    doubts = np.array([network.doubt(read(each)) for each in lessons[1300:]])
    truth = np.array([each.is_supported for each in lessons[1300:]])
    wins = doubts[~truth][:, None] > doubts[truth][None]
    assert wins.mean() > 0.8


def test_nothing_held_out_is_learnt_from() -> None:
    learnt = {text for pair in [*written_pairs(), *made_lessons()] for text in pair.evidence}
    assert not learnt & {text for pair in unseen_pairs() for text in pair.evidence}
