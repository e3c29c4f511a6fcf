"""Models whose words are kept as they come, before anything is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from assistant.language_models.asking import AsksModels, ModelCall, ModelRequest, T


class RecordingModels:
    """The models, with the raw text of what they said. For one attack at a time."""

    def __init__(self, models: AsksModels) -> None:
        self._models = models
        self._said: list[str] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Models in the order in which they are asked."""
        return self._models.names

    def first_good(
        self, request: ModelRequest, use: Callable[[Iterator[str]], T]
    ) -> tuple[T | None, tuple[ModelCall, ...]]:
        """What `use` makes of the first reply that it can use; see `AsksModels`."""

        def use_and_keep(pieces: Iterator[str]) -> T:
            said = self._said = [] if self._said is None else [*self._said, "\n"]
            return use(_kept(pieces, said))

        return self._models.first_good(request, use_and_keep)

    def take(self) -> str | None:
        """All that was said since the last time; None where no model was asked."""
        said, self._said = self._said, None
        return None if said is None else "".join(said)


def _kept(pieces: Iterator[str], said: list[str]) -> Iterator[str]:
    for piece in pieces:
        said.append(piece)
        yield piece
