"""Makes a follow-up stand alone: «а в Казань?» after a question about delivery.

Without a generative model by rule: a short message that opens like a continuation or has hardly
any words of its own is looked up together with the question before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.domain import Turn
from assistant.history import previous_questions, unanswered
from assistant.text import stems, words
from prompts.loader import read

_LONGEST_FOLLOW_UP_WORDS = 8


def stand_alone(text: str, history: Sequence[Turn]) -> str:
    """The message as a question that can be looked up without its dialog; itself if it can.

    What the customer wrote in a row, with no answer between, is one question.
    """
    burst = " ".join([*unanswered(history), text])
    earlier = previous_questions(history[: len(history) - len(unanswered(history))])
    if not earlier or not is_follow_up(burst):
        return burst
    return f"{earlier[0]} {burst}"


def is_follow_up(text: str) -> bool:
    """Whether a message leans on the one before it."""
    count = len(words(text))
    if not 0 < count <= _LONGEST_FOLLOW_UP_WORDS:
        return False
    stands_for = read("lexicon/follow_ups").content["stand_for"]
    return (
        _opens_with("opens", text)
        or len(stems(text)) <= 1
        or any(word in stands_for for word in words(text))
    )


def leans_on_nothing(text: str, history: Sequence[Turn]) -> bool:
    """Whether a message continues a question that was never asked: «а в Казань?» as the first."""
    leans = _opens_with("leans", text) and is_follow_up(text) and len(stems(text)) <= 1
    return leans and not previous_questions(history)


def _opens_with(kind: str, text: str) -> bool:
    opening = words(text)[:2]
    openers = read("lexicon/follow_ups").content[kind]
    return bool(opening) and (opening[0] in openers or " ".join(opening) in openers)
