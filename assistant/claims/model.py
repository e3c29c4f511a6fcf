"""The weights of the claim check: a logistic over what speaks against a claim, fitted on the pairs
that ship (`souffleur eval fit grounding`)."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.claims.fact import Fact
from assistant.claims.features import FEATURES
from assistant.claims.reading import Sentence
from assistant.errors import ModelError

Floats = npt.NDArray[np.float32]
SHIPPED = Path(__file__).parent.parent / "weights" / "grounding.json"
_DIGITS = 4
_FACT_MISSING = 0.1


@dataclass(frozen=True)
class CheckedSentence:
    """A sentence of a claim with what speaks against it."""

    sentence: Sentence
    features: Floats
    facts: tuple[Fact, ...]
    """Those that stand nowhere in the evidence."""


@dataclass(frozen=True)
class ClaimModel:
    """score = 1 / (1 + exp(-(bias - weights @ features))).

    No weight is below 0: what speaks against a claim never speaks for it, so a sentence copied from
    the evidence cannot score below a rewording of it.
    """

    weights: Floats
    """(features,), in the order of FEATURES."""
    bias: float
    threshold: float
    """From this score on a claim without an unsupported fact counts as supported."""
    about: dict[str, Any]

    def score(self, features: Floats) -> float:
        """0 to 1, how well a claim with such features is backed."""
        return 1 / (1 + math.exp(-(self.bias - float(self.weights @ features))))

    def score_checked(self, checked: CheckedSentence) -> float:
        """The score of a sentence, a tenth of it when a fact does not stand in the evidence."""
        score = self.score(checked.features)
        return score * _FACT_MISSING if checked.facts else score


@cache
def load_claim_model() -> ClaimModel:
    """The weights that ship. Raises ModelError when the file does not fit the code."""
    with resources.as_file(resources.files("assistant") / "weights" / SHIPPED.name) as path:
        return read_claim_model(path)


def read_claim_model(path: Path) -> ClaimModel:
    """Weights from a file. Raises ModelError when they cannot be read or are of other features."""
    try:
        content = json.loads(path.read_bytes())
        weights = content["weights"]
        if tuple(weights) != FEATURES:
            raise ModelError(f"{path} weighs other features than the code has: fit them again")
        return ClaimModel(
            np.array(list(weights.values()), np.float32),
            float(content["bias"]),
            float(content["threshold"]),
            dict(content["about"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is no claim model: {error}") from error


def save_claim_model(model: ClaimModel, path: Path) -> None:
    """Write weights as text, so that a change can be read."""
    content = {
        "weights": {
            name: round(weight, _DIGITS)
            for name, weight in zip(FEATURES, model.weights.tolist(), strict=True)
        },
        "bias": round(model.bias, _DIGITS),
        "threshold": round(model.threshold, _DIGITS),
        "about": model.about,
    }
    path.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
