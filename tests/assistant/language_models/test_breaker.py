"""When a model is left alone, and when it is tried again."""

from __future__ import annotations

import threading

from assistant.language_models.breaker import Breaker, BreakerRules, Circuit, Leave
from tests.assistant.language_models.conftest import Turned

RULES = BreakerRules(
    failures_in_row=3, window=10, least_in_window=6, failure_share=0.5, pause_seconds=10, jitter=0.5
)


def breaker(clock: Turned, chance: float = 0.0) -> Breaker:
    return Breaker(RULES, clock, lambda: chance)


def leave_of(one: Breaker) -> Leave:
    leave = one.may_ask()
    assert leave is not None
    return leave


def succeeds(one: Breaker) -> None:
    """A request that begins and ends at once."""
    one.succeeded(leave_of(one))


def fails(one: Breaker, pause_seconds: float | None = None) -> float | None:
    return one.failed(leave_of(one), pause_seconds)


def test_failures_in_a_row_open_it_and_one_success_between_does_not() -> None:
    clock = Turned()
    one = breaker(clock)
    assert [fails(one), fails(one)] == [None, None]
    succeeds(one)
    assert [fails(one), fails(one)] == [None, None]
    assert one.circuit is Circuit.CLOSED
    assert fails(one) == 10
    assert one.circuit is Circuit.OPEN
    assert not one.may_ask()


def test_share_of_failures_opens_it_though_they_are_not_in_a_row() -> None:
    one = breaker(Turned())
    for _ in range(2):
        succeeds(one)
        fails(one)
    succeeds(one)
    assert one.circuit is Circuit.CLOSED
    assert fails(one) == 10


def test_few_requests_do_not_open_it_by_their_share() -> None:
    one = breaker(Turned())
    fails(one)
    assert one.circuit is Circuit.CLOSED


def test_after_the_pause_one_caller_tries_it_and_the_others_do_not() -> None:
    clock = Turned()
    one = breaker(clock)
    fails(one, pause_seconds=10)
    clock.now += 10
    assert one.circuit is Circuit.HALF_OPEN
    assert one.is_ready
    assert one.may_ask() is not None
    assert one.may_ask() is None
    assert not one.is_ready


def test_trial_that_succeeds_closes_it_and_the_past_is_forgotten() -> None:
    clock = Turned()
    one = breaker(clock)
    for _ in range(3):
        fails(one)
    clock.now += 10
    succeeds(one)
    assert one.circuit is Circuit.CLOSED
    assert [fails(one), fails(one)] == [None, None]


def test_trial_that_fails_opens_it_again() -> None:
    clock = Turned()
    one = breaker(clock)
    fails(one, pause_seconds=10)
    clock.now += 10
    assert fails(one) == 10
    assert not one.may_ask()


def test_trial_that_was_given_up_is_left_to_the_next_caller() -> None:
    clock = Turned()
    one = breaker(clock)
    fails(one, pause_seconds=10)
    clock.now += 10
    one.left(leave_of(one))
    assert one.circuit is Circuit.HALF_OPEN
    assert one.may_ask()


def test_pause_is_stretched_by_chance() -> None:
    clock = Turned()
    one = breaker(clock, chance=1.0)
    assert fails(one, pause_seconds=10) == 15
    clock.now += 14
    assert one.circuit is Circuit.OPEN
    clock.now += 1
    assert one.circuit is Circuit.HALF_OPEN


def test_late_failure_of_an_earlier_request_neither_shortens_a_pause_nor_counts_as_opening() -> (
    None
):
    clock = Turned()
    one = breaker(clock)
    earlier = leave_of(one)
    assert fails(one, pause_seconds=300) == 300
    assert one.failed(earlier) is None
    clock.now += 299
    assert one.circuit is Circuit.OPEN


def test_only_one_of_many_threads_gets_the_trial() -> None:
    clock = Turned()
    one = breaker(clock)
    fails(one, pause_seconds=1)
    clock.now += 1
    answers: list[bool] = []
    together = threading.Barrier(16)

    def ask() -> None:
        together.wait()
        answers.append(one.may_ask() is not None)

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 15 + [True]


def test_late_success_of_an_earlier_request_does_not_close_it() -> None:
    clock = Turned()
    one = breaker(clock)
    earlier = leave_of(one)
    fails(one, pause_seconds=10)
    one.succeeded(earlier)
    assert one.circuit is Circuit.OPEN
    clock.now += 10
    one.succeeded(earlier)
    assert one.circuit is Circuit.HALF_OPEN


def test_earlier_request_does_not_end_the_trial_of_another() -> None:
    clock = Turned()
    one = breaker(clock)
    earlier = leave_of(one)
    fails(one, pause_seconds=10)
    clock.now += 10
    trial = leave_of(one)
    one.left(earlier)
    assert not one.is_ready
    assert one.failed(earlier) is None
    assert not one.is_ready
    one.succeeded(trial)
    assert one.circuit is Circuit.CLOSED


def test_requests_from_before_a_trial_that_closed_it_say_nothing_of_the_model_now() -> None:
    clock = Turned()
    one = breaker(clock)
    earlier = [leave_of(one) for _ in range(3)]
    fails(one, pause_seconds=10)
    clock.now += 10
    succeeds(one)
    assert [one.failed(leave) for leave in earlier] == [None] * 3
    assert one.circuit is Circuit.CLOSED


def test_trial_that_was_given_up_does_not_speak_for_the_next_one() -> None:
    clock = Turned()
    one = breaker(clock)
    fails(one, pause_seconds=10)
    clock.now += 10
    given_up = leave_of(one)
    one.left(given_up)
    leave_of(one)
    one.succeeded(given_up)
    assert one.circuit is Circuit.HALF_OPEN
    assert not one.is_ready
