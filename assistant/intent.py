"""Complaint, question or thanks: the label that decides what to do, with its probabilities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from assistant.domain import Intent, IntentLabel
from assistant.message_heads import MessageHeads

Floats = npt.NDArray[np.float32]


def classify(vector: Floats, heads: MessageHeads) -> Intent:
    """The intent of the message whose query embedding is `vector`, float32 (dimension,)."""
    shares = heads.label_probabilities(vector)
    probabilities = {label: shares[label.value] for label in IntentLabel}
    return Intent(max(probabilities, key=lambda label: probabilities[label]), probabilities)
