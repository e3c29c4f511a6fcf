"""When it is tried again."""

from __future__ import annotations

import pytest

from assistant.outbox.retrying import Retrying


def test_waits_grow_from_a_second_to_an_hour_over_twelve_attempts() -> None:
    waits = [Retrying().wait_seconds(made, None, 0.5) for made in range(1, 13)]
    assert waits[-1] is None
    known = [wait for wait in waits if wait is not None]
    assert len(known) == 11
    assert known[0] == pytest.approx(1)
    assert known[-1] == pytest.approx(3600)
    assert known == sorted(known)


def test_chance_moves_a_wait_by_a_fifth_both_ways() -> None:
    retrying = Retrying()
    shortest, longest = (retrying.wait_seconds(3, None, chance) for chance in (0, 1))
    middle = retrying.wait_seconds(3, None, 0.5)
    assert shortest is not None
    assert longest is not None
    assert (shortest, longest) == pytest.approx((0.8 * middle, 1.2 * middle))


@pytest.mark.parametrize(
    ("asked", "expected"), [(90, 90), (0.1, 1), (3600, 3600), (86_400, 3600), (None, 1)]
)
def test_receiver_is_left_alone_as_long_as_it_asks_up_to_an_hour(
    asked: float | None, expected: float
) -> None:
    assert Retrying().wait_seconds(1, asked, 0.5) == pytest.approx(expected)


def test_no_wait_is_longer_than_the_longest() -> None:
    assert Retrying().wait_seconds(11, None, 1) == 3600


@pytest.mark.parametrize("attempts", [1, 2, 3])
def test_few_attempts_are_as_many_as_said(attempts: int) -> None:
    retrying = Retrying(attempts=attempts)
    waits = [retrying.wait_seconds(made, None, 0.5) for made in range(1, attempts + 1)]
    assert [wait is None for wait in waits] == [False] * (attempts - 1) + [True]
