"""How likely the answer about to be given is right, and from when on it is given.

A logistic over `assistant.confidence_features`. The shipped one is fitted on the sample dialogs and
is provisional for any other knowledge base (`about.provisional`); `souffleur eval calibrate` fits
one on a customer's own labelled dialogs, which stays with the snapshot it was fitted on
(`assistant.knowledge.calibration`) and keeps promises: thresholds with a guarantee.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.confidence_features import FEATURES, KNOWN, Cases, Sight, features_of, known_of

Floats = npt.NDArray[np.float32]

SHIPPED = Path(__file__).parent / "weights" / "confidence.json"

TARGET_RISK = 0.05
"""The share of wrong answers allowed where nobody says otherwise."""
LEAST_SCORE = 5.0
"""Below it the best article hardly stands out of its help centre, and gaps mean nothing."""


@dataclass(frozen=True)
class Confidence:
    """How sure the service is of an answer, and why."""

    probability: float
    """In 0..1, that the best passage answers."""
    either: float
    """In 0..1, that the best passage answers or the one after it."""
    features: Mapping[str, float]
    """What that was computed from, by name; empty where nothing was found."""


NONE = Confidence(0.0, 0.0, {})


@dataclass(frozen=True)
class Logistic:
    """probability = 1 / (1 + exp(-(weights . (features - mean) / scale + bias)))."""

    mean: Floats
    scale: Floats
    weights: Floats
    bias: float

    def __call__(self, features: Floats) -> float:
        """The probability for float32 (features,)."""
        standing = np.clip((features - self.mean) / self.scale, -_FAR, _FAR)
        return float(1 / (1 + np.exp(-(standing @ self.weights + self.bias))))


_FAR = 5.0
"""Standard deviations beyond which a feature counts no further: one number that was never seen
must not decide alone."""


@dataclass(frozen=True)
class Promise:
    """A share of wrong answers and the confidence from which it is kept."""

    risk: float
    """The largest share of wrong answers among those given."""
    threshold: float | None
    """None where no threshold keeps it with this much data."""
    guaranteed: bool
    """True: with probability 1 - delta over the labelled dialogs, the share is kept on dialogs like
    them (Angelopoulos et al., "Learn then Test", 2021). False: it is only aimed at."""
    answered: float
    """Share of the labelled questions answered from there on."""


@dataclass(frozen=True)
class ConfidenceModel:
    """A fitted confidence with the thresholds that go with it."""

    model_id: str
    """The embedding model it was fitted for."""
    names: tuple[str, ...]
    """The features: FEATURES, and after a calibration KNOWN behind them."""
    best: Logistic
    """Whether the best passage answers."""
    either: Logistic
    """Whether the best or the next one does."""
    answer_from: float
    """Confidence from which the bot answers."""
    sure_from: float
    """Confidence from which it does so without offering a person in words."""
    evidence_from: float
    """Confidence below which the knowledge base is taken to hold nothing on the question."""
    about: dict[str, Any]
    risk: float = TARGET_RISK
    """The share of wrong answers that `answer_from` was chosen for; a provisional model aims at it
    in vain."""
    promises: tuple[Promise, ...] = ()
    cases: Cases | None = field(default=None, repr=False)
    """The labelled questions that KNOWN looks at; None for the shipped model."""

    @property
    def provisional(self) -> bool:
        """Whether it was fitted on other dialogs than this knowledge base's."""
        return bool(self.about["provisional"])

    @property
    def guaranteed(self) -> bool:
        """Whether `answer_from` keeps `risk` with a guarantee."""
        promise = promise_for(self.promises, self.risk)
        return promise is not None and promise.guaranteed

    def confidence(self, sight: Sight) -> Confidence:
        """How likely the best passage answers; 0 when nothing was found or stands out."""
        if not sight.passages:
            return NONE
        features = self.look(sight)
        seen = {
            name: round(float(value), 4) for name, value in zip(self.names, features, strict=True)
        }
        if sight.passages[0].score < LEAST_SCORE:
            return Confidence(0.0, 0.0, seen)
        best = self.best(features)
        return Confidence(best, max(best, self.either(features)), seen)

    def look(self, sight: Sight) -> Floats:
        """The features in the order of `names`; something was found."""
        seen = features_of(sight)
        return seen if self.cases is None else np.concatenate([seen, known_of(sight, self.cases)])


def names_with(cases: Cases | None) -> tuple[str, ...]:
    """The features that a model with or without labelled questions looks at."""
    return FEATURES if cases is None else (*FEATURES, *KNOWN)


def document_of(model: ConfidenceModel) -> dict[str, Any]:
    """The model as JSON, without its cases."""
    return {
        "model_id": model.model_id,
        "features": list(model.names),
        "best": _row(model.best),
        "either": _row(model.either),
        "answer_from": model.answer_from,
        "sure_from": model.sure_from,
        "evidence_from": model.evidence_from,
        "risk": model.risk,
        "promises": [asdict(promise) for promise in model.promises],
        "about": model.about,
    }


def model_of(document: Mapping[str, Any], cases: Cases | None = None) -> ConfidenceModel:
    """What `document_of` wrote. Raises ValueError when another version wrote it, with other
    features than this one computes or in another shape."""
    names = names_with(cases)
    if tuple(document.get("features", ())) != names:
        raise ValueError("it was fitted on other features than this version looks at")
    try:
        return ConfidenceModel(
            model_id=document["model_id"],
            names=names,
            best=_logistic(document["best"], len(names)),
            either=_logistic(document["either"], len(names)),
            answer_from=document["answer_from"],
            sure_from=document["sure_from"],
            evidence_from=document["evidence_from"],
            promises=tuple(Promise(**row) for row in document["promises"]),
            about=document["about"],
            risk=document["risk"],
            cases=cases,
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"another version wrote it ({error})") from error


def load_confidence(path: Path = SHIPPED) -> ConfidenceModel:
    """Read the model that ships."""
    try:
        return model_of(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise ValueError(f"{path}: {error}; run `make weights`") from error


def save_confidence(model: ConfidenceModel, path: Path) -> None:
    """Write a model as JSON."""
    text = json.dumps(document_of(model), indent=1, sort_keys=True, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def promise_for(promises: Sequence[Promise], risk: float) -> Promise | None:
    """The promise of the largest risk that is no larger than the one asked for; None without."""
    kept = [promise for promise in promises if promise.risk <= risk + 1e-9]
    return max(kept, key=lambda promise: promise.risk, default=None)


def _row(logistic: Logistic) -> dict[str, Any]:
    numbers = {
        name: [round(float(value), 6) for value in getattr(logistic, name)]
        for name in ("mean", "scale", "weights")
    }
    return numbers | {"bias": round(logistic.bias, 6)}


def _logistic(row: Mapping[str, Any], width: int) -> Logistic:
    mean, scale, weights = (
        np.array(row[name], np.float32) for name in ("mean", "scale", "weights")
    )
    whole = all(
        part.shape == (width,) and np.isfinite(part).all() for part in (mean, scale, weights)
    )
    if not whole or (scale <= 0).any():
        raise ValueError("its numbers are not those of its features")
    return Logistic(mean, scale, weights, float(row["bias"]))
