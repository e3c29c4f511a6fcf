"""What is noticed in a message beside its label: wants a human, asks whether this is a bot, a
greeting and nothing else, "that did not help", swearing, distress.

Phrases that leave no doubt are listed in `prompts/lexicon/signals.yaml`; for all other wordings
there is a trained detector on the message's embedding.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from assistant.domain import Signal
from assistant.framing import question_in
from assistant.message_heads import MessageHeads
from assistant.text import lower_plain, words
from prompts.loader import patterns, read

Floats = npt.NDArray[np.float32]

_LONGEST_GREETING_WORDS = 4


def notice(text: str, vector: Floats, heads: MessageHeads) -> frozenset[Signal]:
    """The signals of a message; `vector` is what `embed_wants` gave."""
    plain = lower_plain(text)
    by_phrase = {
        signal for signal in Signal if patterns("lexicon/signals")[signal.value].search(plain)
    }
    if Signal.GREETING_ONLY in by_phrase:
        return frozenset(by_phrase)
    return frozenset(by_phrase | (_by_detector(text, vector, heads) - _overruled(by_phrase)))


def only_calls(text: str) -> bool:
    """Whether a message calls for a person in so many words and asks nothing else («позовите,
    пожалуйста, человека», "Please let me talk to a person"), however long it is."""
    plain, calls = lower_plain(text), patterns("lexicon/signals")[Signal.WANTS_HUMAN.value]
    if not calls.search(plain):
        return False
    rest = set(words(calls.sub(" ", plain)))
    return rest <= set(read("lexicon/calls").content["around"])


def _by_detector(text: str, vector: Floats, heads: MessageHeads) -> set[Signal]:
    if not any(char.isalpha() for char in text):
        return set()
    noticed = heads.noticed(vector)
    plain = lower_plain(text)
    ruled_out = patterns("lexicon/not_signals")
    found = {
        signal
        for signal in Signal
        if noticed.get(signal.value)
        and not (signal.value in ruled_out and ruled_out[signal.value].search(plain))
    }
    if len(words(text)) > _LONGEST_GREETING_WORDS or question_in(text) != text.strip():
        found.discard(Signal.GREETING_ONLY)
    if Signal.ASKS_IF_BOT in found:  # "is there a person?" is near to both
        found.discard(Signal.WANTS_HUMAN)
    return found


def _overruled(by_phrase: set[Signal]) -> set[Signal]:
    """What a phrase rules out that a detector may still see."""
    return {Signal.WANTS_HUMAN} if Signal.ASKS_IF_BOT in by_phrase else set()
