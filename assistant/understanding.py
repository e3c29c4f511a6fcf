"""What a message was taken to mean: language, intent, signals, and what to look up for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from assistant.domain import Intent, Signal, Turn
from assistant.history import last_question_answered
from assistant.intent import classify
from assistant.knowledge.embedder import MessageEmbedder
from assistant.message_heads import MessageHeads
from assistant.reading import Read, read, said_in
from assistant.rephrasing import readings
from assistant.signals import notice
from assistant.text import for_model

Floats = npt.NDArray[np.float32]

_SAME_QUESTION = 0.88
"""Cosine of the search branch from which two questions are one asked twice: paraphrases lie at
0.85-0.93; of 798 pairs of messages in the sample dialogs one reaches it, and that is a repeat.
Another model for searching has another scale: repeats may be missed, or seen where none are."""


@dataclass(frozen=True)
class Understanding:
    """What the message was taken to mean."""

    said: str
    lang: str
    intent: Intent
    signals: frozenset[Signal]
    question: str
    """The message as it is looked up."""
    vector: Floats
    joined: tuple[str, Floats] | None
    """The message with what went before it, when it may lean on that, and its vector."""
    asked_before: bool
    """Whether the bot has answered this very question in this dialog."""


class Understander:
    """Understands messages. Safe to use from several threads."""

    def __init__(self, embedder: MessageEmbedder, heads: MessageHeads) -> None:
        self._embedder = embedder
        self._heads = heads

    def read(self, text: str, locale: str) -> Read:
        """The message as its writer meant it."""
        return read(text, self._embedder.fluency, locale)

    def understand(self, text: str, history: Sequence[Turn], locale: str) -> Understanding:
        """Everything that one forward pass tells of a message in its dialog."""
        own = self.read(text, locale)
        earlier = [self.read(item, locale).question for item in last_question_answered(history)]
        ways = self._ways(own, history, locale)
        texts = list(dict.fromkeys([own.said, own.question, *ways, *earlier]))
        search, wants = self._embedder.embed_messages([for_model(item) for item in texts])
        at = {item: row for row, item in enumerate(texts)}
        before = search[[at[item] for item in earlier]]
        return Understanding(
            said=own.said,
            lang=own.lang,
            intent=classify(own.said, wants[at[own.said]], self._heads),
            signals=notice(own.said, wants[at[own.said]], self._heads),
            question=ways[0],
            vector=search[at[ways[0]]],
            joined=(ways[1], search[at[ways[1]]]) if len(ways) > 1 else None,
            # A follow-up is looked up with the question before it, so only its own words count.
            asked_before=bool(earlier)
            and float((before @ search[at[own.question]]).max()) >= _SAME_QUESTION,
        )

    def readings(self, text: str, history: Sequence[Turn], locale: str) -> list[Read]:
        """The ways a message can be looked up in its dialog: as it stands, then with what went
        before it."""
        own = self.read(text, locale)
        ways = self._ways(own, history, locale)
        return [replace(own, question=question) for question in ways]

    def _ways(self, own: Read, history: Sequence[Turn], locale: str) -> list[str]:
        return readings(
            own.question, history, own.quoted, lambda text: self.read(text, locale).question
        )

    def intents(self, texts: Sequence[str]) -> list[Intent]:
        """The intents of messages without a dialog."""
        said = [said_in(text, self._embedder.fluency) for text in texts]
        wants = self._embedder.embed_messages([for_model(text) for text in said])[1]
        return [
            classify(text, vector, self._heads) for text, vector in zip(said, wants, strict=True)
        ]

    def vectors(self, questions: Sequence[str]) -> Floats:
        """The vectors that questions are looked up by, float32 (questions, dimension)."""
        return self._embedder.embed_queries([for_model(question) for question in questions])
