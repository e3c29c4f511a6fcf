"""The numbers, against ones worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.judging.agreement import Pair, Table, agreement, share_of, table_of

COUNT = st.integers(0, 40)


def pairs(rr: int, rw: int, wr: int, ww: int) -> list[Pair]:
    said = [(True, True)] * rr + [(True, False)] * rw + [(False, True)] * wr + [(False, False)] * ww
    return [Pair(f"d{at}", label, verdict) for at, (label, verdict) in enumerate(said)]


def test_kappa_of_a_worked_example() -> None:
    """Of 50 answers both say right of 20 and wrong of 15; people alone say right of 5, the judge
    alone of 10: agreement 0.7, by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5, kappa 0.2 / 0.5 = 0.4."""
    found = agreement(pairs(20, 5, 10, 15))
    assert found.table == Table(20, 5, 10, 15)
    assert (found.accuracy.value, found.accuracy.n) == (0.7, 50)
    assert (found.kappa.value, found.kappa.n) == (0.4, 50)
    assert found.kappa.ci_low is not None
    assert found.kappa.ci_high is not None
    assert 0.1 < found.kappa.ci_low < 0.25
    assert 0.55 < found.kappa.ci_high < 0.7


def test_kappa_is_one_for_a_judge_who_always_agrees_and_minus_one_who_never_does() -> None:
    assert agreement(pairs(5, 0, 0, 5)).kappa.value == 1.0
    assert agreement(pairs(0, 5, 5, 0)).kappa.value == -1.0


def test_judge_who_finds_all_right_is_accurate_on_most_and_agrees_no_more_than_chance() -> None:
    found = agreement(pairs(9, 0, 1, 0))
    assert (found.accuracy.value, found.kappa.value) == (0.9, 0.0)


def test_kappa_is_unscored_where_all_are_right_for_both() -> None:
    found = agreement(pairs(7, 0, 0, 0))
    assert (found.accuracy.value, found.kappa.value, found.kappa.ci_low) == (1.0, None, None)
    assert found.kappa.n == 7


def test_without_labels_nothing_is_scored() -> None:
    found = agreement([])
    assert (found.accuracy.value, found.kappa.value, found.accuracy.n) == (None, None, 0)


def test_turns_of_one_dialog_are_drawn_together() -> None:
    """All in one dialog: every resample is the same."""
    one = [Pair("d", pair.label, pair.verdict) for pair in pairs(20, 5, 10, 15)]
    found = agreement(one)
    assert (found.kappa.ci_low, found.kappa.ci_high) == (0.4, 0.4)


def test_same_seed_gives_the_same_interval_and_another_another() -> None:
    found = pairs(20, 5, 10, 15)
    assert agreement(found, 1) == agreement(found, 1)
    assert agreement(found, 1).kappa != agreement(found, 2).kappa


@given(COUNT, COUNT, COUNT, COUNT)
def test_kappa_is_cohens_for_every_table(rr: int, rw: int, wr: int, ww: int) -> None:
    """Against the definition in shares; the same when people and judge change places, and when
    right and wrong do."""
    table, n = Table(rr, rw, wr, ww), rr + rw + wr + ww
    assert table_of(pairs(rr, rw, wr, ww)) == table
    if n == 0:
        assert (table.accuracy, table.kappa) == (None, None)
        return
    people, judge = (rr + rw) / n, (rr + wr) / n
    chance = people * judge + (1 - people) * (1 - judge)
    if table.kappa is None:
        assert chance == 1
        return
    assert table.kappa == pytest.approx(((rr + ww) / n - chance) / (1 - chance))
    assert -1 <= table.kappa <= 1
    assert table.kappa == Table(rr, wr, rw, ww).kappa == Table(ww, wr, rw, rr).kappa


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_wilsons_interval_of_known_examples(hits: int, n: int, low: float, high: float) -> None:
    """The last one is Newcombe's (Statistics in Medicine 17, 1998, table I)."""
    found = share_of(hits, n)
    assert (found.value, found.n) == (round(hits / n, 4), n)
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high), abs=1e-4)


def test_share_of_nothing_is_unscored() -> None:
    assert share_of(0, 0).value is None
