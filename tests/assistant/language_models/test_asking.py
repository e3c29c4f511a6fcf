"""How long one may wait."""

from __future__ import annotations

import pytest

from assistant.language_models.asking import Deadline
from tests.assistant.language_models.conftest import Turned


def test_deadline_runs_out_and_stays_out() -> None:
    clock = Turned()
    deadline = Deadline(2.0, clock)
    clock.now += 1.5
    assert deadline.left() == 0.5
    clock.now += 5
    assert deadline.left() == 0


def test_renewed_deadline_begins_again() -> None:
    clock = Turned()
    deadline = Deadline(2.0, clock)
    clock.now += 1.5
    deadline.renew()
    assert (deadline.left(), deadline.renewals) == (2.0, 1)


def test_share_ends_earlier_than_the_whole() -> None:
    clock = Turned()
    deadline = Deadline(2.0, clock)
    clock.now += 1.0
    share = deadline.share(0.6)
    assert share.left() == pytest.approx(0.6)
    clock.now += 0.7
    assert share.left() == 0
    assert 0.29 < deadline.left() < 0.31


def test_share_lasts_as_long_as_the_whole_once_that_is_renewed() -> None:
    clock = Turned()
    deadline = Deadline(2.0, clock)
    share = deadline.share(0.5)
    clock.now += 1.5
    assert share.left() == 0
    deadline.renew()
    assert share.left() == 2.0
    share.renew()
    assert deadline.renewals == 2


def test_renewal_before_a_share_was_made_does_not_lengthen_it() -> None:
    clock = Turned()
    deadline = Deadline(2.0, clock)
    deadline.renew()
    assert deadline.share(0.5).left() == 1.0
