"""An embedder that remembers what it was asked to embed."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.knowledge.embedder import Embedder, Progress, Vectors


class RecordingEmbedder:
    """The real one, with a list of the passages that reached it."""

    def __init__(self, real: Embedder, model_id: str | None = None) -> None:
        self._real = real
        self.model_id = model_id or real.model_id
        self.dimension = real.dimension
        self.passages: list[str] = []

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._real.embed_queries(texts)

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.passages.extend(texts)
        return self._real.embed_passages(texts, progress)

    def count_tokens(self, text: str) -> int:
        return self._real.count_tokens(text)

    def taken(self) -> list[str]:
        """What was embedded since the last look, sorted."""
        taken, self.passages = sorted(self.passages), []
        return taken
