"""What a serving process reads beside its work, so that nobody waits for it: when it has started,
and again when other knowledge serves."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Sequence

log = logging.getLogger(__name__)


class Warming:
    """Takes its steps once for what serves. A step that fails is logged, and what it should have
    read is read when it is needed."""

    def __init__(self, serving: Callable[[], object], steps: Sequence[Callable[[], None]]) -> None:
        self._serving = serving
        self._steps = steps
        self._warm_for: object = self

    def look(self) -> None:
        """Warm up where something else serves than at the last look."""
        serving = self._serving()
        if serving is self._warm_for:
            return
        self._warm_for = serving
        for step in self._steps:
            try:
                step()
            except Exception:
                log.exception("what a process reads beforehand could not all be read")
        set_aside()


def set_aside() -> None:
    """Take what is alive now, models, articles, dictionaries, out of the garbage collector's
    rounds: looking through a million objects of which none is garbage takes 0.2 s in which no
    request is answered. What an earlier call set aside and is garbage by now is freed first."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
