"""Progress of long work: a bar on a terminal, nothing anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Protocol

from tqdm import tqdm


class Steps(Protocol):
    """Who wants to know how far an ingest is."""

    def reading(self) -> Callable[[], None] | None:
        """Called for each file that was read."""

    def embedding(self, total: int) -> Callable[[int], None]:
        """Called with the number of texts that were embedded."""


class Silent:
    """Nobody wants to know."""

    def reading(self) -> Callable[[], None] | None:
        """Nothing is reported."""
        return None

    def embedding(self, total: int) -> Callable[[int], None]:
        """Nothing is reported."""
        del total
        return lambda _done: None


class Bars:
    """Progress bars on standard error while it is a terminal."""

    def reading(self) -> Callable[[], None] | None:
        """A counter of files."""
        bar = _bar(None, "reading", "file")

        def update() -> None:
            bar.update(1)

        return update

    def embedding(self, total: int) -> Callable[[int], None]:
        """A bar over the texts to embed."""
        bar = _bar(total, "embedding", "text")

        def update(done: int) -> None:
            bar.update(done)
            if bar.n >= total:
                bar.close()

        return update


def _bar(total: int | None, name: str, unit: str) -> tqdm:  # type: ignore[type-arg]
    return tqdm(
        total=total,
        desc=name,
        unit=unit,
        file=sys.stderr,
        disable=not sys.stderr.isatty(),
        leave=False,
    )
