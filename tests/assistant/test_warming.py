"""What a serving process reads beforehand, and what the garbage collector is spared."""

from __future__ import annotations

import gc
import logging
import weakref
from collections.abc import Iterator

import pytest

from assistant.warming import Warming, set_aside


class Holder:
    """Holds itself, so that only the garbage collector frees it."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_steps_are_taken_once_for_what_serves_and_again_for_what_serves_next() -> None:
    serving, taken = ["first"], list[str]()
    warming = Warming(lambda: serving[0], [lambda: taken.append(serving[0])])
    warming.look()
    warming.look()
    assert taken == ["first"]
    serving[0] = "second"
    warming.look()
    assert taken == ["first", "second"]


def test_nothing_that_serves_is_warmed_up_for_too() -> None:
    taken = list[int]()
    warming = Warming(lambda: None, [lambda: taken.append(1)])
    warming.look()
    warming.look()
    assert taken == [1]


def test_a_step_that_fails_is_told_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise OSError("the disk is gone")

    taken = list[int]()
    with caplog.at_level(logging.ERROR):
        Warming(lambda: None, [fail, lambda: taken.append(1)]).look()
    assert taken == [1]
    assert "the disk is gone" in caplog.text


def test_what_is_set_aside_is_no_more_looked_through_until_the_next_time() -> None:
    old = Holder()
    gone = weakref.ref(old)
    set_aside()
    assert gc.get_freeze_count() > 0
    assert not any(one is old for one in gc.get_objects())
    del old
    gc.collect()
    assert gone() is not None
    set_aside()
    assert gone() is None
