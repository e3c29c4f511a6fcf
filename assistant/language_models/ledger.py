"""What was asked of models and what it took: kept in the dialog store, or in memory without one."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from assistant.errors import StoreError
from assistant.language_models.asking import ModelCall

log = logging.getLogger(__name__)

MEMORY = timedelta(days=2)
"""How far back an in-memory ledger knows what was spent."""
MEMORY_DIALOGS = 10_000


@dataclass(frozen=True)
class Spent:
    """Tokens of prompts and replies together, and USD as far as prices are known."""

    tokens: int = 0
    usd: float = 0.0

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.tokens + other.tokens, self.usd + other.usd)


NOTHING_SPENT = Spent()


def spent_on(call: ModelCall) -> Spent:
    """What one call took."""
    return Spent(call.prompt_tokens + call.completion_tokens, call.cost_usd or 0.0)


def known_cost(taken: Iterable[tuple[int, float | None]]) -> float | None:
    """USD of calls, each (or each kind of them) given as its tokens and its USD: as far as prices
    are known; None where no price of what took tokens is. What took none cost nothing, and says
    nothing about a price."""
    pairs = list(taken)
    paid = [usd for tokens, usd in pairs if tokens] or [usd for _, usd in pairs]
    known = [usd for usd in paid if usd is not None]
    return sum(known) if known else None


class Ledger(Protocol):
    """Keeps calls and knows what was spent."""

    def add_calls(self, calls: Sequence[ModelCall], dialog_id: str | None) -> None:
        """Keep them as of now. Raises StoreError where the store does not answer."""

    def spent(self, dialog_id: str) -> Spent:
        """On one dialog so far. Raises StoreError likewise."""

    def spent_since(self, moment: datetime) -> Spent:
        """On everything from `moment` (with a zone) on. Raises StoreError likewise."""


class MemoryLedger:
    """A ledger that ends with the process. It knows the last two days, and the 10,000 dialogs that
    were active last. Safe to use from several threads."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._entries: deque[tuple[datetime, Spent]] = deque()
        self._dialogs: OrderedDict[str, Spent] = OrderedDict()

    def add_calls(self, calls: Sequence[ModelCall], dialog_id: str | None) -> None:
        """Keep them as of now."""
        total = sum(map(spent_on, calls), NOTHING_SPENT)
        if total == NOTHING_SPENT:
            return
        with self._lock:
            self._entries.append((self._now(), total))
            while self._entries[0][0] < self._now() - MEMORY:
                self._entries.popleft()
            if dialog_id is not None:
                known = self._dialogs.pop(dialog_id, NOTHING_SPENT)
                self._dialogs[dialog_id] = known + total
            while len(self._dialogs) > MEMORY_DIALOGS:
                self._dialogs.popitem(last=False)

    def spent(self, dialog_id: str) -> Spent:
        """On one dialog so far."""
        with self._lock:
            return self._dialogs.get(dialog_id, NOTHING_SPENT)

    def spent_since(self, moment: datetime) -> Spent:
        """On everything from `moment` on, at most two days ago."""
        with self._lock:
            recent = (spent for at, spent in self._entries if at >= moment)
            return sum(recent, NOTHING_SPENT)


class CarefulLedger:
    """A ledger in a store, and what this process counts when the store does not answer: no message
    of a customer fails for it. Raises nothing."""

    def __init__(self, kept: Ledger, now: Callable[[], datetime] = lambda: datetime.now(UTC)):
        self._kept = kept
        self._all = MemoryLedger(now)
        """Everything this process asked: stands in for the store."""
        self._unkept = MemoryLedger(now)
        """What the store would not take: stands beside it."""

    def add_calls(self, calls: Sequence[ModelCall], dialog_id: str | None) -> None:
        """Keep them; in memory only, with a warning, where the store does not answer."""
        self._all.add_calls(calls, dialog_id)
        try:
            self._kept.add_calls(calls, dialog_id)
        except StoreError as error:
            log.warning("calls of language models are counted in memory only: %s", error)
            self._unkept.add_calls(calls, dialog_id)

    def spent(self, dialog_id: str) -> Spent:
        """On one dialog so far, as far as can be known."""
        return self._known(lambda ledger: ledger.spent(dialog_id))

    def spent_since(self, moment: datetime) -> Spent:
        """On everything from `moment` on, as far as can be known."""
        return self._known(lambda ledger: ledger.spent_since(moment))

    def _known(self, look: Callable[[Ledger], Spent]) -> Spent:
        try:
            kept = look(self._kept)
        except StoreError as error:
            log.warning("what language models took is known of this process only: %s", error)
            return look(self._all)
        return kept + look(self._unkept)
