"""What was spent, in memory and in the store: the same facts of both."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from assistant.errors import StoreError
from assistant.language_models.asking import CallOutcome, ModelCall
from assistant.language_models.ledger import (
    MEMORY_DIALOGS,
    NOTHING_SPENT,
    CarefulLedger,
    Ledger,
    MemoryLedger,
    Spent,
)
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from tests.conftest import Clock

Make = Callable[[], Ledger]


def call(prompt: int = 100, completion: int = 10, cost: float | None = 0.5) -> ModelCall:
    return ModelCall("m", CallOutcome.OK, "draft", prompt, completion, cost, 12.5)


@pytest.fixture(params=["memory", "store", "careful over the store"])
def ledger(request: pytest.FixtureRequest, clock: Clock, database_url: str) -> Ledger:
    if request.param == "memory":
        return MemoryLedger(clock)
    store = DialogStore(Database(database_url), clock)
    return store if request.param == "store" else CarefulLedger(store, clock)


def test_nothing_was_spent_at_first(ledger: Ledger, clock: Clock) -> None:
    assert ledger.spent("d-1") == NOTHING_SPENT
    assert ledger.spent_since(clock.now - timedelta(days=1)) == NOTHING_SPENT


def test_calls_add_up_by_dialog_and_over_all(ledger: Ledger, clock: Clock) -> None:
    ledger.add_calls([call(), call(200, 20)], "d-1")
    ledger.add_calls([call()], "d-2")
    ledger.add_calls([call()], None)
    ledger.add_calls([], "d-1")
    assert ledger.spent("d-1") == Spent(330, 1.0)
    assert ledger.spent("d-2") == Spent(110, 0.5)
    assert ledger.spent_since(clock.now) == Spent(550, 2.0)


def test_call_of_unknown_price_counts_by_its_tokens(ledger: Ledger) -> None:
    ledger.add_calls([call(cost=None), call()], "d-1")
    assert ledger.spent("d-1") == Spent(220, 0.5)


def test_moment_itself_counts_and_what_was_before_does_not(ledger: Ledger, clock: Clock) -> None:
    ledger.add_calls([call()], "d-1")
    clock.turn(hours=1)
    moment = clock.now
    ledger.add_calls([call()], "d-1")
    clock.turn(hours=1)
    ledger.add_calls([call()], "d-1")
    assert ledger.spent_since(moment) == Spent(220, 1.0)
    assert ledger.spent("d-1") == Spent(330, 1.5)


def test_memory_forgets_old_days_and_dialogs_long_quiet(clock: Clock) -> None:
    ledger = MemoryLedger(clock)
    ledger.add_calls([call()], "d-old")
    clock.turn(days=3)
    for number in range(MEMORY_DIALOGS):
        ledger.add_calls([call()], f"d-{number}")
    assert ledger.spent("d-old") == NOTHING_SPENT
    assert ledger.spent("d-0") == Spent(110, 0.5)
    assert ledger.spent_since(clock.now - timedelta(days=9)).tokens == 110 * MEMORY_DIALOGS


class Breakable:
    """A ledger whose store answers only when told to."""

    def __init__(self, clock: Clock) -> None:
        self.kept = MemoryLedger(clock)
        self.is_broken = False

    def add_calls(self, calls: Sequence[ModelCall], dialog_id: str | None) -> None:
        self._check()
        self.kept.add_calls(calls, dialog_id)

    def spent(self, dialog_id: str) -> Spent:
        self._check()
        return self.kept.spent(dialog_id)

    def spent_since(self, moment: datetime) -> Spent:
        self._check()
        return self.kept.spent_since(moment)

    def _check(self) -> None:
        if self.is_broken:
            raise StoreError("the dialog store did not answer: gone")


def test_store_that_does_not_answer_is_counted_without_and_warned_of(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    store = Breakable(clock)
    ledger = CarefulLedger(store, clock)
    ledger.add_calls([call()], "d-1")
    store.is_broken = True
    with caplog.at_level(logging.WARNING):
        ledger.add_calls([call()], "d-1")
        assert ledger.spent("d-1") == Spent(220, 1.0)
        assert ledger.spent_since(clock.now) == Spent(220, 1.0)
    assert "counted in memory only" in caplog.text
    store.is_broken = False
    assert store.spent("d-1") == Spent(110, 0.5)
    assert ledger.spent("d-1") == Spent(220, 1.0)
    assert ledger.spent_since(clock.now) == Spent(220, 1.0)
