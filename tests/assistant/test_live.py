"""What is counted within a span, and what is not."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.domain import HandoffReason, IncomingMessage, Owner
from assistant.live import figures_of
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.store.live import Span
from tests.assistant.conftest import ask, post
from tests.conftest import Clock

_days = count(1)


def span_of(clock: Clock, **length: float) -> Span:
    """The span of that length that ends now."""
    return Span(clock.now - timedelta(**length), clock.now)


def hand_over(store: DialogStore, reason: HandoffReason) -> None:
    handoff = {"reason": reason.value, "queue": "general", "summary": "…"}
    post(store, ask(store), owner=Owner.WAITING, handoff=handoff)


def test_span_holds_its_start_and_not_its_end(store: DialogStore, clock: Clock) -> None:
    post(store, ask(store))
    at, minute = clock.now, timedelta(minutes=1)

    def acts(start: datetime, end: datetime) -> int:
        return figures_of(store, Span(start, end)).acts

    assert acts(at, at + minute) == 1
    assert acts(at - minute, at) == 0
    assert acts(at + timedelta(microseconds=1), at + minute) == 0


def test_mark_of_later_does_not_count_yet(store: DialogStore, clock: Clock) -> None:
    received = ask(store)
    post(store, received)
    clock.turn(hours=1)
    where = received.dialog.dialog_id, received.message_id
    given_ = store.judge(*where, right=False, operator_id="op-1")
    before = span_of(clock, hours=2)
    clock.turn(hours=1)
    after = span_of(clock, hours=3)
    store.take_back(where[0], given_["verdict_id"])
    clock.turn(hours=1)
    wrong = [figures_of(store, span).wrong for span in (before, after, span_of(clock, hours=4))]
    assert wrong == [0, 1, 0]


def test_closed_and_opened_again_is_one_closing(store: DialogStore, clock: Clock) -> None:
    closed = clock.now
    for reopen in (True, False):
        received = ask(store)
        post(store, received)
        dialog_id = received.dialog.dialog_id
        store.resolve(dialog_id, "op-1")
        for _ in range(2 * reopen):
            clock.turn(minutes=1)
            store.reopen(dialog_id, "op-1")
            store.resolve(dialog_id, "op-1")
    clock.turn(hours=1)
    again, once = store.closings(span_of(clock, hours=2))
    assert (again.at, again.reopened_at) == (closed, closed + timedelta(minutes=1))
    assert (once.reopened_at, again.reopened, once.reopened) == (None, True, False)


def test_evaluation_leaves_no_trace_in_any_count(store: DialogStore, clock: Clock) -> None:
    message = IncomingMessage(text="вопрос", channel="eval")
    received = store.receive(message, "вопрос", "ru")
    post(store, received)
    store.rate(received.dialog.dialog_id, 5, None)
    store.resolve(received.dialog.dialog_id, "op-1")
    clock.turn(hours=1)
    span = span_of(clock, hours=2)
    assert (store.acts(span), store.ratings(span), store.closings(span)) == ([], [], [])
    assert figures_of(store, span).ratings == 0


done = st.lists(st.one_of(st.none(), st.sampled_from(list(HandoffReason))), max_size=12)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(done)
def test_rates_by_reason_sum_to_the_share_of_handoffs(
    database_url: str, acts: list[HandoffReason | None]
) -> None:
    clock = Clock()
    clock.turn(hours=24 * next(_days))  # each example on a day of its own
    store = DialogStore(Database(database_url), clock)
    for reason in acts:
        if reason is None:
            post(store, ask(store))
        else:
            hand_over(store, reason)
    clock.turn(hours=1)
    figures = figures_of(store, span_of(clock, hours=2))
    assert figures.acts == len(acts)
    if not acts:
        assert figures.answer_rate is None
        return
    rates = [figures.handoff_rate(reason) or 0 for reason in HandoffReason]
    share = sum(reason is not None for reason in acts) / len(acts)
    assert abs(sum(rates) - share) < 1e-9
    assert abs(share + (figures.answer_rate or 0) - 1) < 1e-9
