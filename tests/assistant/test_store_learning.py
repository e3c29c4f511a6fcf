"""Verdicts on their way to be learnt from, and the book of what was learnt."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import event, insert

from assistant.domain import IncomingMessage, Owner
from assistant.errors import ConflictError, NotFoundError
from assistant.store.audit import Doing
from assistant.store.desk_tables import hints
from assistant.store.dialogs import DialogStore, Received
from assistant.store.learning import ReviewState, ToReview
from assistant.store.learnings import LearningKind, NewLearning
from assistant.store.live import Span
from assistant.verdicts import HintOutcome, MarkKind, Review
from tests.assistant.conftest import ask, handoff_to, post
from tests.conftest import Clock

_numbers = count(1)


def judged(store: DialogStore, text: str = "вопрос", *, right: bool = True) -> int:
    """An operator's word on an answer; returns its number."""
    received = ask(store, text)
    post(store, received)
    where = received.dialog.dialog_id, received.message_id
    return int(store.judge(*where, right=right, operator_id="op-1")["verdict_id"])


def pending(store: DialogStore) -> list[int]:
    return [row.mark["verdict_id"] for row in store.to_review()]


def learning(*verdicts: int, kind: LearningKind = LearningKind.BOTH) -> NewLearning:
    return NewLearning(
        who="op-9",
        kind=kind,
        last_verdict=max(verdicts, default=0),
        labels=len(verdicts),
        verdicts=verdicts,
        figures={"questions": 3},
        terms={"risk": 0.05, "seed": 0, "articles": "a"},
        snapshot_before="0" * 16,
        snapshot_after="1" * 16,
        layers={"tuning": "t", "calibration": None},
    )


def test_verdict_waits_until_somebody_decides(store: DialogStore) -> None:
    first, second, third = (judged(store) for _ in range(3))
    assert pending(store) == [first, second, third]
    store.review_verdict(first, Review.APPROVED, "op-2")
    store.review_verdict(second, Review.REJECTED, "op-2")
    store.withdraw_verdict(third)
    assert pending(store) == []
    states = {
        state: [row.mark["verdict_id"] for row in store.to_review(state)] for state in ReviewState
    }
    assert states == {
        ReviewState.PENDING: [],
        ReviewState.APPROVED: [first],
        ReviewState.REJECTED: [second],
        ReviewState.TAKEN_BACK: [third],
    }
    assert store.approved_verdicts() == {first}
    assert len(store.to_review(None)) == 3


def test_decision_says_who_and_when_and_may_change(store: DialogStore, clock: Clock) -> None:
    number = judged(store)
    given = store.review_verdict(number, Review.APPROVED, "op-2")
    assert (given["review"], given["reviewed_by"]) == ("approved", "op-2")
    clock.turn(minutes=5)
    changed = store.review_verdict(number, Review.REJECTED, "op-3")
    assert (changed["review"], changed["reviewed_by"]) == ("rejected", "op-3")
    assert changed["reviewed_at"] > given["reviewed_at"]
    assert store.approved_verdicts() == frozenset()


def test_what_was_taken_back_is_not_decided_on(store: DialogStore) -> None:
    number = judged(store)
    store.withdraw_verdict(number)
    with pytest.raises(ConflictError, match="taken back"):
        store.review_verdict(number, Review.APPROVED, "op-2")
    with pytest.raises(NotFoundError):
        store.review_verdict(number + 1, Review.APPROVED, "op-2")
    with pytest.raises(NotFoundError):
        store.withdraw_verdict(number + 1)


def test_approved_and_then_taken_back_teaches_nothing(store: DialogStore) -> None:
    number = judged(store)
    store.review_verdict(number, Review.APPROVED, "op-2")
    taken = store.withdraw_verdict(number)
    assert taken["taken_back_at"] is not None
    assert store.withdraw_verdict(number) == taken
    assert store.approved_verdicts() == frozenset()


def test_pages_go_on_where_the_last_one_ended(store: DialogStore) -> None:
    numbers = [judged(store) for _ in range(5)]
    first = [row.mark["verdict_id"] for row in store.to_review(limit=2)]
    rest = [row.mark["verdict_id"] for row in store.to_review(after=first[-1])]
    assert first + rest == numbers


def test_marks_that_teach_nothing_and_evaluations_do_not_wait(store: DialogStore) -> None:
    rated = ask(store)
    post(store, rated)
    store.rate(rated.dialog.dialog_id, 3, None)
    evaluated = store.receive(IncomingMessage(text="вопрос", channel="eval"), "вопрос", "ru")
    post(store, evaluated)
    where = evaluated.dialog.dialog_id, evaluated.message_id
    store.judge(*where, right=True, operator_id="op-1")
    assert pending(store) == []
    assert set(store.verdict_counts()["pending"].values()) <= {0}


def test_only_the_kinds_asked_for_are_listed(store: DialogStore) -> None:
    said = judged(store)
    rated = ask(store)
    post(store, rated)
    store.rate(rated.dialog.dialog_id, 5, None)
    listed = store.to_review(kinds=[MarkKind.OPERATOR])
    assert [row.mark["verdict_id"] for row in listed] == [said]
    assert len(store.to_review()) == 2


def test_counts_tell_states_kinds_and_what_was_said(store: DialogStore) -> None:
    right, wrong = judged(store), judged(store, right=False)
    store.review_verdict(right, Review.APPROVED, "op-2")
    counts = store.verdict_counts()
    assert counts["approved"] == {"operator/right": 1}
    assert counts["pending"] == {"operator/wrong": 1}
    assert store.verdict_counts(after=right)["approved"] == {}
    assert store.last_verdict() == wrong


def hint_row(
    received: Received, text: str, outcome: HintOutcome, sent: str, **more: object
) -> dict[str, Any]:
    """A settled hint as the table keeps it."""
    row: dict[str, Any] = {
        "hint_id": f"h-{next(_numbers)}",
        "dialog_id": received.dialog.dialog_id,
        "message_id": received.message_id,
        "kind": "article",
        "position": 1,
        "text": text,
        "citations": [{"article_id": "a-4"}],
        "confidence": 0.7,
        "made_at": "2026-03-02T12:00:00.000000Z",
        "settled_at": "2026-03-02T12:00:00.000000Z",
        "outcome": outcome.value,
        "sent_message_id": sent,
        **more,
    }
    known = {column.name for column in hints.columns}
    spare = {"blanks": [], "source": {}, "snapshot": "0" * 16}
    return row | {name: value for name, value in spare.items() if name in known}


def sent_id(store: DialogStore, received: Received) -> str:
    """Id of what the operator wrote."""
    said = store.view(received.dialog.dialog_id)["messages"]
    return str(next(m["message_id"] for m in said if m["author"]["kind"] == "human"))


def hinted(
    store: DialogStore,
    outcome: HintOutcome,
    text: str = "подсказка",
    *,
    sent: str | None = None,
    **more: object,
) -> Received:
    """A message that waited for a person, with a hint that somebody made something of."""
    received = ask(store)
    post(store, received, owner=Owner.WAITING, handoff=handoff_to())
    dialog_id = received.dialog.dialog_id
    store.take(dialog_id, "op-1", "Ольга")
    store.add_operator_message(dialog_id, "op-1", "Ольга", sent or text)
    row = hint_row(received, text, outcome, sent_id(store, received), **more)
    with store._database.writing() as connection:
        connection.execute(insert(hints).values(row))
    store.note_hint(
        dialog_id,
        received.message_id,
        outcome,
        confidence=0.7,
        article_ids=["a-4"],
        operator_id="op-1",
    )
    return received


def test_hint_is_shown_to_the_reviewer_with_what_was_sent(store: DialogStore) -> None:
    hinted(store, HintOutcome.EDITED, "Заказ хранится 7 дней.", sent="Заказ ждёт вас 7 дней.")
    (row,) = store.to_review()
    assert row.mark["kind"] == "hint_edited"
    assert (row.asked, row.said, row.sent) == (
        "вопрос",
        "Заказ хранится 7 дней.",
        "Заказ ждёт вас 7 дней.",
    )


def test_what_was_sent_is_known_by_message(store: DialogStore) -> None:
    received = hinted(store, HintOutcome.ACCEPTED, "Заказ хранится 7 дней.")
    dialog_id = received.dialog.dialog_id
    sent = store.sent_answers([dialog_id])
    assert sent == {(dialog_id, received.message_id): "Заказ хранится 7 дней."}
    assert store.sent_answers([]) == {}


def test_uses_of_hints_are_counted_once_a_message_that_was_sent(
    store: DialogStore, clock: Clock
) -> None:
    edited = hinted(store, HintOutcome.EDITED, difference={"words": 2, "share": 0.5})
    hinted(store, HintOutcome.IGNORED)
    beside = hint_row(edited, "другая", HintOutcome.IGNORED, sent_id(store, edited))
    with store._database.writing() as connection:
        connection.execute(insert(hints).values(beside))
    clock.turn(hours=1)
    uses = store.hint_uses(Span(clock.now - timedelta(days=1), clock.now))
    told = sorted((use.outcome.value, use.share_changed) for use in uses)
    assert told == [("edited", 0.5), ("ignored", None)]


def test_learning_is_written_down_and_found(store: DialogStore) -> None:
    numbers = [judged(store) for _ in range(2)]
    learnt = store.note_learning(learning(*numbers))
    (row,) = store.learnings()
    assert (row["id"], row["kind"], row["verdicts"]) == (learnt, "both", 2)
    standing = store.standing_learning()
    assert standing is not None
    assert standing["layers"] == {"tuning": "t", "calibration": None}
    assert standing["verdicts"] == numbers
    assert standing["terms"]["risk"] == 0.05


def test_page_of_verdicts_takes_as_many_queries_as_one_verdict(store: DialogStore) -> None:
    def asked_for(limit: int) -> int:
        count = 0

        def note(*_: object) -> None:
            nonlocal count
            count += 1

        engine = store._database._engine
        event.listen(engine, "before_cursor_execute", note)
        rows = store.to_review(None, limit=limit)
        event.remove(engine, "before_cursor_execute", note)
        assert len(rows) == limit
        assert all(row.said == "подсказка" for row in rows)
        return count

    numbers = [row.mark["verdict_id"] for row in listed_hints(store, 12)]
    for number in numbers:
        store.note_learning(learning(number))
    assert asked_for(12) == asked_for(1)


def listed_hints(store: DialogStore, many: int) -> list[ToReview]:
    for _ in range(many):
        hinted(store, HintOutcome.ACCEPTED)
    return store.to_review()


def test_answers_sent_are_looked_up_in_any_number_of_dialogs(store: DialogStore) -> None:
    received = hinted(store, HintOutcome.ACCEPTED, "Заказ хранится 7 дней.")
    others = [f"none-{at}" for at in range(70_000)]
    sent = store.sent_answers([*others, received.dialog.dialog_id])
    assert list(sent.values()) == ["Заказ хранится 7 дней."]


def test_later_decision_names_the_learnings_that_rest_on_it(store: DialogStore) -> None:
    number, other = judged(store), judged(store)
    learnt = store.note_learning(learning(number))
    assert store.review_verdict(number, Review.REJECTED, "op-2")["learnt_in"] == [learnt]
    assert store.review_verdict(other, Review.APPROVED, "op-2")["learnt_in"] == []
    store.undo_learnings(learnt)
    assert store.withdraw_verdict(number)["learnt_in"] == []


def test_undoing_takes_all_that_came_after(store: DialogStore) -> None:
    first, second, third = (store.note_learning(learning(n)) for n in range(1, 4))
    assert store.undo_learnings(second) == [second, third]
    assert store.undo_learnings(second) == []
    standing = store.standing_learning()
    assert standing is not None
    assert standing["id"] == first


def test_learning_that_published_nothing_does_not_stand(store: DialogStore) -> None:
    first = store.note_learning(learning(1))
    store.note_learning(learning(2, kind=LearningKind.NOTHING))
    standing = store.standing_learning()
    assert standing is not None
    assert standing["id"] == first


def test_verdict_goes_with_its_dialog(store: DialogStore) -> None:
    received = ask(store)
    post(store, received)
    where = received.dialog.dialog_id, received.message_id
    number = store.judge(*where, right=True, operator_id="op-1")["verdict_id"]
    store.review_verdict(number, Review.APPROVED, "op-2")
    store.delete_dialog(received.dialog.dialog_id, Doing("command", "dialog.delete"))
    assert store.approved_verdicts() == frozenset()
    with pytest.raises(NotFoundError):
        store.verdict(number)
