"""Fits the provisional confidence, the one that ships, on the sample dialogs."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.confidence import ConfidenceModel
from assistant.deciding import Decider
from eval.calibration import examples_of, fit
from eval.cases import Case


def fit_confidence(cases: Sequence[Case], decider: Decider, model_id: str) -> ConfidenceModel:
    """Fit on every labelled turn for which an answer is considered."""
    return fit(examples_of(cases, decider), model_id, known=False).model
