"""Many marks, one verdict."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain import Action
from assistant.verdicts import (
    Act,
    Mark,
    MarkKind,
    Review,
    judged_confidence,
    right_by_score,
    verdict_of,
)

THEN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_numbers = count(1)


def mark(kind: MarkKind, right: bool | None, **more: object) -> Mark:
    return Mark(next(_numbers), kind, right, THEN, **more)  # type: ignore[arg-type]


def test_no_mark_is_no_verdict() -> None:
    assert verdict_of([]) is None


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        (MarkKind.OPERATOR, MarkKind.HINT_ACCEPTED),
        (MarkKind.HINT_REJECTED, MarkKind.REOPENED),
        (MarkKind.REOPENED, MarkKind.CSAT),
        (MarkKind.CSAT, MarkKind.NOT_HELPED),
    ],
)
@pytest.mark.parametrize("right", [True, False])
def test_stronger_kind_decides_whichever_came_first(
    stronger: MarkKind, weaker: MarkKind, right: bool
) -> None:
    one, other = mark(stronger, right), mark(weaker, not right)
    for marks in ([one, other], [other, one]):
        verdict = verdict_of(marks)
        assert verdict is not None
        assert (verdict.right, verdict.kind) == (right, stronger)


def test_mark_that_says_neither_leaves_it_to_the_next_kind() -> None:
    verdict = verdict_of([mark(MarkKind.CSAT, None), mark(MarkKind.NOT_HELPED, right=False)])
    assert verdict is not None
    assert verdict.kind is MarkKind.NOT_HELPED
    assert verdict_of([mark(MarkKind.HINT_EDITED, None)]) is None


def test_newest_word_of_operators_counts() -> None:
    verdict = verdict_of(
        [mark(MarkKind.OPERATOR, right=False), mark(MarkKind.OPERATOR, right=True)]
    )
    assert verdict is not None
    assert verdict.right is True


def test_mark_taken_back_does_not_count() -> None:
    taken = mark(MarkKind.OPERATOR, right=False, taken_back_at=THEN)
    assert verdict_of([taken]) is None
    verdict = verdict_of([mark(MarkKind.CSAT, right=True), taken])
    assert verdict is not None
    assert verdict.right is True


@pytest.mark.parametrize(("used", "right"), [(True, True), (None, None)])
def test_hint_that_was_passed_over_says_nothing_where_another_was_used(
    used: bool | None, right: bool | None
) -> None:
    kind = MarkKind.HINT_ACCEPTED if used else MarkKind.HINT_EDITED
    passed_over = mark(MarkKind.HINT_REJECTED, right=False)
    verdict = verdict_of([mark(kind, right=used), passed_over])
    assert (None if verdict is None else verdict.right) is right
    ignored = verdict_of([passed_over])
    assert ignored is not None
    assert ignored.right is False


def test_only_what_is_approved_and_stands_may_teach() -> None:
    approved = {"review": Review.APPROVED}
    assert mark(MarkKind.CSAT, right=True, **approved).may_teach
    assert not mark(MarkKind.CSAT, right=True).may_teach
    assert not mark(MarkKind.CSAT, right=True, review=Review.REJECTED).may_teach
    assert not mark(MarkKind.CSAT, right=True, taken_back_at=THEN, **approved).may_teach


@pytest.mark.parametrize(
    ("score", "right"), [(1, False), (2, False), (3, None), (4, True), (5, True)]
)
def test_rating_says_wrong_neither_or_right(score: int, right: bool | None) -> None:
    assert right_by_score(score) is right


kinds = st.sampled_from(list(MarkKind))
some_marks = st.lists(
    st.builds(
        lambda kind, right, taken: mark(kind, right, taken_back_at=THEN if taken else None),
        kinds,
        st.sampled_from([True, False, None]),
        st.booleans(),
    ),
    max_size=6,
)


@given(some_marks, st.randoms())
def test_order_of_reading_changes_no_verdict(marks: list[Mark], random: object) -> None:
    shuffled = list(marks)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert verdict_of(shuffled) == verdict_of(marks)


@given(some_marks)
def test_verdict_is_that_of_a_mark_that_stands(marks: list[Mark]) -> None:
    verdict = verdict_of(marks)
    live = [m for m in marks if m.taken_back_at is None]
    used = any(m.kind in (MarkKind.HINT_ACCEPTED, MarkKind.HINT_EDITED) for m in live)
    told = [m for m in live if not (used and m.kind is MarkKind.HINT_REJECTED)]
    standing = {(m.kind, m.right) for m in told if m.right is not None}
    assert (verdict is None) == (not standing)
    assert verdict is None or (verdict.kind, verdict.right) in standing


def act(action: Action, confidence: float | None, *marks: Mark) -> Act:
    return Act("d", "m", THEN, action, None, None, confidence, ("a-1",), marks)


def test_answer_is_judged_with_its_own_confidence() -> None:
    judged = judged_confidence(act(Action.ANSWER, 0.8, mark(MarkKind.CSAT, right=True)))
    assert judged is not None
    assert (judged.confidence, judged.right) == (0.8, True)


def test_hint_is_judged_with_the_confidence_of_the_hint() -> None:
    hint = mark(MarkKind.HINT_REJECTED, right=False, confidence=0.3)
    judged = judged_confidence(act(Action.HANDOFF, 0.9, hint))
    assert judged is not None
    assert (judged.confidence, judged.right) == (0.3, False)


def test_word_on_a_handoff_says_nothing_of_the_confidence_in_an_answer() -> None:
    word = mark(MarkKind.OPERATOR, right=True)
    assert judged_confidence(act(Action.HANDOFF, 0.4, word)) is None
    assert judged_confidence(act(Action.ANSWER, None, word)) is None
