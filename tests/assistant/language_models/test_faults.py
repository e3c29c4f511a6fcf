"""Every way in which a provider can fail, over a real wire and through the real litellm.

Times are limits that only a call that hangs would pass: a request has 5 to 8 seconds, a provider
that hangs does so for 60.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import pytest

from assistant.errors import LanguageModelError, MalformedReplyError
from assistant.language_models.asking import CallOutcome
from assistant.language_models.breaker import Breaker, BreakerRules, Circuit
from tests.assistant.language_models.conftest import (
    ANSWER,
    HUNG_SECONDS,
    KEY,
    QUESTION,
    Serve,
    chain_of,
    model_at,
    outcomes_of,
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
pytestmark = [
    pytest.mark.skipif(find_spec("litellm") is None, reason="litellm is not installed"),
    pytest.mark.usefixtures("warmed_up"),
]

SECONDS = 5.0
"""Of which the first model takes three where it hangs: the second has two, which a machine that
swaps needs."""
AMPLE_SECONDS = 8.0

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


def seconds_for(outcomes: tuple[CallOutcome, ...]) -> float:
    """Little where all of it is waited out, else more than a busy machine needs."""
    return SECONDS if outcomes == (O.TIMEOUT,) else AMPLE_SECONDS


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
