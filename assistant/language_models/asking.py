"""What is asked of a language model, how long one may wait for it, and what came of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

Message = Mapping[str, str]
"""`role` (system, user or assistant) and `content`; already masked."""


class CallOutcome(StrEnum):
    """What came of asking a model."""

    OK = "ok"
    TIMEOUT = "timeout"
    BUSY = "busy"
    REFUSED = "refused"
    FAILED = "failed"
    MALFORMED = "malformed"
    STOPPED = "stopped"
    """The customer went away, or a person took the dialog."""
    NOT_ASKED = "not_asked"
    """The circuit is open, a budget is spent, or no time was left."""
    CACHED = "cached"
    """The same was asked before; nothing was sent."""


class Deadline:
    """How long is left, in seconds of the monotonic clock; begins when it is made."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._until = clock() + seconds
        self._renewals = 0

    def left(self) -> float:
        """Seconds left, at least 0."""
        return max(0.0, self._until - self._clock())

    def renew(self) -> None:
        """Begin again: something useful has come."""
        self._until = self._clock() + self._seconds
        self._renewals += 1

    def share(self, part: float) -> Deadline:
        """One that ends after `part` (0..1) of what is left of this one, so that something else can
        be tried in the rest; once this one is renewed it ends with this one."""
        return _Share(self, self.left() * part)

    @property
    def renewals(self) -> int:
        """How often it was renewed."""
        return self._renewals


class _Share(Deadline):
    """A part of another deadline."""

    def __init__(self, whole: Deadline, seconds: float) -> None:
        super().__init__(seconds, whole._clock)
        self._whole = whole
        self._renewals_at_start = whole.renewals

    def left(self) -> float:
        whole = self._whole.left()
        if self._whole.renewals > self._renewals_at_start:
            return whole
        return min(super().left(), whole)

    def renew(self) -> None:
        self._whole.renew()

    @property
    def renewals(self) -> int:
        return self._whole.renewals


@dataclass(frozen=True)
class ModelRequest:
    """One thing asked of whichever model can answer it."""

    purpose: str
    """What it is for, e.g. `draft`; a label of metrics, never a text of a customer."""
    messages: Sequence[Message]
    max_tokens: int
    deadline: Deadline
    schema: Mapping[str, Any] | None = None
    """JSON schema of the reply; a model that cannot be held to one has it in its prompt only."""
    dialog_id: str | None = None
    """Whose budget it is; None: only the day's."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Set by whoever no longer wants the reply: the call ends at once."""
    cache_key: str | None = None
    """Names all that the reply depends on; None: it is nobody else's, ask anew."""


@dataclass(frozen=True)
class ModelCall:
    """What came of asking one model once; goes into the trace and the metrics. No text of the
    dialog is in it."""

    model: str
    outcome: CallOutcome
    purpose: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = None
    """None where the price of the model is not known."""
    milliseconds: float = 0.0
    detail: str = ""
    """Why it failed, in one line that holds no key."""


class AsksModels(Protocol):
    """Asks one model after another until one gives something usable."""

    @property
    def names(self) -> tuple[str, ...]:
        """Models in the order in which they are asked."""

    def first_good(
        self, request: ModelRequest, use: Callable[[Iterator[str]], T]
    ) -> tuple[T | None, tuple[ModelCall, ...]]:
        """What `use` made of the first reply that it could use, None where there was none; and
        what came of every model asked or passed over.

        `use` takes the reply's text in pieces as they come. Whatever fails is raised out of its
        iterator as a LanguageModelError: `use` lets it through, and the next model is asked, or
        catches it and returns what it has, when some of it has been said to the customer already;
        the call is counted as failed either way. It raises MalformedReplyError for a reply that is
        not what was asked for. Never raises for what a model or its server does.
        """
