"""A circuit breaker: a model that fails again and again is left alone for a while."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Circuit(StrEnum):
    """Whether a model is asked."""

    CLOSED = "closed"
    """It is."""
    HALF_OPEN = "half_open"
    """The pause is over: one request tries it, the others pass it over."""
    OPEN = "open"
    """It is not, until the pause is over."""


@dataclass(frozen=True)
class BreakerRules:
    """When a breaker opens and for how long."""

    failures_in_row: int = 3
    window: int = 20
    """How many of the latest requests are looked at."""
    least_in_window: int = 10
    failure_share: float = 0.5
    """Of the window, from which it opens though no failures came in a row."""
    pause_seconds: float = 15.0
    jitter: float = 0.2
    """A pause is longer by up to this share, so that replicas do not all come back at once."""


USUAL_RULES = BreakerRules()


@dataclass(frozen=True)
class Leave:
    """To ask a model once; a breaker's `may_ask` gives it."""

    generation: int
    """Of the breaker's state: it counts openings, trials and closings."""


class Breaker:
    """Of one model in one process. Safe to use from several threads.

    Whoever gets a leave from `may_ask` must say with it what came of it: `succeeded`, `failed`, or
    `left` when it says nothing about the model. Only requests of the present state count: what
    began before the circuit opened is no trial, and says nothing of the model as it is now.
    """

    def __init__(
        self,
        rules: BreakerRules = USUAL_RULES,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._chance = chance
        self._lock = threading.Lock()
        self._latest: deque[bool] = deque(maxlen=rules.window)
        self._in_row = 0
        self._open_until: float | None = None
        self._is_tried = False
        self._generation = 0

    @property
    def circuit(self) -> Circuit:
        """How it stands now."""
        with self._lock:
            return self._circuit()

    @property
    def is_ready(self) -> bool:
        """Whether `may_ask` would say yes now; takes nothing."""
        with self._lock:
            return self._is_ready()

    def may_ask(self) -> Leave | None:
        """The leave to ask the model now, None for no; when half open, only one caller gets it."""
        with self._lock:
            if not self._is_ready():
                return None
            if self._circuit() is Circuit.HALF_OPEN:
                self._begin_state(is_tried=True)
            return Leave(self._generation)

    def succeeded(self, leave: Leave) -> None:
        """The model gave a reply: a trial that does closes the circuit."""
        with self._lock:
            if leave.generation != self._generation:
                return
            if self._open_until is not None:
                self._latest.clear()
                self._begin_state(is_tried=False)
            self._open_until = None
            self._in_row = 0
            self._latest.append(True)

    def failed(self, leave: Leave, pause_seconds: float | None = None) -> float | None:
        """The model failed; `pause_seconds`: leave it alone for that long at once, whatever went
        before. Returns for how many seconds the circuit opened; None when it did not open now."""
        with self._lock:
            if leave.generation != self._generation:
                return None
            was_trial = self._open_until is not None
            self._in_row += 1
            self._latest.append(False)
            if not (pause_seconds is not None or was_trial or self._is_enough()):
                return None
            usual = self._rules.pause_seconds
            pause = (pause_seconds if pause_seconds is not None else usual) * self._stretch()
            self._open_until = self._clock() + pause
            self._begin_state(is_tried=False)
            return pause

    def left(self, leave: Leave) -> None:
        """The request was given up for reasons of whoever asked."""
        with self._lock:
            if leave.generation == self._generation:
                self._is_tried = False

    def _begin_state(self, *, is_tried: bool) -> None:
        """From now on no leave that was given before counts."""
        self._generation += 1
        self._is_tried = is_tried

    def _circuit(self) -> Circuit:
        if self._open_until is None:
            return Circuit.CLOSED
        return Circuit.OPEN if self._clock() < self._open_until else Circuit.HALF_OPEN

    def _is_ready(self) -> bool:
        circuit = self._circuit()
        return circuit is Circuit.CLOSED or (circuit is Circuit.HALF_OPEN and not self._is_tried)

    def _is_enough(self) -> bool:
        rules = self._rules
        if self._in_row >= rules.failures_in_row:
            return True
        failures = self._latest.count(False)
        enough = len(self._latest) >= rules.least_in_window
        return enough and failures >= rules.failure_share * len(self._latest)

    def _stretch(self) -> float:
        return 1 + self._rules.jitter * self._chance()
