"""Makes a follow-up stand alone: «а в Казань?» after a question about delivery.

Without a generative model by rule: a short message that opens like a continuation or has hardly
any words of its own is looked up together with the question before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.domain import AuthorKind, Turn
from assistant.text import stems, words

_LONGEST_FOLLOW_UP_WORDS = 8
_FEW_STEMS = 2
_CONTINUES = frozenset(
    ["а", "и", "или", "тогда", "ну", "но", "это", "and", "or", "then", "but", "so", "it", "that"]
)
_CONTINUES_IN_TWO = frozenset([("what", "if"), ("what", "about"), ("how", "about")])


def previous_questions(history: Sequence[Turn]) -> list[str]:
    """What the customer wrote before, latest first."""
    return [turn.text for turn in reversed(history) if turn.author is AuthorKind.CUSTOMER]


def stand_alone(text: str, history: Sequence[Turn]) -> str:
    """The message as a question that can be looked up without its dialog; itself if it can."""
    earlier = previous_questions(history)
    if not earlier or not is_follow_up(text):
        return text
    return f"{earlier[0]} {text}"


def leans_on_nothing(text: str, history: Sequence[Turn]) -> bool:
    """Whether a message continues a question that was never asked: «а в Казань?» as the first."""
    opens = words(text)[:1] in (["а"], ["и"], ["and"])
    return (
        opens and is_follow_up(text) and len(stems(text)) <= 1 and not previous_questions(history)
    )


def is_follow_up(text: str) -> bool:
    """Whether a message leans on the one before it."""
    all_words = words(text)
    if not all_words or len(all_words) > _LONGEST_FOLLOW_UP_WORDS:
        return False
    opens = all_words[0] in _CONTINUES or tuple(all_words[:2]) in _CONTINUES_IN_TWO
    return opens or len(stems(text)) <= _FEW_STEMS - 1
