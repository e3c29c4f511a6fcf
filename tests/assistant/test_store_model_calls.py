"""Calls of language models in the store: counted by kind, by dialog, within a span."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assistant.language_models.asking import CallOutcome, ModelCall
from assistant.store.dialogs import DialogStore
from assistant.store.live import Span
from assistant.store.model_calls import CallCount, DialogSpending
from tests.conftest import Clock


def call(
    model: str = "m", outcome: CallOutcome = CallOutcome.OK, cost: float | None = 0.5
) -> ModelCall:
    asked = outcome is not CallOutcome.NOT_ASKED
    return ModelCall(model, outcome, "draft", 100 * asked, 10 * asked, cost, 12.5, "why")


@pytest.fixture
def hour(clock: Clock) -> Span:
    return Span(clock.now, clock.now + timedelta(hours=1))


def test_calls_are_counted_by_model_purpose_and_outcome(store: DialogStore, hour: Span) -> None:
    store.add_calls([call("a", CallOutcome.TIMEOUT), call("b")], "d-1")
    store.add_calls([call("a", CallOutcome.NOT_ASKED, 0.0), call("b")], "d-2")
    assert store.call_counts(hour) == [
        CallCount("a", "draft", CallOutcome.NOT_ASKED, 1, 0, 0, 0.0),
        CallCount("a", "draft", CallOutcome.TIMEOUT, 1, 100, 10, 0.5),
        CallCount("b", "draft", CallOutcome.OK, 2, 200, 20, 1.0),
    ]


def test_spending_is_over_dialogs_and_leaves_out_what_belongs_to_none(
    store: DialogStore, hour: Span
) -> None:
    store.add_calls([call(), call(cost=None)], "d-1")
    store.add_calls([call()], "d-2")
    store.add_calls([call()], None)
    assert store.dialog_spending(hour) == DialogSpending(2, 330, 1.0)


def test_price_that_nobody_knows_is_unknown_and_not_zero(store: DialogStore, hour: Span) -> None:
    store.add_calls([call(cost=None)], "d-1")
    assert store.call_counts(hour)[0].cost_usd is None
    assert store.dialog_spending(hour).cost_usd is None


def test_calls_that_took_nothing_do_not_make_an_unknown_price_known(
    store: DialogStore, hour: Span
) -> None:
    turned_away = ModelCall("m", CallOutcome.OK, "draft", cost_usd=0.0)
    store.add_calls([call(cost=None), turned_away], "d-1")
    assert store.call_counts(hour)[0].cost_usd is None
    assert store.dialog_spending(hour).cost_usd is None


def test_dialogs_for_which_nothing_was_asked_cost_nothing(store: DialogStore, hour: Span) -> None:
    store.add_calls([call(outcome=CallOutcome.NOT_ASKED, cost=0.0)], "d-1")
    assert store.dialog_spending(hour) == DialogSpending(1, 0, 0.0)


def test_span_without_calls_has_none(store: DialogStore, hour: Span) -> None:
    assert store.call_counts(hour) == []
    assert store.dialog_spending(hour) == DialogSpending(0, 0, None)


def test_only_calls_within_the_span_count(store: DialogStore, clock: Clock, hour: Span) -> None:
    store.add_calls([call("within")], "d-1")
    clock.turn(hours=1)
    store.add_calls([call("after")], "d-2")
    assert [row.model for row in store.call_counts(hour)] == ["within"]
    assert store.dialog_spending(hour).dialogs == 1
