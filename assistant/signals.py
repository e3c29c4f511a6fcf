"""What is noticed in a message beside its label: wants a human, asks whether this is a bot, a
greeting and nothing else, "that did not help", swearing, distress.

Phrases that leave no doubt are listed in `prompts/lexicon/signals.yaml`; for all other wordings
there is a trained detector on the message's embedding.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from assistant.domain import Signal
from assistant.message_heads import MessageHeads
from assistant.text import words
from prompts.loader import patterns

Floats = npt.NDArray[np.float32]

_LONGEST_GREETING_WORDS = 6


def notice(text: str, vector: Floats, heads: MessageHeads) -> frozenset[Signal]:
    """The signals of a message; `vector` is its query embedding, float32 (dimension,)."""
    by_phrase = patterns("lexicon/signals")
    plain = text.lower().replace("ё", "е")
    by_head = heads.noticed(vector)
    found = {
        signal
        for signal in Signal
        if by_head.get(signal.value) or by_phrase[signal.value].search(plain)
    }
    if Signal.GREETING_ONLY in found and len(words(text)) > _LONGEST_GREETING_WORDS:
        found.discard(Signal.GREETING_ONLY)
    return frozenset(found)
