"""The numbers of real dialogs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.domain import Action, HandoffReason
from assistant.store.live import Closing, HintUse, Rating
from assistant.verdicts import HintOutcome, MarkKind
from eval.live.measures import LEAST_FOR_DRIFT, changes, estimate_all, ratio_parts
from tests.eval.live.acts import START, act, handoff, mark, sample


def values(*what: object, **more: object) -> dict[str, tuple[float | None, int]]:
    found = estimate_all(sample(*what, **more))  # type: ignore[arg-type]
    return {name: (estimate.metric().value, estimate.n) for name, estimate in found.items()}


def test_nothing_is_unscored_and_never_zero() -> None:
    assert set(values().values()) == {(None, 0)}
    assert {change.verdict for change in changes(sample()).values()} == {"unscored"}


def test_acts_are_shared_out() -> None:
    found = values(
        act(),
        act(mark(right=True)),
        act(action=Action.ACKNOWLEDGE),
        handoff(HandoffReason.COMPLAINT),
    )
    assert found["answer_rate"] == (0.5, 4)
    assert found["handoff_rate"] == found["handoff_rate_complaint"] == (0.25, 4)
    assert found["handoff_rate_unsafe"] == (0.0, 4)
    assert found["handoff_share_complaint"] == (1.0, 1)
    assert found["intent_share_question"] == (1.0, 4)
    assert found["verdict_rate"] == (0.5, 2)


def test_precision_is_over_judged_answers_alone() -> None:
    found = values(
        act(mark(right=True)),
        act(mark(right=True)),
        act(mark(right=False)),
        act(),
        act(mark(None, MarkKind.CSAT)),
        handoff(HandoffReason.COMPLAINT, mark(right=True)),
    )
    assert found["answer_precision"] == (0.6667, 3)
    assert found["ece"] == (pytest.approx(0.1333, abs=1e-4), 3)
    assert found["aurc"][1] == found["coverage_at_5pct_risk"][1] == 3


def test_hint_is_judged_by_its_own_confidence_also_where_the_bot_was_silent() -> None:
    hint = mark(True, MarkKind.HINT_ACCEPTED, confidence=0.9)
    found = values(act(hint, action=Action.SILENT, confidence=None))
    assert found["hint_precision"] == (1.0, 1)
    assert found["ece"] == (0.1, 1)
    assert found["answer_rate"] == (None, 0)


def test_ratings_and_reopened_dialogs_are_means_over_dialogs() -> None:
    ratings = tuple(Rating(f"d-{n}", START, n) for n in (2, 5))
    closings = (Closing("d-2", START, START), Closing("d-9", START, None))
    found = values(ratings=ratings, closings=closings)
    assert found["csat_mean"] == (3.5, 2)
    assert found["reopened_rate"] == (0.5, 2)
    assert found["answer_rate"] == (None, 0)


def test_interval_draws_whole_dialogs() -> None:
    """A hundred messages of one dialog say no more of the rate than one does."""
    one_dialog = [act(dialog_id="d-same") for _ in range(100)]
    other = [act(action=Action.CLARIFY, dialog_id="d-other") for _ in range(100)]
    metric = estimate_all(sample(*one_dialog, *other))["answer_rate"].metric()
    assert (metric.value, metric.ci_low, metric.ci_high) == (0.5, 0.0, 1.0)


def test_draws_are_the_same_for_the_same_seed() -> None:
    what = sample(*(act(mark(right=n % 3 > 0), confidence=n / 40) for n in range(40)))
    one, again, other = (estimate_all(what, seed) for seed in (1, 1, 2))
    for name, estimate in one.items():
        np.testing.assert_array_equal(estimate.draws, again[name].draws)
    assert not np.array_equal(one["ece"].draws, other["ece"].draws)


def half(day: float, right: int, wrong: int) -> list:
    return [act(mark(right=n < right), day=day) for n in range(right + wrong)]


def test_fall_of_precision_is_noticed() -> None:
    what = sample(*half(1, 90, 10), *half(7, 50, 50))
    found = changes(what)
    fall = found["answer_precision"]
    assert (fall.older, fall.newer, fall.difference) == (0.9, 0.5, -0.4)
    assert fall.ci_high is not None
    assert fall.ci_high < 0
    assert (fall.n_older, fall.n_newer, fall.verdict) == (100, 100, "changed")
    assert found["answer_rate"].verdict == "steady"


def test_halves_that_are_alike_are_steady() -> None:
    what = sample(*half(1, 80, 20), *half(7, 81, 19))
    assert changes(what)["answer_precision"].verdict == "steady"


def test_few_verdicts_are_no_change_however_they_differ() -> None:
    few = LEAST_FOR_DRIFT - 1
    found = changes(sample(*half(1, few, 0), *half(7, 0, few)))["answer_precision"]
    assert found.difference == -1
    assert found.verdict == "too few"


def test_one_dialog_of_many_verdicts_is_no_change() -> None:
    """The bootstrap draws dialogs: of one it always draws the same."""
    many = 2 * LEAST_FOR_DRIFT
    newer = [act(mark(right=False), dialog_id="d-angry", day=7) for _ in range(many)]
    found = changes(sample(*half(1, many, 0), *newer))
    fall = found["answer_precision"]
    assert (fall.difference, fall.n_newer, fall.dialogs_newer) == (-1, many, 1)
    assert (fall.dialogs_older, fall.verdict) == (many, "too few")
    assert (found["ece"].dialogs_newer, found["ece"].verdict) == (1, "too few")
    least = [
        act(mark(right=False), dialog_id=f"d-{n % LEAST_FOR_DRIFT}", day=7) for n in range(many)
    ]
    found = changes(sample(*half(1, many, 0), *least))
    assert found["answer_precision"].verdict == "changed"


def test_half_without_verdicts_leaves_the_change_unscored() -> None:
    found = changes(sample(*half(1, 40, 0), *(act(day=7) for _ in range(40))))
    change = found["answer_precision"]
    assert (change.older, change.newer, change.difference) == (1.0, None, None)
    assert change.verdict == "unscored"


def test_middle_belongs_to_the_newer_half() -> None:
    older, newer = sample(act(day=5), act(day=4.999)).halves()
    assert [item.at - START for item in newer.acts] == [timedelta(days=5)]
    assert len(older.acts) == 1


WAIT = 2.5
"""Days, of a span of 10."""


def test_halves_are_judged_at_the_same_age() -> None:
    """A bot that does the same all the time; every answer is found wrong after 3 days."""
    acts = [act(mark(right=False, day=n / 20 + 3), day=n / 20) for n in range(140)]
    acts += [act(mark(right=True, day=n / 20 + 1), day=n / 20) for n in range(140)]
    closings = tuple(
        Closing(f"d-c{n}", START + timedelta(days=day), START + timedelta(days=day + 3))
        for n in range(140)
        if (day := n / 20) < 7
    )
    found = changes(sample(*acts, closings=closings))
    for name, value in [("verdict_rate", 0.5), ("answer_precision", 1.0), ("reopened_rate", 0.0)]:
        assert (found[name].older, found[name].newer) == (value, value)
        assert found[name].verdict == "steady"
    assert estimate_all(sample(*acts))["answer_precision"].value == 0.5


def test_mark_and_reopening_count_until_the_wait_is_over() -> None:
    at = START + timedelta(days=1)
    exact, late = at + timedelta(days=WAIT), at + timedelta(days=WAIT + 0.001)
    acts = [act(mark(right=True, day=1 + wait), day=1) for wait in (WAIT, WAIT + 0.001)]
    closings = (Closing("d-in", at, exact), Closing("d-late", at, late))
    older, _ = sample(*acts, closings=closings).halves()
    assert [item.verdict is not None for item in older.acts] == [True, False]
    assert [item.reopened for item in older.closings] == [True, False]


def test_what_was_taken_back_after_the_wait_counts_as_it_stood_then() -> None:
    marks = [mark(right=False, day=1, taken_back_at=START + timedelta(days=day)) for day in (3, 4)]
    older, _ = sample(*(act(item, day=1) for item in marks)).halves()
    assert [item.verdict is None for item in older.acts] == [True, False]


def test_what_is_younger_than_the_wait_is_not_judged_but_counted() -> None:
    young, ripe = (act(mark(right=True, day=9), day=day) for day in (7.5, 7.499))
    closings = tuple(Closing(f"d-{day}", START + timedelta(days=day), None) for day in (7.499, 7.5))
    _, newer = sample(young, ripe, closings=closings).halves()
    assert (len(newer.acts), newer.to_judge, len(newer.judged)) == (2, [ripe], 1)
    assert [item.dialog_id for item in newer.closings] == ["d-7.499"]
    found = estimate_all(newer)
    assert (found["answer_rate"].n, found["verdict_rate"].n) == (2, 1)


anything = st.one_of(
    st.builds(handoff, st.sampled_from(list(HandoffReason))),
    st.builds(
        lambda action: act(action=action),
        st.sampled_from([Action.ANSWER, Action.CLARIFY, Action.ACKNOWLEDGE, Action.SILENT]),
    ),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(anything, min_size=1, max_size=30))
def test_rates_by_reason_sum_to_the_handoff_rate(acts: list) -> None:
    def total(name: str) -> float:
        return sum(above for _, above, _ in parts[name])

    parts = ratio_parts(sample(*acts))
    rates = [total(f"handoff_rate_{reason.value}") for reason in HandoffReason]
    shares = [total(f"handoff_share_{reason.value}") for reason in HandoffReason]
    assert sum(rates) == sum(shares) == total("handoff_rate")
    assert len(parts["handoff_share_unsafe"]) == total("handoff_rate")


@settings(max_examples=15, deadline=None)
@given(st.lists(anything, min_size=30, max_size=60))
def test_interval_of_a_share_holds_its_value(acts: list) -> None:
    for name in ("answer_rate", "handoff_rate"):
        metric = estimate_all(sample(*acts))[name].metric()
        if metric.value is not None:
            assert metric.ci_low is not None
            assert metric.ci_high is not None
            assert metric.ci_low - 1e-4 <= metric.value <= metric.ci_high + 1e-4


def use(outcome: HintOutcome, changed: float | None, dialog_id: str) -> HintUse:
    return HintUse(dialog_id, START + timedelta(days=1), outcome, changed)


def test_uses_of_hints_are_shares_of_what_operators_sent_with_hints_before_them() -> None:
    uses = (
        use(HintOutcome.ACCEPTED, 0.0, "d-1"),
        use(HintOutcome.EDITED, 0.5, "d-2"),
        use(HintOutcome.IGNORED, None, "d-3"),
        use(HintOutcome.IGNORED, None, "d-4"),
    )
    found = estimate_all(replace(sample(), hint_uses=uses))
    values = {name: (found[name].value, found[name].n) for name in found if "hint_" in name}
    assert values == {
        "hint_precision": (None, 0),
        "hint_accepted_rate": (0.25, 4),
        "hint_edited_rate": (0.25, 4),
        "hint_ignored_rate": (0.5, 4),
        "hint_edit_distance": (0.25, 2),
    }


def test_flagged_are_answers_that_operators_call_wrong() -> None:
    found = estimate_all(
        sample(
            act(mark(right=False)),
            act(mark(right=True)),
            act(mark(False, MarkKind.CSAT)),
            act(),
            handoff(HandoffReason.NO_EVIDENCE, mark(right=False)),
        )
    )
    assert (found["flagged_rate"].value, found["flagged_rate"].n) == (0.25, 4)
