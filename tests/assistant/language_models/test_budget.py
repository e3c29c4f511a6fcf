"""Which limit is spent, and from when a day counts."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from assistant.language_models.asking import CallOutcome, ModelCall
from assistant.language_models.budget import Budget, Limits
from assistant.language_models.ledger import MemoryLedger
from tests.conftest import Clock


def spent_before(clock: Clock, tokens: int, usd: float | None = None) -> MemoryLedger:
    ledger = MemoryLedger(clock)
    ledger.add_calls([ModelCall("m", CallOutcome.OK, "draft", tokens, 0, usd)], "d-1")
    return ledger


def test_without_limits_nothing_is_ever_spent(clock: Clock) -> None:
    budget = Budget(Limits(), spent_before(clock, 10**9, 10**6), now=clock)
    assert budget.exhausted("d-1", 10**9) is None


def test_dialogs_limit_is_its_own(clock: Clock) -> None:
    budget = Budget(Limits(tokens_per_dialog=1000), spent_before(clock, 900), now=clock)
    assert budget.exhausted("d-1", 100) is None
    assert budget.exhausted("d-1", 101) == "the dialog's 1000 tokens are spent"
    assert budget.exhausted("d-2", 101) is None
    assert budget.exhausted(None, 101) is None


def test_days_tokens_are_everybodys(clock: Clock) -> None:
    budget = Budget(Limits(tokens_per_day=1000), spent_before(clock, 900), now=clock)
    for dialog_id in ("d-1", "d-2", None):
        assert budget.exhausted(dialog_id, 100) is None
        assert budget.exhausted(dialog_id, 101) == "the day's 1000 tokens are spent"


def test_days_money_is_spent_when_it_is(clock: Clock) -> None:
    assert (
        Budget(Limits(usd_per_day=2), spent_before(clock, 9, 1.9), now=clock).exhausted(None, 1)
        is None
    )
    spent = Budget(Limits(usd_per_day=2), spent_before(clock, 9, 2.0), now=clock)
    assert spent.exhausted(None, 1) == "the day's 2 USD are spent"


def test_day_begins_at_midnight_where_the_shop_is(clock: Clock) -> None:
    ledger = spent_before(clock, 1000)  # noon in UTC
    limits = Limits(tokens_per_day=1000)
    moscow = Budget(limits, ledger, ZoneInfo("Europe/Moscow"), clock)
    london = Budget(limits, ledger, ZoneInfo("Europe/London"), clock)
    clock.turn(hours=8.5)
    assert moscow.exhausted(None, 1) == "the day's 1000 tokens are spent"
    clock.turn(hours=1)  # 21:30 in London, half past midnight in Moscow
    assert moscow.exhausted(None, 1) is None
    assert london.exhausted(None, 1) == "the day's 1000 tokens are spent"
