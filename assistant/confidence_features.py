"""What tells whether the best article answers: signals that exist before anything is said.

Most are gaps and agreements rather than raw similarities, which hardly carry over from one
knowledge base to another. `features_of` looks at the question and at what was found; `known_of`
at how people labelled similar questions here, which only a calibrated snapshot knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from assistant.domain import Passage
from assistant.ranking import VIEWS
from assistant.text import stems, words

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

_SIDES = VIEWS[:7]
"""The views in which an article may stand before the others."""
_RAW = ("title_cosine", "body_cosine", "sentence_cosine")
_OTHERS = 5
_CLOSE = 2.0
"""Score below the best up to which an article is a rival."""
_SAME_WORDS = 0.7
"""Share of the shorter text's words from which two chunks are taken to say the same."""

FEATURES = (
    "score",
    "gap_to_second",
    "gap_to_others",
    "share",
    "rivals",
    "dense",
    "dense_gap",
    "best_dense_elsewhere",
    "coverage",
    "coverage_gap",
    *_SIDES,
    *(f"{side}_gap" for side in _SIDES),
    "agreement",
    *_RAW,
    *(f"{side}_gap" for side in _RAW),
    "crowd",
    "luck",
    "foreign",
    "best_pieces",
    "title_asked",
    "title_told",
    "twin_title",
    "question_words",
    "question_mark",
    "number",
    "english",
    "labelled_question",
)
"""In the order of `features_of`. `share`: softmax of the scores. `agreement`: share of the views in
which the best article is the best. `title_asked`, `title_told`: share of the question's words in
the best title, and of the title's in the question. `twin_title`: likeness of the rivals' titles.
`labelled_question`: probability that the message is a question."""

KNOWN = (
    "known_for",
    "known_against",
    "known_gap",
    "known_nothing",
    "vote_for",
    "vote_nothing",
    "answerable",
    "familiar",
)
"""In the order of `known_of`: how near the nearest labelled question is that this article answers,
that another answers, that nothing answers (in standard deviations of all labelled questions); the
votes of the ten nearest; how far questions like this have an answer at all, more or less often than
others; the nearest of all as a cosine."""
_VOTERS = 10
_VOTE_STEP = 0.03
_LEAST_SPREAD = 0.015
_REGRESSED = 2000
"""Labelled questions that the regression looks at, evenly picked: more cost time, tell little."""


@dataclass(frozen=True)
class Sight:
    """What a decision looks at: one question and what was found for it."""

    question: str
    """As it was looked up."""
    vector: Floats
    """The question's, of length 1, as the embedder gave it."""
    lang: str
    passages: Sequence[Passage]
    """Best first."""
    labelled_question: float
    """Probability that the message is a question."""

    @cached_property
    def rest(self) -> list[Passage]:
        """Competitors of the best article: those that do not say the same."""
        best = self.passages[0]
        return [passage for passage in self.passages[1:] if not says_the_same(best, passage)]


@dataclass(frozen=True)
class Cases:
    """Labelled questions of this knowledge base."""

    vectors: Floats
    """(cases, dimension), of length 1."""
    article_ids: tuple[tuple[str, ...], ...]
    """Of each case the articles that answer it; empty when none does."""

    def prepare(self) -> None:
        """Fit now what `answerable` needs, rather than when the first customer asks."""
        _ = self._answerable

    def answerable(self, vector: Floats) -> float:
        """How much more often than on average questions like this one have an answer: kernel ridge
        regression with a Gaussian kernel (Saunders, Gammerman and Vovk, 1998), whose width is the
        spread of the questions."""
        fitted = self._answerable
        if fitted is None:
            return 0.0
        return float(_kernel(vector[None], fitted.vectors, fitted.width)[0] @ fitted.weights)

    @cached_property
    def _answerable(self) -> _Regression | None:
        """None where all labelled questions have an answer, or none has."""
        rows = np.linspace(0, len(self.article_ids) - 1, min(_REGRESSED, len(self.article_ids)))
        picked = np.unique(rows.round().astype(int))
        answered = np.array([bool(self.article_ids[row]) for row in picked.tolist()], np.float64)
        if not len(picked) or answered.min() == answered.max():
            return None
        vectors = self.vectors[picked]
        width = float(((vectors - vectors.mean(axis=0)) ** 2).sum(axis=1).mean())
        kernel = _kernel(vectors, vectors, width).astype(np.float64) + np.eye(len(picked))
        weights = np.linalg.solve(kernel, answered - answered.mean())
        return _Regression(vectors, width, np.asarray(weights, np.float32))

    def only(self, kept: Flags) -> Cases:
        """Those that are marked, bool (cases,)."""
        at = np.flatnonzero(kept).tolist()
        return replace(
            self, vectors=self.vectors[at], article_ids=tuple(self.article_ids[row] for row in at)
        )


@dataclass(frozen=True)
class _Regression:
    vectors: Floats
    width: float
    weights: Floats


def _kernel(ones: Floats, others: Floats, width: float) -> Floats:
    """exp(-|a - b|^2 / width) of vectors of length 1, (ones, others)."""
    return np.asarray(np.exp((2 * ones @ others.T - 2) / max(width, 1e-6)), np.float32)


def features_of(sight: Sight) -> Floats:
    """The signals in the order of FEATURES, float32 (features,); something was found."""
    best, rest = sight.passages[0], sight.rest
    scores = np.array([best.score, *(passage.score for passage in rest)])
    others = scores[1:] if len(scores) > 1 else scores
    dense = [passage.dense for passage in rest] or [best.dense]
    coverage = max((passage.lexical_coverage for passage in rest), default=0.0)
    powers = np.exp(scores - scores[0])
    asked, titles = set(stems(sight.question)), [set(stems(best.article.title))]
    rivals = [passage for passage in rest if passage.score > best.score - _CLOSE]
    titles += [set(stems(passage.article.title)) for passage in rivals]
    views, raw = _sides(best, rest)
    return np.array(
        [
            best.score,
            best.score - others[0],
            best.score - float(others[:_OTHERS].mean()),
            1 / powers.sum(),
            np.log1p(len(rivals)),
            best.dense,
            best.dense - dense[0],
            max(dense) - best.dense,
            best.lexical_coverage,
            best.lexical_coverage - coverage,
            *views,
            *raw,
            *_standing(best),
            np.log1p(best.evidence.best_pieces),
            len(asked & titles[0]) / max(1, len(asked)),
            len(asked & titles[0]) / max(1, len(titles[0])),
            max((_likeness(titles[0], other) for other in titles[1:]), default=0.0),
            np.log1p(len(asked)),
            float("?" in sight.question),
            float(any(word.isdigit() and len(word) > 2 for word in words(sight.question))),
            float(sight.lang == "en"),
            sight.labelled_question,
        ],
        np.float32,
    )


def _sides(best: Passage, rest: Sequence[Passage]) -> tuple[Floats, Floats]:
    """Of every side the best article's standing, its lead over the others, the share of sides
    where it leads; and of the raw cosines the value and the lead."""
    count = len(_SIDES)
    own = np.array(best.evidence.views[:count] or [0.0] * count, np.float32)
    raw = np.array(best.evidence.cosines or [0.0] * len(_RAW), np.float32)
    lead, raw_lead = np.zeros_like(own), np.zeros_like(raw)
    if rest and all(passage.evidence.views for passage in (best, *rest)):
        lead = own - np.max([passage.evidence.views[:count] for passage in rest], axis=0)
        raw_lead = raw - np.max([passage.evidence.cosines for passage in rest], axis=0)
    agreement = float(np.mean(lead > 0))
    return (
        np.array([*own, *lead, agreement], np.float32),
        np.array([*raw, *raw_lead], np.float32),
    )


def _standing(best: Passage) -> list[float]:
    views = best.evidence.views
    names = ("crowd", "luck", "foreign")
    return [views[VIEWS.index(name)] if views else 0.0 for name in names]


def known_of(sight: Sight, cases: Cases) -> Floats:
    """The signals in the order of KNOWN, float32 (known,); zeros where no question is known."""
    if not len(cases.article_ids):
        return np.zeros(len(KNOWN), np.float32)
    best = sight.passages[0].article.article_id
    cosines = cases.vectors @ sight.vector
    spread = max(float(cosines.std()), _LEAST_SPREAD)
    standing = (cosines - float(cosines.mean())) / spread
    of_best = np.array([best in answered for answered in cases.article_ids], bool)
    of_nothing = np.array([not answered for answered in cases.article_ids], bool)
    nearest = np.argsort(-cosines, kind="stable")[:_VOTERS]
    votes = np.exp((cosines[nearest] - cosines[nearest[0]]) / _VOTE_STEP)
    votes /= votes.sum()
    for_best, against = _largest(standing, of_best), _largest(standing, ~of_best)
    return np.array(
        [
            for_best,
            against,
            for_best - against,
            _largest(standing, of_nothing),
            float(votes[of_best[nearest]].sum()),
            float(votes[of_nothing[nearest]].sum()),
            cases.answerable(sight.vector),
            float(cosines[nearest[0]]),
        ],
        np.float32,
    )


def _largest(values: Floats, picked: Flags) -> float:
    """The largest of the picked; what is usual (0) where none is."""
    return float(values[picked].max()) if picked.any() else 0.0


def says_the_same(best: Passage, other: Passage) -> bool:
    """Whether another article repeats the best one's text: it backs it and is no competitor."""
    one, two = set(stems(best.chunk.text)), set(stems(other.chunk.text))
    shorter = min(len(one), len(two))
    return shorter > 0 and len(one & two) >= _SAME_WORDS * shorter


def _likeness(one: set[str], other: set[str]) -> float:
    """Jaccard index of two titles' words."""
    return len(one & other) / max(1, len(one | other))
