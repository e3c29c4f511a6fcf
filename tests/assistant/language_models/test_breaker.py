"""When a model is left alone, and when it is tried again."""

from __future__ import annotations

import threading

from assistant.language_models.breaker import Breaker, BreakerRules, Circuit
from tests.assistant.language_models.conftest import Turned

RULES = BreakerRules(
    failures_in_row=3, window=10, least_in_window=6, failure_share=0.5, pause_seconds=10, jitter=0.5
)


def breaker(clock: Turned, chance: float = 0.0) -> Breaker:
    return Breaker(RULES, clock, lambda: chance)


def test_failures_in_a_row_open_it_and_one_success_between_does_not() -> None:
    clock = Turned()
    one = breaker(clock)
    assert [one.failed(), one.failed()] == [None, None]
    one.succeeded()
    assert [one.failed(), one.failed()] == [None, None]
    assert one.circuit is Circuit.CLOSED
    assert one.failed() == 10
    assert one.circuit is Circuit.OPEN
    assert not one.may_ask()


def test_share_of_failures_opens_it_though_they_are_not_in_a_row() -> None:
    one = breaker(Turned())
    for _ in range(2):
        one.succeeded()
        one.failed()
    one.succeeded()
    assert one.circuit is Circuit.CLOSED
    assert one.failed() == 10


def test_few_requests_do_not_open_it_by_their_share() -> None:
    one = breaker(Turned())
    one.failed()
    assert one.circuit is Circuit.CLOSED


def test_after_the_pause_one_caller_tries_it_and_the_others_do_not() -> None:
    clock = Turned()
    one = breaker(clock)
    one.failed(pause_seconds=10)
    clock.now += 10
    assert one.circuit is Circuit.HALF_OPEN
    assert one.is_ready
    assert [one.may_ask(), one.may_ask()] == [True, False]
    assert not one.is_ready


def test_trial_that_succeeds_closes_it_and_the_past_is_forgotten() -> None:
    clock = Turned()
    one = breaker(clock)
    for _ in range(3):
        one.failed()
    clock.now += 10
    assert one.may_ask()
    one.succeeded()
    assert one.circuit is Circuit.CLOSED
    assert [one.failed(), one.failed()] == [None, None]


def test_trial_that_fails_opens_it_again() -> None:
    clock = Turned()
    one = breaker(clock)
    one.failed(pause_seconds=10)
    clock.now += 10
    assert one.may_ask()
    assert one.failed() == 10
    assert not one.may_ask()


def test_trial_that_was_given_up_is_left_to_the_next_caller() -> None:
    clock = Turned()
    one = breaker(clock)
    one.failed(pause_seconds=10)
    clock.now += 10
    assert one.may_ask()
    one.left()
    assert one.circuit is Circuit.HALF_OPEN
    assert one.may_ask()


def test_pause_is_stretched_by_chance() -> None:
    clock = Turned()
    one = breaker(clock, chance=1.0)
    assert one.failed(pause_seconds=10) == 15
    clock.now += 14
    assert one.circuit is Circuit.OPEN
    clock.now += 1
    assert one.circuit is Circuit.HALF_OPEN


def test_late_failure_of_an_earlier_request_neither_shortens_a_pause_nor_counts_as_opening() -> (
    None
):
    clock = Turned()
    one = breaker(clock)
    assert one.failed(pause_seconds=300) == 300
    assert one.failed() is None
    clock.now += 299
    assert one.circuit is Circuit.OPEN


def test_only_one_of_many_threads_gets_the_trial() -> None:
    clock = Turned()
    one = breaker(clock)
    one.failed(pause_seconds=1)
    clock.now += 1
    answers: list[bool] = []
    together = threading.Barrier(16)

    def ask() -> None:
        together.wait()
        answers.append(one.may_ask())

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 15 + [True]
