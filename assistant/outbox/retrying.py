"""When to try again: longer and longer, never quite at the same time, and then no more."""

from __future__ import annotations

from dataclasses import dataclass

_JITTER = 0.2
"""Share by which a wait is longer or shorter by chance, so that what failed together does not come
back together."""


@dataclass(frozen=True)
class Retrying:
    """From `first_seconds` to `longest_seconds` in equal ratios over `attempts` attempts."""

    attempts: int = 12
    first_seconds: float = 1.0
    longest_seconds: float = 3600.0
    attempt_seconds: float = 10.0
    """How long one attempt may take, from connecting to the last byte."""

    def wait_seconds(self, made: int, asked_seconds: float | None, chance: float) -> float | None:
        """How long to wait after so many attempts; None: give up.

        `asked_seconds`: how long the receiver asks to be left alone; honoured up to
        `longest_seconds`. `chance`: from 0 to 1.
        """
        if made >= self.attempts:
            return None
        waits = max(self.attempts - 2, 1)
        ratio = (self.longest_seconds / self.first_seconds) ** (1 / waits)
        wait: float = self.first_seconds * ratio ** (made - 1)
        wait *= 1 + _JITTER * (2 * chance - 1)
        return min(max(wait, asked_seconds or 0.0), self.longest_seconds)
