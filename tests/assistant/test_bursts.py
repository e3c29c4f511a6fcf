"""When a turn is due, by a clock that only the test moves."""

from __future__ import annotations

import pytest

from assistant.bursts import Burst
from assistant.settings import BURST_FACTOR


class Stopwatch:
    seconds = 50.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Stopwatch:
    return Stopwatch()


def test_turn_is_due_after_the_window(watch: Stopwatch) -> None:
    burst = Burst(1.5, watch)
    assert burst.seconds_left(7) == 1.5
    watch.seconds += 1.0
    assert burst.seconds_left(7) == 0.5
    watch.seconds += 0.5
    assert burst.seconds_left(7) == 0


def test_message_that_follows_begins_the_window_anew(watch: Stopwatch) -> None:
    burst = Burst(1.5, watch)
    burst.seconds_left(7)
    watch.seconds += 1.0
    assert burst.seconds_left(8) == 1.5


def test_customer_who_goes_on_writing_is_answered_in_the_end(watch: Stopwatch) -> None:
    burst = Burst(1.5, watch)
    began = watch.seconds
    for number in range(100):
        if burst.seconds_left(number) == 0:
            break
        watch.seconds += 1.0
    assert BURST_FACTOR * 1.5 <= watch.seconds - began <= BURST_FACTOR * 1.5 + 1


def test_window_of_nothing_waits_for_nothing(watch: Stopwatch) -> None:
    assert Burst(0, watch).seconds_left(7) == 0
