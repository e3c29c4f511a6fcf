"""Every way in which a provider can fail, over a real wire and through the real litellm.

Times are limits that only a call that hangs would pass: a request has 2 to 8 seconds, a provider
that hangs does so for 60.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import pytest

from assistant.errors import LanguageModelError, MalformedReplyError
from assistant.language_models import streaming
from assistant.language_models.asking import CallOutcome, ModelCall
from assistant.language_models.breaker import Breaker, BreakerRules, Circuit
from assistant.language_models.chain import REFUSED_PAUSE_SECONDS
from assistant.language_models.streaming import warm_up
from tests.assistant.language_models.conftest import (
    ANSWER,
    KEY,
    QUESTION,
    Serve,
    Turned,
    chain_of,
    model_at,
    request,
    whole,
)
from tests.support.misbehaving_provider import (
    Behaviour,
    body,
    deaf_url,
    endless,
    events,
    flood,
    half,
    hang,
    hang_after_head,
    refusing_url,
    reset,
    says,
    status,
    text_chunk,
    trickle,
)

# Not importorskip: imported before it is made quiet, litellm asks the net for prices.
pytestmark = pytest.mark.skipif(find_spec("litellm") is None, reason="litellm is not installed")

SECONDS = 2.0
HUNG_SECONDS = 20.0
"""Far more than any call may take, far less than a provider hangs."""

O = CallOutcome  # noqa: E741 - the table below is read across
FAULTS: dict[str, tuple[Behaviour, tuple[CallOutcome, ...]]] = {
    "hangs before the head": (hang(), (O.TIMEOUT,)),
    "hangs after the head": (hang_after_head(), (O.TIMEOUT,)),
    "hangs after half a reply": (half(ANSWER, "hang"), (O.TIMEOUT,)),
    "closes after half a reply": (half(ANSWER, "close"), (O.MALFORMED,)),
    "resets after half a reply": (half(ANSWER, "reset"), (O.FAILED,)),
    "resets at once": (reset(), (O.FAILED, O.FAILED)),
    "trickles a byte a second": (trickle(), (O.TIMEOUT,)),
    "does not end": (endless(), (O.MALFORMED,)),
    "says the same again and again": (endless("и так далее "), (O.FAILED,)),
    "floods": (flood(), (O.MALFORMED,)),
    "400": (status(400, f"cannot read: {QUESTION}"), (O.FAILED,)),
    "401": (status(401, f"wrong key {KEY}"), (O.REFUSED,)),
    "403": (status(403, f"wrong key {KEY}"), (O.REFUSED,)),
    "404": (status(404, "no such model"), (O.REFUSED,)),
    "408": (status(408), (O.TIMEOUT,)),
    "429": (status(429), (O.BUSY,)),
    "429 for a while": (status(429, headers={"Retry-After": "30"}), (O.BUSY,)),
    "429 with a date": (
        status(429, headers={"Retry-After": "Sat, 28 Nov 2026 09:00:00 GMT"}),
        (O.BUSY,),
    ),
    "500": (status(500), (O.FAILED,)),
    "502": (status(502), (O.FAILED, O.FAILED)),
    "503": (status(503), (O.FAILED, O.FAILED)),
    "garbage": (body(b"\x00\xff\x13garbage"), (O.FAILED,)),
    "HTML": (body(b"<html><body>Sign in</body></html>", "text/html"), (O.MALFORMED,)),
    "HTML error": (body(b"<html>Bad gateway</html>", "text/html", 502), (O.FAILED, O.FAILED)),
    "wrong content type": (body(b"data: {}\n\n", "image/png"), (O.MALFORMED,)),
    "nothing": (body(b""), (O.MALFORMED,)),
    "whole JSON in place of a stream": (body(b'{"choices": [{}]}'), (O.MALFORMED,)),
    "wrong JSON in a stream": (events(b"{nope"), (O.FAILED,)),
    "wrong JSON after text": (events(text_chunk("Заказ "), b"{nope"), (O.FAILED,)),
    "JSON of the wrong shape": (events(b"[1, 2]"), (O.FAILED,)),
    "empty choices": (events(b'{"choices": []}'), (O.MALFORMED,)),
    "an error in the stream": (
        events(text_chunk("Заказ "), json.dumps({"error": {"message": f"k {KEY}"}}).encode()),
        (O.FAILED,),
    ),
    "an empty reply": (says(""), (O.MALFORMED,)),
}


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    """Importing litellm takes seconds; what is tested here are providers."""
    warm_up().result(60)


def seconds_for(outcomes: tuple[CallOutcome, ...]) -> float:
    """Little where all of it is waited out, else more than a busy machine needs."""
    return SECONDS if outcomes == (O.TIMEOUT,) else 4 * SECONDS


@pytest.mark.parametrize("fault", FAULTS)
def test_fallback_answers_in_time_and_what_happened_is_told(
    serve: Serve,
    counted: Callable[..., None],
    fault: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    behaviour, outcomes = FAULTS[fault]
    first, second = serve([behaviour]), serve([says(ANSWER)])
    chain = chain_of(model_at(first.url), model_at(second.url, "openai/second"))
    started = time.monotonic()
    made, calls = chain.first_good(request(seconds_for(outcomes)), whole)
    assert made == ANSWER
    assert time.monotonic() - started < HUNG_SECONDS
    *failed, answered = calls
    assert tuple(call.outcome for call in failed) == outcomes
    assert {call.model for call in failed} == {"openai/first"}
    assert (answered.model, answered.outcome) == ("openai/second", CallOutcome.OK)
    assert (answered.prompt_tokens, answered.completion_tokens) == (11, 7)
    assert len(first.requests) == len(failed)
    assert all(call.detail and "\n" not in call.detail for call in failed)
    printed = capfd.readouterr()
    told = repr(calls) + caplog.text + printed.out + printed.err
    assert KEY not in told
    assert QUESTION not in told
    counted(f"faults: a provider fails ({failed[0].outcome.value}), the fallback answers in time")


@pytest.mark.parametrize("fault", FAULTS)
def test_without_a_fallback_nothing_comes_back_and_nothing_is_raised(
    serve: Serve, fault: str
) -> None:
    behaviour, outcomes = FAULTS[fault]
    started = time.monotonic()
    chain = chain_of(model_at(serve([behaviour]).url))
    made, calls = chain.first_good(request(seconds_for(outcomes)), whole)
    assert made is None
    assert time.monotonic() - started < HUNG_SECONDS
    assert tuple(call.outcome for call in calls) == outcomes


def test_address_that_refuses_connections_is_tried_twice_and_passed_over(serve: Serve) -> None:
    second = serve([says(ANSWER)])
    chain = chain_of(model_at(refusing_url()), model_at(second.url, "openai/second"))
    made, calls = chain.first_good(request(SECONDS), whole)
    assert made == ANSWER
    assert [call.outcome for call in calls] == [O.FAILED, O.FAILED, O.OK]
    assert calls[0].prompt_tokens == 0
    assert calls[0].cost_usd == 0


def test_address_that_does_not_take_connections_is_given_up_in_time(serve: Serve) -> None:
    second = serve([says(ANSWER)])
    with deaf_url() as url:
        chain = chain_of(model_at(url), model_at(second.url, "openai/second"))
        started = time.monotonic()
        made, calls = chain.first_good(request(SECONDS), whole)
    assert made == ANSWER
    assert time.monotonic() - started < HUNG_SECONDS
    assert outcomes_of(calls) == [O.TIMEOUT, O.OK]


@pytest.mark.parametrize(
    "behaviour",
    [hang(), hang_after_head(), half(ANSWER, "hang"), trickle()],
    ids=["before the head", "after the head", "after half a reply", "trickling"],
)
def test_connection_is_closed_when_the_time_is_up(serve: Serve, behaviour: Behaviour) -> None:
    provider = serve([behaviour])
    made, _ = chain_of(model_at(provider.url)).first_good(request(0.5), whole)
    assert made is None
    assert provider.requests[0].was_left()


@pytest.mark.parametrize(
    "behaviour",
    [
        hang(),
        hang_after_head(),
        half(ANSWER, "hang"),
        says("и " * 2000, pieces=2000, pause_seconds=0.02),
    ],
    ids=["before the head", "after the head", "after half a reply", "while it writes"],
)
def test_stop_ends_the_call_and_its_connection_and_asks_nobody_else(
    serve: Serve, behaviour: Behaviour
) -> None:
    def slowly(pieces: Iterator[str]) -> str:
        return "".join(piece for piece in pieces if not arrived.set())

    arrived, stop = threading.Event(), threading.Event()
    provider, second = serve([behaviour]), serve([says(ANSWER)])
    chain = chain_of(model_at(provider.url), model_at(second.url, "openai/second"))
    threading.Thread(target=lambda: (_until(lambda: provider.requests), stop.set())).start()
    started = time.monotonic()
    made, calls = chain.first_good(request(60, stop=stop, max_tokens=4000), slowly)
    assert time.monotonic() - started < HUNG_SECONDS
    assert made is None
    assert [call.outcome for call in calls] == [O.STOPPED, O.NOT_ASKED]
    assert provider.requests[0].was_left()
    assert second.requests == []
    assert chain.circuits()["openai/first"] is Circuit.CLOSED


def _until(condition: Callable[[], object]) -> bool:
    """Waits for it; whether it came."""
    until = time.monotonic() + HUNG_SECONDS
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)
    return bool(condition())


def test_enough_of_a_reply_closes_its_connection(serve: Serve) -> None:
    provider = serve([half(ANSWER, "hang")])
    made, calls = chain_of(model_at(provider.url)).first_good(request(60), next)
    assert made is not None
    assert ANSWER.startswith(made)
    assert calls[0].outcome is O.OK
    assert provider.requests[0].was_left()


def test_what_was_made_of_half_a_reply_stands_and_the_call_counts_as_failed(serve: Serve) -> None:
    def make_the_best(pieces: Iterator[str]) -> str:
        said = ""
        try:
            for piece in pieces:
                said += piece
        except LanguageModelError:
            return said
        return "whole"

    first, second = serve([half(ANSWER, "hang")]), serve([says(ANSWER)])
    chain = chain_of(model_at(first.url), model_at(second.url, "openai/second"))
    made, calls = chain.first_good(request(SECONDS), make_the_best)
    assert made
    assert ANSWER.startswith(made)
    assert [call.outcome for call in calls] == [O.TIMEOUT]
    assert second.requests == []


def test_reply_that_use_refuses_goes_to_the_next_model_and_is_no_fault_of_the_server(
    serve: Serve,
) -> None:
    def as_json(pieces: Iterator[str]) -> dict:
        try:
            found: dict = json.loads("".join(pieces))
        except ValueError as error:
            raise MalformedReplyError("it is no JSON") from error
        return found

    first, second = serve([says("Конечно! {")]), serve([says('{"action": "answer"}')])
    rules = BreakerRules(failures_in_row=1)
    chain = chain_of(
        model_at(first.url),
        model_at(second.url, "openai/second"),
        breakers={"openai/first": Breaker(rules)},
    )
    made, calls = chain.first_good(request(SECONDS), as_json)
    assert made == {"action": "answer"}
    assert [call.outcome for call in calls] == [O.MALFORMED, O.OK]
    assert calls[0].prompt_tokens == 11
    assert chain.circuits()["openai/first"] is Circuit.CLOSED


def test_busy_model_that_is_soon_ready_is_asked_again(serve: Serve) -> None:
    provider = serve([status(429, headers={"Retry-After": "0.1"}), says(ANSWER)])
    made, calls = chain_of(model_at(provider.url)).first_good(request(10), whole)
    assert made == ANSWER
    assert [call.outcome for call in calls] == [O.BUSY, O.OK]


@pytest.mark.parametrize(
    "behaviour", [reset(), status(502), status(503)], ids=["reset", "502", "503"]
)
def test_harmless_failure_is_tried_once_more(serve: Serve, behaviour: Behaviour) -> None:
    provider = serve([behaviour, says(ANSWER)])
    made, calls = chain_of(model_at(provider.url)).first_good(request(10), whole)
    assert made == ANSWER
    assert [call.outcome for call in calls] == [O.FAILED, O.OK]


def test_what_is_asked_goes_out_with_the_key_and_the_schema(serve: Serve) -> None:
    schema = {"type": "object", "properties": {"action": {"type": "string"}}}
    provider = serve([says('{"action": "answer"}')])
    chain_of(model_at(provider.url)).first_good(request(10, schema=schema), whole)
    (asked,) = provider.requests
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body["messages"][1]["content"] == QUESTION
    assert (asked.body["model"], asked.body["max_tokens"]) == ("first", 100)
    assert (asked.body["stream"], asked.body["stream_options"]) == (True, {"include_usage": True})
    form = asked.body["response_format"]
    assert form["type"] == "json_schema"
    assert form["json_schema"]["schema"]["properties"] == schema["properties"]


def test_tokens_and_cost_are_the_providers(serve: Serve) -> None:
    provider = serve([says(ANSWER, usage=(1000, 100))])
    _, calls = chain_of(model_at(provider.url)).first_good(request(10), whole)
    assert (calls[0].prompt_tokens, calls[0].completion_tokens) == (1000, 100)
    assert calls[0].cost_usd == pytest.approx((1000 * 0.4 + 100 * 1.6) / 1e6)
    assert calls[0].milliseconds > 0


def test_tokens_are_counted_where_the_provider_does_not_say(serve: Serve) -> None:
    provider = serve([says(ANSWER, usage=None)])
    _, calls = chain_of(model_at(provider.url)).first_good(request(10), whole)
    assert 10 <= calls[0].prompt_tokens <= 40
    assert 10 <= calls[0].completion_tokens <= 40


def test_reply_that_was_not_finished_is_counted_as_far_as_it_came(serve: Serve) -> None:
    provider = serve([half(ANSWER, "hang")])
    _, calls = chain_of(model_at(provider.url)).first_good(request(0.5), whole)
    assert 10 <= calls[0].prompt_tokens <= 40
    assert 5 <= calls[0].completion_tokens <= 20


@pytest.mark.parametrize(
    ("name", "known"), [("openai/gpt-4.1-mini", True), ("openai/nobody-knows-it", False)]
)
def test_price_is_litellms_where_it_knows_the_model(serve: Serve, name: str, known: bool) -> None:
    provider = serve([says(ANSWER, usage=(1000, 100))])
    _, calls = chain_of(model_at(provider.url, name, None)).first_good(request(10), whole)
    assert calls[0].cost_usd == (pytest.approx(0.00056) if known else None)


def outcomes_of(calls: tuple[ModelCall, ...]) -> list[CallOutcome]:
    return [call.outcome for call in calls]


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


def test_many_hanging_calls_leave_nothing_behind(serve: Serve) -> None:
    provider = serve([hang()])
    asking = [
        threading.Thread(
            target=chain_of(model_at(provider.url)).first_good, args=(request(0.5), whole)
        )
        for _ in range(20)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(HUNG_SECONDS)
    assert not any(thread.is_alive() for thread in asking)
    assert all(asked.was_left() for asked in provider.requests)
    assert _until(lambda: replies_being_read() == 0)
    assert [thread.name for thread in threading.enumerate()].count("language models") == 1


def replies_being_read() -> int:
    tasks = asyncio.all_tasks(streaming._loop())
    return sum("ReplyStream._read" in repr(task.get_coro()) for task in tasks)


def test_replies_that_are_being_read_are_seen_by_the_test_above(serve: Serve) -> None:
    stop = threading.Event()
    chain = chain_of(model_at(serve([hang()]).url))
    asking = threading.Thread(target=chain.first_good, args=(request(30, stop=stop), whole))
    asking.start()
    assert _until(lambda: replies_being_read() == 1)
    stop.set()
    asking.join(HUNG_SECONDS)
    assert _until(lambda: replies_being_read() == 0)


def test_calls_at_once_each_get_their_own_reply(serve: Serve) -> None:
    provider = serve(lambda asked: says(asked.body["messages"][1]["content"], pieces=20))
    chain, found = chain_of(model_at(provider.url)), {}

    def ask(number: int) -> None:
        asked = request(20)
        asked.messages[1]["content"] = text = f"вопрос {number} " * 5  # type: ignore[index]
        found[text] = chain.first_good(asked, whole)[0]

    asking = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(HUNG_SECONDS)
    assert len(found) == 12
    assert all(said == text for text, said in found.items())
