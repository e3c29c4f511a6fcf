"""Counters that processes share, on both databases."""

from __future__ import annotations

from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from tests.assistant.test_store_concurrency import all_at_once
from tests.conftest import Clock


def test_counter_adds_up_within_its_window(store: DialogStore) -> None:
    assert [store.count_rate("key", 60, 1) for _ in range(3)] == [1, 2, 3]
    assert store.rate_of("key")[0] == 3
    assert store.rate_of("another")[0] == 0


def test_counter_begins_anew_when_its_window_ends(store: DialogStore, clock: Clock) -> None:
    store.count_rate("key", 60, 5)
    clock.turn(seconds=61)
    assert store.rate_of("key")[0] == 0
    assert store.count_rate("key", 60, 1) == 1


def test_window_ends_a_minute_after_its_first_call(store: DialogStore, clock: Clock) -> None:
    store.count_rate("key", 60, 1)
    began = clock.now.timestamp()
    clock.turn(seconds=30)
    store.count_rate("key", 60, 1)
    assert store.rate_of("key") == (2, began + 60)


def test_clock_that_is_set_back_locks_nobody_out(store: DialogStore, clock: Clock) -> None:
    store.count_rate("key", 60, 100)
    clock.turn(hours=-1)
    assert store.count_rate("key", 60, 1) == 1


def test_counters_of_the_past_are_forgotten(store: DialogStore, clock: Clock) -> None:
    store.count_rate("old", 60, 1)
    clock.turn(seconds=30)
    store.count_rate("new", 60, 1)
    clock.turn(seconds=31)
    assert store.forget_old_rates() == 1
    assert store.rate_of("new")[0] == 1


def test_16_callers_at_once_are_all_counted(database_url: str) -> None:
    stores = [DialogStore(Database(database_url)) for _ in range(4)]
    counted = all_at_once(lambda number: stores[number % 4].count_rate("key", 60, 1))
    assert sorted(counted) == list(range(1, 17))
