"""Complaint, question or thanks: the label that decides what to do, with its probabilities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from assistant.domain import Intent, IntentLabel
from assistant.message_heads import MessageHeads
from assistant.text import for_model, lower_plain
from prompts.loader import patterns

Floats = npt.NDArray[np.float32]

_PHRASE_BOOST = 0.8
"""What a phrase that hardly ever means anything else adds to its label's score (about -1 to 1)."""


def classify(text: str, vector: Floats, heads: MessageHeads) -> Intent:
    """The intent of a message; `vector` is what `embed_wants` gave.

    Beside the head, phrases in `prompts/lexicon/intents.yaml` count: rhetorical questions are made
    of the words of real ones, and an embedding hardly tells them apart.
    """
    plain = lower_plain(text)
    boosts = {
        label: _PHRASE_BOOST
        for label, pattern in patterns("lexicon/intents").items()
        if pattern.search(plain)
    }
    shares = heads.label_probabilities(vector, for_model(text), boosts)
    probabilities = {label: shares[label.value] for label in IntentLabel}
    return Intent(max(probabilities, key=lambda label: probabilities[label]), probabilities)
