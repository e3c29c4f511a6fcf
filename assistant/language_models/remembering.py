"""The same question on the same articles with the same prompt is asked of a model once.

What is kept is the model's own reply, with placeholders for personal data; it is read and checked
anew each time, so a stricter check applies to old replies too.
"""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import Any, Protocol

from assistant.errors import LanguageModelError, LanguageModelStoppedError, StoreError
from assistant.language_models.asking import AsksModels, CallOutcome, ModelCall, ModelRequest, T
from assistant.language_models.ledger import Ledger

log = logging.getLogger(__name__)


class Memory(Protocol):
    """Keeps replies by what was asked."""

    def recall(self, key: str) -> str | None:
        """The reply kept under a key."""

    def remember(self, key: str, reply: str) -> None:
        """Keep a reply."""


class ShortMemory:
    """The latest replies of this process. Safe to use from several threads."""

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self._replies: OrderedDict[str, str] = OrderedDict()
        self._lock = Lock()

    def recall(self, key: str) -> str | None:
        """The reply kept under a key, which counts as used now."""
        with self._lock:
            if key in self._replies:
                self._replies.move_to_end(key)
            return self._replies.get(key)

    def remember(self, key: str, reply: str) -> None:
        """Keep a reply; the one that was not used for longest goes when there are too many."""
        with self._lock:
            self._replies[key] = reply
            self._replies.move_to_end(key)
            while len(self._replies) > self._most:
                self._replies.popitem(last=False)


class RememberingModels:
    """Models with a memory before them."""

    def __init__(
        self,
        models: AsksModels,
        memory: Memory,
        ledger: Ledger | None = None,
        is_whole: Callable[[Any], bool] = lambda _made: True,
    ) -> None:
        """`ledger`: where it is kept that a reply was remembered; None: nowhere. `is_whole`:
        whether what was made of a reply is all of it, so that the reply is worth keeping."""
        self._models = models
        self._memory = memory
        self._ledger = ledger
        self._is_whole = is_whole

    @property
    def names(self) -> tuple[str, ...]:
        """Models in the order in which they are asked."""
        return self._models.names

    def first_good(
        self, request: ModelRequest, use: Callable[[Iterator[str]], T]
    ) -> tuple[T | None, tuple[ModelCall, ...]]:
        """What `use` makes of the reply that is remembered, or else of a model's. Kept is only a
        whole reply of the model that is asked first: another's stands in while that one fails."""
        if request.cache_key is None:
            return self._models.first_good(request, use)
        key = hashlib.sha256("\n".join([*self.names, request.cache_key]).encode()).hexdigest()
        known = self._recall(key)
        if known is not None:
            try:
                return use(iter([known])), self._from_memory(request, CallOutcome.CACHED)
            except LanguageModelStoppedError:
                return None, self._from_memory(request, CallOutcome.STOPPED)
            except LanguageModelError as error:
                log.warning("a remembered reply is of no use any more: %s", error.code)
        return self._ask(request, use, key)

    def _ask(
        self, request: ModelRequest, use: Callable[[Iterator[str]], T], key: str
    ) -> tuple[T | None, tuple[ModelCall, ...]]:
        said: list[str] = []

        def use_and_listen(pieces: Iterator[str]) -> T:
            said.clear()
            return use(_noted(pieces, said))

        made, calls = self._models.first_good(request, use_and_listen)
        if made is not None and self._is_whole(made) and self._is_firsts(calls):
            self._remember(key, "".join(said))
        return made, calls

    def _is_firsts(self, calls: Sequence[ModelCall]) -> bool:
        last = calls[-1] if calls else None
        return last is not None and last.outcome is CallOutcome.OK and last.model == self.names[0]

    def _from_memory(self, request: ModelRequest, outcome: CallOutcome) -> tuple[ModelCall, ...]:
        call = ModelCall(self.names[0], outcome, request.purpose, cost_usd=0.0)
        if self._ledger is not None:
            self._ledger.add_calls([call], request.dialog_id)
        return (call,)

    def _recall(self, key: str) -> str | None:
        try:
            return self._memory.recall(key)
        except StoreError as error:
            log.warning("what models said before is not known now: %s", error)
            return None

    def _remember(self, key: str, reply: str) -> None:
        try:
            self._memory.remember(key, reply)
        except StoreError as error:
            log.warning("a model's reply is not remembered: %s", error)


def _noted(pieces: Iterator[str], said: list[str]) -> Iterator[str]:
    for piece in pieces:
        said.append(piece)
        yield piece
