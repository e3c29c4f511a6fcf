"""What becomes of connections, over a real wire: closed when the time is up, when nobody waits and
when enough came; each caller has his own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import pytest

from assistant.language_models import streaming
from assistant.language_models.asking import CallOutcome
from assistant.language_models.breaker import Circuit
from tests.assistant.language_models.conftest import (
    ANSWER,
    HUNG_SECONDS,
    Serve,
    chain_of,
    model_at,
    request,
    whole,
)
from tests.support.misbehaving_provider import (
    Behaviour,
    half,
    hang,
    hang_after_head,
    says,
    trickle,
)

# Not importorskip: imported before it is made quiet, litellm asks the net for prices.
pytestmark = [
    pytest.mark.skipif(find_spec("litellm") is None, reason="litellm is not installed"),
    pytest.mark.usefixtures("warmed_up"),
]

O = CallOutcome  # noqa: E741 - lists of outcomes are read across


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
