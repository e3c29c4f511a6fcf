"""How likely the answer about to be given is right: a logistic over what retrieval saw.

The shipped numbers are fitted on the sample dialogs and are provisional for any other knowledge
base and any other embedding model (`about.provisional`; a differing model is warned of at start).
Features are gaps and agreements rather than raw similarities: those hardly carry over from one
knowledge base to another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.domain import Passage
from assistant.text import stems

Floats = npt.NDArray[np.float32]

SHIPPED = Path(__file__).parent / "weights" / "confidence.json"

FEATURES = (
    "score",
    "gap_to_second",
    "gap_to_others",
    "dense",
    "dense_gap",
    "coverage",
    "coverage_gap",
    "question_words",
    "best_dense_elsewhere",
)
_OTHERS = 5
_LEAST_SCORE = 5.0
"""Below it the best article hardly stands out of its help centre, and gaps mean nothing."""
_SAME_WORDS = 0.7
"""Share of the shorter text's words from which two chunks are taken to say the same."""


@dataclass(frozen=True)
class Confidence:
    """How sure the service is of an answer, and why."""

    probability: float
    """In 0..1, that the best passage answers."""
    features: Mapping[str, float]
    """What that was computed from, by name; empty where nothing was found."""


NONE = Confidence(0.0, {})


@dataclass(frozen=True)
class ConfidenceModel:
    """probability = 1 / (1 + exp(-(weights . (features - mean) / scale + bias)))."""

    model_id: str
    mean: Floats
    scale: Floats
    weights: Floats
    bias: float
    answer_from: float
    """Confidence from which the bot answers."""
    evidence_from: float
    """Confidence below which the knowledge base is taken to hold nothing on the question."""
    about: dict[str, Any]

    def confidence(self, question: str, passages: Sequence[Passage]) -> Confidence:
        """How likely the best passage answers the question; 0 when nothing stands out."""
        if not passages:
            return NONE
        features = features_of(question, passages)
        seen = {
            name: round(float(value), 4) for name, value in zip(FEATURES, features, strict=True)
        }
        if passages[0].score < _LEAST_SCORE:
            return Confidence(0.0, seen)
        standing = (features - self.mean) / self.scale
        return Confidence(float(1 / (1 + np.exp(-(standing @ self.weights + self.bias)))), seen)


def features_of(question: str, passages: Sequence[Passage]) -> Floats:
    """The signals in the order of FEATURES, float32 (features,); `passages` is not empty."""
    best = passages[0]
    rest = [passage for passage in passages[1:] if not _says_the_same(best, passage)]
    scores = [passage.score for passage in rest] or [best.score]
    dense = max((passage.dense for passage in rest), default=best.dense)
    coverage = max((passage.lexical_coverage for passage in rest), default=0.0)
    return np.array(
        [
            best.score,
            best.score - scores[0],
            best.score - float(np.mean(scores[:_OTHERS])),
            best.dense,
            best.dense - (rest[0].dense if rest else best.dense),
            best.lexical_coverage,
            best.lexical_coverage - coverage,
            np.log1p(len(stems(question))),
            dense - best.dense,
        ],
        np.float32,
    )


def _says_the_same(best: Passage, other: Passage) -> bool:
    """Whether another article repeats the best one's text: it backs it and is no competitor."""
    one, two = set(stems(best.chunk.text)), set(stems(other.chunk.text))
    shorter = min(len(one), len(two))
    return shorter > 0 and len(one & two) >= _SAME_WORDS * shorter


def load_confidence(path: Path = SHIPPED) -> ConfidenceModel:
    """Read a model that `save_confidence` wrote."""
    row = json.loads(path.read_text(encoding="utf-8"))
    if tuple(row.pop("features")) != FEATURES:
        raise ValueError(f"{path} was fitted on other features: run `make weights`")
    for name in ("mean", "scale", "weights"):
        row[name] = np.array(row[name], np.float32)
    return ConfidenceModel(**row)


def save_confidence(model: ConfidenceModel, path: Path) -> None:
    """Write a model as JSON."""
    row = {**vars(model), "features": FEATURES}
    for name in ("mean", "scale", "weights"):
        row[name] = [round(float(value), 6) for value in row[name]]
    text = json.dumps(row, indent=1, sort_keys=True, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
