"""When a real model is left alone and tried again, by what its server says."""

from __future__ import annotations

import logging
from importlib.util import find_spec

import pytest

from assistant.language_models.asking import CallOutcome
from assistant.language_models.breaker import Breaker, BreakerRules, Circuit
from assistant.language_models.chain import REFUSED_PAUSE_SECONDS
from tests.assistant.language_models.conftest import (
    ANSWER,
    KEY,
    Serve,
    Turned,
    chain_of,
    model_at,
    outcomes_of,
    request,
    whole,
)
from tests.support.misbehaving_provider import says, status

# Not importorskip: imported before it is made quiet, litellm asks the net for prices.
pytestmark = [
    pytest.mark.skipif(find_spec("litellm") is None, reason="litellm is not installed"),
    pytest.mark.usefixtures("warmed_up"),
]

O = CallOutcome  # noqa: E741 - lists of outcomes are read across


def test_circuit_opens_after_failures_in_a_row_and_closes_when_the_server_is_well(
    serve: Serve,
) -> None:
    clock = Turned()
    breaker = Breaker(BreakerRules(failures_in_row=3, pause_seconds=15), clock)
    first = serve([status(500)] * 4 + [says(ANSWER)])
    second = serve([says(ANSWER)])
    chain = chain_of(
        model_at(first.url),
        model_at(second.url, "openai/second"),
        breakers={"openai/first": breaker},
    )

    def ask() -> list[CallOutcome]:
        return outcomes_of(chain.first_good(request(10), whole)[1])

    assert [ask() for _ in range(4)] == [[O.FAILED, O.OK]] * 3 + [[O.NOT_ASKED, O.OK]]
    assert chain.circuits() == {"openai/first": Circuit.OPEN, "openai/second": Circuit.CLOSED}
    clock.now += 20
    assert ask() == [O.FAILED, O.OK]  # a trial that fails opens it again
    assert ask() == [O.NOT_ASKED, O.OK]
    clock.now += 20
    assert [ask(), ask()] == [[O.OK]] * 2
    assert chain.circuits()["openai/first"] is Circuit.CLOSED
    assert len(first.requests) == 6


@pytest.mark.parametrize("code", [401, 404])
def test_refusal_opens_the_circuit_for_long_with_one_warning(
    serve: Serve, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Turned()
    provider = serve([status(code, f"wrong: {KEY}")])
    breaker = Breaker(clock=clock)
    chain = chain_of(model_at(provider.url), breakers={"openai/first": breaker})

    def ask() -> list[CallOutcome]:
        return outcomes_of(chain.first_good(request(10), whole)[1])

    with caplog.at_level(logging.WARNING):
        assert [ask(), ask()] == [[O.REFUSED], [O.NOT_ASKED]]
        clock.now += REFUSED_PAUSE_SECONDS - 1
        assert ask() == [O.NOT_ASKED]
    assert len(caplog.records) == 1
    assert "openai/first" in caplog.text
    assert "wrong" not in caplog.text
    clock.now += REFUSED_PAUSE_SECONDS
    assert ask() == [O.REFUSED]


def test_busy_model_is_left_alone_as_long_as_it_asks(serve: Serve) -> None:
    clock = Turned()
    provider = serve([status(429, headers={"Retry-After": "30"}), says(ANSWER)])
    breaker = Breaker(clock=clock)
    chain = chain_of(model_at(provider.url), breakers={"openai/first": breaker})

    def ask() -> list[CallOutcome]:
        return outcomes_of(chain.first_good(request(10), whole)[1])

    assert ask() == [O.BUSY]
    clock.now += 29
    assert ask() == [O.NOT_ASKED]
    clock.now += 10
    assert ask() == [O.OK]
