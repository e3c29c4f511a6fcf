"""Asks one model after another, so that somebody answers, in time and within the budget."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from assistant.errors import (
    LanguageModelBusyError,
    LanguageModelError,
    LanguageModelRefusedError,
    LanguageModelStoppedError,
    LanguageModelTimeoutError,
    MalformedReplyError,
)
from assistant.language_models.asking import CallOutcome, ModelCall, ModelRequest
from assistant.language_models.breaker import Breaker, Circuit, Leave
from assistant.language_models.budget import Budget
from assistant.language_models.streaming import Reply, Streams, estimated_tokens

log = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_SHARE = 0.6
"""Of the time left, what a model gets while another could still be asked after it."""
LEAST_SECONDS = 0.1
"""With less time left no model is asked."""
FAIR_SECONDS = 0.5
"""Who was given less and did not answer in time is not blamed for it."""
REFUSED_PAUSE_SECONDS = 300.0
"""A wrong key, name or address does not mend itself soon."""
LONGEST_PAUSE_SECONDS = 300.0
"""However long a busy model asks to be left alone."""
LONGEST_WAIT_SECONDS = 1.0
"""A busy model that wants more is not asked again for this request."""
RETRY_SECONDS = (0.05, 0.2)
"""How long to wait before asking again where nothing is said about it; drawn anew each time."""
RETRY_ROOM_SECONDS = 0.5
"""What must be left after that wait."""

_OUTCOMES: tuple[tuple[type[LanguageModelError], CallOutcome], ...] = (
    (LanguageModelTimeoutError, CallOutcome.TIMEOUT),
    (LanguageModelBusyError, CallOutcome.BUSY),
    (LanguageModelRefusedError, CallOutcome.REFUSED),
    (LanguageModelStoppedError, CallOutcome.STOPPED),
    (MalformedReplyError, CallOutcome.MALFORMED),
)


@dataclass(frozen=True)
class _Attempt(Generic[T]):
    """What came of asking one model once."""

    call: ModelCall
    made: tuple[T] | None
    """What `use` made of it; None where it made nothing."""
    error: LanguageModelError | None
    has_text: bool
    ours: BaseException | None
    """What `use` raised that is no fault of a model's: to be raised again once the call counts."""


class _Watched:
    """A reply that remembers what came out of it, whatever `use` does about it."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self.error: LanguageModelError | None = None
        self.has_text = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            piece = next(self._reply)
        except LanguageModelError as error:
            self.error = error
            raise
        self.has_text = True
        return piece


@dataclass(frozen=True)
class ModelChain:
    """Models in the order in which they are asked. Safe to use from several threads."""

    models: Sequence[Streams]
    budget: Budget
    """Its ledger is where calls are kept."""
    breakers: Mapping[str, Breaker] = field(default_factory=dict)
    """By name of the model; those that are missing are made."""
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        made = {model.name: self.breakers.get(model.name) or Breaker() for model in self.models}
        object.__setattr__(self, "breakers", made)

    @property
    def names(self) -> tuple[str, ...]:
        """Models in the order in which they are asked."""
        return tuple(model.name for model in self.models)

    def circuits(self) -> dict[str, Circuit]:
        """How the breaker of each model stands in this process."""
        return {name: breaker.circuit for name, breaker in self.breakers.items()}

    def first_good(
        self, request: ModelRequest, use: Callable[[Iterator[str]], T]
    ) -> tuple[T | None, tuple[ModelCall, ...]]:
        """What `use` made of the first reply that it could use; see `AsksModels`.

        All of it ends by the request's deadline. A model is asked a second time at most once a
        request, where that does no harm and leaves room.
        """
        calls: list[ModelCall] = []
        try:
            for position, model in enumerate(self.models):
                made = self._ask_patiently(model, self.models[position + 1 :], request, use, calls)
                if made is not None:
                    return made[0], tuple(calls)
            return None, tuple(calls)
        finally:
            self.budget.ledger.add_calls(calls, request.dialog_id)

    def _ask_patiently(
        self,
        model: Streams,
        others: Sequence[Streams],
        request: ModelRequest,
        use: Callable[[Iterator[str]], T],
        calls: list[ModelCall],
    ) -> tuple[T] | None:
        """Ask one model, perhaps twice; what came of it is added to `calls`."""
        has_others = any(self.breakers[other.name].is_ready for other in others)
        while True:
            reason = self._reason_to_pass(request, calls)
            leave = self.breakers[model.name].may_ask() if reason is None else None
            if leave is None:
                calls.append(_passed_over(model, request, reason or "its circuit is open"))
                return None
            attempt = self._ask(model, request, use, leave, has_others=has_others)
            calls.append(attempt.call)
            if attempt.ours is not None:
                raise attempt.ours
            if attempt.made is not None:
                return attempt.made
            wait = self._wait_before_retry(attempt, request, calls, has_others=has_others)
            if wait is None:
                return None
            request.stop.wait(wait)

    def _reason_to_pass(self, request: ModelRequest, calls: Sequence[ModelCall]) -> str | None:
        """Why no model is asked, in words; None where one may be."""
        if request.stop.is_set():
            return "nobody waits for the reply any more"
        if request.deadline.left() < LEAST_SECONDS:
            return "no time was left"
        wanted = estimated_tokens(request.messages) + request.max_tokens
        taken = sum(call.prompt_tokens + call.completion_tokens for call in calls)
        return self.budget.exhausted(request.dialog_id, wanted + taken)

    def _ask(
        self,
        model: Streams,
        request: ModelRequest,
        use: Callable[[Iterator[str]], T],
        leave: Leave,
        *,
        has_others: bool,
    ) -> _Attempt[T]:
        if has_others:
            request = replace(request, deadline=request.deadline.share(FIRST_SHARE))
        started = self.clock()
        is_fair = request.deadline.left() >= FAIR_SECONDS
        reply = model.stream(request)
        watched = _Watched(reply)
        made: tuple[T] | None = None
        error: LanguageModelError | None = None
        ours: BaseException | None = None
        try:
            made = (use(watched),)
        except LanguageModelError as raised:
            error = raised
        except BaseException as raised:  # noqa: BLE001 - raised again once the call counts
            ours = raised
        finally:
            reply.close()
        # What `use` saw counts also where it made the best of it.
        error = watched.error or error
        says_nothing = isinstance(error, LanguageModelTimeoutError) and not is_fair
        if says_nothing or (ours is not None and error is None):
            self.breakers[model.name].left(leave)
        else:
            self._tell(leave, model.name, error, is_servers=watched.error is not None)
        call = self._call(model, request, reply, error or ours, started)
        return _Attempt(call, made, error, watched.has_text, ours)

    def _tell(
        self, leave: Leave, name: str, error: LanguageModelError | None, *, is_servers: bool
    ) -> None:
        """A reply that came but is not what was asked for says nothing against the server: else a
        customer could shut a model off with messages that make it write nonsense."""
        breaker = self.breakers[name]
        if error is None or (isinstance(error, MalformedReplyError) and not is_servers):
            breaker.succeeded(leave)
        elif isinstance(error, LanguageModelStoppedError):
            breaker.left(leave)
        else:
            seconds = breaker.failed(leave, _pause(error))
            if seconds is not None:
                kind = _outcome(error).value
                log.warning("%s is left alone for %.0f s (%s)", name, seconds, kind)

    def _call(
        self,
        model: Streams,
        request: ModelRequest,
        reply: Reply,
        error: BaseException | None,
        started: float,
    ) -> ModelCall:
        usage = reply.usage
        return ModelCall(
            model=model.name,
            outcome=_outcome(error),
            purpose=request.purpose,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            cost_usd=usage.cost_usd,
            milliseconds=(self.clock() - started) * 1000,
            detail=_detail(error),
        )

    def _wait_before_retry(
        self,
        attempt: _Attempt[T],
        request: ModelRequest,
        calls: Sequence[ModelCall],
        *,
        has_others: bool,
    ) -> float | None:
        """Seconds to wait before the same model is asked again; None: it is not."""
        error = attempt.error
        asked = [call.model for call in calls if call.outcome is not CallOutcome.NOT_ASKED]
        was_one_asked_twice = len(asked) > len(set(asked))
        if error is None or attempt.has_text or was_one_asked_twice:
            return None
        low, high = RETRY_SECONDS
        wait = low + (high - low) * self.chance()
        if isinstance(error, LanguageModelBusyError) and error.retry_after_seconds is not None:
            wait += error.retry_after_seconds
        elif not error.may_ask_again:
            return None
        # Who is slow to be ready again is not waited for while another can be asked at once.
        longest = RETRY_SECONDS[1] if has_others else LONGEST_WAIT_SECONDS + RETRY_SECONDS[1]
        has_room = wait <= longest and request.deadline.left() > wait + RETRY_ROOM_SECONDS
        return wait if has_room else None


def _passed_over(model: Streams, request: ModelRequest, reason: str) -> ModelCall:
    return ModelCall(
        model.name, CallOutcome.NOT_ASKED, request.purpose, cost_usd=0.0, detail=reason
    )


def _detail(error: BaseException | None) -> str:
    """Traces go to the caller: the server's words stay out, they may repeat the prompt; so do those
    of what is no language model's, they may repeat anything."""
    if error is None:
        return ""
    if not isinstance(error, LanguageModelError):
        return f"the reply could not be used: {type(error).__name__}"
    return error.brief or str(error)


def _outcome(error: BaseException | None) -> CallOutcome:
    if error is None:
        return CallOutcome.OK
    found = (outcome for kind, outcome in _OUTCOMES if isinstance(error, kind))
    return next(found, CallOutcome.FAILED)


def _pause(error: LanguageModelError) -> float | None:
    """For how long a model is left alone at once; None: as the breaker's rules say."""
    if isinstance(error, LanguageModelRefusedError):
        return REFUSED_PAUSE_SECONDS
    asked = error.retry_after_seconds
    if asked is not None and asked > LONGEST_WAIT_SECONDS:
        return min(asked, LONGEST_PAUSE_SECONDS)
    return None
