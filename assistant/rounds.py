"""Work that nobody asks for and that has to be done again and again beside the requests."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Round:
    """A piece of work and the pause after it."""

    name: str
    pause_seconds: float
    work: Callable[[], object]
    end: Callable[[], object] | None = None
    """Called once when no more work is done, to end what the work began."""


class Rounds:
    """A thread for each piece of work, so that none delays another; what fails is told and tried
    again after its pause."""

    def __init__(self, rounds: Sequence[Round]) -> None:
        self._stop = threading.Event()
        self._ends = [each.end for each in rounds if each.end is not None]
        self._threads = [
            threading.Thread(target=self._go, args=(each,), name=each.name, daemon=True)
            for each in rounds
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self, wait_seconds: float = 5.0) -> None:
        """End after what is being done now."""
        self._stop.set()
        for thread in self._threads:
            thread.join(wait_seconds)
        for end in self._ends:
            end()

    def _go(self, each: Round) -> None:
        failing = False
        while not self._stop.wait(each.pause_seconds):
            try:
                each.work()
                failing = False
            except Exception as error:
                # Once with all that is known, then a line: the database may be away for minutes.
                log.log(
                    logging.WARNING if failing else logging.ERROR,
                    "%s failed and is tried again: %s",
                    each.name,
                    error,
                    exc_info=not failing,
                )
                failing = True
