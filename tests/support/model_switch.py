"""Language models that a test changes while the server that asks them runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from assistant.language_models.asking import AsksModels, ModelCall, ModelRequest

T = TypeVar("T")


class ModelSwitch:
    """Passes what is asked on to `models`, which a test puts in place."""

    def __init__(self, models: AsksModels) -> None:
        self.models = models

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the models in place."""
        return self.models.names

    def first_good(
        self, request: ModelRequest, use: Callable[[Iterator[str]], T]
    ) -> tuple[T | None, tuple[ModelCall, ...]]:
        """Ask whatever is in place."""
        return self.models.first_good(request, use)
