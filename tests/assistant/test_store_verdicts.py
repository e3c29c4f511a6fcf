"""What the store keeps of what people say of answers."""

from __future__ import annotations

import pytest

from assistant.domain import Action, AuthorKind, HandoffReason, Owner
from assistant.errors import AlreadyRatedError, BadInputError, NotFoundError
from assistant.store.dialogs import DialogStore, Received
from assistant.store.live import Span
from assistant.store.posting import Considered
from assistant.verdicts import Act, HintOutcome, MarkKind
from tests.assistant.conftest import ask, document, handoff_to, post, waiting_dialog
from tests.conftest import Clock


@pytest.fixture
def answered(store: DialogStore) -> Received:
    """A message that the bot answered."""
    received = ask(store)
    post(store, received, considered=Considered(0.8, {"gap": 0.1}))
    return received


def act_on(store: DialogStore, clock: Clock, received: Received) -> Act:
    """What the store says of a message, as of an hour later."""
    clock.turn(hours=1)
    span = Span(clock.now.replace(year=2025), clock.now)
    found = {act.message_id: act for act in store.acts(span)}
    return found[received.message_id]


def kinds(store: DialogStore, dialog_id: str) -> list[str]:
    return [row["kind"] for row in store.marks(dialog_id)]


def say(store: DialogStore, received: Received, action: Action, **trace: object) -> None:
    """Do something else than answer or hand over by request."""
    handoff = handoff_to() if action is Action.HANDOFF else None
    assert received.turn is not None
    store.post_reply(
        received.turn,
        document(received, action) | {"handoff": handoff, "trace": trace},
        new_owner=Owner.WAITING if handoff else Owner.BOT,
        handoff=handoff,
        silent_reply=document(received, Action.SILENT),
    )


def test_operators_word_stands_with_confidence_and_citations(
    store: DialogStore, clock: Clock, answered: Received
) -> None:
    given = store.judge(
        answered.dialog.dialog_id,
        answered.message_id,
        right=False,
        operator_id="op-1",
        article_ids=["a-7"],
        reason="не та статья",
    )
    assert (given["kind"], given["right"], given["article_ids"]) == ("operator", False, ["a-7"])
    act = act_on(store, clock, answered)
    assert (act.action, act.confidence, act.cited) == (Action.ANSWER, 0.8, ("a-1",))
    assert act.verdict is not None
    assert (act.verdict.right, act.verdict.article_ids) == (False, ("a-7",))


def test_no_articles_named_is_not_an_empty_list(store: DialogStore, answered: Received) -> None:
    dialog_id = answered.dialog.dialog_id
    word = {"right": False, "operator_id": "op-1"}
    store.judge(dialog_id, answered.message_id, **word)
    store.judge(dialog_id, answered.message_id, article_ids=[], **word)
    assert [row["article_ids"] for row in store.marks(dialog_id)] == [None, []]


def test_bots_own_message_may_be_named_instead(store: DialogStore, answered: Received) -> None:
    dialog_id = answered.dialog.dialog_id
    said = [m for m in store.view(dialog_id)["messages"] if m["author"]["kind"] == AuthorKind.BOT]
    given = store.judge(dialog_id, said[0]["message_id"], right=True, operator_id="op-1")
    assert given["message_id"] == answered.message_id


def test_what_cannot_be_judged_is_refused_with_the_reason(store: DialogStore) -> None:
    dialog_id = waiting_dialog(store)
    store.take(dialog_id, "op-1", "Ольга")
    said = store.add_operator_message(dialog_id, "op-1", None, "здравствуйте")
    unanswered = ask(store, "ещё", dialog_id)
    word = {"right": True, "operator_id": "op-1"}
    with pytest.raises(BadInputError, match="a person's"):
        store.judge(dialog_id, said["message_id"], **word)
    with pytest.raises(BadInputError, match="said nothing"):
        store.judge(dialog_id, unanswered.message_id, **word)
    with pytest.raises(NotFoundError, match="no message 'm-none'"):
        store.judge(dialog_id, "m-none", **word)
    with pytest.raises(NotFoundError, match="no dialog 'd-none'"):
        store.judge("d-none", "m-none", **word)
    assert store.marks(dialog_id) == []


def test_word_taken_back_leaves_no_verdict(
    store: DialogStore, clock: Clock, answered: Received
) -> None:
    dialog_id = answered.dialog.dialog_id
    given = store.judge(dialog_id, answered.message_id, right=False, operator_id="op-1")
    first = store.take_back(dialog_id, given["verdict_id"])
    clock.turn(minutes=1)
    assert store.take_back(dialog_id, given["verdict_id"]) == first
    assert first["taken_back_at"] is not None
    assert act_on(store, clock, answered).verdict is None


def test_verdict_of_another_dialog_cannot_be_taken_back(
    store: DialogStore, answered: Received
) -> None:
    dialog_id = answered.dialog.dialog_id
    given = store.judge(dialog_id, answered.message_id, right=False, operator_id="op-1")
    with pytest.raises(NotFoundError, match="no verdict"):
        store.take_back(waiting_dialog(store), given["verdict_id"])
    assert store.marks(dialog_id)[0]["taken_back_at"] is None


@pytest.mark.parametrize(
    ("outcome", "kind", "right"),
    [
        (HintOutcome.ACCEPTED, MarkKind.HINT_ACCEPTED, True),
        (HintOutcome.EDITED, MarkKind.HINT_EDITED, None),
        (HintOutcome.IGNORED, MarkKind.HINT_REJECTED, False),
    ],
)
def test_hint_on_a_message_that_a_person_answers(
    store: DialogStore, clock: Clock, outcome: HintOutcome, kind: MarkKind, right: bool | None
) -> None:
    dialog_id = waiting_dialog(store)
    store.take(dialog_id, "op-1", "Ольга")
    received = ask(store, "а когда?", dialog_id)
    post(store, received, owner=Owner.HUMAN)
    store.note_hint(
        dialog_id,
        received.message_id,
        outcome,
        confidence=0.6,
        article_ids=["a-2"],
        operator_id="op-1",
    )
    act = act_on(store, clock, received)
    assert act.action is Action.SILENT
    assert [(m.kind, m.right, m.confidence, m.article_ids) for m in act.marks] == [
        (kind, right, 0.6, ("a-2",))
    ]


def test_rating_is_kept_once_and_shown(store: DialogStore, answered: Received) -> None:
    dialog_id = answered.dialog.dialog_id
    assert store.view(dialog_id)["csat"] is None
    rating = store.rate(dialog_id, 5, "спасибо")
    assert store.view(dialog_id)["csat"] == rating
    assert (rating["score"], rating["comment"]) == (5, "спасибо")
    with pytest.raises(AlreadyRatedError):
        store.rate(dialog_id, 1, None)
    assert store.view(dialog_id)["csat"]["score"] == 5
    assert kinds(store, dialog_id) == ["csat"]
    with pytest.raises(NotFoundError):
        store.rate("d-none", 5, None)


@pytest.mark.parametrize(("score", "right"), [(1, False), (3, None), (5, True)])
def test_rating_judges_the_last_answer(
    store: DialogStore, clock: Clock, answered: Received, score: int, right: bool | None
) -> None:
    dialog_id = answered.dialog.dialog_id
    say(store, ask(store, "спасибо", dialog_id), Action.ACKNOWLEDGE)
    store.rate(dialog_id, score, None)
    assert [mark.right for mark in act_on(store, clock, answered).marks] == [right]


def test_rating_after_a_person_answered_says_nothing_of_the_bot(
    store: DialogStore, answered: Received
) -> None:
    dialog_id = answered.dialog.dialog_id
    store.take(dialog_id, "op-1", "Ольга")
    store.add_operator_message(dialog_id, "op-1", None, "здравствуйте")
    store.rate(dialog_id, 1, None)
    assert kinds(store, dialog_id) == []


def test_rating_after_a_handoff_says_nothing_of_the_answer(
    store: DialogStore, answered: Received
) -> None:
    dialog_id = answered.dialog.dialog_id
    say(store, ask(store, "оператора", dialog_id), Action.HANDOFF)
    store.rate(dialog_id, 1, None)
    assert kinds(store, dialog_id) == []


def answered_while_waiting(store: DialogStore) -> str:
    """A dialog that waits for a person, in which the bot answered meanwhile; returns its id."""
    dialog_id = waiting_dialog(store)
    post(store, ask(store, "а доставка?", dialog_id), owner=Owner.WAITING)
    return dialog_id


def test_rating_while_a_person_is_waited_for_judges_no_answer(store: DialogStore) -> None:
    dialog_id = answered_while_waiting(store)
    store.rate(dialog_id, 1, None)
    assert store.view(dialog_id)["csat"]["score"] == 1
    assert kinds(store, dialog_id) == []


def test_rating_of_a_closed_dialog_that_was_handed_over_judges_no_answer(
    store: DialogStore,
) -> None:
    dialog_id = answered_while_waiting(store)
    store.resolve(dialog_id, "op-1")
    store.rate(dialog_id, 1, None)
    assert kinds(store, dialog_id) == []


def test_reopening_of_a_dialog_that_was_handed_over_judges_no_answer(store: DialogStore) -> None:
    dialog_id = answered_while_waiting(store)
    store.resolve(dialog_id, "op-1")
    store.reopen(dialog_id, "op-1")
    assert kinds(store, dialog_id) == []


def test_rating_of_a_dialog_that_a_person_gave_back_judges_no_answer(
    store: DialogStore, answered: Received
) -> None:
    dialog_id = answered.dialog.dialog_id
    store.take(dialog_id, "op-1", "Ольга")
    store.release(dialog_id, "op-1")
    post(store, ask(store, "а доставка?", dialog_id), owner=Owner.WAITING)
    store.rate(dialog_id, 1, None)
    assert kinds(store, dialog_id) == []


def test_rating_in_a_new_matter_after_a_handoff_judges_the_answer(store: DialogStore) -> None:
    dialog_id = answered_while_waiting(store)
    store.resolve(dialog_id, "op-1")
    received = ask(store, "а возврат?", dialog_id)  # opens it again
    post(store, received)
    store.rate(dialog_id, 5, None)
    assert [row["message_id"] for row in store.marks(dialog_id)] == [received.message_id]


def test_answer_that_was_right_is_not_without_an_article(
    store: DialogStore, answered: Received
) -> None:
    dialog_id = answered.dialog.dialog_id
    word = {"right": True, "operator_id": "op-1", "article_ids": []}
    with pytest.raises(BadInputError, match="article_ids is empty") as caught:
        store.judge(dialog_id, answered.message_id, **word)
    assert answered.message_id in str(caught.value)
    assert kinds(store, dialog_id) == []
    received = ask(store, "оператора", dialog_id)
    say(store, received, Action.HANDOFF)
    store.judge(dialog_id, received.message_id, **word)
    assert kinds(store, dialog_id) == ["operator"]


def test_reopened_dialog_doubts_the_answer_that_closed_it(
    store: DialogStore, clock: Clock, answered: Received
) -> None:
    dialog_id = answered.dialog.dialog_id
    store.resolve(dialog_id, "op-1")
    store.reopen(dialog_id, "op-1")
    verdict = act_on(store, clock, answered).verdict
    assert verdict is not None
    assert (verdict.kind, verdict.right) == (MarkKind.REOPENED, False)
    store.resolve(dialog_id, "op-1")
    store.reopen(dialog_id, "op-1")  # nothing was answered since
    assert kinds(store, dialog_id) == ["reopened"]


def test_reopened_dialog_of_a_person_doubts_no_answer(store: DialogStore) -> None:
    dialog_id = waiting_dialog(store)
    store.take(dialog_id, "op-1", "Ольга")
    store.resolve(dialog_id, "op-1")
    store.reopen(dialog_id, "op-1")
    assert kinds(store, dialog_id) == []


def test_not_helped_right_after_an_answer_marks_it_wrong(
    store: DialogStore, clock: Clock, answered: Received
) -> None:
    received = ask(store, "не помогло", answered.dialog.dialog_id)
    say(store, received, Action.HANDOFF, signals=["not_helped"])
    verdict = act_on(store, clock, answered).verdict
    assert verdict is not None
    assert (verdict.kind, verdict.right) == (MarkKind.NOT_HELPED, False)


def test_not_helped_after_anything_else_marks_nothing(
    store: DialogStore, answered: Received
) -> None:
    dialog_id = answered.dialog.dialog_id
    say(store, ask(store, "привет", dialog_id), Action.ACKNOWLEDGE)
    say(store, ask(store, "не помогло", dialog_id), Action.HANDOFF, signals=["not_helped"])
    assert kinds(store, dialog_id) == []


def test_person_who_took_the_dialog_meanwhile_leaves_no_confidence(
    store: DialogStore, clock: Clock
) -> None:
    received = ask(store)
    store.take(received.dialog.dialog_id, "op-1", "Ольга")
    post(store, received, considered=Considered(0.8))
    clock.turn(hours=1)
    span = Span(clock.now.replace(year=2025), clock.now)
    assert store.acts(span) == []
    assert store.act_counts(span) == []


def test_handoff_keeps_its_reason(store: DialogStore, clock: Clock) -> None:
    received = ask(store)
    post(store, received, owner=Owner.WAITING, handoff=handoff_to(), considered=Considered(0.2))
    act = act_on(store, clock, received)
    assert (act.action, act.reason) == (Action.HANDOFF, HandoffReason.CUSTOMER_REQUEST)
    assert act.confidence == 0.2
