"""When a turn is due: people write in bursts («Здравствуйте», «где мой заказ», «10432»), and what
comes within a short window of each other is one turn.

Only this process's own monotonic clock is asked: a clock that is set back delays nobody.
"""

from __future__ import annotations

from collections.abc import Callable

from assistant.settings import BURST_FACTOR


class Burst:
    """The wait of one message for those that may follow it."""

    def __init__(self, window_seconds: float, monotonic: Callable[[], float]) -> None:
        self._window = window_seconds
        self._monotonic = monotonic
        self._began = self._newest_since = monotonic()
        self._newest: int | None = None

    def seconds_left(self, newest: int) -> float:
        """How long to wait still, at most; 0 when the turn is due. `newest`: the number of the
        dialog's newest unanswered message, which begins the window anew."""
        now = self._monotonic()
        if self._newest is not None and newest > self._newest:
            self._newest_since = now
        self._newest = newest
        due = min(self._newest_since + self._window, self._began + BURST_FACTOR * self._window)
        return max(0.0, due - now)
