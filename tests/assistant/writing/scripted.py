"""Models that say what the test wants, and keep what they were sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

from assistant.errors import LanguageModelError
from assistant.language_models.asking import CallOutcome, ModelCall, ModelRequest, T

Script = str | LanguageModelError | Sequence[str | LanguageModelError]
"""A reply, an error, or a reply in pieces of which some are errors."""


class ScriptedModels:
    """Gives one reply after another; the last again and again."""

    def __init__(self, *replies: Script) -> None:
        self._replies = replies
        self.requests: list[ModelRequest] = []

    @property
    def names(self) -> tuple[str, ...]:
        """One name."""
        return ("scripted",)

    @property
    def sent(self) -> str:
        """All that was ever sent, in one text."""
        return "\n".join(
            message["content"] for request in self.requests for message in request.messages
        )

    def first_good(
        self, request: ModelRequest, use: Callable[[Iterator[str]], T]
    ) -> tuple[T | None, tuple[ModelCall, ...]]:
        """What `use` makes of the next reply, or None when that failed."""
        script = self._replies[min(len(self.requests), len(self._replies) - 1)]
        self.requests.append(request)
        pieces = [script] if isinstance(script, str | LanguageModelError) else script
        try:
            return use(_pieces(pieces)), (self._call(CallOutcome.OK),)
        except LanguageModelError as error:
            return None, (self._call(CallOutcome.FAILED, str(error)),)

    def _call(self, outcome: CallOutcome, detail: str = "") -> ModelCall:
        return ModelCall("scripted", outcome, "draft", 100, 20, 0.001, 5.0, detail)


def _pieces(script: Sequence[str | LanguageModelError]) -> Iterator[str]:
    for piece in script:
        if isinstance(piece, LanguageModelError):
            raise piece
        yield piece


def reply(*sentences: tuple[str, list[int]], action: str = "answer", missing: str = "") -> str:
    """A well-formed reply."""
    listed = [{"text": text, "passages": passages} for text, passages in sentences]
    document = {"action": action, "sentences": listed, "missing": missing}
    return json.dumps(document, ensure_ascii=False)
